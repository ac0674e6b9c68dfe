//! Hostile servers and hostile links, as far as they can be judged without a browser.

use super::*;

#[test]
fn t01_state_wrong() {
    let other = State::from_random(&[9; 32]);
    for wrong in [other.expose(), "", "x", "STATEx", "xSTATE", "state"] {
        let code = judge(&format!("code=a&state={wrong}")).unwrap_err();
        let expected =
            if wrong.is_empty() { ErrorCode::StateMissing } else { ErrorCode::StateMismatch };
        assert_eq!(code, expected, "{wrong}");
    }
    let in_other_case = state().to_lowercase();
    assert_eq!(
        judge(&format!("code=a&state={in_other_case}")).unwrap_err(),
        ErrorCode::StateMismatch
    );
}

#[test]
fn t02_state_missing() {
    for query in ["code=a", "code=a&State=STATE", "code=a&state", "error=access_denied"] {
        assert_eq!(judge(query).unwrap_err(), ErrorCode::StateMissing, "{query}");
        assert_eq!(judge_by(query, None).unwrap_err(), ErrorCode::StateMissing, "{query}");
    }
}

// The record is taken out of the storage before it is used: the second time there is none.
#[test]
fn t04_callback_replayed() {
    assert!(judge("code=a&state=STATE").is_ok());
    assert_eq!(judge_by("code=a&state=STATE", None).unwrap_err(), ErrorCode::LoginNotFound);
}

#[test]
fn t05_callback_without_a_login() {
    for query in [
        "code=a&state=STATE",
        "error=access_denied&state=STATE",
        "code=a&state=STATE&iss=https://id.example",
    ] {
        assert_eq!(judge_by(query, None).unwrap_err(), ErrorCode::LoginNotFound, "{query}");
    }
}

#[test]
fn t10_a_parameter_twice() {
    for query in [
        "code=a&code=b&state=STATE",
        "code=a&code=a&state=STATE",
        "code=a&state=STATE&state=STATE",
        "code=a&state=STATE&state=evil",
        "code=a&state=STATE&iss=https://id.example&iss=https://id.example",
        "code=a&state=STATE&iss=https://id.example&iss=https://evil.example",
        "error=a&error=b&state=STATE",
        "code=a&state=STATE&st%61te=STATE",
        "code=a&state=STATE&code",
    ] {
        assert_eq!(judge(query).unwrap_err(), ErrorCode::DuplicateParameter, "{query}");
    }
}

#[test]
fn t11_code_and_error_together() {
    for query in
        ["code=a&error=b&state=STATE", "code=&error=b&state=STATE", "code=a&error=&state=STATE"]
    {
        assert_eq!(judge(query).unwrap_err(), ErrorCode::CodeAndError, "{query}");
    }
}

#[test]
fn t12_response_in_the_fragment() {
    let state = state();
    for tail in [
        format!("#code=a&state={state}"),
        format!("#access_token=a&token_type=Bearer&state={state}"),
        format!("#id_token=a&state={state}"),
        format!("#error=access_denied&state={state}"),
        format!("?code=a&state={state}#code=a&state={state}"),
        format!("?code=a&state={state}#id_token=x"),
    ] {
        let callback =
            Callback::from_url(&[REDIRECT_URI, &tail].concat(), &redirect_uri()).unwrap();
        let error = callback.judge(Some(login()), false, &config(), NOW).unwrap_err();
        assert_eq!(error.code(), ErrorCode::ResponseInFragment, "{tail}");
    }
}

#[test]
fn t15_error_description_that_acts() {
    let description = "%3Cscript%3Ealert(1)%3C/script%3E%E2%80%AE%E2%81%A6%00%0A%1B%22";
    let query = format!("error=access_denied&error_description={description}&state=STATE");
    let error = judge_fully(&query, Some(login())).unwrap_err();
    // Still the same characters, for whoever shows them as text; nothing that turns or hides them.
    assert_eq!(error.provider().unwrap().description.as_deref(), Some("<script>alert(1)</script>"));

    let huge = format!("error=x&state=STATE&error_description={}", "a".repeat(1_000_000));
    let error = judge_fully(&huge, Some(login())).unwrap_err();
    assert_eq!(error.provider().unwrap().description.as_ref().unwrap().chars().count(), 300);
    let huge = format!("error={}&state=STATE", "%E2%80%AE".repeat(100_000));
    assert_eq!(judge_fully(&huge, Some(login())).unwrap_err().provider().unwrap().error, "");
}

