//! Signing in in a window beside the page, against the hostile server: real fetch, stand-ins for windows,
//! channels, address, storage and clock.

#![cfg(target_arch = "wasm32")]

mod support;

use core::time::Duration;
use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Date;
use pixy_login::browser::timer::pause;
use pixy_login::browser::{Channel, Channels, Frame};
use pixy_login::client::{Client, Event, Outcome, SignIn, Status};
use pixy_login::protocol::{Config, Error, ErrorCode, Keeping};
use support::{
    FOREIGN_STATE, REDIRECT_URI, Tab, answer_in_window, answer_to, config, control, next_task,
    record, reset, until_asked, wait_for, window_at,
};
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// How a sign-in in another window ended, once it has.
type Ending = Rc<RefCell<Option<Result<(), Error>>>>;

/// Clicks the button that signs in in another window.
fn click(client: &Client) -> Ending {
    let ending = Ending::default();
    let (done, told) = (client.sign_in(SignIn::new().in_popup()), ending.clone());
    spawn_local(async move { drop(told.replace(Some(done.await))) });
    ending
}

async fn ended(ending: &Ending) -> Result<(), ErrorCode> {
    let ended = wait_for("the end of the sign-in", || ending.borrow().clone()).await;
    ended.map_err(|error| error.code())
}

/// The sign-in in the window comes to its end, and the window hands its answer over.
async fn hand_over(tab: &Tab, settings: &Config) -> (Tab, Result<Outcome, ErrorCode>) {
    let window = window_at(tab, answer_in_window(tab).await);
    let outcome = window.open(settings).start().await.map_err(|error| error.code());
    (window, outcome)
}

/// What windows told the pages beside which they were opened, and these them. Tabs have more to say.
fn said(tab: &Tab) -> Vec<String> {
    let said = tab.shared.channels.said.borrow();
    let is_of_window = |message: &&String| {
        message.starts_with(['?', '#']) || ["wait", "done"].contains(&message.as_str())
    };
    said.iter().filter(is_of_window).cloned().collect()
}

#[wasm_bindgen_test]
async fn a_sign_in_in_another_window_leaves_the_page_where_it_is() {
    let case = "honest~popup";
    reset(case).await;
    let (tab, settings) = (Tab::new(), config(case));
    let here = tab.url();
    let client = tab.open(&settings);
    let done = client.sign_in(SignIn::new().in_popup());
    // Later the browser would block it.
    assert_eq!(tab.screen.windows.borrow().len(), 1, "opened before anything is waited for");
    assert!(matches!(client.status(), Status::InPopup));
    let ending = Ending::default();
    let told = ending.clone();
    spawn_local(async move { drop(told.replace(Some(done.await))) });

    let (window, outcome) = hand_over(&tab, &settings).await;
    assert_eq!(outcome, Ok(Outcome::HandedOver));
    assert_eq!(ended(&ending).await, Ok(()));
    assert!(matches!(client.status(), Status::SignedIn(_)));
    assert!(client.profile().await.is_ok());
    assert_eq!((tab.url(), tab.address.announced.get()), (here, 0));
    assert!(tab.address.left_for.borrow().is_empty());
    assert_eq!(tab.storage.pending(), Vec::<String>::new());
    assert!(tab.screen.window().closed.get(), "closed by the page");
    assert!(window.screen.page_closed.get(), "or by itself");
    assert_eq!(window.url(), REDIRECT_URI, "the address is clean");
    assert_eq!(record(case).await.count("token"), 1);
}

