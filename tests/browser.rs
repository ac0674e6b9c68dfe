//! The browser layer, in a browser: fetch with its bounds, storage, navigation, random numbers.

#![cfg(target_arch = "wasm32")]

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::future::join;
use futures_util::poll;
use js_sys::Reflect;
use pixy_login::browser::fetch::{FetchError, FetchRequest};
use pixy_login::browser::timer::pause;
use pixy_login::browser::{
    Clock, History, Navigation, SessionStorage, Storage, SystemClock, random,
};
use support::{HOSTILE, control, next_task, record, request, reset, send};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn document(case: &str) -> FetchRequest {
    request(&format!("{HOSTILE}/{case}/.well-known/openid-configuration"))
}

#[wasm_bindgen_test]
fn random_values_are_32_bytes_and_differ() {
    let first = random::bytes().expect("random bytes");
    let second = random::bytes().expect("random bytes");
    assert_ne!(first, second);
    assert!(first.iter().any(|byte| *byte != 0));
}

#[wasm_bindgen_test]
fn the_clock_counts_seconds_since_1970() {
    let now = SystemClock::default().now();
    assert!((1_700_000_000..10_000_000_000).contains(&now), "{now}");
}

#[wasm_bindgen_test]
fn session_storage_keeps_shows_lists_and_forgets() {
    let storage = SessionStorage::default();
    assert_eq!(storage.get("pixy-test:a"), Ok(None));
    assert_eq!(storage.set("pixy-test:a", "花子"), Ok(()));
    assert_eq!(storage.get("pixy-test:a"), Ok(Some("花子".to_owned())));
    assert!(storage.keys().expect("keys").contains(&"pixy-test:a".to_owned()));
    assert_eq!(storage.remove("pixy-test:a"), Ok(()));
    assert_eq!(storage.get("pixy-test:a"), Ok(None));
}

#[wasm_bindgen_test]
fn a_full_session_storage_is_an_error_and_not_a_panic() {
    let storage = SessionStorage::default();
    let large = "x".repeat(20 << 20);
    assert!(storage.set("pixy-test:large", &large).is_err());
    assert_eq!(storage.get("pixy-test:large"), Ok(None));
}

#[wasm_bindgen_test]
fn replacing_the_url_loads_nothing_and_leaves_no_state() {
    let history = History::default();
    let before = history.current_url();
    let with_code = format!("{}?code=abc&state=def", before.split('?').next().unwrap_or_default());
    assert_eq!(history.replace_url(&with_code), Ok(()));
    assert_eq!(history.current_url(), with_code);
    assert_eq!(history.replace_url(&before), Ok(()));
    assert_eq!(history.current_url(), before);
    let state = web_sys::window().and_then(|window| window.history().ok()?.state().ok());
    assert!(state.is_some_and(|state| state.is_null()));
}

#[wasm_bindgen_test]
fn another_origin_can_not_be_put_into_the_address() {
    assert!(History::default().replace_url("https://elsewhere.example/").is_err());
}

#[wasm_bindgen_test]
async fn t37_an_endless_body_is_cut_off_at_the_cap() {
    let outcome = send(document("t66-huge~fetch")).await;
    assert_eq!(outcome.err(), Some(FetchError::TooLarge));
}

#[wasm_bindgen_test]
async fn t38_a_silent_server_times_out() {
    let mut slow = document("discovery-never-answers~fetch");
    slow.timeout = 1_000;
    let before = js_sys::Date::now();
    let outcome = send(slow).await;
    assert_eq!(outcome.err(), Some(FetchError::Timeout));
    let took = js_sys::Date::now() - before;
    assert!(took < 2_000.0, "took {took} ms");
}

#[wasm_bindgen_test]
async fn t38_an_answer_that_drips_times_out() {
    // Between two of its bytes, which come each second, and just when one comes.
    for timeout in [1_500, 1_000, 2_000] {
        let mut drip = document("discovery-drips~fetch");
        drip.timeout = timeout;
        assert_eq!(send(drip).await.err(), Some(FetchError::Timeout), "{timeout} ms");
    }
}

/// Stops the page, as when its tab sleeps.
fn stand_still(milliseconds: f64) {
    let begun = js_sys::Date::now();
    while js_sys::Date::now() - begun < milliseconds {}
}

#[wasm_bindgen_test]
async fn an_answer_that_came_while_the_page_was_stopped_is_taken() {
    let case = "honest~stopped";
    reset(case).await;
    control(&format!("fault/{case}/discovery/slow-200")).await;
    let mut slow = document(case);
    slow.timeout = 400;
    let answer = join(send(slow), async {
        pause(50).await;
        stand_still(2_000.0);
    });
    let (answer, ()) = answer.await;
    assert_eq!(answer.map(|answer| answer.status), Ok(200));
}

