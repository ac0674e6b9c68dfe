//! What cargo installs: the crates themselves, Trunk, and the wasm-bindgen of the lock file.

use std::path::{Path, PathBuf};

use super::compiler;
use super::prebuilt::{self, Archive};
use super::report::{Line, Outcome};
use super::version::{self, Version};
use crate::environment::{Environment, cache_folder};
use crate::error::{Failure, Result, read_text};
use crate::process;

const TRUNK_VERSION: &str = "0.21.14";
const NEEDS: &str = "which needs a C linker and a way to the crates' registry.";
const HOW_TRUNK: &str = "Run `cargo install --locked trunk@0.21.14`, which needs a C linker and a \
                         way to the crates' registry (macOS also `brew install trunk`).";
const OLDEST_TRUNK: Version = (0, 21, 0);
const WASM_BINDGEN_PROGRAMS: [&str; 2] = ["wasm-bindgen", "wasm-bindgen-test-runner"];

/// The cargo-mutants that docs/mutants.md is about: another one makes other changes.
const MUTANTS_VERSION: &str = "27.1.0";

/// Its release, with the digests that taiki-e/install-action has of it, too.
const MUTANTS_ARCHIVES: [Archive; 2] = [
    Archive {
        hosts: &["x86_64-unknown-linux-gnu"],
        url: "https://github.com/sourcefrog/cargo-mutants/releases/download/v27.1.0/cargo-mutants-x86_64-unknown-linux-gnu.tar.gz",
        sha256: "dfe6dc37d0342c891d2829b5a695aa57c2d0edecef7e7d0399a30cc6e206411e",
    },
    Archive {
        hosts: &["x86_64-apple-darwin"],
        url: "https://github.com/sourcefrog/cargo-mutants/releases/download/v27.1.0/cargo-mutants-x86_64-apple-darwin.tar.gz",
        sha256: "7109a9e9673fe0b977f622e6f32383b6d1cbbf3fbb63b7c30db3267462c74670",
    },
];

/// Trunk's release, with the digests that taiki-e/install-action has of it, too.
const TRUNK_ARCHIVES: [Archive; 4] = [
    Archive {
        hosts: &["x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl"],
        url: "https://github.com/trunk-rs/trunk/releases/download/v0.21.14/trunk-x86_64-unknown-linux-musl.tar.gz",
        sha256: "a67f4054b249fe9acc5fabc25de1aebf19783aca3ad6ff64bf34d7da44d0ea20",
    },
    Archive {
        hosts: &["aarch64-unknown-linux-gnu", "aarch64-unknown-linux-musl"],
        url: "https://github.com/trunk-rs/trunk/releases/download/v0.21.14/trunk-aarch64-unknown-linux-musl.tar.gz",
        sha256: "e8e2a2bb423ce6702ab9f4f02f8c9ae99d790f0301f7634e986b2dd8706019cc",
    },
    Archive {
        hosts: &["x86_64-apple-darwin"],
        url: "https://github.com/trunk-rs/trunk/releases/download/v0.21.14/trunk-x86_64-apple-darwin.tar.gz",
        sha256: "f1ba0e3bbe24e0ae219c6d22c33e24e2825c1608dd27c2556e323495110f1a95",
    },
    Archive {
        hosts: &["aarch64-apple-darwin"],
        url: "https://github.com/trunk-rs/trunk/releases/download/v0.21.14/trunk-aarch64-apple-darwin.tar.gz",
        sha256: "764e299dd50d89442a4e96a236349f57961984b701e74d3dbdb39cd1c9f5101e",
    },
];

