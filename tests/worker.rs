//! What the browser gives in a dedicated worker, where there is no window.

#![cfg(target_arch = "wasm32")]

mod support;

use core::time::Duration;

use pixy_login::browser::fetch::{FetchError, FetchRequest};
use pixy_login::browser::timer::pause;
use pixy_login::browser::{Presence, WebPresence};
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
    slow.timeout = Duration::from_millis(300);
    assert_eq!(send(slow).await.err(), Some(FetchError::Timeout));
    assert_eq!(send(document("t66-huge~worker")).await.err(), Some(FetchError::TooLarge));
    assert_eq!(send(document("t66-redirect~worker")).await.err(), Some(FetchError::NetworkOrCors));
}

#[wasm_bindgen_test]
async fn a_worker_is_there_until_its_guard_is_dropped() {
    let is_anybody = || WebPresence::default().is_anybody("test:worker".to_owned());
    assert_eq!(is_anybody().await, Some(false));
    let guard = WebPresence::default().announce("test:worker".to_owned());
    assert_eq!(is_anybody().await, Some(true));
    drop(guard);
    // The browser lets it go in its own time.
    pause(Duration::from_millis(50)).await;
    assert_eq!(is_anybody().await, Some(false));
}
