//! `cargo xtask conformance`: the demo as the client of an OpenID Foundation conformance suite
//! (`tests/conformance`).

use std::path::Path;
use std::process::Command;

use crate::arguments::Arguments;
use crate::dist;
use crate::environment::Environment;
use crate::error::{Failure, Result};
use crate::process;
use crate::setup::{self, Purpose};

const HELP: &str = "\
Usage: cargo xtask conformance --suite URL [PLAN…]

Runs the demo, built for release, as the client of a conformance suite of the OpenID Foundation
that runs on this machine already, in Chromium; takes about five minutes, and prints a line for
each module. What came out is written to docs/conformance.md, unless only some plans are named.
Fails when a module does not end as it should, and when a known fault is mended and still listed.

  --suite URL    where the suite is: https://localhost:8443/, if it was started as its own
                 documents say (version 5.2.4 is known to work). It must be in its development
                 mode, as its compose files start it: then it asks nobody to sign in. Any
                 certificate will do, for nothing but this machine is asked.

The plans are in tests/conformance/src/plans.rs; an unknown one prints them.";

const PAGE: &str = "docs/conformance.md";

/// The command `conformance`.
pub fn run(given: Vec<String>) -> Result<()> {
    let arguments = Arguments::parse(given, &["--suite"])?;
    if arguments.help {
        println!("{HELP}");
        return Ok(());
    }
    let Some(suite) = arguments.value("--suite") else {
        return Err(Failure::message(format!("which suite? Say --suite URL\n\n{HELP}")));
    };
    let environment = setup::prepare(Purpose::Everything)?;
    let plans = &arguments.words;
    // Before the minutes that building takes.
    let mut ask = driver(&environment, suite, plans);
    ask.arg("--ask");
    process::run(ask, "asking the suite who it is")?;
    let dist = dist::build(&environment, Path::new("dist"))?;
    let mut command = driver(&environment, suite, plans);
    command.arg("--page").arg(environment.root.join(PAGE)).env("PIXY_DIST", dist);
    process::run(command, "the conformance run")
}

fn driver(environment: &Environment, suite: &str, plans: &[String]) -> Command {
    let mut cargo = environment.command("cargo");
    cargo.args(["run", "--quiet", "--locked", "--package", "conformance", "--"]);
    cargo.args(["--suite", suite]).args(plans);
    cargo
}
