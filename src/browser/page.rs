//! The page around an app: its language, title, root element, address and idle moments, and when somebody comes
//! to it.

use core::future::poll_fn;
use core::task::{Poll, Waker};
use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Document, DomStringMap, Element, Event, HtmlElement, MouseEvent};
#[cfg(feature = "lesson")]
use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

use super::events::on_activation;
use super::method;
use super::window;

/// An element of the page.
#[cfg(any(feature = "demo", feature = "lesson"))]
pub use web_sys::HtmlElement as Part;

/// Whether there is a page: neither on a server, whatever it runs, nor in a worker.
pub(crate) fn exists() -> bool {
    window().is_some()
}

/// The language of the page (`<html lang>`), else of the browser; empty when neither says.
pub fn language() -> String {
    let of_page = root_element().map(|element| element.lang()).filter(|tag| !tag.is_empty());
    of_page.or_else(|| window()?.navigator().language()).unwrap_or_default()
}

/// Changes the title of the page.
pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Writes a `data-` attribute of the root element, in camel case: `pixyState`.
pub fn set_mark(name: &str, value: &str) {
    if let Some(marks) = marks() {
        // Only a name that is no attribute name fails, and names come from the code.
        let _ = marks.set(name, value);
    }
}

/// Reads a `data-` attribute of the root element and takes it away.
pub fn take_mark(name: &str) -> Option<String> {
    let marks = marks()?;
    let value = marks.get(name)?;
    marks.delete(name);
    Some(value)
}

/// The element with this id.
pub fn element(id: &str) -> Option<HtmlElement> {
    document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// The elements that the selector finds.
#[cfg(feature = "lesson")]
pub(crate) fn elements(selector: &str) -> Vec<HtmlElement> {
    let found = document().map(|document| find_all(&document, selector)).unwrap_or_default();
    found.into_iter().filter_map(|element| element.dyn_into().ok()).collect()
}

/// The same in any document.
#[cfg(any(feature = "demo", feature = "lesson"))]
pub(super) fn find_all(document: &Document, selector: &str) -> Vec<Element> {
    let Ok(found) = document.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.get(index)?.dyn_into().ok()).collect()
}

/// The text of the element with this id.
pub fn text(id: &str) -> Option<String> {
    element(id)?.text_content()
}

/// Takes everything out of the element. Returns a selector for what had the focus, if that was inside.
pub fn empty(element: &HtmlElement) -> Option<String> {
    let focused = document().and_then(|document| document.active_element());
    let inside = focused.filter(|focused| element.contains(Some(focused)));
    let selector = inside.and_then(|focused| {
        let name = ["data-pixy", "href"].into_iter().find(|name| focused.has_attribute(name))?;
        Some(["[", name, "=\"", &focused.get_attribute(name)?, "\"]"].concat())
    });
    element.set_text_content(None);
    selector
}

/// Takes the element out of the page.
pub fn take_out(id: &str) -> Option<HtmlElement> {
    let element = element(id)?;
    element.remove();
    Some(element)
}

/// Puts an element at the end of the first one that the selector finds.
pub fn append_to(selector: &str, element: &HtmlElement) {
    let found = document().and_then(|document| document.query_selector(selector).ok()?);
    if let Some(found) = found {
        // An element that is in the page can hold any other.
        let _ = found.append_child(element);
    }
}

/// Leaves the element alone in what holds it.
pub fn keep_alone(element: &HtmlElement) {
    if let Some(parent) = element.parent_element() {
        parent.replace_children_with_node_1(element);
    }
}

/// Whether the selector finds something.
pub fn has(selector: &str) -> bool {
    document().is_some_and(|document| matches!(document.query_selector(selector), Ok(Some(_))))
}

/// Says which language the page is in (`<html lang>`).
pub fn set_language(tag: &str) {
    if let Some(root) = root_element() {
        root.set_lang(tag);
    }
}

/// Moves the focus to the first element that the selector finds.
pub fn focus(selector: &str) {
    let found = document().and_then(|document| document.query_selector(selector).ok()?);
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // An element that can't take the focus leaves it where it is.
        let _ = element.focus();
    }
}

/// The same, when nothing has the focus.
pub fn focus_if_lost(selector: &str) {
    if is_focus_lost() {
        focus(selector);
    }
}

thread_local! {
    /// How many [`Concealment`]s there are, and what had the focus before the first.
    static CONCEALED: RefCell<(usize, Option<HtmlElement>)> = const { RefCell::new((0, None)) };
}

/// What hides a page: what is in it may make itself visible again, but not opaque.
const HIDING: [(&str, &str); 2] = [("visibility", "hidden"), ("opacity", "0")];

/// Hides what the page shows as long as it lives. Layout, scroll position, focus and what is typed into the page stay.
#[derive(Debug)]
#[non_exhaustive]
pub struct Concealment;

impl Concealment {
    /// Hides the page.
    pub fn begin() -> Self {
        CONCEALED.with_borrow_mut(|(count, focused)| {
            *count += 1;
            if let (1, Some(root)) = (*count, root_element()) {
                *focused =
                    document().and_then(|document| document.active_element()?.dyn_into().ok());
                for (name, value) in HIDING {
                    let _ = root.style().set_property_with_priority(name, value, "important");
                }
            }
        });
        Self
    }
}

impl Drop for Concealment {
    fn drop(&mut self) {
        let focused = CONCEALED.with_borrow_mut(|(count, focused)| {
            *count -= 1;
            if *count > 0 {
                return None;
            }
            let style = root_element()?.style();
            for (name, _) in HIDING {
                let _ = style.remove_property(name);
            }
            focused.take()
        });
        // What is hidden loses the focus. Outside of the borrow: the page may listen.
        if let Some(focused) = focused.filter(|_| is_focus_lost()) {
            let _ = focused.focus();
        }
    }
}

