//! The app's half: a recording as text.

use super::{Answer, Entry, Kind, NOT_KEPT, Outcome, Recording, Stop};
use crate::protocol::json::Writer;

/// Headers that prove something.
const SECRET_HEADERS: [&str; 2] = ["Authorization", "DPoP"];

impl Recording {
    /// What may be kept in session storage: nothing that proves anything, no token, no code.
    pub(crate) fn without_secrets(&self) -> Self {
        let mut copy = self.clone();
        for entry in &mut copy.entries {
            for (name, value) in &mut entry.headers {
                if SECRET_HEADERS.iter().any(|secret| name.eq_ignore_ascii_case(secret)) {
                    NOT_KEPT.clone_into(value);
                }
            }
        }
        copy
    }

    pub(crate) fn to_json(&self) -> String {
        let entries: Vec<String> = self.entries.iter().map(Entry::to_json).collect();
        Writer::default()
            .flag("stepwise", self.is_stepwise)
            .optional_text("waiting", self.waiting.map(Stop::name))
            .json("entries", &list(&entries))
            .finish()
    }
}

impl Stop {
    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(stop, _)| *stop == self).map_or("", |(_, name)| name)
    }
}

impl Entry {
    fn to_json(&self) -> String {
        let kind = Kind::ALL.iter().find(|(kind, _)| *kind == self.kind);
        let written = Writer::default()
            .text("kind", kind.map_or("", |(_, name)| name))
            .number("at", self.at)
            .text("method", &self.method)
            .text("url", &self.url)
            .json("headers", &pairs_to_json(&self.headers))
            .text("body", &self.body);
        match &self.outcome {
            Outcome::None => written.finish(),
            Outcome::Failed => written.flag("failed", true).finish(),
            Outcome::Answer(answer) => written.json("answer", &answer.to_json()).finish(),
        }
    }
}

impl Answer {
    pub(crate) fn to_json(&self) -> String {
        Writer::default()
            .number("status", self.status)
            .number("took", self.took)
            .json("headers", &pairs_to_json(&self.headers))
            .text("body", &self.body)
            .finish()
    }
}

fn pairs_to_json(pairs: &[(String, String)]) -> String {
    let written = pairs.iter();
    let written = written
        .map(|(name, value)| Writer::default().text("name", name).text("value", value).finish());
    list(&written.collect::<Vec<_>>())
}

fn list(items: &[String]) -> String {
    ["[", &items.join(","), "]"].concat()
}
