//! What the app's inspector writes down of this browser's own sign-in, and the lesson shows.
//!
//! It holds secrets: a code, a verifier, tokens. So it stays in the page's memory; what goes through session
//! storage while the page is at the provider is `Recording::without_secrets`. Writing is the app's business alone.

#[cfg(any(feature = "demo", test))]
mod writing;

use crate::browser::clock;
use crate::browser::fetch::FetchRequest;
use crate::protocol::json::{Object, Value};
use crate::protocol::{Error, ErrorCode, ServerResponse};

/// In the place of what does not leave the page's memory.
pub(crate) const NOT_KEPT: &str = "…";

/// Where a sign-in waits for the person, who takes it step by step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Before the page is left for the authorization server.
    Redirect,
    /// Before the answer in the address is looked at.
    Callback,
    /// Before the code is exchanged for a token.
    Exchange,
    /// Before the profile is asked for.
    Profile,
}

impl Stop {
    const ALL: [(Self, &str); 4] = [
        (Self::Redirect, "redirect"),
        (Self::Callback, "callback"),
        (Self::Exchange, "exchange"),
        (Self::Profile, "profile"),
    ];

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(stop, _)| *stop)
    }
}

/// What kind of step it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A request of the app, with its answer.
    Request,
    /// The page was left for this address.
    Redirect,
    /// The page was opened with an answer in its address.
    Callback,
}

impl Kind {
    const ALL: [(Self, &str); 3] =
        [(Self::Request, "request"), (Self::Redirect, "redirect"), (Self::Callback, "callback")];
}

/// A step of the sign-in, as it happened.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    /// When it began, in milliseconds since 1970.
    pub(crate) at: u64,
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) outcome: Outcome,
}

/// What became of a request.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is under way, or needs no answer.
    None,
    /// There was an answer.
    Answer(Answer),
    /// There was none that the page may see.
    Failed,
}

/// An answer.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u64,
    /// How long it took to come, in milliseconds.
    pub(crate) took: u64,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// A sign-in, step by step.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Recording {
    pub(crate) entries: Vec<Entry>,
    /// Whether the person takes it step by step.
    pub(crate) is_stepwise: bool,
    /// Where it waits for them.
    pub(crate) waiting: Option<Stop>,
}

impl Recording {
    /// # Errors
    ///
    /// [`ErrorCode::InvalidResponse`] for anything else than what [`Recording::to_json`] gave.
    pub(crate) fn from_json(text: &str) -> Result<Self, Error> {
        let object = Object::parse(text)?;
        let Some(Value::List(entries)) = object.get("entries") else { return Err(unreadable()) };
        Ok(Self {
            entries: entries.iter().map(Entry::read).collect::<Result<_, _>>()?,
            is_stepwise: object.flag("stepwise")?,
            waiting: object.optional_text("waiting")?.and_then(Stop::parse),
        })
    }
}

impl Entry {
    /// A request that leaves now.
    pub(crate) fn of(request: &FetchRequest) -> Self {
        let headers = request.headers.iter();
        let body = request.body.as_ref().and_then(|body| body.bytes()).unwrap_or_default();
        Self {
            method: request.method.as_str().to_owned(),
            headers: headers
                .map(|(name, value)| (name.clone().into_owned(), value.clone()))
                .collect(),
            body: String::from_utf8_lossy(body).into_owned(),
            ..Self::opening(Kind::Request, &request.url)
        }
    }

    /// An address that is opened now.
    pub(crate) fn opening(kind: Kind, url: &str) -> Self {
        Self {
            kind,
            at: clock::milliseconds(),
            method: "GET".to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: String::new(),
            outcome: Outcome::None,
        }
    }

    fn read(value: &Value) -> Result<Self, Error> {
        let Value::Object(object) = value else { return Err(unreadable()) };
        let kind = object.text("kind")?;
        let kind = Kind::ALL.iter().find(|(_, name)| *name == kind).ok_or_else(unreadable)?.0;
        let outcome = match object.get("answer") {
            Some(Value::Object(answer)) => Outcome::Answer(Answer::read(answer)?),
            _ if object.flag("failed")? => Outcome::Failed,
            _ => Outcome::None,
        };
        Ok(Self {
            kind,
            at: object.unsigned("at")?,
            method: object.text("method")?.to_owned(),
            url: object.text("url")?.to_owned(),
            headers: pairs(object)?,
            body: object.text("body")?.to_owned(),
            outcome,
        })
    }
}

impl Answer {
    /// An answer, with those of its headers that tell something.
    pub(crate) fn of(response: &ServerResponse, took: u64) -> Self {
        let headers = [
            ("WWW-Authenticate", &response.www_authenticate),
            ("DPoP-Nonce", &response.dpop_nonce),
        ];
        let headers = headers.into_iter();
        Self {
            status: response.status.into(),
            took,
            headers: headers
                .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)))
                .collect(),
            body: String::from_utf8_lossy(&response.body).into_owned(),
        }
    }

    /// # Errors
    ///
    /// [`ErrorCode::InvalidResponse`] for anything else than what [`Answer::to_json`] gave.
    #[cfg(feature = "lesson")]
    pub(crate) fn from_json(text: &str) -> Result<Self, Error> {
        Self::read(&Object::parse(text)?)
    }

    /// A header.
    #[cfg(feature = "lesson")]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    fn read(object: &Object) -> Result<Self, Error> {
        Ok(Self {
            status: object.unsigned("status")?,
            took: object.unsigned("took")?,
            headers: pairs(object)?,
            body: object.text("body")?.to_owned(),
        })
    }
}

fn pairs(object: &Object) -> Result<Vec<(String, String)>, Error> {
    let Some(Value::List(items)) = object.get("headers") else { return Err(unreadable()) };
    let read = |item: &Value| match item {
        Value::Object(pair) => Ok((pair.text("name")?.to_owned(), pair.text("value")?.to_owned())),
        _ => Err(unreadable()),
    };
    items.iter().map(read).collect()
}

fn unreadable() -> Error {
    ErrorCode::InvalidResponse.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            kind: Kind::Request,
            at: 1_796_000_000_123,
            method: "POST".to_owned(),
            url: "https://id.example/par?a=\"b\"".to_owned(),
            headers: vec![("DPoP".to_owned(), "proof".to_owned())],
            body: "client_id=app&code_challenge=x".to_owned(),
            outcome: Outcome::Answer(Answer {
                status: 201,
                took: 12,
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                body: "{\"request_uri\":\"urn:x\"}\n".to_owned(),
            }),
        }
    }

    #[test]
    fn a_recording_survives_the_way_through_text() {
        let redirect = Entry { kind: Kind::Redirect, outcome: Outcome::None, ..entry() };
        let failed = Entry { outcome: Outcome::Failed, ..entry() };
        let recording = Recording {
            entries: vec![entry(), redirect, failed],
            is_stepwise: true,
            waiting: Some(Stop::Exchange),
        };
        assert!(Recording::from_json(&recording.to_json()) == Ok(recording));
        assert!(Recording::from_json(&Recording::default().to_json()) == Ok(Recording::default()));
    }

    #[test]
    fn what_is_no_recording_is_none() {
        for text in ["", "{}", "[]", r#"{"entries":[{"kind":"theft"}]}"#, r#"{"entries":[1]}"#] {
            assert!(Recording::from_json(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_proof_does_not_leave_the_memory() {
        let recording = Recording { entries: vec![entry()], ..Recording::default() };
        assert!(!recording.without_secrets().to_json().contains("proof"));
        assert!(recording.to_json().contains("proof"));
    }
}
