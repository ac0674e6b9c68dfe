//! What a million people who are signed in ask of their provider: computed with the schedule that the client
//! goes by, and beside it with a plain timer in each tab.

mod chance;
mod client;
mod plot;
mod scenario;

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::words::{grouped, rounded};
use client::{Ours, PlainTimer};
use plot::{Line, Panel};
use scenario::{LIFE, Load, OUTAGE, SPREAD, Scenario};

const PEOPLE: u64 = 1_000_000;
/// So many see whether it works.
const FEW: u64 = 20_000;
const TABS: usize = 3;
/// The second of a hundred that is the second-busiest.
const BUSY: f64 = 0.99;

/// What came out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct People {
    /// How many people.
    pub people: u64,
    /// How many tabs each has.
    pub tabs: usize,
    /// What came of each client in each scenario.
    pub outcomes: Vec<Outcome>,
}

/// What came of a client in a scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// What happened.
    pub scenario: Scenario,
    /// The client.
    pub client: String,
    /// Requests in all.
    pub requests: u64,
    /// Requests in a second: on the average, in all but the busiest hundredth, and at the most.
    pub mean: f64,
    /// See above.
    pub busy: u64,
    /// See above.
    pub most: u64,
    /// The most tabs that were without a token at once.
    pub without: u64,
    /// So many seconds after the outage the last of them had one again.
    pub relieved_after: Option<u64>,
}

/// Computes all, and draws it.
pub fn compute(is_quick: bool) -> (People, String) {
    let people = if is_quick { FEW } else { PEOPLE };
    let mut outcomes = Vec::new();
    let mut panels = Vec::new();
    for scenario in Scenario::ALL {
        let ours = scenario::play::<Ours>(scenario, people, TABS);
        let timers = scenario::play::<PlainTimer>(scenario, people, TABS);
        let one = scenario::play::<PlainTimer>(scenario, people, 1);
        outcomes.push(outcome(scenario, &format!("Pixy Login, {TABS} tabs"), &ours));
        outcomes.push(outcome(scenario, "a plain timer, 1 tab", &one));
        outcomes.push(outcome(scenario, &format!("a plain timer, {TABS} tabs"), &timers));
        panels.push(panel(scenario, &ours, &timers));
    }
    (People { people, tabs: TABS, outcomes }, plot::draw(&panels))
}

fn outcome(scenario: Scenario, client: &str, load: &Load) -> Outcome {
    let mut sorted = load.requests.clone();
    sorted.sort_unstable();
    let requests = sorted.iter().sum();
    let after = load.last_relieved.checked_sub(scenario.event() + OUTAGE);
    Outcome {
        scenario,
        client: client.to_owned(),
        requests,
        mean: rounded(requests as f64 / sorted.len() as f64),
        busy: sorted[(sorted.len() as f64 * BUSY) as usize],
        most: *sorted.last().unwrap_or(&0),
        without: *load.without.iter().max().unwrap_or(&0),
        relieved_after: after.filter(|_| scenario == Scenario::Outage),
    }
}

fn panel(scenario: Scenario, ours: &Load, timers: &Load) -> Panel {
    let line =
        |name: &str, load: &Load| Line { name: name.to_owned(), values: load.requests.clone() };
    let marks = match scenario {
        Scenario::Steady => vec![],
        Scenario::Morning => vec![(scenario.event(), "9:00")],
        Scenario::Outage => {
            vec![(scenario.event(), "gone"), (scenario.event() + OUTAGE, "back")]
        }
    };
    let first_minute = if scenario == Scenario::Morning { 8 * 60 } else { 0 };
    Panel {
        title: scenario.title().to_owned(),
        lines: vec![line("Pixy Login", ours), line("a plain timer per tab", timers)],
        marks: marks.into_iter().map(|(second, name)| (second, name.to_owned())).collect(),
        first_minute,
    }
}

impl People {
    /// The section of the page.
    pub fn text(&self) -> String {
        let mut text = format!(
            "\n## {people} people\n\n\
             Requests to the provider's token endpoint, computed second by second with the schedule that the \
             client itself goes by (`schedule.rs`), for {people} people who are signed in, each with {tabs} tabs \
             and access tokens of {life} minutes. Beside it a client that is not there to be run: a timer in each \
             tab, {ahead} seconds before the token runs out, and again {again} seconds after an attempt that \
             failed; each of its tabs has a token of its own. The provider has no limits here: what comes is \
             counted. In the morning all computers wake around nine (two of three within {spread} minutes). In \
             the outage every request fails at once for {outage} minutes; nobody uses the app meanwhile, which \
             would have our client ask sooner.\n\n\
             ![Requests per second](bench-people.svg)\n\n\
             | | client | requests | a second | busiest 1 % from | at most | tabs without a token, at most | all \
             have one again after |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
            people = grouped(self.people as f64),
            tabs = self.tabs,
            life = LIFE / 60,
            ahead = PlainTimer::AHEAD,
            again = PlainTimer::AGAIN,
            spread = SPREAD / 60,
            outage = OUTAGE / 60,
        );
        for outcome in &self.outcomes {
            let relieved = outcome.relieved_after.map(|seconds| format!("{seconds} s"));
            // Writing to a string can't fail.
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {} | {} |",
                outcome.scenario.title(),
                outcome.client,
                grouped(outcome.requests as f64),
                grouped(outcome.mean),
                grouped(outcome.busy as f64),
                grouped(outcome.most as f64),
                grouped(outcome.without as f64),
                relieved.unwrap_or_default(),
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_tells_what_came_out() {
        let (people, picture) = compute(true);
        let text = people.text();
        assert!(text.contains("| An outage of ten minutes | Pixy Login, 3 tabs |"), "{text}");
        assert_eq!(people.outcomes.len(), 9);
        assert_eq!(picture.matches("<polyline").count(), 6);
    }
}