#[wasm_bindgen_test]
async fn r131_the_window_tells_the_answer_and_nothing_else() {
    let case = "honest~popup-message";
    reset(case).await;
    let (tab, settings) = (Tab::new(), config(case));
    let client = tab.open(&settings);
    let ending = click(&client);
    let answer = [answer_in_window(&tab).await.as_str(), "&extra=1#place"].concat();
    let window = window_at(&tab, answer);
    assert_eq!(window.open(&settings).start().await, Ok(Outcome::HandedOver));
    assert_eq!(ended(&ending).await, Ok(()));
    let said = said(&tab);
    assert_eq!(said.len(), 3, "{said:?}");
    let names =
        said[0].trim_start_matches('?').split('&').filter_map(|part| part.split('=').next());
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    assert_eq!(names, ["code", "iss", "state"]);
    assert_eq!(said[1..], ["wait", "done"]);
}

#[wasm_bindgen_test]
async fn f41_a_proof_that_the_provider_can_not_take_is_done_without_in_the_same_window() {
    let case = "f41-no-proof-is-right";
    reset(case).await;
    let (tab, settings) = (Tab::new(), config(case));
    let client = tab.open(&settings);
    let ending = click(&client);
    // By now the handle of the window may be of no use.
    let answer = answer_in_window(&tab).await;
    tab.screen.window().gone.set(true);
    let window = window_at(&tab, answer);
    assert_eq!(window.open(&settings).start().await, Ok(Outcome::HandedOver));
    assert!(!window.screen.page_closed.get());
    assert!(matches!(client.status(), Status::InPopup), "{:?}", client.status());
    assert!(ending.borrow().is_none());
    let window = window_at(&tab, answer_to(&window.left_for()).await);
    assert_eq!(window.open(&settings).start().await, Ok(Outcome::HandedOver));
    assert!(window.screen.page_closed.get());
    assert_eq!(ended(&ending).await, Ok(()));
    assert!(!client.session().expect("somebody").is_bound());
    assert_eq!(tab.screen.windows.borrow().len(), 1);
    assert!(tab.address.left_for.borrow().is_empty());
    assert_eq!(tab.storage.pending(), Vec::<String>::new());
}

#[wasm_bindgen_test]
async fn a_sign_in_that_would_begin_again_is_called_off_by_signing_out() {
    let case = "f41-no-proof-is-right~called-off";
    reset(case).await;
    let (tab, settings) = (Tab::new(), config(case));
    let client = tab.open(&settings);
    let leaving = client.clone();
    let _subscription = client.on_event(move |event| {
        if matches!(event, Event::Refused { .. }) {
            leaving.sign_out();
        }
    });
    let ending = click(&client);
    let (window, outcome) = hand_over(&tab, &settings).await;
    assert_eq!(outcome, Ok(Outcome::HandedOver));
    assert_eq!(ended(&ending).await, Ok(()));
    assert!(matches!(client.status(), Status::SignedOut), "{:?}", client.status());
    assert!(window.screen.page_closed.get() && window.address.left_for.borrow().is_empty());
}

/// Signs in in another window, and waits until that is done.
async fn sign_in_in_window(tab: &Tab, client: &Client) {
    let ending = click(client);
    hand_over(tab, client.config()).await.1.expect("the answer is handed over");
    assert_eq!(ended(&ending).await, Ok(()));
}

#[wasm_bindgen_test]
async fn what_a_renewal_brings_is_not_for_the_session_that_began_meanwhile() {
    for (case, keeping) in
        [("refresh~meanwhile", Keeping::InMemory), ("refresh~kept", Keeping::SessionStorage)]
    {
        reset(case).await;
        let settings = config(case).scope("openid offline_access").expect("a scope").keep(keeping);
        let tab = Tab::new();
        let client = tab.open(&settings);
        client.start().await.expect("no callback");
        sign_in_in_window(&tab, &client).await;
        let token = client.expose_access_token();
        control(&format!("fault/{case}/token/hang/1")).await;
        let (renewing, ending) = (client.clone(), Ending::default());
        let told = ending.clone();
        spawn_local(async move {
            let result = renewing.refresh().await;
            told.replace(Some(result));
        });
        until_asked(case, "token", 2).await;
        client.sign_out();
        sign_in_in_window(&tab, &client).await;
        // Every login's token has the same text here; a renewal's has another.
        assert_eq!(client.expose_access_token(), token, "{case}");
        control(&format!("release/{case}")).await;
        assert_eq!(ended(&ending).await, Err(ErrorCode::NotSignedIn));
        assert!(matches!(client.status(), Status::SignedIn(_)), "{case}: {:?}", client.status());
        assert_eq!(client.expose_access_token(), token, "{case}: not the other session's");
        client.refresh().await.expect("with the refresh token of its own");
        assert_eq!(record(case).await.violations, Vec::<String>::new(), "{case}");
    }
}

