//! What a provider offers and this page can't use: it is done without, and not tried again while the
//! provider's metadata lives.

use super::Client;
#[cfg(any(feature = "dpop", feature = "par"))]
use super::metadata::LIFETIME;
use crate::protocol::json::{Object, Writer};

/// How the key begins under which that is remembered.
const PREFIX: &str = "pixy-login:unusable:";

/// An offer that nobody has to take.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    /// Tokens that are bound to a key (RFC 9449).
    Binding,
    /// Pushed requests (RFC 9126).
    Pushing,
}

impl Offer {
    const fn name(self) -> &'static str {
        match self {
            Self::Binding => "binding",
            Self::Pushing => "pushing",
        }
    }
}

impl Client {
    /// Whether the offer was found to be of no use here, within the lifetime of the metadata that makes it.
    #[cfg(any(feature = "dpop", feature = "par"))]
    pub(super) fn is_unusable(&self, offer: Offer) -> bool {
        let found = self.unusable_since(offer);
        // Both ways: the clock may have been set back.
        found.is_some_and(|found| self.now().0.abs_diff(found) < LIFETIME)
    }

    /// Remembers that it is of no use, for this tab. Where the storage is denied, it is tried again.
    pub(super) fn note_unusable(&self, offer: Offer) {
        let mut entry = Writer::default().number(offer.name(), self.now().0);
        for other in [Offer::Binding, Offer::Pushing] {
            if other != offer {
                entry = entry.optional_number(other.name(), self.unusable_since(other));
            }
        }
        let _ = self.0.browser.storage.set(&self.unusable_entry(), &entry.finish());
    }

    fn unusable_since(&self, offer: Offer) -> Option<u64> {
        let text = self.0.browser.storage.get(&self.unusable_entry()).ok()??;
        Object::parse(&text).ok()?.optional_unsigned(offer.name()).ok()?
    }

    fn unusable_entry(&self) -> String {
        [PREFIX, &self.app()].concat()
    }
}
