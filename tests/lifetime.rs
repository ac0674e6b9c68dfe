//! What comes after a sign-in: renewing, handing back, signing out at the provider.

#![cfg(target_arch = "wasm32")]

mod support;

use core::time::Duration;
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::{Either, LocalBoxFuture, join, select};
use js_sys::Date;
use pixy_login::browser::fetch::{FetchError, FetchRequest, OpenResponse};
use pixy_login::browser::timer::pause;
use pixy_login::browser::{Browser, Fetch, Requests};
use pixy_login::client::{Client, Event, Outcome, SignIn, Status};
use pixy_login::protocol::{Config, Error, ErrorCode, Keeping};
use support::sessions::events;
use support::{
    HOSTILE, REDIRECT_URI, Recorded, Tab, answer_to, config, control, make_honest, next_task,
    record, redirect_of, reset, restore, signed_in, until_asked, wait_for,
};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Where people are after signing out. Nothing is ever loaded from there.
const AFTERWARDS: &str = "http://localhost:7/shop/bye.html";

fn settings(case: &str) -> Config {
    let config = config(case).scope("openid offline_access").expect("a scope");
    config.post_logout_redirect_uri(AFTERWARDS).expect("a page")
}

#[wasm_bindgen_test]
async fn r63_each_refresh_brings_the_next_token() {
    let (_, client) = signed_in(&settings("refresh")).await;
    let first = client.expose_access_token();
    for _ in 0..3 {
        client.refresh().await.expect("a new token");
    }
    assert_ne!(client.expose_access_token(), first);
    assert!(client.session().is_some());
    assert_eq!(record("refresh").await.count("token"), 4);
}

#[wasm_bindgen_test]
async fn r63_a_refresh_token_that_is_not_replaced_is_kept() {
    for case in ["refresh-no-rotation", "refresh-no-id-token"] {
        let (_, client) = signed_in(&settings(case)).await;
        let subject = client.session().and_then(|session| session.subject().map(str::to_owned));
        assert!(subject.is_some());
        for _ in 0..2 {
            client.refresh().await.unwrap_or_else(|error| panic!("{case}: {error}"));
        }
        let session = client.session().expect("a session");
        assert_eq!(session.subject(), subject.as_deref(), "{case}");
    }
}

#[wasm_bindgen_test]
async fn r64_the_scope_that_a_refresh_grants_is_what_the_app_sees() {
    let case = "refresh-widened-scope";
    let (_, client) = signed_in(&settings(case)).await;
    assert!(client.session().is_some_and(|session| !session.scope().contains("admin")));
    client.refresh().await.expect("a new token");
    let scope = client.session().expect("a session").scope().to_string();
    assert_eq!(scope, "openid profile email admin");
    let record = record(case).await;
    let asked = record.requests.iter().rfind(|request| request.went_to("token"));
    let expected = ["grant_type", "refresh_token", "client_id"];
    assert_eq!(asked.expect("a request").parameters, expected, "no scope is asked for");
}

#[wasm_bindgen_test]
async fn r66_the_end_of_the_session_is_told_from_a_fault() {
    let case = "refresh-invalid-grant";
    let (_, client) = signed_in(&settings(case)).await;
    let error = client.refresh().await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::SessionEnded);
    assert_eq!(error.provider().map(|said| said.error.as_str()), Some("invalid_grant"));
    assert!(matches!(client.status(), Status::Failed(_)) && client.session().is_none());
    assert_eq!(client.refresh().await.unwrap_err().code(), ErrorCode::NotSignedIn);
    assert_eq!(record(case).await.count("token"), 2, "nothing is tried again");
}

#[wasm_bindgen_test]
async fn r66_a_fault_leaves_the_session_and_its_refresh_token() {
    for (case, code) in [
        ("refresh-500", ErrorCode::ProviderUnavailable),
        ("refresh-429", ErrorCode::ProviderUnavailable),
        ("refresh-html", ErrorCode::NotJson),
    ] {
        let (tab, client) = signed_in(&settings(case)).await;
        let before = client.expose_access_token();
        assert_eq!(client.refresh().await.unwrap_err().code(), code, "{case}");
        assert!(matches!(client.status(), Status::SignedIn(_)), "{case}");
        assert_eq!(client.expose_access_token(), before, "{case}");
        assert_eq!(record(case).await.count("token"), 2, "{case}: nothing is tried again");
        make_honest(case).await;
        // The provider may want to be left alone for a while.
        tab.clock.0.set(tab.clock.0.get() + 600);
        client.refresh().await.unwrap_or_else(|error| panic!("{case}: {error}"));
        assert_ne!(client.expose_access_token(), before, "{case}");
    }
}

