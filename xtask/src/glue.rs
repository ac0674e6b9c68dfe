//! Changes to the JavaScript that wasm-bindgen makes, as text in and text out.

use crate::error::{Failure, Result};

/// How the glue loads the program, in the words of wasm-bindgen.
const FETCH: &str = "fetch(module_or_path)";

/// What stands for the hash of the wasm file until it is known.
const INTEGRITY: &str = "__PIXY_INTEGRITY__";

/// The glue with a place for the hash that the browser checks before it runs the wasm file. The page
/// checks the glue's hash, so the whole app is checked.
pub fn demand_integrity(glue: &str) -> Result<String> {
    if !glue.contains(FETCH) {
        return Err(Failure::message(
            "the glue does not load the wasm file as expected: is this another wasm-bindgen?",
        ));
    }
    let checked = format!("fetch(module_or_path, {{ integrity: \"{INTEGRITY}\" }})");
    Ok(glue.replace(FETCH, &checked))
}

/// The glue without the lines that make its classes ready for `using`. They keep classes of which nobody makes an
/// object, and so what these call in the program; Leptos brings three.
pub fn without_disposal(glue: &str) -> String {
    let lines = glue.lines().filter(|line| !line.starts_with("if (Symbol.dispose) "));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The glue with its classes for itself, for a module whose importers want functions alone.
pub fn hide_classes(glue: &str) -> String {
    glue.replace("\nexport class ", "\nclass ")
}

/// The program that the glue loads.
#[derive(Debug)]
pub struct Wasm<'a> {
    /// The name that wasm-bindgen gave the file.
    pub old: &'a str,
    /// Its final address, beside the script.
    pub new: &'a str,
    /// Its hash.
    pub integrity: &'a str,
}

/// The glue with the final name of the wasm file, and with its hash.
pub fn name_wasm(glue: &str, wasm: &Wasm<'_>) -> Result<String> {
    if !(glue.contains(INTEGRITY) && glue.contains(wasm.old)) {
        return Err(Failure::message(format!("the glue does not load {}", wasm.old)));
    }
    Ok(glue.replace(INTEGRITY, wasm.integrity).replace(wasm.old, wasm.new))
}

/// The glue with the code behind it that starts the app.
///
/// Both are one file, so that a cold page makes no request more than it must. The block keeps the
/// names of the two parts apart.
pub fn join_boot(glue: &str, boot: &str) -> String {
    let (glue, boot) = (without_exports(glue), without_exports(boot));
    format!("{glue}\n{{\n{boot}\n}}\n")
}

/// Nobody imports the page's script, and what is not exported can be left out when it is unused.
fn without_exports(glue: &str) -> String {
    let is_list = |line: &&str| line.starts_with("export {");
    let lines = glue.lines().filter(|line| !is_list(line));
    let lines: Vec<&str> = lines.map(|line| line.strip_prefix("export ").unwrap_or(line)).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = "
export class Thing {}
if (Symbol.dispose) Thing.prototype[Symbol.dispose] = Thing.prototype.free;
export function show() {}
async function start(module_or_path) {
    module_or_path = new URL('app_bg.wasm', import.meta.url);
    module_or_path = fetch(module_or_path);
}
export { initSync, start as default };
";

    #[test]
    fn the_glue_loads_the_final_file_and_has_it_checked() {
        let wasm = Wasm { old: "app_bg.wasm", new: "app-1.wasm", integrity: "sha384-x" };
        let glue = name_wasm(&demand_integrity(GLUE).unwrap(), &wasm).unwrap();
        assert!(glue.contains("new URL('app-1.wasm', import.meta.url)"));
        assert!(glue.contains("fetch(module_or_path, { integrity: \"sha384-x\" })"));
    }

    #[test]
    fn a_glue_that_loads_otherwise_is_an_error() {
        assert!(demand_integrity("fetch(something)").is_err());
        let other = Wasm { old: "other.wasm", new: "x", integrity: "y" };
        assert!(name_wasm(&demand_integrity(GLUE).unwrap(), &other).is_err());
        let wasm = Wasm { old: "app_bg.wasm", new: "x", integrity: "y" };
        assert!(name_wasm(GLUE, &wasm).is_err());
    }

    #[test]
    fn a_class_that_nobody_uses_can_be_left_out() {
        let glue = without_disposal(GLUE);
        assert!(glue.starts_with("\nexport class Thing {}\nexport function show() {}\nasync"));
        assert!(glue.ends_with("}\nexport { initSync, start as default };\n"));
        assert!(hide_classes(&glue).starts_with("\nclass Thing {}\nexport function show() {}\n"));
    }

    #[test]
    fn the_boot_code_is_behind_the_glue() {
        let joined = join_boot(GLUE, "start();\n");
        assert!(joined.starts_with("\nclass Thing {}"));
        assert!(joined.ends_with("\n{\nstart();\n}\n"));
        assert!(!joined.contains("export"));
    }
}
