//! URLs that may be called. The oracle is the `url` crate, which reads them as browsers do.

use super::*;

const ACCEPTED: [(&str, &str); 24] = [
    ("https://a.example", "https://a.example/"),
    ("https://a.example/", "https://a.example/"),
    ("https://A.Example/Path", "https://a.example/Path"),
    ("https://a.example:443/", "https://a.example/"),
    ("https://a.example:8443/", "https://a.example:8443/"),
    ("https://a.example?x=1", "https://a.example/?x=1"),
    ("https://a.example/?", "https://a.example/?"),
    ("https://a.example//x//", "https://a.example//x//"),
    ("https://a.example/%2F%5c", "https://a.example/%2F%5c"),
    ("https://a.example/it's/(x)?a=[1]&b=@:/?", "https://a.example/it's/(x)?a=[1]&b=@:/?"),
    ("https://a.example/@b", "https://a.example/@b"),
    ("https://a_b.example/", "https://a_b.example/"),
    ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
    ("https://192.0.2.1/", "https://192.0.2.1/"),
    ("https://[::1]:8443/", "https://[::1]:8443/"),
    ("http://localhost", "http://localhost/"),
    ("http://LOCALHOST:80/", "http://localhost/"),
    ("http://localhost:8080/x", "http://localhost:8080/x"),
    ("http://a.localhost/", "http://a.localhost/"),
    ("http://127.0.0.1:1/", "http://127.0.0.1:1/"),
    ("http://127.255.255.254/", "http://127.255.255.254/"),
    ("http://[::1]/", "http://[::1]/"),
    ("http://[::1]:65535/", "http://[::1]:65535/"),
    ("https://a.example/.../..x", "https://a.example/.../..x"),
];

const REFUSED: [&str; 73] = [
    "",
    "https",
    "https:",
    "https:/",
    "https://",
    "https:///",
    "https:///a.example/",
    "https:/a.example/",
    "https:a.example/",
    "https:\\\\a.example/",
    "https://a.example\\@evil.example/",
    "HTTPS://a.example/",
    " https://a.example/",
    "https://a.example/ ",
    "https://a.example/a b",
    "https://a.example/\u{a0}",
    "https://a.example/\n",
    "ht\ntps://a.example/",
    "https://a.exa\tmple/",
    "https://a.example/#",
    "https://a.example/#x",
    "https://user@a.example/",
    "https://user:password@a.example/",
    "https://@a.example/",
    "https://:@a.example/",
    "https://a.example:/",
    "https://a.example:0/",
    "https://a.example:00443/",
    "https://a.example:65536/",
    "https://a.example:+443/",
    "https://a.example:443:443/",
    "https://a.example:x/",
    "https://a.example./",
    "https://.a.example/",
    "https://a..example/",
    "https://a%2eexample/",
    "https://b\u{fc}cher.example/",
    "https://\u{ff41}.example/",
    "https://a,b.example/",
    "https://a.example/../x",
    "https://a.example/./x",
    "https://a.example/x/..",
    "https://a.example/%2E%2e/x",
    "https://a.example/x?a='b'",
    "https://a.example/x?a=\"b\"",
    "https://a.example/<script>",
    "https://127.1/",
    "https://0x7f.0.0.1/",
    "https://0x7f000001/",
    "https://2130706433/",
    "https://1.2.3.04/",
    "https://1.2.3.256/",
    "https://a.1/",
    "https://[::1/",
    "https://::1/",
    "https://[]/",
    "https://[2001:db8::1]/",
    "https://[::g]/",
    "https://[::::]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::1]x/",
    "https://[::1%25eth0]/",
    "http://a.example/",
    "http://localhost.evil.test/",
    "http://127.0.0.1.evil.test/",
    "http://evil.test/localhost",
    "http://localhostx/",
    "http://0.0.0.0/",
    "http://128.0.0.1/",
    "http://[::2]/",
    "http://[::ffff:127.0.0.1]/",
    "javascript://localhost/%0aalert(1)",
    "wss://a.example/",
];

// RFC 6749 sections 3.1 and 3.2, RFC 9700 section 2.6, RFC 8252 section 8.3.
#[test]
fn r80_https_and_the_loopback_are_accepted_in_the_browsers_spelling() {
    for (text, written) in ACCEPTED {
        let url = SecureUrl::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(url.as_str(), written);
        assert_eq!(url.as_str(), url::Url::parse(text).unwrap().as_str());
    }
}

#[test]
fn r80_everything_else_is_refused() {
    for text in REFUSED {
        let error = SecureUrl::parse(text).expect_err(text);
        assert_eq!(error.code(), ErrorCode::InsecureUrl);
    }
}

