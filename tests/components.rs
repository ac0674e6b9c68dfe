//! The Leptos components, mounted in a page: what they show at each step, and what a click does.

#![cfg(all(target_arch = "wasm32", feature = "components"))]

mod support;

use core::time::Duration;
use std::any::Any;
use std::sync::{Arc, Mutex};

use futures_util::future::join;
use js_sys::Reflect;
use leptos::mount::mount_to;
use leptos::prelude::*;
use pixy_login::browser::page;
use pixy_login::browser::timer::pause;
use pixy_login::client::{Client, ResourceRequest, SignIn};
use pixy_login::components::{
    AuthError, AuthProvider, Profile, RequireAuth, SignInButton, SignOutButton, SignedIn,
    SignedOut, UserName, UserPicture, try_use_auth, use_auth,
};
use pixy_login::protocol::{Config, DiscoveryKind, Keeping};
use pixy_login::texts::Texts;
use support::{
    A_WHILE, HOSTILE, Prerendered, SlowRecords, Tab, answer_to, config, make_honest, next_task,
    record, refusal, reset, restore, until_asked, wait_for,
};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

wasm_bindgen_test_configure!(run_in_browser);

/// A part of the page with components in it. Dropped, they are unmounted.
struct Stage {
    root: HtmlElement,
    mounted: Option<Box<dyn Any>>,
}

impl Stage {
    fn new<V: IntoView + 'static>(view: impl FnOnce() -> V + 'static) -> Self {
        let root: HtmlElement = document().create_element("div").expect("a div").unchecked_into();
        document().body().expect("a body").append_child(&root).expect("a place");
        let mounted: Box<dyn Any> = Box::new(mount_to(root.clone(), view));
        Self { root, mounted: Some(mounted) }
    }

    fn find(&self, part: &str) -> Option<Element> {
        self.root.query_selector(&format!("[data-pixy={part}]")).expect("a selector")
    }

    async fn shows(&self, part: &str) -> Element {
        wait_for(part, || self.find(part)).await
    }

    async fn click(&self, part: &str) {
        self.shows(part).await.unchecked_into::<HtmlElement>().click();
    }

    fn text(&self) -> String {
        self.root.text_content().unwrap_or_default()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        drop(self.mounted.take());
        self.root.remove();
    }
}

/// What most apps have.
#[component]
fn App(#[prop(into)] client: Client) -> impl IntoView {
    view! {
        <AuthProvider client=client>
            <SignedOut><SignInButton/></SignedOut>
            <SignedIn><Profile/><SignOutButton/></SignedIn>
            <AuthError/>
        </AuthProvider>
    }
}

fn app(client: Client) -> Stage {
    Stage::new(move || view! { <App client=client/> })
}

/// The app in the page to which the provider has sent the person back.
async fn app_with_an_answer(tab: &Tab, settings: &Config) -> Stage {
    app(tab.go_and_come_back(settings).await)
}

#[wasm_bindgen_test]
async fn the_button_leaves_for_the_provider_and_says_so() {
    let tab = Tab::new();
    let stage = app(tab.open(&config("honest~button")));
    let button = stage.shows("sign-in").await;
    assert_eq!(button.get_attribute("type").as_deref(), Some("button"));
    assert_eq!(button.get_attribute("aria-busy"), None);
    stage.click("sign-in").await;
    wait_for("leaving", || (!tab.left_for().is_empty()).then_some(())).await;
    let button = stage.shows("sign-in").await;
    assert_eq!(button.get_attribute("aria-busy").as_deref(), Some("true"));
    assert_eq!(stage.text(), "Signing in…");
}

#[wasm_bindgen_test]
async fn the_metadata_is_there_before_the_click_when_the_pointer_comes_near() {
    let case = "honest~near";
    let never_idle = NeverIdle::begin();
    for name in ["pointerenter", "focus"] {
        reset(case).await;
        let tab = Tab::new();
        let stage = app(tab.open(&config(case)));
        let button = stage.shows("sign-in").await;
        pause(Duration::from_millis(50)).await;
        assert_eq!(record(case).await.count("discovery"), 0, "nobody has come near");
        button.dispatch_event(&Event::new(name).expect("an event")).expect("an event");
        until_asked(case, "discovery", 1).await;
        stage.click("sign-in").await;
        wait_for("leaving", || (!tab.left_for().is_empty()).then_some(())).await;
        assert_eq!(record(case).await.count("discovery"), 1, "{name}");
    }
    drop(never_idle);
}

