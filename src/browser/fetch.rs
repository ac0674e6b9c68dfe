//! Requests to other servers: bounded in time and size, without cookies, redirects or cache.

use gloo_net::http::RequestBuilder;

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache,
    RequestCredentials, RequestMode, RequestRedirect, Response,
};

pub use gloo_net::http::Method;

/// A request.
#[derive(Clone)]
pub struct FetchRequest {
    /// `Method::GET`, `Method::POST`, …
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// Headers by name.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
    /// How long it may take in all, in milliseconds.
    pub timeout: u32,
    /// The most bytes of a body that are read.
    pub largest_body: usize,
}

/// An answer, of any status.
#[derive(Clone)]
pub struct FetchResponse {
    /// The HTTP status code.
    pub status: u16,
    /// The body, whole.
    pub body: Vec<u8>,
    headers: web_sys::Headers,
}

impl FetchResponse {
    /// A header, when there is one that this page may see (CORS hides most).
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).ok().flatten()
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchError {
    /// The request can't be made at all: a URL or header that the browser refuses.
    Unsendable,
    /// Not reached, answered with a redirect, or hidden from this page by CORS; the browser doesn't
    /// tell which.
    NetworkOrCors,
    /// No whole answer in time.
    Timeout,
    /// More bytes than were asked for.
    TooLarge,
}

/// Sends a request and reads the whole answer.
///
/// # Errors
///
/// [`FetchError`].
pub async fn send(request: FetchRequest) -> Result<FetchResponse, FetchError> {
    let signal = AbortSignal::timeout_with_u32(request.timeout);
    let largest = request.largest_body;
    let prepared = prepare(request, &signal).ok_or(FetchError::Unsendable)?;
    let window = web_sys::window().ok_or(FetchError::Unsendable)?;
    // Not gloo-net's own send: it panics when a page's patched fetch rejects with no Error.
    let sent = JsFuture::from(window.fetch_with_request(&prepared)).await;
    let response = sent.ok().and_then(|sent| sent.dyn_into::<Response>().ok());
    let response = response.ok_or_else(|| failure(&signal))?;
    let body = read(&response, &signal, largest).await?;
    Ok(FetchResponse { status: response.status(), body, headers: response.headers() })
}

fn prepare(request: FetchRequest, signal: &AbortSignal) -> Option<web_sys::Request> {
    let headers = Headers::new().ok()?;
    for (name, value) in &request.headers {
        headers.set(name, value).ok()?;
    }
    let builder = RequestBuilder::new(&request.url)
        .method(request.method)
        .headers(gloo_net::http::Headers::from_raw(headers))
        .mode(RequestMode::Cors)
        .credentials(RequestCredentials::Omit)
        .redirect(RequestRedirect::Error)
        .cache(RequestCache::NoStore)
        .referrer_policy(ReferrerPolicy::NoReferrer)
        .abort_signal(Some(signal));
    let built = match request.body {
        Some(body) => builder.body(Uint8Array::from(body.as_slice())),
        None => builder.build(),
    };
    built.ok().map(Into::into)
}

/// Reads the body piece by piece, so that an endless one is cut off at `largest` bytes.
async fn read(
    response: &Response,
    signal: &AbortSignal,
    largest: usize,
) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    let Some(stream) = response.body() else {
        return Ok(body);
    };
    let reader = stream
        .get_reader()
        .dyn_into::<ReadableStreamDefaultReader>()
        .map_err(|_| FetchError::NetworkOrCors)?;
    loop {
        let piece = JsFuture::from(reader.read()).await.map_err(|_| failure(signal))?;
        let value = Reflect::get(&piece, &"value".into()).unwrap_or(JsValue::UNDEFINED);
        let Ok(bytes) = value.dyn_into::<Uint8Array>() else {
            return Ok(body);
        };
        if body.len() + bytes.length() as usize > largest {
            // Tells the server to stop; whether it hears changes nothing here.
            let _ = reader.cancel();
            return Err(FetchError::TooLarge);
        }
        body.extend(bytes.to_vec());
    }
}

/// Only the time limit aborts. The browser's own words are no guide: an answer that was cut off while
/// its body came is for Chromium an abort like any other.
fn failure(signal: &AbortSignal) -> FetchError {
    if signal.aborted() { FetchError::Timeout } else { FetchError::NetworkOrCors }
}

impl core::fmt::Debug for FetchRequest {
    /// Without headers, query and body, which may hold secrets.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let url = self.url.split(['?', '#']).next().unwrap_or_default();
        write!(formatter, "FetchRequest({} {url})", self.method)
    }
}

impl core::fmt::Debug for FetchResponse {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "FetchResponse({}, {} bytes)", self.status, self.body.len())
    }
}
