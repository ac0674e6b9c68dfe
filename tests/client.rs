//! The whole flow against the hostile server: real fetch, stand-ins for address, storage and clock.

#![cfg(target_arch = "wasm32")]

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::future::join;
use pixy_login::client::{Client, Outcome, ResourceRequest, SignIn, Status};
use pixy_login::protocol::{Config, ErrorCode, Keeping};
use support::{
    FOREIGN_STATE, HOSTILE, REDIRECT_URI, Recorded, Tab, answer_to, config, make_honest, next_task,
    record, reset, restore, wait_for, why_incomplete,
};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Signs in at `case` and returns what became of it.
async fn outcome(tab: &Tab, case: &str) -> (Client, Result<Outcome, ErrorCode>) {
    reset(case).await;
    let client = tab.go_and_come_back(&config(case)).await;
    let outcome = client.start().await.map_err(|error| error.code());
    (client, outcome)
}

/// Signs in at `case`, which must be refused with `code` and so many token requests.
async fn refused(case: &str, code: ErrorCode, token_requests: usize) {
    let tab = Tab::new();
    let (client, outcome) = outcome(&tab, case).await;
    assert_eq!(outcome, Err(code), "{case}");
    assert_eq!(record(case).await.count("token"), token_requests, "{case}: token requests");
    assert!(client.session().is_none(), "{case}");
    assert!(matches!(client.status(), Status::Failed(_)), "{case}");
    assert_eq!(tab.url(), REDIRECT_URI, "{case}: the address is clean");
    assert_eq!(tab.storage.pending(), Vec::<String>::new(), "{case}: no login waits");
    a_second_try_works(&tab, &client, case).await;
}

/// The page is still usable: the same page signs in at the same server, which has become honest.
async fn a_second_try_works(tab: &Tab, client: &Client, case: &str) {
    make_honest(case).await;
    client.sign_in(SignIn::new()).await.unwrap_or_else(|error| panic!("{case}: {error}"));
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let next = tab.open(client.config());
    let outcome = next.start().await;
    assert!(matches!(outcome, Ok(Outcome::SignedIn { .. })), "{case}: {outcome:?}");
}

#[wasm_bindgen_test]
async fn a_sign_in_ends_with_a_profile_on_the_page_where_it_began() {
    let case = "honest~whole";
    let tab = Tab::new();
    let began = tab.url();
    let (client, outcome) = outcome(&tab, case).await;
    assert!(matches!(outcome, Ok(Outcome::SignedIn { .. })), "{outcome:?}");
    assert_eq!(tab.url(), began);
    assert_eq!(tab.address.announced.get(), 1);
    let profile = client.profile().await.expect("a profile");
    assert_eq!(Some(profile.subject()), client.session().as_ref().and_then(|s| s.subject()));
    client.profile().await.expect("the same profile");
    let record = record(case).await;
    assert_eq!(record.count("discovery"), 1, "no discovery at the callback");
    assert_eq!(record.count("token"), 1);
    assert_eq!(record.count("userinfo"), 1, "the profile is fetched once");
}

#[wasm_bindgen_test]
async fn r42_the_token_request_has_what_a_public_client_sends_and_no_secret() {
    let case = "honest~token-request";
    let tab = Tab::new();
    outcome(&tab, case).await.1.expect("signed in");
    let record = record(case).await;
    let token = record.requests.iter().find(|request| request.went_to("token"));
    let token = token.expect("a token request");
    assert_eq!(token.method, "POST");
    assert_eq!(token.content_type.as_deref(), Some("application/x-www-form-urlencoded"));
    let expected = ["grant_type", "code", "redirect_uri", "client_id", "code_verifier"];
    assert_eq!(token.parameters, expected);
    assert_eq!(token.authorization, None);
    let preflights = record
        .requests
        .iter()
        .filter(|request| request.went_to("token") && request.method == "OPTIONS");
    assert_eq!(preflights.count(), 0, "a plain form needs no preflight");
}

#[wasm_bindgen_test]
async fn the_record_of_a_login_is_there_before_leaving_and_gone_after() {
    let tab = Tab::new();
    let settings = config("honest~record");
    let client = tab.open(&settings);
    client.sign_in(SignIn::new()).await.expect("the login begins");
    assert_eq!(tab.storage.pending().len(), 1);
    assert!(tab.left_for().contains("code_challenge_method=S256"));
    assert!(!tab.left_for().contains("code_verifier"));
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    tab.open(&settings).start().await.expect("signed in");
    assert_eq!(tab.storage.pending(), Vec::<String>::new());
    let kept = tab.storage.texts.borrow();
    let is_known = |key: &String| {
        key.starts_with("pixy-login:metadata:") || key.starts_with("pixy-login:session:")
    };
    assert!(kept.keys().all(is_known), "{:?}", kept.keys());
}

#[wasm_bindgen_test]
async fn r17_the_authorization_request_is_a_navigation_and_no_fetch() {
    let case = "honest~navigation";
    reset(case).await;
    let tab = Tab::new();
    tab.open(&config(case)).sign_in(SignIn::new()).await.expect("the login begins");
    assert!(tab.left_for().starts_with(&format!("{HOSTILE}/{case}/authorize?")));
    assert_eq!(record(case).await.count("authorize"), 0);
}

#[wasm_bindgen_test]
async fn r34_the_record_is_gone_and_the_address_clean_while_the_token_request_is_on_its_way() {
    let case = "t38-never-answers~order";
    reset(case).await;
    let tab = Tab::new();
    let client = tab.go_and_come_back(&config(case)).await;
    let flight = client.clone();
    wasm_bindgen_futures::spawn_local(async move { drop(flight.start().await) });
    while record(case).await.count("token") == 0 {}
    assert!(matches!(client.status(), Status::Busy));
    assert_eq!(tab.storage.pending(), Vec::<String>::new());
    assert_eq!(tab.url(), REDIRECT_URI);
}

