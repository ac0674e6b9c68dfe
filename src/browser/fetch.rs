//! Requests to other servers: bounded in time and size, without cookies, redirects or cache.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Poll, Waker};
use core::time::Duration;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

#[cfg(feature = "widget")]
use js_sys::ArrayBuffer;
use js_sys::{Array, Function, Map, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
#[cfg(feature = "widget")]
use web_sys::ResponseInit;
use web_sys::{
    AbortController, AbortSignal, Blob, FormData, Headers, ReadableStreamDefaultReader,
    ReferrerPolicy, RequestCache, RequestCredentials, RequestInit, RequestMode, RequestRedirect,
    Response,
};

/// The browser's own answer, as scripts know it.
#[cfg(feature = "widget")]
pub(crate) use web_sys::Response as ScriptResponse;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
pub use gloo_net::http::Method;

use super::method;
use super::timer::{EXTENSION, Timer, after, lateness};

/// The global map in which a script of the page has what it asked for while the program was on its way: promises of
/// answers, by URL (`ahead.js`).
const AHEAD: &str = "pixyLoginAhead";

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
    /// How long it may take in all.
    pub timeout: Duration,
    /// The most bytes of a body that are read.
    pub largest_body: usize,
    /// Whether it is sent even if the page ends before: for small requests, whose answer nobody needs.
    pub keepalive: bool,
    /// Ends it, its answer included, when a script of the page says so.
    pub signal: Option<AbortSignal>,
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
    /// What a script of the page sends.
    #[cfg(feature = "widget")]
    pub(crate) fn of_script(bytes: ArrayBuffer) -> Self {
        Self(Content::Js(bytes.into()))
    }

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

/// Sends requests.
pub trait Requests {
    /// Sends a request, and waits until its answer begins. Whoever stops waiting cancels it.
    ///
    /// # Errors
    ///
    /// [`FetchError`].
    fn open(
        &self,
        request: FetchRequest,
    ) -> LocalBoxFuture<'static, Result<OpenResponse, FetchError>>;
}

/// The browser's own `fetch`.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Fetch;

impl Requests for Fetch {
    fn open(
        &self,
        request: FetchRequest,
    ) -> LocalBoxFuture<'static, Result<OpenResponse, FetchError>> {
        open(request).boxed_local()
    }
}

/// Sends a request, and waits until its answer begins. Whoever stops waiting cancels it.
///
/// # Errors
///
/// [`FetchError`].
pub async fn open(request: FetchRequest) -> Result<OpenResponse, FetchError> {
    let largest_body = request.largest_body;
    let controller = AbortController::new().map_err(|_| FetchError::Unsendable)?;
    let canceller = Canceller { controller, is_let_go: false };
    let limit = Limit::start(request.timeout, &canceller);
    let ahead = match asked_ahead(&request) {
        Some(answer) => settled(&mut JsFuture::from(answer), [Some(&limit), None]).await.ok(),
        None => None,
    };
    let response = match ahead.and_then(usable) {
        Some(response) => response,
        None => {
            let signal = canceller.controller.signal();
            let prepared = prepare(request, signal).ok_or(FetchError::Unsendable)?;
            // Not gloo-net's own send: it panics when a page's patched fetch rejects with no Error.
            let mut sent = JsFuture::from(fetch(&prepared).ok_or(FetchError::Unsendable)?);
            let sent = settled(&mut sent, [Some(&limit), None]).await?;
            sent.dyn_into().map_err(|_| FetchError::NetworkOrCors)?
        }
    };
    let reader = response.body().map(|stream| stream.get_reader().dyn_into());
    let reader = reader.transpose().map_err(|_| FetchError::NetworkOrCors)?;
    let (status, limit) = (response.status(), Some(limit));
    Ok(OpenResponse { status, response, reader, reading: None, largest_body, limit, canceller })
}

/// The global function, which windows and workers alike have.
fn fetch(request: &web_sys::Request) -> Option<Promise> {
    let global = js_sys::global();
    let function = Reflect::get(&global, &"fetch".into()).ok()?.dyn_into::<Function>().ok()?;
    function.call1(&global, request).ok()?.dyn_into().ok()
}

