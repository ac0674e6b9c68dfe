//! The answer of the userinfo endpoint, judged: it is of the person who signed in (OpenID Connect Core 5.3).

use super::claims::Claims;
use super::error::{Error, ErrorCode};
use super::id_token::IdToken;
#[cfg(feature = "signed-userinfo")]
use super::id_token::{CLOCK_TOLERANCE, date, has_audience};
use super::json::ServerResponse;
#[cfg(feature = "signed-userinfo")]
use super::jws::{Jws, Malformed, VerifiedJws};
use super::profile::Profile;
use super::profile_mapping::{ProfileMapping, scalar};
#[cfg(feature = "signed-userinfo")]
use super::time::UnixTime;

/// The longest identifier of a person, in bytes (OpenID Connect Core 2).
const LONGEST_SUBJECT: usize = 255;

impl Profile {
    /// Judges the answer of the userinfo endpoint, or of the profile endpoint of an OAuth-only
    /// provider, which has no `id_token`: then the `mapping` says what names the person; without one it
    /// is `sub`, or else `id`.
    ///
    /// # Errors
    ///
    /// - [`ErrorCode::SubjectMismatch`] when it is of another person than the ID token (Core 5.3.2),
    /// - [`ErrorCode::TokenRefused`] for 401, [`ErrorCode::InsufficientScope`] for 403,
    ///   [`ErrorCode::ResourceError`] for other statuses,
    /// - [`ErrorCode::NotJson`] and [`ErrorCode::InvalidResponse`].
    pub fn from_response(
        response: &ServerResponse,
        id_token: Option<&IdToken>,
        mapping: Option<&ProfileMapping>,
    ) -> Result<Self, Error> {
        check_status(response.status)?;
        let answer = Claims::of_response(response).map_err(|error| match error.subject() {
            Some(_) => error,
            None => error.about("profile"),
        })?;
        Self::of_answer(&answer, id_token, mapping)
    }

    /// The token that the answer is, when it is a signed one (Core 5.3.2).
    ///
    /// # Errors
    ///
    /// As [`Profile::from_response`], and [`ErrorCode::InvalidResponse`] for a token of the wrong form.
    #[cfg(feature = "signed-userinfo")]
    pub fn signed(response: &ServerResponse) -> Result<Option<Jws>, Error> {
        check_status(response.status)?;
        let token = response.text_of("application/jwt").map(|token| Jws::parse(token.trim()));
        let malformed = |part: Malformed| Error::new(ErrorCode::InvalidResponse).about(part.0);
        token.transpose().map_err(malformed)
    }

    /// Judges such a token, whose signature was found good: it is of the provider, for this app, about
    /// the person of the ID token (Core 5.3.2 and 5.3.4).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::SubjectMismatch`], [`ErrorCode::InvalidResponse`].
    #[cfg(feature = "signed-userinfo")]
    pub fn from_signed(
        token: &VerifiedJws,
        id_token: &IdToken,
        client_id: &str,
        now: UnixTime,
    ) -> Result<Self, Error> {
        let invalid = |claim| Err(Error::new(ErrorCode::InvalidResponse).about(claim));
        let claims = token.claims().object();
        if claims.text("iss")? != id_token.issuer() {
            return invalid("iss");
        }
        if !has_audience(claims.get("aud"), client_id) {
            return invalid("aud");
        }
        // What is of a login is an ID token, and what has run out is over (RFC 7519 section 4.1.4).
        if claims.has("nonce") {
            return invalid("nonce");
        }
        if claims.has("exp") && date(claims, "exp")?.plus(CLOCK_TOLERANCE) <= now {
            return invalid("exp");
        }
        Self::of_answer(token.claims(), Some(id_token), None)
    }

    fn of_answer(
        claims: &Claims,
        id_token: Option<&IdToken>,
        mapping: Option<&ProfileMapping>,
    ) -> Result<Self, Error> {
        let answer = claims.object();
        // A number names nobody else than the same digits as text.
        let named = answer.get("sub").and_then(scalar);
        let subject = match (id_token, mapping) {
            (None, Some(mapping)) => mapping.subject_in(answer),
            (Some(_), _) => named,
            (None, None) => named.or_else(|| answer.get("id").and_then(scalar)),
        };
        let subject = subject.filter(|subject| subject.len() <= LONGEST_SUBJECT);
        let subject = subject.ok_or_else(|| Error::new(ErrorCode::InvalidResponse).about("sub"))?;
        if id_token.is_some_and(|token| token.subject() != subject) {
            return Err(ErrorCode::SubjectMismatch.into());
        }
        Ok(Self::mapped(subject, claims, mapping))
    }
}

fn check_status(status: u16) -> Result<(), Error> {
    let code = match status {
        200 => return Ok(()),
        401 => ErrorCode::TokenRefused,
        403 => ErrorCode::InsufficientScope,
        _ => ErrorCode::ResourceError,
    };
    Err(Error::new(code).about("profile"))
}
