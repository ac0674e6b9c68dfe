//! Another page of the app, read but not gone to, and another program that this page starts.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, EventTarget, XmlHttpRequest, XmlHttpRequestResponseType};

use super::page::{Part, find_all};

/// A function of another program.
pub use js_sys::Function as Callback;

/// A page that was read.
pub(crate) struct OtherPage(Document);

impl OtherPage {
    /// Reads a page of the same origin. `None` when it is not there. The browser parses it as it does a page
    /// that it opens, which strict pages allow, unlike HTML from a text.
    pub(crate) async fn read(url: &str) -> Option<Self> {
        let request = XmlHttpRequest::new().ok()?;
        request.open("GET", url).ok()?;
        request.set_response_type(XmlHttpRequestResponseType::Document);
        let ended = Promise::new(&mut |ended, _| request.set_onloadend(Some(&ended)));
        request.send().ok()?;
        JsFuture::from(ended).await.ok()?;
        let is_there = request.status() == Ok(200);
        request.response_xml().ok().flatten().filter(|_| is_there).map(Self)
    }

    /// Loads its style sheets, as far as this page has not got them.
    pub(crate) async fn adopt_styles(&self) {
        for link in find_all(&self.0, "link[rel=stylesheet]") {
            // What can't be loaded leaves a page that can be read all the same.
            let _ = adopt_style(&link).await;
        }
    }

    /// Puts what is in the element of this id in the place of what `target` holds.
    pub(crate) fn move_into(&self, id: &str, target: &Part) {
        target.set_text_content(None);
        let Some(source) = self.0.get_element_by_id(id) else { return };
        while let Some(child) = source.first_child() {
            if target.append_child(&child).is_err() {
                return;
            }
        }
    }
}

async fn adopt_style(link: &Element) -> Option<()> {
    let document = super::window()?.document()?;
    let href = link.get_attribute("href")?;
    let known = find_all(&document, "link[rel=stylesheet]");
    if known.iter().any(|known| known.get_attribute("href").as_deref() == Some(&*href)) {
        return None;
    }
    let link = document.import_node_with_deep(link, true).ok()?;
    let target: &EventTarget = link.as_ref();
    let loaded = Promise::new(&mut |loaded, _| {
        for event in ["load", "error"] {
            // Without the listener nobody waits for ever: the browser loads it, or the promise is dropped.
            let _ = target.add_event_listener_with_callback(event, &loaded);
        }
    });
    document.head()?.append_child(&link).ok()?;
    JsFuture::from(loaded).await.ok().map(drop)
}

/// Calls a function that the page's script has made global, and waits for what it promises.
pub(crate) async fn call_global(name: &str, argument: JsValue) -> Option<()> {
    let global = js_sys::global();
    let function: Function = Reflect::get(&global, &name.into()).ok()?.dyn_into().ok()?;
    let promised: Promise = function.call1(&global, &argument).ok()?.dyn_into().ok()?;
    JsFuture::from(promised).await.ok().map(drop)
}

/// Calls a function of another program with a text.
pub(crate) fn call_with(callback: &Callback, text: &str) {
    // What it throws is its own program's business.
    let _ = callback.call1(&JsValue::NULL, &text.into());
}

/// Calls a function of another program.
pub(crate) fn call(callback: &Callback) {
    // What it throws is its own program's business.
    let _ = callback.call0(&JsValue::NULL);
}
