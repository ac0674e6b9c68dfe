//! The callback: form, issuer, state, error, code, in this order.

use super::*;

/// The same as [`judge`], with a provider that always names itself.
fn judge_with_iss(query: &str) -> Result<Authorization, ErrorCode> {
    judge_by(query, Some(login_at(&metadata_with_iss())))
}

// RFC 6749 section 4.1.2.
#[test]
fn an_honest_answer_is_believed() {
    let authorization = judge("code=a-code&state=STATE").unwrap();
    assert_eq!(authorization.code.expose(), "a-code");
    assert_eq!(
        authorization.pending_login.return_to().as_str(),
        "https://app.example/shop/cart.html"
    );
}

// RFC 9207 section 2.4, RFC 9700 section 4.7: each line has everything wrong that the next ones have.
#[test]
fn r21_an_answer_is_judged_in_a_fixed_order() {
    let table = [
        ("code=a&code=b&error=e&iss=https://evil.example", ErrorCode::DuplicateParameter),
        ("id_token=a&code=b&error=e&iss=https://evil.example", ErrorCode::TokenInCallback),
        ("code=b&error=e&iss=https://evil.example&state=wrong", ErrorCode::CodeAndError),
        ("error=e&iss=https://evil.example&state=wrong", ErrorCode::IssuerMismatch),
        ("error=e&iss=&state=wrong", ErrorCode::IssuerMissing),
        ("error=e&iss=https://id.example", ErrorCode::StateMissing),
        ("error=e&iss=https://id.example&state=wrong", ErrorCode::StateMismatch),
        ("error=access_denied&iss=https://id.example&state=STATE", ErrorCode::AccessDenied),
        ("code=&error=access_denied&iss=https://id.example&state=STATE", ErrorCode::CodeAndError),
        ("code=&iss=https://id.example&state=STATE", ErrorCode::CodeMissing),
    ];
    for (query, code) in table {
        assert_eq!(judge_with_iss(query).unwrap_err(), code, "{query}");
    }
    // In the fragment, before all of them.
    let page = format!("{REDIRECT_URI}#code=a&code=b&error=e&iss=https://evil.example");
    let callback = Callback::from_url(&page, &redirect_uri()).unwrap();
    let error = callback.judge(None, false, &config(), NOW).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ResponseInFragment);
    // An expired login comes before what the provider says.
    let late = NOW.plus(PendingLogin::LIFETIME + 1);
    let query = format!("error=access_denied&state={}", state());
    let error = self::callback(&query).judge(Some(login()), false, &config(), late).unwrap_err();
    assert_eq!(error.code(), ErrorCode::LoginExpired);
}

// RFC 9207 section 2.4: form-decoded, then simple string comparison (RFC 3986 section 6.2.1).
#[test]
fn r22_iss_is_compared_to_the_letter() {
    for right in ["https://id.example", "https%3A%2F%2Fid.example", "%68ttps://id.example"] {
        assert!(judge_with_iss(&format!("code=a&state=STATE&iss={right}")).is_ok(), "{right}");
    }
    let wrong = [
        "https://id.example/",
        "https://ID.example",
        "HTTPS://id.example",
        "http://id.example",
        "https://id.example:443",
        "https://id.example.evil.example",
        "https://id.exampl",
        "+https://id.example",
        "https://id.example%00",
        "https%253A%252F%252Fid.example",
    ];
    for wrong in wrong {
        let query = format!("code=a&state=STATE&iss={wrong}");
        assert_eq!(judge_with_iss(&query).unwrap_err(), ErrorCode::IssuerMismatch, "{wrong}");
    }
}

// RFC 9207 section 2.4.
#[test]
fn r23_a_missing_iss_is_fatal_where_it_was_promised_on_errors_too() {
    for query in
        ["code=a&state=STATE", "code=a&state=STATE&iss=", "error=access_denied&state=STATE"]
    {
        assert_eq!(judge_with_iss(query).unwrap_err(), ErrorCode::IssuerMissing, "{query}");
    }
}

