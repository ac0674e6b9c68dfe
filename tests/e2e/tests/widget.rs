//! The widget on its example page: plain HTML on another origin than the demo.

use end_to_end::provider::LOGIN;
use end_to_end::site::built;
use end_to_end::{Browser, Provider, Site, SiteOptions, checks};
use serde_json::Value;

const SIGN_IN: &str = r#"pixy-login >>> [data-pixy="sign-in"]"#;
const SIGN_OUT: &str = r#"pixy-login >>> [data-pixy="sign-out"]"#;
const NAME: &str = r#"pixy-login >>> [data-pixy="profile-name"]"#;
const ERROR: &str = r#"pixy-login >>> [data-pixy="error"]"#;

/// Keeps what the element tells, and policy violations, where the test can read them.
const LISTENER: &str = "
    window.told = [];
    for (const name of ['pixy-signed-in', 'pixy-signed-out', 'pixy-error']) {
        document.addEventListener(name, event => told.push([name, event.detail]));
    }
    addEventListener('securitypolicyviolation', event => console.error('violated', event.violatedDirective));";

/// Where the example page expects the provider.
const EXAMPLE_ISSUER: &str = "http://localhost:9400";

struct Example {
    site: Site,
    provider: Provider,
    browser: Browser,
}

impl Example {
    fn new() -> Self {
        // The provider must know the page's address before the page can be told the provider's.
        let site = Site::start(built("widget-example"), SiteOptions::default());
        site.add_directory(built("widget"));
        let provider = Provider::start(&[("pixy-widget", &site.url(""))]);
        site.replace(EXAMPLE_ISSUER, &provider.issuer);
        let browser = Browser::start();
        browser.before_every_page(LISTENER);
        Self { site, provider, browser }
    }

    fn told(&self, name: &str) -> Vec<Value> {
        let told = self.browser.execute("return window.told");
        let told = told.as_array().cloned().unwrap_or_default();
        told.into_iter().filter(|event| event[0] == name).map(|event| event[1].clone()).collect()
    }
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn a_person_signs_in_and_out_on_a_plain_page() {
    let example = Example::new();
    let Example { site, provider, browser } = &example;
    let account = provider.account();
    browser.open(&site.url(""));
    browser.click(SIGN_IN);
    provider.sign_in(browser, account);
    provider.allow(browser);
    assert_eq!(browser.text(NAME), account.name);
    assert_eq!(browser.url(), site.url(""));

    let told = example.told("pixy-signed-in");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["name"], account.name.as_str());
    let text = told[0].to_string();
    assert!(!text.contains("token"), "events hold no token: {text}");
    assert!(browser.text("#greeting").contains(&account.name), "the page heard it");
    checks::nothing_is_left(browser, site, &[]);

    browser.click(SIGN_OUT);
    browser.wait_for(SIGN_IN);
    assert_eq!(example.told("pixy-signed-out").len(), 1);
    assert!(browser.find(NAME).is_none());
    let console = browser.console().expect("the console is told");
    assert!(!console.iter().any(|line| line.contains("violated")), "{console:?}");
}

