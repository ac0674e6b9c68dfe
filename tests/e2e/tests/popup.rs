//! Signing in in a window beside the page: real windows, with and without the headers that cut them off.

use std::thread;
use std::time::Duration;

use end_to_end::site::{built, strict_policy};
use end_to_end::stage::{part, wait_for_state};
use end_to_end::{Browser, NetworkRequest, Provider, Site, SiteOptions, Stage, provider};
use serde_json::json;

const ENTER: char = '\u{e007}';

/// The header by which a page cuts itself off from other windows.
fn coop() -> (String, String) {
    ("Cross-Origin-Opener-Policy".to_owned(), "same-origin".to_owned())
}

/// Whether the page of this tab has cut itself off.
fn is_cut_off(browser: &Browser) -> bool {
    let tree = browser.devtools("Page.getFrameTree", &json!({}));
    let frame = json!({"frameId": tree["frameTree"]["frame"]["id"]});
    let status = browser.devtools("Network.getSecurityIsolationStatus", &frame);
    status["status"]["coop"]["value"] == "SameOrigin"
}

/// The demo, whose people sign in in a window beside it.
fn stage(options: &[&str]) -> Stage {
    Stage::with_provider(options, |_| json!({"popup": true}))
}

/// Waits until one more window is open, goes there, and returns where it came from.
fn go_to_window(browser: &Browser) -> String {
    let page = browser.tab();
    let window = browser
        .wait_until("another window", || browser.tabs().into_iter().find(|handle| *handle != page));
    browser.switch_to(&window);
    page
}

/// Signs in in the window, which closes then, and goes back to the page.
fn sign_in_in_window(browser: &Browser, provider: &Provider, page: &str) {
    provider.sign_in(browser, provider.account());
    provider.allow(browser);
    browser.wait_until("the window to close", || (browser.tabs().len() == 1).then_some(()));
    browser.switch_to(page);
}

/// How often the provider was shown a code.
fn token_requests(browser: &Browser) -> usize {
    let requests = browser.requests();
    let sent =
        |request: &&NetworkRequest| request.method == "POST" && request.url.ends_with("/token");
    requests.iter().filter(sent).count()
}

#[test]
fn a_person_signs_in_in_another_window_on_a_strict_page() {
    let stage = stage(&[]);
    let Stage { browser, provider, site } = &stage;
    let (issuer, resource) = (provider.issuer.as_str(), provider.resource.as_str());
    site.set_headers(vec![strict_policy(&[issuer, resource], &[issuer])]);
    stage.open_home();
    browser.execute("window.stays = true");
    browser.click(part::SIGN_IN);
    let page = go_to_window(browser);
    browser.wait_for(provider::LOGIN);
    assert!(browser.execute("return window.opener === null") == true, "no way back to the page");
    sign_in_in_window(browser, provider, &page);
    stage.wait_for_profile();
    assert_eq!(browser.url(), site.url(""));
    assert!(browser.execute("return window.stays") == true, "the page was not left");
    let kept = browser.session_storage();
    assert!(!kept.iter().any(|(key, _)| key.starts_with("pixy-login:pending:")), "{kept:?}");

    // Asking for more goes the same way, and the page shows what that brought.
    browser.click(part::MAIL_LINK);
    browser.click(part::ASK_MAIL);
    let page = go_to_window(browser);
    provider.allow(browser);
    browser.wait_until("the window to close", || (browser.tabs().len() == 1).then_some(()));
    browser.switch_to(&page);
    browser.wait_for(part::MAIL);
    let violated = |line: &String| line.contains("Content Security Policy");
    assert_eq!(browser.console().unwrap_or_default().into_iter().find(violated), None);
}

