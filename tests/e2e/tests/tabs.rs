//! A session beside others: after a reload, in several tabs, out of the back-forward cache.

use end_to_end::Options;
use end_to_end::checks;
use end_to_end::stage::{Stage, part, wait_for_state};

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
    stage.sign_in();
    // Another document of the app: the one before goes into the back-forward cache, if the browser has one.
    stage.browser.open(&stage.site.url("profile.html"));
    wait_for_state(&stage.browser, "signed-in");
    stage.browser.click(part::SIGN_OUT);
    wait_for_state(&stage.browser, "signed-out");
    stage.browser.back();
    wait_for_state(&stage.browser, "signed-out");
    assert!(!stage.browser.shows(part::NAME));
}
