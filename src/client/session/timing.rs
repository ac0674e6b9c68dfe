//! What happens by itself in the course of time: tokens are renewed, sessions come to their limits.

use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use super::Sessions;
use super::limits::{Limits, Verdict};
use super::schedule::{Next, Schedule};
use super::turn::Found;
use crate::browser::events::{Listener, is_offline, on_activity};
use crate::browser::random;
use crate::browser::timer::{Timer, after, pause};
use crate::client::context::Context;
use crate::client::events::Event;
use crate::client::stored::Stored;
use crate::client::tabs::message::{ANSWERS_WITHIN, Generation, Message};
use crate::protocol::{Error, ErrorCode, Renewal, UnixTime};

/// The longest time between two looks at the clock, in seconds: so a computer that slept is noticed.
const LONGEST_WAIT: u64 = 60;
/// Activity is told to the other tabs, and remembered, at most once in so many seconds.
const ACTIVITY_INTERVAL: u64 = 5;
/// For how many seconds nobody asks again for a lock that another tab did not let go.
const LOCKED_OUT_FOR: u64 = 60;
/// After so many times in a row what is kept counts as unreadable for good.
const MOST_UNREADABLE: u32 = 3;
/// How the key begins under which it is remembered when somebody was active.
pub(in crate::client) const ACTIVE: &str = "pixy-login:active:";

/// What is to happen when, in the session that there is.
#[derive(Default)]
pub(super) struct Timing {
    schedule: RefCell<Option<Schedule>>,
    /// Why the provider refused to renew the access token last.
    refusal: RefCell<Option<Error>>,
    /// Another tab has the session's lock, and did not let it go: until then nobody waits for it.
    locked_out: Cell<Option<UnixTime>>,
    /// How many times in a row what is kept could not be read.
    unreadable: Cell<u32>,
    /// The newest generation that another tab has told of.
    heard: Cell<Generation>,
    alarm: RefCell<Option<Timer>>,
    activity: RefCell<Vec<Listener>>,
    /// When somebody was last active.
    active: Cell<Option<UnixTime>>,
    /// Whether it was said that the session is about to end.
    is_warned: Cell<bool>,
    /// Whether it is being found out if the session has come to its limits.
    is_ending: Cell<bool>,
}

impl Timing {
    /// Nobody is signed in any more.
    pub(super) fn end(&self) {
        self.schedule.replace(None);
        self.alarm.replace(None);
        self.activity.take();
        self.is_warned.set(false);
        self.locked_out.set(None);
        self.forget_reads();
    }

    /// What was read and heard was of another session.
    pub(super) fn forget_reads(&self) {
        self.unreadable.set(0);
        self.heard.set(0);
    }

    /// New tokens are there.
    fn begin(&self, received: UnixTime, life: Option<u64>) {
        // A newer refresh token alone is no reason to forget that the provider is out of order.
        if self.schedule.borrow().is_some_and(|known| known.is_of(received, life)) {
            return;
        }
        self.schedule.replace(Some(Schedule::new(received, life, chance())));
        // Whoever has renewed them has let the lock go.
        self.locked_out.set(None);
    }

    pub(super) fn note_locked_out(&self, now: UnixTime) {
        self.locked_out.set(Some(now.plus(LOCKED_OUT_FOR)));
    }

    /// Notes whether what is kept can be read. What is older than another tab has told is spent, and as good as what
    /// can't be read.
    pub(super) fn judge_found(&self, found: Found) -> Found {
        let is_unreadable = found == Found::Unreadable;
        self.unreadable.set(if is_unreadable { self.unreadable.get() + 1 } else { 0 });
        match found {
            Found::Kept(generation) if generation < self.heard.get() => Found::Unreadable,
            found => found,
        }
    }

    /// Another tab has renewed the tokens.
    pub(super) fn note_newer(&self, generation: Generation) {
        self.heard.set(self.heard.get().max(generation));
    }

    /// Whether what is kept could not be read for so long that it is done without: never once another tab has told of
    /// newer tokens than these, for then their refresh token is spent.
    pub(super) fn may_guess(&self, generation: Generation) -> bool {
        self.unreadable.get() >= MOST_UNREADABLE && self.heard.get() <= generation
    }

