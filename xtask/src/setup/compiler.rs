//! What rustc says of itself.

use std::path::PathBuf;

use crate::environment::Environment;
use crate::error::{Context, Result};
use crate::process;

/// The kind of machine that it compiles for if nothing else is said.
pub fn host(environment: &Environment) -> Result<String> {
    let mut command = environment.command("rustc");
    command.arg("-vV");
    let text = process::output(command).unwrap_or_default();
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or("rustc does not say for which machine it compiles")
        .context("rustc -vV")
}

/// The folder with its libraries.
pub fn sysroot(environment: &Environment) -> Result<PathBuf> {
    let mut command = environment.command("rustc");
    command.args(["--print", "sysroot"]);
    process::output(command)
        .map(|path| path.trim().into())
        .ok_or("no answer")
        .context("rustc --print sysroot")
}
