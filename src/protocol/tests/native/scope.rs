//! Scopes (RFC 6749 section 3.3).

use super::*;

#[test]
fn a_scope_is_a_set_in_the_order_of_its_naming() {
    let scope = scope("  openid  profile openid Profile ");
    assert_eq!(scope.iter().collect::<Vec<_>>(), ["openid", "profile", "Profile"]);
    assert_eq!(scope.to_string(), "openid profile Profile");
    assert_eq!(format!("{scope:?}"), "openid profile Profile");
    assert!(!scope.contains("open") && !scope.contains("OPENID") && !scope.contains(""));
    assert!(self::scope("").is_empty() && self::scope("  ").is_empty());
}

#[test]
fn sets_are_joined_and_compared() {
    let (asked, granted) = (scope("openid mail profile"), scope("profile openid extra"));
    assert_eq!(asked.missing_from(&granted), scope("mail"));
    assert_eq!(asked.union(&granted), scope("openid mail profile extra"));
    assert!(asked.missing_from(&asked).is_empty());
    assert_eq!(Scope::default(), scope(""));
}

// RFC 6749 section 3.3: %x21 / %x23-5B / %x5D-7E, separated by %x20.
#[test]
fn impossible_characters_are_refused() {
    for refused in [
        "a\"b",
        "\"openid\"",
        "a\\b",
        "a\tb",
        "a\nb",
        "\0",
        "a\u{7f}",
        "é",
        "日本",
        "a\u{a0}b",
        "a\u{202e}",
    ] {
        assert_eq!(
            Scope::parse(refused).unwrap_err().code(),
            ErrorCode::InvalidScope,
            "{refused:?}"
        );
    }
    for accepted in ["https://api.example/mail.read", "repo,gist", "a'b", "{}[]|^`~!#"] {
        assert!(scope(accepted).contains(accepted));
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_scope_is_accepted_exactly_in_its_alphabet(text in any_text()) {
        let fits = text.chars().all(|character| (' '..='~').contains(&character) && !"\"\\".contains(character));
        prop_assert_eq!(Scope::parse(&text).is_ok(), fits);
        if let Ok(scope) = Scope::parse(&text) {
            let words: Vec<_> = text.split(' ').filter(|word| !word.is_empty()).collect();
            prop_assert!(words.iter().all(|word| scope.contains(word)));
            prop_assert!(scope.iter().all(|word| words.contains(&word)));
            prop_assert_eq!(Scope::parse(&scope.to_string()), Ok(scope));
        }
    }

    #[test]
    fn what_is_missing_and_what_is_there_are_the_whole(one in "[a-d ]{0,12}", other in "[a-d ]{0,12}") {
        let (one, other) = (scope(&one), scope(&other));
        let missing = one.missing_from(&other);
        prop_assert!(missing.iter().all(|word| one.contains(word) && !other.contains(word)));
        prop_assert!(one.iter().all(|word| missing.contains(word) || other.contains(word)));
        let union = one.union(&other);
        prop_assert!(one.missing_from(&union).is_empty() && other.missing_from(&union).is_empty());
    }
}
