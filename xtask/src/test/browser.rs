//! The suites that run in a browser: `wasm-bindgen-test-runner` with the driver of an engine.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::suites::{self, Suite};
use super::{Progress, show};
use crate::environment::Environment;
use crate::error::{Result, create_folder, write};
use crate::port;
use crate::servers::{self, Server};
use crate::setup::Engine;

/// What is not on by default, but for rendering on a server: with that, Leptos' buttons do nothing.
const FEATURES: &str = "demo,hydrate,widget";

const CHROMIUM_ARGUMENTS: [&str; 6] = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// The drivers that the runner knows by variables; it takes the first that is set.
const DRIVERS: [&str; 4] = ["GECKODRIVER", "SAFARIDRIVER", "CHROMEDRIVER", "MSEDGEDRIVER"];

/// A test that an engine can't pass, whatever the library does (docs/engines.md).
struct Gap {
    engine: Engine,
    test: &'static str,
    reason: &'static str,
}

const CUT_OFF: &str = "an answer that was cut off counts as whole";
const NOT_BELOW: &str = "an RSA signature that is not below the modulus is taken";

const GAPS: [Gap; 8] = [
    gap(
        Engine::Firefox,
        "r87_a_signature_is_good_by_its_own_algorithm_and_key_only",
        "the page ends when an RSA key is imported for another algorithm",
    ),
    gap(
        Engine::Firefox,
        "challenges_in_several_fields_are_obeyed",
        "no WWW-Authenticate is shown that stands in several fields",
    ),
    gap(Engine::WebKit, "::half", CUT_OFF),
    gap(Engine::WebKit, "an_answer_that_is_cut_off_ends_with_an_error", CUT_OFF),
    gap(
        Engine::WebKit,
        "a_large_answer_is_bounded_when_it_is_read_whole_only",
        "the network reads far ahead of the page",
    ),
    gap(Engine::WebKit, "vectors_of_rs256", NOT_BELOW),
    gap(Engine::WebKit, "vectors_of_rs384", NOT_BELOW),
    gap(Engine::WebKit, "vectors_of_rs512", NOT_BELOW),
];

const fn gap(engine: Engine, test: &'static str, reason: &'static str) -> Gap {
    Gap { engine, test, reason }
}

/// Runs the suites in an engine.
pub fn run(
    environment: &Environment,
    engine: Engine,
    passed_on: &[String],
    progress: &mut Progress,
) -> Result<()> {
    let hostile = progress.build(|| start_hostile(environment))?;
    let url = |name: &str| hostile.ready[name].as_str().unwrap_or_default().to_owned();
    let mut cargo = environment.command("cargo");
    cargo
        .args(["test", "--target", "wasm32-unknown-unknown", "--features", FEATURES, "--tests"])
        .env("PIXY_HOSTILE_URL", url("url"))
        .env("PIXY_HOSTILE_URL_2", url("second"));
    let suites = progress.build(|| suites::build(cargo))?;
    let gaps: Vec<&Gap> = GAPS.iter().filter(|gap| gap.engine == engine).collect();
    for gap in &gaps {
        println!("skipped: {}: {}", gap.test, gap.reason);
    }
    if passed_on.is_empty() {
        gaps.iter().for_each(|_| progress.tally.ignored += 1);
    }
    let skips = gaps.iter().flat_map(|gap| ["--skip", gap.test]);
    let settings = webdriver_settings(environment, engine)?;
    let runner = |suite: &Suite| {
        let mut runner = runner(environment, engine, &settings);
        runner.arg(&suite.program).args(passed_on).args(skips.clone());
        runner
    };
    let logs = environment.work().join("logs");
    let read_line = |line: &str| show(line, &mut progress.tally);
    suites::run(suites, at_a_time(engine), runner, &logs, read_line)
}

/// How many suites run side by side, however many processors there are: most of the time they wait. Only
/// Chromium's driver has been tried so.
fn at_a_time(engine: Engine) -> usize {
    if engine == Engine::Chromium { 4 } else { 1 }
}