// RFC 9207 section 2.4: unannounced, the right one is taken and a wrong one refused.
#[test]
fn r24_an_unannounced_iss_must_be_the_right_one() {
    assert!(judge("code=a&state=STATE&iss=https://id.example").is_ok());
    let wrong = judge("code=a&state=STATE&iss=https://evil.example");
    assert_eq!(wrong.unwrap_err(), ErrorCode::IssuerMismatch);
}

// RFC 9207 section 2.4.
#[test]
fn r25_an_error_of_another_provider_is_not_reported_as_ours() {
    let query = "error=access_denied&state=STATE&iss=https://evil.example";
    let error = judge_fully(query, Some(login())).unwrap_err();
    assert_eq!(error.code(), ErrorCode::IssuerMismatch);
    assert_eq!(error.provider(), None);
}

// RFC 9700 section 4.4.2: the issuer of the login counts, not the one that is configured now.
#[test]
fn r26_the_issuer_of_the_login_is_compared_and_its_token_endpoint_used() {
    let other = Config::new("https://other.example", CLIENT_ID, REDIRECT_URI).unwrap();
    let query = format!("code=a&state={}&iss=https://id.example", state());
    let authorization = callback(&query).judge(Some(login()), false, &other, NOW).unwrap();
    let request = TokenRequest::new(&authorization);
    assert_eq!(request.endpoint().as_str(), "https://id.example/token");

    let query = format!("code=a&state={}&iss=https://other.example", state());
    let error = callback(&query).judge(Some(login()), false, &other, NOW).unwrap_err();
    assert_eq!(error.code(), ErrorCode::IssuerMismatch);
}

// RFC 9700 section 2.1, RFC 6749 section 10.12.
#[test]
fn r28_an_answer_without_its_login_is_refused() {
    assert_eq!(judge_by("code=a&state=STATE", None).unwrap_err(), ErrorCode::LoginNotFound);
    let others_wait = callback("code=a&state=x").judge(None, true, &config(), NOW).unwrap_err();
    assert_eq!(others_wait.code(), ErrorCode::StateMismatch);
}

#[test]
fn a_pages_own_query_and_places_are_no_answer() {
    for own in
        ["?page=2", "?code=", "?error", "#code", "#error", "#response", "?code=#id_token", ""]
    {
        let page = format!("{REDIRECT_URI}{own}");
        assert!(Callback::from_url(&page, &redirect_uri()).is_none(), "{own}");
    }
}

#[test]
fn a_host_may_leave_the_ending_of_the_page_out_or_add_a_slash() {
    for page in ["/shop/callback", "/shop/callback/", "/shop/callback.html/"] {
        let page = format!("https://app.example{page}?code=a&state=b");
        assert!(Callback::from_url(&page, &redirect_uri()).is_some(), "{page}");
    }
    for other in ["/shop/callback.htm", "/shop/callback//", "/shop/", "/shop/callbac", "/callback"]
    {
        let page = format!("https://app.example{other}?code=a&state=b");
        assert!(Callback::from_url(&page, &redirect_uri()).is_none(), "{other}");
    }
}

// RFC 6749 section 4.1.2.
#[test]
fn r29_unknown_parameters_are_ignored() {
    let query = "code=a&state=STATE&session_state=s&x=1&x=2&scope=a&expires_in=3&=&%00";
    assert!(judge(query).is_ok());
}

// RFC 6749 section 3.1.
#[test]
fn r30_no_known_parameter_may_stand_twice() {
    let known =
        ["code", "state", "iss", "error", "error_description", "error_uri", "session_state"];
    for name in known {
        for twice in
            [format!("{name}=a&{name}=a"), format!("{name}=&{name}=a"), format!("{name}&{name}")]
        {
            let query = format!("code=a&{twice}&state=STATE");
            let error = judge_fully(&query, Some(login())).unwrap_err();
            assert_eq!(error.code(), ErrorCode::DuplicateParameter, "{query}");
        }
    }
    // Also when one of them is written otherwise.
    assert_eq!(judge("code=a&%63ode=b&state=STATE").unwrap_err(), ErrorCode::DuplicateParameter);
}

