//! The discovery document.

use super::*;

/// The endpoints that a provider may do without.
const OPTIONAL: [&str; 5] = [
    "userinfo_endpoint",
    "jwks_uri",
    "pushed_authorization_request_endpoint",
    "revocation_endpoint",
    "end_session_endpoint",
];

fn endpoint<'a>(metadata: &'a ProviderMetadata, name: &str) -> Option<&'a str> {
    let endpoint = match name {
        "userinfo_endpoint" => metadata.userinfo_endpoint(),
        "jwks_uri" => metadata.jwks_uri(),
        "pushed_authorization_request_endpoint" => metadata.pushed_authorization_request_endpoint(),
        "revocation_endpoint" => metadata.revocation_endpoint(),
        "end_session_endpoint" => metadata.end_session_endpoint(),
        _ => panic!("{name}"),
    };
    endpoint.map(SecureUrl::as_str)
}

/// A document with everything that is read.
fn full_document() -> serde_json::Value {
    let mut document = document();
    for name in OPTIONAL {
        document[name] = json!(format!("https://id.example/{name}"));
    }
    document["id_token_signing_alg_values_supported"] = json!(["ES256", "none", "PS512", "EdDSA"]);
    document["dpop_signing_alg_values_supported"] = json!(["RS256", "ES256"]);
    document["require_pushed_authorization_requests"] = json!(true);
    document["authorization_response_iss_parameter_supported"] = json!(true);
    document
}

fn algorithms(value: serde_json::Value) -> Result<Vec<&'static str>, ErrorCode> {
    let document = document_with("id_token_signing_alg_values_supported", value);
    let metadata = discover(&document).map_err(|error| error.code())?;
    Ok(metadata.signing_algorithms().iter().map(|algorithm| algorithm.name()).collect())
}

fn refusal(document: &serde_json::Value) -> ErrorCode {
    discover(document).unwrap_err().code()
}

fn refusal_raw(response: &ServerResponse) -> ErrorCode {
    ProviderMetadata::from_response(&Issuer::parse(ISSUER).unwrap(), response).unwrap_err().code()
}

#[test]
fn an_honest_document_is_read() {
    let metadata = metadata();
    assert_eq!(metadata.issuer().as_str(), ISSUER);
    assert_eq!(metadata.authorization_endpoint().as_str(), "https://id.example/authorize");
    assert_eq!(metadata.token_endpoint().as_str(), "https://id.example/token");
    assert_eq!(metadata.userinfo_endpoint().unwrap().as_str(), "https://id.example/userinfo");
    assert!(metadata.supports_pkce());
    assert!(!metadata.always_names_issuer());
    assert!(metadata_with_iss().always_names_issuer());
}

// RFC 8414 section 3.1, OpenID Connect Discovery 4.1: the kind is chosen, never mixed.
#[test]
fn r77_each_kind_has_its_own_place() {
    let issuer = Issuer::parse("https://id.example/tenant/").unwrap();
    assert_eq!(
        DiscoveryKind::OpenIdConnect.url(&issuer),
        "https://id.example/tenant/.well-known/openid-configuration"
    );
    assert_eq!(
        DiscoveryKind::OAuth.url(&issuer),
        "https://id.example/.well-known/oauth-authorization-server/tenant"
    );
}

// RFC 8414 section 3.2, OpenID Connect Discovery 4.2.
#[test]
fn r78_only_200_and_json_are_read() {
    for status in [0, 100, 201, 204, 206, 301, 304, 307, 400, 401, 404] {
        assert_eq!(
            refusal_raw(&answer(status, &document())),
            ErrorCode::DiscoveryNotFound,
            "{status}"
        );
    }
    for status in [429, 500, 502, 503, 599] {
        assert_eq!(
            refusal_raw(&answer(status, &document())),
            ErrorCode::ProviderUnavailable,
            "{status}"
        );
    }
    for content_type in [None, Some("text/html"), Some("text/json"), Some("application/jwt")] {
        let mut response = answer(200, &document());
        response.content_type = content_type.map(str::to_owned);
        // Refused all the same, but it is JSON.
        assert_eq!(refusal_raw(&response), ErrorCode::DiscoveryInvalid, "{content_type:?}");
    }
}

