//! The profile: what the provider tells of the person (OpenID Connect Core 5.1 and 5.3).

use super::error::{Error, ErrorCode};
use super::id_token::IdToken;
#[cfg(feature = "signed-userinfo")]
use super::id_token::{CLOCK_TOLERANCE, date, is_sole_audience};
use super::json::{Object, ServerResponse, Value};
#[cfg(feature = "vault")]
use super::json::{Writer, json_texts};
#[cfg(feature = "signed-userinfo")]
use super::jws::{Jws, Malformed, VerifiedJws};
use super::profile_mapping::{ProfileMapping, scalar};
use super::secure_url::SecureUrl;
use super::text::{presentable, readable};
#[cfg(feature = "signed-userinfo")]
use super::time::UnixTime;

/// The longest text of a claim that is kept, in characters.
const LONGEST: usize = 1000;
/// The longest identifier of a person, in bytes (OpenID Connect Core 2).
const LONGEST_SUBJECT: usize = 255;

/// What the provider tells of the person who signed in. Text from outside: show it as text only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    subject: String,
    claims: Vec<(String, Claim)>,
}

/// The value of a claim, as far as it can be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Claim {
    Text(String),
    /// As written, so that a long number keeps its last digits.
    Number(String),
    Bool(bool),
    Other,
}

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
        let answer = response.object().map_err(|error| error.about("profile"))?;
        Self::of_answer(answer, id_token, mapping)
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
        token: VerifiedJws,
        id_token: &IdToken,
        client_id: &str,
        now: UnixTime,
    ) -> Result<Self, Error> {
        let invalid = |claim| Err(Error::new(ErrorCode::InvalidResponse).about(claim));
        let claims = token.into_claims();
        if claims.text("iss")? != id_token.issuer() {
            return invalid("iss");
        }
        if !is_sole_audience(claims.get("aud"), client_id) {
            return invalid("aud");
        }
        // What is of a login is an ID token, and what has run out is over (RFC 7519 section 4.1.4).
        if claims.has("nonce") {
            return invalid("nonce");
        }
        if claims.has("exp") && date(&claims, "exp")?.plus(CLOCK_TOLERANCE) <= now {
            return invalid("exp");
        }
        Self::of_answer(claims, Some(id_token), None)
    }

    fn of_answer(
        answer: Object,
        id_token: Option<&IdToken>,
        mapping: Option<&ProfileMapping>,
    ) -> Result<Self, Error> {
        let subject = match (id_token, mapping) {
            (None, Some(mapping)) => mapping.subject_in(&answer),
            (Some(_), _) => answer.get("sub").and_then(text),
            (None, None) => {
                answer.get("sub").and_then(text).or_else(|| answer.get("id").and_then(scalar))
            }
        };
        let subject = subject.filter(|subject| subject.len() <= LONGEST_SUBJECT);
        let subject = subject.ok_or_else(|| Error::new(ErrorCode::InvalidResponse).about("sub"))?;
        if id_token.is_some_and(|token| token.subject() != subject) {
            return Err(ErrorCode::SubjectMismatch.into());
        }
        let mapped = mapping.map(|mapping| mapping.claims_in(&answer)).unwrap_or_default();
        let is_mapped = |name: &str| mapped.iter().any(|(claim, _)| *claim == name);
        let members = answer.into_members().into_iter();
        let mut claims: Vec<_> = members
            // What would have to be cleaned to be shown could pass for another name, and what the
            // provider calls by a claim's name it may mean otherwise.
            .filter(|(name, _)| presentable(name) == *name && !is_mapped(name))
            .map(|(name, value)| (name, Claim::from(value)))
            .collect();
        for (name, value) in mapped {
            claims.extend(value.map(|value| (name.to_owned(), value.into())));
        }
        Ok(Self { subject, claims })
    }

    /// As text, for the page of a vault.
    #[cfg(feature = "vault")]
    pub(crate) fn to_json(&self) -> String {
        let mut texts = Vec::new();
        for (name, claim) in &self.claims {
            let (kind, value) = match claim {
                Claim::Text(value) => ("text", value.as_str()),
                Claim::Number(value) => ("number", value.as_str()),
                Claim::Bool(true) => ("bool", "true"),
                Claim::Bool(false) => ("bool", "false"),
                Claim::Other => ("other", ""),
            };
            texts.extend([name.as_str(), kind, value]);
        }
        Writer::default()
            .text("subject", &self.subject)
            .json("claims", &json_texts(&texts))
            .finish()
    }

    /// From such a text.
    #[cfg(feature = "vault")]
    pub(crate) fn from_object(text: &Object) -> Option<Self> {
        let texts = text.optional_texts("claims").ok()??;
        let claim = |texts: &[&str]| {
            let [name, kind, value] = *texts else { return None };
            let claim = match kind {
                "text" => Claim::Text(value.to_owned()),
                "number" => Claim::Number(value.to_owned()),
                "bool" => Claim::Bool(value == "true"),
                "other" => Claim::Other,
                _ => return None,
            };
            Some((name.to_owned(), claim))
        };
        let claims = texts.chunks(3).map(claim).collect::<Option<_>>()?;
        Some(Self { subject: text.text("subject").ok()?.to_owned(), claims })
    }

    /// The person's identifier at this provider. Only together with the issuer it names a person.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What to call the person: `name`, else `given_name`, `nickname`, `preferred_username`, `email`.
    pub fn name(&self) -> Option<&str> {
        ["name", "given_name", "nickname", "preferred_username", "email"]
            .into_iter()
            .find_map(|name| self.text(name))
    }

    /// The e-mail address, for showing; it names nobody (Core 5.7).
    pub fn email(&self) -> Option<&str> {
        self.text("email")
    }

    /// Whether the provider has seen that the address is the person's.
    pub fn email_verified(&self) -> bool {
        find(&self.claims, "email_verified") == Some(&Claim::Bool(true))
    }

    /// The picture's URL, when it is one that may be loaded.
    pub fn picture(&self) -> Option<SecureUrl> {
        SecureUrl::parse(self.text("picture")?).ok()
    }

    /// The person's language: `ja-JP`.
    pub fn locale(&self) -> Option<&str> {
        self.text("locale")
    }

    /// A claim that is a text and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        match find(&self.claims, name) {
            Some(Claim::Text(value)) if !value.is_empty() => Some(value),
            _ => None,
        }
    }

    /// Every claim that can be shown, in the provider's order, as text. Objects and lists are left out;
    /// aggregated and distributed claims are not followed (Core 5.6.2).
    pub fn claims(&self) -> impl Iterator<Item = (&str, String)> {
        self.claims.iter().filter_map(|(name, claim)| {
            let value = match claim {
                Claim::Text(value) | Claim::Number(value) => value.clone(),
                Claim::Bool(value) => if *value { "true" } else { "false" }.to_owned(),
                Claim::Other => return None,
            };
            Some((name.as_str(), value))
        })
    }
}

fn find<'a>(claims: &'a [(String, Claim)], name: &str) -> Option<&'a Claim> {
    claims.iter().find(|(known, _)| known == name).map(|(_, claim)| claim)
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

fn text(value: &Value) -> Option<String> {
    value.as_text().filter(|text| !text.is_empty()).map(str::to_owned)
}

impl From<Value> for Claim {
    fn from(value: Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(readable(&text, LONGEST)),
            Value::Unsigned(number) => Self::Number(number.to_string()),
            Value::Negative(number) => Self::Number(number.to_string()),
            Value::Bool(value) => Self::Bool(value),
            _ => Self::Other,
        }
    }
}
