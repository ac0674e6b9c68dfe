//! The example that a server renders (examples/ssr): what it says before any script runs, how the browser
//! takes it over, and the sign-in after that.

use end_to_end::process::Process;
use end_to_end::site::built_example;
use end_to_end::stage::{HOSTILE_NAME, part};
use end_to_end::{Browser, Options};
use hostile_server::{Endpoint, Server};

const CASE: &str = "honest";

/// Keeps the element that the server wrote, before any program of the page takes it over.
const KEEP: &str = "document.addEventListener('DOMContentLoaded', () => {
    window.written = document.querySelector('h1');
});";

struct Example {
    provider: Server,
    origin: String,
    browser: Browser,
    _server: Process,
}

impl Example {
    fn new(options: &Options) -> Self {
        let provider = hostile_server::start(0).expect("a free port");
        let (server, origin) = start(&provider.issuer(CASE));
        Self { provider, origin, browser: Browser::start_with(options), _server: server }
    }

    fn open_home(&self) {
        self.browser.open(&format!("{}/", self.origin));
    }

    /// A page that isn't found as the server wrote it makes Leptos warn, or panic.
    fn nothing_was_complained_of(&self) {
        assert_eq!(self.browser.console().unwrap_or_default(), Vec::<String>::new());
    }
}

/// Starts the example's server, which `cargo xtask test e2e` has built, and returns its origin.
fn start(issuer: &str) -> (Process, String) {
    let folder = built_example();
    let arguments = [
        "LEPTOS_OUTPUT_NAME=tea_house".to_owned(),
        format!("LEPTOS_SITE_ROOT={}", folder.join("site").display()),
        "LEPTOS_SITE_ADDR=127.0.0.1:0".to_owned(),
        format!("PIXY_ISSUER={issuer}"),
        folder.join("tea-house").display().to_string(),
    ];
    let ready = |line: &str| line.strip_prefix("listening on ").map(str::to_owned);
    Process::start("env", &arguments, ready).expect("the example's server starts")
}

#[test]
fn the_server_says_what_is_the_same_for_all() {
    let example = Example::new(&Options { javascript: false, ..Options::default() });
    example.open_home();
    assert_eq!(example.browser.text("h1"), "Tea house");
    assert_eq!(example.browser.text(part::BUSY), "Signing in…");
    assert!(!example.browser.shows(part::SIGN_IN));
    assert_eq!(example.provider.requests(CASE).len(), 0, "the server asked the provider");
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn the_browser_takes_the_page_over_and_signs_in() {
    let example = Example::new(&Options::default());
    let Example { browser, provider, origin, .. } = &example;
    browser.before_every_page(KEEP);
    example.open_home();
    browser.wait_for(part::SIGN_IN);
    let is_kept = "return window.written === document.querySelector('h1')";
    assert_eq!(browser.execute(is_kept), true, "the server's element was taken over");
    example.nothing_was_complained_of();

    browser.click(part::SIGN_IN);
    assert_eq!(browser.text(part::NAME), HOSTILE_NAME);
    assert_eq!(browser.url(), format!("{origin}/"));
    assert_eq!(provider.count(CASE, Endpoint::Token), 1);
    example.nothing_was_complained_of();

    browser.click(part::SIGN_OUT);
    browser.wait_for(part::SIGN_IN);
    example.nothing_was_complained_of();
}
