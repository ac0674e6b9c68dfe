//! Looks for each thing that a command needs and installs what is missing.
//!
//! Each thing has one line: found, installed, or what is missing and how to get it.

mod browser;
mod cargo_tools;
mod compiler;
mod debian;
mod engine;
mod node;
mod prebuilt;
mod report;
mod toolchain;
mod version;

use std::thread::{self, JoinHandle};

use crate::arguments::Arguments;
use crate::environment::Environment;
use crate::error::{Failure, Result};
use crate::npm;
use crate::panics::Panics;
use crate::process;
pub use cargo_tools::installed_wasm_bindgen;
pub use compiler::host;
pub use engine::Engine;
use report::Report;
pub use report::duration;

const HELP: &str = "\
Usage: cargo xtask setup [--browser chromium|firefox|webkit]

Looks for everything that the demo, the tests and the release builds need, and installs
what is missing: Rust for WebAssembly, Trunk, wasm-bindgen, the npm packages of the tests
and of the build tools, Chromium (or the browser that is named) and its driver. The sources of the
standard library are tried, which make release builds smaller. Trunk's own
release is taken where it can be had, and what `cargo binstall` gets where that is there;
else they are built. On Debian as root, apt is used where it helps; elsewhere a line says
what to install. The other commands do the same for what they need themselves.

From nothing this takes about ten minutes on two cores, most of it for building Trunk and
wasm-bindgen; when all is there, a few seconds. The demo needs neither of the two.";

/// What a command needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Serving the demo.
    Demo,
    /// Serving the demo, with its tokens in a vault.
    DemoWithVault,
    /// Release builds.
    Dist,
    /// Formatting, lints and documentation.
    Check,
    /// Native tests.
    NativeTests,
    /// Native tests of code that is broken on purpose.
    Mutants,
    /// Tests in a browser, without release builds.
    BrowserTests,
    /// Everything.
    Everything,
}

impl Purpose {
    /// Whether `trunk serve` is tried.
    fn needs_trunk(self) -> bool {
        self == Self::Everything
    }

    /// Whether wasm-bindgen's own programs are needed, one of which runs tests. Builds do without.
    fn needs_wasm_bindgen(self) -> bool {
        matches!(self, Self::BrowserTests | Self::Everything)
    }

    /// Whether all of Cargo.lock is to be there; a build gets what it needs itself.
    fn needs_all_crates(self) -> bool {
        matches!(self, Self::Check | Self::BrowserTests | Self::Everything)
    }

    fn needs_wasm(self) -> bool {
        !matches!(self, Self::NativeTests | Self::Mutants)
    }

    fn needs_node(self) -> bool {
        !matches!(self, Self::Check | Self::BrowserTests | Self::Mutants)
    }

    /// Whether release builds are made, which the sources of the standard library make smaller.
    fn builds_for_release(self) -> bool {
        matches!(self, Self::Dist | Self::Everything)
    }

    /// The folders whose npm packages are needed, with what they are.
    fn npm_packages(self) -> Vec<(&'static str, &'static str)> {
        let demo = matches!(self, Self::Demo | Self::DemoWithVault);
        let tests = matches!(self, Self::NativeTests | Self::Everything);
        let release = matches!(self, Self::DemoWithVault | Self::Dist);
        let all = self == Self::Everything;
        let folders = [
            (demo || tests, "test provider", npm::PROVIDER),
            (demo || all, "the demo's server", npm::SERVE),
            (tests, "oauth4webapi", npm::DIFFERENTIAL),
            (all, "axe-core", npm::END_TO_END),
            (release || all, "wasm-opt, esbuild", npm::BUILD_TOOLS),
        ];
        let needed = folders.into_iter().filter(|(needed, ..)| *needed);
        needed.map(|(_, what, folder)| (what, folder)).collect()
    }

    fn needs_browser(self) -> bool {
        matches!(self, Self::BrowserTests | Self::Everything)
    }
}

/// The command `setup`.
pub fn run(given: Vec<String>) -> Result<()> {
    let arguments = Arguments::parse(given, &["--browser"])?;
    if arguments.help {
        println!("{HELP}");
        return Ok(());
    }
    arguments.no_words()?;
    prepare_for(Purpose::Everything, Engine::parse(arguments.value("--browser"))?)?;
    println!("Everything is there. Next: cargo xtask demo");
    Ok(())
}

/// Sees to it that everything for this purpose is there, and says what children are to be given.
pub fn prepare(purpose: Purpose) -> Result<Environment> {
    prepare_for(purpose, Engine::Chromium)
}

