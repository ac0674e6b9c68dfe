//! A request and its answer, as they were. One line says it; the rest opens.

use leptos::prelude::*;

use crate::components::elements::{
    attribute, dynamic, dynamic_attribute, element, group, mark, nothing, text,
};
use crate::demo::lesson::exchange::{status_parts, with_class};
use crate::demo::lesson::message::{self, Line};
use crate::demo::lesson::secret::Secrets;
use crate::demo::lesson::story::What;
use crate::demo::recording::{Answer, Entry, Kind, Outcome};

/// Of the headers, those that prove something, or say what is missing.
const HEADERS: [&str; 4] = ["Authorization", "DPoP", "WWW-Authenticate", "DPoP-Nonce"];

pub(super) fn exchange(
    secrets: Secrets,
    entry: &Entry,
    is_open: bool,
    outcome: ArcRwSignal<Outcome>,
) -> AnyView {
    let words = secrets.words();
    let what = what(entry);
    let request = message::request(what, entry);
    let title = match entry.kind {
        Kind::Request => request.method,
        Kind::Redirect => words.say("The window goes to", "ウィンドウの移動先").to_owned(),
        Kind::Callback => words.say("The page that opens", "開かれるページ").to_owned(),
    };
    let (brief, ending) = (outcome.clone(), outcome.clone());
    let summary = vec![
        with_class("b", "method", vec![text(title)]),
        with_class("span", "value", vec![text(request.address)]),
        dynamic(move || match brief.get() {
            Outcome::Answer(answer) => with_class("span", "ends", status_parts(words, &answer)),
            _ => nothing(),
        }),
    ];
    let answer = dynamic(move || match outcome.get() {
        Outcome::None => nothing(),
        Outcome::Failed => with_class(
            "p",
            "response",
            vec![text(words.say(
                "There was no answer that this page may see.",
                "このページから見える応答はありませんでした。",
            ))],
        ),
        Outcome::Answer(answer) => answered(secrets, what, &answer),
    });
    let open = dynamic_attribute("open", move || {
        let is_refused = matches!(&ending.get(), Outcome::Answer(answer) if answer.status >= 400);
        (is_open || is_refused).then(String::new)
    });
    let attributes = vec![attribute("class", "exchange"), mark("exchange"), open];
    element(
        "details",
        attributes,
        vec![
            element("summary", vec![attribute("class", "request")], summary),
            lines(secrets, told(request.parameters, request.headers)),
            answer,
        ],
    )
}

/// What it is, as far as that tells which of its values are secret.
fn what(entry: &Entry) -> What {
    match (entry.kind, entry.method.as_str()) {
        (Kind::Redirect, _) => What::Redirect,
        (Kind::Callback, _) => What::Callback,
        (Kind::Request, "POST") => What::Exchange,
        (Kind::Request, _) => What::Api,
    }
}

fn answered(secrets: Secrets, what: What, answer: &Answer) -> AnyView {
    let reply = message::reply(what, answer);
    let body = reply.text.map_or_else(nothing, |body| with_class("p", "value", vec![text(body)]));
    let title = secrets.words().say("The answer", "応答");
    group(vec![
        with_class("p", "label", vec![text(title)]),
        lines(secrets, told(reply.members, reply.headers)),
        body,
    ])
}

fn told(mut lines: Vec<Line>, headers: Vec<Line>) -> Vec<Line> {
    let is_told = |name: &str| HEADERS.iter().any(|known| name.eq_ignore_ascii_case(known));
    lines.extend(headers.into_iter().filter(|line| is_told(&line.name)));
    lines
}

fn lines(secrets: Secrets, lines: Vec<Line>) -> AnyView {
    let shown = |line: Line| match line.is_secret && !line.value.is_empty() {
        true => (secret(secrets, &line), line.name),
        false => (with_class("code", "value", vec![text(line.value)]), line.name),
    };
    rows(lines.into_iter().map(shown).collect())
}

/// Of credentials, the scheme is no secret (RFC 9110 section 11.4), and says a lot.
fn secret(secrets: Secrets, line: &Line) -> AnyView {
    let Some((scheme, token)) = line.value.split_once(' ') else {
        return secrets.value(&line.name, &line.value);
    };
    let scheme = with_class("code", "value", vec![text(scheme)]);
    group(vec![scheme, text(" "), secrets.value(&line.name, token)])
}

/// What people read rather than compare.
pub(super) fn facts(pairs: Vec<(String, String)>) -> AnyView {
    rows(pairs.into_iter().map(|(name, value)| (text(value), name)).collect())
}

/// Names and values.
pub(super) fn values(pairs: Vec<(String, String)>) -> AnyView {
    let shown =
        |(name, value): (String, String)| (with_class("code", "value", vec![text(value)]), name);
    rows(pairs.into_iter().map(shown).collect())
}

fn rows(rows: Vec<(AnyView, String)>) -> AnyView {
    if rows.is_empty() {
        return nothing();
    }
    let row = |(value, name): (AnyView, String)| {
        let attributes = vec![mark("line"), attribute("data-name", name.clone())];
        let name = element("dt", vec![], vec![text(name)]);
        element("div", attributes, vec![name, element("dd", vec![], vec![value])])
    };
    with_class("dl", "parameters", rows.into_iter().map(row).collect())
}
