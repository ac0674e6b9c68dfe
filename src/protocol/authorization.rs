//! The authorization request: where the browser goes to sign in (RFC 6749 section 4.1.1).

use super::config::Config;
use super::discovery::ProviderMetadata;
use super::error::Error;
use super::pending_login::PendingLogin;
use super::pkce::CodeVerifier;
#[cfg(feature = "par")]
use super::pushed_request::RequestUri;
use super::refused_request::RefusedRequest;
use super::request_options::{RequestOptions, is_ours};
use super::return_to::ReturnTo;
use super::scope::Scope;
use super::secret::{Nonce, State};
use super::time::UnixTime;

/// The random bytes of one login, fresh for each (RFC 9700 section 2.1.1).
#[derive(Clone)]
pub struct RandomValues {
    /// For the [`CodeVerifier`].
    pub code_verifier: [u8; 32],
    /// For the [`State`].
    pub state: [u8; 32],
    /// For the [`Nonce`].
    pub nonce: [u8; 32],
}

impl core::fmt::Debug for RandomValues {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("RandomValues(redacted)")
    }
}

/// What a login is for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// What to ask for, usually [`Config::login_scope`].
    pub scope: Scope,
    /// What else to ask for, before the app's own options.
    pub options: RequestOptions,
    /// Where the person wants to be afterwards.
    pub return_to: ReturnTo,
    /// The key to bind the tokens to, by its thumbprint (RFC 9449 section 10).
    pub dpop_jkt: Option<String>,
    /// The scope without which the login is of no use, when it is for a refused request.
    pub needed: Option<Scope>,
    /// That request, when it is to be repeated.
    pub refused: Option<RefusedRequest>,
    /// How many logins in a row were for refused requests, this one included.
    pub step_ups: u64,
    /// When the session began that is to go on, where the client itself asks for that without a word: nobody
    /// waits for the answer.
    pub resumes: Option<UnixTime>,
    /// Whether the person signs in in a window beside the page.
    pub in_popup: bool,
    /// Whether the client begins it by itself, in the place of one that failed.
    pub is_again: bool,
}

/// An authorization request, ready to be navigated to, and the record that its answer is judged by.
#[derive(Clone)]
pub struct AuthorizationRequest {
    parameters: String,
    pending_login: PendingLogin,
}

impl AuthorizationRequest {
    /// Builds the request: `response_type=code`, PKCE with S256, state, and with `openid` a nonce.
    ///
    /// # Errors
    ///
    /// What [`Config::check_provider`] says.
    pub fn new(
        config: &Config,
        metadata: &ProviderMetadata,
        wish: Wish,
        random: &RandomValues,
        now: UnixTime,
    ) -> Result<Self, Error> {
        let Wish {
            scope,
            options,
            return_to,
            dpop_jkt,
            needed,
            refused,
            step_ups,
            resumes,
            in_popup,
            is_again,
        } = wish;
        config.check_provider(metadata, &scope)?;
        let options = options.or(config.options());
        let state = match in_popup {
            true => State::of_popup(&random.state),
            false => State::from_random(&random.state),
        };
        let pending_login = PendingLogin {
            state,
            nonce: Nonce::from_random(&random.nonce),
            code_verifier: CodeVerifier::from_random(&random.code_verifier),
            client_id: config.client_id().to_owned(),
            redirect_uri: config.redirect_uri().clone(),
            scope,
            metadata: metadata.clone(),
            return_to,
            options,
            dpop_jkt,
            needed,
            refused,
            step_ups,
            resumes,
            is_again,
            limit: config.wanted_login_limit().as_secs(),
            started: now,
        };
        Ok(Self { parameters: parameters(&pending_login, config), pending_login })
    }

    /// The URL to go to, at the top level or in a popup, never by fetch (RFC 9700 section 2.6).
    pub fn url(&self) -> String {
        self.url_with(&self.parameters)
    }

    /// The parameters as a form, to be pushed (RFC 9126 section 2.1).
    pub fn form(&self) -> &str {
        &self.parameters
    }

    /// The URL to go to after they were pushed: only who asks, and the reference (RFC 9126 section 4).
    #[cfg(feature = "par")]
    pub fn pushed_url(&self, reference: &RequestUri) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.pending_login.client_id)
            .append_pair("request_uri", reference.as_str())
            .finish();
        self.url_with(&query)
    }

    /// A query of the endpoint itself is kept, without what is ours or set by the app (RFC 6749 section
    /// 3.1).
    fn url_with(&self, query: &str) -> String {
        let endpoint = self.pending_login.metadata.authorization_endpoint();
        let is_set =
            |name: &str| form_urlencoded::parse(query.as_bytes()).any(|(known, _)| known == name);
        let kept = form_urlencoded::parse(endpoint.query().unwrap_or_default().as_bytes())
            .filter(|(name, _)| !is_ours(name) && !is_set(name));
        let mut kept = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
        if !kept.is_empty() {
            kept.push('&');
        }
        [endpoint.without_query(), "?", &kept, query].concat()
    }

    /// What to keep until the answer comes.
    pub const fn pending_login(&self) -> &PendingLogin {
        &self.pending_login
    }
}

impl core::fmt::Debug for AuthorizationRequest {
    /// Without the URL, which holds state and nonce.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "AuthorizationRequest({:?})", self.pending_login)
    }
}

fn parameters(login: &PendingLogin, config: &Config) -> String {
    let challenge = login.code_verifier.challenge();
    let parameters = [
        ("response_type", "code"),
        ("client_id", &login.client_id),
        ("redirect_uri", login.redirect_uri.as_str()),
        ("scope", &login.scope.joined()),
        ("state", login.state.expose()),
        ("nonce", if login.scope.contains("openid") { login.nonce.expose() } else { "" }),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("dpop_jkt", login.dpop_jkt.as_deref().unwrap_or_default()),
    ];
    let options = login.options.pairs();
    // Named here, they may be named in a refresh (RFC 8707 section 2.2); what the code brings is not for them.
    let mut apis = config.api_resources();
    apis.retain(|uri| !login.options.resources().iter().any(|named| named == uri));
    // An empty value counts as left out (RFC 6749 section 3.1).
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters.iter().filter(|(_, value)| !value.is_empty()))
        .extend_pairs(options.iter().filter(|(_, value)| !value.is_empty()))
        .extend_pairs(apis.iter().map(|uri| ("resource", uri)))
        .finish()
}
