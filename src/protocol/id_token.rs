//! The ID token: who signed in (OpenID Connect Core 2 and 3.1.3.7).
//!
//! Only a token whose signature was found good gets here, as a [`VerifiedJws`]; here it is judged by
//! what it says.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::callback::Authorization;
use super::error::{Error, ErrorCode};
use super::issuer::Issuer;
use super::json::{Object, Value, Writer};
use super::jws::{Jws, Malformed, VerifiedJws};
use super::pending_login::PendingLogin;
use super::secret::{AccessToken, Nonce, RawIdToken};
use super::time::UnixTime;

/// How far a computer's clock may be off, in seconds. Ten minutes and a bit: the token comes straight
/// from the provider and is tied to this login by its nonce, so that its age adds little.
pub(crate) const CLOCK_TOLERANCE: u64 = 660;
/// The oldest `iat` of a token that was asked for just now, in seconds. Some providers antedate it.
const OLDEST: u64 = 3600;
/// How much older than asked for a sign-in may be, in seconds, for the time that the steps between
/// take at the provider.
const AGE_TOLERANCE: u64 = 5;

impl RawIdToken {
    /// Reads it as a JWS.
    pub(crate) fn read(&self) -> Result<Jws, Error> {
        let malformed = |part: Malformed| invalid(part.0);
        Jws::parse(self.expose()).map_err(malformed)
    }
}

/// An ID token whose signature and claims were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdToken {
    issuer: String,
    subject: String,
    nonce: Option<Nonce>,
    auth_time: Option<UnixTime>,
    acr: Option<String>,
}

impl IdToken {
    /// Judges a token that came with `access_token`, by the login that it answers.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::NonceMismatch`] when it belongs to another login,
    /// [`ErrorCode::AuthenticationInsufficient`] when the person was not authenticated as asked,
    /// [`ErrorCode::IdTokenInvalid`], naming the claim, for everything else.
    pub fn of_login(
        token: &VerifiedJws,
        authorization: &Authorization,
        access_token: &AccessToken,
        now: UnixTime,
    ) -> Result<Self, Error> {
        let login = &authorization.pending_login;
        let issuer = login.metadata.issuer();
        let checked = Self::check(token, issuer, &login.client_id, now).map_err(about_token)?;
        let claims = token.claims();
        if claims.optional_text("nonce").map_err(about_token)? != Some(login.nonce.expose()) {
            return Err(ErrorCode::NonceMismatch.into());
        }
        // Optional in this flow, but what is there must be right (Core 3.1.3.6, 3.1.3.8).
        for (name, text) in [
            ("at_hash", access_token.expose()),
            ("c_hash", authorization.code.expose()),
            ("s_hash", login.state.expose()),
        ] {
            check_hash(token, name, text)?;
        }
        checked.check_authentication(date(claims, "iat")?, login, now)?;
        Ok(checked)
    }

    /// Judges a token that came at a refresh, by the one of the login (Core 12.2): the same issuer,
    /// person and sign-in, and no other login's nonce. `client_id` is the app's own.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::SubjectMismatch`] for another person, [`ErrorCode::IdTokenInvalid`], naming the
    /// claim, for everything else.
    pub fn of_refresh(
        token: &VerifiedJws,
        original: &Self,
        issuer: &Issuer,
        client_id: &str,
        now: UnixTime,
    ) -> Result<Self, Error> {
        let checked = Self::check(token, issuer, client_id, now).map_err(about_token)?;
        if checked.subject != original.subject {
            return Err(ErrorCode::SubjectMismatch.into());
        }
        if checked.issuer != original.issuer {
            return Err(invalid("iss"));
        }
        if checked.nonce.is_some() && checked.nonce != original.nonce {
            return Err(ErrorCode::NonceMismatch.into());
        }
        let is_other = |time| original.auth_time.is_some_and(|known| known != time);
        if checked.auth_time.is_some_and(is_other) {
            return Err(invalid("auth_time"));
        }
        Ok(Self {
            nonce: original.nonce.clone(),
            auth_time: original.auth_time.or(checked.auth_time),
            acr: checked.acr.or_else(|| original.acr.clone()),
            ..checked
        })
    }

    /// What was found, as text. It is to be sealed before anybody keeps it.
    pub(crate) fn to_json(&self) -> String {
        Writer::default()
            .text("iss", &self.issuer)
            .text("sub", &self.subject)
            .optional_text("nonce", self.nonce.as_ref().map(Nonce::expose))
            .optional_number("auth_time", self.auth_time.map(|time| time.0))
            .optional_text("acr", self.acr.as_deref())
            .finish()
    }

    /// What was found before. Only for what nobody else can have written: it is not checked again.
    pub(crate) fn from_object(kept: &Object) -> Result<Self, Error> {
        Ok(Self {
            issuer: kept.text("iss")?.to_owned(),
            subject: kept.text("sub")?.to_owned(),
            nonce: kept.optional_text("nonce")?.map(Nonce::new),
            auth_time: kept.optional_unsigned("auth_time")?.map(UnixTime),
            acr: kept.optional_text("acr")?.map(str::to_owned),
        })
    }

