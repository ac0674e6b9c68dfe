//! `cargo xtask fuzz`: libFuzzer, on the toolchain that builds everything else.
//!
//! `cargo fuzz` asks for a nightly toolchain, for its sanitizers. There is no unsafe code here for them
//! to watch, and what guides libFuzzer is an LLVM pass that every rustc has.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::environment::Environment;
use crate::error::{Context, Failure, Result, create_folder, read_text};
use crate::process::{self, Running};
use crate::setup;

const HELP: &str = "\
Usage: cargo xtask fuzz [TARGET…] [--seconds N] [-- ARGUMENT…]

Feeds what reads foreign text (fuzz/fuzz_targets) with inputs that grow out of fuzz/seeds by
what they reach: all targets, or those that are named, for N seconds each (default 10), as
many at once as there are cores. What is found is kept in fuzz/corpus. Fails when a target
panics, and says how to see it again. Needs a C++ compiler.

With what stands after -- the one target that is named runs as it is told, on the terminal:
a file is an input to try once, anything else an option of libFuzzer.";

/// Tells libFuzzer which way was taken, and which values were compared with each other.
const RUSTFLAGS: [&str; 6] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// How long an input may take, in seconds: honest ones take microseconds.
const SLOWEST: u64 = 5;

/// How much longer than asked a target may run: it loads its corpus before it counts.
const GRACE: Duration = Duration::from_secs(60);

/// The command `fuzz`.
pub fn run(given: Vec<String>) -> Result<()> {
    let arguments = Arguments::parse(given, &["--seconds"])?;
    if arguments.help {
        println!("{HELP}");
        return Ok(());
    }
    let environment = Environment::new();
    let targets = chosen(&arguments.words, all_targets(&environment.root)?)?;
    let seconds = seconds(arguments.value("--seconds"))?;
    if !arguments.passed_on.is_empty() {
        let [target] = &targets[..] else {
            return Err(Failure::message("name the one target that what stands after -- is for"));
        };
        let mut command = Command::new(build(&environment)?.join(target));
        command.current_dir(&environment.root).args(&arguments.passed_on);
        return process::run(command, target);
    }
    let programs = build(&environment)?;
    let mut failed = Vec::new();
    let at_once = thread::available_parallelism().map_or(1, usize::from);
    for some in targets.chunks(at_once) {
        let started: Vec<Fuzzing> = some
            .iter()
            .map(|target| Fuzzing::start(&environment, &programs, target, seconds))
            .collect::<Result<_>>()?;
        for fuzzing in started {
            let target = fuzzing.target.clone();
            if let Err(failure) = fuzzing.end() {
                eprintln!("error: {}", failure.text());
                failed.push(target);
            }
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::message(format!("not every input was survived: {}", failed.join(", "))))
}

/// The names of all targets, in their order.
fn all_targets(root: &Path) -> Result<Vec<String>> {
    let folder = root.join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&folder).context(folder.display())?;
    let stem = |path: PathBuf| Some(path.file_stem()?.to_str()?.to_owned());
    let mut names: Vec<String> = entries.flatten().filter_map(|entry| stem(entry.path())).collect();
    names.sort();
    Ok(names)
}

fn chosen(words: &[String], all: Vec<String>) -> Result<Vec<String>> {
    if let Some(word) = words.iter().find(|word| !all.contains(word)) {
        let all = all.join(", ");
        return Err(Failure::message(format!(
            "there is no target '{word}'; the targets are {all}"
        )));
    }
    Ok(if words.is_empty() { all } else { words.to_vec() })
}

fn seconds(given: Option<&str>) -> Result<u64> {
    match given.unwrap_or("10").parse() {
        // Without a limit, which is what 0 means to libFuzzer, nothing would ever end it.
        Ok(seconds) if seconds > 0 => Ok(seconds),
        _ => Err(Failure::message("--seconds must be a whole number from 1 on")),
    }
}

/// Builds all targets and returns their folder.
fn build(environment: &Environment) -> Result<PathBuf> {
    if environment.get("CXX").is_none() && environment.find("c++").is_none() {
        return Err(Failure::message(
            "libFuzzer needs a C++ compiler (on Debian: apt-get install g++)",
        ));
    }
    let host = setup::host(environment)?;
    let folder = environment.target().join("fuzz");
    println!("Building the fuzz targets, from nothing in about half a minute.");
    let mut cargo = environment.command("cargo");
    cargo
        .args(["build", "--locked", "--release", "--bins", "--manifest-path", "fuzz/Cargo.toml"])
        // With a target, the flags are for it alone: not for build scripts and macros.
        .args(["--target", &host, "--target-dir"])
        .arg(&folder)
        .env("CARGO_ENCODED_RUSTFLAGS", RUSTFLAGS.join("\x1f"));
    let log = environment.work().join("logs/fuzz-build.log");
    process::run_logged(cargo, "cargo build of the fuzz targets", &log)?;
    Ok(folder.join(host).join("release"))
}

/// A target that runs.
#[derive(Debug)]
struct Fuzzing {
    target: String,
    running: Running,
    log: PathBuf,
    deadline: Instant,
}

