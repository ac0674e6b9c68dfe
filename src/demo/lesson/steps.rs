//! The bar of a sign-in that goes step by step: what comes next, and the button for it.

use leptos::prelude::*;

use super::app::App;
use super::exchange::with_class;
use super::story::{Arrow, What};
use crate::browser::page;
use crate::components::elements::{
    attribute, dynamic, dynamic_attribute, element, mark, nothing, on, text,
};
use crate::demo::recording::{Recording, Stop};
use crate::demo::words::Words;

/// The button, as the focus finds it.
const NEXT: &str = "[data-pixy=next]";

/// The arrow that came last.
const NEWEST: &str = ".arrow:nth-last-child(1 of :not(.waiting))";

/// How far the sign-in is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// It waits for the person.
    Waiting(Stop),
    /// It goes on by itself.
    Working,
    /// It went wrong.
    Failed,
    /// It is over.
    Over,
}

impl Progress {
    fn of(recording: &Recording, arrows: &[Arrow]) -> Self {
        if !recording.is_stepwise {
            return Self::Over;
        }
        let is_refused = arrows.iter().rfind(|arrow| !arrow.is_to_come).is_some_and(|last| {
            last.is_refusal() && matches!(last.what, What::Callback | What::Exchange | What::Push)
        });
        match recording.waiting {
            Some(stop) => Self::Waiting(stop),
            None if is_refused => Self::Failed,
            None => Self::Working,
        }
    }

    const fn is_end(self) -> bool {
        matches!(self, Self::Failed | Self::Over)
    }
}

/// The bar. Nothing where no sign-in goes step by step, or has gone so while this was shown.
pub(super) fn bar(app: App, arrows: Memo<Vec<Arrow>>) -> AnyView {
    let progress = Memo::new(move |_| Progress::of(&app.recording(), &arrows.get()));
    let is_shown = RwSignal::new(progress.get_untracked() != Progress::Over);
    Effect::new(move |_| {
        let progress = progress.get();
        // The bar is made once: made anew, it would lose the focus.
        if progress != Progress::Over && !is_shown.get_untracked() {
            is_shown.set(true);
            // The button that was pressed has made room for the bar.
            page::after_rendering(|| page::focus(NEXT));
        }
        if matches!(progress, Progress::Waiting(_)) {
            // Another page may have put the button in the place of one that had the focus.
            page::after_rendering(|| {
                page::focus(NEXT);
                page::reveal(NEWEST);
            });
        }
    });
    dynamic(move || if is_shown.get() { shown(app, progress, is_shown) } else { nothing() })
}

fn shown(app: App, progress: Memo<Progress>, is_shown: RwSignal<bool>) -> AnyView {
    let words = app.words;
    let said = dynamic(move || text(what_is_next(words, progress.get())));
    let live = vec![attribute("aria-live", "polite"), mark("next-step")];
    let label = dynamic(move || {
        text(match progress.get().is_end() {
            true => words.say("Close", "閉じる"),
            false => words.say("Next", "次へ"),
        })
    });
    let clicked = move |_| match progress.get_untracked() {
        Progress::Waiting(_) => app.next(),
        Progress::Working => {}
        Progress::Failed | Progress::Over => {
            is_shown.set(false);
            page::after_rendering(|| page::focus("[data-pixy=open-all]"));
        }
    };
    // It stays the same button to the end, also while the app works, so that the focus stays on it.
    let attributes = vec![
        attribute("type", "button"),
        dynamic_attribute("data-pixy", move || {
            Some(if progress.get().is_end() { "close-steps" } else { "next" }.to_owned())
        }),
        dynamic_attribute("aria-disabled", move || {
            (progress.get() == Progress::Working).then(|| "true".to_owned())
        }),
        on("click", clicked),
    ];
    let next = element("button", attributes, vec![label]);
    let count = dynamic(move || text(count(words, progress.get())));
    with_class(
        "div",
        "stepper card",
        vec![
            element("p", live, vec![with_class("b", "count", vec![count]), text(" "), said]),
            with_class("div", "controls", vec![next]),
        ],
    )
}

fn count(words: Words, progress: Progress) -> String {
    let Progress::Waiting(stop) = progress else { return String::new() };
    let number = match stop {
        Stop::Redirect => "1",
        Stop::Callback => "2",
        Stop::Exchange => "3",
        Stop::Profile => "4",
    };
    [words.say("Step ", "ステップ"), number, words.say(" of 4.", "／4")].concat()
}

const fn what_is_next(words: Words, progress: Progress) -> &'static str {
    match progress {
        Progress::Over => words.say(
            "That was the whole sign-in. Open an arrow to see what was sent.",
            "サインインはこれで完了です。矢印を開くと、送られた内容を見られます。",
        ),
        Progress::Failed => words.say(
            "The sign-in ends here: the last arrow says why.",
            "サインインはここで終わりました。理由は最後の矢印にあります。",
        ),
        Progress::Working => words.say("The app is at work…", "アプリが処理しています…"),
        Progress::Waiting(Stop::Redirect) => words.say(
            "The app has its verifier, and the request is ready. Next, your browser goes to the \
             authorization server, and this page ends.",
            "verifierができ、リクエストの準備が整いました。次に、ブラウザーがこのページを離れて認可サーバーへ移ります。",
        ),
        Progress::Waiting(Stop::Callback) => words.say(
            "You are back, and the answer is in the address. Next, the app looks at it: are state and issuer \
             the right ones?",
            "戻ってきました。応答はアドレスに載っています。次に、アプリがstateと発行元（iss）を確かめます。",
        ),
        Progress::Waiting(Stop::Exchange) => words.say(
            "It is the answer that the app asked for. Next, the app sends the code, and for the first time \
             the verifier.",
            "アプリが求めた応答だと確かめられました。次に、コードと、初めてverifierを送ります。",
        ),
        Progress::Waiting(Stop::Profile) => words.say(
            "The app has its token. Next, it shows that to the resource server and asks for your profile.",
            "トークンが手に入りました。次に、それをリソースサーバーに見せて、プロフィールを求めます。",
        ),
    }
}