    /// The person's identifier at this issuer (`sub`). Only both together name a person; an e-mail
    /// address does not (OpenID Connect Core 5.7).
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Who says so, as the token writes it.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// When the person was authenticated, by the provider's clock; `None` when it doesn't say.
    pub const fn auth_time(&self) -> Option<UnixTime> {
        self.auth_time
    }

    /// The class of the person's authentication (`acr`).
    pub fn acr(&self) -> Option<&str> {
        self.acr.as_deref()
    }

    /// What holds for every ID token. Unknown claims are ignored (Core 2).
    fn check(
        token: &VerifiedJws,
        issuer: &Issuer,
        client_id: &str,
        now: UnixTime,
    ) -> Result<Self, Error> {
        let claims = token.claims();
        let latest = now.plus(CLOCK_TOLERANCE);
        let (named_issuer, subject) = (claims.text("iss")?, claims.text("sub")?);
        let issued = date(claims, "iat")?;
        let party = claims.optional_text("azp")?;
        let tenant = claims.get("tid").and_then(Value::as_text);
        let rules = [
            ("iss", issuer.accepts_token(named_issuer, tenant)),
            ("sub", !subject.is_empty() && subject.len() <= 255 && subject.is_ascii()),
            ("aud", is_sole_audience(claims.get("aud"), client_id)),
            ("azp", party.is_none_or(|party| party == client_id)),
            ("exp", now < date(claims, "exp")?.plus(CLOCK_TOLERANCE)),
            ("iat", issued <= latest && now.since(issued) <= OLDEST),
            ("nbf", claims.get("nbf").is_none() || date(claims, "nbf")? <= latest),
        ];
        if let Some((claim, _)) = rules.iter().find(|(_, kept)| !kept) {
            return Err(invalid(claim));
        }
        let auth_time = claims.get("auth_time").map(|_| date(claims, "auth_time")).transpose()?;
        Ok(Self {
            issuer: named_issuer.to_owned(),
            subject: subject.to_owned(),
            nonce: claims.optional_text("nonce")?.map(Nonce::new),
            auth_time,
            acr: claims.optional_text("acr")?.map(str::to_owned),
        })
    }

    /// Whether the person was authenticated as the login asked for (Core 3.1.3.7 (12) and (13)). The age
    /// is counted on the provider's clock alone, and the time that the login took is added.
    fn check_authentication(
        &self,
        issued: UnixTime,
        login: &PendingLogin,
        now: UnixTime,
    ) -> Result<(), Error> {
        let insufficient = |claim| Error::new(ErrorCode::AuthenticationInsufficient).about(claim);
        if let Some(greatest_age) = login.max_age {
            let auth_time = self.auth_time.ok_or_else(|| insufficient("auth_time"))?;
            let taken = now.since(login.started).saturating_add(AGE_TOLERANCE);
            let is_of_the_future = auth_time > issued.plus(AGE_TOLERANCE);
            let allowed = greatest_age.saturating_add(taken);
            // The provider may have antedated the token; then a clock that is not too wrong tells.
            let is_old = issued.since(auth_time) > allowed
                || now.since(auth_time) > allowed.saturating_add(CLOCK_TOLERANCE);
            if is_of_the_future || is_old {
                return Err(insufficient("auth_time"));
            }
        }
        let is_asked_for = |class: &String| Some(class.as_str()) == self.acr();
        if !login.acr_values.is_empty() && !login.acr_values.iter().any(is_asked_for) {
            return Err(insufficient("acr"));
        }
        Ok(())
    }
}

/// The token names the left half of the hash of a text that came beside it.
fn check_hash(token: &VerifiedJws, name: &str, text: &str) -> Result<(), Error> {
    let Some(hash) = token.claims().optional_text(name).map_err(about_token)? else {
        return Ok(());
    };
    let is_right =
        URL_SAFE_NO_PAD.decode(hash).ok() == Some(token.algorithm().hash().left_half(text));
    if is_right { Ok(()) } else { Err(invalid(name)) }
}

/// One audience or several (RFC 7519 section 4.1.3), none of which this app doesn't know (Core
/// 3.1.3.7 (3)). So a token with several audiences, which would need an `azp`, is refused.
pub(crate) fn is_sole_audience(audience: Option<&Value>, client_id: &str) -> bool {
    match audience {
        Some(Value::Text(audience)) => audience == client_id,
        Some(Value::List(list)) => {
            !list.is_empty() && list.iter().all(|audience| audience.as_text() == Some(client_id))
        }
        _ => false,
    }
}

/// A NumericDate, which may have a fraction (RFC 7519 section 2).
pub(crate) fn date(claims: &Object, name: &str) -> Result<UnixTime, Error> {
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
