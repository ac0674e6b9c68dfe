//! Answers of a server, and the one way in which their JSON is read and ours is written.
//!
//! One tree for all documents of the protocol, instead of a derived reader for each: smaller, and strict
//! everywhere. No member may stand twice, whether anybody reads it or not. An app's own answers are read
//! into the app's own types.

use core::fmt;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de::DeserializeOwned};

use super::error::{Error, ErrorCode};

/// The most members of an object that an honest answer has. Each is compared with all before it, so that
/// many would take long; a list may be as long as it likes.
const MOST: usize = 1000;
/// Not part of JSON (RFC 8259 section 8.1), though some editors put it there.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// What a server answered, before anything of it is believed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ServerResponse {
    /// The HTTP status code.
    pub status: u16,
    /// The `Content-Type` header, when the browser may see it.
    pub content_type: Option<String>,
    /// The `WWW-Authenticate` header, when the browser may see it (RFC 6750 section 3).
    pub www_authenticate: Option<String>,
    /// The `DPoP-Nonce` header, when the browser may see it (RFC 9449 section 8).
    pub dpop_nonce: Option<String>,
    /// The `Retry-After` header, when the browser may see it (RFC 9110 section 10.2.3).
    pub retry_after: Option<String>,
    /// All headers that the browser may see, with their names in small letters; of an API's answer only.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl ServerResponse {
    /// A header of an API's answer, when the browser may see it: CORS hides all but a few, and those that
    /// the server exposes (`Access-Control-Expose-Headers`).
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Reads the body as JSON of an app's own type: `application/json`, or a media type that ends in `+json` (RFC 6839
    /// section 3.1); UTF-8, no byte order mark.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::NotJson`] when it is no JSON, [`ErrorCode::InvalidResponse`] when it is JSON of
    /// another shape, or named otherwise. The body is never quoted: it may hold a token.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let text = self.text_where(|name| name.to_ascii_lowercase().ends_with("+json"));
        let text = text.map_or_else(|| self.json_text(), Ok)?;
        serde_json::from_str(text).map_err(|error| code_of(&error).into())
    }

    /// Whether an API has done what it was asked for: any status from 200 to 299 (RFC 9110 section 15.3).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::TokenRefused`] for 401, [`ErrorCode::InsufficientScope`] for 403, and
    /// [`ErrorCode::ResourceError`] for all others, with the status as what it is about.
    pub fn success(&self) -> Result<(), Error> {
        let code = match self.status {
            200..=299 => return Ok(()),
            401 => ErrorCode::TokenRefused,
            403 => ErrorCode::InsufficientScope,
            _ => ErrorCode::ResourceError,
        };
        Err(Error::new(code).about(&["status ", &self.status.to_string()].concat()))
    }

    /// Reads the body as a JSON object (RFC 6749 section 5.1).
    pub(crate) fn object(&self) -> Result<Object, Error> {
        Object::parse(self.json_text()?)
    }

    /// The same for a refusal, which only tells why: whatever its media type, no harm comes of reading it.
    pub(crate) fn refusal(&self) -> Result<Object, Error> {
        Object::parse(self.any_text().ok_or(ErrorCode::NotJson)?)
    }

    /// The body as text, when it is of this media type.
    pub(crate) fn text_of(&self, media_type: &str) -> Option<&str> {
        self.text_where(|name| name.eq_ignore_ascii_case(media_type))
    }

    fn text_where(&self, is_named: impl Fn(&str) -> bool) -> Option<&str> {
        let name = self.content_type.as_deref()?.split(';').next()?.trim();
        is_named(name).then(|| core::str::from_utf8(&self.body).ok()).flatten()
    }

    /// The body as text, when it is JSON and named so.
    pub(super) fn json_text(&self) -> Result<&str, Error> {
        let named = self.text_of("application/json");
        if let Some(text) = named.filter(|text| !text.starts_with(BYTE_ORDER_MARK)) {
            return Ok(text);
        }
        // JSON that came under another name is not said to be none.
        let is_json = |text| serde_json::from_str::<Value>(text).is_ok();
        Err(match (self.any_text().is_some_and(is_json), named) {
            (true, Some(_)) => invalid("byte order mark"),
            (true, None) => invalid("Content-Type"),
            (false, _) => ErrorCode::NotJson.into(),
        })
    }

    /// The body as text, without a byte order mark.
    fn any_text(&self) -> Option<&str> {
        let text = core::str::from_utf8(&self.body).ok()?;
        Some(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text))
    }
}

