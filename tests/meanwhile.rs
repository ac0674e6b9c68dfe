//! What happens in between: somebody signs out while a page is opened, a tab was closed when it happened, nobody
//! waits for the end of what was begun.

#![cfg(target_arch = "wasm32")]

mod support;

use core::time::Duration;
use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::join;
use pixy_login::browser::record_store::Record;
use pixy_login::browser::timer::pause;
use pixy_login::client::{Client, Event, Outcome, SignIn, Status};
use pixy_login::protocol::{Keeping, Reload};
use support::sessions::{
    beside, events, kept, open, press_a_key, token_requests, until_signed_out, wake,
};
use support::{
    AskedRecords, SlowRecords, Tab, answer_to, config, control, next_task, record, reset, restore,
    signed_in, until_asked, wait_for,
};
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn a_page_that_is_opened_while_somebody_signs_out_shows_nobody() {
    let case = "refresh~opening";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    drop(client);
    let twin = tab.duplicate();
    let browser = tab.browser_with(SlowRecords(tab.shared.records.clone()));
    let client = Client::with_browser(settings.clone(), browser);
    client.start().await.expect("the session");
    client.sign_out();
    // It has heard of no sign-out, and the record is still there.
    assert_eq!(tab.shared.records.names("session:").len(), 1);
    let late = open(&twin, &settings).await;
    until_signed_out(&late).await;
    assert!(late.session().is_none());
}

#[wasm_bindgen_test]
async fn signing_out_while_a_page_is_opened_ends_the_session_that_it_would_have_found() {
    let case = "refresh~out-at-once";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    drop(client);
    for is_slow in [true, false] {
        let browser = tab.browser_with(SlowRecords(tab.shared.records.clone()));
        let client = match is_slow {
            true => Client::with_browser(settings.clone(), browser),
            false => tab.open(&settings),
        };
        let (heard, _subscription) = events(&client);
        let (_, ()) = join(client.start(), async { client.sign_out().await }).await;
        assert!(client.session().is_none());
        assert!(matches!(client.status(), Status::SignedOut), "{:?}", client.status());
        let is_gone = || tab.shared.records.names("session:").is_empty().then_some(());
        wait_for("the end of what is kept", is_gone).await;
        let handed_back = Event::TokensHandedBack { is_confirmed: true };
        wait_for("its tokens", || heard.borrow().contains(&handed_back).then_some(())).await;
        assert!(open(&tab, &settings).await.session().is_none());
        drop(tab.sign_in(&settings).await);
    }
}

#[wasm_bindgen_test]
async fn a_page_that_wakes_up_while_somebody_signs_in_leaves_them_be() {
    let case = "refresh~wakes-up-early";
    let settings = kept(case);
    reset(case).await;
    let tab = Tab::new();
    // Somebody else was signed in before, and closed the tabs.
    let text = r#"{"era":3,"person":"somebody-else","kept":true}"#.to_owned();
    let name = format!("tabs:{} {}", settings.issuer().as_str(), settings.client_id());
    let ledger = Record { until: u64::MAX, text, ..Record::default() };
    tab.shared.records.records.borrow_mut().insert(name, ledger);
    let leaving = tab.open(&settings);
    leaving.sign_in(SignIn::new()).await.expect("the login begins");
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let browser = tab.browser_with(SlowRecords(tab.shared.records.clone()));
    let client = Client::with_browser(settings, browser);
    let _waking = client.subscribe(|_| wake());
    let (outcome, ()) = join(client.start(), async {
        for _ in 0..20 {
            pause(Duration::from_millis(20)).await;
            wake();
        }
    })
    .await;
    assert!(matches!(outcome, Ok(Outcome::SignedIn { .. })), "{outcome:?}");
    assert!(matches!(client.status(), Status::SignedIn(_)), "{:?}", client.status());
}

#[wasm_bindgen_test]
async fn a_page_that_asks_while_somebody_signs_in_elsewhere_finds_them() {
    let case = "refresh~asks-early";
    let settings = kept(case);
    reset(case).await;
    let tab = Tab::new();
    // The tabs of a session before are closed.
    let text = r#"{"era":3,"kept":true}"#.to_owned();
    let name = format!("tabs:{} {}", settings.issuer().as_str(), settings.client_id());
    let ledger = Record { until: u64::MAX, text, ..Record::default() };
    tab.shared.records.records.borrow_mut().insert(name, ledger);
    let sibling = tab.sibling();
    sibling.open(&settings).sign_in(SignIn::new()).await.expect("the login begins");
    sibling.address.url.replace(answer_to(&sibling.left_for()).await);
    let (client, _other) = join(open(&tab, &settings), open(&sibling, &settings)).await;
    wait_for("the session", || client.session()).await;
    let (_third_tab, third) = beside(&tab, &settings).await;
    assert!(third.session().is_some());
}

