//! `cargo xtask test`: every test, in three parts, with a summary at the end.

mod browser;
mod display;
mod release;
mod suites;
mod tally;

use std::ffi::OsString;
use std::num::NonZero;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::dist;
use crate::environment::Environment;
use crate::error::{Failure, Result};
use crate::npm;
use crate::process;
use crate::setup::{self, Engine, Purpose};
use crate::ssr;
use release::Builds;
pub use release::{COMMAND as RELEASE_BUILDS, build as build_release};
use tally::Tally;

const HELP: &str = "\
Usage: cargo xtask test [native] [browser] [e2e] [--browser ENGINE] [-- FILTER…]

Installs what is missing, then runs every test, or the parts that are named:

  native    the protocol, these commands and the test servers, without a browser
  browser   the library in a headless browser, against the hostile server
  e2e       the release builds in a headless browser, against the real provider; they are
            made while the other parts run

  --browser chromium|firefox|webkit    which one; Chromium, when nothing is said

What an engine can't do is skipped with a reason; docs/engines.md lists it.
What stands after -- is passed on to the tests. A part that fails does not stop the others.
At the end stands how long each took, building apart from running.";

/// A stalled browser must not stall the tests.
const LIMIT: Duration = Duration::from_secs(30 * 60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Native,
    Browser,
    EndToEnd,
}

const ALL: [Part; 3] = [Part::Native, Part::Browser, Part::EndToEnd];

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Browser => "browser",
            Self::EndToEnd => "e2e",
        }
    }
}

/// The command `test`.
pub fn run(given: Vec<String>) -> Result<()> {
    let arguments = Arguments::parse(given, &["--browser"])?;
    if arguments.help {
        println!("{HELP}");
        return Ok(());
    }
    let Wanted { parts, engine } = Wanted::read(&arguments)?;
    let mut environment = setup::prepare_for(purpose(&parts), engine)?;
    let needs_display = engine == Engine::WebKit && parts != [Part::Native];
    let _display = needs_display.then(|| display::start(&mut environment)).transpose()?;
    let begin = Instant::now();
    let mut release =
        parts.contains(&Part::EndToEnd).then(|| release::start(&environment)).transpose()?;
    let run = |part| run_part(part, engine, &environment, &arguments.passed_on, &mut release);
    let summary: Vec<Summary> = parts.into_iter().map(run).collect();
    println!("\nTests, in {}, {} s in all:", engine.name(), begin.elapsed().as_secs());
    for line in &summary {
        println!("  {}", line.text());
    }
    if let Some(took) = summary.iter().find_map(|line| line.release) {
        println!("  release builds: {} s, beside the tests", took.as_secs());
    }
    if summary.iter().all(|line| line.failure.is_none()) {
        return Ok(());
    }
    Err(Failure::message("not every test passed"))
}

/// What is to be run, and in which browser.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    parts: Vec<Part>,
    engine: Engine,
}

impl Wanted {
    fn read(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            parts: parts(&arguments.words)?,
            engine: Engine::parse(arguments.value("--browser"))?,
        })
    }
}

fn parts(words: &[String]) -> Result<Vec<Part>> {
    if words.is_empty() {
        return Ok(ALL.to_vec());
    }
    let unknown = words.iter().find(|word| ALL.iter().all(|part| part.name() != word.as_str()));
    if let Some(word) = unknown {
        return Err(Failure::message(format!(
            "there is no part '{word}'; the parts are native, browser and e2e"
        )));
    }
    let named = |part: &Part| words.iter().any(|word| word == part.name());
    Ok(ALL.into_iter().filter(named).collect())
}

fn purpose(parts: &[Part]) -> Purpose {
    match parts {
        [Part::Native] => Purpose::NativeTests,
        [Part::Browser] => Purpose::BrowserTests,
        _ => Purpose::Everything,
    }
}

#[derive(Debug)]
struct Summary {
    part: Part,
    tally: Tally,
    built: Duration,
    ran: Duration,
    release: Option<Duration>,
    failure: Option<String>,
}

impl Summary {
    fn text(&self) -> String {
        let Tally { passed, failed, ignored } = self.tally;
        let name = self.part.name();
        let [built, ran] = [self.built, self.ran].map(|time| time.as_secs());
        let counts = format!("{passed:>4} passed {failed:>3} failed {ignored:>3} ignored");
        let verdict = match &self.failure {
            None => "ok".to_owned(),
            Some(reason) => format!("FAILED: {}", reason.lines().next().unwrap_or_default()),
        };
        format!("{name:<8} {counts} {built:>5} s built {ran:>5} s run  {verdict}")
    }
}

