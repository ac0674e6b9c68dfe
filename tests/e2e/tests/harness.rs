//! The harness itself, on a page of its own: so that a failing test means the app, not the tool.

use std::env;

use end_to_end::site::strict_policy;
use end_to_end::{Browser, Options, Provider, Site, SiteOptions, checks};

const PAGE: &str = r#"<!doctype html><title>A page</title>
<script src="page.js" defer></script>
<button id="button">Count</button><p id="count">0</p><host-element></host-element>"#;

const SCRIPT: &str = r#"
button.onclick = () => { count.textContent = Number(count.textContent) + 1; };
const root = document.querySelector("host-element").attachShadow({mode: "open"});
root.append(Object.assign(document.createElement("p"), {id: "inside", textContent: "in the shadow"}));
sessionStorage.setItem("key", "value");
console.error("a line of the console");
fetch("fetched.txt?from=page#fragment", {method: "POST", body: "the body"});
"#;

fn site(prefix: &str) -> Site {
    let pages = [("index.html", PAGE), ("page.js", SCRIPT), ("fetched.txt", "text")];
    let options = SiteOptions {
        prefix: prefix.to_owned(),
        pages: pages.map(|(name, text)| (name.to_owned(), text.to_owned())).into(),
        ..SiteOptions::default()
    };
    Site::start(env::temp_dir(), options)
}

#[test]
fn a_page_can_be_found_clicked_and_read() {
    let (site, browser) = (site("/sub/path"), Browser::start());
    browser.open(&site.url(""));
    browser.click("#button");
    browser.click("#button");
    assert_eq!(browser.text("#count"), "2");
    assert_eq!(browser.text("host-element >>> #inside"), "in the shadow");
    assert!(browser.find("host-element >>> #nothing").is_none());
    assert_eq!(browser.session_storage(), [("key".to_owned(), "value".to_owned())]);
    assert!(site.requests().iter().any(|request| request.path == "/sub/path/page.js"));
}

#[test]
fn what_is_not_there_is_said_and_ends_nothing() {
    let (site, browser) = (site(""), Browser::start());
    site.add_page("form.html", "<input id=field value=before><p id=hidden title=t hidden>text</p>");
    browser.open(&site.url("form.html"));
    assert_eq!(browser.try_url(), Some(site.url("form.html")));
    assert!(browser.try_type("#field", "after"));
    assert_eq!(browser.execute("return field.value"), "after");
    assert!(!browser.try_type("#hidden", "text"));
    assert!(!browser.try_click("#hidden"));
    assert_eq!(browser.try_text("#hidden"), None);
    assert_eq!(browser.try_attribute("#hidden", "title").as_deref(), Some("t"));
    assert_eq!(browser.try_attribute("#nothing", "title"), None);
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver deletes the cookies of one page only")]
fn cookies_of_all_sites_are_forgotten() {
    let (site, browser) = (site(""), Browser::start());
    site.add_page("cookie.html", "<script>document.cookie ||= 'name=value'</script>");
    site.add_page("plain.html", "<title>Another page</title>");
    let another_site = site.url("plain.html").replace("localhost", "127.0.0.1");
    browser.open(&site.url("cookie.html"));
    assert_eq!(browser.execute("return document.cookie"), "name=value");
    browser.open(&another_site);
    browser.clear_cookies();
    browser.open(&site.url("plain.html"));
    assert_eq!(browser.execute("return document.cookie"), "");
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no history")]
fn the_history_is_told() {
    let (site, browser) = (site(""), Browser::start());
    browser.open(&site.url(""));
    browser.open(&site.url("another"));
    let history = browser.history().expect("the history is told");
    assert!(history.ends_with(&[site.url(""), site.url("another")]), "{history:?}");
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn requests_and_console_are_recorded_across_pages() {
    let (site, browser) = (site(""), Browser::start());
    browser.open(&site.url(""));
    browser.open(&site.url("another"));
    let requests = browser.requests();
    let fetched = requests.iter().find(|request| request.url.contains("fetched.txt"));
    let fetched = fetched.expect("the fetch is recorded");
    assert_eq!(fetched.method, "POST");
    assert!(!browser.tells_bodies() || fetched.body == "the body", "{}", fetched.body);
    let console = browser.console().expect("the console is told");
    assert!(console.iter().any(|line| line.contains("a line of the console")), "{console:?}");
}

#[test]
fn the_keyboard_reaches_the_focused_element() {
    let (site, browser) = (site(""), Browser::start());
    browser.open(&site.url(""));
    browser.press('\u{e004}');
    browser.press('\u{e007}');
    assert_eq!(browser.text("#count"), "1");
}

#[test]
fn tabs_have_storage_of_their_own() {
    let (site, browser) = (site(""), Browser::start());
    browser.open(&site.url(""));
    let first = browser.tab();
    browser.new_tab(&Options::default());
    browser.open(&site.url("another"));
    assert!(browser.session_storage().is_empty());
    browser.switch_to(&first);
    assert_eq!(browser.session_storage().len(), 1);
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn options_reach_the_page() {
    let options = Options { dark: true, locale: "ja".to_owned(), ..Options::default() };
    let (site, browser) = (site(""), Browser::start_with(&options));
    browser.before_every_page("window.before = true");
    browser.open(&site.url(""));
    let seen = browser.execute(
        "return [matchMedia('(prefers-color-scheme: dark)').matches, navigator.language, window.before]",
    );
    assert_eq!(seen.to_string(), r#"[true,"ja",true]"#);
}

#[test]
fn scripts_can_be_switched_off() {
    let options = Options { javascript: false, ..Options::default() };
    let (site, browser) = (site(""), Browser::start_with(&options));
    site.add_page("plain.html", "<noscript><p id=line>Without scripts</p></noscript>");
    browser.open(&site.url("plain.html"));
    assert_eq!(browser.text("#line"), "Without scripts");
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no console")]
fn violations_of_a_policy_reach_the_console() {
    let (site, browser) = (site(""), Browser::start());
    site.set_headers(vec![strict_policy(&[], &[])]);
    site.add_page("inline.html", "<script>document.title = 'ran'</script>");
    browser.open(&site.url("inline.html"));
    let console = browser.console().expect("the console is told");
    assert!(console.iter().any(|line| checks::tells_of_a_violation(line)), "{console:?}");
}

#[test]
fn a_person_can_sign_in_at_the_provider() {
    let (site, browser) = (site(""), Browser::start());
    site.add_page("callback.html", "<!doctype html><title>Back</title>");
    let provider = Provider::start(&[("harness", &site.url("callback.html"))]);
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    browser.open(&format!(
        "{}/auth?client_id=harness&response_type=code&scope=openid&state=S&redirect_uri={}\
         &code_challenge={challenge}&code_challenge_method=S256",
        provider.issuer,
        site.url("callback.html")
    ));
    provider.sign_in(&browser, provider.account());
    provider.allow(&browser);
    let callback = site.url("callback.html?code=");
    browser.wait_for_url("the callback", |url| url.starts_with(&callback));
}
