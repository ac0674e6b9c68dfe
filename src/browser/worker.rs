//! A dedicated worker of the page; and, inside of one, the page that it is of.

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{
    DedicatedWorkerGlobalScope, Event, MessageEvent, Url, Worker, WorkerOptions, WorkerType,
};

use super::fetch::Body;
use super::{method, window};

/// What is sent to the other side: a text, and perhaps what the browser carries beside it.
#[derive(Clone, Default)]
pub struct Parcel {
    /// The text.
    pub text: String,
    /// Bytes, or a blob.
    pub body: Option<Body>,
}

impl core::fmt::Debug for Parcel {
    /// Without the text, which may hold secrets.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "Parcel({} bytes)", self.text.len())
    }
}

/// What comes from the other side.
#[derive(Debug)]
#[non_exhaustive]
pub enum Received {
    /// Something that it sent.
    Parcel(Parcel),
    /// It could not be loaded, or has come to grief.
    Failed,
}

/// What is called with what comes.
pub type Receiving = Box<dyn Fn(Received)>;

/// The way to the other side. Dropped, nothing comes any more; a worker that was started ends.
pub trait Port {
    /// Sends it. Whether it arrives nobody knows.
    fn post(&self, parcel: Parcel);
}

/// Starts a worker with this script: a module, of this page's own origin and at an address of its own, not
/// a `blob:` or `data:` one. Relative to the page. `None` where that is not so, or the browser refuses.
pub fn start(script: &str, receiving: Receiving) -> Option<Box<dyn Port>> {
    let url = own_url(script)?;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let constructor = Reflect::get(&js_sys::global(), &"Worker".into()).ok()?;
    let arguments = Array::of2(&trusted(&url), &options);
    // Not web-sys' own: it takes text only, which a page with Trusted Types refuses.
    let worker = Reflect::construct(constructor.dyn_ref::<Function>()?, &arguments).ok()?;
    let worker: Worker = worker.dyn_into().ok()?;
    let closure = Closure::new(move |event: Event| {
        receiving(event.dyn_ref::<MessageEvent>().map_or(Received::Failed, received));
    });
    let function: &Function = closure.as_ref().unchecked_ref();
    worker.set_onmessage(Some(function));
    worker.set_onmessageerror(Some(function));
    worker.set_onerror(Some(function));
    Some(Box::new(Started { worker, _closure: closure }))
}

/// The page, seen from inside of a worker; `None` elsewhere.
pub fn page(receiving: Receiving) -> Option<Box<dyn Port>> {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().dyn_into().ok()?;
    let closure = Closure::new(move |event: MessageEvent| receiving(received(&event)));
    scope.set_onmessage(Some(closure.as_ref().unchecked_ref()));
    Some(Box::new(Page { scope, _closure: closure }))
}

struct Started {
    worker: Worker,
    _closure: Closure<dyn FnMut(Event)>,
}

impl Port for Started {
    fn post(&self, parcel: Parcel) {
        // What can't be cloned was not let in here.
        let _ = self.worker.post_message(&packed(&parcel));
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        for unset in [Worker::set_onmessage, Worker::set_onmessageerror, Worker::set_onerror] {
            unset(&self.worker, None);
        }
        self.worker.terminate();
    }
}

struct Page {
    scope: DedicatedWorkerGlobalScope,
    _closure: Closure<dyn FnMut(MessageEvent)>,
}

impl Port for Page {
    fn post(&self, parcel: Parcel) {
        let _ = self.scope.post_message(&packed(&parcel));
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.scope.set_onmessage(None);
    }
}

fn packed(parcel: &Parcel) -> JsValue {
    let body = parcel.body.as_ref().map_or(JsValue::UNDEFINED, Body::to_js);
    Array::of2(&parcel.text.as_str().into(), &body).into()
}

/// Whatever is no parcel is an empty one, which means nothing.
fn received(event: &MessageEvent) -> Received {
    let data = event.data().dyn_into::<Array>().unwrap_or_default();
    let text = data.get(0).as_string().unwrap_or_default();
    Received::Parcel(Parcel { text, body: Body::from_js(data.get(1)) })
}

fn own_url(script: &str) -> Option<String> {
    let window = window()?;
    let base = window.document()?.base_uri().ok()??;
    let url = Url::new_with_base(script, &base).ok()?;
    let location = window.location();
    let is_own =
        location.origin().ok()? == url.origin() && location.protocol().ok()? == url.protocol();
    // The origin of a page without one, such as a sandboxed frame, is like no other, itself included.
    (is_own && url.origin() != "null").then(|| url.href())
}

/// The URL of a script in the form that a page with Trusted Types wants. It was checked before.
fn trusted(url: &str) -> JsValue {
    let text = JsValue::from_str(url);
    trusted_url(&text).unwrap_or(text)
}

fn trusted_url(url: &JsValue) -> Option<JsValue> {
    let factory = Reflect::get(&js_sys::global(), &"trustedTypes".into()).ok()?;
    let identity = Closure::<dyn Fn(JsValue) -> JsValue>::new(|url| url);
    let rules = Object::new();
    Reflect::set(&rules, &"createScriptURL".into(), identity.as_ref()).ok()?;
    let policy = method(&factory, "createPolicy")?.call2(&factory, &"pixy-login".into(), &rules);
    let policy = policy.ok()?;
    method(&policy, "createScriptURL")?.call1(&policy, url).ok()
}
