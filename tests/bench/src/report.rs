//! `docs/bench.md`, and `docs/bench.json` with the same for programs: what came out of the last run of each part.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::pages::{Pages, Row, Where};
use crate::people::People;
use crate::sessions::{self, Memory, Tabs};
use crate::visit::Measure;
use crate::words::grouped;

/// What ours are compared with.
const BASELINE: &str = "oidc-client-ts";

const HEAD: &str = "\
# The bench

Written by `cargo xtask bench --write`; every figure of every round is in [bench.json](bench.json).
";

const PAGES: &str = "\
Our apps and small apps over other libraries, in turn, each visit in a fresh browser, on one host (brotli, \
long-lived cache) at one real provider (npm's oidc-provider, [tests/provider](../tests/provider/README.md)). The \
sources of the others are in [tests/bench](../tests/bench); all show a button when nobody is signed in and the \
name when somebody is. Ours use what the provider offers besides: pushed requests, which are a round trip more \
before the page is left, and tokens that are bound to a key, which are one more before the token is there. The \
others do not, and neither does the widget in its second row. This provider's ID tokens name the person, as those \
of most do: ours show that name before userinfo has answered. auth0-spa-js and leptos_oidc never ask it; the others \
wait for it, as an app must that is to have a name at every provider.

- **first page**: what it loads of the app's own files, in bytes as they travel.
- **button**: from the navigation until the button is shown.
- **deaf**: for how long the button is shown and nobody listens to it; a click then is lost, and is made again.
- **click → leaves**: from a click in the moment the button is shown until the request for the provider's page \
leaves, a deaf time included; **both** is the sum; **later** is the same for a click two seconds after the button came.
- **callback**: from the provider's answer until the name is shown, **cold** where the browser has forgotten what it \
loaded, **warm** where it has not.
- **heap**, **wasm**: JavaScript heap and WebAssembly memory when somebody is signed in, in kB.
- **blocked**: how long tasks kept the page from answering, beyond 50 ms each: the first page, and the cold \
callback.

Times are in milliseconds, the medians of the rounds.
";

/// A column, with how it is written.
type Column = (Measure, &'static str, Unit);

/// The columns.
const COLUMNS: [Column; 12] = [
    (Measure::Bytes, "first page B", Unit::Bytes),
    (Measure::Button, "button", Unit::Milliseconds),
    (Measure::Deaf, "deaf", Unit::Milliseconds),
    (Measure::AtOnce, "click → leaves", Unit::Milliseconds),
    (Measure::Both, "both", Unit::Milliseconds),
    (Measure::Later, "later", Unit::Milliseconds),
    (Measure::Cold, "callback cold", Unit::Milliseconds),
    (Measure::Warm, "warm", Unit::Milliseconds),
    (Measure::Heap, "heap", Unit::Kilobytes),
    (Measure::Wasm, "wasm", Unit::Kilobytes),
    (Measure::BlockedFirst, "blocked", Unit::Milliseconds),
    (Measure::BlockedCallback, "at the callback", Unit::Milliseconds),
];

/// What is compared. The rest is nothing, or nearly, where all is well.
const COMPARED: [Measure; 8] = [
    Measure::Bytes,
    Measure::Button,
    Measure::AtOnce,
    Measure::Both,
    Measure::Later,
    Measure::Cold,
    Measure::Warm,
    Measure::Heap,
];

/// Where ours are to get to, as ratios to the baseline.
const GOALS: [(Measure, f64); 4] =
    [(Measure::Both, 0.9), (Measure::Later, 0.1), (Measure::Cold, 0.9), (Measure::Warm, 0.7)];

#[derive(Clone, Copy, Debug)]
enum Unit {
    Bytes,
    Kilobytes,
    Milliseconds,
}

/// What came out of each part.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// The apps.
    pub pages: Option<Pages>,
    /// What several tabs ask of the provider.
    pub tabs: Option<Noted<Tabs>>,
    /// What is left behind.
    pub memory: Option<Noted<Memory>>,
    /// What a million people ask of the provider.
    pub people: Option<People>,
}

/// Rows, and what else the computer did while they were measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Noted<T> {
    /// What else the computer did.
    pub note: Option<String>,
    /// The rows.
    pub rows: Vec<T>,
}

impl<T> Noted<T> {
    fn text(&self, of_rows: impl Fn(&[T]) -> String) -> String {
        let note = self.note.as_ref().map(|note| format!("\n**{note}**\n"));
        of_rows(&self.rows) + &note.unwrap_or_default()
    }
}

impl Report {
    /// Writes both files. Parts that were not run now stay as they are.
    pub fn write(&self, root: &Path) -> Result<(), String> {
        let data = root.join("docs/bench.json");
        let named = |error: &dyn std::fmt::Display| format!("{}: {error}", data.display());
        let mut report: Self = match fs::read_to_string(&data) {
            Ok(text) => serde_json::from_str(&text).map_err(|error| named(&error))?,
            Err(_) => Self::default(),
        };
        report.take(self);
        let text = serde_json::to_string_pretty(&report).map_err(|error| named(&error))?;
        fs::write(&data, text + "\n").map_err(|error| named(&error))?;
        let page = root.join("docs/bench.md");
        let text = format!("{HEAD}{}", report.text());
        fs::write(&page, text).map_err(|error| format!("{}: {error}", page.display()))
    }

