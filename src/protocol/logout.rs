//! Signing out of the provider, too (OpenID Connect RP-Initiated Logout 1.0).

use super::config::Config;
use super::discovery::ProviderMetadata;
use super::error::Error;
use super::policy::LogoutKind;
use super::secret::{RawIdToken, State};
use super::secure_url::SecureUrl;

/// The longest URL that is gone to. A longer request goes as a form, which also keeps the ID token in
/// it out of logs.
const LONGEST_URL: usize = 2000;

/// A logout request: where the browser goes to sign out (RP-Initiated Logout 2).
pub struct LogoutRequest {
    endpoint: SecureUrl,
    fields: Vec<(String, String)>,
}

impl LogoutRequest {
    /// Builds the request in the provider's way; `None` when it has none, or when it needs an ID token and
    /// there is none. `id_token` tells the provider who signs out, `hint` does so in the provider's own words
    /// ([`Config::logout_hint_claim`]), `state` comes back to the [`Config::post_logout_redirect_uri`].
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InsecureUrl`](super::ErrorCode::InsecureUrl) when the provider's own way has no URL.
    pub fn new(
        metadata: &ProviderMetadata,
        config: &Config,
        id_token: Option<&RawIdToken>,
        hint: Option<&str>,
        state: &State,
    ) -> Result<Option<Self>, Error> {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut fields = config.logout_parameters().to_vec();
        fields.push(field("client_id", config.client_id()));
        let page = config.configured_post_logout_redirect_uri();
        let mut own_way = |endpoint: String, page_name| {
            fields.extend(page.map(|page| field(page_name, page.as_str())));
            Ok(Some(Self { endpoint: SecureUrl::parse(&endpoint)?, fields: fields.clone() }))
        };
        match (config.logout_kind(), metadata.end_session_endpoint()) {
            (LogoutKind::Cognito, _) => {
                let host = metadata.authorization_endpoint().origin();
                own_way([host, "/logout"].concat(), "logout_uri")
            }
            (LogoutKind::Auth0, None) => {
                let issuer = metadata.issuer().as_str().trim_end_matches('/');
                own_way([issuer, "/v2/logout"].concat(), "returnTo")
            }
            (LogoutKind::None, _) | (_, None) => Ok(None),
            (LogoutKind::HintRequired, _) if id_token.is_none() => Ok(None),
            (_, Some(endpoint)) => {
                fields.extend(id_token.map(|token| field("id_token_hint", token.expose())));
                fields.extend(hint.map(|hint| field("logout_hint", hint)));
                if let Some(page) = page {
                    fields.push(field("post_logout_redirect_uri", page.as_str()));
                    fields.push(field("state", state.expose()));
                }
                Ok(Some(Self { endpoint: endpoint.clone(), fields }))
            }
        }
    }

    /// Whether the provider has a page to sign out at, and whatever it needs for that.
    pub fn is_possible(metadata: &ProviderMetadata, config: &Config, has_id_token: bool) -> bool {
        match config.logout_kind() {
            LogoutKind::Cognito | LogoutKind::Auth0 => true,
            LogoutKind::None => false,
            LogoutKind::Standard => metadata.end_session_endpoint().is_some(),
            LogoutKind::HintRequired => has_id_token && metadata.end_session_endpoint().is_some(),
        }
    }

    /// The URL to go to, unless it is so long that a form has to be sent to [`LogoutRequest::endpoint`].
    pub fn url(&self) -> Option<String> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        // A query of the endpoint itself is kept, our names in it are not (RFC 6749 section 3.1).
        let ours = |name: &str| self.fields.iter().any(|(known, _)| known == name);
        let own = form_urlencoded::parse(self.endpoint.query().unwrap_or_default().as_bytes())
            .filter(|(name, _)| !ours(name));
        query.extend_pairs(own).extend_pairs(self.fields.iter());
        let url = [self.endpoint.without_query(), "?", &query.finish()].concat();
        (url.len() <= LONGEST_URL).then_some(url)
    }

    /// Where the form goes.
    pub const fn endpoint(&self) -> &SecureUrl {
        &self.endpoint
    }

    /// What is in it.
    pub(crate) fn fields(&self) -> &[(String, String)] {
        &self.fields
    }
}

impl core::fmt::Debug for LogoutRequest {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "LogoutRequest({:?}, redacted)", self.endpoint)
    }
}

/// The state that came back to the page where people are after signing out; `None` on any other page.
pub fn returned_state(page: &str, post_logout_redirect_uri: &SecureUrl) -> Option<String> {
    let (place, query) = page.split('#').next()?.split_once('?')?;
    if place != post_logout_redirect_uri.without_query() {
        return None;
    }
    let mut parameters = form_urlencoded::parse(query.as_bytes());
    let (_, state) = parameters.find(|(name, _)| name == "state")?;
    Some(state.into_owned())
}