#[wasm_bindgen_test]
async fn t01_state_wrong() {
    left_alone("t1-wrong-state").await;
    // One of this client's form is its own, though no login of the tab has it.
    let case = "honest~foreign-state";
    let tab = Tab::new();
    let client = tab.go_and_come_back(&config(case)).await;
    let waiting = tab.storage.pending();
    tab.address.url.replace(format!("{REDIRECT_URI}?code=a&state={FOREIGN_STATE}"));
    let outcome = client.start().await.map_err(|error| error.code());
    assert_eq!(outcome, Err(ErrorCode::StateMismatch));
    assert_eq!((tab.url().as_str(), record(case).await.count("token")), (REDIRECT_URI, 0));
    assert_eq!(tab.storage.pending(), waiting, "the login waits on");
}

#[wasm_bindgen_test]
async fn t02_state_missing() {
    left_alone("t2-missing-state").await;
    left_alone("t2-empty-state").await;
}

/// Signs in at a case whose answer could be anybody's: it is sent nowhere, stays where it is, and the login
/// waits on for its own.
async fn left_alone(case: &str) {
    reset(case).await;
    let tab = Tab::new();
    let client = tab.go_and_come_back(&config(case)).await;
    let (answer, waiting) = (tab.url(), tab.storage.pending());
    assert_eq!(client.start().await, Ok(Outcome::NoCallback), "{case}");
    assert_eq!(record(case).await.count("token"), 0, "{case}");
    assert!(client.session().is_none(), "{case}");
    assert_eq!((tab.url(), tab.storage.pending()), (answer, waiting), "{case}");
    make_honest(case).await;
    let client = tab.go_and_come_back(&config(case)).await;
    assert!(matches!(client.start().await, Ok(Outcome::SignedIn { .. })), "{case}");
}

#[wasm_bindgen_test]
async fn t04_a_replayed_callback_spends_no_code_again() {
    let case = "honest~replay";
    reset(case).await;
    let tab = Tab::new();
    let settings = config(case).keep(Keeping::InMemory);
    let client = tab.go_and_come_back(&settings).await;
    let callback_url = tab.url();
    client.start().await.expect("signed in");
    // Pasted into the page that is signed in: the session stays.
    tab.address.url.replace(callback_url.clone());
    let again = client.handle_callback().await;
    assert!(matches!(again, Ok(Outcome::SignedIn { .. })), "the same outcome: {again:?}");
    assert!(client.session().is_some());
    // Reloaded, or opened by Back: nothing waits for it any more.
    let reloaded = tab.open(&settings);
    let outcome = reloaded.start().await.map_err(|error| error.code());
    assert_eq!(outcome, Err(ErrorCode::LoginNotFound));
    assert_eq!(tab.url(), REDIRECT_URI);
    assert_eq!(record(case).await.count("token"), 1);
}

#[wasm_bindgen_test]
async fn t05_a_callback_that_nobody_asked_for() {
    let case = "honest~unasked";
    reset(case).await;
    let tab = Tab::new();
    tab.address.url.replace(format!("{REDIRECT_URI}?code=forged&state={FOREIGN_STATE}"));
    let outcome = tab.open(&config(case)).start().await.map_err(|error| error.code());
    assert_eq!(outcome, Err(ErrorCode::LoginNotFound));
    assert_eq!(tab.url(), REDIRECT_URI);
    // What does not even look like an answer to this client is another one's.
    let others = format!("{REDIRECT_URI}?code=forged&state=forged");
    tab.address.url.replace(others.clone());
    assert_eq!(tab.open(&config(case)).start().await, Ok(Outcome::NoCallback));
    assert_eq!(tab.url(), others);
    let record = record(case).await;
    assert!(record.requests.is_empty(), "no call at all");
}

#[wasm_bindgen_test]
async fn a_foreign_code_in_the_address_is_left_alone() {
    let tab = Tab::new();
    for page in [
        format!("{REDIRECT_URI}?code=SPRING"),
        "http://localhost:7/shop/cart.html?code=SPRING&state=CA".to_owned(),
    ] {
        tab.address.url.replace(page.clone());
        let client = tab.open(&config("honest~foreign"));
        assert_eq!(client.start().await, Ok(Outcome::NoCallback));
        assert_eq!(tab.url(), page);
        assert!(matches!(client.status(), Status::SignedOut));
    }
}

#[wasm_bindgen_test]
async fn t06_an_answer_of_another_issuer() {
    refused("t6-mix-up", ErrorCode::IssuerMismatch, 0).await;
    refused("t6-iss-slash", ErrorCode::IssuerMismatch, 0).await;
}

#[wasm_bindgen_test]
async fn t07_a_missing_issuer_where_it_was_announced() {
    refused("t7-iss-missing", ErrorCode::IssuerMissing, 0).await;
    refused("t7-iss-missing-error", ErrorCode::IssuerMissing, 0).await;
}

#[wasm_bindgen_test]
async fn t10_a_parameter_twice() {
    for case in ["t10-code-twice", "t10-state-twice", "t10-iss-twice", "t10-error-twice"] {
        refused(case, ErrorCode::DuplicateParameter, 0).await;
    }
}

#[wasm_bindgen_test]
async fn t11_code_and_error_together() {
    refused("t11-code-and-error", ErrorCode::CodeAndError, 0).await;
}

#[wasm_bindgen_test]
async fn t12_an_answer_in_the_fragment() {
    refused("t12-fragment", ErrorCode::ResponseInFragment, 0).await;
    refused("t12-token-in-fragment", ErrorCode::ResponseInFragment, 0).await;
    refused("t12-token-in-query", ErrorCode::TokenInCallback, 0).await;
}

