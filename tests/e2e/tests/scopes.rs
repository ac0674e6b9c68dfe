//! Asking for one more scope when a resource server wants it.

use end_to_end::stage::{CLIENT_ID, part, wait_for_error};
use end_to_end::{Stage, checks, provider};
use serde_json::json;

#[test]
fn mail_is_refused_shown_for_what_it_is_asked_for_and_then_there() {
    let stage = Stage::new();
    let browser = &stage.browser;
    stage.sign_in();
    browser.click(part::MAIL_LINK);
    let refusal = browser.text(part::INSUFFICIENT_SCOPE);
    assert!(refusal.contains("insufficient_scope"), "{refusal}");
    assert!(!browser.shows(part::MAIL));

    browser.click(part::ASK_MAIL);
    let asked = browser.attribute(r#"[data-scope="mail"]"#, "data-scope");
    assert_eq!(asked.as_deref(), Some("mail"), "the consent page names the scope");
    stage.provider.allow(browser);
    browser.wait_for(part::MAIL);
    assert!(browser.text(part::MAIL).contains("Tea on Thursday?"));
    assert!(!browser.shows(part::INSUFFICIENT_SCOPE));
    assert_eq!(browser.url(), stage.site.url("mail.html"));
    checks::nothing_is_left(browser, &stage.site, &[]);
}

#[test]
fn mail_still_refused_when_the_person_says_no() {
    let stage = Stage::new();
    let browser = &stage.browser;
    stage.sign_in();
    browser.click(part::MAIL_LINK);
    browser.click(part::ASK_MAIL);
    browser.wait_for(provider::ALLOW);
    stage.provider.cancel(browser);
    assert_eq!(wait_for_error(browser), "access_denied");
    assert!(!browser.shows(part::MAIL));
}

#[test]
fn an_api_that_answers_something_else_is_told_and_asked_again() {
    let stage = Stage::new();
    let browser = &stage.browser;
    stage.site.set_settings(json!({
        "issuer": stage.provider.issuer,
        "client_id": CLIENT_ID,
        "scope": "openid profile email",
        "resource_server": stage.site.url("api"),
    }));
    stage.sign_in();
    browser.click(part::MAIL_LINK);
    assert_eq!(wait_for_error(browser), "resource_error");
    assert!(!browser.shows(part::BUSY));
    stage.site.add_page("api/mail", r#"{"mails": "none"}"#);
    browser.click(part::RETRY);
    browser.wait_for(r#"[data-code="invalid_response"]"#);
    let mail =
        r#"{"from": "Ada", "subject": "Tea?", "date": "2026-11-20T09:15:00Z", "preview": "…"}"#;
    stage.site.add_page("api/mail", &format!(r#"{{"mails": [{mail}]}}"#));
    browser.click(part::HOME_LINK);
    browser.click(part::MAIL_LINK);
    assert!(browser.text(part::MAIL).contains("Tea?"));
    assert!(!browser.shows(part::ERROR));
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn the_token_goes_to_the_resource_server_in_the_header_only() {
    let stage = Stage::new();
    stage.sign_in();
    stage.browser.click(part::MAIL_LINK);
    stage.browser.wait_for(part::INSUFFICIENT_SCOPE);
    let requests = stage.browser.requests();
    let mail = format!("{}/mail", stage.provider.resource);
    let mut calls =
        requests.iter().filter(|request| request.url == mail && request.method == "GET");
    let call = calls.next().expect("mail was asked for");
    let authorization = call.headers.iter().find(|(name, _)| name == "authorization");
    assert!(authorization.is_some_and(|(_, value)| value.starts_with("DPoP ")));
    assert_eq!(calls.count(), 0, "asked once");
}