    /// Whether the session's own token had better be renewed before it is sent.
    pub(super) fn is_worn(&self, now: UnixTime) -> bool {
        self.schedule.borrow().is_some_and(|schedule| schedule.is_worn(now))
    }

    fn obstacle(&self, now: UnixTime) -> Option<Error> {
        if self.locked_out.get() > Some(now) {
            return Some(ErrorCode::Timeout.into());
        }
        let schedule = (*self.schedule.borrow())?;
        if schedule.is_given_up() {
            return self.refusal.borrow().clone();
        }
        let pause = schedule.unwanted_for(now)?;
        Some(Error::new(ErrorCode::ProviderUnavailable).retry_after(Some(pause)))
    }
}

impl Sessions {
    /// New tokens are there: from now on it is known when they run out.
    pub(super) fn begin_schedule(self: &Rc<Self>, received: UnixTime, life: Option<u64>) {
        self.timing.begin(received, life);
        let has_idle_limit = limits(&self.context).idle.is_some();
        if has_idle_limit && self.timing.activity.borrow().is_empty() {
            let weak = Rc::downgrade(self);
            let listeners = on_activity(move || {
                if let Some(sessions) = weak.upgrade() {
                    sessions.note_activity();
                }
            });
            self.timing.activity.replace(listeners);
        }
        self.tick();
    }

    /// A renewal failed for a reason that may pass, or was refused, which may be the last word.
    pub(super) fn postpone(self: &Rc<Self>, error: &Error) {
        let is_refused = error.code() == ErrorCode::RenewalRefused;
        if let Some(schedule) = self.timing.schedule.borrow_mut().as_mut() {
            match is_refused {
                true => schedule.refused(self.context.now(), chance()),
                false => schedule.failed(self.context.now(), error.wanted_pause(), chance()),
            }
        }
        if is_refused {
            self.timing.refusal.replace(Some(error.clone()));
        }
        if error.code() == ErrorCode::NetworkOrCors {
            self.find_out_whether_refused();
        }
        self.tick();
    }

    /// The last renewal failed as one does whose refusal the page may not see.
    pub(super) fn note_hidden_refusal(self: &Rc<Self>) {
        let hidden = Error::new(ErrorCode::RenewalRefused).about("CORS");
        self.timing.refusal.replace(Some(hidden));
        if let Some(schedule) = self.timing.schedule.borrow_mut().as_mut() {
            schedule.seems_refused();
        }
        self.tick();
    }

    /// Why the access token can't be renewed just now, without a word to the provider: it wants to be left
    /// alone, or has refused for good; or another tab does not let it.
    pub(super) fn renewal_obstacle(&self) -> Option<Error> {
        self.timing.obstacle(self.context.now())
    }

    /// The same as [`Sessions::tick`], when time may have passed unnoticed.
    pub(super) fn tick_after_wake(self: &Rc<Self>) {
        if let Some(schedule) = self.timing.schedule.borrow_mut().as_mut() {
            schedule.wake();
        }
        self.tick();
    }

    /// Does what is due, and sets the alarm for what is due next.
    fn tick(self: &Rc<Self>) {
        self.timing.alarm.replace(None);
        let now = self.context.now();
        // The clock was set back: what is in the future would never be long ago.
        if self.timing.active.get() > Some(now) {
            self.remember_active(now);
        }
        let Some(limit) = self.keep_limits() else { return };
        let Some(end) = self.keep_to_end() else { return };
        let renewal = self.keep_fresh();
        let now = self.context.now();
        let Some(due) = [limit, end, renewal].into_iter().flatten().min() else { return };
        let wait = due.since(now).clamp(1, LONGEST_WAIT);
        let weak = Rc::downgrade(self);
        // The clock counts whole seconds, so that a second is added at most.
        self.timing.alarm.replace(Some(after(Duration::from_secs(wait), move || {
            if let Some(sessions) = weak.upgrade() {
                sessions.tick();
            }
        })));
    }

