//! What real providers and browsers do, as far as it is a matter of the flow: `f09_…` is field report 9 of
//! `docs/rules.md`.

#![cfg(target_arch = "wasm32")]

mod support;

use futures_util::future::join;
use pixy_login::browser::Frame;
use pixy_login::browser::timer::pause;
use pixy_login::client::{Client, Document, Event, Outcome, ResourceRequest, SignIn, Status};
use pixy_login::protocol::{Config, Dpop, ErrorCode, Keeping, Reload};
use support::sessions::{events, kept, open};
use support::{
    A_WHILE, HOSTILE, Prerendered, REDIRECT_URI, Tab, answer_to, config, make_honest, next_task,
    record, reset, restore, signed_in, start_beforehand, until_asked, wait_for,
};
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Settings of an app whose own server tells the time: the one that this page came from.
fn timed(case: &str) -> Config {
    let origin = web_sys::window().expect("a window").location().origin().expect("an origin");
    let page = format!("{origin}/callback.html");
    let config = Config::new(&format!("{HOSTILE}/{case}"), "pixy-test", &page);
    config.and_then(|config| config.scope("openid offline_access")).expect("a good config")
}

fn later(tab: &Tab, seconds: i64) {
    tab.clock.0.set(tab.clock.0.get().checked_add_signed(seconds).expect("a time"));
}

/// Waits until the session has ended, and says why.
async fn end_of(client: &Client) -> ErrorCode {
    let ended = || match client.status() {
        Status::Failed(error) => Some(error.code()),
        _ => None,
    };
    wait_for("the end of the session", ended).await
}

fn api(case: &str) -> ResourceRequest {
    ResourceRequest::get(&format!("{HOSTILE}/{case}/api"))
}

#[wasm_bindgen_test]
async fn f09_f33_f55_a_wrong_clock_signs_in_where_proofs_are_judged_by_seconds() {
    for (case, seconds) in
        [("dpop~fast", 600), ("dpop~slow", -600), ("dpop~minute", 90), ("dpop~right", 0)]
    {
        reset(case).await;
        let tab = Tab::new();
        later(&tab, seconds);
        let client = tab.sign_in(&timed(case)).await;
        assert!(client.session().expect("somebody").is_bound(), "{case}");
        // The correction is kept for the session: one refused proof, and no more.
        client.refresh().await.unwrap_or_else(|error| panic!("{case}: {error}"));
        let violations = record(case).await.violations;
        assert_eq!(violations.len(), usize::from(seconds != 0), "{case}: {violations:?}");
    }
}

#[wasm_bindgen_test]
async fn f34_a_clock_that_is_moved_while_somebody_is_signed_in() {
    let case = "dpop~moved";
    reset(case).await;
    let tab = Tab::new();
    let client = tab.sign_in(&timed(case)).await;
    for seconds in [120, -240] {
        later(&tab, seconds);
        client.refresh().await.unwrap_or_else(|error| panic!("{seconds}: {error}"));
        assert!(matches!(client.status(), Status::SignedIn(_)));
    }
}

#[wasm_bindgen_test]
async fn f53_a_clock_that_is_an_hour_off_without_proofs() {
    for (case, seconds) in [("honest~hour-fast", 7200), ("honest~hour-slow", -7200)] {
        reset(case).await;
        let tab = Tab::new();
        later(&tab, seconds);
        let client = tab.sign_in(&timed(case)).await;
        assert!(matches!(client.status(), Status::SignedIn(_)), "{case}");
        // Where nobody tells the time, it is said to be the clock.
        let lost = Tab::new();
        later(&lost, seconds);
        let client = lost.go_and_come_back(&config(case)).await;
        let error = client.start().await.expect_err(case);
        assert_eq!(error.code(), ErrorCode::ClockWrong, "{case}");
    }
}

#[wasm_bindgen_test]
async fn f12_f43_bound_tokens_are_handed_back_with_a_proof() {
    let case = "dpop~handed-back";
    let (_, client) = signed_in(&config(case)).await;
    client.sign_out();
    let record = until_asked(case, "revoke", 1).await;
    let is_asked =
        |request: &&support::Recorded| request.went_to("revoke") && request.method == "POST";
    let asked = record.requests.iter().find(is_asked);
    let names = &asked.expect("a request").header_names;
    assert!(names.iter().any(|name| name.eq_ignore_ascii_case("dpop")), "{names:?}");
}

