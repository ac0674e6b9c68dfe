//! URLs that may be called: encrypted, or on this very machine.
//!
//! A strict reader of a subset of the URL standard, not a general parser: what it accepts is already
//! written the way the browser would write it, so both mean the same server, and the rest is refused
//! instead of mended. (A general parser would also be a sixth of the library's WebAssembly.)

use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::error::{Error, ErrorCode};

/// An absolute URL that was checked: `https`, or `http` to a loopback host; no user name, password or
/// fragment (RFC 6749 sections 3.1 and 3.2, RFC 9700 section 2.6). Other characters than visible ASCII
/// must come percent-encoded, other host names than ASCII in their `xn--` form.
///
/// ```
/// use pixy_login::protocol::SecureUrl;
///
/// let url = SecureUrl::parse("https://API.example:443/mail?page=2").unwrap();
/// assert_eq!(url.as_str(), "https://api.example/mail?page=2");
/// assert_eq!(url.origin(), "https://api.example");
/// assert!(SecureUrl::parse("http://api.example/").is_err());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SecureUrl {
    text: String,
    /// Where the origin ends and the path begins.
    path_start: usize,
}

impl SecureUrl {
    /// Checks `text`.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InsecureUrl`] when it is no such URL.
    pub fn parse(text: &str) -> Result<Self, Error> {
        read(text).ok_or_else(|| Error::new(ErrorCode::InsecureUrl).about(nameable(text)))
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port, as browsers write an origin: `https://api.example`.
    pub fn origin(&self) -> &str {
        &self.text[..self.path_start]
    }

    /// The path, from its first slash.
    pub fn path(&self) -> &str {
        let path = &self.text[self.path_start..];
        path.split('?').next().unwrap_or(path)
    }

    /// The query, without its question mark.
    pub fn query(&self) -> Option<&str> {
        self.text.split_once('?').map(|(_, query)| query)
    }

    /// The URL without its query.
    pub(crate) fn without_query(&self) -> &str {
        self.text.split('?').next().unwrap_or(&self.text)
    }
}

/// What an error may quote of a URL: no query and no fragment, and nothing before an `@`, where secrets
/// can stand.
pub(crate) fn nameable(text: &str) -> &str {
    let text = text.split(['?', '#']).next().unwrap_or(text);
    text.rsplit('@').next().unwrap_or(text)
}

fn read(text: &str) -> Option<SecureUrl> {
    if !text.bytes().all(is_plain) {
        return None;
    }
    let (scheme, rest) = text.split_once(':')?;
    let rest = rest.strip_prefix('/')?.strip_prefix('/')?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let (host, port) = host_and_port(authority)?;
    let host = host.to_ascii_lowercase();
    if !is_host(&host) || has_dot_segment(rest) || has_quoted_query(rest) {
        return None;
    }
    let default_port = match scheme {
        "https" => 443,
        "http" if is_loopback(&host) => 80,
        _ => return None,
    };
    let port = port.filter(|port| *port != default_port);
    let origin = match port {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    };
    let slash = if rest.starts_with('/') { "" } else { "/" };
    Some(SecureUrl { path_start: origin.len(), text: [&origin, slash, rest].concat() })
}

/// Visible ASCII, without `#` (a fragment), `@` before the path (see [`host_and_port`]) and what
/// browsers mend or escape.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(byte, b'"' | b'#' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
}

fn host_and_port(authority: &str) -> Option<(&str, Option<u16>)> {
    // The colons of an IPv6 address stand in brackets.
    let host_end = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let Some(colon) = authority[host_end..].find(':') else {
        return Some((authority, None));
    };
    let (host, port) = authority.split_at(host_end + colon);
    let digits = &port[1..];
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    let port = digits.parse().ok().filter(|_| plain)?;
    Some((host, Some(port)))
}

/// A host name of plain labels, an IPv4 address of four numbers, or an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        return address.strip_suffix(']').is_some_and(is_canonical_ipv6);
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let last = host.rsplit('.').next().unwrap_or(host);
    // Browsers read any host that ends in a number as an IPv4 address, `0x7f.1` included.
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    host.split('.').all(is_label) && (!is_number || host.parse::<Ipv4Addr>().is_ok())
}

/// Written as browsers write it: without leading zeros, the longest run of zeros left out.
fn is_canonical_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok_and(|address| address.to_string() == text)
}

fn is_loopback(host: &str) -> bool {
    let is_loopback_address = host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    host == "localhost" || host.ends_with(".localhost") || host == "[::1]" || is_loopback_address
}

/// An apostrophe in the query, which browsers escape there and leave alone in the path.
fn has_quoted_query(rest: &str) -> bool {
    rest.split_once('?').is_some_and(|(_, query)| query.contains('\''))
}

/// `.` and `..`, also percent-encoded, which browsers take out of a path.
fn has_dot_segment(rest: &str) -> bool {
    let path = rest.split('?').next().unwrap_or(rest);
    path.split('/').any(|segment| {
        let segment = segment.to_ascii_lowercase();
        matches!(segment.as_str(), "." | ".." | "%2e" | ".%2e" | "%2e." | "%2e%2e")
    })
}

impl fmt::Debug for SecureUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}
