//! The example that a server renders: a workspace of its own, for Leptos is built in another way there.

use std::path::PathBuf;
use std::process::Command;

use crate::bindgen::Bindgen;
use crate::environment::Environment;
use crate::error::{Context, Result, empty_folder};
use crate::process;

const MANIFEST: &str = "examples/ssr/Cargo.toml";
const SERVER: &str = "tea-house";
const PROGRAM: &str = "tea_house";
const WASM: &str = "wasm32-unknown-unknown";

/// A cargo command for the example: `clippy --features ssr`.
pub fn cargo(environment: &Environment, command: &str) -> Command {
    let mut words = command.split(' ');
    let mut cargo = environment.command("cargo");
    cargo
        .args(words.next())
        .args(["--manifest-path", MANIFEST])
        .args(words)
        // What both workspaces are built of in the same way is built once.
        .env("CARGO_TARGET_DIR", environment.target());
    cargo
}

/// The folder of the server and of what takes its pages over in the browser.
pub fn folder(environment: &Environment) -> PathBuf {
    environment.work().join("ssr")
}

/// Builds both.
pub fn build(environment: &Environment) -> Result<()> {
    let folder = folder(environment);
    let files = folder.join("site/pkg");
    empty_folder(&files)?;
    let server = cargo(environment, "build --locked --features ssr --bin tea-house");
    process::run(server, "cargo build of the example's server")?;
    let name = format!("{SERVER}{}", std::env::consts::EXE_SUFFIX);
    let built = environment.target().join("debug").join(&name);
    std::fs::copy(&built, folder.join(&name)).map(drop).context(built.display())?;

    let browser = format!("build --locked --features hydrate --lib --target {WASM}");
    process::run(cargo(environment, &browser), "cargo build of the example for the browser")?;
    let built = environment.target().join(WASM).join("debug").join(format!("{PROGRAM}.wasm"));
    Bindgen::prepare(environment)?.run(&built, PROGRAM, &files)
}
