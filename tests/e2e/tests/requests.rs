//! The requests of a callback with a cold cache: each that is needed, once, and no other.

use std::collections::BTreeMap;

use end_to_end::stage::part;
use end_to_end::{Options, SiteOptions, Stage, provider};

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn the_metadata_is_asked_for_while_the_app_is_on_its_way() {
    let options = Options { wait_for_load: false, ..Options::default() };
    let stage = Stage::with(SiteOptions::default(), &options);
    stage.site.hold(".wasm");
    stage.browser.open(&stage.site.url(""));
    let metadata = format!("{}/.well-known/openid-configuration", stage.provider.issuer);
    let asked = || {
        let requests = stage.browser.requests();
        requests.iter().filter(|request| request.url == metadata).count()
    };
    stage.browser.wait_until("the metadata is asked for", || (asked() > 0).then_some(()));
    stage.site.let_go();
    stage.browser.click(part::SIGN_IN);
    stage.browser.wait_for(provider::LOGIN);
    assert_eq!(asked(), 1, "the app takes what was asked for");
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn a_cold_callback_asks_for_what_it_needs_once() {
    let stage = Stage::new();
    let browser = &stage.browser;
    stage.open_home();
    browser.click(part::SIGN_IN);
    browser.wait_for(provider::LOGIN);
    browser.clear_cache();
    let (sent_before, served_before) = (browser.requests().len(), stage.site.requests().len());
    stage.finish_sign_in();

    // What the host served; the browser's own log would count a preload and its use as two.
    let mut served = BTreeMap::new();
    for request in &stage.site.requests()[served_before..] {
        let name = request.path.trim_start_matches('/');
        let kind = name.rsplit_once('.').map_or(name, |(_, extension)| extension);
        *served.entry(kind.to_owned()).or_insert(0) += 1;
    }
    // The browser's own wish, for the tab: at any time, or not at all.
    let icon = served.remove("svg").unwrap_or(0);
    assert!(icon <= 1, "the icon is asked for {icon} times");
    // Home, whose article a callback page has not, and the lesson, when it is known who is there.
    let expected = [("", 1), ("css", 1), ("html", 1), ("js", 2), ("wasm", 2)];
    let expected = expected.map(|(kind, count)| (kind.to_owned(), count));
    assert_eq!(served, BTreeMap::from(expected), "page, style, glue and wasm, once each");

    let callback = stage.site.url("callback.html");
    let sent = browser.requests().split_off(sent_before);
    let arrival = sent.iter().position(|request| request.url.starts_with(&callback));
    let sent = &sent[arrival.expect("the callback page was asked for")..];
    let first = |what: &str| sent.iter().position(|request| request.url.contains(what));
    assert!(first("pixy-lesson") > first("/token"), "the lesson keeps nobody waiting");
    let mut calls: Vec<String> = sent
        .iter()
        .filter_map(|request| {
            let path = request.url.strip_prefix(&stage.provider.issuer)?;
            Some(format!("{} {path}", request.method))
        })
        .collect();
    // The picture is there where the page shows it.
    let pictures = calls.iter().filter(|call| call.starts_with("GET /pictures/")).count();
    assert!(pictures <= 1, "{calls:?}");
    calls.retain(|call| !call.starts_with("GET /pictures/"));
    // The keys and the code are asked for before all else; a header of our own makes the browser ask for
    // leave.
    assert!(calls.iter().position(|call| call.ends_with("/me")) > Some(1), "{calls:?}");
    calls.sort();
    let expected = ["GET /jwks", "GET /me", "OPTIONS /me", "OPTIONS /token", "POST /token"];
    assert_eq!(calls, expected, "no discovery, nothing twice");
    let elsewhere = sent.iter().find(|request| {
        let known = [stage.site.origin(), stage.provider.issuer.clone(), "data:".to_owned()];
        !known.iter().any(|origin| request.url.starts_with(origin))
    });
    assert!(elsewhere.is_none(), "{elsewhere:?}");
}