#[test]
fn t17_unknown_extra_parameters() {
    assert!(
        judge("code=a&state=STATE&utm_source=x&session_state=y&scope=openid&__proto__=z&Code=b")
            .is_ok()
    );
}

#[test]
fn t22_login_older_than_its_lifetime() {
    let query = format!("code=a&state={}", state());
    for (now, is_good) in
        [(NOW.0 + 600, true), (NOW.0 + 601, false), (NOW.0 - 600, true), (NOW.0 - 601, false)]
    {
        let result = callback(&query).judge(Some(login()), false, &config(), UnixTime(now));
        assert_eq!(result.is_ok(), is_good, "{now}");
    }
}

#[test]
fn t23_return_to_another_site() {
    let home = "https://app.example/shop/";
    for wanted in [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "https://evil.example",
        "https:evil.example",
        "https:/evil.example",
        "HTTPS://evil.example",
        "http://app.example/",
        "https://app.example.evil.example/",
        "https://app.example@evil.example/",
        "https://app.example:8443/",
        "https://app.example\\.evil.example/",
        "https://app.example\t.evil.example/",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        " javascript:alert(1)",
        "\u{1}javascript:alert(1)",
        "data:text/html,x",
        "blob:https://app.example/x",
        "%2f%2fevil.example",
        "%2F%2Fevil.example",
        "/%2fevil.example",
        "/%5cevil.example",
        "%5c%5cevil.example",
        "/..//evil.example",
        "/.//evil.example",
        "/a/%2e%2e//evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\n//evil.example",
        "/a\r\nSet-Cookie: x",
        "https://app.example//evil.example",
        "https://app.example/%2fevil.example",
        "/\u{0}/evil.example",
        "/a\u{85}b",
    ] {
        let page = ReturnTo::new(wanted, &redirect_uri());
        let url = url::Url::parse(page.as_str()).unwrap();
        assert_eq!(url.origin().ascii_serialization(), "https://app.example", "{wanted:?}");
        // Whatever can be read as another site lands on the default page. What is only a strange name of a
        // page of the app stays one.
        assert!(page.as_str() == home || !url.path().contains("evil"), "{wanted:?} -> {page:?}");
    }
    // Encoded in a query or below a folder, it is a value and a name, not another site.
    let page = ReturnTo::new("/next?to=%2f%2fevil.example", &redirect_uri());
    assert_eq!(page.as_str(), "https://app.example/next?to=%2f%2fevil.example");
}

// The browser's part is to clean the address; here, that nothing prints what stood in it.
#[test]
fn t25_the_code_is_in_nothing_that_is_printed() {
    let query = format!("code=the-code&state={}", state());
    let callback = callback(&query);
    let shown =
        format!("{callback:?} {:?}", callback.clone().judge(Some(login()), false, &config(), NOW));
    assert!(!shown.contains("the-code") && !shown.contains(&state()), "{shown}");
}

#[test]
fn t26_token_endpoint_answers_html() {
    let page = "<!doctype html><title>very-secret</title>";
    for content_type in [Some("text/html"), Some("application/json"), None] {
        let response = ServerResponse {
            content_type: content_type.map(str::to_owned),
            ..raw_answer(200, page)
        };
        let error = TokenResponse::from_response(&response, &scope("")).unwrap_err();
        assert_eq!(error.code(), ErrorCode::NotJson);
        assert!(!format!("{error} {error:?}").contains("very-secret"));
    }
}

#[test]
fn t27_an_error_at_status_200() {
    let both = token_answer_with("error", json!("invalid_grant"));
    assert_eq!(exchange(&both).unwrap_err(), ErrorCode::TokenRequestRefused);
    assert_eq!(
        exchange(&json!({ "error": "invalid_grant" })).unwrap_err(),
        ErrorCode::TokenRequestRefused
    );
    for odd in [json!(1), json!(["invalid_grant"]), json!({}), json!(true)] {
        assert_eq!(
            exchange(&token_answer_with("error", odd)).unwrap_err(),
            ErrorCode::InvalidResponse
        );
    }
}

