//! What an authorization request may ask for beyond the usual: how to authenticate the person, and
//! for which resource the token is.

use super::error::{Error, ErrorCode};
use super::json::Object;

/// The parameters that are this client's own: their values can't be chosen. Names that begin with
/// `client_` are meant too.
const OURS: [&str; 14] = [
    "response_type",
    "response_mode",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "request",
    "request_uri",
    "code_verifier",
    "grant_type",
    "code",
];

/// The name of [`RequestOptions::acr_hint`] in a record: no parameter has such a one.
pub(super) const ACR_HINT: &str = "acr hint";

/// Options of an authorization request (OpenID Connect Core 3.1.2.1, RFC 8707), of an app's every
/// login or of a single one.
///
/// ```
/// use pixy_login::protocol::RequestOptions;
///
/// let options = RequestOptions::new().max_age(300).prompt("login")?.login_hint("hanako");
/// # Ok::<(), pixy_login::protocol::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct RequestOptions {
    max_age: Option<u64>,
    acr_values: Vec<String>,
    acr_hint: Vec<String>,
    resources: Vec<String>,
    parameters: Vec<(String, String)>,
}

impl RequestOptions {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// The person's sign-in may be this many seconds old at most; the ID token is checked for it
    /// (OpenID Connect Core 3.1.3.7 (13)).
    pub const fn max_age(mut self, seconds: u64) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// How strongly the person is to be authenticated: classes separated by spaces, the best first. The
    /// ID token must name one of them (OpenID Connect Core 3.1.3.7 (12)).
    pub fn acr_values(mut self, classes: &str) -> Self {
        self.acr_values = words(classes);
        self
    }

    /// Classes that the provider may take as a wish, or as a hint of its own (`tenant:shop`), the best first,
    /// separated by spaces: nothing is checked, as OpenID Connect Core has it (`acr_values` is voluntary
    /// there). What [`RequestOptions::acr_values`] asks for comes before it.
    pub fn acr_hint(mut self, classes: &str) -> Self {
        self.acr_hint = words(classes);
        self
    }

    /// Whether the provider shows itself: `none`, or any of `login`, `consent`, `select_account`,
    /// `create`, separated by spaces.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InvalidConfig`] for `none` beside others (OpenID Connect Core 3.1.2.1).
    pub fn prompt(self, prompt: &str) -> Result<Self, Error> {
        let wishes = words(prompt);
        if wishes.len() > 1 && wishes.iter().any(|wish| wish == "none") {
            return Err(Error::new(ErrorCode::InvalidConfig).about("prompt"));
        }
        Ok(self.set("prompt", &wishes.join(" ")))
    }

    /// Who probably signs in: a name or an e-mail address, as the provider knows it.
    pub fn login_hint(self, hint: &str) -> Self {
        self.set("login_hint", hint)
    }

    /// The languages of the person, best first, separated by spaces: `ja en`.
    pub fn ui_locales(self, languages: &str) -> Self {
        self.set("ui_locales", languages)
    }

    /// How the provider's page is shown: `page`, `popup`, `touch` or `wap`.
    pub fn display(self, display: &str) -> Self {
        self.set("display", display)
    }

    /// Single claims that are asked for, as JSON (OpenID Connect Core 5.5).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InvalidConfig`] when it is no JSON object.
    pub fn claims(self, json: &str) -> Result<Self, Error> {
        match Object::parse(json) {
            Ok(_) => Ok(self.set("claims", json)),
            Err(_) => Err(Error::new(ErrorCode::InvalidConfig).about("claims")),
        }
    }

    /// An API that the access token is for, an absolute URI (RFC 8707 section 2). May be repeated.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InvalidConfig`] for a relative URI or one with a fragment.
    pub fn resource(mut self, uri: &str) -> Result<Self, Error> {
        if !is_absolute_uri(uri) {
            return Err(Error::new(ErrorCode::InvalidConfig).about("resource"));
        }
        self.resources.push(uri.to_owned());
        Ok(self)
    }

    /// The API that the access token is for, as providers name it that know no [`Self::resource`].
    pub fn audience(self, audience: &str) -> Self {
        self.set("audience", audience)
    }

    /// Any other parameter that the provider knows.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InvalidConfig`], naming it, for one that is this client's own to set or that a
    /// method here checks, and for a name or value that is none (RFC 6749 appendix A.16).
    pub fn parameter(self, name: &str, value: &str) -> Result<Self, Error> {
        let has_method = ["max_age", "acr_values", "resource", "prompt", "claims"].contains(&name);
        if !is_parameter(name, value) || has_method || is_ours(name) {
            return Err(Error::new(ErrorCode::InvalidConfig).about(name));
        }
        Ok(self.set(name, value))
    }

