//! What an act shows: lines in two columns, and a button where the person is to go on.

use std::rc::Rc;

use futures_util::future::{AbortHandle, Abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::Popup;
use crate::client::tools::News;
use crate::demo::lesson::explain::Source;
use crate::demo::recording::{Entry, Outcome};
use crate::protocol::{Error, ErrorCode};

/// A window that a click has opened.
pub(in crate::demo::lesson) type Window = Box<dyn Popup>;

/// Whose column it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo::lesson) enum Side {
    Person,
    Attacker,
}

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo::lesson) enum By {
    App,
    AuthorizationServer,
    ResourceServer,
}

/// How it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo::lesson) enum Ends {
    Refused,
    Accepted,
    /// Accepted, and it should not have come to that.
    Robbed,
}

/// Who decided what, and why.
#[derive(Clone)]
pub(in crate::demo::lesson) struct Verdict {
    pub(in crate::demo::lesson) by: By,
    pub(in crate::demo::lesson) ends: Ends,
    /// The error that was named; empty for none.
    pub(in crate::demo::lesson) code: String,
    pub(in crate::demo::lesson) words: String,
    pub(in crate::demo::lesson) source: Source,
}

/// Something that an act shows.
#[derive(Clone)]
pub(super) enum Shown {
    /// What happens next: a turn of the one or the other, counted over both columns.
    Words(usize, String),
    Entry(Entry, ArcRwSignal<Outcome>),
    /// Names and values, side by side.
    Values(Vec<(String, String)>),
    /// What a token has opened.
    Opened(&'static str, Vec<(String, String)>),
    Link(String, &'static str),
    Verdict(Verdict),
}

#[derive(Clone)]
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) side: Side,
    pub(super) shown: Shown,
}

/// Why an act came to an early end.
pub(in crate::demo::lesson) enum Trouble {
    NoWindow,
    WindowClosed,
    /// The settings have no resource server.
    NoResourceServer,
    Failed(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<ErrorCode> for Trouble {
    fn from(code: ErrorCode) -> Self {
        Self::Failed(code.into())
    }
}

impl From<crate::browser::random::RandomUnavailable> for Trouble {
    fn from(unavailable: crate::browser::random::RandomUnavailable) -> Self {
        Self::Failed(unavailable.into())
    }
}

/// How far an act is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Idle,
    Running,
    Done,
    Failed,
}

impl Progress {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// Where an act is played.
#[derive(Clone, Copy)]
pub(in crate::demo::lesson) struct Stage {
    pub(super) lines: RwSignal<Vec<Line>>,
    pub(super) progress: RwSignal<Progress>,
    /// What screen readers are told.
    pub(super) status: RwSignal<String>,
    /// What runs out, in seconds.
    pub(super) countdown: RwSignal<Option<u64>>,
    /// The label of the button that the act waits for.
    pub(super) question: RwSignal<Option<&'static str>>,
    answers: StoredValue<Rc<News<Option<Window>>>, LocalStorage>,
    playing: StoredValue<Option<AbortHandle>, LocalStorage>,
}

impl Stage {
    pub(super) fn new() -> Self {
        let stage = Self {
            lines: RwSignal::default(),
            progress: RwSignal::new(Progress::Idle),
            status: RwSignal::default(),
            countdown: RwSignal::default(),
            question: RwSignal::default(),
            answers: StoredValue::new_local(Rc::default()),
            playing: StoredValue::new_local(None),
        };
        on_cleanup(move || stage.stop());
        stage
    }

    /// Plays an act, in the place of the one that may be under way.
    pub(super) fn play(self, act: impl Future<Output = Result<(), String>> + 'static) {
        self.stop();
        self.lines.set(Vec::new());
        self.question.set(None);
        self.countdown.set(None);
        self.status.set(String::new());
        self.progress.set(Progress::Running);
        let (handle, registration) = AbortHandle::new_pair();
        self.playing.set_value(Some(handle));
        let played = async move {
            let ended = act.await;
            self.question.set(None);
            self.countdown.set(None);
            match ended {
                Ok(()) => self.progress.set(Progress::Done),
                Err(words) => {
                    self.status.set(words);
                    self.progress.set(Progress::Failed);
                }
            }
        };
        spawn_local(async move {
            // Whoever stops it has the next one to look at.
            let _ = Abortable::new(played, registration).await;
        });
    }

    fn stop(self) {
        self.playing.try_update_value(|playing| playing.take().map(|handle| handle.abort()));
    }

    /// Shows how many seconds are left.
    pub(in crate::demo::lesson) fn count_down(self, seconds: Option<u64>) {
        self.countdown.set(seconds);
    }

    /// Says what happens next.
    pub(super) fn say(self, side: Side, words: String) {
        let is_turn = |line: &&Line| matches!(line.shown, Shown::Words(..));
        let turn = self.lines.with_untracked(|lines| lines.iter().filter(is_turn).count() + 1);
        self.push(side, Shown::Words(turn, words));
    }

    pub(super) fn push(self, side: Side, shown: Shown) {
        self.lines.update(|lines| {
            let number = lines.len();
            lines.push(Line { number, side, shown });
        });
    }

    /// Waits for a click, which opens a window.
    pub(in crate::demo::lesson) async fn window(self, label: &'static str) -> Option<Window> {
        let answers = self.answers.get_value();
        self.question.set(Some(label));
        let window = answers.next().await;
        self.question.set(None);
        window
    }

    pub(super) fn answer(self, window: Option<Window>) {
        self.answers.with_value(|answers| answers.tell(window));
    }
}
