//! What the browser gives in a dedicated worker, where there is no window.

#![cfg(target_arch = "wasm32")]

mod support;

use pixy_login::browser::fetch::{FetchError, FetchRequest};
use support::{HOSTILE, request, send};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn document(case: &str) -> FetchRequest {
    request(&format!("{HOSTILE}/{case}/.well-known/openid-configuration"))
}

#[wasm_bindgen_test]
async fn a_request_is_sent_and_its_answer_read() {
    assert!(web_sys::window().is_none());
    let response = send(document("honest~worker")).await.expect("an answer");
    assert_eq!(response.status, 200);
    assert_eq!(response.header("Content-Type").as_deref(), Some("application/json"));
    assert!(response.body.starts_with(b"{"));
}

#[wasm_bindgen_test]
async fn the_bounds_hold() {
    let mut slow = document("discovery-never-answers~worker");
    slow.timeout = 300;
    assert_eq!(send(slow).await.err(), Some(FetchError::Timeout));
    assert_eq!(send(document("t66-huge~worker")).await.err(), Some(FetchError::TooLarge));
    assert_eq!(send(document("t66-redirect~worker")).await.err(), Some(FetchError::NetworkOrCors));
}
