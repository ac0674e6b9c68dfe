use proptest::prelude::*;

use crate::client::session::schedule::{Next, Schedule};
use crate::protocol::UnixTime;

const BEGIN: UnixTime = UnixTime(1_800_000_000);

fn after(seconds: u64) -> UnixTime {
    BEGIN.plus(seconds)
}

fn due(schedule: &Schedule, now: UnixTime) -> u64 {
    match schedule.next(now) {
        Next::Now => now.since(BEGIN),
        Next::At(time) => time.since(BEGIN),
        Next::Never => panic!("never"),
    }
}

#[test]
fn a_token_is_renewed_ahead_of_its_end() {
    for (life, chance, expected) in [
        (3600, 0, 3540),
        (3600, 60, 3480),
        (3600, 61, 3540),
        (300, 0, 240),
        (10, 0, 8),
        (10, 2, 6),
        (5, 0, 4),
        (5, 1, 3),
        (2, 7, 2),
    ] {
        let schedule = Schedule::new(BEGIN, Some(life), chance);
        assert_eq!(due(&schedule, BEGIN), expected, "life {life}, chance {chance}");
    }
}

#[test]
fn a_token_of_unknown_life_or_none_is_not_renewed_by_itself() {
    for life in [None, Some(0), Some(1)] {
        let schedule = Schedule::new(BEGIN, life, 0);
        assert_eq!(schedule.next(after(100_000)), Next::Never, "{life:?}");
    }
    assert!(!Schedule::new(BEGIN, None, 0).is_worn(after(100_000)), "the resource server tells");
    assert!(Schedule::new(BEGIN, Some(0), 0).is_worn(BEGIN));
}

#[test]
fn a_request_waits_when_the_token_is_nearly_over() {
    for (life, first) in [(3600, 3570), (60, 54), (10, 9), (5, 4), (1, 0)] {
        let schedule = Schedule::new(BEGIN, Some(life), 0);
        assert!(first == 0 || !schedule.is_worn(after(first - 1)), "life {life}");
        assert!(schedule.is_worn(after(first)), "life {life}");
    }
}

#[test]
fn t90_a_computer_that_slept_renews_at_once() {
    let schedule = Schedule::new(BEGIN, Some(3600), 0);
    assert_eq!(schedule.next(after(3539)), Next::At(after(3540)));
    assert_eq!(schedule.next(after(90_000)), Next::Now);
}

#[test]
fn t90_a_clock_that_is_set_makes_no_difference_but_an_early_renewal() {
    let schedule = Schedule::new(BEGIN, Some(3600), 0);
    let ten_minutes = 600;
    assert_eq!(schedule.next(after(ten_minutes)), Next::At(after(3540)));
    let set_back = UnixTime(BEGIN.0 - ten_minutes);
    assert_eq!(schedule.next(set_back), Next::Now);
    assert!(schedule.is_worn(set_back));
    // What came then is counted from there on.
    let renewed = Schedule::new(set_back, Some(3600), 0);
    assert_eq!(renewed.next(set_back), Next::At(set_back.plus(3540)));
    assert_eq!(schedule.next(UnixTime(BEGIN.0 - 60)), Next::At(after(3540)), "a small correction");
}

#[test]
fn failures_back_off_and_a_wake_ends_that() {
    let mut schedule = Schedule::new(BEGIN, Some(3600), 0);
    let now = after(3540);
    let mut pauses = Vec::new();
    for _ in 0..9 {
        schedule.failed(now, None, 0);
        pauses.push(due(&schedule, now) - 3540);
    }
    assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
    schedule.failed(now, None, u64::MAX);
    assert!(due(&schedule, now) - 3540 <= 450);
    schedule.wake();
    assert_eq!(schedule.next(now), Next::Now);
}

#[test]
fn t90_a_clock_that_is_set_back_is_no_reason_not_to_rest() {
    let mut schedule = Schedule::new(BEGIN, Some(3600), 0);
    let now = UnixTime(BEGIN.0 - 600);
    schedule.failed(now, Some(30), 0);
    assert_eq!(schedule.next(now), Next::At(now.plus(30)));
    assert_eq!(schedule.next(now.plus(30)), Next::Now);
}

#[test]
fn the_provider_is_left_alone_for_as_long_as_it_asks() {
    let mut schedule = Schedule::new(BEGIN, Some(3600), 0);
    let now = after(3540);
    schedule.failed(now, Some(120), 0);
    assert_eq!(schedule.next(now), Next::At(after(3660)));
    schedule.wake();
    assert_eq!(schedule.next(now), Next::At(after(3660)), "also after a wake");
    assert_eq!(schedule.unwanted_for(after(3659)), Some(1));
    assert_eq!(schedule.unwanted_for(after(3660)), None);
    schedule.failed(now, Some(u64::MAX), 0);
    assert_eq!(schedule.next(now), Next::At(now.plus(24 * 3600)), "but not for ever");
    schedule.failed(now, None, 0);
    assert_eq!(schedule.unwanted_for(now), None);
}

#[test]
fn f16_a_token_that_is_refused_twice_is_not_sent_again() {
    let mut schedule = Schedule::new(BEGIN, Some(3600), 0);
    let now = after(3540);
    schedule.refused(now, 0);
    assert!(!schedule.is_given_up());
    assert_eq!(schedule.next(now), Next::At(now.plus(5)));
    schedule.refused(now.plus(5), 0);
    assert!(schedule.is_given_up());
    schedule.wake();
    assert_eq!(schedule.next(after(3599)), Next::Never);
    assert_eq!(schedule.end(now), Some(after(3600)), "the session ends with its token");
}

#[test]
fn f17_what_only_looks_like_a_refusal_is_given_minutes() {
    let mut schedule = Schedule::new(BEGIN, Some(3600), 0);
    let mut now = after(3000);
    while !schedule.is_given_up() {
        schedule.failed(now, None, 0);
        schedule.seems_refused();
        match schedule.next(now) {
            Next::At(time) => now = time.max(now.plus(1)),
            other => assert!(schedule.is_given_up(), "{other:?}"),
        }
    }
    assert!(now.since(after(3000)) >= 150, "{now:?}");
}

#[test]
fn f38_a_token_ends_when_it_says_so() {
    assert_eq!(Schedule::new(BEGIN, Some(300), 0).end(BEGIN), Some(after(300)));
    assert_eq!(Schedule::new(BEGIN, None, 0).end(BEGIN), None, "nobody knows when");
    assert_eq!(Schedule::new(BEGIN, Some(0), 0).end(BEGIN), None, "some mean never by that");
    let set_back = UnixTime(BEGIN.0 - 3600);
    assert_eq!(Schedule::new(BEGIN, Some(300), 0).end(set_back), None);
}

proptest! {
    #[test]
    fn a_token_is_renewed_in_its_life_and_never_sooner_than_after_half_of_it(
        life in 2_u64..40_000_000, chance: u64,
    ) {
        let schedule = Schedule::new(BEGIN, Some(life), chance);
        let due = due(&schedule, BEGIN);
        prop_assert!(due <= life && due >= life / 2, "{due} of {life}");
    }

    #[test]
    fn nothing_overflows(received: u64, life: Option<u64>, chance: u64, now: u64, wish: Option<u64>) {
        let mut schedule = Schedule::new(UnixTime(received), life, chance);
        for _ in 0..70 {
            schedule.failed(UnixTime(now), wish, chance);
        }
        let _ = schedule.next(UnixTime(now));
        prop_assert!(life.is_some() || !schedule.is_worn(UnixTime(now)));
    }
}
