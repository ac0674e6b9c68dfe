//! `cargo xtask mutants`: cargo-mutants breaks the code in one place after another, and a test has to notice.
//!
//! Only what is pure is broken, so that native tests are enough. What no test can notice is listed, with the
//! reason, in `docs/mutants.md`; anything else that survives fails the command.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::arguments::Arguments;
use crate::environment::Environment;
use crate::error::{Context, Failure, Result, empty_folder, read_text};
use crate::files;
use crate::process;
use crate::setup::{self, Purpose};

const HELP: &str = "\
Usage: cargo xtask mutants [FILE…] [--sample N] [--seed N]

Changes the protocol, and the client's pure parts, in one place after another, as a slip would:
a comparison turned round, a branch left out, a result that is always the same. Each time the
native tests must fail. What survives is listed; unless docs/mutants.md says why, the command
fails.

  FILE        only files with this in their path: json, src/client
  --sample N  about N of them, spread over all files, in less than three minutes; those that
              it does not get to are left out
  --seed N    which ones; the same number means the same ones. By the clock, unless given

All of them take hours.";

/// What is broken: the folders and files that native tests are for.
const FILES: [&str; 5] = [
    "src/protocol",
    "src/client/session/limits.rs",
    "src/client/session/schedule.rs",
    "src/client/session/turn.rs",
    "src/client/tabs/message.rs",
];

/// The features of what is tested: all that those files know, and nothing that takes long to build.
const FEATURES: &str = "dpop,par,popup,presets,signed-userinfo,step-up,vault,widget";

/// The page with the survivors that are as good as the code.
const PAGE: &str = "docs/mutants.md";

/// A test that takes longer than all others together. Most of what it notices, a smaller one of its kind does too.
const MODEL: &str = "r65_no_order_of_events";

/// What a sample may take, building included, once cargo-mutants is there.
const LIMIT: Duration = Duration::from_secs(170);

/// The command `mutants`.
pub fn run(given: Vec<String>) -> Result<()> {
    let arguments = Arguments::parse(given, &["--sample", "--seed"])?;
    if arguments.help {
        println!("{HELP}");
        return Ok(());
    }
    let sample = arguments.value("--sample").map(|text| number("--sample", text)).transpose()?;
    let seed = match arguments.value("--seed") {
        Some(text) => number("--seed", text)?,
        None => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
    };
    let environment = setup::prepare(Purpose::Mutants)?;
    let begin = Instant::now();
    let files = chosen(&environment.root, &arguments.words)?;
    let folder = environment.target().join("mutants");
    // The copy is made here, and goes also when it has to be left alone.
    let (copies, lists) = (folder.join("copies"), folder.join("mutants.out"));
    for folder in [&copies, &lists] {
        empty_folder(folder)?;
    }
    let all = all_mutants(&environment, &files)?;
    let mut command = cargo_mutants(&environment, &files);
    if let Some(sample) = sample {
        let shard = Shard::of(all, sample, seed);
        println!("About {} of {all} changes; again with --seed {seed}", all / shard.count);
        command.args(["--sharding", "round-robin", "--shard", &shard.text()]);
    }
    command
        .args(["--jobs", "1", "--colors", "never", "--output"])
        .arg(&folder)
        .args(["--", "--lib"])
        .args(if sample.is_some() { &["--", "--skip", MODEL][..] } else { &[] })
        .env("TMPDIR", &copies)
        // What only one of hundreds of inputs shows is looked for by `test`, and would take most of the time.
        .env("PROPTEST_CASES", "32")
        // Else what others have made is built anew for each run.
        .env("CARGO_TARGET_DIR", folder.join("build"));
    let deadline = sample.map(|_| begin + LIMIT);
    let log = environment.work().join("logs/mutants.log");
    let ended = process::run_logged_until(command, "cargo mutants", &log, deadline);
    empty_folder(&copies)?;
    // Without lists it has not even begun, and says why.
    let report = Report::read(&lists).or_else(|failure| ended.clone().and(Err(failure)))?;
    println!("{}", report.summary(all, begin.elapsed()));
    let known = Known::read(&read_text(&environment.root.join(PAGE))?);
    judge(&report, &known, if sample.is_some() { 1 } else { all }, ended)
}

