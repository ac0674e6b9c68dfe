//! When to renew.
//!
//! Only this computer's clock counts, from the moment when the token came: so it doesn't matter how wrong
//! it is. When it is set meanwhile, the token is renewed too early, or the resource server says so.

use crate::protocol::UnixTime;

/// The most seconds by which a token is renewed ahead of its end. Chance adds as much again at most, so
/// that not all tabs, nor all people, come at once.
const LEAD: u64 = 60;
/// A request takes along a token that lives so many seconds longer, or a tenth of its life where that is
/// shorter: it takes a while to arrive.
const MARGIN: u64 = 30;
/// A token that lives fewer seconds is renewed only when it is needed.
const SHORTEST: u64 = 2;
/// After a failure the next attempt waits so many seconds, after the second twice as many …
const FIRST_PAUSE: u64 = 5;
/// … but never more than these; chance adds half of it at most.
const LONGEST_PAUSE: u64 = 300;
/// So many refusals of a token are the last word, unless the first was …
const MOST_REFUSALS: u32 = 2;
/// … and so many that only look like one, for the page may not see them: those take minutes.
const MOST_HIDDEN: u32 = 6;
/// For how long a provider may ask to be left alone, in seconds.
const LONGEST_WISH: u64 = 24 * 3600;
/// By how many seconds the clock may go back before the token counts as old.
const JUMP: u64 = 60;

/// When one access token is to be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Schedule {
    received: UnixTime,
    life: Option<u64>,
    lead: u64,
    failures: u32,
    /// How often the provider refused to renew it, and how often it seems to have.
    refusals: u32,
    hidden: u32,
    /// Backing off until then.
    resting: Option<UnixTime>,
    /// The provider asked to be left alone until then.
    unwanted: Option<UnixTime>,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Renew.
    Now,
    /// Nothing before this time.
    At(UnixTime),
    /// Nothing by itself.
    Never,
}

impl Schedule {
    /// For a token that came at `received` and lives `life` seconds, if the provider says how long. `chance`
    /// is any random number.
    pub(super) fn new(received: UnixTime, life: Option<u64>, chance: u64) -> Self {
        let lead = life.map_or(0, |life| (life / 5).min(LEAD));
        let lead = lead + chance % (lead + 1);
        Self {
            received,
            life,
            lead,
            failures: 0,
            refusals: 0,
            hidden: 0,
            resting: None,
            unwanted: None,
        }
    }

    /// Whether it is of a token that came then, and lives so long.
    pub(super) fn is_of(&self, received: UnixTime, life: Option<u64>) -> bool {
        (self.received, self.life) == (received, life)
    }

    /// Whether to renew now, ahead of the end.
    pub(super) fn next(&self, now: UnixTime) -> Next {
        let Some(life) = self.life.filter(|life| *life >= SHORTEST) else { return Next::Never };
        if self.is_given_up() {
            return Next::Never;
        }
        let due = if self.is_set_back(now) { now } else { self.received.plus(life - self.lead) };
        let earliest = self.resting.max(self.unwanted);
        let due = earliest.map_or(due, |earliest| earliest.max(due));
        if due <= now { Next::Now } else { Next::At(due) }
    }

    /// Whether a request should wait for a newer token.
    pub(super) fn is_worn(&self, now: UnixTime) -> bool {
        let Some(life) = self.life else { return false };
        let margin = (life / 10).clamp(1, MARGIN).min(life);
        self.is_set_back(now) || self.received.plus(life - margin) <= now
    }

    /// For how many seconds more the provider wants not to be asked.
    pub(super) fn unwanted_for(&self, now: UnixTime) -> Option<u64> {
        self.unwanted.map(|until| until.since(now)).filter(|seconds| *seconds > 0)
    }

    /// Whether the provider has refused it so often that it is not asked again.
    pub(super) const fn is_given_up(&self) -> bool {
        self.refusals >= MOST_REFUSALS || self.hidden >= MOST_HIDDEN
    }

    /// When the token runs out, where that is known and the clock has not been set back.
    pub(super) fn end(&self, now: UnixTime) -> Option<UnixTime> {
        let life = self.life.filter(|life| *life >= SHORTEST && !self.is_set_back(now))?;
        Some(self.received.plus(life))
    }

    /// The provider refused to renew it, for a reason that need not be the last word.
    pub(super) fn refused(&mut self, now: UnixTime, chance: u64) {
        self.refusals = self.refusals.saturating_add(1);
        self.failed(now, None, chance);
    }

    /// It could not be renewed, while the provider answers everything else: a refusal perhaps, and perhaps a
    /// server that is out of order.
    pub(super) const fn seems_refused(&mut self) {
        self.hidden = self.hidden.saturating_add(1);
    }

    /// Renewing failed, for a reason that may pass. `retry_after` is what the provider asked for, in
    /// seconds.
    pub(super) fn failed(&mut self, now: UnixTime, retry_after: Option<u64>, chance: u64) {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.failures.min(10)).min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        self.resting = Some(now.plus(pause + chance % (pause / 2 + 1)));
        self.unwanted = retry_after.map(|seconds| now.plus(seconds.min(LONGEST_WISH)));
    }

    /// The network is back, or the page: no reason to wait any longer, but for the provider's.
    pub(super) fn wake(&mut self) {
        self.resting = None;
    }

    /// Then nobody knows how old the token is.
    fn is_set_back(&self, now: UnixTime) -> bool {
        self.received.since(now) > JUMP
    }
}
