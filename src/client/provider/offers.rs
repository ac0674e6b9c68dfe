//! What a provider offers and this page can't use: it is done without, and not tried again while the
//! provider's metadata lives.

use super::Provider;
use super::metadata::LIFETIME;
use crate::protocol::json::{Object, Writer};

/// How the key begins under which that is remembered.
const PREFIX: &str = "pixy-login:unusable:";
/// The name of: no token without binding.
const NEEDED: &str = "binding_needed";

/// An offer that nobody has to take.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::client) enum Offer {
    /// Tokens that are bound to a key (RFC 9449).
    Binding,
    /// Pushed requests (RFC 9126).
    Pushing,
    /// Taking refresh tokens back (RFC 7009).
    RevokingRefreshTokens,
    /// Taking access tokens back.
    RevokingAccessTokens,
}

impl Offer {
    const fn name(self) -> &'static str {
        match self {
            Self::Binding => "binding",
            Self::Pushing => "pushing",
            Self::RevokingRefreshTokens => "revoking_refresh_tokens",
            Self::RevokingAccessTokens => "revoking_access_tokens",
        }
    }
}

/// Whatever may be remembered.
const NAMES: [&str; 5] = [
    Offer::Binding.name(),
    Offer::Pushing.name(),
    Offer::RevokingRefreshTokens.name(),
    Offer::RevokingAccessTokens.name(),
    NEEDED,
];

impl Provider {
    /// Whether the offer was found to be of no use here, within the lifetime of the metadata that makes it.
    pub(in crate::client) fn is_unusable(&self, offer: Offer) -> bool {
        self.was_noted(offer.name())
    }

    /// Remembers that it is of no use, for this tab. Where the storage is denied, it is tried again.
    pub(in crate::client) fn note_unusable(&self, offer: Offer) {
        self.note(offer.name(), None);
    }

    /// Whether the provider was found to want bound tokens, whatever else it does with them.
    pub(in crate::client) fn needs_binding(&self) -> bool {
        self.was_noted(NEEDED)
    }

    /// Remembers that: doing without was tried, and refused.
    pub(in crate::client) fn note_binding_needed(&self) {
        self.note(NEEDED, Some(Offer::Binding));
    }

    fn was_noted(&self, name: &str) -> bool {
        // Both ways: the clock may have been set back.
        self.noted_at(name).is_some_and(|noted| self.context.now().0.abs_diff(noted) < LIFETIME)
    }

    /// Notes one thing, and keeps what was noted of the others, save of what is of use by now.
    fn note(&self, name: &str, usable: Option<Offer>) {
        let usable = usable.map(Offer::name);
        let mut entry = Writer::default().number(name, self.context.now().0);
        for other in NAMES.into_iter().filter(|other| *other != name && Some(*other) != usable) {
            entry = entry.optional_number(other, self.noted_at(other));
        }
        let _ = self.context.browser().storage.set(&self.unusable_entry(), &entry.finish());
    }

    fn noted_at(&self, name: &str) -> Option<u64> {
        let text = self.context.browser().storage.get(&self.unusable_entry()).ok()??;
        Object::parse(&text).ok()?.optional_unsigned(name).ok()?
    }

    fn unusable_entry(&self) -> String {
        [PREFIX, &self.context.app()].concat()
    }
}
