//! The browser layer, in a browser: fetch with its bounds, storage, navigation, random numbers.

#![cfg(target_arch = "wasm32")]

mod support;

use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::future::join;
use futures_util::poll;
use js_sys::{Function, Map, Promise, Reflect};
use pixy_login::browser::fetch::{self, FetchError, FetchRequest, Method};
use pixy_login::browser::timer::pause;
use pixy_login::browser::{
    Clock, History, Navigation, SessionStorage, Storage, SystemClock, random,
};
#[cfg(feature = "popup")]
use pixy_login::browser::{Popups, Windows};
use support::{HOSTILE, control, next_task, record, request, reset, send};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Event, HashChangeEvent, Response, Window};

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
fn routers_hear_of_another_fragment_and_of_any_other_address() {
    let heard: Rc<RefCell<Vec<String>>> = Rc::default();
    let telling = heard.clone();
    let listener = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        let urls = event.dyn_ref::<HashChangeEvent>().map(|it| (it.old_url(), it.new_url()));
        let (before, now) = urls.unwrap_or_default();
        telling.borrow_mut().push(format!("{} {before} {now}", event.type_()).trim().to_owned());
    });
    let window = web_sys::window().expect("a window");
    let function = listener.as_ref().unchecked_ref();
    for name in ["popstate", "hashchange"] {
        window.add_event_listener_with_callback(name, function).expect("a listener");
    }
    let history = History::default();
    let before = history.current_url();
    let page = before.split(['?', '#']).next().unwrap_or_default();
    let (cart, orders) = (format!("{page}#/cart"), format!("{page}#/orders"));
    let mut expected = Vec::new();
    for (from, to, is_told) in [
        (page, cart.as_str(), true),
        (&cart, &orders, true),
        (&orders, &orders, false),
        (&orders, page, true),
        (&format!("{page}?code=a#/cart"), &cart, false),
    ] {
        history.replace_url(from).expect("an own address");
        history.replace_url(to).expect("an own address");
        history.announce();
        expected.push("popstate".to_owned());
        expected.extend(is_told.then(|| format!("hashchange {from} {to}")));
    }
    // Nothing was replaced since.
    history.announce();
    expected.push("popstate".to_owned());
    for name in ["popstate", "hashchange"] {
        window.remove_event_listener_with_callback(name, function).expect("a listener");
    }
    history.replace_url(&before).expect("an own address");
    assert_eq!(*heard.borrow(), expected);
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
    slow.timeout = Duration::from_millis(1_000);
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
        drip.timeout = Duration::from_millis(timeout);
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
    slow.timeout = Duration::from_millis(400);
    let answer = join(send(slow), async {
        pause(Duration::from_millis(50)).await;
        stand_still(2_000.0);
    });
    let (answer, ()) = answer.await;
    assert_eq!(answer.map(|answer| answer.status), Ok(200));
}

