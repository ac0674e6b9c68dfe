//! The main flow, as a person goes it: at the real provider, with the release build of the demo.

use end_to_end::stage::{part, try_again, wait_for_error, wait_for_profile, wait_for_state};
use end_to_end::{Options, SiteOptions, Stage, checks, provider};
use serde_json::json;

#[test]
fn a_person_signs_in_and_sees_their_profile() {
    let stage = Stage::new();
    stage.sign_in();
    assert_eq!(stage.browser.text(part::NAME), stage.account().name);
    assert_eq!(stage.browser.url(), stage.site.url(""));
    stage.browser.click(part::PROFILE_LINK);
    stage.browser.wait_for(part::PROFILE);
    assert_eq!(stage.browser.text(part::NAME), stage.account().name);
    assert!(stage.browser.text(part::EMAIL).contains('@'));
    let picture = format!("{} img", part::PROFILE);
    let picture = stage.browser.attribute(&picture, "src").expect("the person has a picture");
    assert!(picture.starts_with(&stage.provider.issuer), "{picture}");
    checks::nothing_is_left(&stage.browser, &stage.site, &[]);
}

#[test]
fn after_a_reload_with_tokens_in_memory_one_click_signs_in_again() {
    let stage = Stage::with_provider(&["--no-dpop"], |_| json!({"keep": "in-memory"}));
    stage.sign_in();
    stage.browser.reload();
    wait_for_state(&stage.browser, "signed-out");
    assert!(!stage.browser.shows(part::ERROR));
    assert!(!stage.browser.shows(part::PROFILE));
    stage.browser.click(part::SIGN_IN);
    // No password and no consent: the provider remembers both.
    stage.wait_for_profile();
}

#[test]
fn signing_out_takes_the_profile_away() {
    let stage = Stage::new();
    stage.sign_in();
    stage.browser.click(part::SIGN_OUT);
    wait_for_state(&stage.browser, "signed-out");
    stage.browser.wait_for(part::SIGN_IN);
    assert!(stage.browser.find(part::NAME).is_none());
    let page = stage.browser.execute("return document.body.innerText").to_string();
    assert!(!page.contains(&stage.account().name), "{page}");
    checks::nothing_is_left(&stage.browser, &stage.site, &[]);
}

#[test]
fn consent_denied_is_told_with_advice_and_can_be_given_after_all() {
    let stage = Stage::new();
    stage.open_home();
    stage.browser.click(part::SIGN_IN);
    stage.provider.sign_in(&stage.browser, stage.account());
    stage.browser.wait_for(provider::ALLOW);
    stage.provider.cancel(&stage.browser);
    assert_eq!(wait_for_error(&stage.browser), "access_denied");
    assert_eq!(stage.browser.attribute(part::ERROR, "role").as_deref(), Some("alert"));
    let advice = "allow what the app asks for";
    let shown = stage.browser.text(part::ERROR);
    assert!(shown.contains(advice), "{shown}");
    checks::nothing_is_left(&stage.browser, &stage.site, &[]);

    try_again(&stage.browser);
    stage.provider.allow(&stage.browser);
    stage.wait_for_profile();
}

#[test]
fn cancelling_the_sign_in_is_told() {
    let stage = Stage::new();
    stage.open_home();
    stage.browser.click(part::SIGN_IN);
    stage.browser.wait_for(provider::LOGIN);
    stage.provider.cancel(&stage.browser);
    assert_eq!(wait_for_error(&stage.browser), "access_denied");
    try_again(&stage.browser);
    stage.finish_sign_in();
}

