//! Events of the window, listened to as long as the listener is kept.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, PageTransitionEvent, Window};

/// A listener on the window. Dropped, it stops listening.
pub struct Listener {
    window: Window,
    event: &'static str,
    closure: Closure<dyn FnMut(Event)>,
}

impl Listener {
    fn new(event: &'static str, listener: impl FnMut(Event) + 'static) -> Option<Self> {
        let window = web_sys::window()?;
        let closure = Closure::new(listener);
        let function = closure.as_ref().unchecked_ref();
        window.add_event_listener_with_callback(event, function).ok()?;
        Some(Self { window, event, closure })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let function = self.closure.as_ref().unchecked_ref();
        // Nothing is left to do when the window is gone.
        let _ = self.window.remove_event_listener_with_callback(self.event, function);
    }
}

impl core::fmt::Debug for Listener {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "Listener({})", self.event)
    }
}

/// Calls `listener` when the page comes back out of the back-forward cache, as by the Back button.
pub fn on_restored(listener: impl Fn() + 'static) -> Option<Listener> {
    Listener::new("pageshow", move |event| {
        let restored =
            event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted);
        if restored {
            listener();
        }
    })
}

/// Calls `listener` when the address changes by Back, Forward or a router.
pub fn on_address_change(listener: impl Fn() + 'static) -> Option<Listener> {
    Listener::new("popstate", move |_| listener())
}