#[wasm_bindgen_test]
async fn t15_the_providers_words_are_bounded_text() {
    let html = "<img src=x onerror= window.pixyInjected=1 ><script>window.pixyInjected=1</script>\
                <b id= pixy-injected >bold</b>";
    let long = format!("{}…", "a".repeat(299));
    for (case, expected) in [
        ("t15-html", html),
        // What turns the direction and what can't be seen is a space each; where it was cut off, '…' (F51).
        ("t15-right-to-left", "moc.live morf        [31m"),
        ("t15-long", &long),
    ] {
        let tab = Tab::new();
        let client = tab.go_and_come_back(&config(case)).await;
        let error = client.start().await.expect_err("refused");
        assert_eq!(error.code(), ErrorCode::AccessDenied);
        let said = error.provider().and_then(|said| said.description.as_deref());
        assert_eq!(said, Some(expected), "{case}");
    }
}

#[wasm_bindgen_test]
async fn t17_unknown_parameters_are_ignored() {
    let tab = Tab::new();
    let (_, outcome) = outcome(&tab, "t17-extra-parameters").await;
    assert!(matches!(outcome, Ok(Outcome::SignedIn { .. })), "{outcome:?}");
}

#[wasm_bindgen_test]
async fn t22_a_login_that_took_too_long() {
    let case = "honest~late";
    reset(case).await;
    for (seconds, accepted) in [(599, true), (601, false), (100_000, false)] {
        let tab = Tab::new();
        let client = tab.go_and_come_back(&config(case)).await;
        tab.clock.0.set(tab.clock.0.get() + seconds);
        let outcome = client.start().await.map_err(|error| error.code());
        // The ID token of the server is of now, which is `seconds` ago by this clock.
        match accepted {
            true => assert!(matches!(outcome, Ok(Outcome::SignedIn { .. })), "{outcome:?}"),
            false => assert_eq!(outcome, Err(ErrorCode::LoginExpired)),
        }
        assert_eq!(tab.storage.pending(), Vec::<String>::new());
    }
    assert_eq!(record(case).await.count("token"), 1);
}

#[wasm_bindgen_test]
async fn t23_the_way_back_never_leaves_the_origin() {
    let settings = config("honest~return");
    for wanted in [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "%2f%2fevil.example",
        "/%2f/evil.example",
        "\n//evil.example",
        "https:evil.example",
        "http://localhost:7@evil.example/",
        "http://localhost:444/",
    ] {
        let tab = Tab::new();
        let client = tab.open(&settings);
        client.sign_in(SignIn::new().return_to(wanted)).await.expect("the login begins");
        tab.address.url.replace(answer_to(&tab.left_for()).await);
        tab.open(&settings).start().await.expect("signed in");
        let landed = tab.url();
        assert!(landed.starts_with("http://localhost:7/"), "{wanted} led to {landed}");
        assert!(!landed.contains("//evil") && !landed.contains("\\"), "{wanted} led to {landed}");
    }
}

#[wasm_bindgen_test]
async fn t26_the_token_endpoint_answers_html() {
    refused("t26-html", ErrorCode::NotJson, 1).await;
    // It is JSON, so it is not said to be none (F51).
    refused("t26-json-as-html", ErrorCode::InvalidResponse, 1).await;
}

#[wasm_bindgen_test]
async fn t27_an_error_with_status_200() {
    refused("t27-error-200", ErrorCode::TokenRequestRefused, 1).await;
    refused("t27-error-and-token", ErrorCode::TokenRequestRefused, 1).await;
}

#[wasm_bindgen_test]
async fn t28_error_statuses_are_typed_and_the_code_is_sent_once() {
    refused("t28-400-json", ErrorCode::TokenRequestRefused, 1).await;
    refused("t28-400-html", ErrorCode::NotJson, 1).await;
    refused("t28-500", ErrorCode::ProviderUnavailable, 1).await;
    refused("t28-429", ErrorCode::ProviderUnavailable, 1).await;
    refused("t28-204", ErrorCode::NotJson, 1).await;
}

#[wasm_bindgen_test]
async fn t29_json_that_is_no_answer() {
    for case in ["t29-array", "t29-string", "t29-null", "t29-number"] {
        refused(case, ErrorCode::InvalidResponse, 1).await;
    }
    for case in ["t29-empty", "t29-truncated", "t29-invalid-utf-8", "t29-nan"] {
        refused(case, ErrorCode::NotJson, 1).await;
    }
    // What is behind the mark is JSON (F51).
    refused("t29-byte-order-mark", ErrorCode::InvalidResponse, 1).await;
    for case in ["t29-deep-nesting", "t29-deep-member"] {
        refused(case, ErrorCode::NotJson, 1).await;
    }
    refused("t29-twice", ErrorCode::InvalidResponse, 1).await;
}

#[wasm_bindgen_test]
async fn t31_access_tokens_that_can_not_be_sent() {
    for case in [
        "t31-access-token-missing",
        "t31-access-token-empty",
        "t31-access-token-number",
        "t31-access-token-null",
        "t31-access-token-line-break",
        "t31-access-token-space",
    ] {
        refused(case, ErrorCode::InvalidResponse, 1).await;
    }
}

#[wasm_bindgen_test]
async fn t32_token_types_that_are_not_understood() {
    // Bearer tokens (F48).
    for case in ["t32-token-type-missing", "t32-token-type-null"] {
        let (_, outcome) = outcome(&Tab::new(), case).await;
        assert!(outcome.is_ok(), "{case}: {outcome:?}");
    }
    refused("t32-token-type-mac", ErrorCode::UnsupportedTokenType, 1).await;
    refused("t32-token-type-example", ErrorCode::UnsupportedTokenType, 1).await;
    // Understood, but bound to a key that this client never showed.
    refused("t33-dpop", ErrorCode::UnsupportedTokenType, 1).await;
}

