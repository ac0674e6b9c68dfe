//! wasm-opt, with exactly the WebAssembly features that rustc uses.

use std::path::Path;
use std::process::Command;

use crate::environment::Environment;
use crate::error::{Failure, Result, read, write};
use crate::function_order;
use crate::links;
use crate::process;

/// What nobody who downloads it needs.
const STRIP: [&str; 3] = ["--strip-debug", "--strip-producers", "--strip-target-features"];

/// Rust puts the stack first, so nothing is at the lowest addresses: an address and an offset can be added
/// where they are used.
const LOW_MEMORY: &str = "--low-memory-unused";

/// Again and again, and after the first time blocks and branches are made anew: the next one finds what the one before
/// has laid open.
const PASSES: [&str; 5] = ["-Oz", "--flatten", "--rereloop", "-Oz", "-Oz"];

/// Puts the functions into the order of the names that [`function_order`] gives them.
const REORDER: &str = "--reorder-functions-by-name";

/// Makes a wasm file smaller, in place. `glue` is its minified glue: what that doesn't use goes.
pub fn shrink(environment: &Environment, program: &Path, wasm: &Path, glue: &Path) -> Result<()> {
    links::drop_unused(wasm, glue)?;
    let features = features(environment)?;
    let optimize = |passes: &[&str]| {
        let mut command = Command::new(program);
        command.arg(wasm).arg("--output").arg(wasm).args(&features).args(passes).args(STRIP);
        process::run_short(command, "wasm-opt")
    };
    optimize(&[&[LOW_MEMORY], &PASSES[..]].concat())?;
    write(wasm, function_order::name_functions(&read(wasm)?)?)?;
    optimize(&[REORDER])
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
