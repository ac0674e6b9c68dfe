//! Proof Key for Code Exchange (RFC 7636): why a stolen code is worth nothing.
//!
//! The app keeps the verifier and shows the provider only its hash, the challenge. Whoever steals the
//! code from the redirect can't spend it: the token endpoint asks for the verifier. `S256` only;
//! `plain` does not exist here (RFC 7636 section 4.2, RFC 9700 section 2.1.1).

use sha2::{Digest, Sha256};

use super::secret::{base64url, secret};

secret! {
    /// The secret of one login (RFC 7636 section 4.1). It leaves the browser once, in the token request.
    CodeVerifier
}

impl CodeVerifier {
    /// A verifier of 256 random bits, 43 characters long (RFC 7636 sections 4.1 and 7.1).
    pub fn from_random(bytes: &[u8; 32]) -> Self {
        Self(base64url(bytes))
    }

    /// Takes a verifier that was made elsewhere, when it is one: 43 to 128 characters of
    /// `A-Z a-z 0-9 - . _ ~` (RFC 7636 section 4.1).
    pub fn parse(value: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let fits = (43..=128).contains(&value.len()) && value.bytes().all(allowed);
        fits.then(|| Self::new(value))
    }

    /// The challenge that goes with it: `BASE64URL(SHA256(verifier))` (RFC 7636 section 4.2).
    ///
    /// ```
    /// use pixy_login::protocol::CodeVerifier;
    ///
    /// let verifier = CodeVerifier::parse("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
    /// assert_eq!(
    ///     verifier.challenge().as_str(),
    ///     "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    /// );
    /// ```
    pub fn challenge(&self) -> CodeChallenge {
        CodeChallenge(base64url(&Sha256::digest(self.expose())))
    }
}

/// The hash of a [`CodeVerifier`], which anyone may see (RFC 7636 section 4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// The challenge, as it goes into the authorization request.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