#[wasm_bindgen_test]
async fn f15_a_renewal_that_needs_the_person_ends_the_session_at_once() {
    let case = "f15-interaction-required";
    let (_, client) = signed_in(&config(case)).await;
    let error = client.refresh().await.expect_err("refused");
    assert_eq!(error.code(), ErrorCode::InteractionRequired);
    assert_eq!(end_of(&client).await, ErrorCode::InteractionRequired);
    let record = record(case).await;
    assert_eq!((record.count("token"), record.count("revoke")), (2, 0), "one request, no other");
}

#[wasm_bindgen_test]
async fn f16_f37_a_renewal_that_is_refused_twice_is_not_asked_for_again() {
    let case = "f16-unauthorized-client";
    let (tab, client) = signed_in(&config(case)).await;
    for requests in [2, 3, 3] {
        let error = client.refresh().await.expect_err("refused");
        assert_eq!(error.code(), ErrorCode::RenewalRefused);
        assert_eq!(error.provider().expect("words").error, "unauthorized_client");
        assert_eq!(record(case).await.count("token"), requests);
    }
    assert!(client.session().is_some(), "the access token is good");
    later(&tab, 3600);
    assert_eq!(client.fetch(api(case)).await.err().map(|_| ()), Some(()), "not on the list");
    support::sessions::wake();
    assert_eq!(end_of(&client).await, ErrorCode::RenewalRefused);
    assert_eq!(record(case).await.count("token"), 3);
}

#[wasm_bindgen_test]
async fn f17_a_refusal_that_the_page_may_not_see_has_an_end() {
    let case = "f17-hidden";
    let (tab, client) = signed_in(&config(case)).await;
    let keys = record(case).await.count("jwks");
    for attempt in 1..=6 {
        let code = client.refresh().await.expect_err("refused").code();
        assert_eq!(code, ErrorCode::NetworkOrCors, "{attempt}");
        until_asked(case, "jwks", keys + attempt).await;
        next_task().await;
    }
    assert_eq!(client.refresh().await.unwrap_err().code(), ErrorCode::RenewalRefused);
    assert_eq!(record(case).await.count("token"), 7);
    later(&tab, 3600);
    support::sessions::wake();
    assert_eq!(end_of(&client).await, ErrorCode::RenewalRefused);
}

#[wasm_bindgen_test]
async fn f18_a_provider_that_wants_to_be_left_alone_is() {
    let case = "f18-later";
    let settings = config(case).allow_origin(HOSTILE).expect("an origin");
    let (tab, client) = signed_in(&settings).await;
    later(&tab, 100);
    assert_eq!(client.refresh().await.unwrap_err().code(), ErrorCode::ProviderUnavailable);
    later(&tab, 3490);
    assert_eq!(client.fetch(api(case)).await.expect("a good token").status, 200);
    let before = record(case).await.count("api");
    // The token has run out: neither is it sent, nor another asked for.
    later(&tab, 20);
    let error = client.fetch(api(case)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ProviderUnavailable);
    assert!(error.wanted_pause().is_some());
    let record = record(case).await;
    assert_eq!((record.count("token"), record.count("api")), (2, before));
    assert!(client.session().is_some(), "the refresh token is good");
}