/// The answer that the page's script has asked for already, once. What carries more than a plain question is never
/// taken from there.
fn asked_ahead(request: &FetchRequest) -> Option<Promise> {
    let is_plain = request.headers.iter().all(|(name, _)| name == "Accept");
    if request.method != Method::GET || request.body.is_some() || !is_plain {
        return None;
    }
    let asked = Reflect::get(&js_sys::global(), &AHEAD.into()).ok()?.dyn_into::<Map>().ok()?;
    let url = JsValue::from_str(&request.url);
    let answer = asked.get(&url).dyn_into().ok();
    asked.delete(&url);
    answer
}

/// A good answer that comes from where it was asked for, and was not read yet. What failed is asked for anew.
fn usable(answer: JsValue) -> Option<Response> {
    let response = answer.dyn_into::<Response>().ok()?;
    let is_good = response.ok() && !response.redirected();
    if is_good { response.clone().ok() } else { None }
}

fn prepare(request: FetchRequest, signal: AbortSignal) -> Option<web_sys::Request> {
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
    init.set_signal(Some(&match request.signal {
        Some(other) => any_of(&signal, &other).unwrap_or(signal),
        None => signal,
    }));
    // `web-sys` has no binding for it. A plain object takes any member.
    let _ = Reflect::set(&init, &"keepalive".into(), &request.keepalive.into());
    match request.body {
        Some(Body(Content::Bytes(bytes))) => init.set_body(&Uint8Array::from(bytes.as_slice())),
        Some(Body(Content::Js(value))) => init.set_body(&value),
        None => {}
    }
    web_sys::Request::new_with_str_and_init(&request.url, &init).ok()
}

/// What says so when one of both does; `None` in browsers that have no such thing.
fn any_of(one: &AbortSignal, other: &AbortSignal) -> Option<AbortSignal> {
    let signals = Reflect::get(&js_sys::global(), &"AbortSignal".into()).ok()?;
    let any = method(&signals, "any")?;
    any.call1(&signals, &Array::of2(one, other)).ok()?.dyn_into().ok()
}

/// An answer that has begun. Dropped before its end, it is cancelled.
pub struct OpenResponse {
    /// The HTTP status code.
    pub status: u16,
    response: Response,
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
        self.response.headers().get(name).ok().flatten()
    }

    /// All headers that this page may see, with their names in small letters.
    pub fn headers(&self) -> Vec<(String, String)> {
        let headers = self.response.headers();
        let entries = headers.entries().into_iter().flatten().map(|entry| Array::from(&entry));
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
        while let Some(piece) = self.piece(None).await? {
            if body.len() + piece.length() as usize > self.largest_body {
                return Err(FetchError::TooLarge);
            }
            body.extend(piece.to_vec());
        }
        Ok(body)
    }

    /// The browser's own answer, for a script of the page: it reads the body by itself, as long as that takes. Where
    /// the body was read before, it is made anew of this.
    #[cfg(feature = "widget")]
    pub(crate) fn into_script(mut self, read: &mut [u8]) -> Option<ScriptResponse> {
        if let Some(reader) = self.reader.take() {
            reader.release_lock();
        }
        self.canceller.is_let_go = true;
        if !self.response.body_used() {
            return Some(self.response);
        }
        let init = ResponseInit::new();
        init.set_status(self.status);
        init.set_headers(&self.response.headers());
        Response::new_with_opt_u8_array_and_init(Some(read), &init).ok()
    }

    /// Reads the body, and leaves a copy of it to be read once more.
    ///
    /// # Errors
    ///
    /// [`FetchError`].
    #[cfg(feature = "demo")]
    pub(crate) async fn copy_body(&mut self) -> Result<Vec<u8>, FetchError> {
        let body = self.rest().await?;
        let copy = Response::new_with_opt_u8_array(Some(&mut body.clone())).ok();
        let stream = copy.and_then(|copy| copy.body());
        self.reader = stream.and_then(|stream| stream.get_reader().dyn_into().ok());
        Ok(body)
    }

    /// From now on the pieces of the body have their own time limits, and the whole has this one.
    pub fn piecewise(&mut self, whole: Option<Duration>) {
        self.limit = whole.map(|time| Limit::start(time, &self.canceller));
    }

    /// The next piece of the body, which has so long to come; `None` at the end, and after a
    /// failure.
    pub async fn next(&mut self, time: Duration) -> Option<Result<Vec<u8>, FetchError>> {
        let limit = Limit::start(time, &self.canceller);
        let piece = self.piece(Some(&limit)).await;
        piece.map(|piece| piece.map(|bytes| bytes.to_vec())).transpose()
    }

    async fn piece(&mut self, own: Option<&Limit>) -> Result<Option<Uint8Array>, FetchError> {
        let Some(reader) = &self.reader else { return Ok(None) };
        let reading = self.reading.get_or_insert_with(|| JsFuture::from(reader.read()));
        let read = settled(reading, [self.limit.as_ref(), own]).await;
        self.reading = None;
        let value = |read| Reflect::get(&read, &"value".into()).ok().and_then(bytes_of);
        let piece = read.map(value);
        if !matches!(piece, Ok(Some(_))) {
            self.reader = None;
        }
        piece
    }
}

