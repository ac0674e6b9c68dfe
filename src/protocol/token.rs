//! The token request and its answer: the code is spent, a token comes (RFC 6749 sections 4.1.3 and 5).

use core::fmt;

use super::callback::Authorization;
use super::discovery::ProviderMetadata;
use super::error::{Error, ErrorCode, ProviderError};
use super::json::{Object, ServerResponse, Value, number};
use super::policy::Dpop;
use super::scope::Scope;
use super::secret::{AccessToken, RawIdToken, RefreshToken};
use super::secure_url::SecureUrl;

/// The longest life of an access token that is believed, in seconds: a year.
const LONGEST_LIFE: u64 = 365 * 24 * 3600;

/// The token request of a public client: `client_id` in the body, no secret (RFC 6749 section 3.2.1).
/// It is sent once; a code is never tried twice.
pub struct TokenRequest {
    endpoint: SecureUrl,
    body: String,
}

impl TokenRequest {
    /// Spends the code at the provider that the login began with.
    pub fn new(authorization: &Authorization) -> Self {
        let login = &authorization.pending_login;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", authorization.code.expose())
            .append_pair("redirect_uri", login.redirect_uri.as_str())
            .append_pair("client_id", &login.client_id)
            .append_pair("code_verifier", login.code_verifier.expose())
            // For which API the token is (RFC 8707 section 2.2).
            .extend_pairs(login.options().resources().iter().map(|uri| ("resource", uri)));
        Self { endpoint: login.metadata.token_endpoint().clone(), body: form.finish() }
    }

    /// Asks for a new access token (RFC 6749 section 6): of the same scope, for the same APIs.
    pub fn refresh(
        metadata: &ProviderMetadata,
        client_id: &str,
        token: &RefreshToken,
        resources: &[String],
    ) -> Self {
        let resources = resources.iter().map(|uri| ("resource", uri));
        let more = form_urlencoded::Serializer::new(String::new()).extend_pairs(resources).finish();
        Self::refresh_with(metadata, client_id, token, &more)
    }

    /// Asks for the access token of one API: `parameters` say which, as a form
    /// ([`Api::token_name`](super::Api::token_name)).
    pub(crate) fn refresh_with(
        metadata: &ProviderMetadata,
        client_id: &str,
        token: &RefreshToken,
        parameters: &str,
    ) -> Self {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "refresh_token")
            .append_pair("refresh_token", token.expose())
            .append_pair("client_id", client_id)
            .extend_pairs(form_urlencoded::parse(parameters.as_bytes()));
        Self { endpoint: metadata.token_endpoint().clone(), body: form.finish() }
    }

    /// Where to POST it.
    pub const fn endpoint(&self) -> &SecureUrl {
        &self.endpoint
    }

    /// The `application/x-www-form-urlencoded` body. It holds the code and the verifier.
    pub(crate) fn body(&self) -> &str {
        &self.body
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TokenRequest({:?}, redacted)", self.endpoint)
    }
}

/// How an access token is presented (RFC 6749 section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenType {
    /// Whoever has it may use it (RFC 6750).
    Bearer,
    /// Bound to a key (RFC 9449).
    Dpop,
}

impl TokenType {
    /// The scheme of the `Authorization` header.
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
        }
    }

    /// Compared without regard to case (RFC 6749 section 5.1).
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        [Self::Bearer, Self::Dpop]
            .into_iter()
            .find(|known| known.scheme().eq_ignore_ascii_case(text))
            .ok_or_else(|| Error::new(ErrorCode::UnsupportedTokenType).about(text))
    }
}

/// A good answer of the token endpoint.
#[derive(Clone, Debug)]
pub struct TokenResponse {
    access_token: AccessToken,
    token_type: TokenType,
    expires_in: Option<u64>,
    scope: Scope,
    id_token: Option<RawIdToken>,
    refresh_token: Option<RefreshToken>,
    left_out: Vec<&'static str>,
}

impl TokenResponse {
    /// Judges the answer of the token endpoint (RFC 6749 sections 5.1 and 5.2). `requested` is what the
    /// login asked for: a provider that names no scope granted exactly that (section 3.3).
    ///
    /// # Errors
    ///
    /// - [`ErrorCode::TokenRequestRefused`] with the provider's own code, also at status 200,
    /// - [`ErrorCode::ProviderUnavailable`] for 408, 425, 429 and 5xx,
    /// - [`ErrorCode::NotJson`], [`ErrorCode::InvalidResponse`], [`ErrorCode::UnsupportedTokenType`].
    pub fn from_response(response: &ServerResponse, requested: &Scope) -> Result<Self, Error> {
        if response.status != 200 {
            return Err(about_endpoint(refusal(response, ErrorCode::TokenRequestRefused)));
        }
        let answer = response.object().map_err(about_endpoint)?;
        Self::from_object(&answer, requested)
    }

