//! How messages become text and text becomes messages: both from one list for each of them, which [`message!`]
//! reads.
//!
//! A message is a JSON object. Whatever stands in one is a [`Field`]: the types here, and those that the lists
//! of `command` and `report` make one. No type of a token is one, so that no message has a place for it.

use core::time::Duration;

use crate::browser::fetch::Body;
use crate::browser::timer::milliseconds;
use crate::browser::worker::Parcel;
use crate::protocol::json::{Object, Value, json_text};
use crate::protocol::{
    Claims, Config, Error, ErrorCode, ProviderError, Scope, SecureUrl, UnixTime,
};

/// The member that tells which one of several it is.
const KIND: &str = "kind";

/// What can be, or stand in, a message.
pub(super) trait Field: Sized {
    /// As JSON, behind what the text says already. Bytes are taken out, and sent beside the text.
    fn write(&mut self, to: &mut Parcel);

    /// From what [`Field::write`] wrote, through the same checks as when an app, or a server, gives it. What
    /// was left out is [`Value::Null`]. `None` for anything else.
    fn read(value: &Value, beside: &Beside) -> Option<Self>;
}

/// What a reader has beside the text.
pub(super) struct Beside<'a> {
    body: Option<Body>,
    /// Where the app is that pages to return to must belong to. A vault is never told of any.
    redirect_uri: Option<&'a SecureUrl>,
}

impl Beside<'_> {
    pub(super) const fn body(&self) -> Option<&Body> {
        self.body.as_ref()
    }

    pub(super) const fn redirect_uri(&self) -> Option<&SecureUrl> {
        self.redirect_uri
    }
}

pub(super) fn into_parcel(mut message: impl Field) -> Parcel {
    let mut parcel = Parcel::default();
    message.write(&mut parcel);
    parcel
}

/// The message, if it is one; `app` are the settings of whoever reads, if it has any.
pub(super) fn from_parcel<T: Field>(parcel: Parcel, app: Option<&Config>) -> Option<T> {
    let Parcel { text, body } = parcel;
    let message = Value::Object(Object::parse(&text).ok()?);
    T::read(&message, &Beside { body, redirect_uri: app.map(Config::redirect_uri) })
}

