//! What an app wants of the things that a provider may or may not offer. Settings that are text have names for
//! it.

#[cfg(any(feature = "demo", feature = "vault", feature = "widget"))]
use super::names::names;

/// Whether logins ask for tokens that are bound to a key (RFC 9449).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dpop {
    /// Where the provider announces it, every API that the app lists takes bound tokens, and the browser can
    /// keep a key. An offer, which keeps nobody out: where a step fails with a proof that could do without,
    /// the sign-in goes on without it.
    #[default]
    WhenOffered,
    /// Always, or there is no login.
    Required,
    /// Never: for a provider that announces it, but not for this app.
    Off,
}

#[cfg(any(feature = "demo", feature = "vault", feature = "widget"))]
names!(Dpop {
    "when-offered" => WhenOffered,
    "required" => Required,
    "off" => Off,
});

/// Whether authorization requests are pushed (RFC 9126).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Par {
    /// Where the provider offers it. Where it can't be reached, the request goes by the address, unless
    /// the provider takes pushed ones only.
    #[default]
    WhenOffered,
    /// Always, or there is no login.
    Required,
    /// Only where the provider takes no others: it offers it, but not to pages in a browser.
    Off,
}

#[cfg(any(feature = "demo", feature = "vault", feature = "widget"))]
names!(Par {
    "when-offered" => WhenOffered,
    "required" => Required,
    "off" => Off,
});

/// Where the tokens are between two pages. Never in local storage, and nowhere unsealed.
///
/// What is kept lies in IndexedDB, sealed with a key that the tabs of the session have, in their session
/// storage: so all of these tabs go on with the same tokens. They give the key to any page of the origin, in
/// the same storage partition, that asks for it, as a new tab does. So script that runs in the app's pages, or
/// in others of the origin, can read what is kept, as it can read session storage (RFC 10017 section 8).
///
/// When the last tab is closed, nobody is left to ask. But browsers restore session storage with a closed tab
/// that is opened again, and with the last session when they start, and then the session goes on, unless it
/// has come to a limit ([`Config::idle_limit`](super::Config::idle_limit),
/// [`Config::session_limit`](super::Config::session_limit)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Keeping {
    /// In the page's memory only. After a reload nobody is signed in, unless [`Reload::AskProvider`] is set.
    InMemory,
    /// Kept, when they are bound to a key of this browser that can't be exported (RFC 9449): whoever reads
    /// them can't use them elsewhere. Plain ones stay in memory.
    BoundToBrowser,
    /// Kept, whether they are bound to a key or not: at most providers they are not, and whoever has them can
    /// use them anywhere until they run out.
    #[default]
    SessionStorage,
}

impl Keeping {
    /// By the name that settings have for it: `in-memory`, `bound-to-browser` or `session-storage`.
    ///
    /// ```
    /// # use pixy_login::protocol::Keeping;
    /// assert_eq!(Keeping::parse("session-storage"), Some(Keeping::SessionStorage));
    /// ```
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "in-memory" => Self::InMemory,
            "bound-to-browser" => Self::BoundToBrowser,
            "session-storage" => Self::SessionStorage,
            _ => return None,
        })
    }
}

/// What happens when a page is loaded anew, and the tokens were in memory only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reload {
    /// Nobody is signed in.
    #[default]
    SignedOut,
    /// The page goes to the provider and comes back at once, without asking anything (`prompt=none`). Once,
    /// and only in a tab where somebody had signed in before; not after a sign-out in another tab, nor for a
    /// session that has come to its limits, nor in a frame. The session that goes on is as old as it was, and of the
    /// same person: what the provider knows them by (a claim of the ID token: `login_hint`, else
    /// `preferred_username`, else `email`) is remembered in session storage for that, and sent as the `login_hint`.
    ///
    /// Not for a provider that answers this with a page of its own and not at the redirect URI: the person would
    /// be stuck there.
    AskProvider,
}

#[cfg(any(feature = "vault", feature = "widget"))]
names!(Reload {
    "signed-out" => SignedOut,
    "ask-provider" => AskProvider,
});

/// When access tokens are renewed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Renewal {
    /// Ahead of their end, and before a call of an API if need be.
    #[default]
    Ahead,
    /// Before a call of an API only: a session that nobody uses ends when the provider says so.
    OnDemand,
}

/// Who begins another sign-in when a resource server asks for more scope or a stronger sign-in.
#[cfg(feature = "step-up")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepUpPolicy {
    /// The app: it reads [`StepUp`](super::StepUp) out of the answer, and asks the person.
    #[default]
    ByHand,
    /// The client, at once: the page is left, and the request repeated when the person is back. Until
    /// then the request, with a body of at most 64 KiB, lies in session storage.
    Automatic,
}

/// The way in which a provider ends its own session with the person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogoutKind {
    /// The `end_session_endpoint` of the metadata, with `id_token_hint` and `post_logout_redirect_uri`
    /// (OpenID Connect RP-Initiated Logout 1.0). Without such an endpoint the app alone signs out.
    #[default]
    Standard,
    /// As [`LogoutKind::Standard`], at a provider that shows an error page without `id_token_hint`: Okta, Spring
    /// Authorization Server. Where there is no ID token to send, as in a vault, which gives none away, the app
    /// alone signs out, and the page is not left.
    HintRequired,
    /// Auth0, where the metadata names no `end_session_endpoint`: `/v2/logout` at the issuer, with
    /// `client_id` and `returnTo`.
    Auth0,
    /// Amazon Cognito: `/logout` at the host of the authorization endpoint, with `client_id` and
    /// `logout_uri`.
    Cognito,
    /// The provider can't be asked: the app alone signs out.
    None,
}

#[cfg(any(feature = "vault", feature = "widget"))]
names!(LogoutKind {
    "standard" => Standard,
    "hint-required" => HintRequired,
    "auth0" => Auth0,
    "cognito" => Cognito,
    "none" => None,
});