#[wasm_bindgen_test]
async fn t33_bearer_in_any_case() {
    for case in ["t33-bearer-lower", "t33-bearer-upper"] {
        let tab = Tab::new();
        let (client, _) = outcome(&tab, case).await;
        client.profile().await.expect("a profile");
        let record = record(case).await;
        let asked = record.requests.iter().find(|request| request.authorization.is_some());
        let header = asked.and_then(|request| request.authorization.clone()).unwrap_or_default();
        assert!(header.starts_with("Bearer "), "{case}");
    }
}

#[wasm_bindgen_test]
async fn t35_lifetimes() {
    const YEAR: u64 = 365 * 24 * 3600;
    for (case, expected) in [
        ("t35-expires-text", Some(3600)),
        ("t35-expires-zero", Some(0)),
        ("t35-expires-1e308", Some(YEAR)),
        ("t35-expires-2-63", Some(YEAR)),
        ("t35-expires-fraction", Some(3)),
        ("t35-expires-null", None),
        ("t35-expires-absent", None),
        ("t35-expires-letters", None),
        ("t35-expires-negative", None),
    ] {
        let tab = Tab::new();
        let (client, outcome) = outcome(&tab, case).await;
        assert!(outcome.is_ok(), "{case}: {outcome:?}");
        let expires_at = client.session().and_then(|session| session.expires_at());
        let lives = expires_at.map(|time| time.0 - tab.clock.0.get());
        assert_eq!(lives, expected, "{case}");
    }
}

#[wasm_bindgen_test]
async fn t36_the_granted_scope_is_what_the_app_sees() {
    for (case, expected) in [
        ("t36-scope-narrowed", "openid"),
        ("t36-scope-widened", "openid profile email admin"),
        ("t36-scope-absent", "openid profile email"),
    ] {
        let tab = Tab::new();
        let (client, _) = outcome(&tab, case).await;
        let scope = client.session().map(|session| session.scope().to_string());
        assert_eq!(scope.as_deref(), Some(expected), "{case}");
    }
    refused("t36-scope-number", ErrorCode::InvalidResponse, 1).await;
}

#[wasm_bindgen_test]
async fn t37_a_flood_at_the_token_endpoint() {
    refused("t37-200-mb", ErrorCode::ResponseTooLarge, 1).await;
}

#[wasm_bindgen_test]
async fn t38_silence_at_the_token_endpoint() {
    let before = js_sys::Date::now();
    refused("t38-never-answers", ErrorCode::Timeout, 1).await;
    let took = js_sys::Date::now() - before;
    assert!(took < 11_500.0, "took {took} ms");
}

#[wasm_bindgen_test]
async fn t40_a_token_endpoint_without_cors() {
    let tab = Tab::new();
    let client = tab.go_and_come_back(&config("t40-no-cors")).await;
    let error = client.start().await.expect_err("refused");
    assert_eq!(error.code(), ErrorCode::NetworkOrCors);
    assert!(error.to_string().contains("CORS"));
}

#[wasm_bindgen_test]
async fn id_tokens_of_somebody_else() {
    // Dates that fit no clock that can be found out.
    refused("t58-expired", ErrorCode::ClockWrong, 1).await;
    refused("t58-iat-future", ErrorCode::ClockWrong, 1).await;
    refused("t57-nonce-wrong", ErrorCode::NonceMismatch, 1).await;
    refused("t57-nonce-missing", ErrorCode::NonceMismatch, 1).await;
    refused("t63-no-id-token", ErrorCode::IdTokenMissing, 1).await;
    for case in [
        "t53-two-parts",
        "t53-not-base64url",
        "t54-aud-wrong",
        "t54-aud-missing",
        "t54-aud-empty",
        "t54-azp-wrong",
        "t56-iss-wrong",
        "t56-iss-slash",
        "t56-iss-missing",
        "t58-exp-missing",
        "t58-exp-text",
        "t58-iat-missing",
        "t59-sub-missing",
        "t59-sub-empty",
        "t59-sub-number",
    ] {
        refused(case, ErrorCode::IdTokenInvalid, 1).await;
    }
}

#[wasm_bindgen_test]
async fn userinfo_of_somebody_else_is_thrown_away() {
    for (case, code) in [
        ("t64-sub-other", ErrorCode::SubjectMismatch),
        ("t64-sub-missing", ErrorCode::InvalidResponse),
        ("t64-html", ErrorCode::NotJson),
        ("userinfo-no-cors", ErrorCode::NetworkOrCors),
        ("userinfo-500", ErrorCode::ResourceError),
        ("userinfo-401", ErrorCode::TokenRefused),
    ] {
        let tab = Tab::new();
        let (client, _) = outcome(&tab, case).await;
        assert_eq!(why_incomplete(&client).await, code, "{case}");
        assert!(client.session().is_some(), "{case}: the session stays");
        make_honest(case).await;
        let profile = client.profile().await.expect(case);
        assert_eq!(profile.incomplete(), None, "{case}: a second try works");
    }
}

#[cfg(feature = "signed-userinfo")]
#[wasm_bindgen_test]
async fn t64_a_signed_profile_is_the_providers_or_none() {
    let tab = Tab::new();
    let (client, _) = outcome(&tab, "t64-userinfo-jwt").await;
    assert_eq!(client.profile().await.expect("a profile").name(), Some("Honest Hanako"));
    for (case, code) in [
        ("t64-userinfo-jwt-foreign-key", ErrorCode::SignatureInvalid),
        ("t64-userinfo-jwt-aud", ErrorCode::InvalidResponse),
        ("t64-userinfo-jwt-iss", ErrorCode::InvalidResponse),
        ("t64-userinfo-jwt-none", ErrorCode::InvalidResponse),
        ("t64-userinfo-jwt-sub", ErrorCode::SubjectMismatch),
    ] {
        let tab = Tab::new();
        let (client, _) = outcome(&tab, case).await;
        assert_eq!(why_incomplete(&client).await, code, "{case}");
        assert!(client.session().is_some(), "{case}: the session stays");
    }
}

