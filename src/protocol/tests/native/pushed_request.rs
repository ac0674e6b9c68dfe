//! Pushed authorization requests (RFC 9126).

use super::*;

const REFERENCE: &str = "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c";

fn pushed() -> serde_json::Value {
    json!({ "request_uri": REFERENCE, "expires_in": 60 })
}

fn judge_pushed(status: u16, body: &serde_json::Value) -> Result<RequestUri, Error> {
    RequestUri::from_response(&answer(status, body))
}

/// The good answer with one member set otherwise: the reference, or the code and what it is about.
fn with(name: &str, value: serde_json::Value) -> Result<String, (ErrorCode, Option<String>)> {
    let mut body = pushed();
    body[name] = value;
    judge_pushed(201, &body)
        .map(|reference| reference.as_str().to_owned())
        .map_err(|error| (error.code(), error.subject().map(str::to_owned)))
}

fn about(name: &str) -> Result<String, (ErrorCode, Option<String>)> {
    Err((ErrorCode::InvalidResponse, Some(name.to_owned())))
}

// RFC 9126 section 2.2.
#[test]
fn r123_a_reference_has_a_harmless_scheme_and_time_to_live() {
    for good in [REFERENCE, "urn:example:bwc4JK-ESC0w8acc191e-Y1LTC2", "https://id.example/r/1"] {
        assert_eq!(with("request_uri", json!(good)).as_deref(), Ok(good));
    }
    for bad in [
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://id.example/r/1",
        "//evil.example/",
        "6esc_11ACC5bwc014ltc14eY22c",
        " urn:example:1",
        "urn:example:1 2",
        "urn:example:1\n",
        "urn:example:é",
    ] {
        assert_eq!(with("request_uri", json!(bad)), about("request_uri"), "{bad}");
    }
    for bad in [json!(null), json!(1), json!([REFERENCE]), json!({})] {
        assert_eq!(with("request_uri", bad.clone()), about("request_uri"), "{bad}");
    }
    for bad in [json!(0), json!(-1), json!(null), json!("60"), json!(0.5), json!([]), json!(true)] {
        assert_eq!(with("expires_in", bad.clone()), about("expires_in"), "{bad}");
    }
    assert!(with("expires_in", json!(1)).is_ok() && with("unknown", json!([{}])).is_ok());
}

// RFC 9126 section 2.2: 201, and nothing that merely looks like success.
#[test]
fn r123_only_a_created_request_counts() {
    for status in [200, 202, 204, 299] {
        let error = judge_pushed(status, &pushed()).unwrap_err();
        assert_eq!((error.code(), error.subject()), (ErrorCode::InvalidResponse, Some("status")));
    }
    for status in [400, 401, 403, 404, 405, 413] {
        let body = json!({ "error": "invalid_request", "error_description": "No." });
        let error = judge_pushed(status, &body).unwrap_err();
        assert_eq!(error.code(), ErrorCode::PushedRequestRefused, "{status}");
        let said = error.provider().unwrap();
        assert_eq!(
            (said.error.as_str(), said.description.as_deref()),
            ("invalid_request", Some("No."))
        );
    }
    for status in [429, 500, 503, 599] {
        let error = judge_pushed(status, &pushed()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::ProviderUnavailable, "{status}");
    }
    for (status, body) in [(201, "<!DOCTYPE html>"), (400, "<!DOCTYPE html>"), (201, ""), (302, "")]
    {
        let error = RequestUri::from_response(&raw_answer(status, body)).unwrap_err();
        assert_eq!(error.code(), ErrorCode::NotJson, "{status} {body}");
    }
    let html =
        ServerResponse { content_type: Some("text/html".to_owned()), ..answer(201, &pushed()) };
    // Refused all the same, but it is JSON.
    let error = RequestUri::from_response(&html).unwrap_err();
    assert_eq!((error.code(), error.subject()), (ErrorCode::InvalidResponse, Some("Content-Type")));
}

// RFC 9126 section 2.1: the parameters as they would have been sent, and no reference among them.
#[test]
fn r123_what_is_pushed_is_the_whole_request() {
    let request = request_at(&config(), &metadata());
    let sent = request.url();
    assert_eq!(sent.split_once('?').unwrap().1, request.form());
    assert!(request.form().contains("client_id=shop&") && !request.form().contains("request_uri"));
}

// RFC 9126 section 4.
#[test]
fn r123_the_address_holds_the_client_id_and_the_reference_only() {
    let reference = judge_pushed(201, &pushed()).unwrap();
    let url = request_at(&config(), &metadata()).pushed_url(&reference);
    let encoded = REFERENCE.replace(':', "%3A");
    assert_eq!(url, format!("https://id.example/authorize?client_id=shop&request_uri={encoded}"));
    // A query of the endpoint itself stays, but for what would stand there twice.
    let endpoint =
        "https://id.example/authorize?tenant=a&request_uri=urn:evil&client_id=evil&scope=x";
    let metadata = discover(&document_with("authorization_endpoint", json!(endpoint))).unwrap();
    let url = request_at(&config(), &metadata).pushed_url(&reference);
    let expected = [("tenant", "a"), ("client_id", "shop"), ("request_uri", REFERENCE)];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(pairs(&url), expected);
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn only_a_good_answer_brings_a_reference(
        status in prop_oneof![6 => Just(201_u16), 1 => any::<u16>()],
        uri in prop_oneof![3 => "(urn|https|URN|javascript):[!-~]{0,20}", 1 => any_text()],
        lifetime in prop_oneof![
            3 => (0..5_u64).prop_map(|seconds| json!(seconds)),
            1 => any::<i64>().prop_map(|seconds| json!(seconds)),
            1 => any::<f64>().prop_map(|seconds| json!(seconds)),
        ],
    ) {
        let body = json!({ "request_uri": uri, "expires_in": lifetime });
        let taken = judge_pushed(status, &body);
        let is_reference = (uri.starts_with("urn:") || uri.starts_with("https:"))
            && uri.chars().all(|character| ('!'..='~').contains(&character));
        let expected = status == 201 && is_reference && lifetime.as_u64().is_some_and(|seconds| seconds > 0);
        prop_assert_eq!(taken.is_ok(), expected);
        if let Ok(reference) = taken {
            let url = request_at(&config(), &metadata()).pushed_url(&reference);
            prop_assert_eq!(value_of(&url, "request_uri"), Some(uri));
            prop_assert_eq!(pairs(&url).len(), 2);
        }
    }

    #[test]
    fn any_bytes_are_read_without_panic(body: Vec<u8>, status: u16) {
        prop_assert!(RequestUri::from_response(&raw_answer(status, body)).is_err());
    }

    #[test]
    fn a_damaged_answer_is_refused_or_still_harmless(body in damaged(pushed().to_string())) {
        if let Ok(reference) = RequestUri::from_response(&raw_answer(201, body)) {
            prop_assert!(["urn:", "https:"].iter().any(|scheme| reference.as_str().starts_with(scheme)));
        }
    }
}