#[wasm_bindgen_test]
async fn f19_f20_f21_what_is_not_ones_own_leaves_a_login_that_waits() {
    let case = "honest~beside";
    reset(case).await;
    let tab = Tab::new();
    let settings = config(case);
    tab.open(&settings).sign_in(SignIn::new()).await.expect("it begins");
    let left = tab.left_for();
    let waiting = tab.storage.pending();
    let error_alone = format!("{REDIRECT_URI}?error=access_denied&error_description=No");
    tab.address.url.replace(error_alone);
    let error = tab.open(&settings).start().await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::StateMissing);
    assert_eq!(error.provider().expect("words").description.as_deref(), Some("No"));
    assert_eq!((tab.url().as_str(), &tab.storage.pending()), (REDIRECT_URI, &waiting));
    for others in ["?code=abc&state=xyz", "?code=SPRING"] {
        let page = format!("{REDIRECT_URI}{others}");
        tab.address.url.replace(page.clone());
        assert_eq!(tab.open(&settings).start().await, Ok(Outcome::NoCallback), "{others}");
        assert_eq!((tab.url(), &tab.storage.pending()), (page, &waiting), "{others}");
    }
    tab.address.url.replace(answer_to(&left).await);
    assert!(matches!(tab.open(&settings).start().await, Ok(Outcome::SignedIn { .. })));
}

#[wasm_bindgen_test]
async fn f22_a_state_alone_ends_its_login() {
    let case = "honest~state-alone";
    reset(case).await;
    let tab = Tab::new();
    let settings = config(case);
    tab.open(&settings).sign_in(SignIn::new()).await.expect("it begins");
    let left = tab.left_for();
    let state = left.split("state=").nth(1).and_then(|rest| rest.split('&').next());
    let issuer = settings.issuer().as_str();
    let answer = format!("{REDIRECT_URI}?state={}&iss={issuer}", state.expect("a state"));
    tab.address.url.replace(answer);
    let error = tab.open(&settings).start().await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::CodeMissing);
    assert_eq!((tab.url().as_str(), tab.storage.pending().len()), (REDIRECT_URI, 0));
}

#[wasm_bindgen_test]
async fn f24_an_answer_in_another_tab_begins_again_there() {
    let case = "honest~other-tab";
    reset(case).await;
    let (tab, settings) = (Tab::new(), config(case));
    tab.address.url.replace("http://localhost:7/shop/orders.html".to_owned());
    tab.open(&settings).sign_in(SignIn::new()).await.expect("it begins");
    let answer = answer_to(&tab.left_for()).await;
    let other = tab.sibling();
    other.address.url.replace(answer.clone());
    assert_eq!(other.open(&settings).start().await, Ok(Outcome::SigningIn));
    assert_eq!(record(case).await.count("token"), 0, "the code is not spent");
    other.address.url.replace(answer_to(&other.left_for()).await);
    let client = other.open(&settings);
    assert!(matches!(client.start().await, Ok(Outcome::SignedIn { .. })));
    assert_eq!(other.url(), "http://localhost:7/shop/orders.html");
    // Once: the same answer a second time, and in a third tab, leads nowhere.
    let third = Tab::new();
    third.address.url.replace(answer);
    let error = third.open(&settings).start().await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::LoginNotFound);
}

#[wasm_bindgen_test]
async fn f26_plain_tokens_outlive_a_reload_and_reach_the_next_page_and_a_new_tab() {
    let case = "honest~lasts";
    let settings = config(case);
    let (tab, client) = signed_in(&settings).await;
    let beside = open(&tab.sibling(), &settings).await;
    assert!(beside.session().is_some(), "a new tab");
    drop(client);
    tab.address.url.replace("http://localhost:7/shop/next.html".to_owned());
    let client = open(&tab, &settings).await;
    assert!(matches!(client.status(), Status::SignedIn(_)), "the next page");
    client.sign_out();
    next_task().await;
    let client = open(&tab, &settings.keep(Keeping::InMemory)).await;
    assert!(matches!(client.status(), Status::SignedOut));
}

#[wasm_bindgen_test]
async fn f38_f56_without_a_refresh_token_the_session_ends_with_its_token() {
    let case = "honest~runs-out";
    let settings = config(case);
    let (tab, client) = signed_in(&settings).await;
    let (heard, _subscription) = events(&client);
    later(&tab, 3599);
    support::sessions::wake();
    next_task().await;
    assert!(client.session().is_some());
    later(&tab, 1);
    // Another page of the tab does not take it up again.
    let reloaded = open(&tab.duplicate(), &settings).await;
    assert!(matches!(reloaded.status(), Status::SignedOut), "{:?}", reloaded.status());
    support::sessions::wake();
    assert_eq!(end_of(&client).await, ErrorCode::SessionExpired);
    assert!(heard.borrow().iter().any(|event| matches!(event, Event::Refused { .. })));
}

