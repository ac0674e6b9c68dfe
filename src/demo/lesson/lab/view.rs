//! How a case looks: a button to begin, and a column for each who takes part.

use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;

use super::Lab;
use super::act::Act;
use super::card;
use super::stage::{By, Ends, Line, Progress, Shown, Side, Stage, Trouble, Verdict, Window};
use crate::browser::page;
use crate::components::elements::{
    attribute, button, dynamic, dynamic_attribute, element, group, mark, nothing, text,
};
use crate::demo::lesson::app::App;
use crate::demo::lesson::explain::Source;
use crate::demo::lesson::secret::Secrets;
use crate::demo::recording::Kind;
use crate::demo::words::Words;
use crate::protocol::Error;

/// A case of the lab.
#[derive(Clone, Copy)]
pub(in crate::demo::lesson) struct Case {
    /// The mark by which tests find it.
    pub(in crate::demo::lesson) name: &'static str,
    /// What is done. It begins with the window that the click has opened, if it needs one.
    pub(in crate::demo::lesson) act: fn(Act, Option<Window>) -> Played,
    pub(in crate::demo::lesson) has_attacker: bool,
    pub(in crate::demo::lesson) needs_window: bool,
    /// Whether it needs a client that only the demo's own provider has.
    pub(in crate::demo::lesson) needs_lesson: bool,
}

/// An act, once begun.
pub(in crate::demo::lesson) type Played = LocalBoxFuture<'static, Result<(), Trouble>>;

/// Shows a case, for the person to begin.
pub(in crate::demo::lesson) fn case(app: App, case: Case) -> AnyView {
    let words = app.words;
    let lab = match Lab::of_page() {
        Ok(lab) => lab,
        Err(error) => return element("p", vec![], vec![text(failure(app, &error))]),
    };
    if case.needs_lesson && lab.clients().is_none() {
        return without_lesson(words);
    }
    let stage = Stage::new();
    let state =
        dynamic_attribute("data-state", move || Some(stage.progress.get().name().to_owned()));
    element(
        "div",
        vec![attribute("class", "lab"), mark(case.name), state],
        vec![
            controls(app, case, stage, StoredValue::new_local(lab.clone())),
            hint(words, case, stage),
            status(stage),
            columns(words, case, stage),
            countdown(words, stage),
            question(case, stage, StoredValue::new_local(lab)),
        ],
    )
}

fn without_lesson(words: Words) -> AnyView {
    let said = words.say(
        "This takes a client that only the demo’s own provider has (cargo xtask demo). The provider of this page has none.",
        "デモ用のプロバイダー（cargo xtask demo）にだけ登録されているクライアントが必要です。このページのプロバイダーにはありません。",
    );
    let attributes = vec![attribute("class", "without"), mark("no-lesson")];
    element("p", attributes, vec![text(said)])
}

fn controls(app: App, case: Case, stage: Stage, lab: StoredValue<Lab, LocalStorage>) -> AnyView {
    let words = app.words;
    let label = dynamic(move || match stage.progress.get() {
        Progress::Idle if case.has_attacker => text(words.say("Start the attack", "攻撃を始める")),
        Progress::Idle => text(words.say("Try it", "試してみる")),
        _ => text(words.say("Start again", "もう一度")),
    });
    let quiet = dynamic_attribute("class", move || {
        (stage.progress.get() != Progress::Idle).then(|| "quiet".to_owned())
    });
    let begin = move |_| {
        let lab = lab.get_value();
        // At the click itself, or the browser opens none.
        let window = if case.needs_window { lab.browser().popups.open() } else { None };
        let played = (case.act)(Act { lab, stage, app, words }, window);
        stage.play(async move { played.await.map_err(|trouble| said(app, &trouble)) });
    };
    let button = button("attack-start", label, vec![quiet], begin);
    element("p", vec![attribute("class", "controls")], vec![button])
}

fn hint(words: Words, case: Case, stage: Stage) -> AnyView {
    dynamic(move || {
        if !case.needs_window || stage.progress.get() != Progress::Idle {
            return nothing();
        }
        let said = words.say(
            "A small window opens for a sign-in of its own, beside this page. Your session here stays as it is.",
            "このページの横に小さなウィンドウが開き、別のサインインを行います。ここでのサインイン状態はそのままです。",
        );
        element("p", vec![attribute("class", "said")], vec![text(said)])
    })
}