#[test]
fn another_window_is_opened_and_closed_by_keyboard_too() {
    let stage = stage(&[]);
    let Stage { browser, provider, .. } = &stage;
    stage.open_home();
    let focus = format!("document.querySelector('{}').focus()", part::SIGN_IN);
    browser.execute(&focus);
    browser.press(ENTER);
    let page = go_to_window(browser);
    sign_in_in_window(browser, provider, &page);
    stage.wait_for_profile();
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn a_sign_in_in_another_window_is_called_off_from_the_page() {
    let stage = stage(&[]);
    let Stage { browser, provider, .. } = &stage;
    stage.open_home();
    browser.click(part::SIGN_IN);
    let page = go_to_window(browser);
    let window = browser.tab();
    browser.wait_for(provider::LOGIN);
    browser.switch_to(&page);
    wait_for_state(browser, "in-popup");
    browser.click(part::CANCEL);
    wait_for_state(browser, "signed-out");
    assert!(!browser.shows(part::CANCEL));
    if cfg!(feature = "firefox") {
        browser.wait_until("the window to close", || (browser.tabs().len() == 1).then_some(()));
    } else {
        // The browser lets nobody close the provider's page. When the window comes back, it closes in vain.
        browser.switch_to(&window);
        sign_in_in_window(browser, provider, &page);
    }
    wait_for_state(browser, "signed-out");
    assert!(!browser.shows(part::ERROR));
    assert_eq!(token_requests(browser), 0);
}

#[test]
fn t20_a_closed_window_is_a_cancelled_sign_in() {
    let stage = stage(&[]);
    let Stage { browser, provider, .. } = &stage;
    stage.open_home();
    browser.click(part::SIGN_IN);
    let page = go_to_window(browser);
    browser.wait_for(provider::LOGIN);
    browser.close_tab();
    browser.switch_to(&page);
    assert_eq!(browser.attribute(part::ERROR, "data-code").as_deref(), Some("popup_closed"));

    browser.click(part::RETRY);
    let page = go_to_window(browser);
    sign_in_in_window(browser, provider, &page);
    stage.wait_for_profile();
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn t20_a_blocked_window_leaves_the_page_instead() {
    let stage = stage(&[]);
    stage.browser.before_every_page("window.open = () => null");
    stage.sign_in();
    assert_eq!(stage.browser.tabs().len(), 1);
}

#[test]
#[cfg_attr(
    any(feature = "firefox", feature = "webkit"),
    ignore = "the driver speaks no DevTools protocol"
)]
fn t20_windows_that_are_cut_off_sign_in_all_the_same() {
    for (of_page, of_provider) in [(true, false), (false, true), (true, true)] {
        let stage = stage(if of_provider { &["--coop"] } else { &[] });
        let Stage { browser, provider, site } = &stage;
        if of_page {
            site.set_headers(vec![coop()]);
        }
        stage.open_home();
        assert_eq!(is_cut_off(browser), of_page);
        browser.click(part::SIGN_IN);
        let page = go_to_window(browser);
        browser.wait_for(provider::LOGIN);
        assert_eq!(is_cut_off(browser), of_provider);
        let window = browser.tab();
        // To the page the window looks closed. A person who goes back there is told so, for it may be; and
        // without a screen a browser says of every page that the person is there.
        browser.switch_to(&page);
        assert_eq!(browser.attribute(part::ERROR, "data-code").as_deref(), Some("popup_closed"));
        browser.switch_to(&window);
        sign_in_in_window(browser, provider, &page);
        stage.wait_for_profile();
        assert_eq!(token_requests(browser), 1, "{of_page} {of_provider}");
    }
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn t19_messages_of_another_origin_change_nothing() {
    let stage = stage(&[]);
    let Stage { browser, provider, site } = &stage;
    let foreign = Site::start(built("demo"), SiteOptions::default());
    foreign.add_page("foreign.html", "<!doctype html><title>Foreign</title>");
    browser.open(&foreign.url("foreign.html"));
    let foreign_tab = browser.tab();
    browser.execute(&format!("window.app = window.open('{}')", site.url("")));
    go_to_window(browser);
    wait_for_state(browser, "signed-out");
    let app_tab = browser.tab();
    browser.click(part::SIGN_IN);
    wait_for_state(browser, "in-popup");
    let window = browser.wait_until("another window", || {
        browser.tabs().into_iter().find(|handle| ![&app_tab, &foreign_tab].contains(&handle))
    });
    browser.switch_to(&window);
    browser.wait_for(provider::LOGIN);

    // Nobody outside knows the state; even then it is the page of its own origin that is heard.
    browser.switch_to(&app_tab);
    let state = state_of_login(browser);
    browser.switch_to(&foreign_tab);
    say_forged(browser, &state);
    browser.execute(&format!("window.app.postMessage('{}', '*')", forged(&state)));
    browser.switch_to(&app_tab);
    stays_in_popup(browser);
    assert_eq!(token_requests(browser), 0);

    browser.switch_to(&window);
    provider.sign_in(browser, provider.account());
    provider.allow(browser);
    browser.wait_until("the window to close", || (browser.tabs().len() == 2).then_some(()));
    browser.switch_to(&app_tab);
    stage.wait_for_profile();
}

/// So the words above would have been heard, had they come from there.
#[test]
fn t19_the_same_message_of_the_same_origin_is_heard() {
    let stage = stage(&[]);
    let Stage { browser, site, .. } = &stage;
    stage.open_home();
    browser.click(part::SIGN_IN);
    let page = go_to_window(browser);
    browser.switch_to(&page);
    let state = state_of_login(browser);
    browser.new_tab(&end_to_end::Options::default());
    browser.open(&site.url("errors.html"));
    say_forged(browser, &state);
    browser.switch_to(&page);
    wait_for_state(browser, "failed");
}

fn forged(state: &str) -> String {
    format!("?code=forged&state={state}")
}

/// Says an answer where the page waits for one, if this page is of its origin.
fn say_forged(browser: &Browser, state: &str) {
    let message = forged(state);
    browser.execute(&format!(
        "new BroadcastChannel('pixy-login:popup:{state}').postMessage('{message}')"
    ));
}

/// The state of the login that the page waits for.
fn state_of_login(browser: &Browser) -> String {
    let kept = browser.wait_until("a login", || {
        let kept = browser.session_storage().into_iter().map(|(key, _)| key);
        kept.filter_map(|key| key.strip_prefix("pixy-login:pending:").map(str::to_owned)).next()
    });
    assert!(kept.starts_with("p."), "{kept}");
    kept
}

/// Nothing changes that, for as long as it takes to hear a message and act on it.
fn stays_in_popup(browser: &Browser) {
    thread::sleep(Duration::from_millis(500));
    wait_for_state(browser, "in-popup");
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn t19_an_answer_in_a_frame_of_another_site_is_not_believed() {
    let stage = stage(&[]);
    let Stage { browser, site, .. } = &stage;
    stage.open_home();
    browser.click(part::SIGN_IN);
    let page = go_to_window(browser);
    browser.wait_for(provider::LOGIN);
    browser.switch_to(&page);
    // Nobody outside knows the state; even then a frame has channels of its own.
    let state = state_of_login(browser);
    let answer = site.url(&format!("callback.html?code=forged&state={state}"));
    let foreign = Site::start(built("demo"), SiteOptions::default());
    let html = format!("<!doctype html><title>Foreign</title><iframe src='{answer}'></iframe>");
    foreign.add_page("foreign.html", &html);
    browser.new_tab(&end_to_end::Options::default());
    browser.open(&foreign.url("foreign.html").replace("localhost", "127.0.0.1"));
    browser.enter_frame("iframe");
    wait_for_state(browser, "failed");
    assert_eq!(browser.attribute(part::ERROR, "data-code").as_deref(), Some("login_not_found"));
    browser.close_tab();
    browser.switch_to(&page);
    stays_in_popup(browser);
    assert_eq!(token_requests(browser), 0);
}

/// A page of another origin with the demo in a frame. By its name it is of the demo's own site.
fn around(stage: &Stage) -> Site {
    let site = Site::start(built("demo"), SiteOptions::default());
    let frame = format!("<iframe width='900' height='700' src='{}'></iframe>", stage.site.url(""));
    site.add_page("around.html", &format!("<!doctype html><title>Around</title>{frame}"));
    site
}

fn wait_for_refusal(browser: &Browser, code: &str) {
    assert_eq!(browser.attribute(part::ERROR, "data-code").as_deref(), Some(code));
    assert_eq!(browser.tabs().len(), 1, "no window was opened");
    assert!(browser.shows(part::HOME_LINK), "the app is still in the frame");
}

#[test]
fn f27_in_a_frame_of_another_site_nobody_is_sent_to_a_window_in_vain() {
    let stage = stage(&[]);
    let browser = &stage.browser;
    let around = around(&stage);
    browser.open(&around.url("around.html").replace("localhost", "127.0.0.1"));
    browser.enter_frame("iframe");
    wait_for_state(browser, "signed-out");
    browser.click(part::SIGN_IN);
    wait_for_refusal(browser, "page_in_foreign_frame");
}

#[test]
fn f27_in_a_frame_of_the_same_site_the_window_signs_in() {
    let stage = stage(&[]);
    let Stage { browser, provider, .. } = &stage;
    let around = around(&stage);
    browser.open(&around.url("around.html"));
    browser.enter_frame("iframe");
    wait_for_state(browser, "signed-out");
    browser.click(part::SIGN_IN);
    let page = go_to_window(browser);
    sign_in_in_window(browser, provider, &page);
    browser.enter_frame("iframe");
    stage.wait_for_profile();
}

#[test]
fn f27_a_frame_is_not_left_for_the_provider() {
    let stage = Stage::new();
    let browser = &stage.browser;
    let around = around(&stage);
    for (host, code) in [("localhost", "page_in_frame"), ("127.0.0.1", "page_in_foreign_frame")] {
        browser.open(&around.url("around.html").replace("localhost", host));
        browser.enter_frame("iframe");
        wait_for_state(browser, "signed-out");
        browser.click(part::SIGN_IN);
        wait_for_refusal(browser, code);
    }
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn a_window_whose_answer_nobody_takes_shows_nothing_of_the_app_and_then_says_so() {
    let stage = stage(&[]);
    let browser = &stage.browser;
    // Notes whether the app is ever to be seen before the error is.
    browser.before_every_page(
        "window.flashed = false;
         const look = () => {
             const header = document.querySelector('header');
             const failed = document.querySelector('[data-pixy=error]');
             const begun = document.documentElement.dataset.pixyState;
             if (begun && header?.checkVisibility() && !failed) window.flashed = true;
             requestAnimationFrame(look);
         };
         requestAnimationFrame(look)",
    );
    browser.open(
        &stage
            .site
            .url("callback.html?code=forged&state=p.Zm9yZWlnbi1zdGF0ZS1vZi0zMi1ieXRlcy1hbHRvZ2U"),
    );
    browser.wait_until("what the window says", || {
        let text = browser.try_execute("return document.body.innerText.trim()")?;
        let expected = "The sign-in goes on in the window where it began. You may close this one.";
        (text == expected).then_some(())
    });
    assert_eq!(browser.attribute(part::ERROR, "data-code").as_deref(), Some("login_not_found"));
    assert!(browser.execute("return window.flashed === false") == true);
    assert_eq!(browser.url(), stage.site.url("callback.html"));
}
