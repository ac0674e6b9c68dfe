//! What an outcome means: it is right, a known fault, or something that nobody knew.

use serde::{Deserialize, Serialize};

use crate::cases::Case;
use crate::manifest::Line;
use crate::seen::Outcome;

/// A field of the matrix.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// What the case expects.
    Right,
    /// Something else that is right at this server.
    RightHere {
        /// What came out.
        outcome: String,
        /// Why it is right.
        because: String,
    },
    /// A known fault of ours.
    Known {
        /// What came out.
        outcome: String,
        /// The fault's number.
        fault: String,
    },
    /// It was not run.
    LeftOut {
        /// Why.
        because: String,
    },
    /// A peer's app does otherwise than the case expects.
    Otherwise {
        /// What came out.
        outcome: String,
    },
    /// A fault that is not listed.
    New {
        /// What came out.
        outcome: String,
    },
    /// A listed outcome that is gone.
    Gone {
        /// What came out.
        outcome: String,
        /// What the list says.
        listed: String,
    },
}

impl Verdict {
    /// Judges what came out with one of our apps.
    pub fn of(case: &Case, line: Option<&Line>, outcome: &Outcome) -> Self {
        let is_met = case.expects.is_met(outcome);
        let outcome = outcome.text().to_owned();
        let Some(Line { outcome: Some(listed), fault, because, .. }) = line else {
            return if is_met { Self::Right } else { Self::New { outcome } };
        };
        if outcome != *listed {
            let listed = fault
                .as_ref()
                .map_or_else(|| listed.clone(), |fault| format!("{listed} ({fault})"));
            return Self::Gone { outcome, listed };
        }
        match (fault, because) {
            (Some(fault), _) => Self::Known { outcome, fault: fault.clone() },
            (None, because) => {
                Self::RightHere { outcome, because: because.clone().unwrap_or_default() }
            }
        }
    }

    /// Judges what came out with a peer's app: nobody's fault is listed, and nothing fails.
    pub fn of_peer(case: &Case, line: Option<&Line>, outcome: &Outcome) -> Self {
        let text = outcome.text().to_owned();
        match line {
            Some(Line { because: Some(because), outcome: Some(right), .. }) if text == *right => {
                Self::RightHere { outcome: text, because: because.clone() }
            }
            _ if case.expects.is_met(outcome) => Self::Right,
            _ => Self::Otherwise { outcome: text },
        }
    }

    /// Whether the command fails for it.
    pub fn fails(&self) -> bool {
        matches!(self, Self::New { .. } | Self::Gone { .. })
    }

    /// A sign for the matrix.
    pub fn sign(&self) -> &str {
        match self {
            Self::Right => "ok",
            Self::RightHere { .. } => "(ok)",
            Self::Known { fault, .. } => fault,
            Self::LeftOut { .. } => "–",
            Self::Otherwise { .. } => "no",
            Self::New { .. } => "NEW",
            Self::Gone { .. } => "GONE",
        }
    }

    /// In words, for the terminal.
    pub fn text(&self) -> String {
        match self {
            Self::Right => "ok".to_owned(),
            Self::RightHere { outcome, because } => format!("ok here: {outcome}. {because}"),
            Self::Known { outcome, fault } => format!("{fault}, as listed: {outcome}"),
            Self::LeftOut { because } => format!("left out: {because}"),
            Self::Otherwise { outcome } => outcome.clone(),
            Self::New { outcome } => format!("NOT LISTED: {outcome}"),
            Self::Gone { outcome, listed } => format!("LISTED AS: {listed}, BUT NOW: {outcome}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::CASES;
    use serde_json::json;

    fn of(line: Option<serde_json::Value>, outcome: &str) -> Verdict {
        let line: Option<Line> = line.map(|line| serde_json::from_value(line).unwrap());
        Verdict::of(&CASES[0], line.as_ref(), &Outcome::new(outcome))
    }

    #[test]
    fn what_is_not_listed_must_be_as_expected() {
        assert_eq!(of(None, "signed in"), Verdict::Right);
        assert!(of(None, "signed out").fails());
    }

    #[test]
    fn a_known_fault_fails_the_command_as_soon_as_it_is_gone() {
        let line = json!({"cases": ["redirect"], "outcome": "signed out", "fault": "F33"});
        assert_eq!(of(Some(line.clone()), "signed out").sign(), "F33");
        assert!(!of(Some(line.clone()), "signed out").fails());
        assert!(of(Some(line.clone()), "signed in").fails());
        assert!(of(Some(line), "signed out, error x").fails());
    }

    #[test]
    fn what_is_right_here_must_stay_so() {
        let line =
            json!({"cases": ["redirect"], "outcome": "signed out", "because": "It is closed."});
        assert!(!of(Some(line.clone()), "signed out").fails());
        assert!(of(Some(line), "signed in").fails());
    }

    #[test]
    fn a_peer_never_fails_the_command() {
        let verdict = Verdict::of_peer(&CASES[0], None, &Outcome::new("signed out"));
        assert_eq!(verdict.sign(), "no");
        assert!(!verdict.fails());
    }
}