impl fmt::Debug for ServerResponse {
    /// Without the body, which may hold a token.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ServerResponse({}, {} bytes)", self.status, self.body.len())
    }
}

/// A JSON value.
#[derive(Clone, PartialEq)]
pub(crate) enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that is not negative.
    Unsigned(u64),
    /// A negative whole number.
    Negative(i64),
    /// Any other number.
    Fraction(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// An object.
    Object(Object),
    /// What no honest answer has, or holds: a name twice, or too many members.
    Unsound,
}

/// A JSON object, whose names stand once each, in the order in which they came.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Object(Vec<(String, Value)>);

impl Object {
    /// Reads an object, and nothing behind it.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        match serde_json::from_str(text).map_err(|error| code_of(&error))? {
            Value::Object(object) => Ok(object),
            _ => Err(ErrorCode::InvalidResponse.into()),
        }
    }

    /// A member. `null` counts as left out.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        let member = self.0.iter().find(|(known, _)| known == name);
        member.map(|(_, value)| value).filter(|value| !matches!(value, Value::Null))
    }

    /// Whether the member stands there, be it as `null`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// A member that must be there and a string.
    pub(crate) fn text(&self, name: &str) -> Result<&str, Error> {
        self.optional_text(name)?.ok_or_else(|| invalid(name))
    }

    /// A member that may be left out, but is a string where it stands.
    pub(crate) fn optional_text(&self, name: &str) -> Result<Option<&str>, Error> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(invalid(name)),
        }
    }

    /// A member that may be left out, but is a list of strings where it stands.
    pub(crate) fn optional_texts(&self, name: &str) -> Result<Option<Vec<&str>>, Error> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::List(items)) => items
                .iter()
                .map(Value::as_text)
                .collect::<Option<_>>()
                .map(Some)
                .ok_or_else(|| invalid(name)),
            Some(_) => Err(invalid(name)),
        }
    }

    /// A member that is `false` when it is left out.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Error> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(value)) => Ok(*value),
            Some(_) => Err(invalid(name)),
        }
    }

    /// A member that must be an object.
    pub(crate) fn object(&self, name: &str) -> Result<&Self, Error> {
        match self.get(name) {
            Some(Value::Object(object)) => Ok(object),
            _ => Err(invalid(name)),
        }
    }

    /// A member that must be a whole number, not negative.
    pub(crate) fn unsigned(&self, name: &str) -> Result<u64, Error> {
        match self.get(name) {
            Some(Value::Unsigned(value)) => Ok(*value),
            _ => Err(invalid(name)),
        }
    }

    /// A member that may be left out, but is such a number where it stands.
    pub(crate) fn optional_unsigned(&self, name: &str) -> Result<Option<u64>, Error> {
        self.get(name).map(|_| self.unsigned(name)).transpose()
    }

    /// What `read` makes of a member that may be left out. It counts as left out where nothing can be made of
    /// it, and `left_out` gets its name.
    pub(crate) fn usable<'a, T>(
        &'a self,
        name: &'static str,
        left_out: &mut Vec<&'static str>,
        read: fn(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let made = read(self.get(name)?);
        if made.is_none() {
            left_out.push(name);
        }
        made
    }

    /// All members.
    pub(crate) fn members(&self) -> &[(String, Value)] {
        &self.0
    }
}

impl Value {
    /// The string, if it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The string, if it is one and not empty.
    pub(crate) fn as_said(&self) -> Option<&str> {
        self.as_text().filter(|text| !text.is_empty())
    }

