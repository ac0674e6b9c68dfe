//! What the suite says of a module, and what follows from it.

use std::fmt;

use serde_json::Value;

/// How a module of the suite ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Passed,
    /// Something is not as it should be, but may be.
    Warning,
    /// A person has to look.
    Review,
    /// The client need not do what is tested, and didn't.
    Skipped,
    Failed,
}

impl Verdict {
    fn read(text: &str) -> Option<Self> {
        Some(match text {
            "PASSED" => Self::Passed,
            "WARNING" => Self::Warning,
            "REVIEW" => Self::Review,
            "SKIPPED" => Self::Skipped,
            "FAILED" => Self::Failed,
            _ => return None,
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Passed => "passed",
            Self::Warning => "warning",
            Self::Review => "review",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        })
    }
}

/// How a module stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// The suite's word: `WAITING`, `FINISHED`, …
    pub(crate) status: String,
    pub(crate) verdict: Option<Verdict>,
}

impl State {
    pub(crate) fn read(info: &Value) -> Self {
        Self {
            status: info["status"].as_str().unwrap_or("UNKNOWN").to_owned(),
            verdict: info["result"].as_str().and_then(Verdict::read),
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.status == "FINISHED" || self.status == "INTERRUPTED"
    }

    /// The verdict of a module that has run to its end.
    pub(crate) fn word(&self) -> String {
        match self.verdict {
            Some(verdict) if self.status == "FINISHED" => verdict.to_string(),
            _ => self.status.to_ascii_lowercase(),
        }
    }
}

/// Something that a module found amiss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    source: String,
    text: String,
}

impl Remark {
    /// The remarks of a log, in their order.
    pub(crate) fn read_all(log: &Value) -> Vec<Self> {
        let amiss =
            |entry: &&Value| matches!(entry["result"].as_str(), Some("FAILURE" | "WARNING"));
        let text = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
        let entries = log.as_array().into_iter().flatten().filter(amiss);
        entries
            .map(|entry| Self { source: text(&entry["src"]), text: text(&entry["msg"]) })
            .collect()
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.source, self.text)
    }
}

/// What came out of a module.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) state: State,
    /// What the suite found amiss.
    pub(crate) remarks: Vec<Remark>,
    /// What the demo showed at the end, or how that was not what it had to be.
    pub(crate) demo: Result<String, String>,
}

/// What follows from an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    AsExpected,
    KnownFault,
    /// A known fault that is gone, and still listed.
    Mended,
    Fault,
}

impl Outcome {
    /// What the demo showed, in a line.
    pub(crate) fn shown(&self) -> &str {
        let (Ok(text) | Err(text)) = &self.demo;
        text.lines().next().unwrap_or_default()
    }

    /// The same, with what the suite says.
    pub(crate) fn problem(&self) -> String {
        let remarks = self.remarks.iter().map(Remark::to_string);
        [self.shown().to_owned()].into_iter().chain(remarks).collect::<Vec<_>>().join("; ")
    }

    pub(crate) fn judge(&self, expected: Verdict, has_known_fault: bool) -> Judgement {
        let over = self.state.status == "FINISHED";
        let good = over && self.state.verdict == Some(expected) && self.demo.is_ok();
        match (good, has_known_fault) {
            (true, false) => Judgement::AsExpected,
            (true, true) => Judgement::Mended,
            (false, true) => Judgement::KnownFault,
            (false, false) => Judgement::Fault,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn outcome(status: &str, result: &str, demo: Result<&str, &str>) -> Outcome {
        Outcome {
            state: State::read(&json!({"status": status, "result": result})),
            remarks: Vec::new(),
            demo: demo.map(str::to_owned).map_err(str::to_owned),
        }
    }

    #[test]
    fn a_state_is_read() {
        let state = State::read(&json!({"status": "FINISHED", "result": "PASSED"}));
        assert!(state.is_over());
        assert_eq!(state.word(), "passed");
        let state = State::read(&json!({"status": "WAITING", "result": null}));
        assert!(!state.is_over());
        assert_eq!(state.word(), "waiting");
        let state = State::read(&json!({"status": "INTERRUPTED", "result": "FAILED"}));
        assert_eq!((state.is_over(), state.word().as_str()), (true, "interrupted"));
        assert_eq!(State::read(&Value::Null).word(), "unknown");
    }

    #[test]
    fn remarks_are_what_was_amiss() {
        let log = json!([
            {"src": "A", "msg": "fine", "result": "SUCCESS"},
            {"src": "B", "msg": "odd ", "result": "WARNING"},
            {"src": "C", "msg": "no", "result": "FAILURE"},
            {"src": "D"},
        ]);
        let remarks: Vec<String> = Remark::read_all(&log).iter().map(Remark::to_string).collect();
        assert_eq!(remarks, ["B: odd", "C: no"]);
        assert_eq!(Remark::read_all(&Value::Null), []);
    }

    #[test]
    fn suite_and_demo_must_both_end_as_expected() {
        let judge = |outcome: &Outcome| outcome.judge(Verdict::Passed, false);
        assert_eq!(judge(&outcome("FINISHED", "PASSED", Ok("in"))), Judgement::AsExpected);
        assert_eq!(judge(&outcome("FINISHED", "PASSED", Err("out"))), Judgement::Fault);
        assert_eq!(judge(&outcome("FINISHED", "SKIPPED", Ok("in"))), Judgement::Fault);
        assert_eq!(judge(&outcome("INTERRUPTED", "PASSED", Ok("in"))), Judgement::Fault);
        let skipped = outcome("FINISHED", "SKIPPED", Ok("refused"));
        assert_eq!(skipped.judge(Verdict::Skipped, false), Judgement::AsExpected);
    }

    #[test]
    fn a_known_fault_is_one_until_it_is_mended() {
        let judge = |outcome: &Outcome| outcome.judge(Verdict::Passed, true);
        assert_eq!(judge(&outcome("WAITING", "", Ok("in"))), Judgement::KnownFault);
        assert_eq!(judge(&outcome("FINISHED", "PASSED", Ok("in"))), Judgement::Mended);
    }
}