#[wasm_bindgen_test]
async fn a_session_that_ends_while_it_is_renewed_stays_ended() {
    let case = "refresh-no-id-token~over-meanwhile";
    let settings = kept(case).session_limit(Duration::from_secs(3600));
    let (tab, client) = signed_in(&settings).await;
    control(&format!("fault/{case}/token/hang")).await;
    let renewing = client.clone();
    spawn_local(async move { drop(renewing.refresh().await) });
    until_asked(case, "token", 2).await;
    tab.clock.0.set(tab.clock.0.get() + 3601);
    control(&format!("release/{case}")).await;
    until_signed_out(&client).await;
    pause(Duration::from_millis(50)).await;
    assert!(client.session().is_none() && matches!(client.status(), Status::SignedOut));
}

#[wasm_bindgen_test]
async fn what_is_done_after_the_end_of_a_session_prolongs_it_no_more() {
    let settings = kept("refresh~too-late").idle_limit(Duration::from_secs(900));
    let (tab, client) = signed_in(&settings).await;
    // The computer slept, and the page was not told when it woke.
    tab.clock.0.set(tab.clock.0.get() + 901);
    press_a_key();
    press_a_key();
    until_signed_out(&client).await;
}

#[wasm_bindgen_test]
async fn a_clock_that_is_set_back_does_not_keep_an_idle_session_alive() {
    let settings = kept("refresh~set-back").idle_limit(Duration::from_secs(900));
    let (tab, client) = signed_in(&settings).await;
    let begin = tab.clock.0.get() - 600;
    tab.clock.0.set(begin);
    wake();
    tab.clock.0.set(begin + 899);
    wake();
    assert!(client.session().is_some());
    tab.clock.0.set(begin + 900);
    wake();
    until_signed_out(&client).await;
}

#[wasm_bindgen_test]
async fn a_tab_that_was_closed_when_somebody_signed_out_shows_nobody_when_it_is_opened_again() {
    let case = "refresh~closed-meanwhile";
    let settings = kept(case);
    // Two sessions of one person, as two tabs have that sign in at once.
    let (tab, client) = signed_in(&settings).await;
    let sibling = tab.sibling();
    let leaving = sibling.open(&settings);
    leaving.sign_in(SignIn::new()).await.expect("the login begins");
    sibling.address.url.replace(answer_to(&sibling.left_for()).await);
    let other = open(&sibling, &settings).await;
    assert_eq!(tab.shared.records.names("session:").len(), 2);
    drop(other);
    client.sign_out();
    wait_for("one of them", || (tab.shared.records.names("session:").len() == 1).then_some(()))
        .await;
    next_task().await;
    let other = open(&sibling, &settings).await;
    assert!(matches!(other.status(), Status::SignedOut));
    assert!(tab.shared.records.names("session:").is_empty());
    until_asked(case, "revoke", 4).await;
}

#[wasm_bindgen_test]
async fn tokens_that_are_renewed_before_a_session_is_kept_are_those_that_are_kept() {
    let case = "refresh~renewed-at-once";
    let settings = kept(case);
    reset(case).await;
    let tab = Tab::new();
    let leaving = tab.open(&settings);
    leaving.sign_in(SignIn::new()).await.expect("the login begins");
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let browser = tab.browser_with(SlowRecords(tab.shared.records.clone()));
    let client = Client::with_browser(settings.clone(), browser);
    let (renewing, is_renewing) = (client.clone(), Cell::new(false));
    let _subscription = client.subscribe(move |status| {
        if matches!(status, Status::SignedIn(_)) && !is_renewing.replace(true) {
            let renewing = renewing.clone();
            spawn_local(async move { renewing.refresh().await.expect("new tokens") });
        }
    });
    client.start().await.expect("a session");
    assert_eq!(token_requests(&record(case).await), 2);
    drop(client);
    let later = open(&tab, &settings).await;
    later.refresh().await.expect("with the refresh token that came last");
    assert_eq!(token_requests(&record(case).await), 3);
}

