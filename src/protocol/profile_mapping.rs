//! Where the profile of a provider without OpenID Connect has what Core 5.1 has a name for.

#[cfg(any(feature = "vault", feature = "widget"))]
use super::error::Error;
#[cfg(feature = "widget")]
use super::error::ErrorCode;
use super::json::{Object, Value};
#[cfg(feature = "vault")]
use super::json::{Writer, json_texts};

/// Which members of a provider's answer are the person's identifier, name, address and picture.
///
/// A path goes from member to member and, by number, from item to item: `images.0.url`, `data.id`.
/// Where several are named for one claim, the first that the answer has counts.
///
/// ```
/// use pixy_login::protocol::ProfileMapping;
///
/// let mapping = ProfileMapping::new("id")
///     .name("global_name")
///     .name("username")
///     .email("email")
///     .picture("https://cdn.example/{id}/{avatar}.png");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileMapping {
    subject: String,
    names: Vec<String>,
    email: Option<String>,
    email_verified: Option<String>,
    picture: Option<String>,
}

impl ProfileMapping {
    /// A mapping with the path of what identifies the person at this provider, for good: a number or
    /// a key, never a name or an e-mail address, which change hands.
    pub fn new(subject: &str) -> Self {
        Self {
            subject: subject.to_owned(),
            names: Vec::new(),
            email: None,
            email_verified: None,
            picture: None,
        }
    }

    /// Adds a path of what to call the person.
    #[must_use]
    pub fn name(mut self, path: &str) -> Self {
        self.names.push(path.to_owned());
        self
    }

    /// The path of the e-mail address.
    #[must_use]
    pub fn email(mut self, path: &str) -> Self {
        self.email = Some(path.to_owned());
        self
    }

    /// The path of what is `true` when the provider has seen that the address is the person's.
    #[must_use]
    pub fn email_verified(mut self, path: &str) -> Self {
        self.email_verified = Some(path.to_owned());
        self
    }

    /// The path of the picture's URL; or the URL itself, with paths in braces. What is put in for them
    /// can only be letters, digits, `-` and `_`, so that the picture stays where the URL says.
    #[must_use]
    pub fn picture(mut self, path_or_template: &str) -> Self {
        self.picture = Some(path_or_template.to_owned());
        self
    }

    /// By the names of Core 5.1, each with its path; `name` may stand more than once.
    #[cfg(feature = "widget")]
    pub(super) fn from_pairs(pairs: &[(String, String)]) -> Result<Self, Error> {
        let mut mapping = Self::new("");
        for (name, path) in pairs {
            let path = path.clone();
            match name.as_str() {
                "sub" => mapping.subject = path,
                "name" => mapping.names.push(path),
                "email" => mapping.email = Some(path),
                "email_verified" => mapping.email_verified = Some(path),
                "picture" => mapping.picture = Some(path),
                _ => return Err(ErrorCode::InvalidConfig.into()),
            }
        }
        if mapping.subject.is_empty() { Err(ErrorCode::InvalidConfig.into()) } else { Ok(mapping) }
    }

    #[cfg(feature = "vault")]
    pub(super) fn to_json(&self) -> String {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        Writer::default()
            .text("subject", &self.subject)
            .json("names", &json_texts(&names))
            .optional_text("email", self.email.as_deref())
            .optional_text("email_verified", self.email_verified.as_deref())
            .optional_text("picture", self.picture.as_deref())
            .finish()
    }

    #[cfg(feature = "vault")]
    pub(super) fn from_object(text: &Object) -> Result<Self, Error> {
        let path = |name| text.optional_text(name).map(|path| path.map(str::to_owned));
        let names = text.optional_texts("names")?.unwrap_or_default();
        Ok(Self {
            subject: text.text("subject")?.to_owned(),
            names: names.into_iter().map(str::to_owned).collect(),
            email: path("email")?,
            email_verified: path("email_verified")?,
            picture: path("picture")?,
        })
    }

    /// The identifier, a text or a whole number.
    pub(super) fn subject_in(&self, answer: &Object) -> Option<String> {
        scalar(find(answer, &self.subject)?)
    }

    /// The claims of Core 5.1 that are mapped, each with the value that the answer has for it.
    pub(super) fn claims_in(&self, answer: &Object) -> Vec<(&'static str, Option<Value>)> {
        let text = |path: &str| find(answer, path).filter(|value| is_text(value)).cloned();
        let mut claims = Vec::new();
        if !self.names.is_empty() {
            claims.push(("name", self.names.iter().find_map(|path| text(path))));
        }
        if let Some(path) = &self.email {
            claims.push(("email", text(path)));
        }
        if let Some(path) = &self.email_verified {
            let value = find(answer, path).filter(|value| matches!(value, Value::Bool(_)));
            claims.push(("email_verified", value.cloned()));
        }
        if let Some(picture) = &self.picture {
            let value = match picture.as_bytes().contains(&b'{') {
                true => filled(picture, answer).map(Value::Text),
                false => text(picture),
            };
            claims.push(("picture", value));
        }
        claims
    }
}

/// What stands at a path. `null` counts as left out.
fn find<'a>(answer: &'a Object, path: &str) -> Option<&'a Value> {
    let mut steps = path.split('.');
    let first = answer.get(steps.next()?)?;
    steps.try_fold(first, |value, step| match value {
        Value::Object(object) => object.get(step),
        Value::List(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// The template with the values of its paths, when all are there and stay in their place in the URL.
fn filled(template: &str, answer: &Object) -> Option<String> {
    let mut pieces = template.split('{');
    let mut url = pieces.next()?.to_owned();
    for piece in pieces {
        let (path, rest) = piece.split_once('}')?;
        let value = scalar(find(answer, path)?)?;
        let stays = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if !value.bytes().all(stays) {
            return None;
        }
        url.push_str(&value);
        url.push_str(rest);
    }
    Some(url)
}

/// A text that says something, or a whole number, as text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Unsigned(number) => Some(number.to_string()),
        Value::Negative(number) => Some(number.to_string()),
        Value::Text(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

fn is_text(value: &Value) -> bool {
    value.as_text().is_some_and(|text| !text.is_empty())
}
