//! A request and its answer as cards: each part on a line of its own, with what it is for.

use leptos::prelude::*;

use super::explain::{Place, meaning};
use super::message::{self, Line, ReadToken};
use super::secret::Secrets;
use super::story::What;
use super::telling::duration;
use crate::components::elements::{attribute, element, group, mark, nothing, text};
use crate::demo::recording::{Answer, Entry};
use crate::demo::words::Words;

/// How many lines without a meaning are shown at once.
const MOST_OTHERS: usize = 4;

/// What the app makes up for a sign-in, as far as it tells.
const MADE_UP: [&str; 3] = ["state", "nonce", "code_challenge"];

/// A request, or where the browser went.
pub(super) fn request(secrets: Secrets, what: What, entry: &Entry) -> AnyView {
    let words = secrets.words();
    let request = message::request(what, entry);
    let line = vec![
        element("b", vec![], vec![text(request.method)]),
        text(" "),
        element("span", vec![attribute("class", "value")], vec![text(request.address)]),
    ];
    card(vec![
        with_class("p", "request", line),
        lines(secrets, words.say("Parameters", "パラメーター"), request.parameters),
        lines(secrets, words.say("Headers", "ヘッダー"), request.headers),
    ])
}

/// What the app has made up for the request.
pub(super) fn preparation(secrets: Secrets, entry: &Entry) -> AnyView {
    let words = secrets.words();
    let parameters = message::request(What::Push, entry).parameters.into_iter();
    let made_up = parameters.filter(|line| MADE_UP.contains(&&*line.name)).collect();
    let verifier = words.say(
        "The verifier is not among them: this tab keeps it until the token request. Here is its hash, the \
         challenge.",
        "verifierは含まれていません。トークンリクエストまでこのタブから出ないからです。ここにあるのは\
         そのハッシュ、challengeです。",
    );
    card(vec![
        lines(
            secrets,
            words.say("Made up for this sign-in", "このサインインのために作った値"),
            made_up,
        ),
        element("p", vec![], vec![text(verifier)]),
    ])
}

/// An answer.
pub(super) fn answer(secrets: Secrets, what: What, answer: &Answer) -> AnyView {
    let words = secrets.words();
    let reply = message::reply(what, answer);
    let body = reply.text.map_or_else(nothing, |body| with_class("p", "value", vec![text(body)]));
    card(vec![
        status(words, answer),
        lines(secrets, words.say("Body", "本文"), reply.members),
        body,
        lines(secrets, words.say("Headers", "ヘッダー"), reply.headers),
    ])
}

fn status(words: Words, answer: &Answer) -> AnyView {
    with_class("p", "response", status_parts(words, answer))
}

/// The status of an answer, and how long it took to come.
pub(super) fn status_parts(words: Words, answer: &Answer) -> Vec<AnyView> {
    let class = match answer.status {
        200..300 => "status good",
        _ => "status bad",
    };
    let took = duration(words, answer.took);
    vec![
        with_class("b", class, vec![text(answer.status.to_string())]),
        text([" ", reason(answer.status), " "].concat()),
        with_class("span", "time", vec![text(took)]),
    ]
}

/// What HTTP calls a status (RFC 9110 section 15); browsers don't say.
const fn reason(status: u64) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

fn card(parts: Vec<AnyView>) -> AnyView {
    with_class("div", "exchange", parts)
}

/// Names, values, and what they are for. Nothing where there are none.
fn lines(secrets: Secrets, title: &'static str, lines: Vec<Line>) -> AnyView {
    if lines.is_empty() {
        return nothing();
    }
    let is_known = |line: &Line| line.is_secret || meaning(line.place, &line.name).is_some();
    let (mut shown, mut others): (Vec<_>, Vec<_>) = lines.into_iter().partition(is_known);
    if others.len() <= MOST_OTHERS {
        shown.append(&mut others);
    }
    let others = if others.is_empty() { nothing() } else { folded(secrets, &others) };
    let title = with_class("p", "label", vec![text(title)]);
    with_class("div", "part", vec![title, list(secrets, &shown), others])
}

fn list(secrets: Secrets, lines: &[Line]) -> AnyView {
    if lines.is_empty() {
        return nothing();
    }
    with_class("dl", "parameters", lines.iter().map(|known| line(secrets, known)).collect())
}

/// Lines that are there, and not what this is about.
fn folded(secrets: Secrets, lines: &[Line]) -> AnyView {
    let words = secrets.words();
    let count = lines.len().to_string();
    let said = [words.say("Also there: ", "ほかに"), &count, words.say(" more", "項目")].concat();
    element(
        "details",
        vec![],
        vec![element("summary", vec![], vec![text(said)]), list(secrets, lines)],
    )
}

fn line(secrets: Secrets, line: &Line) -> AnyView {
    let value = match line.is_secret {
        true => secrets.value(&line.name, &line.value),
        false => element("code", vec![attribute("class", "value")], vec![text(line.value.clone())]),
    };
    let token = line.token.as_ref().map_or_else(nothing, |token| read(secrets, line, token));
    let name = element("code", vec![], vec![text(line.name.clone())]);
    let parts = vec![value, purpose(secrets.words(), line), token];
    let attributes = vec![mark("line"), attribute("data-name", line.name.clone())];
    element(
        "div",
        attributes,
        vec![element("dt", vec![], vec![name]), element("dd", vec![], parts)],
    )
}

/// What it is for, and where that is written down.
fn purpose(words: Words, line: &Line) -> AnyView {
    let Some(known) = meaning(line.place, &line.name) else { return nothing() };
    let link = vec![
        attribute("href", known.source.address()),
        // What was recorded of this sign-in would go with the page.
        attribute("target", "_blank"),
        attribute("rel", "noopener"),
    ];
    let link = element("a", link, vec![text(known.source.label(words))]);
    let said = words.say(known.english, known.japanese);
    element("p", vec![], vec![text(said), text(words.say(" ", "")), link])
}

/// What is in a signed token.
fn read(secrets: Secrets, line: &Line, token: &ReadToken) -> AnyView {
    let words = secrets.words();
    let verified = match line.place {
        Place::TokenAnswer => words.say(
            "Taken apart for reading. The app believed it only after the browser had verified the signature.",
            "読むために分解したものです。アプリは、ブラウザーが署名を検証するまで中身を信用していません。",
        ),
        _ => words.say(
            "Taken apart for reading. The app has signed it with its own key.",
            "読むために分解したものです。アプリが自分の鍵で署名しました。",
        ),
    };
    let signature = with_class(
        "p",
        "signature",
        vec![
            text(words.say("Signature: ", "署名：")),
            secrets.value(words.say("signature", "署名"), &token.signature),
        ],
    );
    group(vec![
        element("p", vec![], vec![text(verified)]),
        with_class(
            "div",
            "token",
            vec![
                lines(secrets, words.say("Header", "ヘッダー"), token.header.clone()),
                lines(secrets, words.say("Claims", "クレーム"), token.claims.clone()),
                signature,
            ],
        ),
    ])
}

/// An element with a class.
pub(super) fn with_class(tag: &'static str, class: &'static str, inside: Vec<AnyView>) -> AnyView {
    element(tag, vec![attribute("class", class)], inside)
}
