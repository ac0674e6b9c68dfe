//! Finding a session that goes on: that of the page before, or of another tab.

use core::time::Duration;
use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use super::Sessions;
use super::current::Begun;
use super::record::SessionRecord;
use super::tokens::Tokens;
use super::turn::Found;
use crate::browser::locks::Guard;
use crate::browser::page;
use crate::client::events::Event;
use crate::client::news::News;
use crate::client::status::Status;
use crate::client::tabs::message::{ANSWERS_WITHIN, Message, RecordAddress};
use crate::client::tabs::{Part, is_later};
use crate::protocol::Keeping;

/// How long a tab waits for one that is there, and may be busy, before it shows nobody. What comes
/// later is taken, too.
const PATIENCE: Duration = Duration::from_secs(2);

/// What this tab has asked the others: for the session that they have.
#[derive(Default)]
pub(super) struct Question {
    asked: RefCell<Option<Asked>>,
    /// That it would take a session is there for all to see.
    wanting: RefCell<Option<Guard>>,
}

struct Asked {
    /// An answer is of use as long as nobody has signed in or out since.
    begun: Begun,
    /// Where it is told, as long as somebody waits for it.
    waiting: Option<Rc<News<RecordAddress>>>,
}

impl Question {
    fn ask(&self, begun: Begun) -> Rc<News<RecordAddress>> {
        let news = Rc::new(News::default());
        self.asked.replace(Some(Asked { begun, waiting: Some(news.clone()) }));
        news
    }

    /// Nobody waits any more, but an answer is welcome: a tab may have been asleep.
    fn leave_open(&self) {
        if let Some(asked) = self.asked.borrow_mut().as_mut() {
            asked.waiting = None;
        }
    }

    fn answered(&self) {
        self.asked.replace(None);
    }

    fn want(&self, announce: impl FnOnce() -> Guard) {
        self.wanting.borrow_mut().get_or_insert_with(announce);
    }

    /// Somebody is signed in here, or the client is gone.
    pub(super) fn end(&self) {
        self.asked.replace(None);
        self.wanting.take();
    }

    fn waiting(&self) -> Option<Rc<News<RecordAddress>>> {
        self.asked.borrow().as_ref()?.waiting.clone()
    }

    fn begun(&self) -> Option<Begun> {
        Some(self.asked.borrow().as_ref()?.begun)
    }
}

impl Sessions {
    /// Goes on with the session of the page before, or of another tab.
    pub(in crate::client) async fn find(self: &Rc<Self>) {
        if self.current.tokens().is_none() && !self.restore().await {
            self.ask_others().await;
        }
    }

    /// The same in the background, where nobody is signed in: meanwhile somebody may be.
    pub(in crate::client) fn find_in_background(self: &Rc<Self>) {
        if !self.may_take_one() {
            return;
        }
        let sessions = self.clone();
        spawn_local(async move {
            page::activation().await;
            sessions.find().await;
        });
    }

    /// Whether the page shows nobody, and is not on the way to the provider or back.
    pub(super) fn may_take_one(&self) -> bool {
        let shows_nobody = matches!(self.context.status(), Status::SignedOut | Status::Failed(_));
        shows_nobody && self.current.tokens().is_none()
    }

    /// Goes on with a session of this tab that is kept. Returns whether there was one.
    pub(in crate::client) async fn restore(self: &Rc<Self>) -> bool {
        if self.context.config().wanted_keeping() == Keeping::InMemory {
            return false;
        }
        let begun = self.current.begun();
        let Some((address, known)) = self.place.noted() else { return false };
        let era = self.tabs.era().await;
        if !self.current.is_same(begun) {
            return false;
        }
        self.place.set_era(era.or(known));
        // Somebody signed out while this tab was closed, or asleep.
        if is_later(era, known) {
            self.forget_record();
            self.end_kept_at(address, None).await;
            return false;
        }
        let goes_on = self.go_on_with(address, begun).await;
        // Whoever asked while this tab was not there has had no answer. To nobody nothing is said: pages that rest in
        // the back-forward cache are thrown out of it by a message.
        if goes_on && self.tabs.is_anybody(Part::Wanting).await == Some(true) {
            self.tabs.tell(&Message::Present);
        }
        goes_on
    }

