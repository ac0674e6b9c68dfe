//! The island `compared`: what the server's token endpoint compared for this sign-in, in its own words.

use core::time::Duration;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::app::App;
use super::exchange::with_class;
use super::hash::{self, Compared};
use super::message::parameter;
use super::story::{authorization_request, token_request};
use crate::browser::fetch::{self, FetchRequest, Method};
use crate::components::elements::{attribute, dynamic, element, group, mark, nothing, text};
use crate::demo::recording::Outcome;
use crate::demo::settings::Settings;
use crate::demo::words::Words;

/// How long the server has for its answer, and how long that may be, in bytes.
const TIMEOUT: Duration = Duration::from_secs(10);
const LARGEST: usize = 256 << 10;

/// What is known of it.
#[derive(Clone, PartialEq, Eq)]
enum Known {
    Asking,
    Unanswered,
    Told(Vec<Compared>),
}

/// What this page sent.
#[derive(Clone, PartialEq, Eq)]
struct Sent {
    challenge: String,
    verifier: String,
}

pub(super) fn compared(app: App, _case: &str) -> AnyView {
    let words = app.words;
    let Some(server) = server() else { return not_told(words) };
    let known = RwSignal::new(Known::Asking);
    let sent = Memo::new(move |_| sent(app));
    let asked = StoredValue::new(server);
    Effect::new(move |_| {
        let Some(sent) = sent.get() else { return };
        let url = [&asked.get_value(), "/_compared?challenge=", &sent.challenge].concat();
        known.set(Known::Asking);
        spawn_local(async move {
            let told = ask(url).await;
            // The person may have gone to another page meanwhile.
            known.try_set(told.map_or(Known::Unanswered, Known::Told));
        });
    });
    dynamic(move || match sent.get() {
        None => nobody(words),
        Some(sent) => panes(words, &sent, &known.get()),
    })
}

/// The server that tells: only that of the demo does.
fn server() -> Option<String> {
    let settings = Settings::of_page().ok()?;
    settings.lesson()?;
    Some(settings.issuer()?.trim_end_matches('/').to_owned())
}

/// What was sent, as soon as the server has answered.
fn sent(app: App) -> Option<Sent> {
    let recording = app.recording();
    let exchange = token_request(&recording).filter(|entry| entry.outcome != Outcome::None)?;
    Some(Sent {
        challenge: parameter(authorization_request(&recording)?, "code_challenge")?,
        verifier: parameter(exchange, "code_verifier")?,
    })
}

async fn ask(url: String) -> Option<Vec<Compared>> {
    let request = FetchRequest {
        method: Method::GET,
        url,
        headers: vec![("Accept".into(), "application/json".to_owned())],
        body: None,
        timeout: TIMEOUT,
        largest_body: LARGEST,
        keepalive: false,
        signal: None,
    };
    let mut answer = fetch::open(request).await.ok().filter(|answer| answer.status == 200)?;
    let body = String::from_utf8(answer.rest().await.ok()?).ok()?;
    hash::compared(&body)
}

fn not_told(words: Words) -> AnyView {
    let said = words.say(
        "Your provider does not tell what it compares: that is between it and the app. The test provider of \
         this demo does.",
        "このプロバイダーは、何を比べたかを教えてくれません。デモに付属するテスト用プロバイダーなら教えてくれます。",
    );
    with_class("p", "without", vec![text(said)])
}

fn nobody(words: Words) -> AnyView {
    let said = words.say(
        "When you have signed in, the server’s own record of it stands here. It is asked for by the challenge, \
         which this page forgets when it is loaded anew.",
        "サインインすると、サーバー自身の記録がここに表示されます。challengeを使って問い合わせますが、\
         ページを再読み込みするとchallengeは失われます。",
    );
    with_class("p", "without", vec![text(said)])
}

fn panes(words: Words, sent: &Sent, known: &Known) -> AnyView {
    let server =
        match known {
            Known::Asking => {
                let line = vec![mark("busy"), attribute("role", "status")];
                element(
                    "p",
                    line,
                    vec![text(words.say("Asking the server…", "サーバーに問い合わせています…"))],
                )
            }
            Known::Unanswered => paragraph(
                words.say("The server did not answer.", "サーバーからの応答がありませんでした。"),
            ),
            Known::Told(told) if told.is_empty() => paragraph(words.say(
                "The server has no record of it any more.",
                "サーバーにはもう記録がありません。",
            )),
            Known::Told(told) => group(told.iter().map(|told| record(words, told)).collect()),
        };
    let heading = |said: &'static str| element("h3", vec![], vec![text(said)]);
    let app = with_class(
        "div",
        "pane app",
        vec![
            heading(words.say("What this app sent", "このアプリが送った値")),
            facts(vec![
                (
                    words.say("First: code_challenge", "はじめに：code_challenge"),
                    sent.challenge.clone(),
                ),
                (words.say("Then: code_verifier", "次に：code_verifier"), sent.verifier.clone()),
            ]),
        ],
    );
    let server = element(
        "div",
        vec![mark("compared"), attribute("class", "pane server")],
        vec![heading(words.say("What the server compared", "サーバーが比べた値")), server],
    );
    with_class("div", "panes", vec![app, server])
}

/// One comparison.
fn record(words: Words, told: &Compared) -> AnyView {
    let presented = told.presented.clone();
    let none_came = words.say("no verifier came", "verifierは届きませんでした");
    let method =
        [words.say("Kept: code_challenge, ", "保管していた値：code_challenge、"), &told.method]
            .concat();
    let verdict = match (told.matches, told.outcome == "token") {
        (true, true) => {
            words.say("Equal: here is the token.", "一致したので、トークンを発行しました。")
        }
        (true, false) => {
            words.say("Equal, and refused all the same.", "一致しましたが、拒否しました。")
        }
        (false, _) => words.say("Not equal: refused.", "一致しないので、拒否しました。"),
    };
    let class = if told.matches { "fits" } else { "fits no" };
    let reason = told
        .detail
        .as_ref()
        .map_or_else(nothing, |detail| with_class("p", "note", vec![text(detail.clone())]));
    let fact = |name: String, value: String| {
        element(
            "div",
            vec![],
            vec![
                element("dt", vec![], vec![text(name)]),
                element("dd", vec![], vec![with_class("code", "value", vec![text(value)])]),
            ],
        )
    };
    let list = vec![
        fact(method, told.challenge.clone()),
        fact(
            words.say("SHA-256 of what came", "届いた値から計算したSHA-256").to_owned(),
            presented.unwrap_or_else(|| none_came.to_owned()),
        ),
        fact(words.say("Answered with", "応答").to_owned(), told.outcome.clone()),
        fact(words.say("At", "時刻").to_owned(), told.at.clone()),
    ];
    let attributes = vec![
        mark("comparison"),
        attribute("data-equal", told.matches.to_string()),
        attribute("data-outcome", told.outcome.clone()),
    ];
    let verdict = with_class("p", class, vec![text(verdict)]);
    element("div", attributes, vec![with_class("dl", "parameters", list), verdict, reason])
}

fn facts(facts: Vec<(&'static str, String)>) -> AnyView {
    let facts = facts.into_iter().map(|(name, value)| {
        element(
            "div",
            vec![],
            vec![
                element("dt", vec![], vec![text(name)]),
                element("dd", vec![], vec![with_class("code", "value", vec![text(value)])]),
            ],
        )
    });
    with_class("dl", "parameters", facts.collect())
}

fn paragraph(said: &'static str) -> AnyView {
    element("p", vec![], vec![text(said)])
}
