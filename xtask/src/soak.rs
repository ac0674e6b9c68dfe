//! `cargo xtask soak`: the demo in four tabs for a long time (`tests/e2e/tests/soak.rs`).

use std::path::Path;
use std::time::Duration;

use crate::arguments::Arguments;
use crate::dist;
use crate::error::{Failure, Result};
use crate::process;
use crate::setup::{self, Purpose};

const HELP: &str = "\
Usage: cargo xtask soak [--minutes N] [--seed N]

Builds the demo for release, signs in at the hostile server, whose access tokens live for ten
seconds, and has four tabs reloaded, closed, put to sleep and cut off for N minutes (default
30), once with plain tokens and beside that with bound ones. Fails when anybody is signed out,
or memory grows. The figures come at the end. With the seed of a run that failed, the same
steps are taken again. `cargo xtask test e2e` does this for two minutes.";

/// What building, beginning and ending may take beside.
const GRACE: Duration = Duration::from_secs(10 * 60);

/// The command `soak`.
pub fn run(given: Vec<String>) -> Result<()> {
    let arguments = Arguments::parse(given, &["--minutes", "--seed"])?;
    if arguments.help {
        println!("{HELP}");
        return Ok(());
    }
    arguments.no_words()?;
    let seconds = 60 * number("--minutes", arguments.value("--minutes").unwrap_or("30"))?;
    let seed = arguments.value("--seed").map(|seed| number("--seed", seed)).transpose()?;
    let environment = setup::prepare(Purpose::Everything)?;
    let dist = dist::build(&environment, Path::new("dist"))?;
    let mut cargo = environment.command("cargo");
    cargo
        .args(["test", "-p", "end-to-end", "--test", "all", "--", "--nocapture", "a_soak::"])
        .env("PIXY_DIST", dist)
        .env("PIXY_SOAK_SECONDS", seconds.to_string());
    if let Some(seed) = seed {
        cargo.env("PIXY_SOAK_SEED", seed.to_string());
    }
    let limit = Duration::from_secs(seconds) + GRACE;
    process::run_reading(cargo, "the soak", limit, |line| println!("{line}"))
}

fn number(name: &str, text: &str) -> Result<u64> {
    match text.parse::<u32>() {
        Ok(number) if number > 0 => Ok(number.into()),
        _ => Err(Failure::message(format!("{name} must be a whole number from 1 on"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_and_seed_are_whole_numbers() {
        assert_eq!(number("--minutes", "30").unwrap(), 30);
        for text in ["", "0", "-1", "half"] {
            assert!(number("--minutes", text).unwrap_err().text().contains("--minutes"), "{text}");
        }
    }
}
