//! What goes on at the same time, or while a page is asleep, away or gone: each of these once cost somebody their
//! session, or gave one away.

#![cfg(target_arch = "wasm32")]

mod support;

use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::{join, join3};
use js_sys::Date;
use pixy_login::browser::timer::pause;
use pixy_login::browser::{Channels as _, Locks as _};
use pixy_login::client::{Client, Event, Outcome, SignIn, Status};
use pixy_login::protocol::{Config, Error, ErrorCode};
use support::sessions::{beside, kept, open, token_requests, wake};
use support::{
    AskedRecords, HOSTILE, Tab, answer_in_window, answer_to, config, control, letter, next_task,
    record, reset, restore, signed_in, until_asked, wait_for, window_at,
};
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Takes a window beside the page to the end of its sign-in, which is handed over.
async fn sign_in_beside(tab: &Tab, client: &Client) {
    let settings = client.config().clone();
    let signing_in = client.sign_in(SignIn::new().in_popup());
    let ending = Rc::new(RefCell::new(None));
    let told = ending.clone();
    spawn_local(async move { drop(told.replace(Some(signing_in.await))) });
    let answer = answer_in_window(tab).await;
    let window = window_at(tab, answer);
    assert_eq!(window.open(&settings).start().await, Ok(Outcome::HandedOver));
    let ended = wait_for("the end of the sign-in", || ending.borrow().clone()).await;
    assert_eq!(ended, Ok(()));
}

/// Says something to the tabs of an app, as one that has just woken up.
fn say(tab: &Tab, settings: &Config, message: &str) {
    let name = format!("pixy-login:{} {}", settings.issuer().as_str(), settings.client_id());
    let channel = tab.shared.channels.open(&name, Box::new(|_| {})).expect("a channel");
    channel.tell(message);
}

async fn until_signed_in(client: &Client) {
    wait_for("the session", || client.session()).await;
}

#[wasm_bindgen_test]
async fn asking_in_vain_takes_the_session_from_nobody() {
    let settings = kept("refresh~in-vain");
    let (tab, client) = signed_in(&settings).await;
    // The page is being loaded anew, or the browser has discarded it.
    drop(client);
    assert!(open(&tab.sibling(), &settings).await.session().is_none());
    let back = open(&tab, &settings).await;
    assert!(back.session().is_some(), "it goes on by itself");
    beside(&tab, &settings).await;
}

#[wasm_bindgen_test]
async fn a_tab_that_is_there_again_shares_with_who_came_meanwhile() {
    let settings = kept("refresh~there-again");
    let (tab, client) = signed_in(&settings).await;
    drop(client);
    let sibling = tab.sibling();
    let meanwhile = open(&sibling, &settings).await;
    assert!(meanwhile.session().is_none());
    let _back = open(&tab, &settings).await;
    until_signed_in(&meanwhile).await;
}

