//! Headers that an app may give to its calls of APIs.

use super::error::{Error, ErrorCode};

/// What the client writes itself, and what browsers let nobody write (Fetch 2.2.2): they would leave it
/// out without a word.
const RESERVED: [&str; 23] = [
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "dpop",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

/// Checks a header of an app: a name that is its own to choose, and a value of visible ASCII, spaces and
/// tabs (RFC 9110 sections 5.1 and 5.5).
pub(crate) fn check(name: &str, value: &str) -> Result<(), Error> {
    let is_text = |byte: u8| byte == b'\t' || (0x20..=0x7e).contains(&byte);
    if !is_token(name) || is_reserved(name) || !value.bytes().all(is_text) {
        return Err(Error::new(ErrorCode::InvalidConfig).about(&["header ", name].concat()));
    }
    Ok(())
}

fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_prefixed = name.starts_with("proxy-") || name.starts_with("sec-");
    is_prefixed || RESERVED.contains(&name.as_str())
}

/// RFC 9110 section 5.6.2.
fn is_token(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token)
}
