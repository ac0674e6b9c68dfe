//! Rows of hostile input, through the built demo. Each test is named after its row; what must be
//! true after every one of them stands in `refused`.

use std::time::{Duration, Instant};

use end_to_end::stage::{HOSTILE_NAME, part, wait_for_error, wait_for_profile, wait_for_state};
use end_to_end::{HostileStage, checks};
use hostile_server::Endpoint;

/// Signs in at a case, which must end with this code after so many calls of the token endpoint; then
/// a second, honest try on the same page must work.
fn refused(case: &str, code: &str, token_calls: usize) {
    let stage = HostileStage::new(case);
    refused_on(&stage, code, token_calls);
    stage.sign_in_honestly();
    checks::nothing_is_left(&stage.browser, &stage.site, &stage.secrets());
}

fn refused_on(stage: &HostileStage, code: &str, token_calls: usize) {
    stage.try_to_sign_in();
    assert_eq!(wait_for_error(&stage.browser), code);
    assert_eq!(stage.count(Endpoint::Token), token_calls, "token calls");
    assert_eq!(stage.count(Endpoint::Userinfo), 0, "userinfo calls");
    assert!(!stage.browser.shows(part::PROFILE));
    assert!(stage.browser.text(part::ERROR).contains(code), "the code is shown");
    checks::nothing_is_left(&stage.browser, &stage.site, &stage.secrets());
}

#[test]
fn t1_wrong_state() {
    left_alone("t1-wrong-state");
}

#[test]
fn t2_missing_state() {
    left_alone("t2-missing-state");
}

/// Comes back with an answer that could be anybody's: it is sent nowhere, and the login waits on for its own.
fn left_alone(case: &str) {
    let stage = HostileStage::new(case);
    stage.try_to_sign_in();
    wait_for_state(&stage.browser, "signed-out");
    assert_eq!(stage.count(Endpoint::Token), 0, "token calls");
    assert!(!stage.browser.shows(part::PROFILE));
    stage.server.make_honest(case);
    stage.browser.click(part::SIGN_IN);
    wait_for_profile(&stage.browser, HOSTILE_NAME);
}

#[test]
fn t4_a_replayed_callback_spends_no_code_again() {
    let stage = HostileStage::new("honest");
    stage.try_to_sign_in();
    wait_for_profile(&stage.browser, HOSTILE_NAME);
    let requests = stage.server.requests("honest");
    let callback = requests.iter().find_map(|recorded| recorded.outcome.as_ref()?.location.clone());
    stage.browser.open(&callback.expect("the server redirected"));
    // No news to who is signed in already.
    wait_for_state(&stage.browser, "signed-in");
    assert_eq!(stage.browser.url(), stage.site.url("callback.html"));
    assert_eq!(stage.count(Endpoint::Token), 1);
}

#[test]
fn t5_a_callback_that_nobody_asked_for() {
    let stage = HostileStage::new("honest");
    stage.browser.open(
        &stage
            .site
            .url("callback.html?code=forged&state=Zm9yZWlnbi1zdGF0ZS1vZi0zMi1ieXRlcy1hbHRvZ2U"),
    );
    assert_eq!(wait_for_error(&stage.browser), "login_not_found");
    assert!(
        stage
            .server
            .requests("honest")
            .iter()
            .all(|recorded| { recorded.endpoint == Endpoint::Discovery })
    );
    checks::nothing_is_left(&stage.browser, &stage.site, &["forged".to_owned()]);
    stage.sign_in_honestly();
}

#[test]
fn t6_the_issuer_of_another_server() {
    refused("t6-mix-up", "issuer_mismatch", 0);
}

#[test]
fn t7_the_issuer_missing() {
    refused("t7-iss-missing", "issuer_missing", 0);
}

#[test]
fn t10_a_parameter_twice() {
    refused("t10-code-twice", "duplicate_parameter", 0);
}

#[test]
fn t11_code_and_error_together() {
    refused("t11-code-and-error", "code_and_error", 0);
}

#[test]
fn t12_the_response_in_the_fragment() {
    refused("t12-fragment", "response_in_fragment", 0);
}

