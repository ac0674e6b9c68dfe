//! Requests to other servers: bounded in time and size, without cookies, redirects or cache.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Date, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, AbortSignal, Blob, FormData, Headers, ReadableStreamDefaultReader,
    ReferrerPolicy, RequestCache, RequestCredentials, RequestInit, RequestMode, RequestRedirect,
    Response,
};

pub use gloo_net::http::Method;

/// When a time limit is noticed so many milliseconds too late, the page was stopped.
const LATE: f64 = 1_000.0;
/// How many milliseconds the answer has then, after the page goes on.
const EXTENSION: u32 = 5_000;

/// A request.
#[derive(Clone)]
pub struct FetchRequest {
    /// `Method::GET`, `Method::POST`, …
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// Headers by name.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The body.
    pub body: Option<Body>,
    /// How long it may take in all, in milliseconds.
    pub timeout: u32,
    /// The most bytes of a body that are read.
    pub largest_body: usize,
}

/// What a request carries. Clones share it.
#[derive(Clone)]
pub struct Body(Content);

#[derive(Clone)]
enum Content {
    Bytes(Rc<Vec<u8>>),
    /// Something that the browser reads itself.
    Js(JsValue),
}

impl Body {
    /// The bytes, unless the browser reads them itself.
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.0 {
            Content::Bytes(bytes) => Some(bytes),
            Content::Js(_) => None,
        }
    }

    /// The same as a message between page and worker can carry it, and its media type where that would be
    /// lost on the way: a form with files can't be cloned.
    #[cfg(feature = "vault")]
    pub(crate) async fn portable(self) -> Option<(Self, Option<String>)> {
        let Content::Js(value) = &self.0 else { return Some((self, None)) };
        let Some(form) = value.dyn_ref::<FormData>() else { return Some((self, None)) };
        let form = Response::new_with_opt_form_data(Some(form)).ok()?;
        let media_type = form.headers().get("Content-Type").ok()?;
        let blob = JsFuture::from(form.blob().ok()?).await.ok()?;
        Some((Self(Content::Js(blob)), media_type))
    }

    #[cfg(feature = "vault")]
    pub(super) fn to_js(&self) -> JsValue {
        match &self.0 {
            Content::Bytes(bytes) => Uint8Array::from(bytes.as_slice()).into(),
            Content::Js(value) => value.clone(),
        }
    }

    /// From what the other side sent: bytes or a blob.
    #[cfg(feature = "vault")]
    pub(super) fn from_js(value: JsValue) -> Option<Self> {
        match value.dyn_into::<Uint8Array>() {
            Ok(bytes) => Some(bytes.to_vec().into()),
            Err(value) => value.dyn_into::<Blob>().ok().map(Self::from),
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Content::Bytes(Rc::new(bytes)))
    }
}

impl From<Blob> for Body {
    /// A blob, or a file that the person chose: read while it is sent, and never wholly in memory. Its
    /// type becomes the `Content-Type`.
    fn from(blob: Blob) -> Self {
        Self(Content::Js(blob.into()))
    }
}

impl From<FormData> for Body {
    /// A form with files, `multipart/form-data`.
    fn from(form: FormData) -> Self {
        Self(Content::Js(form.into()))
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

/// Sends a request, and waits until its answer begins. Whoever stops waiting cancels it.
///
/// # Errors
///
/// [`FetchError`].
pub async fn open(request: FetchRequest) -> Result<OpenResponse, FetchError> {
    let largest_body = request.largest_body;
    let canceller = Canceller(AbortController::new().map_err(|_| FetchError::Unsendable)?);
    let limit = Limit::start(request.timeout, &canceller);
    let prepared = prepare(request, &canceller.0.signal()).ok_or(FetchError::Unsendable)?;
    // Not gloo-net's own send: it panics when a page's patched fetch rejects with no Error.
    let sent = JsFuture::from(fetch(&prepared).ok_or(FetchError::Unsendable)?).await;
    let response = sent.ok().and_then(|sent| sent.dyn_into::<Response>().ok());
    let response = response.ok_or_else(|| failure(Some(&limit)))?;
    let reader = response.body().map(|stream| stream.get_reader().dyn_into());
    let reader = reader.transpose().map_err(|_| FetchError::NetworkOrCors)?;
    let (status, headers, limit) = (response.status(), response.headers(), Some(limit));
    Ok(OpenResponse { status, headers, reader, reading: None, largest_body, limit, canceller })
}

/// The global function, which windows and workers alike have.
fn fetch(request: &web_sys::Request) -> Option<Promise> {
    let global = js_sys::global();
    let function = Reflect::get(&global, &"fetch".into()).ok()?.dyn_into::<Function>().ok()?;
    function.call1(&global, request).ok()?.dyn_into().ok()
}

fn prepare(request: FetchRequest, signal: &AbortSignal) -> Option<web_sys::Request> {
    let headers = Headers::new().ok()?;
    for (name, value) in &request.headers {
        headers.set(name, value).ok()?;
    }
    let init = RequestInit::new();
    init.set_method(request.method.as_str());
    init.set_headers(&headers);
    init.set_mode(RequestMode::Cors);
    init.set_credentials(RequestCredentials::Omit);
    init.set_redirect(RequestRedirect::Error);
    init.set_cache(RequestCache::NoStore);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    init.set_signal(Some(signal));
    match request.body {
        Some(Body(Content::Bytes(bytes))) => init.set_body(&Uint8Array::from(bytes.as_slice())),
        Some(Body(Content::Js(value))) => init.set_body(&value),
        None => {}
    }
    web_sys::Request::new_with_str_and_init(&request.url, &init).ok()
}

/// An answer that has begun. Dropped before its end, it is cancelled.
pub struct OpenResponse {
    /// The HTTP status code.
    pub status: u16,
    headers: Headers,
    reader: Option<ReadableStreamDefaultReader>,
    /// A piece that is on its way, kept for the next who asks when one stops waiting.
    reading: Option<JsFuture>,
    largest_body: usize,
    limit: Option<Limit>,
    canceller: Canceller,
}

impl OpenResponse {
    /// A header, when there is one that this page may see (CORS hides most).
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).ok().flatten()
    }

