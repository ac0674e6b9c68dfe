//! What happens by itself in the course of time: tokens are renewed, sessions come to their limits.

use wasm_bindgen_futures::spawn_local;

use super::limits::{Limits, Verdict};
use super::message::Message;
use super::renewal::schedule::{Next, Schedule};
use super::tabs::ANSWERS_WITHIN;
use super::{Client, Event};
use crate::browser::events::{is_offline, on_activity};
use crate::browser::random;
use crate::browser::timer::{after, pause};
use crate::protocol::{Error, ErrorCode, Renewal, UnixTime};

/// The longest time between two looks at the clock, in seconds: so a computer that slept is noticed.
const LONGEST_WAIT: u64 = 60;
/// Activity is told to the other tabs, and remembered, at most once in so many seconds.
const ACTIVITY_INTERVAL: u64 = 5;
/// How the key begins under which it is remembered when somebody was active.
pub(super) const ACTIVE: &str = "pixy-login:active:";

impl Client {
    /// New tokens are there: from now on it is known when they run out.
    pub(super) fn begin_schedule(&self, received: UnixTime, life: Option<u64>) {
        let is_known = self.0.schedule.borrow().is_some_and(|known| known.is_of(received, life));
        // A newer refresh token alone is no reason to forget that the provider is out of order.
        if !is_known {
            self.0.schedule.replace(Some(Schedule::new(received, life, chance())));
        }
        let has_idle_limit = self.limits().idle.is_some();
        if has_idle_limit && self.0.activity.borrow().is_empty() {
            let weak = std::rc::Rc::downgrade(&self.0);
            let listeners = on_activity(move || {
                if let Some(client) = weak.upgrade().map(Self) {
                    client.note_activity();
                }
            });
            self.0.activity.replace(listeners);
        }
        self.tick();
    }

    /// Nobody is signed in any more.
    pub(super) fn end_schedule(&self) {
        self.0.schedule.replace(None);
        self.0.alarm.replace(None);
        self.0.activity.take();
        self.0.is_warned.set(false);
    }

    /// A renewal failed for a reason that may pass, or was refused, which may be the last word.
    pub(super) fn postpone(&self, error: &Error) {
        let is_refused = error.code() == ErrorCode::RenewalRefused;
        if let Some(schedule) = self.0.schedule.borrow_mut().as_mut() {
            match is_refused {
                true => schedule.refused(self.now(), chance()),
                false => schedule.failed(self.now(), error.wanted_pause(), chance()),
            }
        }
        if is_refused {
            self.0.refusal.replace(Some(error.clone()));
        }
        if error.code() == ErrorCode::NetworkOrCors {
            self.find_out_whether_refused();
        }
        self.tick();
    }

    /// The last renewal failed as one does whose refusal the page may not see.
    pub(super) fn note_hidden_refusal(&self) {
        let hidden = Error::new(ErrorCode::RenewalRefused).about("CORS");
        self.0.refusal.replace(Some(hidden));
        if let Some(schedule) = self.0.schedule.borrow_mut().as_mut() {
            schedule.seems_refused();
        }
        self.tick();
    }

    /// Why the access token can't be renewed just now, without a word to the provider: it wants to be left
    /// alone, or has refused for good.
    pub(super) fn renewal_obstacle(&self) -> Option<Error> {
        let schedule = (*self.0.schedule.borrow())?;
        if schedule.is_given_up() {
            return self.0.refusal.borrow().clone();
        }
        let pause = schedule.unwanted_for(self.now())?;
        Some(Error::new(ErrorCode::ProviderUnavailable).retry_after(Some(pause)))
    }

    /// The same as [`Client::tick`], when time may have passed unnoticed.
    pub(super) fn tick_after_wake(&self) {
        if let Some(schedule) = self.0.schedule.borrow_mut().as_mut() {
            schedule.wake();
        }
        self.tick();
    }

    /// Does what is due, and sets the alarm for what is due next.
    fn tick(&self) {
        self.0.alarm.replace(None);
        // The clock was set back: what is in the future would never be long ago.
        if self.0.active.get() > Some(self.now()) {
            self.remember_active(self.now());
        }
        let Some(limit) = self.keep_limits() else { return };
        let Some(end) = self.keep_to_end() else { return };
        let renewal = self.keep_fresh();
        let now = self.now();
        let Some(due) = [limit, end, renewal].into_iter().flatten().min() else { return };
        let wait = due.since(now).clamp(1, LONGEST_WAIT);
        let weak = std::rc::Rc::downgrade(&self.0);
        // The clock counts whole seconds, so that a second is added at most.
        let milliseconds = u32::try_from(wait * 1000).unwrap_or(u32::MAX);
        self.0.alarm.replace(Some(after(milliseconds, move || {
            if let Some(client) = weak.upgrade().map(Self) {
                client.tick();
            }
        })));
    }

