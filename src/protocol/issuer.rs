//! The issuer identifier: the provider's name, a URL that is compared to the letter.

use core::fmt;

use super::error::{Error, ErrorCode};
use super::secure_url::{SecureUrl, nameable};
use super::text::split;

/// An issuer identifier, kept exactly as written: `https://id.example` and `https://id.example/`
/// are two issuers (RFC 8414 section 4, OpenID Connect Discovery 4.3).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issuer(String);

impl Issuer {
    /// Checks `text`: `https` (or `http` on loopback), no query, no fragment (RFC 8414 section 2).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InsecureUrl`] when it is no [`SecureUrl`], [`ErrorCode::InvalidConfig`] for a query.
    pub fn parse(text: &str) -> Result<Self, Error> {
        SecureUrl::parse(text)?;
        if text.contains('?') {
            return Err(Error::new(ErrorCode::InvalidConfig).about(nameable(text)));
        }
        Ok(Self(text.to_owned()))
    }

    /// The issuer, as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where OpenID Connect Discovery 4.1 puts the provider's document: behind the issuer's path.
    pub fn openid_configuration_url(&self) -> String {
        let base = self.0.trim_end_matches('/');
        [base, "/.well-known/openid-configuration"].concat()
    }

    /// Where RFC 8414 section 3.1 puts it: between the issuer's host and its path.
    pub fn authorization_server_metadata_url(&self) -> String {
        let base = self.0.trim_end_matches('/');
        // The third slash: two stand before the host.
        let path = base.match_indices('/').nth(2).map_or(base.len(), |(slash, _)| slash);
        let (host, path) = split(base, path);
        [host, "/.well-known/oauth-authorization-server", path].concat()
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
