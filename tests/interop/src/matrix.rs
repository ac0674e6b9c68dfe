//! The matrix: a row for each server, variant and app, a column for each case.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::cases::CASES;
use crate::verdict::Verdict;

/// A row.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The server's folder.
    pub server: String,
    /// The variant's name.
    pub variant: String,
    /// The app.
    pub app: String,
    /// The day on which it was run.
    pub date: String,
    /// Why there is nothing else to see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The fields, by case.
    pub fields: Vec<(String, Verdict)>,
}

impl Row {
    /// Its name.
    pub fn name(&self) -> String {
        format!("{} {} {}", self.server, self.variant, self.app)
    }

    /// Whether another is about the same.
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        self.name() == other.name()
    }

    /// What became of a case, if it was played.
    pub fn field(&self, case: &str) -> Option<&Verdict> {
        self.fields.iter().find(|(name, _)| name == case).map(|(_, verdict)| verdict)
    }

    /// Whether the command fails for it. A server that is not there is no success.
    pub fn fails(&self) -> bool {
        self.problem.is_some() || self.fields.iter().any(|(_, verdict)| verdict.fails())
    }
}

/// The matrix for the terminal, with a legend.
pub fn text(rows: &[Row]) -> String {
    let played = |name: &str| rows.iter().any(|row| row.field(name).is_some());
    let cases: Vec<_> = CASES.iter().filter(|case| played(case.name)).collect();
    let width = rows.iter().map(|row| row.name().chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = write!(text, "{:width$}", "");
    for number in 1..=cases.len() {
        let _ = write!(text, " {number:>4}");
    }
    text.push('\n');
    for row in rows {
        let _ = write!(text, "{:width$}", row.name());
        match &row.problem {
            Some(problem) => {
                text.push_str(&format!("  not run: {}", problem.lines().next().unwrap_or_default()))
            }
            None => cases.iter().for_each(|case| {
                let sign = row.field(case.name).map_or("", Verdict::sign);
                let _ = write!(text, " {sign:>4}");
            }),
        }
        text.push('\n');
    }
    text.push('\n');
    for (index, case) in cases.iter().enumerate() {
        let _ = writeln!(text, "{:>4}  {}: {}", index + 1, case.name, case.title);
    }
    text.push_str(
        "\nok: as the case expects; (ok): otherwise, and right at this server; a number: a known fault; \
         –: left out;\nno: a peer does otherwise; NEW: a fault that is not listed; GONE: a listed outcome \
         that is gone.\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(problem: Option<&str>, verdict: Verdict) -> Row {
        Row {
            server: "s".to_owned(),
            variant: "v".to_owned(),
            app: "demo".to_owned(),
            date: "2026-11-29".to_owned(),
            problem: problem.map(str::to_owned),
            fields: vec![("redirect".to_owned(), verdict)],
        }
    }

    #[test]
    fn a_server_that_is_not_there_is_a_row_and_no_success() {
        let row = row(Some("no Java"), Verdict::Right);
        assert!(row.fails());
        assert!(text(&[row]).contains("not run: no Java"));
    }

    #[test]
    fn the_matrix_has_a_column_for_each_case_that_was_played() {
        let text = text(&[row(None, Verdict::Right)]);
        assert!(text.contains("s v demo   ok"), "{text}");
        assert!(text.contains("1  redirect"));
        assert!(!text.contains("2  popup"));
    }
}
