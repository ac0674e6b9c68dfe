//! `bindgen PROGRAM.wasm NAME FOLDER`: writes the JavaScript that loads a program, and the program as that
//! wants it, into a folder. `cargo xtask` builds and runs it.
//!
//! It does what `wasm-bindgen --target web --no-typescript` does, and is built of 43 crates instead of 162: in
//! the package of that program there is a test runner, too, with a server and a TLS client.

use std::env;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [program, name, folder] = arguments.as_slice() else {
        eprintln!("Usage: bindgen PROGRAM.wasm NAME FOLDER");
        return ExitCode::FAILURE;
    };
    let mut bindgen = Bindgen::new();
    bindgen.input_path(program).out_name(name).typescript(false).omit_default_module_path(false);
    match bindgen.web(true).and_then(|bindgen| bindgen.generate(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}
