//! What comes after a sign-in: renewing, handing back, signing out at the provider.

#![cfg(target_arch = "wasm32")]

mod support;

use pixy_login::client::{Client, Outcome, Status};
use pixy_login::protocol::ErrorCode;
use support::{Tab, config, record, reset, wait_for};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const AFTERWARDS: &str = "http://localhost:8080/bye.html";

async fn signed_in(case: &str) -> (Tab, Client) {
    reset(case).await;
    let tab = Tab::new();
    let config = config(case).scope("openid offline_access").expect("a scope");
    let config = config.post_logout_redirect_uri(AFTERWARDS).expect("a page");
    let client = tab.go_and_come_back(&config).await;
    client.start().await.expect("a session");
    (tab, client)
}

#[wasm_bindgen_test]
async fn r63_each_refresh_brings_the_next_token() {
    let (_, client) = signed_in("refresh").await;
    let first = client.expose_access_token();
    for _ in 0..3 {
        client.refresh().await.expect("a new token");
    }
    assert_ne!(client.expose_access_token(), first);
    assert!(client.session().is_some());
    assert_eq!(record("refresh").await.count("token"), 4);
}

#[wasm_bindgen_test]
async fn r66_the_end_of_the_session_is_told_from_a_fault() {
    let (_, client) = signed_in("refresh-invalid-grant").await;
    let error = client.refresh().await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::SessionEnded);
    assert!(matches!(client.status(), Status::Failed(_)) && client.session().is_none());

    let (_, client) = signed_in("refresh-500").await;
    assert_eq!(client.refresh().await.unwrap_err().code(), ErrorCode::ProviderUnavailable);
    assert!(client.session().is_some());
}

#[wasm_bindgen_test]
async fn r68_signing_out_hands_the_tokens_back() {
    let (_, client) = signed_in("refresh~revoke").await;
    client.sign_out();
    assert!(matches!(client.status(), Status::SignedOut));
    for _ in 0..100 {
        if record("refresh~revoke").await.count("revoke") == 2 {
            return;
        }
    }
    panic!("the tokens were not handed back");
}

#[wasm_bindgen_test]
async fn signing_out_at_the_provider_and_coming_back() {
    let (tab, client) = signed_in("honest~logout").await;
    client.sign_out_at_provider().await.expect("the page is left");
    assert!(client.session().is_none());
    let url =
        wait_for("the departure", || Some(tab.left_for()).filter(|url| url.contains("/logout")))
            .await;
    let state = url.split("&state=").nth(1).expect("a state").split('&').next().expect("a state");
    tab.address.url.replace(format!("{AFTERWARDS}?state={state}"));
    let config = client.config().clone();
    assert_eq!(tab.open(&config).start().await, Ok(Outcome::SignedOut));
    assert_eq!(tab.url(), AFTERWARDS);
}
