//! Tokens that are bound to a key, and pushed requests: the whole client, against a server that checks
//! every proof.

#![cfg(target_arch = "wasm32")]

mod support;

use pixy_login::client::{Client, ResourceRequest, SignIn, Status};
use pixy_login::protocol::{Config, Dpop, Error, ErrorCode, Par};
use support::{HOSTILE, Record, Tab, config, record, reset};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Signs in at a case, whatever comes of it.
async fn sign_in(case: &str) -> (Client, Result<(), Error>) {
    sign_in_with(case, config(case)).await
}

async fn sign_in_with(case: &str, config: Config) -> (Client, Result<(), Error>) {
    reset(case).await;
    let client = Tab::new().go_and_come_back(&config).await;
    let outcome = client.start().await.map(drop);
    (client, outcome)
}

/// The record of a case in which no proof was found wrong.
async fn clean_record(case: &str) -> Record {
    let record = record(case).await;
    assert_eq!(record.violations, Vec::<String>::new(), "{case}");
    record
}

fn api(case: &str) -> ResourceRequest {
    ResourceRequest::get(&format!("{HOSTILE}/{case}/api?page=2"))
}

fn with_api(case: &str) -> Config {
    config(case).allow_origin(HOSTILE).expect("an origin")
}

#[wasm_bindgen_test]
async fn t76_every_call_has_a_proof_of_its_own() {
    let (client, outcome) = sign_in_with("dpop", with_api("dpop")).await;
    outcome.expect("a session");
    client.profile().await.expect("a profile");
    for _ in 0..3 {
        let response = client.fetch(api("dpop")).await.expect("an answer");
        assert_eq!(response.status, 200);
    }
    let record = clean_record("dpop").await;
    assert_eq!((record.count("token"), record.count("userinfo"), record.count("api")), (1, 1, 3));
}

#[wasm_bindgen_test]
async fn nonces_are_learned_once_for_each_server() {
    let (client, outcome) = sign_in_with("dpop-nonce", with_api("dpop-nonce")).await;
    outcome.expect("a session");
    client.profile().await.expect("a profile");
    assert_eq!(client.fetch(api("dpop-nonce")).await.expect("an answer").status, 200);
    clean_record("dpop-nonce").await;
}

#[wasm_bindgen_test]
async fn a_pushed_request_shows_nothing_in_the_address() {
    let case = "par-dpop";
    reset(case).await;
    let tab = Tab::new();
    let client = tab.open(&config(case));
    client.sign_in(SignIn::new()).await.expect("the login begins");
    let url = tab.left_for();
    let names: Vec<_> = url.split_once('?').expect("a query").1.split('&').collect();
    assert_eq!(names.len(), 2, "{url}");
    assert!(names[0].starts_with("client_id=") && names[1].starts_with("request_uri="), "{url}");
    let client = tab.go_and_come_back(&config(case)).await;
    client.start().await.expect("a session");
    assert_eq!(clean_record(case).await.count("par"), 2);
}

#[wasm_bindgen_test]
async fn t34_a_token_that_is_not_bound_is_refused() {
    let case = "t34-dpop-downgrade";
    let (client, outcome) = sign_in(case).await;
    assert_eq!(outcome.unwrap_err().code(), ErrorCode::DpopDowngrade);
    assert!(matches!(client.status(), Status::Failed(_)));
}

#[wasm_bindgen_test]
async fn what_the_app_requires_must_be_offered() {
    let tab = Tab::new();
    let required = config("honest~required").dpop(Dpop::Required);
    let error = tab.open(&required).sign_in(SignIn::new()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::DpopNotSupported);
    let required = config("honest~required").par(Par::Required);
    let error = tab.open(&required).sign_in(SignIn::new()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ParNotSupported);
    assert_eq!(tab.left_for(), "");
}
