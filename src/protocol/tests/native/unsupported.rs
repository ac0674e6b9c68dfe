//! Providers that a web page can't use.

use super::*;

fn refusal(issuer: &str) -> Option<Error> {
    Config::new(issuer, CLIENT_ID, REDIRECT_URI).err()
}

#[test]
fn a_provider_that_needs_a_secret_is_refused_before_the_page_is_left() {
    let table = [
        ("https://accounts.google.com", "Google"),
        ("https://accounts.google.com/", "Google"),
        ("https://ACCOUNTS.google.com:443", "Google"),
        ("https://github.com", "GitHub"),
        ("https://github.com/login/oauth", "GitHub"),
        ("https://api.github.com", "GitHub"),
        ("https://x.com", "X"),
        ("https://api.x.com/2", "X"),
        ("https://api.twitter.com", "X"),
        ("https://www.linkedin.com/oauth", "LinkedIn"),
        ("https://appleid.apple.com", "Apple"),
        ("https://www.facebook.com", "Facebook"),
        ("https://id.twitch.tv/oauth2", "Twitch"),
    ];
    for (issuer, name) in table {
        let error = refusal(issuer).expect(issuer);
        assert_eq!(error.code(), ErrorCode::ProviderNeedsSecret, "{issuer}");
        assert!(error.subject().unwrap().contains(name), "{issuer}: {error}");
        assert!(error.message().contains("broker"), "{error}");
    }
    assert_eq!(ErrorCode::ProviderNeedsSecret.fault(), Fault::Configuration);
    assert!(!ErrorCode::ProviderNeedsSecret.retry_can_help());
}

#[test]
fn a_provider_is_refused_by_its_host_and_nothing_else() {
    for issuer in [
        "https://google.example",
        "https://accounts.google.com.example",
        "https://sso.accounts.google.com",
        "https://notgithub.com",
        "https://github.com.example",
        "https://netflix.com",
        "https://id.example/github.com",
        "https://id.example/https://accounts.google.com",
        "https://gitlab.com",
        "http://localhost:9400",
        "http://[::1]:9400",
    ] {
        assert_eq!(refusal(issuer), None, "{issuer}");
    }
}
