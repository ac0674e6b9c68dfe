//! URLs that may be called: what is accepted means the same to the browser.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pixy_login::protocol::{Config, Issuer, SecureUrl};
use pixy_login_fuzz::{CLIENT_ID, ISSUER, assert_presentable};
use url::{Host, Url};

fuzz_target!(|text: &str| {
    let ours = match SecureUrl::parse(text) {
        Ok(ours) => ours,
        Err(error) => {
            assert_presentable(&error);
            assert!(Issuer::parse(text).is_err(), "an issuer that is no URL: {text:?}");
            return;
        }
    };
    let Ok(theirs) = Url::parse(text) else {
        // Browsers refuse `xn--` labels that encode nothing, and then nothing is called.
        assert!(text.to_ascii_lowercase().contains("xn--"), "no browser reads {text:?}");
        return;
    };
    assert_eq!(ours.as_str(), theirs.as_str());
    assert_eq!(ours.origin(), theirs.origin().ascii_serialization());
    assert_eq!(ours.path(), theirs.path());
    assert_eq!(ours.query(), theirs.query());
    assert!(theirs.scheme() == "https" || theirs.scheme() == "http" && is_loopback(&theirs));
    assert!(theirs.username().is_empty() && theirs.password().is_none());
    assert_eq!(theirs.fragment(), None);
    assert_eq!(SecureUrl::parse(ours.as_str()), Ok(ours.clone()));
    if let Ok(issuer) = Issuer::parse(text) {
        assert_eq!(issuer.as_str(), text);
        assert!(!text.contains('?'));
    }
    if let Ok(config) = Config::new(ISSUER, CLIENT_ID, text) {
        assert_eq!(config.redirect_uri().as_str(), text, "sent in another spelling");
    }
});

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
