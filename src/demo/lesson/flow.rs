//! The island `flow`: the diagram, each of whose arrows opens to what was sent, and the same as sentences.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::app::App;
use super::diagram::{class_of, figure, says, story_of, turn_of, way};
use super::exchange::{self, with_class};
use super::secret::Secrets;
use super::steps;
use super::story::{self, Arrow, Half, Name, What};
use super::telling::sentence;
use crate::components::elements::{
    attribute, button, dynamic, dynamic_attribute, element, group, mark, nothing, text,
};
use crate::demo::settings::Settings;
use crate::demo::words::Words;

/// What the person looks at.
#[derive(Clone, Copy)]
struct Look {
    words: Words,
    secrets: Secrets,
    arrows: Memo<Vec<Arrow>>,
    /// The arrows that are open.
    open: RwSignal<BTreeSet<Name>>,
    /// Whether the sentences are shown, too.
    as_text: RwSignal<bool>,
}

pub(super) fn flow(app: App, _case: &str) -> AnyView {
    let look = Look {
        words: app.words,
        secrets: Secrets::new(app.words),
        arrows: story_of(app),
        open: RwSignal::default(),
        as_text: RwSignal::new(false),
    };
    let is_recorded = Memo::new(move |_| look.arrows.with(|arrows| story::is_sign_in(arrows)));
    group(vec![
        beginning(app, is_recorded),
        dynamic(move || if is_recorded.get() { controls(look) } else { nothing() }),
        dynamic(move || if is_recorded.get() { recorded(look) } else { in_general(look) }),
        steps::bar(app, look.arrows),
        sentences(look),
    ])
}

/// How to begin, and why there is nothing, where there is nothing.
fn beginning(app: App, is_recorded: Memo<bool>) -> AnyView {
    let words = app.words;
    let why = dynamic(move || {
        match (is_recorded.get(), app.is_signed_in()) {
        (true, _) => nothing(),
        (false, true) => with_class("p", "without", vec![text(forgotten(words))]),
        (false, false) => with_class(
            "p",
            "without",
            vec![text(words.say(
                "Nobody has signed in on this page yet. Sign in, and each arrow opens to what was sent.",
                "このページではまだ誰もサインインしていません。サインインすると、矢印ごとに送られた内容を開けます。",
            ))],
        ),
    }
    });
    let is_under_way = Memo::new(move |_| app.recording().is_stepwise);
    let buttons = dynamic(move || {
        if is_under_way.get() {
            return nothing();
        }
        let plain = text(match app.is_signed_in() {
            true => words.say("Sign in again", "もう一度サインイン"),
            false => words.say("Sign in", "サインイン"),
        });
        let stepwise = text(words.say("Sign in step by step", "一歩ずつサインイン"));
        let quiet = vec![attribute("class", "quiet")];
        with_class(
            "p",
            "controls",
            vec![
                button("step-by-step", stepwise, vec![], move |_| app.sign_in(true)),
                button("sign-in-here", plain, quiet, move |_| app.sign_in(false)),
            ],
        )
    });
    group(vec![why, buttons])
}

/// Why nothing is shown of a sign-in that there was.
fn forgotten(words: Words) -> &'static str {
    let is_in_vault =
        Settings::of_page().is_ok_and(|known| known.wants_vault().unwrap_or_default());
    if is_in_vault {
        return words.say(
            "You are signed in, but in a worker: tokens and code never come to this page, so it can’t show them.",
            "サインイン中ですが、処理はワーカーの中で行われています。トークンもコードもこのページには渡されないので、表示できません。",
        );
    }
    words.say(
        "You are signed in, but this page was loaded anew since. What was sent is kept in the page’s memory \
         alone, for there are secrets in it. Sign in again to see it.",
        "サインイン中ですが、その後にページが再読み込みされました。送られた内容には秘密の値が含まれるため、\
         ページのメモリーにしか置いていません。もう一度サインインすると表示されます。",
    )
}

fn controls(look: Look) -> AnyView {
    let (words, open) = (look.words, look.open);
    let can_open = move || {
        let arrows = look.arrows.get();
        arrows.iter().filter(|arrow| opens(arrow)).map(Arrow::name).collect::<BTreeSet<_>>()
    };
    let all_label = dynamic(move || {
        text(match open.get().is_empty() {
            true => words.say("Open all", "すべて開く"),
            false => words.say("Close all", "すべて閉じる"),
        })
    });
    let toggle_all = move |_| {
        let names = can_open();
        open.update(|open| *open = if open.is_empty() { names } else { BTreeSet::new() });
    };
    let quiet = || vec![attribute("class", "quiet")];
    with_class(
        "p",
        "controls",
        vec![
            button("open-all", all_label, quiet(), toggle_all),
            look.secrets.show_all(),
            text_toggle(look),
        ],
    )
}

fn text_toggle(look: Look) -> AnyView {
    let as_text = look.as_text;
    let more = vec![
        attribute("class", "quiet"),
        dynamic_attribute("aria-pressed", move || Some(as_text.get().to_string())),
    ];
    let label = text(look.words.say("As text", "文章で表示"));
    button("as-text", label, more, move |_| as_text.update(|shown| *shown = !*shown))
}

