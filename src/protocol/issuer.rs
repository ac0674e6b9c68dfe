//! The issuer identifier: the provider's name, a URL that is compared to the letter.

use core::fmt;

use super::entra::EntraAccounts;
use super::error::{Error, ErrorCode};
use super::secure_url::{SecureUrl, nameable};
use super::text::split;

/// An issuer identifier, kept exactly as written: `https://id.example` and `https://id.example/`
/// are two issuers (RFC 8414 section 4, OpenID Connect Discovery 4.3).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issuer(Name);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Exact(String),
    Entra(EntraAccounts),
}

impl Issuer {
    /// Checks `text`: `https` (or `http` on loopback), no query, no fragment (RFC 8414 section 2).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InsecureUrl`] when it is no [`SecureUrl`], [`ErrorCode::InvalidConfig`] for a query.
    pub fn parse(text: &str) -> Result<Self, Error> {
        SecureUrl::parse(text)?;
        if text.as_bytes().contains(&b'?') {
            return Err(Error::new(ErrorCode::InvalidConfig).about(nameable(text)));
        }
        Ok(Self(Name::Exact(text.to_owned())))
    }

    /// Microsoft Entra for people of more than one tenant. Its documents and tokens name another issuer
    /// than the one that is asked; which one exactly, [`EntraAccounts`] says.
    pub const fn entra(accounts: EntraAccounts) -> Self {
        Self(Name::Entra(accounts))
    }

    /// The issuer, as written.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Name::Exact(text) => text,
            Name::Entra(accounts) => accounts.issuer(),
        }
    }

    /// Whether a discovery document that names this issuer is this issuer's (RFC 8414 section 3.3).
    pub fn accepts_document(&self, named: &str) -> bool {
        match &self.0 {
            Name::Exact(text) => named == text,
            Name::Entra(accounts) => named == accounts.named_in_document(),
        }
    }

    /// Whether an ID token with this `iss`, and Entra's claim `tid`, is from this issuer (OpenID Connect
    /// Core 3.1.3.7 (2)).
    pub fn accepts_token(&self, iss: &str, tenant: Option<&str>) -> bool {
        match &self.0 {
            Name::Exact(text) => iss == text,
            Name::Entra(accounts) => accounts.accept_token(iss, tenant),
        }
    }

    /// Whether the provider's public documents promise PKCE with S256 to every app, although its metadata
    /// does not name it: Microsoft Entra, its External ID and Azure AD B2C, Amazon Cognito, and FusionAuth's
    /// cloud (`docs/providers.md`).
    pub fn documents_pkce(&self) -> bool {
        let host = self.as_str().split('/').nth(2).unwrap_or_default();
        host == "login.microsoftonline.com"
            || host.ends_with(".b2clogin.com")
            || host.ends_with(".ciamlogin.com")
            || host.ends_with(".fusionauth.io")
            || host.starts_with("cognito-idp.") && host.ends_with(".amazonaws.com")
    }

    /// As text for a storage. What isn't compared to the letter is no URL there, so that no configured
    /// or discovered issuer can become it.
    pub(crate) fn stored(&self) -> &str {
        match &self.0 {
            Name::Exact(text) => text,
            Name::Entra(accounts) => accounts.stored(),
        }
    }

    /// From such a text.
    pub(crate) fn from_stored(text: &str) -> Result<Self, Error> {
        match EntraAccounts::from_stored(text) {
            Some(accounts) => Ok(Self::entra(accounts)),
            None => Self::parse(text),
        }
    }

    /// Where OpenID Connect Discovery 4.1 puts the provider's document: behind the issuer's path.
    pub fn openid_configuration_url(&self) -> String {
        let base = self.as_str().trim_end_matches('/');
        [base, "/.well-known/openid-configuration"].concat()
    }

    /// Where RFC 8414 section 3.1 puts it: between the issuer's host and its path.
    pub fn authorization_server_metadata_url(&self) -> String {
        let base = self.as_str().trim_end_matches('/');
        // The third slash: two stand before the host.
        let path = base.match_indices('/').nth(2).map_or(base.len(), |(slash, _)| slash);
        let (host, path) = split(base, path);
        [host, "/.well-known/oauth-authorization-server", path].concat()
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
