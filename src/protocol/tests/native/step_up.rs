//! What a resource server asks for (RFC 9470, RFC 6750 section 3.1).

use super::*;

fn asked(status: u16, header: &str) -> Option<StepUp> {
    let response =
        ServerResponse { status, www_authenticate: Some(header.to_owned()), ..Default::default() };
    StepUp::from_response(&response)
}

/// What a sign-in for this would ask for: scope and options, as they stand in the address.
fn request(asked: &StepUp) -> (String, Option<String>, Option<String>) {
    let config = config();
    let wish = Wish { scope: asked.scope().clone(), options: asked.options(), ..wish(&config) };
    let request =
        AuthorizationRequest::new(&config, &metadata(), wish, &random(), NOW).unwrap().url();
    let value = |name| value_of(&request, name);
    (asked.scope().joined(), value("acr_values"), value("max_age"))
}

#[test]
fn r60_a_challenge_says_what_to_sign_in_for() {
    let of = |status, header| asked(status, header).map(|asked| request(&asked));
    let text = |text: &str| Some(text.to_owned());
    let table = [
        (
            401,
            r#"Bearer error="insufficient_user_authentication", acr_values="gold silver""#,
            Some((String::new(), text("gold silver"), None)),
        ),
        (
            401,
            r#"dpop error=insufficient_user_authentication, max_age="0", algs="ES256""#,
            Some((String::new(), None, text("0"))),
        ),
        (
            401,
            r#"Basic realm="x", BEARER Error="insufficient_user_authentication", MAX_AGE=5"#,
            Some((String::new(), None, text("5"))),
        ),
        (
            403,
            r#"Bearer error="insufficient_scope", scope="mail files""#,
            Some(("mail files".to_owned(), None, None)),
        ),
    ];
    for (status, header, expected) in table {
        assert_eq!(of(status, header), expected, "{header}");
    }
}

#[test]
fn r60_what_another_sign_in_would_not_change_asks_for_nothing() {
    for (status, header) in [
        (401, r#"Bearer error="invalid_token""#),
        (401, r#"Bearer error="insufficient_user_authentication""#),
        (401, r#"Bearer error="insufficient_user_authentication", max_age="soon""#),
        (401, r#"Bearer error="insufficient_user_authentication", max_age="-1""#),
        (403, r#"Bearer error="insufficient_scope""#),
        (403, r#"Bearer error="insufficient_scope", scope="""#),
        (403, "Bearer error=\"insufficient_scope\", scope=\"é\""),
        (403, r#"Basic error="insufficient_scope", scope="mail""#),
        (403, r#"Bearer error="insufficient_scope", scope="mail", scope="files""#),
        (200, r#"Bearer error="insufficient_scope", scope="mail""#),
        (500, r#"Bearer error="insufficient_scope", scope="mail""#),
        (401, ""),
    ] {
        assert_eq!(asked(status, header), None, "{status} {header}");
    }
    let hidden = ServerResponse { status: 401, ..Default::default() };
    assert_eq!(StepUp::from_response(&hidden), None);
}

#[cfg(feature = "step-up")]
#[test]
fn r60_a_login_covers_what_it_was_begun_for_and_less() {
    let scope_of = |names: &str| {
        asked(403, &format!(r#"Bearer error="insufficient_scope", scope="{names}""#)).unwrap()
    };
    let other = |rest: &str| {
        asked(401, &format!(r#"Bearer error="insufficient_user_authentication", {rest}"#)).unwrap()
    };
    let begun_for = |asked: &StepUp| {
        let config = config();
        let wish = Wish {
            scope: asked.scope().clone(),
            options: asked.options(),
            needed: Some(asked.scope().clone()),
            ..wish(&config)
        };
        let request =
            AuthorizationRequest::new(&config, &metadata(), wish, &random(), NOW).unwrap();
        StepUp::of_login(request.pending_login()).unwrap()
    };
    assert!(begun_for(&scope_of("mail files")).covers(&scope_of("mail")));
    assert!(!begun_for(&scope_of("mail")).covers(&scope_of("mail files")));
    assert!(begun_for(&other(r#"acr_values="gold""#)).covers(&other(r#"acr_values="gold""#)));
    assert!(!begun_for(&other(r#"acr_values="gold""#)).covers(&other(r#"acr_values="silver""#)));
    assert!(begun_for(&other("max_age=5")).covers(&other("max_age=60")));
    assert!(!begun_for(&other("max_age=60")).covers(&other("max_age=5")));
    assert!(!begun_for(&scope_of("mail")).covers(&other("max_age=5")));
    assert_eq!(StepUp::of_login(&login()), None);
}

#[test]
fn a_refused_request_with_too_large_a_body_is_not_kept() {
    let url = || SecureUrl::parse("https://api.example/mail").unwrap();
    let keep = |length: usize| {
        RefusedRequest::new("hanako", "POST", url(), Vec::new(), Some(&vec![0; length]))
    };
    assert!(keep(64 << 10).is_some());
    assert!(keep((64 << 10) + 1).is_none());
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn any_header_asks_for_something_or_nothing(header in any_text(), status in 400..500_u16) {
        if let Some(asked) = asked(status, &header) {
            prop_assert!(matches!(status, 401 | 403));
            prop_assert_ne!(request(&asked), (String::new(), None, None));
        }
    }
}