/// The crates of the lock file, so that what comes next can do without the network.
pub fn crates(environment: &Environment, line: &Line) -> Result<Outcome> {
    let host = compiler::host(environment)?;
    let fetch = |offline: bool| {
        let mut command = environment.command("cargo");
        command
            .args(["fetch", "--locked", "--target", "wasm32-unknown-unknown"])
            .args(["--target", &host]);
        if offline {
            command.arg("--offline");
        }
        command
    };
    if process::run_short(fetch(true), "cargo fetch").is_ok() {
        return Ok(Outcome::Found("downloaded".to_owned()));
    }
    line.long_step("downloading the crates of Cargo.lock", "20 seconds");
    let log = environment.work().join("logs/crates.log");
    let fetched = process::run_logged(fetch(false), "cargo fetch", &log);
    Ok(installed(fetched, "Run `cargo fetch --locked` with a way to the crates' registry."))
}

/// Trunk: any that is new enough, else the one this project is built with.
pub fn trunk(environment: &Environment, line: &Line) -> Result<Outcome> {
    if let Some(found) = version_of(environment, "trunk")
        && found >= OLDEST_TRUNK
    {
        return Ok(Outcome::Found(in_words(found)));
    }
    line.long_step("downloading its release", "10 seconds");
    let package = format!("trunk@{TRUNK_VERSION}");
    if prebuilt::install(environment, "trunk", &TRUNK_ARCHIVES)?
        || prebuilt::binstall(environment, &package, None)
    {
        return Ok(Outcome::Installed);
    }
    line.long_step("building it with cargo install", "4 minutes on two cores");
    Ok(installed(install(environment, &package, None, &WAITS), HOW_TRUNK))
}

/// Builds a program, and puts it where cargo has its programs, or into a folder. Nobody debugs it, and most of these
/// wait for others: it is there sooner without what a debugger wants, and optimised no more than it has to be.
pub fn install(
    environment: &Environment,
    package: &str,
    folder: Option<&Path>,
    build: &Build,
) -> Result<()> {
    let mut command = environment.command("cargo");
    command.args(["install", "--debug", "--force", package]);
    command.env("CARGO_PROFILE_DEV_DEBUG", "0");
    command.env("CARGO_PROFILE_DEV_OPT_LEVEL", build.opt_level);
    if build.is_locked {
        command.arg("--locked");
    }
    if let Some(folder) = folder {
        command.arg("--root").arg(folder);
    }
    let name = package.split('@').next().unwrap_or(package);
    let log = environment.work().join(format!("logs/{name}.log"));
    process::run_logged(command, &format!("cargo install {name}"), &log)
}

/// How a program is built.
#[derive(Debug)]
pub struct Build {
    opt_level: &'static str,
    /// Of the very crates that it was released with.
    is_locked: bool,
}

/// It waits for others.
pub const WAITS: Build = Build { opt_level: "0", is_locked: true };
/// It has much to do by itself. Its release names crates that are newer than what some registries have.
const WORKS: Build = Build { opt_level: "1", is_locked: false };

/// cargo-mutants, in exactly this version.
pub fn mutants(environment: &mut Environment, line: &Line) -> Result<Outcome> {
    let wanted = version::parse(MUTANTS_VERSION);
    let has_it = |environment: &Environment| {
        // Like every program that adds a word to cargo, it wants to hear that word first.
        answer(environment, "cargo-mutants", &["mutants", "--version"]) == wanted
    };
    if has_it(environment) {
        return Ok(Outcome::Found(MUTANTS_VERSION.to_owned()));
    }
    // Another project may need the other version, so ours goes elsewhere.
    let other_is_there = environment.find("cargo-mutants").is_some();
    let apart = cache_folder().filter(|_| other_is_there);
    let apart = apart.map(|cache| cache.join(format!("cargo-mutants-{MUTANTS_VERSION}")));
    if let Some(folder) = &apart {
        environment.path_first.insert(0, folder.join("bin"));
        if has_it(environment) {
            let place = folder.display();
            return Ok(Outcome::Found(format!("{MUTANTS_VERSION}, in {place}")));
        }
    }
    line.long_step("downloading its release", "10 seconds");
    let package = format!("cargo-mutants@{MUTANTS_VERSION}");
    let is_there =
        apart.is_none() && prebuilt::install(environment, "cargo-mutants", &MUTANTS_ARCHIVES)?;
    if is_there || prebuilt::binstall(environment, &package, apart.as_deref()) {
        return Ok(Outcome::Installed);
    }
    line.long_step("building it with cargo install", "2 minutes on two cores");
    let installation = install(environment, &package, apart.as_deref(), &WAITS);
    Ok(installed(installation, &format!("Run `cargo install --locked {package}`, {NEEDS}")))
}

