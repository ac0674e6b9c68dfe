//! What people see, whatever they look with: small screens, dark ones, Japanese ones, no WebAssembly.

use end_to_end::pages::{self, FORGED_CALLBACK};
use end_to_end::performance;
use end_to_end::site::{Site, SiteOptions, built};
use end_to_end::stage::{part, wait_for_error, wait_for_state};
use end_to_end::{Browser, HostileStage, Options, Stage};

/// How much wider than the screen the page is, and what sticks out.
const OVERHANG: &str = "
    const {scrollWidth, clientWidth} = document.documentElement;
    const out = [...document.body.querySelectorAll('*')]
        .filter(element => element.getBoundingClientRect().right > clientWidth + 0.5)
        .map(element => element.tagName + '.' + element.getAttribute('class'));
    return [scrollWidth - clientWidth, out.slice(0, 10).join(' ')];";

fn fits(browser: &Browser) {
    let overhang = browser.execute(OVERHANG);
    assert_eq!(overhang[0], 0, "{} is wider than the screen: {}", browser.url(), overhang[1]);
}

/// How bright the page is, from 0 to 255.
fn brightness(browser: &Browser) -> i64 {
    let red =
        browser.execute("return getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]");
    red.as_str().and_then(|red| red.parse().ok()).expect("a colour")
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the language is the system's")]
fn a_small_dark_japanese_screen_shows_every_page_whole() {
    let options =
        Options { size: (360, 700), dark: true, locale: "ja".to_owned(), ..Options::default() };
    let stage = Stage::with(SiteOptions::default(), &options);
    let browser = &stage.browser;
    stage.open_home();
    assert!(browser.execute("return document.documentElement.lang === 'ja'") == true);
    assert_eq!(browser.text(part::SIGN_IN), "サインイン");
    assert!(brightness(browser) < 64);
    fits(browser);

    stage.sign_in();
    fits(browser);
    browser.click(part::PROFILE_LINK);
    browser.wait_for(part::PROFILE);
    fits(browser);
    browser.click(part::MAIL_LINK);
    browser.wait_for(part::INSUFFICIENT_SCOPE);
    fits(browser);
    browser.click(part::SIGN_OUT);
    wait_for_state(browser, "signed-out");
    browser.open(&stage.site.url(FORGED_CALLBACK));
    wait_for_error(browser);
    fits(browser);
    assert!(browser.text(part::ERROR).contains("サインインし直してください"));
}

/// Every page fits on the smallest screen that people have (WCAG 1.4.10), whoever is signed in.
fn fits_on_a_tiny_screen(locale: &str) {
    let size = (320, 640);
    let stage =
        Stage::with_lessons(&Options { size, locale: locale.to_owned(), ..Options::default() });
    let browser = &stage.browser;
    for page in pages::all() {
        browser.open(&stage.site.url(page));
        pages::wait_until_ready(browser);
        fits(browser);
    }
    assert_eq!(browser.execute("return innerWidth"), 320);
    // A long name and a long address.
    let maria = stage.provider.accounts.iter().find(|account| account.login == "maria");
    stage.open_home();
    browser.click(part::SIGN_IN);
    stage.provider.sign_in(browser, maria.expect("Maria"));
    stage.provider.allow(browser);
    wait_for_state(browser, "signed-in");
    for page in pages::LINKED {
        browser.click(&format!("nav a[href='./{page}']"));
        pages::wait_until_ready(browser);
        fits(browser);
    }
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "no window is so small")]
fn every_page_fits_on_a_tiny_screen_in_english() {
    fits_on_a_tiny_screen("en-US");
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "no window is so small")]
fn every_page_fits_on_a_tiny_screen_in_japanese() {
    fits_on_a_tiny_screen("ja");
}

#[test]
#[cfg_attr(
    any(feature = "firefox", feature = "webkit"),
    ignore = "the driver speaks no DevTools protocol"
)]
fn nothing_jumps_on_a_slow_computer() {
    let stage = Stage::with_lessons(&Options::default());
    let browser = &stage.browser;
    performance::watch(browser, 4.0);
    let stays = |page: &str| {
        let seen = performance::figures(browser);
        assert!(seen.layout_shift < 0.1, "{page}: {} {:?}", seen.layout_shift, seen.moved);
    };
    stage.open_home();
    stays("home");
    browser.click(part::SIGN_IN);
    stage.finish_sign_in();
    stays("the callback and home");
    for page in ["", "profile.html", "flow.html", "mail.html"] {
        browser.open(&stage.site.url(page));
        stays(page);
    }
}

#[test]
fn a_light_page_is_light_and_a_person_who_wants_no_motion_gets_none() {
    let stage = HostileStage::new("t38-never-answers");
    stage.try_to_sign_in();
    stage.browser.wait_for(part::BUSY);
    assert!(brightness(&stage.browser) > 192);
    assert_eq!(stage.browser.execute("return document.getAnimations().length"), 0);
}

#[test]
fn an_error_leads_to_its_explanation_on_a_page_of_its_own() {
    let site = Site::start(built("demo"), SiteOptions::default());
    let browser = Browser::start();
    browser.open(&site.url(FORGED_CALLBACK));
    wait_for_error(&browser);
    browser.click(r#"[data-pixy="error-more"]"#);
    let explained = |browser: &Browser| {
        browser.wait_for("#login_not_found");
        let focused = browser.execute("return document.activeElement.id");
        assert_eq!(focused, "login_not_found");
        assert!(browser.text("#login_not_found").contains("No sign-in is waiting"));
    };
    browser.wait_for_url("the explanation", |url| url == site.url("errors.html#login_not_found"));
    explained(&browser);
    // The same address, opened anew.
    browser.open(&site.url(""));
    browser.open(&site.url("errors.html#login_not_found"));
    explained(&browser);
}

/// What the demo says in the place of the app.
fn assert_says(browser: &Browser, site: &Site, shown: &str, words: &str) {
    browser.open(&site.url(""));
    assert!(browser.text(shown).contains(words));
    assert!(!browser.shows(part::SIGN_IN), "a button that does nothing");
}

#[test]
fn f28_a_browser_that_may_not_run_webassembly_is_told_so() {
    let site = Site::start(built("demo"), SiteOptions::default());
    let policy = "script-src 'self'".to_owned();
    site.set_headers(vec![("Content-Security-Policy".to_owned(), policy)]);
    assert_says(&Browser::start(), &site, "#no-webassembly", "needs WebAssembly");
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn f28_a_browser_without_webassembly_is_told_so() {
    let site = Site::start(built("demo"), SiteOptions::default());
    let browser = Browser::start();
    browser.before_every_page("delete window.WebAssembly");
    assert_says(&browser, &site, "#no-webassembly", "needs WebAssembly");
}
