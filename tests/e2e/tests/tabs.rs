//! A session beside others: after a reload, in several tabs, out of the back-forward cache.

use end_to_end::checks;
use end_to_end::stage::{Stage, part, wait_for_state};
use end_to_end::{Browser, Options};

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn a_reload_keeps_the_session_and_asks_for_nothing() {
    let stage = Stage::new();
    stage.sign_in();
    let tokens = || {
        let requests = stage.browser.requests();
        requests.iter().filter(|request| request.url.ends_with("/token")).count()
    };
    let before = tokens();
    stage.browser.reload();
    stage.wait_for_profile();
    assert_eq!(tokens(), before);
    checks::nothing_is_left(&stage.browser, &stage.site, &[]);
}

#[test]
fn all_tabs_agree_on_who_is_signed_in() {
    let stage = Stage::new();
    stage.open_home();
    let first = stage.browser.tab();
    let second = stage.browser.new_tab(&Options::default());
    stage.open_home();
    // What is signed in in one tab is so in the other, and in one that is opened later.
    stage.browser.click(part::SIGN_IN);
    stage.finish_sign_in();
    stage.browser.switch_to(&first);
    stage.wait_for_profile();
    let third = stage.browser.new_tab(&Options::default());
    stage.browser.open(&stage.site.url(""));
    stage.wait_for_profile();

    stage.browser.click(part::SIGN_OUT);
    for tab in [&first, &second, &third] {
        stage.browser.switch_to(tab);
        wait_for_state(&stage.browser, "signed-out");
        stage.browser.reload();
        wait_for_state(&stage.browser, "signed-out");
    }
    checks::nothing_is_left(&stage.browser, &stage.site, &[]);
}

#[test]
fn a_page_that_is_gone_back_to_after_signing_out_shows_nobody() {
    let stage = Stage::new();
    sign_out_in_the_next_page(&stage);
}

/// The same where the browser is sure to show the page as it was: a message that reaches a page in the
/// back-forward cache takes it out of there.
#[test]
#[cfg_attr(
    any(feature = "firefox", feature = "webkit"),
    ignore = "when a page is put into the cache is not known of this browser"
)]
fn a_page_out_of_the_cache_shows_nobody_after_signing_out() {
    let stage = Stage::new();
    stage.browser.before_every_page("delete window.BroadcastChannel");
    sign_out_in_the_next_page(&stage);
    assert!(is_restored(&stage.browser));
}

#[test]
#[cfg_attr(
    any(feature = "firefox", feature = "webkit"),
    ignore = "when a page is put into the cache is not known of this browser"
)]
fn a_page_out_of_the_cache_shows_who_is_signed_in() {
    let stage = Stage::new();
    stage.sign_in();
    let name = format!("document.querySelector('{}')", part::NAME);
    stage.browser.execute(&format!("{name}.isFirst = true"));
    leave_for(&stage, "profile.html");
    stage.browser.back();
    stage.wait_for_profile();
    assert!(is_restored(&stage.browser), "the next page of the app has not thrown it out");
    let is_first = stage.browser.execute(&format!("return {name}.isFirst === true"));
    assert_eq!(is_first, true, "what is shown to them is as it was, with what is typed into it");
}

fn sign_out_in_the_next_page(stage: &Stage) {
    let browser = &stage.browser;
    stage.sign_in();
    leave_for(stage, "profile.html");
    browser.click(part::SIGN_OUT);
    wait_for_state(browser, "signed-out");
    browser.back();
    wait_for_state(browser, "signed-out");
    assert!(!browser.shows(part::NAME));
}

/// Goes to another document of the app. The one before goes into the back-forward cache.
fn leave_for(stage: &Stage, page: &str) {
    let browser = &stage.browser;
    browser.execute("addEventListener('pageshow', event => window.pixyRestored = event.persisted)");
    browser.open(&stage.site.url(page));
    wait_for_state(browser, "signed-in");
}

/// Whether the page that is gone back to is the very one that was left.
fn is_restored(browser: &Browser) -> bool {
    browser.execute("return window.pixyRestored === true") == true
}
