//! Revocation and sign-out.

use crate::client::{Client, REDIRECT_URI, text};

#[test]
fn a_revoked_token_is_refused() {
    let client = Client::of("honest");
    let access_token = text(&client.sign_in(&[("scope", "openid")]), "access_token");
    assert_eq!(client.bearer("userinfo", &access_token).status, 200);
    let answer = client.post("revoke", &[], &[("token", &access_token)]);
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    for endpoint in ["userinfo", "api"] {
        let answer = client.bearer(endpoint, &access_token);
        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
    }
    assert_eq!(client.post("revoke", &[], &[("token", "unknown")]).status, 200);
    assert_eq!(client.post("revoke", &[], &[]).status, 400);
    // A new sign-in makes the token of the same name good again.
    client.sign_in(&[]);
    assert_eq!(client.bearer("api", &access_token).status, 200);
}

#[test]
fn a_server_that_fails_revokes_nothing() {
    for (case, status) in [
        ("t83-revocation-500", 500),
        ("revocation-503", 503),
        ("revocation-unsupported-token-type", 400),
    ] {
        let client = Client::of(case);
        let access_token = text(&client.sign_in(&[]), "access_token");
        assert_eq!(client.post("revoke", &[], &[("token", &access_token)]).status, status);
        assert_eq!(client.bearer("api", &access_token).status, 200);
    }
}

#[test]
fn sign_out_leads_back_with_the_state() {
    let returned = |case| {
        let client = Client::of(case);
        let parameters = [("post_logout_redirect_uri", REDIRECT_URI), ("state", "S")];
        let posted = client.post("logout", &[], &parameters);
        let query = format!("logout?post_logout_redirect_uri={REDIRECT_URI}&state=S");
        let got = client.get(&query, &[]);
        assert_eq!(got.header("location"), posted.header("location"));
        got.header("location").map(str::to_owned)
    };
    let with = |query: &str| Some(format!("{REDIRECT_URI}{query}"));
    assert_eq!(returned("honest"), with("?state=S"));
    assert_eq!(returned("logout-no-state"), with(""));
    assert_eq!(returned("logout-other-state"), with("?state=not-the-state-that-was-sent"));
    let elsewhere = "logout?post_logout_redirect_uri=https://evil.example/";
    assert_eq!(Client::of("honest").get(elsewhere, &[]).status, 400);
}
