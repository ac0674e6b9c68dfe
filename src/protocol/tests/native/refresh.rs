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
        let taken = exchange(&token_answer_with("refresh_token", value))?;
        Ok(taken.refresh_token().map(|token| token.expose().to_owned()))
    };
    assert_eq!(next(json!("next")), Ok(Some("next".to_owned())));
    assert_eq!(next(json!(null)), Ok(None));
    for wrong in [json!(1), json!(["next"]), json!({}), json!(true)] {
        assert_eq!(next(wrong.clone()), Err(ErrorCode::InvalidResponse), "{wrong}");
    }
}