/// The arrows of this sign-in. One that is there stays the same element when others come.
fn recorded(look: Look) -> AnyView {
    let properties = ForProps::builder()
        .each(move || look.arrows.get())
        .key(Arrow::name)
        .children(move |told| arrow(look, &told))
        .build();
    let list = vec![attribute("class", "arrows"), attribute("data-story", "recorded")];
    figure(look.words, element("ol", list, vec![For(properties).into_any()]), nothing())
}

/// How any sign-in goes.
fn in_general(look: Look) -> AnyView {
    let arrows = story::in_general().into_iter().map(|told| {
        let said = with_class("span", "says", vec![says(look.words, &told)]);
        element("li", vec![attribute("class", class_of(&told))], vec![way(look.words, &told), said])
    });
    let list = vec![attribute("class", "arrows"), attribute("data-story", "general")];
    figure(look.words, element("ol", list, arrows.collect()), nothing())
}

/// Whether there is something behind it.
fn opens(arrow: &Arrow) -> bool {
    match arrow.half {
        Half::Sent if arrow.is_to_come => false,
        Half::Sent => arrow.entry.is_some() || arrow.what == What::Question,
        Half::Answered => arrow.answer().is_some(),
    }
}

fn arrow(look: Look, told: &Arrow) -> AnyView {
    let attributes = vec![
        attribute("class", class_of(told)),
        turn_of(0),
        mark("step"),
        attribute("data-step", step_name(told)),
        attribute("data-outcome", outcome(told)),
    ];
    let way = way(look.words, told);
    let said = says(look.words, told);
    if !opens(told) {
        return element("li", attributes, vec![way, with_class("span", "says", vec![said])]);
    }
    let (name, open) = (told.name(), look.open);
    let is_open = Memo::new(move |_| open.with(|open| open.contains(&name)));
    let more = vec![dynamic_attribute("aria-expanded", move || Some(is_open.get().to_string()))];
    let toggle = move |_| {
        open.update(|open| {
            if !open.remove(&name) {
                open.insert(name);
            }
        });
    };
    let button = button("open", said, more, toggle);
    let told = told.clone();
    let card = dynamic(move || if is_open.get() { card(look, &told) } else { nothing() });
    element("li", attributes, vec![way, with_class("span", "says", vec![button]), card])
}

/// What an arrow opens to.
fn card(look: Look, told: &Arrow) -> AnyView {
    if told.what == What::Question {
        let why = sentence(look.words, told);
        return with_class("div", "exchange", vec![element("p", vec![], vec![text(why)])]);
    }
    match (told.half, &told.entry, told.answer()) {
        (Half::Answered, _, Some(answer)) => exchange::answer(look.secrets, told.what, answer),
        (Half::Sent, Some(entry), _) if told.what == What::Preparation => {
            exchange::preparation(look.secrets, entry)
        }
        (Half::Sent, Some(entry), _) => exchange::request(look.secrets, told.what, entry),
        _ => nothing(),
    }
}

/// What became of it, for tests.
fn outcome(told: &Arrow) -> &'static str {
    match (told.is_to_come, told.is_refusal()) {
        (true, _) => "to-come",
        (false, true) => "refused",
        (false, false) => "accepted",
    }
}

/// The name of an arrow, for tests.
fn step_name(told: &Arrow) -> String {
    let name = match told.what {
        What::Wish => "wish",
        What::Discovery => "discovery",
        What::Preparation => "preparation",
        What::Push => "push",
        What::Redirect => "redirect",
        What::Question => "question",
        What::Consent => "consent",
        What::Callback => "callback",
        What::Exchange => "exchange",
        What::Keys => "keys",
        What::Profile => "profile",
        What::Api => "api",
        What::Renewal => "renewal",
        What::Revocation => "revocation",
        What::Other => "other",
    };
    match (told.is_to_come, told.half) {
        (true, _) => ["to-come-", name].concat(),
        (false, Half::Sent) => name.to_owned(),
        (false, Half::Answered) => [name, "-answer"].concat(),
    }
}

/// The same as sentences: always there for screen readers and for print, else when they are wanted.
fn sentences(look: Look) -> AnyView {
    let words = look.words;
    let list = dynamic(move || {
        let arrows = look.arrows.get().into_iter().filter(|arrow| !arrow.is_to_come);
        let items: Vec<AnyView> = arrows
            .map(|arrow| element("li", vec![], vec![text(sentence(words, &arrow))]))
            .collect();
        if items.is_empty() {
            return nothing();
        }
        let title = text(words.say("The same as text", "文章で読む"));
        group(vec![element("h2", vec![], vec![title]), with_class("ol", "numbered", items)])
    });
    let as_text = look.as_text;
    let attributes = vec![
        mark("text"),
        dynamic_attribute("class", move || {
            Some(if as_text.get() { "telling" } else { "telling unseen" }.to_owned())
        }),
    ];
    element("div", attributes, vec![list])
}
