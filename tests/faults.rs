//! What goes wrong on the way without anybody meaning harm, at each request of signing in, renewing
//! and signing out. A test is named after the step and the fault; what must hold after each of them
//! stands once for the step.

#![cfg(target_arch = "wasm32")]

mod support;

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::{join, join_all};
use js_sys::Date;
use pixy_login::client::{Client, Event, Outcome, ResourceRequest, SignIn, Status};
use pixy_login::protocol::{Config, Error, ErrorCode, Keeping};
use serde::Deserialize;
use support::{REDIRECT_URI, Tab, answer_to, control, record, reset, wait_for, why_incomplete};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Where people are after signing out. Nothing is ever loaded from there.
const AFTERWARDS: &str = "http://localhost:7/shop/bye.html";

/// In milliseconds, longer than the client waits for one answer, also on a busy machine, and less than for two.
const PATIENCE: f64 = 19_000.0;

/// One test for each fault at a step: what the server does, and the code that comes of it.
macro_rules! faults {
    ($($step:ident { $($fault:ident => $code:ident,)+ })+) => {
        $(mod $step {
            use super::*;
            $(#[wasm_bindgen_test]
            async fn $fault() {
                super::$step(stringify!($fault), ErrorCode::$code).await;
            })+
        })+
    };
}

faults! {
    login_discovery {
        refused => NetworkOrCors,
        reset => NetworkOrCors,
        lost => NetworkOrCors,
        half => NetworkOrCors,
        status_500 => ProviderUnavailable,
        status_503_1 => ProviderUnavailable,
        status_429_1 => ProviderUnavailable,
        html => NotJson,
        garbage => NotJson,
    }
    login_pushed_request {
        refused => NetworkOrCors,
        reset => NetworkOrCors,
        lost => NetworkOrCors,
        half => NetworkOrCors,
        status_500 => ProviderUnavailable,
        status_503_1 => ProviderUnavailable,
        status_429_1 => ProviderUnavailable,
        html => InvalidResponse,
        garbage => InvalidResponse,
    }
    login_token {
        refused => NetworkOrCors,
        reset => NetworkOrCors,
        lost => NetworkOrCors,
        half => NetworkOrCors,
        status_500 => ProviderUnavailable,
        status_503_1 => ProviderUnavailable,
        status_429_1 => ProviderUnavailable,
        html => NotJson,
        garbage => NotJson,
    }
    login_bound_token {
        refused => NetworkOrCors,
        reset => NetworkOrCors,
        lost => NetworkOrCors,
        half => NetworkOrCors,
        status_500 => ProviderUnavailable,
        status_503_1 => ProviderUnavailable,
        status_429_1 => ProviderUnavailable,
        html => NotJson,
        garbage => NotJson,
    }
    login_keys {
        reset => NetworkOrCors,
        lost => NetworkOrCors,
        half => NetworkOrCors,
        status_500 => ProviderUnavailable,
        status_503_1 => ProviderUnavailable,
        status_429_1 => ProviderUnavailable,
        html => KeysInvalid,
        garbage => KeysInvalid,
    }
    profile {
        refused => NetworkOrCors,
        reset => NetworkOrCors,
        lost => NetworkOrCors,
        half => NetworkOrCors,
        status_500 => ResourceError,
        status_503_1 => ResourceError,
        status_429_1 => ResourceError,
        html => NotJson,
        garbage => NotJson,
    }
    refresh_token {
        refused => NetworkOrCors,
        reset => NetworkOrCors,
        status_500 => ProviderUnavailable,
        status_503_1 => ProviderUnavailable,
        status_429_1 => ProviderUnavailable,
        html => NotJson,
        garbage => NotJson,
    }
    refresh_token_whose_answer_is_lost {
        lost => NetworkOrCors,
        half => NetworkOrCors,
    }
    refresh_keys {
        reset => NetworkOrCors,
        lost => NetworkOrCors,
        half => NetworkOrCors,
        status_500 => ProviderUnavailable,
        status_503_1 => ProviderUnavailable,
        status_429_1 => ProviderUnavailable,
        html => KeysInvalid,
        garbage => KeysInvalid,
    }
    sign_out_discovery {
        refused => NetworkOrCors,
        reset => NetworkOrCors,
        lost => NetworkOrCors,
        half => NetworkOrCors,
        status_500 => ProviderUnavailable,
        status_503_1 => ProviderUnavailable,
        status_429_1 => ProviderUnavailable,
        html => NotJson,
        garbage => NotJson,
    }
}

