//! Text from outside, made fit to be shown: bounded, and of the characters that RFC 6749 allows.

/// The most characters of a provider's text that are kept.
const LONGEST: usize = 300;

/// Keeps what RFC 6749 section 4.1.2.1 allows in `error` and `error_description`
/// (`%x20-21 / %x23-5B / %x5D-7E`) plus letters, digits and punctuation of other scripts. All else
/// becomes a space: control characters, marks that turn the writing direction, what can't be seen,
/// quotes and backslashes. The rest is cut off.
pub fn presentable(text: &str) -> String {
    let shown: String = text.chars().take(LONGEST).map(fit).collect();
    shown.trim().to_owned()
}

fn fit(character: char) -> char {
    match character {
        '"' | '\\' => ' ',
        ' '..='~' => character,
        _ if is_invisible_letter(character) => ' ',
        _ if character.is_alphanumeric() || is_punctuation(character) => character,
        _ => ' ',
    }
}

/// Fillers of the Korean script: letters for Unicode, nothing for the eye.
const fn is_invisible_letter(character: char) -> bool {
    matches!(character, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

/// Punctuation, currency and sound marks of the scripts, between the invisible ones: the soft hyphen at
/// U+00AD, zero widths and directions at U+200B to U+200F and U+2028 to U+202E and from U+2060 on.
const fn is_punctuation(character: char) -> bool {
    matches!(
        character,
        '\u{a1}'..='\u{ac}'
            | '\u{ae}'..='\u{ff}'
            | '\u{2010}'..='\u{2027}'
            | '\u{2030}'..='\u{205e}'
            | '\u{20a0}'..='\u{20c0}'
            | '\u{3001}'..='\u{303f}'
            | '\u{3099}'..='\u{309c}'
            | '\u{30a0}'
            | '\u{30fb}'
            | '\u{ff01}'..='\u{ff65}'
            | '\u{ffe0}'..='\u{ffe6}'
    )
}