// RFC 8414 sections 3.3 and 4, OpenID Connect Discovery 4.3.
#[test]
fn r79_the_issuer_is_compared_to_the_letter() {
    for other in [
        "https://id.example/",
        "https://ID.example",
        "https://id.example:443",
        "http://id.example",
        "https://id.example ",
        "https://evil.example",
        "https://id.example/tenant",
        "https://id.exampl\u{435}",
        "",
    ] {
        assert_eq!(
            refusal(&document_with("issuer", json!(other))),
            ErrorCode::DiscoveryIssuerMismatch,
            "{other}"
        );
    }
    for wrong in [json!(null), json!(1), json!([ISSUER])] {
        assert_eq!(refusal(&document_with("issuer", wrong)), ErrorCode::DiscoveryInvalid);
    }
}

// RFC 8414 section 6.2: with another issuer, nothing else of the document counts.
#[test]
fn r79_the_issuer_is_compared_before_anything_else() {
    let document =
        json!({ "issuer": "https://evil.example", "token_endpoint": "javascript:alert(1)" });
    assert_eq!(refusal(&document), ErrorCode::DiscoveryIssuerMismatch);
}

/// The endpoints without which nobody signs in, or is believed.
const NEEDED: [&str; 3] = ["authorization_endpoint", "token_endpoint", "jwks_uri"];

/// A needed endpoint that can't be used is an error; any other one counts as left out.
fn is_not_used(name: &str, value: serde_json::Value, code: ErrorCode) {
    let document = document_with(name, value);
    if !NEEDED.contains(&name) {
        assert_eq!(endpoint(&discover(&document).unwrap(), name), None, "{document}");
    } else if document[name] == json!("") && name == "jwks_uri" {
        assert_eq!(endpoint(&discover(&document).unwrap(), name), None);
    } else {
        assert_eq!(refusal(&document), code, "{document}");
    }
}

// RFC 8414 sections 2 and 6.1; the loopback is for development.
#[test]
fn r80_endpoints_are_https_or_on_this_machine() {
    for name in ["authorization_endpoint", "token_endpoint"].into_iter().chain(OPTIONAL) {
        for refused in [
            "http://id.example/x",
            "HTTP://id.example/x",
            "javascript:alert(1)",
            "data:text/html,x",
            "blob:https://id.example/x",
            "file:///etc/passwd",
            "ws://id.example/",
            "//id.example/x",
            "/x",
            "",
            "https://user:password@id.example/x",
            "https://id.example/x#fragment",
            "https://id.example/x#",
            "https:///x",
            "https://id.example:0x1bb/x",
        ] {
            is_not_used(name, json!(refused), ErrorCode::InsecureUrl);
        }
        let accepted = document_with(name, json!("https://other.example/x?p=policy"));
        assert!(discover(&accepted).is_ok(), "{name}");
        // Plain ones are for a provider that is on this very machine itself.
        for plain in ["http://localhost:9400/x", "http://127.0.0.1:1/x"] {
            let mut document = document_with(name, json!(plain));
            is_not_used(name, json!(plain), ErrorCode::InsecureUrl);
            document["issuer"] = json!("http://localhost:9400");
            let issuer = Issuer::parse("http://localhost:9400").unwrap();
            let read = ProviderMetadata::from_response(&issuer, &answer(200, &document));
            assert!(read.is_ok(), "{name} {plain}");
        }
        for wrong in [json!(1), json!([]), json!({}), json!(["https://id.example/x"])] {
            is_not_used(name, wrong, ErrorCode::DiscoveryInvalid);
        }
    }
    for needed in ["authorization_endpoint", "token_endpoint"] {
        let error = discover(&document_with(needed, json!(null))).unwrap_err();
        assert_eq!((error.code(), error.subject()), (ErrorCode::DiscoveryInvalid, Some(needed)));
    }
    for name in OPTIONAL {
        let without = discover(&document_with(name, json!(null))).unwrap();
        assert_eq!(endpoint(&without, name), None, "{name}");
    }
}

