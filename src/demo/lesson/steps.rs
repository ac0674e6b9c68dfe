//! The bar of a sign-in that goes step by step: what comes next, and the button for it.

use leptos::prelude::*;

use super::app::App;
use super::exchange::with_class;
use crate::browser::page;
use crate::components::elements::{
    attribute, button, dynamic, dynamic_attribute, element, mark, nothing, text,
};
use crate::demo::recording::Stop;
use crate::demo::words::Words;

/// The button, as the focus finds it.
const NEXT: &str = "[data-pixy=next]";

/// The bar. Nothing while no sign-in goes step by step.
pub(super) fn bar(app: App) -> AnyView {
    let is_stepwise = Memo::new(move |_| app.recording().is_stepwise);
    let waiting = Memo::new(move |_| app.recording().waiting);
    Effect::new(move |_| {
        if waiting.get().is_some() {
            // Another page has put the button in the place of one that had the focus.
            page::after_rendering(|| page::focus(NEXT));
        }
    });
    dynamic(move || if is_stepwise.get() { shown(app, waiting) } else { nothing() })
}

fn shown(app: App, waiting: Memo<Option<Stop>>) -> AnyView {
    let words = app.words;
    let said = dynamic(move || text(what_is_next(words, waiting.get())));
    let live = vec![attribute("aria-live", "polite"), mark("next-step")];
    // It stays a button while the app works, so that the focus stays on it.
    let more = vec![dynamic_attribute("aria-disabled", move || {
        waiting.get().is_none().then(|| "true".to_owned())
    })];
    let next = button("next", text(words.say("Next", "次へ")), more, move |_| {
        if waiting.get_untracked().is_some() {
            app.next();
        }
    });
    let count = dynamic(move || text(count(words, waiting.get())));
    with_class(
        "div",
        "stepper card",
        vec![
            element("div", live, vec![with_class("b", "count", vec![count]), text(" "), said]),
            with_class("div", "controls", vec![next]),
        ],
    )
}

fn count(words: Words, waiting: Option<Stop>) -> String {
    let number = match waiting {
        None => return String::new(),
        Some(Stop::Redirect) => "1",
        Some(Stop::Callback) => "2",
        Some(Stop::Exchange) => "3",
        Some(Stop::Profile) => "4",
    };
    [words.say("Step ", "ステップ"), number, words.say(" of 4.", "／4")].concat()
}

const fn what_is_next(words: Words, waiting: Option<Stop>) -> &'static str {
    match waiting {
        None => words.say("The app is at work…", "アプリが処理しています…"),
        Some(Stop::Redirect) => words.say(
            "The app has its verifier, and the request is ready. Next, your browser goes to the \
             authorization server, and this page ends.",
            "verifierができ、リクエストの準備が整いました。次に、ブラウザーがこのページを離れて認可サーバーへ移ります。",
        ),
        Some(Stop::Callback) => words.say(
            "You are back, and the answer is in the address. Next, the app looks at it: are state and issuer \
             the right ones?",
            "戻ってきました。応答はアドレスに載っています。次に、アプリがstateと発行元（iss）を確かめます。",
        ),
        Some(Stop::Exchange) => words.say(
            "It is the answer that the app asked for. Next, the app sends the code, and for the first time \
             the verifier.",
            "アプリが求めた応答だと確かめられました。次に、コードと、初めてverifierを送ります。",
        ),
        Some(Stop::Profile) => words.say(
            "The app has its token. Next, it shows that to the resource server and asks for your profile.",
            "トークンが手に入りました。次に、それをリソースサーバーに見せて、プロフィールを求めます。",
        ),
    }
}
