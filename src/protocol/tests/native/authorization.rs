//! The authorization request.

use super::*;

fn url() -> String {
    request_at(&config(), &metadata()).url().to_owned()
}

fn url_at(endpoint: &str) -> String {
    let metadata = discover(&document_with("authorization_endpoint", json!(endpoint))).unwrap();
    request_at(&config(), &metadata).url().to_owned()
}

fn url_for(config: &Config) -> String {
    request_at(config, &metadata()).url().to_owned()
}

// RFC 6749 section 4.1.1, RFC 9700 section 2.1.1.
#[test]
fn r01_the_request_asks_for_a_code_with_pkce() {
    let names: Vec<_> = pairs(&url()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "response_type",
            "client_id",
            "redirect_uri",
            "scope",
            "state",
            "nonce",
            "code_challenge",
            "code_challenge_method",
        ]
    );
    assert_eq!(value_of(&url(), "response_type").as_deref(), Some("code"));
    assert_eq!(value_of(&url(), "scope").as_deref(), Some("openid profile email"));
    assert!(url().starts_with("https://id.example/authorize?"));
}

// RFC 7636 sections 4.2, 4.3 and 7.2.
#[test]
fn r03_the_challenge_is_s256_of_the_kept_verifier() {
    let request = request_at(&config(), &metadata());
    let challenge = request.pending_login().code_verifier.challenge();
    assert_eq!(value_of(&request.url(), "code_challenge").as_deref(), Some(challenge.as_str()));
    assert_eq!(value_of(&request.url(), "code_challenge_method").as_deref(), Some("S256"));
}

// RFC 9700 section 2.1.1.
#[test]
fn r04_each_login_has_its_own_state_nonce_and_verifier() {
    let begin = |random: &RandomValues| {
        let config = config();
        AuthorizationRequest::new(&config, &metadata(), wish(&config), random, NOW).unwrap()
    };
    let (first, second) = (
        begin(&random()),
        begin(&RandomValues { code_verifier: [13; 32], state: [11; 32], nonce: [12; 32] }),
    );
    let values = |request: &AuthorizationRequest| {
        ["state", "nonce", "code_challenge"].map(|name| value_of(&request.url(), name).unwrap())
    };
    let all = [values(&first), values(&second)].concat();
    for (index, value) in all.iter().enumerate() {
        assert_eq!(value.len(), 43);
        assert!(!all[..index].contains(value), "{value} twice");
    }
}

// RFC 9700 section 2.1, RFC 8414 section 2: left out means not supported.
#[test]
fn r05_without_pkce_at_the_provider_there_is_no_request() {
    for methods in [json!(null), json!([]), json!(["plain"]), json!(["s256"]), json!(["S256 "])] {
        let name = "code_challenge_methods_supported";
        let metadata = discover(&document_with(name, methods.clone())).unwrap();
        let begin = |config: &Config| {
            AuthorizationRequest::new(config, &metadata, wish(config), &random(), NOW)
        };
        assert_eq!(begin(&config()).unwrap_err().code(), ErrorCode::PkceNotSupported, "{methods}");
        let promised = begin(&config().pkce_is_documented()).unwrap();
        assert_eq!(value_of(&promised.url(), "code_challenge_method").as_deref(), Some("S256"));
    }
}

// RFC 6749 section 10.12, OAuth 2.1 section 4.1.1.
#[test]
fn r07_the_state_is_256_random_bits_and_nothing_else() {
    let state = value_of(&url(), "state").unwrap();
    assert_eq!(URL_SAFE_NO_PAD.decode(state).unwrap(), [1; 32]);
}

// RFC 6749 sections 3.1.2 and 3.1.2.3.
#[test]
fn r09_the_redirect_uri_is_absolute_and_always_sent_as_registered() {
    assert_eq!(value_of(&url(), "redirect_uri").as_deref(), Some(REDIRECT_URI));
    for refused in
        ["/callback.html", "callback.html", "https://app.example/#", "https://app.example/cb#x"]
    {
        let error = Config::new(ISSUER, CLIENT_ID, refused).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InsecureUrl, "{refused}");
    }
}

// RFC 9700 section 2.1: compared to the letter, and the browser comes back in its own spelling.
#[test]
fn r09_a_redirect_uri_in_another_spelling_than_the_browsers_is_refused() {
    for (written, right) in [
        ("https://app.example", "https://app.example/"),
        ("https://app.example?a=b", "https://app.example/?a=b"),
        ("https://APP.example/cb", "https://app.example/cb"),
        ("https://app.example:443/cb", "https://app.example/cb"),
    ] {
        let error = Config::new(ISSUER, CLIENT_ID, written).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidConfig);
        assert!(error.subject().unwrap().ends_with(right), "{error}");
        assert!(Config::new(ISSUER, CLIENT_ID, right).is_ok());
    }
}

// RFC 6749 section 3.1.
#[test]
fn r10_no_parameter_stands_twice_and_none_is_empty() {
    let no_scope = config().scope("").unwrap();
    for url in [
        url(),
        url_for(&no_scope),
        url_at("https://id.example/a?scope=x&nonce=y&state=&client_id=evil"),
    ] {
        let names: Vec<_> = pairs(&url).into_iter().map(|(name, _)| name).collect();
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len(), "{url}");
        assert!(pairs(&url).iter().all(|(_, value)| !value.is_empty()), "{url}");
    }
    assert_eq!(value_of(&url_for(&no_scope), "scope"), None);
}