/// The same without a code: signing out tells nobody that the tokens could not be handed back.
macro_rules! silent_faults {
    ($($step:ident { $($fault:ident)+ })+) => {
        $(mod $step {
            use super::*;
            $(#[wasm_bindgen_test]
            async fn $fault() {
                super::$step(stringify!($fault)).await;
            })+
        })+
    };
}

silent_faults! {
    login_pushed_request_that_may_go_by_the_address {
        refused reset lost half status_500 status_503_1 status_429_1
    }
    sign_out { refused reset lost status_500 status_503_1 status_429_1 html garbage }
    sign_out_at_provider { refused reset lost status_500 status_503_1 status_429_1 html garbage }
}

// Ten seconds of patience are the same for all: they wait side by side.
#[wasm_bindgen_test]
async fn an_answer_that_never_comes_at_any_step() {
    let began = Date::now();
    let steps = [
        login_discovery("hang", ErrorCode::Timeout).boxed_local(),
        login_pushed_request("hang", ErrorCode::Timeout).boxed_local(),
        login_pushed_request_that_may_go_by_the_address("hang").boxed_local(),
        login_token("hang", ErrorCode::Timeout).boxed_local(),
        login_bound_token("hang", ErrorCode::Timeout).boxed_local(),
        login_keys("hang", ErrorCode::Timeout).boxed_local(),
        profile("hang", ErrorCode::Timeout).boxed_local(),
        refresh_keys("hang", ErrorCode::Timeout).boxed_local(),
        sign_out_discovery("hang", ErrorCode::Timeout).boxed_local(),
        sign_out("hang").boxed_local(),
        sign_out_at_provider("hang").boxed_local(),
    ];
    join_all(steps).await;
    assert!(Date::now() - began < PATIENCE, "nobody waits for ever, nor twice");
}

#[wasm_bindgen_test]
async fn an_answer_that_is_slow_is_waited_for() {
    let server = Server::of("par-required", "slow").await;
    for endpoint in ["discovery", "par", "token", "jwks", "userinfo", "revoke"] {
        server.fail(endpoint, "slow_500").await;
    }
    let (tab, client) = server.signed_in().await;
    client.profile().await.expect("a profile");
    client.refresh().await.expect("a new token");
    client.sign_out_at_provider().await.expect("the page is left");
    assert!(tab.left_for().starts_with(&server.endpoint("logout")), "{}", tab.left_for());
    assert_eq!(record(&server.case).await.count("revoke"), 2);
    server.was_spared().await;
}

/// A case of the hostile server behind a door of its own, which can be shut.
struct Server {
    case: String,
    door: Door,
}

#[derive(Deserialize)]
struct Door {
    url: String,
    port: u16,
}

impl Server {
    /// A case for one test alone.
    async fn of(case: &str, test: &str) -> Self {
        let case = [case, "~faults-", test].concat();
        reset(&case).await;
        let door = serde_json::from_slice(&control("door/new").await).expect("a door");
        Self { case, door }
    }

