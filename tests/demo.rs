//! The demo's pages, one after the other in one document: what they say of whoever is signed in.

#![cfg(all(target_arch = "wasm32", feature = "demo"))]

mod support;

use pixy_login::demo::app::mount;
use pixy_login::protocol::Config;
use support::{Tab, config, reset, wait_for};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlElement, Window};

wasm_bindgen_test_configure!(run_in_browser);

fn window() -> Window {
    web_sys::window().expect("a window")
}

/// The demo, mounted where somebody has just come back from the provider. Dropped, its place is gone, and the
/// address is as before.
struct Stage {
    root: Element,
    address: String,
}

impl Stage {
    async fn new(case: &str, settings: &Config) -> Self {
        reset(case).await;
        let document = window().document().expect("a document");
        let root = document.create_element("div").expect("a div");
        root.set_id("app");
        document.body().expect("a body").append_child(&root).expect("a place");
        let address = window().location().href().expect("an address");
        let stage = Self { root, address };
        mount(Tab::new().go_and_come_back(settings).await);
        stage
    }

    async fn shows(&self, selector: &str) -> Element {
        wait_for(selector, || self.root.query_selector(selector).expect("a selector")).await
    }

    /// Follows a link of the navigation, and waits for something of the page behind it.
    async fn page(&self, file: &str, part: &str) -> Element {
        let link = self.shows(&format!("nav a[href='{file}']")).await;
        link.unchecked_into::<HtmlElement>().click();
        self.shows(part).await
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.root.remove();
        let history = window().history().expect("a history");
        let back = history.replace_state_with_url(&JsValue::NULL, "", Some(&self.address));
        back.expect("the address from before");
    }
}

fn text(element: &Element) -> String {
    element.text_content().unwrap_or_default()
}

/// Who is signed in, as the home page has it.
async fn greeting(stage: &Stage) -> String {
    let words = || {
        let account = stage.root.query_selector(".account p").expect("a selector")?;
        Some(text(&account)).filter(|words| !words.contains("Loading"))
    };
    wait_for("a greeting", words).await
}

#[wasm_bindgen_test]
async fn f58_a_person_known_by_sub_alone_is_signed_in_on_each_page() {
    let case = "userinfo-sub-only";
    let stage = Stage::new(case, &config(case)).await;
    assert_eq!(greeting(&stage).await, "Signed in");
    let name = stage.page("./profile.html", "[data-pixy=profile-name]").await;
    assert_eq!(text(&name), "Signed in");
    // Who it is stands among the facts.
    let card = text(&stage.shows("[data-pixy=profile]").await);
    assert!(card.contains("Identifier"), "{card}");
    stage.page("./", ".account").await;
    assert_eq!(greeting(&stage).await, "Signed in");
}

// Handing the refresh token back may end the session there, and may not.
#[wasm_bindgen_test]
async fn f46_nobody_is_told_for_sure_what_the_provider_remembers() {
    let case = "honest~demo-signs-out";
    let stage = Stage::new(case, &config(case)).await;
    stage.page("./profile.html", "[data-pixy=profile]").await;
    let note = text(&stage.shows(".session .note").await);
    assert!(note.contains("ends the session of this app"), "{note}");
    assert!(note.contains("may still know you"), "{note}");
}
