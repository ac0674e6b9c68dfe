//! Pages that the browser loads before anybody comes to them, as a page asks it to (speculation rules).

use std::thread;
use std::time::Duration;

use end_to_end::stage::wait_for_state;
use end_to_end::{Options, Stage};

/// Time in which a page would have asked the other tabs, and taken silence for an answer.
const A_WHILE: Duration = Duration::from_secs(2);

const LAUNCH: &str = r#"<!doctype html><title>Launch</title>
<script type="speculationrules">{"prerender": [{"urls": ["./"], "eagerness": "immediate"}]}</script>
<a id="go" href="./">Go</a>"#;

#[test]
#[cfg_attr(any(feature = "firefox", feature = "webkit"), ignore = "only Chromium prerenders")]
fn f29_a_prerendered_page_goes_on_with_the_session_of_another_tab() {
    let stage = Stage::new();
    let Stage { browser, site, .. } = &stage;
    stage.sign_in();
    site.add_page("launch.html", LAUNCH);
    browser.new_tab(&Options::default());
    let known = site.requests().len();
    browser.open(&site.url("launch.html"));
    browser.wait_until("the page to be loaded beforehand", || {
        let is_page = |path: &str| path == "/";
        site.requests()[known..].iter().any(|request| is_page(&request.path)).then_some(())
    });
    thread::sleep(A_WHILE);
    browser.click("#go");
    wait_for_state(browser, "signed-in");
    let entry = "return performance.getEntriesByType('navigation')[0].activationStart > 1000";
    assert!(browser.execute(entry) == true, "it was loaded beforehand");
    stage.wait_for_profile();
    // The session is still known to be kept.
    browser.new_tab(&Options::default());
    browser.open(&site.url(""));
    stage.wait_for_profile();
}
