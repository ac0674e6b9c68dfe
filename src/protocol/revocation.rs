//! Handing tokens back (RFC 7009), so that nobody else can use them after signing out.

use super::secret::{AccessToken, RefreshToken};
use super::secure_url::SecureUrl;

/// A revocation request of a public client.
pub struct RevocationRequest {
    endpoint: SecureUrl,
    body: String,
}

impl RevocationRequest {
    /// Hands the refresh token back, and with it, as a rule, what was gained by it (RFC 7009 section
    /// 2.1).
    pub fn of_refresh_token(endpoint: &SecureUrl, client_id: &str, token: &RefreshToken) -> Self {
        Self::new(endpoint, client_id, token.expose(), "refresh_token")
    }

    /// Hands the access token back.
    pub fn of_access_token(endpoint: &SecureUrl, client_id: &str, token: &AccessToken) -> Self {
        Self::new(endpoint, client_id, token.expose(), "access_token")
    }

    fn new(endpoint: &SecureUrl, client_id: &str, token: &str, hint: &str) -> Self {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token)
            .append_pair("token_type_hint", hint)
            .append_pair("client_id", client_id)
            .finish();
        Self { endpoint: endpoint.clone(), body }
    }

    /// Where to POST it.
    pub const fn endpoint(&self) -> &SecureUrl {
        &self.endpoint
    }

    /// The `application/x-www-form-urlencoded` body. It holds the token.
    pub(crate) fn body(&self) -> &str {
        &self.body
    }
}

impl core::fmt::Debug for RevocationRequest {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "RevocationRequest({:?}, redacted)", self.endpoint)
    }
}
