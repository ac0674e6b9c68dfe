//! The profile: what the provider tells of the person (OpenID Connect Core 5.1 and 5.3).

use super::claims::Claims;
use super::error::Error;
use super::json::{Object, Value, flag};
#[cfg(feature = "vault")]
use super::json::{Writer, json_texts};
use super::profile_mapping::ProfileMapping;
use super::secure_url::SecureUrl;
use super::text::{presentable, readable};

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
    /// What the claims of an ID token tell of the person.
    pub(crate) fn of_person(subject: &str, claims: &Claims) -> Self {
        Self::mapped(subject.to_owned(), claims, None)
    }

    /// What claims tell of the person, where the `mapping` says what the provider calls them.
    pub(super) fn mapped(
        subject: String,
        claims: &Claims,
        mapping: Option<&ProfileMapping>,
    ) -> Self {
        let shown = shown(claims.object(), mapping);
        Self { subject, shown, claims: claims.clone(), incomplete: None }
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