#[wasm_bindgen_test]
async fn f38_where_the_provider_may_be_asked_in_silence_the_next_page_asks() {
    for (case, keeping) in
        [("honest~asks-kept", Keeping::SessionStorage), ("honest~asks-memory", Keeping::InMemory)]
    {
        let settings = config(case).keep(keeping).on_reload(Reload::AskProvider);
        let (tab, client) = signed_in(&settings).await;
        later(&tab, 3600);
        support::sessions::wake();
        assert_eq!(end_of(&client).await, ErrorCode::SessionExpired);
        drop(client);
        assert_eq!(tab.open(&settings).start().await, Ok(Outcome::SigningIn), "{case}");
        assert!(tab.left_for().contains("prompt=none"), "{case}");
    }
}

#[wasm_bindgen_test]
async fn f41_binding_that_is_required_is_not_given_up() {
    let case = "t74-nonce-unexposed~required";
    reset(case).await;
    let tab = Tab::new();
    let settings = config(case).dpop(Dpop::Required);
    let client = tab.go_and_come_back(&settings).await;
    let left = tab.left_for();
    let error = client.start().await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::DpopNonceRefused);
    assert_eq!(tab.left_for(), left, "nothing begins again");
}

#[wasm_bindgen_test]
async fn f41_the_header_that_cors_keeps_out_is_named_where_binding_is_required() {
    let case = "f41-proofs-kept-out~required";
    reset(case).await;
    let tab = Tab::new();
    let client = tab.go_and_come_back(&config(case).dpop(Dpop::Required)).await;
    let error = client.start().await.unwrap_err();
    let endpoint = format!("header DPoP at {HOSTILE}/{case}/token");
    let named = (ErrorCode::NetworkOrCors, Some(endpoint.as_str()));
    assert_eq!((error.code(), error.subject()), named);
}

#[wasm_bindgen_test]
async fn f45_whether_one_can_sign_out_at_the_provider_is_known() {
    let (_, client) = signed_in(&config("honest~ends")).await;
    assert!(client.session().expect("somebody").can_end_at_provider());
}

#[wasm_bindgen_test]
async fn f50_a_document_that_is_wrong_is_asked_for_once() {
    let case = "t65-issuer-other~once";
    reset(case).await;
    let tab = Tab::new();
    let client = tab.open(&config(case));
    client.prefetch().await;
    client.prefetch().await;
    // Another click is another attempt.
    for requests in [1, 2] {
        let error = client.sign_in(SignIn::new()).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::DiscoveryIssuerMismatch);
        assert_eq!(record(case).await.count("discovery"), requests);
    }
}

// Whoever clicks while it is being found out has met it: the next click asks anew.
#[wasm_bindgen_test]
async fn f50_a_document_that_was_wrong_is_asked_for_again_by_the_next_click() {
    let case = "t65-issuer-other~joined";
    reset(case).await;
    let client = open(&Tab::new(), &config(case)).await;
    let (_, clicked) = join(client.prefetch(), client.sign_in(SignIn::new())).await;
    assert_eq!(clicked.unwrap_err().code(), ErrorCode::DiscoveryIssuerMismatch);
    make_honest(case).await;
    client.sign_in(SignIn::new()).await.expect("it begins");
}

#[wasm_bindgen_test]
async fn f03_a_provider_that_signs_otherwise_by_now_keeps_its_people() {
    let case = "alg-es256~f03";
    let settings = config(case).scope("openid offline_access").expect("a scope");
    let (_, client) = signed_in(&settings).await;
    // With RS256, in the document as in its tokens, and with the key for that.
    make_honest(case).await;
    client.refresh().await.expect("a new token");
    assert!(matches!(client.status(), Status::SignedIn(_)));
    assert_eq!(record(case).await.count("discovery"), 2, "one fresh document");
    // What that does not name either is not the provider's.
    let case = "f03-unannounced";
    let (_, client) = signed_in(&config(case)).await;
    let error = client.refresh().await.unwrap_err();
    assert_eq!((error.code(), error.subject()), (ErrorCode::IdTokenInvalid, Some("alg")));
    assert_eq!(end_of(&client).await, ErrorCode::IdTokenInvalid);
    assert_eq!(record(case).await.count("discovery"), 2, "and no more");
}