fn run_part(
    part: Part,
    engine: Engine,
    environment: &Environment,
    passed_on: &[String],
    release: &mut Option<Builds>,
) -> Summary {
    println!("\n== {} tests ==", part.name());
    let begin = Instant::now();
    let mut progress = Progress::default();
    let result = match part {
        Part::Native => native(environment, passed_on, &mut progress),
        Part::Browser => browser::run(environment, engine, passed_on, &mut progress),
        Part::EndToEnd => end_to_end(environment, engine, passed_on, release.take(), &mut progress),
    };
    let Progress { tally, built, release } = progress;
    let failure = result.and_then(|()| tally.verdict(passed_on)).err();
    if let Some(failure) = &failure {
        eprintln!("error: {}", failure.text());
    }
    Summary {
        part,
        tally,
        built,
        ran: begin.elapsed().saturating_sub(built),
        release,
        failure: failure.map(|failure| failure.text().to_owned()),
    }
}

/// What a part has done so far.
#[derive(Debug, Default)]
struct Progress {
    tally: Tally,
    built: Duration,
    /// How long the release builds took, beside other parts.
    release: Option<Duration>,
}

impl Progress {
    /// Does what is part of building.
    fn build<T>(&mut self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let begin = Instant::now();
        let built = work();
        self.built += begin.elapsed();
        built
    }
}

/// Builds what a command would run.
fn build_tests(mut cargo: Command, name: &str, progress: &mut Progress) -> Result<()> {
    cargo.arg("--no-run");
    progress.build(|| process::run(cargo, &format!("cargo build of {name}")))
}

fn native(environment: &Environment, passed_on: &[String], progress: &mut Progress) -> Result<()> {
    if !passed_on.is_empty() {
        // The filter is about Rust tests.
        return rust(environment, passed_on, progress);
    }
    thread::scope(|scope| {
        let node = scope.spawn(|| node(environment));
        let rust = rust(environment, passed_on, progress);
        let node = node.join().map_err(|_| Failure::message("the tests in Node panicked"))?;
        for line in node.iter().flat_map(|(text, _)| text.lines()) {
            show(line, &mut progress.tally);
        }
        node.into_iter().fold(rust, |all, (_, result)| all.and(result))
    })
}

fn rust(environment: &Environment, passed_on: &[String], progress: &mut Progress) -> Result<()> {
    let cargo = || {
        let mut cargo = environment.command("cargo");
        cargo.args(["test", "--no-fail-fast", "--all-features"]);
        cargo.args(["-p", "pixy-login", "-p", "xtask", "-p", "hostile-server"]);
        cargo.args(["-p", "conformance", "-p", "interop"]);
        cargo
    };
    let name = "the native tests";
    build_tests(cargo(), name, progress)?;
    run_tests(cargo(), name, passed_on, &mut progress.tally)
}

/// The tests in Node, beside those in Rust: what they print, and how they ended.
fn node(environment: &Environment) -> [(String, Result<()>); 2] {
    let mut npm = environment.command("npm");
    npm.args(["test", "--silent"]).current_dir(environment.root.join(npm::PROVIDER));
    let log = environment.work().join("logs/provider.log");
    let provider = process::run_collected(npm, "the provider's tests", &log, LIMIT);
    [provider, differential(environment)]
}

/// Compares the protocol's verdicts with those of oauth4webapi (docs/differences.md).
fn differential(environment: &Environment) -> (String, Result<()>) {
    let logs = environment.work().join("logs");
    let folder = environment.target().join("differential");
    let mut cargo = environment.command("cargo");
    cargo
        .args(["build", "--locked", "--manifest-path", "fuzz/Cargo.toml", "--bin", "judge"])
        // Without the targets, whose libFuzzer takes a C++ compiler.
        .args(["--no-default-features", "--features", "judge", "--target-dir"])
        .arg(&folder)
        .env("CARGO_ENCODED_RUSTFLAGS", "--cfg=fuzzing");
    let log = logs.join("judge.log");
    let built = process::run_collected(cargo, "cargo build of the judge", &log, LIMIT);
    if built.1.is_err() {
        return built;
    }
    let judge = format!("debug/judge{}", std::env::consts::EXE_SUFFIX);
    let mut npm = environment.command("npm");
    npm.args(["test", "--silent"])
        .current_dir(environment.root.join(npm::DIFFERENTIAL))
        .env("PIXY_JUDGE", folder.join(judge));
    let log = logs.join("differential.log");
    process::run_collected(npm, "the differential tests", &log, LIMIT)
}

