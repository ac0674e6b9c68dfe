//! A request to an API that was refused until the person signs in again, and is repeated then.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::json::{Object, Writer};
use super::request_header;
use super::secret::base64url;
use super::secure_url::SecureUrl;

/// The most bytes of headers and body that are kept: 64 KiB.
const LARGEST: usize = 64 << 10;

/// What has to be known of a request to send it once more. It lies in session storage while the person
/// is at the provider.
#[derive(Clone, PartialEq, Eq)]
pub struct RefusedRequest {
    person: String,
    method: String,
    url: SecureUrl,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl RefusedRequest {
    /// Keeps a request of a person; `None` when it is too large to be kept.
    pub fn new(
        person: &str,
        method: &str,
        url: SecureUrl,
        headers: Vec<(String, String)>,
        body: Option<&[u8]>,
    ) -> Option<Self> {
        let header_length = |(name, value): &(String, String)| name.len() + value.len();
        let length = headers.iter().map(header_length).sum::<usize>() + body.map_or(0, <[u8]>::len);
        (length <= LARGEST).then(|| Self {
            person: person.to_owned(),
            method: method.to_owned(),
            url,
            headers,
            body: body.map(<[u8]>::to_vec),
        })
    }

    /// Whose request it is: issuer and subject. Nobody else's sign-in may send it.
    pub fn person(&self) -> &str {
        &self.person
    }

    /// The HTTP method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Where it goes.
    pub const fn url(&self) -> &SecureUrl {
        &self.url
    }

    /// The app's own headers.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The body.
    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }

    pub(crate) fn to_json(&self) -> String {
        let lines = self.headers.iter().map(|(name, value)| [name, ":", value].concat());
        let body = self.body.as_ref().map(|body| base64url(body));
        Writer::default()
            .text("person", &self.person)
            .text("method", &self.method)
            .text("url", self.url.as_str())
            .text("headers", &lines.collect::<Vec<_>>().join("\n"))
            .optional_text("body", body.as_deref())
            .finish()
    }

    pub(crate) fn from_object(stored: &Object) -> Option<Self> {
        let body = stored.optional_text("body").ok()?;
        let body = body.map(|body| URL_SAFE_NO_PAD.decode(body)).transpose().ok()?;
        let url = SecureUrl::parse(stored.text("url").ok()?).ok()?;
        let headers = headers(stored.text("headers").ok()?)?;
        let (person, method) = (stored.text("person").ok()?, stored.text("method").ok()?);
        Self::new(person, method, url, headers, body.as_deref())
    }
}

/// Headers out of the storage, checked like those of an app.
fn headers(lines: &str) -> Option<Vec<(String, String)>> {
    let lines = lines.split('\n').filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (name, value) = line.split_once(':')?;
            request_header::check(name, value).ok()?;
            Some((name.to_owned(), value.to_owned()))
        })
        .collect()
}

impl core::fmt::Debug for RefusedRequest {
    /// Without query, headers and body, which may hold anything.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "RefusedRequest({} {})", self.method, self.url.without_query())
    }
}