/// As long as it lives, the browser is never idle.
struct NeverIdle(JsValue);

impl NeverIdle {
    fn begin() -> Self {
        let never = Closure::<dyn Fn(JsValue) -> u32>::new(|_| 1).into_js_value();
        let found = Reflect::get(&js_sys::global(), &"requestIdleCallback".into());
        Reflect::set(&js_sys::global(), &"requestIdleCallback".into(), &never).expect("hidden");
        Self(found.expect("a function"))
    }
}

impl Drop for NeverIdle {
    fn drop(&mut self) {
        Reflect::set(&js_sys::global(), &"requestIdleCallback".into(), &self.0).expect("shown");
    }
}

#[wasm_bindgen_test]
async fn an_answer_ends_with_the_profile_and_signing_out_takes_it_away() {
    let tab = Tab::new();
    let stage = app_with_an_answer(&tab, &config("honest~profile")).await;
    assert_eq!(stage.shows("profile-name").await.text_content().as_deref(), Some("Honest Hanako"));
    assert_eq!(
        stage.shows("profile-email").await.text_content().as_deref(),
        Some("hanako@hostile.example")
    );
    assert!(stage.find("sign-in").is_none());
    let sign_out: HtmlElement = stage.shows("sign-out").await.unchecked_into();
    sign_out.focus().expect("the focus");
    sign_out.click();
    let sign_in = stage.shows("sign-in").await;
    let has_focus = || document().active_element().as_ref() == Some(&sign_in);
    wait_for("the focus", || has_focus().then_some(())).await;
    assert!(stage.find("profile").is_none());
    assert!(!stage.text().contains("Hanako"));
}

#[wasm_bindgen_test]
async fn a_renewed_token_leaves_the_profile_as_it_is() {
    let case = "refresh~profile-stays";
    reset(case).await;
    let settings = config(case).scope("openid profile offline_access").expect("a scope");
    let client = Tab::new().go_and_come_back(&settings).await;
    let stage = app(client.clone());
    let name = stage.shows("profile-name").await;
    client.refresh().await.expect("a new token");
    next_task().await;
    assert!(stage.find("profile-name").is_some_and(|shown| shown == name), "not drawn anew");
    assert_eq!(record(case).await.count("userinfo"), 1);
}

#[wasm_bindgen_test]
async fn a_profile_that_does_not_come_can_be_asked_for_again() {
    let case = "userinfo-500~components";
    reset(case).await;
    let stage = app_with_an_answer(&Tab::new(), &config(case)).await;
    let error = stage.shows("error").await;
    assert_eq!(error.get_attribute("data-code").as_deref(), Some("resource_error"));
    assert!(stage.find("sign-out").is_some(), "the person stays signed in");
    make_honest(case).await;
    stage.click("retry").await;
    wait_for("the error's end", || stage.find("error").is_none().then_some(())).await;
    assert_eq!(stage.shows("profile-name").await.text_content().as_deref(), Some("Honest Hanako"));
}

#[wasm_bindgen_test]
async fn t15_what_the_provider_says_stays_text_in_the_error_box() {
    let case = "t15-html~components";
    reset(case).await;
    let tab = Tab::new();
    let stage = app_with_an_answer(&tab, &config(case)).await;
    let error = stage.shows("error").await;
    assert_eq!(error.get_attribute("role").as_deref(), Some("alert"));
    assert_eq!(error.get_attribute("data-code").as_deref(), Some("access_denied"));
    assert!(stage.text().contains("<script>"), "{}", stage.text());
    let foreign = stage.root.query_selector("script, img, a, #pixy-injected").expect("a selector");
    assert!(foreign.is_none());
    // Both buttons lead on: the box has one, and the page. What is pressed keeps its place and focus.
    make_honest(case).await;
    let retry: HtmlElement = stage.shows("retry").await.unchecked_into();
    retry.focus().expect("the focus");
    retry.click();
    wait_for("leaving", || (tab.address.left_for.borrow().len() == 2).then_some(())).await;
    assert_eq!(document().active_element().as_ref(), Some(retry.as_ref()));
    assert_eq!(retry.get_attribute("aria-busy").as_deref(), Some("true"));
}

#[wasm_bindgen_test]
fn a_date_in_no_language_is_none() {
    assert!(page::date_of_seconds("1800000000", "pt-BR").is_some());
    assert_eq!(page::date_of_seconds("1800000000", "de_DE"), None);
    assert_eq!(page::date_of_seconds("never", "de"), None);
}

