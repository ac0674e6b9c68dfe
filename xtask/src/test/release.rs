//! The builds that the end-to-end tests are about, most of them for release, made while other tests run.
//!
//! They are a process of their own, whose output is shown when they are needed, and they take what the
//! tests leave them of the processors.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::LIMIT;
use crate::demo;
use crate::dist;
use crate::environment::Environment;
use crate::error::{Context, Failure, Result};
use crate::process;
use crate::ssr;

/// The command of this program that makes them.
pub const COMMAND: &str = "release-builds";

/// Builds that are under way.
#[derive(Debug)]
pub struct Builds {
    thread: JoinHandle<(String, Result<()>, Duration)>,
    log: PathBuf,
}

/// Begins with them.
pub fn start(environment: &Environment) -> Result<Builds> {
    let program = env::current_exe().context("this program")?;
    let mut command = after_others(environment, &program);
    command.arg(COMMAND);
    let log = environment.work().join("logs").join(COMMAND).with_extension("log");
    let begin = Instant::now();
    let path = log.clone();
    let thread = thread::spawn(move || {
        let (text, result) = process::run_collected(command, "the release builds", &path, LIMIT);
        (text, result, begin.elapsed())
    });
    Ok(Builds { thread, log })
}

/// A program with a lower priority, where there are such. With the lowest, it would hold cargo's lock for
/// ever where others are busy.
fn after_others(environment: &Environment, program: &Path) -> Command {
    if environment.find("nice").is_none() {
        return environment.command(&program.to_string_lossy());
    }
    let mut command = environment.command("nice");
    command.args(["-n", "5"]).arg(program);
    command
}

impl Builds {
    /// Waits for their end, shows what they printed, and says how long they took.
    pub fn wait(self) -> Result<Duration> {
        println!("Waiting for the release builds, which write to {}.", self.log.display());
        process::show_signs_of_life(&self.log, || self.thread.is_finished());
        let (text, result, took) =
            self.thread.join().map_err(|_| Failure::message("the release builds panicked"))?;
        println!("{text}");
        result.map(|()| took)
    }
}

/// The command that makes them. What it needs was found by the command that started it.
pub fn build() -> Result<()> {
    let environment = Environment::new();
    dist::build(&environment, Path::new(dist::FOLDER))?;
    println!("Compiling the demo for development, as `trunk serve` will.");
    demo::compile(&environment)?;
    println!("Building the example that a server renders.");
    ssr::build(&environment)
}
