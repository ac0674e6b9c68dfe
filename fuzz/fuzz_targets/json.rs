//! Bodies of answers: discovery document, token response, profile.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pixy_login::protocol::{
    CachedMetadata, Error, Issuer, Profile, ProviderMetadata, Scope, SecureUrl, ServerResponse,
    TokenResponse,
};
use pixy_login_fuzz::{ISSUER, NOW, assert_presentable, is_acting, json};
use serde_json::Value;

const YEAR: u64 = 365 * 24 * 3600;

fuzz_target!(|body: &[u8]| {
    let answer = json(body);
    if let Some(metadata) = judge(body, "issuer", discovery) {
        assert_discovery(&metadata, &value(body));
    }
    if let Some(token) = judge(body, "access_token", token_response) {
        assert_token_response(&token, &value(body));
    }
    if let Some(profile) = judge(body, "sub", profile) {
        assert_profile(&profile, &value(body));
    }
    // An app's own types are read by the same rules of form.
    if answer.json::<Value>().is_ok() {
        assert!(answer_of("text/html", body).json::<Value>().is_err());
    }
});

fn discovery(answer: &ServerResponse) -> Result<ProviderMetadata, Error> {
    ProviderMetadata::from_response(&Issuer::parse(ISSUER).unwrap(), answer)
}

fn token_response(answer: &ServerResponse) -> Result<TokenResponse, Error> {
    TokenResponse::from_response(answer, &Scope::parse("openid").unwrap())
}

fn profile(answer: &ServerResponse) -> Result<Profile, Error> {
    Profile::from_response(answer, None, None)
}

/// What is accepted is refused as soon as its form is broken.
fn judge<T>(body: &[u8], member: &str, read: fn(&ServerResponse) -> Result<T, Error>) -> Option<T> {
    let accepted = match read(&json(body)) {
        Ok(accepted) => accepted,
        Err(error) => {
            assert_presentable(&error);
            return None;
        }
    };
    let text = std::str::from_utf8(body).unwrap();
    let rest = text.trim_start().strip_prefix('{').unwrap();
    for broken in [
        format!("{text} x"),
        format!("\u{feff}{text}"),
        format!("[{text}]"),
        format!("{{\"again\":1,\"again\":2,{rest}"),
        format!("{{\"deep\":[{{\"again\":1,\"again\":2}}],{rest}"),
    ] {
        assert!(read(&json(broken.as_bytes())).is_err(), "accepted: {broken:?}");
    }
    if value(body).get(member).is_some() {
        let twice = format!("{{\"{member}\":null,{rest}");
        assert!(read(&json(twice.as_bytes())).is_err(), "accepted: {twice:?}");
    }
    assert!(read(&answer_of("text/html", body)).is_err(), "accepted as HTML");
    assert!(read(&ServerResponse { status: 500, ..json(body) }).is_err(), "accepted at 500");
    Some(accepted)
}

fn answer_of(content_type: &str, body: &[u8]) -> ServerResponse {
    ServerResponse { content_type: Some(content_type.to_owned()), ..json(body) }
}

