//! Whether somebody is signed in, and what an app may know of that.

use crate::protocol::{Claims, Error, Profile, Scope, UnixTime};

/// Whether somebody is signed in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Status {
    /// Not known yet: the page has just been opened.
    Starting,
    /// Nobody is signed in.
    SignedOut,
    /// The page is about to be left for the provider. The person may still stop that.
    Leaving,
    /// The person signs in in a window beside the page, as far as is known. They may call that off
    /// ([`Client::cancel_popup`](super::Client::cancel_popup)) or look for the window
    /// ([`Client::show_popup`](super::Client::show_popup)).
    InPopup,
    /// This page is in such a window, and has handed the provider's answer to the page beside which it was
    /// opened. It closes; where the browser doesn't let it, the person may do so.
    HandedOver,
    /// The provider's answer is being looked at.
    Busy,
    /// Somebody is signed in.
    SignedIn(Session),
    /// The sign-in failed. A failure never takes the place of a session.
    Failed(Error),
}

/// What an app may know of a session. It holds no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub(super) issuer: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) scope: Scope,
    pub(super) expires_at: Option<UnixTime>,
    pub(super) auth_time: Option<UnixTime>,
    pub(super) acr: Option<String>,
    pub(super) claims: Option<Claims>,
    /// The claims that tell most of the person.
    pub(super) naming: Option<Claims>,
    pub(super) is_bound: bool,
    pub(super) is_renewable: bool,
    pub(super) can_end_at_provider: bool,
}

impl Session {
    /// The person's identifier at the issuer, from the ID token; `None` at OAuth-only providers.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Who says so, from the ID token. Only together with it the identifier names a person: at a provider
    /// with several tenants, such as Entra's, it tells whose account it is.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// What the verified ID token says, the latest one that came: the standards' claims and the provider's
    /// own, such as `roles`, `groups` or `org_id`. `None` at OAuth-only providers.
    pub const fn claims(&self) -> Option<&Claims> {
        self.claims.as_ref()
    }

    /// What the ID token tells of the person, without a word of the userinfo endpoint: it is there at once.
    /// [`Client::profile`](super::Client::profile) has that, too. `None` at OAuth-only providers.
    pub fn profile(&self) -> Option<Profile> {
        Some(Profile::of_person(self.subject.as_deref()?, self.naming.as_ref()?))
    }

    /// Whether the other session is of the same person, as far as the provider names them: it goes on
    /// when the token is renewed. Two sessions without a name count as the same.
    pub fn is_of_same_person(&self, other: &Self) -> bool {
        self.issuer == other.issuer && self.subject == other.subject
    }

    /// What was granted, which may be less or more than what was asked for (RFC 6749 section 3.3).
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Whether the tokens are bound to a key of this browser (RFC 9449).
    pub const fn is_bound(&self) -> bool {
        self.is_bound
    }

    /// Whether there is a refresh token, so that [`Client::refresh`](super::Client::refresh) can renew the access token.
    pub const fn is_renewable(&self) -> bool {
        self.is_renewable
    }

    /// Whether the provider has a page at which the person can sign out there, too:
    /// [`Client::sign_out_at_provider`](super::Client::sign_out_at_provider).
    pub const fn can_end_at_provider(&self) -> bool {
        self.can_end_at_provider
    }

    /// When the person was authenticated, by the provider's clock, where its ID token says so.
    pub const fn auth_time(&self) -> Option<UnixTime> {
        self.auth_time
    }

    /// The class of the person's authentication, where the ID token says so.
    pub fn acr(&self) -> Option<&str> {
        self.acr.as_deref()
    }

    /// When the access token runs out, by this computer's clock; `None` when the provider doesn't say.
    pub const fn expires_at(&self) -> Option<UnixTime> {
        self.expires_at
    }
}
