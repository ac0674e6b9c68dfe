//! URLs that may be called: encrypted, or on this very machine.
//!
//! A strict reader of a subset of the URL standard, not a general parser: what it accepts is already
//! written the way the browser would write it, so both mean the same server, and the rest is refused
//! instead of mended. (A general parser would also be a sixth of the library's WebAssembly.)

use core::fmt;

use super::error::{Error, ErrorCode};
use super::text::split;

/// The loopback address of IPv6, as browsers write it.
const LOOPBACK_V6: &str = "[::1]";

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
        split(&self.text, self.path_start).0
    }

    /// The path, from its first slash.
    pub fn path(&self) -> &str {
        let path = split(&self.text, self.path_start).1;
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
    let (authority, rest) = split(rest, end);
    let (host, port) = host_and_port(authority)?;
    let host = host.to_ascii_lowercase();
    if !is_host(&host) || has_dot_segment(rest) || has_quoted_query(rest) {
        return None;
    }
    let default_port = match scheme {
        "https" => "443",
        "http" if is_loopback(&host) => "80",
        _ => return None,
    };
    let origin = match port {
        Some(port) if port != default_port => [scheme, "://", &host, ":", port].concat(),
        _ => [scheme, "://", &host].concat(),
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

fn host_and_port(authority: &str) -> Option<(&str, Option<&str>)> {
    match authority.rsplit_once(':') {
        // The colons of the IPv6 address stand in brackets.
        Some((host, port)) if !port.ends_with(']') => {
            let plain = is_digits(port) && !port.starts_with('0') && port.parse::<u16>().is_ok();
            plain.then_some((host, Some(port)))
        }
        _ => Some((authority, None)),
    }
}

/// A host name of plain labels, an IPv4 address of four numbers, or the loopback address of IPv6.
/// Other IPv6 addresses are refused: they have many spellings, and no certificate.
fn is_host(host: &str) -> bool {
    if host == LOOPBACK_V6 {
        return true;
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let last = host.rsplit('.').next().unwrap_or(host);
    // Browsers read any host that ends in a number as an IPv4 address, `0x7f.1` included.
    let is_number = is_digits(last) || last.starts_with("0x");
    host.split('.').all(is_label) && (!is_number || is_ipv4(host))
}

/// Four numbers up to 255, without leading zeros.
fn is_ipv4(host: &str) -> bool {
    let is_number = |part: &str| {
        let leading_zero = part.len() > 1 && part.starts_with('0');
        is_digits(part) && !leading_zero && part.parse::<u8>().is_ok()
    };
    host.split('.').count() == 4 && host.split('.').all(is_number)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host == LOOPBACK_V6
        || (is_ipv4(host) && host.starts_with("127."))
}

/// An apostrophe in the query, which browsers escape there and leave alone in the path.
fn has_quoted_query(rest: &str) -> bool {
    rest.split_once('?').is_some_and(|(_, query)| query.as_bytes().contains(&b'\''))
}

/// `.` and `..`, also percent-encoded, which browsers take out of a path.
fn has_dot_segment(rest: &str) -> bool {
    let path = rest.split('?').next().unwrap_or(rest);
    path.split('/').any(|segment| {
        let segment = segment.to_ascii_lowercase();
        matches!(segment.as_str(), "." | ".." | "%2e" | ".%2e" | "%2e." | "%2e%2e")
    })
}

/// Whether a server could see another path here than the browser does, which has taken out no more than
/// plain dot segments: `..%2f`, `%252e%252e`, or `..;x`, which servlet containers read as `..`.
pub(super) fn is_ambiguous(path: &str) -> bool {
    let is_dots = |segment: &str| matches!(segment.split(';').next(), Some("." | ".."));
    let Some(hidden) = escaped_bytes(path) else { return true };
    let acts = |byte: &u8| matches!(byte, 0 | b'%' | b'.' | b'/' | b';' | b'\\');
    // What is not UTF-8 can be one of these in an overlong form.
    hidden.iter().any(acts)
        || core::str::from_utf8(&hidden).is_err()
        || path.split('/').any(is_dots)
}

/// What the percent-encoded bytes of a path stand for; `None` where a percent sign stands for itself.
fn escaped_bytes(path: &str) -> Option<Vec<u8>> {
    let byte = |rest: &str| {
        let digits = rest.get(..2).filter(|digits| digits.bytes().all(|d| d.is_ascii_hexdigit()));
        u8::from_str_radix(digits?, 16).ok()
    };
    path.split('%').skip(1).map(byte).collect()
}

impl fmt::Debug for SecureUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}
