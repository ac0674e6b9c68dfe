//! The commands that build, serve, test and pack Pixy Login: `cargo xtask --help`.

mod arguments;
mod bench;
mod bindgen;
mod build;
mod check;
mod client_metadata;
mod conformance;
mod demo;
mod digest;
mod dist;
mod environment;
mod error;
mod files;
mod function_order;
mod fuzz;
mod glue;
mod hook;
mod interop;
mod languages;
mod links;
mod llvm;
mod look;
mod mutants;
mod npm;
mod page;
mod pages;
mod panics;
mod port;
mod process;
mod rust_env;
mod servers;
mod setup;
mod size;
mod soak;
mod ssr;
mod test;
mod wasm_file;
mod wasm_opt;
mod web_url;
mod weight;

use std::env;
use std::process::ExitCode;

use error::{Failure, Result};

const HELP: &str = "\
Usage: cargo xtask <command> [options]

Commands:
  demo    install what is missing, start the provider, serve the demo, print URL and account
  test    install what is missing, then run every test, or one part: native, browser, e2e
  dist    release builds of the demo, the widget and the vault into dist/, with a size table
  check   formatting, clippy (native and wasm32) and documentation, as CI does
  fuzz    feeds the readers of what comes from outside with what nobody would send
  mutants slips in the pure code, each of which some native test has to notice
  soak    the demo in four tabs for half an hour, whatever happens to them
  weight  what each bundle weighs, beside the last row of SIZE.md
  setup   only the installing, with a line for each thing

  bench             our apps beside those over other libraries: sizes, times, memory, load
  measure           how the demo loads on a slow computer, in figures
  screenshots       pictures of every page of the demo, for docs/screenshots.md
  interop           the demo and the widget at real servers, and a matrix of what became of it
  conformance       the demo as the client of an OpenID Foundation conformance suite
  client-metadata   the document behind a client id that is a URL, for a deployed app

Each command explains itself with --help.";

fn main() -> ExitCode {
    process::end_everything_on_interrupt();
    let mut arguments = env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    match run(&command, arguments.collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::AlreadyTold) => ExitCode::FAILURE,
        Err(Failure::Message(message)) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, arguments: Vec<String>) -> Result<()> {
    match command {
        "demo" => demo::run(arguments),
        "test" => test::run(arguments),
        "dist" => dist::run(arguments),
        "weight" => weight::run(arguments),
        "check" => check::run(arguments),
        "fuzz" => fuzz::run(arguments),
        "mutants" => mutants::run(arguments),
        "soak" => soak::run(arguments),
        "interop" => interop::run(arguments),
        "setup" => setup::run(arguments),
        "bench" => bench::run(arguments),
        "measure" => look::measure(arguments),
        "screenshots" => look::screenshots(arguments),
        "conformance" => conformance::run(arguments),
        "client-metadata" => client_metadata::run(arguments),
        // Called by `test`, which goes on meanwhile.
        test::RELEASE_BUILDS => test::build_release(),
        // Called by Trunk for each build; see Trunk.toml.
        "trunk-hook" => hook::run(),
        "" | "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => Err(Failure::message(format!("there is no command '{other}'\n\n{HELP}"))),
    }
}
