//! The profile: what the provider tells of the person (OpenID Connect Core 5.1 and 5.3).

use super::claims::Claims;
use super::error::{Error, ErrorCode};
use super::id_token::IdToken;
#[cfg(feature = "signed-userinfo")]
use super::id_token::{CLOCK_TOLERANCE, date, has_audience};
use super::json::{Object, ServerResponse, Value, flag};
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
/// Claims that are about a token and not about a person (RFC 7519 section 4.1, OpenID Connect Core 2).
const OF_THE_TOKEN: [&str; 20] = [
    "iss",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "rat",
    "nonce",
    "azp",
    "auth_time",
    "acr",
    "amr",
    "sid",
    "at_hash",
    "c_hash",
    "s_hash",
    "client_id",
    "typ",
    "ver",
    "scope",
];
/// The claims that are read one by one.
const READ: [&str; 8] = [
    "name",
    "given_name",
    "nickname",
    "preferred_username",
    "email",
    "email_verified",
    "picture",
    "locale",
];
/// The longest identifier of a person, in bytes (OpenID Connect Core 2).
const LONGEST_SUBJECT: usize = 255;

/// What the provider tells of the person who signed in. Text from outside: show it as text only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    subject: String,
    shown: Vec<(String, Claim)>,
    claims: Claims,
    incomplete: Option<Error>,
}

/// The value of a claim, as far as it can be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Claim {
    Text(String),
    /// As written, so that a long number keeps its last digits.
    Number(String),
    Bool(bool),
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
        let answer = response.claims().map_err(|error| match error.subject() {
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

    /// What the claims of an ID token tell of the person.
    pub(crate) fn of_person(subject: &str, claims: &Claims) -> Self {
        Self {
            subject: subject.to_owned(),
            shown: shown(claims.object(), None),
            claims: claims.clone(),
            incomplete: None,
        }
    }

    /// The same with what the other profile of the person has, and this one has not.
    #[must_use]
    pub(crate) fn completed_by(mut self, other: Self) -> Self {
        let is_new = |(name, _): &(String, Claim)| find(&self.shown, name).is_none();
        let more: Vec<_> = other.shown.into_iter().filter(is_new).collect();
        self.shown.extend(more);
        self
    }

    /// The same, from which what the userinfo endpoint tells is missing.
    #[must_use]
    pub(crate) fn incomplete_because(mut self, error: Error) -> Self {
        self.incomplete = Some(error);
        self
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
        let shown = shown(answer, mapping);
        Ok(Self { subject, shown, claims: claims.clone(), incomplete: None })
    }

    /// As text, for the page of a vault.
    #[cfg(feature = "vault")]
    pub(crate) fn to_json(&self) -> String {
        let mut texts = Vec::new();
        for (name, claim) in &self.shown {
            let (kind, value) = match claim {
                Claim::Text(value) => ("text", value.as_str()),
                Claim::Number(value) => ("number", value.as_str()),
                Claim::Bool(true) => ("bool", "true"),
                Claim::Bool(false) => ("bool", "false"),
            };
            texts.extend([name.as_str(), kind, value]);
        }
        Writer::default()
            .text("subject", &self.subject)
            .json("shown", &json_texts(&texts))
            .text("claims", self.claims.to_json())
            .finish()
    }

    /// From such a text.
    #[cfg(feature = "vault")]
    pub(crate) fn from_object(text: &Object) -> Option<Self> {
        let texts = text.optional_texts("shown").ok()??;
        let claim = |texts: &[&str]| {
            let [name, kind, value] = *texts else { return None };
            let claim = match kind {
                "text" => Claim::Text(value.to_owned()),
                "number" => Claim::Number(value.to_owned()),
                "bool" => Claim::Bool(value == "true"),
                _ => return None,
            };
            Some((name.to_owned(), claim))
        };
        let shown = texts.chunks(3).map(claim).collect::<Option<_>>()?;
        let claims = Claims::parse(text.text("claims").ok()?).ok()?;
        let subject = text.text("subject").ok()?.to_owned();
        Some(Self { subject, shown, claims, incomplete: None })
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
        match find(&self.shown, "email_verified") {
            Some(Claim::Bool(value)) => *value,
            // As some providers write it.
            Some(Claim::Text(value)) => value == "true",
            _ => false,
        }
    }

    /// The picture's URL, when it is one that may be loaded.
    pub fn picture(&self) -> Option<SecureUrl> {
        SecureUrl::parse(self.text("picture")?).ok()
    }

    /// The person's language: `ja-JP`.
    pub fn locale(&self) -> Option<&str> {
        self.text("locale")
    }

    /// A claim that is a text and not empty, as far as it can be shown.
    pub fn text(&self, name: &str) -> Option<&str> {
        match find(&self.shown, name) {
            Some(Claim::Text(value)) if !value.is_empty() => Some(value),
            _ => None,
        }
    }

    /// Every claim about the person that can be shown, in the provider's order, as text. Objects and lists
    /// are left out: see [`Profile::all`]. Aggregated and distributed claims are not followed (Core 5.6.2).
    pub fn claims(&self) -> impl Iterator<Item = (&str, String)> {
        self.shown.iter().map(|(name, claim)| {
            let value = match claim {
                Claim::Text(value) | Claim::Number(value) => value.clone(),
                Claim::Bool(value) => if *value { "true" } else { "false" }.to_owned(),
            };
            (name.as_str(), value)
        })
    }

    /// Why only the ID token's claims are here, and not the userinfo endpoint's.
    pub const fn incomplete(&self) -> Option<&Error> {
        self.incomplete.as_ref()
    }

    /// The claims of Core 5.1 that are there, but with a value that can't be used: they count as left out.
    pub fn left_out(&self) -> Vec<&'static str> {
        let is_usable = |name: &str| match name {
            "email_verified" => self.claims.object().get(name).is_some_and(|it| flag(it).is_some()),
            "picture" => self.picture().is_some(),
            _ => self.text(name).is_some(),
        };
        let is_left_out =
            |name: &&str| self.claims.object().get(name).is_some() && !is_usable(name);
        READ.into_iter().filter(is_left_out).collect()
    }

    /// All claims as the provider wrote them, lists and objects among them.
    pub const fn all(&self) -> &Claims {
        &self.claims
    }
}

/// What of an answer can be shown. What would have to be cleaned could pass for another name, what the
/// provider calls by a claim's name it may mean otherwise, and what is of the token is nobody's.
fn shown(answer: &Object, mapping: Option<&ProfileMapping>) -> Vec<(String, Claim)> {
    let mapped = mapping.map(|mapping| mapping.claims_in(answer)).unwrap_or_default();
    let is_mapped = |name: &str| mapped.iter().any(|(claim, _)| *claim == name);
    let is_own = |name: &str| {
        presentable(name) == *name && !is_mapped(name) && !OF_THE_TOKEN.contains(&name)
    };
    let own = answer.members().iter().filter(|(name, _)| is_own(name));
    let own = own.map(|(name, value)| (name.as_str(), Some(value.clone())));
    let all = own.chain(mapped.iter().map(|(name, value)| (*name, value.clone())));
    all.filter_map(|(name, value)| Some((name.to_owned(), Claim::of(value?)?))).collect()
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

impl Claim {
    fn of(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(Self::Text(readable(&text, LONGEST))),
            Value::Unsigned(number) => Some(Self::Number(number.to_string())),
            Value::Negative(number) => Some(Self::Number(number.to_string())),
            Value::Bool(value) => Some(Self::Bool(value)),
            _ => None,
        }
    }
}