// Nothing is called an attack that is a rotation.
#[wasm_bindgen_test]
async fn a_provider_that_gives_a_new_key_the_name_of_the_old_one_keeps_its_people() {
    // Also where the clock was set back: the keys are no newer for it.
    for (case, seconds) in [("former-key", 61), ("former-key~set-back", -61)] {
        let settings = config(case).scope("openid offline_access").expect("a scope");
        let (tab, client) = signed_in(&settings).await;
        make_honest(case).await;
        later(&tab, seconds);
        client.refresh().await.unwrap_or_else(|error| panic!("{case}: {error}"));
        assert!(matches!(client.status(), Status::SignedIn(_)), "{case}");
        assert_eq!(record(case).await.count("jwks"), 2, "{case}");
    }
}

#[wasm_bindgen_test]
async fn f52_a_profile_is_asked_for_again() {
    let case = "honest~asked-again";
    let (_, client) = signed_in(&config(case)).await;
    for _ in 0..2 {
        client.profile().await.expect("a profile");
    }
    client.reload_profile().await.expect("a profile");
    assert_eq!(record(case).await.count("userinfo"), 2);
}

#[wasm_bindgen_test]
async fn f25_somebody_else_at_the_provider_does_not_go_on_with_a_session() {
    let case = "f25-named";
    let settings = config(case).keep(Keeping::InMemory).on_reload(Reload::AskProvider);
    let (tab, client) = signed_in(&settings).await;
    drop(client);
    // Somebody else had signed in in this tab.
    let app =
        format!("pixy-login:returning:{} {}", settings.issuer().as_str(), settings.client_id());
    let entry = tab.storage.texts.borrow().get(&app).cloned().expect("an entry");
    let person = entry.split("\"person\":\"").nth(1).and_then(|rest| rest.split('"').next());
    let changed = entry.replace(person.expect("a hash"), "somebody-else");
    tab.storage.texts.borrow_mut().insert(app, changed);
    assert_eq!(tab.open(&settings).start().await, Ok(Outcome::SigningIn));
    assert!(tab.left_for().contains("prompt=none") && tab.left_for().contains("login_hint=hanako"));
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let client = tab.open(&settings);
    assert!(matches!(client.start().await, Ok(Outcome::StillSignedOut { .. })));
    assert!(client.session().is_none());
}

/// Opens a page that the browser loads beforehand.
async fn open_beforehand(tab: &Tab, settings: &Config) -> Client {
    let client = tab.open(settings);
    start_beforehand(&client).await;
    client
}

async fn signed_in_now(client: &Client) {
    let is_there = || matches!(client.status(), Status::SignedIn(_)).then_some(());
    wait_for("the session", is_there).await;
}

#[wasm_bindgen_test]
async fn f29_a_page_to_which_nobody_has_come_does_not_take_other_tabs_for_closed() {
    let settings = kept("refresh~prerendered");
    let (tab, _client) = signed_in(&settings).await;
    let said = || tab.shared.channels.said.borrow().len();
    let before = said();
    let prerendered = Prerendered::begin();
    // Until somebody comes, no message arrives.
    tab.shared.channels.deaf.set(true);
    let client = open_beforehand(&tab.sibling(), &settings).await;
    assert!(matches!(client.status(), Status::Starting), "{:?}", client.status());
    assert_eq!(said(), before);
    tab.shared.channels.deaf.set(false);
    drop(prerendered);
    signed_in_now(&client).await;
    // The mark of the kept session is where it was.
    let next = open(&tab.sibling(), &settings).await;
    assert!(next.session().is_some());
}

