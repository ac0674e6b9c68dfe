//! What happens to a million people who are signed in, and what their tabs ask of the provider meanwhile. The
//! provider has no limits here: what comes is counted, not what it could bear.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::chance::Chance;
use super::client::Tab;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
/// How long access tokens live.
pub const LIFE: u64 = HOUR;
/// Before anything is counted, times have spread as they do in the long run.
const BEFORE: u64 = 6 * HOUR;
/// How long the provider is away.
pub const OUTAGE: u64 = 10 * MINUTE;
/// By how many seconds people come before nine or after, two of three of them.
pub const SPREAD: u64 = 10 * MINUTE;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    /// Nothing: people signed in at whatever time.
    Steady,
    /// All computers slept, and wake around nine.
    Morning,
    /// The provider does not answer for ten minutes.
    Outage,
}

impl Scenario {
    /// All.
    pub const ALL: [Self; 3] = [Self::Steady, Self::Morning, Self::Outage];

    /// Its name in headings.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Steady => "Steady state",
            Self::Morning => "Nine in the morning",
            Self::Outage => "An outage of ten minutes",
        }
    }

    /// The seconds that are counted.
    pub const fn counted(self) -> u64 {
        match self {
            Self::Steady | Self::Outage => HOUR,
            Self::Morning => 4 * HOUR,
        }
    }

    /// The second within those at which it happens: nine, and the beginning of the outage.
    pub const fn event(self) -> u64 {
        match self {
            Self::Steady => 0,
            Self::Morning => HOUR,
            Self::Outage => 10 * MINUTE,
        }
    }

    fn outage(self) -> Range<u64> {
        match self {
            Self::Outage => BEFORE + self.event()..BEFORE + self.event() + OUTAGE,
            _ => 0..0,
        }
    }
}

/// What came of it, second by second.
#[derive(Clone, Debug)]
pub struct Load {
    /// Requests that came.
    pub requests: Vec<u64>,
    /// Tabs whose token has run out while their person is there.
    pub without: Vec<u64>,
    /// The last second in which one of them got a token again.
    pub last_relieved: u64,
}

/// Has so many people, each with so many tabs, live through a scenario.
pub fn play<T: Tab>(scenario: Scenario, people: u64, tabs: usize) -> Load {
    let counted = usize::try_from(scenario.counted()).expect("a few hours");
    let mut load = Load { requests: vec![0; counted], without: vec![0; counted], last_relieved: 0 };
    // How many more, or less, there are from a second on.
    let mut changes = vec![0; counted + 1];
    for person in 0..people {
        // Whatever the client does, the same things happen to the same person.
        let mut chance = Chance::new(person);
        let begin = begin(scenario, &mut chance);
        let groups = if T::SHARED { 1 } else { tabs };
        for _ in 0..groups {
            let mut group =
                Group::<T>::new(scenario, begin, if T::SHARED { tabs } else { 1 }, &mut chance);
            group.live(&mut chance, &mut load, &mut changes);
        }
    }
    let mut without = 0_i64;
    for (second, change) in changes.iter().take(counted).enumerate() {
        without += change;
        load.without[second] = u64::try_from(without).unwrap_or_default();
    }
    load
}

/// When the first token came; or, in the morning, when the computer wakes up with a token of yesterday.
fn begin(scenario: Scenario, chance: &mut Chance) -> u64 {
    if scenario != Scenario::Morning {
        // Over so many lives of a token that no moment of one has more people than another.
        let before = BEFORE as f64;
        return (before / 2.0 + chance.normal(before / 6.0)).rem_euclid(before) as u64;
    }
    let from_nine = chance.normal(SPREAD as f64).clamp(-3_000.0, 3_000.0).round();
    (BEFORE + scenario.event()).saturating_add_signed(from_nine as i64)
}

/// The tabs that have a token together.
struct Group<T> {
    tabs: Vec<T>,
    /// When it runs out.
    end: u64,
    now: u64,
    outage: Range<u64>,
    until: u64,
}

impl<T: Tab> Group<T> {
    fn new(scenario: Scenario, begin: u64, tabs: usize, chance: &mut Chance) -> Self {
        let (received, now) = match scenario {
            // Of the day before, by any clock.
            Scenario::Morning => (0, begin),
            _ => (begin, begin),
        };
        let mut tabs: Vec<T> =
            (0..tabs).map(|_| T::of_token(received, LIFE, chance.number())).collect();
        tabs.iter_mut().for_each(T::wake);
        let until = BEFORE + scenario.counted();
        Self { tabs, end: received + LIFE, now, outage: scenario.outage(), until }
    }