/// The name and the picture alone.
fn head(client: Client) -> Stage {
    Stage::new(move || {
        view! { <AuthProvider client=client><UserPicture/><UserName/></AuthProvider> }
    })
}

#[wasm_bindgen_test]
async fn an_app_makes_its_own_head_of_name_and_picture() {
    let tab = Tab::new();
    let stage = head(tab.go_and_come_back(&config("honest~head")).await);
    let name = stage.shows("user-name").await;
    assert_eq!(name.text_content().as_deref(), Some("Honest Hanako"));
    assert_eq!(name.get_attribute("dir").as_deref(), Some("auto"));
    assert_eq!(stage.shows("initials").await.text_content().as_deref(), Some("HH"));
    let client = tab.open(&config("honest~head"));
    client.start().await.expect("the session");
    client.sign_out().await;
    wait_for("nobody", || stage.text().is_empty().then_some(())).await;
}

#[wasm_bindgen_test]
async fn a_head_is_of_whoever_is_there_though_nothing_is_told_of_them() {
    let settings = config("userinfo-500~head").scope("profile").expect("a scope");
    let settings = settings.discovery(DiscoveryKind::OpenIdConnect);
    let stage = head(Tab::new().go_and_come_back(&settings).await);
    let name = stage.shows("user-name").await;
    assert_eq!(name.text_content().as_deref(), Some("Signed in"));
    assert!(stage.find("picture").is_none());
}

#[wasm_bindgen_test]
async fn a_component_asks_an_api_for_an_apps_own_type() {
    let case = "refresh~resource";
    reset(case).await;
    let settings = config(case).scope("openid offline_access").expect("a scope");
    let settings = settings.allow_dpop_origin(HOSTILE).expect("an origin");
    let client = Tab::new().sign_in(&settings).await;
    let shown = client.clone();
    let stage = Stage::new(move || {
        let inside = move || {
            let auth = use_auth();
            let asked = LocalResource::new(move || {
                auth.is_signed_in();
                let request = ResourceRequest::get(&format!("{HOSTILE}/refresh~resource/api"));
                auth.fetch_json::<serde_json::Map<String, serde_json::Value>>(request)
            });
            let said = move || match asked.get() {
                None => "…".to_owned(),
                Some(Ok(members)) => format!("{} members", members.len()),
                Some(Err(error)) => error.code().as_str().to_owned(),
            };
            view! { <p>{said}</p> }
        };
        view! { <AuthProvider client=shown>{inside()}</AuthProvider> }
    });
    wait_for("the answer", || stage.text().ends_with(" members").then_some(())).await;
    assert_eq!(record(case).await.count("api"), 1);
    client.refresh().await.expect("a new token");
    pause(Duration::from_millis(100)).await;
    assert_eq!(record(case).await.count("api"), 1, "a new token is no reason to ask again");
    client.sign_out().await;
    wait_for("nobody", || (stage.text() == "not_signed_in").then_some(())).await;
}

#[wasm_bindgen_test]
async fn a_profile_with_a_script_in_it_is_shown_as_text_without_a_picture() {
    let stage = app_with_an_answer(&Tab::new(), &config("userinfo-script-picture")).await;
    let name = stage.shows("profile-name").await;
    assert_eq!(name.text_content().as_deref(), Some("<img src=x onerror=window.pixyInjected=1>"));
    assert!(stage.root.query_selector("img").expect("a selector").is_none());
    let injected = js_sys::Reflect::get(&js_sys::global(), &"pixyInjected".into());
    assert!(injected.expect("a global").is_undefined());
}

#[wasm_bindgen_test]
async fn require_auth_shows_a_door_the_inside_and_the_door_again() {
    let guarded = |client: Client| {
        Stage::new(move || {
            view! {
                <AuthProvider client=client>
                    <RequireAuth><p data-pixy="inside">"Only for members"</p></RequireAuth>
                    <SignedIn><SignOutButton/></SignedIn>
                </AuthProvider>
            }
        })
    };
    let tab = Tab::new();
    let settings = config("honest~guarded");
    let before = guarded(tab.open(&settings));
    before.shows("sign-in-needed").await;
    before.shows("sign-in").await;
    assert!(before.find("inside").is_none());
    drop(before);

    let after = guarded(tab.go_and_come_back(&settings).await);
    after.shows("inside").await;
    assert!(after.find("sign-in-needed").is_none());
    after.click("sign-out").await;
    after.shows("sign-in-needed").await;
    assert!(after.find("inside").is_none());
}

