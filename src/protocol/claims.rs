//! Claims: what a provider says of a person, as an app may read it (OpenID Connect Core 5.1).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::error::Error;
use super::json::{Object, ServerResponse, Value};

/// The claims of a verified ID token, or of a profile: those that the standards name, and the provider's own,
/// such as `roles`, `groups` or `realm_access`. They are of the provider: whoever lets people in by them does
/// so on a server, which looks at the access token.
///
/// ```
/// use pixy_login::protocol::Claims;
///
/// # fn example(claims: &Claims) {
/// let may_edit = claims.texts("roles").contains(&"editor");
/// let organization = claims.text("org_id");
/// let limits: Option<Vec<u32>> = claims.read("limits");
/// # }
/// ```
#[derive(Clone)]
pub struct Claims(Arc<Facts>);

struct Facts {
    /// As it came, so that no digit of a number is lost.
    json: String,
    object: Object,
}

impl Claims {
    /// Reads a JSON object.
    pub(crate) fn parse(json: &str) -> Result<Self, Error> {
        let object = Object::parse(json)?;
        Ok(Self(Arc::new(Facts { json: json.to_owned(), object })))
    }

    /// Reads the body of an answer.
    pub(super) fn of_response(response: &ServerResponse) -> Result<Self, Error> {
        Self::parse(response.json_text()?)
    }

    pub(crate) fn object(&self) -> &Object {
        &self.0.object
    }

    /// A claim that is a text, and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.object.get(name).and_then(Value::as_text).filter(|text| !text.is_empty())
    }

    /// The texts of a claim that is a list. A single text counts as a list of one.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        match self.0.object.get(name) {
            Some(Value::Text(text)) => vec![text],
            Some(Value::List(items)) => items.iter().filter_map(Value::as_text).collect(),
            _ => Vec::new(),
        }
    }

    /// A claim as JSON, as the provider wrote it; `None` when it is left out.
    pub fn json(&self, name: &str) -> Option<String> {
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(&self.0.json).ok()?;
        members.get(name).map(|value| value.get().to_owned())
    }

    /// A claim as a type of the app's own; `None` when it is left out, or of another shape.
    pub fn read<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(&self.json(name)?).ok()
    }

    /// The names of all claims, in the provider's order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.object.members().iter().map(|(name, _)| name.as_str())
    }

    /// All of them, as the provider wrote them: a JSON object.
    pub fn to_json(&self) -> &str {
        &self.0.json
    }
}

impl PartialEq for Claims {
    fn eq(&self, other: &Self) -> bool {
        self.0.json == other.0.json
    }
}

impl Eq for Claims {}

impl core::fmt::Debug for Claims {
    /// Names only: the rest is about a person, and a log is no place for it.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Claims ")?;
        formatter.debug_list().entries(self.names()).finish()
    }
}
