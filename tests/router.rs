//! The components in an app with leptos_router: after the callback the router shows the page where
//! the person wanted to be, and its links keep the session.

#![cfg(all(target_arch = "wasm32", feature = "components"))]

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use leptos::mount::mount_to;
use leptos::prelude::*;
use leptos_router::components::{A, Route, Router, Routes};
use leptos_router::path;
use pixy_login::browser::navigation::NavigationRefused;
use pixy_login::browser::{Browser, History, Navigation};
use pixy_login::client::{Client, SignIn};
use pixy_login::components::{AuthProvider, Profile, RequireAuth};
use pixy_login::protocol::Config;
use support::{HOSTILE, Tab, answer_to, wait_for};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::HtmlElement;

wasm_bindgen_test_configure!(run_in_browser);

/// The real address bar, which never leaves the page: that would end the test.
#[derive(Default)]
struct Staying {
    history: History,
    left_for: RefCell<String>,
}

impl Navigation for Staying {
    fn current_url(&self) -> String {
        self.history.current_url()
    }

    fn assign(&self, url: &str) -> Result<(), NavigationRefused> {
        self.left_for.replace(url.to_owned());
        Ok(())
    }

    fn submit(&self, url: &str, _: &[(String, String)]) -> Result<(), NavigationRefused> {
        self.assign(url)
    }

    fn replace_url(&self, url: &str) -> Result<(), NavigationRefused> {
        self.history.replace_url(url)
    }

    fn announce(&self) {
        self.history.announce();
    }
}

#[component]
fn App(client: Client) -> impl IntoView {
    view! {
        <AuthProvider client=client>
            <Router>
                <A href="/elsewhere">"Elsewhere"</A>
                <Routes fallback=|| view! { <p id="place">"elsewhere"</p> }>
                    <Route path=path!("/callback.html") view=|| view! { <p id="place">"callback"</p> }/>
                    <Route path=path!("/orders") view=Orders/>
                </Routes>
            </Router>
        </AuthProvider>
    }
}

#[component]
fn Orders() -> impl IntoView {
    view! { <p id="place">"orders"</p><RequireAuth><Profile/></RequireAuth> }
}

fn element(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok().flatten().map(|found| found.unchecked_into())
}

async fn router_shows(place: &str) {
    let shown = || element("#place").and_then(|element| element.text_content());
    wait_for(place, || (shown().as_deref() == Some(place)).then_some(())).await;
}

#[wasm_bindgen_test]
async fn the_router_shows_the_page_where_the_person_wanted_to_be() {
    let address = Rc::new(Staying::default());
    let before = address.current_url();
    let origin = location().origin().expect("an origin");
    let redirect_uri = [&origin, "/callback.html"].concat();
    let issuer = [HOSTILE, "/honest~router"].concat();
    let config = Config::new(&issuer, "pixy-test", &redirect_uri).expect("a good config");
    let browser = Browser { navigation: address.clone(), ..Tab::new().browser() };
    let client = || Client::with_browser(config.clone(), browser.clone());

    let sign_in = SignIn::new().return_to("orders?page=2");
    client().sign_in(sign_in).await.expect("the login begins");
    let left_for = address.left_for.borrow().clone();
    let answer = answer_to(&left_for).await;
    address.replace_url(&answer).expect("an address of this origin");

    let root = document().body().expect("a body");
    let client = client();
    let mounted = mount_to(root, move || view! { <App client=client/> });
    router_shows("orders").await;
    assert_eq!(address.current_url(), [&origin, "/orders?page=2"].concat());
    wait_for("the profile", || element("[data-pixy=profile-name]")).await;

    element("a").expect("a link").click();
    router_shows("elsewhere").await;
    history().back().expect("a page before");
    router_shows("orders").await;
    wait_for("the profile again", || element("[data-pixy=profile-name]")).await;
    drop(mounted);
    address.replace_url(&before).expect("the address of the test");
}

fn location() -> web_sys::Location {
    leptos::prelude::window().location()
}

fn history() -> web_sys::History {
    leptos::prelude::window().history().expect("a history")
}
