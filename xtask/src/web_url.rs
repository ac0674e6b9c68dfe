//! URLs as a person gives them for a document that others compare to the letter: already in the
//! browser's spelling, or refused.

use std::fmt;

use crate::error::{Failure, Result};

/// `https://host:port/path?query`, or the same with `http` on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebUrl {
    origin: String,
    /// From the path's first slash on.
    rest: String,
}

impl WebUrl {
    /// A URL that begins with `https`.
    pub fn https(text: &str) -> Result<Self> {
        read("https", text).ok_or_else(|| refused(text, "https"))
    }

    /// A URL of this machine that begins with `http`.
    pub fn loopback(text: &str) -> Result<Self> {
        let url = read("http", text).filter(|url| is_loopback(&url.origin));
        url.ok_or_else(|| refused(text, "http to localhost"))
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The path, from its first slash.
    pub fn path(&self) -> &str {
        self.rest.split('?').next().unwrap_or(&self.rest)
    }

    /// The query, without its question mark.
    pub fn query(&self) -> Option<&str> {
        self.rest.split_once('?').map(|(_, query)| query)
    }

    /// Another URL, whole or relative to this one. It needs the scheme of this one.
    pub fn join(&self, text: &str) -> Result<Self> {
        let (scheme, _) = self.origin.split_once(':').unwrap_or((&self.origin, ""));
        let begins_with_scheme = text.split(['/', '?']).next().is_some_and(|it| it.contains(':'));
        let whole = if begins_with_scheme {
            text.to_owned()
        } else if text.starts_with('/') {
            format!("{}{text}", self.origin)
        } else {
            let (folder, _) = self.path().rsplit_once('/').unwrap_or_default();
            format!("{}{folder}/{text}", self.origin)
        };
        read(scheme, &whole).ok_or_else(|| refused(text, scheme))
    }
}

impl fmt::Display for WebUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.origin, self.rest)
    }
}

fn refused(text: &str, scheme: &str) -> Failure {
    Failure::message(format!(
        "'{text}' can't be used: give a URL with {scheme}, as a browser shows it, without user \
         name, fragment, '..' or the usual port"
    ))
}

fn read(scheme: &str, text: &str) -> Option<WebUrl> {
    let rest = text.strip_prefix(scheme)?.strip_prefix("://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let rest = if rest.is_empty() { "/" } else { rest };
    let is_url = is_authority(authority, if scheme == "https" { "443" } else { "80" })
        && rest.starts_with('/')
        && rest.bytes().all(is_plain)
        && !has_odd_segment(rest);
    is_url.then(|| WebUrl { origin: format!("{scheme}://{authority}"), rest: rest.to_owned() })
}

fn is_authority(authority: &str, usual_port: &str) -> bool {
    let (host, port) = authority.split_once(':').unwrap_or((authority, "1"));
    let is_label = |label: &str| {
        let fits =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        !label.is_empty() && label.bytes().all(fits)
    };
    let is_port =
        port != usual_port && !port.starts_with(['0', '+']) && port.parse::<u16>().is_ok();
    host.split('.').all(is_label) && is_port
}

/// Visible ASCII, without what begins a fragment and what browsers mend or escape.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"#'<>\\^`{|}".contains(&byte)
}

/// Segments that browsers take out of a path, and empty ones, which may pass for a host.
fn has_odd_segment(rest: &str) -> bool {
    let path = rest.split('?').next().unwrap_or(rest);
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let decoded = segment.to_ascii_lowercase().replace("%2e", ".");
        let is_last = segments.peek().is_none();
        if matches!(decoded.as_str(), "." | "..") || decoded.is_empty() && !is_last {
            return true;
        }
    }
    false
}

fn is_loopback(origin: &str) -> bool {
    let host = origin.split("://").nth(1).and_then(|authority| authority.split(':').next());
    matches!(host, Some("localhost" | "127.0.0.1"))
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