#[cfg(feature = "signed-userinfo")]
#[wasm_bindgen_test]
async fn r82_a_minute_passes_before_the_keys_are_fetched_for_another_unknown_one() {
    let case = "r82-userinfo-jwt-unknown-key";
    let tab = Tab::new();
    let (client, _) = outcome(&tab, case).await;
    for (seconds_later, key_sets) in [(0, 2), (0, 2), (59, 2), (1, 3), (0, 3)] {
        tab.clock.0.set(tab.clock.0.get() + seconds_later);
        assert_eq!(why_incomplete(&client).await, ErrorCode::SigningKeyNotFound);
        assert_eq!(record(case).await.count("jwks"), key_sets, "{seconds_later} seconds later");
    }
}

// What was noted before seems to be of the future then, and is no newer for it.
#[cfg(feature = "signed-userinfo")]
#[wasm_bindgen_test]
async fn r82_a_clock_that_is_set_back_keeps_no_old_keys() {
    // An hour is as long as keys are good, a minute as long as none is looked for anew.
    for (case, back, key_sets) in [
        ("t64-userinfo-jwt~set-back", 3599, 1),
        ("t64-userinfo-jwt~set-back", 3600, 2),
        ("r82-userinfo-jwt-unknown-key~set-back", 59, 2),
        ("r82-userinfo-jwt-unknown-key~set-back", 60, 3),
    ] {
        let tab = Tab::new();
        let (client, _) = outcome(&tab, case).await;
        let is_unknown = case.starts_with("r82");
        if is_unknown {
            drop(client.profile().await);
        }
        tab.clock.0.set(tab.clock.0.get() - back);
        let profile = client.profile().await.expect("what the ID token tells, at least");
        assert_eq!(profile.incomplete().is_some(), is_unknown, "{case}");
        assert_eq!(record(case).await.count("jwks"), key_sets, "{case}: {back} seconds back");
    }
}

#[wasm_bindgen_test]
async fn discovery_that_can_not_be_believed_keeps_the_page_where_it_is() {
    for (case, code) in [
        ("t65-issuer-other", ErrorCode::DiscoveryIssuerMismatch),
        ("t65-issuer-slash", ErrorCode::DiscoveryIssuerMismatch),
        ("t65-issuer-missing", ErrorCode::DiscoveryInvalid),
        ("t66-http-authorization", ErrorCode::InsecureUrl),
        ("t66-http-token", ErrorCode::InsecureUrl),
        ("t66-javascript-authorization", ErrorCode::InsecureUrl),
        ("t66-data-authorization", ErrorCode::InsecureUrl),
        ("t66-authorization-missing", ErrorCode::DiscoveryInvalid),
        ("t66-token-missing", ErrorCode::DiscoveryInvalid),
        ("t66-issuer-twice", ErrorCode::DiscoveryInvalid),
        ("t66-html", ErrorCode::NotJson),
        ("t66-not-found", ErrorCode::DiscoveryNotFound),
        ("t66-500", ErrorCode::ProviderUnavailable),
        ("t66-redirect", ErrorCode::NetworkOrCors),
        ("t66-huge", ErrorCode::ResponseTooLarge),
        ("discovery-no-cors", ErrorCode::NetworkOrCors),
        ("t67-no-s256", ErrorCode::PkceNotSupported),
        ("t67-plain-only", ErrorCode::PkceNotSupported),
    ] {
        reset(case).await;
        let tab = Tab::new();
        let client = tab.open(&config(case));
        let error = client.sign_in(SignIn::new()).await.expect_err(case);
        assert_eq!(error.code(), code, "{case}");
        assert_eq!(tab.left_for(), "", "{case}: stays");
        assert_eq!(tab.storage.pending(), Vec::<String>::new(), "{case}");
        assert!(matches!(client.status(), Status::Failed(_)), "{case}");
    }
}

#[wasm_bindgen_test]
async fn t67_pkce_by_documentation_is_a_named_choice() {
    let tab = Tab::new();
    let client = tab.open(&config("t67-no-s256~documented").pkce_is_documented());
    client.sign_in(SignIn::new()).await.expect("the login begins");
    assert!(tab.left_for().contains("code_challenge="));
}

#[wasm_bindgen_test]
async fn denied_storage_is_an_error_and_the_page_stays() {
    let tab = Tab::new();
    tab.storage.denied.set(true);
    let client = tab.open(&config("honest~denied"));
    assert_eq!(client.start().await, Ok(Outcome::NoCallback));
    let error = client.sign_in(SignIn::new()).await.expect_err("refused");
    assert_eq!(error.code(), ErrorCode::StorageDenied);
    assert_eq!(tab.left_for(), "");
    tab.storage.denied.set(false);
    client.sign_in(SignIn::new()).await.expect("a second try works");
}

#[wasm_bindgen_test]
async fn a_provider_without_openid_connect() {
    let case = "oauth-only";
    reset(case).await;
    let settings = config(case)
        .scope("profile")
        .and_then(|config| config.profile_endpoint(&format!("{HOSTILE}/{case}/userinfo")))
        .expect("a good config");
    let tab = Tab::new();
    let client = tab.go_and_come_back(&settings).await;
    client.start().await.expect("signed in");
    assert_eq!(client.session().and_then(|session| session.subject().map(str::to_owned)), None);
    assert!(client.profile().await.expect("a profile").name().is_some());
}

