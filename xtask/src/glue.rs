//! Changes to the JavaScript that wasm-bindgen makes, as text in and text out.

use crate::error::{Failure, Result};

/// Where the part of the glue begins that loads the program, and how that names the file.
const LOADS: &str = "\nasync function __wbg_load(";
const FILE: &str = "new URL('";

/// What stands for the hash of the wasm file until it is known.
const INTEGRITY: &str = "__PIXY_INTEGRITY__";

/// What loads the program here, once; after a failure the next call tries again. A server may not know what a program
/// is: then it is compiled when all of it is there.
const LOADER: &str = r#"
let __wbg_loading;

function __wbg_init() {
    __wbg_loading ??= __wbg_load().catch((why) => {
        __wbg_loading = undefined;
        throw why;
    });
    return __wbg_loading;
}

async function __wbg_load() {
    const imports = __wbg_get_imports();
    const answer = await fetch(new URL('__PIXY_FILE__', import.meta.url), { integrity: "__PIXY_INTEGRITY__" });
    const { instance, module } = answer.headers.get("Content-Type") === "application/wasm"
        ? await WebAssembly.instantiateStreaming(answer, imports)
        : await WebAssembly.instantiate(await answer.arrayBuffer(), imports);
    return __wbg_finalize_init(instance, module);
}

export { __wbg_init as default };
"#;

/// The glue with a loader of its own, which knows one way to load. It has a place for the hash that the browser checks
/// before it runs the wasm file: the page checks the glue's hash, so the whole app is checked.
pub fn with_loader(glue: &str) -> Result<String> {
    let unknown = || {
        Failure::message(
            "the glue does not load the wasm file as expected: is this another wasm-bindgen?",
        )
    };
    let (kept, loader) = glue.split_once(LOADS).ok_or_else(unknown)?;
    let (_, file) = loader.split_once(FILE).ok_or_else(unknown)?;
    let (file, _) = file.split_once('\'').ok_or_else(unknown)?;
    Ok([kept, &LOADER.replace("__PIXY_FILE__", file)].concat())
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
async function __wbg_load(module, imports) {
    return await WebAssembly.instantiateStreaming(module, imports);
}
async function __wbg_init(module_or_path) {
    module_or_path = new URL('app_bg.wasm', import.meta.url);
    await __wbg_load(await fetch(module_or_path), __wbg_get_imports());
}
export { initSync, __wbg_init as default };
";

    #[test]
    fn the_glue_loads_the_final_file_and_has_it_checked() {
        let wasm = Wasm { old: "app_bg.wasm", new: "app-1.wasm", integrity: "sha384-x" };
        let glue = name_wasm(&with_loader(GLUE).unwrap(), &wasm).unwrap();
        assert!(glue.starts_with("\nexport class Thing {}"));
        let loads = "fetch(new URL('app-1.wasm', import.meta.url), { integrity: \"sha384-x\" })";
        assert!(glue.contains(loads) && glue.ends_with("export { __wbg_init as default };\n"));
        assert!(!glue.contains("initSync"));
    }

    #[test]
    fn a_glue_that_loads_otherwise_is_an_error() {
        assert!(with_loader("async function load() {}").is_err());
        assert!(with_loader(&GLUE.replace("new URL", "url")).is_err());
        let other = Wasm { old: "other.wasm", new: "x", integrity: "y" };
        assert!(name_wasm(&with_loader(GLUE).unwrap(), &other).is_err());
        let wasm = Wasm { old: "app_bg.wasm", new: "x", integrity: "y" };
        assert!(name_wasm(GLUE, &wasm).is_err());
    }

    #[test]
    fn a_class_that_nobody_uses_can_be_left_out() {
        let glue = without_disposal(GLUE);
        assert!(glue.starts_with("\nexport class Thing {}\nexport function show() {}\nasync"));
        assert!(glue.ends_with("}\nexport { initSync, __wbg_init as default };\n"));
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
