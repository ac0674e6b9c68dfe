//! wasm-opt, with exactly the WebAssembly features that rustc uses.

use std::path::Path;
use std::process::Command;

use crate::environment::Environment;
use crate::error::{Failure, Result};
use crate::links;
use crate::process;

/// Rust puts the stack first, so nothing is at the lowest addresses: an address and an offset can be added
/// where they are used.
const LOW_MEMORY: &str = "--low-memory-unused";

/// Twice, and in between the blocks and branches are made anew: the second time finds what the first has
/// laid open.
const PASSES: [&str; 4] = ["-Oz", "--flatten", "--rereloop", "-Oz"];

/// Makes a wasm file smaller, in place. `glue` is its minified glue: what that doesn't use goes.
pub fn shrink(environment: &Environment, program: &Path, wasm: &Path, glue: &Path) -> Result<()> {
    links::drop_unused(wasm, glue)?;
    let mut command = Command::new(program);
    command
        .arg(wasm)
        .arg("--output")
        .arg(wasm)
        .args(features(environment)?)
        .arg(LOW_MEMORY)
        .args(PASSES)
        .args(["--strip-debug", "--strip-producers", "--strip-target-features"]);
    process::run_short(command, "wasm-opt")
}

/// The options for the features that rustc has on. All features on would also work, but other
/// tools then can't read the file.
fn features(environment: &Environment) -> Result<Vec<String>> {
    let mut command = environment.command("rustc");
    command.args(["--print", "cfg", "--target", "wasm32-unknown-unknown"]);
    let cfg = process::output(command)
        .ok_or_else(|| Failure::message("rustc does not say which wasm32 features it uses"))?;
    let enabled = cfg.lines().filter_map(feature).map(option);
    let mut options = vec!["--mvp-features".to_owned()];
    options.extend(enabled);
    Ok(options)
}

fn feature(line: &str) -> Option<&str> {
    line.strip_prefix("target_feature=\"")?.strip_suffix('"')
}

/// rustc's name of a feature as an option of wasm-opt, which has its own name for one of them.
fn option(feature: &str) -> String {
    let name = match feature {
        "nontrapping-fptoint" => "nontrapping-float-to-int",
        other => other,
    };
    format!("--enable-{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_of_rustc_become_options_of_wasm_opt() {
        let cfg = "panic=\"unwind\"\ntarget_feature=\"bulk-memory\"\ntarget_os=\"unknown\"";
        let found: Vec<_> = cfg.lines().filter_map(feature).collect();
        assert_eq!(found, ["bulk-memory"]);
        assert_eq!(option("nontrapping-fptoint"), "--enable-nontrapping-float-to-int");
        assert_eq!(option("sign-ext"), "--enable-sign-ext");
    }
}
