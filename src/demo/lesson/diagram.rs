//! The island `diagram`: this sign-in along four lanes, and what the flow has in common with it.

use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::*;
use leptos::tachys::html::style::style;

use super::app::App;
use super::exchange::with_class;
use super::story::{self, Arrow, Half, Role, What};
use super::telling::{duration, label, role};
use crate::components::elements::{attribute, button, dynamic, element, group, mark, text};
use crate::demo::settings::Settings;
use crate::demo::words::Language;
use crate::demo::words::Words;

/// The four lanes, from left to right.
const LANES: [Role; 4] = [Role::Person, Role::App, Role::Provider, Role::Api];

/// How long an arrow waits for the one before at least, and at most, when the sign-in is replayed.
const SHORTEST: u64 = 200;
const LONGEST: u64 = 450;

/// How long a turn is in the style sheet, in milliseconds.
const TURN: u64 = 400;

pub(super) fn diagram(app: App, _case: &str) -> AnyView {
    let words = app.words;
    let arrows = story_of(app);
    let replays = RwSignal::new(0_u32);
    let list = dynamic(move || {
        // Made anew, the arrows come one after the other again.
        replays.track();
        let all = arrows.get();
        let is_real = story::is_sign_in(&all);
        let told = if is_real { all } else { story::in_general() };
        let told: Vec<Arrow> = told.into_iter().filter(|arrow| !arrow.is_detail()).collect();
        let mut turn = 0;
        let mut views = Vec::new();
        for (index, arrow) in told.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|index| told.get(index));
            turn += pause(before, arrow);
            views.push(in_turn(words, arrow, turn));
            if arrow.what == What::Callback {
                views.push(tap(words, turn));
            }
        }
        let about = if is_real { "recorded" } else { "general" };
        element("ol", vec![attribute("class", "arrows"), attribute("data-story", about)], views)
    });
    let caption = dynamic(move || caption(words, &arrows.get(), replays));
    figure(words, list, caption)
}

/// This page's sign-in so far, told as arrows.
pub(super) fn story_of(app: App) -> Memo<Vec<Arrow>> {
    let settings = Settings::of_page().ok();
    let profile_endpoint = settings.and_then(|known| Some(known.profile_endpoint()?.to_owned()));
    Memo::new(move |_| story::told(&app.recording(), profile_endpoint.as_deref()))
}

/// The lanes, with the arrows between them.
pub(super) fn figure(words: Words, arrows: AnyView, caption: AnyView) -> AnyView {
    let lanes = LANES.into_iter().map(|lane| {
        let name = element(
            "span",
            vec![attribute("class", role_class(lane))],
            vec![text(role(words, lane))],
        );
        element("span", vec![attribute("class", ["lane ", name_of(lane)].concat())], vec![name])
    });
    let hidden = vec![attribute("class", "lanes"), attribute("aria-hidden", "true")];
    let lanes = element("div", hidden, lanes.collect());
    let figure = with_class("div", "diagram", vec![lanes, arrows]);
    element("figure", vec![mark("diagram"), attribute("class", "live")], vec![figure, caption])
}

fn role_class(lane: Role) -> String {
    ["role ", name_of(lane)].concat()
}

/// What style sheets call a role.
const fn name_of(lane: Role) -> &'static str {
    match lane {
        Role::Person => "person",
        Role::App => "app",
        Role::Provider => "provider",
        Role::Api => "api",
    }
}

/// The class of an arrow, which says where it goes.
pub(super) fn class_of(arrow: &Arrow) -> String {
    let (from, to) = arrow.way();
    if from == to {
        return ["arrow self from-", name_of(from)].concat();
    }
    let left = if to < from { " left" } else { "" };
    let waiting = if arrow.is_to_come { " waiting" } else { "" };
    let refused = if arrow.is_refusal() { " refused" } else { "" };
    ["arrow from-", name_of(from), " to-", name_of(to), left, waiting, refused].concat()
}

