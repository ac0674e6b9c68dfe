//! The ID token: who signed in (OpenID Connect Core 2 and 3.1.3.7).
//!
//! It is taken from the token endpoint only, over TLS, which OpenID Connect Core 3.1.3.7 (6) accepts in
//! place of the signature. The claims that every ID token has are checked here, and the nonce.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::{Error, ErrorCode};
use super::json::{Object, Value};
use super::pending_login::PendingLogin;
use super::secret::RawIdToken;
use super::time::UnixTime;

/// The signatures that a public client can accept: by a key that only the provider has (RFC 8725
/// sections 3.1 and 3.2). So neither `none` nor `HS256`.
const ALGORITHMS: [&str; 11] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519",
    "EdDSA",
];

/// How far a computer's clock may be off, in seconds. Ten minutes and a bit: the token comes straight
/// from the provider and is tied to this login by its nonce, so that its age adds little.
const CLOCK_TOLERANCE: u64 = 660;

/// An ID token whose claims were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdToken {
    subject: String,
}

impl IdToken {
    /// Judges a token that came from the token endpoint, by the login that it answers.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::NonceMismatch`] when it belongs to another login, [`ErrorCode::IdTokenInvalid`],
    /// naming the claim, for everything else.
    pub fn from_token_endpoint(
        token: &RawIdToken,
        login: &PendingLogin,
        now: UnixTime,
    ) -> Result<Self, Error> {
        let claims = parse(token.expose())?;
        let subject = check(&claims, login, now).map_err(about_token)?;
        let nonce = claims.optional_text("nonce").map_err(about_token)?;
        if nonce != Some(login.nonce.expose()) {
            return Err(ErrorCode::NonceMismatch.into());
        }
        Ok(Self { subject })
    }

    /// The person's identifier at this issuer (`sub`). Only both together name a person; an e-mail
    /// address does not (OpenID Connect Core 5.7).
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

/// Checks the claims and returns the subject. Unknown claims are ignored (OpenID Connect Core 2).
fn check(claims: &Object, login: &PendingLogin, now: UnixTime) -> Result<String, Error> {
    let latest = now.plus(CLOCK_TOLERANCE);
    let subject = claims.text("sub")?;
    let rules = [
        ("iss", claims.text("iss")? == login.metadata.issuer().as_str()),
        ("sub", !subject.is_empty() && subject.len() <= 255 && subject.is_ascii()),
        ("aud", is_sole_audience(claims.get("aud"), &login.client_id)),
        ("azp", claims.optional_text("azp")?.is_none_or(|party| party == login.client_id)),
        ("exp", now < date(claims, "exp")?.plus(CLOCK_TOLERANCE)),
        ("iat", date(claims, "iat")? <= latest),
        ("nbf", claims.get("nbf").is_none() || date(claims, "nbf")? <= latest),
    ];
    match rules.iter().find(|(_, kept)| !kept) {
        Some((claim, _)) => Err(invalid(claim)),
        None => Ok(subject.to_owned()),
    }
}

/// One audience or several (RFC 7519 section 4.1.3), none of which this app doesn't know (Core
/// 3.1.3.7 (3)).
fn is_sole_audience(audience: Option<&Value>, client_id: &str) -> bool {
    match audience {
        Some(Value::Text(audience)) => audience == client_id,
        Some(Value::List(list)) => {
            !list.is_empty() && list.iter().all(|audience| audience.as_text() == Some(client_id))
        }
        _ => false,
    }
}

/// A NumericDate, which may have a fraction (RFC 7519 section 2).
fn date(claims: &Object, name: &str) -> Result<UnixTime, Error> {
    match claims.get(name) {
        Some(Value::Unsigned(seconds)) => Ok(UnixTime(*seconds)),
        // `as` saturates.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Some(Value::Fraction(seconds)) if *seconds >= 0.0 => Ok(UnixTime(*seconds as u64)),
        _ => Err(invalid(name)),
    }
}

/// A claim of the wrong type is a wrong token.
fn about_token(error: Error) -> Error {
    match error.code() {
        ErrorCode::InvalidResponse => invalid(error.subject().unwrap_or("claims")),
        _ => error,
    }
}

fn invalid(what: &str) -> Error {
    Error::new(ErrorCode::IdTokenInvalid).about(what)
}

/// A compact JWS of three parts, strict base64url (RFC 7515 sections 5.2 and 7.1).
fn parse(token: &str) -> Result<Object, Error> {
    let mut parts = token.split('.');
    let (Some(header), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(invalid("form"));
    };
    check_header(&part(header, "header")?).map_err(about_token)?;
    if decode(signature, "signature")?.is_empty() {
        return Err(invalid("signature"));
    }
    part(claims, "claims")
}

/// RFC 7515 section 4.1. Keys and addresses of keys in the header are ignored (RFC 8725 section 3.10).
fn check_header(header: &Object) -> Result<(), Error> {
    if !ALGORITHMS.contains(&header.text("alg")?) {
        return Err(invalid("alg"));
    }
    if header.get("crit").is_some() {
        return Err(invalid("crit"));
    }
    let is_jwt = |kind: &str| kind.eq_ignore_ascii_case("JWT");
    if header.optional_text("typ")?.is_some_and(|kind| !is_jwt(kind)) {
        return Err(invalid("typ"));
    }
    Ok(())
}

fn part(text: &str, what: &str) -> Result<Object, Error> {
    let bytes = decode(text, what)?;
    let json = core::str::from_utf8(&bytes).map_err(|_| invalid(what))?;
    Object::parse(json).map_err(|_| invalid(what))
}

fn decode(text: &str, what: &str) -> Result<Vec<u8>, Error> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| invalid(what))
}