#[wasm_bindgen_test]
async fn a_server_that_was_silent_while_the_page_was_stopped_times_out() {
    let mut silent = document("discovery-never-answers~stopped");
    silent.timeout = 400;
    let answer = join(send(silent), async {
        pause(50).await;
        stand_still(2_000.0);
    });
    let (answer, ()) = answer.await;
    assert_eq!(answer.err(), Some(FetchError::Timeout));
}

#[wasm_bindgen_test]
async fn whoever_stops_waiting_cancels_the_request() {
    let drips = "discovery-drips~cancelled";
    let silent = "discovery-never-answers~cancelled";
    for case in [drips, silent] {
        reset(case).await;
        let mut sending = Box::pin(send(document(case)));
        assert!(poll!(&mut sending).is_pending());
        while record(case).await.count("discovery") == 0 {
            assert!(poll!(&mut sending).is_pending());
            next_task().await;
        }
        drop(sending);
        let outcome = async || record(case).await.requests.pop().and_then(|asked| asked.outcome);
        while outcome().await.is_none() {
            next_task().await;
        }
        assert!(outcome().await.is_some_and(|answered| answered.aborted), "{case}");
    }
}

#[wasm_bindgen_test]
async fn t40_an_answer_without_cors_says_so() {
    let outcome = send(document("discovery-no-cors~fetch")).await;
    assert_eq!(outcome.err(), Some(FetchError::NetworkOrCors));
}

#[wasm_bindgen_test]
async fn t41_no_cookie_is_kept_or_sent() {
    let case = "t41-cookies~fetch";
    reset(case).await;
    for _ in 0..2 {
        send(document(case)).await.expect("an answer");
    }
    let record = record(case).await;
    assert_eq!(record.count("discovery"), 2);
    for asked in &record.requests {
        assert_eq!(asked.cookie, None);
        assert_eq!(asked.referer, None, "no referrer either");
    }
}

#[wasm_bindgen_test]
async fn a_redirect_is_not_followed() {
    reset("honest").await;
    let before = record("honest").await.count("discovery");
    let outcome = send(document("t66-redirect~fetch")).await;
    assert_eq!(outcome.err(), Some(FetchError::NetworkOrCors));
    assert_eq!(record("honest").await.count("discovery"), before);
}

#[wasm_bindgen_test]
async fn an_unreachable_server_is_a_network_error() {
    let outcome = send(request("http://localhost:1/")).await;
    assert_eq!(outcome.err(), Some(FetchError::NetworkOrCors));
}

#[wasm_bindgen_test]
async fn what_can_not_be_sent_is_an_error_and_not_a_panic() {
    let mut broken = request(HOSTILE);
    broken.headers.push(("Authorization".into(), "Bearer a\r\nX-Injected: 1".to_owned()));
    assert_eq!(send(broken).await.map(|r| r.status), Err(FetchError::Unsendable));
    assert_eq!(send(request("http://")).await.err(), Some(FetchError::Unsendable));
}

#[wasm_bindgen_test]
fn debug_of_a_request_shows_neither_query_nor_headers() {
    let mut secret = request("https://id.example/token?code=s3cret");
    secret.headers.push(("Authorization".into(), "Bearer s3cret".to_owned()));
    secret.body = Some(b"s3cret".to_vec().into());
    assert!(!format!("{secret:?}").contains("s3cret"));
}

#[wasm_bindgen_test]
async fn a_request_that_must_outlive_its_page_is_kept_alive() {
    let window = web_sys::window().expect("a window");
    let original = Reflect::get(&window, &"fetch".into()).expect("fetch");
    let seen: Rc<RefCell<Vec<JsValue>>> = Rc::default();
    let told = seen.clone();
    // It sends nothing: what is asked for is enough.
    let patched = Closure::<dyn FnMut(JsValue) -> JsValue>::new(move |request: JsValue| {
        told.borrow_mut().push(Reflect::get(&request, &"keepalive".into()).expect("a request"));
        JsValue::UNDEFINED
    });
    Reflect::set(&window, &"fetch".into(), patched.as_ref()).expect("a page's own fetch");
    for keepalive in [true, false] {
        let sent = send(FetchRequest { keepalive, ..request(HOSTILE) }).await;
        assert_eq!(sent.err(), Some(FetchError::Unsendable), "no promise");
    }
    Reflect::set(&window, &"fetch".into(), &original).expect("the browser's own");
    assert_eq!(*seen.borrow(), [JsValue::TRUE, JsValue::FALSE]);
}
