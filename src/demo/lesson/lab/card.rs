//! A request and its answer, as they were. What proves something is shown only to who asks for it.

use leptos::prelude::*;

use super::forms::{is_secret, pairs};
use crate::components::elements::{
    attribute, button, dynamic, element, group, mark, nothing, text,
};
use crate::demo::recording::{Answer, Entry, Kind, Outcome};
use crate::demo::words::Words;

/// More of a value than a person reads.
const LONGEST: usize = 600;

pub(super) fn exchange(words: Words, entry: &Entry, outcome: ArcRwSignal<Outcome>) -> AnyView {
    let (address, query) = entry.url.split_once('?').unwrap_or((&entry.url, ""));
    let title = match entry.kind {
        Kind::Request => entry.method.as_str(),
        Kind::Redirect => words.say("The window goes to", "ウィンドウの移動先"),
        Kind::Callback => words.say("The page that opens", "開かれるページ"),
    };
    let request = vec![
        element("b", vec![], vec![text(title)]),
        text(" "),
        element("span", vec![attribute("class", "value")], vec![text(address)]),
    ];
    let headers = entry.headers.iter().filter(|(name, _)| is_secret(name)).cloned();
    let sent = headers.chain(pairs(query)).chain(pairs(&entry.body)).collect::<Vec<_>>();
    let answer = dynamic(move || match outcome.get() {
        Outcome::None => nothing(),
        Outcome::Failed => failed(words),
        Outcome::Answer(answer) => answered(words, &answer),
    });
    element(
        "div",
        vec![attribute("class", "exchange"), mark("exchange")],
        vec![
            element("p", vec![attribute("class", "request")], request),
            parameters(words, sent),
            answer,
        ],
    )
}

fn failed(words: Words) -> AnyView {
    let said = words.say(
        "There was no answer that this page may see.",
        "このページから見える応答はありませんでした。",
    );
    element("p", vec![attribute("class", "response")], vec![text(said)])
}

fn answered(words: Words, answer: &Answer) -> AnyView {
    let is_good = answer.status < 400;
    let status = vec![
        attribute("class", if is_good { "status good" } else { "status bad" }),
        mark("status"),
    ];
    let line = vec![
        element("b", status, vec![text(answer.status.to_string())]),
        text([" ", reason(answer.status), " · ", &answer.took.to_string(), " ms"].concat()),
    ];
    let headers = answer.headers.iter().cloned();
    let said = headers.chain(pairs(&answer.body)).collect::<Vec<_>>();
    group(vec![element("p", vec![attribute("class", "response")], line), parameters(words, said)])
}

/// What a status is called (RFC 9110 section 15).
const fn reason(status: u64) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        _ => "",
    }
}

pub(super) fn parameters(words: Words, pairs: Vec<(String, String)>) -> AnyView {
    if pairs.is_empty() {
        return nothing();
    }
    let rows = pairs.into_iter().map(|(name, value)| row(words, name, value)).collect();
    element("dl", vec![attribute("class", "parameters")], rows)
}

fn row(words: Words, name: String, value: String) -> AnyView {
    let shown = match is_secret(&name) && !value.is_empty() {
        true => secret(words, &name, value),
        false => plain(&value),
    };
    let name = element("dt", vec![], vec![element("code", vec![], vec![text(name)])]);
    element("div", vec![], vec![name, element("dd", vec![], vec![shown])])
}

fn plain(value: &str) -> AnyView {
    let cut: String = value.chars().take(LONGEST).collect();
    let end = if cut.len() < value.len() { "…" } else { "" };
    element("code", vec![attribute("class", "value")], vec![text([&cut, end].concat())])
}

/// The scheme of a header is no secret, what follows it is.
fn secret(words: Words, name: &str, value: String) -> AnyView {
    let is_shown = RwSignal::new(false);
    let hidden = match value.split_once(' ') {
        Some((scheme, _)) => [scheme, " ••••••••"].concat(),
        None => "••••••••".to_owned(),
    };
    let masked = move || match is_shown.get() {
        true => element("code", vec![attribute("class", "value")], vec![text(value.clone())]),
        false => {
            element("code", vec![attribute("class", "value masked")], vec![text(hidden.clone())])
        }
    };
    let label = dynamic(move || match is_shown.get() {
        true => text(words.say("Hide", "隠す")),
        false => text(words.say("Show", "表示")),
    });
    let unseen =
        element("span", vec![attribute("class", "unseen")], vec![text([" ", name].concat())]);
    let quiet = vec![attribute("class", "quiet")];
    let toggle = move |_| is_shown.update(|shown| *shown = !*shown);
    group(vec![dynamic(masked), button("show", group(vec![label, unseen]), quiet, toggle)])
}
