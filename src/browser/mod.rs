//! What the browser gives: fetch, session storage, records and locks that all tabs see, who is there, messages
//! between tabs, workers, cryptography, navigation, windows, events, clock, timers, random numbers.
//!
//! The only place that touches `web-sys` and `js-sys`. It knows nothing of OAuth: what a request
//! means belongs in [`crate::protocol`], when it is sent in [`crate::client`].

pub mod channel;
pub mod clock;
pub mod crypto;
#[cfg(feature = "widget")]
pub mod element;
pub mod events;
pub mod fetch;
pub mod locks;
pub mod navigation;
#[cfg(feature = "demo")]
pub mod other_page;
pub mod page;
#[cfg(feature = "popup")]
pub mod popup;
pub mod presence;
pub mod random;
pub mod record_store;
pub mod storage;
pub mod timer;
#[cfg(feature = "vault")]
pub mod worker;

use std::rc::Rc;

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::Window;

pub use channel::{Broadcast, Channel, Channels};
pub use clock::{Clock, SystemClock};
pub use fetch::{Fetch, Requests};
pub use locks::{Locks, WebLocks};
pub use navigation::{Frame, History, Navigation};
#[cfg(feature = "popup")]
pub use popup::{Popup, Popups, Windows};
pub use presence::{Presence, WebPresence};
pub use record_store::{IndexedDb, RecordStore};
pub use storage::{SessionStorage, Storage, StorageDenied};

/// Whether the code runs in a browser, and not natively on a server that renders pages.
pub(crate) const IS_HERE: bool = cfg!(target_arch = "wasm32");

/// The window: none in a worker, and none on a server, where asking the browser for anything panics.
fn window() -> Option<Window> {
    if IS_HERE { web_sys::window() } else { None }
}

/// A method of an object, where the browser has it.
fn method(object: &JsValue, name: &str) -> Option<Function> {
    Reflect::get(object, &name.into()).ok()?.dyn_into().ok()
}

/// The parts of the browser that a test may stand in for.
#[derive(Clone)]
pub struct Browser {
    /// What time it is.
    pub clock: Rc<dyn Clock>,
    /// What outlives the page, within the tab.
    pub storage: Rc<dyn Storage>,
    /// What outlives the tab, and is seen by all tabs of the origin.
    pub records: Rc<dyn RecordStore>,
    /// What one tab holds at a time.
    pub locks: Rc<dyn Locks>,
    /// Which pages and workers are there.
    pub presence: Rc<dyn Presence>,
    /// What tabs tell each other.
    pub channels: Rc<dyn Channels>,
    /// What is sent to other servers.
    pub requests: Rc<dyn Requests>,
    /// Where the page is and goes.
    pub navigation: Rc<dyn Navigation>,
    /// Windows beside the page.
    #[cfg(feature = "popup")]
    pub popups: Rc<dyn Popups>,
}

impl Default for Browser {
    /// The real browser.
    fn default() -> Self {
        Self {
            clock: Rc::new(SystemClock),
            storage: Rc::new(SessionStorage),
            records: Rc::new(IndexedDb),
            locks: Rc::new(WebLocks),
            presence: Rc::new(WebPresence),
            channels: Rc::new(Broadcast),
            requests: Rc::new(Fetch),
            navigation: Rc::new(History::default()),
            #[cfg(feature = "popup")]
            popups: Rc::new(Windows),
        }
    }
}

impl core::fmt::Debug for Browser {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Browser")
    }
}