    fn endpoint(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.door.url, self.case)
    }

    fn config(&self) -> Config {
        let issuer = format!("{}/{}", self.door.url, self.case);
        let config = Config::new(&issuer, "pixy-test", REDIRECT_URI).expect("a good config");
        let config = config.scope("openid profile offline_access").expect("a scope");
        config.post_logout_redirect_uri(AFTERWARDS).expect("a page")
    }

    /// From now on this goes wrong: the name of a fault as the tests have it.
    async fn fail(&self, endpoint: &str, fault: &str) {
        let words = match fault {
            "refused" => format!("door/shut/{}", self.door.port),
            _ => {
                let kind = fault.trim_start_matches("status_").replace('_', "-");
                format!("fault/{}/{endpoint}/{kind}", self.case)
            }
        };
        control(&words).await;
    }

    /// From now on nothing goes wrong.
    async fn recover(&self, endpoint: &str) {
        control(&format!("door/open/{}", self.door.port)).await;
        control(&format!("fault/{}/{endpoint}/none", self.case)).await;
        control(&format!("release/{}", self.case)).await;
    }

    /// A page that was left for the provider and is open again, with the answer in its address.
    async fn come_back(&self, tab: &Tab, client: &Client) -> Client {
        client
            .sign_in(SignIn::new())
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", self.case));
        assert!(matches!(client.status(), Status::Leaving), "{}", self.case);
        tab.address.url.replace(answer_to(&tab.left_for()).await);
        tab.open(client.config())
    }

    /// Signs in.
    async fn sign_in(&self, tab: &Tab, client: &Client) -> Client {
        let client = self.come_back(tab, client).await;
        let outcome = client.start().await.unwrap_or_else(|error| panic!("{}: {error}", self.case));
        assert!(matches!(outcome, Outcome::SignedIn { .. }), "{}", self.case);
        assert!(matches!(client.status(), Status::SignedIn(_)), "{}", self.case);
        client
    }

    /// A tab where somebody is signed in.
    async fn signed_in(&self) -> (Tab, Client) {
        let tab = Tab::new();
        let client = self.sign_in(&tab, &tab.open(&self.config())).await;
        (tab, client)
    }

    /// No code was sent twice, and no refresh token after it was spent.
    async fn was_spared(&self) {
        let mut record = record(&self.case).await;
        // An empty request without a proof asks whether proofs are let in at all.
        record.violations.retain(|violation| violation != "token: DPoP: not one proof");
        assert_eq!(record.violations, Vec::<String>::new(), "{}", self.case);
        let bodies = record.requests.iter().filter(|request| request.went_to("token"));
        let codes = bodies.filter_map(|request| parameter(&request.body, "code"));
        let codes: Vec<_> = codes.collect();
        let different: HashSet<_> = codes.iter().collect();
        assert_eq!(different.len(), codes.len(), "{}: a code was sent twice", self.case);
    }
}

/// A parameter of a form, as it was sent.
fn parameter(form: &str, name: &str) -> Option<String> {
    form.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then(|| value.to_owned())
    })
}

/// The login failed with this code: nobody is signed in, and nothing is left of it.
fn login_failed(tab: &Tab, client: &Client, error: Error, code: ErrorCode) {
    assert_eq!(error.code(), code);
    let Status::Failed(shown) = client.status() else { panic!("{code:?}: {:?}", client.status()) };
    assert_eq!(shown, error);
    assert!(client.session().is_none() && client.expose_access_token().is_none(), "{code:?}");
    assert_eq!(tab.storage.pending(), Vec::<String>::new(), "{code:?}");
    assert!(!tab.url().contains("code="), "{code:?}: {}", tab.url());
}

/// The page is not left, and nothing of the login stays behind.
async fn leaving_fails(server: &Server, endpoint: &str, fault: &str, code: ErrorCode) {
    let tab = Tab::new();
    let client = tab.open(&server.config());
    client.start().await.expect("no callback");
    if endpoint != "discovery" {
        // A door that is shut is shut for the metadata as well.
        client.prefetch().await;
    }
    server.fail(endpoint, fault).await;
    let left = client.sign_in(SignIn::new()).await;
    login_failed(&tab, &client, left.expect_err(fault), code);
    assert_eq!(tab.left_for(), "", "{fault}");
    server.recover(endpoint).await;
    server.sign_in(&tab, &client).await;
    server.was_spared().await;
}

async fn login_discovery(fault: &str, code: ErrorCode) {
    let server = Server::of("honest", &["discovery-", fault].concat()).await;
    leaving_fails(&server, "discovery", fault, code).await;
}

async fn login_pushed_request(fault: &str, code: ErrorCode) {
    let server = Server::of("par-required", &["par-", fault].concat()).await;
    leaving_fails(&server, "par", fault, code).await;
}

async fn login_pushed_request_that_may_go_by_the_address(fault: &str) {
    let server = Server::of("par", &["address-", fault].concat()).await;
    let tab = Tab::new();
    let client = tab.open(&server.config());
    client.prefetch().await;
    server.fail("par", fault).await;
    client.sign_in(SignIn::new()).await.unwrap_or_else(|error| panic!("{fault}: {error}"));
    let left_for = tab.left_for();
    assert!(left_for.contains("&state=") && !left_for.contains("request_uri"), "{left_for}");
    server.recover("par").await;
    tab.address.url.replace(answer_to(&left_for).await);
    let client = tab.open(&server.config());
    client.start().await.unwrap_or_else(|error| panic!("{fault}: {error}"));
    assert!(matches!(client.status(), Status::SignedIn(_)), "{fault}");
}