    /// All headers that this page may see, with their names in small letters.
    pub fn headers(&self) -> Vec<(String, String)> {
        let entries = self.headers.entries().into_iter().flatten().map(|entry| Array::from(&entry));
        let pairs = entries.map(|entry| (entry.get(0).as_string(), entry.get(1).as_string()));
        pairs.filter_map(|(name, value)| name.zip(value)).collect()
    }

    /// Reads what is left of the body, piece by piece, so that an endless one is cut off.
    ///
    /// # Errors
    ///
    /// [`FetchError`].
    pub async fn rest(&mut self) -> Result<Vec<u8>, FetchError> {
        let mut body = Vec::new();
        while let Some(piece) = self.piece().await? {
            if body.len() + piece.length() as usize > self.largest_body {
                return Err(FetchError::TooLarge);
            }
            body.extend(piece.to_vec());
        }
        Ok(body)
    }

    /// From now on the pieces of the body have their own time limits, and the whole has this one.
    pub fn piecewise(&mut self, whole: Option<u32>) {
        self.limit = whole.map(|milliseconds| Limit::start(milliseconds, &self.canceller));
    }

    /// The next piece of the body, which has so many milliseconds to come; `None` at the end, and after a
    /// failure.
    pub async fn next(&mut self, milliseconds: u32) -> Option<Result<Vec<u8>, FetchError>> {
        let limit = Limit::start(milliseconds, &self.canceller);
        let piece = self.piece().await;
        let piece = piece.map_err(|why| if limit.is_over() { FetchError::Timeout } else { why });
        piece.map(|piece| piece.map(|bytes| bytes.to_vec())).transpose()
    }

    async fn piece(&mut self) -> Result<Option<Uint8Array>, FetchError> {
        let Some(reader) = &self.reader else { return Ok(None) };
        let reading = self.reading.get_or_insert_with(|| JsFuture::from(reader.read()));
        let read = reading.await;
        self.reading = None;
        let piece = match read {
            Ok(read) => Ok(Reflect::get(&read, &"value".into()).ok().and_then(bytes_of)),
            Err(_) => Err(failure(self.limit.as_ref())),
        };
        if !matches!(piece, Ok(Some(_))) {
            self.reader = None;
        }
        piece
    }
}

fn bytes_of(value: JsValue) -> Option<Uint8Array> {
    value.dyn_into().ok()
}

/// Only a time limit cancels while somebody waits. The browser's own words are no guide: an answer that
/// was cut off while its body came is for Chromium an abort like any other.
fn failure(limit: Option<&Limit>) -> FetchError {
    match limit {
        Some(limit) if limit.is_over() => FetchError::Timeout,
        _ => FetchError::NetworkOrCors,
    }
}

/// Cancels the request when it is dropped: when whoever waits stops waiting. What has come to its end is
/// left alone by that.
struct Canceller(AbortController);

impl Drop for Canceller {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// How long something may take, before it is cancelled. Time in which the page was stopped, asleep with its
/// tab or computer, doesn't count: the answer may have come meanwhile, and is not to be lost.
struct Limit {
    signal: Rc<RefCell<AbortSignal>>,
    _closure: Closure<dyn FnMut()>,
}

impl Limit {
    fn start(milliseconds: u32, Canceller(controller): &Canceller) -> Self {
        let signal = AbortSignal::timeout_with_u32(milliseconds);
        let begun = Date::now();
        let current = Rc::new(RefCell::new(signal.clone()));
        let (later, controller) = (current.clone(), controller.clone());
        let closure = Closure::new(move || {
            let is_late = Date::now() - begun > f64::from(milliseconds) + LATE;
            if !is_late {
                return controller.abort();
            }
            let extension = AbortSignal::timeout_with_u32(EXTENSION);
            extension.set_onabort(abort(&controller).as_ref());
            later.replace(extension);
        });
        signal.set_onabort(Some(closure.as_ref().unchecked_ref()));
        Self { signal: current, _closure: closure }
    }

    fn is_over(&self) -> bool {
        self.signal.borrow().aborted()
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        self.signal.borrow().set_onabort(None);
    }
}

fn abort(controller: &AbortController) -> Option<Function> {
    let abort = Reflect::get(controller, &"abort".into()).ok()?.dyn_into::<Function>().ok()?;
    Some(abort.bind0(controller))
}

impl core::fmt::Debug for FetchRequest {
    /// Without headers, query and body, which may hold secrets.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let url = self.url.split(['?', '#']).next().unwrap_or_default();
        write!(formatter, "FetchRequest({} {url})", self.method)
    }
}

impl core::fmt::Debug for OpenResponse {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "OpenResponse({})", self.status)
    }
}

impl core::fmt::Debug for Body {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Body(redacted)")
    }
}