#[wasm_bindgen_test]
async fn a_tab_that_missed_a_renewal_signs_out_and_the_newest_tokens_are_handed_back() {
    let case = "refresh~missed";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    let (_other_tab, other) = beside(&tab, &settings).await;
    tab.shared.channels.deaf.set(true);
    other.refresh().await.expect("new tokens");
    client.sign_out();
    until_asked(case, "revoke", 4).await;
}

#[wasm_bindgen_test]
async fn the_provider_is_not_asked_for_whoever_signs_out_meanwhile() {
    let case = "refresh~asked-and-out";
    let settings = config(case).keep(Keeping::InMemory).on_reload(Reload::AskProvider);
    let (tab, client) = signed_in(&settings).await;
    drop(client);
    let browser = tab.browser_with(SlowRecords(tab.shared.records.clone()));
    let client = Client::with_browser(settings.clone(), browser);
    let left = tab.left_for();
    let (outcome, ()) = join(client.start(), async { client.sign_out().await }).await;
    assert_eq!(outcome, Ok(Outcome::NoCallback));
    assert!(matches!(client.status(), Status::SignedOut));
    assert_eq!(tab.left_for(), left);
    // In another tab, while this one is at the provider.
    drop(tab.sign_in(&settings).await);
    assert_eq!(tab.open(&settings).start().await, Ok(Outcome::SigningIn));
    let answer = answer_to(&tab.left_for()).await;
    tab.sibling().sign_in(&settings).await.sign_out();
    let ledger = format!("tabs:{} {}", settings.issuer().as_str(), settings.client_id());
    let is_written = || {
        let records = tab.shared.records.records.borrow();
        records.get(&ledger).is_some_and(|ledger| ledger.text.contains("\"era\":2"))
    };
    wait_for("the sign-out", || is_written().then_some(())).await;
    tab.address.url.replace(answer);
    let client = tab.open(&settings);
    assert!(matches!(client.start().await, Ok(Outcome::StillSignedOut { .. })));
    assert!(matches!(client.status(), Status::SignedOut));
}

#[cfg(feature = "popup")]
#[wasm_bindgen_test]
async fn a_window_that_is_called_off_while_a_page_is_opened_ends_no_session() {
    let settings = kept("refresh~called-off");
    let (tab, client) = signed_in(&settings).await;
    drop(client);
    let browser = tab.browser_with(SlowRecords(tab.shared.records.clone()));
    let client = Client::with_browser(settings, browser);
    let (_, ()) = join(client.start(), async {
        let signing_in = client.clone();
        spawn_local(async move { drop(signing_in.sign_in(SignIn::new().in_popup()).await) });
        next_task().await;
        client.cancel_popup();
    })
    .await;
    assert!(matches!(client.status(), Status::SignedIn(_)), "{:?}", client.status());
    assert_eq!(tab.shared.records.names("session:").len(), 1);
}

#[wasm_bindgen_test]
async fn what_was_begun_goes_on_though_nobody_waits_for_it() {
    let case = "refresh~nobody-waits";
    let settings = kept(case);
    reset(case).await;
    let tab = Tab::new();
    let began = tab.url();
    let client = tab.open(&settings);
    assert!(client.sign_in(SignIn::new()).now_or_never().is_none());
    wait_for("leaving", || (!tab.left_for().is_empty()).then_some(())).await;
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let client = tab.open(&settings);
    assert!(client.start().now_or_never().is_none());
    wait_for("the session", || client.session()).await;
    wait_for("the page where it began", || (tab.url() == began).then_some(())).await;
    let left = tab.left_for();
    assert!(client.sign_out_at_provider().now_or_never().is_none());
    wait_for("leaving", || (tab.left_for() != left).then_some(())).await;
    assert!(tab.shared.records.names("session:").is_empty());
}