#[wasm_bindgen_test]
async fn a_guard_waits_until_it_is_known_who_is_there() {
    let known = Arc::new(Mutex::new(Vec::new()));
    let guarded = |client: Client| {
        let known = known.clone();
        Stage::new(move || {
            let note = move || {
                let auth = try_use_auth().expect("a provider");
                known.lock().expect("one thread").push(auth.is_known_signed_in());
            };
            view! {
                <AuthProvider client=client>
                    {note}
                    <RequireAuth fallback=|| view! { <p data-pixy="elsewhere">"Go away"</p> }>
                        <p data-pixy="inside">"Only for members"</p>
                    </RequireAuth>
                </AuthProvider>
            }
        })
    };
    let tab = Tab::new();
    let settings = config("honest~guard-waits");
    let before = guarded(tab.open(&settings));
    before.shows("elsewhere").await;
    assert!(before.find("sign-in-needed").is_none());
    drop(before);
    let seen = core::mem::take(&mut *known.lock().expect("one thread"));
    assert_eq!((seen.first(), seen.last()), (Some(&None), Some(&Some(false))));

    let after = guarded(tab.go_and_come_back(&settings).await);
    after.shows("inside").await;
    let seen = known.lock().expect("one thread");
    assert!(!seen.contains(&Some(false)) && seen.last() == Some(&Some(true)), "{seen:?}");
    assert!(try_use_auth().is_none(), "outside of a provider");
}

#[wasm_bindgen_test]
async fn a_component_of_the_apps_own_follows_the_sign_in() {
    #[component]
    fn Greeting() -> impl IntoView {
        let auth = use_auth();
        let scope = move || auth.session().map(|session| session.scope().to_string());
        view! { <p data-pixy="greeting">{move || scope().unwrap_or_else(|| "nobody".to_owned())}</p> }
    }
    let client = Tab::new().go_and_come_back(&config("t36-scope-narrowed~components")).await;
    let shown = client.clone();
    let stage = Stage::new(move || view! { <AuthProvider client=shown><Greeting/></AuthProvider> });
    assert_eq!(stage.shows("greeting").await.text_content().as_deref(), Some("nobody"));
    wait_for("the granted scope", || (stage.text() == "openid").then_some(())).await;
    client.sign_out();
    wait_for("nobody", || (stage.text() == "nobody").then_some(())).await;
}

#[wasm_bindgen_test]
async fn one_more_scope_is_asked_for_beside_those_that_were_granted() {
    #[component]
    fn Ask() -> impl IntoView {
        let auth = use_auth();
        view! { <button data-pixy="ask" on:click=move |_| auth.sign_in_for("mail")>"Mail"</button> }
    }
    let tab = Tab::new();
    let client = tab.go_and_come_back(&config("honest~scope")).await;
    client.start().await.expect("signed in");
    let stage = Stage::new(move || view! { <AuthProvider client=client><Ask/></AuthProvider> });
    stage.click("ask").await;
    wait_for("leaving", || (tab.address.left_for.borrow().len() == 2).then_some(())).await;
    assert!(tab.left_for().contains("scope=openid+profile+email+mail&"), "{}", tab.left_for());
}

#[wasm_bindgen_test]
async fn what_the_buttons_say_is_said_in_one_place() {
    let client = Tab::new().open(&config("honest~label"));
    let stage = Stage::new(move || {
        view! {
            <AuthProvider client=client sign_in_label="Continue with Example">
                <SignedOut><SignInButton/></SignedOut>
                <RequireAuth>"inside"</RequireAuth>
            </AuthProvider>
        }
    });
    stage.shows("sign-in-needed").await;
    let buttons = stage.root.query_selector_all("[data-pixy=sign-in]").expect("a selector");
    let said = |index| buttons.get(index).and_then(|button| button.text_content());
    let label = Some("Continue with Example".to_owned());
    assert_eq!((buttons.length(), said(0), said(1)), (2, label.clone(), label));
}

#[wasm_bindgen_test]
async fn a_button_takes_its_label_and_its_way_back() {
    let tab = Tab::new();
    let client = tab.open(&config("honest~label"));
    let stage = Stage::new(move || {
        let to_the_orders = SignIn::new().return_to("orders.html");
        view! {
            <AuthProvider client=client>
                <SignInButton sign_in=to_the_orders>"See your orders"</SignInButton>
            </AuthProvider>
        }
    });
    assert_eq!(stage.text(), "See your orders");
    stage.click("sign-in").await;
    wait_for("leaving", || (!tab.left_for().is_empty()).then_some(())).await;
    let pending = tab.storage.pending();
    let record = tab.storage.texts.borrow().get(&pending[0]).cloned().unwrap_or_default();
    assert!(record.contains("http://localhost:7/shop/orders.html"), "{record}");
}