    /// These options, and where they say nothing, the others.
    pub(crate) fn or(mut self, others: &Self) -> Self {
        self.max_age = self.max_age.or(others.max_age);
        if self.acr_values.is_empty() {
            self.acr_values.clone_from(&others.acr_values);
        }
        if self.acr_hint.is_empty() {
            self.acr_hint.clone_from(&others.acr_hint);
        }
        if self.resources.is_empty() {
            self.resources.clone_from(&others.resources);
        }
        for (name, value) in &others.parameters {
            if !self.parameters.iter().any(|(known, _)| known == name) {
                self.parameters.push((name.clone(), value.clone()));
            }
        }
        self
    }

    /// These options, but for what the person has been shown already.
    pub(crate) fn without_prompt(mut self) -> Self {
        self.parameters.retain(|(name, value)| name != "prompt" || value == "none");
        self
    }

    /// How old the person's sign-in may be, in seconds.
    pub(crate) const fn greatest_age(&self) -> Option<u64> {
        self.max_age
    }

    /// The classes of which the ID token must name one.
    pub(crate) fn classes(&self) -> &[String] {
        &self.acr_values
    }

    /// The APIs that the token is for.
    pub(crate) fn resources(&self) -> &[String] {
        &self.resources
    }

    /// All of them as parameters of a request.
    pub(crate) fn pairs(&self) -> Vec<(&str, String)> {
        let mut pairs = Vec::new();
        if let Some(seconds) = self.max_age {
            pairs.push(("max_age", seconds.to_string()));
        }
        let classes = if self.acr_values.is_empty() { &self.acr_hint } else { &self.acr_values };
        pairs.push(("acr_values", classes.join(" ")));
        pairs.extend(self.resources.iter().map(|uri| ("resource", uri.clone())));
        pairs.extend(self.parameters.iter().map(|(name, value)| (name.as_str(), value.clone())));
        pairs
    }

    /// As names and values, one behind the other, which [`Self::from_texts`] reads.
    pub(crate) fn to_json(&self) -> String {
        let mut pairs = self.pairs();
        // As two: one is checked, the other not.
        pairs.retain(|(name, _)| *name != "acr_values");
        pairs.push(("acr_values", self.acr_values.join(" ")));
        pairs.push((ACR_HINT, self.acr_hint.join(" ")));
        // An empty value is left out of a request, too (RFC 6749 section 3.1).
        let given = pairs.iter().filter(|(_, value)| !value.is_empty());
        let texts: Vec<&str> = given.flat_map(|(name, value)| [*name, value.as_str()]).collect();
        super::json::json_texts(&texts)
    }

    /// From such a list, each checked like one that an app sets.
    pub(crate) fn from_texts(texts: &[&str]) -> Result<Self, Error> {
        Self::new().with_texts(texts)
    }

    /// These options, and what such a list says.
    pub(crate) fn with_texts(self, texts: &[&str]) -> Result<Self, Error> {
        let invalid = || Error::from(ErrorCode::InvalidConfig);
        texts.chunks(2).try_fold(self, |options, pair| match pair {
            ["max_age", seconds] => Ok(options.max_age(seconds.parse().map_err(|_| invalid())?)),
            ["acr_values", classes] => Ok(options.acr_values(classes)),
            [ACR_HINT, classes] => Ok(options.acr_hint(classes)),
            ["resource", uri] => options.resource(uri),
            ["prompt", prompt] => options.prompt(prompt),
            ["claims", claims] => options.claims(claims),
            [name, value] => options.parameter(name, value),
            _ => Err(invalid()),
        })
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.parameters.retain(|(known, _)| known != name);
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Whether both can be a parameter's (RFC 6749 appendix A.16).
pub(super) fn is_parameter(name: &str, value: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    !name.is_empty() && name.bytes().all(is_name) && !value.is_empty()
}

/// Whether the parameter is this client's own to set.
pub(crate) fn is_ours(name: &str) -> bool {
    OURS.contains(&name) || name.starts_with("client_")
}

pub(crate) fn words(text: &str) -> Vec<String> {
    text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A scheme, a colon and more, in visible ASCII and without a fragment (RFC 3986 section 4.3).
pub(super) fn is_absolute_uri(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let is_visible = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
    scheme.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
        && scheme.bytes().all(is_scheme)
        && !rest.is_empty()
        && rest.bytes().all(is_visible)
}