/// Makes a type a [`Field`], by a list of what it consists of. What is missing in a list does not compile:
/// writing takes the type apart, and reading puts it together.
///
/// ```text
/// // An object with these members.
/// message!(struct Start { version, frame, config, entries });
///
/// // One of several, which the member `kind` tells: {"kind":"show","from":"…","url":"…"}. What has no name in
/// // the type has the one that stands here: {"kind":"event","event":…}.
/// message!(enum ToPage {
///     "ready" => Ready,
///     "event" => Event(event),
///     "show" => Show { from, url },
/// });
/// ```
macro_rules! message {
    (struct $type:ident { $($field:ident),* $(,)? }) => {
        impl Field for $type {
            fn write(&mut self, to: &mut Parcel) {
                let Self { $($field),* } = self;
                Writing::new(to)$(.with(stringify!($field), $field))*.finish();
            }

            fn read(value: &Value, beside: &Beside) -> Option<Self> {
                let members = Reading::new(value, beside)?;
                Some(Self { $($field: members.get(stringify!($field))?),* })
            }
        }
    };
    (enum $type:ty {
        $($(#[$if:meta])* $kind:literal => $name:ident $({ $($field:ident),* })? $(($only:ident))?,)*
    }) => {
        impl Field for $type {
            fn write(&mut self, to: &mut Parcel) {
                match self {
                    $($(#[$if])* Self::$name $({ $($field),* })? $(($only))? => {
                        Writing::of($kind, to)
                            $($(.with(stringify!($field), $field))*)?
                            $(.with(stringify!($only), $only))?
                            .finish();
                    })*
                }
            }

            fn read(value: &Value, beside: &Beside) -> Option<Self> {
                let members = Reading::new(value, beside)?;
                Some(match members.kind()? {
                    $($(#[$if])* $kind => Self::$name
                        $({ $($field: members.get(stringify!($field))?),* })?
                        $((members.get(stringify!($only))?))?,)*
                    _ => return None,
                })
            }
        }

        #[cfg(all(test, not(target_arch = "wasm32")))]
        impl $crate::client::vault::codec::Kinds for $type {
            const KINDS: &'static [&'static str] = &[$($(#[$if])* $kind),*];
        }
    };
}
pub(super) use message;

/// All that a list names, so that a test misses none.
#[cfg(all(test, not(target_arch = "wasm32")))]
pub(super) trait Kinds {
    const KINDS: &'static [&'static str];
}

/// An object that is being written.
pub(super) struct Writing<'a>(&'a mut Parcel);

impl<'a> Writing<'a> {
    pub(super) fn new(to: &'a mut Parcel) -> Self {
        to.text.push('{');
        Self(to)
    }

    /// One of several.
    pub(super) fn of(kind: &str, to: &'a mut Parcel) -> Self {
        let Self(to) = Self::new(to).name(KIND);
        write_text(kind, to);
        Self(to)
    }

    pub(super) fn with(self, name: &str, value: &mut impl Field) -> Self {
        let Self(to) = self.name(name);
        value.write(to);
        Self(to)
    }

    pub(super) fn finish(self) {
        self.0.text.push('}');
    }

    /// One of ours, which needs no escapes.
    fn name(self, name: &str) -> Self {
        let Self(to) = self;
        let separator = if to.text.ends_with('{') { "\"" } else { ",\"" };
        for piece in [separator, name, "\":"] {
            to.text.push_str(piece);
        }
        Self(to)
    }
}

/// An object that is being read.
pub(super) struct Reading<'a> {
    members: &'a Object,
    beside: &'a Beside<'a>,
}

impl<'a> Reading<'a> {
    pub(super) const fn new(value: &'a Value, beside: &'a Beside) -> Option<Self> {
        match value {
            Value::Object(members) => Some(Self { members, beside }),
            _ => None,
        }
    }

    pub(super) fn kind(&self) -> Option<&str> {
        self.members.text(KIND).ok()
    }

    pub(super) fn get<T: Field>(&self, name: &str) -> Option<T> {
        T::read(self.members.get(name).unwrap_or(&Value::Null), self.beside)
    }
}

pub(super) fn write_text(text: &str, to: &mut Parcel) {
    to.text.push_str(&json_text(text));
}

pub(super) fn write_optional(value: Option<&mut impl Field>, to: &mut Parcel) {
    match value {
        Some(value) => value.write(to),
        None => to.text.push_str("null"),
    }
}

impl Field for String {
    fn write(&mut self, to: &mut Parcel) {
        write_text(self, to);
    }

    fn read(value: &Value, _: &Beside) -> Option<Self> {
        value.as_text().map(str::to_owned)
    }
}

impl Field for bool {
    fn write(&mut self, to: &mut Parcel) {
        to.text.push_str(if *self { "true" } else { "false" });
    }

    fn read(value: &Value, _: &Beside) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }
}

impl Field for u64 {
    fn write(&mut self, to: &mut Parcel) {
        to.text.push_str(&self.to_string());
    }

    fn read(value: &Value, _: &Beside) -> Option<Self> {
        match value {
            Value::Unsigned(value) => Some(*value),
            _ => None,
        }
    }
}

impl Field for Duration {
    fn write(&mut self, to: &mut Parcel) {
        u64::from(milliseconds(*self)).write(to);
    }

    fn read(value: &Value, beside: &Beside) -> Option<Self> {
        u64::read(value, beside).map(Self::from_millis)
    }
}

impl Field for u16 {
    fn write(&mut self, to: &mut Parcel) {
        u64::from(*self).write(to);
    }

    fn read(value: &Value, beside: &Beside) -> Option<Self> {
        u64::read(value, beside)?.try_into().ok()
    }
}

/// What stands there and can't be read is not left out: the message is none.
impl<T: Field> Field for Option<T> {
    fn write(&mut self, to: &mut Parcel) {
        write_optional(self.as_mut(), to);
    }

    fn read(value: &Value, beside: &Beside) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::read(value, beside).map(Some),
        }
    }
}

