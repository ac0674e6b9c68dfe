//! Calling APIs with the access token, which the app never holds.

use std::borrow::Cow;

use super::Client;
use super::dpop::Key;
use super::session::Tokens;
use super::transport::Opened;
use crate::browser::fetch::{Body, FetchRequest, Method};
#[cfg(feature = "step-up")]
use crate::protocol::RefusedRequest;
use crate::protocol::{Error, ErrorCode, SecureUrl, ServerResponse, request_header};

/// How long a call may take, in milliseconds.
const TIMEOUT: u32 = 30_000;
/// The largest body of an answer that is read: 16 MiB.
const LARGEST_BODY: usize = 16 << 20;

/// A call of an API.
#[derive(Clone, Debug)]
#[must_use]
pub struct ResourceRequest {
    pub(super) request: FetchRequest,
    /// How long an answer that is read piece by piece may take in all.
    stream_limit: Option<u32>,
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

    /// How long it may take each time it is sent, in milliseconds; with [`Client::fetch_streaming`] until
    /// the answer begins, and then from piece to piece. Thirty seconds unless said otherwise.
    pub const fn timeout(mut self, milliseconds: u32) -> Self {
        self.request.timeout = milliseconds;
        self
    }

    /// How long an answer that is read piece by piece may take in all, in milliseconds. As long as it likes
    /// unless said otherwise. With a vault it comes whole, within [`ResourceRequest::timeout`].
    pub const fn stream_limit(mut self, milliseconds: u32) -> Self {
        self.stream_limit = Some(milliseconds);
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
    pub(super) async fn portable(mut self) -> Result<Self, Error> {
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

/// An answer of an API that is read piece by piece. Dropped before its end, it is cancelled.
pub struct StreamedResponse {
    /// Its body is what was read already.
    head: ServerResponse,
    /// What is still to come.
    rest: Option<Opened>,
    timeout: u32,
}

impl StreamedResponse {
    /// Status and challenges, known before the body.
    pub const fn head(&self) -> &ServerResponse {
        &self.head
    }

    /// A header, when the browser may see it: see [`ServerResponse::header`].
    pub fn header(&self, name: &str) -> Option<String> {
        match &self.rest {
            Some(opened) => opened.rest.header(name),
            None => self.head.header(name).map(str::to_owned),
        }
    }

    /// The next piece of the body, as it comes: its ends are nowhere in particular. `None` at the end of the
    /// body, and after an error. One that was cut off ends with an error.
    pub async fn next(&mut self) -> Option<Result<Vec<u8>, Error>> {
        let read_before = core::mem::take(&mut self.head.body);
        if !read_before.is_empty() {
            return Some(Ok(read_before));
        }
        let opened = self.rest.as_mut()?;
        let piece = opened.rest.next(self.timeout).await?;
        Some(piece.map_err(|why| opened.failure(why)))
    }
}

impl core::fmt::Debug for StreamedResponse {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "StreamedResponse({})", self.head.status)
    }
}

impl Client {
    /// Sends the request with the access token in the `Authorization` header (RFC 6750 section 2.1),
    /// to the places of [`Config::allow_origin`](crate::protocol::Config::allow_origin) and
    /// [`Config::allow_path`](crate::protocol::Config::allow_path) only. Redirects are not followed,
    /// cookies not sent, answers not cached. Any status is an answer, with a body of at most 16 MiB; what it
    /// means is in its `www_authenticate` (RFC 6750 section 3).
    ///
    /// Where there is a refresh token, the access token is renewed before it runs out, and once when the
    /// server calls it invalid. The request is then sent once more. Most servers don't let a page see why
    /// they answer 401 (`Access-Control-Expose-Headers: WWW-Authenticate` does): without a reason the token
    /// is renewed only if it has run out meanwhile.
    ///
    /// # Errors
    ///
    /// `not_signed_in`, `insecure_url`, `origin_not_allowed`, `invalid_config` for what can't be sent,
    /// `session_ended` and what else [`Client::refresh`] says when the session ends there, or when the token
    /// has run out; `signing_in_again` where
    /// [`StepUpPolicy::Automatic`](crate::protocol::StepUpPolicy) is set; and the network's.
    pub async fn fetch(&self, request: ResourceRequest) -> Result<ServerResponse, Error> {
        if let Some(vault) = self.vault() {
            return vault.fetch(request).await;
        }
        whole(self.call(request).await?).await
    }

