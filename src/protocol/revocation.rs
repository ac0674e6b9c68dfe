//! Handing tokens back (RFC 7009), so that nobody else can use them after signing out.

use super::json::{ServerResponse, Value};
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

/// Whether the provider takes no tokens of this kind back, or none from this app, so that it need not be asked
/// again (RFC 7009 section 2.2.1, RFC 6749 section 5.2).
pub(crate) fn takes_no_such_token(response: &ServerResponse) -> bool {
    let answer = response.object().unwrap_or_default();
    let error = answer.get("error").and_then(Value::as_text);
    let refusals = ["invalid_client", "unauthorized_client", "unsupported_token_type"];
    (400..500).contains(&response.status) && error.is_some_and(|error| refusals.contains(&error))
}

impl core::fmt::Debug for RevocationRequest {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "RevocationRequest({:?}, redacted)", self.endpoint)
    }
}
