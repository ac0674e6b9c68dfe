//! How long a session may be left alone, and how long it may last at all. Pure, as [`super::schedule`].

use crate::protocol::UnixTime;

/// The limits that an app sets, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) idle: Option<u64>,
    pub(super) whole: Option<u64>,
    pub(super) warning: u64,
}

/// How things stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing to do before this time.
    Within(Option<UnixTime>),
    /// The session ends at this time, if nobody does anything about it.
    Ending(UnixTime),
    /// It is over.
    Over,
}

impl Limits {
    /// For a session that began, and in which somebody was last active, at these times.
    pub(super) fn judge(&self, began: UnixTime, active: UnixTime, now: UnixTime) -> Verdict {
        // A clock that was set back must not make it longer.
        let ends = [(self.idle, active.min(now)), (self.whole, began.min(now))];
        let ends = ends.iter().filter_map(|(limit, from)| limit.map(|limit| from.plus(limit)));
        let Some(end) = ends.min() else { return Verdict::Within(None) };
        if end <= now {
            return Verdict::Over;
        }
        let warning = UnixTime(end.0.saturating_sub(self.warning));
        if warning <= now { Verdict::Ending(end) } else { Verdict::Within(Some(warning)) }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    const BEGIN: UnixTime = UnixTime(1_800_000_000);

    fn after(seconds: u64) -> UnixTime {
        BEGIN.plus(seconds)
    }

    #[test]
    fn an_idle_session_is_warned_of_and_ends() {
        let limits = Limits { idle: Some(900), whole: None, warning: 60 };
        let judge = |active, now| limits.judge(BEGIN, after(active), after(now));
        assert_eq!(judge(0, 0), Verdict::Within(Some(after(840))));
        assert_eq!(judge(0, 840), Verdict::Ending(after(900)));
        assert_eq!(judge(0, 899), Verdict::Ending(after(900)));
        assert_eq!(judge(0, 900), Verdict::Over);
        assert_eq!(judge(850, 900), Verdict::Within(Some(after(1690))), "somebody is there");
    }

    #[test]
    fn activity_does_not_make_the_whole_longer() {
        let limits = Limits { idle: Some(900), whole: Some(3600), warning: 0 };
        let judge = |active, now| limits.judge(BEGIN, after(active), after(now));
        assert_eq!(judge(3500, 3500), Verdict::Within(Some(after(3600))));
        assert_eq!(judge(3600, 3600), Verdict::Over);
    }

    #[test]
    fn t90_a_clock_that_is_set_back_does_not_make_it_longer() {
        let limits = Limits { idle: Some(900), whole: Some(3600), warning: 0 };
        let now = UnixTime(BEGIN.0 - 600);
        assert_eq!(limits.judge(BEGIN, BEGIN, now), Verdict::Within(Some(now.plus(900))));
    }

    #[test]
    fn without_limits_nothing_ends() {
        let judged = Limits::default().judge(BEGIN, BEGIN, UnixTime(u64::MAX));
        assert_eq!(judged, Verdict::Within(None));
    }
}