    /// When to look at the limits again. `None` for a session that seems to have come to them, and is ended if
    /// so.
    fn keep_limits(self: &Rc<Self>) -> Option<Option<UnixTime>> {
        match self.verdict() {
            None => Some(None),
            Some(Verdict::Within(next)) => {
                if self.timing.is_warned.replace(false) {
                    self.context.emit(&Event::SessionGoesOn);
                }
                Some(next)
            }
            Some(Verdict::Ending(end)) => {
                if !self.timing.is_warned.replace(true) {
                    self.context.emit(&Event::SessionEnding { at: end });
                }
                Some(Some(end))
            }
            Some(Verdict::Over) => {
                self.end_if_over();
                None
            }
        }
    }

    /// When a session ends that can't be renewed: with its access token. `None` for one that has ended so.
    pub(super) fn keep_to_end(self: &Rc<Self>) -> Option<Option<UnixTime>> {
        let Some(schedule) = *self.timing.schedule.borrow() else { return Some(None) };
        let now = self.context.now();
        let (error, end) = match (schedule.is_given_up(), self.is_renewable()) {
            (false, true) => return Some(None),
            // Where nobody knows when the token runs out, the provider's word is the end.
            (true, _) => (self.timing.refusal.borrow().clone(), schedule.end(now).or(Some(now))),
            (false, false) => (None, schedule.end(now)),
        };
        if end.is_none_or(|end| end > now) {
            return Some(end);
        }
        self.expire(error.unwrap_or_else(|| ErrorCode::SessionExpired.into()));
        None
    }

    /// How a session stands to its limits.
    fn verdict(&self) -> Option<Verdict> {
        let began = self.current.tokens()?.set.began;
        Some(limits(&self.context).judge(began, self.active(), self.context.now()))
    }

    fn end_if_over(self: &Rc<Self>) {
        let Some(tokens) = self.current.tokens() else { return };
        if self.timing.is_ending.replace(true) {
            return;
        }
        let (sessions, begun) = (self.clone(), self.current.begun());
        spawn_local(async move {
            let is_over = sessions.is_over(tokens.set.began).await;
            if is_over {
                // Another tab may have found that before, and somebody may have signed in there since.
                sessions.catch_up().await;
            }
            sessions.timing.is_ending.set(false);
            if !sessions.current.is_same(begun) {
                return;
            }
            if !is_over {
                return sessions.tick();
            }
            sessions.context.emit(&Event::LimitReached);
            drop(sessions.sign_out());
        });
    }

    /// Renews when it is time, and returns when to look again.
    fn keep_fresh(self: &Rc<Self>) -> Option<UnixTime> {
        let is_wanted =
            self.context.config().wanted_renewal() == Renewal::Ahead && self.is_renewable();
        let schedule = (*self.timing.schedule.borrow()).filter(|_| is_wanted)?;
        let now = self.context.now();
        match schedule.next(now) {
            Next::Never => None,
            Next::At(time) => Some(time),
            // The network wakes the page when it is back.
            Next::Now if is_offline() => Some(now.plus(LONGEST_WAIT)),
            Next::Now => {
                let sessions = self.clone();
                // How it ends is told by status and events, and sets the alarm anew.
                spawn_local(async move { drop(sessions.refresh(None).await) });
                Some(now.plus(LONGEST_WAIT))
            }
        }
    }

    fn is_renewable(&self) -> bool {
        self.current.tokens().is_some_and(|tokens| tokens.session.is_renewable())
    }

    /// When somebody was last active, in whatever tab.
    pub(in crate::client) fn active(&self) -> UnixTime {
        let kept = self.context.stored().map(|Activity(at)| at);
        kept.max(self.timing.active.get()).unwrap_or_else(|| self.context.now())
    }

    /// Somebody was active in another tab.
    pub(in crate::client) fn stay_active(self: &Rc<Self>, at: UnixTime) {
        // From the future nobody can tell.
        let at = at.min(self.context.now());
        if self.timing.active.get() < Some(at) {
            self.remember_active(at);
        }
    }

    /// Somebody did something in the page. After the session's end that makes it no longer.
    pub(in crate::client) fn note_activity(self: &Rc<Self>) {
        match self.verdict() {
            Some(Verdict::Over) => self.tick(),
            _ => self.be_active_now(),
        }
    }

