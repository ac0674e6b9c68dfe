//! Events of the window and its document, listened to as long as the listener is kept.

use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{AddEventListenerOptions, Event, EventTarget, PageTransitionEvent};

use super::{IS_HERE, window};

/// A listener. Dropped, it stops listening.
pub struct Listener {
    target: EventTarget,
    event: &'static str,
    closure: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// In the capturing phase, which nothing on the page can keep an event from.
    fn new(
        target: EventTarget,
        event: &'static str,
        listener: impl FnMut(Event) + 'static,
    ) -> Option<Self> {
        let closure = Closure::new(listener);
        let options = AddEventListenerOptions::new();
        options.set_capture(true);
        options.set_passive(true);
        let function = closure.as_ref().unchecked_ref();
        target
            .add_event_listener_with_callback_and_add_event_listener_options(
                event, function, &options,
            )
            .ok()?;
        Some(Self { target, event, closure })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let function = self.closure.as_ref().unchecked_ref();
        // Nothing is left to do when the window is gone.
        let _ =
            self.target.remove_event_listener_with_callback_and_bool(self.event, function, true);
    }
}

impl core::fmt::Debug for Listener {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "Listener({})", self.event)
    }
}

/// Calls `listener` when the page is left: for good, or for the back-forward cache.
pub fn on_left(listener: impl Fn() + 'static) -> Option<Listener> {
    Listener::new(window()?.into(), "pagehide", move |_| listener())
}

/// Calls `listener` when the page comes back out of the back-forward cache, as by the Back button.
pub fn on_restored(listener: impl Fn() + 'static) -> Option<Listener> {
    Listener::new(window()?.into(), "pageshow", move |event| {
        let restored =
            event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted);
        if restored {
            listener();
        }
    })
}

/// Calls `listener` when somebody comes to a page that the browser had loaded beforehand.
pub fn on_activation(listener: impl Fn() + 'static) -> Option<Listener> {
    let document = window()?.document()?;
    Listener::new(document.into(), "prerenderingchange", move |_| listener())
}

/// Calls `listener` when the address changes by Back, Forward or a router.
pub fn on_address_change(listener: impl Fn() + 'static) -> Option<Listener> {
    Listener::new(window()?.into(), "popstate", move |_| listener())
}

/// Calls `listener` when time may have passed unnoticed: the page is seen again, or thawed, or the network
/// is back.
pub fn on_wake(listener: impl Fn() + 'static) -> Vec<Listener> {
    let Some(window) = window() else { return Vec::new() };
    let document = window.document().map(EventTarget::from);
    let listener = Rc::new(listener);
    let of = |target: Option<EventTarget>, event| {
        let (listener, target) = (listener.clone(), target?);
        let own = target.clone();
        // Not what comes by on its way to an element: each field that takes the focus would count.
        let is_own = move |event: &Event| event.target().as_ref() == Some(&own);
        Listener::new(target, event, move |event| {
            if is_own(&event) && !tells_of_hiding(&event) {
                listener();
            }
        })
    };
    [
        of(document.clone(), "visibilitychange"),
        of(document, "resume"),
        of(Some(window.clone().into()), "focus"),
        of(Some(window.into()), "online"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whether the page is seen no more. It may be on its way into the back-forward cache, and what it began in a
/// database then would keep all other pages waiting: Chromium throws it out of the cache for that.
fn tells_of_hiding(event: &Event) -> bool {
    event.type_() == "visibilitychange" && is_hidden()
}

/// Calls `listener` at each sign that somebody is there.
pub fn on_activity(listener: impl Fn() + 'static) -> Vec<Listener> {
    let Some(window) = window() else { return Vec::new() };
    let listener = Rc::new(listener);
    ["pointerdown", "keydown", "wheel"]
        .into_iter()
        .filter_map(|event| {
            let listener = listener.clone();
            Listener::new(window.clone().into(), event, move |_| listener())
        })
        .collect()
}

/// Whether nobody sees the page: another tab is in front, or the window is out of sight.
pub(crate) fn is_hidden() -> bool {
    window().and_then(|window| window.document()).is_some_and(|page| page.hidden())
}

/// Whether the browser knows that it has no network. Windows and workers alike can tell.
pub fn is_offline() -> bool {
    let get = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).ok();
    let navigator = IS_HERE.then(|| get(&js_sys::global(), "navigator")).flatten();
    navigator.and_then(|navigator| get(&navigator, "onLine")) == Some(JsValue::FALSE)
}
