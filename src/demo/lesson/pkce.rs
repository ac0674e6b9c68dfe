//! The islands of the page about PKCE.

use leptos::attr::any_attribute::IntoAnyAttribute as _;
use leptos::prelude::*;
use leptos::tachys::html::property::prop;

use super::app::App;
use super::exchange::with_class;
use super::hash::{self, APPENDIX_B, Flaw, Hashed};
use super::message::parameter;
use super::story::{authorization_request, token_request};
use crate::components::elements::{
    attribute, button, dynamic, element, group, mark, nothing, on, text,
};
use crate::demo::recording::{Outcome, Recording};
use crate::demo::words::Language;
use crate::demo::words::Words;

/// A verifier, and the challenge that went ahead of it.
#[derive(Clone, PartialEq, Eq)]
struct Pair {
    verifier: String,
    challenge: String,
    is_own: bool,
}

impl Pair {
    /// That of this page's sign-in, when the verifier is spent and so is safe to show.
    fn own(recording: &Recording) -> Option<Self> {
        let exchange = token_request(recording)?;
        let is_spent = matches!(&exchange.outcome, Outcome::Answer(answer) if answer.status == 200);
        let challenge = parameter(authorization_request(recording)?, "code_challenge")?;
        let verifier = parameter(exchange, "code_verifier").filter(|_| is_spent)?;
        Some(Self { verifier, challenge, is_own: true })
    }

    fn of_the_rfc() -> Self {
        let [verifier, challenge] = APPENDIX_B.map(str::to_owned);
        Self { verifier, challenge, is_own: false }
    }
}

/// What is hashed now.
#[derive(Clone, Copy)]
struct Hasher {
    words: Words,
    /// What it began with.
    pair: RwSignal<Pair>,
    /// What stands in the field.
    verifier: RwSignal<String>,
    /// How often a character was changed by the button.
    turn: StoredValue<usize>,
}

impl Hasher {
    fn begin_with(self, pair: Pair) {
        self.verifier.set(pair.verifier.clone());
        self.pair.set(pair);
    }

    fn change_character(self) {
        let turn = self.turn.get_value();
        self.turn.set_value(turn + 1);
        self.verifier.update(|text| *text = hash::with_another_character(text, turn));
    }

    fn hashed(self) -> Result<Hashed, Flaw> {
        self.verifier.with(|text| hash::hashed(text))
    }
}

pub(super) fn hasher(app: App, _case: &str) -> AnyView {
    let words = app.words;
    let own = Memo::new(move |_| Pair::own(&app.recording()));
    let pair = RwSignal::new(own.get_untracked().unwrap_or_else(Pair::of_the_rfc));
    let verifier = RwSignal::new(pair.get_untracked().verifier);
    let hasher = Hasher { words, pair, verifier, turn: StoredValue::new(0) };
    Effect::new(move |before: Option<Option<Pair>>| {
        let now = own.get();
        if let (Some(before), Some(pair)) = (before, &now)
            && before.as_ref() != Some(pair)
        {
            hasher.begin_with(pair.clone());
        }
        now
    });
    let parts = vec![
        dynamic(move || whose(app, hasher)),
        field(hasher),
        controls(hasher, own),
        dynamic(move || results(hasher)),
    ];
    element("div", vec![mark("hasher"), attribute("class", "card hasher")], parts)
}

