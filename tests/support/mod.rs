//! Stand-ins for the browser (of what tabs share in `shared.rs`), and the way through the hostile server, for the suites that run in one.

#![allow(dead_code, unreachable_pub, unused_imports)]

pub mod parts;
mod popups;
mod prerendered;
pub mod sessions;
mod shared;
mod whole;

use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::{Date, Promise};
use pixy_login::browser::fetch::{FetchRequest, Method};
use pixy_login::browser::navigation::NavigationRefused;
use pixy_login::browser::{
    Browser, Clock, Fetch, Frame, Navigation, RecordStore, Storage, StorageDenied,
};
use pixy_login::client::{Client, ResourceRequest, SignIn};
use pixy_login::protocol::{Config, ErrorCode};
use serde::Deserialize;
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, RequestMode};

pub use popups::{Screen, answer_in_window, window_at};
pub use prerendered::{A_WHILE, Hidden, Prerendered, start_beforehand};
pub use shared::{AskedRecords, InOrder, MemoryPresence, MemoryRecords, Shared, SlowRecords};
pub use whole::send;

/// Where the hostile server listens.
pub const HOSTILE: &str = match option_env!("PIXY_HOSTILE_URL") {
    Some(url) => url,
    None => "http://localhost:9500",
};

/// How long something may take before a test gives up, in milliseconds.
const PATIENCE: f64 = 20_000.0;

/// The redirect URI of every test. Nothing is ever loaded from there.
pub const REDIRECT_URI: &str = "http://localhost:7/shop/callback.html";

/// A session storage of its own, which can be denied.
#[derive(Default)]
pub struct MemoryStorage {
    pub texts: RefCell<BTreeMap<String, String>>,
    pub denied: Cell<bool>,
}

/// What the library keeps in session storage, by the beginnings of the names.
const KEPT: [&str; 8] =
    ["active:", "clock", "logout", "metadata:", "pending:", "returning:", "session:", "unusable:"];

impl MemoryStorage {
    fn open(&self) -> Result<(), StorageDenied> {
        // The only way to make one from outside is to ask a storage that denies.
        if self.denied.get() { Err(denied()) } else { Ok(()) }
    }

    /// The names of what is kept of a kind: `pending:`.
    pub fn of_kind(&self, kind: &str) -> Vec<String> {
        assert!(KEPT.contains(&kind), "nothing is kept as {kind}");
        let (texts, beginning) = (self.texts.borrow(), format!("pixy-login:{kind}"));
        texts.keys().filter(|key| key.starts_with(&beginning)).cloned().collect()
    }

    pub fn pending(&self) -> Vec<String> {
        self.of_kind("pending:")
    }
}

fn denied() -> StorageDenied {
    StorageDenied::default()
}

impl Storage for MemoryStorage {
    fn get(&self, key: &str) -> Result<Option<String>, StorageDenied> {
        self.open()?;
        Ok(self.texts.borrow().get(key).cloned())
    }

    fn set(&self, key: &str, text: &str) -> Result<(), StorageDenied> {
        // What gets another name, no test would find any more that looks whether it is gone.
        let own = key.strip_prefix("pixy-login:");
        let is_known = own.is_some_and(|own| KEPT.iter().any(|kind| own.starts_with(kind)));
        assert!(is_known, "{key} has a name that the tests don't know");
        self.open()?;
        self.texts.borrow_mut().insert(key.to_owned(), text.to_owned());
        Ok(())
    }

    fn remove(&self, key: &str) -> Result<(), StorageDenied> {
        self.open()?;
        self.texts.borrow_mut().remove(key);
        Ok(())
    }

    fn keys(&self) -> Result<Vec<String>, StorageDenied> {
        self.open()?;
        Ok(self.texts.borrow().keys().cloned().collect())
    }
}

/// An address bar that goes nowhere.
pub struct AddressBar {
    pub url: RefCell<String>,
    pub left_for: RefCell<Vec<String>>,
    pub announced: Cell<u32>,
    pub refuses: Cell<bool>,
    pub frame: Cell<Frame>,
}

