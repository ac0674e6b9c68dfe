//! The token request and its answer.

use super::*;

fn request() -> TokenRequest {
    TokenRequest::new(&judge("code=a%20%26%2Bb&state=STATE").unwrap())
}

fn body_pairs(body: &str) -> Vec<(String, String)> {
    pairs(&format!("https://any.example/?{body}"))
}

// RFC 6749 sections 3.2, 4.1.3 and appendix B; RFC 7636 section 4.5.
#[test]
fn r41_r42_the_request_is_a_form_with_what_the_login_began_with() {
    let login = login();
    assert_eq!(request().endpoint().as_str(), "https://id.example/token");
    let body = request().body().to_owned();
    assert!(body.contains("code=a+%26%2Bb&"), "{body}");
    let expected = [
        ("grant_type", "authorization_code"),
        ("code", "a &+b"),
        ("redirect_uri", REDIRECT_URI),
        ("client_id", CLIENT_ID),
        ("code_verifier", login.code_verifier.expose()),
    ];
    assert_eq!(
        body_pairs(&body),
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    let sent = request_at(&config(), &metadata());
    assert_eq!(value_of(&sent.url(), "redirect_uri").as_deref(), Some(REDIRECT_URI));
}

// RFC 6749 sections 2.3.1 and 3.2.1, RFC 10017 section 6.3.3.1.
#[test]
fn r20_no_secret_is_sent() {
    let body = request().body().to_owned();
    assert!(!body.contains("secret") && !body.contains("assertion"));
}

// RFC 6749 section 3.2, RFC 9700 section 2.6.
#[test]
fn r43_the_code_goes_over_tls_only() {
    let insecure = discover(&document_with("token_endpoint", json!("http://id.example/token")));
    assert_eq!(insecure.unwrap_err().code(), ErrorCode::InsecureUrl);
}

// RFC 6749 section 5.1.
#[test]
fn r45_token_and_type_must_be_strings() {
    let good = exchange(&token_answer()).unwrap();
    assert_eq!(good.token_type(), TokenType::Bearer);
    assert_eq!(good.access_token().expose(), "a-token");
    for member in ["access_token", "token_type"] {
        for wrong in [json!(1), json!(true), json!([]), json!({}), json!(["Bearer"])] {
            let error = exchange(&token_answer_with(member, wrong)).unwrap_err();
            assert_eq!(error, ErrorCode::InvalidResponse, "{member}");
        }
    }
    let without = exchange(&token_answer_with("access_token", json!(null)));
    assert_eq!(without.unwrap_err(), ErrorCode::InvalidResponse);
    let mut html = answer(200, &token_answer());
    for content_type in
        [None, Some("text/html"), Some("text/plain"), Some("application/jsonp"), Some("")]
    {
        html.content_type = content_type.map(str::to_owned);
        // Refused all the same, but it is JSON.
        assert_eq!(
            exchange_raw(&html).unwrap_err(),
            ErrorCode::InvalidResponse,
            "{content_type:?}"
        );
    }
    for content_type in
        ["application/json", "APPLICATION/JSON", " application/json ; charset=utf-8"]
    {
        html.content_type = Some(content_type.to_owned());
        assert!(exchange_raw(&html).is_ok(), "{content_type}");
    }
}

// RFC 6749 sections 5.1 and 7.1, RFC 9449 section 5.
#[test]
fn r46_r47_the_type_is_read_in_any_case_and_kept_apart() {
    let kind = |text: &str| exchange(&token_answer_with("token_type", json!(text)));
    assert_eq!(kind("bEaReR").unwrap().token_type().scheme(), "Bearer");
    assert_eq!(kind("dpop").unwrap().token_type().scheme(), "DPoP");
    assert_eq!(kind("Bearer ").unwrap_err(), ErrorCode::UnsupportedTokenType);
}

// RFC 6749 section 5.1.
#[test]
fn r48_unknown_members_are_ignored() {
    let answer = token_answer_with("example_parameter", json!({ "deep": [1, null, "x"] }));
    assert!(exchange(&answer).is_ok());
}

// RFC 6749 section 5.1: what is left out is not known.
#[test]
fn r49_the_lifetime_is_a_number_of_seconds_or_not_known() {
    let lifetime =
        |value| exchange(&token_answer_with("expires_in", value)).map(|tokens| tokens.expires_in());
    assert_eq!(lifetime(json!(3600)), Ok(Some(3600)));
    assert_eq!(lifetime(json!("3600")), Ok(Some(3600)));
    assert_eq!(lifetime(json!(null)), Ok(None));
    assert_eq!(lifetime(json!(u64::MAX)), Ok(Some(365 * 24 * 3600)));
    for impossible in [json!(-1), json!("abc"), json!(""), json!(true), json!([3600])] {
        assert_eq!(lifetime(impossible), Ok(None));
    }
}

// RFC 6749 sections 3.3 and 5.1.
#[test]
fn r50_what_was_granted_is_what_the_answer_says_or_what_was_asked_for() {
    let granted =
        |value| exchange(&token_answer_with("scope", value)).map(|tokens| tokens.scope().joined());
    assert_eq!(granted(json!(null)), Ok("openid profile".to_owned()));
    assert_eq!(granted(json!("openid")), Ok("openid".to_owned()));
    assert_eq!(granted(json!("openid mail")), Ok("openid mail".to_owned()));
    assert_eq!(granted(json!(1)), Err(ErrorCode::InvalidResponse));
}

// RFC 6749 section 5.2, and the same at status 200.
#[test]
fn r51_an_error_is_reported_with_the_providers_own_words() {
    let body = json!({ "error": "invalid_grant", "error_description": "The code was spent." });
    for status in [200, 400, 401, 403] {
        let error = TokenResponse::from_response(&answer(status, &body), &scope("")).unwrap_err();
        assert_eq!(error.code(), ErrorCode::TokenRequestRefused);
        let said = error.provider().unwrap();
        assert_eq!(said.error, "invalid_grant");
        assert_eq!(said.description.as_deref(), Some("The code was spent."));
    }
}

// RFC 6749 section 10.3: what happens to be in an answer must not come to light by an error.
#[test]
fn r53_no_error_and_no_debug_shows_a_token() {
    let hidden = "very-secret";
    let answers = [
        token_answer_with("access_token", json!("very-secret\n")),
        json!({ "access_token": hidden, "token_type": 1, "id_token": hidden, "refresh_token": hidden }),
        json!({ "access_token": hidden, "token_type": "Bearer", "scope": [hidden] }),
        json!({ "access_token": [hidden], "token_type": "mac" }),
    ];
    for body in answers {
        let response = answer(200, &body);
        let error = TokenResponse::from_response(&response, &scope("")).unwrap_err();
        assert!(!format!("{error} {error:?} {response:?}").contains(hidden), "{body}");
    }
    let good = json!({ "access_token": hidden, "token_type": "Bearer", "id_token": hidden });
    let response = TokenResponse::from_response(&answer(200, &good), &scope("")).unwrap();
    assert!(!format!("{response:?}").contains(hidden));
    assert!(!format!("{:?}", response.access_token()).contains(hidden));
    assert!(!format!("{:?}", request()).contains("a+%26"));
    assert!(!format!("{:?}", request()).contains(login().code_verifier.expose()));
}

/// A value of a member: often a good one, sometimes of any kind.
fn value() -> impl Strategy<Value = serde_json::Value> {
    let text = prop_oneof![
        4 => prop::sample::select(vec!["Bearer", "DPoP", "bearer", "mac", "a-token", "3600", "openid", ""])
            .prop_map(str::to_owned),
        1 => any_text(),
    ];
    prop_oneof![
        6 => text.prop_map(|text| json!(text)),
        1 => any::<i64>().prop_map(|number| json!(number)),
        1 => any::<u64>().prop_map(|number| json!(number)),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => prop::sample::select(vec![json!(null), json!(true), json!([]), json!({}), json!(["Bearer"])]),
    ]
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn only_a_complete_answer_is_taken(
        members in prop::collection::btree_map(
            prop::sample::select(vec![
                "access_token", "token_type", "expires_in", "scope", "id_token", "error", "x",
            ]),
            value(),
            0..7,
        ),
        status in prop_oneof![9 => Just(200_u16), 1 => any::<u16>()],
    ) {
        let response = answer(status, &json!(members));
        let Ok(taken) = TokenResponse::from_response(&response, &scope("openid")) else {
            return Ok(());
        };
        prop_assert_eq!(status, 200);
        prop_assert!(members.get("error").is_none_or(serde_json::Value::is_null));
        let text = |name: &str| members.get(name).and_then(serde_json::Value::as_str);
        let kind = text("token_type").map(str::to_lowercase);
        let kind = kind.unwrap_or_else(|| "bearer".to_owned());
        prop_assert_eq!(kind, taken.token_type().scheme().to_lowercase());
        prop_assert!(taken.expires_in().is_none_or(|seconds| seconds <= 365 * 24 * 3600));
        if let Some(granted) = text("scope") {
            let words: Vec<_> = granted.split(' ').filter(|word| !word.is_empty()).collect();
            prop_assert!(words.iter().all(|word| taken.scope().contains(word)));
        }
        let token = taken.access_token();
        prop_assert_eq!(Some(token.expose()), text("access_token"));
        prop_assert!(!token.expose().is_empty());
        prop_assert!(token.expose().chars().all(|character| ('!'..='~').contains(&character)));
    }

    #[test]
    fn a_complete_answer_is_always_taken(token in "[!-~]{1,80}", dpop: bool, seconds: u64, words in "[a-z:/.]{0,9}( [a-z]{1,5}){0,3}") {
        let kind = if dpop { "DPOP" } else { "bearer" };
        let body = json!({ "access_token": token, "token_type": kind, "expires_in": seconds, "scope": words });
        let taken = exchange(&body).unwrap();
        prop_assert_eq!(taken.expires_in(), Some(seconds.min(31_536_000)));
        prop_assert_eq!(taken.scope(), &scope(&words));
        let token_taken = taken.access_token();
        prop_assert_eq!(token_taken.expose(), token);
    }

    #[test]
    fn any_bytes_are_read_without_panic(body: Vec<u8>, status: u16) {
        let _ = exchange_raw(&raw_answer(status, body));
    }

    #[test]
    fn a_damaged_answer_is_refused_or_still_sendable(body in damaged(token_answer().to_string())) {
        if let Ok(taken) = exchange_raw(&raw_answer(200, body)) {
            let token = taken.access_token();
            prop_assert!(!token.expose().is_empty() && token.expose().bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
}