#[test]
fn t28_other_statuses() {
    let error = json!({ "error": "invalid_grant" }).to_string();
    let table = [
        (400, error.as_str(), ErrorCode::TokenRequestRefused),
        (401, error.as_str(), ErrorCode::TokenRequestRefused),
        (400, "", ErrorCode::NotJson),
        (400, "no", ErrorCode::NotJson),
        (400, "{}", ErrorCode::InvalidResponse),
        (400, "[]", ErrorCode::InvalidResponse),
        (404, "<html>", ErrorCode::NotJson),
        (429, "", ErrorCode::ProviderUnavailable),
        (429, error.as_str(), ErrorCode::ProviderUnavailable),
        (500, "", ErrorCode::ProviderUnavailable),
        (500, error.as_str(), ErrorCode::ProviderUnavailable),
        (503, "<html>", ErrorCode::ProviderUnavailable),
        (204, "", ErrorCode::NotJson),
        (301, "", ErrorCode::NotJson),
        (0, "", ErrorCode::NotJson),
    ];
    for (status, body, code) in table {
        assert_eq!(exchange_raw(&raw_answer(status, body)).unwrap_err(), code, "{status} {body}");
    }
    // A token with any other status than 200 is none.
    for status in [201, 202, 206, 400, 500] {
        assert!(exchange_raw(&answer(status, &token_answer())).is_err(), "{status}");
    }
}

#[test]
fn t29_json_that_is_none_or_another() {
    let good = token_answer().to_string();
    let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    let unclosed = "{\"a\":".repeat(100_000);
    let table: [(Vec<u8>, ErrorCode); 21] = [
        (b"[]".into(), ErrorCode::InvalidResponse),
        (format!("[{good}]").into(), ErrorCode::InvalidResponse),
        (b"\"access_token\"".into(), ErrorCode::InvalidResponse),
        (b"null".into(), ErrorCode::InvalidResponse),
        (b"1".into(), ErrorCode::InvalidResponse),
        (b"".into(), ErrorCode::NotJson),
        (good.as_bytes()[..good.len() - 1].into(), ErrorCode::NotJson),
        // Refused as before, but it is JSON behind the mark (F51).
        (format!("\u{feff}{good}").into(), ErrorCode::InvalidResponse),
        (format!("{good}{good}").into(), ErrorCode::NotJson),
        (format!("{good}\0").into(), ErrorCode::NotJson),
        (format!("{good}//").into(), ErrorCode::NotJson),
        (format!(")]}}'\n{good}").into(), ErrorCode::NotJson),
        (good.replace("3600", "NaN").into(), ErrorCode::NotJson),
        (good.replace("3600", "Infinity").into(), ErrorCode::NotJson),
        (good.replace("3600", "1e999").into(), ErrorCode::NotJson),
        (good.replace("3600", &deep).into(), ErrorCode::NotJson),
        (deep.clone().into(), ErrorCode::NotJson),
        (unclosed.into(), ErrorCode::NotJson),
        (good.replace("a-token", "\\ud800").into(), ErrorCode::NotJson),
        (good.replacen('{', "{\"access_token\":\"evil\",", 1).into(), ErrorCode::InvalidResponse),
        ([good.as_bytes(), b"\xff"].concat(), ErrorCode::NotJson),
    ];
    for (body, code) in table {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!(exchange_raw(&raw_answer(200, body.clone())).unwrap_err(), code, "{shown}");
        let issuer = Issuer::parse(ISSUER).unwrap();
        assert!(ProviderMetadata::from_response(&issuer, &raw_answer(200, body.clone())).is_err());
        assert!(Profile::from_response(&raw_answer(200, body), None, None).is_err());
    }
    let not_utf8 = [b"{\"access_token\":\"a\xffb\",", &good.as_bytes()[1..]].concat();
    assert_eq!(exchange_raw(&raw_answer(200, not_utf8)).unwrap_err(), ErrorCode::NotJson);
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(exchange_raw(&raw_answer(200, utf16)).unwrap_err(), ErrorCode::NotJson);
}

#[test]
fn t31_access_token_that_can_not_be_sent() {
    for wrong in [
        json!(null),
        json!(""),
        json!(1),
        json!(true),
        json!(["a"]),
        json!({}),
        json!(" "),
        json!("a b"),
        json!(" a"),
        json!("a\n"),
        json!("a\r\nX-Evil: 1"),
        json!("a\tb"),
        json!("a\0b"),
        json!("a\u{7f}"),
        json!("é"),
        json!("a\u{202e}"),
    ] {
        assert_eq!(
            exchange(&token_answer_with("access_token", wrong.clone())).unwrap_err(),
            ErrorCode::InvalidResponse,
            "{wrong}"
        );
    }
    let missing = json!({ "token_type": "Bearer" });
    assert_eq!(exchange(&missing).unwrap_err(), ErrorCode::InvalidResponse);
}

