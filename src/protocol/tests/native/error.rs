//! Errors: codes that are stable, words that can be read.

use std::collections::HashSet;

use super::*;

#[test]
fn each_code_has_its_own_text() {
    let texts: HashSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(texts.len(), ErrorCode::ALL.len());
    for text in texts {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        assert!(!text.is_empty() && text.bytes().all(plain), "{text}");
    }
}

#[test]
fn each_code_says_in_whole_sentences_what_happened_and_what_to_do() {
    for code in ErrorCode::ALL {
        for sentence in [code.meaning(), code.advice()] {
            assert!(sentence.ends_with('.'), "{code:?}: {sentence}");
            assert!(sentence.starts_with(|first: char| first.is_ascii_uppercase()), "{code:?}");
            assert!(!sentence.contains("  "), "{code:?}: {sentence}");
        }
    }
    let meanings: HashSet<_> = ErrorCode::ALL.iter().map(|code| code.meaning()).collect();
    assert_eq!(meanings.len(), ErrorCode::ALL.len());
}

#[test]
fn each_code_names_who_has_to_act() {
    let names: HashSet<_> = ErrorCode::ALL.iter().map(|code| code.fault().as_str()).collect();
    let expected = ["configuration", "provider", "browser", "network", "person", "attack"];
    assert_eq!(names, expected.into_iter().collect());
    assert_eq!(Error::new(ErrorCode::StateMismatch).fault(), Fault::Attack);
    assert!(Error::new(ErrorCode::Timeout).retry_can_help());
    assert!(!Error::new(ErrorCode::InvalidConfig).retry_can_help());
}

#[test]
fn an_error_is_shown_with_code_meaning_subject_and_advice() {
    let error = Error::new(ErrorCode::InvalidConfig).about("client id");
    assert_eq!(
        error.to_string(),
        "invalid_config: A setting of the app can't be used. (client id) Correct the setting that the error names."
    );
    assert_eq!(Error::from(ErrorCode::Timeout), Error::new(ErrorCode::Timeout));
}

#[test]
fn what_the_provider_said_is_cleaned() {
    let said = ProviderError::new("a\u{202e}b\"c", Some("\u{0}\t"));
    assert_eq!((said.error.as_str(), said.description), ("a b c", None));
}

// The strictest reading of "never holds a secret": no error on any way shows what the login keeps.
#[test]
fn no_error_shows_a_secret_of_the_login() {
    let [state, nonce, verifier] = secrets();
    let mut errors = Vec::new();
    for query in [
        "code=the-code&code=the-code&state=STATE",
        "code=the-code&state=STATE&id_token=the-code",
        "code=the-code&error=the-code&state=STATE",
        "code=the-code&state=STATEx",
        "code=the-code&state=STATE&iss=https://evil.example",
        "code=the-code",
        "error=access_denied&state=STATE",
    ] {
        errors.push(judge_fully(query, Some(login())).unwrap_err());
        errors.push(judge_fully(query, None).unwrap_err());
    }
    for token in
        [jws("{}", "{}"), jws(r#"{"alg":"RS256"}"#, &claims_with("nonce", json!("x")).to_string())]
    {
        errors.push(verify_by(&token, login(), NOW).unwrap_err());
    }
    for error in errors {
        let shown = format!("{error} {error:?}");
        for hidden in [&state, &nonce, &verifier, "the-code"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn any_subject_is_bounded_and_fit_to_be_shown(text in any_text(), times in 1..50_usize) {
        let error = Error::new(ErrorCode::InvalidConfig).about(&text.repeat(times));
        prop_assert!(error.to_string().chars().count() < 500);
        prop_assert!(!error.to_string().contains(char::is_control));
    }
}