fn end_to_end(
    environment: &Environment,
    engine: Engine,
    passed_on: &[String],
    release: Option<Builds>,
    progress: &mut Progress,
) -> Result<()> {
    let cargo = || {
        let mut cargo = environment.command("cargo");
        cargo
            .args(["test", "--no-fail-fast", "-p", "end-to-end"])
            .env("PIXY_DIST", environment.root.join(dist::FOLDER))
            .env("PIXY_SSR", ssr::folder(environment));
        if engine == Engine::Chromium {
            cargo.env("RUST_TEST_THREADS", at_a_time(environment));
        } else {
            // The tests are built for an engine, so that those it can't do are ignored and counted.
            cargo.args(["--features", engine.name()]);
        }
        cargo
    };
    let name = "the end-to-end tests";
    let built = build_tests(cargo(), name, progress);
    // In any case, for it would go on without this program.
    let release = release.map(|release| progress.build(|| release.wait())).transpose();
    built?;
    progress.release = release?;
    // What needs a web server is ignored where there is none.
    let all = ["--include-ignored".to_owned()];
    let has_servers = ["nginx", "caddy"].iter().all(|server| environment.find(server).is_some());
    let everything = passed_on.is_empty() && engine == Engine::Chromium && has_servers;
    let passed_on = if everything { &all } else { passed_on };
    run_tests(cargo(), name, passed_on, &mut progress.tally)
}

/// How many end-to-end tests run side by side in Chromium, unless the variable says so: they wait for a
/// browser and servers, which wait for each other.
fn at_a_time(environment: &Environment) -> OsString {
    let given = environment.get("RUST_TEST_THREADS");
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    given.unwrap_or_else(|| (2 * processors).to_string().into())
}

fn run_tests(
    mut command: Command,
    name: &str,
    passed_on: &[String],
    tally: &mut Tally,
) -> Result<()> {
    if !passed_on.is_empty() {
        command.arg("--").args(passed_on);
    }
    process::run_reading(command, name, LIMIT, |line| show(line, tally))
}

fn show(line: &str, tally: &mut Tally) {
    println!("{line}");
    tally.count(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(line: &str) -> Result<Wanted> {
        let words = line.split_whitespace().map(str::to_owned).collect();
        Wanted::read(&Arguments::parse(words, &["--browser"])?)
    }

    #[test]
    fn parts_run_in_their_order() {
        assert_eq!(wanted("").unwrap().parts, ALL);
        assert_eq!(wanted("e2e native").unwrap().parts, [Part::Native, Part::EndToEnd]);
        assert!(wanted("natif").is_err());
    }

    #[test]
    fn a_browser_is_chosen_beside_the_parts() {
        assert_eq!(wanted("e2e").unwrap().engine, Engine::Chromium);
        let both = Wanted { parts: vec![Part::Browser, Part::EndToEnd], engine: Engine::Firefox };
        assert_eq!(wanted("browser e2e --browser firefox").unwrap(), both);
        let one = Wanted { parts: vec![Part::Browser], engine: Engine::WebKit };
        assert_eq!(wanted("--browser=webkit browser").unwrap(), one);
        assert!(wanted("browser --browser").is_err());
        assert!(wanted("firefox").is_err());
    }

    #[test]
    fn a_single_part_needs_less() {
        assert_eq!(purpose(&[Part::Native]), Purpose::NativeTests);
        assert_eq!(purpose(&[Part::Browser]), Purpose::BrowserTests);
        assert_eq!(purpose(&[Part::EndToEnd]), Purpose::Everything);
        assert_eq!(purpose(&ALL), Purpose::Everything);
    }

    #[test]
    fn a_summary_line_says_why_a_part_failed() {
        let summary = Summary {
            part: Part::Browser,
            tally: Tally { passed: 3, failed: 1, ignored: 0 },
            built: Duration::from_secs(42),
            ran: Duration::from_secs(7),
            release: None,
            failure: Some("the browser tests failed\nmore".to_owned()),
        };
        let text = summary.text();
        assert!(text.contains("3 passed   1 failed"));
        assert!(text.ends_with("42 s built     7 s run  FAILED: the browser tests failed"));
    }
}
