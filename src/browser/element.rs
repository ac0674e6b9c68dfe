//! The page's side of a custom element: its attributes, what is drawn in its shadow root, its events, and what it
//! promises to scripts.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::future_to_promise;
use web_sys::{CustomEvent, CustomEventInit, Document, Element, EventTarget, Url};

/// What scripts wait for, send, and end a request with.
pub use js_sys::{ArrayBuffer, Promise};
pub use web_sys::AbortSignal;
/// The custom element itself, as the page sees it.
pub use web_sys::HtmlElement as Host;
/// The root of what the element draws.
pub use web_sys::ShadowRoot;

/// A value of an event's `detail`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detail {
    /// A text, or `null`.
    Text(Option<String>),
    /// Yes or no.
    Bool(bool),
    /// A JSON object, read as the browser reads it, or `null`.
    Json {
        /// Its text.
        text: Option<String>,
        /// The members that are left out.
        without: &'static [&'static str],
    },
}

/// An element to be drawn. Its values become attributes and text nodes, never HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Tag {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Child>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Child {
    Tag(Tag),
    Text(String),
}

impl Tag {
    /// An empty element.
    pub const fn new(name: &'static str) -> Self {
        Self { name, attributes: Vec::new(), children: Vec::new() }
    }

    /// Adds an attribute.
    pub fn with(mut self, attribute: &'static str, value: &str) -> Self {
        self.attributes.push((attribute, value.to_owned()));
        self
    }

    /// Adds text.
    pub fn text(mut self, text: &str) -> Self {
        self.children.push(Child::Text(text.to_owned()));
        self
    }

    /// Adds elements.
    pub fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children.into_iter().map(Child::Tag));
        self
    }
}

/// The value of an attribute.
pub fn attribute(host: &Host, name: &str) -> Option<String> {
    host.get_attribute(name)
}

/// The absolute URL that the browser takes a relative one in the element's page for.
pub fn resolve(host: &Host, url: &str) -> Option<String> {
    let base = host.base_uri().ok().flatten()?;
    Url::new_with_base(url, &base).ok().map(|url| url.href())
}

/// Puts these elements in the place of what the root held. The focus stays in the element: it goes to
/// the first button, when it was inside before.
pub fn draw(root: &ShadowRoot, tags: &[Tag]) {
    let Some(document) = root.owner_document() else { return };
    let had_focus = root.active_element().is_some();
    root.set_text_content(None);
    for tag in tags {
        append(&document, root, tag);
    }
    let button = root.query_selector("button").ok().flatten();
    if let (true, Some(button)) = (had_focus, button) {
        // Nothing is lost where an element can't be focused, as while it is hidden.
        let _ = button.unchecked_into::<Host>().focus();
    }
}

/// Promises a script what comes of this: a value, or the details of an error.
pub(crate) fn promise<T: Into<JsValue>, E: 'static, const N: usize>(
    future: impl Future<Output = Result<T, E>> + 'static,
    details: fn(&E) -> [(&'static str, Detail); N],
) -> Promise {
    future_to_promise(async move {
        future.await.map(Into::into).map_err(|why| object(&details(&why)).into())
    })
}

/// Dispatches an event at the element, which bubbles up the page if the whole page is to hear it: also from an
/// element that has just left it.
pub fn dispatch(host: &Host, name: &str, detail: &[(&str, Detail)], bubbles: bool) {
    let init = CustomEventInit::new();
    init.set_bubbles(bubbles);
    init.set_composed(bubbles);
    init.set_detail(&object(detail));
    let dispatch = |target: &EventTarget| {
        if let Ok(event) = CustomEvent::new_with_event_init_dict(name, &init) {
            // A page that cancels the event changes nothing here.
            let _ = target.dispatch_event(&event);
        }
    };
    dispatch(host);
    if let (true, false, Some(page)) = (bubbles, host.is_connected(), host.owner_document()) {
        dispatch(&page);
    }
}

fn object(details: &[(&str, Detail)]) -> Object {
    let values = Object::new();
    for (key, value) in details {
        let value = match value {
            Detail::Text(text) => text.as_deref().map_or(JsValue::NULL, JsValue::from_str),
            Detail::Bool(value) => JsValue::from_bool(*value),
            Detail::Json { text, without } => text
                .as_deref()
                .and_then(|text| read(text, without))
                .map_or(JsValue::NULL, JsValue::from),
        };
        // A plain new object takes every property.
        let _ = Reflect::set(&values, &JsValue::from_str(key), &value);
    }
    values
}

/// A JSON object without some of its members.
fn read(text: &str, without: &[&str]) -> Option<Object> {
    let object: Object = js_sys::JSON::parse(text).ok()?.dyn_into().ok()?;
    for name in without {
        // A plain object lets go of any member.
        let _ = Reflect::delete_property(&object, &(*name).into());
    }
    Some(object)
}

fn append(document: &Document, parent: &web_sys::Node, tag: &Tag) {
    let Some(element) = element(document, tag) else { return };
    // An element that was just made can be added anywhere.
    let _ = parent.append_child(&element);
}

/// `None` only for a name that no element can have.
fn element(document: &Document, tag: &Tag) -> Option<Element> {
    let element = document.create_element(tag.name).ok()?;
    for (name, value) in &tag.attributes {
        element.set_attribute(name, value).ok()?;
    }
    for child in &tag.children {
        match child {
            Child::Tag(tag) => append(document, &element, tag),
            Child::Text(text) => {
                element.append_child(&document.create_text_node(text)).ok()?;
            }
        }
    }
    Some(element)
}