#[wasm_bindgen_test]
async fn without_a_refresh_token_nothing_is_sent() {
    let case = "honest~no-refresh-token";
    let (_, client) = signed_in(&config(case)).await;
    assert_eq!(client.refresh().await.unwrap_err().code(), ErrorCode::NoRefreshToken);
    assert!(client.session().is_some());
    client.sign_out();
    assert_eq!(client.refresh().await.unwrap_err().code(), ErrorCode::NotSignedIn);
    assert_eq!(record(case).await.count("token"), 1);
}

#[wasm_bindgen_test]
async fn t70_all_who_want_a_new_token_at_once_share_one_request() {
    let case = "refresh~at-once";
    let (_, client) = signed_in(&settings(case)).await;
    let (first, second) = join(client.refresh(), client.refresh()).await;
    assert_eq!((first, second), (Ok(()), Ok(())));
    assert_eq!(record(case).await.count("token"), 2);
}

// Whoever wakes second must not end the flight that the first has begun meanwhile.
#[wasm_bindgen_test]
async fn t70_those_who_come_again_at_once_share_the_next_request() {
    let case = "refresh~again";
    let (_, client) = signed_in(&settings(case)).await;
    let twice = async || {
        client.refresh().await?;
        client.refresh().await
    };
    assert_eq!(join(twice(), twice()).await, (Ok(()), Ok(())));
    assert_eq!(record(case).await.count("token"), 3);
}

// Its answer may hold the only refresh token that is still good.
#[wasm_bindgen_test]
async fn t70_a_request_that_takes_too_long_is_neither_called_off_nor_sent_again() {
    let case = "t70-lost-answer";
    let (_, client) = signed_in(&settings(case)).await;
    assert_eq!(client.refresh().await.unwrap_err().code(), ErrorCode::Timeout);
    assert!(client.session().is_some());
    let again =
        select(client.refresh().boxed_local(), pause(Duration::from_millis(500)).boxed_local())
            .await;
    assert!(matches!(again, Either::Right(_)), "it waits for the same answer");
    let asked = record(case).await.requests;
    let mut asked = asked.iter().filter(|request| request.went_to("token")).skip(1);
    let refresh = asked.next().expect("a request");
    assert!(refresh.outcome.as_ref().is_none_or(|outcome| !outcome.aborted));
    assert!(asked.next().is_none());
}

// The page was about to be left for more scope when it was put into the back-forward cache.
#[wasm_bindgen_test]
async fn t70_coming_back_to_the_page_does_not_lose_what_a_refresh_brings() {
    let case = "refresh~restored";
    let (_, client) = signed_in(&settings(case)).await;
    let before = client.expose_access_token();
    client.sign_in(SignIn::new()).await.expect("the login begins");
    let (renewed, ()) = join(client.refresh(), async { restore() }).await;
    assert_eq!(renewed, Ok(()));
    assert_ne!(client.expose_access_token(), before);
    client.refresh().await.expect("with the refresh token that came");
    assert_eq!(record(case).await.count("token"), 3);
}

/// Renews at a case whose answer can't be believed: the session ends.
async fn distrusted(case: &str) -> (ErrorCode, Option<String>) {
    let (_, client) = signed_in(&settings(case)).await;
    let error = client.refresh().await.expect_err(case);
    assert!(client.session().is_none() && client.expose_access_token().is_none(), "{case}");
    let Status::Failed(shown) = client.status() else { panic!("{case}: {:?}", client.status()) };
    assert_eq!(shown, error, "{case}");
    assert_eq!(client.refresh().await.unwrap_err().code(), ErrorCode::NotSignedIn, "{case}");
    assert_eq!(record(case).await.count("token"), 2, "{case}");
    (error.code(), error.subject().map(str::to_owned))
}

fn about(code: ErrorCode, claim: &str) -> (ErrorCode, Option<String>) {
    (code, Some(claim.to_owned()))
}

#[wasm_bindgen_test]
async fn t71_a_refresh_that_answers_for_another_sign_in() {
    assert_eq!(distrusted("t71-nonce").await.0, ErrorCode::NonceMismatch);
    assert_eq!(distrusted("t71-signature").await.0, ErrorCode::SignatureInvalid);
}

#[wasm_bindgen_test]
async fn f02_a_person_who_was_asked_again_for_another_app_stays() {
    let (_, client) = signed_in(&settings("t71-auth-time")).await;
    let (events, _subscription) = events(&client);
    client.refresh().await.expect("a new token");
    let is_told = |event: &Event| matches!(event, Event::AuthenticatedAnew { .. });
    assert!(events.borrow().iter().any(is_told));
}

