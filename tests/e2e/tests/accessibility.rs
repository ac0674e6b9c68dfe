//! axe-core finds nothing on any page, whoever looks: in light and dark, in English and Japanese, signed out
//! and in.

use std::fs;

use end_to_end::pages;
use end_to_end::site::workspace;
use end_to_end::stage::{part, wait_for_state};
use end_to_end::{Browser, Options, Stage};
use serde_json::json;

/// Everything that axe knows, its advice on good practice included.
const LOOK: &str = "
    return axe.run(document, {resultTypes: ['violations']}).then(({violations}) =>
        violations.map(({id, nodes}) => id + nodes.map(node =>
            '\\n    ' + node.target.join(' ') + ': ' + node.failureSummary.replaceAll('\\n', ' ')).join('')))";

/// axe-core, and what it is asked. WebDriver runs it beside the page's policy.
fn script() -> String {
    let file = workspace().join("tests/e2e/node_modules/axe-core/axe.min.js");
    let axe = fs::read_to_string(file).expect("axe-core is not installed: run `cargo xtask setup`");
    axe + LOOK
}

/// What axe finds on the page that is shown, once it has all it shows.
fn findings(browser: &Browser, script: &str) -> Vec<String> {
    pages::wait_until_ready(browser);
    let url = browser.url();
    let found = browser.execute(script);
    let found = found.as_array().unwrap_or_else(|| panic!("no answer of axe: {found}"));
    found.iter().filter_map(|text| text.as_str()).map(|text| format!("{url}: {text}")).collect()
}

/// Looks at every page, signed out and in.
fn look_at_every_page(options: &Options) {
    let stage = Stage::with_lessons(options);
    let (browser, script) = (&stage.browser, script());
    let mut found = Vec::new();
    for page in pages::all() {
        browser.open(&stage.site.url(page));
        found.extend(findings(browser, &script));
    }
    browser.open(&stage.site.url(""));
    browser.click(part::SIGN_IN);
    stage.provider.sign_in(browser, stage.account());
    stage.provider.allow(browser);
    wait_for_state(browser, "signed-in");
    found.extend(findings(browser, &script));
    // By links, for so the lessons have a sign-in to show.
    for page in pages::LINKED {
        browser.click(&format!("nav a[href='./{page}']"));
        found.extend(findings(browser, &script));
    }
    assert!(found.is_empty(), "axe found:\n{}", found.join("\n"));
}

#[test]
fn axe_finds_nothing_on_light_pages_in_english() {
    look_at_every_page(&Options::default());
}

#[test]
fn axe_finds_nothing_on_dark_pages_in_english() {
    look_at_every_page(&Options { dark: true, ..Options::default() });
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the language is the system's")]
fn axe_finds_nothing_on_light_pages_in_japanese() {
    look_at_every_page(&Options { locale: "ja".to_owned(), ..Options::default() });
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the language is the system's")]
fn axe_finds_nothing_on_dark_pages_in_japanese() {
    look_at_every_page(&Options { dark: true, locale: "ja".to_owned(), ..Options::default() });
}

#[test]
fn axe_finds_nothing_where_people_sign_in_with_google() {
    let options = ["--upstream", "google", "--stand-in-port", "0"];
    let settings = json!({"upstream": "google", "upstream_is_stand_in": true});
    let stage = Stage::with_provider(&options, |_| settings.clone());
    let browser = &stage.browser;
    stage.open_home();
    browser.wait_for("#upstream p.stand-in");
    browser.click("#upstream [lang=en] summary");
    let mut found = findings(browser, &script());
    browser.click(part::SIGN_IN);
    browser.wait_for("#stand-in");
    let at_stand_in = browser.execute(&script());
    found.extend(at_stand_in.as_array().into_iter().flatten().map(|text| text.to_string()));
    assert!(found.is_empty(), "axe found:\n{}", found.join("\n"));
}

#[test]
fn axe_would_find_a_button_without_a_name() {
    let stage = Stage::with_lessons(&Options::default());
    let browser = &stage.browser;
    stage.open_home();
    browser.execute("document.querySelector('main').append(document.createElement('button'))");
    let found = findings(browser, &script());
    assert!(found.iter().any(|text| text.contains("button-name")), "{found:?}");
}
