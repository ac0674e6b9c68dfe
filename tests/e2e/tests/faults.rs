//! What goes wrong without anybody meaning harm.

use std::collections::HashSet;
use std::thread;
use std::time::Duration;

use end_to_end::site::built;
use end_to_end::stage::{
    CLIENT_ID, HOSTILE_NAME, part, try_again, wait_for_error, wait_for_profile, wait_for_state,
};
use end_to_end::trouble::{set_offline, while_frozen};
use end_to_end::{Browser, HostileStage, Options, Site, SiteOptions, Stage, checks, port};
use hostile_server::{Endpoint, Fault};
use serde_json::json;

/// Clicks the sign-in button and expects this code; the page stays where it was.
fn sign_in_fails(browser: &Browser, site: &Site, code: &str) {
    browser.open(&site.url(""));
    // Pressed on the page that waits for the app and released on the app, a button is not clicked.
    wait_for_state(browser, "signed-out");
    browser.click(part::SIGN_IN);
    assert_eq!(wait_for_error(browser), code);
    assert_eq!(browser.url(), site.url(""));
    assert!(browser.shows(part::SIGN_IN), "one can try again");
    checks::nothing_is_left(browser, site, &[]);
}

#[test]
fn the_provider_is_not_running() {
    let site = Site::start(built("demo"), SiteOptions::default());
    let issuer = format!("http://localhost:{}", port::free());
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
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn t90_the_clock_is_ten_minutes_fast() {
    signs_in_with_a_wrong_clock(10);
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn t90_the_clock_is_ten_minutes_slow() {
    signs_in_with_a_wrong_clock(-10);
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn t91_session_storage_is_denied() {
    let stage = HostileStage::new("honest");
    stage.browser.before_every_page(
        "Object.defineProperty(window, 'sessionStorage', {
             get() { throw new DOMException('Access is denied for this document.', 'SecurityError'); }
         });",
    );
    stage.try_to_sign_in();
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

/// The demo at a server that rotates refresh tokens and ends the family of one that comes twice.
fn rotating() -> HostileStage {
    HostileStage::new("refresh")
}

/// Has the answers of an endpoint hang from now on.
fn hang(stage: &HostileStage, endpoint: Endpoint) {
    stage.server.plan(&stage.case, endpoint, Fault::Hang, None);
}

/// Waits until an endpoint was called so often.
fn wait_for_calls(stage: &HostileStage, endpoint: Endpoint, calls: usize) {
    let description = format!("{calls} requests to {}", endpoint.name());
    stage.browser.wait_until(&description, || (stage.count(endpoint) == calls).then_some(()));
}

/// Begins a sign-in whose code was spent, and whose answer hangs.
fn with_a_hanging_login() -> HostileStage {
    let stage = rotating();
    hang(&stage, Endpoint::Token);
    stage.try_to_sign_in();
    wait_for_calls(&stage, Endpoint::Token, 1);
    stage
}

/// Signs in and begins to renew the access token; the refresh token was spent, and the answer hangs.
fn with_a_hanging_renewal() -> HostileStage {
    renewing(signed_in())
}

/// The same, of somebody who is signed in.
fn renewing(stage: HostileStage) -> HostileStage {
    hang(&stage, Endpoint::Token);
    stage.browser.click(part::RENEW);
    wait_for_calls(&stage, Endpoint::Token, 2);
    stage
}

/// Signs in and goes to the page where the access token can be renewed.
fn signed_in() -> HostileStage {
    let stage = rotating();
    stage.try_to_sign_in();
    wait_for_profile(&stage.browser, HOSTILE_NAME);
    stage.browser.click(part::PROFILE_LINK);
    stage.browser.wait_for(part::RENEW);
    stage
}

/// Renews the access token and expects this to be said.
fn renew(stage: &HostileStage, expected: &str) {
    stage.browser.click(part::RENEW);
    wait_for_renewal(stage, expected);
}

fn wait_for_renewal(stage: &HostileStage, expected: &str) {
    stage.browser.wait_until(expected, || {
        stage.browser.text(part::RENEWAL).contains(expected).then_some(())
    });
}

/// Another try works, and nothing was sent twice.
fn signs_in_after_all(stage: &HostileStage) {
    let calls = stage.count(Endpoint::Token);
    stage.server.release(&stage.case);
    try_again(&stage.browser);
    wait_for_state(&stage.browser, "signed-in");
    assert_eq!(stage.count(Endpoint::Token), calls + 1);
    nothing_was_sent_twice(stage);
    checks::nothing_is_left(&stage.browser, &stage.site, &stage.secrets());
}

fn nothing_was_sent_twice(stage: &HostileStage) {
    assert_eq!(stage.server.violations(&stage.case), Vec::<String>::new());
}

/// Goes to a tab of its own and closes the one before.
fn close_tab(browser: &Browser) {
    let closed = browser.tab();
    browser.new_tab(&Options::default());
    browser.devtools("Target.closeTarget", &json!({"targetId": closed}));
}

/// The address with the provider's answer in it.
fn callback(stage: &HostileStage) -> String {
    let requests = stage.server.requests(&stage.case);
    let redirect = requests.iter().find_map(|recorded| recorded.outcome.as_ref()?.location.clone());
    redirect.expect("the server redirected")
}

#[test]
#[cfg_attr(
    any(feature = "firefox", feature = "webkit"),
    ignore = "the driver speaks no DevTools protocol"
)]
fn the_tab_is_closed_while_the_code_is_spent() {
    let stage = with_a_hanging_login();
    close_tab(&stage.browser);
    stage.browser.open(&callback(&stage));
    assert_eq!(wait_for_error(&stage.browser), "login_not_found");
    assert_eq!(stage.count(Endpoint::Token), 1, "the code is not sent again");
    signs_in_after_all(&stage);
}

