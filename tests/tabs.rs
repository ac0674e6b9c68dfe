//! Sessions that several pages and tabs go on with: after a reload, beside each other, asleep, signed out
//! elsewhere.

#![cfg(target_arch = "wasm32")]

mod support;

use core::time::Duration;
use std::rc::Rc;

use futures_util::future::join_all;
use pixy_login::browser::locks::Leases;
use pixy_login::browser::timer::pause;
use pixy_login::browser::{Broadcast, Browser, Channels, IndexedDb, Locks, SystemClock, WebLocks};
use pixy_login::client::{Client, Event, Outcome, SignIn, Status};
use pixy_login::protocol::{DiscoveryKind, ErrorCode, Keeping, Reload};
use support::sessions::{
    beside, events, kept, open, press_a_key, token_requests, until_signed_out, wake,
};
use support::{
    Tab, answer_to, config, control, next_task, record, refusal, reset, restore, signed_in,
    until_asked, wait_for,
};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn r70_a_reload_goes_on_with_what_is_kept() {
    for (case, settings) in
        [("refresh~reload", kept("refresh~reload")), ("dpop~reload", config("dpop~reload"))]
    {
        let (tab, client) = signed_in(&settings).await;
        let (session, token) = (client.session(), client.expose_access_token());
        let requests = record(case).await.requests.len();
        drop(client);
        let client = tab.open(&settings);
        let (events, _subscription) = events(&client);
        assert!(matches!(client.status(), Status::Starting));
        assert_eq!(client.start().await, Ok(Outcome::NoCallback), "{case}");
        assert!(matches!(client.status(), Status::SignedIn(_)), "{case}");
        assert_eq!((client.session(), client.expose_access_token()), (session, token), "{case}");
        assert_eq!(*events.borrow(), [Event::SessionFound]);
        assert_eq!(record(case).await.requests.len(), requests, "nothing is asked for that");
        client.profile().await.unwrap_or_else(|error| panic!("{case}: {error}"));
        assert_eq!(record(case).await.violations, Vec::<String>::new(), "{case}");
    }
}

#[wasm_bindgen_test]
async fn r70_what_is_not_to_be_kept_is_in_memory_alone() {
    for (case, settings) in [
        ("refresh~memory", config("refresh~memory").keep(Keeping::BoundToBrowser)),
        ("dpop~memory", config("dpop~memory").keep(Keeping::InMemory)),
    ] {
        let (tab, client) = signed_in(&settings).await;
        assert!(client.session().is_some());
        assert_eq!(tab.shared.records.names("session:"), Vec::<String>::new(), "{case}");
        drop(client);
        let client = open(&tab, &settings).await;
        assert!(matches!(client.status(), Status::SignedOut), "{case}");
    }
}

#[wasm_bindgen_test]
async fn t85_nothing_that_is_kept_or_said_shows_a_token() {
    let case = "refresh~shown";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    let (_other_tab, other) = beside(&tab, &settings).await;
    client.refresh().await.expect("new tokens");
    next_task().await;
    let token = client.expose_access_token();
    wait_for("the other tab", || (other.expose_access_token() == token).then_some(())).await;
    // Of each kind two: before the renewal, and after it.
    let secrets = record(case).await.tokens;
    for kind in ["access-token-", "refresh-token-", "eyJ"] {
        let of_kind = secrets.iter().filter(|secret| secret.starts_with(kind));
        assert_eq!(of_kind.count(), 2, "{kind} {secrets:?}");
    }
    let holds = |text: &str| secrets.iter().any(|secret| text.contains(secret.as_str()));
    assert!(!tab.shared.channels.said.borrow().iter().any(|said| holds(said)));
    assert!(!tab.storage.texts.borrow().values().any(|text| holds(text)));
    let records = tab.shared.records.records.borrow();
    let sealed = records.values().filter(|record| !record.sealed.is_empty());
    assert_eq!(sealed.count(), 1, "the session is kept");
    for record in records.values() {
        assert!(!holds(&record.text));
        assert!(!holds(&String::from_utf8_lossy(&record.sealed)));
    }
}

