//! What goes wrong without anybody meaning harm.

use std::net::TcpListener;

use end_to_end::site::built;
use end_to_end::stage::{CLIENT_ID, HOSTILE_NAME, part, wait_for_error, wait_for_profile};
use end_to_end::{Browser, HostileStage, Options, Site, SiteOptions, Stage, checks};
use serde_json::json;

/// Clicks the sign-in button and expects this code; the page stays where it was.
fn sign_in_fails(browser: &Browser, site: &Site, code: &str) {
    browser.open(&site.url(""));
    browser.click(part::SIGN_IN);
    assert_eq!(wait_for_error(browser), code);
    assert_eq!(browser.url(), site.url(""));
    assert!(browser.shows(part::SIGN_IN), "one can try again");
    checks::nothing_is_left(browser, site, &[]);
}

#[test]
fn the_provider_is_not_running() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = closed.local_addr().expect("it has an address").port();
    drop(closed);
    let site = Site::start(built("demo"), SiteOptions::default());
    let issuer = format!("http://localhost:{port}");
    site.set_settings(json!({"issuer": issuer, "client_id": CLIENT_ID, "scope": "openid"}));
    sign_in_fails(&Browser::start(), &site, "network_or_cors");
}

#[test]
fn the_provider_has_no_cors() {
    let stage = HostileStage::new("discovery-no-cors");
    sign_in_fails(&stage.browser, &stage.site, "network_or_cors");
    let shown = stage.browser.text(part::ERROR);
    assert!(shown.contains("CORS"), "{shown}");
    stage.sign_in_honestly();
}

#[test]
fn the_issuer_is_written_another_way() {
    let stage = Stage::new();
    let issuer = stage.provider.issuer.replace("localhost", "127.0.0.1");
    stage.site.set_settings(json!({"issuer": issuer, "client_id": CLIENT_ID, "scope": "openid"}));
    sign_in_fails(&stage.browser, &stage.site, "discovery_issuer_mismatch");
}

#[test]
fn the_issuer_is_none() {
    let stage = HostileStage::new("t66-not-found");
    sign_in_fails(&stage.browser, &stage.site, "discovery_not_found");
    stage.sign_in_honestly();
}

#[test]
fn an_issuer_with_a_path_works() {
    let stage = HostileStage::new("honest");
    stage.try_to_sign_in();
    wait_for_profile(&stage.browser, HOSTILE_NAME);
    checks::nothing_is_left(&stage.browser, &stage.site, &stage.secrets());
}

/// A clock that is wrong by so many minutes in every page.
fn wrong_clock(minutes: i32) -> String {
    format!(
        "const RealDate = Date, shift = {minutes} * 60000;
         window.Date = class extends RealDate {{
             constructor(...given) {{ given.length ? super(...given) : super(RealDate.now() + shift); }}
             static now() {{ return RealDate.now() + shift; }}
         }};"
    )
}

fn signs_in_with_a_wrong_clock(minutes: i32) {
    let stage = Stage::new();
    stage.browser.before_every_page(&wrong_clock(minutes));
    stage.sign_in();
}

#[test]
fn t90_the_clock_is_ten_minutes_fast() {
    signs_in_with_a_wrong_clock(10);
}

#[test]
fn t90_the_clock_is_ten_minutes_slow() {
    signs_in_with_a_wrong_clock(-10);
}

#[test]
fn t91_session_storage_is_denied() {
    let stage = HostileStage::new("honest");
    stage.browser.before_every_page(
        "Object.defineProperty(window, 'sessionStorage', {
             get() { throw new DOMException('Access is denied for this document.', 'SecurityError'); }
         });",
    );
    stage.browser.open(&stage.site.url(""));
    stage.browser.click(part::SIGN_IN);
    assert_eq!(wait_for_error(&stage.browser), "storage_denied");
    assert!(stage.browser.shows(part::SIGN_IN), "the page stays usable");
    let requests = stage.server.requests("honest");
    assert!(requests.iter().all(|recorded| recorded.endpoint.name() == "discovery"));
}

#[test]
fn without_scripts_a_line_says_what_is_missing() {
    let options = Options { javascript: false, ..Options::default() };
    let site = Site::start(built("demo"), SiteOptions::default());
    let browser = Browser::start_with(&options);
    browser.open(&site.url(""));
    let page = browser.text("body");
    assert!(page.contains("JavaScript"), "{page}");
}