/// Whether nothing has the focus.
fn is_focus_lost() -> bool {
    let focused = document().and_then(|document| document.active_element());
    focused.is_none_or(|focused| focused.tag_name() == "BODY")
}

/// Scrolls as little as it takes to see the first element that the selector finds.
#[cfg(feature = "lesson")]
pub fn reveal(selector: &str) {
    let found = document().and_then(|document| document.query_selector(selector).ok()?);
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    if let Some(element) = found {
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Goes to the top, as a newly loaded page does.
pub fn scroll_to_top() {
    if let Some(window) = window() {
        window.scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// The address up to and with the last slash of the path.
pub fn folder() -> String {
    let Some(location) = window().map(|window| window.location()) else { return String::new() };
    let origin = location.origin().unwrap_or_default();
    let path = path();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    [&origin, folder, "/"].concat()
}

/// The path of the address: `/shop/cart.html`.
pub fn path() -> String {
    window().and_then(|window| window.location().pathname().ok()).unwrap_or_default()
}

/// The query of the address: `?lang=ja`; empty without one.
pub fn query() -> String {
    window().and_then(|window| window.location().search().ok()).unwrap_or_default()
}

/// Adds an entry to the history, without loading anything. Returns whether the browser did it.
pub fn push_url(url: &str) -> bool {
    let history = window().and_then(|window| window.history().ok());
    history
        .is_some_and(|history| history.push_state_with_url(&JsValue::NULL, "", Some(url)).is_ok())
}

/// The `href`, as written, of the link that was clicked; `None` when the click asks for something
/// special, such as a new tab.
pub fn clicked_link(event: &Event) -> Option<String> {
    let click = event.dyn_ref::<MouseEvent>()?;
    let modified = click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key();
    if click.button() != 0 || modified || click.default_prevented() {
        return None;
    }
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest("a[href]").ok()??.get_attribute("href")
}

/// Calls `task` when the page has nothing to do; at once where the browser can't tell.
pub fn when_idle(task: impl FnOnce() + 'static) {
    let Some(window) = window() else { return };
    let callback = Closure::once_into_js(task);
    let callback: &js_sys::Function = callback.unchecked_ref();
    if window.request_idle_callback(callback).is_err() {
        // The function itself can't throw.
        let _ = callback.call0(&JsValue::NULL);
    }
}

/// Whether the browser has loaded the page beforehand, and nobody has come to it yet (prerendering).
pub fn is_prerendered() -> bool {
    let told = document().and_then(|page| Reflect::get(&page, &"prerendering".into()).ok());
    told == Some(JsValue::TRUE)
}

/// Waits until somebody comes to a page that the browser has loaded beforehand, which may be never. Until then
/// the browser holds back messages between tabs, locks and workers, but neither timers, storage nor requests.
pub async fn activation() {
    if !is_prerendered() {
        return;
    }
    let waiting: Rc<RefCell<Option<Waker>>> = Rc::default();
    let woken = waiting.clone();
    let _listener = on_activation(move || {
        if let Some(waker) = woken.take() {
            waker.wake();
        }
    });
    poll_fn(|context| {
        if !is_prerendered() {
            return Poll::Ready(());
        }
        waiting.replace(Some(context.waker().clone()));
        Poll::Pending
    })
    .await;
}

/// Does the task when what is being rendered is there.
pub fn after_rendering(task: impl FnOnce() + 'static) {
    // Rendering is a queued task, too, and was queued before.
    wasm_bindgen_futures::spawn_local(async move { task() });
}

/// Goes to the element that the fragment of the address names. Returns whether there is one.
pub fn reveal_fragment() -> bool {
    let fragment = window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    let Some(element) = element(fragment.trim_start_matches('#')) else { return false };
    element.scroll_into_view();
    // An element that can't take the focus leaves it where it is.
    let _ = element.focus();
    true
}

/// The date of a number of seconds since 1970, as people of this language write it. `None` when it is
/// no such number.
pub fn date_of_seconds(seconds: &str, language: &str) -> Option<String> {
    // The browser's own reading: Rust's would bring tables of ten kilobytes.
    let seconds = js_sys::Number::parse_float(seconds);
    date(&JsValue::from_f64(seconds * 1000.0), language)
}

/// The time of day of a number of seconds since 1970, as people of this language write it.
#[allow(clippy::cast_precision_loss)]
pub fn time_of_seconds(seconds: u64, language: &str) -> Option<String> {
    let date = js_sys::Date::new(&JsValue::from_f64(seconds as f64 * 1000.0));
    let known = !date.get_time().is_nan();
    known.then(|| date.to_locale_time_string(language).into())
}

/// The date of a time as in `2026-11-20T09:15:00+09:00`, as people of this language write it. `None`
/// when it is no such time.
pub fn date_of_time(time: &str, language: &str) -> Option<String> {
    date(&JsValue::from_str(time), language)
}

fn date(value: &JsValue, language: &str) -> Option<String> {
    let date = js_sys::Date::new(value);
    if date.get_time().is_nan() {
        return None;
    }
    // It throws for what is no tag of a language.
    let written = method(&date, "toLocaleDateString")?.call1(&date, &language.into()).ok()?;
    written.as_string()
}

fn marks() -> Option<DomStringMap> {
    root_element().map(|element| element.dataset())
}

fn root_element() -> Option<HtmlElement> {
    document()?.document_element()?.dyn_into().ok()
}

fn document() -> Option<Document> {
    window()?.document()
}