#[test]
fn the_parts_are_the_browsers() {
    let url = SecureUrl::parse("https://a.example:8443/b/c?d=e?f/g").unwrap();
    assert_eq!(url.origin(), "https://a.example:8443");
    assert_eq!(url.path(), "/b/c");
    assert_eq!(url.query(), Some("d=e?f/g"));
    assert_eq!(url.without_query(), "https://a.example:8443/b/c");
    assert_eq!(SecureUrl::parse("https://a.example").unwrap().query(), None);
}

// An error is shown and logged: it names the server, and nothing that could be a password or a token.
#[test]
fn an_error_quotes_no_password_and_no_query() {
    for text in [
        "https://hanako:very-secret@a.example/",
        "http://a.example/?access_token=very-secret",
        "https://a.example/#very-secret",
        "http://a.example/?x=very-secret@",
    ] {
        let errors = [
            SecureUrl::parse(text).unwrap_err(),
            Issuer::parse(text).unwrap_err(),
            config().allow_origin(text).unwrap_err(),
            config().check_resource(text).unwrap_err(),
        ];
        for error in errors {
            assert!(!format!("{error} {error:?}").contains("very-secret"), "{error}");
        }
    }
    let error = SecureUrl::parse("http://a.example/x").unwrap_err();
    assert_eq!(error.subject(), Some("http://a.example/x"));
}

/// Whether the browser would call this URL over TLS or on this machine.
fn is_safe(url: &url::Url) -> bool {
    let is_local = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.octets()[0] == 127,
        Some(url::Host::Ipv6(address)) => address.segments() == [0, 0, 0, 0, 0, 0, 0, 1],
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_local)
}

/// Things that look like URLs, also like URLs that lie.
fn any_url() -> impl Strategy<Value = String> {
    let scheme = prop::sample::select(vec![
        "https://",
        "http://",
        "https:/",
        "HTTPS://",
        "ftp://",
        "https:\\\\",
        "",
        "//",
        "javascript:",
    ]);
    let host = prop_oneof![
        prop::sample::select(vec![
            "a.example",
            "localhost",
            "127.0.0.1",
            "[::1]",
            "user@a.example",
            "a.example.",
            "127.1",
            "[::ffff:7f00:1]",
            "xn--bcher-kva.example",
            "localhost.evil.test",
            "",
        ])
        .prop_map(str::to_owned),
        "[a-zA-Z0-9._-]{0,12}",
        "[0-9x]{1,4}(\\.[0-9x]{1,4}){0,4}",
        "\\[[0-9a-f:.]{0,20}\\]",
        any_text(),
    ];
    let port = prop_oneof![3 => Just(String::new()), 1 => "(:[0-9]{0,6})"];
    let rest = prop_oneof![Just(String::new()), "[/?#][ -~]{0,30}", any_text()];
    (scheme, host, port, rest)
        .prop_map(|(scheme, host, port, rest)| [scheme, &host, &port, &rest].concat())
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn what_is_accepted_means_the_same_to_the_browser(text in prop_oneof![4 => any_url(), 1 => any_text()]) {
        let Ok(ours) = SecureUrl::parse(&text) else { return Ok(()) };
        // A browser refuses `xn--` labels that encode nothing, and then nothing is called.
        let Ok(theirs) = url::Url::parse(&text) else {
            prop_assert!(text.to_lowercase().contains("xn--"), "{}", text);
            return Ok(());
        };
        prop_assert_eq!(ours.as_str(), theirs.as_str());
        prop_assert_eq!(ours.origin(), theirs.origin().ascii_serialization());
        prop_assert_eq!(ours.path(), theirs.path());
        prop_assert_eq!(ours.query(), theirs.query());
        prop_assert!(is_safe(&theirs), "{}", text);
        prop_assert!(theirs.username().is_empty() && theirs.password().is_none() && theirs.fragment().is_none());
        prop_assert_eq!(SecureUrl::parse(ours.as_str()), Ok(ours));
    }

    #[test]
    fn an_ordinary_url_is_accepted(
        host in "[a-z]([a-z0-9-]{0,10}[a-z0-9])?(\\.[a-wyz][a-z0-9]{0,5}){1,3}",
        port in 1..=u16::MAX,
        path in "(/[a-zA-Z0-9_~%-]{1,8}){0,4}",
        query in prop::option::of("[a-zA-Z0-9_=&%+.-]{0,20}"),
    ) {
        // An encoded dot is a dot to the browser, and `/..` another place.
        prop_assume!(!path.to_lowercase().contains("%2e"));
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let text = format!("https://{host}:{port}{path}{query}");
        let Ok(theirs) = url::Url::parse(&text) else { return Ok(()) };
        let ours = SecureUrl::parse(&text);
        prop_assert_eq!(ours.as_ref().map(SecureUrl::as_str), Ok(theirs.as_str()));
    }
}