impl Fuzzing {
    fn start(
        environment: &Environment,
        programs: &Path,
        target: &str,
        seconds: u64,
    ) -> Result<Self> {
        let folder = |name: &str| Path::new("fuzz").join(name).join(target);
        for name in ["corpus", "artifacts"] {
            create_folder(&environment.root.join(folder(name)))?;
        }
        let log = environment.work().join(format!("logs/fuzz-{target}.log"));
        let file = File::create(&log).context(log.display())?;
        let copy = file.try_clone().context(log.display())?;
        let mut command = Command::new(programs.join(target));
        command
            .current_dir(&environment.root)
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-timeout={SLOWEST}"))
            .arg(format!("-artifact_prefix={}/", folder("artifacts").display()))
            .arg("-print_final_stats=1")
            .args([folder("corpus"), folder("seeds")])
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(copy);
        let running = Running::start(command, target)?;
        let deadline = Instant::now() + Duration::from_secs(seconds) + GRACE;
        Ok(Self { target: target.to_owned(), running, log, deadline })
    }

    /// Waits for the end and says in a line how it went.
    fn end(mut self) -> Result<()> {
        let status = self.running.wait_until(Some(self.deadline))?;
        let report = Report::read(&read_text(&self.log)?);
        if status.success() {
            println!("{:<18} {} runs, {} places reached", self.target, report.runs, report.reached);
            return Ok(());
        }
        Err(Failure::message(report.complaint(&self.target, &self.log)))
    }
}

/// What libFuzzer printed.
#[derive(Debug, Default, PartialEq)]
struct Report {
    runs: u64,
    reached: u64,
    panic: String,
    input: Option<String>,
}

impl Report {
    fn read(log: &str) -> Self {
        let after = |line: &str, mark: &str| {
            line.split_once(mark).and_then(|(_, rest)| rest.split_whitespace().next()?.parse().ok())
        };
        let mut report = Self::default();
        let mut lines = log.lines();
        while let Some(line) = lines.next() {
            report.runs = after(line, "stat::number_of_executed_units:").unwrap_or(report.runs);
            report.reached = after(line, " cov: ").unwrap_or(report.reached);
            if line.contains("panicked at") {
                let message =
                    lines.by_ref().take_while(|line| !line.starts_with("stack backtrace"));
                report.panic =
                    message.take(6).fold(line.to_owned(), |all, line| all + "\n  " + line);
            }
            if let Some((_, path)) = line.split_once("Test unit written to ") {
                report.input = Some(path.to_owned());
            }
        }
        report
    }

    fn complaint(&self, target: &str, log: &Path) -> String {
        let again = match &self.input {
            Some(input) => format!("Again with: cargo xtask fuzz {target} -- {input}"),
            None => "It left no input behind.".to_owned(),
        };
        let log = log.display();
        format!("{target} failed after {} runs; see {log}\n  {}\n{again}", self.runs, self.panic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn all_targets_are_meant_unless_some_are_named() {
        let all = words("callback json");
        assert_eq!(chosen(&[], all.clone()).unwrap(), all);
        assert_eq!(chosen(&words("json"), all.clone()).unwrap(), ["json"]);
        assert!(chosen(&words("jsno"), all).unwrap_err().text().contains("callback, json"));
    }

    #[test]
    fn the_time_is_limited() {
        assert_eq!(seconds(None).unwrap(), 10);
        assert_eq!(seconds(Some("120")).unwrap(), 120);
        assert!(seconds(Some("0")).is_err());
        assert!(seconds(Some("-1")).is_err());
    }

    #[test]
    fn each_target_is_built_and_has_seeds() {
        let root = Environment::new().root;
        let manifest = read_text(&root.join("fuzz/Cargo.toml")).unwrap();
        let targets = all_targets(&root).unwrap();
        assert!(!targets.is_empty());
        for target in targets {
            assert!(manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")), "{target}");
            let seeds = fs::read_dir(root.join("fuzz/seeds").join(&target)).unwrap();
            assert!(seeds.count() > 0, "{target}");
        }
    }

    #[test]
    fn a_good_run_is_summed_up() {
        let log = "#2\tINITED cov: 41 ft: 42 corp: 1/1b\n\
                   #99\tDONE   cov: 366 ft: 1544 corp: 459/45Kb lim: 733\n\
                   stat::number_of_executed_units: 413228\n";
        let expected = Report { runs: 413_228, reached: 366, ..Report::default() };
        assert_eq!(Report::read(log), expected);
    }

    #[test]
    fn a_panic_is_told_with_the_way_to_see_it_again() {
        let log = "thread '<unnamed>' (1) panicked at fuzz_targets/json.rs:1:2:\n\
                   assertion failed\nstack backtrace:\n   0: begin\n\
                   Test unit written to fuzz/artifacts/json/crash-1\n";
        let complaint = Report::read(log).complaint("json", Path::new("fuzz-json.log"));
        assert!(complaint.contains("json.rs:1:2:\n  assertion failed\nAgain"), "{complaint}");
        assert!(complaint.ends_with("cargo xtask fuzz json -- fuzz/artifacts/json/crash-1"));
    }
}
