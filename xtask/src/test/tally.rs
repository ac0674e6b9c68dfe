//! Counts tests by what their runners print.

use crate::error::{Failure, Result};

/// How many tests did what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Green ones.
    pub passed: u32,
    /// Red ones.
    pub failed: u32,
    /// Those that were not run.
    pub ignored: u32,
}

impl Tally {
    /// Adds what a line of output says, if it is the last line of a run.
    pub fn count(&mut self, line: &str) {
        if let Some(result) = line.trim().strip_prefix("test result: ") {
            self.add_rust(result);
        } else {
            self.add_node(line.trim_start_matches(['#', 'ℹ', ' ']));
        }
    }

    /// `ok. 3 passed; 0 failed; 1 ignored; …`, of cargo's tests and of those in the browser.
    fn add_rust(&mut self, result: &str) {
        let number = |what: &str| {
            let mut parts = result.split([';', '.']).map(str::trim);
            parts.find_map(|part| part.strip_suffix(what)?.trim().parse::<u32>().ok())
        };
        self.passed += number("passed").unwrap_or(0);
        self.failed += number("failed").unwrap_or(0);
        self.ignored += number("ignored").unwrap_or(0);
    }

    /// `pass 3`, `fail 0`, `skipped 1`, of Node's tests.
    fn add_node(&mut self, line: &str) {
        let Some((word, number)) = line.split_once(' ') else {
            return;
        };
        let Ok(number) = number.trim().parse::<u32>() else {
            return;
        };
        match word {
            "pass" => self.passed += number,
            "fail" => self.failed += number,
            "skipped" => self.ignored += number,
            _ => {}
        }
    }

    /// Fails when nothing was tested, which a success must never mean; with a filter it may.
    pub fn verdict(&self, filter: &[String]) -> Result<()> {
        if self.passed == 0 && filter.is_empty() {
            return Err(Failure::message("no test was run"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.count(line));
        tally
    }

    #[test]
    fn counts_what_cargo_prints() {
        let counted = tally(&[
            "running 4 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
        ]);
        let expected = Tally { passed: 4, failed: 2, ignored: 1 };
        assert_eq!(counted, expected);
    }

    #[test]
    fn counts_what_node_prints() {
        let expected = Tally { passed: 12, failed: 1, ignored: 2 };
        assert_eq!(tally(&["# pass 12", "# fail 1", "# skipped 2"]), expected);
        assert_eq!(tally(&["ℹ pass 12", "ℹ fail 1", "ℹ skipped 2"]), expected);
    }

    #[test]
    fn other_lines_count_nothing() {
        let lines = ["test pass ... ok", "pass", "1 passed", "fail me not", ""];
        assert_eq!(tally(&lines), Tally::default());
    }

    #[test]
    fn nothing_tested_is_no_success() {
        assert!(Tally::default().verdict(&[]).is_err());
        assert!(Tally::default().verdict(&["name".to_owned()]).is_ok());
    }
}