/// Whose verifier it is; and the way to one's own.
fn whose(app: App, hasher: Hasher) -> AnyView {
    let words = hasher.words;
    if hasher.pair.with(|pair| pair.is_own) {
        let said = words.say(
            "This is the verifier of your own sign-in. It is spent, so it is safe to show.",
            "あなた自身のサインインのverifierです。もう使い終わっているので、見せても安全です。",
        );
        return element("p", vec![], vec![text(said)]);
    }
    let said = words.say(
        "This is the example of RFC 7636, appendix B, not your own.",
        "これはRFC 7636の付録Bの例で、あなたのものではありません。",
    );
    let why = match app.is_signed_in() {
        true => words.say(
            " Your own went with the page’s memory when it was loaded anew. Sign in again to see it.",
            "あなたのものはページの再読み込みとともに消えました。もう一度サインインすると見られます。",
        ),
        false => words.say(
            " Sign in to see the one of your sign-in.",
            "サインインすると、あなたのverifierを見られます。",
        ),
    };
    if Pair::own(&app.recording()).is_some() {
        return element("p", vec![], vec![text(said)]);
    }
    let sign_in = text(words.say("Sign in", "サインイン"));
    group(vec![
        element("p", vec![], vec![text(said), text(why)]),
        with_class(
            "p",
            "controls",
            vec![button("sign-in-here", sign_in, vec![], move |_| app.sign_in(false))],
        ),
    ])
}

fn field(hasher: Hasher) -> AnyView {
    let verifier = hasher.verifier;
    let label = element("code", vec![], vec![text("code_verifier")]);
    let attributes = vec![
        mark("verifier"),
        attribute("id", "verifier"),
        attribute("autocomplete", "off"),
        attribute("autocapitalize", "off"),
        attribute("spellcheck", "false"),
        prop("value", move || verifier.get()).into_any_attr(),
        on("input", move |event| verifier.set(event_target_value(&event))),
    ];
    with_class(
        "div",
        "field",
        vec![
            element("label", vec![attribute("for", "verifier")], vec![label]),
            element("input", attributes, vec![]),
        ],
    )
}

fn controls(hasher: Hasher, own: Memo<Option<Pair>>) -> AnyView {
    let words = hasher.words;
    let quiet = || vec![attribute("class", "quiet")];
    let change = text(words.say("Change one character", "1文字変える"));
    let back = dynamic(move || {
        let Some(pair) = own.get() else { return nothing() };
        let label = text(words.say("Back to my own", "自分の値に戻す"));
        button("own-verifier", label, quiet(), move |_| hasher.begin_with(pair.clone()))
    });
    let example = text(words.say("Load RFC 7636, appendix B", "RFC 7636 付録Bの例を使う"));
    with_class(
        "p",
        "controls",
        vec![
            button("change-character", change, vec![], move |_| hasher.change_character()),
            back,
            button("appendix-b", example, quiet(), move |_| hasher.begin_with(Pair::of_the_rfc())),
        ],
    )
}

/// What it hashes to, and whether that is what went ahead.
fn results(hasher: Hasher) -> AnyView {
    let words = hasher.words;
    let (pair, verifier) = (hasher.pair.get(), hasher.verifier.get());
    let hashed = match hasher.hashed() {
        Ok(hashed) => hashed,
        Err(flaw) => return flawed(words, flaw),
    };
    let before = hash::hashed(&pair.verifier).map(|before| before.bytes).unwrap_or_default();
    let count = verifier.chars().count().to_string();
    let characters = [&count, words.say(" characters, as ASCII", "文字（ASCII）")].concat();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>();
    let letters = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
    group(vec![
        row("verifier-cells", &characters, &letters(&pair.verifier), &letters(&verifier)),
        row(
            "hash",
            words.say("SHA-256: 32 bytes", "SHA-256：32バイト"),
            &hex(&before),
            &hex(&hashed.bytes),
        ),
        row(
            "challenge",
            words.say("In base64url: the code_challenge", "base64urlで表す：code_challenge"),
            &letters(&pair.challenge),
            &letters(&hashed.challenge),
        ),
        changes(words, &pair, &verifier, hash::changed_bits(&before, &hashed.bytes)),
        verdict(words, &pair, &hashed.challenge),
    ])
}