#[wasm_bindgen_test]
async fn a_provider_that_tells_nothing_of_people() {
    let case = "oauth-only";
    let at = |endpoint: &str| format!("{HOSTILE}/{case}/{endpoint}");
    let settings = config(case)
        .scope("profile")
        .and_then(|config| config.endpoints(&at("authorize"), &at("token")))
        .expect("a good config")
        .pkce_is_documented();
    let tab = Tab::new();
    let client = tab.go_and_come_back(&settings).await;
    client.start().await.expect("signed in");
    let error = client.profile().await.expect_err("there is no endpoint");
    assert_eq!(error.code(), ErrorCode::ProfileNotAvailable);
}

#[wasm_bindgen_test]
async fn a_browser_that_does_not_leave_is_an_error_and_the_page_stays_usable() {
    let tab = Tab::new();
    let client = tab.open(&config("honest~refused"));
    tab.address.refuses.set(true);
    let error = client.sign_in(SignIn::new()).await.expect_err("refused");
    assert_eq!(error.code(), ErrorCode::NavigationFailed);
    assert!(matches!(client.status(), Status::Failed(_)));
    tab.address.refuses.set(false);
    client.sign_in(SignIn::new()).await.expect("a second try works");
}

#[wasm_bindgen_test]
async fn a_second_click_does_nothing_and_a_late_one_counts() {
    let tab = Tab::new();
    let client = tab.open(&config("honest~clicks"));
    let (first, second) = join(client.sign_in(SignIn::new()), client.sign_in(SignIn::new())).await;
    assert!(first.is_ok() && second.is_ok());
    client.sign_in(SignIn::new()).await.expect("nothing happens");
    assert_eq!(tab.address.left_for.borrow().len(), 1);
    // The person stopped the provider's page from loading, and clicks again.
    tab.clock.0.set(tab.clock.0.get() + 5);
    client.sign_in(SignIn::new()).await.expect("a new login begins");
    assert_eq!(tab.address.left_for.borrow().len(), 2);
}

#[wasm_bindgen_test]
async fn r34_a_callback_that_is_handled_twice_at_once_is_one_login() {
    let case = "honest~twice";
    reset(case).await;
    let tab = Tab::new();
    let client = tab.go_and_come_back(&config(case)).await;
    let (first, second) = join(client.start(), client.start()).await;
    assert_eq!(first, second);
    assert!(matches!(first, Ok(Outcome::SignedIn { .. })), "{first:?}");
    assert_eq!(record(case).await.count("token"), 1);
    assert_eq!(tab.address.announced.get(), 1);
}

#[wasm_bindgen_test]
async fn at_most_ten_logins_wait_and_the_oldest_makes_room() {
    let tab = Tab::new();
    let client = tab.open(&config("honest~ten"));
    client.sign_in(SignIn::new()).await.expect("the login begins");
    let oldest = tab.storage.pending();
    for _ in 0..10 {
        tab.clock.0.set(tab.clock.0.get() + 3);
        client.sign_in(SignIn::new()).await.expect("the login begins");
    }
    assert_eq!(tab.storage.pending().len(), 10);
    assert!(!tab.storage.pending().contains(&oldest[0]));
    tab.clock.0.set(tab.clock.0.get() + 700);
    client.sign_in(SignIn::new()).await.expect("the login begins");
    assert_eq!(tab.storage.pending().len(), 1, "those that ran out are gone");
}

#[wasm_bindgen_test]
async fn the_metadata_is_prefetched_once_and_used_by_the_click() {
    let case = "honest~prefetch";
    reset(case).await;
    let tab = Tab::new();
    let client = tab.open(&config(case));
    join(client.prefetch(), client.prefetch()).await;
    client.sign_in(SignIn::new()).await.expect("the login begins");
    tab.open(&config(case)).prefetch().await;
    assert_eq!(record(case).await.count("discovery"), 1);
    tab.clock.0.set(tab.clock.0.get() + 3601);
    client.prefetch().await;
    assert_eq!(record(case).await.count("discovery"), 2, "an hour later it is old");
}

#[wasm_bindgen_test]
async fn a_clock_that_is_ten_minutes_wrong_signs_in() {
    for (index, wrong) in [-600_i64, 600].into_iter().enumerate() {
        let tab = Tab::new();
        tab.clock.0.set(tab.clock.0.get().saturating_add_signed(wrong));
        let (_, outcome) = outcome(&tab, &format!("honest~clock-{index}")).await;
        assert!(matches!(outcome, Ok(Outcome::SignedIn { .. })), "{wrong}: {outcome:?}");
    }
}

#[wasm_bindgen_test]
async fn r55_the_token_goes_to_listed_origins_only() {
    let case = "honest~origins";
    let settings = config(case).allow_origin("https://api.example").expect("a good config");
    let tab = Tab::new();
    let client = tab.go_and_come_back(&settings).await;
    let before = client.fetch(ResourceRequest::get("https://api.example/")).await;
    assert_eq!(before.map_err(|error| error.code()).err(), Some(ErrorCode::NotSignedIn));
    client.start().await.expect("signed in");
    reset(case).await;
    for url in [
        &format!("{HOSTILE}/{case}/userinfo"),
        "https://api.example.evil.example/",
        "https://evil.example/",
        "https://api.example@evil.example/",
        "https://api.example:444/",
    ] {
        let refused = client.fetch(ResourceRequest::get(url)).await.map_err(|error| error.code());
        assert!(
            matches!(refused, Err(ErrorCode::OriginNotAllowed | ErrorCode::InsecureUrl)),
            "{url}: {refused:?}"
        );
    }
    assert!(record(case).await.requests.is_empty(), "no call at all");
}

