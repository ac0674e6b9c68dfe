//! Where the person goes after signing in: a page of the app itself, never elsewhere.

use super::secure_url::SecureUrl;
use super::text::split;

/// A page of the app's own origin, absolute (RFC 9700 sections 2.1 and 4.11.1: no open redirector).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// Resolves `wanted` against the redirect URI's folder. Whatever leaves the origin, or only might
    /// (`//evil`, `/\evil`, `javascript:`, control characters), becomes that folder itself. The result
    /// always begins with the origin and a slash.
    ///
    /// ```
    /// use pixy_login::protocol::{ReturnTo, SecureUrl};
    ///
    /// let redirect_uri = SecureUrl::parse("https://app.example/shop/callback.html").unwrap();
    /// assert_eq!(ReturnTo::new("cart.html?page=2", &redirect_uri).as_str(),
    ///            "https://app.example/shop/cart.html?page=2");
    /// assert_eq!(ReturnTo::new("//evil.example", &redirect_uri).as_str(),
    ///            "https://app.example/shop/");
    /// ```
    pub fn new(wanted: &str, redirect_uri: &SecureUrl) -> Self {
        let page = within_origin(wanted.trim(), redirect_uri);
        let page = page.unwrap_or_else(|| folder(redirect_uri).to_owned());
        Self([redirect_uri.origin(), &page].concat())
    }

    /// The same, but `None` for what leaves the origin.
    pub(crate) fn within_app(wanted: &str, redirect_uri: &SecureUrl) -> Option<Self> {
        let page = within_origin(wanted.trim(), redirect_uri)?;
        Some(Self([redirect_uri.origin(), &page].concat()))
    }

    /// The page's absolute URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The wanted page from its first slash on, when it is one of this origin.
fn within_origin(wanted: &str, redirect_uri: &SecureUrl) -> Option<String> {
    if wanted.as_bytes().contains(&b'\\') || wanted.chars().any(char::is_control) {
        return None;
    }
    let page = match wanted.strip_prefix(redirect_uri.origin()) {
        // `https://app.example.evil` begins with the origin, too, but no slash follows.
        Some(rest) if rest.is_empty() || rest.starts_with(['?', '#']) => ["/", rest].concat(),
        Some(rest) if rest.starts_with('/') => rest.to_owned(),
        _ => relative(wanted, redirect_uri)?,
    };
    (!hides_authority(&page)).then_some(page)
}

fn relative(wanted: &str, redirect_uri: &SecureUrl) -> Option<String> {
    let first = wanted.split(['/', '?', '#']).next().unwrap_or(wanted);
    if first.as_bytes().contains(&b':') {
        return None;
    }
    let base = match wanted.chars().next() {
        Some('/') => "",
        Some('?' | '#') => redirect_uri.path(),
        _ => folder(redirect_uri),
    };
    Some([base, wanted].concat())
}

/// `//evil`, also behind percent-encoding that a later redirect may take off.
fn hides_authority(page: &str) -> bool {
    let path = page.split(['?', '#']).next().unwrap_or(page);
    let bytes = path.as_bytes();
    let slash_at = |index: usize| match bytes.get(index) {
        Some(b'/') => 1,
        Some(b'%') => match bytes.get(index + 1..index + 3).map(<[u8]>::to_ascii_lowercase) {
            Some(code) if code == b"2f" || code == b"5c" => 3,
            _ => 0,
        },
        _ => 0,
    };
    (0..bytes.len()).any(|index| {
        let length = slash_at(index);
        length > 0 && slash_at(index + length) > 0
    })
}

/// The path up to its last slash.
fn folder(redirect_uri: &SecureUrl) -> &str {
    let path = redirect_uri.path();
    path.rfind('/').map_or("/", |slash| split(path, slash + 1).0)
}