/// The files that are broken, as their paths from the root; those with such a word, if there are words.
fn chosen(root: &Path, words: &[String]) -> Result<Vec<String>> {
    let mut chosen = Vec::new();
    for place in FILES.map(|place| root.join(place)) {
        let files = if place.is_dir() { files::below(&place)? } else { vec![place] };
        let paths = files.iter().filter_map(|file| file.strip_prefix(root).ok()?.to_str());
        chosen.extend(paths.map(str::to_owned));
    }
    let is_meant = |path: &String| words.iter().any(|word| path.contains(word.as_str()));
    chosen.retain(|path| path.ends_with(".rs") && !path.contains("/tests/"));
    chosen.retain(|path| words.is_empty() || is_meant(path));
    if chosen.is_empty() {
        return Err(Failure::message("none of the files that are changed is called so"));
    }
    Ok(chosen)
}

fn number(name: &str, text: &str) -> Result<u64> {
    match text.parse::<u32>() {
        Ok(number) if number > 0 => Ok(number.into()),
        _ => Err(Failure::message(format!("{name} must be a whole number from 1 on"))),
    }
}

fn cargo_mutants(environment: &Environment, files: &[String]) -> Command {
    let mut command = environment.command("cargo");
    command.args(["mutants", "--package", "pixy-login", "--no-default-features"]);
    command.args(["--features", FEATURES]);
    for file in files {
        command.args(["--file", file]);
    }
    command
}

fn all_mutants(environment: &Environment, files: &[String]) -> Result<u64> {
    let mut command = cargo_mutants(environment, files);
    command.arg("--list");
    let listed = process::output(command).unwrap_or_default();
    match listed.lines().count() {
        0 => Err(Failure::message("cargo mutants finds nothing to change in these files")),
        count => Ok(count as u64),
    }
}

/// One of several parts of all changes, each of which has some of every file.
#[derive(Debug, PartialEq, Eq)]
struct Shard {
    number: u64,
    count: u64,
}

impl Shard {
    fn of(all: u64, sample: u64, seed: u64) -> Self {
        let count = (all / sample).max(1);
        Self { number: seed % count, count }
    }

    fn text(&self) -> String {
        format!("{}/{}", self.number, self.count)
    }
}

/// What became of the changes, by the lists that cargo-mutants writes.
#[derive(Debug, Default)]
struct Report {
    caught: Vec<String>,
    missed: Vec<String>,
    /// The tests ran on for ever, which is noticed, too.
    timeout: Vec<String>,
    /// What does not even compile.
    unviable: Vec<String>,
}

impl Report {
    fn read(folder: &Path) -> Result<Self> {
        let list = |name: &str| -> Result<Vec<String>> {
            let text =
                fs::read_to_string(folder.join(name)).context(folder.join(name).display())?;
            Ok(text.lines().map(str::to_owned).collect())
        };
        Ok(Self {
            caught: list("caught.txt")?,
            missed: list("missed.txt")?,
            timeout: list("timeout.txt")?,
            unviable: list("unviable.txt")?,
        })
    }

    fn tested(&self) -> usize {
        self.caught.len() + self.missed.len() + self.timeout.len()
    }

    fn tried(&self) -> u64 {
        (self.tested() + self.unviable.len()) as u64
    }

    fn summary(&self, all: u64, took: Duration) -> String {
        format!(
            "{} of {all} changes tested in {} s: {} noticed, {} of those by running on; {} not. {} more don't compile.",
            self.tested(),
            took.as_secs(),
            self.caught.len() + self.timeout.len(),
            self.timeout.len(),
            self.missed.len(),
            self.unviable.len(),
        )
    }
}

/// A change without its line, which moves: the file, and what is changed there.
fn without_line(mutant: &str) -> Option<(&str, &str)> {
    let (place, change) = mutant.split_once(": ")?;
    let (file, _) = place.split_once(':')?;
    Some((file, change))
}

/// The survivors that the page explains.
#[derive(Debug, Default)]
struct Known(Vec<(String, String)>);

impl Known {
    /// Reads the rows of the page: a heading names the file, a row below it begins with the change in backticks.
    fn read(page: &str) -> Self {
        let mut known = Self::default();
        let mut file = String::new();
        for line in page.lines() {
            if line.starts_with("## ") {
                file.clear();
            }
            if let Some(heading) = line.strip_prefix("### ") {
                file = heading.trim_matches('`').to_owned();
            }
            let row = line.strip_prefix("| `").and_then(|row| row.split_once("` |"));
            if let Some((change, _)) = row.filter(|_| !file.is_empty()) {
                known.0.push((file.clone(), change.to_owned()));
            }
        }
        known
    }