    /// Somebody is active here: a sign-in counts, and what is done in the page.
    pub(in crate::client) fn be_active_now(self: &Rc<Self>) {
        let now = self.context.now();
        let before = self.timing.active.get();
        let is_news = before.is_none_or(|before| now.since(before) >= ACTIVITY_INTERVAL);
        // A warning is to vanish at once.
        if is_news || self.timing.is_warned.get() {
            self.remember_active(now);
            self.tabs.tell(&Message::Active { at: now });
        }
    }

    fn remember_active(self: &Rc<Self>, at: UnixTime) {
        self.timing.active.set(Some(at));
        if limits(&self.context).idle.is_some() {
            // Where it is denied, a reload counts as activity.
            self.context.store(&Activity(at));
        }
        if self.timing.is_warned.get() {
            self.tick();
        }
    }

    /// Whether a session has come to its limits. A page that slept, or was not there, has not heard what was
    /// done in the other tabs: so it asks.
    pub(in crate::client) async fn is_over(&self, began: UnixTime) -> bool {
        let limits = limits(&self.context);
        let is_over = |limits: Limits| {
            limits.judge(began, self.active(), self.context.now()) == Verdict::Over
        };
        if !is_over(limits) || is_over(Limits { idle: None, ..limits }) {
            return is_over(limits);
        }
        self.tabs.tell(&Message::WhoIsActive);
        pause(ANSWERS_WITHIN).await;
        is_over(limits)
    }
}

/// When somebody was last active.
struct Activity(UnixTime);

impl Stored for Activity {
    fn key(context: &Context) -> String {
        [ACTIVE, &context.app()].concat()
    }

    fn to_text(&self) -> String {
        self.0.0.to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().map(UnixTime).map(Self)
    }
}

fn limits(context: &Context) -> Limits {
    let (idle, whole, warning) = context.config().limits();
    Limits { idle, whole, warning }
}

/// Any number; where the browser gives none, the same for all.
fn chance() -> u64 {
    let bytes = random::bytes().unwrap_or_default();
    bytes.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn who_was_kept_from_the_lock_waits_no_longer_when_the_tokens_are_new() {
        let (timing, now) = (Timing::default(), UnixTime(1_800_000_000));
        timing.begin(now, Some(600));
        assert_eq!(timing.obstacle(now), None);
        timing.note_locked_out(now);
        let obstacle = |now| timing.obstacle(now).map(|error| error.code());
        assert_eq!(obstacle(now), Some(ErrorCode::Timeout));
        assert_eq!(obstacle(now.plus(LOCKED_OUT_FOR)), None);
        timing.begin(now.plus(1), Some(600));
        assert_eq!(obstacle(now.plus(1)), None, "another tab has renewed them");
    }

    #[test]
    fn r65_only_what_was_unreadable_in_a_row_is_done_without() {
        let timing = Timing::default();
        let read = |found: &[Found]| {
            for found in found {
                timing.judge_found(*found);
            }
            timing.may_guess(3)
        };
        assert!(!read(&[Found::Unreadable, Found::Unreadable]));
        assert!(!read(&[Found::Kept(3), Found::Unreadable]));
        assert!(read(&[Found::Unreadable, Found::Unreadable]));
    }

    #[test]
    fn r65_who_has_heard_of_newer_tokens_does_not_do_without() {
        let timing = Timing::default();
        timing.note_newer(4);
        for _ in 0..10 {
            timing.judge_found(Found::Unreadable);
        }
        assert!(!timing.may_guess(3));
        assert!(timing.may_guess(4), "it has them by now");
    }

    #[test]
    fn r65_what_is_older_than_another_tab_has_told_is_not_sent() {
        let timing = Timing::default();
        timing.note_newer(4);
        timing.note_newer(2);
        assert_eq!(timing.judge_found(Found::Kept(3)), Found::Unreadable);
        assert_eq!(timing.judge_found(Found::Kept(4)), Found::Kept(4));
        assert_eq!(timing.judge_found(Found::Gone), Found::Gone);
        timing.forget_reads();
        assert_eq!(timing.judge_found(Found::Kept(3)), Found::Kept(3));
    }
}
