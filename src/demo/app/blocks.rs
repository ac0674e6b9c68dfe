//! What the pages are built of.

use leptos::prelude::*;

use crate::components::elements::{attribute, element, text};

/// The heading of a page, which takes the focus when the page is new.
pub(super) fn heading(words: &str) -> AnyView {
    element("h1", vec![attribute("tabindex", "-1")], vec![text(words)])
}

/// A paragraph.
pub(super) fn paragraph(words: impl Into<String>) -> AnyView {
    element("p", vec![], vec![text(words)])
}

/// An element with a class.
pub(super) fn with_class(tag: &'static str, class: &'static str, inside: Vec<AnyView>) -> AnyView {
    element(tag, vec![attribute("class", class)], inside)
}

/// A name and its value, for a `dl`.
pub(super) fn fact(name: &str, value: impl Into<String>) -> AnyView {
    let name = element("dt", vec![], vec![text(name)]);
    let value = element("dd", vec![attribute("dir", "auto")], vec![text(value)]);
    element("div", vec![], vec![name, value])
}
