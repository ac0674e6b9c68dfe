//! The apps in turn, round by round, each in fresh browsers: neither what a computer does meanwhile nor what it
//! has done before is then one app's alone.

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::thread;

use end_to_end::Browser;
use end_to_end::performance::{Conditions, SLOW_PHONE, UNHINDERED};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::host::Host;
use crate::plan::{App, Plan};
use crate::visit::{self, Click, Figures, Measure};
use crate::words::{problem_text, rounded};

/// One provider for all: Auth0's library knows its paths by heart, and the Rust peer wants a refresh token.
const PROVIDER: [&str; 2] = ["--like-auth0", "--refresh-tokens"];

/// Where a page is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Where {
    /// On this computer as it is.
    Here,
    /// As on a slow phone.
    SlowPhone,
}

impl Where {
    /// Its name in headings.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Here => "This computer as it is",
            Self::SlowPhone => "A slow phone: a processor four times as slow, slow 4G",
        }
    }

    const fn conditions(self) -> Conditions {
        match self {
            Self::Here => UNHINDERED,
            Self::SlowPhone => SLOW_PHONE,
        }
    }
}

/// What came out for all apps.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pages {
    /// What else the computer did meanwhile.
    pub note: Option<String>,
    /// What was measured on.
    pub computer: String,
    /// How often.
    pub rounds: u32,
    /// The apps that could not be built, and why.
    pub missing: Vec<(String, String)>,
    /// The apps.
    pub rows: Vec<Row>,
}

/// What came out for an app in one place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// The app's name.
    pub app: String,
    /// Its name in tables.
    pub title: String,
    /// Where it was measured.
    pub place: Where,
    /// The figures, one of each round.
    pub figures: BTreeMap<Measure, Vec<f64>>,
}

impl Row {
    /// The figure of the middle round.
    pub fn median(&self, measure: Measure) -> Option<f64> {
        let mut values = self.figures.get(&measure)?.clone();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        match values.len() {
            0 => None,
            count if count.is_multiple_of(2) => {
                Some(f64::midpoint(values[middle - 1], values[middle]))
            }
            _ => Some(values[middle]),
        }
    }
}

/// Measures the apps of the plan. A visit that does not go through is a failure, and keeps no other back.
pub fn measure(plan: &Plan, failures: &mut Vec<String>) -> Result<Pages, String> {
    let host = Host::start(plan, &plan.apps, &PROVIDER)?;
    let places = if plan.quick { &[Where::Here][..] } else { &[Where::Here, Where::SlowPhone] };
    let mut rows: Vec<Row> =
        places.iter().flat_map(|place| plan.apps.iter().map(|app| row(app, *place))).collect();
    for round in 1..=plan.rounds {
        for row in &mut rows {
            let app = plan.apps.iter().find(|app| app.name == row.app).expect("an app of the plan");
            let what = format!("round {round}, {:?}, {}", row.place, row.app);
            for click in [Click::AtOnce, Click::Later] {
                match play(&host, app, row.place, click) {
                    Ok(figures) => {
                        println!("  {what}: {}", text(&figures));
                        for (measure, value) in figures {
                            row.figures.entry(measure).or_default().push(rounded(value));
                        }
                    }
                    Err(problem) => {
                        println!("  {what}: {problem}");
                        failures.push(format!("{what}, {click:?}"));
                    }
                }
            }
        }
    }
    Ok(Pages {
        note: plan.note.clone(),
        computer: computer(),
        rounds: plan.rounds,
        missing: plan.missing.clone(),
        rows,
    })
}

fn row(app: &App, place: Where) -> Row {
    Row { app: app.name.clone(), title: app.title.clone(), place, figures: BTreeMap::new() }
}

/// What the harness gives up on ends a visit, not the bench.
fn play(host: &Host, app: &App, place: Where, click: Click) -> Result<Figures, String> {
    let visit = || visit::play(host, app, &place.conditions(), click);
    panic::catch_unwind(AssertUnwindSafe(visit)).map_err(|problem| problem_text(&*problem))
}

fn text(figures: &Figures) -> String {
    let parts = figures.iter().map(|(measure, value)| format!("{measure:?} {value:.0}"));
    parts.collect::<Vec<_>>().join(", ")
}

fn computer() -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let version = Browser::start().devtools("Browser.getVersion", &json!({}));
    format!("{} on {cores} cores", version["product"].as_str().unwrap_or("a browser"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figure_of_the_middle_round_counts() {
        let mut row = Row {
            app: "a".to_owned(),
            title: "A".to_owned(),
            place: Where::Here,
            figures: BTreeMap::from([(Measure::Button, vec![9.0, 1.0, 2.0])]),
        };
        assert_eq!(row.median(Measure::Button), Some(2.0));
        row.figures.insert(Measure::Button, vec![4.0, 1.0, 2.0, 9.0]);
        assert_eq!(row.median(Measure::Button), Some(3.0));
        assert_eq!(row.median(Measure::Cold), None);
    }
}