#[wasm_bindgen_test]
async fn r54_a_listed_origin_is_called_with_the_token_in_the_header() {
    let case = "honest~resource";
    let settings = config(case).allow_dpop_origin(HOSTILE).expect("a good config");
    let tab = Tab::new();
    let client = tab.go_and_come_back(&settings).await;
    client.start().await.expect("signed in");
    let url = format!("{HOSTILE}/{case}/userinfo");
    let response = client.fetch(ResourceRequest::get(&url)).await.expect("an answer");
    assert_eq!(response.status, 200);
    let token = client.expose_access_token().expect("a token");
    let record = record(case).await;
    let is_call = |request: &&Recorded| request.went_to("userinfo") && request.method == "GET";
    let asked = record.requests.iter().find(is_call);
    let header = asked.and_then(|request| request.authorization.clone());
    assert_eq!(header, Some(["Bearer ", &token].concat()));
    assert!(asked.is_some_and(|request| request.parameters.is_empty()), "nothing in the query");
}

#[wasm_bindgen_test]
async fn sign_out_forgets_everything_here() {
    let tab = Tab::new();
    let (client, _) = outcome(&tab, "honest~sign-out").await;
    client.profile().await.expect("a profile");
    client.sign_out();
    assert!(client.session().is_none());
    assert!(client.expose_access_token().is_none());
    assert_eq!(
        client.profile().await.map_err(|error| error.code()).err(),
        Some(ErrorCode::NotSignedIn)
    );
    assert!(matches!(client.status(), Status::SignedOut));
}

#[wasm_bindgen_test]
async fn a_refused_consent_keeps_the_page_where_the_person_wanted_to_be() {
    let tab = Tab::new();
    let began = tab.url();
    let (client, outcome) = outcome(&tab, "access-denied").await;
    assert_eq!(outcome, Err(ErrorCode::AccessDenied));
    a_second_try_works(&tab, &client, "access-denied").await;
    assert_eq!(tab.url(), began);
}

#[wasm_bindgen_test]
async fn debug_of_a_client_that_is_signed_in_shows_no_token() {
    let tab = Tab::new();
    let (client, _) = outcome(&tab, "honest~debug").await;
    let token = client.expose_access_token().expect("a token");
    assert!(!format!("{client:?}").contains(&token));
}

#[wasm_bindgen_test]
fn the_status_is_told_until_the_subscription_is_dropped() {
    let settings = Config::new("https://id.example", "app", REDIRECT_URI).expect("a good config");
    let client = Tab::new().open(&settings);
    let told = std::rc::Rc::new(std::cell::Cell::new(0));
    let count = told.clone();
    let subscription = client.subscribe(move |_| count.set(count.get() + 1));
    client.sign_out();
    drop(subscription);
    client.sign_out();
    assert_eq!(told.get(), 1);
}

/// Two apps on one page, which share the redirect URI.
fn two_apps(case: &str) -> (Config, Config) {
    (config(&format!("{case}-other")), config(case))
}

#[wasm_bindgen_test]
async fn r26_an_answer_is_left_for_the_app_that_began_the_login() {
    let (other, own) = two_apps("honest~own");
    let tab = Tab::new();
    let client = tab.go_and_come_back(&own).await;
    let answer = tab.url();
    let stranger = tab.open(&other);
    assert_eq!(stranger.start().await, Ok(Outcome::NoCallback));
    assert!(stranger.session().is_none());
    assert_eq!((tab.url(), tab.storage.pending().len()), (answer, 1), "nothing was touched");
    assert!(matches!(client.start().await, Ok(Outcome::SignedIn { .. })));
}

#[wasm_bindgen_test]
async fn signing_out_while_the_token_is_on_its_way_stays_signed_out() {
    let case = "honest~overtaken";
    reset(case).await;
    let tab = Tab::new();
    let client = tab.go_and_come_back(&config(case)).await;
    // The second begins when the first waits for the token.
    let (outcome, ()) = join(client.start(), async { client.sign_out().await }).await;
    assert_eq!(record(case).await.count("token"), 1);
    assert_eq!(outcome, Ok(Outcome::CalledOff));
    assert!(client.session().is_none());
    assert!(matches!(client.status(), Status::SignedOut));
    assert_eq!(tab.url(), REDIRECT_URI);
}

#[wasm_bindgen_test]
async fn a_refusal_that_comes_after_signing_out_is_nobodys_business() {
    for case in ["t28-400-json~overtaken", "t57-nonce-wrong~overtaken"] {
        reset(case).await;
        let client = Tab::new().go_and_come_back(&config(case)).await;
        let (outcome, ()) = join(client.start(), async { client.sign_out().await }).await;
        assert_eq!(outcome, Ok(Outcome::CalledOff), "{case}");
        assert!(matches!(client.status(), Status::SignedOut), "{case}");
    }
}

#[wasm_bindgen_test]
async fn signing_out_calls_a_departure_off() {
    let tab = Tab::new();
    let client = tab.open(&config("honest~departure"));
    let (left, ()) = join(client.sign_in(SignIn::new()), async { client.sign_out().await }).await;
    assert_eq!(left, Ok(()));
    assert_eq!(tab.left_for(), "");
    assert_eq!(tab.storage.pending(), Vec::<String>::new());
    assert!(matches!(client.status(), Status::SignedOut));
    client.sign_in(SignIn::new()).await.expect("the next one begins");
    assert_ne!(tab.left_for(), "");
}

