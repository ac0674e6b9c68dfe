//! URLs as a person gives them for a document that others compare to the letter: already in the
//! browser's spelling, or refused.

use std::fmt;

use url::Url;

use crate::error::{Failure, Result};

/// `https://host:port/path?query`, or the same with `http` on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebUrl(Url);

impl WebUrl {
    /// A URL that begins with `https`.
    pub fn https(text: &str) -> Result<Self> {
        checked("https", Url::parse(text).ok(), text)
    }

    /// A URL of this machine that begins with `http`.
    pub fn loopback(text: &str) -> Result<Self> {
        let url = checked("http", Url::parse(text).ok(), text)?;
        match url.0.host_str() {
            Some("localhost" | "127.0.0.1") => Ok(url),
            _ => Err(refused(text, "http to localhost")),
        }
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The path, from its first slash.
    pub fn path(&self) -> &str {
        self.0.path()
    }

    /// The query, without its question mark.
    pub fn query(&self) -> Option<&str> {
        self.0.query()
    }

    /// Another URL, whole or relative to this one. It needs the scheme of this one.
    pub fn join(&self, text: &str) -> Result<Self> {
        if text.starts_with("//") {
            return Err(refused(text, self.0.scheme()));
        }
        checked(self.0.scheme(), self.0.join(text).ok(), text)
    }
}

impl fmt::Display for WebUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// A URL that ends as it was written, so that nothing of it was mended.
fn checked(scheme: &str, url: Option<Url>, text: &str) -> Result<WebUrl> {
    let is_plain = |url: &Url| {
        let is_spelled = url.as_str().strip_suffix('/').is_some_and(|url| url == text)
            || url.as_str().ends_with(text);
        url.scheme() == scheme
            && is_spelled
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
            // Empty labels and segments: the latter may pass for a host.
            && url.host_str().is_some_and(|host| !host.contains(".."))
            && !url.path().contains("//")
            && !text.contains('\'')
    };
    url.filter(is_plain).map(WebUrl).ok_or_else(|| refused(text, scheme))
}

fn refused(text: &str, scheme: &str) -> Failure {
    Failure::message(format!(
        "'{text}' can't be used: give a URL with {scheme}, as a browser shows it, without user \
         name, fragment, '..' or the usual port"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_parts() {
        let url = WebUrl::https("https://app.example:8443/a/b?c=d/e").unwrap();
        assert_eq!(url.origin(), "https://app.example:8443");
        assert_eq!((url.path(), url.query()), ("/a/b", Some("c=d/e")));
        assert_eq!(
            WebUrl::https("https://app.example").unwrap().to_string(),
            "https://app.example/"
        );
    }

    #[test]
    fn another_spelling_than_the_browsers_is_refused() {
        for text in [
            "https://app.example:/",
            "https://app.example:0443/",
            "https://app.example:65536/",
            "https://app..example/",
            "https://例え.example/",
            "https://app.example?a=b",
            "https://app.example//a",
            "https://app.example/花",
            "https://app.example/a b",
            "https:/app.example/",
            " https://app.example/",
        ] {
            assert!(WebUrl::https(text).is_err(), "{text}");
        }
    }

    #[test]
    fn joins_like_a_browser_what_it_joins() {
        let url = WebUrl::https("https://app.example/a/b").unwrap();
        let join = |text: &str| url.join(text).unwrap().to_string();
        assert_eq!(join("c"), "https://app.example/a/c");
        assert_eq!(join("/c/"), "https://app.example/c/");
        assert_eq!(join("https://other.example/c"), "https://other.example/c");
        assert_eq!(join("c?d=e://f"), "https://app.example/a/c?d=e://f");
        for other in ["javascript:alert(1)", "http://app.example/c", "//other.example/c"] {
            assert!(url.join(other).is_err(), "{other}");
        }
    }

    #[test]
    fn this_machine_has_two_names() {
        assert!(WebUrl::loopback("http://localhost:8080").is_ok());
        assert!(WebUrl::loopback("http://127.0.0.1/").is_ok());
        assert!(WebUrl::loopback("http://localhost.evil.example/").is_err());
    }
}