#[test]
fn the_tab_is_reloaded_while_the_code_is_spent() {
    let stage = with_a_hanging_login();
    stage.browser.reload();
    wait_for_state(&stage.browser, "signed-out");
    assert_eq!(stage.count(Endpoint::Token), 1, "the code is not sent again");
    signs_in_after_all(&stage);
}

/// The answer came while the page could not look: it is taken, also when the client's patience ended
/// meanwhile.
fn is_signed_in(stage: &HostileStage) {
    wait_for_profile(&stage.browser, HOSTILE_NAME);
    assert_eq!(stage.count(Endpoint::Token), 1);
    nothing_was_sent_twice(stage);
}

#[test]
#[cfg_attr(
    any(feature = "firefox", feature = "webkit"),
    ignore = "the driver speaks no DevTools protocol"
)]
fn the_tab_is_frozen_while_the_code_is_spent() {
    let stage = with_a_hanging_login();
    while_frozen(&stage.browser, || {
        stage.server.release(&stage.case);
        thread::sleep(Duration::from_secs(1));
    });
    is_signed_in(&stage);
}

#[test]
#[cfg_attr(
    any(feature = "firefox", feature = "webkit"),
    ignore = "the driver speaks no DevTools protocol"
)]
fn the_tab_is_frozen_for_longer_than_the_client_waits() {
    let stage = with_a_hanging_login();
    while_frozen(&stage.browser, || {
        thread::sleep(Duration::from_secs(12));
        stage.server.release(&stage.case);
        thread::sleep(Duration::from_secs(1));
    });
    is_signed_in(&stage);
}

#[test]
fn the_tab_is_reloaded_while_the_access_token_is_renewed() {
    let stage = with_a_hanging_renewal();
    stage.browser.reload();
    // The session goes on with what is good of it.
    wait_for_state(&stage.browser, "signed-in");
    wait_for_profile(&stage.browser, HOSTILE_NAME);
    assert_eq!(stage.count(Endpoint::Token), 2, "the refresh token is not sent again at once");
}

#[test]
#[cfg_attr(
    any(feature = "firefox", feature = "webkit"),
    ignore = "the driver speaks no DevTools protocol"
)]
fn the_tab_is_closed_while_the_access_token_is_renewed() {
    let stage = renewing(with_kept_tokens());
    close_tab(&stage.browser);
    stage.browser.open(&stage.site.url("profile.html"));
    // What is kept is sealed, and its key went with the tab.
    wait_for_state(&stage.browser, "signed-out");
    assert_eq!(kept_sessions(&stage.browser), 1);
    assert_eq!(stage.count(Endpoint::Token), 2, "the refresh token is not sent again");
    signs_in_after_all(&stage);
}