/// The answer is there, but what it brings can't be had.
async fn redeeming_fails(server: &Server, endpoint: &str, fault: &str, code: ErrorCode) {
    let case = &server.case;
    let tab = Tab::new();
    let client = server.come_back(&tab, &tab.open(&server.config())).await;
    let callback = tab.url();
    server.fail(endpoint, fault).await;
    login_failed(&tab, &client, client.start().await.expect_err(case), code);
    server.recover(endpoint).await;
    // The same answer once more, from the history: it is worth nothing by now, and is not sent.
    let sent = record(case).await.count("token");
    tab.address.url.replace(callback);
    let error = tab.open(&server.config()).start().await.expect_err(case);
    assert_eq!(error.code(), ErrorCode::LoginNotFound, "{case}");
    assert_eq!(record(case).await.count("token"), sent, "{case}");
    server.sign_in(&tab, &client).await;
    server.was_spared().await;
}

async fn login_token(fault: &str, code: ErrorCode) {
    let server = Server::of("refresh", &["token-", fault].concat()).await;
    redeeming_fails(&server, "token", fault, code).await;
}

async fn login_bound_token(fault: &str, code: ErrorCode) {
    let server = Server::of("dpop", &["bound-token-", fault].concat()).await;
    redeeming_fails(&server, "token", fault, code).await;
}

async fn login_keys(fault: &str, code: ErrorCode) {
    let server = Server::of("refresh", &["keys-", fault].concat()).await;
    redeeming_fails(&server, "jwks", fault, code).await;
}

async fn profile(fault: &str, code: ErrorCode) {
    let server = Server::of("refresh", &["userinfo-", fault].concat()).await;
    let (_tab, client) = server.signed_in().await;
    server.fail("userinfo", fault).await;
    assert_eq!(why_incomplete(&client).await, code);
    assert!(matches!(client.status(), Status::SignedIn(_)), "{fault}");
    server.recover("userinfo").await;
    let profile = client.profile().await.unwrap_or_else(|error| panic!("{fault}: {error}"));
    assert_eq!(profile.name(), Some("Honest Hanako"), "{fault}");
    server.was_spared().await;
}

/// Renewing fails; the session and its access token stay as they are.
async fn renewing_fails(client: &Client, code: ErrorCode, case: &str) {
    let before = client.expose_access_token();
    assert_eq!(client.refresh().await.expect_err(case).code(), code, "{case}");
    assert!(matches!(client.status(), Status::SignedIn(_)), "{case}: {:?}", client.status());
    assert!(before.is_some() && client.expose_access_token() == before, "{case}");
}

/// Renewing works again, and once more with what that brought.
async fn renewing_works(server: &Server, client: &Client) {
    for _ in 0..2 {
        let before = client.expose_access_token();
        client.refresh().await.unwrap_or_else(|error| panic!("{}: {error}", server.case));
        assert!(client.expose_access_token() != before, "{}", server.case);
    }
    server.was_spared().await;
}

async fn refresh_token(fault: &str, code: ErrorCode) {
    let server = Server::of("refresh", &["refresh-", fault].concat()).await;
    let (tab, client) = server.signed_in().await;
    server.fail("token", fault).await;
    renewing_fails(&client, code, fault).await;
    server.recover("token").await;
    // The second for which the server may have asked is over.
    tab.clock.0.set(tab.clock.0.get() + 2);
    renewing_works(&server, &client).await;
}

