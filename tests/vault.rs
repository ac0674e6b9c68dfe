//! The vault and its page, each in the place of the other's worker or window: what they say to each other
//! crosses as the text that it would be, and everything of it is looked at.

#![cfg(all(target_arch = "wasm32", feature = "vault"))]

mod support;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::FutureExt as _;
use js_sys::{Array, Function, Reflect};
use pixy_login::browser::Frame;
use pixy_login::browser::worker::{self, Parcel, Port, Received};
use pixy_login::client::vault::inside::Vault;
use pixy_login::client::{Body, Client, Event, Outcome, ResourceRequest, SignIn, Status};
use pixy_login::protocol::{Api, Config, Error, ErrorCode, Keeping, LogoutKind, Reload};
use support::sessions::events;
use support::{
    FOREIGN_STATE, HOSTILE, Hidden, InOrder, Prerendered, REDIRECT_URI, Tab, answer_to, config,
    letter, next_task, record, reset, start_beforehand, wait_for,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Blob, BlobPropertyBag, FormData};

wasm_bindgen_test_configure!(run_in_browser);

/// Everything that crossed between a page and its vault.
#[derive(Clone, Default)]
struct Wire {
    crossed: Rc<RefCell<Vec<String>>>,
    is_cut: Rc<Cell<bool>>,
    awaited: Rc<RefCell<Option<Awaited>>>,
}