fn status(stage: Stage) -> AnyView {
    let class = dynamic_attribute("class", move || {
        let has_failed = stage.progress.get() == Progress::Failed;
        Some(if has_failed { "warning" } else { "unseen" }.to_owned())
    });
    let attributes = vec![
        attribute("role", "status"),
        attribute("aria-live", "polite"),
        mark("attack-status"),
        class,
    ];
    element("p", attributes, vec![dynamic(move || text(stage.status.get()))])
}

fn countdown(words: Words, stage: Stage) -> AnyView {
    dynamic(move || {
        let Some(seconds) = stage.countdown.get() else { return nothing() };
        let left = [
            words.say("The token runs out in ", "トークンの期限まであと"),
            &seconds.to_string(),
            words.say(" s", "秒"),
        ];
        element(
            "p",
            vec![attribute("class", "countdown"), mark("countdown")],
            vec![text(left.concat())],
        )
    })
}

fn columns(words: Words, case: Case, stage: Stage) -> AnyView {
    // What was opened or shown stays so when the act comes to its end.
    let is_idle = Memo::new(move |_| stage.progress.get() == Progress::Idle);
    dynamic(move || {
        if is_idle.get() {
            return nothing();
        }
        let person = column(words, case, stage, Side::Person);
        if !case.has_attacker {
            return person;
        }
        let columns = vec![person, column(words, case, stage, Side::Attacker)];
        element("div", vec![attribute("class", "panes")], columns)
    })
}

fn column(words: Words, case: Case, stage: Stage, side: Side) -> AnyView {
    let (name, class, title) = match side {
        Side::Person if case.has_attacker => {
            ("person", "pane person", words.say("You and your app", "あなたとアプリ"))
        }
        Side::Person => ("person", "pane person", words.say("Your app", "アプリ")),
        Side::Attacker => ("attacker", "pane attacker", words.say("The attacker", "攻撃者")),
    };
    let secrets = Secrets::new(words);
    let of_side = move || {
        let mut lines = stage.lines.get();
        lines.retain(|line| line.side == side);
        lines
    };
    let lines = For(ForProps::builder()
        .each(of_side)
        .key(|line: &Line| line.number)
        .children(move |line| shown(secrets, line))
        .build());
    element(
        "section",
        vec![attribute("class", class), mark(name)],
        vec![element("h3", vec![], vec![text(title)]), lines.into_any()],
    )
}

/// Below both columns, for what is to be read first is in either.
fn question(case: Case, stage: Stage, lab: StoredValue<Lab, LocalStorage>) -> AnyView {
    let asked = dynamic(move || {
        let Some(label) = stage.question.get() else { return nothing() };
        let go_on = move |_| {
            let window = lab.with_value(|lab| lab.browser().popups.open());
            // The button goes, its place stays.
            page::focus(&["[data-pixy=", case.name, "] > .question"].concat());
            stage.answer(window);
        };
        button("attack-next", text(label), vec![], go_on)
    });
    let attributes = vec![attribute("class", "controls question"), attribute("tabindex", "-1")];
    element("div", attributes, vec![asked])
}

fn shown(secrets: Secrets, line: Line) -> AnyView {
    match line.shown {
        Shown::Words(turn, said) => {
            let turn = element("b", vec![attribute("class", "turn")], vec![text(turn.to_string())]);
            element("p", vec![attribute("class", "says-next")], vec![turn, text(" "), text(said)])
        }
        Shown::Entry(entry, outcome) => {
            // What is tried with a code is what it is about; what a token opens is said below.
            let is_about_code = entry.method == "POST" || entry.kind == Kind::Callback;
            let is_open = line.side == Side::Attacker && is_about_code;
            card::exchange(secrets, &entry, is_open, outcome)
        }
        Shown::Values(values) => {
            let attributes = vec![attribute("class", "exchange"), mark("values")];
            element("div", attributes, vec![card::values(values)])
        }
        Shown::Opened(title, values) => opened(line.side, title, values),
        Shown::Link(url, said) => link(url, said),
        Shown::Verdict(given) => verdict(secrets.words(), given),
    }
}