impl Navigation for AddressBar {
    fn current_url(&self) -> String {
        self.url.borrow().clone()
    }

    fn assign(&self, url: &str) -> Result<(), NavigationRefused> {
        if self.refuses.get() {
            return Err(NavigationRefused::default());
        }
        self.left_for.borrow_mut().push(url.to_owned());
        Ok(())
    }

    fn submit(&self, url: &str, fields: &[(String, String)]) -> Result<(), NavigationRefused> {
        let fields = fields.iter().map(|(name, value)| format!("{name}={value}"));
        self.assign(&format!("{url} {}", fields.collect::<Vec<_>>().join(" ")))
    }

    fn replace_url(&self, url: &str) -> Result<(), NavigationRefused> {
        self.url.replace(url.to_owned());
        Ok(())
    }

    fn announce(&self) {
        self.announced.set(self.announced.get() + 1);
    }

    fn frame(&self) -> Frame {
        self.frame.get()
    }
}

/// A clock that is moved by hand.
pub struct HandClock(pub Cell<u64>);

impl Clock for HandClock {
    fn now(&self) -> u64 {
        self.0.get()
    }
}

/// One tab: what it keeps, where it is, what time it is there. Pages come and go in it.
pub struct Tab {
    pub shared: Shared,
    pub storage: Rc<MemoryStorage>,
    pub address: Rc<AddressBar>,
    pub clock: Rc<HandClock>,
    pub screen: Rc<Screen>,
    /// Whether its pages count as absent, though they live: as in the back-forward cache.
    pub away: Rc<Cell<bool>>,
}

impl Tab {
    /// The only tab of a browser.
    pub fn new() -> Self {
        let now = pixy_login::browser::SystemClock::default().now();
        Self::of(Shared::default(), Rc::new(HandClock(Cell::new(now))))
    }

    /// One more tab of the same browser.
    pub fn sibling(&self) -> Self {
        Self::of(self.shared.clone(), self.clock.clone())
    }

    /// This tab once more: session storage is copied, as by the browser.
    pub fn duplicate(&self) -> Self {
        let twin = self.sibling();
        twin.storage.texts.replace(self.storage.texts.borrow().clone());
        twin
    }

    fn of(shared: Shared, clock: Rc<HandClock>) -> Self {
        Self {
            shared,
            storage: Rc::default(),
            address: Rc::new(AddressBar {
                url: RefCell::new("http://localhost:7/shop/cart.html?page=2".to_owned()),
                left_for: RefCell::default(),
                announced: Cell::default(),
                refuses: Cell::default(),
                frame: Cell::default(),
            }),
            clock,
            screen: Rc::default(),
            away: Rc::default(),
        }
    }

    /// Opens a page of the app: a client that knows nothing of the pages before.
    pub fn open(&self, config: &Config) -> Client {
        Client::with_browser(config.clone(), self.browser())
    }

    /// The browser as a page of this tab sees it.
    pub fn browser(&self) -> Browser {
        Browser {
            clock: self.clock.clone(),
            storage: self.storage.clone(),
            navigation: self.address.clone(),
            records: self.shared.records.clone(),
            locks: self.shared.locks.clone(),
            presence: Rc::new(self.shared.presence.of_tab(self.away.clone())),
            channels: self.shared.channels.clone(),
            requests: Rc::new(Fetch::default()),
            popups: self.screen.clone(),
        }
    }

    /// The browser with another store of records.
    pub fn browser_with(&self, records: impl RecordStore + 'static) -> Browser {
        Browser { records: Rc::new(records), ..self.browser() }
    }

    /// Waits until no page of the tab holds a client any more.
    pub async fn until_left(&self) {
        wait_for("the end of all clients", || (Rc::strong_count(&self.address) == 1).then_some(()))
            .await;
    }

    /// Where the page last left for.
    pub fn left_for(&self) -> String {
        self.address.left_for.borrow().last().cloned().unwrap_or_default()
    }

    /// The address now.
    pub fn url(&self) -> String {
        self.address.current_url()
    }

