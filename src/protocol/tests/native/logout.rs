//! Signing out at the provider (RP-Initiated Logout).

use super::super::logout::returned_state;
use super::*;

const AFTERWARDS: &str = "https://app.example/shop/bye.html";

const ENDPOINT: &str = "https://id.example/logout";

/// A request at a provider with this `end_session_endpoint`.
fn request_to(
    endpoint: &str,
    config: &Config,
    hint: Option<&RawIdToken>,
    state: &State,
) -> LogoutRequest {
    let metadata = discover(&document_with("end_session_endpoint", json!(endpoint))).unwrap();
    LogoutRequest::new(&metadata, config, hint, None, state).unwrap().unwrap()
}

fn request(config: &Config, hint: Option<&RawIdToken>, state: &State) -> LogoutRequest {
    request_to(ENDPOINT, config, hint, state)
}

fn with_page(page: &str) -> Config {
    config().post_logout_redirect_uri(page).unwrap()
}

fn a_state() -> State {
    State::new("a-state")
}

fn owned(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

// RP-Initiated Logout section 2.
#[test]
fn r125_the_request_says_who_signs_out_and_where_to_go_then() {
    let hint = RawIdToken::new("a.b.c");
    let url = request(&with_page(AFTERWARDS), Some(&hint), &a_state()).url().unwrap();
    assert!(url.starts_with("https://id.example/logout?"), "{url}");
    let expected = [
        ("client_id", CLIENT_ID),
        ("id_token_hint", "a.b.c"),
        ("post_logout_redirect_uri", AFTERWARDS),
        ("state", "a-state"),
    ];
    assert_eq!(pairs(&url), owned(&expected));
    // A state without a way back would be of no use.
    let without = request(&config(), None, &a_state());
    assert_eq!(without.url().as_deref(), Some("https://id.example/logout?client_id=shop"));
}

// RFC 6749 section 3.1 asks the same of its endpoint.
#[test]
fn r125_a_query_of_the_endpoint_is_kept() {
    let endpoint = "https://id.example/logout?tenant=a%20b";
    let request = request_to(endpoint, &config(), None, &a_state());
    let expected = [("tenant", "a b"), ("client_id", CLIENT_ID)];
    assert_eq!(pairs(&request.url().unwrap()), owned(&expected));
}

// RP-Initiated Logout section 2: by GET or by POST. What is long is cut on its way or logged.
#[test]
fn r125_a_long_request_is_a_form() {
    let by_form = |length: usize| {
        let hint = RawIdToken::new(&"a".repeat(length));
        request(&with_page(AFTERWARDS), Some(&hint), &a_state())
    };
    let rest = by_form(0).url().unwrap().len();
    assert_eq!(by_form(2000 - rest).url().map(|url| url.len()), Some(2000));
    let long = by_form(2001 - rest);
    assert_eq!(long.url(), None);
    assert_eq!(long.endpoint().as_str(), ENDPOINT);
    let names: Vec<_> = long.fields().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["client_id", "id_token_hint", "post_logout_redirect_uri", "state"]);
    assert_eq!(long.fields()[1].1.len(), 2001 - rest);
}

// What the documents of these providers say.
#[test]
fn r125_a_provider_with_a_way_of_its_own() {
    let hint = RawIdToken::new("a.b.c");
    let way = |kind, metadata: &ProviderMetadata| {
        let config = with_page(AFTERWARDS).logout(kind);
        let request = LogoutRequest::new(metadata, &config, Some(&hint), None, &a_state()).unwrap();
        request.map(|request| request.url().unwrap())
    };
    let page = "https%3A%2F%2Fapp.example%2Fshop%2Fbye.html";
    let standard = discover(&document_with("end_session_endpoint", json!(ENDPOINT))).unwrap();
    let cognito = format!("https://id.example/logout?client_id=shop&logout_uri={page}");
    for metadata in [&metadata(), &standard] {
        assert_eq!(way(LogoutKind::Cognito, metadata).as_deref(), Some(&*cognito));
        assert_eq!(way(LogoutKind::None, metadata), None);
    }
    let auth0 = format!("https://id.example/v2/logout?client_id=shop&returnTo={page}");
    assert_eq!(way(LogoutKind::Auth0, &metadata()).as_deref(), Some(&*auth0));
    assert_eq!(way(LogoutKind::Auth0, &standard), way(LogoutKind::Standard, &standard));
    assert_eq!(way(LogoutKind::Standard, &metadata()), None);
}

// Okta and Spring Authorization Server show an error page without the hint.
#[test]
fn f30_a_provider_that_needs_an_id_token_is_not_gone_to_without_one() {
    let metadata = discover(&document_with("end_session_endpoint", json!(ENDPOINT))).unwrap();
    let config = with_page(AFTERWARDS).logout(LogoutKind::HintRequired);
    let token = RawIdToken::new("a.b.c");
    for token in [Some(&token), None] {
        let request = LogoutRequest::new(&metadata, &config, token, None, &a_state()).unwrap();
        assert_eq!(request.is_some(), token.is_some());
        let is_possible = LogoutRequest::is_possible(&metadata, &config, token.is_some());
        assert_eq!(is_possible, token.is_some());
    }
    // A vault gives no ID token away.
    assert!(!LogoutRequest::is_possible(&metadata, &config.clone().inside_vault(), true));
    let standard = config.logout(LogoutKind::Standard);
    assert!(LogoutRequest::is_possible(&metadata, &standard.clone().inside_vault(), false));
    assert_eq!(standard.clone().inside_vault().logout_kind(), LogoutKind::Standard);
}