#[test]
fn a_full_document_is_read_whole() {
    let metadata = discover(&full_document()).unwrap();
    for name in OPTIONAL {
        let url = format!("https://id.example/{name}");
        assert_eq!(endpoint(&metadata, name), Some(url.as_str()));
    }
    assert!(metadata.supports_dpop() && metadata.requires_par());
    assert!(metadata.supports_pkce() && metadata.always_names_issuer());
    let none = self::metadata();
    assert!(!none.supports_dpop() && !none.requires_par());
}

// OpenID Connect Core 3.1.3.7 (7) and (8): RS256 where nothing is announced, and never what a public
// client can't check.
#[test]
fn r87_the_announced_algorithms_are_those_that_count() {
    assert_eq!(algorithms(json!(null)), Ok(vec!["RS256"]));
    assert_eq!(algorithms(json!(["RS256"])), Ok(vec!["RS256"]));
    let several = json!(["ES384", "none", "HS256", "EdDSA", "ES256K", "RS256"]);
    assert_eq!(algorithms(several), Ok(vec!["ES384", "Ed25519", "RS256"]));
    assert_eq!(algorithms(json!(["none", "HS256", "HS512"])), Ok(vec![]));
    // What can't be used counts as left out.
    for none in [json!("ES256"), json!([1]), json!(["RS256", null]), json!({}), json!(true)] {
        assert_eq!(algorithms(none), Ok(vec!["RS256"]));
    }
}

// RFC 9449 section 5.1: the proofs of this client are of ES256.
#[test]
fn dpop_is_supported_where_es256_is_announced_for_it() {
    let supports = |value| {
        let document = document_with("dpop_signing_alg_values_supported", value);
        discover(&document).map(|metadata| metadata.supports_dpop()).map_err(|error| error.code())
    };
    assert_eq!(supports(json!(["ES256"])), Ok(true));
    for without in [json!(null), json!([]), json!(["RS256", "ES384"]), json!(["es256"])] {
        assert_eq!(supports(without), Ok(false));
    }
    for none in [json!("ES256"), json!([1]), json!({})] {
        assert_eq!(supports(none), Ok(false));
    }
}

// RFC 8414 section 3.2: empty lists and unknown members are no error.
#[test]
fn r83_empty_lists_and_unknown_members_are_tolerated() {
    let document = document_with("x-something", json!([[], {}, null]));
    assert_eq!(discover(&document).unwrap(), metadata());
    assert!(discover(&document_with("response_types_supported", json!([]))).is_ok());
    assert!(discover(&document_with("response_types_supported", json!(null))).is_ok());
    let no_methods = document_with("code_challenge_methods_supported", json!([]));
    assert!(!discover(&no_methods).unwrap().supports_pkce());
}

// RFC 8414 section 2.
#[test]
fn a_provider_without_the_code_flow_is_refused() {
    for types in [json!(["token"]), json!(["code id_token"]), json!(["token", 1])] {
        let refused = refusal(&document_with("response_types_supported", types));
        assert_eq!(refused, ErrorCode::DiscoveryInvalid);
    }
    for types in [json!("code"), json!(["code", 1]), json!([1])] {
        assert!(discover(&document_with("response_types_supported", types)).is_ok());
    }
}

// RFC 9207 section 3, RFC 9126 section 5: Booleans.
#[test]
fn promises_are_booleans_also_as_text() {
    let promises = |value: serde_json::Value| {
        let iss = "authorization_response_iss_parameter_supported";
        let mut document = document_with(iss, value.clone());
        document["require_pushed_authorization_requests"] = value;
        let metadata = discover(&document).unwrap();
        assert_eq!(metadata.always_names_issuer(), metadata.requires_par());
        metadata.requires_par()
    };
    assert!(promises(json!(true)) && promises(json!("true")));
    for no in [json!(false), json!("false"), json!("yes"), json!(1), json!([]), json!(null)] {
        assert!(!promises(no));
    }
}