#[wasm_bindgen_test]
async fn the_components_speak_japanese_and_explain_errors_where_the_app_says() {
    let tab = Tab::new();
    tab.storage.denied.set(true);
    let client = tab.open(&config("honest~japanese"));
    let stage = Stage::new(move || {
        view! {
            <AuthProvider
                client=client
                language="ja"
                texts=[Texts::japanese()]
                error_docs="/errors.html"
            >
                <SignInButton/>
                <AuthError/>
            </AuthProvider>
        }
    });
    assert_eq!(stage.text(), "サインイン");
    stage.click("sign-in").await;
    let error = stage.shows("error").await;
    assert_eq!(error.get_attribute("data-code").as_deref(), Some("storage_denied"));
    assert!(stage.text().contains("もう一度試す"), "{}", stage.text());
    let link = stage.shows("error-more").await.get_attribute("href");
    assert_eq!(link.as_deref(), Some("/errors.html#storage_denied"));
}

#[wasm_bindgen_test]
async fn a_setting_that_can_not_be_used_is_shown_in_the_place_of_the_app() {
    let config = Config::new("http://id.example", "my-app", support::REDIRECT_URI);
    let stage = Stage::new(move || {
        view! {
            <AuthProvider client=config language="ja" texts=[Texts::japanese()] error_docs="/errors">
                <SignInButton/>
            </AuthProvider>
        }
    });
    let error = stage.shows("error").await;
    assert_eq!(error.get_attribute("data-code").as_deref(), Some("insecure_url"));
    assert!(stage.text().contains("http://id.example"), "{}", stage.text());
    assert!(stage.text().contains("エラーが示す設定を直してください。"), "{}", stage.text());
    assert!(stage.find("sign-in").is_none() && stage.find("retry").is_none());
    let link = stage.shows("error-more").await.get_attribute("href");
    assert_eq!(link.as_deref(), Some("/errors#insecure_url"));
}

#[wasm_bindgen_test]
async fn what_is_unmounted_hears_no_more() {
    let tab = Tab::new();
    let client = tab.go_and_come_back(&config("honest~unmounted")).await;
    let updated: StoredValue<u32> = StoredValue::new(0);
    let shown = client.clone();
    let stage = Stage::new(move || {
        let count = move || {
            let _ = use_auth().status();
            updated.update_value(|count| *count += 1);
        };
        view! { <AuthProvider client=shown>{move || view! { <p>{count}</p> }}</AuthProvider> }
    });
    next_task().await;
    // While the token request is on its way.
    drop(stage);
    let before = updated.get_value();
    client.start().await.expect("signed in");
    client.sign_out();
    next_task().await;
    assert!(before > 0);
    assert_eq!(updated.get_value(), before);
}

#[wasm_bindgen_test]
async fn what_is_unmounted_holds_no_client() {
    let settings = config("honest~unmounted-client");
    // Before anything is known; beside the button; in the middle of an answer; with the profile on its way; there.
    let tab = Tab::new();
    drop(app(tab.open(&settings)));
    tab.until_left().await;
    let stage = app(tab.open(&settings));
    stage.shows("sign-in").await;
    drop(stage);
    tab.until_left().await;
    for part in [None, Some("sign-out"), Some("profile-name")] {
        let tab = Tab::new();
        let stage = app_with_an_answer(&tab, &settings).await;
        if let Some(part) = part {
            stage.shows(part).await;
        }
        drop(stage);
        tab.until_left().await;
    }
    // While the person signs in in another window, which stays open.
    let tab = Tab::new();
    let stage = app_with_windows(tab.open(&settings));
    stage.click("sign-in").await;
    stage.shows("cancel").await;
    drop(stage);
    tab.until_left().await;
}

/// Comes back from the provider to this very page: settings become a client of the browser that it is in.
async fn come_back(case: &str) -> Config {
    let window = web_sys::window().expect("a window");
    let origin = window.location().origin().expect("an origin");
    let redirect_uri = format!("{origin}/callback.html");
    let config = Config::new(&format!("{HOSTILE}/{case}"), "pixy-test", &redirect_uri);
    let settings = config.expect("a good config").keep(Keeping::InMemory);
    let tab = Tab::new();
    tab.address.url.replace(window.location().href().expect("an address"));
    tab.open(&settings).sign_in(SignIn::new()).await.expect("the login begins");
    let storage = window.session_storage().expect("allowed").expect("a storage");
    for (key, text) in tab.storage.texts.borrow().iter() {
        storage.set_item(key, text).expect("room");
    }
    let (history, answer) =
        (window.history().expect("a history"), answer_to(&tab.left_for()).await);
    history.replace_state_with_url(&JsValue::NULL, "", Some(&answer)).expect("an address");
    settings
}

