//! The clients that are compared: what a tab does when, and what its person's other tabs have of it.

// The client's own file. It is private there, and nothing here is to make it less so.
#[expect(dead_code, reason = "a tab that is computed sends no token, and its clock is right")]
#[path = "../../../../src/client/session/schedule.rs"]
mod schedule;

use pixy_login::protocol::UnixTime;

use schedule::{Next, Schedule};

/// When a tab renews its token.
pub trait Tab {
    /// Whether what one tab gets is there for all tabs of the person. Each has a token of its own otherwise.
    const SHARED: bool;

    /// A token comes that lives so long.
    fn of_token(now: u64, life: u64, chance: u64) -> Self;

    /// When it is due, which may be now.
    fn due(&self, now: u64) -> u64;

    /// The provider did not answer.
    fn failed(&mut self, now: u64, chance: u64);

    /// The computer wakes up.
    fn wake(&mut self);
}

/// A tab of an app over our client.
#[derive(Clone, Copy, Debug)]
pub struct Ours(Schedule);

impl Tab for Ours {
    const SHARED: bool = true;

    fn of_token(now: u64, life: u64, chance: u64) -> Self {
        Self(Schedule::new(UnixTime(now), Some(life), chance))
    }

    fn due(&self, now: u64) -> u64 {
        match self.0.next(UnixTime(now)) {
            Next::Now => now,
            Next::At(UnixTime(time)) => time,
            Next::Never => u64::MAX,
        }
    }

    fn failed(&mut self, now: u64, chance: u64) {
        self.0.failed(UnixTime(now), None, chance);
    }

    fn wake(&mut self) {
        self.0.wake();
    }
}

/// A timer that is set when a token comes, and set again when the provider did not answer.
#[derive(Clone, Copy, Debug)]
pub struct PlainTimer(u64);

impl PlainTimer {
    /// So many seconds before the token runs out.
    pub const AHEAD: u64 = 60;
    /// So many seconds after an attempt that failed.
    pub const AGAIN: u64 = 5;
}

impl Tab for PlainTimer {
    const SHARED: bool = false;

    fn of_token(now: u64, life: u64, _chance: u64) -> Self {
        Self(now + life.saturating_sub(Self::AHEAD))
    }

    fn due(&self, now: u64) -> u64 {
        self.0.max(now)
    }

    fn failed(&mut self, now: u64, _chance: u64) {
        self.0 = now + Self::AGAIN;
    }

    fn wake(&mut self) {}
}
