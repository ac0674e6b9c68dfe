//! A Rust toolchain that compiles and links for wasm32-unknown-unknown.
//!
//! Whether one does is tried out with a tiny program: a folder in the right place proves nothing.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::debian;
use super::report::{Line, Outcome};
use crate::environment::{Environment, Toolchain};
use crate::error::{Result, write};
use crate::files::{remove, temporary_folder};
use crate::panics;
use crate::process;

const TARGET: &str = "wasm32-unknown-unknown";

/// The name under which rustup knows Debian's toolchain.
const DEBIAN: &str = "debian";

/// How long rustup may take before it counts as unable to reach its servers.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(20);

/// The same where there is no other way to fall back on.
const PATIENT_DOWNLOAD_LIMIT: Duration = Duration::from_secs(600);

const HOW: &str = "Install Rust with rustup (https://rustup.rs; on macOS also `brew install \
                   rustup`, on Windows `winget install Rustlang.Rustup`), then `rustup target add \
                   wasm32-unknown-unknown`. On Debian without rustup's servers: run this as root.";

const HOW_SOURCES: &str = "Release builds are a twentieth larger without; with rustup: `rustup \
                           component add rust-src`.";

/// Chooses the toolchain, and gives it the target where it lacks it.
pub fn prepare(environment: &mut Environment, line: &Line) -> Result<Outcome> {
    if let Some(toolchain) = find_ready(environment) {
        let detail = describe(&toolchain);
        settle(environment, toolchain)?;
        return Ok(Outcome::Found(detail));
    }
    if has_rustup(environment) {
        line.long_step("asking rustup for the wasm32 standard library", "10 seconds");
        if add_target(environment) && compiles(environment) {
            return Ok(Outcome::Installed);
        }
    }
    if !debian::is_root() {
        return Ok(Outcome::Missing(HOW.to_owned()));
    }
    debian::install_toolchain(environment, line)?;
    match find_ready(environment) {
        Some(toolchain) => {
            settle(environment, toolchain)?;
            Ok(Outcome::Installed)
        }
        None => Ok(Outcome::Missing(HOW.to_owned())),
    }
}

/// The first toolchain that works: the one in use, then Debian's.
fn find_ready(environment: &Environment) -> Option<Toolchain> {
    let mut candidates = vec![environment.toolchain.clone(), Toolchain::Active];
    if has_rustup(environment) {
        candidates.push(Toolchain::Rustup(DEBIAN.to_owned()));
    }
    candidates.push(Toolchain::System(PathBuf::from("/usr/bin")));
    candidates.dedup();
    candidates
        .into_iter()
        .find(|candidate| compiles(&environment.with_toolchain(candidate.clone())))
}

fn describe(toolchain: &Toolchain) -> String {
    match toolchain {
        Toolchain::Active => "the active toolchain".to_owned(),
        Toolchain::Rustup(name) => format!("rustup's toolchain {name}"),
        Toolchain::System(folder) => format!("the toolchain in {}", folder.display()),
    }
}

/// Uses a toolchain from now on. Debian's becomes the one of this checkout, so that plain cargo
/// and plain Trunk use it here too.
fn settle(environment: &mut Environment, toolchain: Toolchain) -> Result<()> {
    let system = matches!(toolchain, Toolchain::System(_));
    let debian = toolchain == Toolchain::Rustup(DEBIAN.to_owned());
    environment.toolchain = toolchain;
    if !has_rustup(environment) || !(system || debian) {
        return Ok(());
    }
    if system {
        rustup(environment, &["toolchain", "link", DEBIAN, "/usr"])?;
        environment.toolchain = Toolchain::Rustup(DEBIAN.to_owned());
    }
    let plain = environment.with_toolchain(Toolchain::Active);
    if !compiles(&plain) {
        rustup(environment, &["override", "set", DEBIAN])?;
    }
    Ok(())
}

fn has_rustup(environment: &Environment) -> bool {
    environment.find("rustup").is_some()
}

fn rustup(environment: &Environment, arguments: &[&str]) -> Result<()> {
    let mut command = environment.command("rustup");
    command.args(arguments);
    process::run_short(command, &format!("rustup {}", arguments.join(" ")))
}

/// Whether rustup could add the target, in a time that shows it reaches its servers.
fn add_target(environment: &Environment) -> bool {
    let limit = if debian::is_root() { DOWNLOAD_LIMIT } else { PATIENT_DOWNLOAD_LIMIT };
    add(environment, &["target", "add", TARGET], limit)
}

fn add(environment: &Environment, arguments: &[&str], limit: Duration) -> bool {
    let mut command = environment.command("rustup");
    command.args(arguments);
    let log = environment.work().join("logs/rustup.log");
    let deadline = Some(Instant::now() + limit);
    let name = format!("rustup {}", arguments.join(" "));
    process::run_logged_until(command, &name, &log, deadline).is_ok()
}

/// The sources of the standard library, of which release builds make a smaller one.
pub fn sources(environment: &Environment, line: &Line) -> Result<Outcome> {
    if panics::has_sources(environment) {
        return Ok(Outcome::Found("rust-src".to_owned()));
    }
    // Rustup has none for a compiler that it did not install.
    if has_rustup(environment) && !matches!(environment.toolchain, Toolchain::System(_)) {
        line.long_step("asking rustup for them", "5 seconds");
        let arguments = ["component", "add", "rust-src"];
        if add(environment, &arguments, DOWNLOAD_LIMIT) && panics::has_sources(environment) {
            return Ok(Outcome::Installed);
        }
    }
    Ok(Outcome::Missing(HOW_SOURCES.to_owned()))
}

/// Whether a tiny program compiles and links as a release build does. The libraries need to hold
/// bitcode for that, which a build of them for another purpose may lack.
fn compiles(environment: &Environment) -> bool {
    try_compile(environment).is_ok()
}

fn try_compile(environment: &Environment) -> Result<()> {
    let folder = temporary_folder("try")?;
    let source = folder.join("tiny.rs");
    let program = "fn main() { println!(\"{}\", std::env::args().count()); }\n";
    write(&source, program)?;
    let mut command = environment.command("rustc");
    command
        .args(["--edition", "2024", "--target", TARGET])
        .args(["-Copt-level=1", "-Clto=fat", "-Cpanic=abort", "-o"])
        .arg(folder.join("tiny.wasm"))
        .arg(&source);
    let result = process::run_short(command, "rustc");
    remove(&folder);
    result
}
