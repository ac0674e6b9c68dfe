//! Optional members that can't be used count as left out, and are named: those that are not there, or `null`, are
//! not.

use super::field::named;
use super::*;

#[test]
fn a_discovery_document_names_what_of_it_could_not_be_used() {
    let mut document = document();
    assert_eq!(discover(&document).unwrap().left_out(), [""; 0]);
    document["userinfo_endpoint"] = json!(["https://id.example/userinfo"]);
    document["revocation_endpoint"] = json!("http://id.example/revoke");
    document["end_session_endpoint"] = json!("");
    document["pushed_authorization_request_endpoint"] = json!(null);
    document["dpop_signing_alg_values_supported"] = json!("ES256");
    document["require_pushed_authorization_requests"] = json!("perhaps");
    let metadata = discover(&document).unwrap();
    assert_eq!(
        metadata.left_out(),
        [
            "dpop_signing_alg_values_supported",
            "require_pushed_authorization_requests",
            "userinfo_endpoint",
            "revocation_endpoint",
            "end_session_endpoint",
        ]
    );
    // What is stored is what was made of it.
    let cached = CachedMetadata { fetched: NOW, metadata: metadata.clone() };
    let stored = CachedMetadata::from_json(&cached.to_json()).unwrap().metadata;
    assert_eq!(stored, metadata);
    assert_eq!(stored.left_out(), [""; 0]);
}

#[test]
fn a_token_answer_names_what_of_it_could_not_be_used() {
    let mut body = token_answer();
    assert_eq!(exchange(&body).unwrap().left_out(), [""; 0]);
    body["expires_in"] = json!("soon");
    body["refresh_token"] = json!("");
    body["id_token"] = json!(null);
    assert_eq!(exchange(&body).unwrap().left_out(), ["expires_in", "refresh_token"]);
}

#[test]
fn an_id_token_names_what_of_it_could_not_be_used() {
    assert_eq!(named(&claims()).left_out(), [""; 0]);
    let mut claims = claims_with("auth_time", json!("yesterday"));
    claims["acr"] = json!(["gold"]);
    claims["at_hash"] = json!(7);
    claims["nbf"] = json!(null);
    claims["name"] = json!("Hanako");
    claims["email"] = json!({});
    assert_eq!(named(&claims).left_out(), ["email", "auth_time", "acr", "at_hash"]);
}

#[test]
fn a_profile_names_what_of_it_could_not_be_used() {
    let told = |body: serde_json::Value| {
        Profile::from_response(&answer(200, &body), None, None).unwrap().left_out()
    };
    assert_eq!(told(json!({ "sub": "1", "name": "Hanako", "picture": null })), [""; 0]);
    let body = json!({
        "sub": "1",
        "name": "",
        "email": 5,
        "email_verified": "perhaps",
        "picture": "javascript:alert(1)",
        "locale": "ja",
        "roles": {},
    });
    assert_eq!(told(body), ["name", "email", "email_verified", "picture"]);
    // What the app has mapped is there.
    let mapping = ProfileMapping::new("id").name("login");
    let body = json!({ "id": 1, "login": "hanako", "name": "" });
    let profile = Profile::from_response(&answer(200, &body), None, Some(&mapping)).unwrap();
    assert_eq!(profile.left_out(), [""; 0]);
}
