//! What a provider offers and this page can't use: it is done without, and not tried again while the
//! provider's metadata lives.

use super::Provider;
use super::metadata::LIFETIME;
use crate::client::context::Context;
use crate::client::stored::Stored;
use crate::protocol::UnixTime;
use crate::protocol::json::{Object, Writer};

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

/// What was found, by its name, and when.
#[derive(Default)]
struct Noted(Vec<(&'static str, UnixTime)>);

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
        let Noted(noted) = self.context.stored().unwrap_or_default();
        let now = self.context.now();
        noted.iter().any(|(known, at)| *known == name && now.apart(*at) < LIFETIME)
    }

    /// Notes one thing, and keeps what was noted of the others, save of what is of use by now.
    fn note(&self, name: &'static str, usable: Option<Offer>) {
        let usable = usable.map(Offer::name);
        let Noted(mut noted) = self.context.stored().unwrap_or_default();
        noted.retain(|(other, _)| *other != name && Some(*other) != usable);
        noted.push((name, self.context.now()));
        self.context.store(&Noted(noted));
    }
}

impl Stored for Noted {
    fn key(context: &Context) -> String {
        ["pixy-login:unusable:", &context.app()].concat()
    }

    fn to_text(&self) -> String {
        let entry = Writer::default();
        self.0.iter().fold(entry, |entry, (name, at)| entry.number(name, at.0)).finish()
    }

    fn from_text(text: &str) -> Option<Self> {
        let entry = Object::parse(text).ok()?;
        let at = |name| Some((name, UnixTime(entry.optional_unsigned(name).ok()??)));
        Some(Self(NAMES.into_iter().filter_map(at).collect()))
    }
}