#[wasm_bindgen_test]
async fn a_renewal_leaves_an_open_window_as_it_is() {
    let case = "refresh~open-window";
    reset(case).await;
    let settings = config(case).scope("openid offline_access").expect("a scope");
    let tab = Tab::new();
    let client = tab.open(&settings);
    client.start().await.expect("no callback");
    sign_in_in_window(&tab, &client).await;
    let ending = click(&client);
    client.refresh().await.expect("new tokens");
    assert!(matches!(client.status(), Status::InPopup), "{:?}", client.status());
    client.cancel_popup();
    assert_eq!(ended(&ending).await, Ok(()));
    assert!(matches!(client.status(), Status::SignedIn(_)), "{:?}", client.status());
}

#[wasm_bindgen_test]
async fn an_ordinary_callback_asks_no_other_page() {
    let (tab, settings) = (Tab::new(), config("honest~popup-ordinary"));
    let client = tab.go_and_come_back(&settings).await;
    assert!(client.start().await.is_ok());
    assert_eq!(said(&tab), Vec::<String>::new());
}

#[wasm_bindgen_test]
async fn a_refusal_comes_from_the_window_too() {
    let (tab, settings) = (Tab::new(), config("honest~popup-denied"));
    let client = tab.open(&settings);
    let ending = click(&client);
    let answer = answer_in_window(&tab).await;
    let (page, parameters) = answer.split_once('?').expect("a query");
    let kept = parameters.split('&').filter(|part| !part.starts_with("code="));
    let denied = ["error=access_denied"].into_iter().chain(kept).collect::<Vec<_>>().join("&");
    let window = window_at(&tab, [page, "?", &denied].concat());
    assert_eq!(window.open(&settings).start().await, Ok(Outcome::HandedOver));
    assert_eq!(ended(&ending).await, Err(ErrorCode::AccessDenied));
    assert!(matches!(client.status(), Status::Failed(_)));
    assert!(tab.screen.window().closed.get());
}

#[wasm_bindgen_test]
async fn t20_a_window_that_the_person_closes_is_a_cancelled_sign_in_after_a_while() {
    let (tab, settings) = (Tab::new(), config("honest~popup-closed"));
    let client = tab.open(&settings);
    let ending = click(&client);
    answer_in_window(&tab).await;
    tab.screen.window().gone.set(true);
    tab.screen.focused.set(true);
    let begin = Date::now();
    assert_eq!(ended(&ending).await, Err(ErrorCode::PopupClosed));
    assert!(Date::now() - begin > 1_500.0, "an answer may be on its way");
    assert!(matches!(client.status(), Status::Failed(_)));
    // Another click begins anew at once.
    let again = click(&client);
    assert_eq!(hand_over(&tab, &settings).await.1, Ok(Outcome::HandedOver));
    assert_eq!(ended(&again).await, Ok(()));
    assert_eq!(tab.storage.pending(), Vec::<String>::new());
}

