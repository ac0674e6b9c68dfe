//! One line for each thing.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::error::{Failure, Result};

/// What became of a thing.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was there; a word about it.
    Found(String),
    /// It had to be installed.
    Installed,
    /// It is not there; how to get it.
    Missing(String),
}

/// The line of a thing while it is being looked for.
#[derive(Debug)]
pub struct Line {
    name: &'static str,
    started: Instant,
}

impl Line {
    /// Says what is about to take long, and how long that usually is.
    pub fn long_step(&self, what: &str, usually: &str) {
        println!("  {}: {what}, usually {usually}", self.name);
        // Seen before the step begins; a closed output shows up at the next print.
        let _ = std::io::stdout().flush();
    }
}

/// All lines, and what is missing.
#[derive(Debug, Default)]
pub struct Report {
    missing: Vec<&'static str>,
}

impl Report {
    /// Does one step and prints its line.
    pub fn step(&mut self, name: &'static str, step: impl FnOnce(&Line) -> Result<Outcome>) {
        if !show(name, step) {
            self.missing.push(name);
        }
    }

    /// Prints the line of a step that was done meanwhile.
    pub fn tell(&mut self, name: &'static str, outcome: Result<Outcome>, took: Duration) {
        if !print(name, outcome, took) {
            self.missing.push(name);
        }
    }

    /// Does one step that nothing depends on.
    pub fn optional_step(
        &mut self,
        name: &'static str,
        step: impl FnOnce(&Line) -> Result<Outcome>,
    ) {
        show(name, step);
    }

    /// Fails when something is missing.
    pub fn end(&self) -> Result<()> {
        if self.missing.is_empty() {
            return Ok(());
        }
        Err(Failure::message(format!(
            "missing: {}. The lines above say how to get it; then try again.",
            self.missing.join(", ")
        )))
    }
}

/// Whether the thing is there in the end.
fn show(name: &'static str, step: impl FnOnce(&Line) -> Result<Outcome>) -> bool {
    let line = Line { name, started: Instant::now() };
    let outcome = step(&line);
    print(name, outcome, line.started.elapsed())
}

fn print(name: &str, outcome: Result<Outcome>, took: Duration) -> bool {
    let outcome = outcome.unwrap_or_else(|failure| Outcome::Missing(failure.text().to_owned()));
    println!("{}", text(name, &outcome, took));
    !matches!(outcome, Outcome::Missing(_))
}

fn text(name: &str, outcome: &Outcome, took: Duration) -> String {
    match outcome {
        Outcome::Found(detail) => format!("  {name}: found ({detail})"),
        Outcome::Installed => format!("  {name}: installed ({})", duration(took)),
        Outcome::Missing(how) => format!("  {name}: missing. {how}"),
    }
}

/// A time as a person would say it.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{} ms", time.as_millis()),
        1..=119 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_what_became_of_a_thing() {
        let line = |outcome: &Outcome| text("Trunk", outcome, Duration::from_secs(12));
        assert_eq!(line(&Outcome::Found("0.21.14".into())), "  Trunk: found (0.21.14)");
        assert_eq!(line(&Outcome::Installed), "  Trunk: installed (12 s)");
        assert_eq!(line(&Outcome::Missing("Get it.".into())), "  Trunk: missing. Get it.");
    }

    #[test]
    fn a_missing_thing_fails_the_report_and_an_optional_one_does_not() {
        let missing = |_: &Line| Ok(Outcome::Missing("how".into()));
        let mut report = Report::default();
        report.optional_step("font", missing);
        assert!(report.end().is_ok());
        let mut report = Report::default();
        report.step("Trunk", missing);
        assert!(report.end().unwrap_err().text().contains("Trunk"));
    }

    #[test]
    fn durations_are_readable() {
        assert_eq!(duration(Duration::from_millis(90)), "90 ms");
        assert_eq!(duration(Duration::from_secs(75)), "75 s");
        assert_eq!(duration(Duration::from_secs(361)), "6 min 1 s");
    }
}
