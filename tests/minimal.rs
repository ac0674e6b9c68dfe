//! The README's example, run: its button is there, works, and says what went wrong.

#![cfg(all(target_arch = "wasm32", feature = "components"))]

mod minimal {
    include!("../examples/minimal.rs");

    pub(crate) fn run() {
        main();
    }
}

mod support;

use support::wait_for;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlElement};

wasm_bindgen_test_configure!(run_in_browser);

fn find(selector: &str) -> Option<Element> {
    let document = web_sys::window().and_then(|window| window.document());
    document.and_then(|document| document.query_selector(selector).ok().flatten())
}

#[wasm_bindgen_test]
async fn the_readmes_example_shows_a_button_and_the_reason_when_its_provider_is_not_there() {
    minimal::run();
    let button = wait_for("the button", || find("[data-pixy=sign-in]")).await;
    button.unchecked_into::<HtmlElement>().click();
    // `id.example` is reserved and answers nobody, so the page stays and shows the error.
    let error = wait_for("the error", || find("[data-pixy=error]")).await;
    assert_eq!(error.get_attribute("data-code").as_deref(), Some("network_or_cors"));
}