#[wasm_bindgen_test]
async fn two_providers_of_the_same_settings_are_one_sign_in() {
    let case = "honest~same-settings";
    reset(case).await;
    let settings = come_back(case).await;
    let app_of = |client: Config| Stage::new(move || view! { <App client=client/> });
    let first = app_of(settings.clone());
    first.shows("profile-name").await;
    let second = app_of(settings.clone());
    second.shows("profile-name").await;
    // A client that the app has made is the app's.
    let own = app(Client::new(settings.clone()));
    own.shows("sign-in").await;
    // Other settings are another app.
    let other = app_of(settings.clone().scope("openid").expect("a scope"));
    other.shows("sign-in").await;
    drop(first);
    next_task().await;
    second.click("sign-out").await;
    second.shows("sign-in").await;
    assert_eq!(record(case).await.count("token"), 1);
}

#[wasm_bindgen_test]
async fn with_the_last_provider_of_its_settings_a_client_goes() {
    let settings = come_back("honest~last-provider").await;
    let shown = settings.clone();
    let stage = Stage::new(move || view! { <App client=shown/> });
    stage.shows("profile-name").await;
    let is_signed_in = || Client::from(settings.clone()).session().is_some();
    assert!(is_signed_in());
    drop(stage);
    wait_for("its end", || (!is_signed_in()).then_some(())).await;
}

#[wasm_bindgen_test]
async fn two_apps_on_one_page_are_two_sign_ins() {
    let tab = Tab::new();
    let first = app_with_an_answer(&tab, &config("honest~first")).await;
    first.shows("profile-name").await;
    let second = app(tab.open(&config("honest~second")));
    second.shows("sign-in").await;
    assert!(first.find("profile-name").is_some(), "the other session is its own");
}

#[wasm_bindgen_test]
async fn waiting_is_told_while_an_answer_is_looked_at() {
    let client = Tab::new().go_and_come_back(&config("t38-never-answers~waiting")).await;
    let stage = Stage::new(move || {
        view! { <AuthProvider client=client><RequireAuth>"inside"</RequireAuth></AuthProvider> }
    });
    let waiting = stage.shows("busy").await;
    assert_eq!(waiting.get_attribute("role").as_deref(), Some("status"));
    assert_eq!(stage.text(), "Signing in…");
}

#[wasm_bindgen_test]
async fn a_page_that_is_about_to_be_left_may_stay_and_still_has_its_buttons() {
    let tab = Tab::new();
    let client = tab.open(&config("honest~stays-shown"));
    client.sign_in(SignIn::new()).await.expect("the login begins");
    let door = client.clone();
    let stage = app(client);
    stage.shows("sign-in").await;
    let guarded = Stage::new(move || {
        view! { <AuthProvider client=door><RequireAuth>"inside"</RequireAuth></AuthProvider> }
    });
    guarded.shows("sign-in-needed").await;
}

#[wasm_bindgen_test]
async fn f58_a_provider_that_tells_only_who_it_is_says_so() {
    let stage = app_with_an_answer(&Tab::new(), &config("userinfo-sub-only")).await;
    assert_eq!(stage.shows("profile-name").await.text_content().as_deref(), Some("Signed in"));
    assert!(stage.find("profile-email").is_none());
}

/// The app, whose people sign in in a window beside the page.
fn app_with_windows(client: Client) -> Stage {
    Stage::new(move || {
        view! {
            <AuthProvider client=client popup=true>
                <SignedOut><SignInButton/></SignedOut>
                <SignedIn><Profile/></SignedIn>
                <AuthError/>
            </AuthProvider>
        }
    })
}