#[wasm_bindgen_test]
async fn t20_an_answer_counts_even_after_the_window_was_taken_for_closed() {
    let (tab, settings) = (Tab::new(), config("honest~popup-late"));
    let client = tab.open(&settings);
    let ending = click(&client);
    let answer = answer_in_window(&tab).await;
    tab.screen.window().gone.set(true);
    tab.screen.focused.set(true);
    assert_eq!(ended(&ending).await, Err(ErrorCode::PopupClosed));
    let window = window_at(&tab, answer);
    assert_eq!(window.open(&settings).start().await, Ok(Outcome::HandedOver));
    wait_for("the session", || client.session()).await;
    assert!(matches!(client.status(), Status::SignedIn(_)));
}

#[wasm_bindgen_test]
async fn t20_a_window_out_of_reach_is_not_a_closed_one() {
    let (tab, settings) = (Tab::new(), config("honest~popup-severed"));
    let client = tab.open(&settings);
    let ending = click(&client);
    let answer = answer_in_window(&tab).await;
    // Cross-Origin-Opener-Policy: the handle says closed, the person is in the window.
    tab.screen.window().gone.set(true);
    pause(Duration::from_millis(3_500)).await;
    assert!(ending.borrow().is_none());
    assert!(matches!(client.status(), Status::InPopup));
    assert!(!client.show_popup(), "it can't be shown either");
    let window = window_at(&tab, answer);
    assert_eq!(window.open(&settings).start().await, Ok(Outcome::HandedOver));
    assert_eq!(ended(&ending).await, Ok(()));
    assert!(client.session().is_some());
}

#[wasm_bindgen_test]
async fn t20_where_windows_are_blocked_the_page_is_left() {
    let (tab, settings) = (Tab::new(), config("honest~popup-blocked"));
    tab.screen.blocks.set(true);
    let client = tab.open(&settings);
    let events: Rc<RefCell<Vec<Event>>> = Rc::default();
    let heard = events.clone();
    let _subscription = client.on_event(move |event| heard.borrow_mut().push(event.clone()));
    client.sign_in(SignIn::new().in_popup()).await.expect("the login begins");
    assert!(events.borrow().contains(&Event::PopupBlocked));
    assert!(matches!(client.status(), Status::Leaving));
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let outcome = tab.open(&settings).start().await;
    assert!(matches!(outcome, Ok(Outcome::SignedIn { .. })), "{outcome:?}");
    assert_eq!(said(&tab), Vec::<String>::new(), "no other page is asked");
}

#[wasm_bindgen_test]
async fn f27_beside_a_frame_of_another_site_no_window_opens() {
    let (tab, settings) = (Tab::new(), config("honest~popup-foreign-frame"));
    tab.address.frame.set(Frame::OtherSite);
    let client = tab.open(&settings);
    assert_eq!(ended(&click(&client)).await, Err(ErrorCode::PageInForeignFrame));
    assert!(matches!(client.status(), Status::Failed(_)));
    assert!(tab.screen.windows.borrow().is_empty() && tab.address.left_for.borrow().is_empty());
    assert_eq!(tab.storage.pending(), Vec::<String>::new());
}

#[wasm_bindgen_test]
async fn f27_a_frame_of_the_apps_own_site_signs_in_beside_it_or_not_at_all() {
    let (tab, settings) = (Tab::new(), config("honest~popup-own-frame"));
    tab.address.frame.set(Frame::OwnSite);
    let client = tab.open(&settings);
    tab.screen.blocks.set(true);
    assert_eq!(ended(&click(&client)).await, Err(ErrorCode::PageInFrame), "blocked");
    tab.screen.blocks.set(false);
    sign_in_in_window(&tab, &client).await;
    assert!(matches!(client.status(), Status::SignedIn(_)));
    assert!(tab.address.left_for.borrow().is_empty());
}

#[wasm_bindgen_test]
async fn a_login_takes_ten_minutes_in_another_window_too() {
    let (tab, settings) = (Tab::new(), config("honest~popup-slow"));
    let client = tab.open(&settings);
    let ending = click(&client);
    answer_in_window(&tab).await;
    tab.clock.0.set(tab.clock.0.get() + 601);
    assert_eq!(ended(&ending).await, Err(ErrorCode::LoginExpired));
    assert!(tab.screen.window().closed.get());
    assert_eq!(tab.storage.pending(), Vec::<String>::new());
}

