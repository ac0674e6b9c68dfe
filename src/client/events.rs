//! What the client does, told as it happens: for logs, and for whoever wants to see the flow. No event
//! holds a token, a code, a verifier, a nonce or a key.

#[cfg(feature = "step-up")]
use crate::protocol::StepUp;
use crate::protocol::{Error, Scope, TokenType, UnixTime};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The page, or a window beside it, is about to go to the provider.
    LoginStarted {
        /// The provider's issuer.
        issuer: String,
        /// What is asked for.
        scope: Scope,
        /// Whether the request was pushed (RFC 9126).
        is_pushed: bool,
        /// Whether tokens are to be bound to a key (RFC 9449).
        is_bound: bool,
    },
    /// The browser opened no window for the sign-in, so that the page itself is left.
    PopupBlocked,
    /// An answer, in the address or from a window beside the page, was found to be the provider's, to a login
    /// of this tab.
    CallbackAccepted,
    /// The provider gave an access token: for a code, or for a refresh token.
    TokenReceived {
        /// How it is presented.
        token_type: TokenType,
        /// What it allows.
        scope: Scope,
        /// How long it lives, in seconds.
        expires_in: Option<u64>,
        /// Whether another one may be had for a refresh token.
        is_renewable: bool,
    },
    /// An ID token's signature and claims were found good.
    IdTokenVerified {
        /// The algorithm of the signature.
        algorithm: &'static str,
    },
    /// The profile came.
    ProfileReceived,
    /// An answer has optional members with a value that can't be used, such as an endpoint that is no URL. They
    /// count as left out, and the flow goes on.
    LeftOut {
        /// Which answer.
        document: Document,
        /// The names of the members.
        members: Vec<String>,
    },
    /// The access token was renewed.
    Refreshed,
    /// A renewed ID token says that the person was authenticated anew meanwhile, or otherwise: perhaps for
    /// another app of this browser.
    AuthenticatedAnew {
        /// When, by the provider's clock.
        auth_time: Option<UnixTime>,
        /// The class of the authentication.
        acr: Option<String>,
    },
    /// A resource server asks for more, and the person is to sign in again.
    #[cfg(feature = "step-up")]
    StepUpStarted {
        /// What it asks for.
        asked: StepUp,
    },
    /// A session that was kept goes on.
    SessionFound,
    /// Another tab renewed the access token, and this one goes on with it.
    RefreshedElsewhere,
    /// Somebody signed in in another tab.
    SignedInElsewhere,
    /// The person signed out in another tab, and so here.
    SignedOutElsewhere,
    /// The session is about to come to a limit of the app.
    SessionEnding {
        /// When it ends, by this computer's clock, if nobody does anything.
        at: UnixTime,
    },
    /// Somebody did something, so that it doesn't end yet.
    SessionGoesOn,
    /// The session has come to a limit of the app; signing out follows.
    LimitReached,
    /// The person signed out here.
    SignedOut,
    /// The tokens were handed back to the provider, or it could not be reached.
    TokensHandedBack {
        /// Whether the provider said that it took them.
        is_confirmed: bool,
    },
    /// Something was refused, or did not work.
    Refused {
        /// Why.
        error: Error,
    },
}

/// Which answer of the provider it is, in [`Event::LeftOut`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Document {
    /// The discovery document.
    Metadata,
    /// The answer of the token endpoint.
    TokenResponse,
    /// An ID token.
    IdToken,
    /// The answer of the userinfo or profile endpoint.
    Profile,
}