#[test]
#[cfg_attr(
    any(feature = "firefox", feature = "webkit"),
    ignore = "the driver speaks no DevTools protocol"
)]
fn the_tab_is_frozen_while_the_access_token_is_renewed() {
    let stage = with_a_hanging_renewal();
    while_frozen(&stage.browser, || {
        stage.server.release(&stage.case);
        thread::sleep(Duration::from_secs(1));
    });
    wait_for_renewal(&stage, "Renewed.");
    renew(&stage, "Renewed.");
    nothing_was_sent_twice(&stage);
}

#[test]
fn the_tab_is_reloaded_while_it_is_about_to_be_left() {
    let stage = rotating();
    hang(&stage, Endpoint::Discovery);
    stage.try_to_sign_in();
    wait_for_calls(&stage, Endpoint::Discovery, 1);
    stage.browser.reload();
    wait_for_state(&stage.browser, "signed-out");
    assert_eq!(stage.count(Endpoint::Authorize), 0);
    signs_in_after_all(&stage);
}

#[test]
#[cfg_attr(
    any(feature = "firefox", feature = "webkit"),
    ignore = "the driver speaks no DevTools protocol"
)]
fn the_tab_is_closed_while_the_tokens_are_handed_back() {
    let stage = with_kept_tokens();
    let browser = &stage.browser;
    let first = browser.tab();
    let second = open_one_more_tab(&stage);
    browser.switch_to(&first);
    assert_eq!(kept_sessions(browser), 1);
    hang(&stage, Endpoint::Revoke);
    browser.click(part::SIGN_OUT);
    browser.wait_until("a token that is handed back", || {
        (stage.count(Endpoint::Revoke) > 0).then_some(())
    });
    // The other tab goes on with nothing, nor does one that asks it.
    browser.switch_to(&second);
    browser.devtools("Target.closeTarget", &json!({"targetId": first}));
    wait_for_state(browser, "signed-out");
    // What the closed one may not have come to, this one does.
    browser.wait_until("nothing that is kept", || (kept_sessions(browser) == 0).then_some(()));
    browser.new_tab(&Options::default());
    browser.open(&stage.site.url(""));
    wait_for_state(browser, "signed-out");
    let requests = stage.server.requests(&stage.case);
    let handed_back = requests.iter().filter(|asked| asked.endpoint == Endpoint::Revoke);
    let handed_back = handed_back.map(|asked| &asked.request.body);
    // The browser asks first whether it may send a proof.
    let handed_back: Vec<_> = handed_back.filter(|body| !body.is_empty()).collect();
    let different: HashSet<_> = handed_back.iter().collect();
    assert_eq!(handed_back.len(), different.len(), "no token is handed back twice");
    signs_in_after_all(&stage);
}

#[test]
#[cfg_attr(
    any(feature = "firefox", feature = "webkit"),
    ignore = "the driver speaks no DevTools protocol"
)]
fn without_a_network_nobody_signs_in_until_it_is_back() {
    let stage = rotating();
    // So that the page doesn't know the provider yet.
    stage.server.plan(&stage.case, Endpoint::Discovery, Fault::Reset, None);
    stage.browser.open(&stage.site.url(""));
    wait_for_state(&stage.browser, "signed-out");
    set_offline(&stage.browser, true);
    let calls = stage.count(Endpoint::Discovery);
    stage.browser.click(part::SIGN_IN);
    assert_eq!(wait_for_error(&stage.browser), "network_or_cors");
    assert_eq!(stage.count(Endpoint::Discovery), calls, "the network was off");
    stage.server.clear(&stage.case, Endpoint::Discovery);
    set_offline(&stage.browser, false);
    signs_in_after_all(&stage);
}

#[test]
#[cfg_attr(
    any(feature = "firefox", feature = "webkit"),
    ignore = "the driver speaks no DevTools protocol"
)]
fn without_a_network_the_session_stays_and_can_be_renewed_when_it_is_back() {
    let stage = signed_in();
    set_offline(&stage.browser, true);
    renew(&stage, "network_or_cors");
    wait_for_state(&stage.browser, "signed-in");
    assert_eq!(stage.count(Endpoint::Token), 1, "the network was off");
    set_offline(&stage.browser, false);
    renew(&stage, "Renewed.");
    nothing_was_sent_twice(&stage);
}

