//! What makes JavaScript and a program that fit each other of what rustc built: wasm-bindgen, of exactly the
//! version of the crate in it.
//!
//! It is the library, as a small program of this workspace (`xtask/bindgen`), unless the version that is
//! wanted is installed anyway.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::environment::Environment;
use crate::error::Result;
use crate::panics;
use crate::process;
use crate::setup;

/// The package, and its program.
const NAME: &str = "bindgen";

/// wasm-bindgen, ready to run.
#[derive(Debug)]
pub enum Bindgen {
    /// wasm-bindgen's own program.
    Installed(PathBuf),
    /// That of this workspace.
    Own(PathBuf),
}

impl Bindgen {
    /// Finds it, or builds it: in a folder of its own, so that another build can run beside this one.
    pub fn prepare(environment: &Environment) -> Result<Self> {
        if let Some(program) = setup::installed_wasm_bindgen(environment)? {
            return Ok(Self::Installed(program));
        }
        let folder = environment.target().join(NAME);
        let mut cargo = environment.command("cargo");
        cargo
            .args(["build", "--quiet", "--locked", "--package", NAME, "--target-dir"])
            .arg(&folder);
        panics::forget(&mut cargo);
        process::run(cargo, "cargo build of bindgen")?;
        let program = format!("debug/{NAME}{}", std::env::consts::EXE_SUFFIX);
        Ok(Self::Own(folder.join(program)))
    }

    /// Writes `NAME.js` and `NAME_bg.wasm` into a folder.
    pub fn run(&self, program: &Path, name: &str, folder: &Path) -> Result<()> {
        process::run_short(self.command(program, name, folder), "wasm-bindgen")
    }

    fn command(&self, program: &Path, name: &str, folder: &Path) -> Command {
        match self {
            Self::Installed(path) => {
                let mut command = Command::new(path);
                command.args(["--target", "web", "--no-typescript", "--out-name", name]);
                command.arg("--out-dir").arg(folder).arg(program);
                command
            }
            Self::Own(path) => {
                let mut command = Command::new(path);
                command.arg(program).arg(name).arg(folder);
                command
            }
        }
    }
}