#[test]
fn back_from_the_provider_leaves_a_usable_page() {
    let stage = Stage::new();
    stage.open_home();
    stage.browser.click(part::SIGN_IN);
    stage.browser.wait_for(provider::LOGIN);
    stage.browser.back();
    wait_for_state(&stage.browser, "signed-out");
    assert_eq!(stage.browser.url(), stage.site.url(""));
    assert!(!stage.browser.shows(part::ERROR));
    stage.browser.click(part::SIGN_IN);
    stage.finish_sign_in();
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn back_after_the_sign_in_spends_no_code_again() {
    let stage = Stage::new();
    let browser = &stage.browser;
    stage.sign_in();
    let home = stage.site.url("");
    // Through all pages of the provider to the one where it began, and then to the one that had the answer.
    let mut steps = 0;
    while steps == 0 || browser.url() != home {
        browser.back();
        steps += 1;
        assert!(steps < 9 && !browser.url().contains("code="), "{}", browser.url());
    }
    assert!(steps > 2, "the provider's pages are in between");
    stage.wait_for_profile();
    browser.execute(&format!("window.pixyFirst = true; history.go({steps})"));
    browser.wait_until("the page that had the answer", || {
        let shown = browser.try_execute("return [window.pixyFirst, location.href]")?;
        (shown == json!([null, home])).then_some(())
    });
    stage.wait_for_profile();
    let token_requests = browser.requests();
    let token_requests = token_requests.iter().filter(|request| {
        request.url == format!("{}/token", stage.provider.issuer) && request.method == "POST"
    });
    assert_eq!(token_requests.count(), 1);
}

#[test]
fn two_tabs_sign_in_at_once() {
    let stage = Stage::new();
    let (browser, account) = (&stage.browser, stage.account());
    stage.open_home();
    browser.click(part::SIGN_IN);
    browser.wait_for(provider::LOGIN);
    let first = browser.tab();

    let second = browser.new_tab(&Options::default());
    stage.open_home();
    browser.click(part::SIGN_IN);
    browser.wait_for(provider::LOGIN);

    browser.switch_to(&first);
    stage.finish_sign_in();
    browser.switch_to(&second);
    stage.provider.sign_in(browser, account);
    stage.wait_for_profile();
    browser.switch_to(&first);
    wait_for_profile(browser, &account.name);
}

#[test]
fn a_page_for_people_who_are_signed_in_asks_to_sign_in_and_is_returned_to() {
    let stage = Stage::new();
    stage.open("profile.html");
    assert!(!stage.browser.shows(part::PROFILE));
    stage.browser.click(part::SIGN_IN);
    stage.finish_sign_in();
    assert_eq!(stage.browser.url(), stage.site.url("profile.html"));
    checks::nothing_is_left(&stage.browser, &stage.site, &[]);
}

#[test]
fn links_within_the_app_keep_the_session() {
    let stage = Stage::new();
    stage.sign_in();
    stage.browser.click(part::PROFILE_LINK);
    let profile = stage.site.url("profile.html");
    stage.browser.wait_for_url("the profile page", |url| url == profile);
    stage.wait_for_profile();
    stage.browser.back();
    let home = stage.site.url("");
    stage.browser.wait_for_url("the home page", |url| url == home);
    stage.wait_for_profile();
}

#[test]
fn a_click_before_the_app_is_loaded_is_not_lost() {
    let options = Options { wait_for_load: false, ..Options::default() };
    let stage = Stage::with(SiteOptions::default(), &options);
    stage.site.hold(".wasm");
    stage.browser.open(&stage.site.url(""));
    // The button is there a moment before the script that keeps clicks.
    wait_for_state(&stage.browser, "starting");
    stage.browser.click(part::SIGN_IN);
    stage.site.let_go();
    stage.finish_sign_in();
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn an_impatient_double_click_begins_one_sign_in() {
    let stage = Stage::new();
    stage.open_home();
    stage.browser.execute(&format!(
        "const button = document.querySelector('{}'); button.click(); button.click();",
        part::SIGN_IN
    ));
    stage.finish_sign_in();
    let requests = stage.browser.requests();
    let begun = requests.iter().filter(|request| request.url.contains("/auth?"));
    assert_eq!(begun.count(), 1);
}