// The next ones are named after the tests of the OpenID Foundation's suite for clients.
#[wasm_bindgen_test]
async fn oidcc_client_test_refresh_token() {
    let (_, client) = signed_in(&settings("refresh~oidcc")).await;
    client.refresh().await.expect("a new token");
    client.profile().await.expect("a profile");
}

#[wasm_bindgen_test]
async fn oidcc_client_test_refresh_token_invalid_issuer() {
    assert_eq!(distrusted("t71-iss").await, about(ErrorCode::IdTokenInvalid, "iss"));
}

#[wasm_bindgen_test]
async fn oidcc_client_test_refresh_token_invalid_sub() {
    assert_eq!(distrusted("t71-sub").await.0, ErrorCode::SubjectMismatch);
}

#[wasm_bindgen_test]
async fn oidcc_client_test_refresh_token_invalid_aud() {
    assert_eq!(distrusted("t71-aud").await, about(ErrorCode::IdTokenInvalid, "aud"));
}

#[wasm_bindgen_test]
async fn r68_signing_out_hands_the_tokens_back() {
    let case = "refresh~revoke";
    let (_, client) = signed_in(&settings(case)).await;
    client.sign_out();
    assert!(matches!(client.status(), Status::SignedOut));
    let record = until_asked(case, "revoke", 2).await;
    let asked = record.requests.iter().find(|request| request.went_to("revoke"));
    let expected = ["token", "token_type_hint", "client_id"];
    assert_eq!(asked.expect("a request").parameters, expected);
}

/// The network, and whether each request was to outlive its page.
struct Outliving(Rc<RefCell<Vec<(String, bool)>>>);

impl Requests for Outliving {
    fn open(
        &self,
        request: FetchRequest,
    ) -> LocalBoxFuture<'static, Result<OpenResponse, FetchError>> {
        self.0.borrow_mut().push((request.url.clone(), request.keepalive));
        Fetch::default().open(request)
    }
}

// Whoever signs out may leave the page at once.
#[wasm_bindgen_test]
async fn r68_tokens_are_handed_back_even_if_the_page_ends() {
    // Once more without a proof, where the answer to one with it does not come.
    for (case, revocations) in [("refresh~outlived", 2), ("dpop~outlived", 4)] {
        reset(case).await;
        control(&format!("fault/{case}/revoke/reset/2")).await;
        let (tab, sent) = (Tab::new(), Rc::<RefCell<Vec<_>>>::default());
        let before = tab.open(&settings(case));
        before.sign_in(SignIn::new()).await.expect("the login begins");
        tab.address.url.replace(answer_to(&tab.left_for()).await);
        let browser = Browser { requests: Rc::new(Outliving(sent.clone())), ..tab.browser() };
        let client = Client::with_browser(settings(case), browser);
        client.start().await.expect("a session");
        client.sign_out().await;
        let (handed_back, others): (Vec<_>, Vec<_>) =
            sent.take().into_iter().partition(|(url, _)| url.ends_with("/revoke"));
        let outlive = |sent: &[(String, bool)]| sent.iter().filter(|(_, keep)| *keep).count();
        assert_eq!((handed_back.len(), outlive(&handed_back)), (revocations, revocations));
        assert_eq!(outlive(&others), 0, "{others:?}");
    }
}

#[wasm_bindgen_test]
async fn r68_signing_out_while_a_new_token_is_on_its_way_stays_signed_out() {
    let case = "refresh~overtaken";
    let (_, client) = signed_in(&settings(case).keep(Keeping::InMemory)).await;
    // Nothing is taken back in truth: else the refresh token may be worth nothing before it is used.
    control(&format!("fault/{case}/revoke/500")).await;
    let _ = join(client.refresh(), async { client.sign_out().await }).await;
    assert_eq!(record(case).await.count("token"), 2);
    assert!(client.session().is_none() && client.expose_access_token().is_none());
    assert!(matches!(client.status(), Status::SignedOut));
    // Both tokens of the session, and both that came too late.
    let record = until_asked(case, "revoke", 4).await;
    let revoked = record.requests.iter().filter(|asked| asked.went_to("revoke"));
    let bodies: HashSet<_> = revoked.map(|asked| asked.body.as_str()).collect();
    assert_eq!(bodies.len(), 4, "{bodies:?}");
}