// The provider has spent the refresh token, and the next one is lost: nobody can know. What is left is
// good until it runs out; then the person signs in again.
async fn refresh_token_whose_answer_is_lost(fault: &str, code: ErrorCode) {
    let server = Server::of("refresh", &["lost-refresh-", fault].concat()).await;
    let (tab, client) = server.signed_in().await;
    server.fail("token", fault).await;
    renewing_fails(&client, code, fault).await;
    server.recover("token").await;
    assert_eq!(record(&server.case).await.violations, Vec::<String>::new(), "{fault}");
    client.profile().await.unwrap_or_else(|error| panic!("{fault}: {error}"));
    assert_eq!(client.refresh().await.expect_err(fault).code(), ErrorCode::SessionEnded);
    let Status::Failed(shown) = client.status() else { panic!("{fault}: {:?}", client.status()) };
    assert_eq!(shown.code(), ErrorCode::SessionEnded);
    let violations = record(&server.case).await.violations;
    assert_eq!(violations, ["token: the refresh token came before"], "{fault}");
    server.sign_in(&tab, &client).await;
}

// The caller gives up, the request does not: what it brings is good, and nothing else was sent.
#[wasm_bindgen_test]
async fn a_refresh_whose_answer_comes_too_late_is_adopted_when_it_comes() {
    let server = Server::of("refresh", "late-refresh").await;
    let (_tab, client) = server.signed_in().await;
    let before = client.expose_access_token();
    server.fail("token", "hang").await;
    renewing_fails(&client, ErrorCode::Timeout, "hang").await;
    assert_eq!(record(&server.case).await.count("token"), 2);
    server.recover("token").await;
    let newer = || client.expose_access_token().filter(|token| Some(token) != before.as_ref());
    wait_for("the newer access token", newer).await;
    assert_eq!(record(&server.case).await.count("token"), 2, "nothing else was sent");
    renewing_works(&server, &client).await;
}

// Who asks again meanwhile waits for the same answer.
#[wasm_bindgen_test]
async fn a_refresh_that_is_wanted_again_while_the_first_is_late_is_not_sent_again() {
    let server = Server::of("refresh", "late-refresh-again").await;
    let (_tab, client) = server.signed_in().await;
    server.fail("token", "hang").await;
    renewing_fails(&client, ErrorCode::Timeout, "hang").await;
    let (renewed, ()) = join(client.refresh(), server.recover("token")).await;
    assert_eq!(renewed, Ok(()));
    assert_eq!(record(&server.case).await.count("token"), 2, "nothing else was sent");
    renewing_works(&server, &client).await;
}

/// Ten tabs of one session, whose access token has run out.
async fn ten_tabs(server: &Server) -> Vec<(Tab, Client)> {
    let config = server.config().keep(Keeping::SessionStorage);
    let config = config.allow_dpop_origin(&server.door.url).expect("an origin");
    control(&format!("lifetime/{}/60", server.case)).await;
    let first = Tab::new();
    let clock = first.clock.clone();
    let client = server.sign_in(&first, &first.open(&config)).await;
    let mut tabs: Vec<_> =
        (1..10).map(|_| first.sibling()).map(|tab| opened(tab, &config)).collect();
    let started = join_all(tabs.iter().map(|(_, client)| client.start())).await;
    assert!(started.iter().all(Result::is_ok), "{started:?}");
    tabs.push((first, client));
    for (_, client) in &tabs {
        assert!(matches!(client.status(), Status::SignedIn(_)), "{:?}", client.status());
    }
    control(&format!("expire/{}", server.case)).await;
    // The clock is the computer's, so all tabs see it.
    clock.0.set(clock.0.get() + 60);
    tabs
}

fn opened(tab: Tab, config: &Config) -> (Tab, Client) {
    let client = tab.open(config);
    (tab, client)
}

/// All are signed in with the same new token, which took one request.
async fn all_have_one_new_token(server: &Server, tabs: &[(Tab, Client)]) {
    let token = tabs[0].1.expose_access_token();
    let url = server.endpoint("api");
    for (_, client) in tabs {
        assert!(matches!(client.status(), Status::SignedIn(_)), "{:?}", client.status());
        assert!(token.is_some() && client.expose_access_token() == token, "one token for all");
        let answer = client.fetch(ResourceRequest::get(&url)).await.expect("an answer");
        assert_eq!(answer.status, 200, "it is a good one");
    }
    assert_eq!(record(&server.case).await.count("token"), 2, "the login's, and one more");
    server.was_spared().await;
}

