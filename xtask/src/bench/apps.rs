//! The apps that the bench measures, and how each is built: minified, with brotli copies, whatever it is made of.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::dist::{self, Module};
use crate::environment::Environment;
use crate::error::{Context, Failure, Result, empty_folder, read_text, write};
use crate::files;
use crate::npm;
use crate::panics::Panics;
use crate::process;

/// An app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum App {
    Demo,
    Widget,
    PlainWidget,
    Leptos,
    Handwritten,
    Oauth4webapi,
    OidcClientTs,
    ReactOidcContext,
    Auth0SpaJs,
    LeptosOidc,
    /// No app to compare: the page whose scripts have things done with a session.
    Client,
}

/// README's ten lines.
const LEPTOS: Module = Module {
    name: "bench-leptos",
    folder: "tests/bench/leptos",
    entry: "entry.js",
    styles: None,
    glue: "app.js",
    wasm: "app.wasm",
};

const LEPTOS_OIDC: Module =
    Module { name: "bench-leptos-oidc", folder: "tests/bench/leptos_oidc", ..LEPTOS };

const CLIENT: Module = Module { name: "bench-client", folder: "tests/bench/client", ..LEPTOS };

/// What the Rust peer's cryptography is compiled with.
const CLANG: &str = "clang";

/// The page of those that are all JavaScript, and of those that load a program.
const SCRIPT_PAGE: &str = "peers/index.html";
const WASM_PAGE: &str = "wasm.html";
const WIDGET_PAGE: &str = "widget.html";
const CLIENT_PAGE: &str = "client.html";

/// The names under which most apps have their page.
const PAGES: [&str; 2] = ["index.html", "callback.html"];

impl App {
    /// All that are compared, ours first.
    pub const ALL: [Self; 10] = [
        Self::Demo,
        Self::Widget,
        Self::PlainWidget,
        Self::Leptos,
        Self::Handwritten,
        Self::Oauth4webapi,
        Self::OidcClientTs,
        Self::ReactOidcContext,
        Self::Auth0SpaJs,
        Self::LeptosOidc,
    ];

    /// Its name: that of its folder, and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Widget => "widget",
            Self::PlainWidget => "plain-widget",
            Self::Leptos => "leptos",
            Self::Handwritten => "handwritten",
            Self::Oauth4webapi => "oauth4webapi",
            Self::OidcClientTs => "oidc-client-ts",
            Self::ReactOidcContext => "react-oidc-context",
            Self::Auth0SpaJs => "auth0-spa-js",
            Self::LeptosOidc => "leptos_oidc",
            Self::Client => "client",
        }
    }

    /// Its name in tables, with the versions of what it is made of.
    pub fn title(self, environment: &Environment) -> Result<String> {
        let of_npm =
            |package: &str| Ok(format!("{package} {}", npm_version(environment, package)?));
        Ok(match self {
            Self::Demo => "our demo".to_owned(),
            Self::Widget => "our widget".to_owned(),
            Self::PlainWidget => "our widget, asking no more than the others".to_owned(),
            Self::Leptos => "our ten lines in Leptos".to_owned(),
            Self::Client => "our client alone".to_owned(),
            Self::Handwritten => "handwritten, no checks".to_owned(),
            Self::Oauth4webapi | Self::OidcClientTs => of_npm(self.name())?,
            Self::ReactOidcContext => {
                format!("{}, {}", of_npm(self.name())?, of_npm("react")?)
            }
            Self::Auth0SpaJs => of_npm("@auth0/auth0-spa-js")?,
            Self::LeptosOidc => format!("leptos_oidc {}", leptos_oidc_version(environment)?),
        })
    }

    /// The page that people come back to, below the app's own address.
    pub const fn callback(self) -> &'static str {
        // A page with the widget is its own callback, as in README.
        if self.is_widget() { "" } else { "callback.html" }
    }

    /// Whether it asks the provider for the profile. The others show what the ID token says.
    pub const fn reads_profile(self) -> bool {
        !matches!(self, Self::Auth0SpaJs | Self::LeptosOidc)
    }

    /// Why it can't be built here.
    pub fn obstacle(self, environment: &Environment) -> Option<String> {
        if self != Self::LeptosOidc {
            return None;
        }
        let mut clang = environment.command(CLANG);
        clang.arg("--print-targets");
        // Apple's has no WebAssembly.
        let is_there = process::output(clang).is_some_and(|targets| targets.contains("wasm32"));
        (!is_there).then(|| format!("its cryptography needs a {CLANG} that knows wasm32"))
    }

    /// Builds it, and returns the folder with it.
    pub fn build(self, environment: &Environment, dist: &Path, out: &Path) -> Result<PathBuf> {
        if self == Self::Demo {
            return Ok(dist.join("demo"));
        }
        empty_folder(out)?;
        match self {
            Self::Demo | Self::Widget | Self::PlainWidget => {
                files::copy(&dist.join("widget"), out)?;
                fs::remove_file(out.join(dist::TAGS)).context(dist::TAGS)?;
            }
            Self::Leptos => build_member(environment, &LEPTOS, out)?,
            Self::Client => build_member(environment, &CLIENT, out)?,
            Self::LeptosOidc => build_foreign(environment, &LEPTOS_OIDC, out)?,
            _ => bundle(environment, self.name(), out)?,
        }
        let html = self.html(environment, out)?;
        for name in if self.is_widget() { &PAGES[..1] } else { &PAGES } {
            write(&out.join(name), &html)?;
        }
        // Pages are compressed when their settings are in them.
        let files = files::below(out)?;
        let others = |file: &&PathBuf| has_ending(file, &["js", "wasm"]);
        dist::compress(environment, &files.iter().filter(others).cloned().collect::<Vec<_>>())?;
        Ok(out.to_owned())
    }

    /// Its page. The program is asked for at once, under its final name.
    fn html(self, environment: &Environment, out: &Path) -> Result<String> {
        let html = read_text(&environment.root.join(npm::BENCH).join(self.page()))?;
        let module = match self.page() {
            WASM_PAGE => &LEPTOS,
            WIDGET_PAGE => &dist::WIDGET,
            _ => return Ok(html),
        };
        let html = html.replace("{preload}", &dist::preload(module, out)?);
        let attributes = if self == Self::PlainWidget { r#"dpop="off" par="off""# } else { "" };
        Ok(html.replace("{more}", attributes))
    }

    const fn is_widget(self) -> bool {
        matches!(self, Self::Widget | Self::PlainWidget)
    }

    const fn page(self) -> &'static str {
        match self {
            Self::Leptos | Self::LeptosOidc => WASM_PAGE,
            Self::Widget | Self::PlainWidget => WIDGET_PAGE,
            Self::Client => CLIENT_PAGE,
            _ => SCRIPT_PAGE,
        }
    }
}