#[wasm_bindgen_test]
async fn t83_a_revocation_that_fails_keeps_nobody_signed_in() {
    for case in ["t83-revocation-500", "t83-revocation-no-cors", "t83-revocation-silence"] {
        let (_, client) = signed_in(&settings(case)).await;
        let (heard, _subscription) = events(&client);
        client.sign_out();
        let failed = Event::TokensHandedBack { is_confirmed: false };
        wait_for("its failure", || heard.borrow().contains(&failed).then_some(())).await;
        assert!(client.session().is_none(), "{case}");
        assert!(matches!(client.status(), Status::SignedOut), "{case}");
    }
}

#[wasm_bindgen_test]
async fn t83_a_revocation_that_fails_does_not_keep_the_page_from_leaving() {
    for case in [
        "t83-revocation-500",
        "t83-revocation-no-cors",
        "t83-revocation-silence",
        "revocation-503",
        "revocation-unsupported-token-type",
    ] {
        let (tab, client) = signed_in(&settings(case)).await;
        let began = Date::now();
        let gone_at_once = async { client.session().is_none() };
        let (left, gone) = join(client.sign_out_at_provider(), gone_at_once).await;
        assert_eq!((left, gone), (Ok(()), true), "{case}");
        assert!(tab.left_for().starts_with(&format!("{HOSTILE}/{case}/logout?")), "{case}");
        assert!(Date::now() - began < 7_000.0, "{case}");
        assert!(record(case).await.count("revoke") > 0, "{case}");
    }
}

// Spring and Glewlwyd take nothing back from public clients. Both tokens go at once, for the page may be gone in a
// moment.
#[wasm_bindgen_test]
async fn f57_a_revocation_that_is_refused_is_told_and_not_sent_again() {
    for case in ["f57-revocation-401", "revocation-unsupported-token-type"] {
        let (tab, client) = signed_in(&settings(case)).await;
        assert!(client.session().expect("somebody").is_renewable(), "{case}: two tokens");
        let (heard, _subscription) = events(&client);
        client.sign_out();
        let told = || {
            let failed = Event::TokensHandedBack { is_confirmed: false };
            heard.borrow().iter().filter(|event| **event == failed).count()
        };
        wait_for("word of it", || (told() == 2).then_some(())).await;
        // Another request would have left by now.
        pause(Duration::from_millis(300)).await;
        assert_eq!((told(), record(case).await.count("revoke")), (2, 2), "{case}");
        assert!(matches!(client.status(), Status::SignedOut), "{case}");
        // Nor after the next sign-in, what is known to be refused.
        let client = tab.sign_in(&settings(case)).await;
        let (heard, _subscription) = events(&client);
        client.sign_out();
        wait_for("word of it", || {
            let is_told = |event: &Event| *event == Event::TokensHandedBack { is_confirmed: false };
            heard.borrow().iter().any(is_told).then_some(())
        })
        .await;
        pause(Duration::from_millis(300)).await;
        let refresh_token = |one: &&Recorded| {
            one.went_to("revoke") && one.body.contains("token_type_hint=refresh_token")
        };
        let requests = record(case).await.requests;
        assert_eq!(requests.iter().filter(refresh_token).count(), 1, "{case}");
    }
}

/// Signs out at the provider, and comes back to where it sends the browser then.
async fn signed_out_at_provider(case: &str) -> (Tab, Client) {
    let (tab, client) = signed_in(&settings(case)).await;
    client.sign_out_at_provider().await.expect("the page is left");
    assert!(client.session().is_none());
    tab.address.url.replace(redirect_of(&tab.left_for(), "logout").await);
    let next = tab.open(client.config());
    (tab, next)
}

#[wasm_bindgen_test]
async fn oidcc_client_test_rp_init_logout() {
    let (tab, client) = signed_out_at_provider("honest~logout").await;
    let back = tab.url();
    assert!(back.starts_with(&format!("{AFTERWARDS}?state=")), "{back}");
    assert_eq!(client.start().await, Ok(Outcome::SignedOut));
    assert!(matches!(client.status(), Status::SignedOut));
    assert_eq!(tab.url(), AFTERWARDS);
    // The same address again, from the history or a bookmark, is nothing special.
    tab.address.url.replace(back.clone());
    assert_eq!(tab.open(client.config()).start().await, Ok(Outcome::NoCallback));
    assert_eq!(tab.url(), back);
}

#[wasm_bindgen_test]
async fn oidcc_client_test_rp_init_logout_no_state() {
    let (tab, client) = signed_out_at_provider("logout-no-state").await;
    assert_eq!(client.start().await, Ok(Outcome::NoCallback));
    assert!(matches!(client.status(), Status::SignedOut));
    assert_eq!(tab.url(), AFTERWARDS);
}