/// What a script of the page comes to that waits for the element.
fn run(browser: &Browser, script: &str) -> Value {
    browser.execute(&format!(
        "const pixy = document.querySelector('pixy-login');
         return (async () => {{ {script} }})().catch(why => [why.name, why.code ?? why.message])"
    ))
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn a_script_of_the_page_signs_in_calls_an_api_and_signs_out() {
    let example = Example::new();
    let Example { site, provider, browser } = &example;
    let (account, issuer) = (provider.account(), &provider.issuer);
    let listed = format!(r#"client-id="pixy-widget" dpop-api="{issuer}""#);
    site.replace(r#"client-id="pixy-widget""#, &listed);
    browser.open(&site.url(""));
    // Before the program is there.
    browser.execute("document.querySelector('pixy-login').signIn()");
    provider.sign_in(browser, account);
    provider.allow(browser);
    let call = format!(
        "const answer = await pixy.fetch('{issuer}/me');
         return [answer instanceof Response, answer.status, (await answer.json()).name, pixy.session.name]"
    );
    browser.wait_for(NAME);
    assert_eq!(run(browser, &call), serde_json::json!([true, 200, account.name, account.name]));
    let elsewhere = run(browser, "return await pixy.fetch('https://api.example/')");
    assert_eq!(elsewhere, serde_json::json!(["PixyError", "origin_not_allowed"]));
    let ended =
        format!("return await pixy.fetch('{issuer}/me', {{ signal: AbortSignal.abort() }})");
    assert_eq!(run(browser, &ended)[0], "AbortError");
    checks::nothing_is_left(browser, site, &[]);

    assert_eq!(run(browser, "await pixy.signOut(); return pixy.session"), Value::Null);
    assert_eq!(run(browser, &call), serde_json::json!(["PixyError", "not_signed_in"]));
    let gone = run(browser, "pixy.remove(); return await pixy.fetch('/')");
    assert_eq!(gone[0], "InvalidStateError");
    let console = browser.console().expect("the console is told");
    assert!(!console.iter().any(|line| line.contains("violated")), "{console:?}");
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn the_metadata_is_asked_for_while_the_widget_is_on_its_way() {
    let example = Example::new();
    let Example { site, provider, browser } = &example;
    let metadata = format!("{}/.well-known/openid-configuration", provider.issuer);
    let asked = || browser.requests().iter().filter(|request| request.url == metadata).count();
    site.hold(".wasm");
    browser.open(&site.url(""));
    browser.wait_until("the metadata is asked for", || (asked() > 0).then_some(()));
    site.let_go();
    browser.click(SIGN_IN);
    browser.wait_for(LOGIN);
    assert_eq!(asked(), 1, "the widget takes what was asked for");
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn a_person_who_cancels_is_told_so() {
    let example = Example::new();
    let Example { site, provider, browser } = &example;
    browser.open(&site.url(""));
    browser.click(SIGN_IN);
    browser.wait_for(end_to_end::provider::LOGIN);
    provider.cancel(browser);
    assert_eq!(browser.attribute(ERROR, "data-code").as_deref(), Some("access_denied"));
    assert_eq!(example.told("pixy-error")[0]["code"], "access_denied");
    checks::nothing_is_left(browser, site, &[]);

    browser.click(r#"pixy-login >>> [data-pixy="retry"]"#);
    provider.sign_in(browser, provider.account());
    provider.allow(browser);
    assert_eq!(browser.text(NAME), provider.account().name);
}

/// What the widget says, and tells the page, when its program does not run: whether trying again is offered.
fn assert_not_loaded(example: &Example, code: &str, fault: &str, retry: bool) {
    let Example { site, browser, .. } = example;
    browser.open(&site.url(""));
    assert_eq!(browser.attribute(ERROR, "data-code").as_deref(), Some(code));
    let told = example.told("pixy-error");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((&told[0]["code"], &told[0]["fault"]), (&code.into(), &fault.into()));
    assert_eq!(told[0]["retry"], retry);
    assert_eq!(browser.shows(SIGN_IN), retry);
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn f28_the_widget_says_that_webassembly_is_missing() {
    let example = Example::new();
    example.browser.before_every_page("delete window.WebAssembly");
    assert_not_loaded(&example, "webassembly_missing", "browser", false);
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn f28_the_widget_says_that_a_policy_keeps_webassembly_out() {
    let example = Example::new();
    let policy = "script-src 'self' 'unsafe-inline'".to_owned();
    example.site.set_headers(vec![("Content-Security-Policy".to_owned(), policy)]);
    assert_not_loaded(&example, "webassembly_blocked", "configuration", false);
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn f28_a_program_that_does_not_come_may_be_tried_again() {
    let example = Example::new();
    example.site.add_page("pixy-login.wasm", "not a program");
    assert_not_loaded(&example, "widget_not_loaded", "network", true);
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn a_program_that_comes_to_grief_says_so() {
    let example = Example::new();
    // In the middle of what the program does first.
    example.browser.before_every_page(
        "const own = Element.prototype.getAttribute;
         Element.prototype.getAttribute = function (name) {
             if (this.localName === 'pixy-login' && name === 'client-id') throw new Error('grief');
             return own.call(this, name);
         };",
    );
    assert_not_loaded(&example, "widget_failed", "browser", false);
}

#[test]
fn a_program_is_asked_for_by_what_is_in_it() {
    let site = Site::start(built("widget-example"), SiteOptions::default());
    site.add_directory(built("widget"));
    let browser = Browser::start();
    browser.open(&site.url(""));
    browser.wait_for(SIGN_IN);
    let loaded = browser.execute(
        "return performance.getEntriesByType('resource').map(({name}) => name)
             .filter(name => name.includes('.wasm'))",
    );
    let loaded: Vec<_> = loaded.as_array().into_iter().flatten().collect();
    let [Value::String(url)] = loaded[..] else { panic!("{loaded:?}") };
    let hash = url.split_once("/pixy-login.wasm?").map(|(_, hash)| hash).unwrap_or_default();
    assert!(hash.len() == 16 && hash.bytes().all(|digit| digit.is_ascii_hexdigit()), "{url}");
}

#[test]
fn a_page_with_the_tags_of_a_build_loads_its_program_once() {
    let tags = built("widget").join("tags.html");
    let tags = std::fs::read_to_string(&tags).expect("the tags");
    let site = Site::start(built("widget-example"), SiteOptions::default());
    site.add_directory(built("widget"));
    site.replace(r#"<script type="module" src="pixy-login.js"></script>"#, &tags);
    let browser = Browser::start();
    browser.open(&site.url(""));
    // Nobody is at the provider's address, which only the program can tell.
    browser.click(SIGN_IN);
    browser.wait_for(ERROR);
    let loaded = site.requests().into_iter().filter(|request| request.path.contains(".wasm"));
    assert_eq!(loaded.count(), 1);
}

/// The example page with something else in the place of a text of it, and whether the file of Japanese texts was asked
/// for until the button says `button`.
fn asks_for_japanese(page: (&str, &str), file: Option<&str>, button: &str) -> bool {
    let site = Site::start(built("widget-example"), SiteOptions::default());
    site.add_directory(built("widget"));
    if let Some(file) = file {
        site.add_page("pixy-login.ja.json", file);
    }
    site.add_page("own.json", r#"{ "language": "en", "try_again": "Once more" }"#);
    site.replace(page.0, page.1);
    let browser = Browser::start();
    browser.open(&site.url(""));
    // Nobody is at the provider's address, which only the program can tell.
    browser.click(SIGN_IN);
    browser.wait_for(ERROR);
    assert_eq!(browser.text("pixy-login >>> [data-pixy=retry]"), button);
    site.requests().iter().any(|request| request.path.ends_with("pixy-login.ja.json"))
}

#[test]
fn a_page_loads_the_texts_of_its_language_and_no_others() {
    const PAGE: &str = r#"<html lang="en">"#;
    assert!(!asks_for_japanese((PAGE, r#"<html lang="en-GB">"#), None, "Try again"));
    assert!(!asks_for_japanese((PAGE, r#"<html lang="fr">"#), None, "Try again"));
    assert!(asks_for_japanese((PAGE, r#"<html lang="ja-JP">"#), None, "もう一度試す"));
}

#[test]
fn a_language_that_changes_while_the_program_is_on_its_way_is_spoken() {
    let site = Site::start(built("widget-example"), SiteOptions::default());
    site.add_directory(built("widget"));
    site.hold("pixy-login.wasm");
    let browser = Browser::start();
    browser.open(&site.url(""));
    browser.wait_for(SIGN_IN);
    browser.execute("document.querySelector('pixy-login').lang = 'ja'");
    site.let_go();
    browser.click(SIGN_IN);
    browser.wait_for(ERROR);
    assert_eq!(browser.text("pixy-login >>> [data-pixy=retry]"), "もう一度試す");
}

#[test]
fn texts_that_are_not_of_this_build_are_not_shown() {
    let page = (r#"<html lang="en">"#, r#"<html lang="ja">"#);
    let other = r#"{ "language": "ja", "try_again": "エラー" }"#;
    assert!(asks_for_japanese(page, Some(other), "Try again"));
}

#[test]
fn a_page_says_what_it_likes() {
    let page = ("<pixy-login\n", "<pixy-login texts=\"own.json\"\n");
    assert!(!asks_for_japanese(page, None, "Once more"));
}

#[test]
fn an_element_in_another_document_keeps_its_look() {
    let site = Site::start(built("widget-example"), SiteOptions::default());
    site.add_directory(built("widget"));
    let browser = Browser::start();
    browser.open(&site.url(""));
    browser.wait_for(SIGN_IN);
    let sheets = browser.execute(
        "const frame = document.createElement('iframe');
         document.body.append(frame);
         const login = document.querySelector('pixy-login');
         frame.contentDocument.body.append(login);
         return login.shadowRoot.adoptedStyleSheets.map(({cssRules}) => cssRules.length > 0)",
    );
    assert_eq!(sheets, serde_json::json!([true]));
}
