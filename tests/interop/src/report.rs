//! `docs/interop.md`, and `docs/interop.json` with the same for programs: the rows of the last run of each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::app::AboutPeer;
use crate::cases::{CASES, Case};
use crate::manifest::Manifest;
use crate::matrix::Row;
use crate::server;
use crate::verdict::Verdict;

const OURS: [&str; 2] = ["demo", "widget"];

const HEAD: &str = "\
# Real servers

Written by `cargo xtask interop --write`: the built demo and widget, in a headless browser, at real \
authorization servers on loopback. [tests/interop](../tests/interop/README.md) says what each case does and \
how each server is set up; the same as data is in [interop.json](interop.json).

- **ok**: what the case expects came out.
- **(ok)**: something else came out, and it is right at this server. The reason stands below its table.
- **F33** and the like: a known fault of ours. [What it means](#faults) stands at the end.
- **–**: not played, for a reason that stands below the table.
- **no**: what a peer's app does instead. It is not ours to mend, so nothing is said of whose fault it is.
";

/// Writes both, with these rows in the place of older ones.
pub fn write(root: &Path, rows: &[Row]) -> Result<(), String> {
    let data = root.join("docs/interop.json");
    let before = match fs::read_to_string(&data) {
        Ok(text) => {
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", data.display()))?
        }
        Err(_) => Vec::new(),
    };
    let report = Report::new(root, merged(before, rows))?;
    // A row is a line, so that one sees what changed.
    let lines: Vec<String> = report
        .rows
        .iter()
        .map(|row| serde_json::to_string(row).map_err(|error| error.to_string()))
        .collect::<Result<_, _>>()?;
    let write = |path: &Path, text: String| {
        fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
    };
    write(&data, format!("[\n{}\n]\n", lines.join(",\n")))?;
    write(&root.join("docs/interop.md"), report.text()?)
}

/// The new rows in the place of those about the same, of which the cases stay that were not played anew.
fn merged(before: Vec<Row>, new: &[Row]) -> Vec<Row> {
    let (older, kept): (Vec<Row>, Vec<Row>) =
        before.into_iter().partition(|row| new.iter().any(|other| other.is_about_the_same(row)));
    let with_older = |row: &Row| {
        let mut row = row.clone();
        let before = older.iter().find(|older| older.is_about_the_same(&row));
        let fields = before.map(|older| older.fields.clone()).unwrap_or_default();
        let stays = |case: &str| row.problem.is_none() && row.field(case).is_none();
        let stay: Vec<_> = fields.into_iter().filter(|(case, _)| stays(case)).collect();
        row.fields.extend(stay);
        row
    };
    let mut rows: Vec<Row> = kept.into_iter().chain(new.iter().map(with_older)).collect();
    rows.sort_by_key(Row::name);
    rows
}

#[derive(Debug)]
struct Report {
    rows: Vec<Row>,
    servers: Vec<(String, Manifest)>,
    peers: BTreeMap<String, AboutPeer>,
    faults: BTreeMap<String, String>,
}

impl Report {
    /// Rows whose server, variant or peer is gone are left out.
    fn new(root: &Path, mut rows: Vec<Row>) -> Result<Self, String> {
        let folder = root.join("tests/interop");
        let read =
            |(name, path): (String, PathBuf)| Ok::<_, String>((name, Manifest::read(&path)?));
        let servers: Vec<(String, Manifest)> =
            server::folders(&folder).into_iter().map(read).collect::<Result<_, _>>()?;
        rows.retain(|row| {
            let server = servers.iter().find(|(name, _)| *name == row.server);
            server.is_some_and(|(_, manifest)| {
                manifest.variants.iter().any(|one| one.name == row.variant)
            })
        });
        let peers: BTreeSet<&str> =
            rows.iter().map(|row| row.app.as_str()).filter(|app| !OURS.contains(app)).collect();
        let peers =
            peers.into_iter().map(|name| Ok((name.to_owned(), AboutPeer::read(&folder, name)?)));
        Ok(Self {
            peers: peers.collect::<Result<_, String>>()?,
            faults: faults(&folder)?,
            servers,
            rows,
        })
    }

    fn text(&self) -> Result<String, String> {
        let mut text = HEAD.to_owned();
        text.push_str(&self.comparison());
        for (name, manifest) in &self.servers {
            text.push_str(&self.server(name, manifest));
        }
        text.push_str(&self.list_of_faults()?);
        Ok(text)
    }

    /// Of how many cases what is expected came out, app by app.
    fn comparison(&self) -> String {
        let apps: Vec<&str> =
            OURS.into_iter().chain(self.peers.keys().map(String::as_str)).collect();
        let titles = apps.iter().map(|app| match self.peers.get(*app) {
            Some(peer) => peer.name(),
            None => (*app).to_owned(),
        });
        let titles: Vec<String> = titles.collect();
        let mut text = format!(
            "\n## In short\n\nOf so many cases that were played, so many came out as they ought to.\n\n| server | variant | {} |\n| --- | --- |{}\n",
            titles.join(" | "),
            " ---: |".repeat(apps.len())
        );
        for (name, manifest) in &self.servers {
            for variant in &manifest.variants {
                let of =
                    |app: &&str| self.row(name, &variant.name, app).map_or("–".to_owned(), share);
                let shares: Vec<String> = apps.iter().map(of).collect();
                // Writing to a string can't fail.
                let _ = writeln!(
                    text,
                    "| {} | {} | {} |",
                    manifest.title,
                    variant.title,
                    shares.join(" | ")
                );
            }
        }
        for peer in self.peers.values().filter(|peer| !peer.notes.is_empty()) {
            let _ = write!(text, "\n{}: {}\n", peer.name(), peer.notes.join(" "));
        }
        text
    }

    fn server(&self, name: &str, manifest: &Manifest) -> String {
        let mut text = format!("\n## {} {}\n", manifest.title, manifest.version);
        let dates: BTreeSet<&str> = self
            .rows
            .iter()
            .filter(|row| row.server == name)
            .map(|row| row.date.as_str())
            .collect();
        if dates.is_empty() {
            return text + "\nNot run yet.\n";
        }
        let dates: Vec<&str> = dates.into_iter().collect();
        let _ = writeln!(text, "\nRun on {}. What is not as it is shipped:\n", dates.join(" and "));
        manifest.deviations.iter().for_each(|sentence| text.push_str(&format!("- {sentence}\n")));
        for variant in manifest.variants.iter().filter(|variant| !variant.deviations.is_empty()) {
            let _ = writeln!(text, "- *{}*: {}", variant.title, variant.deviations.join(" "));
        }
        text.push_str(&self.table(name, manifest, "demo and widget", &OURS));
        for (peer, about) in &self.peers {
            let title = about.name();
            text.push_str(&self.table(name, manifest, &title, &[peer]));
        }
        text
    }

    /// The cases of one server with these apps, and the reasons for what is not simply right.
    fn table(&self, server: &str, manifest: &Manifest, title: &str, apps: &[&str]) -> String {
        let has_rows =
            |app: &&str| self.rows.iter().any(|row| row.server == server && row.app == **app);
        if !apps.iter().any(has_rows) {
            return String::new();
        }
        let variants: Vec<&str> =
            manifest.variants.iter().map(|variant| variant.title.as_str()).collect();
        let mut text = format!(
            "\n| {title} | {} |\n| --- |{}\n",
            variants.join(" | "),
            " --- |".repeat(variants.len())
        );
        let mut notes = Notes::default();
        for case in &CASES {
            let field = |variant: &crate::manifest::Variant| {
                self.field(server, &variant.name, case, apps, &mut notes)
            };
            let fields: Vec<String> = manifest.variants.iter().map(field).collect();
            let _ = writeln!(text, "| {} | {} |", case.title, fields.join(" | "));
        }
        text + &notes.text()
    }

    fn field(
        &self,
        server: &str,
        variant: &str,
        case: &Case,
        apps: &[&str],
        notes: &mut Notes,
    ) -> String {
        let of = |app: &&str| {
            let Some(row) = self.row(server, variant, app) else {
                return "not run".to_owned();
            };
            match (&row.problem, row.field(case.name)) {
                (Some(problem), _) => {
                    format!("not run{}", notes.number(problem.lines().next().unwrap_or_default()))
                }
                (None, None) => "not run".to_owned(),
                (None, Some(verdict)) => sign(verdict, notes),
            }
        };
        let signs: Vec<String> = apps.iter().map(of).collect();
        if signs.iter().all(|sign| *sign == signs[0]) {
            return signs[0].clone();
        }
        apps.iter()
            .zip(&signs)
            .map(|(app, sign)| format!("{app} {sign}"))
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn row(&self, server: &str, variant: &str, app: &str) -> Option<&Row> {
        self.rows.iter().find(|row| {
            (row.server.as_str(), row.variant.as_str(), row.app.as_str()) == (server, variant, app)
        })
    }

    /// What each fault means, and where it shows.
    fn list_of_faults(&self) -> Result<String, String> {
        let mut found: BTreeMap<&str, BTreeMap<(&str, &str), Places>> = BTreeMap::new();
        for row in &self.rows {
            for (case, verdict) in &row.fields {
                if let Verdict::Known { fault, outcome } = verdict {
                    let places = found.entry(fault).or_default();
                    let places = places.entry((&row.server, outcome)).or_default();
                    places.rows.insert(format!("{} {}", row.variant, row.app));
                    places.cases.insert(case);
                }
            }
        }
        let mut text = "\n## Faults\n".to_owned();
        for (fault, outcomes) in found {
            let meaning = self.faults.get(fault).ok_or(format!("faults.json has no {fault}"))?;
            let _ = writeln!(text, "\n### {fault}\n\n{meaning}\n");
            for ((server, outcome), places) in outcomes {
                let rows: Vec<&str> = places.rows.iter().map(String::as_str).collect();
                let cases: Vec<&str> = places.cases.into_iter().collect();
                let (rows, cases) = (rows.join(", "), cases.join(", "));
                let _ = writeln!(text, "- {server} ({rows}), {cases}: *{outcome}*");
            }
        }
        Ok(text)
    }
}

/// Where an outcome shows at a server.
#[derive(Debug, Default)]
struct Places<'a> {
    rows: BTreeSet<String>,
    cases: BTreeSet<&'a str>,
}

/// `faults.json`: each fault's number, and a sentence on what happens to whom.
fn faults(folder: &Path) -> Result<BTreeMap<String, String>, String> {
    let path = folder.join("faults.json");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn sign(verdict: &Verdict, notes: &mut Notes) -> String {
    match verdict {
        Verdict::RightHere { outcome, because } => {
            format!("(ok){}", notes.number(&format!("{outcome}: {because}")))
        }
        Verdict::LeftOut { because } => format!("–{}", notes.number(because)),
        Verdict::Otherwise { outcome } => format!("no: {outcome}"),
        Verdict::New { outcome } | Verdict::Gone { outcome, .. } => format!("**new**: {outcome}"),
        Verdict::Right | Verdict::Known { .. } => verdict.sign().to_owned(),
    }
}

/// In how many cases that were played came out what ought to.
fn share(row: &Row) -> String {
    if row.problem.is_some() {
        return "not run".to_owned();
    }
    let played =
        row.fields.iter().filter(|(_, verdict)| !matches!(verdict, Verdict::LeftOut { .. }));
    let right = |verdict: &Verdict| matches!(verdict, Verdict::Right | Verdict::RightHere { .. });
    let (all, good) = played
        .fold((0, 0), |(all, good), (_, verdict)| (all + 1, good + usize::from(right(verdict))));
    format!("{good} of {all}")
}

/// The notes below a table, each once.
#[derive(Debug, Default)]
struct Notes(Vec<String>);

impl Notes {
    /// The mark of a note.
    fn number(&mut self, note: &str) -> String {
        let place = self.0.iter().position(|own| own == note).unwrap_or_else(|| {
            self.0.push(note.to_owned());
            self.0.len() - 1
        });
        format!("<sup>{}</sup>", place + 1)
    }

    fn text(&self) -> String {
        let lines =
            self.0.iter().enumerate().map(|(place, note)| format!("{}. {note}\n", place + 1));
        let lines: String = lines.collect();
        if lines.is_empty() { lines } else { format!("\n{lines}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(app: &str, verdicts: Vec<(&str, Verdict)>) -> Row {
        Row {
            server: "oidc-provider".to_owned(),
            variant: "plain".to_owned(),
            app: app.to_owned(),
            date: "2026-11-29".to_owned(),
            problem: None,
            fields: verdicts
                .into_iter()
                .map(|(case, verdict)| (case.to_owned(), verdict))
                .collect(),
        }
    }

    #[test]
    fn new_rows_take_the_place_of_those_about_the_same() {
        let before = vec![row("demo", vec![]), row("widget", vec![])];
        let new = row("demo", vec![("redirect", Verdict::Right)]);
        assert_eq!(merged(before, std::slice::from_ref(&new)), [new, row("widget", vec![])]);
    }

    #[test]
    fn cases_that_were_not_played_anew_stay() {
        let before = row("demo", vec![("redirect", Verdict::Right), ("popup", Verdict::Right)]);
        let other = Verdict::Otherwise { outcome: "signed out".to_owned() };
        let new = row("demo", vec![("popup", other.clone())]);
        let both = row("demo", vec![("popup", other), ("redirect", Verdict::Right)]);
        assert_eq!(merged(vec![before.clone()], std::slice::from_ref(&new)), [both]);
        let gone = Row { problem: Some("no Java".to_owned()), ..row("demo", vec![]) };
        assert_eq!(merged(vec![before], std::slice::from_ref(&gone)), [gone]);
    }

    #[test]
    fn what_was_left_out_counts_for_nothing() {
        let left_out = Verdict::LeftOut { because: "No.".to_owned() };
        let other = Verdict::Otherwise { outcome: "signed out".to_owned() };
        let row =
            row("demo", vec![("redirect", Verdict::Right), ("popup", left_out), ("reload", other)]);
        assert_eq!(share(&row), "1 of 2");
    }

    #[test]
    fn a_note_has_one_number() {
        let mut notes = Notes::default();
        assert_eq!(notes.number("a"), "<sup>1</sup>");
        assert_eq!(notes.number("b"), "<sup>2</sup>");
        assert_eq!(notes.number("a"), "<sup>1</sup>");
        assert_eq!(notes.text(), "\n1. a\n2. b\n");
    }

    #[test]
    fn every_fault_that_is_listed_says_what_happens() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let known = faults(folder).unwrap();
        let manifests =
            server::folders(folder).into_iter().map(|(_, path)| Manifest::read(&path).unwrap());
        let lines: Vec<_> = manifests.flat_map(|manifest| manifest.outcomes).collect();
        let listed: BTreeSet<&str> =
            lines.iter().filter_map(|line| line.fault.as_deref()).collect();
        assert_eq!(listed, known.keys().map(String::as_str).collect());
    }
}