#[wasm_bindgen_test]
async fn oidcc_client_test_rp_init_logout_other_state() {
    let (tab, client) = signed_out_at_provider("logout-other-state").await;
    let page = format!("{AFTERWARDS}?state=not-the-state-that-was-sent");
    assert_eq!(client.start().await, Ok(Outcome::NoCallback));
    assert!(matches!(client.status(), Status::SignedOut));
    assert_eq!(tab.url(), page);
}

#[wasm_bindgen_test]
async fn r125_the_way_back_may_be_the_callback_page() {
    let case = "honest~same-page";
    let settings = config(case).post_logout_redirect_uri(REDIRECT_URI).expect("a page");
    let (tab, client) = signed_in(&settings).await;
    client.sign_out_at_provider().await.expect("the page is left");
    let url = tab.left_for();
    let state = url.split("&state=").nth(1).expect("a state").split('&').next().expect("a state");
    tab.address.url.replace(format!("{REDIRECT_URI}?state={state}"));
    assert_eq!(tab.open(client.config()).start().await, Ok(Outcome::SignedOut));
    assert_eq!(tab.url(), REDIRECT_URI);
}

#[wasm_bindgen_test]
async fn r125_a_long_request_is_sent_as_a_form() {
    let case = "honest~long-logout";
    let page = format!("{AFTERWARDS}?page={}", "a".repeat(2_000));
    let settings = config(case).post_logout_redirect_uri(&page).expect("a page");
    let (tab, client) = signed_in(&settings).await;
    client.sign_out_at_provider().await.expect("the page is left");
    let left = tab.left_for();
    let (url, fields) = left.split_once(' ').expect("a form");
    assert_eq!(url, format!("{HOSTILE}/{case}/logout"));
    assert!(fields.contains("id_token_hint=ey") && fields.contains(&page), "{fields}");
}

#[wasm_bindgen_test]
async fn who_is_not_signed_in_here_can_still_sign_out_at_the_provider() {
    let case = "honest~signed-out";
    reset(case).await;
    let tab = Tab::new();
    let client = tab.open(&settings(case));
    client.sign_out_at_provider().await.expect("the page is left");
    assert!(tab.left_for().starts_with(&format!("{HOSTILE}/{case}/logout?client_id=")));
    assert!(!tab.left_for().contains("id_token_hint"));
    assert_eq!(record(case).await.count("revoke"), 0);
}

#[wasm_bindgen_test]
async fn a_provider_that_signs_nobody_out() {
    let case = "oauth-only~lifetime";
    let (tab, client) = signed_in(&config(case).scope("profile").expect("a scope")).await;
    let login = tab.left_for();
    let error = client.sign_out_at_provider().await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::LogoutNotSupported);
    assert!(client.session().is_none());
    assert!(matches!(client.status(), Status::SignedOut));
    assert_eq!(tab.left_for(), login, "the page stays");
}

#[wasm_bindgen_test]
async fn a_browser_that_does_not_leave_has_signed_out_all_the_same() {
    let (tab, client) = signed_in(&settings("honest~stays")).await;
    tab.address.refuses.set(true);
    let left = client.sign_out_at_provider().await.map_err(|error: Error| error.code());
    assert_eq!(left, Err(ErrorCode::NavigationFailed));
    assert!(client.session().is_none());
    tab.address.refuses.set(false);
    client.sign_in(SignIn::new()).await.expect("a second try works");
}

#[wasm_bindgen_test]
async fn signing_out_leaves_no_login_to_be_answered() {
    let case = "honest~no-login-left";
    reset(case).await;
    let tab = Tab::new();
    let client = tab.open(&config(case));
    client.sign_in(SignIn::new()).await.expect("the page is left");
    let answer = answer_to(&tab.left_for()).await;
    client.sign_out();
    assert_eq!(tab.storage.pending(), Vec::<String>::new());
    next_task().await;
    tab.address.url.replace(answer);
    let error = tab.open(&config(case)).start().await.unwrap_err();
    assert_eq!((error.code(), record(case).await.count("token")), (ErrorCode::LoginNotFound, 0));
}

#[wasm_bindgen_test]
async fn tokens_that_begin_no_session_are_handed_back() {
    let case = "t57-nonce-wrong~hand-back";
    reset(case).await;
    let client = Tab::new().go_and_come_back(&config(case)).await;
    assert_eq!(client.start().await.unwrap_err().code(), ErrorCode::NonceMismatch);
    let told = async {
        while record(case).await.count("revoke") == 0 {
            next_task().await;
        }
    };
    told.await;
}