    /// The strings of a list.
    pub(crate) fn as_texts(&self) -> Option<Vec<&str>> {
        match self {
            Self::List(items) => Some(items.iter().filter_map(Self::as_text).collect()),
            _ => None,
        }
    }
}

/// A whole number that is not negative, also as text, as some providers write it. A fraction is cut off, and
/// what is too large is the largest.
pub(crate) fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Unsigned(number) => Some(*number),
        // `as` saturates.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Value::Fraction(number) if *number >= 0.0 => Some(*number as u64),
        Value::Text(text) if is_digits(text) => Some(text.parse().unwrap_or(u64::MAX)),
        _ => None,
    }
}

/// `true` or `false`, also as text.
pub(crate) fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Text(text) if text == "true" => Some(true),
        Value::Text(text) if text == "false" => Some(false),
        _ => None,
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn invalid(name: &str) -> Error {
    Error::new(ErrorCode::InvalidResponse).about(name)
}

fn code_of(error: &serde_json::Error) -> ErrorCode {
    match error.classify() {
        serde_json::error::Category::Data => ErrorCode::InvalidResponse,
        _ => ErrorCode::NotJson,
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Negative(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Fraction(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        let mut sound = true;
        // Read to its end, whatever it holds: only what is behind it tells whether it is JSON.
        while let Some(item) = list.next_element()? {
            sound = sound && !matches!(item, Value::Unsound);
            if sound {
                items.push(item);
            }
        }
        Ok(if sound { Value::List(items) } else { Value::Unsound })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members: Vec<(String, Value)> = Vec::new();
        let mut sound = true;
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            // In this order: once it is unsound, nothing more is compared.
            sound = sound
                && !matches!(value, Value::Unsound)
                && members.len() < MOST
                && !members.iter().any(|(known, _)| *known == name);
            if sound {
                members.push((name, value));
            }
        }
        Ok(if sound { Value::Object(Object(members)) } else { Value::Unsound })
    }
}

/// Any string, as JSON.
pub(crate) fn json_text(text: &str) -> String {
    // A string can always be written as JSON.
    serde_json::to_string(text).unwrap_or_default()
}

/// A list of any strings, as JSON.
pub(crate) fn json_texts(texts: &[&str]) -> String {
    // A list of strings can always be written as JSON.
    serde_json::to_string(texts).unwrap_or_default()
}

/// Writes a JSON object, member by member.
#[derive(Default)]
pub(crate) struct Writer(String);

impl Writer {
    /// Adds a string.
    pub(crate) fn text(self, name: &str, value: &str) -> Self {
        self.json(name, &json_text(value))
    }

    /// Adds a string, if there is one.
    pub(crate) fn optional_text(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// Adds a number.
    pub(crate) fn number(self, name: &str, value: u64) -> Self {
        self.json(name, &value.to_string())
    }

    /// Adds a number, if there is one.
    pub(crate) fn optional_number(self, name: &str, value: Option<u64>) -> Self {
        match value {
            Some(value) => self.number(name, value),
            None => self,
        }
    }

    /// Adds whether it is so.
    pub(crate) fn flag(self, name: &str, value: bool) -> Self {
        self.json(name, if value { "true" } else { "false" })
    }

    /// Adds a list of strings that need no escapes.
    pub(crate) fn texts(self, name: &str, values: &[&str]) -> Self {
        let list = match values {
            [] => "[]".to_owned(),
            values => ["[\"", &values.join("\",\""), "\"]"].concat(),
        };
        self.json(name, &list)
    }

    /// Adds what is JSON already, if it is there.
    pub(crate) fn optional_json(self, name: &str, json: Option<&str>) -> Self {
        match json {
            Some(json) => self.json(name, json),
            None => self,
        }
    }

    /// Adds what is JSON already. `name` is one of ours and needs no escapes.
    pub(crate) fn json(mut self, name: &str, json: &str) -> Self {
        let separator = if self.0.is_empty() { "{\"" } else { ",\"" };
        for piece in [separator, name, "\":", json] {
            self.0.push_str(piece);
        }
        self
    }

    /// The whole object.
    pub(crate) fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }
}
