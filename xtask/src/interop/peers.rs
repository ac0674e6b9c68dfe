//! Builds a peer's app: our page over their library, as its lock file says.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use super::FOLDER;
use super::get::{self, cache};
use crate::environment::Environment;
use crate::error::{Context, Failure, Result, empty_folder};
use crate::npm;
use crate::process;

/// The pages of each app, which are all the same file, as those of the demo are.
const PAGES: [&str; 3] = ["index.html", "callback.html", "profile.html"];

/// Builds a peer's app and returns the folder with it.
pub fn build(environment: &Environment, name: &str) -> Result<PathBuf> {
    let installed = get::get(environment, &format!("peers/{name}"), &json!({"npm": {}}))?;
    let source = environment.root.join(FOLDER).join("peers").join(name);
    let built = cache()?.join("peers").join(format!("{name}-built"));
    empty_folder(&built)?;
    let esbuild = npm::build_tool(&environment.root, "esbuild");
    let esbuild =
        esbuild.ok_or_else(|| Failure::message("esbuild is missing: cargo xtask setup"))?;
    let mut command = environment.command(&esbuild.to_string_lossy());
    command
        .arg(source.join("app.js"))
        .args(["--bundle", "--format=esm", "--log-level=warning"])
        .arg(format!("--outfile={}", built.join("app.js").display()))
        .env("NODE_PATH", installed.join("node_modules"));
    process::run_short(command, "esbuild")?;
    for page in PAGES {
        fs::copy(source.join("index.html"), built.join(page)).context(page)?;
    }
    Ok(built)
}
