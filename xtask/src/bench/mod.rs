//! `cargo xtask bench`: builds our apps and those over other libraries, and has `tests/bench` measure them.

mod apps;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::dist;
use crate::environment::Environment;
use crate::error::{Failure, Result};
use crate::process;
use crate::setup::{self, Purpose};
use apps::App;

const HELP: &str = "\
Usage: cargo xtask bench [pages] [tabs] [memory] [people] [options]

Measures, all of it or the parts that are named:

  pages    our demo, widget and README's ten lines beside small apps over other libraries, in fresh
           browsers at the provider of tests/provider: what they load, when one can sign in, and
           when the name is there; on this computer as it is, and as a slow phone
  tabs     how often a session is renewed that 1, 10 and 50 tabs share
  memory   what a thousand renewals and ten thousand requests with a token leave behind
  people   what a million people who are signed in ask of their provider; computed, not measured

  --quick         one round, this computer as it is, a few apps: whether all of it still works
  --rounds N      so many rounds; the tables have the medians (default 5)
  --app NAME      only this app; may be given more than once
  --dist FOLDER   take our demo and widget from there, as `cargo xtask dist` made them
  --note TEXT     what else the computer did meanwhile, for the pages
  --write         write docs/bench.md and docs/bench.json, and docs/bench-people.svg

leptos_oidc needs clang for its cryptography, and is left out where that is missing.";

const PARTS: [&str; 4] = ["pages", "tabs", "memory", "people"];

/// Those that show within a minute whether the bench works.
const QUICK: [App; 3] = [App::Widget, App::Leptos, App::OidcClientTs];

/// A stalled browser must not stall for ever.
const LIMIT: Duration = Duration::from_secs(4 * 3600);

/// The command `bench`.
pub fn run(given: Vec<String>) -> Result<()> {
    let values = ["--rounds", "--app", "--dist", "--note"];
    let arguments = Arguments::parse_with_flags(given, &values, &["--quick", "--write"])?;
    if arguments.help {
        println!("{HELP}");
        return Ok(());
    }
    arguments.only_words(&PARTS)?;
    let is_quick = arguments.has("--quick");
    let wanted = wanted(arguments.all("--app"), is_quick)?;
    let rounds = if is_quick { 1 } else { rounds(arguments.value("--rounds").unwrap_or("5"))? };
    let parts: Vec<&str> = PARTS
        .into_iter()
        .filter(|part| arguments.words.is_empty() || arguments.has_word(part))
        .collect();
    let needs_browser = parts.iter().any(|part| *part != "people");
    let purpose = if needs_browser { Purpose::Everything } else { Purpose::NativeTests };
    let environment = setup::prepare(purpose)?;
    let work = environment.work().join("bench");
    let mut plan = json!({
        "root": environment.root,
        "work": work,
        "parts": parts,
        "rounds": rounds,
        "quick": is_quick,
        "write": arguments.has("--write"),
        "note": arguments.value("--note"),
        "apps": [],
        "client": null,
        "missing": [],
    });
    if parts.contains(&"pages") {
        let dist = dist_folder(&environment, &arguments)?;
        let (built, missing) = build(&environment, &wanted, &dist, &work)?;
        plan["apps"] = built.into();
        plan["missing"] = missing.into();
    }
    if parts.contains(&"tabs") || parts.contains(&"memory") {
        plan["client"] = build_one(&environment, App::Client, Path::new(""), &work)?;
    }
    let mut cargo = environment.command("cargo");
    cargo.args(["run", "--quiet", "-p", "bench", "--"]).arg(plan.to_string());
    process::run_reading(cargo, "the bench", LIMIT, |line| println!("{line}"))
}

fn dist_folder(environment: &Environment, arguments: &Arguments) -> Result<PathBuf> {
    match arguments.value("--dist") {
        Some(folder) => Ok(environment.root.join(folder)),
        None => dist::build(environment, Path::new(dist::FOLDER)),
    }
}

/// Builds the apps, and returns what the plan says of those that are there, and of those that are missing.
fn build(
    environment: &Environment,
    wanted: &[App],
    dist: &Path,
    work: &Path,
) -> Result<(Vec<Value>, Vec<Value>)> {
    apps::prepare(environment)?;
    let (mut built, mut missing) = (Vec::new(), Vec::new());
    for app in wanted {
        match app.obstacle(environment) {
            None => built.push(build_one(environment, *app, dist, work)?),
            Some(why) => {
                println!("  {} is left out: {why}", app.name());
                missing.push(json!([app.name(), why]));
            }
        }
    }
    Ok((built, missing))
}

/// Builds an app, and returns what the plan says of it.
fn build_one(environment: &Environment, app: App, dist: &Path, work: &Path) -> Result<Value> {
    let name = app.name();
    println!("Building {name}.");
    let folder = app.build(environment, dist, &work.join("built").join(name))?;
    Ok(json!({
        "name": name,
        "title": app.title(environment)?,
        "folder": folder,
        "callback": app.callback(),
        "reads_profile": app.reads_profile(),
    }))
}

fn wanted(named: &[String], is_quick: bool) -> Result<Vec<App>> {
    let known = App::ALL.map(App::name);
    if let Some(unknown) = named.iter().find(|name| !known.contains(&name.as_str())) {
        let known = known.join(", ");
        return Err(Failure::message(format!("there is no app '{unknown}'; there are {known}")));
    }
    let all = if is_quick && named.is_empty() { &QUICK[..] } else { &App::ALL[..] };
    let is_named = |app: &App| named.is_empty() || named.iter().any(|name| name == app.name());
    Ok(all.iter().copied().filter(is_named).collect())
}

fn rounds(text: &str) -> Result<u32> {
    match text.parse() {
        Ok(rounds) if rounds > 0 => Ok(rounds),
        _ => Err(Failure::message("--rounds must be a whole number from 1 on")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apps_are_chosen_by_name() {
        assert_eq!(wanted(&[], false).unwrap(), App::ALL);
        assert_eq!(wanted(&[], true).unwrap(), QUICK);
        let named = ["oauth4webapi".to_owned()];
        assert_eq!(wanted(&named, true).unwrap(), [App::Oauth4webapi]);
        let failure = wanted(&["oauth".to_owned()], false).unwrap_err();
        assert!(failure.text().contains("oauth4webapi"), "{}", failure.text());
    }

    #[test]
    fn rounds_are_a_whole_number() {
        assert_eq!(rounds("3").unwrap(), 3);
        for text in ["", "0", "-1", "some"] {
            assert!(rounds(text).unwrap_err().text().contains("--rounds"), "{text}");
        }
    }
}