/// The program that opens a suite in an engine.
fn runner(environment: &Environment, engine: Engine, settings: &Path) -> Command {
    let mut runner = environment.command("wasm-bindgen-test-runner");
    runner
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", settings)
        // For a whole file of tests, and for a driver that starts while others are busy.
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300")
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
    choose_driver(&mut runner, environment, engine);
    if engine == Engine::WebKit {
        // It puts wrong values into unoptimised code that it compiles meanwhile (docs/engines.md).
        runner.env("JSC_useConcurrentJIT", "0");
    }
    runner
}

/// Leaves the runner one driver to find.
fn choose_driver(command: &mut Command, environment: &Environment, engine: Engine) {
    // It speaks to WebKitGTK's driver as it does to Safari's.
    let (variable, given) = match engine {
        Engine::Chromium => ("CHROMEDRIVER", "CHROMEDRIVER"),
        Engine::Firefox => ("GECKODRIVER", "GECKODRIVER"),
        Engine::WebKit => ("SAFARIDRIVER", "WEBKITDRIVER"),
    };
    for other in DRIVERS.into_iter().filter(|other| *other != variable) {
        command.env_remove(other).env_remove(format!("{other}_REMOTE"));
    }
    if let Some(driver) = environment.get(given) {
        command.env(variable, driver);
    }
}

/// Starts the hostile server. Its addresses are built into the tests, so it keeps to its usual
/// ports where it can: other ones mean building the tests again.
fn start_hostile(environment: &Environment) -> Result<Server> {
    let mut cargo = environment.command("cargo");
    cargo.args(["run", "--quiet", "-p", "hostile-server"]);
    if !(port::is_free(9500) && port::is_free(9501)) {
        println!("Port 9500 or 9501 is in use, so the hostile server takes other ones.");
        cargo.args(["--", "--port", "0", "--second-port", "0"]);
    }
    servers::start(cargo, "the hostile server")
}

/// webdriver.json with the browser of this machine in it.
fn webdriver_settings(environment: &Environment, engine: Engine) -> Result<PathBuf> {
    let binary = |name: &str| {
        let browser = environment.get(name)?;
        Some(Value::String(browser.to_string_lossy().into_owned()))
    };
    let (name, mut options, binary) = match engine {
        Engine::Chromium => {
            ("goog:chromeOptions", json!({ "args": CHROMIUM_ARGUMENTS }), binary("CHROME"))
        }
        Engine::Firefox => ("moz:firefoxOptions", json!({}), binary("FIREFOX")),
        // The driver knows its browser, and the runner passes no settings on to it.
        Engine::WebKit => ("webkitgtk:browserOptions", json!({}), None),
    };
    if let Some(binary) = binary {
        options["binary"] = binary;
    }
    let folder = environment.work();
    create_folder(&folder)?;
    let path = folder.join("webdriver.json");
    write(&path, json!({ name: options }).to_string())?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::read_text;
    use std::ffi::OsStr;

    #[test]
    fn what_is_skipped_is_listed() {
        let path = Environment::new().root.join("docs/engines.md");
        let document = read_text(&path).unwrap();
        for Gap { engine, test, reason } in GAPS {
            let row = format!("| `{test}` | {} | {reason} |", engine.name());
            assert!(document.contains(&row), "docs/engines.md lacks {row}");
        }
    }

    #[test]
    fn the_runner_finds_the_driver_of_the_engine_and_no_other() {
        let mut environment = Environment::new();
        for name in ["CHROMEDRIVER", "GECKODRIVER", "WEBKITDRIVER"] {
            environment.set(name, format!("/{name}"));
        }
        for (engine, expected) in [
            (Engine::Chromium, ("CHROMEDRIVER", "/CHROMEDRIVER")),
            (Engine::Firefox, ("GECKODRIVER", "/GECKODRIVER")),
            (Engine::WebKit, ("SAFARIDRIVER", "/WEBKITDRIVER")),
        ] {
            let mut command = environment.command("cargo");
            choose_driver(&mut command, &environment, engine);
            let set: Vec<_> = command
                .get_envs()
                .filter(|(name, value)| {
                    DRIVERS.iter().any(|known| name == known) && value.is_some()
                })
                .collect();
            let (name, value) = expected;
            assert_eq!(set, [(OsStr::new(name), Some(OsStr::new(value)))]);
        }
    }
}
