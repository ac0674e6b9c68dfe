//! The attacks and the refused tokens that the demo's lesson acts out, in windows of their own.

use crate::browser::Browser;
use crate::provider::ALLOW;

/// Plays a case to its end: goes on where that takes a click, and allows what is asked in its windows.
pub fn play(browser: &Browser, case: &str) {
    let page = browser.tab();
    let part = |name: &str| format!("[data-pixy={case}] [data-pixy={name}]");
    browser.click(&part("attack-start"));
    let state = browser.wait_until(&format!("the end of {case}"), || {
        browser.switch_to(&page);
        let state = browser.try_attribute(&format!("[data-pixy={case}]"), "data-state");
        if matches!(state.as_deref(), Some("done" | "failed")) {
            return state;
        }
        browser.try_click(&part("attack-next"));
        let window = browser.tabs().into_iter().find(|handle| *handle != page)?;
        if browser.try_switch_to(&window) {
            browser.try_click(ALLOW);
        }
        None
    });
    let status = browser.execute(&format!(
        "return document.querySelector('{}').textContent",
        part("attack-status")
    ));
    assert_eq!(state, "done", "{case}: {status}");
}