    /// The same, for an answer that is large or goes on and on: it is there as soon as it begins, and its body
    /// is read piece by piece, however large. With a vault it comes whole, as with [`Client::fetch`], and is
    /// bounded like that.
    ///
    /// # Errors
    ///
    /// As [`Client::fetch`].
    pub async fn fetch_streaming(
        &self,
        request: ResourceRequest,
    ) -> Result<StreamedResponse, Error> {
        if let Some(vault) = self.vault() {
            let head = vault.fetch(request).await?;
            return Ok(StreamedResponse { head, rest: None, timeout: 0 });
        }
        let (timeout, stream_limit) = (request.request.timeout, request.stream_limit);
        let mut opened = self.call(request).await?;
        opened.rest.piecewise(stream_limit);
        let head = core::mem::take(&mut opened.head);
        Ok(StreamedResponse { head, rest: Some(opened), timeout })
    }

    /// Sends the request, and lets the person sign in again where the app leaves that to the client.
    async fn call(&self, request: ResourceRequest) -> Result<Opened, Error> {
        #[cfg(feature = "step-up")]
        let (kept, tokens, beginning) = (request.clone(), self.tokens()?, self.beginning());
        let opened = self.open_resource(request).await?;
        #[cfg(feature = "step-up")]
        self.step_up(&kept, &opened.head, &tokens, beginning).await?;
        Ok(opened)
    }

    /// Sends the request, whatever the answer asks for, save another token.
    #[cfg(feature = "step-up")]
    pub(super) async fn send_to_resource(
        &self,
        request: ResourceRequest,
    ) -> Result<ServerResponse, Error> {
        whole(self.open_resource(request).await?).await
    }

    async fn open_resource(&self, request: ResourceRequest) -> Result<Opened, Error> {
        self.tokens()?;
        let mut request = request.request;
        // What is sent is what was checked, as the parser wrote it.
        let (url, api) = self.config().api_of(&request.url)?;
        request.url = url.as_str().to_owned();
        let (api, origin) = (api.token_name(), url.origin());
        let session = self.which_session();
        let tokens = self.tokens_for_call(api.as_deref()).await?;
        let opened = self.open_authorized(request.clone(), &tokens).await?;
        let instead = self
            .tokens_instead_of(session, &tokens, &opened.head, origin, api.as_deref(), false)
            .await?;
        let Some(tokens) = instead else { return Ok(opened) };
        let opened = self.open_authorized(request, &tokens).await?;
        self.note_second_answer(origin, &tokens, &opened.head);
        Ok(opened)
    }

    /// Sends a request of the client's own to the provider with the token, and reads the whole answer.
    pub(super) async fn send_authorized(
        &self,
        request: FetchRequest,
        tokens: &Tokens,
    ) -> Result<ServerResponse, Error> {
        // With a proof also where the refresh token alone is bound: Keycloak wants to see it.
        let place = SecureUrl::parse(&request.url)?;
        let is_of_provider = place.origin() == tokens.set.metadata.token_endpoint().origin();
        let key = if is_of_provider { tokens.key.as_ref() } else { tokens.bound_key() };
        self.open_with_token(request, tokens, key).await?.whole().await
    }

    /// Sends the request with the token in its header, never in the URL (RFC 9700 section 4.3.2), and a
    /// proof beside it when the token is bound to a key (RFC 9449 section 7.1).
    async fn open_authorized(
        &self,
        request: FetchRequest,
        tokens: &Tokens,
    ) -> Result<Opened, Error> {
        self.open_with_token(request, tokens, tokens.bound_key()).await
    }

    async fn open_with_token(
        &self,
        mut request: FetchRequest,
        tokens: &Tokens,
        key: Option<&Key>,
    ) -> Result<Opened, Error> {
        let set = &tokens.set;
        let header = [set.token_type.scheme(), " ", set.access_token.expose()].concat();
        request.headers.push(("Authorization".into(), header));
        self.open_proven(request, key, Some(&set.access_token)).await
    }
}

/// The whole answer, with all headers that the page may see.
async fn whole(opened: Opened) -> Result<ServerResponse, Error> {
    let headers = opened.rest.headers();
    Ok(ServerResponse { headers, ..opened.whole().await? })
}