    /// When to look at the limits again. `None` for a session that seems to have come to them, and is ended if
    /// so.
    fn keep_limits(&self) -> Option<Option<UnixTime>> {
        match self.verdict() {
            None => Some(None),
            Some(Verdict::Within(next)) => {
                if self.0.is_warned.replace(false) {
                    self.emit(&Event::SessionGoesOn);
                }
                Some(next)
            }
            Some(Verdict::Ending(end)) => {
                if !self.0.is_warned.replace(true) {
                    self.emit(&Event::SessionEnding { at: end });
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
    pub(super) fn keep_to_end(&self) -> Option<Option<UnixTime>> {
        let Some(schedule) = *self.0.schedule.borrow() else { return Some(None) };
        let now = self.now();
        let is_renewable = self.session().is_some_and(|session| session.is_renewable());
        let (error, end) = match (schedule.is_given_up(), is_renewable) {
            (false, true) => return Some(None),
            // Where nobody knows when the token runs out, the provider's word is the end.
            (true, _) => (self.0.refusal.borrow().clone(), schedule.end(now).or(Some(now))),
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
        let began = self.tokens().ok()?.set.began;
        Some(self.limits().judge(began, self.active(), self.now()))
    }

    fn end_if_over(&self) {
        let Ok(tokens) = self.tokens() else { return };
        if self.0.is_ending.replace(true) {
            return;
        }
        let (client, session) = (self.clone(), self.which_session());
        spawn_local(async move {
            let is_over = client.is_over(tokens.set.began).await;
            if is_over {
                // Another tab may have found that before, and somebody may have signed in there since.
                client.catch_up().await;
            }
            client.0.is_ending.set(false);
            if client.which_session() != session {
                return;
            }
            if !is_over {
                return client.tick();
            }
            client.emit(&Event::LimitReached);
            client.sign_out();
        });
    }

    /// Renews when it is time, and returns when to look again.
    fn keep_fresh(&self) -> Option<UnixTime> {
        let is_wanted = self.config().wanted_renewal() == Renewal::Ahead
            && self.session().is_some_and(|session| session.is_renewable());
        let schedule = (*self.0.schedule.borrow()).filter(|_| is_wanted)?;
        match schedule.next(self.now()) {
            Next::Never => None,
            Next::At(time) => Some(time),
            // The network wakes the page when it is back.
            Next::Now if is_offline() => Some(self.now().plus(LONGEST_WAIT)),
            Next::Now => {
                let client = self.clone();
                // How it ends is told by status and events, and sets the alarm anew.
                spawn_local(async move { drop(client.refresh().await) });
                Some(self.now().plus(LONGEST_WAIT))
            }
        }
    }

    /// Whether a request had better wait for a newer token.
    pub(super) fn is_worn(&self) -> bool {
        let schedule = self.0.schedule.borrow();
        schedule.is_some_and(|schedule| schedule.is_worn(self.now()))
    }

    /// When somebody was last active, in whatever tab.
    pub(super) fn active(&self) -> UnixTime {
        let kept = self.0.browser.storage.get(&self.activity_entry()).ok().flatten();
        let kept = kept.and_then(|seconds| seconds.parse().ok()).map(UnixTime);
        kept.max(self.0.active.get()).unwrap_or_else(|| self.now())
    }

    /// Somebody was active in another tab.
    pub(super) fn stay_active(&self, at: UnixTime) {
        // From the future nobody can tell.
        let at = at.min(self.now());
        if self.0.active.get() < Some(at) {
            self.remember_active(at);
        }
    }

    /// Somebody did something in the page. After the session's end that makes it no longer.
    pub(super) fn note_activity(&self) {
        match self.verdict() {
            Some(Verdict::Over) => self.tick(),
            _ => self.be_active_now(),
        }
    }

    /// Somebody is active here: a sign-in counts, and what is done in the page.
    pub(super) fn be_active_now(&self) {
        let now = self.now();
        let before = self.0.active.get();
        let is_news = before.is_none_or(|before| now.since(before) >= ACTIVITY_INTERVAL);
        // A warning is to vanish at once.
        if is_news || self.0.is_warned.get() {
            self.remember_active(now);
            self.tell(&Message::Active { at: now });
        }
    }

    fn remember_active(&self, at: UnixTime) {
        self.0.active.set(Some(at));
        if self.limits().idle.is_some() {
            // Where it is denied, a reload counts as activity.
            let _ = self.0.browser.storage.set(&self.activity_entry(), &at.0.to_string());
        }
        if self.0.is_warned.get() {
            self.tick();
        }
    }

    /// Whether a session has come to its limits. A page that slept, or was not there, has not heard what was
    /// done in the other tabs: so it asks.
    pub(super) async fn is_over(&self, began: UnixTime) -> bool {
        let limits = self.limits();
        let is_over =
            |limits: Limits| limits.judge(began, self.active(), self.now()) == Verdict::Over;
        if !is_over(limits) || is_over(Limits { idle: None, ..limits }) {
            return is_over(limits);
        }
        self.tell(&Message::WhoIsActive);
        pause(ANSWERS_WITHIN).await;
        is_over(limits)
    }

    fn limits(&self) -> Limits {
        let (idle, whole, warning) = self.config().limits();
        Limits { idle, whole, warning }
    }

    fn activity_entry(&self) -> String {
        [ACTIVE, &self.app()].concat()
    }
}

/// Any number; where the browser gives none, the same for all.
fn chance() -> u64 {
    let bytes = random::bytes().unwrap_or_default();
    bytes.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
}
