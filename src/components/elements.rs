//! How the components write elements: one function for all tags, so that each is compiled once.
//!
//! Leptos' `view!` turns unchanging parts into HTML that the browser parses, which pages that require
//! Trusted Types forbid, and it makes a type of each view, which all go into the wasm. Here every
//! element, attribute, text and listener is of one type, and nothing is ever parsed.

use std::sync::{Arc, Mutex};

use leptos::attr::any_attribute::{AnyAttribute, IntoAnyAttribute as _};
use leptos::attr::custom::custom_attribute;
use leptos::ev;
use leptos::html::{ElementChild as _, custom};
use leptos::prelude::*;
use leptos::tachys::reactive_graph::SharedReactiveFunction;
use leptos::tachys::view::iterators::StaticVec;
use leptos::web_sys::Event;

/// An element with its attributes and children.
pub(crate) fn element(
    tag: &'static str,
    attributes: Vec<AnyAttribute>,
    children: Vec<AnyView>,
) -> AnyView {
    custom(tag).add_any_attr(attributes).child(StaticVec::from(children)).into_any()
}

/// Text. It stays text, whatever is in it.
pub(crate) fn text(text: impl Into<String>) -> AnyView {
    text.into().into_any()
}

/// Nothing.
pub(crate) fn nothing() -> AnyView {
    ().into_any()
}

/// Several views, one after the other.
pub(crate) fn group(views: Vec<AnyView>) -> AnyView {
    StaticVec::from(views).into_any()
}

/// A view that is made anew whenever a signal that it reads changes.
pub(crate) fn dynamic(view: impl FnMut() -> AnyView + Send + 'static) -> AnyView {
    let view: SharedReactiveFunction<AnyView> = Arc::new(Mutex::new(view));
    view.into_any()
}

/// An attribute.
pub(crate) fn attribute(name: &'static str, value: impl Into<String>) -> AnyAttribute {
    custom_attribute(name, value.into()).into_any_attr()
}

/// An attribute that follows the signals that it reads; left out for `None`.
pub(crate) fn dynamic_attribute(
    name: &'static str,
    value: impl FnMut() -> Option<String> + Send + 'static,
) -> AnyAttribute {
    let value: SharedReactiveFunction<Option<String>> = Arc::new(Mutex::new(value));
    custom_attribute(name, value).into_any_attr()
}

/// The attribute by which tests and style sheets find an element.
pub(crate) fn mark(name: &'static str) -> AnyAttribute {
    attribute("data-pixy", name)
}

/// A listener.
pub(crate) fn on(event: &'static str, listener: impl FnMut(Event) + 'static) -> AnyAttribute {
    let listener: Box<dyn FnMut(Event)> = Box::new(listener);
    ev::on(ev::Custom::<Event>::new(event), listener).into_any_attr()
}

/// A button that does nothing but what its listener does.
pub(crate) fn button(
    name: &'static str,
    label: AnyView,
    more: Vec<AnyAttribute>,
    clicked: impl FnMut(Event) + 'static,
) -> AnyView {
    let mut attributes = vec![attribute("type", "button"), mark(name), on("click", clicked)];
    attributes.extend(more);
    element("button", attributes, vec![label])
}