impl<T: Field> Field for Vec<T> {
    fn write(&mut self, to: &mut Parcel) {
        to.text.push('[');
        for (index, item) in self.iter_mut().enumerate() {
            if index > 0 {
                to.text.push(',');
            }
            item.write(to);
        }
        to.text.push(']');
    }

    fn read(value: &Value, beside: &Beside) -> Option<Self> {
        match value {
            Value::List(items) => items.iter().map(|item| T::read(item, beside)).collect(),
            _ => None,
        }
    }
}

impl Field for (String, String) {
    fn write(&mut self, to: &mut Parcel) {
        to.text.push('[');
        self.0.write(to);
        to.text.push(',');
        self.1.write(to);
        to.text.push(']');
    }

    fn read(value: &Value, beside: &Beside) -> Option<Self> {
        let pair: [String; 2] = Vec::read(value, beside)?.try_into().ok()?;
        Some(pair.into())
    }
}

impl Field for UnixTime {
    fn write(&mut self, to: &mut Parcel) {
        self.0.write(to);
    }

    fn read(value: &Value, beside: &Beside) -> Option<Self> {
        u64::read(value, beside).map(Self)
    }
}

impl Field for Scope {
    fn write(&mut self, to: &mut Parcel) {
        self.joined().write(to);
    }

    fn read(value: &Value, _: &Beside) -> Option<Self> {
        Self::parse(value.as_text()?).ok()
    }
}

/// As text, to the letter as the provider wrote them.
impl Field for Claims {
    fn write(&mut self, to: &mut Parcel) {
        write_text(self.to_json(), to);
    }

    fn read(value: &Value, _: &Beside) -> Option<Self> {
        Self::parse(value.as_text()?).ok()
    }
}

impl Field for Config {
    fn write(&mut self, to: &mut Parcel) {
        to.text.push_str(&self.to_json());
    }

    fn read(value: &Value, _: &Beside) -> Option<Self> {
        match value {
            Value::Object(settings) => Self::from_object(settings).ok(),
            _ => None,
        }
    }
}

impl Field for ErrorCode {
    fn write(&mut self, to: &mut Parcel) {
        write_text(self.as_str(), to);
    }

    fn read(value: &Value, _: &Beside) -> Option<Self> {
        Self::parse(value.as_text()?)
    }
}

impl Field for ProviderError {
    fn write(&mut self, to: &mut Parcel) {
        let Self { error, description } = self;
        Writing::new(to).with("error", error).with("description", description).finish();
    }

    fn read(value: &Value, beside: &Beside) -> Option<Self> {
        let members = Reading::new(value, beside)?;
        let description: Option<String> = members.get("description")?;
        Some(Self::new(&members.get::<String>("error")?, description.as_deref()))
    }
}

impl Field for Error {
    fn write(&mut self, to: &mut Parcel) {
        Writing::new(to)
            .with("code", &mut self.code())
            .with("subject", &mut self.subject().map(str::to_owned))
            .with("provider", &mut self.provider().cloned())
            .with("retry_after", &mut self.wanted_pause())
            .finish();
    }

    fn read(value: &Value, beside: &Beside) -> Option<Self> {
        let members = Reading::new(value, beside)?;
        let mut error = Self::new(members.get("code")?).retry_after(members.get("retry_after")?);
        if let Some(subject) = members.get::<Option<String>>("subject")? {
            error = error.about(&subject);
        }
        if let Some(said) = members.get("provider")? {
            error = error.said(said);
        }
        Some(error)
    }
}
