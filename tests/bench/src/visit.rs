//! One person's visit in a fresh browser: the first page, the click, the provider, and back.

use std::thread;
use std::time::{Duration, Instant};

use end_to_end::performance::{self, Conditions, UNHINDERED};
use end_to_end::provider::ALLOW;
use end_to_end::{Browser, NetworkRequest, Options};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::host::Host;
use crate::notes::{self, Note};
use crate::plan::App;

const WATCH: &str = include_str!("watch.js");
const CLICK: &str = include_str!("click.js");

/// How long the person who does not click at once looks around.
const LATER: Duration = Duration::from_secs(2);
/// How long a page may go on working behind the name.
const REST: Duration = Duration::from_millis(1500);
/// A slow phone is given this much time for a step.
const PATIENCE: Duration = Duration::from_secs(60);
/// Asking costs the browser time, too.
const PAUSE: Duration = Duration::from_millis(200);
/// A task blocks the page from this millisecond on.
const LONG: f64 = 50.0;

/// What is measured. Times are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Bytes of the app's own files that the first page loads, as they travel.
    Bytes,
    /// From the navigation until the button is shown.
    Button,
    /// For how long a click on it is lost, for nobody listens yet.
    Deaf,
    /// From a click in that moment until the request for the provider's page leaves.
    AtOnce,
    /// Both together: what somebody waits who knows what to do.
    Both,
    /// From a click two seconds later until that request leaves.
    Later,
    /// From the provider's answer until the name is shown, where the browser has forgotten what it loaded.
    Cold,
    /// The same where it has not.
    Warm,
    /// Bytes of the JavaScript heap when somebody is signed in.
    Heap,
    /// Bytes of WebAssembly memory then.
    Wasm,
    /// For how long tasks of the first page kept it from answering, beyond 50 ms each.
    BlockedFirst,
    /// The same of the callback, cold.
    BlockedCallback,
}

/// When the person clicks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Click {
    /// When the button is there. The browser forgets what it loaded before the callback.
    AtOnce,
    /// Two seconds later. The callback finds the first page's files.
    Later,
}

/// What came out.
pub type Figures = Vec<(Measure, f64)>;

/// Plays a visit. Panics with what the page shows instead when it does not go through.
pub fn play(host: &Host, app: &App, conditions: &Conditions, click: Click) -> Figures {
    let options = Options { reduced_motion: false, wait_for_load: false, ..Options::default() };
    let browser = Browser::start_with(&options);
    browser.before_every_page(&WATCH.replace("{origin}", host.origin()));
    let delay = if click == Click::Later { LATER.as_millis() } else { 0 };
    let script = CLICK.replace("{origin}", host.origin()).replace("{delay}", &delay.to_string());
    let script =
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({"source": script}));

    performance::set_conditions(&browser, conditions);
    browser.open(&host.home(app));
    let issuer = &host.provider.issuer;
    wait(&browser, "the provider's page", || {
        browser.try_url().filter(|url| url.starts_with(issuer))
    });
    performance::set_conditions(&browser, &UNHINDERED);
    browser.devtools("Page.removeScriptToEvaluateOnNewDocument", &script);
    host.provider.sign_in(&browser, host.provider.account());
    browser.wait_for(ALLOW);
    let left = notes_of(&browser);
    if click == Click::AtOnce {
        browser.clear_cache();
    }

    performance::set_conditions(&browser, conditions);
    host.provider.allow(&browser);
    let clicked = required(&left, "click");
    let name =
        wait(&browser, "the name", || notes::first(&notes_of(&browser), "name", clicked).cloned());
    thread::sleep(REST);
    performance::set_conditions(&browser, &UNHINDERED);
    check_name(host, app, &name);
    let requests = browser.requests();
    let first = first_page(&left, &requests, issuer, click);
    let answered = request(&requests, &format!("{}?", host.callback(app))).at;
    first.into_iter().chain(callback(&browser, answered, &name, click)).collect()
}

fn first_page(notes: &[Note], requests: &[NetworkRequest], issuer: &str, click: Click) -> Figures {
    let begin = required(notes, "begin");
    let button = required(notes, "button") - begin;
    let clicked = required(notes, "click");
    let authorize = authorization(requests, issuer, clicked);
    let leaves = authorize - clicked;
    match click {
        Click::AtOnce => vec![
            (Measure::Button, button),
            (Measure::Deaf, required(notes, "heard") - clicked),
            (Measure::AtOnce, leaves),
            (Measure::Both, button + leaves),
        ],
        Click::Later => vec![
            (Measure::Bytes, required(notes, "loaded")),
            (Measure::Later, leaves),
            (Measure::BlockedFirst, blocked(notes, begin, authorize)),
        ],
    }
}