    /// Begins a login and comes back with the server's answer in the address.
    pub async fn go_and_come_back(&self, config: &Config) -> Client {
        let client = self.open(config);
        client.sign_in(SignIn::new()).await.expect("the login begins");
        self.address.url.replace(answer_to(&self.left_for()).await);
        self.open(config)
    }

    /// Signs in in the tab.
    pub async fn sign_in(&self, config: &Config) -> Client {
        let client = self.go_and_come_back(config).await;
        client.start().await.expect("a session");
        client
    }
}

/// A tab where somebody is signed in, at a case that is begun anew.
pub async fn signed_in(config: &Config) -> (Tab, Client) {
    let case = config.issuer().as_str().rsplit('/').next().unwrap_or_default();
    reset(case).await;
    let tab = Tab::new();
    let client = tab.sign_in(config).await;
    (tab, client)
}

/// A letter to the API of a case.
pub fn letter(case: &str) -> ResourceRequest {
    ResourceRequest::post(&format!("{HOSTILE}/{case}/api?page=2"), "text/plain", "a letter")
}

/// Waits until an endpoint of a case was asked so often.
pub async fn until_asked(case: &str, endpoint: &str, count: usize) -> Record {
    let deadline = Date::now() + PATIENCE;
    loop {
        // Before the first request nothing is known of it.
        if let Some(record) = record_of(case).await
            && record.count(endpoint) >= count
        {
            return record;
        }
        assert!(Date::now() < deadline, "{case}: waited in vain for {count} calls of {endpoint}");
        next_task().await;
    }
}

/// The page comes out of the back-forward cache.
pub fn restore() {
    let init = web_sys::PageTransitionEventInit::new();
    init.set_persisted(true);
    let event = web_sys::PageTransitionEvent::new_with_event_init_dict("pageshow", &init);
    let window = web_sys::window().expect("a window");
    window.dispatch_event(&event.expect("an event")).expect("an event");
}

/// The settings for a case of the hostile server. `case` may carry a label: `honest~reload`.
pub fn config(case: &str) -> Config {
    let issuer = format!("{HOSTILE}/{case}");
    Config::new(&issuer, "pixy-test", REDIRECT_URI).expect("a good config")
}

/// A state of this client's form that no login has.
pub const FOREIGN_STATE: &str = "Zm9yZWlnbi1zdGF0ZS1vZi0zMi1ieXRlcy1hbHRvZ2U";

/// Why the profile is the ID token's alone.
pub async fn why_incomplete(client: &Client) -> ErrorCode {
    let profile = client.profile().await.expect("what the ID token tells");
    profile.incomplete().expect("a reason").code()
}

/// Asks the authorization endpoint as the browser would by going there, and returns the address that
/// it redirects to.
pub async fn answer_to(authorization_url: &str) -> String {
    redirect_of(authorization_url, "authorize").await
}

/// Asks an endpoint as the browser would by going there, and returns the address that it redirects to:
/// script can't see it, so the server's record is read.
pub async fn redirect_of(url: &str, endpoint: &str) -> String {
    let init = RequestInit::new();
    init.set_mode(RequestMode::NoCors);
    let window = web_sys::window().expect("a window");
    // The redirect leads to no server at all, so the request as a whole fails.
    let _ = JsFuture::from(window.fetch_with_str_and_init(url, &init)).await;
    // After the scheme, nothing, and the server.
    let case = url.split('/').nth(3).expect("a case");
    let deadline = Date::now() + PATIENCE;
    loop {
        let requests = record(case).await.requests;
        let asked = requests.into_iter().rev().find(|request| request.went_to(endpoint));
        // The server writes the outcome down only after it has answered.
        if let Some(outcome) = asked.expect("a request").outcome {
            return outcome.location.expect("a redirect");
        }
        assert!(Date::now() < deadline, "no outcome of {url}");
    }
}

/// Lets the browser do everything else that is due: network, timers, rendering.
pub async fn next_task() {
    let window = web_sys::window().expect("a window");
    let due = Promise::new(&mut |done, _| {
        window.set_timeout_with_callback(&done).expect("a timer");
    });
    JsFuture::from(due).await.expect("a timer never fails");
}

