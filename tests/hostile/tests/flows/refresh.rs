//! Refresh tokens: rotation, and the end of a family.

use hostile_server::encoding::base64url_decode;
use serde_json::Value;

use crate::client::{Client, text};

fn claims(answer: &Value) -> Value {
    let id_token = text(answer, "id_token");
    let payload = id_token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&base64url_decode(payload).expect("base64url")).expect("JSON")
}

#[test]
fn a_refresh_brings_the_next_tokens() {
    let client = Client::of("refresh");
    let first = client.sign_in(&[("scope", "openid"), ("nonce", "N"), ("max_age", "5")]);
    assert_eq!(first["access_token"], "access-token-of-refresh");
    assert_eq!(first["refresh_token"], "refresh-token-1-of-refresh");
    let second = client.refresh("refresh-token-1-of-refresh").json();
    assert_eq!(second["access_token"], "access-token-2-of-refresh");
    assert_eq!(second["refresh_token"], "refresh-token-2-of-refresh");
    assert_eq!(second["scope"], "openid");
    assert_eq!(claims(&second)["auth_time"], claims(&first)["auth_time"]);
    assert!(claims(&second)["nonce"].is_null());
    assert_ne!(claims(&second)["at_hash"], claims(&first)["at_hash"]);
    let third = client.refresh("refresh-token-2-of-refresh").json();
    assert_eq!(third["access_token"], "access-token-3-of-refresh");
    assert_eq!(client.bearer("api", "access-token-3-of-refresh").status, 200);
}

#[test]
fn a_spent_refresh_token_ends_everything_of_its_sign_in() {
    let client = Client::of("refresh");
    client.sign_in(&[]);
    assert_eq!(client.refresh("refresh-token-1-of-refresh").status, 200);
    let replayed = client.refresh("refresh-token-1-of-refresh");
    assert_eq!((replayed.status, &replayed.json()["error"]), (400, &"invalid_grant".into()));
    assert_eq!(client.refresh("refresh-token-2-of-refresh").status, 400);
    assert_eq!(client.bearer("api", "access-token-2-of-refresh").status, 401);
}

#[test]
fn offline_access_gets_a_refresh_token_anywhere() {
    let client = Client::of("honest");
    assert!(client.sign_in(&[("scope", "openid")])["refresh_token"].is_null());
    let answer = client.sign_in(&[("scope", "openid offline_access")]);
    assert_eq!(answer["refresh_token"], "refresh-token-1-of-honest");
}

#[test]
fn without_rotation_a_refresh_token_serves_again() {
    let client = Client::of("refresh-no-rotation");
    let refresh_token = text(&client.sign_in(&[]), "refresh_token");
    assert!(client.refresh(&refresh_token).json()["refresh_token"].is_null());
    assert_eq!(client.refresh(&refresh_token).status, 200);
}

#[test]
fn a_server_that_fails_does_not_spend_the_refresh_token() {
    for (case, status) in
        [("refresh-500", 500), ("refresh-429", 429), ("refresh-invalid-grant", 400)]
    {
        let client = Client::of(case);
        let refresh_token = text(&client.sign_in(&[]), "refresh_token");
        assert_eq!(client.refresh(&refresh_token).status, status);
        client.server.make_honest(case);
        assert_eq!(client.refresh(&refresh_token).status, 200, "{case}");
    }
}

#[test]
fn hostile_refreshes_follow_an_honest_sign_in() {
    let refreshed = |case| {
        let client = Client::of(case);
        let first = client.sign_in(&[("scope", "openid")]);
        assert_eq!(claims(&first)["sub"], "hostile-subject", "{case}");
        client.refresh(&text(&first, "refresh_token")).json()
    };
    assert_eq!(claims(&refreshed("t71-sub"))["sub"], "somebody-else");
    assert_eq!(claims(&refreshed("t71-nonce"))["nonce"], "not-the-nonce-that-was-sent");
    assert_eq!(refreshed("refresh-widened-scope")["scope"], "openid profile email admin");
    assert!(refreshed("refresh-no-id-token")["id_token"].is_null());
}