#[wasm_bindgen_test]
async fn f29_an_answer_waits_until_somebody_comes_to_the_page() {
    let case = "honest~prerendered";
    reset(case).await;
    let (tab, settings) = (Tab::new(), config(case));
    drop(tab.go_and_come_back(&settings).await);
    let answer = tab.url();
    let prerendered = Prerendered::begin();
    let client = open_beforehand(&tab, &settings).await;
    assert!(matches!(client.status(), Status::Starting), "{:?}", client.status());
    assert_eq!((tab.url(), tab.storage.pending().len()), (answer, 1));
    assert_eq!(record(case).await.count("token"), 0, "the code is not spent");
    drop(prerendered);
    signed_in_now(&client).await;
    assert_eq!(record(case).await.count("token"), 1);
}

#[wasm_bindgen_test]
async fn f29_nobody_is_sent_away_or_signed_out_before_they_come_to_the_page() {
    let case = "refresh~prerendered-leaving";
    let settings = config(case).keep(Keeping::InMemory).on_reload(Reload::AskProvider);
    let (tab, client) = signed_in(&settings).await;
    let (left, asked) = (tab.left_for(), record(case).await.requests.len());
    let prerendered = Prerendered::begin();
    let silent = open_beforehand(&tab, &settings).await;
    let other = Tab::new();
    let (leaving, fetching) = (other.open(&settings), other.open(&settings));
    spawn_local(async move { drop(leaving.sign_in(SignIn::new()).await) });
    spawn_local(async move { fetching.prefetch().await });
    client.sign_out();
    let gone = client.clone();
    spawn_local(async move { drop(gone.sign_out_at_provider().await) });
    pause(A_WHILE).await;
    assert!(client.session().is_some());
    assert_eq!((tab.left_for(), other.left_for()), (left.clone(), String::new()));
    assert_eq!(record(case).await.requests.len(), asked);
    drop(prerendered);
    wait_for("the other page to leave", || (!other.left_for().is_empty()).then_some(())).await;
    wait_for("nobody", || client.session().is_none().then_some(())).await;
    wait_for("the first page to leave", || (tab.left_for() != left).then_some(())).await;
    drop(silent);
}

#[wasm_bindgen_test]
async fn f27_a_page_in_a_frame_is_never_left_for_the_provider() {
    let case = "refresh~framed";
    let settings = config(case).keep(Keeping::InMemory).on_reload(Reload::AskProvider);
    for (frame, code) in [
        (Frame::OwnSite, ErrorCode::PageInFrame),
        (Frame::OtherSite, ErrorCode::PageInForeignFrame),
    ] {
        let (tab, client) = signed_in(&settings).await;
        let (asked, left) = (record(case).await, tab.left_for());
        tab.address.frame.set(frame);
        tab.address.url.replace("http://localhost:7/shop/orders.html".to_owned());
        let reloaded = tab.open(&settings);
        assert_eq!(reloaded.start().await, Ok(Outcome::NoCallback), "the provider is not asked");
        assert!(matches!(reloaded.status(), Status::SignedOut));
        let error = reloaded.sign_in(SignIn::new()).await.expect_err("a frame");
        assert_eq!(error.code(), code);
        assert!(matches!(reloaded.status(), Status::Failed(_)));
        assert_eq!(tab.storage.pending(), Vec::<String>::new());
        let error = client.sign_out_at_provider().await.expect_err("a frame");
        assert_eq!(error.code(), code);
        assert!(client.session().is_none(), "signed out of the app");
        assert_eq!(tab.left_for(), left);
        let revocations = record(case).await.count("revoke") - asked.count("revoke");
        assert_eq!(revocations, 2, "the tokens are handed back all the same");
    }
}

#[wasm_bindgen_test]
async fn f27_no_login_begins_again_by_itself_in_a_frame() {
    let (tab, settings) = (Tab::new(), config("honest~framed-again"));
    tab.open(&settings).sign_in(SignIn::new()).await.expect("it begins");
    let framed = tab.sibling();
    framed.address.frame.set(Frame::OwnSite);
    framed.address.url.replace(answer_to(&tab.left_for()).await);
    let error = framed.open(&settings).start().await.expect_err("a frame");
    assert_eq!(error.code(), ErrorCode::PageInFrame);
    assert_eq!(framed.left_for(), "");
}