// RP-Initiated Logout section 2: `logout_hint`, `ui_locales`, and what only the provider knows.
#[test]
fn r125_the_app_adds_what_the_provider_wants_to_know() {
    let metadata = discover(&document_with("end_session_endpoint", json!(ENDPOINT))).unwrap();
    let config = config().logout_parameter("ui_locales", "en").unwrap();
    let config = config.logout_parameter("ui_locales", "ja en").unwrap();
    let url = |config: &Config, hint| {
        let request = LogoutRequest::new(&metadata, config, None, hint, &a_state()).unwrap();
        request.unwrap().url().unwrap()
    };
    let expected = [("ui_locales", "ja en"), ("client_id", CLIENT_ID), ("logout_hint", "O.1")];
    assert_eq!(pairs(&url(&config, Some("O.1"))), owned(&expected));
    let cognito = config.clone().logout(LogoutKind::Cognito);
    assert_eq!(pairs(&url(&cognito, Some("O.1"))), owned(&expected[..2]));
    for (name, value) in [
        ("client_id", "x"),
        ("client_secret", "x"),
        ("id_token_hint", "x"),
        ("logout_hint", "x"),
        ("logout_uri", "x"),
        ("post_logout_redirect_uri", "x"),
        ("returnTo", "x"),
        ("state", "x"),
        ("", "x"),
        ("a b", "x"),
        ("a", ""),
    ] {
        let refused = config.clone().logout_parameter(name, value).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::InvalidConfig, "{name}");
    }
}

#[test]
fn debug_shows_neither_token_nor_state() {
    let hint = RawIdToken::new("very-secret");
    let state = State::new("very-secret");
    let request = request(&with_page(AFTERWARDS), Some(&hint), &state);
    assert!(!format!("{request:?}").contains("very-secret"));
}

// RP-Initiated Logout section 3.
#[test]
fn r125_the_state_comes_back_on_its_own_page_only() {
    let page = SecureUrl::parse(AFTERWARDS).unwrap();
    for (url, state) in [
        ("https://app.example/shop/bye.html?state=a-state", Some("a-state")),
        ("https://app.example/shop/bye.html?page=2&state=a%20%26+b#top", Some("a & b")),
        ("https://app.example/shop/bye.html?state=", Some("")),
        ("https://app.example/shop/bye.html", None),
        ("https://app.example/shop/bye.html?", None),
        ("https://app.example/shop/bye.html?State=a", None),
        ("https://app.example/shop/bye.html#?state=a", None),
        ("https://app.example/shop/bye.html#state=a", None),
        ("https://app.example/shop/bye.htm?state=a", None),
        ("https://app.example/shop/bye.html/?state=a", None),
        ("https://app.example/?state=a", None),
        ("https://evil.example/shop/bye.html?state=a", None),
        ("https://app.example@evil.example/shop/bye.html?state=a", None),
        ("http://app.example/shop/bye.html?state=a", None),
    ] {
        assert_eq!(returned_state(url, &page).as_deref(), state, "{url}");
    }
    // A query that was registered is part of neither.
    let page = SecureUrl::parse("https://app.example/shop/?bye").unwrap();
    let back = "https://app.example/shop/?bye&state=a";
    assert_eq!(returned_state(back, &page).as_deref(), Some("a"));
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn any_page_is_read_without_panic(page in any_text()) {
        prop_assert_eq!(returned_state(&page, &SecureUrl::parse(AFTERWARDS).unwrap()), None);
    }

    #[test]
    fn the_state_is_what_the_browser_would_read(query in any_text(), fragment in any_text()) {
        let page = SecureUrl::parse(AFTERWARDS).unwrap();
        // As the address bar shows it.
        let url = url::Url::parse(&format!("{AFTERWARDS}?{query}#{fragment}")).unwrap();
        let expected = value_of(url.as_str(), "state");
        prop_assert_eq!(returned_state(url.as_str(), &page), expected);
    }

    #[test]
    fn what_is_sent_comes_through_unchanged(
        hint in "[a-zA-Z0-9_.-]{0,2500}",
        state in any_text(),
        client_id in "[ -~]{1,30}",
    ) {
        let config = Config::new(ISSUER, &client_id, REDIRECT_URI).unwrap();
        let config = config.post_logout_redirect_uri(AFTERWARDS).unwrap();
        let request =
            request(&config, Some(&RawIdToken::new(&hint)), &State::new(&state));
        let expected = owned(&[
            ("client_id", &client_id),
            ("id_token_hint", &hint),
            ("post_logout_redirect_uri", AFTERWARDS),
            ("state", &state),
        ]);
        let fields = request.fields().iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        prop_assert_eq!(fields.collect::<Vec<_>>(), expected.clone());
        if let Some(url) = request.url() {
            prop_assert!(url.len() <= 2000);
            prop_assert_eq!(pairs(&url), expected);
        }
    }
}