/// wasm-bindgen, whose version must be exactly the one of the crate.
pub fn wasm_bindgen(environment: &mut Environment, line: &Line) -> Result<Outcome> {
    let wanted = locked_wasm_bindgen(environment)?;
    if all_have(environment, &wanted) {
        return Ok(Outcome::Found(wanted));
    }
    let other_is_there =
        WASM_BINDGEN_PROGRAMS.iter().any(|program| environment.find(program).is_some());
    // Another project may need the other version, so ours goes elsewhere.
    let apart = if other_is_there { own_folder(&wanted) } else { None };
    if let Some(folder) = &apart {
        environment.path_first.insert(0, folder.join("bin"));
        if all_have(environment, &wanted) {
            return Ok(Outcome::Found(format!("{wanted}, in {}", folder.display())));
        }
    }
    let package = format!("wasm-bindgen-cli@{wanted}");
    if prebuilt::binstall(environment, &package, apart.as_deref()) {
        return Ok(Outcome::Installed);
    }
    line.long_step("building it with cargo install", "3 minutes on two cores");
    let installation = install(environment, &package, apart.as_deref(), &WORKS);
    Ok(installed(installation, &format!("Run `cargo install wasm-bindgen-cli@{wanted}`, {NEEDS}")))
}

/// wasm-bindgen's own program, if it is there in the version of the crate.
pub fn installed_wasm_bindgen(environment: &Environment) -> Result<Option<PathBuf>> {
    let wanted = locked_wasm_bindgen(environment)?;
    let program = WASM_BINDGEN_PROGRAMS[0];
    let fits = version_of(environment, program) == version::parse(&wanted);
    Ok(if fits { environment.find(program) } else { None })
}

/// What became of an installation; how to do it by hand comes before what went wrong.
fn installed(result: Result<()>, how: &str) -> Outcome {
    match result {
        Ok(()) => Outcome::Installed,
        Err(failure) => Outcome::Missing(format!("{how}\n{}", failure.text())),
    }
}

fn locked_wasm_bindgen(environment: &Environment) -> Result<String> {
    let lock = read_text(&environment.root.join("Cargo.lock"))?;
    version::locked(&lock, "wasm-bindgen")
        .ok_or_else(|| Failure::message("Cargo.lock names no version of wasm-bindgen"))
}

fn own_folder(wanted: &str) -> Option<PathBuf> {
    Some(cache_folder()?.join(format!("wasm-bindgen-{wanted}")))
}

fn all_have(environment: &Environment, wanted: &str) -> bool {
    let wanted = version::parse(wanted);
    WASM_BINDGEN_PROGRAMS
        .iter()
        .all(|program| version_of(environment, program) == wanted && wanted.is_some())
}

fn version_of(environment: &Environment, program: &str) -> Option<Version> {
    answer(environment, program, &["--version"])
}

/// The version that a program names when it is asked so.
fn answer(environment: &Environment, program: &str, question: &[&str]) -> Option<Version> {
    environment.find(program)?;
    let mut command = environment.command(program);
    command.args(question);
    // Trunk takes the usual value of this variable for a mistake.
    command.env_remove("NO_COLOR");
    version::find(&process::output(command)?)
}

fn in_words((major, minor, patch): Version) -> String {
    format!("{major}.{minor}.{patch}")
}
