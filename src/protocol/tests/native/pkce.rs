//! PKCE (RFC 7636).

use super::*;

/// The characters of a verifier (RFC 7636 section 4.1), said once more and otherwise.
const UNRESERVED: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

// RFC 7636 sections 4.1 and 7.1.
#[test]
fn r02_a_verifier_is_43_unreserved_characters_of_256_random_bits() {
    let verifier = CodeVerifier::from_random(&[0xff; 32]);
    assert_eq!(verifier.expose(), ["_".repeat(42), "8".to_owned()].concat());
    assert_eq!(verifier.expose().len(), 43);
    assert!(CodeVerifier::parse(verifier.expose()).is_some());
}

// RFC 7636 section 4.1.
#[test]
fn r02_a_verifier_has_43_to_128_unreserved_characters() {
    let lengths = (0..200).filter(|length| CodeVerifier::parse(&"a".repeat(*length)).is_some());
    assert_eq!(lengths.collect::<Vec<_>>(), (43..=128).collect::<Vec<_>>());
    for character in ('\0'..='\u{ff}').chain(['あ', '\u{202e}']) {
        let text = ["a".repeat(42), character.to_string()].concat();
        let allowed = UNRESERVED.contains(character);
        assert_eq!(CodeVerifier::parse(&text).is_some(), allowed, "{character:?}");
    }
}

// RFC 7636 section 4.2.
#[test]
fn r03_the_challenge_is_the_s256_hash_and_never_the_verifier() {
    let verifier = CodeVerifier::from_random(&[7; 32]);
    let challenge = verifier.challenge();
    assert_ne!(challenge.as_str(), verifier.expose());
    assert_eq!(URL_SAFE_NO_PAD.decode(challenge.as_str()).unwrap().len(), 32);
}

#[test]
fn debug_hides_the_verifier() {
    assert_eq!(format!("{:?}", CodeVerifier::from_random(&[7; 32])), "CodeVerifier(redacted)");
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn random_bytes_become_a_verifier_that_holds_all_of_them(bytes: [u8; 32]) {
        let verifier = CodeVerifier::from_random(&bytes);
        prop_assert_eq!(URL_SAFE_NO_PAD.decode(verifier.expose()).unwrap(), bytes);
        prop_assert_eq!(CodeVerifier::parse(verifier.expose()), Some(verifier));
    }

    #[test]
    fn a_verifier_is_taken_only_in_its_alphabet(text in prop_oneof![any_text(), "[!-~]{40,130}", "[a-zA-Z0-9._~-]{40,130}"]) {
        let fits = (43..=128).contains(&text.len()) && text.chars().all(|character| UNRESERVED.contains(character));
        prop_assert_eq!(CodeVerifier::parse(&text).is_some(), fits);
    }
}
