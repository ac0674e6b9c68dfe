//! A request to an API that was refused until the person signs in again, and is repeated then.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::json::{Object, Writer};
use super::secure_url::SecureUrl;

/// The largest body that is kept, in bytes: 64 KiB.
const LARGEST_BODY: usize = 64 << 10;

/// What has to be known of a request to send it once more. It lies in session storage while the person
/// is at the provider.
#[derive(Clone, PartialEq, Eq)]
pub struct RefusedRequest {
    person: String,
    method: String,
    url: SecureUrl,
    content_type: Option<String>,
    body: Option<Vec<u8>>,
}

impl RefusedRequest {
    /// Keeps a request of a person; `None` when its body is too large to be kept.
    pub fn new(
        person: &str,
        method: &str,
        url: SecureUrl,
        content_type: Option<&str>,
        body: Option<&[u8]>,
    ) -> Option<Self> {
        let fits = body.is_none_or(|body| body.len() <= LARGEST_BODY);
        fits.then(|| Self {
            person: person.to_owned(),
            method: method.to_owned(),
            url,
            content_type: content_type.map(str::to_owned),
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

    /// The media type of the body.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The body.
    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }

    pub(crate) fn to_json(&self) -> String {
        let mut writer = Writer::default()
            .text("person", &self.person)
            .text("method", &self.method)
            .text("url", self.url.as_str());
        if let Some(content_type) = &self.content_type {
            writer = writer.text("content_type", content_type);
        }
        if let Some(body) = &self.body {
            writer = writer.text("body", &URL_SAFE_NO_PAD.encode(body));
        }
        writer.finish()
    }

    pub(crate) fn from_object(stored: &Object) -> Option<Self> {
        let body = match stored.optional_text("body").ok()? {
            Some(body) => Some(URL_SAFE_NO_PAD.decode(body).ok()?),
            None => None,
        };
        let url = SecureUrl::parse(stored.text("url").ok()?).ok()?;
        let content_type = stored.optional_text("content_type").ok()?;
        let (person, method) = (stored.text("person").ok()?, stored.text("method").ok()?);
        Self::new(person, method, url, content_type, body.as_deref())
    }
}

impl core::fmt::Debug for RefusedRequest {
    /// Without query and body, which may hold anything.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "RefusedRequest({} {})", self.method, self.url.without_query())
    }
}