/// From whom to whom, for those who don't see it.
pub(super) fn way(words: Words, arrow: &Arrow) -> AnyView {
    let (from, to) = arrow.way();
    let (from_name, to_name) = (role(words, from), role(words, to));
    let said = match from == to {
        true => [from_name, words.say(": ", "：")].concat(),
        false => [from_name, words.say(" to ", "から"), to_name, words.say(": ", "へ：")].concat(),
    };
    with_class("span", "unseen", vec![text(said)])
}

/// What stands beside the arrow: words, values, and the time.
pub(super) fn says(words: Words, arrow: &Arrow) -> AnyView {
    let label = label(words, arrow);
    let mut parts = vec![text(label.says)];
    for (word, value) in label.values {
        let value = element("code", vec![], vec![text(value)]);
        parts.extend([text([" ", word, " "].concat()), value]);
    }
    if let Some(took) = arrow.took {
        parts.extend([text(" "), with_class("span", "time", vec![text(duration(words, took))])]);
    }
    group(parts)
}

fn in_turn(words: Words, arrow: &Arrow, turn: u64) -> AnyView {
    let attributes = vec![attribute("class", class_of(arrow)), turn_of(turn)];
    let said = with_class("span", "says", vec![says(words, arrow)]);
    element("li", attributes, vec![way(words, arrow), said])
}

/// Where somebody may listen.
fn tap(words: Words, turn: u64) -> AnyView {
    let link = vec![attribute("href", "./thief.html")];
    let link = element("a", link, vec![text(words.say("Be the thief", "攻撃者になる"))]);
    element("li", vec![attribute("class", "tap"), turn_of(turn + SHORTEST)], vec![link])
}

/// When the arrow appears. Set by script, for strict pages allow no style attributes.
pub(super) fn turn_of(milliseconds: u64) -> AnyAttribute {
    let hundredths = milliseconds * 100 / TURN;
    let turn = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    style(("--turn", turn)).into_any_attr()
}

/// How long an arrow waits for the one before: as long as it did, within reason.
fn pause(before: Option<&Arrow>, arrow: &Arrow) -> u64 {
    let real = |arrow: &Arrow| arrow.after;
    let gap =
        before.and_then(real).zip(real(arrow)).map(|(before, now)| now.saturating_sub(before));
    gap.unwrap_or_default().clamp(SHORTEST, LONGEST)
}

/// How long it took in all.
fn caption(words: Words, arrows: &[Arrow], replays: RwSignal<u32>) -> AnyView {
    let Some(all) = end(arrows) else {
        let why = words.say(
            "How it goes. What your own sign-in sent was in this page’s memory, which a reload empties.",
            "一般的な流れです。あなたのサインインの記録はこのページのメモリーにあり、再読み込みで消えます。",
        );
        return with_class("figcaption", "note", vec![text(why)]);
    };
    let all = duration(words, all);
    let callback = arrows.iter().find(|arrow| arrow.what == What::Callback);
    let away = callback.and_then(|arrow| arrow.took).map(|away| duration(words, away));
    let said = match (words.0, away) {
        (Language::English, Some(away)) => {
            format!(
                "Your sign-in took {all}, of which you spent {away} at the authorization server."
            )
        }
        (Language::English, None) => format!("Your sign-in took {all}."),
        (Language::Japanese, Some(away)) => format!(
            "あなたのサインインにかかった時間は{all}、そのうち認可サーバーのページにいた時間は{away}です。"
        ),
        (Language::Japanese, None) => {
            format!("あなたのサインインにかかった時間は{all}です。")
        }
    };
    let replay = button(
        "replay",
        text(words.say("Replay", "もう一度再生")),
        vec![attribute("class", "quiet")],
        move |_| replays.update(|count| *count += 1),
    );
    element("figcaption", vec![attribute("class", "note")], vec![text(said), replay])
}

/// When the profile was there first, or else the token.
fn end(arrows: &[Arrow]) -> Option<u64> {
    let answer = |what| {
        let mut answers = arrows.iter().filter(|arrow| arrow.half == Half::Answered);
        answers.find(|arrow| arrow.what == what && !arrow.is_refusal())
    };
    answer(What::Exchange).and_then(|token| answer(What::Profile).unwrap_or(token).after)
}
