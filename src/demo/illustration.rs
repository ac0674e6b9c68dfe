//! PKCE at work, with values computed on the spot: the app proves itself, a thief can't.

use leptos::prelude::*;

use super::shell::{paragraph, with_class};
use super::words::Words;
use crate::browser::random;
use crate::components::elements::{attribute, button, dynamic, element, group, nothing, text};
use crate::protocol::CodeVerifier;

/// A secret made up for showing, which signs nobody in, and a thief's guess at it.
#[derive(Clone, PartialEq)]
struct Example {
    verifier: String,
    challenge: String,
    guess: String,
    hash_of_guess: String,
}

impl Example {
    /// `None` where the browser gives no random numbers; signing in says so itself.
    fn make_up() -> Option<Self> {
        let verifier = CodeVerifier::from_random(&random::bytes().ok()?);
        let guess = CodeVerifier::from_random(&random::bytes().ok()?);
        Some(Self {
            challenge: verifier.challenge().as_str().to_owned(),
            verifier: verifier.expose().to_owned(),
            hash_of_guess: guess.challenge().as_str().to_owned(),
            guess: guess.expose().to_owned(),
        })
    }
}

pub(super) fn illustration(words: Words) -> AnyView {
    let example = RwSignal::new(Example::make_up());
    let again = words.say("Make up another secret", "別の秘密を作る");
    let again = button("another", text(again), vec![attribute("class", "quiet")], move |_| {
        example.set(Example::make_up());
    });
    let shown =
        dynamic(move || example.get().map_or_else(nothing, |example| show(words, &example)));
    let caption = words.say(
        "Computed in your browser just now, by the code that signs you in. These values are for \
         showing only: they belong to no sign-in.",
        "サインインと同じコードで、今このブラウザーで計算した値です。説明用で、どのサインインにも\
         使われません。",
    );
    let caption = with_class("figcaption", "note", vec![text(caption), again]);
    with_class("figure", "pkce", vec![shown, caption])
}

fn show(words: Words, example: &Example) -> AnyView {
    let promise = vec![
        value(
            words.say("Verifier: stays in the tab", "verifier：タブの中に残る"),
            &example.verifier,
        ),
        arrow("SHA-256"),
        value(words.say("Challenge: sent ahead", "challenge：先に送る"), &example.challenge),
    ];
    let app =
        vec![
            title(words.say(
                "This app has the code and the verifier",
                "このアプリ：コードとverifierを持つ",
            )),
            value(words.say("It shows the verifier", "verifierを示す"), &example.verifier),
            arrow("SHA-256"),
            value(words.say("The same as the challenge", "challengeと一致"), &example.challenge),
            verdict(words.say("✓ Here is your token", "✓ トークンを発行")),
        ];
    let thief = vec![
        title(words.say("A thief has the code alone", "盗んだ人：コードしか持たない")),
        value(words.say("They can but guess", "推測するしかない"), &example.guess),
        arrow("SHA-256"),
        value(words.say("Another than the challenge", "challengeと不一致"), &example.hash_of_guess),
        verdict(words.say("✗ Refused: invalid_grant", "✗ 拒否：invalid_grant")),
    ];
    let guesses = words.say(
        "There are 2²⁵⁶ verifiers to guess from, and the code works once.",
        "verifierは2²⁵⁶通りあり、コードが使えるのは一度だけです。",
    );
    group(vec![
        with_class("div", "box", promise),
        with_class(
            "div",
            "pair",
            vec![with_class("div", "box app", app), with_class("div", "box thief", thief)],
        ),
        paragraph(guesses),
    ])
}

fn title(words: &str) -> AnyView {
    element("h3", vec![], vec![text(words)])
}

fn value(name: &str, value: &str) -> AnyView {
    let name = with_class("span", "term", vec![text(name)]);
    element("p", vec![], vec![name, element("code", vec![], vec![text(value)])])
}

fn arrow(name: &str) -> AnyView {
    with_class("p", "arrow", vec![text(["↓ ", name].concat())])
}

fn verdict(words: &str) -> AnyView {
    with_class("p", "verdict", vec![text(words)])
}