fn bytes_of(value: JsValue) -> Option<Uint8Array> {
    value.dyn_into().ok()
}

/// Waits for what the browser promised, as long as the limits allow. That isn't left to their cancelling
/// alone: where a piece comes in the very moment of it, WebKit never answers the read.
///
/// Only a time limit cancels while somebody waits. The browser's own words are no guide: an answer that
/// was cut off while its body came is for Chromium an abort like any other.
async fn settled(
    promised: &mut JsFuture,
    limits: [Option<&Limit>; 2],
) -> Result<JsValue, FetchError> {
    let limits = || limits.into_iter().flatten();
    poll_fn(|context| match Pin::new(&mut *promised).poll(context) {
        Poll::Ready(Ok(value)) => Poll::Ready(Ok(value)),
        _ if limits().any(Limit::is_over) => Poll::Ready(Err(FetchError::Timeout)),
        Poll::Ready(Err(_)) => Poll::Ready(Err(FetchError::NetworkOrCors)),
        Poll::Pending => {
            limits().for_each(|limit| limit.remember(context.waker()));
            Poll::Pending
        }
    })
    .await
}

/// Cancels the request when it is dropped: when whoever waits stops waiting. What has come to its end is
/// left alone by that.
struct Canceller {
    controller: AbortController,
    /// Somebody else reads the answer.
    is_let_go: bool,
}

impl Drop for Canceller {
    fn drop(&mut self) {
        if !self.is_let_go {
            self.controller.abort();
        }
    }
}

/// How long something may take, before it is cancelled. Time in which the page was stopped doesn't count.
/// Dropped, nothing is left of it.
struct Limit(Rc<Bound>);

struct Bound {
    controller: AbortController,
    is_over: Cell<bool>,
    /// Who waits, to be woken when it is over.
    waiting: RefCell<Option<Waker>>,
    timer: RefCell<Option<Timer>>,
}

impl Limit {
    fn start(time: Duration, canceller: &Canceller) -> Self {
        let bound = Rc::new(Bound {
            controller: canceller.controller.clone(),
            is_over: Cell::new(false),
            waiting: RefCell::default(),
            timer: RefCell::default(),
        });
        let (weak, is_late) = (Rc::downgrade(&bound), lateness(time));
        bound.set(time, move || {
            let Some(bound) = weak.upgrade() else { return };
            if !is_late() {
                return bound.end();
            }
            let weak = Rc::downgrade(&bound);
            bound.set(EXTENSION, move || {
                if let Some(bound) = weak.upgrade() {
                    bound.end();
                }
            });
        });
        Self(bound)
    }

    fn is_over(&self) -> bool {
        self.0.is_over.get()
    }

    fn remember(&self, waker: &Waker) {
        self.0.waiting.replace(Some(waker.clone()));
    }
}

impl Bound {
    fn set(&self, time: Duration, ring: impl FnOnce() + 'static) {
        self.timer.replace(Some(after(time, ring)));
    }

    fn end(&self) {
        self.is_over.set(true);
        self.controller.abort();
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
    }
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
