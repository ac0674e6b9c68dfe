//! What a panic does in release builds. With a standard library that is built anew it ends the program at once and
//! explains nothing, which is less to download.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::environment::Environment;
use crate::error::{Context, Result, read, write};
use crate::process;

/// What is not stable is to be had of a stable compiler only so.
const BOOTSTRAP: &str = "RUSTC_BOOTSTRAP";
/// What cargo builds of the standard library, and with which of its features.
const BUILD_STD: &str = "CARGO_UNSTABLE_BUILD_STD";
const BUILD_STD_FEATURES: &str = "CARGO_UNSTABLE_BUILD_STD_FEATURES";

const IMMEDIATE_ABORT: [&str; 2] = ["-Zunstable-options", "-Cpanic=immediate-abort"];

/// The file beside bundles that tells how they were built.
const FILE: &str = "build.json";

/// What a panic does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panics {
    /// It ends the program at once. Cargo builds the standard library from its sources for that.
    ImmediateAbort,
    /// It says first what went wrong, as the standard library does that comes with the compiler.
    Explained,
}

impl Panics {
    /// The smaller of what can be had: not every compiler has the sources, and older ones lack the flag.
    pub fn smallest(environment: &Environment) -> Self {
        if has_sources(environment) && knows_immediate_abort(environment) {
            Self::ImmediateAbort
        } else {
            Self::Explained
        }
    }

    /// The line that a build prints.
    pub fn line(self) -> &'static str {
        match self {
            Self::ImmediateAbort => {
                "The standard library is built anew, so that panics explain nothing and weigh nothing."
            }
            Self::Explained => {
                "The standard library is the one that comes with the compiler: panics explain \
                 themselves, and weigh a twentieth."
            }
        }
    }

    /// What cargo has to be given for it.
    pub fn apply(self, environment: &Environment) -> Environment {
        let mut environment = environment.clone();
        if self == Self::ImmediateAbort {
            environment.set(BOOTSTRAP, "1");
            environment.set(BUILD_STD, "std,panic_abort");
            environment.set(BUILD_STD_FEATURES, "");
            environment.add_rustflags(IMMEDIATE_ABORT.map(str::to_owned));
        }
        environment
    }

    /// Writes it beside bundles.
    pub fn note(self, folder: &Path) -> Result<()> {
        write(&folder.join(FILE), format!("{:#}\n", json!({ "panics": self.name() })))
    }

    /// Takes away what was noted of bundles that are about to be replaced.
    pub fn forget_note(folder: &Path) -> Result<()> {
        let path = folder.join(FILE);
        if path.is_file() { std::fs::remove_file(&path).context(path.display()) } else { Ok(()) }
    }

    /// What the bundles in a folder were built with, where something tells.
    pub fn noted(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(FILE);
        if !path.is_file() {
            return Ok(None);
        }
        let noted: Value = serde_json::from_slice(&read(&path)?).context(path.display())?;
        let is_named = |panics: &Self| noted["panics"] == panics.name();
        Ok([Self::ImmediateAbort, Self::Explained].into_iter().find(is_named))
    }

    fn name(self) -> &'static str {
        match self {
            Self::ImmediateAbort => "immediate-abort",
            Self::Explained => "explained",
        }
    }
}

/// Has a program for this computer built as ever, whatever [`Panics::apply`] has added.
pub fn forget(cargo: &mut Command) {
    for name in [BOOTSTRAP, BUILD_STD, BUILD_STD_FEATURES] {
        cargo.env_remove(name);
    }
}

/// Where the compiler has its standard library's sources, if they are there.
pub fn sources(environment: &Environment) -> Option<PathBuf> {
    let mut rustc = environment.command("rustc");
    rustc.args(["--print", "sysroot"]);
    let sysroot = process::output(rustc)?;
    Some(Path::new(sysroot.trim()).join("lib/rustlib/src/rust"))
}

/// Whether the sources of the standard library are there.
pub fn has_sources(environment: &Environment) -> bool {
    sources(environment).is_some_and(|folder| folder.join("library/std/Cargo.toml").is_file())
}

fn knows_immediate_abort(environment: &Environment) -> bool {
    let mut rustc = environment.command("rustc");
    rustc.env(BOOTSTRAP, "1").args(["--print", "cfg"]).args(IMMEDIATE_ABORT);
    process::output(rustc).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::RUSTFLAGS;
    use crate::error::empty_folder;
    use crate::files::{remove, temporary_folder};

    #[test]
    fn bundles_tell_how_they_were_built() {
        let folder = temporary_folder("panics").unwrap();
        empty_folder(&folder).unwrap();
        assert_eq!(Panics::noted(&folder).unwrap(), None);
        for panics in [Panics::ImmediateAbort, Panics::Explained] {
            panics.note(&folder).unwrap();
            assert_eq!(Panics::noted(&folder).unwrap(), Some(panics));
        }
        write(&folder.join(FILE), "{}").unwrap();
        assert_eq!(Panics::noted(&folder).unwrap(), None);
        remove(&folder);
    }

    #[test]
    fn a_smaller_standard_library_is_for_the_browser_alone() {
        let smaller = Panics::ImmediateAbort.apply(&Environment::new());
        let flags = smaller.get(RUSTFLAGS).unwrap();
        assert!(flags.to_string_lossy().ends_with("-Cpanic=immediate-abort"));
        assert_eq!(smaller.get(BUILD_STD).unwrap(), "std,panic_abort");
        let mut cargo = smaller.command("cargo");
        forget(&mut cargo);
        let is_set = |name| cargo.get_envs().any(|(own, value)| own == name && value.is_some());
        assert!(![BOOTSTRAP, BUILD_STD, BUILD_STD_FEATURES].into_iter().any(is_set));
    }

    #[test]
    fn what_is_known_is_left_alone_where_panics_explain_themselves() {
        let environment = Environment::new();
        let same = Panics::Explained.apply(&environment);
        assert_eq!(same.get(BUILD_STD), environment.get(BUILD_STD));
        assert_eq!(same.get(RUSTFLAGS), environment.get(RUSTFLAGS));
    }
}
