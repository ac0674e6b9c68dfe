//! The ID token: who signed in (OpenID Connect Core 2 and 3.1.3.7).
//!
//! Only a token whose signature was found good gets here, as a [`VerifiedJws`]; here it is judged by
//! what it says.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::callback::Authorization;
use super::claims::Claims;
use super::config::Config;
use super::error::{Error, ErrorCode};
use super::issuer::Issuer;
use super::json::{Object, Value, Writer, number};
use super::jws::{Jws, Malformed, VerifiedJws};
use super::pending_login::PendingLogin;
use super::profile::Profile;
use super::profile_mapping::scalar;
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
    claims: Claims,
    /// Those of an earlier token that named the person, where the latest one does not.
    naming: Option<Claims>,
}

impl IdToken {
    /// Judges a token that came with `access_token`, by the login that it answers.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::NonceMismatch`] when it belongs to another login,
    /// [`ErrorCode::AuthenticationInsufficient`] when the person was not authenticated as asked,
    /// [`ErrorCode::ClockWrong`] when its dates don't fit this computer's clock,
    /// [`ErrorCode::IdTokenInvalid`], naming the claim, for everything else.
    pub fn of_login(
        token: &VerifiedJws,
        authorization: &Authorization,
        access_token: &AccessToken,
        config: &Config,
        now: UnixTime,
    ) -> Result<Self, Error> {
        let login = &authorization.pending_login;
        let issuer = login.metadata.issuer();
        let checked = Self::check(token, issuer, config, now).map_err(about_token)?;
        let claims = token.claims().object();
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

    /// Judges a token that came at a refresh beside `access_token`, by the one of the login (Core 12.2):
    /// the same issuer and person, and no other login's nonce. That the person has been authenticated anew
    /// meanwhile, for another app of the browser, is no fault: `auth_time` and `acr` are the newer token's.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::SubjectMismatch`] for another person, [`ErrorCode::ClockWrong`] for dates that don't
    /// fit this computer's clock, [`ErrorCode::IdTokenInvalid`], naming the claim, for everything else.
    pub fn of_refresh(
        token: &VerifiedJws,
        original: &Self,
        access_token: &AccessToken,
        issuer: &Issuer,
        config: &Config,
        now: UnixTime,
    ) -> Result<Self, Error> {
        let checked = Self::check(token, issuer, config, now).map_err(about_token)?;
        if checked.subject != original.subject {
            return Err(ErrorCode::SubjectMismatch.into());
        }
        if checked.issuer != original.issuer {
            return Err(invalid("iss"));
        }
        if checked.nonce.is_some() && checked.nonce != original.nonce {
            return Err(ErrorCode::NonceMismatch.into());
        }
        check_hash(token, "at_hash", access_token.expose())?;
        Ok(Self {
            nonce: original.nonce.clone(),
            auth_time: checked.auth_time.or(original.auth_time),
            acr: checked.acr.or_else(|| original.acr.clone()),
            naming: original.naming_beside(&checked.claims),
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
            .text("claims", self.claims.to_json())
            .optional_text("naming", self.naming.as_ref().map(Claims::to_json))
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
            claims: Claims::parse(kept.text("claims")?)?,
            naming: kept.optional_text("naming")?.map(Claims::parse).transpose()?,
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

    /// What the token says of the person and of their sign-in, verified.
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The claims that tell most of the person: those of an earlier token of the session, where the latest
    /// one does not name them.
    pub(crate) fn naming_claims(&self) -> &Claims {
        self.naming.as_ref().unwrap_or(&self.claims)
    }

    /// The optional claims that the token has, but with a value that can't be used: they count as left out.
    pub fn left_out(&self) -> Vec<&'static str> {
        let mut left_out = Profile::of_person(&self.subject, &self.claims).left_out();
        let is_unusable = |(name, is_usable): &(&str, Form)| {
            self.claims.object().get(name).is_some_and(|value| !is_usable(value))
        };
        let more = OPTIONAL.into_iter().filter(is_unusable).map(|(name, _)| name);
        left_out.extend(more);
        left_out
    }

    /// What the token tells of the person, as a profile.
    pub fn profile(&self) -> Profile {
        Profile::of_person(&self.subject, self.naming_claims())
    }

    /// The claims that name the person, where a newer token does not: renewed tokens often say less.
    fn naming_beside(&self, newer: &Claims) -> Option<Claims> {
        let names_somebody = Profile::of_person(&self.subject, newer).name().is_some();
        (!names_somebody).then(|| self.naming_claims().clone())
    }

    /// What holds for every ID token. Unknown claims are no fault (Core 2), and what may be left out counts
    /// as left out where it can't be used.
    fn check(
        token: &VerifiedJws,
        issuer: &Issuer,
        config: &Config,
        now: UnixTime,
    ) -> Result<Self, Error> {
        let all = token.claims();
        let claims = all.object();
        let (named_issuer, subject) = (claims.text("iss")?, claims.text("sub")?);
        let tenant = claims.get("tid").and_then(Value::as_text);
        let rules = [
            ("iss", issuer.accepts_token(named_issuer, tenant)),
            ("sub", !subject.is_empty() && subject.len() <= 255 && subject.is_ascii()),
            ("aud", is_audience(claims.get("aud"), config)),
            ("azp", is_own_party(claims, config)?),
        ];
        if let Some((claim, _)) = rules.iter().find(|(_, kept)| !kept) {
            return Err(invalid(claim));
        }
        check_dates(claims, now)?;
        Ok(Self {
            issuer: named_issuer.to_owned(),
            subject: subject.to_owned(),
            nonce: claims.optional_text("nonce")?.map(Nonce::new),
            auth_time: claims.get("auth_time").and_then(number).map(UnixTime),
            acr: claims.get("acr").and_then(scalar),
            claims: all.clone(),
            naming: None,
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
        if let Some(greatest_age) = login.options.greatest_age() {
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
        let classes = login.options.classes();
        if !classes.is_empty() && !classes.iter().any(is_asked_for) {
            return Err(insufficient("acr"));
        }
        Ok(())
    }
}

/// A date that does not fit is this computer's clock, as a rule: the token has just come from the provider,
/// and is tied to this login by its nonce.
fn check_dates(claims: &Object, now: UnixTime) -> Result<(), Error> {
    let latest = now.plus(CLOCK_TOLERANCE);
    let (issued, expires) = (date(claims, "iat")?, date(claims, "exp")?);
    let begins = date(claims, "nbf").ok();
    let rules = [
        ("exp", now < expires.plus(CLOCK_TOLERANCE)),
        ("iat", issued <= latest && now.since(issued) <= OLDEST),
        ("nbf", begins.is_none_or(|begins| begins <= latest)),
    ];
    match rules.iter().find(|(_, kept)| !kept) {
        Some((claim, _)) => Err(Error::new(ErrorCode::ClockWrong).about(claim)),
        None => Ok(()),
    }
}

/// The token names the left half of the hash of a text that came beside it, if it names one.
fn check_hash(token: &VerifiedJws, name: &str, text: &str) -> Result<(), Error> {
    let named = token.claims().object().get(name).and_then(Value::as_said);
    let Some(hash) = named else { return Ok(()) };
    let is_right =
        URL_SAFE_NO_PAD.decode(hash).ok() == Some(token.algorithm().hash().left_half(text));
    if is_right { Ok(()) } else { Err(invalid(name)) }
}

/// This app is among the audiences (RFC 7519 section 4.1.3). Others beside it are good where the token names
/// this app as the one that it was made for (`azp`, Core 2), or where the app trusts them (Core 3.1.3.7 (3)).
fn is_audience(audience: Option<&Value>, config: &Config) -> bool {
    let Some(names) = audiences(audience) else { return false };
    names.contains(&config.client_id())
}

/// The party that the token was made for is this app, or one that it trusts (Core 3.1.3.7 (4) and (5)). It
/// may be left out where the token has no audience that nobody knows.
fn is_own_party(claims: &Object, config: &Config) -> Result<bool, Error> {
    let is_known = |name: &str| config.client_id() == name || config.trusts_audience(name);
    if let Some(party) = claims.optional_text("azp")? {
        return Ok(is_known(party));
    }
    let names = audiences(claims.get("aud")).unwrap_or_default();
    Ok(names.into_iter().all(is_known))
}

/// One audience or several; `None` for what is neither.
fn audiences(audience: Option<&Value>) -> Option<Vec<&str>> {
    match audience? {
        Value::Text(audience) => Some(vec![audience]),
        Value::List(list) => list.iter().map(Value::as_text).collect(),
        _ => None,
    }
}

/// The same for a signed profile, which is for this app, whoever else may read it (Core 5.3.2).
#[cfg(feature = "signed-userinfo")]
pub(crate) fn has_audience(audience: Option<&Value>, client_id: &str) -> bool {
    audiences(audience).is_some_and(|names| names.contains(&client_id))
}

/// What a claim has to be.
type Form = fn(&Value) -> bool;

/// The claims that may be left out, and what they have to be.
const OPTIONAL: [(&str, Form); 6] = [
    ("auth_time", |value| number(value).is_some()),
    ("acr", |value| scalar(value).is_some()),
    ("nbf", |value| value.as_text().is_none() && number(value).is_some()),
    ("at_hash", |value| value.as_said().is_some()),
    ("c_hash", |value| value.as_said().is_some()),
    ("s_hash", |value| value.as_said().is_some()),
];

/// A NumericDate, which may have a fraction (RFC 7519 section 2).
pub(crate) fn date(claims: &Object, name: &str) -> Result<UnixTime, Error> {
    let value = claims.get(name).filter(|value| value.as_text().is_none());
    value.and_then(number).map(UnixTime).ok_or_else(|| invalid(name))
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
