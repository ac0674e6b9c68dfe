//! Text from outside, made fit to be shown: bounded, and of characters that are seen for what they are.

/// The most characters of a provider's text that are kept.
const LONGEST: usize = 300;

/// What stands before a position and what behind it. Unlike the standard library's way it can't panic,
/// nor does it bring the means to explain a panic.
pub(crate) fn split(text: &str, position: usize) -> (&str, &str) {
    text.split_at_checked(position).unwrap_or((text, ""))
}

/// Whether `part`, which is not empty, is somewhere in a text. The standard library's search for a text is made for
/// long ones, can panic, and explains that with tables of letters: six kilobytes before compression.
pub(crate) fn contains(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len().max(1)).any(|window| window == part.as_bytes())
}

/// Takes out of `error` and `error_description` what RFC 6749 section 4.1.2.1 doesn't allow of ASCII
/// (control characters, quotes, backslashes), and of all other scripts what acts instead of being read:
/// marks that turn the writing direction, what can't be seen, private characters. Each becomes a space.
/// What is too long ends with a whole word and '…'.
pub fn presentable(text: &str) -> String {
    let mut characters = text.chars().map(fit);
    let shown: String = characters.by_ref().take(LONGEST).collect();
    let shown = shown.trim();
    if shown.is_empty() || characters.all(|character| character == ' ') {
        return shown.to_owned();
    }
    let kept: String = shown.chars().take(LONGEST - 1).collect();
    // In scripts without spaces, and in a long address, any place is as good.
    let end = kept.rfind(' ').filter(|end| *end > kept.len() / 2).unwrap_or(kept.len());
    [split(&kept, end).0.trim_end(), "…"].concat()
}

/// What a person wrote of themselves, as far as it fits: names want quotes, emoji and every script.
/// Only control characters and marks that turn the writing direction become spaces.
pub(crate) fn readable(text: &str, longest: usize) -> String {
    let acts = |character: char| character.is_control() || is_direction(character);
    let shown = text.chars().take(longest);
    shown.map(|character| if acts(character) { ' ' } else { character }).collect()
}

const fn is_direction(character: char) -> bool {
    matches!(
        character,
        '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

fn fit(character: char) -> char {
    let is_fit =
        !matches!(character, '"' | '\\') && !character.is_control() && !is_hidden(character);
    if is_fit { character } else { ' ' }
}

/// What Unicode calls default-ignorable, as well as odd spaces, private and replacement characters. A
/// list of our own: the standard library's tables of letters would be two kilobytes to download.
const fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{a0}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{1680}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{2000}'..='\u{200f}'
            | '\u{2028}'..='\u{202f}'
            | '\u{205f}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3000}'
            | '\u{3164}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{ffff}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..
    )
}
