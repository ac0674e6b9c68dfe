//! What the browser gives: fetch, session storage, cryptography, navigation, events, clock, random
//! numbers.
//!
//! The only place that touches `web-sys` and `js-sys`. It knows nothing of OAuth: what a request
//! means belongs in [`crate::protocol`], when it is sent in [`crate::client`].

pub mod clock;
pub mod crypto;
#[cfg(feature = "widget")]
pub mod element;
pub mod events;
pub mod fetch;
#[cfg(feature = "dpop")]
pub mod key_store;
pub mod navigation;
pub mod page;
pub mod random;
pub mod storage;

use std::rc::Rc;

pub use clock::{Clock, SystemClock};
#[cfg(feature = "dpop")]
pub use key_store::{IndexedDb, KeyStore};
pub use navigation::{History, Navigation};
pub use storage::{SessionStorage, Storage, StorageDenied};

/// The parts of the browser that a test may stand in for.
#[derive(Clone)]
pub struct Browser {
    /// What time it is.
    pub clock: Rc<dyn Clock>,
    /// What outlives the page, within the tab.
    pub storage: Rc<dyn Storage>,
    /// What keeps keys.
    #[cfg(feature = "dpop")]
    pub keys: Rc<dyn KeyStore>,
    /// Where the page is and goes.
    pub navigation: Rc<dyn Navigation>,
}

impl Default for Browser {
    /// The real browser.
    fn default() -> Self {
        Self {
            clock: Rc::new(SystemClock),
            storage: Rc::new(SessionStorage),
            #[cfg(feature = "dpop")]
            keys: Rc::new(IndexedDb),
            navigation: Rc::new(History),
        }
    }
}

impl core::fmt::Debug for Browser {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Browser")
    }
}