// Zitadel answers prompt=none with a page of its own: no answer ever comes, and the person goes back.
#[wasm_bindgen_test]
async fn f32_whoever_goes_back_from_a_provider_without_an_answer_can_go_on_by_a_click() {
    let case = "refresh~no-answer";
    let settings = config(case).keep(Keeping::InMemory).on_reload(Reload::AskProvider);
    let (tab, client) = signed_in(&settings).await;
    drop(client);
    tab.address.url.replace("http://localhost:7/shop/orders.html".to_owned());
    let left = tab.open(&settings);
    assert_eq!(left.start().await, Ok(Outcome::SigningIn));
    let silent = tab.left_for();
    assert!(silent.contains("prompt=none"), "{silent}");
    // By Back, out of the back-forward cache.
    restore();
    assert!(matches!(left.status(), Status::SignedOut), "{:?}", left.status());
    drop(left);
    // Or loaded anew, as often as they like.
    for _ in 0..3 {
        let client = open(&tab, &settings).await;
        assert!(matches!(client.status(), Status::SignedOut));
    }
    assert_eq!(tab.left_for(), silent, "not asked again");
    let client = open(&tab, &settings).await;
    client.sign_in(SignIn::new()).await.expect("it begins");
    assert!(!tab.left_for().contains("prompt=none"), "{}", tab.left_for());
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    assert!(matches!(tab.open(&settings).start().await, Ok(Outcome::SignedIn { .. })));
    assert_eq!(tab.url(), "http://localhost:7/shop/orders.html");
}

// It refuses its own bound tokens at userinfo, and sign-ins without: both once, and then it is left at that.
#[wasm_bindgen_test]
async fn f54_a_provider_that_wants_binding_and_can_not_read_it_is_not_asked_for_ever() {
    let case = "f54-userinfo-takes-no-proof";
    let settings = config(case);
    let (tab, client) = signed_in(&settings).await;
    assert!(client.session().expect("somebody").is_bound());
    let first = tab.left_for();
    client.profile().await.expect("what the ID token tells");
    let unbound = tab.left_for();
    assert!(unbound != first && !unbound.contains("dpop_jkt"), "it begins again without");
    tab.address.url.replace(answer_to(&unbound).await);
    assert_eq!(tab.open(&settings).start().await, Ok(Outcome::SigningIn));
    let bound = tab.left_for();
    assert!(bound.contains("dpop_jkt"), "and with, for it is refused without");
    tab.address.url.replace(answer_to(&bound).await);
    let client = tab.open(&settings);
    assert!(matches!(client.start().await, Ok(Outcome::SignedIn { .. })));
    client.profile().await.expect("what the ID token tells");
    assert_eq!(tab.left_for(), bound, "nothing begins any more");
    assert!(matches!(client.status(), Status::SignedIn(_)));
}

#[wasm_bindgen_test]
async fn optional_members_that_can_not_be_used_are_told_and_keep_nobody_out() {
    let case = "optional-members-unusable";
    reset(case).await;
    let tab = Tab::new();
    let client = open(&tab, &config(case)).await;
    let (told, _subscription) = events(&client);
    client.sign_in(SignIn::new()).await.expect("the login begins");
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let client = tab.open(&config(case));
    let (told_after, _subscription) = events(&client);
    client.start().await.expect("signed in");
    assert_eq!(client.profile().await.expect("a profile").name(), Some("Honest Hanako"));
    let left_out = |events: &[Event]| -> Vec<(Document, String)> {
        let left_out = events.iter().filter_map(|event| match event {
            Event::LeftOut { document, members } => Some((*document, members.join(" "))),
            _ => None,
        });
        left_out.collect()
    };
    let expected = |document, member: &str| (document, member.to_owned());
    let before = left_out(&told.borrow());
    assert_eq!(before, [expected(Document::Metadata, "revocation_endpoint")]);
    assert_eq!(
        left_out(&told_after.borrow()),
        [
            expected(Document::IdToken, "auth_time"),
            expected(Document::TokenResponse, "expires_in"),
            expected(Document::Profile, "picture"),
        ]
    );
}