fn flawed(words: Words, flaw: Flaw) -> AnyView {
    let said = match (flaw, words.0) {
        (Flaw::Character(other), Language::English) => {
            format!("A verifier has no “{other}”: only A–Z, a–z, 0–9, “-”, “.”, “_” and “~”.")
        }
        (Flaw::Character(other), Language::Japanese) => format!(
            "verifierに「{other}」は使えません。使えるのはA–Z、a–z、0–9と「-」「.」「_」「~」だけです。"
        ),
        (Flaw::TooShort(length), Language::English) => {
            format!("A verifier has at least 43 characters. This has {length}.")
        }
        (Flaw::TooShort(length), Language::Japanese) => {
            format!("verifierは43文字以上です。いまは{length}文字です。")
        }
        (Flaw::TooLong(length), Language::English) => {
            format!("A verifier has at most 128 characters. This has {length}.")
        }
        (Flaw::TooLong(length), Language::Japanese) => {
            format!("verifierは128文字以下です。いまは{length}文字です。")
        }
    };
    let attributes = vec![mark("flaw"), attribute("class", "fits no"), attribute("role", "status")];
    element("p", attributes, vec![text(said), text(" (RFC 7636, 4.1)")])
}

/// A value in cells, with those marked that are others than before.
fn row(name: &'static str, title: &str, before: &[String], now: &[String]) -> AnyView {
    let cells = now.iter().enumerate().map(|(index, content)| {
        let is_changed = before.get(index) != Some(content);
        let tag = if is_changed { "mark" } else { "span" };
        element(
            tag,
            vec![attribute("class", if is_changed { "changed" } else { "" })],
            vec![text(content.clone())],
        )
    });
    let hidden = vec![attribute("class", "cells"), attribute("aria-hidden", "true")];
    let whole =
        element("output", vec![mark(name), attribute("class", "unseen")], vec![text(now.concat())]);
    with_class(
        "div",
        "row",
        vec![
            with_class("p", "label", vec![text(title.to_owned())]),
            whole,
            element("div", hidden, cells.collect()),
        ],
    )
}

/// How much has changed.
fn changes(words: Words, pair: &Pair, verifier: &str, bits: u32) -> AnyView {
    let characters = hash::changed_characters(&pair.verifier, verifier);
    if characters == 0 {
        return nothing();
    }
    let said = match words.0 {
        Language::English => {
            format!(
                "Characters changed: {characters}. Of the hash’s 256 bits, {bits} are others now."
            )
        }
        Language::Japanese => format!(
            "変更した文字：{characters}。ハッシュの256ビットのうち{bits}ビットが変わりました。"
        ),
    };
    let attributes = vec![mark("changed"), attribute("role", "status")];
    element("p", attributes, vec![text(said)])
}

/// Whether a server with this challenge would take the verifier.
fn verdict(words: Words, pair: &Pair, challenge: &str) -> AnyView {
    let is_equal = pair.challenge == challenge;
    let sent = match pair.is_own {
        true => words.say("Sent with your request", "あなたのリクエストで送った値"),
        false => words.say("In the RFC", "RFCに載っている値"),
    };
    let said = match is_equal {
        true => words.say(
            "Equal: the server gives out a token.",
            "一致します。サーバーはトークンを発行します。",
        ),
        false => words.say(
            "Not equal: the server refuses, however close the guess was.",
            "一致しません。どれだけ近い値でも、サーバーは拒否します。",
        ),
    };
    let value = |title: &'static str, value: &str| {
        element(
            "div",
            vec![],
            vec![
                with_class("span", "label", vec![text(title)]),
                text(" "),
                with_class("code", "value", vec![text(value.to_owned())]),
            ],
        )
    };
    let attributes = vec![
        mark("fits"),
        attribute("data-equal", is_equal.to_string()),
        attribute("class", if is_equal { "fits" } else { "fits no" }),
        attribute("role", "status"),
    ];
    element(
        "div",
        attributes,
        vec![
            value(sent, &pair.challenge),
            value(words.say("Computed here", "ここで計算した値"), challenge),
            element("strong", vec![], vec![text(said)]),
        ],
    )
}