// RFC 6749 section 3.1: a query of the endpoint is kept, without names that are ours. What the provider
// wrote twice itself stays twice.
#[test]
fn r11_a_query_of_the_endpoint_is_kept() {
    let url = url_at(
        "https://id.example/authorize?tenant=a%20b%26c&x=1&x=2&state=evil&client_id=evil&%73cope=evil",
    );
    let all = pairs(&url);
    let first: Vec<_> =
        all.iter().take(3).map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(first, [("tenant", "a b&c"), ("x", "1"), ("x", "2")]);
    assert!(!url.contains("evil"), "{url}");
    assert_eq!(all.len(), 3 + 8);
    assert!(url_at("https://id.example/authorize?").contains("/authorize?response_type=code&"));
}

// OpenID Connect Core 3.1.2.1: a nonce goes with `openid` only, also none from the endpoint's query.
#[test]
fn r15_the_nonce_goes_with_openid() {
    assert_eq!(value_of(&url(), "nonce").unwrap(), login().nonce.expose());
    let oauth = config().scope("profile openid2").unwrap();
    assert_eq!(value_of(&url_for(&oauth), "nonce"), None);
}

// OpenID Connect Core 3.1.2.1.
#[test]
fn r14_openid_decides_which_discovery_document_is_read() {
    assert_eq!(config().discovery_kind(), DiscoveryKind::OpenIdConnect);
    let oauth = config().scope("repo").unwrap();
    assert_eq!(oauth.discovery_kind(), DiscoveryKind::OAuth);
    let chosen = oauth.discovery(DiscoveryKind::OpenIdConnect);
    assert_eq!(chosen.discovery_kind(), DiscoveryKind::OpenIdConnect);
}

// RFC 9700 section 4.3.2.
#[test]
fn r19_nothing_secret_stands_in_the_address() {
    let request = request_at(&config(), &metadata());
    assert!(!request.url().contains(request.pending_login().code_verifier.expose()));
    assert!(!request.url().contains("secret"));
}

// RFC 6749 appendix A.1: any visible characters and spaces, which must come through unchanged.
#[test]
fn odd_client_ids_come_through_and_impossible_ones_are_refused() {
    for odd in [
        " ",
        "a b",
        "a&b=c",
        "a#b?c/d",
        "%20",
        "+",
        "\"'<>\\^`{|}~",
        "https://app.example/client.json",
    ] {
        let config = Config::new(ISSUER, odd, REDIRECT_URI).unwrap();
        assert_eq!(value_of(&url_for(&config), "client_id").as_deref(), Some(odd));
    }
    for refused in ["", "a\nb", "\0", "a\u{7f}", "é", "日本", "\u{202e}a"] {
        let error = Config::new(ISSUER, refused, REDIRECT_URI).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidConfig, "{refused:?}");
    }
}

#[test]
fn debug_hides_state_nonce_and_verifier() {
    let request = request_at(&config(), &metadata());
    for shown in [
        format!("{request:?}"),
        format!("{:#?}", request.pending_login()),
        format!("{:?}", random()),
    ] {
        assert!(secrets().iter().all(|secret| !shown.contains(secret)), "{shown}");
        assert!(!shown.contains("[3, 3"), "{shown}");
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn our_parameters_are_what_they_should_be_at_any_endpoint(
        query in "[a-zA-Z0-9&=%+._~!()*,;:@/?-]{0,60}",
        client_id in "[ -~]{1,40}",
        wanted in "[!#-\\[\\]-~]{1,20}( [!#-\\[\\]-~]{1,20}){0,3}",
        values: [[u8; 32]; 3],
    ) {
        let endpoint = format!("https://id.example/authorize?{query}");
        let metadata = discover(&document_with("authorization_endpoint", json!(endpoint))).unwrap();
        let config = Config::new(ISSUER, &client_id, REDIRECT_URI).unwrap();
        let random = RandomValues { code_verifier: values[0], state: values[1], nonce: values[2] };
        let wanted = scope(&wanted);
        let wish = Wish { scope: wanted.clone(), ..wish(&config) };
        let request = AuthorizationRequest::new(&config, &metadata, wish, &random, NOW).unwrap();
        let all = pairs(&request.url());
        let once = |name: &str| {
            let found: Vec<_> = all.iter().filter(|(known, _)| known == name).collect();
            (found.len() == 1).then(|| found[0].1.clone())
        };
        let login = request.pending_login();
        prop_assert_eq!(once("client_id"), Some(client_id));
        prop_assert_eq!(once("redirect_uri"), Some(REDIRECT_URI.to_owned()));
        prop_assert_eq!(once("response_type"), Some("code".to_owned()));
        prop_assert_eq!(once("scope"), Some(wanted.to_string()));
        prop_assert_eq!(once("state"), Some(login.state.expose().to_owned()));
        prop_assert_eq!(once("code_challenge"), Some(login.code_verifier.challenge().as_str().to_owned()));
        prop_assert!(request.url().starts_with("https://id.example/authorize?"));
        prop_assert!(!request.url().contains('#'));
    }
}
