//! Renewing the access token (RFC 6749 section 6). The ID token that may come along is judged in
//! `id_token`.

use super::*;

fn refresh(resources: &[String]) -> String {
    let token = RefreshToken::new("a &+b");
    let request = TokenRequest::refresh(&metadata(), CLIENT_ID, &token, resources);
    assert_eq!(request.endpoint().as_str(), "https://id.example/token");
    assert!(!format!("{request:?} {token:?}").contains("a+%26"));
    request.body().to_owned()
}

// RFC 6749 section 6: left out means the scope that was granted; RFC 8707 section 2.2.
#[test]
fn r64_a_refresh_asks_for_no_other_scope() {
    let least = "grant_type=refresh_token&refresh_token=a+%26%2Bb&client_id=shop";
    assert_eq!(refresh(&[]), least);
    let resources = ["https://api.example/".to_owned(), "urn:api".to_owned()];
    let expected = format!("{least}&resource=https%3A%2F%2Fapi.example%2F&resource=urn%3Aapi");
    assert_eq!(refresh(&resources), expected);
}

// RFC 6749 section 6.
#[test]
fn r63_an_answer_brings_the_next_refresh_token_or_none() {
    let next = |value| {
        exchange(&token_answer_with("refresh_token", value))
            .map(|taken| taken.refresh_token().map(|token| token.expose().to_owned()))
    };
    assert_eq!(next(json!("next")), Ok(Some("next".to_owned())));
    assert_eq!(next(json!(null)), Ok(None));
    // What is none counts as left out, and the one before stays.
    for none in [json!(1), json!(["next"]), json!({}), json!(true), json!("")] {
        assert_eq!(next(none.clone()), Ok(None), "{none}");
    }
}

/// The code of a refusal, where the answer is one.
fn refused(status: u16, body: impl Into<Vec<u8>>) -> Option<ErrorCode> {
    refused_refresh::refusal(&raw_answer(status, body)).map(|error| error.code())
}

// OpenID Connect Core 3.1.2.6, and what providers add.
#[test]
fn f15_a_refusal_for_want_of_the_person_says_so() {
    for error in ["interaction_required", "login_required", "consent_required", "mfa_required"] {
        let body = json!({ "error": error, "error_description": "Ask them." });
        let refusal = refused_refresh::refusal(&answer(400, &body)).unwrap();
        assert_eq!(refusal.code(), ErrorCode::InteractionRequired, "{error}");
        assert_eq!(refusal.provider().unwrap().error, error);
    }
    // Entra: the token is as good as before, and the person has something to do.
    let entra = json!({ "error": "invalid_grant", "suberror": "basic_action" });
    let code = refused_refresh::refusal(&answer(400, &entra)).unwrap().code();
    assert_eq!(code, ErrorCode::InteractionRequired);
}

#[test]
fn f16_f37_every_other_refusal_is_told_from_a_fault() {
    for (status, body) in [
        (400, r#"{"error":"unauthorized_client","error_description":"token was already used"}"#),
        (401, r#"{"error":"invalid_client"}"#),
        (401, r#"{"error":"invalid_request","hint":"Token has been revoked"}"#),
        (400, ""),
        (400, "<html>"),
        (403, r#"{"error":{"message":"no"}}"#),
        (400, r#"{"error_code":"refresh_token_not_found"}"#),
        (200, r#"{"error":"invalid_request"}"#),
    ] {
        assert_eq!(refused(status, body), Some(ErrorCode::RenewalRefused), "{status} {body}");
    }
    for status in [400, 401, 403, 200] {
        let over = refused(status, r#"{"error":"invalid_grant"}"#);
        assert_eq!(over, Some(ErrorCode::SessionEnded), "{status}");
    }
    for (status, body) in [
        (429, r#"{"error":"invalid_grant"}"#),
        (500, r#"{"error":"invalid_grant"}"#),
        (503, ""),
        (408, ""),
        (200, r#"{"access_token":"a"}"#),
        (200, "<html>"),
        (302, ""),
    ] {
        assert_eq!(refused(status, body), None, "{status} {body}");
    }
}