    fn live(&mut self, chance: &mut Chance, load: &mut Load, changes: &mut [i64]) {
        // A computer that sleeps keeps nobody waiting.
        let mut awake = self.now;
        loop {
            let (now, tabs) = (self.now, self.tabs.iter().enumerate());
            let next = tabs.map(|(index, tab)| (tab.due(now), index)).min();
            let Some((due, index)) = next else { return };
            if due >= self.until {
                self.note_wait(changes, awake, self.until);
                return;
            }
            self.now = due;
            if let Some(count) = second(due).and_then(|second| load.requests.get_mut(second)) {
                *count += 1;
            }
            if self.outage.contains(&due) {
                self.tabs[index].failed(due, chance.number());
                continue;
            }
            if self.note_wait(changes, awake, due) {
                load.last_relieved = load.last_relieved.max(due - BEFORE);
            }
            for tab in &mut self.tabs {
                *tab = T::of_token(due, LIFE, chance.number());
            }
            self.end = due + LIFE;
            awake = due;
        }
    }

    /// Counts the tabs that were without a token, as far as it is counted; whether there was such a time.
    fn note_wait(&self, changes: &mut [i64], awake: u64, until: u64) -> bool {
        let last = changes.len() - 1;
        let index = |time| second(time).unwrap_or_default().min(last);
        let (from, until) = (index(self.end.max(awake)), index(until));
        if from >= until {
            return false;
        }
        let tabs = self.tabs.len() as i64;
        changes[from] += tabs;
        changes[until] -= tabs;
        true
    }
}

/// The second that is counted, if it is.
fn second(time: u64) -> Option<usize> {
    usize::try_from(time.checked_sub(BEFORE)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::client::{Ours, PlainTimer};

    const PEOPLE: u64 = 5_000;
    const TABS: usize = 3;

    fn sum(load: &Load) -> u64 {
        load.requests.iter().sum()
    }

    #[test]
    fn tabs_that_share_a_session_renew_it_once() {
        let one = sum(&play::<Ours>(Scenario::Steady, PEOPLE, 1));
        let three = sum(&play::<Ours>(Scenario::Steady, PEOPLE, TABS));
        // An hour, less what is ahead: the first of three is a little earlier than one.
        assert!((PEOPLE..PEOPLE * 106 / 100).contains(&one), "{one}");
        assert!((one..one * 102 / 100).contains(&three), "{one} {three}");
        let plain = sum(&play::<PlainTimer>(Scenario::Steady, PEOPLE, TABS));
        assert!(plain >= 3 * PEOPLE, "{plain}");
    }

    #[test]
    fn in_the_steady_state_no_second_is_like_another_but_none_is_far_off() {
        for load in [
            play::<Ours>(Scenario::Steady, 10 * PEOPLE, TABS),
            play::<PlainTimer>(Scenario::Steady, 10 * PEOPLE, 1),
        ] {
            let minutes: Vec<u64> =
                load.requests.chunks(60).map(|minute| minute.iter().sum()).collect();
            let (least, most) = (minutes.iter().min().unwrap(), minutes.iter().max().unwrap());
            assert!(most * 100 < least * 125, "{least} {most}");
        }
    }

    #[test]
    fn nobody_is_without_a_token_where_nothing_happens() {
        let load = play::<Ours>(Scenario::Steady, PEOPLE, TABS);
        assert!(load.without.iter().all(|without| *without == 0));
    }

    #[test]
    fn in_the_morning_everybody_asks_at_once_and_then_an_hour_later() {
        let load = play::<Ours>(Scenario::Morning, PEOPLE, TABS);
        // Half of them come before nine, and nobody is back yet.
        let before_nine: u64 = load.requests[..3600].iter().sum();
        assert!((PEOPLE * 47 / 100..PEOPLE * 53 / 100).contains(&before_nine), "{before_nine}");
        let plain = play::<PlainTimer>(Scenario::Morning, PEOPLE, TABS);
        assert!(sum(&load) > 3 * PEOPLE && sum(&plain) * 10 > sum(&load) * 28);
    }

    #[test]
    fn an_outage_brings_few_attempts_and_everybody_is_relieved() {
        let ours = play::<Ours>(Scenario::Outage, PEOPLE, TABS);
        let plain = play::<PlainTimer>(Scenario::Outage, PEOPLE, TABS);
        assert!(sum(&ours) * 5 < sum(&plain), "{} {}", sum(&ours), sum(&plain));
        for load in [ours, plain] {
            assert!(load.without.iter().any(|without| *without > 0));
            assert_eq!(load.without.last(), Some(&0));
            assert!(load.last_relieved >= Scenario::Outage.event() + OUTAGE);
        }
    }
}