#[test]
fn t15_html_in_the_description_stays_text() {
    let stage = HostileStage::new("t15-html");
    refused_on(&stage, "access_denied", 0);
    let shown = stage.browser.text(part::ERROR);
    assert!(shown.contains("<script>"), "the description is shown as it is: {shown}");
    assert!(stage.browser.find("#pixy-injected").is_none());
    assert!(stage.browser.execute("return window.pixyInjected === undefined") == true);
    assert!(stage.browser.find(r#"a[href^="javascript:"]"#).is_none());
    stage.sign_in_honestly();
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the network takes no header so long")]
fn t15_a_long_description_is_cut() {
    let stage = HostileStage::new("t15-long");
    refused_on(&stage, "access_denied", 0);
    let shown = stage.browser.text(part::ERROR).chars().count();
    assert!(shown < 3_000, "{shown} characters are shown");
    stage.sign_in_honestly();
}

#[test]
fn t15_text_that_turns_the_writing_direction_is_tamed() {
    let stage = HostileStage::new("t15-right-to-left");
    refused_on(&stage, "access_denied", 0);
    let shown = stage.browser.text(part::ERROR);
    let control = |letter: char| "\u{202e}\u{2066}\u{1b}\u{0}".contains(letter);
    assert!(!shown.contains(control), "{shown:?}");
    stage.sign_in_honestly();
}

#[test]
fn t17_parameters_that_nobody_knows_are_ignored() {
    let stage = HostileStage::new("t17-extra-parameters");
    stage.try_to_sign_in();
    wait_for_profile(&stage.browser, HOSTILE_NAME);
    checks::nothing_is_left(&stage.browser, &stage.site, &stage.secrets());
}

#[test]
fn t26_html_in_place_of_the_token() {
    let stage = HostileStage::new("t26-html");
    refused_on(&stage, "not_json", 1);
    let page = stage.browser.execute("return document.body.innerText").to_string();
    assert!(!page.contains("secret-of-the-page"), "the body is not echoed");
    stage.sign_in_honestly();
}

#[test]
fn t27_an_error_with_status_200() {
    refused("t27-error-200", "token_request_refused", 1);
}

#[test]
fn t28_the_code_is_not_sent_again() {
    refused("t28-500", "provider_unavailable", 1);
}

#[test]
fn t28_a_redirect_is_not_followed() {
    refused("t28-redirect", "network_or_cors", 1);
}

#[test]
fn t29_deep_nesting_leaves_the_page_alive() {
    refused("t29-deep-nesting", "not_json", 1);
}

#[test]
fn t29_deep_nesting_in_an_unknown_member() {
    refused("t29-deep-member", "not_json", 1);
}

#[test]
fn t31_a_token_with_a_line_break() {
    refused("t31-access-token-line-break", "invalid_response", 1);
}

#[test]
fn t32_a_token_type_that_is_not_understood() {
    refused("t32-token-type-mac", "unsupported_token_type", 1);
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the network reads far ahead of the page")]
fn t37_a_body_without_end() {
    for case in ["t37-200-mb", "t37-endless"] {
        let stage = HostileStage::new(case);
        refused_on(&stage, "response_too_large", 1);
        let outcome = stage.browser.wait_until("the server to notice", || {
            let requests = stage.server.requests(case);
            let token = requests.iter().find(|recorded| recorded.endpoint == Endpoint::Token)?;
            token.outcome.clone()
        });
        assert!(outcome.sent.aborted, "the client went away");
        // One megabyte is read; the rest is what the system's buffers took.
        assert!(outcome.sent.bytes < 32 << 20, "{outcome:?}");
        stage.sign_in_honestly();
    }
}

#[test]
fn t38_no_answer_at_all() {
    let stage = HostileStage::new("t38-never-answers");
    let begin = Instant::now();
    refused_on(&stage, "timeout", 1);
    assert!(begin.elapsed() < Duration::from_secs(18), "{:?}", begin.elapsed());
    stage.sign_in_honestly();
}

#[test]
fn t38_one_byte_each_second() {
    refused("t38-drip", "timeout", 1);
}

#[test]
fn t40_a_token_endpoint_without_cors() {
    let stage = HostileStage::new("t40-no-cors");
    refused_on(&stage, "network_or_cors", 1);
    assert!(stage.browser.text(part::ERROR).contains("CORS"), "the likely cause is named");
    stage.sign_in_honestly();
}

#[test]
fn t41_cookies_are_not_sent_to_the_token_endpoint() {
    let stage = HostileStage::new("t41-cookies");
    stage.try_to_sign_in();
    wait_for_profile(&stage.browser, HOSTILE_NAME);
    for recorded in stage.server.requests("t41-cookies") {
        let cookie = recorded.request.header("cookie");
        // The first page of the server sets one, and only its own pages may bring it back.
        if recorded.endpoint != Endpoint::Authorize {
            assert_eq!(cookie, None, "{}", recorded.request.path);
        }
    }
}

#[test]
fn t57_an_id_token_of_another_sign_in() {
    refused("t57-nonce-wrong", "nonce_mismatch", 1);
}

#[test]
fn t58_an_id_token_that_has_expired() {
    refused("t58-expired", "id_token_invalid", 1);
}

#[test]
fn t65_metadata_of_another_issuer() {
    let stage = HostileStage::new("t65-issuer-other");
    stage.try_to_sign_in();
    assert_eq!(wait_for_error(&stage.browser), "discovery_issuer_mismatch");
    assert_eq!(stage.count(Endpoint::Authorize), 0);
    checks::nothing_is_left(&stage.browser, &stage.site, &[]);
    stage.sign_in_honestly();
}

#[test]
fn t66_an_authorization_endpoint_that_is_a_script() {
    let stage = HostileStage::new("t66-javascript-authorization");
    stage.try_to_sign_in();
    assert_eq!(wait_for_error(&stage.browser), "insecure_url");
    assert_eq!(stage.count(Endpoint::Authorize), 0);
    checks::nothing_is_left(&stage.browser, &stage.site, &[]);
    assert!(stage.browser.execute("return window.pixyInjected === undefined") == true);
    stage.sign_in_honestly();
}