// RFC 8259 section 4: which of the two would count is anybody's guess.
#[test]
fn a_member_that_stands_twice_is_refused() {
    let text = document().to_string();
    for twice in [
        text.replacen('{', r#"{"token_endpoint":"https://evil.example/token","#, 1),
        text.replacen('{', r#"{"unknown":1,"unknown":2,"#, 1),
        text.replacen('{', r#"{"token\u005fendpoint":"https://evil.example/token","#, 1),
        text.replacen('{', r#"{"deep":{"x":1,"x":1},"#, 1),
    ] {
        assert_eq!(refusal_raw(&raw_answer(200, twice)), ErrorCode::DiscoveryInvalid);
    }
}

#[test]
fn documented_endpoints_are_checked_and_promise_nothing() {
    let config = config().endpoints("https://id.example/a", "https://id.example/t").unwrap();
    let given = config.given_metadata().unwrap();
    assert!(!given.supports_pkce() && !given.always_names_issuer());
    assert!(!given.supports_dpop() && !given.requires_par());
    assert!(OPTIONAL.iter().all(|name| endpoint(given, name).is_none()));
    assert_eq!(given.signing_algorithms(), [Algorithm::DEFAULT]);
    assert_eq!(given.issuer().as_str(), ISSUER);
    for (authorization, token) in [
        ("http://id.example/a", "https://id.example/t"),
        ("https://id.example/a", "javascript:alert(1)"),
    ] {
        let error = self::config().endpoints(authorization, token).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InsecureUrl);
    }
}

#[test]
fn kept_metadata_is_checked_again() {
    let none_known = document_with("id_token_signing_alg_values_supported", json!(["none"]));
    for document in [document(), full_document(), none_known] {
        let cached = CachedMetadata { fetched: NOW, metadata: discover(&document).unwrap() };
        assert_eq!(CachedMetadata::from_json(&cached.to_json()), Some(cached.clone()));
    }
    let cached = CachedMetadata { fetched: NOW, metadata: metadata_with_iss() };
    let tampered =
        cached.to_json().replace("https://id.example/token", "http://evil.example/token");
    assert_eq!(CachedMetadata::from_json(&tampered), None);
    for broken in ["", "{}", "null", "[]", r#"{"fetched":-1}"#] {
        assert_eq!(CachedMetadata::from_json(broken), None, "{broken}");
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_damaged_document_is_refused_or_still_safe(body in damaged(full_document().to_string())) {
        let issuer = Issuer::parse(ISSUER).unwrap();
        if let Ok(metadata) = ProviderMetadata::from_response(&issuer, &raw_answer(200, body)) {
            prop_assert_eq!(metadata.issuer(), &issuer);
            let endpoints = [metadata.authorization_endpoint(), metadata.token_endpoint()];
            let optional = OPTIONAL.iter().filter_map(|name| endpoint(&metadata, name));
            for endpoint in endpoints.map(SecureUrl::as_str).into_iter().chain(optional) {
                let url = url::Url::parse(endpoint).unwrap();
                prop_assert_eq!(url.scheme(), "https");
            }
            let cached = CachedMetadata { fetched: NOW, metadata };
            prop_assert_eq!(CachedMetadata::from_json(&cached.to_json()), Some(cached.clone()));
        }
    }

    #[test]
    fn any_endpoint_is_refused_or_safe(endpoint in any_text(), prefix in prop::sample::select(vec!["", "https://", "http://localhost"])) {
        let endpoint = [prefix, &endpoint].concat();
        if let Ok(metadata) = discover(&document_with("token_endpoint", json!(endpoint))) {
            let url = url::Url::parse(metadata.token_endpoint().as_str());
            prop_assert!(url.is_ok_and(|url| url.username().is_empty() && url.fragment().is_none()));
        }
    }

    #[test]
    fn any_bytes_are_read_without_panic(body: Vec<u8>, status: u16, text in any_text()) {
        let issuer = Issuer::parse(ISSUER).unwrap();
        prop_assert!(ProviderMetadata::from_response(&issuer, &raw_answer(status, body)).is_err());
        prop_assert_eq!(CachedMetadata::from_json(&text), None);
    }
}
