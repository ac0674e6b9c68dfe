//! The demo in English and Japanese: chosen by the browser, by the address, or by a link.

use end_to_end::pages;
use end_to_end::stage::{part, wait_for_state};
use end_to_end::{Browser, Options, Site, SiteOptions, Stage, site};
use serde_json::Value;

/// The link to the same page in the other language.
const SWITCH: &str = "a.language";

/// The headings of the first order that are shown, and which language they are in.
const HEADINGS: &str = "
    const shown = [...document.querySelectorAll('h1')].filter(h1 => h1.getClientRects().length > 0);
    return shown.map(h1 => [h1.innerText, h1.closest('[lang]').lang, h1 === document.activeElement]);";

/// The one heading of the first order: its text, its language, and whether it has the focus.
fn heading(browser: &Browser) -> (String, String, bool) {
    let shown = browser.execute(HEADINGS);
    let shown = shown.as_array().expect("a list");
    assert_eq!(shown.len(), 1, "one heading at {}: {shown:?}", browser.url());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&shown[0][0]), text(&shown[0][1]), shown[0][2] == true)
}

fn is_japanese(text: &str) -> bool {
    let is_kana = |letter: char| ('\u{3040}'..='\u{30ff}').contains(&letter);
    text.chars().any(is_kana)
}

/// What the page says, apart from the names of its links, languages among them.
fn words(browser: &Browser) -> String {
    let text = browser.execute("return document.querySelector('main').innerText");
    text.as_str().unwrap_or_default().to_owned()
}

/// Checks that the page speaks one language: in its heading, its text, and to whoever reads it aloud.
fn speaks(browser: &Browser, language: &str) {
    pages::wait_until_ready(browser);
    let url = browser.url();
    assert_eq!(browser.execute("return document.documentElement.lang"), language, "{url}");
    let (heading, lang, _) = heading(browser);
    assert_eq!(lang, language, "the heading at {url}");
    let words = words(browser);
    assert_eq!(is_japanese(&words), language == "ja", "{url}: {heading}: {words}");
}

fn sign_in_here(stage: &Stage) {
    stage.browser.click(part::SIGN_IN);
    // Somebody whose data have no letters of Japan.
    let account = stage.provider.accounts.iter().find(|account| account.login == "ada");
    stage.provider.sign_in(&stage.browser, account.expect("Ada"));
    stage.provider.allow(&stage.browser);
    wait_for_state(&stage.browser, "signed-in");
}

#[test]
fn every_page_speaks_the_language_of_its_address() {
    let stage = Stage::with_lessons(&Options::default());
    let browser = &stage.browser;
    for language in ["ja", "en"] {
        for page in pages::all() {
            let separator = if page.contains('?') { '&' } else { '?' };
            browser.open(&stage.site.url(&format!("{page}{separator}lang={language}")));
            speaks(browser, language);
        }
    }
}

#[test]
fn every_link_keeps_language_and_session_and_brings_the_focus_to_the_heading() {
    let stage = Stage::with_lessons(&Options::default());
    let browser = &stage.browser;
    for language in ["ja", "en"] {
        browser.open(&stage.site.url(&format!("?lang={language}")));
        // A link that is clicked before the app is there opens the page anew.
        pages::wait_until_ready(browser);
        if language == "ja" {
            sign_in_here(&stage);
        }
        for page in pages::LINKED.into_iter().rev() {
            browser.click(&format!("nav a[href='./{page}']"));
            let wanted = stage.site.url(page);
            browser.wait_for_url(page, |url| url.split('?').next() == Some(&*wanted));
            speaks(browser, language);
            browser.wait_until("the focus on the heading", || heading(browser).2.then_some(()));
            wait_for_state(browser, "signed-in");
            let current = browser.attribute("nav a[aria-current=page]", "href");
            assert_eq!(current, Some(format!("./{page}")));
        }
    }
}

#[test]
fn another_language_leaves_page_and_session_as_they_are() {
    let stage = Stage::with_lessons(&Options::default());
    let browser = &stage.browser;
    browser.open(&stage.site.url("pkce.html"));
    wait_for_state(browser, "signed-out");
    speaks(browser, "en");
    assert_eq!(browser.text(SWITCH), "日本語");
    browser.click(SWITCH);
    browser.wait_for_url("the address", |url| url == stage.site.url("pkce.html?lang=ja"));
    speaks(browser, "ja");
    let focus = browser.execute("return document.activeElement.matches('a.language')");
    assert_eq!(focus, true, "the focus stays");

    browser.open(&stage.site.url("profile.html"));
    // The tab remembers, also on the way through the provider.
    sign_in_here(&stage);
    browser.wait_for_url("the page before", |url| url == stage.site.url("profile.html"));
    speaks(browser, "ja");
    browser.click(SWITCH);
    browser.wait_for_url("the address", |url| url == stage.site.url("profile.html?lang=en"));
    speaks(browser, "en");
    wait_for_state(browser, "signed-in");
    assert_eq!(browser.text(part::NAME), "Ada Byron");
    browser.back();
    browser.wait_for_url("the address before", |url| url == stage.site.url("profile.html"));
    wait_for_state(browser, "signed-in");
}

#[test]
fn articles_can_be_read_without_scripts_in_both_languages() {
    let site = Site::start(site::built("demo"), SiteOptions::default());
    let options = Options { javascript: false, ..Options::default() };
    let browser = Browser::start_with(&options);
    for page in pages::articles() {
        browser.open(&site.url(page));
        for language in ["en", "ja"] {
            let text = browser.text(&format!("#article > [lang={language}]"));
            assert!(text.chars().count() > 300, "{page} in {language}: {text}");
            assert_eq!(is_japanese(&text), language == "ja", "{page}: {text}");
        }
    }
}