fn link(url: String, said: &'static str) -> AnyView {
    let attributes = vec![
        attribute("href", url),
        attribute("target", "_blank"),
        attribute("rel", "noopener noreferrer"),
        mark("lab-link"),
    ];
    element("p", vec![], vec![element("a", attributes, vec![text(said)])])
}

fn opened(side: Side, title: &'static str, values: Vec<(String, String)>) -> AnyView {
    let (class, name) = match side {
        Side::Person => ("exchange", "opened"),
        Side::Attacker => ("warning", "stolen-profile"),
    };
    element(
        "div",
        vec![attribute("class", class), mark(name)],
        vec![
            element("p", vec![], vec![element("strong", vec![], vec![text(title)])]),
            card::facts(values),
        ],
    )
}

fn verdict(words: Words, verdict: Verdict) -> AnyView {
    let Verdict { by, ends, code, words: said, source } = verdict;
    let class = match ends {
        Ends::Refused => "verdict refused",
        Ends::Accepted => "verdict accepted",
        Ends::Robbed => "verdict accepted bad",
    };
    let outcome = if ends == Ends::Refused { "refused" } else { "accepted" };
    let code_in_words = match code.is_empty() {
        true => nothing(),
        false => group(vec![
            text(words.say(": ", "：")),
            element("code", vec![], vec![text(code.as_str())]),
        ]),
    };
    let inside = vec![
        element(
            "span",
            vec![attribute("class", "by")],
            vec![text(decision(words, by, ends)), code_in_words],
        ),
        text(said),
        text(" "),
        source_link(words, source),
    ];
    let attributes = vec![
        attribute("class", class),
        mark("verdict"),
        attribute("data-outcome", outcome),
        attribute("data-by", by.name()),
        attribute("data-code", code),
    ];
    element("p", attributes, vec![element("span", vec![], inside)])
}

impl By {
    const fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::AuthorizationServer => "authorization-server",
            Self::ResourceServer => "resource-server",
        }
    }
}

fn decision(words: Words, by: By, ends: Ends) -> &'static str {
    match (by, ends == Ends::Refused) {
        (By::App, true) => words.say("Your app refuses", "アプリが断りました"),
        (By::App, false) => words.say("Your app accepts", "アプリが受け入れました"),
        (By::AuthorizationServer, true) => {
            words.say("The authorization server refuses", "認可サーバーが断りました")
        }
        (By::AuthorizationServer, false) => {
            words.say("The authorization server accepts", "認可サーバーが受け入れました")
        }
        (By::ResourceServer, true) => {
            words.say("The resource server refuses", "リソースサーバーが断りました")
        }
        (By::ResourceServer, false) => {
            words.say("The resource server accepts", "リソースサーバーが受け入れました")
        }
    }
}

fn source_link(words: Words, source: Source) -> AnyView {
    let attributes = vec![
        attribute("href", source.address()),
        // What the page holds of this play would go with it.
        attribute("target", "_blank"),
        attribute("rel", "noopener"),
    ];
    element("a", attributes, vec![text(source.label(words))])
}

/// What came in between, in words.
fn said(app: App, trouble: &Trouble) -> String {
    let words = app.words;
    let said = match trouble {
        Trouble::NoWindow => words.say(
            "The browser opened no window. Allow pop-up windows for this page, where the address is shown or in the browser’s settings, and start again.",
            "ブラウザーがウィンドウを開きませんでした。アドレスバーの表示かブラウザーの設定で、このページのポップアップを許可してから、もう一度始めてください。",
        ),
        Trouble::WindowClosed => words.say(
            "The window was closed before its answer came. Start again whenever you like.",
            "応答が届く前にウィンドウが閉じられました。いつでもやり直せます。",
        ),
        Trouble::NoResourceServer => words.say(
            "The settings of this page name no resource server.",
            "このページの設定には、リソースサーバーが書かれていません。",
        ),
        Trouble::Failed(error) => return failure(app, error),
    };
    said.to_owned()
}

fn failure(app: App, error: &Error) -> String {
    let meaning = app.meaning(error.code());
    let said = error.provider().map(|said| said.error.as_str()).unwrap_or_default();
    let separator = if said.is_empty() { "" } else { ": " };
    [&meaning, " (", error.code().as_str(), separator, said, ")"].concat()
}