#[wasm_bindgen_test]
async fn a_window_that_is_closed_before_it_went_anywhere_is_a_cancelled_sign_in_at_once() {
    let (tab, settings) = (Tab::new(), config("honest~popup-early"));
    let client = tab.open(&settings);
    let ending = click(&client);
    tab.screen.window().gone.set(true);
    assert_eq!(ended(&ending).await, Err(ErrorCode::PopupClosed));
    assert_eq!(tab.storage.pending(), Vec::<String>::new());
}

#[wasm_bindgen_test]
async fn a_login_that_can_not_begin_closes_the_window() {
    let tab = Tab::new();
    let client = tab.open(&config("t65-issuer-other~popup"));
    let ending = click(&client);
    assert!(ended(&ending).await.is_err());
    assert!(tab.screen.window().closed.get());
    assert!(matches!(client.status(), Status::Failed(_)));
}

#[wasm_bindgen_test]
async fn a_double_click_opens_one_window_and_a_later_one_another() {
    let (tab, settings) = (Tab::new(), config("honest~popup-twice"));
    let client = tab.open(&settings);
    let (first, second) = (click(&client), click(&client));
    assert_eq!(ended(&second).await, Ok(()));
    answer_in_window(&tab).await;
    assert_eq!(tab.screen.windows.borrow().len(), 1);
    assert!(client.show_popup());
    assert_eq!(tab.screen.window().focused.get(), 1);

    tab.clock.0.set(tab.clock.0.get() + 5);
    let former = tab.screen.window();
    let third = click(&client);
    assert!(former.closed.get());
    assert_eq!(ended(&first).await, Ok(()), "called off");
    assert_eq!(hand_over(&tab, &settings).await.1, Ok(Outcome::HandedOver));
    assert_eq!(ended(&third).await, Ok(()));
    assert!(client.session().is_some());
}

/// What is called off is answered in vain.
async fn is_called_off(case: &str, call_off: impl Fn(&Client)) {
    reset(case).await;
    let (tab, settings) = (Tab::new(), config(case));
    let client = tab.open(&settings);
    let ending = click(&client);
    let answer = answer_in_window(&tab).await;
    call_off(&client);
    assert_eq!(ended(&ending).await, Ok(()), "{case}");
    assert!(tab.screen.window().closed.get(), "{case}");
    assert!(matches!(client.status(), Status::SignedOut), "{case}: {:?}", client.status());
    assert_eq!(tab.storage.pending(), Vec::<String>::new(), "{case}");
    let window = window_at(&tab, answer);
    let outcome = window.open(&settings).start().await;
    assert_eq!(outcome, Ok(Outcome::HandedOver), "{case}");
    assert!(window.screen.page_closed.get(), "{case}: the window closes all the same");
    assert!(client.session().is_none(), "{case}");
    assert_eq!(record(case).await.count("token"), 0, "{case}");
}

#[wasm_bindgen_test]
async fn a_sign_in_in_another_window_can_be_called_off() {
    is_called_off("honest~popup-cancel", Client::cancel_popup).await;
}

#[wasm_bindgen_test]
async fn signing_out_calls_a_sign_in_in_another_window_off() {
    is_called_off("honest~popup-sign-out", |client| drop(client.sign_out())).await;
}

#[wasm_bindgen_test]
async fn signing_in_by_leaving_the_page_calls_a_sign_in_in_another_window_off() {
    let (tab, settings) = (Tab::new(), config("honest~popup-leave"));
    let client = tab.open(&settings);
    let ending = click(&client);
    answer_in_window(&tab).await;
    tab.clock.0.set(tab.clock.0.get() + 5);
    client.sign_in(SignIn::new()).await.expect("the login begins");
    assert_eq!(ended(&ending).await, Ok(()));
    assert!(tab.screen.window().closed.get());
    assert!(matches!(client.status(), Status::Leaving));
    assert_eq!(tab.storage.pending().len(), 1, "one login is under way");
}