#[wasm_bindgen_test]
async fn r70_without_its_tab_a_kept_session_is_unreadable() {
    let case = "refresh~closed";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    drop(client);
    // The tab is closed: its session storage is gone, the record is still there.
    let later = tab.sibling();
    assert_eq!(later.shared.records.names("session:").len(), 1);
    // Nobody is there who could be asked. Where the browser can't tell, it asks all the same.
    for (can_tell, asked) in [(true, 0), (false, 1)] {
        later.shared.presence.unknown.set(!can_tell);
        let client = open(&later, &settings).await;
        assert!(matches!(client.status(), Status::SignedOut));
        let said = later.shared.channels.said.borrow();
        assert_eq!(said.iter().filter(|said| *said == r#"{"kind":"who"}"#).count(), asked);
    }
}

#[wasm_bindgen_test]
async fn a_tab_that_was_asleep_when_it_was_asked_is_asked_again() {
    let case = "refresh~asked-asleep";
    let settings = kept(case);
    let (tab, _client) = signed_in(&settings).await;
    tab.shared.channels.deaf.set(true);
    assert!(open(&tab.sibling(), &settings).await.session().is_none());
    tab.shared.channels.deaf.set(false);
    // It hears the question late.
    let name = format!("pixy-login:{} {}", settings.issuer().as_str(), settings.client_id());
    let channel = tab.shared.channels.open(&name, Box::new(|_| {})).expect("a channel");
    channel.tell(r#"{"kind":"who"}"#);
    pause(Duration::from_millis(50)).await;
    beside(&tab, &settings).await;
}

#[wasm_bindgen_test]
async fn r70_a_record_that_was_changed_is_none() {
    let case = "refresh~changed";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    drop(client);
    for record in tab.shared.records.records.borrow_mut().values_mut() {
        if let Some(byte) = record.sealed.last_mut() {
            *byte ^= 1;
        }
    }
    let client = open(&tab, &settings).await;
    assert!(matches!(client.status(), Status::SignedOut));
    assert_eq!(tab.storage.of_kind("session:"), Vec::<String>::new());
}

/// Ten tabs of a session, all of which want a new token at once.
async fn ten_tabs(case: &str, browser: impl Fn(&Tab) -> Browser) {
    let settings = kept(case);
    reset(case).await;
    let first = Tab::new();
    let open = async |tab: &Tab| {
        let client = Client::with_browser(settings.clone(), browser(tab));
        client.start().await.expect("a session");
        client
    };
    let leaving = Client::with_browser(settings.clone(), browser(&first));
    leaving.sign_in(SignIn::new()).await.expect("the login begins");
    first.address.url.replace(answer_to(&first.left_for()).await);
    let mut tabs = vec![(open(&first).await, first)];
    for number in 1..10 {
        // Opened beside the first one, or as a copy of it.
        let tab = if number % 2 == 0 { tabs[0].1.sibling() } else { tabs[0].1.duplicate() };
        tabs.push((open(&tab).await, tab));
    }
    let before = tabs[0].0.expose_access_token();
    let results = join_all(tabs.iter().map(|(client, _)| client.refresh())).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(token_requests(&record(case).await), 2, "one for the code, one for all ten");
    let token = tabs[0].0.expose_access_token();
    assert_ne!(token, before);
    for (client, _) in &tabs {
        assert!(matches!(client.status(), Status::SignedIn(_)));
        assert_eq!(client.expose_access_token(), token);
    }
    // And each of them can go on.
    tabs[7].0.refresh().await.expect("the next one");
    assert_eq!(token_requests(&record(case).await), 3);
}

#[wasm_bindgen_test]
async fn t70_ten_tabs_one_expired_token_one_request() {
    ten_tabs("refresh~ten", Tab::browser).await;
}

#[wasm_bindgen_test]
async fn t70_ten_tabs_without_web_locks() {
    ten_tabs("refresh~ten-leases", |tab| {
        let leases = Leases::new(tab.shared.records.clone(), tab.clock.clone());
        Browser { locks: Rc::new(leases) as Rc<dyn Locks>, ..tab.browser() }
    })
    .await;
}

#[wasm_bindgen_test]
async fn t70_ten_tabs_with_what_the_browser_has() {
    ten_tabs("refresh~ten-real", |tab| Browser {
        records: Rc::new(IndexedDb::default()),
        locks: Rc::new(WebLocks::default()),
        channels: Rc::new(Broadcast::default()) as Rc<dyn Channels>,
        ..tab.browser()
    })
    .await;
}

#[wasm_bindgen_test]
async fn what_one_tab_renewed_all_go_on_with() {
    let case = "refresh~renewed";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    let (_other_tab, other) = beside(&tab, &settings).await;
    let (heard, _subscription) = events(&other);
    client.refresh().await.expect("new tokens");
    wait_for("the news", || heard.borrow().contains(&Event::RefreshedElsewhere).then_some(()))
        .await;
    assert_eq!(other.expose_access_token(), client.expose_access_token());
    assert_eq!(other.session(), client.session());
    assert_eq!(token_requests(&record(case).await), 2);
}

#[wasm_bindgen_test]
async fn a_sign_in_that_is_not_kept_hides_no_session_that_is() {
    let settings = kept("refresh~kept-beside");
    let (tab, client) = signed_in(&settings).await;
    let _beside = tab.sibling().sign_in(&settings.clone().keep(Keeping::InMemory)).await;
    assert!(client.session().is_some(), "it is the same person");
    assert!(open(&tab.sibling(), &settings).await.session().is_some());
}

#[wasm_bindgen_test]
async fn t90_a_tab_that_slept_catches_up() {
    let case = "refresh~slept";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    let (_other_tab, other) = beside(&tab, &settings).await;
    tab.shared.channels.deaf.set(true);
    client.refresh().await.expect("new tokens");
    client.refresh().await.expect("newer tokens");
    assert_ne!(other.expose_access_token(), client.expose_access_token());
    // It wants a new token, and finds that there is one.
    other.refresh().await.expect("the other tab's");
    assert_eq!(other.expose_access_token(), client.expose_access_token());
    assert_eq!(token_requests(&record(case).await), 3);

    client.refresh().await.expect("new tokens");
    wake();
    let token = client.expose_access_token();
    wait_for("the tokens", || (other.expose_access_token() == token).then_some(())).await;

    client.sign_out();
    until_signed_out(&client).await;
    assert!(other.session().is_some(), "it heard nothing");
    wait_for("the end of what is kept", || {
        tab.shared.records.names("session:").is_empty().then_some(())
    })
    .await;
    wake();
    until_signed_out(&other).await;
}

#[wasm_bindgen_test]
async fn signing_out_reaches_every_tab_and_hands_the_tokens_back_once() {
    let case = "refresh~sign-out";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    let (other_tab, other) = beside(&tab, &settings).await;
    let (heard, _subscription) = events(&other);
    client.sign_out();
    until_signed_out(&other).await;
    assert_eq!(*heard.borrow(), [Event::SignedOutElsewhere]);
    wait_for("the end of what is kept", || {
        tab.shared.records.names("session:").is_empty().then_some(())
    })
    .await;
    for tab in [&tab, &other_tab] {
        let client = open(tab, &settings).await;
        assert!(matches!(client.status(), Status::SignedOut), "also after a reload");
    }
    until_asked(case, "revoke", 2).await;
    // Whoever hands something back twice does so by then.
    pause(Duration::from_millis(300)).await;
    let requests = record(case).await.requests;
    let handed_back = requests.iter().filter(|one| one.went_to("revoke") && one.method == "POST");
    let mut handed_back: Vec<&str> = handed_back.map(|one| one.body.as_str()).collect();
    assert_eq!(handed_back.len(), 2, "the refresh token and the access token, once each");
    handed_back.dedup();
    assert_eq!(handed_back.len(), 2, "{handed_back:?}");
}

#[wasm_bindgen_test]
async fn a_provider_that_gives_half_of_what_is_needed_is_not_asked_without_end() {
    let case = "refresh~half";
    reset(case).await;
    control(&format!("lifetime/{case}/3600")).await;
    let settings = kept(case);
    let tab = Tab::new();
    drop(tab.sign_in(&settings).await);
    let client = open(&tab, &settings).await;
    let (_other_tab, other) = beside(&tab, &settings).await;
    // A new refresh token comes, and the keys for the rest do not.
    control(&format!("fault/{case}/jwks/500")).await;
    tab.clock.0.set(tab.clock.0.get() + 3570);
    wake();
    until_asked(case, "token", 2).await;
    pause(Duration::from_millis(600)).await;
    let asked = token_requests(&record(case).await);
    assert!((2..=3).contains(&asked), "once by each tab at most: {asked}");
    assert!(client.session().is_some() && other.session().is_some());
}

// Nobody can tell whether it is the same person.
#[wasm_bindgen_test]
async fn a_new_sign_in_without_a_name_takes_the_place_of_the_session_in_all_tabs() {
    let case = "refresh~nameless";
    let settings = kept(case).scope("profile offline_access").expect("a scope");
    let settings = settings.discovery(DiscoveryKind::OpenIdConnect);
    let (tab, client) = signed_in(&settings).await;
    assert_eq!(client.session().and_then(|session| session.subject().map(str::to_owned)), None);
    let (_other_tab, other) = beside(&tab, &settings).await;
    let (heard, _subscription) = events(&other);
    let client = tab.sign_in(&settings).await;
    // Who it is nobody knows: what the other tab had is over, and it goes on with what is there now.
    wait_for("the end of the former one", || {
        let is_end = |event: &Event| matches!(event, Event::Refused { .. });
        heard.borrow().iter().any(is_end).then_some(())
    })
    .await;
    wait_for("the new one", || {
        (other.session().is_some() && other.expose_access_token() == client.expose_access_token())
            .then_some(())
    })
    .await;
    assert_eq!(tab.shared.records.names("session:").len(), 1);
}

#[wasm_bindgen_test]
async fn tabs_with_sessions_of_their_own_sign_out_together() {
    let case = "refresh~own-sessions";
    let settings = config(case).scope("openid offline_access").expect("a scope");
    let (tab, client) = signed_in(&settings).await;
    let sibling = tab.sibling();
    let other = sibling.sign_in(&settings).await;
    let (heard, _subscription) = events(&other);
    client.sign_out();
    until_signed_out(&other).await;
    let handed_back = Event::TokensHandedBack { is_confirmed: true };
    wait_for("its own tokens", || heard.borrow().contains(&handed_back).then_some(())).await;
}

#[wasm_bindgen_test]
async fn r66_the_end_of_a_session_is_the_end_in_all_tabs_once() {
    let case = "refresh-invalid-grant~tabs";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    let (_other_tab, other) = beside(&tab, &settings).await;
    assert_eq!(client.refresh().await.unwrap_err().code(), ErrorCode::SessionEnded);
    let error = wait_for("the end", || match other.status() {
        Status::Failed(error) => Some(error),
        _ => None,
    })
    .await;
    assert_eq!(error.code(), ErrorCode::SessionEnded);
    assert_eq!(tab.shared.records.names("session:"), Vec::<String>::new());
    assert_eq!(record(case).await.count("token"), 2, "the other tab need not ask");
}

#[wasm_bindgen_test]
async fn r139_a_page_out_of_the_cache_shows_who_is_signed_in_now() {
    for (case, settings) in [
        ("refresh~cache", kept("refresh~cache")),
        ("refresh~cache-memory", config("refresh~cache-memory")),
    ] {
        let (tab, client) = signed_in(&settings).await;
        restore();
        assert!(matches!(client.status(), Status::Starting), "until it is known");
        wait_for("the session", || matches!(client.status(), Status::SignedIn(_)).then_some(()))
            .await;
        // What it does not hear while it is in the cache.
        tab.shared.channels.deaf.set(true);
        let elsewhere = tab.duplicate();
        let other = elsewhere.sign_in(&settings).await;
        other.sign_out();
        let sibling_is_gone = || {
            let records = tab.shared.records.records.borrow();
            let ledger = records.iter().find(|(name, _)| name.starts_with("tabs:"));
            ledger.is_some_and(|(_, ledger)| !ledger.text.contains("person")).then_some(())
        };
        wait_for("the sign-out", sibling_is_gone).await;
        restore();
        assert!(!matches!(client.status(), Status::SignedIn(_)), "{case}");
        until_signed_out(&client).await;
    }
}

#[wasm_bindgen_test]
async fn a_sign_in_reaches_tabs_where_nobody_is_signed_in() {
    let case = "refresh~joins";
    let settings = kept(case);
    reset(case).await;
    let tab = Tab::new();
    let sibling = tab.sibling();
    let other = open(&sibling, &settings).await;
    assert!(matches!(other.status(), Status::SignedOut));
    let client = tab.sign_in(&settings).await;
    wait_for("the session", || other.session()).await;
    assert_eq!(other.expose_access_token(), client.expose_access_token());
    // What is kept in memory alone is told, and no more.
    let case = "refresh~stays-out";
    let settings = config(case).keep(Keeping::InMemory);
    let (tab, client) = signed_in(&settings).await;
    let other = open(&tab.sibling(), &settings).await;
    let (heard, _subscription) = events(&other);
    client.sign_out();
    tab.sign_in(&settings).await;
    next_task().await;
    next_task().await;
    assert!(other.session().is_none());
    assert_eq!(heard.borrow().len(), 0);
}

#[wasm_bindgen_test]
async fn another_person_ends_the_session_of_the_one_before() {
    let case = "refresh~another";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    let name = format!("pixy-login:{} {}", settings.issuer().as_str(), settings.client_id());
    let channel = tab.shared.channels.open(&name, Box::new(|_| {})).expect("a channel");
    channel.tell(r#"{"kind":"signed_in","session":"x","person":"somebody-else"}"#);
    let error = wait_for("the end", || match client.status() {
        Status::Failed(error) => Some(error),
        _ => None,
    })
    .await;
    assert_eq!(error.code(), ErrorCode::AnotherPerson);
    assert!(client.session().is_none());
    wait_for("its tokens", || tab.shared.records.names("session:").is_empty().then_some(())).await;

    // A tab that was asleep finds it written.
    let client = tab.sign_in(&settings).await;
    for (name, record) in tab.shared.records.records.borrow_mut().iter_mut() {
        if name.starts_with("tabs:") {
            record.text = r#"{"era":0,"person":"somebody-else","kept":true}"#.to_owned();
        }
    }
    wake();
    wait_for("the end", || matches!(client.status(), Status::Failed(_)).then_some(())).await;
}

#[wasm_bindgen_test]
async fn what_is_no_message_changes_nothing() {
    let case = "refresh~nonsense";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    let name = format!("pixy-login:{} {}", settings.issuer().as_str(), settings.client_id());
    let channel = tab.shared.channels.open(&name, Box::new(|_| {})).expect("a channel");
    for message in [
        "",
        "null",
        r#"{"kind":"signed_out","session":7}"#,
        r#"{"kind":"renewed","session":"another","generation":9}"#,
        r#"{"kind":"over","session":"another"}"#,
        r#"{"kind":"here","session":"another","secret":"x","active":1}"#,
        r#"{"kind":"active","at":99999999999}"#,
        r#"{"kind":"signed_in"}"#,
        r#"{"kind":"removed","session":"another"}"#,
        r#"{"kind":"who_is_active"}"#,
        r#"{"kind":"signed_out","generation":"x"}"#,
    ] {
        channel.tell(message);
    }
    pause(Duration::from_millis(30)).await;
    assert!(matches!(client.status(), Status::SignedIn(_)));
    client.refresh().await.expect("new tokens");
}

#[wasm_bindgen_test]
async fn a_new_sign_in_of_the_same_person_replaces_the_tokens_of_all_tabs() {
    let case = "refresh~again-in";
    let settings = kept(case);
    let (tab, _client) = signed_in(&settings).await;
    let (_other_tab, other) = beside(&tab, &settings).await;
    let (heard, _subscription) = events(&other);
    let _client = tab.sign_in(&settings).await;
    assert_eq!(tab.shared.records.names("session:").len(), 1);
    let adopted = || heard.borrow().contains(&Event::RefreshedElsewhere).then_some(());
    wait_for("the new tokens", adopted).await;
    other.refresh().await.expect("with the new refresh token");
    assert_eq!(token_requests(&record(case).await), 3);
}

#[wasm_bindgen_test]
async fn an_answer_that_comes_again_leaves_the_session_that_is_kept() {
    let case = "refresh~again-answered";
    let settings = kept(case);
    reset(case).await;
    let tab = Tab::new();
    let client = tab.go_and_come_back(&settings).await;
    let answer = tab.url();
    client.start().await.expect("a session");
    drop(client);
    for address in
        [answer, format!("{}?code=x&state={}", support::REDIRECT_URI, support::FOREIGN_STATE)]
    {
        tab.address.url.replace(address);
        let client = tab.open(&settings);
        assert_eq!(client.start().await, Ok(Outcome::AlreadySignedIn));
        assert!(matches!(client.status(), Status::SignedIn(_)));
        assert_eq!(tab.url(), support::REDIRECT_URI, "the address is clean");
    }
    assert_eq!(token_requests(&record(case).await), 1, "no code is sent twice");
}

#[wasm_bindgen_test]
async fn a_failed_sign_in_leaves_the_session_that_is_kept() {
    let case = "refresh~failed";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    client.sign_in(SignIn::new()).await.expect("the login begins");
    drop(client);
    tab.address.url.replace(refusal(&tab, &settings, "access_denied"));
    let client = tab.open(&settings);
    assert_eq!(client.start().await.unwrap_err().code(), ErrorCode::AccessDenied);
    assert!(matches!(client.status(), Status::SignedIn(_)));
}

#[wasm_bindgen_test]
async fn a_session_that_nobody_has_renewed_for_thirty_days_is_not_found_again() {
    let settings = kept("refresh~thirty-days");
    let (tab, client) = signed_in(&settings).await;
    drop(client);
    control("fault/refresh~thirty-days/token/500").await;
    let begin = tab.clock.0.get();
    for (days, is_found) in [(29, true), (30, false)] {
        tab.clock.0.set(begin + days * 24 * 3600);
        assert_eq!(open(&tab, &settings).await.session().is_some(), is_found, "{days} days");
    }
}

#[wasm_bindgen_test]
async fn t91_where_nothing_is_kept_the_session_is_in_memory() {
    let case = "refresh~denied-records";
    let settings = kept(case);
    reset(case).await;
    let tab = Tab::new();
    tab.shared.records.denied.set(true);
    let client = tab.sign_in(&settings).await;
    assert!(matches!(client.status(), Status::SignedIn(_)));
    client.refresh().await.expect("new tokens");
    client.sign_out();
    until_signed_out(&client).await;
}

#[wasm_bindgen_test]
async fn t91_a_store_that_fails_for_a_moment_loses_no_session() {
    let case = "refresh~denied-once";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    drop(client);
    tab.shared.records.denied.set(true);
    let client = open(&tab, &settings).await;
    assert!(matches!(client.status(), Status::SignedOut));
    drop(client);
    tab.shared.records.denied.set(false);
    let client = open(&tab, &settings).await;
    assert!(matches!(client.status(), Status::SignedIn(_)));
}

#[wasm_bindgen_test]
async fn t91_a_store_that_fails_later_leaves_the_session_to_its_tab() {
    let case = "refresh~denied-later";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    tab.shared.records.denied.set(true);
    // Another tab may have spent the refresh token: so it is not sent before this has lasted for a while.
    for _ in 0..3 {
        let error = client.refresh().await.expect_err("nothing can be read");
        assert_eq!((error.code(), error.subject()), (ErrorCode::StorageDenied, Some("IndexedDB")));
        assert!(matches!(client.status(), Status::SignedIn(_)));
    }
    assert_eq!(token_requests(&record(case).await), 1);
    client.refresh().await.expect("new tokens");
    assert!(matches!(client.status(), Status::SignedIn(_)));
    client.refresh().await.expect("newer tokens");
    assert_eq!(token_requests(&record(case).await), 3);
}

#[wasm_bindgen_test]
async fn t91_what_the_provider_said_is_told_though_nothing_can_be_read() {
    let case = "refresh-invalid-grant~denied";
    let settings = kept(case);
    let (tab, client) = signed_in(&settings).await;
    tab.shared.records.denied.set(true);
    for _ in 0..3 {
        client.refresh().await.expect_err("nothing can be read");
    }
    let error = client.refresh().await.expect_err("the session is over");
    assert_eq!(error.code(), ErrorCode::SessionEnded);
}

#[wasm_bindgen_test]
async fn r132_a_reload_may_ask_the_provider_without_a_word() {
    let case = "refresh~asks";
    let settings = config(case).keep(Keeping::InMemory).on_reload(Reload::AskProvider);
    reset(case).await;
    let tab = Tab::new();
    let client = open(&tab, &settings).await;
    assert!(matches!(client.status(), Status::SignedOut), "nobody had signed in before");
    let client = tab.sign_in(&settings).await;
    drop(client);
    tab.address.url.replace("http://localhost:7/shop/orders.html".to_owned());
    let client = tab.open(&settings);
    assert_eq!(client.start().await, Ok(Outcome::SigningIn));
    assert!(tab.left_for().contains("prompt=none"), "{}", tab.left_for());
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let client = tab.open(&settings);
    assert!(matches!(client.start().await, Ok(Outcome::SignedIn { .. })));
    assert_eq!(tab.url(), "http://localhost:7/shop/orders.html");
    // Whoever signs out is not signed in again.
    client.sign_out();
    let left = tab.left_for();
    let client = open(&tab, &settings).await;
    assert!(matches!(client.status(), Status::SignedOut));
    assert_eq!(tab.left_for(), left);
}

#[wasm_bindgen_test]
async fn t21_a_provider_that_needs_the_person_is_asked_once() {
    let case = "refresh~once";
    let settings = config(case).keep(Keeping::InMemory).on_reload(Reload::AskProvider);
    let (tab, client) = signed_in(&settings).await;
    drop(client);
    tab.address.url.replace("http://localhost:7/shop/orders.html".to_owned());
    assert_eq!(tab.open(&settings).start().await, Ok(Outcome::SigningIn));
    tab.address.url.replace(refusal(&tab, &settings, "login_required"));
    let client = tab.open(&settings);
    assert!(matches!(client.start().await, Ok(Outcome::StillSignedOut { .. })));
    assert!(matches!(client.status(), Status::SignedOut));
    assert_eq!(tab.url(), "http://localhost:7/shop/orders.html");
    let left = tab.left_for();
    for _ in 0..3 {
        let client = open(&tab, &settings).await;
        assert!(matches!(client.status(), Status::SignedOut));
    }
    assert_eq!(tab.left_for(), left, "no loop");
}

#[wasm_bindgen_test]
async fn short_lived_tokens_are_renewed_by_themselves() {
    let case = "refresh~short";
    reset(case).await;
    control(&format!("lifetime/{case}/5")).await;
    let tab = Tab::new();
    let browser = || Browser { clock: Rc::new(SystemClock::default()), ..tab.browser() };
    let settings = kept(case);
    let leaving = Client::with_browser(settings.clone(), browser());
    leaving.sign_in(SignIn::new()).await.expect("the login begins");
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let client = Client::with_browser(settings, browser());
    client.start().await.expect("a session");
    let (heard, _subscription) = events(&client);
    let count = || heard.borrow().iter().filter(|event| **event == Event::Refreshed).count();
    wait_for("two renewals", || (count() >= 2).then_some(())).await;
    assert!(matches!(client.status(), Status::SignedIn(_)));
    client.profile().await.expect("a token that is good");
    client.sign_out();
    reset(case).await;
}

#[wasm_bindgen_test]
async fn a_page_with_an_old_token_renews_it_before_it_asks_for_the_profile() {
    let case = "refresh-no-id-token~profile";
    reset(case).await;
    control(&format!("lifetime/{case}/3600")).await;
    let settings = kept(case);
    let tab = Tab::new();
    drop(tab.sign_in(&settings).await);
    control(&format!("expire/{case}")).await;
    // Nobody was there when it ran out; and then the provider withdraws one that had not.
    tab.clock.0.set(tab.clock.0.get() + 7200);
    let client = tab.open(&settings);
    client.start().await.expect("the session");
    client.profile().await.expect("a profile");
    drop(client);
    control(&format!("expire/{case}")).await;
    let client = open(&tab, &settings).await;
    client.profile().await.expect("a profile");
    assert_eq!(token_requests(&record(case).await), 3);
}

#[wasm_bindgen_test]
async fn t90_a_page_that_wakes_up_late_renews_at_once() {
    for skew in [-600, 600] {
        let case = "refresh-no-id-token~wakes";
        reset(case).await;
        let tab = Tab::new();
        control(&format!("lifetime/{case}/3600")).await;
        let skewed = tab.clock.0.get().checked_add_signed(skew).expect("a time");
        tab.clock.0.set(skewed);
        let client = tab.sign_in(&kept(case)).await;
        let (heard, _subscription) = events(&client);
        wake();
        next_task().await;
        assert_eq!(token_requests(&record(case).await), 1, "it is early");
        tab.clock.0.set(skewed + 7200);
        wake();
        wait_for("a renewal", || heard.borrow().contains(&Event::Refreshed).then_some(())).await;
        wake();
        pause(Duration::from_millis(50)).await;
        assert_eq!(token_requests(&record(case).await), 2, "and once only");
    }
}

#[wasm_bindgen_test]
async fn a_fault_is_tried_again_after_a_pause_and_not_before() {
    let case = "refresh-no-id-token~pause";
    reset(case).await;
    control(&format!("lifetime/{case}/3600")).await;
    let tab = Tab::new();
    let client = tab.sign_in(&kept(case)).await;
    control(&format!("fault/{case}/token/429-60/1")).await;
    let (heard, _subscription) = events(&client);
    let later = |seconds| {
        tab.clock.0.set(tab.clock.0.get() + seconds);
    };
    later(7200);
    wake();
    let refused =
        || heard.borrow().iter().filter(|event| matches!(event, Event::Refused { .. })).count();
    wait_for("a fault", || (refused() == 1).then_some(())).await;
    assert!(matches!(client.status(), Status::SignedIn(_)));
    later(50);
    wake();
    pause(Duration::from_millis(50)).await;
    assert_eq!(record(case).await.count("token"), 2, "it asked to be left alone for a minute");
    later(20);
    wake();
    wait_for("a renewal", || heard.borrow().contains(&Event::Refreshed).then_some(())).await;
    assert_eq!(record(case).await.count("token"), 3);
}

#[wasm_bindgen_test]
async fn an_idle_session_ends_in_all_tabs_after_a_warning() {
    let case = "refresh~idle";
    let settings =
        kept(case).idle_limit(Duration::from_secs(900)).warn_before_limits(Duration::from_secs(60));
    let (tab, client) = signed_in(&settings).await;
    let (_other_tab, other) = beside(&tab, &settings).await;
    let (heard, _subscription) = events(&client);
    let begin = tab.clock.0.get();
    let at = |seconds: u64| tab.clock.0.set(begin + seconds);
    at(850);
    wake();
    let ending =
        |event: &Event| matches!(event, Event::SessionEnding { at } if at.0 == begin + 900);
    assert!(heard.borrow().iter().any(ending), "{heard:?}");
    // Somebody is there, in whatever tab.
    press_a_key();
    assert!(heard.borrow().contains(&Event::SessionGoesOn));
    at(1000);
    wake();
    assert!(client.session().is_some() && other.session().is_some());
    // A page that is opened later knows it, too.
    at(1600);
    let (_third_tab, third) = beside(&tab, &settings).await;
    at(1751);
    wake();
    for client in [&client, &other, &third] {
        until_signed_out(client).await;
    }
    assert!(heard.borrow().contains(&Event::LimitReached));
}

#[wasm_bindgen_test]
async fn a_tab_that_took_the_session_over_knows_when_somebody_was_there_last() {
    let case = "refresh~idle-beside";
    let settings = kept(case).idle_limit(Duration::from_secs(900));
    let (tab, client) = signed_in(&settings).await;
    let begin = tab.clock.0.get();
    tab.clock.0.set(begin + 600);
    let (_other_tab, other) = beside(&tab, &settings).await;
    drop(client);
    tab.clock.0.set(begin + 899);
    wake();
    assert!(other.session().is_some());
    tab.clock.0.set(begin + 900);
    wake();
    until_signed_out(&other).await;
}

#[wasm_bindgen_test]
async fn a_tab_that_was_discarded_ends_nothing_that_goes_on_in_another() {
    let case = "refresh~idle-discarded";
    let settings = kept(case).idle_limit(Duration::from_secs(900));
    let (tab, client) = signed_in(&settings).await;
    let begin = tab.clock.0.get();
    let (_other_tab, other) = beside(&tab, &settings).await;
    // Its session storage stays as it is.
    drop(client);
    tab.clock.0.set(begin + 600);
    press_a_key();
    tab.clock.0.set(begin + 1000);
    let client = open(&tab, &settings).await;
    assert!(client.session().is_some() && other.session().is_some());
    tab.clock.0.set(begin + 1501);
    wake();
    for client in [&client, &other] {
        until_signed_out(client).await;
    }
}

#[wasm_bindgen_test]
async fn the_provider_is_not_asked_for_a_session_that_is_over() {
    for (case, limited) in [
        ("refresh~asked-idle", config("refresh~asked-idle").idle_limit(Duration::from_secs(900))),
        (
            "refresh~asked-limit",
            config("refresh~asked-limit").session_limit(Duration::from_secs(900)),
        ),
        ("refresh~asked-elsewhere", config("refresh~asked-elsewhere")),
    ] {
        let settings = limited.on_reload(Reload::AskProvider);
        let (tab, client) = signed_in(&settings).await;
        drop(client);
        if case == "refresh~asked-elsewhere" {
            // In a tab of its own, while this one is closed.
            let sibling = tab.sibling();
            sibling.sign_in(&settings).await.sign_out();
            next_task().await;
        } else {
            tab.clock.0.set(tab.clock.0.get() + 901);
        }
        let left = tab.left_for();
        let client = open(&tab, &settings).await;
        assert!(matches!(client.status(), Status::SignedOut), "{case}");
        assert_eq!(tab.left_for(), left, "{case}");
    }
}

#[wasm_bindgen_test]
async fn a_session_that_the_provider_let_go_on_is_as_old_as_before() {
    let case = "refresh~asked-limits";
    let settings = config(case)
        .keep(Keeping::InMemory)
        .on_reload(Reload::AskProvider)
        .session_limit(Duration::from_secs(900));
    let (tab, client) = signed_in(&settings).await;
    let begin = tab.clock.0.get();
    drop(client);
    tab.clock.0.set(begin + 400);
    assert_eq!(tab.open(&settings).start().await, Ok(Outcome::SigningIn));
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let client = tab.open(&settings);
    client.start().await.expect("a session");
    tab.clock.0.set(begin + 901);
    wake();
    until_signed_out(&client).await;
}

#[wasm_bindgen_test]
async fn a_session_that_is_over_its_limit_is_not_found_again() {
    let case = "refresh~limit";
    let settings = kept(case).session_limit(Duration::from_secs(3600));
    let (tab, client) = signed_in(&settings).await;
    let begin = tab.clock.0.get();
    tab.clock.0.set(begin + 3599);
    wake();
    assert!(client.session().is_some());
    drop(client);
    tab.clock.0.set(begin + 3601);
    let client = open(&tab, &settings).await;
    assert!(matches!(client.status(), Status::SignedOut));
    wait_for("its end", || tab.shared.records.names("session:").is_empty().then_some(())).await;
}
