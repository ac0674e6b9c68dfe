//! Values that must not be seen: each a type of its own, whose `Debug` shows nothing of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Declares a secret string: redacted `Debug`, no `Display`, read only through `expose`.
macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Takes the value as it came.
            pub(crate) fn new(value: &str) -> Self {
                Self(value.to_owned())
            }

            /// The secret itself, for the one place that must send it.
            pub(crate) fn expose(&self) -> &str {
                &self.0
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    };
}
pub(crate) use secret;

secret! {
    /// The value that ties a callback to the login that it answers (RFC 6749 section 10.12).
    State
}
secret! {
    /// The value that ties an ID token to the login that it answers (OpenID Connect Core 15.5.2).
    Nonce
}
secret! {
    /// What the callback brings and the token request spends, once (RFC 6749 section 4.1.2).
    AuthorizationCode
}
secret! {
    /// What the resource server wants to see (RFC 6749 section 1.4).
    AccessToken
}
secret! {
    /// What brings a new access token (RFC 6749 section 1.5).
    RefreshToken
}
secret! {
    /// An ID token as it came, not yet judged (OpenID Connect Core 2).
    RawIdToken
}

/// What a state begins with whose answer comes in a window beside the page. No other has a dot.
const POPUP: &str = "p.";

/// Bytes as base64url without padding (RFC 7515 appendix C). Nothing in it can panic.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    // Three bytes take four characters.
    let mut characters = vec![0; (bytes.len() * 4).div_ceil(3)];
    let written = URL_SAFE_NO_PAD.encode_slice(bytes, &mut characters).unwrap_or_default();
    characters.truncate(written);
    String::from_utf8(characters).unwrap_or_default()
}

impl State {
    /// A state of 256 random bits.
    pub fn from_random(bytes: &[u8; 32]) -> Self {
        Self(base64url(bytes))
    }

    /// A state whose answer comes back in a window beside the page that waits for it.
    pub fn of_popup(bytes: &[u8; 32]) -> Self {
        Self([POPUP, &base64url(bytes)].concat())
    }

    /// Whether a text has the form of a state of this client. Those of other parts of a page have not, as a
    /// rule: their answers are left to them.
    pub fn is_of_this_client(text: &str) -> bool {
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(POPUP).unwrap_or(text));
        bytes.is_ok_and(|bytes| bytes.len() == 32)
    }

    /// Whether a state that came back was made by [`State::of_popup`]: the mark tells that, and nothing
    /// else.
    pub fn is_of_popup(state: &str) -> bool {
        state.starts_with(POPUP)
    }
}

impl Nonce {
    /// A nonce of 256 random bits.
    pub fn from_random(bytes: &[u8; 32]) -> Self {
        Self(base64url(bytes))
    }
}