#[wasm_bindgen_test]
async fn t19_messages_that_are_no_answer_to_this_login_change_nothing() {
    let case = "honest~popup-forged";
    reset(case).await;
    let (tab, settings) = (Tab::new(), config(case));
    let client = tab.open(&settings);
    let ending = click(&client);
    let answer = answer_in_window(&tab).await;
    let state = answer.split("state=").nth(1).expect("a state").split('&').next().expect("a state");
    let open = |name: &str| -> Box<dyn Channel> {
        let nobody = Box::new(|_: String| {});
        tab.shared.channels.open(name, nobody).expect("a channel")
    };
    let known = open(&["pixy-login:popup:", state].concat());
    for message in [
        "",
        "*",
        "wait",
        "done",
        "go https://id.example/",
        "{}",
        "?",
        "?code=forged",
        "?code=forged&state=p.forged",
        &format!("code=forged&state={state}"),
        &format!("?code=forged&state={state}&return_to=https://evil.example/"),
        &format!("https://evil.example/?code=forged&state={state}"),
    ] {
        known.tell(message);
    }
    open("pixy-login:popup:*").tell(&format!("?code=forged&state={state}"));
    open("pixy-login:popup").tell(&format!("?code=forged&state={state}"));
    for _ in 0..10 {
        next_task().await;
    }
    assert!(ending.borrow().is_none());
    assert!(matches!(client.status(), Status::InPopup));
    assert_eq!(record(case).await.count("token"), 0);
    let window = window_at(&tab, answer.clone());
    assert_eq!(window.open(&settings).start().await, Ok(Outcome::HandedOver));
    assert_eq!(ended(&ending).await, Ok(()));
}

#[wasm_bindgen_test]
async fn t19_an_answer_that_nobody_waits_for_is_not_believed() {
    let case = "honest~popup-unasked";
    reset(case).await;
    let tab = Tab::new();
    tab.address.url.replace(format!("{REDIRECT_URI}?code=forged&state=p.{FOREIGN_STATE}"));
    let client = tab.open(&config(case));
    let outcome = client.start().await.map_err(|error| error.code());
    assert_eq!(outcome, Err(ErrorCode::LoginNotFound));
    assert_eq!(tab.url(), REDIRECT_URI);
    assert!(!tab.screen.page_closed.get());
    assert!(record(case).await.requests.is_empty(), "no call at all");
}

#[wasm_bindgen_test]
async fn an_answer_is_judged_by_the_page_that_asked() {
    let case = "t6-mix-up~popup";
    reset(case).await;
    let (tab, settings) = (Tab::new(), config(case));
    let client = tab.open(&settings);
    let ending = click(&client);
    assert_eq!(hand_over(&tab, &settings).await.1, Ok(Outcome::HandedOver));
    assert_eq!(ended(&ending).await, Err(ErrorCode::IssuerMismatch));
    assert_eq!(record(case).await.count("token"), 0);
    assert_eq!(tab.storage.pending(), Vec::<String>::new());
}

#[wasm_bindgen_test]
async fn the_wanted_page_is_shown_afterwards() {
    let (tab, settings) = (Tab::new(), config("honest~popup-page"));
    let client = tab.open(&settings);
    let done = client.sign_in(SignIn::new().return_to("orders.html").in_popup());
    let ending = Ending::default();
    let told = ending.clone();
    spawn_local(async move { drop(told.replace(Some(done.await))) });
    hand_over(&tab, &settings).await.1.expect("handed over");
    assert_eq!(ended(&ending).await, Ok(()));
    assert_eq!(tab.url(), "http://localhost:7/shop/orders.html");
    assert_eq!(tab.address.announced.get(), 1);
}
