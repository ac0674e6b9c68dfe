//! What an app sends to an API.

use core::time::Duration;
use std::borrow::Cow;

#[cfg(feature = "widget")]
use crate::browser::element::AbortSignal;
use crate::browser::fetch::{Body, FetchRequest, Method};
#[cfg(feature = "step-up")]
use crate::protocol::RefusedRequest;
#[cfg(feature = "step-up")]
use crate::protocol::SecureUrl;
use crate::protocol::{Error, ErrorCode, request_header};

/// How long a call may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The largest body of an answer that is read: 16 MiB.
const LARGEST_BODY: usize = 16 << 20;

/// A call of an API.
#[derive(Clone, Debug)]
#[must_use]
pub struct ResourceRequest {
    pub(in crate::client) request: FetchRequest,
    /// How long an answer that is read piece by piece may take in all.
    pub(super) stream_limit: Option<Duration>,
}

impl ResourceRequest {
    /// Reads `url`.
    pub fn get(url: &str) -> Self {
        Self::of(Method::GET, url)
    }

    /// Sends `body` to `url`.
    pub fn post(url: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::of(Method::POST, url).bytes(content_type, body)
    }

    /// Sends `body` to `url`, in the place of what is there.
    pub fn put(url: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::of(Method::PUT, url).bytes(content_type, body)
    }

    /// Sends `body` to `url`, as changes to what is there (RFC 5789).
    pub fn patch(url: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::of(Method::PATCH, url).bytes(content_type, body)
    }

    /// Deletes what is at `url`.
    pub fn delete(url: &str) -> Self {
        Self::of(Method::DELETE, url)
    }

    /// Any other method: `HEAD`, `PROPFIND`. In capitals, whatever the browser would make of it: a proof
    /// names it to the letter (RFC 9449 section 4.3).
    ///
    /// # Errors
    ///
    /// `invalid_config` for what is no method, or one that browsers don't send.
    pub fn new(method: &str, url: &str) -> Result<Self, Error> {
        let name = method.to_ascii_uppercase();
        let refused = || Error::new(ErrorCode::InvalidConfig).about("method");
        if matches!(name.as_str(), "CONNECT" | "TRACE" | "TRACK") {
            return Err(refused());
        }
        let method = Method::from_bytes(name.as_bytes()).map_err(|_| refused())?;
        Ok(Self::of(method, url))
    }

    /// Sets a header: `Accept`, `Idempotency-Key`. A server of another origin must allow those that are
    /// not ordinary (`Access-Control-Allow-Headers`).
    ///
    /// # Errors
    ///
    /// `invalid_config` for what the client or the browser writes itself, such as `Authorization`, `DPoP`,
    /// `Cookie` and `Host`, and for what can't stand in a header.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, Error> {
        request_header::check(name, value)?;
        self.set_header(name.to_owned().into(), value);
        Ok(self)
    }

    /// Sends the fields as a form.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let form = form.extend_pairs(fields).finish();
        self.bytes("application/x-www-form-urlencoded", form)
    }

    /// Sends what the browser reads itself: a `Blob`, a chosen file, a `FormData`. The browser knows the
    /// media type.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.request.body = Some(body.into());
        self
    }

    /// Ends the call, and the reading of its answer, when a script of the page says so.
    #[cfg(feature = "widget")]
    pub(crate) fn signal(mut self, signal: Option<AbortSignal>) -> Self {
        self.request.signal = signal;
        self
    }

    /// How long it may take each time it is sent; with [`Client::fetch_streaming`](crate::client::Client::fetch_streaming) until
    /// the answer begins, and then from piece to piece. Thirty seconds unless said otherwise.
    pub const fn timeout(mut self, time: Duration) -> Self {
        self.request.timeout = time;
        self
    }

    /// How long an answer that is read piece by piece may take in all. As long as it likes
    /// unless said otherwise. With a vault it comes whole, within [`ResourceRequest::timeout`].
    pub const fn stream_limit(mut self, time: Duration) -> Self {
        self.stream_limit = Some(time);
        self
    }

    /// What has to be known to send it once more; `None` when that is too much, or nobody else's to read.
    #[cfg(feature = "step-up")]
    pub(super) fn to_repeat(&self, person: &str) -> Option<RefusedRequest> {
        let request = &self.request;
        let url = SecureUrl::parse(&request.url).ok()?;
        let headers = request.headers.iter().map(|(name, value)| (name.to_string(), value.clone()));
        let body = match &request.body {
            Some(body) => Some(body.bytes()?),
            None => None,
        };
        RefusedRequest::new(person, request.method.as_str(), url, headers.collect(), body)
    }

    /// The request that was refused before.
    #[cfg(feature = "step-up")]
    pub(super) fn from_refused(refused: &RefusedRequest) -> Self {
        let method = Method::from_bytes(refused.method().as_bytes()).unwrap_or(Method::GET);
        let mut request = Self::of(method, refused.url().as_str());
        for (name, value) in refused.headers() {
            request.set_header(name.clone().into(), value);
        }
        match refused.body() {
            Some(body) => request.body(body.to_vec()),
            None => request,
        }
    }

    /// The same as a message to a worker can carry it.
    #[cfg(feature = "vault")]
    pub(in crate::client) async fn portable(mut self) -> Result<Self, Error> {
        let unusable = || Error::new(ErrorCode::InvalidConfig).about("body");
        if let Some(body) = self.request.body.take() {
            let (body, media_type) = body.portable().await.ok_or_else(unusable)?;
            self.request.body = Some(body);
            if let Some(media_type) = media_type {
                self.set_header("Content-Type".into(), &media_type);
            }
        }
        Ok(self)
    }

    fn of(method: Method, url: &str) -> Self {
        let request = FetchRequest {
            method,
            url: url.to_owned(),
            headers: Vec::new(),
            body: None,
            timeout: TIMEOUT,
            largest_body: LARGEST_BODY,
            keepalive: false,
            signal: None,
        };
        Self { request, stream_limit: None }
    }

    fn bytes(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.set_header("Content-Type".into(), content_type);
        self.body(body.into())
    }

    fn set_header(&mut self, name: Cow<'static, str>, value: &str) {
        self.request.headers.push((name, value.to_owned()));
    }
}
