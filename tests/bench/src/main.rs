//! Measures apps over Pixy Login beside those over other libraries: the part of `cargo xtask bench` that drives
//! browsers and computes. The harness is that of the end-to-end tests.

mod host;
mod notes;
mod pages;
mod people;
mod plan;
mod report;
mod sessions;
mod visit;
mod words;

use std::process::ExitCode;
use std::{env, panic};

// What the client's own schedule is made of, under the name that it has in the library (`people/client.rs`).
use pixy_login::protocol;
use plan::Plan;
use report::{Noted, Report};

fn main() -> ExitCode {
    // What the harness gives up on is an outcome, which is printed as one.
    panic::set_hook(Box::new(|_| {}));
    let plan = env::args().nth(1).unwrap_or_default();
    match run(&plan) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything could be measured.
fn run(plan: &str) -> Result<bool, String> {
    let plan: Plan = serde_json::from_str(plan)
        .map_err(|error| format!("this is started by `cargo xtask bench`: {error}"))?;
    let mut report = Report::default();
    let mut failures = Vec::new();
    if plan.has("pages") {
        report.pages = Some(pages::measure(&plan, &mut failures)?);
    }
    if plan.has("tabs") {
        let rows = sessions::tabs(&plan, &mut failures)?;
        report.tabs = Some(Noted { note: plan.note.clone(), rows });
    }
    if plan.has("memory") {
        let rows = sessions::memory(&plan, &mut failures)?;
        report.memory = Some(Noted { note: plan.note.clone(), rows });
    }
    if plan.has("people") {
        let (people, picture) = people::compute(plan.quick);
        report.people = Some(people);
        if plan.write {
            report::write_picture(&plan.root, &picture)?;
        }
    }
    println!("\n{}", report.text());
    if plan.write {
        report.write(&plan.root)?;
    }
    for failure in &failures {
        eprintln!("failed: {failure}");
    }
    Ok(failures.is_empty())
}