// OAuth 2.0 Multiple Response Types 5: no token ever comes in this flow's address.
#[test]
fn r31_tokens_and_signed_responses_in_the_query_are_refused() {
    for name in ["access_token", "id_token", "token_type", "response"] {
        let error = judge_fully(&format!("code=a&state=STATE&{name}=secret-token"), Some(login()));
        let error = error.unwrap_err();
        assert_eq!(error.code(), ErrorCode::TokenInCallback);
        assert_eq!(error.subject(), Some(name));
        assert!(!error.to_string().contains("secret-token"));
    }
}

// RFC 6749 appendix A.11: a code is of visible characters and spaces.
#[test]
fn r32_a_code_of_impossible_characters_is_none() {
    for code in ["%00", "a%0d%0ab", "%C3%A9", "%FF", "a%7Fb"] {
        let query = format!("code={code}&state=STATE");
        assert_eq!(judge(&query).unwrap_err(), ErrorCode::CodeMissing, "{code}");
    }
    assert_eq!(judge("code=a%20%7E%21&state=STATE").unwrap().code.expose(), "a ~!");
}

#[test]
fn r39_a_login_lasts_ten_minutes() {
    let judge_at = |now| {
        let query = format!("code=a&state={}", state());
        callback(&query).judge(Some(login()), false, &config(), now).map_err(|error| error.code())
    };
    assert!(judge_at(NOW.plus(600)).is_ok());
    assert_eq!(judge_at(NOW.plus(601)).unwrap_err(), ErrorCode::LoginExpired);
    assert!(judge_at(UnixTime(NOW.0 - 600)).is_ok());
    assert_eq!(judge_at(UnixTime(NOW.0 - 601)).unwrap_err(), ErrorCode::LoginExpired);
    assert_eq!(judge_at(UnixTime(0)).unwrap_err(), ErrorCode::LoginExpired);
    assert_eq!(judge_at(UnixTime(u64::MAX)).unwrap_err(), ErrorCode::LoginExpired);
}

// RFC 6749 section 4.1.2.1, OpenID Connect Core 3.1.2.6.
#[test]
fn r40_each_error_of_the_provider_has_its_code() {
    let table = [
        ("access_denied", ErrorCode::AccessDenied),
        ("login_required", ErrorCode::InteractionRequired),
        ("interaction_required", ErrorCode::InteractionRequired),
        ("consent_required", ErrorCode::InteractionRequired),
        ("account_selection_required", ErrorCode::InteractionRequired),
        ("server_error", ErrorCode::ProviderUnavailable),
        ("temporarily_unavailable", ErrorCode::ProviderUnavailable),
        ("invalid_scope", ErrorCode::InvalidScope),
        ("invalid_target", ErrorCode::InvalidTarget),
        ("invalid_request", ErrorCode::ProviderError),
        ("unauthorized_client", ErrorCode::ProviderError),
        ("ACCESS_DENIED", ErrorCode::ProviderError),
        ("something else", ErrorCode::ProviderError),
    ];
    for (name, code) in table {
        let query = format!("error={name}&error_description=Sorry.&state=STATE");
        let error = judge_fully(&query, Some(login())).unwrap_err();
        assert_eq!(error.code(), code, "{name}");
        let said = error.provider().unwrap();
        assert_eq!((said.error.as_str(), said.description.as_deref()), (name, Some("Sorry.")));
    }
}

#[test]
fn a_page_that_is_no_callback_is_left_alone() {
    let pages = [
        "https://app.example/shop/callback.html",
        "https://app.example/shop/callback.html?page=2",
        "https://app.example/shop/callback.html?state=a&iss=b",
        "https://app.example/shop/callback.html#/route?code=a",
        "https://app.example/shop/callback.html?CODE=a",
        "https://app.example/shop/?code=a&state=b",
        "https://app.example/shop/callback.htm?code=a&state=b",
        "https://app.example:8443/shop/callback.html?code=a&state=b",
        "http://app.example/shop/callback.html?code=a&state=b",
        "https://evil.example/shop/callback.html?code=a&state=b",
        "",
        "about:blank",
    ];
    for page in pages {
        assert_eq!(Callback::from_url(page, &redirect_uri()), None, "{page}");
    }
}