#[test]
#[cfg_attr(
    any(feature = "firefox", feature = "webkit"),
    ignore = "the driver speaks no DevTools protocol"
)]
fn without_a_network_one_can_sign_out() {
    let stage = signed_in();
    set_offline(&stage.browser, true);
    stage.browser.click(part::SIGN_OUT);
    wait_for_state(&stage.browser, "signed-out");
    assert_eq!(stage.count(Endpoint::Revoke), 0, "the network was off");
    set_offline(&stage.browser, false);
    signs_in_after_all(&stage);
}

/// How many sessions the browser keeps, for whoever has their keys.
fn kept_sessions(browser: &Browser) -> u64 {
    let count = browser.execute(
        "return (async () => {
             const done = request => new Promise((resolve, reject) => {
                 request.onsuccess = () => resolve(request.result);
                 request.onerror = () => reject(request.error);
             });
             const database = await done(indexedDB.open('pixy-login'));
             const keys = await done(database.transaction('records').objectStore('records').getAllKeys());
             database.close();
             return keys.filter(key => key.startsWith('session:')).length;
         })()",
    );
    count.as_u64().expect("a number")
}

/// The demo with tokens that are bound to the browser, so that its tabs go on with one session.
fn with_kept_tokens() -> HostileStage {
    let stage = HostileStage::new("dpop");
    stage.site.set_settings(json!({
        "issuer": stage.server.issuer(&stage.case),
        "client_id": CLIENT_ID,
        "scope": "openid profile email offline_access",
    }));
    stage.try_to_sign_in();
    wait_for_profile(&stage.browser, HOSTILE_NAME);
    stage.browser.click(part::PROFILE_LINK);
    stage.browser.wait_for(part::RENEW);
    stage
}

/// Opens one more tab, where the session goes on.
fn open_one_more_tab(stage: &HostileStage) -> String {
    let tab = stage.browser.new_tab(&Options::default());
    stage.browser.open(&stage.site.url("profile.html"));
    // Its question for the profile has been answered, too: a token that ends before that is another case.
    wait_for_profile(&stage.browser, HOSTILE_NAME);
    tab
}

#[test]
fn ten_tabs_renew_one_token_with_one_request() {
    let stage = with_kept_tokens();
    let mut tabs = vec![stage.browser.tab()];
    tabs.extend((1..10).map(|_| open_one_more_tab(&stage)));
    stage.server.expire(&stage.case);
    hang(&stage, Endpoint::Token);
    for tab in &tabs {
        stage.browser.switch_to(tab);
        stage.browser.click(part::RENEW);
    }
    wait_for_calls(&stage, Endpoint::Token, 2);
    stage.server.release(&stage.case);
    for tab in &tabs {
        stage.browser.switch_to(tab);
        wait_for_renewal(&stage, "Renewed.");
        wait_for_state(&stage.browser, "signed-in");
    }
    assert_eq!(stage.count(Endpoint::Token), 2, "the login's request, and one for all tabs");
    renew(&stage, "Renewed.");
    nothing_was_sent_twice(&stage);
}

#[test]
#[cfg_attr(
    any(feature = "firefox", feature = "webkit"),
    ignore = "the driver speaks no DevTools protocol"
)]
fn the_tab_is_closed_while_it_renews_the_token_of_another_one_too() {
    let stage = with_kept_tokens();
    let first = stage.browser.tab();
    let second = open_one_more_tab(&stage);
    stage.browser.switch_to(&first);
    hang(&stage, Endpoint::Token);
    stage.browser.click(part::RENEW);
    wait_for_calls(&stage, Endpoint::Token, 2);
    stage.browser.switch_to(&second);
    stage.browser.devtools("Target.closeTarget", &json!({"targetId": first}));
    wait_for_state(&stage.browser, "signed-in");
    stage.server.release(&stage.case);
    // The answer is lost with the tab, and the refresh token was spent.
    stage.browser.click(part::RENEW);
    assert_eq!(wait_for_error(&stage.browser), "session_ended");
    try_again(&stage.browser);
    wait_for_state(&stage.browser, "signed-in");
}
