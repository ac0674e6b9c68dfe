//! Handing tokens back (RFC 7009).

use super::*;
use crate::protocol::revocation::takes_no_such_token;

fn endpoint() -> SecureUrl {
    SecureUrl::parse("https://id.example/revoke?tenant=a").unwrap()
}

fn fields(request: &RevocationRequest) -> Vec<(String, String)> {
    pairs(&format!("https://any.example/?{}", request.body()))
}

// RFC 7009 section 2.1; a public client names itself (RFC 6749 section 3.2.1).
#[test]
fn r124_a_token_is_handed_back_with_its_kind_and_the_client_id() {
    let refresh_token = RefreshToken::new("a &+b=c%");
    let request = RevocationRequest::of_refresh_token(&endpoint(), "my shop", &refresh_token);
    assert_eq!(
        request.body(),
        "token=a+%26%2Bb%3Dc%25&token_type_hint=refresh_token&client_id=my+shop"
    );
    assert_eq!(request.endpoint(), &endpoint());
    let access_token = AccessToken::new("a-token");
    let request = RevocationRequest::of_access_token(&endpoint(), CLIENT_ID, &access_token);
    assert_eq!(request.body(), "token=a-token&token_type_hint=access_token&client_id=shop");
}

// RFC 7009 section 2: over TLS only.
#[test]
fn r124_the_endpoint_is_checked_like_all_others() {
    let at = |url: &str| discover(&document_with("revocation_endpoint", json!(url)));
    let metadata = at("https://id.example/revoke").unwrap();
    let endpoint = metadata.revocation_endpoint().map(SecureUrl::as_str);
    assert_eq!(endpoint, Some("https://id.example/revoke"));
    assert!(at("http://id.example/revoke").unwrap().revocation_endpoint().is_none());
    assert!(super::metadata().revocation_endpoint().is_none());
}

// RFC 7009 section 2.2.1, RFC 6749 section 5.2.
#[test]
fn only_who_says_so_is_not_asked_again() {
    let takes_none = |status, body: &str| {
        let body = body.as_bytes().to_vec();
        let content_type = Some("application/json".to_owned());
        let answer = ServerResponse { status, content_type, body, ..ServerResponse::default() };
        takes_no_such_token(&answer)
    };
    for error in ["invalid_client", "unauthorized_client", "unsupported_token_type"] {
        let body = format!(r#"{{"error": "{error}"}}"#);
        assert!(takes_none(400, &body) && takes_none(401, &body), "{error}");
        assert!(!takes_none(200, &body) && !takes_none(503, &body), "{error}");
    }
    for body in ["", "{}", r#"{"error": "invalid_request"}"#, r#"{"error": 1}"#, "<html>"] {
        assert!(!takes_none(400, body), "{body}");
    }
}

#[test]
fn debug_shows_no_token() {
    let token = RefreshToken::new("very-secret");
    let request = RevocationRequest::of_refresh_token(&endpoint(), CLIENT_ID, &token);
    assert!(!format!("{request:?} {token:?}").contains("very-secret"));
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn any_token_comes_through_unchanged(token in any_text(), client_id in "[ -~]{1,30}") {
        let refresh_token = RefreshToken::new(&token);
        let request = RevocationRequest::of_refresh_token(&endpoint(), &client_id, &refresh_token);
        let expected = [("token", token.as_str()), ("token_type_hint", "refresh_token"), ("client_id", &client_id)];
        prop_assert_eq!(fields(&request), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