/// The body in the eyes of another reader.
fn value(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

fn assert_discovery(metadata: &ProviderMetadata, document: &Value) {
    assert_eq!(document["issuer"], ISSUER);
    assert_eq!(metadata.issuer().as_str(), ISSUER);
    for (name, endpoint) in [
        ("authorization_endpoint", Some(metadata.authorization_endpoint())),
        ("token_endpoint", Some(metadata.token_endpoint())),
        ("userinfo_endpoint", metadata.userinfo_endpoint()),
        ("jwks_uri", metadata.jwks_uri()),
        ("pushed_authorization_request_endpoint", metadata.pushed_authorization_request_endpoint()),
        ("revocation_endpoint", metadata.revocation_endpoint()),
        ("end_session_endpoint", metadata.end_session_endpoint()),
    ] {
        assert_eq!(endpoint, usable(&document[name]).as_ref(), "{name}");
    }
    let lists = |name: &str, value: &str| {
        document[name].as_array().is_some_and(|list| list.iter().any(|item| item == value))
    };
    assert_eq!(metadata.supports_pkce(), lists("code_challenge_methods_supported", "S256"));
    assert_eq!(metadata.supports_dpop(), lists("dpop_signing_alg_values_supported", "ES256"));
    let par = &document["require_pushed_authorization_requests"];
    assert_eq!(metadata.requires_par(), is_true(par));
    for algorithm in metadata.signing_algorithms().iter().map(|algorithm| algorithm.name()) {
        let announced = "id_token_signing_alg_values_supported";
        assert!(
            lists(announced, algorithm)
                || (algorithm == "Ed25519" && lists(announced, "EdDSA"))
                || (algorithm == "RS256" && names_none(&document[announced])),
            "{algorithm}"
        );
    }
    let cached = CachedMetadata { fetched: NOW, metadata: metadata.clone() };
    assert_eq!(CachedMetadata::from_json(&cached.to_json()).as_ref(), Some(&cached));
}

/// The endpoint that is written there, if it can be called.
fn usable(written: &Value) -> Option<SecureUrl> {
    let url = SecureUrl::parse(written.as_str()?).ok()?;
    // The provider is not on this very machine.
    url.as_str().starts_with("https:").then_some(url)
}

/// `true`, also as text.
fn is_true(value: &Value) -> bool {
    *value == true || *value == "true"
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a list has no text, or is none: as good as left out.
fn names_none(list: &Value) -> bool {
    list.as_array().is_none_or(|list| !list.iter().any(Value::is_string))
}

fn assert_token_response(token: &TokenResponse, answer: &Value) {
    assert!(answer["error"].is_null());
    let access_token = answer["access_token"].as_str().unwrap();
    assert!(!access_token.is_empty() && access_token.bytes().all(|byte| byte.is_ascii_graphic()));
    // Left out, it is a bearer token.
    let token_type = &answer["token_type"];
    let token_type = if token_type.is_null() { "Bearer" } else { token_type.as_str().unwrap() };
    assert!(token_type.eq_ignore_ascii_case(token.token_type().scheme()));
    assert!(token.expires_in().is_none_or(|seconds| seconds <= YEAR));
    let life = &answer["expires_in"];
    let is_number = life.as_f64().is_some_and(|seconds| seconds >= 0.0);
    assert_eq!(token.expires_in().is_some(), is_number || life.as_str().is_some_and(is_digits));
    let granted = answer["scope"].as_str().unwrap_or("openid");
    assert_eq!(*token.scope(), Scope::parse(granted).unwrap());
    // Longer than the words around it.
    if access_token.len() > 30 && !granted.contains(access_token) {
        assert!(!format!("{token:?}").contains(access_token), "the token is shown");
    }
}

fn assert_profile(profile: &Profile, answer: &Value) {
    let subject = profile.subject();
    assert!(!subject.is_empty() && subject.len() <= 255);
    // OAuth-only providers number their people.
    let written = |member: &Value| member.as_str().map_or(member.to_string(), str::to_owned);
    assert!([&answer["sub"], &answer["id"]].into_iter().any(|member| written(member) == subject));
    for (name, claim) in profile.claims() {
        assert!(!name.chars().any(is_acting), "{name:?}");
        assert!(!claim.chars().any(is_acting), "{claim:?}");
        assert!(claim.chars().count() <= 1000);
    }
    // A claim is the member of exactly this name.
    assert_eq!(profile.email_verified(), is_true(&answer["email_verified"]));
    for name in ["name", "email", "preferred_username", "picture"] {
        let written = answer[name].as_str().is_some_and(|text| !text.is_empty());
        assert_eq!(profile.text(name).is_some(), written, "{name}");
    }
    assert!(profile.name().is_none_or(|name| !name.is_empty()));
}
