//! Signing in without a pointer.

use end_to_end::stage::part;
use end_to_end::{Browser, Stage, provider};
use serde_json::json;

const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';

/// Presses Tab until an element of this selector has the focus, which it may have from the beginning.
fn tab_to(browser: &Browser, selector: &str) {
    browser.wait_for(selector);
    for _ in 0..40 {
        let script = format!("return document.activeElement.matches('{selector}')");
        if browser.execute(&script) == true {
            return;
        }
        browser.press(TAB);
        if browser.execute("return document.hasFocus()") == false {
            // Tab went on to the browser's own buttons, from where it can't be brought back: the page begins
            // anew, as it does for whoever goes round.
            browser.switch_to(&browser.tab());
            browser.execute(
                "document.body.tabIndex = -1;
                 document.body.focus();
                 document.body.removeAttribute('tabindex');",
            );
        }
    }
    panic!("{selector} is never reached by Tab");
}

/// Whether the element with the focus is drawn otherwise than without it.
fn focus_is_visible(browser: &Browser) -> bool {
    let script = "
        const element = document.activeElement;
        const look = () => {
            const {outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor} = getComputedStyle(element);
            return JSON.stringify([outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor]);
        };
        const focused = look();
        element.blur();
        const blurred = look();
        element.focus({focusVisible: true});
        return focused !== blurred;";
    browser.execute(script) == true
}

#[test]
fn a_person_signs_in_by_keyboard_alone_and_sees_the_focus() {
    let stage = Stage::new();
    let browser = &stage.browser;
    stage.open_home();
    tab_to(browser, part::SIGN_IN);
    assert!(focus_is_visible(browser));
    browser.press(ENTER);

    let account = stage.account();
    tab_to(browser, provider::LOGIN);
    account.login.chars().for_each(|letter| browser.press(letter));
    tab_to(browser, provider::PASSWORD);
    account.password.chars().for_each(|letter| browser.press(letter));
    browser.press(ENTER);
    tab_to(browser, provider::ALLOW);
    browser.press(ENTER);
    stage.wait_for_profile();

    tab_to(browser, part::SIGN_OUT);
    assert!(focus_is_visible(browser));
    browser.press(ENTER);
    browser.wait_for(part::SIGN_IN);
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn the_button_that_renews_the_token_keeps_the_focus() {
    let stage = Stage::with_provider(&["--refresh-tokens"], |_| json!({}));
    let browser = &stage.browser;
    stage.sign_in();
    browser.click(part::PROFILE_LINK);
    tab_to(browser, part::RENEW);
    assert!(focus_is_visible(browser));
    let asked = || {
        let requests = browser.requests();
        requests.iter().filter(|request| request.body.contains("grant_type=refresh_token")).count()
    };
    let tells_bodies = browser.tells_bodies();
    for renewal in 1..=3 {
        browser.press(ENTER);
        browser.wait_until("a newer token", || {
            let is_done = browser.text(part::RENEWAL) == "Renewed.";
            (is_done && (!tells_bodies || asked() == renewal)).then_some(())
        });
        let script = format!("return document.activeElement.matches('{}')", part::RENEW);
        assert_eq!(browser.execute(&script), true, "the focus stays");
    }
    tab_to(browser, part::SIGN_OUT_AT_PROVIDER);
    browser.press(ENTER);
    tab_to(browser, provider::SIGN_OUT);
    browser.press(ENTER);
    end_to_end::stage::wait_for_state(browser, "signed-out");
}
