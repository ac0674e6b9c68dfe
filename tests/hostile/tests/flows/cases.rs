//! Every case, at every endpoint.

use hostile_server::cases::{Answer, Case, all};

use crate::client::{Client, REDIRECT_URI, code_grant, refresh_grant};

/// Whether an answer comes to an end, and soon.
fn ends(answer: Answer) -> bool {
    !matches!(answer, Answer::Flood { .. } | Answer::Drip | Answer::Silence)
}

fn check(client: &Client, case: &Case) {
    if ends(case.discovery) {
        let status = client.get(".well-known/openid-configuration", &[]).status;
        let is_missing = case.oauth_only || case.name == "t66-not-found";
        assert_eq!(status == 404, is_missing, "{}", case.name);
    }
    let push = [("client_id", "pixy"), ("redirect_uri", REDIRECT_URI), ("state", "s")];
    if case.par.is_none_or(|par| ends(par.answer)) {
        assert_ne!(client.post("par", &[], &push).body, "", "{}", case.name);
    }
    let required = case.par.is_some_and(|par| par.required);
    let query = format!("authorize?client_id=pixy&redirect_uri={REDIRECT_URI}&state=s&scope=a");
    let status = if required { 400 } else { 302 };
    let answer = client.get(&query, &[]);
    assert_eq!(answer.status, status, "{}", case.name);

    let code = answer.returned("code").unwrap_or_default();
    let unbound = case.dpop.is_none_or(|dpop| !dpop.bound);
    if ends(case.token) {
        let answer = client.post("token", &[], &code_grant(&code));
        assert!(unbound || answer.json()["error"] == "invalid_dpop_proof", "{}", case.name);
    }
    if case.refresh.always && ends(case.refresh.answer) {
        let token = format!("refresh-token-1-of-{}", case.name);
        let answer = client.post("token", &[], &refresh_grant(&token));
        let is_honest = matches!(case.refresh.answer, Answer::Honest(_));
        assert!(answer.status == 200 || !is_honest, "{}", case.name);
    }
    if ends(case.userinfo) {
        assert_ne!(client.bearer("userinfo", "x").status, 404, "{}", case.name);
    }
    if ends(case.jwks) {
        assert_ne!(client.get("jwks", &[]).status, 404, "{}", case.name);
    }
    assert_eq!(client.bearer("api", "x").status, 401, "{}", case.name);
    if ends(case.revocation) {
        let answer = client.post("revoke", &[], &[("token", "x")]);
        assert_ne!(answer.status, 404, "{}", case.name);
    }
    let query = format!("logout?post_logout_redirect_uri={REDIRECT_URI}&state=s");
    assert_eq!(client.get(&query, &[]).status, 302, "{}", case.name);
}

#[test]
fn every_case_answers_at_every_endpoint() {
    let mut client = Client::of("honest");
    for case in all() {
        client.case = case.name;
        check(&client, case);
    }
}

#[test]
fn the_metadata_announces_what_the_case_has() {
    let metadata = |case| Client::of(case).get(".well-known/openid-configuration", &[]).json();
    let honest = metadata("honest");
    assert_eq!(honest["id_token_signing_alg_values_supported"], serde_json::json!(["RS256"]));
    assert!(
        honest["revocation_endpoint"].is_string() && honest["end_session_endpoint"].is_string()
    );
    assert!(honest["dpop_signing_alg_values_supported"].is_null());
    assert!(honest["pushed_authorization_request_endpoint"].is_null());
    let both = metadata("par-dpop");
    assert_eq!(both["dpop_signing_alg_values_supported"], serde_json::json!(["ES256"]));
    assert_eq!(both["require_pushed_authorization_requests"], false);
    assert_eq!(metadata("par-required")["require_pushed_authorization_requests"], true);
    let signed = metadata("t64-userinfo-jwt");
    assert_eq!(signed["userinfo_signing_alg_values_supported"], serde_json::json!(["RS256"]));
}