#[wasm_bindgen_test]
async fn back_from_the_provider_shows_what_was_there_before() {
    let tab = Tab::new();
    let client = tab.open(&config("honest~back"));
    client.sign_in(SignIn::new()).await.expect("the login begins");
    assert!(matches!(client.status(), Status::Leaving));
    restore();
    assert!(matches!(client.status(), Status::SignedOut));

    let client = tab.go_and_come_back(&config("honest~back-with-session")).await;
    restore();
    assert!(matches!(client.status(), Status::Starting), "it was not on its way out");
    client.start().await.expect("signed in");
    let more = SignIn::new().add_scope("mail").expect("a scope");
    client.sign_in(more).await.expect("the login begins");
    restore();
    assert!(matches!(client.status(), Status::Starting), "until it is known what happened since");
    let signed_in = || matches!(client.status(), Status::SignedIn(_)).then_some(());
    wait_for("the session, which is still there", signed_in).await;
}

#[wasm_bindgen_test]
async fn a_failed_login_is_remembered_on_the_callback_page_only() {
    let case = "access-denied~remembered";
    let tab = Tab::new();
    let (client, outcome) = outcome(&tab, case).await;
    assert_eq!(outcome, Err(ErrorCode::AccessDenied));
    tab.address.url.replace("http://localhost:7/shop/orders.html".to_owned());
    make_honest(case).await;
    client.sign_in(SignIn::new()).await.expect("the login begins");
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    tab.open(client.config()).start().await.expect("signed in");
    assert_eq!(tab.url(), "http://localhost:7/shop/orders.html", "back where it began");
}

#[wasm_bindgen_test]
async fn who_went_elsewhere_meanwhile_is_not_pulled_back() {
    let case = "honest~elsewhere";
    reset(case).await;
    let tab = Tab::new();
    let client = tab.go_and_come_back(&config(case)).await;
    let elsewhere = "http://localhost:7/shop/orders.html";
    let (outcome, ()) = join(client.start(), async {
        next_task().await;
        tab.address.url.replace(elsewhere.to_owned());
    })
    .await;
    assert!(matches!(outcome, Ok(Outcome::SignedIn { .. })), "{outcome:?}");
    assert_eq!((tab.url().as_str(), tab.address.announced.get()), (elsewhere, 0));
}

#[wasm_bindgen_test]
async fn r39_verifiers_do_not_outlive_their_ten_minutes() {
    let tab = Tab::new();
    let settings = config("honest~forgotten");
    tab.open(&settings).sign_in(SignIn::new()).await.expect("the login begins");
    tab.clock.0.set(tab.clock.0.get() + 601);
    let page = format!("{REDIRECT_URI}?code=SPRING");
    tab.address.url.replace(page.clone());
    assert_eq!(tab.open(&settings).start().await, Ok(Outcome::NoCallback));
    assert_eq!(tab.url(), page, "an app's own code is left alone");
    tab.address.url.replace(REDIRECT_URI.to_owned());
    assert_eq!(tab.open(&settings).start().await, Ok(Outcome::NoCallback));
    assert_eq!(tab.storage.pending(), Vec::<String>::new());
}

#[wasm_bindgen_test]
async fn an_apps_own_code_is_left_alone_where_storage_is_denied() {
    let tab = Tab::new();
    tab.storage.denied.set(true);
    let page = format!("{REDIRECT_URI}?code=SPRING");
    tab.address.url.replace(page.clone());
    assert_eq!(tab.open(&config("honest~denied-code")).start().await, Ok(Outcome::NoCallback));
    assert_eq!(tab.url(), page);
}

#[wasm_bindgen_test]
async fn a_listener_may_change_the_status_and_end_another() {
    let tab = Tab::new();
    let client = tab.go_and_come_back(&config("honest~listeners")).await;
    let heard = Rc::new(RefCell::new(Vec::new()));
    let second: Rc<RefCell<Option<pixy_login::client::Subscription>>> = Rc::default();
    let strict = client.clone();
    let first = client.subscribe(move |status| {
        if matches!(status, Status::SignedIn(_)) {
            strict.sign_out();
        }
    });
    let told = heard.clone();
    second.replace(Some(client.subscribe(move |status| {
        told.borrow_mut().push(matches!(status, Status::SignedIn(_)));
    })));
    client.start().await.expect("signed in for a moment");
    assert_eq!(heard.borrow().last(), Some(&false), "the last that is heard is what is");
    assert!(!heard.borrow().contains(&true));
    drop(first);
    let ends = second.clone();
    let _ending = client.subscribe(move |_| drop(ends.borrow_mut().take()));
    client.sign_out();
    let count = heard.borrow().len();
    client.sign_out();
    assert_eq!(heard.borrow().len(), count, "dropped, it hears no more");
}

#[wasm_bindgen_test]
async fn a_click_that_meets_a_failing_prefetch_tries_again() {
    let case = "t66-500~prefetch";
    reset(case).await;
    let tab = Tab::new();
    let client = tab.open(&config(case));
    let ((), left) = join(client.prefetch(), client.sign_in(SignIn::new())).await;
    assert_eq!(left.map_err(|error| error.code()), Err(ErrorCode::ProviderUnavailable));
    assert_eq!(record(case).await.count("discovery"), 2);
}

#[wasm_bindgen_test]
async fn a_listener_that_signs_out_at_once_is_obeyed() {
    let case = "honest~obeyed";
    reset(case).await;
    let tab = Tab::new();
    let client = tab.go_and_come_back(&config(case)).await;
    let strict = client.clone();
    let _listener = client.subscribe(move |status| {
        if matches!(status, Status::Leaving | Status::Busy) {
            strict.sign_out();
        }
    });
    assert_eq!(client.start().await, Ok(Outcome::CalledOff));
    assert!(client.session().is_none());
    let before = tab.address.left_for.borrow().len();
    assert_eq!(client.sign_in(SignIn::new()).await, Ok(()));
    assert_eq!(tab.address.left_for.borrow().len(), before, "the page stays");
}