#[wasm_bindgen_test]
async fn an_answer_that_comes_late_is_taken() {
    let settings = kept("refresh~late-answer");
    let (tab, _client) = signed_in(&settings).await;
    // It is there, and asleep.
    tab.shared.channels.deaf.set(true);
    let sibling = tab.sibling();
    let late = open(&sibling, &settings).await;
    assert!(matches!(late.status(), Status::SignedOut), "nobody waits for ever");
    tab.shared.channels.deaf.set(false);
    say(&tab, &settings, r#"{"kind":"who"}"#);
    until_signed_in(&late).await;
}

#[wasm_bindgen_test]
async fn an_answer_of_before_a_sign_out_is_not_taken() {
    let settings = kept("refresh~older-answer");
    let (tab, client) = signed_in(&settings).await;
    tab.shared.channels.deaf.set(true);
    let sibling = tab.sibling();
    let late = open(&sibling, &settings).await;
    assert!(late.session().is_none());
    // The person signs out here, where the page shows nobody, and so everywhere: as soon as the other tab hears it.
    late.sign_out().await;
    tab.shared.channels.deaf.set(false);
    let texts = tab.storage.texts.borrow().clone();
    let note = texts.iter().find_map(|(key, note)| key.contains(":session:").then_some(note));
    let address = note.expect("a note of the session").trim_start_matches('{');
    assert_eq!(tab.shared.records.names("session:").len(), 1, "it is there yet");
    say(&tab, &settings, &[r#"{"kind":"here","active":1,"#, address].concat());
    pause(Duration::from_millis(100)).await;
    assert!(late.session().is_none());
    drop(client);
}

#[wasm_bindgen_test]
async fn a_signed_out_tab_that_missed_a_sign_in_finds_it_when_it_wakes() {
    let settings = kept("refresh~missed-sign-in");
    reset("refresh~missed-sign-in").await;
    let tab = Tab::new();
    let sibling = tab.sibling();
    let asleep = open(&sibling, &settings).await;
    tab.shared.channels.deaf.set(true);
    let _client = tab.sign_in(&settings).await;
    tab.shared.channels.deaf.set(false);
    assert!(asleep.session().is_none());
    wake();
    until_signed_in(&asleep).await;
}

#[wasm_bindgen_test]
async fn a_page_that_shows_a_failure_looks_too() {
    let case = "refresh~failed-before";
    let settings = kept(case);
    reset(case).await;
    let tab = Tab::new();
    let sibling = tab.sibling();
    sibling.address.url.replace(format!("{}?error=access_denied", support::REDIRECT_URI));
    let failed = sibling.open(&settings);
    drop(failed.start().await);
    sibling.address.url.replace("http://localhost:7/shop/".to_owned());
    let leaving = failed.sign_in(SignIn::new().return_to("/shop/")).await;
    assert_eq!(leaving, Ok(()));
    sibling.address.url.replace(support::refusal(&sibling, &settings, "access_denied"));
    let failed = sibling.open(&settings);
    assert_eq!(failed.start().await.map_err(|error| error.code()), Err(ErrorCode::AccessDenied));
    tab.shared.channels.deaf.set(true);
    let _client = tab.sign_in(&settings).await;
    tab.shared.channels.deaf.set(false);
    // It comes out of the back-forward cache.
    restore();
    until_signed_in(&failed).await;
}

#[wasm_bindgen_test]
async fn a_renewal_that_waited_brings_nothing_into_a_session_that_began_meanwhile() {
    let case = "refresh~waited";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    let (_other_tab, other) = beside(&tab, &settings).await;
    let logins = client.expose_access_token();
    // The other tab renews, and its answer takes a while.
    control(&format!("fault/{case}/token/hang/1")).await;
    let renewing = other.clone();
    spawn_local(async move { drop(renewing.refresh().await) });
    until_asked(case, "token", 2).await;
    let waiting = client.clone();
    spawn_local(async move { drop(waiting.refresh().await) });
    next_task().await;
    // Meanwhile the person signs in anew, in a window beside this page.
    let signing_in = sign_in_beside(&tab, &client);
    let answering = async {
        until_asked(case, "token", 3).await;
        pause(Duration::from_millis(300)).await;
        control(&format!("release/{case}")).await;
    };
    join(signing_in, answering).await;
    pause(Duration::from_millis(500)).await;
    assert_eq!(client.expose_access_token(), logins, "every login brings the same one");
    wait_for("the other tab", || (other.expose_access_token() == logins).then_some(())).await;
    token_requests(&record(case).await);
}

#[wasm_bindgen_test]
async fn what_a_renewal_brought_is_kept_for_the_others_when_a_session_began_meanwhile() {
    let case = "refresh~for-the-others";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    let (_other_tab, other) = beside(&tab, &settings).await;
    control(&format!("fault/{case}/token/hang/1")).await;
    let renewing = client.clone();
    spawn_local(async move { drop(renewing.refresh().await) });
    until_asked(case, "token", 2).await;
    let answering = async {
        until_asked(case, "token", 3).await;
        pause(Duration::from_millis(300)).await;
        control(&format!("release/{case}")).await;
    };
    join(sign_in_beside(&tab, &client), answering).await;
    // The refresh token of before is spent: it must not come a second time.
    other.refresh().await.expect("new tokens");
    assert!(other.session().is_some());
    token_requests(&record(case).await);
}

#[wasm_bindgen_test]
async fn signing_out_can_be_waited_for() {
    let case = "refresh~awaited";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    let is_counted = {
        let records = tab.shared.records.clone();
        move || records.records.borrow().values().any(|record| record.text.contains("\"era\":1"))
    };
    // The page is told when it is true: it may be left at that.
    let told: Rc<RefCell<Option<bool>>> = Rc::default();
    let (heard, was_counted) = (told.clone(), is_counted.clone());
    let _subscription = client.on_event(move |event| {
        if *event == Event::SignedOut {
            heard.replace(Some(was_counted()));
        }
    });
    let signing_out = client.sign_out();
    assert!(client.session().is_none(), "here at once");
    assert_eq!(*told.borrow(), None);
    signing_out.await;
    assert!(is_counted());
    assert_eq!(*told.borrow(), Some(true));
    assert_eq!(tab.shared.records.names("session:"), Vec::<String>::new());
    assert_eq!(record(case).await.count("revoke"), 2);
}

#[wasm_bindgen_test]
async fn a_closed_tab_that_is_opened_again_after_a_sign_out_finds_nothing() {
    let settings = kept("refresh~reopened");
    let (tab, client) = signed_in(&settings).await;
    let (closed, other) = beside(&tab, &settings).await;
    drop(other);
    client.sign_out().await;
    assert!(open(&closed, &settings).await.session().is_none());
}

#[wasm_bindgen_test]
async fn a_client_that_nobody_holds_is_gone_though_a_window_was_closed() {
    let settings = kept("refresh~closed-window");
    let (tab, client) = signed_in(&settings).await;
    let signing_in = client.sign_in(SignIn::new().in_popup());
    answer_in_window(&tab).await;
    tab.screen.window().gone.set(true);
    tab.screen.focused.set(true);
    let ended = signing_in.await.map_err(|error| error.code());
    assert_eq!(ended, Err(ErrorCode::PopupClosed));
    drop(client);
    next_task().await;
    assert_eq!(tab.shared.presence.names(), Vec::<String>::new());
    assert!(open(&tab.sibling(), &settings).await.session().is_none(), "it answers no more");
}

#[wasm_bindgen_test]
async fn a_client_that_nobody_holds_is_gone_though_a_request_is_under_way() {
    let case = "refresh~under-way";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    control(&format!("fault/{case}/userinfo/hang/1")).await;
    assert!(client.profile().now_or_never().is_none(), "nobody waits for it");
    until_asked(case, "userinfo", 1).await;
    drop(client);
    next_task().await;
    assert_eq!(tab.shared.presence.names(), Vec::<String>::new());
    assert!(open(&tab.sibling(), &settings).await.session().is_none());
    control(&format!("release/{case}")).await;
}

#[wasm_bindgen_test]
async fn what_can_not_be_read_is_not_renewed_blindly() {
    let case = "refresh~blindly";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    let (_other_tab, other) = beside(&tab, &settings).await;
    // This tab does not hear of the renewal, and then it can't read of it either.
    tab.shared.channels.deaf.set(true);
    other.refresh().await.expect("new tokens");
    tab.shared.records.denied.set(true);
    let error = client.refresh().await.expect_err("nothing can be read");
    assert_eq!(error.code(), ErrorCode::StorageDenied);
    assert!(client.session().is_some());
    tab.shared.records.denied.set(false);
    client.refresh().await.expect("what the other tab has renewed");
    assert_eq!(client.expose_access_token(), other.expose_access_token());
    assert_eq!(token_requests(&record(case).await), 2);
}

#[wasm_bindgen_test]
async fn r65_a_spent_token_that_can_not_be_removed_is_sent_by_nobody() {
    let case = "refresh~read-only";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    let (_other_tab, other) = beside(&tab, &settings).await;
    tab.shared.records.read_only.set(true);
    client.refresh().await.expect("new tokens, of this tab alone");
    let waiting = other.clone();
    let refused = async move { waiting.refresh().await.expect_err("what is kept is spent") };
    let mended = async {
        pause(Duration::from_millis(500)).await;
        assert!(other.session().is_some(), "it waits for the lock");
        tab.shared.records.read_only.set(false);
    };
    let (error, ()) = join(refused, mended).await;
    // Nothing is kept any more, and the person is told.
    assert_eq!(error.code(), ErrorCode::NotSignedIn);
    assert!(other.session().is_none());
    client.refresh().await.expect("the session goes on where its tokens are");
    assert_eq!(token_requests(&record(case).await), 3);
}

#[wasm_bindgen_test]
async fn a_tab_that_sleeps_with_the_lock_costs_the_others_no_twelve_seconds_a_call() {
    let case = "refresh~sleeping-lock";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    let session = tab.shared.records.names("session:");
    let name = ["pixy-login:", session[0].trim_start_matches("session:")].concat();
    let guard =
        tab.shared.locks.acquire(name, Duration::from_millis(1_000)).await.expect("the lock");
    let waiting = client.clone();
    spawn_local(async move { drop(waiting.refresh().await) });
    next_task().await;
    tab.clock.0.set(tab.clock.0.get() + 13);
    let began = Date::now();
    let error = client.refresh().await.expect_err("nobody waits as long again");
    assert_eq!(error.code(), ErrorCode::Timeout);
    assert!(Date::now() - began < 5_000.0);
    assert!(client.session().is_some());
    drop(guard);
    client.refresh().await.expect("the lock is free");
    assert_eq!(token_requests(&record(case).await), 2);
}

#[wasm_bindgen_test]
async fn the_way_back_to_the_page_waits_for_no_other_tab() {
    let case = "refresh~held-up";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    drop(client);
    let session = tab.shared.records.names("session:");
    let name = ["pixy-login:", session[0].trim_start_matches("session:")].concat();
    let _guard =
        tab.shared.locks.acquire(name, Duration::from_millis(1_000)).await.expect("the lock");
    let client = open(&tab, &settings).await;
    tab.address.url.replace("http://localhost:7/shop/cart.html".to_owned());
    client.sign_in(SignIn::new()).await.expect("the login begins");
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    drop(client);
    let began = Date::now();
    let outcome = tab.open(&settings).start().await;
    assert!(matches!(outcome, Ok(Outcome::SignedIn { .. })), "{outcome:?}");
    assert!(Date::now() - began < 5_000.0);
    assert_eq!(tab.url(), "http://localhost:7/shop/cart.html");
}

#[wasm_bindgen_test]
async fn start_goes_on_though_nobody_waits_for_it() {
    let case = "honest~start-goes-on";
    reset(case).await;
    let tab = Tab::new();
    tab.address.url.replace("http://localhost:7/shop/cart.html".to_owned());
    let client = tab.go_and_come_back(&config(case)).await;
    assert!(client.start().now_or_never().is_none());
    until_signed_in(&client).await;
    wait_for("the page", || (tab.url() == "http://localhost:7/shop/cart.html").then_some(())).await;
}

/// An app whose pages are all at one address, apart from the fragment.
fn with_hash_router(case: &str) -> Config {
    Config::new(&format!("{HOSTILE}/{case}"), "pixy-test", "http://localhost:7/").expect("settings")
}

#[wasm_bindgen_test]
async fn with_a_hash_router_who_went_elsewhere_is_not_pulled_back() {
    let case = "honest~hash-elsewhere";
    reset(case).await;
    let tab = Tab::new();
    tab.address.url.replace("http://localhost:7/#/cart".to_owned());
    let client = tab.go_and_come_back(&with_hash_router(case)).await;
    let elsewhere = "http://localhost:7/#/orders";
    let (outcome, ()) = join(client.start(), async {
        next_task().await;
        tab.address.url.replace(elsewhere.to_owned());
    })
    .await;
    assert!(matches!(outcome, Ok(Outcome::SignedIn { .. })), "{outcome:?}");
    assert_eq!((tab.url().as_str(), tab.address.announced.get()), (elsewhere, 0));
}

#[wasm_bindgen_test]
async fn with_a_hash_router_a_failed_login_is_remembered_where_it_failed_only() {
    let case = "access-denied~hash";
    reset(case).await;
    let tab = Tab::new();
    let settings = with_hash_router(case);
    tab.address.url.replace("http://localhost:7/#/cart".to_owned());
    let client = tab.go_and_come_back(&settings).await;
    assert_eq!(client.start().await.map_err(|error| error.code()), Err(ErrorCode::AccessDenied));
    // The person looks at another page, and signs in there.
    tab.address.url.replace("http://localhost:7/#/orders".to_owned());
    support::make_honest(case).await;
    client.sign_in(SignIn::new()).await.expect("the login begins");
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    tab.open(&settings).start().await.expect("signed in");
    assert_eq!(tab.url(), "http://localhost:7/#/orders");
}

#[wasm_bindgen_test]
async fn a_window_waits_for_a_page_that_is_asleep() {
    let case = "honest~asleep-opener";
    reset(case).await;
    let (tab, settings) = (Tab::new(), config(case));
    let client = tab.open(&settings);
    let signing_in = client.sign_in(SignIn::new().in_popup());
    spawn_local(async move { drop(signing_in.await) });
    let answer = answer_in_window(&tab).await;
    tab.shared.channels.deaf.set(true);
    let window = window_at(&tab, answer);
    let handing_over = window.open(&settings);
    let outcome: Rc<RefCell<Option<Result<Outcome, Error>>>> = Rc::default();
    let (starting, told) = (handing_over.clone(), outcome.clone());
    spawn_local(async move { drop(told.replace(Some(starting.start().await))) });
    pause(Duration::from_millis(3_500)).await;
    assert!(outcome.borrow().is_none(), "the page is there: it is waited for");
    assert!(matches!(handing_over.status(), Status::HandedOver));
    // The page wakes up, and hears what was said meanwhile.
    tab.shared.channels.deaf.set(false);
    let is_answer = |said: &&String| said.starts_with('?') && said.contains("code=");
    let said = tab.shared.channels.said.borrow().iter().find(is_answer).cloned();
    let said = said.expect("the answer");
    let state = said.split("state=").nth(1).and_then(|rest| rest.split('&').next());
    let name = ["pixy-login:popup:", state.expect("a state")].concat();
    tab.shared.channels.open(&name, Box::new(|_| {})).expect("a channel").tell(&said);
    until_signed_in(&client).await;
    let ended = wait_for("the window's end", || outcome.borrow().clone()).await;
    assert_eq!(ended, Ok(Outcome::HandedOver));
}

#[wasm_bindgen_test]
async fn what_shows_that_a_page_waits_tells_nobody_the_state() {
    let settings = config("honest~waiting-name");
    reset("honest~waiting-name").await;
    let tab = Tab::new();
    let client = tab.open(&settings);
    let signing_in = client.sign_in(SignIn::new().in_popup());
    spawn_local(async move { drop(signing_in.await) });
    let answer = answer_in_window(&tab).await;
    let state = answer.split("state=").nth(1).and_then(|rest| rest.split('&').next());
    let state = state.expect("a state");
    // Any script of the origin can ask the browser who is there.
    let names = tab.shared.presence.names();
    assert_eq!(names.len(), 1);
    assert!(!names[0].contains(state), "{names:?}");
}

#[wasm_bindgen_test]
async fn what_is_offered_in_vain_takes_no_session_from_its_own_tab() {
    let settings = kept("refresh~offered-in-vain");
    let (tab, client) = signed_in(&settings).await;
    let (_other_tab, _other) = beside(&tab, &settings).await;
    drop(client);
    // For a moment nothing can be read, and nobody answers.
    tab.shared.channels.deaf.set(true);
    let records = tab.shared.records.clone();
    let reads = Rc::new(Cell::new(0));
    let (store, asked) = (records.clone(), reads.clone());
    let failing = AskedRecords(
        records,
        Rc::new(move |_| {
            asked.set(asked.get() + 1);
            // The ledger first, then twice the session's record.
            store.denied.set((1..3).contains(&asked.get()));
        }),
    );
    let client = Client::with_browser(settings.clone(), tab.browser_with(failing));
    client.start().await.expect("no callback");
    assert!(client.session().is_none());
    tab.shared.channels.deaf.set(false);
    let secret = "A".repeat(43);
    let offer = format!(r#"{{"kind":"here","session":"none","secret":"{secret}","active":1}}"#);
    say(&tab, &settings, &offer);
    pause(Duration::from_millis(200)).await;
    let noted = tab.storage.texts.borrow().keys().any(|key| key.contains(":session:"));
    assert!(noted, "the tab has its own yet");
}

#[wasm_bindgen_test]
async fn discovery_is_one_request_for_all_who_wait() {
    let case = "t66-500~three";
    reset(case).await;
    let client = Tab::new().open(&config(case));
    let (_, _, left) =
        join3(client.prefetch(), client.prefetch(), client.sign_in(SignIn::new())).await;
    assert!(left.is_err());
    assert_eq!(record(case).await.count("discovery"), 2, "the click tries once more");
}

#[wasm_bindgen_test]
async fn a_provider_that_wants_to_be_left_alone_is_by_calls_too() {
    let case = "refresh~left-alone";
    reset(case).await;
    control(&format!("lifetime/{case}/60")).await;
    let settings = kept(case).allow_origin(HOSTILE).expect("an API");
    let tab = Tab::new();
    let client = tab.sign_in(&settings).await;
    control(&format!("fault/{case}/token/429-3600")).await;
    control(&format!("expire/{case}")).await;
    tab.clock.0.set(tab.clock.0.get() + 61);
    for _ in 0..2 {
        let error = client.fetch(letter(case)).await.expect_err("no token that is good");
        assert_eq!(error.code(), ErrorCode::ProviderUnavailable);
    }
    assert_eq!(record(case).await.count("token"), 2, "one login, and one try");
}
