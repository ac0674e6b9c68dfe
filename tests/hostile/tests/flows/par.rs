//! Pushed authorization requests, there and back.

use serde_json::json;

use crate::client::{Answer, Client, REDIRECT_URI, code_grant, text};
use crate::dpop::ProofKey;

const REQUEST: [(&str, &str); 4] = [
    ("client_id", "pixy"),
    ("redirect_uri", REDIRECT_URI),
    ("state", "S"),
    ("scope", "openid mail"),
];

fn authorize(client: &Client, request_uri: &str, more: &str) -> Answer {
    client.get(&format!("authorize?client_id=pixy&request_uri={request_uri}{more}"), &[])
}

#[test]
fn a_pushed_request_is_read_back_once() {
    let client = Client::of("par-required");
    let pushed = client.post("par", &[], &REQUEST);
    assert_eq!((pushed.status, &pushed.json()["expires_in"]), (201, &json!(60)));
    let request_uri = text(&pushed.json(), "request_uri");
    let answer = authorize(&client, &request_uri, "");
    assert_eq!(answer.returned("state").as_deref(), Some("S"));
    let code = answer.returned("code").expect("a code");
    assert_eq!(client.post("token", &[], &code_grant(&code)).json()["scope"], "openid mail");
    assert_eq!(client.violations(), [""; 0]);

    assert_eq!(authorize(&client, &request_uri, "").status, 400);
    assert_eq!(client.violations(), ["authorize: the request_uri was used before"]);
}

#[test]
fn a_request_that_says_more_is_refused_and_noted() {
    let client = Client::of("par");
    let request_uri = text(&client.post("par", &[], &REQUEST).json(), "request_uri");
    assert_eq!(authorize(&client, &request_uri, "&scope=openid").status, 400);
    assert_eq!(client.get(&format!("authorize?request_uri={request_uri}"), &[]).status, 400);
    assert_eq!(authorize(&client, "javascript:alert(1)", "").status, 400);
    assert_eq!(client.violations().len(), 3);
}

#[test]
fn a_plain_request_is_refused_where_pushing_is_required() {
    let query = format!("authorize?client_id=pixy&redirect_uri={REDIRECT_URI}&state=S");
    for (case, status) in [("par", 302), ("par-required", 400), ("t81-error-required", 400)] {
        let client = Client::of(case);
        assert_eq!(client.get(&query, &[]).status, status, "{case}");
        assert_eq!(client.violations().is_empty(), status == 302, "{case}");
    }
}

#[test]
fn the_proof_of_a_pushed_request_binds_the_code() {
    let (client, key, other) = (Client::of("par-dpop"), ProofKey::new(), ProofKey::new());
    let proof = |key: &ProofKey, endpoint| key.proof("POST", &client.url(endpoint), json!({}));
    let push = |jkt: &str| {
        let request = [REQUEST.as_slice(), &[("dpop_jkt", jkt)]].concat();
        client.post("par", &[("DPoP", &proof(&key, "par"))], &request)
    };
    assert_eq!(push(&other.thumbprint()).json()["error"], "invalid_dpop_proof");
    assert_eq!(client.violations(), ["par: DPoP: dpop_jkt is not the key of the proof"]);

    let request_uri = text(&push(&key.thumbprint()).json(), "request_uri");
    let code = authorize(&client, &request_uri, "").returned("code").expect("a code");
    let token = |key| client.post("token", &[("DPoP", &proof(key, "token"))], &code_grant(&code));
    assert_eq!(token(&other).status, 400);
    assert_eq!(token(&key).json()["token_type"], "DPoP");
}

#[test]
fn hostile_answers_are_what_they_say() {
    let push = |case| Client::of(case).post("par", &[], &REQUEST);
    assert_eq!(push("t81-foreign-scheme").json()["request_uri"], "javascript:alert(1)");
    assert_eq!(push("t81-expires-zero").json()["expires_in"], 0);
    assert_eq!(push("t81-status-200").status, 200);
    assert!(push("t81-request-uri-missing").json()["request_uri"].is_null());
    assert_eq!(push("t81-no-cors").header("access-control-allow-origin"), None);
}