/// The same, with this engine where the purpose needs one.
pub fn prepare_for(purpose: Purpose, engine: Engine) -> Result<Environment> {
    let mut environment = Environment::new();
    let mut report = begin(purpose, &mut environment);
    let packages = packages(&environment, purpose);
    let mut panics = Panics::Explained;
    if purpose.builds_for_release() {
        let name = "sources of the standard library";
        report.optional_step(name, |line| toolchain::sources(&environment, line));
        panics = Panics::smallest(&environment);
    }
    if purpose.needs_all_crates() {
        // With those of the standard library, where that is built.
        let environment = panics.apply(&environment);
        report.step("Rust crates", |line| cargo_tools::crates(&environment, line));
    }
    if purpose.needs_trunk() {
        report.step("Trunk", |line| cargo_tools::trunk(&environment, line));
    }
    if purpose.needs_wasm_bindgen() {
        report.step("wasm-bindgen", |line| cargo_tools::wasm_bindgen(&mut environment, line));
    }
    if purpose == Purpose::Mutants {
        report.step("cargo-mutants", |line| cargo_tools::mutants(&mut environment, line));
    }
    process::show_signs_of_life(&node::npm_log(&environment), || packages.is_finished());
    tell(packages, &mut report)?;
    if purpose.needs_browser() {
        browser_of(engine, &mut environment, &mut report);
        report.optional_step("Japanese font", |line| browser::japanese_font(&environment, line));
    }
    report.end()?;
    Ok(environment)
}

/// The same for a purpose that needs no programs but those of Rust and Node.js, with work that Rust is enough
/// for while npm waits for the network.
pub fn prepare_beside(
    purpose: Purpose,
    work: impl FnOnce(&Environment) -> Result<()>,
) -> Result<Environment> {
    let mut environment = Environment::new();
    let mut report = begin(purpose, &mut environment);
    report.end()?;
    let packages = packages(&environment, purpose);
    let done = work(&environment);
    tell(packages, &mut report)?;
    report.end().and(done)?;
    Ok(environment)
}

/// Looks for the programs that everything else takes.
fn begin(purpose: Purpose, environment: &mut Environment) -> Report {
    println!("Looking for what is needed:");
    let mut report = Report::default();
    if purpose.needs_wasm() {
        report.step("Rust for WebAssembly", |line| toolchain::prepare(environment, line));
    }
    if purpose.needs_node() {
        report.step("Node.js", |_| node::node(environment));
        report.step("npm", |_| node::npm(environment));
    }
    report
}

/// The npm packages, which come while something else is done.
fn packages(environment: &Environment, purpose: Purpose) -> JoinHandle<Vec<node::Packages>> {
    let environment = environment.clone();
    thread::spawn(move || node::packages(&environment, purpose.npm_packages()))
}

fn tell(packages: JoinHandle<Vec<node::Packages>>, report: &mut Report) -> Result<()> {
    let packages = packages.join().map_err(|_| Failure::message("npm ci panicked"))?;
    for (what, outcome, took) in packages {
        report.tell(what, outcome, took);
    }
    Ok(())
}

fn browser_of(engine: Engine, environment: &mut Environment, report: &mut Report) {
    match engine {
        Engine::Chromium => {
            report.step("Chromium", |line| browser::chromium(environment, line));
            report.step("ChromeDriver", |line| browser::chromedriver(environment, line));
        }
        Engine::Firefox => {
            report.step("Firefox", |line| browser::firefox(environment, line));
            report.step("geckodriver", |line| browser::geckodriver(environment, line));
        }
        Engine::WebKit => {
            report.step("WebKitWebDriver", |line| browser::webkit_driver(environment, line));
            report.step("Xvfb", |line| browser::virtual_display(environment, line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(purpose: Purpose) -> Vec<&'static str> {
        purpose.npm_packages().into_iter().map(|(_, folder)| folder).collect()
    }

    #[test]
    fn the_demo_needs_no_program_but_those_of_rust_and_node() {
        assert_eq!(folders(Purpose::Demo), [npm::PROVIDER, npm::SERVE]);
        assert!(Purpose::Demo.needs_wasm());
        assert!(!Purpose::Demo.needs_trunk());
        assert!(!Purpose::Demo.needs_wasm_bindgen());
        assert!(!Purpose::Demo.needs_browser());
    }

    #[test]
    fn release_builds_need_no_provider() {
        assert_eq!(folders(Purpose::Dist), [npm::BUILD_TOOLS]);
        assert!(!Purpose::Dist.needs_wasm_bindgen());
        assert!(Purpose::Dist.builds_for_release() && Purpose::Everything.builds_for_release());
        assert!(!Purpose::BrowserTests.builds_for_release());
    }

    #[test]
    fn broken_code_is_tested_with_rust_alone() {
        assert!(folders(Purpose::Mutants).is_empty());
        assert!(!Purpose::Mutants.needs_node() && !Purpose::Mutants.needs_wasm());
    }

    #[test]
    fn setup_gets_what_every_command_needs() {
        let all = folders(Purpose::Everything);
        for purpose in [Purpose::Demo, Purpose::DemoWithVault, Purpose::Dist, Purpose::NativeTests]
        {
            assert!(folders(purpose).iter().all(|folder| all.contains(folder)), "{purpose:?}");
        }
        assert!(Purpose::Everything.needs_trunk() && Purpose::Everything.needs_all_crates());
    }
}