    /// Goes on with the session that is kept there, unless somebody has signed in or out since.
    async fn go_on_with(self: &Rc<Self>, address: RecordAddress, begun: Begun) -> bool {
        let Some(mut record) = SessionRecord::at(address).await else { return false };
        let (found, stored) = self.records.read(&record).await;
        // What another tab offers is not where this one has its own.
        if found == Found::Gone && self.place.is_noted(&record) {
            self.place.forget_note();
        }
        let Some(stored) = stored else { return false };
        let has_run_out = stored.set.refresh_token.is_none()
            && stored.set.expires_at().is_some_and(|end| end <= self.context.now());
        let is_over = has_run_out
            || stored.until <= self.context.now()
            || self.is_over(stored.set.began).await;
        // Meanwhile somebody may have signed in here.
        if self.current.tokens().is_some() {
            return false;
        }
        if is_over || !self.current.is_same(begun) {
            self.forget_record();
            self.end_kept(&record, None).await;
            if has_run_out && self.current.is_same(begun) {
                self.returns.expect(&stored.set, self.place.era());
            }
            return false;
        }
        // A page that is opened is no sign that somebody is there.
        self.stay_active(self.active());
        self.refused.forget();
        record.generation = stored.generation;
        let (received, life) = (stored.set.received, stored.set.life);
        self.place.set(record);
        self.current.begin(Tokens::new(stored.set, stored.key, self.context.config()));
        self.show_tokens(received, life);
        self.context.emit(&Event::SessionFound);
        // Somebody may have signed out elsewhere before this tab could hear of it.
        self.catch_up().await;
        self.current.tokens().is_some()
    }

    /// Looks for a session of another tab, when one has any.
    async fn ask_others(self: &Rc<Self>) {
        if self.context.config().wanted_keeping() == Keeping::InMemory || self.is_waiting() {
            return;
        }
        let begun = self.current.begun();
        // Without a session that was kept, nobody has any to share.
        let is_kept = self.tabs.ledger().await.is_some_and(|ledger| ledger.is_kept);
        let is_sharing = self.tabs.is_anybody(Part::Sharing).await;
        if !is_kept || self.is_waiting() || !self.current.is_same(begun) {
            return;
        }
        self.question.want(|| self.tabs.announce(Part::Wanting));
        let patience = match is_sharing {
            Some(true) => PATIENCE,
            Some(false) => return,
            // The browser can't tell: perhaps somebody is there.
            None => ANSWERS_WITHIN,
        };
        let news = self.question.ask(begun);
        self.tabs.tell(&Message::Who);
        if let Some(address) = news.next_within(patience).await {
            return self.take(address, begun).await;
        }
        self.question.leave_open();
    }

    /// Whether this tab waits for an answer.
    pub(super) fn is_waiting(&self) -> bool {
        self.question.waiting().is_some()
    }

    /// Whether an answer is welcome, also a late one.
    pub(super) fn is_asking(&self) -> bool {
        let is_of_use = |begun| self.current.is_same(begun) && self.may_take_one();
        self.is_waiting() || self.question.begun().is_some_and(is_of_use)
    }

    /// A tab has answered.
    pub(super) fn hear_answer(self: &Rc<Self>, address: RecordAddress) {
        if let Some(news) = self.question.waiting() {
            return news.tell(address);
        }
        let Some(begun) = self.question.begun() else { return };
        let sessions = self.clone();
        spawn_local(async move { sessions.take(address, begun).await });
    }

    async fn take(self: &Rc<Self>, address: RecordAddress, begun: Begun) {
        self.question.answered();
        let era = self.tabs.era().await;
        if self.current.is_same(begun) {
            self.place.set_era(era);
            self.go_on_with(address, begun).await;
        }
    }
}
