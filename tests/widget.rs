//! The widget: what it draws and tells the page, by its attributes and by what the provider answers.

#![cfg(all(target_arch = "wasm32", feature = "widget"))]

mod support;

use core::time::Duration;
use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Promise, Reflect, Uint8Array};
use pixy_login::browser::Browser;
use pixy_login::browser::element::{Host, ShadowRoot};
use pixy_login::browser::timer::pause;
use pixy_login::client::SignIn;
use pixy_login::widget::Widget;
use support::sessions::wake;
use support::{
    A_WHILE, FOREIGN_STATE, HOSTILE, Prerendered, REDIRECT_URI, SlowRecords, Tab, answer_to,
    config, make_honest, next_task, record, refusal, reset, restore, until_asked, wait_for,
};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{
    AbortController, CustomEvent, Element, EventTarget, Response, ShadowRootInit, ShadowRootMode,
};

wasm_bindgen_test_configure!(run_in_browser);

/// What an element told the page: names and details of its events.
type Told = Rc<RefCell<Vec<(String, String)>>>;

/// An element in the page, with its widget.
struct Stage {
    host: Host,
    root: ShadowRoot,
    told: Told,
    widget: Option<Widget>,
    _listener: Closure<dyn FnMut(CustomEvent)>,
}

impl Stage {
    /// The widget of an element with these attributes, in a page of this tab.
    fn new(tab: &Tab, attributes: &[(&str, impl AsRef<str>)]) -> Self {
        Self::in_browser(tab.browser(), attributes)
    }

    fn in_browser(browser: Browser, attributes: &[(&str, impl AsRef<str>)]) -> Self {
        let document = web_sys::window().and_then(|window| window.document()).expect("a document");
        let host: Host = document.create_element("pixy-login").expect("a name").unchecked_into();
        for (name, value) in attributes {
            host.set_attribute(name, value.as_ref()).expect("an attribute");
        }
        document.body().expect("a body").append_child(&host).expect("a place");
        let root = host.attach_shadow(&ShadowRootInit::new(ShadowRootMode::Open)).expect("a root");
        let told = Told::default();
        let listener = listen(&host, &told);
        let widget = Widget::in_browser(host.clone(), root.clone(), "", false, browser);
        Self { host, root, told, widget: Some(widget), _listener: listener }
    }

    /// The widget in the page to which the provider of this case has sent the person back.
    async fn with_an_answer(tab: &Tab, case: &str) -> Self {
        begin(tab, case).await;
        tab.address.url.replace(answer_to(&tab.left_for()).await);
        Self::new(tab, &attributes(case))
    }

    /// The same in a browser whose store takes its time, when the profile is there.
    async fn with_slow_records(tab: &Tab, case: &str) -> Self {
        reset(case).await;
        begin(tab, case).await;
        tab.address.url.replace(answer_to(&tab.left_for()).await);
        let browser = tab.browser_with(SlowRecords(tab.shared.records.clone()));
        let stage = Self::in_browser(browser, &attributes(case));
        stage.shows("profile").await;
        stage
    }

    /// The element leaves the page; what listens to it stays.
    fn leave(&mut self) {
        self.host.remove();
        drop(self.widget.take());
    }

    fn widget(&self) -> &Widget {
        self.widget.as_ref().expect("a widget")
    }

    fn find(&self, part: &str) -> Option<Element> {
        self.root.query_selector(&format!("[data-pixy={part}]")).expect("a selector")
    }

    async fn shows(&self, part: &str) -> Element {
        wait_for(part, || self.find(part)).await
    }

    fn text(&self) -> String {
        self.root.text_content().unwrap_or_default()
    }

    /// The details of the events of this name.
    fn told(&self, name: &str) -> Vec<String> {
        let told = self.told.borrow();
        told.iter().filter(|(event, _)| event == name).map(|(_, detail)| detail.clone()).collect()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        drop(self.widget.take());
        self.host.remove();
    }
}

/// What the whole page hears.
struct Heard {
    told: Told,
    document: EventTarget,
    listener: Closure<dyn FnMut(CustomEvent)>,
}

impl Heard {
    fn begin() -> Self {
        let told = Told::default();
        let document = web_sys::window().and_then(|window| window.document());
        let document: EventTarget = document.expect("a document").into();
        let listener = listen(&document, &told);
        Self { told, document, listener }
    }
}

impl Drop for Heard {
    fn drop(&mut self) {
        let function = self.listener.as_ref().unchecked_ref();
        for name in EVENTS {
            let removed = self.document.remove_event_listener_with_callback(name, function);
            removed.expect("a listener");
        }
    }
}

const EVENTS: [&str; 3] = ["pixy-signed-in", "pixy-signed-out", "pixy-error"];

