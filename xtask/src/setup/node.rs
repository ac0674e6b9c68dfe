//! Node.js, npm, and the packages of this project.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::report::Outcome;
use super::version::{self, Version};
use crate::environment::Environment;
use crate::error::Result;
use crate::npm;
use crate::process;

const OLDEST_NODE: Version = (20, 12, 0);

const HOW: &str = "Install the newest Node.js 20 or a later one, with npm (https://nodejs.org; on Debian 13 or \
                   newer `apt install nodejs npm`, on macOS `brew install node`, on Windows \
                   `winget install OpenJS.NodeJS.LTS`).";

/// Node.js, new enough for the provider.
pub fn node(environment: &Environment) -> Result<Outcome> {
    let mut command = environment.command("node");
    command.arg("--version");
    let text = process::output(command).unwrap_or_default();
    let mut command = environment.command("node");
    // The provider needs it; not every Node.js 20 has it.
    command.args(["--print", "typeof URL.parse"]);
    let parses_urls = process::output(command).is_some_and(|kind| kind.trim() == "function");
    let outcome = match version::find(&text) {
        Some(found) if found >= OLDEST_NODE && parses_urls => {
            Outcome::Found(text.trim().to_owned())
        }
        Some(_) => Outcome::Missing(format!("{} is too old. {HOW}", text.trim())),
        None => Outcome::Missing(HOW.to_owned()),
    };
    Ok(outcome)
}

/// npm, which comes with Node.js in most packages.
pub fn npm(environment: &Environment) -> Result<Outcome> {
    let mut command = environment.command("npm");
    command.arg("--version");
    Ok(match process::output(command) {
        Some(version) => Outcome::Found(version.trim().to_owned()),
        None => Outcome::Missing(HOW.to_owned()),
    })
}

/// The npm packages of a folder: what they are, what became of them, and how long that took.
pub type Packages = (&'static str, Result<Outcome>, Duration);

/// The npm packages of these folders, one after the other.
pub fn packages(
    environment: &Environment,
    folders: Vec<(&'static str, &'static str)>,
) -> Vec<Packages> {
    let install = |(what, folder)| {
        let begin = Instant::now();
        let outcome = packages_of(environment, folder);
        (what, outcome, begin.elapsed())
    };
    folders.into_iter().map(install).collect()
}

/// Where npm writes to.
pub fn npm_log(environment: &Environment) -> PathBuf {
    environment.work().join("logs/npm.log")
}

fn packages_of(environment: &Environment, folder: &str) -> Result<Outcome> {
    let path = environment.root.join(folder);
    if npm::is_installed(&path) {
        return Ok(Outcome::Found(format!("npm packages in {folder}")));
    }
    let how = format!("Run `npm ci` in {folder}, with a way to the npm registry.");
    Ok(match npm::install(environment, &path, &npm_log(environment)) {
        Ok(()) => Outcome::Installed,
        Err(failure) => Outcome::Missing(format!("{how}\n{}", failure.text())),
    })
}