#[test]
fn t32_token_type_that_is_none() {
    for (wrong, code) in [
        (json!(1), ErrorCode::InvalidResponse),
        (json!(["Bearer"]), ErrorCode::InvalidResponse),
        (json!("mac"), ErrorCode::UnsupportedTokenType),
        (json!("example"), ErrorCode::UnsupportedTokenType),
        (json!("N_A"), ErrorCode::UnsupportedTokenType),
        (json!(""), ErrorCode::UnsupportedTokenType),
        (json!(" Bearer"), ErrorCode::UnsupportedTokenType),
        (json!("Bearer\n"), ErrorCode::UnsupportedTokenType),
        (json!("Bear\u{e9}r"), ErrorCode::UnsupportedTokenType),
    ] {
        assert_eq!(
            exchange(&token_answer_with("token_type", wrong.clone())).unwrap_err(),
            code,
            "{wrong}"
        );
    }
    // Servers that leave it out know bearer tokens alone, and nothing is lost by that (F48).
    for answer in [json!({ "access_token": "a" }), token_answer_with("token_type", json!(null))] {
        assert_eq!(exchange(&answer).unwrap().token_type(), TokenType::Bearer);
    }
}

#[test]
fn t33_token_type_in_any_case() {
    for (text, kind) in [
        ("bearer", TokenType::Bearer),
        ("BEARER", TokenType::Bearer),
        ("Bearer", TokenType::Bearer),
        ("dPoP", TokenType::Dpop),
        ("DPOP", TokenType::Dpop),
    ] {
        assert_eq!(
            exchange(&token_answer_with("token_type", json!(text))).unwrap().token_type(),
            kind,
            "{text}"
        );
    }
}

#[test]
fn t35_expires_in_of_all_kinds() {
    let year = 365 * 24 * 3600;
    // As written, since some of these are no numbers for the writer of JSON.
    let table: [(&str, Result<Option<u64>, ErrorCode>); 24] = [
        ("3600", Ok(Some(3600))),
        ("\"3600\"", Ok(Some(3600))),
        ("0", Ok(Some(0))),
        ("\"0\"", Ok(Some(0))),
        ("-0", Ok(Some(0))),
        ("3.7", Ok(Some(3))),
        ("3600.0", Ok(Some(3600))),
        ("null", Ok(None)),
        ("1e308", Ok(Some(year))),
        ("9223372036854775808", Ok(Some(year))),
        ("18446744073709551616", Ok(Some(year))),
        ("\"99999999999999999999999999\"", Ok(Some(year))),
        ("31536001", Ok(Some(year))),
        // What can't be used counts as left out: a token whose end nobody knows is good until it is refused.
        ("-1", Ok(None)),
        ("-0.5", Ok(None)),
        ("-9223372036854775809", Ok(None)),
        ("\"-1\"", Ok(None)),
        ("\"abc\"", Ok(None)),
        ("\"\"", Ok(None)),
        ("\"3.7\"", Ok(None)),
        ("\" 3600\"", Ok(None)),
        ("true", Ok(None)),
        ("[3600]", Ok(None)),
        ("1e309", Err(ErrorCode::NotJson)),
    ];
    for (written, expected) in table {
        let body = token_answer().to_string().replace("3600", written);
        let life = exchange_raw(&raw_answer(200, body)).map(|taken| taken.expires_in());
        assert_eq!(life, expected, "{written}");
    }
    let absent = json!({ "access_token": "a", "token_type": "Bearer" });
    assert_eq!(exchange(&absent).unwrap().expires_in(), None);
}

#[test]
fn t36_scope_granted_otherwise() {
    let granted = |value: serde_json::Value| {
        exchange(&token_answer_with("scope", value)).map(|taken| taken.scope().clone())
    };
    assert_eq!(granted(json!("openid")), Ok(scope("openid")));
    assert_eq!(granted(json!("openid profile admin")), Ok(scope("openid profile admin")));
    // Absent, it is what was asked for (RFC 6749 section 5.1); empty, it is nothing.
    assert_eq!(exchange(&token_answer()).unwrap().scope(), &scope("openid profile"));
    assert_eq!(granted(json!(null)), Ok(scope("openid profile")));
    assert_eq!(granted(json!("")), Ok(scope("")));
    for wrong in [
        json!(1),
        json!(["openid"]),
        json!({}),
        json!(true),
        json!("a\"b"),
        json!("a\nb"),
        json!("é"),
    ] {
        assert_eq!(granted(wrong.clone()), Err(ErrorCode::InvalidResponse), "{wrong}");
    }
}
