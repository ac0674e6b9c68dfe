//! Pages that the browser loads before anybody comes to them, as a page asks it to (speculation rules).

use std::thread;
use std::time::Duration;

use end_to_end::stage::wait_for_state;
use end_to_end::{Options, Stage};
use serde_json::json;

/// Time in which a page would have asked the other tabs, and taken silence for an answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);
/// Time in which a page would have given up a vault that says nothing.
const PATIENCE: Duration = Duration::from_secs(17);

const LAUNCH: &str = r#"<!doctype html><title>Launch</title>
<script type="speculationrules">{"prerender": [{"urls": ["./"], "eagerness": "immediate"}]}</script>
<a id="go" href="./">Go</a>"#;

/// Comes to the home page in a new tab, so long after the browser has loaded it.
fn come_later(stage: &Stage, later: Duration) {
    let Stage { browser, site, .. } = stage;
    site.add_page("launch.html", LAUNCH);
    browser.new_tab(&Options::default());
    let known = site.requests().len();
    browser.open(&site.url("launch.html"));
    browser.wait_until("the page to be loaded beforehand", || {
        site.requests()[known..].iter().any(|request| request.path == "/").then_some(())
    });
    thread::sleep(later);
    browser.click("#go");
    browser.wait_for_url("the page", |url| url == site.url(""));
    let entry = "return performance.getEntriesByType('navigation')[0].activationStart > 1000";
    assert!(browser.execute(entry) == true, "it was loaded beforehand");
}

#[test]
#[cfg_attr(any(feature = "firefox", feature = "webkit"), ignore = "only Chromium prerenders")]
fn f29_a_prerendered_page_goes_on_with_the_session_of_another_tab() {
    let stage = Stage::new();
    stage.sign_in();
    come_later(&stage, ANSWERS_WITHIN);
    stage.wait_for_profile();
    // The session is still known to be kept.
    stage.browser.new_tab(&Options::default());
    stage.browser.open(&stage.site.url(""));
    stage.wait_for_profile();
}

#[test]
#[cfg_attr(any(feature = "firefox", feature = "webkit"), ignore = "only Chromium prerenders")]
fn f29_a_prerendered_page_does_not_give_its_vault_up() {
    let stage = Stage::with_provider(&[], |_| json!({"vault": true}));
    come_later(&stage, PATIENCE);
    wait_for_state(&stage.browser, "signed-out");
}