    fn has(&self, mutant: &str) -> bool {
        // A bar would end the cell.
        without_line(mutant).is_some_and(|(file, change)| {
            let change = change.replace('|', "\\|");
            self.0.iter().any(|(known, text)| known == file && *text == change)
        })
    }
}

/// What survives counts, however the run ended: a sample is called off when its time is over, and survivors alone
/// make cargo-mutants fail. But so many changes must have been tried.
fn judge(report: &Report, known: &Known, least: u64, ended: Result<()>) -> Result<()> {
    let (explained, unknown): (Vec<_>, Vec<_>) =
        report.missed.iter().partition(|mutant| known.has(mutant));
    for mutant in explained {
        println!("as {PAGE} says: {mutant}");
    }
    if !unknown.is_empty() {
        for mutant in unknown {
            eprintln!("no test notices: {mutant}");
        }
        return Err(Failure::message(format!(
            "each of these needs a test, or a row in {PAGE} that says why there can be none"
        )));
    }
    if report.tried() < least {
        ended?;
        return Err(Failure::message(format!(
            "only {} of {least} changes were tried",
            report.tried()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_one_of_several_parts() {
        assert_eq!(Shard::of(1700, 10, 3), Shard { number: 3, count: 170 });
        assert_eq!(Shard::of(1700, 10, 173), Shard { number: 3, count: 170 });
        assert_eq!(Shard::of(5, 10, 3), Shard { number: 0, count: 1 });
        assert_eq!(Shard::of(1700, 10, 3).text(), "3/170");
    }

    #[test]
    fn numbers_are_whole() {
        assert_eq!(number("--sample", "8").unwrap(), 8);
        for text in ["", "0", "-1", "all"] {
            assert!(number("--sample", text).unwrap_err().text().contains("--sample"), "{text}");
        }
    }

    #[test]
    fn files_are_chosen_by_a_part_of_their_path() {
        let root = Environment::new().root;
        let chosen = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            chosen(&root, &words)
        };
        assert_eq!(chosen(&["protocol/json"]).unwrap(), ["src/protocol/json.rs"]);
        let all = chosen(&[]).unwrap();
        assert!(all.len() > 40 && FILES.iter().all(|file| chosen(&[file]).is_ok()));
        assert!(!all.iter().any(|file| file.contains("tests")), "{all:?}");
        assert!(chosen(&["tests/native"]).is_err());
    }

    const MUTANT: &str = "src/protocol/json.rs:12:5: replace || with && in Reader::skip";

    #[test]
    fn a_survivor_is_known_in_any_line_of_its_file() {
        let page = "### `src/protocol/json.rs`\n\n| change | why |\n| --- | --- |\n\
                    | `replace \\|\\| with && in Reader::skip` | equal |\n";
        let known = Known::read(page);
        assert!(known.has(MUTANT) && known.has(&MUTANT.replace("12:5", "99:1")));
        assert!(!known.has(&MUTANT.replace("json", "jsno")));
        assert!(!known.has(&MUTANT.replace("skip", "skim")));
    }

    #[test]
    fn a_survivor_that_nobody_explains_fails_and_so_does_a_run_that_tested_nothing() {
        let missed = Report { missed: vec![MUTANT.to_owned()], ..Report::default() };
        let caught = Report { caught: vec![MUTANT.to_owned()], ..Report::default() };
        let (nothing, nobody) = (Report::default(), Known::default());
        let known = Known(vec![(
            "src/protocol/json.rs".to_owned(),
            "replace \\|\\| with && in Reader::skip".to_owned(),
        )]);
        for ended in [Ok(()), Err(Failure::message("it took too long"))] {
            assert!(judge(&caught, &nobody, 1, ended.clone()).is_ok());
            assert!(judge(&missed, &known, 1, ended.clone()).is_ok());
            assert!(judge(&missed, &nobody, 1, ended.clone()).is_err());
            assert!(judge(&nothing, &nobody, 1, ended.clone()).is_err());
            assert!(judge(&caught, &nobody, 2, ended).is_err());
        }
    }

    #[test]
    fn what_is_broken_is_there_and_the_page_is_about_it() {
        let root = Environment::new().root;
        for file in FILES {
            assert!(root.join(file).exists(), "{file}");
        }
        let page = read_text(&root.join(PAGE)).unwrap();
        for (file, change) in Known::read(&page).0 {
            assert!(root.join(&file).is_file(), "{PAGE}: there is no {file} with '{change}'");
        }
    }
}