#[wasm_bindgen_test]
async fn a_server_that_was_silent_while_the_page_was_stopped_times_out() {
    let mut silent = document("discovery-never-answers~stopped");
    silent.timeout = Duration::from_millis(400);
    let answer = join(send(silent), async {
        pause(Duration::from_millis(50)).await;
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

/// Has the page's script ask for a URL ahead of the program, with this result.
fn ask_ahead(url: &str, answer: &Promise) {
    let asked = Map::new();
    asked.set(&url.into(), answer);
    Reflect::set(&js_sys::global(), &"pixyLoginAhead".into(), &asked).expect("a global");
}

fn asked_ahead() -> Response {
    Response::new_with_opt_str(Some("asked ahead")).expect("an answer")
}

fn resolved(answer: impl Into<JsValue>) -> Promise {
    Promise::resolve(&answer.into())
}

async fn body_of(request: FetchRequest) -> String {
    let answer = send(request).await.expect("an answer");
    String::from_utf8(answer.body).expect("text")
}

#[wasm_bindgen_test]
async fn what_the_page_has_asked_for_ahead_is_taken_once() {
    let case = "honest~asked-ahead";
    reset(case).await;
    ask_ahead(&document(case).url, &resolved(asked_ahead()));
    assert_eq!(body_of(document(case)).await, "asked ahead");
    assert_eq!(record(case).await.count("discovery"), 0);
    assert_ne!(body_of(document(case)).await, "asked ahead");
    assert_eq!(record(case).await.count("discovery"), 1);
}

#[wasm_bindgen_test]
async fn what_can_not_be_used_is_asked_for_anew() {
    let read = asked_ahead();
    JsFuture::from(read.text().expect("a body")).await.expect("a text");
    let locked = asked_ahead();
    let _reader = locked.body().expect("a body").get_reader();
    let window = web_sys::window().expect("a window");
    let elsewhere = window.fetch_with_str(&document("t66-redirect~asked-ahead").url);
    let useless = [
        Promise::reject(&"offline".into()),
        resolved("no answer"),
        resolved(read),
        resolved(locked),
        elsewhere.unchecked_into(),
    ];
    for (index, answer) in useless.iter().enumerate() {
        let case = format!("honest~useless-{index}");
        ask_ahead(&document(&case).url, answer);
        assert!(body_of(document(&case)).await.contains(&case), "{index}");
    }
}

#[wasm_bindgen_test]
async fn what_carries_a_secret_is_never_taken_from_the_page() {
    let case = "honest~secret";
    let mut with_token = document(case);
    with_token.headers.push(("Authorization".into(), "Bearer secret".to_owned()));
    let mut with_body = document(case);
    (with_body.method, with_body.body) = (Method::POST, Some(b"code=secret".to_vec().into()));
    for request in [with_token, with_body] {
        ask_ahead(&request.url, &resolved(asked_ahead()));
        // Whatever the server says of it: it was asked.
        let answer = send(request).await.map(|answer| answer.body);
        assert_ne!(answer.as_deref(), Ok(&b"asked ahead"[..]));
    }
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

/// Counts what is set and not taken back, as long as it lives.
struct Timers {
    window: Window,
    signal: JsValue,
    originals: [JsValue; 3],
    _patches: (Patch2, Patch1, Patch1),
}

type Patch1 = Closure<dyn FnMut(JsValue) -> JsValue>;
type Patch2 = Closure<dyn FnMut(JsValue, JsValue) -> JsValue>;

impl Timers {
    /// Those of just so many milliseconds.
    fn watch(milliseconds: f64, live: &Rc<RefCell<Vec<f64>>>) -> Self {
        let window = web_sys::window().expect("a window");
        let signal = Reflect::get(&window, &"AbortSignal".into()).expect("signals");
        let get = |target: &JsValue, name: &str| Reflect::get(target, &name.into()).expect(name);
        let originals =
            [get(&window, "setTimeout"), get(&window, "clearTimeout"), get(&signal, "timeout")];
        let [set, clear, timeout] = originals.clone().map(JsValue::unchecked_into::<Function>);
        let (begun, cleared, bound) = (live.clone(), live.clone(), live.clone());
        let (page, owner) = (window.clone(), signal.clone());
        let setting = Patch2::new(move |task, delay: JsValue| {
            let id = set.call2(&JsValue::UNDEFINED, &task, &delay).expect("a timer");
            if delay == milliseconds {
                begun.borrow_mut().push(id.as_f64().expect("a number"));
            }
            id
        });
        let clearing = Patch1::new(move |id: JsValue| {
            cleared.borrow_mut().retain(|live| id != *live);
            clear.call1(&page, &id).expect("nothing")
        });
        let limiting = Patch1::new(move |delay: JsValue| {
            bound.borrow_mut().push(f64::NAN);
            timeout.call1(&owner, &delay).expect("a signal")
        });
        let put = |target: &JsValue, name: &str, patch: &JsValue| {
            Reflect::set(target, &name.into(), patch).expect(name);
        };
        put(&window, "setTimeout", setting.as_ref());
        put(&window, "clearTimeout", clearing.as_ref());
        put(&signal, "timeout", limiting.as_ref());
        Self { window, signal, originals, _patches: (setting, clearing, limiting) }
    }
}

impl Drop for Timers {
    fn drop(&mut self) {
        let [set, clear, timeout] = &self.originals;
        let put = |target: &JsValue, name: &str, original: &JsValue| {
            Reflect::set(target, &name.into(), original).expect(name);
        };
        put(&self.window, "setTimeout", set);
        put(&self.window, "clearTimeout", clear);
        put(&self.signal, "timeout", timeout);
    }
}

#[wasm_bindgen_test]
async fn of_a_piece_that_has_come_no_timer_is_left() {
    let mut answer = fetch::open(document("honest~pieces")).await.expect("an answer");
    let live: Rc<RefCell<Vec<f64>>> = Rc::default();
    let timers = Timers::watch(54_321.0, &live);
    answer.piecewise(None);
    let first = answer.next(Duration::from_millis(54_321)).await.expect("a piece");
    let left = live.take();
    while answer.next(Duration::from_millis(54_321)).await.is_some() {}
    drop(timers);
    assert!(first.is_ok_and(|piece| !piece.is_empty()));
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(feature = "popup")]
#[wasm_bindgen_test]
fn no_window_is_opened_that_could_not_say_anything() {
    let window = web_sys::window().expect("a window");
    let opened = Rc::new(Cell::new(0));
    let count = opened.clone();
    let opening = Closure::<dyn FnMut() -> JsValue>::new(move || {
        count.set(count.get() + 1);
        JsValue::NULL
    });
    let put = |name: &str, value: &JsValue| {
        let before = Reflect::get(&window, &name.into()).expect(name);
        Reflect::set(&window, &name.into(), value).expect(name);
        before
    };
    let open = put("open", opening.as_ref());
    assert!(Windows::default().open().is_none());
    assert_eq!(opened.get(), 1, "with a channel it is tried");
    let channel = put("BroadcastChannel", &JsValue::UNDEFINED);
    assert!(Windows::default().open().is_none());
    put("BroadcastChannel", &channel);
    put("open", &open);
    assert_eq!(opened.get(), 1);
}
