//! Parameters of the authorization request that only one provider knows.

use super::*;

fn url_for(config: &Config) -> String {
    request_at(config, &metadata()).url()
}

#[test]
fn a_parameter_of_the_app_goes_with_the_request_once() {
    let config = config().parameter("kc_idp_hint", "old").unwrap();
    let config = config.parameter("ui", "a b&c=d#é").unwrap();
    let url = url_for(&config.parameter("kc_idp_hint", "google").unwrap());
    let found: Vec<_> = pairs(&url).into_iter().filter(|(name, _)| name == "kc_idp_hint").collect();
    assert_eq!(found, [("kc_idp_hint".to_owned(), "google".to_owned())]);
    assert_eq!(value_of(&url, "ui").as_deref(), Some("a b&c=d#é"));
    assert_eq!(value_of(&url, "response_type").as_deref(), Some("code"));
}

#[test]
fn a_parameter_of_the_app_takes_the_place_of_the_endpoints_own() {
    let endpoint = json!("https://id.example/authorize?tenant=a&kc_idp_hint=x");
    let metadata = discover(&document_with("authorization_endpoint", endpoint)).unwrap();
    let config = config().parameter("kc_idp_hint", "google").unwrap();
    let query = pairs(&request_at(&config, &metadata).url());
    assert_eq!(query.iter().filter(|(name, _)| name == "kc_idp_hint").count(), 1);
    assert!(query.contains(&("kc_idp_hint".to_owned(), "google".to_owned())));
    assert!(query.contains(&("tenant".to_owned(), "a".to_owned())));
}

#[test]
fn what_the_client_sets_cant_be_set_by_the_app() {
    for name in [
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "response_mode",
        "request",
        "request_uri",
        "dpop_jkt",
        "code",
        "code_verifier",
        "grant_type",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "",
        "a b",
        "a&state",
        "é",
    ] {
        let error = config().parameter(name, "x").unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidConfig, "{name}");
    }
    let error = config().parameter("kc_idp_hint", "").unwrap_err();
    assert_eq!(error.subject(), Some("kc_idp_hint"));
}