fn has_ending(file: &Path, endings: &[&str]) -> bool {
    let ending = file.extension().unwrap_or_default();
    endings.iter().any(|known| ending == *known)
}

/// Gets the libraries of the peers.
pub fn prepare(environment: &Environment) -> Result<()> {
    let folder = environment.root.join(npm::BENCH);
    if npm::is_installed(&folder) {
        return Ok(());
    }
    npm::install(environment, &folder, &environment.work().join("logs/npm-bench.log"))
}

/// A program of this workspace.
fn build_member(environment: &Environment, module: &Module, out: &Path) -> Result<()> {
    let environment = dist::with_own_flags(environment, Panics::smallest(environment));
    let mut cargo = environment.command("cargo");
    cargo.args(["build", "--package", module.name]);
    dist::build_with(&environment, module, cargo, out)
}

/// A program of a workspace of its own, made small in the same way.
fn build_foreign(environment: &Environment, module: &Module, out: &Path) -> Result<()> {
    let environment = dist::with_own_flags(environment, Panics::smallest(environment));
    let mut cargo = environment.command("cargo");
    cargo
        .args(["build", "--locked", "--manifest-path"])
        .arg(environment.root.join(module.folder).join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", environment.target());
    dist::build_with(&environment, module, cargo, out)
}

/// One script of a peer's app and its library.
fn bundle(environment: &Environment, name: &str, out: &Path) -> Result<()> {
    let folder = environment.root.join(npm::BENCH);
    let mut esbuild = environment.command(&dist::tool(environment, "esbuild")?.to_string_lossy());
    esbuild
        .arg(folder.join("peers").join(name).with_extension("js"))
        .args(["--bundle", "--minify", "--format=esm", "--target=es2022"])
        .args(["--legal-comments=none", "--charset=utf8", "--log-level=warning"])
        .arg("--define:process.env.NODE_ENV=\"production\"")
        .arg(format!("--outfile={}", out.join("app.js").display()));
    process::run_short(esbuild, "esbuild")
}

fn npm_version(environment: &Environment, package: &str) -> Result<String> {
    let path = environment.root.join(npm::BENCH).join("package-lock.json");
    let lock: Value = serde_json::from_str(&read_text(&path)?).context(path.display())?;
    let version = lock["packages"][format!("node_modules/{package}")]["version"].as_str();
    let missing = || Failure::message(format!("{} has no {package}", path.display()));
    version.map(str::to_owned).ok_or_else(missing)
}

fn leptos_oidc_version(environment: &Environment) -> Result<String> {
    let path = environment.root.join(LEPTOS_OIDC.folder).join("Cargo.lock");
    let lock = read_text(&path)?;
    let version = lock.split_once("name = \"leptos_oidc\"\nversion = \"");
    let version = version.and_then(|(_, rest)| rest.split('"').next());
    let missing = || Failure::message(format!("{} has no leptos_oidc", path.display()));
    version.map(str::to_owned).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_app_has_a_title_with_the_version_of_its_library() {
        let environment = Environment::new();
        for app in App::ALL {
            let title = app.title(&environment).unwrap();
            let bare = matches!(app, App::Demo | App::Leptos | App::Handwritten) || app.is_widget();
            assert_ne!(bare, title.contains(|letter: char| letter.is_ascii_digit()), "{title}");
        }
        assert!(npm_version(&environment, "nobody").unwrap_err().text().contains("nobody"));
    }
}