#[wasm_bindgen_test]
async fn the_button_opens_another_window_at_the_click_and_the_profile_comes_to_the_page() {
    let (tab, settings) = (Tab::new(), config("honest~button-popup"));
    let stage = app_with_windows(tab.open(&settings));
    stage.click("sign-in").await;
    // Nothing was waited for since the click.
    let window = tab.screen.window();
    let button = stage.shows("sign-in").await;
    wait_for("the words", || stage.text().contains("other window").then_some(())).await;
    assert_eq!(stage.find("sign-in").as_ref(), Some(&button), "the same button, with the focus");
    assert!(stage.find("cancel").is_some());
    stage.click("sign-in").await;
    assert_eq!(window.focused.get(), 1, "another click shows the window");

    let url = wait_for("the window to be sent off", || window.url.borrow().clone()).await;
    let other = tab.sibling();
    other.address.url.replace(answer_to(&url).await);
    let in_window = app_with_windows(other.open(&settings));
    assert!(in_window.text().starts_with("The sign-in goes on"), "{}", in_window.text());
    stage.shows("profile-name").await;
    wait_for("the window to close", || other.screen.page_closed.get().then_some(())).await;
    assert!(in_window.find("sign-in").is_none(), "nothing of the app is in the window");
    assert!(tab.address.left_for.borrow().is_empty());
}

/// The provider sends the window back, whose page hands the answer over.
async fn answer_in_window(tab: &Tab, settings: &Config) {
    let window = tab.screen.window();
    let url = wait_for("the window to be sent off", || window.url.borrow().clone()).await;
    let other = tab.sibling();
    other.address.url.replace(answer_to(&url).await);
    other.open(settings).start().await.expect("handed over");
}

// Nobody can tell whether it is the same person.
#[wasm_bindgen_test]
async fn whoever_signs_in_without_a_name_has_a_profile_of_their_own() {
    let case = "refresh~nameless-profiles";
    reset(case).await;
    let settings = config(case).scope("profile").expect("a scope");
    let settings = settings.discovery(DiscoveryKind::OpenIdConnect);
    let tab = Tab::new();
    let client = tab.open(&settings);
    let stage = app_with_windows(client.clone());
    stage.click("sign-in").await;
    answer_in_window(&tab, &settings).await;
    stage.shows("profile-name").await;
    until_asked(case, "userinfo", 1).await;
    let again = client.sign_in(SignIn::new().in_popup());
    let (signed_in, ()) = join(again, answer_in_window(&tab, &settings)).await;
    signed_in.expect("somebody");
    until_asked(case, "userinfo", 2).await;
}

#[wasm_bindgen_test]
async fn another_window_is_called_off_by_a_button_and_opened_anew_after_an_error() {
    let tab = Tab::new();
    let stage = app_with_windows(tab.open(&config("honest~button-cancel")));
    stage.click("sign-in").await;
    stage.click("cancel").await;
    wait_for("the button to go", || stage.find("cancel").is_none().then_some(())).await;
    assert!(tab.screen.window().closed.get());
    assert_eq!(stage.text(), "Sign in");

    stage.click("sign-in").await;
    tab.screen.window().gone.set(true);
    let error = stage.shows("error").await;
    assert_eq!(error.get_attribute("data-code").as_deref(), Some("popup_closed"));
    let before = tab.screen.windows.borrow().len();
    stage.click("retry").await;
    assert_eq!(tab.screen.windows.borrow().len(), before + 1, "in another window again");
}

#[wasm_bindgen_test]
async fn a_window_whose_answer_nobody_takes_shows_the_app_with_the_error() {
    let tab = Tab::new();
    let foreign = support::FOREIGN_STATE;
    let answer = format!("{}?code=forged&state=p.{foreign}", support::REDIRECT_URI);
    tab.address.url.replace(answer);
    let stage = app_with_windows(tab.open(&config("honest~button-unasked")));
    assert!(stage.text().starts_with("The sign-in goes on"), "{}", stage.text());
    let error = stage.shows("error").await;
    assert_eq!(error.get_attribute("data-code").as_deref(), Some("login_not_found"));
    assert!(stage.find("sign-in").is_some());
}

#[wasm_bindgen_test]
async fn a_window_that_shows_the_app_is_a_page_as_any_other() {
    let (tab, settings) = (Tab::new(), config("honest~button-own-window"));
    let foreign = support::FOREIGN_STATE;
    tab.address.url.replace(format!("{}?code=forged&state=p.{foreign}", support::REDIRECT_URI));
    let client = tab.open(&settings);
    let stage = app_with_windows(client.clone());
    stage.shows("error").await;
    // Another login, in another window, whose answer is taken here.
    let again = client.sign_in(SignIn::new().in_popup());
    let (signed_in, ()) = join(again, answer_in_window(&tab, &settings)).await;
    signed_in.expect("a session");
    stage.shows("profile-name").await;
    assert!(!stage.text().contains("The sign-in goes on"), "{}", stage.text());
}