fn callback(browser: &Browser, answered: f64, name: &Note, click: Click) -> Figures {
    let took = name.value - answered;
    let blocked = blocked(&notes_of(browser), answered, f64::INFINITY);
    if click == Click::AtOnce {
        return vec![(Measure::Cold, took), (Measure::BlockedCallback, blocked)];
    }
    browser.devtools("HeapProfiler.collectGarbage", &json!({}));
    let heap = browser.devtools("Runtime.getHeapUsage", &json!({}));
    let wasm = browser.execute(
        "return window.pixyBench.memories.reduce((sum, {buffer}) => sum + buffer.byteLength, 0)",
    );
    vec![
        (Measure::Warm, took),
        (Measure::Heap, heap["usedSize"].as_f64().expect("a heap has a size")),
        (Measure::Wasm, wasm.as_f64().expect("memory has a size")),
    ]
}

/// When the navigation to the provider left: it is the only request there that asks for a page.
fn authorization(requests: &[NetworkRequest], issuer: &str, clicked: f64) -> f64 {
    let wanted = format!("{issuer}authorize?");
    let after = requests.iter().filter(|request| request.at >= clicked);
    let mut found = after.filter(|request| request.url.starts_with(&wanted));
    found.next().unwrap_or_else(|| panic!("no request for {wanted}")).at
}

fn request<'a>(requests: &'a [NetworkRequest], beginning: &str) -> &'a NetworkRequest {
    let found = requests.iter().find(|request| request.url.starts_with(beginning));
    found.unwrap_or_else(|| panic!("no request for {beginning}"))
}

fn blocked(notes: &[Note], from: f64, until: f64) -> f64 {
    let tasks = notes.iter().filter(|note| note.name == "task");
    let within = tasks.filter(|task| (from..until).contains(&task.value));
    // The sum of nothing is a zero with a minus.
    within.filter_map(|task| task.more.as_f64()).fold(0.0, |sum, duration| sum + duration - LONG)
}

fn required(notes: &[Note], name: &str) -> f64 {
    let note = notes::first(notes, name, 0.0);
    note.unwrap_or_else(|| panic!("the page did not tell its {name}: {notes:?}")).value
}

/// Whoever shows another name has not asked the provider.
fn check_name(host: &Host, app: &App, name: &Note) {
    let shown = name.more.as_str().unwrap_or_default();
    let expected = &host.provider.account().name;
    assert!(!app.reads_profile || shown == expected, "{} shows '{shown}'", app.name);
}

fn notes_of(browser: &Browser) -> Vec<Note> {
    notes::read(&browser.console().unwrap_or_default())
}

fn wait<T>(browser: &Browser, what: &str, condition: impl Fn() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = condition() {
            return found;
        }
        if Instant::now() > deadline {
            let text = browser.try_execute("return document.body && document.body.innerText");
            panic!(
                "waited in vain for {what}: {} {text:?} {:#?}",
                browser.try_url().unwrap_or_default(),
                browser.console()
            );
        }
        thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(name: &str, value: f64, more: f64) -> Note {
        Note { name: name.to_owned(), value, more: more.into() }
    }

    fn sent(url: &str, at: f64) -> NetworkRequest {
        NetworkRequest { url: url.to_owned(), at, ..NetworkRequest::default() }
    }

    #[test]
    fn a_visit_is_told_by_its_notes_and_requests() {
        let notes = [
            note("begin", 1000.0, 0.0),
            note("task", 1100.0, 80.0),
            note("button", 1300.0, 0.0),
            note("loaded", 500.0, 0.0),
            note("click", 1310.0, 0.0),
            note("heard", 1315.0, 0.0),
            note("task", 1330.0, 60.0),
            note("task", 9000.0, 90.0),
        ];
        let issuer = "http://localhost:1/";
        let requests = [
            sent("http://localhost:1/.well-known/openid-configuration", 1320.0),
            sent("http://localhost:1/authorize?a=b", 1360.0),
        ];
        let at_once = first_page(&notes, &requests, issuer, Click::AtOnce);
        assert_eq!(
            at_once,
            [
                (Measure::Button, 300.0),
                (Measure::Deaf, 5.0),
                (Measure::AtOnce, 50.0),
                (Measure::Both, 350.0),
            ]
        );
        let later = first_page(&notes, &requests, issuer, Click::Later);
        assert_eq!(
            later,
            [(Measure::Bytes, 500.0), (Measure::Later, 50.0), (Measure::BlockedFirst, 40.0)]
        );
    }
}
