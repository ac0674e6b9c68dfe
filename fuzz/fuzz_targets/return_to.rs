//! Where the person goes after signing in: always a page of the app's origin.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pixy_login::protocol::{ReturnTo, SecureUrl};
use url::Url;

const REDIRECT_URIS: [&str; 5] = [
    "https://app.example/shop/callback.html",
    "https://app.example/",
    "https://app.example/a//b/callback?x=//y",
    "http://localhost:8080/a/b/",
    "http://[::1]/cb",
];

fuzz_target!(|wanted: &str| {
    for redirect_uri in REDIRECT_URIS {
        let redirect_uri = SecureUrl::parse(redirect_uri).unwrap();
        assert_stays(wanted, &redirect_uri);
    }
});

fn assert_stays(wanted: &str, redirect_uri: &SecureUrl) {
    let page = ReturnTo::new(wanted, redirect_uri);
    let text = page.as_str();
    let base = Url::parse(redirect_uri.as_str()).unwrap();
    let rest = text.strip_prefix(redirect_uri.origin()).unwrap();
    assert!(rest.starts_with('/'), "{text:?}");

    let url = Url::parse(text).unwrap();
    assert_eq!(url.origin(), base.origin(), "{text:?}");
    assert!(url.username().is_empty() && url.password().is_none(), "{text:?}");
    // A router is given what is behind the origin, and resolves it again.
    assert_eq!(base.join(rest).unwrap().origin(), base.origin(), "{text:?}");
    assert_eq!(ReturnTo::new(text, redirect_uri), page, "checked once more it is another");
}