    fn take(&mut self, newer: &Self) {
        if newer.pages.is_some() {
            self.pages.clone_from(&newer.pages);
        }
        if newer.tabs.is_some() {
            self.tabs.clone_from(&newer.tabs);
        }
        if newer.memory.is_some() {
            self.memory.clone_from(&newer.memory);
        }
        if newer.people.is_some() {
            self.people.clone_from(&newer.people);
        }
    }

    /// The tables.
    pub fn text(&self) -> String {
        let parts = [
            self.pages.as_ref().map(pages),
            self.tabs.as_ref().map(|tabs| tabs.text(sessions::tabs_text)),
            self.memory.as_ref().map(|memory| memory.text(sessions::memory_text)),
            self.people.as_ref().map(People::text),
        ];
        parts.into_iter().flatten().collect()
    }
}

/// Writes the picture that the page shows.
pub fn write_picture(root: &Path, picture: &str) -> Result<(), String> {
    let path = root.join("docs/bench-people.svg");
    fs::write(&path, picture).map_err(|error| format!("{}: {error}", path.display()))
}

fn pages(pages: &Pages) -> String {
    let mut text = format!("\n## Pages\n\n{PAGES}\n{}", circumstances(pages));
    for place in [Where::Here, Where::SlowPhone] {
        let rows: Vec<&Row> = pages.rows.iter().filter(|row| row.place == place).collect();
        if !rows.is_empty() {
            let _ = write!(text, "\n### {}\n\n{}", place.title(), figures(&rows));
            text.push_str(&ratios(&rows));
        }
    }
    text
}

fn circumstances(pages: &Pages) -> String {
    let rounds = if pages.rounds == 1 { "1 round" } else { &format!("{} rounds", pages.rounds) };
    let mut text = format!("Measured with {}, {rounds}.", pages.computer);
    if let Some(note) = &pages.note {
        let _ = write!(text, " **{note}**");
    }
    text.push('\n');
    for (app, why) in &pages.missing {
        let _ = writeln!(text, "\n{app} was left out: {why}.");
    }
    text
}

fn figures(rows: &[&Row]) -> String {
    table(rows, &COLUMNS, |row, measure, unit| row.median(measure).map(|value| unit.text(value)))
}

/// The same as parts of what the baseline takes, and where ours are to get to.
fn ratios(rows: &[&Row]) -> String {
    let Some(baseline) = rows.iter().find(|row| row.app == BASELINE) else {
        return String::new();
    };
    let columns: Vec<Column> =
        COLUMNS.into_iter().filter(|(measure, ..)| COMPARED.contains(measure)).collect();
    let ratio = |row: &Row, measure, _| {
        let (own, base) = (row.median(measure)?, baseline.median(measure)?);
        (base > 0.0).then(|| format!("{:.2}", own / base))
    };
    let goals = columns.iter().map(|(measure, ..)| {
        let goal = GOALS.iter().find(|(known, _)| known == measure);
        goal.map_or(String::new(), |(_, most)| format!("≤ {most}"))
    });
    let goals = goals.collect::<Vec<_>>().join(" | ");
    format!(
        "\nAs parts of what {BASELINE} takes in the same run:\n\n{}| where ours are to get to | {goals} |\n",
        table(rows, &columns, ratio),
    )
}

fn table(
    rows: &[&Row],
    columns: &[Column],
    cell: impl Fn(&Row, Measure, Unit) -> Option<String>,
) -> String {
    let heads: Vec<&str> = columns.iter().map(|(_, head, _)| *head).collect();
    let mut text =
        format!("| app | {} |\n| --- |{}\n", heads.join(" | "), " ---: |".repeat(columns.len()));
    for row in rows {
        let cells = columns
            .iter()
            .map(|(measure, _, unit)| cell(row, *measure, *unit).unwrap_or_else(|| "–".to_owned()));
        let _ = writeln!(text, "| {} | {} |", row.title, cells.collect::<Vec<_>>().join(" | "));
    }
    text
}

impl Unit {
    fn text(self, value: f64) -> String {
        match self {
            Self::Bytes => grouped(value),
            Self::Kilobytes => grouped(value / 1000.0),
            // What takes less than a frame is told in more detail.
            Self::Milliseconds if value < 10.0 => format!("{value:.1}"),
            Self::Milliseconds => grouped(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn row(app: &str, both: f64) -> Row {
        let figures = BTreeMap::from([(Measure::Both, vec![both]), (Measure::Wasm, vec![0.0])]);
        Row { app: app.to_owned(), title: app.to_owned(), place: Where::Here, figures }
    }

    fn report() -> Report {
        let pages = Pages {
            note: Some("Something else ran.".to_owned()),
            computer: "a browser".to_owned(),
            rounds: 1,
            missing: vec![("x".to_owned(), "no y".to_owned())],
            rows: vec![row("widget", 1500.0), row(BASELINE, 2000.0)],
        };
        Report { pages: Some(pages), ..Report::default() }
    }

    #[test]
    fn the_page_has_figures_ratios_and_what_was_left_out() {
        let text = report().text();
        assert!(text.contains("| widget | – | – | – | – | 1,500 |"), "{text}");
        assert!(text.contains("| widget | – | – | – | 0.75 |"), "{text}");
        assert!(text.contains("x was left out: no y."), "{text}");
        assert!(text.contains("**Something else ran.**"), "{text}");
    }

    #[test]
    fn what_was_not_run_now_stays() {
        let mut older = report();
        older.take(&Report::default());
        assert!(older.pages.is_some());
    }

    #[test]
    fn the_data_is_read_back() {
        let text = serde_json::to_string(&report()).unwrap();
        let read: Report = serde_json::from_str(&text).unwrap();
        assert_eq!(read.text(), report().text());
    }
}