#[wasm_bindgen_test]
async fn an_old_error_does_not_come_back_with_a_mount() {
    let (tab, settings) = (Tab::new(), config("honest~old-error"));
    tab.open(&settings).sign_in(SignIn::new()).await.expect("the login begins");
    tab.address.url.replace(refusal(&tab, &settings, "access_denied"));
    let client = tab.open(&settings);
    let stage = app_with_windows(client.clone());
    stage.shows("error").await;
    let again = client.sign_in(SignIn::new().in_popup());
    let (signed_in, ()) = join(again, answer_in_window(&tab, &settings)).await;
    signed_in.expect("a session");
    stage.shows("profile-name").await;
    drop(stage);
    let stage = app_with_windows(client);
    stage.shows("profile-name").await;
    pause(Duration::from_millis(50)).await;
    assert!(stage.find("error").is_none(), "{}", stage.text());
}

#[wasm_bindgen_test]
async fn a_failure_beside_a_session_is_shown_once_of_two_providers() {
    let (tab, settings) = (Tab::new(), config("honest~one-error").keep(Keeping::SessionStorage));
    let client = tab.sign_in(&settings).await;
    client.sign_in(SignIn::new()).await.expect("the login begins");
    tab.address.url.replace(refusal(&tab, &settings, "access_denied"));
    let client = tab.open(&settings);
    let stages = [app(client.clone()), app(client)];
    for stage in &stages {
        stage.shows("profile-name").await;
    }
    let errors = || stages.iter().filter(|stage| stage.find("error").is_some()).count();
    wait_for("the error", || (errors() > 0).then_some(())).await;
    pause(Duration::from_millis(50)).await;
    assert_eq!(errors(), 1);
}

#[wasm_bindgen_test]
async fn a_page_out_of_the_cache_looks_who_is_there_before_it_shows_them() {
    let (tab, settings) = (Tab::new(), config("honest~cached-components"));
    let before = tab.open(&settings);
    before.sign_in(SignIn::new()).await.expect("the login begins");
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let browser = tab.browser_with(SlowRecords(tab.shared.records.clone()));
    let client = Client::with_browser(settings, browser);
    let stage = Stage::new(move || {
        view! {
            <AuthProvider client=client>
                <Profile/>
                <SignedIn><input data-pixy="mine" style="visibility: visible"/></SignedIn>
                <RequireAuth><p data-pixy="inside">"For members too"</p></RequireAuth>
                <SignedOut><SignInButton/></SignedOut>
            </AuthProvider>
        }
    });
    let parts = ["profile-name", "mine", "inside"];
    for part in parts {
        stage.shows(part).await;
    }
    let input: HtmlInputElement = stage.shows("mine").await.unchecked_into();
    input.set_value("typed");
    input.focus().expect("the focus");
    restore();
    next_task().await;
    for part in parts {
        assert!(!is_visible(&stage.shows(part).await), "{part}");
    }
    // As the browser does when it draws what is hidden.
    input.blur().expect("no focus");
    for part in parts {
        let shown = || stage.find(part).filter(is_visible);
        wait_for(part, shown).await;
    }
    let same: &Element = &input;
    assert_eq!(stage.find("mine").as_ref(), Some(same));
    assert_eq!(input.value(), "typed");
    assert_eq!(document().active_element().as_ref(), Some(same));

    restore();
    next_task().await;
    drop(stage);
    assert!(is_visible(&document().body().expect("a body")), "the rest of the page is shown again");
}

/// Whether the person could see an element.
fn is_visible(element: &Element) -> bool {
    let window = web_sys::window().expect("a window");
    let style = |element| window.get_computed_style(element).expect("a style").expect("a style");
    let value = |element, name| style(element).get_property_value(name).expect("a value");
    let root = document().document_element().expect("a root");
    value(element, "visibility") == "visible" && value(&root, "opacity") == "1"
}

#[wasm_bindgen_test]
async fn f29_components_wait_until_somebody_comes_to_the_page() {
    let prerendered = Prerendered::begin();
    let client = Tab::new().open(&config("honest~components-prerendered"));
    let stage = Stage::new(move || {
        view! {
            <AuthProvider client=client>
                <SignedOut><SignInButton/></SignedOut>
                <RequireAuth>"inside"</RequireAuth>
            </AuthProvider>
        }
    });
    stage.shows("busy").await;
    pause(A_WHILE).await;
    assert_eq!(stage.text(), "Signing in…");
    assert!(stage.find("sign-in").is_none());
    drop(prerendered);
    stage.shows("sign-in").await;
}
