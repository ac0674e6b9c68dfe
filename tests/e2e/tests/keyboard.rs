//! Signing in without a pointer.

use end_to_end::stage::part;
use end_to_end::{Browser, Stage, provider};

const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';

/// Presses Tab until an element of this selector has the focus.
fn tab_to(browser: &Browser, selector: &str) {
    browser.wait_for(selector);
    for _ in 0..40 {
        browser.press(TAB);
        let script = format!("return document.activeElement.matches('{selector}')");
        if browser.execute(&script) == true {
            return;
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
