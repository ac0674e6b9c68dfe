//! Looks for each thing that a command needs and installs what is missing.
//!
//! Each thing has one line: found, installed, or what is missing and how to get it.

mod browser;
mod cargo_tools;
mod debian;
mod engine;
mod node;
mod report;
mod toolchain;
mod version;

use crate::arguments::Arguments;
use crate::environment::Environment;
use crate::error::Result;
use crate::npm;
pub use engine::Engine;
use report::Report;
pub use report::duration;
pub use toolchain::host;

const HELP: &str = "\
Usage: cargo xtask setup [--browser chromium|firefox|webkit]

Looks for everything that the demo, the tests and the release builds need, and installs
what is missing: Rust for WebAssembly, Trunk, wasm-bindgen, the npm packages of the tests
and of the build tools, Chromium (or the browser that is named) and its driver. On Debian
as root, apt is used where it helps; elsewhere a line says what to install. The other
commands do the same for what they need themselves.

From nothing this takes about six minutes on two cores; when all is there, a few seconds.";

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
    /// Tests in a browser, without release builds.
    BrowserTests,
    /// Everything.
    Everything,
}

impl Purpose {
    fn needs_bundling(self) -> bool {
        matches!(self, Self::Demo | Self::DemoWithVault | Self::Dist | Self::Everything)
    }

    fn needs_wasm_bindgen(self) -> bool {
        self.needs_bundling() || self == Self::BrowserTests
    }

    fn needs_wasm(self) -> bool {
        self != Self::NativeTests
    }

    fn needs_node(self) -> bool {
        !matches!(self, Self::Check | Self::BrowserTests)
    }

    fn needs_provider(self) -> bool {
        matches!(self, Self::Demo | Self::DemoWithVault | Self::NativeTests | Self::Everything)
    }

    fn needs_peer(self) -> bool {
        matches!(self, Self::NativeTests | Self::Everything)
    }

    fn needs_build_tools(self) -> bool {
        matches!(self, Self::DemoWithVault | Self::Dist | Self::Everything)
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
    println!("Looking for what is needed:");
    let mut environment = Environment::new();
    let mut report = Report::default();
    if purpose.needs_wasm() {
        report.step("Rust for WebAssembly", |line| toolchain::prepare(&mut environment, line));
        report.step("Rust crates", |line| cargo_tools::crates(&environment, line));
    }
    if purpose.needs_bundling() {
        report.step("Trunk", |line| cargo_tools::trunk(&environment, line));
    }
    if purpose.needs_wasm_bindgen() {
        report.step("wasm-bindgen", |line| cargo_tools::wasm_bindgen(&mut environment, line));
    }
    if purpose.needs_node() {
        report.step("Node.js", |_| node::node(&environment));
        report.step("npm", |_| node::npm(&environment));
    }
    if purpose.needs_provider() {
        report.step("test provider", |line| node::packages(&environment, npm::PROVIDER, line));
    }
    if purpose.needs_peer() {
        report.step("oauth4webapi", |line| node::packages(&environment, npm::DIFFERENTIAL, line));
    }
    if purpose == Purpose::Everything {
        report.step("axe-core", |line| node::packages(&environment, npm::END_TO_END, line));
    }
    if purpose.needs_build_tools() {
        report
            .step("wasm-opt, esbuild", |line| node::packages(&environment, npm::BUILD_TOOLS, line));
    }
    if purpose.needs_browser() {
        browser_of(engine, &mut environment, &mut report);
        report.optional_step("Japanese font", |line| browser::japanese_font(&environment, line));
    }
    report.end()?;
    Ok(environment)
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

    #[test]
    fn the_demo_needs_no_browser_and_no_build_tools() {
        assert!(Purpose::Demo.needs_bundling());
        assert!(Purpose::Demo.needs_provider());
        assert!(!Purpose::Demo.needs_browser());
        assert!(!Purpose::Demo.needs_build_tools());
    }

    #[test]
    fn release_builds_need_no_provider() {
        assert!(Purpose::Dist.needs_build_tools());
        assert!(Purpose::Dist.needs_wasm_bindgen());
        assert!(!Purpose::Dist.needs_provider());
    }
}
