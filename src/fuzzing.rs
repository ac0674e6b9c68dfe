//! What the fuzz targets and the judge in `fuzz/` need and an app must not have. Only a build for fuzzing
//! has it.
//!
//! Signatures are the browser's to check: what is judged here is judged as if they were right, and the
//! keys that may have made them are named.

#[cfg(feature = "par")]
use crate::protocol::RequestUri;
use crate::protocol::key_set::PublicKey;
use crate::protocol::refused_refresh::refusal;
use crate::protocol::secret::RawIdToken;
use crate::protocol::{
    AccessToken, Authorization, AuthorizationCode, Config, Error, ErrorCode, IdToken, Jws, KeySet,
    PendingLogin, ProviderMetadata, ServerResponse, TokenResponse, UnixTime,
};

/// Judges an ID token as if its signature were the provider's, which nothing random would be.
pub fn id_token(
    text: &str,
    pending_login: PendingLogin,
    config: &Config,
    now: UnixTime,
) -> Result<IdToken, Error> {
    let token = RawIdToken::new(text).read()?;
    of_login(token, &authorization(pending_login), &AccessToken::new("token"), config, now)
}

/// The code that came back, without the login that it belongs to.
pub fn code(authorization: &Authorization) -> &str {
    authorization.code.expose()
}

/// What a token response brought, after the rules of `client/callback.rs` and `client/refresh.rs`.
#[derive(Debug)]
pub struct Brought {
    /// The response itself.
    pub response: TokenResponse,
    /// Who signed in, where an ID token says so.
    pub id_token: Option<IdToken>,
    /// The keys as JWK of which one must have made the ID token's signature.
    pub keys: Vec<String>,
}

impl Brought {
    /// The access token, which apps don't see.
    pub fn access_token(&self) -> &str {
        self.response.access_token().expose()
    }

    /// The refresh token, which apps don't see.
    pub fn refresh_token(&self) -> Option<&str> {
        self.response.refresh_token().map(|token| token.expose())
    }
}

/// Judges the answer to a code, and the ID token in it.
pub fn redeem(
    response: &ServerResponse,
    keys: &ServerResponse,
    pending_login: PendingLogin,
    config: &Config,
    is_key_shown: bool,
    now: UnixTime,
) -> Result<Brought, Error> {
    let authorization = authorization(pending_login);
    let login = &authorization.pending_login;
    let response = TokenResponse::from_response(response, login.scope())?;
    response.check_type(is_key_shown, config.wanted_dpop())?;
    if !login.scope().contains("openid") {
        return Ok(Brought { response, id_token: None, keys: Vec::new() });
    }
    let token = response.id_token().ok_or(ErrorCode::IdTokenMissing)?.read()?;
    let keys = candidates(&token, login.metadata(), keys)?;
    let id_token = of_login(token, &authorization, response.access_token(), config, now)?;
    Ok(Brought { response, id_token: Some(id_token), keys })
}

/// Judges the answer to a refresh token, and the ID token in it, for who signed in before.
pub fn renew(
    response: &ServerResponse,
    keys: &ServerResponse,
    pending_login: &PendingLogin,
    original: &IdToken,
    config: &Config,
    is_key_shown: bool,
    now: UnixTime,
) -> Result<Brought, Error> {
    if let Some(refusal) = refusal(response) {
        return Err(refusal);
    }
    let response = TokenResponse::from_response(response, pending_login.scope())?;
    response.check_type(is_key_shown, config.wanted_dpop())?;
    let Some(token) = response.id_token() else {
        return Ok(Brought { response, id_token: None, keys: Vec::new() });
    };
    let token = token.read()?;
    let metadata = pending_login.metadata();
    let keys = candidates(&token, metadata, keys)?;
    let token = token.verified(true).ok_or(ErrorCode::SignatureInvalid)?;
    let (issuer, access_token) = (metadata.issuer(), response.access_token());
    let id_token = IdToken::of_refresh(&token, original, access_token, issuer, config, now)?;
    Ok(Brought { response, id_token: Some(id_token), keys })
}

/// The reference to a pushed request, which apps don't see.
#[cfg(feature = "par")]
pub fn request_uri(reference: &RequestUri) -> &str {
    reference.as_str()
}

fn authorization(pending_login: PendingLogin) -> Authorization {
    Authorization { code: AuthorizationCode::new("code"), pending_login }
}

fn of_login(
    token: Jws,
    authorization: &Authorization,
    access_token: &AccessToken,
    config: &Config,
    now: UnixTime,
) -> Result<IdToken, Error> {
    let token = token.verified(true).ok_or(ErrorCode::SignatureInvalid)?;
    IdToken::of_login(&token, authorization, access_token, config, now)
}

/// The keys that may have signed, of an algorithm that the provider announced (`client/keys.rs`).
fn candidates(
    token: &Jws,
    metadata: &ProviderMetadata,
    keys: &ServerResponse,
) -> Result<Vec<String>, Error> {
    if !metadata.signing_algorithms().contains(&token.algorithm()) {
        return Err(Error::new(ErrorCode::IdTokenInvalid).about("alg"));
    }
    let keys = KeySet::from_response(keys)?;
    let keys: Vec<String> = keys.candidates(token).map(|key| key.to_jwk()).collect();
    if keys.is_empty() { Err(ErrorCode::SigningKeyNotFound.into()) } else { Ok(keys) }
}

/// A key as Web Crypto gets it.
pub fn jwk(key: &PublicKey) -> String {
    key.to_jwk()
}
