//! Headers that an app may give to its calls (RFC 9110 section 5).

use super::super::super::request_header::check;
use super::*;

#[test]
fn an_app_sets_headers_of_its_own() {
    for (name, value) in [
        ("Accept", "text/event-stream, */*;q=0.1"),
        ("Idempotency-Key", "\"8e03978e\""),
        ("If-Match", "W/\"1\"\t, \"2\""),
        ("content-type", "image/png"),
        ("X-Empty", ""),
        ("Security", "1"),
    ] {
        assert_eq!(check(name, value), Ok(()), "{name}");
    }
}

// Browsers leave the latter out silently; the former would take the place of the client's own.
#[test]
fn what_the_client_or_the_browser_writes_is_not_the_apps() {
    for name in [
        "Authorization",
        "AUTHORIZATION",
        "DPoP",
        "dpop",
        "Cookie",
        "Host",
        "Origin",
        "Referer",
        "Content-Length",
        "Accept-Encoding",
        "Proxy-Authorization",
        "Sec-Fetch-Site",
        "sec-",
        "Upgrade",
        "Access-Control-Request-Method",
        "TE",
        "Transfer-Encoding",
        "Connection",
    ] {
        let error = check(name, "x").unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidConfig, "{name}");
        assert_eq!(error.subject(), Some(format!("header {name}").as_str()));
    }
}

#[test]
fn what_can_not_stand_in_a_header_is_refused() {
    for (name, value) in [
        ("", "x"),
        ("Accept ", "x"),
        (" Authorization", "x"),
        ("Authorization:", "x"),
        ("Accept\r\nAuthorization", "x"),
        ("Acc\u{e9}pt", "x"),
        ("Accept", "x\r\nAuthorization: Bearer x"),
        ("Accept", "x\n"),
        ("Accept", "\0"),
        ("Accept", "\u{7f}"),
        ("Accept", "日本"),
    ] {
        assert_eq!(check(name, value).unwrap_err().code(), ErrorCode::InvalidConfig, "{name:?}");
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn no_value_adds_a_header(name in any_text(), value in any_text()) {
        if check(&name, &value).is_ok() {
            prop_assert!(!name.contains([':', '\r', '\n', '\0', ' ']) && !value.contains(['\r', '\n', '\0']));
            prop_assert!(!name.eq_ignore_ascii_case("authorization") && !name.eq_ignore_ascii_case("dpop"));
        }
    }
}
