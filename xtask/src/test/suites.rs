//! The suites that run in a browser, several side by side, for most of the time they wait.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use serde_json::Value;

use super::LIMIT;
use crate::error::{Failure, Result};
use crate::process;

/// One file of tests, which is a page of its own.
#[derive(Debug)]
pub struct Suite {
    /// The file's path in the package.
    source: PathBuf,
    size: u64,
    /// What the runner is given.
    pub program: PathBuf,
}

/// Builds the tests of a command, and returns what it built.
pub fn build(mut cargo: Command) -> Result<Vec<Suite>> {
    cargo.args(["--no-run", "--message-format=json-render-diagnostics"]);
    let mut suites = Vec::new();
    let name = "cargo build of the browser tests";
    process::run_reading(cargo, name, LIMIT, |line| suites.extend(built(line)))?;
    Ok(suites)
}

/// The suite that a line of cargo's tells of, if it does.
fn built(line: &str) -> Option<Suite> {
    let message: Value = serde_json::from_str(line).ok()?;
    let path = |value: &Value| value.as_str().map(PathBuf::from);
    let source = path(&message["target"]["src_path"])?;
    let size = fs::metadata(&source).map_or(0, |file| file.len());
    let package = path(&message["manifest_path"])?;
    let source = source.strip_prefix(package.parent()?).unwrap_or(&source).to_owned();
    let suite = Suite { source, size, program: path(&message["executable"])? };
    (message["profile"]["test"] == true).then_some(suite)
}

/// Runs suites, so many at a time, and hands over each line of what they print, a suite after the other.
pub fn run(
    mut suites: Vec<Suite>,
    at_a_time: usize,
    command: impl Fn(&Suite) -> Command + Sync,
    logs: &Path,
    mut read_line: impl FnMut(&str),
) -> Result<()> {
    // Those with the most tests are the last to end, so they begin first.
    suites.sort_by_key(|suite| Reverse(suite.size));
    let waiting = Mutex::new(suites.into_iter());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let run_one = |suite: &Suite| {
        let name = suite.program.file_stem().unwrap_or_default();
        let log = logs.join(name).with_extension("log");
        process::run_collected(command(suite), &suite.source.display().to_string(), &log, LIMIT)
    };
    let (tell, told) = mpsc::channel();
    let work = |tell: mpsc::Sender<_>| {
        while let Some(suite) = next() {
            let ended = run_one(&suite);
            // Who listens does so to the end.
            let _ = tell.send((suite, ended));
        }
    };
    let mut failed = Vec::new();
    thread::scope(|scope| {
        for _ in 0..at_a_time {
            let tell = tell.clone();
            scope.spawn(|| work(tell));
        }
        drop(tell);
        for (suite, (text, result)) in told {
            read_line(&format!("\n     Running {}", suite.source.display()));
            text.lines().for_each(&mut read_line);
            failed.extend(result.err().map(|failure| failure.text().to_owned()));
        }
    });
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::message(failed.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;
    use crate::error::read_text;
    use std::collections::BTreeMap;

    /// The cases of the hostile server that a source names: those of a row, and those with a label.
    fn cases(source: &str) -> impl Iterator<Item = &str> {
        let is_row = |word: &str| {
            let number = word.strip_prefix('t').and_then(|rest| rest.split('-').next());
            number.is_some_and(|number| number.parse::<u16>().is_ok())
        };
        let no_name = |letter: char| letter.is_whitespace() || letter == '{';
        let words = source.split('"').filter(move |word| !word.contains(no_name));
        words.filter(move |word| is_row(word) || word.contains('~'))
    }

    /// What the server knows of a case would be changed by both, in whatever order they run.
    #[test]
    fn no_two_suites_share_a_case() {
        let folder = Environment::new().root.join("tests");
        let mut named = BTreeMap::new();
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            let Ok(source) = read_text(&path) else { continue };
            for case in cases(&source) {
                let first = named.entry(case.to_owned()).or_insert_with(|| path.clone());
                assert_eq!(*first, path, "{case} has to have a label of its own in one of them");
            }
        }
        assert!(named.len() > 100, "{named:?}");
    }

    const TEST: &str = r#"{"reason":"compiler-artifact","manifest_path":"/app/Cargo.toml",
        "target":{"src_path":"/app/tests/tabs.rs"},"profile":{"test":true},"executable":"/target/tabs-1.wasm"}"#;

    #[test]
    fn what_cargo_built_for_tests_is_a_suite() {
        let suite = built(TEST).unwrap();
        assert_eq!(suite.program, Path::new("/target/tabs-1.wasm"));
        assert_eq!(suite.source, Path::new("tests/tabs.rs"));
        assert!(built(&TEST.replace("true", "false")).is_none());
        assert!(built(r#"{"reason":"build-finished","success":true}"#).is_none());
        assert!(built("test result: ok").is_none());
    }

    #[cfg(unix)]
    #[test]
    fn every_suite_runs_and_its_lines_stay_together() {
        let suite = |name: &str| Suite { source: name.into(), size: 0, program: name.into() };
        let command = |suite: &Suite| {
            let script = format!("echo begin; sleep 0.1; echo {}", suite.source.display());
            let mut command = Command::new("sh");
            command.args(["-c", &format!("{script}; test {} != b", suite.source.display())]);
            command
        };
        let logs = std::env::temp_dir().join(format!("pixy-login-suites-{}", std::process::id()));
        let mut lines = Vec::new();
        let suites = ["a", "b", "c"].map(suite).into();
        let result = run(suites, 2, command, &logs, |line| lines.push(line.to_owned()));
        assert!(result.unwrap_err().text().starts_with("b failed"));
        for name in ["a", "b", "c"] {
            let running = format!("\n     Running {name}");
            assert!(lines.windows(3).any(|lines| lines == [&running, "begin", name]), "{lines:?}");
        }
        fs::remove_dir_all(logs).unwrap();
    }
}
