//! What the page about PKCE computes: a verifier's hash, and what a changed character does to it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::protocol::CodeVerifier;
use crate::protocol::json::Value;

/// The example of RFC 7636, appendix B.
pub(super) const APPENDIX_B: [&str; 2] =
    ["dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"];

/// Characters that are put in the place of others.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Why a text is no verifier (RFC 7636 section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// A character that none may have.
    Character(char),
    /// Fewer than 43 characters: these.
    TooShort(usize),
    /// More than 128 characters: these.
    TooLong(usize),
}

/// A verifier and what it hashes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hashed {
    /// The hash, SHA-256.
    pub(super) bytes: Vec<u8>,
    /// The same in base64url.
    pub(super) challenge: String,
}

/// Hashes a verifier, as the app does and the server does.
pub(super) fn hashed(text: &str) -> Result<Hashed, Flaw> {
    let verifier = CodeVerifier::parse(text).ok_or_else(|| flaw(text))?;
    let challenge = verifier.challenge().as_str().to_owned();
    Ok(Hashed { bytes: URL_SAFE_NO_PAD.decode(&challenge).unwrap_or_default(), challenge })
}

fn flaw(text: &str) -> Flaw {
    let allowed = |character: &char| {
        character.is_ascii_alphanumeric() || ['-', '.', '_', '~'].contains(character)
    };
    if let Some(other) = text.chars().find(|character| !allowed(character)) {
        return Flaw::Character(other);
    }
    let length = text.chars().count();
    if length < 43 { Flaw::TooShort(length) } else { Flaw::TooLong(length) }
}

/// How many of the hash's bits are others.
pub(super) fn changed_bits(before: &[u8], now: &[u8]) -> u32 {
    before.iter().zip(now).map(|(before, now)| (before ^ now).count_ones()).sum()
}

/// How many characters are others.
pub(super) fn changed_characters(before: &str, now: &str) -> usize {
    let changed = before.chars().zip(now.chars()).filter(|(before, now)| before != now).count();
    changed + before.chars().count().abs_diff(now.chars().count())
}

/// The text with another character in the place of one.
pub(super) fn with_another_character(text: &str, turn: usize) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let place = (turn * 7 + 3) % characters.len().max(1);
    if let Some(character) = characters.get_mut(place) {
        let known = ALPHABET.iter().position(|known| char::from(*known) == *character);
        let next = known.map_or(0, |index| (index + 1) % ALPHABET.len());
        *character = char::from(ALPHABET[next]);
    }
    characters.into_iter().collect()
}

/// What the server says that it compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Compared {
    /// When, as the server says it.
    pub(super) at: String,
    /// What it had kept with the code.
    pub(super) challenge: String,
    pub(super) method: String,
    /// The hash of the verifier that came, if one came.
    pub(super) presented: Option<String>,
    pub(super) matches: bool,
    /// `token`, or the error.
    pub(super) outcome: String,
    /// The server's own reason, which the client is not told.
    pub(super) detail: Option<String>,
}

/// Reads what the server told. `None` for anything else.
pub(super) fn compared(text: &str) -> Option<Vec<Compared>> {
    let Ok(Value::List(items)) = serde_json::from_str(text) else { return None };
    items.iter().map(read).collect()
}

fn read(item: &Value) -> Option<Compared> {
    let Value::Object(item) = item else { return None };
    let optional = |name: &str| item.optional_text(name).ok().flatten().map(str::to_owned);
    Some(Compared {
        at: optional("at")?,
        challenge: optional("challenge").unwrap_or_default(),
        method: optional("method").unwrap_or_default(),
        presented: optional("verifier_sha256"),
        matches: item.flag("matches").ok()?,
        outcome: optional("outcome")?,
        detail: optional("detail"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc_hashes_to_its_challenge() {
        let [verifier, challenge] = APPENDIX_B;
        let hashed = hashed(verifier).unwrap();
        assert_eq!(hashed.challenge, challenge);
        assert_eq!(hashed.bytes[..3], [19, 211, 30]);
        assert_eq!(hashed.bytes.len(), 32);
    }

    #[test]
    fn it_is_said_why_a_text_is_no_verifier() {
        assert_eq!(hashed("abc").unwrap_err(), Flaw::TooShort(3));
        assert_eq!(hashed(&"a".repeat(129)).unwrap_err(), Flaw::TooLong(129));
        assert_eq!(hashed(&"a b".repeat(20)).unwrap_err(), Flaw::Character(' '));
        assert_eq!(hashed("あ").unwrap_err(), Flaw::Character('あ'));
        assert!(hashed(&"~".repeat(128)).is_ok());
    }

    #[test]
    fn one_other_character_changes_about_half_of_the_bits() {
        let [verifier, _] = APPENDIX_B;
        let other = with_another_character(verifier, 0);
        assert_eq!(changed_characters(verifier, &other), 1);
        let bits = |text: &str| hashed(text).unwrap().bytes;
        assert!((90..166).contains(&changed_bits(&bits(verifier), &bits(&other))));
        assert_eq!(changed_bits(&bits(verifier), &bits(verifier)), 0);
        assert_ne!(with_another_character(&other, 1), verifier);
        assert_eq!(with_another_character("", 1), "");
    }

    #[test]
    fn a_missing_character_counts_as_changed() {
        assert_eq!(changed_characters("abc", "abcd"), 1);
        assert_eq!(changed_characters("abc", "ab"), 1);
    }

    #[test]
    fn what_the_server_compared_is_read() {
        let text = r#"[{"at": "2026-11-30T20:15:30.123Z", "client_id": "pixy-demo",
            "challenge": "c", "method": "S256", "verifier_sha256": null, "matches": false,
            "outcome": "invalid_grant", "description": "no", "detail": "verifier must be provided"}]"#;
        let told = compared(text).unwrap();
        assert_eq!((told[0].presented.as_deref(), told[0].matches), (None, false));
        assert_eq!(told[0].outcome, "invalid_grant");
        assert_eq!(compared("[]"), Some(Vec::new()));
        assert_eq!(compared("{}"), None);
        assert_eq!(compared(r#"[{"at": 1}]"#), None);
    }
}
