//! What becomes of a page that may be a callback.

use crate::protocol::ReturnTo;

/// What the page's address was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// No answer of a provider.
    NoCallback,
    /// An answer, but to a page beside which this window was opened: it has taken the answer, and this page
    /// closes.
    HandedOver,
    /// An answer, and somebody is signed in by it.
    SignedIn {
        /// Where the person wanted to be.
        return_to: ReturnTo,
    },
    /// The page is about to be left for the provider: somebody sent the person here to sign in (OpenID Connect
    /// Core 4), the provider is asked whether the session may go on
    /// ([`Reload::AskProvider`](crate::protocol::Reload)), or a login begins again by itself, once: one that was
    /// answered in another tab, or that failed for a reason that another one does not meet.
    SigningIn,
    /// An answer to the client's own question whether the session may go on: the provider needs the person, or
    /// knows somebody else by now, or somebody has signed out in another tab meanwhile.
    StillSignedOut {
        /// Where the person was.
        return_to: ReturnTo,
    },
    /// No answer of a provider, but the way back from signing out there.
    SignedOut,
    /// An answer, while somebody was signed in already: it was thrown away, the session stays.
    AlreadySignedIn,
    /// An answer, but the person signed out meanwhile, here or in another tab: what it brought was thrown
    /// away.
    CalledOff,
}
