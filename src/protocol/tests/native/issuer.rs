//! The issuer identifier.

use super::*;

// RFC 8414 section 2, RFC 9207 section 2.
#[test]
fn r76_an_issuer_is_https_without_query_and_fragment() {
    for accepted in [
        "https://id.example",
        "https://id.example/",
        "https://id.example/tenant/v2.0",
        "https://id.example:8443",
        "https://ID.example:443",
        "http://localhost:9400",
        "http://127.0.0.1:9400/a",
        "http://[::1]:9400",
    ] {
        assert_eq!(Issuer::parse(accepted).unwrap().as_str(), accepted, "kept as written");
    }
    let table = [
        ("https://id.example?", ErrorCode::InvalidConfig),
        ("https://id.example/?x=1", ErrorCode::InvalidConfig),
        ("https://id.example/#", ErrorCode::InsecureUrl),
        ("https://id.example/#x", ErrorCode::InsecureUrl),
        ("https://user@id.example", ErrorCode::InsecureUrl),
        ("http://id.example", ErrorCode::InsecureUrl),
        ("http://127.0.0.1.evil.test", ErrorCode::InsecureUrl),
        ("http://localhost.evil.test", ErrorCode::InsecureUrl),
        ("http://[::2]", ErrorCode::InsecureUrl),
        ("javascript:alert(1)", ErrorCode::InsecureUrl),
        ("id.example", ErrorCode::InsecureUrl),
        ("https://id.example/a b", ErrorCode::InsecureUrl),
        ("https://id.example\\a", ErrorCode::InsecureUrl),
        ("", ErrorCode::InsecureUrl),
    ];
    for (refused, code) in table {
        assert_eq!(Issuer::parse(refused).unwrap_err().code(), code, "{refused}");
    }
}

// RFC 8414 section 4: simple string comparison, without any normalisation.
#[test]
fn r79_two_spellings_are_two_issuers() {
    let issuer = |text| Issuer::parse(text).unwrap();
    for other in ["https://id.example/", "https://ID.example", "https://id.example:443"] {
        assert_ne!(issuer(ISSUER), issuer(other));
    }
}

// RFC 8414 section 3.1, OpenID Connect Discovery 4.1.
#[test]
fn r77_the_documents_are_where_the_rules_put_them() {
    let table = [
        ("https://id.example//", ""),
        ("https://id.example:8443/a/b/", "/a/b"),
        ("http://localhost:9400", ""),
        ("http://[::1]:9400/a", "/a"),
    ];
    for (text, path) in table {
        let issuer = Issuer::parse(text).unwrap();
        let origin = url::Url::parse(text).unwrap().origin().ascii_serialization();
        let inserted = format!("{origin}/.well-known/oauth-authorization-server{path}");
        let appended = format!("{origin}{path}/.well-known/openid-configuration");
        assert_eq!(issuer.authorization_server_metadata_url(), inserted);
        assert_eq!(issuer.openid_configuration_url(), appended);
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn an_issuer_is_kept_as_written_and_its_documents_stay_on_its_origin(
        tail in prop_oneof![any_text(), "[a-z0-9./:-]{0,30}"],
        scheme in prop::sample::select(vec!["https://", "http://", "http://localhost", "https://id.example", ""]),
    ) {
        let text = [scheme, &tail].concat();
        let Ok(issuer) = Issuer::parse(&text) else { return Ok(()) };
        prop_assert_eq!(issuer.as_str(), &text);
        prop_assert!(!text.contains(['?', '#', '\\']));
        let Ok(url) = url::Url::parse(&text) else {
            prop_assert!(text.to_lowercase().contains("xn--"), "{}", text);
            return Ok(());
        };
        prop_assert!(url.query().is_none() && url.fragment().is_none() && url.username().is_empty());
        for document in [issuer.openid_configuration_url(), issuer.authorization_server_metadata_url()] {
            let document = SecureUrl::parse(&document).unwrap();
            prop_assert_eq!(document.origin(), url.origin().ascii_serialization());
            prop_assert!(document.path().contains("/.well-known/"));
        }
    }
}