/// What is done as soon as such a text is said, before the other side hears it.
type Awaited = (&'static str, Box<dyn FnOnce()>);

impl Wire {
    fn when_said(&self, text: &'static str, then: impl FnOnce() + 'static) {
        self.awaited.replace(Some((text, Box::new(then))));
    }

    /// Everything that was said, by either side, with the bytes beside it.
    fn everything(&self) -> String {
        self.crossed.borrow().join("\n")
    }

    /// An end, at which what is said is heard later, in the order in which it was said.
    fn end(&self, hear: impl Fn(Parcel) + 'static) -> Box<dyn Port> {
        Box::new(End { wire: self.clone(), hear: Rc::new(hear), said: InOrder::default() })
    }
}

struct End {
    wire: Wire,
    hear: Rc<dyn Fn(Parcel)>,
    said: InOrder<Parcel>,
}

impl Port for End {
    fn post(&self, parcel: Parcel) {
        let bytes = parcel.body.as_ref().and_then(Body::bytes).unwrap_or_default();
        let bytes = String::from_utf8_lossy(bytes);
        self.wire.crossed.borrow_mut().push(format!("{} {bytes}", parcel.text));
        let is_awaited = |awaited: &mut Awaited| parcel.text.contains(awaited.0);
        let awaited = self.wire.awaited.borrow_mut().take_if(is_awaited);
        if let Some((_, then)) = awaited {
            then();
        }
        let (hear, is_cut) = (Rc::downgrade(&self.hear), self.wire.is_cut.clone());
        self.said.push(parcel, move |parcel| {
            if let Some(hear) = hear.upgrade().filter(|_| !is_cut.get()) {
                hear(parcel);
            }
        });
    }
}

/// Opens a page of the app, and a vault for it, which has nothing of the tab's own.
fn open(tab: &Tab, config: &Config) -> (Client, Wire) {
    let wire = Wire::default();
    let start = |receiving: worker::Receiving| {
        let receiving = Rc::new(receiving);
        let to_page = wire.end(move |parcel| receiving(Received::Parcel(parcel)));
        let vault = Vault::open(tab.sibling().browser(), to_page);
        Some(wire.end(move |parcel| vault.hear(parcel)))
    };
    (Client::in_vault_of(config.clone(), tab.browser(), start), wire)
}

fn settings(case: &str) -> Config {
    let config = config(case).scope("openid offline_access").expect("a scope");
    config.allow_dpop_origin(HOSTILE).expect("an origin").keep(Keeping::SessionStorage)
}

/// Begins a login, and comes back with the answer in the address.
async fn go_and_come_back(tab: &Tab, config: &Config) -> (Client, Wire) {
    let (client, _) = open(tab, config);
    client.sign_in(SignIn::new()).await.expect("the login begins");
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    open(tab, config)
}

async fn signed_in(case: &str) -> (Tab, Client, Wire) {
    reset(case).await;
    let tab = Tab::new();
    let (client, wire) = go_and_come_back(&tab, &settings(case)).await;
    client.start().await.expect("a session");
    (tab, client, wire)
}

fn code<T>(result: Result<T, Error>) -> Option<ErrorCode> {
    result.err().map(|error| error.code())
}

#[wasm_bindgen_test]
async fn an_app_does_the_same_with_a_vault_as_without() {
    let case = "refresh~vault";
    reset(case).await;
    let tab = Tab::new();
    let (client, _wire) = go_and_come_back(&tab, &settings(case)).await;
    let seen = Rc::new(RefCell::new(Vec::new()));
    let (statuses, events) = (seen.clone(), seen.clone());
    let _statuses = client.subscribe(move |status| {
        statuses.borrow_mut().push(format!("{status:?}").split('(').next().unwrap().to_owned());
    });
    let _events = client.on_event(move |event| {
        events.borrow_mut().push(format!("{event:?}").split(' ').next().unwrap().to_owned());
    });
    let starting = client.start();
    assert!(matches!(client.status(), Status::Starting));
    let outcome = starting.await.expect("a session");
    assert!(matches!(outcome, Outcome::SignedIn { .. }));
    assert_eq!(tab.url(), "http://localhost:7/shop/cart.html?page=2");
    assert_eq!(tab.address.announced.get(), 1);
    assert!(tab.storage.pending().is_empty(), "the record is spent");
    let expected =
        ["Busy", "Busy", "CallbackAccepted", "IdTokenVerified", "SignedIn", "TokenReceived"];
    assert_eq!(*seen.borrow(), expected);

    let session = client.session().expect("a session");
    assert!(session.is_renewable() && session.scope().contains("offline_access"));
    assert_eq!(client.profile().await.expect("a profile").subject(), session.subject().unwrap());
    client.refresh().await.expect("a new token");
    let answer = client.fetch(letter(case)).await.expect("an answer");
    assert_eq!((answer.status, answer.content_type.as_deref()), (200, Some("application/json")));
    assert!(answer.json::<serde_json::Value>().is_ok());
    assert_eq!(client.expose_access_token(), None);

    client.sign_out();
    assert!(client.session().is_none() && matches!(client.status(), Status::SignedOut), "at once");
    assert_eq!(code(client.fetch(letter(case)).await), Some(ErrorCode::NotSignedIn));
    assert!(matches!(client.status(), Status::SignedOut));
    wait_for("the tokens are handed back", || {
        seen.borrow().iter().any(|event| event == "TokensHandedBack").then_some(())
    })
    .await;
    assert_eq!(record(case).await.count("token"), 2);
}

#[wasm_bindgen_test]
async fn t85_no_token_crosses_and_none_is_kept() {
    for case in ["refresh~vault-bearer", "dpop~vault", "t78-401-until-renewed-dpop~vault"] {
        let (tab, client, wire) = signed_in(case).await;
        client.profile().await.expect("a profile");
        client.fetch(letter(case)).await.expect("an answer");
        if client.session().is_some_and(|session| session.is_renewable()) {
            client.refresh().await.expect("a new token");
            client.fetch(letter(case)).await.expect("an answer");
        }
        let crossed = wire.everything();
        assert!(crossed.contains("\"kind\":\"answer\"") && crossed.contains("a letter"), "{case}");
        let secrets = secrets(case).await;
        let kept = format!("{:?}", tab.storage.texts.borrow());
        for secret in &secrets {
            assert!(!crossed.contains(secret), "{case}: {secret} crossed");
            assert!(!kept.contains(secret), "{case}: {secret} is kept");
        }
        // Nor any signed one: ID tokens, proofs.
        assert!(!crossed.contains("eyJ") && !kept.contains("eyJ"), "{case}");
        assert!(tab.shared.records.names("session:").is_empty(), "{case}");
        assert!(tab.shared.records.names("key:").is_empty(), "{case}");
    }
}

/// What no page may see: every token that was given out.
async fn secrets(case: &str) -> Vec<String> {
    let secrets = record(case).await.tokens;
    for kind in ["access-token-", "eyJ"] {
        assert!(secrets.iter().any(|secret| secret.starts_with(kind)), "{case}: {secrets:?}");
    }
    secrets
}

#[wasm_bindgen_test]
async fn a_vault_fetches_the_tokens_of_apis() {
    let case = "own-token~vault";
    reset(case).await;
    let url = format!("{HOSTILE}/{case}/api");
    let api = Api::at(&url).and_then(|api| api.resource("urn:api")).expect("an API");
    let config = config(case).scope("openid offline_access").expect("a scope").allow_api(api);
    let tab = Tab::new();
    let (client, wire) = go_and_come_back(&tab, &config).await;
    client.start().await.expect("a session");
    let answer = client.fetch(ResourceRequest::get(&url)).await.expect("an answer");
    assert_eq!(answer.status, 200);
    assert!(!wire.crossed.borrow().iter().any(|text| text.contains("access-token-2-of")));
    let refused = client.fetch(ResourceRequest::get(&format!("{HOSTILE}/{case}/mail"))).await;
    assert_eq!(code(refused), Some(ErrorCode::OriginNotAllowed));
}

/// A vault without a page: the test says what it likes.
struct Alone {
    vault: Vault,
    wire: Wire,
}

impl Alone {
    fn new(tab: &Tab) -> Self {
        let wire = Wire::default();
        Self { vault: Vault::open(tab.browser(), wire.end(|_| ())), wire }
    }

    fn hear(&self, text: &str) {
        self.vault.hear(Parcel { text: text.to_owned(), body: None });
    }

    async fn answer(&self, text: &str) -> String {
        let known = self.wire.crossed.borrow().len();
        self.hear(text);
        wait_for("an answer", || {
            let crossed = self.wire.crossed.borrow();
            crossed.iter().skip(known).find(|said| said.contains("\"answer\"")).cloned()
        })
        .await
    }
}

/// What a page said to its vault when it was opened.
async fn start_message(tab: &Tab, config: &Config) -> String {
    let (client, wire) = open(tab, config);
    client.prefetch().await;
    let crossed = wire.crossed.borrow();
    let start = crossed.iter().find(|said| said.starts_with("{\"kind\":\"start\""));
    start.expect("the first message").trim().to_owned()
}

#[wasm_bindgen_test]
async fn t85_a_vault_takes_its_settings_once_and_then_only_commands() {
    reset("honest~vault-other").await;
    let case = "refresh~vault-hostile";
    reset(case).await;
    let tab = Tab::new();
    let start = start_message(&tab, &settings(case)).await;
    let alone = Alone::new(&tab);
    let ask = |id: u32, rest: &str| {
        format!("{{\"kind\":\"ask\",\"id\":{id},\"url\":\"http://localhost:7/\"{rest}}}")
    };
    let fetch = |id: u32, to: &str, headers: &str| {
        let rest = r#","command":{"kind":"fetch","request":{"method":"GET","timeout":900,"url":""#;
        ask(id, &format!("{rest}{to}\",\"headers\":[{headers}]}}}}"))
    };
    // Before it knows its settings it does nothing.
    alone.hear(&ask(1, r#","command":{"kind":"profile"}"#));
    for garbage in
        ["", "{", "[]", "null", "{\"kind\":1}", "{\"kind\":\"tokens\"}", "{\"kind\":\"start\"}"]
    {
        alone.hear(garbage);
    }
    alone.hear(&start.replace("\"version\":\"", "\"version\":\"x"));
    next_task().await;
    let crossed = alone.wire.crossed.borrow().len();
    assert_eq!(crossed, 3, "ready, and refused twice: no settings, another version");
    alone.hear(&start);
    // Settings come once: another API, the same with another version, another provider.
    let evil =
        start.replace(r#""apis":["#, r#""apis":["https://evil.example/","bearer","","","","#);
    assert_ne!(evil, start);
    alone.hear(&evil);
    alone.hear(&start.replace(case, "honest~vault-other"));

    let refused = alone.answer(&fetch(2, "https://evil.example/", "")).await;
    assert!(refused.contains("not_signed_in"), "{refused}");
    for (unreadable, what) in [
        (ask(3, ""), "no command"),
        (ask(3, r#","command":{"kind":"expose_access_token"}"#), "no such command"),
        (ask(3, r#","command":{"kind":"fetch"}"#), "nothing to fetch"),
        (
            ask(
                3,
                r#","command":{"kind":"sign_in","how":{"scope":"a","options":["client_secret","x"]}}"#,
            ),
            "an option",
        ),
        (fetch(3, HOSTILE, r#"["Authorization","Bearer x"]"#), "a header of the client's own"),
        (fetch(3, HOSTILE, r#"["Accept"]"#), "half a header"),
    ] {
        let answer = alone.answer(&unreadable).await;
        assert!(answer.contains("invalid_config"), "{what}: {answer}");
    }
    assert!(record("honest~vault-other").await.requests.is_empty());
    assert!(!alone.wire.everything().contains("evil.example"), "not even named");
}

#[wasm_bindgen_test]
async fn t85_tokens_go_to_the_origins_that_were_fixed_at_the_start() {
    let case = "refresh~vault-origins";
    let (_, client, _wire) = signed_in(case).await;
    for url in
        ["https://evil.example/", &HOSTILE.replace("localhost", "127.0.0.1"), "blob:x", "//x", ""]
    {
        let refused = code(client.fetch(ResourceRequest::get(url)).await);
        let expected = [Some(ErrorCode::OriginNotAllowed), Some(ErrorCode::InsecureUrl)];
        assert!(expected.contains(&refused), "{url}: {refused:?}");
    }
}

#[wasm_bindgen_test]
async fn t85_what_lies_in_session_storage_does_not_say_where_tokens_go() {
    let (case, evil) = ("refresh~vault-forged", "refresh~vault-thief");
    reset(case).await;
    reset(evil).await;
    let tab = Tab::new();
    let config = settings(case);
    let (client, _) = open(&tab, &config);
    client.sign_in(SignIn::new()).await.expect("the login begins");
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    // A script of the page changes the record, and has a discovery document of its own.
    let endpoint = |case: &str, name: &str| format!("{HOSTILE}/{case}/{name}");
    let mut forged = Vec::new();
    for (key, text) in tab.storage.texts.borrow().iter() {
        let text = ["token", "userinfo", "jwks"].iter().fold(text.clone(), |text, name| {
            text.replace(&endpoint(case, name), &endpoint(evil, name))
        });
        forged.push((key.clone(), text));
    }
    assert!(forged.iter().any(|(_, text)| text.contains(evil)));
    tab.storage.texts.borrow_mut().extend(forged);
    let metadata = format!("pixy-login:metadata:{}", config.issuer().as_str());
    assert!(!tab.storage.texts.borrow().contains_key(&metadata), "the vault's own");

    let (client, _wire) = open(&tab, &config);
    client.start().await.expect("a session, by the provider's own document");
    client.profile().await.expect("a profile");
    client.refresh().await.expect("a new token");
    assert_eq!(record(case).await.count("token"), 2);
    let stolen = record(evil).await.requests;
    assert!(
        stolen.iter().all(|request| request.authorization.is_none() && request.body.is_empty())
    );
    assert_eq!(record(evil).await.count("token"), 0);
}

#[wasm_bindgen_test]
async fn a_login_that_the_page_can_not_begin_says_why() {
    for (is_denied, expected) in
        [(true, ErrorCode::StorageDenied), (false, ErrorCode::NavigationFailed)]
    {
        let tab = Tab::new();
        let (client, _wire) = open(&tab, &config("honest~vault-denied"));
        client.start().await.expect("no callback");
        tab.storage.denied.set(is_denied);
        tab.address.refuses.set(!is_denied);
        assert_eq!(code(client.sign_in(SignIn::new()).await), Some(expected));
        assert_eq!(tab.left_for(), "", "the page stays");
        let failed = wait_for("the status", || match client.status() {
            Status::Failed(error) => Some(error.code()),
            _ => None,
        });
        assert_eq!(failed.await, expected);
        // Once it is allowed again, the next page may try.
        tab.storage.denied.set(false);
        tab.address.refuses.set(false);
        let (client, _wire) = open(&tab, &config("honest~vault-denied"));
        client.sign_in(SignIn::new()).await.expect("the login begins");
        assert!(tab.left_for().contains("honest~vault-denied"));
    }
}

#[wasm_bindgen_test]
async fn without_a_vault_nothing_is_done_in_its_place() {
    let tab = Tab::new();
    let case = "honest~vault-missing";
    reset(case).await;
    let client = Client::in_vault_of(settings(case), tab.browser(), |_| None);
    assert_eq!(failed_with(&client), Some(ErrorCode::VaultUnavailable));
    let lost = Some(ErrorCode::VaultUnavailable);
    // Not even an answer in the address, which nobody can look at.
    tab.address.url.replace(format!("{REDIRECT_URI}?code=x&state={FOREIGN_STATE}"));
    assert_eq!(code(client.start().await), lost);
    assert_eq!(failed_with(&client), lost);
    assert_eq!(tab.url(), REDIRECT_URI);
    assert_eq!(code(client.sign_in(SignIn::new()).await), lost);
    assert_eq!(code(client.profile().await), lost);
    assert_eq!(code(client.refresh().await), lost);
    assert_eq!(code(client.fetch(letter(case)).await), lost);
    assert_eq!(code(client.sign_out_at_provider().await), lost);
    client.prefetch().await;
    client.sign_out();
    assert!(client.session().is_none() && tab.left_for().is_empty());
    assert!(record(case).await.requests.is_empty());
}

fn failed_with(client: &Client) -> Option<ErrorCode> {
    match client.status() {
        Status::Failed(error) => Some(error.code()),
        _ => None,
    }
}

#[wasm_bindgen_test]
async fn a_worker_that_can_not_be_started_is_told() {
    // The last three are never asked for.
    for script in [
        "no-such-vault.js",
        "https://other.example/vault.js",
        "blob:http://localhost/1",
        "data:text/javascript,0",
    ] {
        let client = Client::in_vault(settings("honest~vault-script"), script);
        assert_eq!(code(client.start().await), Some(ErrorCode::VaultUnavailable), "{script}");
        assert_eq!(failed_with(&client), Some(ErrorCode::VaultUnavailable), "{script}");
    }
}

#[wasm_bindgen_test]
async fn a_vault_that_falls_silent_is_given_up() {
    let case = "refresh~vault-silent";
    let (_tab, client, wire) = signed_in(case).await;
    let told = Rc::new(Cell::new(0));
    let count = told.clone();
    let _events = client.on_event(move |event| {
        if matches!(event, Event::Refused { error } if error.code() == ErrorCode::VaultUnavailable)
        {
            count.set(count.get() + 1);
        }
    });
    wire.is_cut.set(true);
    assert_eq!(code(client.refresh().await), Some(ErrorCode::VaultUnavailable));
    assert_eq!(failed_with(&client), Some(ErrorCode::VaultUnavailable));
    assert!(client.session().is_none());
    wire.is_cut.set(false);
    assert_eq!(code(client.fetch(letter(case)).await), Some(ErrorCode::VaultUnavailable));
    assert_eq!(told.get(), 1);
}

/// As long as it lives, the page looks after its vault only when the test says so.
struct Looks {
    due: Rc<RefCell<Option<Function>>>,
    /// How many milliseconds have passed for the page beyond those that did.
    passed: Rc<Cell<f64>>,
    _patches: [Patch; 2],
}

impl Looks {
    /// How long the page waits between two, in milliseconds.
    const INTERVAL: f64 = 5_000.0;

    fn begin() -> Self {
        let due: Rc<RefCell<Option<Function>>> = Rc::default();
        let passed: Rc<Cell<f64>> = Rc::default();
        let (kept, added) = (due.clone(), passed.clone());
        let page = JsValue::from(js_sys::global());
        let timers = Patch::begin(page.clone(), "setTimeout", |set| {
            Closure::<dyn Fn(Function, f64) -> JsValue>::new(move |task, delay: f64| {
                if delay == Self::INTERVAL {
                    kept.replace(Some(task));
                    return JsValue::from(0);
                }
                set.call2(&JsValue::UNDEFINED, &task, &delay.into()).expect("a timer")
            })
            .into_js_value()
        });
        let clock = Patch::begin(get(&page, "Date"), "now", |now| {
            let now = move || now.call0(&JsValue::UNDEFINED).ok()?.as_f64();
            Closure::<dyn Fn() -> f64>::new(move || now().expect("a time") + added.get())
                .into_js_value()
        });
        Self { due, passed, _patches: [timers, clock] }
    }

    /// The page looks, so many milliseconds after it last did.
    async fn look(&self, after: f64) {
        let due = wait_for("a look that is due", || self.due.take()).await;
        self.passed.set(self.passed.get() + after);
        due.call0(&JsValue::UNDEFINED).expect("a look");
        next_task().await;
    }
}

/// As long as it lives, a function of the page is another.
struct Patch {
    owner: JsValue,
    name: &'static str,
    original: Function,
}

impl Patch {
    fn begin(owner: JsValue, name: &'static str, other: impl FnOnce(Function) -> JsValue) -> Self {
        let original = Function::from(get(&owner, name));
        Reflect::set(&owner, &name.into(), &other(original.clone())).expect(name);
        Self { owner, name, original }
    }
}

impl Drop for Patch {
    fn drop(&mut self) {
        Reflect::set(&self.owner, &self.name.into(), &self.original).expect(self.name);
    }
}

fn get(owner: &JsValue, name: &str) -> JsValue {
    Reflect::get(owner, &name.into()).expect(name)
}

#[wasm_bindgen_test]
async fn no_vault_is_given_up_for_time_in_which_its_page_is_stopped_or_hidden() {
    let case = "refresh~vault-stopped";
    let looks = Looks::begin();
    let (_tab, client, wire) = signed_in(case).await;
    wire.is_cut.set(true);
    // Asked, and not waited for.
    assert!(client.refresh().now_or_never().is_none());
    // Until then the vault was heard.
    looks.look(Looks::INTERVAL).await;
    for (is_hidden, after) in [(true, Looks::INTERVAL), (false, 60_000.0)] {
        looks.look(Looks::INTERVAL).await;
        looks.look(Looks::INTERVAL).await;
        // Whatever was counted until then counts no more.
        let hidden = is_hidden.then(Hidden::begin);
        looks.look(after).await;
        drop(hidden);
        looks.look(Looks::INTERVAL).await;
        looks.look(Looks::INTERVAL).await;
        assert!(client.session().is_some(), "hidden: {is_hidden}");
        let hidden = is_hidden.then(Hidden::begin);
        looks.look(after).await;
        drop(hidden);
    }
    // It was there all the time.
    wire.is_cut.set(false);
    client.refresh().await.expect("a new token");
    wire.is_cut.set(true);
    for _ in 0..3 {
        looks.look(Looks::INTERVAL).await;
    }
    assert_eq!(failed_with(&client), None, "one word of it counts, too");
    looks.look(Looks::INTERVAL).await;
    assert_eq!(failed_with(&client), Some(ErrorCode::VaultUnavailable));
}

#[wasm_bindgen_test]
async fn what_a_vault_said_before_it_heard_of_a_sign_out_is_old() {
    let case = "refresh~vault-late";
    let (_tab, client, wire) = signed_in(case).await;
    let was_back = Rc::new(Cell::new(false));
    let back = was_back.clone();
    let signed_out = Rc::new(Cell::new(false));
    let is_out = signed_out.clone();
    let _statuses = client.subscribe(move |status| {
        if is_out.get() && matches!(status, Status::SignedIn(_)) {
            back.set(true);
        }
    });
    let (leaving, is_out) = (client.clone(), signed_out.clone());
    // The vault says that somebody is signed in, and before the page hears it the person signs out.
    wire.when_said("\"kind\":\"state\"", move || {
        is_out.set(true);
        leaving.sign_out();
    });
    let renewal = client.clone();
    spawn_local(async move { drop(renewal.refresh().await) });
    wait_for("the old word", || signed_out.get().then_some(())).await;
    for _ in 0..5 {
        next_task().await;
    }
    assert_eq!(code(client.refresh().await), Some(ErrorCode::NotSignedIn));
    assert!(!was_back.get() && client.session().is_none());
}

#[wasm_bindgen_test]
async fn a_page_that_signs_out_is_not_left_for_a_login_that_began_before() {
    let tab = Tab::new();
    let (client, wire) = open(&tab, &settings("honest~vault-leaving"));
    client.start().await.expect("no callback");
    let late = client.clone();
    wire.when_said("\"kind\":\"go\"", move || drop(late.sign_out()));
    drop(client.sign_in(SignIn::new()).await);
    assert!(wire.awaited.borrow().is_none(), "the vault has said where to go");
    for _ in 0..5 {
        next_task().await;
    }
    assert_eq!(tab.left_for(), "");
    assert!(matches!(client.status(), Status::SignedOut));
}

#[wasm_bindgen_test]
async fn vaults_of_several_tabs_agree_on_who_is_signed_in() {
    let case = "refresh~vault-tabs";
    let (tab, client, _wire) = signed_in(case).await;
    let other_tab = tab.sibling();
    let (other, _other_wire) = go_and_come_back(&other_tab, &settings(case)).await;
    other.start().await.expect("a session");
    assert!(client.session().is_some() && other.session().is_some());
    client.sign_out();
    wait_for("the other tab", || other.session().is_none().then_some(())).await;
    assert!(matches!(other.status(), Status::SignedOut));
}

#[cfg(feature = "step-up")]
#[wasm_bindgen_test]
async fn a_request_that_needs_a_stronger_sign_in_is_repeated_by_the_vault() {
    let case = "step-up-acr~vault";
    reset(case).await;
    let tab = Tab::new();
    let config = settings(case).step_up(pixy_login::protocol::StepUpPolicy::Automatic);
    let (client, _wire) = go_and_come_back(&tab, &config).await;
    client.start().await.expect("a session");
    assert!(client.repeated().await.is_none());
    let (heard, _subscription) = events(&client);
    assert_eq!(code(client.fetch(letter(case)).await), Some(ErrorCode::SigningInAgain));
    let told = format!("{:?}", heard.borrow());
    assert!(told.contains("StepUpStarted") && told.contains("gold"), "{told}");
    assert!(tab.left_for().contains("acr_values=gold"), "{}", tab.left_for());
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let (client, _wire) = open(&tab, &config);
    client.start().await.expect("a session");
    let answer = client.repeated().await.expect("it was repeated").expect("an answer");
    assert_eq!((answer.status, record(case).await.count("api")), (200, 2));
}

#[wasm_bindgen_test]
async fn what_the_browser_reads_itself_is_sent() {
    let case = "refresh~vault-body";
    let (_tab, client, _wire) = signed_in(case).await;
    let url = format!("{HOSTILE}/{case}/api");
    let put = || ResourceRequest::new("PUT", &url).expect("a method");
    let options = BlobPropertyBag::new();
    options.set_type("text/x-blob");
    let text = Array::of1(&"a blob".into());
    let blob = Blob::new_with_str_sequence_and_options(&text, &options).expect("a blob");
    client.fetch(put().body(blob)).await.expect("an answer");
    let form = FormData::new().expect("a form");
    form.append_with_str("Name", "Hanako").expect("a field");
    client.fetch(put().body(form)).await.expect("an answer");
    let requests = record(case).await.requests;
    let sent: Vec<_> = requests.iter().filter(|request| request.method == "PUT").collect();
    let [blob, form] = sent.as_slice() else { panic!("{} requests", sent.len()) };
    assert_eq!((blob.body.as_str(), blob.content_type.as_deref()), ("a blob", Some("text/x-blob")));
    let media_type = form.content_type.as_deref().expect("a media type");
    let boundary = media_type.strip_prefix("multipart/form-data; boundary=").expect("a boundary");
    assert!(form.body.contains(boundary) && form.body.contains("Hanako"), "{media_type}");
}

#[wasm_bindgen_test]
async fn after_a_reload_the_provider_is_asked_where_the_app_wants_that() {
    let case = "honest~vault-reload";
    reset(case).await;
    let tab = Tab::new();
    let config = settings(case).on_reload(Reload::AskProvider);
    let (client, _wire) = go_and_come_back(&tab, &config).await;
    client.start().await.expect("a session");
    wait_for("the entry", || {
        tab.storage.texts.borrow().keys().any(|key| key.contains(":returning:")).then_some(())
    })
    .await;
    let (reloaded, _wire) = open(&tab, &config);
    assert_eq!(reloaded.start().await, Ok(Outcome::SigningIn));
    assert!(tab.left_for().contains("prompt=none"), "{}", tab.left_for());
}

#[wasm_bindgen_test]
async fn f27_a_vault_does_not_leave_a_frame_either() {
    let case = "refresh~vault-framed";
    reset(case).await;
    let tab = Tab::new();
    let config = settings(case);
    let (client, _wire) = go_and_come_back(&tab, &config).await;
    client.start().await.expect("a session");
    let left_for = tab.left_for();
    tab.address.frame.set(Frame::OwnSite);
    assert_eq!(code(client.sign_out_at_provider().await), Some(ErrorCode::PageInFrame));
    assert_eq!(code(client.sign_in(SignIn::new()).await), Some(ErrorCode::PageInFrame));
    let failed = || matches!(client.status(), Status::Failed(_)).then_some(());
    wait_for("the failure", failed).await;
    assert_eq!(tab.left_for(), left_for);
    // Outside of it, the next one leaves.
    tab.address.frame.set(Frame::None);
    client.sign_in(SignIn::new()).await.expect("it begins");
    assert_ne!(tab.left_for(), left_for);
}

#[wasm_bindgen_test]
async fn f27_a_vault_asks_no_provider_in_silence_in_a_frame() {
    let case = "refresh~vault-framed-silent";
    reset(case).await;
    let tab = Tab::new();
    let config = settings(case).on_reload(Reload::AskProvider);
    let (client, wire) = go_and_come_back(&tab, &config).await;
    client.start().await.expect("a session");
    drop((client, wire));
    tab.address.frame.set(Frame::OwnSite);
    let (client, wire) = open(&tab, &config);
    assert_eq!(client.start().await, Ok(Outcome::NoCallback));
    assert!(matches!(client.status(), Status::SignedOut), "{:?}", client.status());
    drop((client, wire));
    // The question is not spent: outside of the frame it is asked.
    tab.address.frame.set(Frame::None);
    let (client, _wire) = open(&tab, &config);
    assert_eq!(client.start().await, Ok(Outcome::SigningIn));
}

#[wasm_bindgen_test]
async fn f29_a_vault_is_asked_for_nothing_before_somebody_comes_to_the_page() {
    let case = "honest~vault-prerendered";
    reset(case).await;
    let tab = Tab::new();
    let prerendered = Prerendered::begin();
    let (client, wire) = open(&tab, &settings(case));
    start_beforehand(&client).await;
    assert!(!wire.everything().contains("\"ask\""), "{}", wire.everything());
    assert!(matches!(client.status(), Status::Starting), "{:?}", client.status());
    drop(prerendered);
    wait_for("nobody", || matches!(client.status(), Status::SignedOut).then_some(())).await;
}

#[wasm_bindgen_test]
async fn the_provider_signs_the_person_out_without_seeing_the_id_token_in_the_address() {
    let case = "refresh~vault-logout";
    reset(case).await;
    let tab = Tab::new();
    let afterwards = "http://localhost:7/shop/bye.html";
    let config = settings(case).post_logout_redirect_uri(afterwards).expect("a page");
    let (client, wire) = go_and_come_back(&tab, &config).await;
    client.start().await.expect("a session");
    client.sign_out_at_provider().await.expect("the page is left");
    assert!(matches!(client.status(), Status::SignedOut));
    let left_for = tab.left_for();
    assert!(left_for.contains("client_id=") && left_for.contains("state="), "{left_for}");
    assert!(!left_for.contains("id_token_hint") && !wire.everything().contains("eyJ"));
    // The way back is known by the state, which the page kept.
    let state = left_for.split("state=").nth(1).and_then(|rest| rest.split(['&', ' ']).next());
    tab.address.url.replace(format!("{afterwards}?state={}", state.expect("a state")));
    let (client, _wire) = open(&tab, &config);
    assert_eq!(client.start().await, Ok(Outcome::SignedOut));
    assert_eq!(tab.url(), afterwards);
}

#[wasm_bindgen_test]
async fn f30_nobody_leaves_a_vault_for_a_provider_that_needs_an_id_token() {
    let case = "refresh~vault-hint-required";
    reset(case).await;
    let tab = Tab::new();
    let config = settings(case).logout(LogoutKind::HintRequired);
    let (client, _wire) = go_and_come_back(&tab, &config).await;
    client.start().await.expect("a session");
    assert!(!client.session().expect("a session").can_end_at_provider());
    let left_for = tab.left_for();
    assert_eq!(code(client.sign_out_at_provider().await), Some(ErrorCode::LogoutNotSupported));
    assert_eq!(tab.left_for(), left_for);
    assert!(matches!(client.status(), Status::SignedOut));
    // Without a vault the ID token goes along, and what the app and the provider have agreed on.
    let tab = Tab::new();
    let config = config.logout_parameter("ui_locales", "ja").expect("a parameter");
    let client = tab.sign_in(&config.logout_hint_claim("sub")).await;
    assert!(client.session().expect("a session").can_end_at_provider());
    client.sign_out_at_provider().await.expect("the page is left");
    for part in ["id_token_hint=eyJ", "logout_hint=", "ui_locales=ja"] {
        assert!(tab.left_for().contains(part), "{part}: {}", tab.left_for());
    }
}
