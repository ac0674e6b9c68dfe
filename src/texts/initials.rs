//! What stands for a person without a picture.

/// The first letters of the first and the last word; of scripts without capital letters only the
/// first, as a family name is written there.
pub(crate) fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let Some(first) = words.next() else { return String::new() };
    let last = words.next_back().filter(|_| has_capitals(first));
    [Some(first), last].into_iter().flatten().map(|letter| letter.to_ascii_uppercase()).collect()
}

/// Latin, Greek, Cyrillic and Armenian. The standard library's tables of capital letters would be
/// seven kilobytes to download.
const fn has_capitals(letter: char) -> bool {
    matches!(letter, '\0'..'\u{590}' | '\u{1e00}'..'\u{2000}')
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_of_the_first_and_last_word() {
        assert_eq!(initials("Ada King Lovelace"), "AL");
        assert_eq!(initials("ada"), "A");
        assert_eq!(initials("Ольга Иванова"), "ОИ");
        assert_eq!(initials("佐藤 花子"), "佐");
        assert_eq!(initials("ليلى حداد"), "ل");
        assert_eq!(initials("  "), "");
    }
}