/// The provider's refusal of the login that the tab left for last.
pub fn refusal(tab: &Tab, settings: &Config, error: &str) -> String {
    let left = tab.left_for();
    let state = left.split("state=").nth(1).and_then(|rest| rest.split('&').next());
    let (state, issuer) = (state.expect("a state"), settings.issuer().as_str());
    format!("{REDIRECT_URI}?error={error}&state={state}&iss={issuer}")
}

/// Waits until `condition` gives something; what it waits for in vain fails the test.
pub async fn wait_for<T>(what: &str, condition: impl Fn() -> Option<T>) -> T {
    let deadline = Date::now() + PATIENCE;
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(Date::now() < deadline, "waited in vain for {what}");
        next_task().await;
    }
}

/// What the hostile server was asked.
#[derive(Deserialize)]
pub struct Record {
    counts: BTreeMap<String, usize>,
    pub requests: Vec<Recorded>,
    /// What the server found wrong with proofs and pushed requests.
    pub violations: Vec<String>,
    /// Every token that it gave out since the reset, ID tokens, too.
    pub tokens: Vec<String>,
}

/// One request to it.
#[derive(Deserialize)]
pub struct Recorded {
    endpoint: String,
    pub method: String,
    pub header_names: Vec<String>,
    pub cookie: Option<String>,
    pub referer: Option<String>,
    pub authorization: Option<String>,
    pub content_type: Option<String>,
    pub parameters: Vec<String>,
    pub body: String,
    pub outcome: Option<Answered>,
}

/// How it was answered.
#[derive(Deserialize)]
pub struct Answered {
    pub location: Option<String>,
    pub bytes_sent: u64,
    pub aborted: bool,
}

impl Record {
    /// How often an endpoint was called.
    pub fn count(&self, endpoint: &str) -> usize {
        // Of a name that is none, every test that something was not called would pass.
        *self.counts.get(endpoint).unwrap_or_else(|| panic!("no endpoint is called {endpoint}"))
    }
}

/// The endpoints of the hostile server, as it calls them.
const ENDPOINTS: [&str; 10] = [
    "discovery",
    "par",
    "authorize",
    "token",
    "jwks",
    "userinfo",
    "api",
    "revoke",
    "logout",
    "other",
];

impl Recorded {
    /// Whether it went to this endpoint.
    pub fn went_to(&self, endpoint: &str) -> bool {
        assert!(ENDPOINTS.contains(&endpoint), "no endpoint is called {endpoint}");
        self.endpoint == endpoint
    }
}

/// Reads the record of a case that was reset, or asked for something.
pub async fn record(case: &str) -> Record {
    record_of(case).await.unwrap_or_else(|| panic!("{case} was neither reset nor asked"))
}

async fn record_of(case: &str) -> Option<Record> {
    let response = send(request(&format!("{HOSTILE}/_record/{case}"))).await.expect("the record");
    let known = response.status == 200;
    known.then(|| serde_json::from_slice(&response.body).expect("a record"))
}

/// Forgets what the server recorded of a case, so that a suite may run twice.
pub async fn reset(case: &str) {
    control(&format!("reset/{case}")).await;
}

/// From now on the server is honest in this case.
pub async fn make_honest(case: &str) {
    control(&format!("honest/{case}")).await;
}

/// Tells the hostile server something: `fault/honest/token/reset`.
pub async fn control(words: &str) -> Vec<u8> {
    let response = send(request(&format!("{HOSTILE}/_{words}"))).await.expect("an answer");
    assert_eq!(response.status, 200, "{words}");
    response.body
}

/// A plain GET, bounded as the client's own.
pub fn request(url: &str) -> FetchRequest {
    FetchRequest {
        method: Method::GET,
        url: url.to_owned(),
        headers: Vec::new(),
        body: None,
        timeout: Duration::from_millis(10_000),
        largest_body: 1 << 20,
        keepalive: false,
        signal: None,
    }
}
