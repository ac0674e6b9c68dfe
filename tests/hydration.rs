//! A page that came from a server, taken over in the browser: found as it was written there, in the
//! server's language, whatever is known in the browser by then.

#![cfg(all(target_arch = "wasm32", feature = "hydrate"))]

mod support;

use leptos::mount::hydrate_from;
use leptos::prelude::*;
use pixy_login::client::Client;
use pixy_login::components::{AuthProvider, RequireAuth};
use pixy_login::texts::Texts;
use support::{Tab, config, next_task, wait_for};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlElement};

wasm_bindgen_test_configure!(run_in_browser);

/// What the server writes for a guarded page; `tests/server.rs` expects the same of it.
const WRITTEN: &str = r#"<p data-pixy="busy" role="status">Signing in…<!></p>"#;

fn root() -> Element {
    document().document_element().expect("a root")
}

fn page() -> HtmlElement {
    let page: HtmlElement = document().create_element("main").expect("a page").unchecked_into();
    page.set_inner_html(WRITTEN);
    document().body().expect("a body").append_child(&page).expect("a place");
    page
}

fn text(page: &HtmlElement) -> String {
    page.text_content().unwrap_or_default()
}

/// A page that is found otherwise than it was written makes Leptos panic.
fn take_over(page: &HtmlElement, client: Client) -> impl Sized + use<> {
    hydrate_from(page.clone(), move || {
        view! {
            <AuthProvider client=client texts=[Texts::japanese()]>
                <RequireAuth>"Tea"</RequireAuth>
            </AuthProvider>
        }
    })
}

#[wasm_bindgen_test]
async fn what_is_known_already_is_shown_after_the_page_was_taken_over() {
    let client = Tab::new().go_and_come_back(&config("honest~hydration")).await;
    client.start().await.expect("a sign-in");
    let page = page();
    let written = page.first_element_child();
    let taken = take_over(&page, client);
    assert_eq!(text(&page), "Signing in…");
    assert_eq!(page.first_element_child(), written);
    wait_for("the page", || (text(&page) == "Tea").then_some(())).await;
    drop(taken);
    page.remove();
}

#[wasm_bindgen_test]
async fn the_language_of_the_page_is_spoken_after_the_page_was_taken_over() {
    let before = root().get_attribute("lang").unwrap_or_default();
    root().set_attribute("lang", "ja").expect("a language");
    // The provider takes its time, so the page waits.
    let client = Tab::new().go_and_come_back(&config("t38-never-answers~hydration")).await;
    let page = page();
    let taken = take_over(&page, client.clone());
    assert_eq!(text(&page), "Signing in…");
    next_task().await;
    assert_eq!(text(&page), "サインインしています…");
    client.sign_out();
    let door = "このページを見るにはサインインしてください。サインイン後、このページに戻ります。サインイン";
    wait_for("the door", || (text(&page) == door).then_some(())).await;
    drop(taken);
    page.remove();
    root().set_attribute("lang", &before).expect("a language");
}