// RFC 6749 section 3.1.2: a query of the redirect URI itself stays there.
#[test]
fn a_redirect_uri_with_a_query_gets_its_answer_too() {
    let redirect_uri = SecureUrl::parse("https://app.example/?view=callback").unwrap();
    let page = "https://app.example/?view=callback&code=a&state=b";
    let callback = Callback::from_url(page, &redirect_uri).unwrap();
    assert_eq!(callback.state(), Some("b"));
}

#[test]
fn debug_shows_names_only() {
    let query = format!("code=the-code&state={}&iss=https://id.example", state());
    let shown = format!("{:?}", callback(&query));
    assert_eq!(shown, r#"Callback ["code", "state", "iss"]"#);
    let shown = format!("{:?}", judge("code=the-code&state=STATE").unwrap());
    assert!(!shown.contains("the-code"), "{shown}");
    assert!(secrets().iter().all(|secret| !shown.contains(secret)), "{shown}");
}

/// A name and a value of an answer: often those that matter, sometimes anything.
fn parameter() -> impl Strategy<Value = (String, String)> {
    let name = prop_oneof![
        8 => prop::sample::select(vec!["code", "state", "iss", "error"]).prop_map(str::to_owned),
        2 => prop::sample::select(vec![
            "error_description", "error_uri", "session_state", "response", "access_token", "id_token",
            "token_type", "Code", "state ", "scope",
        ]).prop_map(str::to_owned),
        1 => any_text(),
    ];
    let value = prop_oneof![
        4 => Just(state()),
        3 => Just(ISSUER.to_owned()),
        2 => Just("a-code".to_owned()),
        1 => Just(String::new()),
        1 => any_text(),
    ];
    (name, value)
}

/// Any pairs, or an honest answer with a few pairs more and in another order.
fn parameters() -> impl Strategy<Value = Vec<(String, String)>> {
    let honest = [("code", "a-code".to_owned()), ("state", state()), ("iss", ISSUER.to_owned())];
    let honest = honest.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let mixed = prop::collection::vec(parameter(), 0..3)
        .prop_map(move |more| [honest.clone(), more].concat());
    prop_oneof![prop::collection::vec(parameter(), 0..6), mixed.prop_shuffle()]
}

/// Writes a query with each byte percent-encoded, or plain where that is possible and `plain` says so.
fn write_query(pairs: &[(String, String)], plain: bool) -> String {
    let encode = |text: &str| -> String {
        let byte = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' if plain => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02x}"),
        };
        text.bytes().map(byte).collect()
    };
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Whether an answer may be believed, said once more and otherwise.
fn is_honest(pairs: &[(String, String)], iss_is_promised: bool) -> bool {
    let all = |name: &str| -> Vec<&str> {
        pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    };
    let is_code = |code: &str| {
        !code.is_empty() && code.chars().all(|character| (' '..='~').contains(&character))
    };
    let at_most_once = ["error_description", "error_uri", "session_state"];
    let never = ["response", "access_token", "id_token", "token_type"];
    let iss_is_right = match all("iss").as_slice() {
        [] | [""] => !iss_is_promised,
        [issuer] => *issuer == ISSUER,
        _ => false,
    };
    let code_is_right = matches!(all("code").as_slice(), [code] if is_code(code));
    all("state") == [state()]
        && code_is_right
        && all("error").is_empty()
        && iss_is_right
        && at_most_once.iter().all(|name| all(name).len() < 2)
        && never.iter().all(|name| all(name).is_empty())
}

// Requirement 131: only what is needed is handed over.
#[test]
fn r131_what_is_handed_over_is_the_answer_without_tokens_and_the_rest() {
    let query = "code=a%20code&state=p.x&iss=https://id.example&page=2&utm=x&session_state=s";
    assert_eq!(
        callback(query).to_text(),
        "?code=a+code&state=p.x&iss=https%3A%2F%2Fid.example&session_state=s"
    );
    let page = format!("{REDIRECT_URI}#access_token=secret&id_token=secret&state=p.x");
    let text = Callback::from_url(&page, &redirect_uri()).unwrap().to_text();
    assert_eq!(text, "#access_token=&id_token=&state=p.x");
    for foreign in
        ["", "code=a&state=b", "taken", "{}", "?code=a&page=2", "https://id.example/?code=a"]
    {
        assert!(Callback::from_text(foreign).is_none(), "{foreign}");
    }
}

#[test]
fn r131_a_state_tells_that_it_is_of_another_window_and_nothing_else() {
    let config = config();
    let state = |in_popup| {
        let wish = Wish { in_popup, ..wish(&config) };
        let request =
            AuthorizationRequest::new(&config, &metadata(), wish, &random(), NOW).unwrap();
        request.pending_login().state.expose().to_owned()
    };
    assert!(State::is_of_popup(&state(true)));
    assert!(!State::is_of_popup(&state(false)));
    assert_eq!(state(true), format!("p.{}", state(false)));
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn only_an_honest_answer_is_believed(pairs in parameters(), promised: bool, plain: bool) {
        let page = format!("{REDIRECT_URI}?{}", write_query(&pairs, plain));
        let login = login_at(&if promised { metadata_with_iss() } else { metadata() });
        let believed = Callback::from_url(&page, &redirect_uri())
            .is_some_and(|callback| callback.judge(Some(login), false, &config(), NOW).is_ok());
        prop_assert_eq!(believed, is_honest(&pairs, promised), "{:?}", pairs);
    }

    #[test]
    fn no_answer_is_believed_without_its_login(pairs in parameters(), others_wait: bool) {
        let page = format!("{REDIRECT_URI}?{}", write_query(&pairs, true));
        if let Some(callback) = Callback::from_url(&page, &redirect_uri()) {
            prop_assert!(callback.judge(None, others_wait, &config(), NOW).is_err());
        }
    }

    #[test]
    fn nothing_in_a_fragment_is_believed(pairs in parameters()) {
        let page = format!("{REDIRECT_URI}#{}", write_query(&pairs, true));
        if let Some(callback) = Callback::from_url(&page, &redirect_uri()) {
            let error = callback.judge(Some(login()), false, &config(), NOW).unwrap_err();
            prop_assert_eq!(error.code(), ErrorCode::ResponseInFragment);
        }
    }

    // Requirement 131: what a window beside the page hands over is judged as if it were in the address.
    #[test]
    fn r131_an_answer_that_was_handed_over_gets_the_same_verdict(
        pairs in parameters(),
        in_fragment: bool,
        promised: bool,
    ) {
        let sign = if in_fragment { '#' } else { '?' };
        let page = format!("{REDIRECT_URI}{sign}{}", write_query(&pairs, true));
        let login = login_at(&if promised { metadata_with_iss() } else { metadata() });
        if let Some(callback) = Callback::from_url(&page, &redirect_uri()) {
            let text = callback.to_text();
            let handed_over = Callback::from_text(&text).unwrap();
            prop_assert_eq!(handed_over.to_text(), text);
            let verdict = |callback: Callback| {
                let judged = callback.judge(Some(login.clone()), false, &config(), NOW);
                judged.map(|believed| believed.code.expose().to_owned())
            };
            prop_assert_eq!(verdict(handed_over), verdict(callback));
        }
    }

    #[test]
    fn any_page_is_read_without_panic(tail in any_text(), page in any_text()) {
        let pages = [page, format!("{REDIRECT_URI}{tail}"), format!("{REDIRECT_URI}?code={tail}&state={tail}")];
        for page in pages {
            if let Some(callback) = Callback::from_url(&page, &redirect_uri()) {
                prop_assert!(callback.judge(Some(login()), false, &config(), NOW).is_err());
            }
        }
    }
}

// RFC 9700 section 2.1.2: whatever else the answer holds.
#[test]
fn a_token_in_an_answer_is_seen() {
    for query in ["access_token=a&state=STATE", "code=a&state=STATE&id_token=b"] {
        assert!(callback(query).holds_a_token(), "{query}");
    }
    for query in ["code=a&state=STATE", "error=access_denied&state=STATE"] {
        assert!(!callback(query).holds_a_token(), "{query}");
    }
}