fn listen(target: &EventTarget, told: &Told) -> Closure<dyn FnMut(CustomEvent)> {
    let told = told.clone();
    let listener = Closure::<dyn FnMut(CustomEvent)>::new(move |event: CustomEvent| {
        let detail = js_sys::JSON::stringify(&event.detail()).expect("a plain object");
        told.borrow_mut().push((event.type_(), detail.into()));
    });
    for name in EVENTS {
        let function = listener.as_ref().unchecked_ref();
        target.add_event_listener_with_callback(name, function).expect("a listener");
    }
    listener
}

fn attributes(case: &str) -> [(&'static str, String); 3] {
    [
        ("issuer", format!("{HOSTILE}/{case}")),
        ("client-id", "pixy-test".to_owned()),
        ("redirect-uri", REDIRECT_URI.to_owned()),
    ]
}

/// Clicks the button of a widget of this case and waits until the page is left.
async fn begin(tab: &Tab, case: &str) {
    let stage = Stage::new(tab, &attributes(case));
    stage.shows("sign-in").await;
    let before = tab.address.left_for.borrow().len();
    stage.widget().click("sign-in");
    wait_for("leaving", || (tab.address.left_for.borrow().len() > before).then_some(())).await;
    assert_eq!(stage.shows("busy").await.get_attribute("aria-busy").as_deref(), Some("true"));
}

#[wasm_bindgen_test]
async fn an_answer_shows_who_is_signed_in_and_tells_the_page_without_a_token() {
    let case = "honest~widget";
    reset(case).await;
    let tab = Tab::new();
    let stage = Stage::with_an_answer(&tab, case).await;
    assert_eq!(stage.shows("profile-name").await.text_content().as_deref(), Some("Honest Hanako"));
    assert_eq!(tab.url(), REDIRECT_URI, "the address is clean");
    let told = stage.told("pixy-signed-in");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains(r#""name":"Honest Hanako""#), "{}", told[0]);
    // An object, as the ID token has it.
    assert!(told[0].contains(r#""claims":{"iss":"http://localhost"#), "{}", told[0]);
    assert!(!told[0].contains("nonce") && !told[0].contains("_hash"), "{}", told[0]);
    // The page where the sign-in began is another, and only the host page knows the way there.
    assert!(told[0].contains(r#""returnTo":"http://localhost:7/shop/cart.html?page=2""#));
    let token = record(case).await.requests.into_iter().rev().find_map(|asked| asked.authorization);
    let token = token.expect("the profile was asked for").replace("Bearer ", "");
    assert!(!told[0].contains(&token), "{}", told[0]);

    stage.widget().click("sign-out");
    stage.shows("sign-in").await;
    assert!(!stage.text().contains("Hanako"));
    wait_for("word of it", || (stage.told("pixy-signed-out").len() == 1).then_some(())).await;
}

#[wasm_bindgen_test]
async fn a_page_that_hears_of_a_sign_out_may_be_left_at_once() {
    let tab = Tab::new();
    let stage = Stage::with_slow_records(&tab, "refresh~widget-left").await;
    let is_kept = || !tab.shared.records.names("session:").is_empty();
    wait_for("the session's record", || is_kept().then_some(())).await;
    stage.widget().click("sign-out");
    stage.shows("sign-in").await;
    assert!(is_kept(), "the browser needs a while");
    assert!(stage.told("pixy-signed-out").is_empty());
    wait_for("word of it", || (stage.told("pixy-signed-out").len() == 1).then_some(())).await;
    assert!(!is_kept());
}

#[wasm_bindgen_test]
async fn with_a_hash_router_who_went_elsewhere_is_not_pulled_back() {
    let case = "honest~widget-hash";
    reset(case).await;
    let (tab, elsewhere) = (Tab::new(), "http://localhost:7/#/orders");
    let home = ("redirect-uri", "http://localhost:7/".to_owned());
    let attributes: Vec<_> = attributes(case).into_iter().take(2).chain([home]).collect();
    tab.address.url.replace("http://localhost:7/#/cart".to_owned());
    let stage = Stage::new(&tab, &attributes);
    stage.shows("sign-in").await;
    stage.widget().click("sign-in");
    wait_for("leaving", || (!tab.left_for().is_empty()).then_some(())).await;
    drop(stage);
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let stage = Stage::new(&tab, &attributes);
    wait_for("the clean address", || (tab.url() == "http://localhost:7/").then_some(())).await;
    tab.address.url.replace(elsewhere.to_owned());
    stage.shows("profile-name").await;
    assert_eq!((tab.url().as_str(), tab.address.announced.get()), (elsewhere, 0));
}

#[wasm_bindgen_test]
async fn f58_the_widget_shows_somebody_without_a_name_as_signed_in() {
    let case = "userinfo-sub-only~widget";
    reset(case).await;
    let stage = Stage::with_an_answer(&Tab::new(), case).await;
    assert_eq!(stage.shows("profile-name").await.text_content().as_deref(), Some("Signed in"));
    assert_eq!(stage.told("pixy-signed-in").len(), 1);
}

#[wasm_bindgen_test]
async fn a_refusal_is_shown_told_and_can_be_tried_again() {
    let case = "t15-html~widget";
    reset(case).await;
    let tab = Tab::new();
    let stage = Stage::with_an_answer(&tab, case).await;
    let error = stage.shows("error").await;
    assert_eq!(error.get_attribute("data-code").as_deref(), Some("access_denied"));
    assert!(stage.text().contains("<script>"), "the provider's words stay text: {}", stage.text());
    assert!(stage.root.query_selector("script, img, a").expect("a selector").is_none());
    let told = stage.told("pixy-error");
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains(r#""code":"access_denied","fault":"person","retry":true"#),
        "{}",
        told[0]
    );
    make_honest(case).await;
    let before = tab.address.left_for.borrow().len();
    stage.widget().click("retry");
    wait_for("leaving", || (tab.address.left_for.borrow().len() > before).then_some(())).await;
}

#[wasm_bindgen_test]
async fn a_session_that_is_kept_is_shown_anew_and_a_failure_beside_it_is_told() {
    let case = "honest~widget-kept";
    reset(case).await;
    let tab = Tab::new();
    let kept = attributes(case).into_iter().chain([("keep", "session-storage".to_owned())]);
    let kept: Vec<_> = kept.collect();
    begin(&tab, case).await;
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    drop(Stage::new(&tab, &kept).shows("profile").await);
    // A reload.
    drop(Stage::new(&tab, &kept).shows("profile").await);
    let client = tab.open(&config(case));
    client.sign_in(SignIn::new()).await.expect("the login begins");
    tab.address.url.replace(refusal(&tab, &config(case), "access_denied"));
    let stage = Stage::new(&tab, &kept);
    stage.shows("profile").await;
    let told = stage.told("pixy-error");
    assert!(told.len() == 1 && told[0].contains(r#""code":"access_denied""#), "{told:?}");
    assert_eq!(record(case).await.count("token"), 1);
}

#[wasm_bindgen_test]
async fn a_page_is_told_of_a_person_once_and_not_at_each_renewal() {
    let case = "refresh~widget-renews";
    let tab = Tab::new();
    let stage = Stage::with_an_answer(&tab, case).await;
    stage.shows("profile").await;
    tab.clock.0.set(tab.clock.0.get() + 3600);
    wake();
    until_asked(case, "token", 2).await;
    // For the answer, and whatever comes of it.
    pause(Duration::from_millis(200)).await;
    stage.shows("profile").await;
    assert_eq!(stage.told("pixy-signed-in").len(), 1);
    assert_eq!(record(case).await.count("userinfo"), 1);
}

#[wasm_bindgen_test]
async fn t87_attributes_that_can_not_be_used_are_named_and_nothing_is_asked() {
    let tab = Tab::new();
    let issuer = format!("{HOSTILE}/honest~attributes");
    for (attributes, code) in [
        (vec![("client-id", "a")], "invalid_config"),
        (vec![("issuer", issuer.as_str())], "invalid_config"),
        (vec![("issuer", "javascript:alert(1)"), ("client-id", "a")], "insecure_url"),
        (vec![("issuer", "<img src=x>"), ("client-id", "a")], "insecure_url"),
        (
            vec![
                ("issuer", issuer.as_str()),
                ("client-id", "a"),
                ("redirect-uri", "https://evil.example/"),
            ],
            "invalid_config",
        ),
        (
            vec![
                ("issuer", issuer.as_str()),
                ("client-id", "a"),
                ("redirect-uri", "javascript:alert(1)"),
            ],
            "invalid_config",
        ),
    ] {
        let stage = Stage::new(&tab, &attributes);
        let error = stage.shows("error").await;
        assert_eq!(error.get_attribute("data-code").as_deref(), Some(code), "{attributes:?}");
        assert!(stage.find("retry").is_none(), "no retry can help: {attributes:?}");
        assert!(stage.root.query_selector("img").expect("a selector").is_none());
        stage.widget().click("sign-in");
        next_task().await;
        assert_eq!(tab.left_for(), "");
    }
}

#[wasm_bindgen_test]
async fn t87_another_issuer_gets_nothing_of_the_session() {
    let tab = Tab::new();
    let stage = Stage::with_an_answer(&tab, "honest~before").await;
    stage.shows("profile-name").await;
    let other = "honest~swapped";
    reset(other).await;
    stage.host.set_attribute("issuer", &format!("{HOSTILE}/{other}")).expect("an attribute");
    stage.widget().attributes_changed("");
    stage.shows("sign-in").await;
    assert!(!stage.text().contains("Hanako"));
    assert_eq!(stage.told("pixy-signed-out").len(), 1);
    let requests = record(other).await.requests;
    assert!(requests.iter().all(|asked| asked.went_to("discovery")), "nothing of the session");
}

#[wasm_bindgen_test]
async fn two_widgets_of_one_app_spend_the_code_once_and_show_the_same_person() {
    let case = "honest~pair";
    reset(case).await;
    let tab = Tab::new();
    begin(&tab, case).await;
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let settings = attributes(case);
    let (first, second) = (Stage::new(&tab, &settings), Stage::new(&tab, &settings));
    first.shows("profile-name").await;
    second.shows("profile-name").await;
    let record = record(case).await;
    assert_eq!((record.count("token"), record.count("userinfo")), (1, 1));
    first.widget().click("sign-out");
    second.shows("sign-in").await;
}

#[wasm_bindgen_test]
async fn another_language_is_spoken_at_once() {
    let tab = Tab::new();
    let stage = Stage::new(&tab, &attributes("honest~language"));
    assert_eq!(stage.shows("sign-in").await.text_content().as_deref(), Some("Sign in"));
    stage.widget().attributes_changed(include_str!("../src/texts/ja.json"));
    assert_eq!(stage.shows("sign-in").await.text_content().as_deref(), Some("サインイン"));
    stage.widget().attributes_changed(r#"{"language": "en", "sign_in": "Log in"}"#);
    assert_eq!(stage.shows("sign-in").await.text_content().as_deref(), Some("Log in"));
    stage.widget().attributes_changed("not JSON");
    assert_eq!(stage.shows("sign-in").await.text_content().as_deref(), Some("Sign in"));
}

#[wasm_bindgen_test]
async fn an_element_that_leaves_the_page_while_an_answer_is_checked_is_told_nothing_more() {
    let case = "honest~leaving";
    let tab = Tab::new();
    let mut stage = Stage::with_an_answer(&tab, case).await;
    // What listens stays.
    stage.leave();
    until_asked(case, "token", 1).await;
    tab.until_left().await;
    assert!(stage.told.borrow().is_empty(), "{:?}", stage.told.borrow());
}

#[wasm_bindgen_test]
async fn what_is_removed_holds_no_client() {
    let case = "honest~removed";
    let tab = Tab::new();
    // Before anything is known; beside the button; in the middle of an answer; when somebody is there.
    drop(Stage::new(&tab, &attributes(case)));
    tab.until_left().await;
    drop(Stage::new(&tab, &attributes(case)).shows("sign-in").await);
    tab.until_left().await;
    drop(Stage::with_an_answer(&tab, case).await);
    tab.until_left().await;
    let tab = Tab::new();
    drop(Stage::with_an_answer(&tab, case).await.shows("profile").await);
    tab.until_left().await;
    // While the person signs in in another window, which stays open.
    let tab = Tab::new();
    let stage = with_windows(&tab, case);
    stage.shows("sign-in").await;
    stage.widget().click("sign-in");
    stage.shows("cancel").await;
    drop(stage);
    tab.until_left().await;
}

#[wasm_bindgen_test]
async fn the_page_hears_that_a_session_went_with_its_element() {
    for (keep, is_told) in [("in-memory", true), ("session-storage", false)] {
        let case = "honest~gone";
        let tab = Tab::new();
        begin(&tab, case).await;
        tab.address.url.replace(answer_to(&tab.left_for()).await);
        let attributes: Vec<_> =
            attributes(case).into_iter().chain([("keep", keep.to_owned())]).collect();
        let mut stages = [Stage::new(&tab, &attributes), Stage::new(&tab, &attributes)];
        for stage in &stages {
            wait_for("word", || (!stage.told("pixy-signed-in").is_empty()).then_some(())).await;
        }
        let page = Heard::begin();
        let [first, last] = &mut stages;
        first.leave();
        assert!(first.told("pixy-signed-out").is_empty(), "the other is still there");
        last.leave();
        let expected = usize::from(is_told);
        assert_eq!(last.told("pixy-signed-out").len(), expected, "{keep}");
        assert_eq!(page.told.borrow().len(), expected, "{keep}");
    }
}

#[wasm_bindgen_test]
async fn the_page_hears_of_several_elements_once() {
    let case = "honest~chorus";
    reset(case).await;
    let tab = Tab::new();
    begin(&tab, case).await;
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let page = Heard::begin();
    let settings = attributes(case);
    let [mut first, second] = [Stage::new(&tab, &settings), Stage::new(&tab, &settings)];
    for stage in [&first, &second] {
        wait_for("word", || (!stage.told("pixy-signed-in").is_empty()).then_some(())).await;
        assert_eq!(stage.told("pixy-signed-in").len(), 1);
    }
    assert_eq!(page.told.borrow().len(), 1, "{:?}", page.told.borrow());
    // The other one speaks then.
    first.leave();
    second.widget().click("sign-out");
    wait_for("word of it", || (page.told.borrow().len() == 2).then_some(())).await;
    let names: Vec<_> = page.told.borrow().iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names, ["pixy-signed-in", "pixy-signed-out"]);
}

#[wasm_bindgen_test]
async fn the_page_where_a_sign_in_began_is_told_with_it_and_not_again() {
    let case = "userinfo-500~returned";
    reset(case).await;
    let tab = Tab::new();
    let stage = Stage::with_an_answer(&tab, case).await;
    stage.shows("error").await;
    make_honest(case).await;
    stage.widget().click("retry");
    wait_for("the profile", || (stage.told("pixy-signed-in").len() == 2).then_some(())).await;
    stage.widget().click("sign-out");
    stage.shows("sign-in").await;
    // Somebody else, who never left the page.
    stage.host.set_attribute("mode", "popup").expect("an attribute");
    stage.widget().click("sign-in");
    let window = tab.screen.window();
    let url = wait_for("the window to be sent off", || window.url.borrow().clone()).await;
    let other = tab.sibling();
    other.address.url.replace(answer_to(&url).await);
    other.open(&config(case)).start().await.expect("handed over");
    wait_for("somebody", || (stage.told("pixy-signed-in").len() == 3).then_some(())).await;
    let told = stage.told("pixy-signed-in");
    let is_told = told.iter().map(|detail| !detail.contains(r#""returnTo":null"#));
    assert_eq!(is_told.collect::<Vec<_>>(), [true, false, false], "{told:?}");
}

#[wasm_bindgen_test]
async fn a_page_out_of_the_cache_shows_nobody_before_it_knows_who_is_there() {
    let stage = Stage::with_slow_records(&Tab::new(), "honest~widget-cached").await;
    restore();
    assert!(stage.find("busy").is_some() && stage.find("profile").is_none(), "{}", stage.text());
    stage.shows("profile").await;
    assert_eq!(stage.told("pixy-signed-out").len(), 0);
}

#[wasm_bindgen_test]
async fn a_page_that_stays_although_it_was_to_be_left_can_be_left_again() {
    let tab = Tab::new();
    let stage = Stage::new(&tab, &attributes("honest~stays-in-widget"));
    stage.shows("sign-in").await;
    stage.widget().click("sign-in");
    wait_for("leaving", || (!tab.left_for().is_empty()).then_some(())).await;
    stage.widget().click("busy");
    next_task().await;
    assert_eq!(tab.address.left_for.borrow().len(), 1, "a double click is one");
    tab.clock.0.set(tab.clock.0.get() + 5);
    stage.widget().click("busy");
    wait_for("leaving again", || (tab.address.left_for.borrow().len() == 2).then_some(())).await;
}

#[wasm_bindgen_test]
async fn no_error_is_the_end_but_one_of_the_settings() {
    let stage = Stage::with_an_answer(&Tab::new(), "t63-no-id-token~widget").await;
    let error = stage.shows("error").await;
    assert_eq!(error.get_attribute("data-code").as_deref(), Some("id_token_missing"));
    assert_eq!(stage.shows("sign-in").await.text_content().as_deref(), Some("Sign in"));
}

#[wasm_bindgen_test]
async fn a_profile_that_needs_another_token_leads_to_the_provider() {
    let tab = Tab::new();
    let stage = Stage::with_an_answer(&tab, "userinfo-401~widget").await;
    let error = stage.shows("error").await;
    assert_eq!(error.get_attribute("data-code").as_deref(), Some("token_refused"));
    let before = tab.address.left_for.borrow().len();
    stage.widget().click("retry");
    wait_for("leaving", || (tab.address.left_for.borrow().len() > before).then_some(())).await;
}

#[wasm_bindgen_test]
async fn a_router_that_changes_the_address_changes_no_session() {
    let tab = Tab::new();
    let stage = Stage::with_an_answer(&tab, "honest~routed").await;
    stage.shows("profile-name").await;
    tab.address.url.replace("http://localhost:7/shop/elsewhere.html".to_owned());
    stage.widget().attributes_changed(r#"{"language": "de"}"#);
    next_task().await;
    assert!(stage.find("profile-name").is_some());
    assert!(stage.told("pixy-signed-out").is_empty());
}

/// A widget of this case whose people sign in in a window beside the page.
fn with_windows(tab: &Tab, case: &str) -> Stage {
    let mut attributes = attributes(case).to_vec();
    attributes.push(("mode", "popup".to_owned()));
    Stage::new(tab, &attributes)
}

#[wasm_bindgen_test]
async fn the_widget_signs_in_in_another_window_too() {
    let case = "honest~widget-popup";
    reset(case).await;
    let tab = Tab::new();
    let stage = with_windows(&tab, case);
    stage.shows("sign-in").await;
    stage.widget().click("sign-in");
    let window = tab.screen.window();
    stage.shows("cancel").await;
    assert!(stage.text().contains("other window"));
    stage.widget().click("sign-in");
    assert_eq!(window.focused.get(), 1, "another click shows the window");

    let url = wait_for("the window to be sent off", || window.url.borrow().clone()).await;
    let other = tab.sibling();
    other.address.url.replace(answer_to(&url).await);
    // Widgets of one page share a client, so that the other page's is an app's own.
    other.open(&config(case)).start().await.expect("handed over");
    assert_eq!(stage.shows("profile-name").await.text_content().as_deref(), Some("Honest Hanako"));
    assert_eq!(stage.told("pixy-signed-in").len(), 1);
}

#[wasm_bindgen_test]
async fn the_widget_of_another_window_says_that_it_is_done() {
    let tab = Tab::new();
    tab.address.url.replace(format!("{REDIRECT_URI}?code=forged&state=p.{FOREIGN_STATE}"));
    let stage = with_windows(&tab, "honest~widget-window");
    wait_for("the words", || stage.text().starts_with("The sign-in goes on").then_some(())).await;
    assert!(stage.find("sign-in").is_none());
    // Nobody takes the answer.
    let error = stage.shows("error").await;
    assert_eq!(error.get_attribute("data-code").as_deref(), Some("login_not_found"));
}

#[wasm_bindgen_test]
async fn the_widget_calls_another_window_off() {
    let tab = Tab::new();
    let stage = with_windows(&tab, "honest~widget-cancel");
    stage.shows("sign-in").await;
    stage.widget().click("sign-in");
    stage.shows("cancel").await;
    stage.widget().click("cancel");
    assert!(tab.screen.window().closed.get());
    assert!(stage.find("cancel").is_none());
    assert_eq!(stage.text(), "Sign in");
}

/// Where the button of an element with these attributes beside the app's own leads.
async fn leaves_for(more: &[(&str, &str)]) -> String {
    let tab = Tab::new();
    let own = [("client-id", "pixy-test"), ("redirect-uri", REDIRECT_URI)];
    let all: Vec<_> = own.into_iter().chain(more.iter().copied()).collect();
    let stage = Stage::new(&tab, &all);
    stage.shows("sign-in").await;
    stage.widget().click("sign-in");
    wait_for("leaving", || Some(tab.left_for()).filter(|url| !url.is_empty())).await
}

#[wasm_bindgen_test]
async fn a_preset_is_an_attribute_with_what_it_has_to_know() {
    let issuer = format!("{HOSTILE}/honest~widget-preset");
    let preset = [("preset", "fusionauth"), ("issuer", issuer.as_str())];
    let plain = leaves_for(&preset).await;
    assert!(plain.starts_with(&issuer) && !plain.contains("offline_access"), "{plain}");
    let more = [("upstream", "google"), ("refresh-token", "")];
    let url = leaves_for(&[&preset[..], &more].concat()).await;
    assert!(url.contains("idp_hint=google") && url.contains("offline_access"), "{url}");
}

#[wasm_bindgen_test]
async fn what_a_provider_is_to_be_asked_is_in_attributes() {
    let issuer = format!("{HOSTILE}/honest~widget-asks");
    let url = leaves_for(&[
        ("issuer", &issuer),
        ("scope", "openid mail"),
        ("parameters", "kc_idp_hint=google&x=a%20b"),
        ("resource", "https://a.example https://b.example"),
        ("audience", "shop"),
        ("prompt", "consent"),
        ("acr-hint", "tenant:shop"),
    ])
    .await;
    for part in [
        "scope=openid+mail",
        "kc_idp_hint=google",
        "x=a+b",
        "resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example",
        "audience=shop",
        "prompt=consent",
        "acr_values=tenant%3Ashop",
    ] {
        assert!(url.contains(part), "{part}: {url}");
    }
}

#[wasm_bindgen_test]
async fn endpoints_without_a_document_are_in_attributes() {
    let issuer = format!("{HOSTILE}/t66-not-found~widget");
    let at = format!("{HOSTILE}/honest~widget-endpoints");
    let authorization = format!("{at}/authorize");
    let url = leaves_for(&[
        ("issuer", &issuer),
        ("endpoints", &format!("{authorization} {at}/token {at}/jwks")),
        ("pkce", "documented"),
    ])
    .await;
    assert!(url.starts_with(&authorization), "{url}");
}

#[cfg(feature = "dpop")]
#[wasm_bindgen_test]
async fn what_the_apis_take_is_in_attributes() {
    let issuer = format!("{HOSTILE}/dpop~widget-apis");
    let bound = |url: &str| url.contains("dpop_jkt=");
    assert!(bound(&leaves_for(&[("issuer", &issuer)]).await), "no API, and nothing to break");
    let api = "https://api.example";
    assert!(bound(&leaves_for(&[("issuer", &issuer), ("dpop-api", api)]).await));
    assert!(!bound(&leaves_for(&[("issuer", &issuer), ("api", api)]).await));
    let both = [("issuer", issuer.as_str()), ("api", api), ("dpop", "required")];
    assert!(bound(&leaves_for(&both).await));
}

#[wasm_bindgen_test]
async fn whom_else_a_token_may_be_for_and_how_long_a_login_may_take_are_in_attributes() {
    let case = "t54-azp-wrong~widget";
    for (name, value, code) in [
        ("trusted-audience", "nobody another-client", None),
        ("trusted-audience", "nobody", Some("id_token_invalid")),
        ("login-limit", "1", Some("login_expired")),
    ] {
        reset(case).await;
        let tab = Tab::new();
        let attributes: Vec<_> =
            attributes(case).into_iter().chain([(name, value.to_owned())]).collect();
        let stage = Stage::new(&tab, &attributes);
        stage.shows("sign-in").await;
        stage.widget().click("sign-in");
        let url = wait_for("leaving", || Some(tab.left_for()).filter(|url| !url.is_empty())).await;
        drop(stage);
        tab.clock.0.set(tab.clock.0.get() + 2);
        tab.address.url.replace(answer_to(&url).await);
        let stage = Stage::new(&tab, &attributes);
        let shown = stage.shows(if code.is_some() { "error" } else { "profile" }).await;
        assert_eq!(shown.get_attribute("data-code").as_deref(), code, "{name}={value}");
    }
}

#[wasm_bindgen_test]
async fn signing_out_of_the_provider_is_in_attributes() {
    let case = "honest~widget-logout";
    reset(case).await;
    let signed_in = |more: Vec<(&'static str, String)>| async move {
        let tab = Tab::new();
        begin(&tab, case).await;
        tab.address.url.replace(answer_to(&tab.left_for()).await);
        let attributes: Vec<_> = attributes(case).into_iter().chain(more).collect();
        let stage = Stage::new(&tab, &attributes);
        stage.shows("profile").await;
        stage.widget().click("sign-out");
        stage.shows("sign-in").await;
        (tab, stage)
    };
    let page = ("post-logout-redirect-uri", REDIRECT_URI.to_owned());
    let ends = ("sign-out", "provider".to_owned());
    let words = ("logout-parameters", "ui_locales=ja".to_owned());
    let (tab, stage) = signed_in(vec![ends.clone(), page, words]).await;
    let url = wait_for("leaving", || {
        Some(tab.left_for()).filter(|url| url.contains("post_logout_redirect_uri="))
    })
    .await;
    assert!(url.contains("id_token_hint=") && url.contains("ui_locales=ja"), "{url}");
    assert_eq!(stage.told("pixy-signed-out").len(), 1);
    // Where the provider has no way, or is to be asked in none, the app alone signs out.
    for more in [vec![], vec![ends, ("logout", "none".to_owned())]] {
        let (tab, _stage) = signed_in(more).await;
        pause(Duration::from_millis(200)).await;
        assert_eq!(tab.address.left_for.borrow().len(), 1, "for signing in");
    }
}

#[wasm_bindgen_test]
async fn f29_the_widget_waits_until_somebody_comes_to_the_page() {
    let case = "honest~widget-prerendered";
    reset(case).await;
    let tab = Tab::new();
    drop(Stage::with_an_answer(&tab, case).await.shows("profile").await);
    let prerendered = Prerendered::begin();
    let stage = Stage::new(&tab, &attributes(case));
    stage.shows("sign-in").await;
    pause(A_WHILE).await;
    assert!(stage.find("profile").is_none() && stage.told.borrow().is_empty(), "{}", stage.text());
    drop(prerendered);
    stage.shows("profile").await;
}

#[wasm_bindgen_test]
async fn where_nobody_is_signed_in_the_button_does_not_flicker() {
    let prerendered = Prerendered::begin();
    let stage = Stage::new(&Tab::new(), &attributes("honest~widget-quiet"));
    let button = stage.shows("sign-in").await;
    drop(prerendered);
    for _ in 0..20 {
        next_task().await;
        assert_eq!(stage.find("sign-in").as_ref(), Some(&button));
    }
}

/// What a promise of an element comes to: an answer, or the code of the error.
async fn answered(promise: Promise) -> Result<Response, String> {
    let text =
        |why: JsValue| Reflect::get(&why, &"code".into()).ok().and_then(|code| code.as_string());
    JsFuture::from(promise)
        .await
        .map(JsCast::unchecked_into)
        .map_err(|why| text(why).expect("a code"))
}

async fn text_of(answer: &Response) -> String {
    let text = answer.text().expect("a body nobody has read");
    JsFuture::from(text).await.expect("a text").as_string().unwrap_or_default()
}

/// A widget of this case that is allowed to call its API, with somebody signed in.
async fn with_api(tab: &Tab, case: &str, kind: &'static str) -> (Stage, String) {
    let mut attributes = attributes(case).to_vec();
    attributes.push((kind, HOSTILE.to_owned()));
    let before = Stage::new(tab, &attributes);
    before.shows("sign-in").await;
    before.widget().click("sign-in");
    let address = wait_for("leaving", || tab.address.left_for.borrow().last().cloned()).await;
    drop(before);
    tab.address.url.replace(answer_to(&address).await);
    (Stage::new(tab, &attributes), format!("{HOSTILE}/{case}/api"))
}

#[wasm_bindgen_test]
async fn a_script_calls_an_api_and_gets_the_browsers_own_answer() {
    for (case, kind) in [("honest~script", "api"), ("dpop~script", "dpop-api")] {
        reset(case).await;
        let tab = Tab::new();
        // At once: it waits until somebody is signed in.
        let (stage, url) = with_api(&tab, case, kind).await;
        let answer = answered(stage.widget().fetch("GET", &url, "", None, None)).await;
        let answer = answer.expect("an answer");
        assert_eq!((answer.status(), answer.url()), (200, url.clone()));
        assert!(text_of(&answer).await.contains(r#""ok":true"#));

        let head = answered(stage.widget().fetch("HEAD", &url, "", None, None)).await;
        assert_eq!(text_of(&head.expect("an answer")).await, "");
        let body = Uint8Array::from(b"a letter".as_slice()).buffer();
        let headers = "content-type:text/plain\nidempotency-key:7";
        let sent = stage.widget().fetch("PUT", &url, headers, Some(body), None);
        assert_eq!(answered(sent).await.expect("an answer").status(), 200);
        let calls = record(case).await.requests.into_iter();
        let calls: Vec<_> =
            calls.filter(|call| call.went_to("api") && call.method != "OPTIONS").collect();
        assert_eq!(calls.len(), 3, "{case}");
        let put = &calls[2];
        assert_eq!((put.method.as_str(), put.body.as_str()), ("PUT", "a letter"));
        assert_eq!(put.content_type.as_deref(), Some("text/plain"));
        assert!(put.header_names.iter().any(|name| name == "idempotency-key"));
        assert_eq!(record(case).await.violations, Vec::<String>::new());
    }
}

#[wasm_bindgen_test]
async fn a_script_reads_a_refusal_whole_also_where_the_client_has_read_it() {
    // With proofs the client looks whether it is for the sake of a nonce.
    for (case, kind) in [("t78-403-scope-for-ever~script", "api"), ("dpop-401~script", "dpop-api")]
    {
        let tab = Tab::new();
        let (stage, url) = with_api(&tab, case, kind).await;
        let answer = answered(stage.widget().fetch("GET", &url, "", None, None)).await;
        let answer = answer.expect("an answer");
        assert!(answer.status() >= 400, "{case}: {}", answer.status());
        assert!(!text_of(&answer).await.is_empty(), "{case}");
    }
}

#[wasm_bindgen_test]
async fn a_script_can_not_send_a_token_elsewhere_nor_write_its_header() {
    let tab = Tab::new();
    let (stage, url) = with_api(&tab, "honest~script-elsewhere", "api").await;
    let fetch =
        |url: &str, headers: &str| answered(stage.widget().fetch("GET", url, headers, None, None));
    assert_eq!(fetch("https://api.example/", "").await.unwrap_err(), "origin_not_allowed");
    assert_eq!(fetch(&url, "authorization:Bearer x").await.unwrap_err(), "invalid_config");
    assert_eq!(fetch("no address", "").await.unwrap_err(), "insecure_url");
}

#[wasm_bindgen_test]
async fn a_script_ends_a_call_also_while_it_reads() {
    let tab = Tab::new();
    let (stage, url) = with_api(&tab, "api-drips~script", "api").await;
    let controller = AbortController::new().expect("a controller");
    let call = stage.widget().fetch("GET", &url, "", None, Some(controller.signal()));
    let answer = answered(call).await.expect("the answer has begun");
    controller.abort();
    let read = JsFuture::from(answer.text().expect("a body")).await;
    assert!(read.is_err(), "the rest is not read");
    let ended = stage.widget().fetch("GET", &url, "", None, Some(controller.signal()));
    assert_eq!(answered(ended).await.unwrap_err(), "network_or_cors");
}

#[wasm_bindgen_test]
async fn a_script_signs_in_and_out() {
    let case = "honest~script-signs";
    reset(case).await;
    let tab = Tab::new();
    let stage = Stage::new(&tab, &attributes(case));
    stage.shows("sign-in").await;
    let refused = answered(stage.widget().fetch("GET", HOSTILE, "", None, None)).await;
    assert_eq!(refused.unwrap_err(), "not_signed_in");
    JsFuture::from(stage.widget().sign_in()).await.expect("on its way");
    let address = tab.left_for();
    drop(stage);
    tab.address.url.replace(answer_to(&address).await);
    let stage = Stage::new(&tab, &attributes(case));
    stage.shows("profile").await;
    JsFuture::from(stage.widget().sign_in()).await.expect("somebody is signed in");
    drop(stage);
    // A page that wants somebody to be signed in says so before it is known whether somebody is.
    let stage = Stage::new(&tab, &attributes(case));
    JsFuture::from(stage.widget().sign_in()).await.expect("somebody is signed in");
    assert_eq!(tab.address.left_for.borrow().len(), 1, "the page is not left again");
    stage.shows("profile").await;
    let answer = answered(stage.widget().sign_out()).await;
    assert!(answer.is_ok(), "{answer:?}");
    stage.shows("sign-in").await;
    assert_eq!(stage.told("pixy-signed-out").len(), 1);

    let unusable = Stage::new(&tab, &[("issuer", "nowhere")]);
    assert_eq!(answered(unusable.widget().sign_in()).await.unwrap_err(), "invalid_config");
}
