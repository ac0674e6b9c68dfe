//! `cargo xtask check`: formatting, lints and documentation, as CI does them.

use std::process::Command;
use std::time::Instant;

use crate::arguments::Arguments;
use crate::environment::Environment;
use crate::error::{Failure, Result};
use crate::process;
use crate::setup::{self, Purpose};
use crate::ssr;

const HELP: &str = "\
Usage: cargo xtask check

Formatting, clippy for this machine and for wasm32, also of the example that a server renders,
and the documentation; every warning is an error. A step that fails does not stop the others.";

/// The command `check`.
pub fn run(given: Vec<String>) -> Result<()> {
    let arguments = Arguments::parse(given, &[])?;
    if arguments.help {
        println!("{HELP}");
        return Ok(());
    }
    arguments.no_words()?;
    let environment = setup::prepare(Purpose::Check)?;
    let mut failed = Vec::new();
    for (name, command) in steps(&environment) {
        println!("\n== {name} ==");
        let begin = Instant::now();
        if let Err(failure) = process::run(command, name) {
            eprintln!("error: {}", failure.text());
            failed.push(name);
        }
        println!("{name}: {} s", begin.elapsed().as_secs());
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::message(format!("not clean: {}", failed.join(", "))))
}

fn steps(environment: &Environment) -> [(&'static str, Command); 10] {
    let cargo = |arguments: &str| {
        let mut command = environment.command("cargo");
        command.args(arguments.split(' '));
        command
    };
    let native = "clippy --workspace --all-targets --all-features -- -D warnings";
    let wasm = "clippy --target wasm32-unknown-unknown --all-features --lib --bins --tests \
                -- -D warnings";
    let bare = "clippy --target wasm32-unknown-unknown --no-default-features --lib -- -D warnings";
    let documentation = "doc --no-deps --lib --all-features --target wasm32-unknown-unknown";
    let server = "clippy --locked --features ssr --all-targets -- -D warnings";
    let hydrated = "clippy --locked --features hydrate --lib --target wasm32-unknown-unknown \
                    -- -D warnings";
    let mut documentation = cargo(documentation);
    documentation.env("RUSTDOCFLAGS", "-Dwarnings");
    [
        ("formatting", cargo("fmt --all --check")),
        ("formatting of the fuzz targets", cargo("fmt --manifest-path fuzz/Cargo.toml --check")),
        ("formatting of the example that a server renders", ssr::cargo(environment, "fmt --check")),
        (
            "formatting of the bench's Rust peer",
            cargo("fmt --manifest-path tests/bench/leptos_oidc/Cargo.toml --check"),
        ),
        ("clippy", cargo(native)),
        ("clippy for wasm32", cargo(wasm)),
        ("clippy without Leptos", cargo(bare)),
        ("clippy of the example's server", ssr::cargo(environment, server)),
        ("clippy of what hydrates its pages", ssr::cargo(environment, hydrated)),
        ("documentation", documentation),
    ]
}