#[wasm_bindgen_test]
async fn a_tab_that_wakes_after_the_limit_ends_no_later_session() {
    let case = "refresh~limit-and-after";
    let settings = kept(case).session_limit(Duration::from_secs(600));
    let (tab, client) = signed_in(&settings).await;
    let (other_tab, other) = beside(&tab, &settings).await;
    let begin = tab.clock.0.get();
    // This one sleeps, and hears nothing of what follows.
    tab.shared.channels.deaf.set(true);
    other.sign_out();
    tab.clock.0.set(begin + 300);
    let later = other_tab.sign_in(&settings).await;
    tab.shared.channels.deaf.set(false);
    drop(other);
    tab.clock.0.set(begin + 601);
    wake();
    until_signed_out(&client).await;
    pause(Duration::from_millis(50)).await;
    assert!(later.session().is_some());
    assert_eq!(tab.shared.records.names("session:").len(), 1);
}

#[wasm_bindgen_test]
async fn whoever_signs_out_as_soon_as_somebody_is_signed_in_is_obeyed() {
    let case = "refresh~out-at-sign-in";
    let settings = kept(case);
    reset(case).await;
    let tab = Tab::new();
    let client = tab.go_and_come_back(&settings).await;
    let leaving = client.clone();
    let _subscription = client.subscribe(move |status| {
        if matches!(status, Status::SignedIn(_)) {
            leaving.sign_out();
        }
    });
    assert_eq!(client.start().await, Ok(Outcome::CalledOff));
    assert!(matches!(client.status(), Status::SignedOut));
    assert!(tab.shared.records.names("session:").is_empty());
    until_asked(case, "revoke", 2).await;
}

#[wasm_bindgen_test]
async fn signing_out_while_a_session_is_resumed_is_obeyed() {
    let case = "refresh~out-while-resumed";
    let settings = config(case).keep(Keeping::InMemory).on_reload(Reload::AskProvider);
    let (tab, client) = signed_in(&settings).await;
    drop(client);
    assert_eq!(tab.open(&settings).start().await, Ok(Outcome::SigningIn));
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    // While the ledger is read, once the answer is there.
    let client: Rc<OnceCell<Client>> = Rc::default();
    let leaving = client.clone();
    let signing_out = move |name: &str| {
        let Some(client) = leaving.get().filter(|_| name.starts_with("tabs:")) else { return };
        if matches!(client.status(), Status::Busy) {
            client.sign_out();
        }
    };
    let records = AskedRecords(tab.shared.records.clone(), Rc::new(signing_out));
    let client =
        client.get_or_init(|| Client::with_browser(settings.clone(), tab.browser_with(records)));
    let outcome = client.start().await;
    assert_eq!(record(case).await.count("token"), 2);
    assert!(!matches!(outcome, Ok(Outcome::SignedIn { .. })), "{outcome:?}");
    assert!(client.session().is_none() && matches!(client.status(), Status::SignedOut));
}

#[wasm_bindgen_test]
async fn a_page_out_of_the_cache_leaves_the_later_session_of_its_tab() {
    let settings = kept("refresh~later-page");
    let (tab, client) = signed_in(&settings).await;
    // It is not there while the next pages of the tab are.
    tab.shared.channels.deaf.set(true);
    open(&tab, &settings).await.sign_out();
    let ended = || tab.shared.records.names("session:").is_empty().then_some(());
    wait_for("the end of the session", ended).await;
    drop(tab.sign_in(&settings).await);
    tab.shared.channels.deaf.set(false);
    restore();
    wait_for("the later session", || {
        let is_there = matches!(client.status(), Status::SignedIn(_));
        (is_there && client.session().is_some()).then_some(())
    })
    .await;
    pause(Duration::from_millis(50)).await;
    assert!(client.session().is_some());
    assert!(open(&tab, &settings).await.session().is_some(), "a reload finds it, too");
}

#[wasm_bindgen_test]
async fn a_page_out_of_the_cache_asks_nobody_about_what_its_tab_has_ended() {
    let settings = kept("refresh~ended-here");
    let (tab, client) = signed_in(&settings).await;
    tab.shared.channels.deaf.set(true);
    open(&tab, &settings).await.sign_out();
    restore();
    assert!(matches!(client.status(), Status::SignedOut), "without waiting for anything");
    assert!(client.session().is_none());
}

#[wasm_bindgen_test]
async fn what_a_renewal_brings_that_can_not_be_believed_is_handed_back() {
    let case = "t71-sub~handed-back";
    let settings = kept(case);
    let (_tab, client) = signed_in(&settings).await;
    client.refresh().await.expect_err("somebody else's");
    assert!(client.session().is_none());
    until_asked(case, "revoke", 2).await;
}
