//! The resource server.

use serde_json::json;

use crate::client::{Answer, Client, text};

fn call(client: &Client, asked: &[(&str, &str)]) -> Answer {
    let access_token = text(&client.sign_in(asked), "access_token");
    client.bearer("api?page=2", &access_token)
}

#[test]
fn calls_with_a_valid_token_are_counted() {
    let client = Client::of("honest");
    assert_eq!(call(&client, &[]).json(), json!({"ok": true, "calls": 1}));
    let authorization = format!("Bearer {}", client.server.access_token("honest"));
    let answer = client.post("api", &[("Authorization", &authorization)], &[]);
    assert_eq!(answer.json(), json!({"ok": true, "calls": 2}));
    assert_eq!(client.get("api", &[]).status, 401);
    assert_eq!(client.bearer("api", "another-token").status, 401);
}

#[test]
fn the_demo_finds_its_mail_there() {
    let client = Client::of("honest");
    let access_token = text(&client.sign_in(&[]), "access_token");
    assert_eq!(client.bearer("mail", &access_token).json(), json!({"mails": []}));
    assert_eq!(client.bearer("mail", "another-token").status, 401);
}

#[test]
fn what_is_needed_can_be_had() {
    for (case, status, needed) in [
        ("t78-403-scope", 403, ("scope", "openid mail")),
        ("t78-several", 403, ("scope", "mail")),
        ("step-up-acr", 401, ("acr_values", "gold")),
        ("step-up-max-age", 401, ("max_age", "5")),
    ] {
        let client = Client::of(case);
        let refused = call(&client, &[("scope", "openid"), ("acr_values", "silver gold")]);
        assert_eq!(refused.status, status, "{case}");
        assert!(refused.header("www-authenticate").is_some(), "{case}");
        assert_eq!(call(&client, &[needed]).status, 200, "{case}");
    }
}

#[test]
fn what_is_never_there_cannot_be_had() {
    for (case, status) in [
        ("t78-401-for-ever", 401),
        ("t78-403-scope-for-ever", 403),
        ("t78-step-up-for-ever", 401),
        ("t78-malformed", 401),
    ] {
        let everything = [("scope", "mail"), ("acr_values", "gold"), ("max_age", "5")];
        assert_eq!(call(&Client::of(case), &everything).status, status, "{case}");
    }
}
