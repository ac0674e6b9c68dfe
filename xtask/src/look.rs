//! `cargo xtask measure` and `cargo xtask screenshots`: the built demo, looked at in a browser by the programs
//! in `tests/e2e/src/bin`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::arguments::Arguments;
use crate::dist;
use crate::environment::Environment;
use crate::error::{Failure, Result};
use crate::process;
use crate::setup::{self, Purpose};

const MEASURE_HELP: &str = "\
Usage: cargo xtask measure [--runs N] [--dist FOLDER]

Builds the demo for release, opens its pages in Chromium with a processor four times as slow,
and prints for each when it paints, how much of it jumps, how long it does not answer, and what
it loads: the medians of N visits (default 5). With --dist nothing is built: the figures are of
the demo in FOLDER, made by `cargo xtask dist` of this checkout or another.";

const SCREENSHOTS_HELP: &str = "\
Usage: cargo xtask screenshots [--dist FOLDER]

Builds the demo for release, and takes pictures of every page: light and dark, on a desk and on
a phone, in English and Japanese. Writes docs/screenshots.md with its pictures, and
docs/demo.png. With --dist nothing is built: the pictures are of the demo in FOLDER.";

/// Neither takes longer.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// The command `measure`.
pub fn measure(given: Vec<String>) -> Result<()> {
    let arguments = Arguments::parse(given, &["--runs", "--dist"])?;
    if arguments.help {
        println!("{MEASURE_HELP}");
        return Ok(());
    }
    arguments.no_words()?;
    let runs = runs(arguments.value("--runs").unwrap_or("5"))?;
    let (environment, dist) = prepare(&arguments)?;
    let mut program = program(&environment, "measure", &dist);
    program.env("PIXY_RUNS", runs.to_string());
    process::run_reading(program, "the measurement", LIMIT, |line| println!("{line}"))
}

/// The command `screenshots`.
pub fn screenshots(given: Vec<String>) -> Result<()> {
    let arguments = Arguments::parse(given, &["--dist"])?;
    if arguments.help {
        println!("{SCREENSHOTS_HELP}");
        return Ok(());
    }
    arguments.no_words()?;
    let (environment, dist) = prepare(&arguments)?;
    let program = program(&environment, "screenshots", &dist);
    process::run_reading(program, "taking the pictures", LIMIT, |line| println!("{line}"))
}

/// What is needed, and the folder of the build, which is made where none is named.
fn prepare(arguments: &Arguments) -> Result<(Environment, PathBuf)> {
    let environment = setup::prepare(Purpose::Everything)?;
    let dist = match arguments.value("--dist") {
        Some(folder) => environment.root.join(folder),
        None => dist::build(&environment, Path::new(dist::FOLDER))?,
    };
    Ok((environment, dist))
}

fn program(environment: &Environment, name: &str, dist: &Path) -> Command {
    let mut cargo = environment.command("cargo");
    cargo.args(["run", "--quiet", "-p", "end-to-end", "--bin", name]).env("PIXY_DIST", dist);
    cargo
}

fn runs(text: &str) -> Result<u32> {
    match text.parse() {
        Ok(runs) if runs > 0 => Ok(runs),
        _ => Err(Failure::message("--runs must be a whole number from 1 on")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_a_whole_number() {
        assert_eq!(runs("3").unwrap(), 3);
        for text in ["", "0", "-1", "some"] {
            assert!(runs(text).unwrap_err().text().contains("--runs"), "{text}");
        }
    }
}