#[wasm_bindgen_test]
async fn t70_ten_tabs_that_call_an_api_with_a_token_that_has_run_out_send_one_request() {
    let server = Server::of("refresh", "ten-tabs-call").await;
    let tabs = ten_tabs(&server).await;
    let url = server.endpoint("api");
    let calls = tabs.iter().map(|(_, client)| client.fetch(ResourceRequest::get(&url)));
    for answer in join_all(calls).await {
        assert_eq!(answer.expect("an answer").status, 200);
    }
    all_have_one_new_token(&server, &tabs).await;
}

// The answer is there, but the keys of its ID token can't be had: what it brought is kept all the same.
async fn refresh_keys(fault: &str, code: ErrorCode) {
    let server = Server::of("refresh", &["refresh-keys-", fault].concat()).await;
    let tab = Tab::new();
    // The keys grow older than an hour, the ID token of the refresh does not.
    let now = tab.clock.0.get();
    tab.clock.0.set(now - 600);
    let client = server.sign_in(&tab, &tab.open(&server.config())).await;
    tab.clock.0.set(now + 3001);
    server.fail("jwks", fault).await;
    renewing_fails(&client, code, fault).await;
    server.recover("jwks").await;
    renewing_works(&server, &client).await;
}

/// Nobody is signed in, and can be again.
async fn signed_out(server: &Server, tab: &Tab, client: &Client) {
    let case = &server.case;
    assert!(matches!(client.status(), Status::SignedOut), "{case}: {:?}", client.status());
    assert!(client.session().is_none() && client.expose_access_token().is_none(), "{case}");
    let record = record(case).await;
    let handed_back = record.requests.iter().filter(|request| request.went_to("revoke"));
    let tokens: Vec<_> =
        handed_back.filter_map(|request| parameter(&request.body, "token")).collect();
    let different: HashSet<_> = tokens.iter().collect();
    assert_eq!(different.len(), tokens.len(), "{case}: a token was handed back twice");
    server.recover("revoke").await;
    server.sign_in(tab, client).await;
    server.was_spared().await;
}

async fn sign_out(fault: &str) {
    let server = Server::of("refresh", &["sign-out-", fault].concat()).await;
    let (tab, client) = server.signed_in().await;
    server.fail("revoke", fault).await;
    let told = Rc::new(RefCell::new(Vec::new()));
    let listener = Rc::clone(&told);
    let _subscription = client.on_event(move |event| {
        if let Event::TokensHandedBack { is_confirmed } = event {
            listener.borrow_mut().push(*is_confirmed);
        }
    });
    client.sign_out();
    assert!(matches!(client.status(), Status::SignedOut), "{fault}: at once");
    let tried = || told.borrow().first().copied();
    // A page in the place of an answer has the right status, and the status is all that counts.
    let is_confirmed = ["html", "garbage"].contains(&fault);
    assert_eq!(wait_for("the tokens to be handed back", tried).await, is_confirmed, "{fault}");
    signed_out(&server, &tab, &client).await;
}

async fn sign_out_at_provider(fault: &str) {
    let server = Server::of("refresh", &["logout-", fault].concat()).await;
    let (tab, client) = server.signed_in().await;
    server.fail("revoke", fault).await;
    client.sign_out_at_provider().await.unwrap_or_else(|error| panic!("{fault}: {error}"));
    let left_for = tab.left_for();
    assert!(left_for.starts_with(&server.endpoint("logout?")), "{left_for}");
    assert!(left_for.contains("id_token_hint="), "{left_for}");
    signed_out(&server, &tab, &client).await;
}

// Who is not signed in here asks the metadata for the page to sign out at.
async fn sign_out_discovery(fault: &str, code: ErrorCode) {
    let server = Server::of("refresh", &["logout-discovery-", fault].concat()).await;
    let tab = Tab::new();
    let client = tab.open(&server.config());
    client.start().await.expect("no callback");
    server.fail("discovery", fault).await;
    assert_eq!(client.sign_out_at_provider().await.expect_err(fault).code(), code);
    assert!(matches!(client.status(), Status::SignedOut), "{fault}: {:?}", client.status());
    assert_eq!(tab.left_for(), "", "{fault}");
    server.recover("discovery").await;
    client.sign_out_at_provider().await.unwrap_or_else(|error| panic!("{fault}: {error}"));
    assert!(tab.left_for().starts_with(&server.endpoint("logout?")), "{}", tab.left_for());
}