    /// The refresh token of an answer, whatever is to be said about the rest.
    pub(crate) fn brought_refresh_token(response: &ServerResponse) -> Option<RefreshToken> {
        let answer = response.object().ok().filter(|_| response.status == 200)?;
        let token = answer.text("refresh_token").ok().filter(|token| !token.is_empty())?;
        Some(RefreshToken::new(token))
    }

    /// Unknown members are ignored (RFC 6749 section 5.1).
    fn from_object(answer: &Object, requested: &Scope) -> Result<Self, Error> {
        if answer.get("error").is_some() {
            return Err(refused(answer, ErrorCode::TokenRequestRefused)?);
        }
        let access_token = answer.text("access_token")?;
        if !is_sendable(access_token) {
            return Err(Error::new(ErrorCode::InvalidResponse).about("access_token"));
        }
        // Required by RFC 6749 section 5.1, and yet some leave it out: those know no other type.
        let token_type = answer.optional_text("token_type")?;
        let token_type = token_type.map_or(Ok(TokenType::Bearer), TokenType::parse)?;
        let granted = answer.optional_text("scope")?.map(Scope::parse).transpose();
        let granted = granted.map_err(|_| Error::new(ErrorCode::InvalidResponse).about("scope"))?;
        // What may be left out counts as left out where it can't be used.
        let mut left_out = Vec::new();
        let life = answer.usable("expires_in", &mut left_out, number);
        let id_token = answer.usable("id_token", &mut left_out, Value::as_said);
        let refresh_token = answer.usable("refresh_token", &mut left_out, Value::as_said);
        Ok(Self {
            access_token: AccessToken::new(access_token),
            token_type,
            expires_in: life.map(|life| life.min(LONGEST_LIFE)),
            scope: granted.unwrap_or_else(|| requested.clone()),
            id_token: id_token.map(RawIdToken::new),
            refresh_token: refresh_token.map(RefreshToken::new),
            left_out,
        })
    }

    /// How the token is presented.
    pub const fn token_type(&self) -> TokenType {
        self.token_type
    }

    /// Checks that the token is of a type that the login can use. Where a key was shown, and binding is not
    /// required, a plain token is good as well: some providers bind the refresh token alone (RFC 9449
    /// section 5).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::DpopDowngrade`], [`ErrorCode::UnsupportedTokenType`].
    pub fn check_type(&self, is_key_shown: bool, wanted: Dpop) -> Result<(), Error> {
        match (self.token_type, is_key_shown) {
            (TokenType::Bearer, _) if wanted == Dpop::Required => {
                Err(ErrorCode::DpopDowngrade.into())
            }
            (TokenType::Dpop, false) => {
                Err(Error::new(ErrorCode::UnsupportedTokenType).about(self.token_type.scheme()))
            }
            _ => Ok(()),
        }
    }

    /// How long the token lives, in seconds; `None` when the provider doesn't say. At most a year.
    pub const fn expires_in(&self) -> Option<u64> {
        self.expires_in
    }

    /// What was granted, which may be less or more than what was asked for.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The optional members that the answer has, but with a value that can't be used: they count as left out.
    pub fn left_out(&self) -> &[&'static str] {
        &self.left_out
    }
}

impl TokenResponse {
    pub(crate) const fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    pub(crate) const fn id_token(&self) -> Option<&RawIdToken> {
        self.id_token.as_ref()
    }

    pub(crate) const fn access_token(&self) -> &AccessToken {
        &self.access_token
    }
}

/// Why an endpoint of the provider refused: `code`, with what it said.
pub(crate) fn refusal(response: &ServerResponse, code: ErrorCode) -> Error {
    if matches!(response.status, 408 | 425 | 429 | 500..) {
        let wish = response.retry_after.as_deref().and_then(|seconds| seconds.trim().parse().ok());
        return Error::new(ErrorCode::ProviderUnavailable).retry_after(wish);
    }
    response.refusal().and_then(|answer| refused(&answer, code)).unwrap_or_else(|error| error)
}

/// What the provider said (RFC 6749 section 5.2).
fn refused(answer: &Object, code: ErrorCode) -> Result<Error, Error> {
    let description = answer.optional_text("error_description")?;
    let error = answer.text("error")?;
    // RFC 8707 section 2.
    let code = if error == "invalid_target" { ErrorCode::InvalidTarget } else { code };
    Ok(Error::new(code).said(ProviderError::new(error, description)))
}

/// Names the endpoint where the answer as a whole is wrong.
fn about_endpoint(error: Error) -> Error {
    if error.subject().is_some() { error } else { error.about("token endpoint") }
}

/// Whether a token can stand in a header: visible ASCII, no space (RFC 6750 section 2.1).
fn is_sendable(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}
