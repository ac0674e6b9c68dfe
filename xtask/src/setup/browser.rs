//! The browser of the tests, and its driver.

use std::env;
use std::path::{Path, PathBuf};

use super::debian;
use super::report::{Line, Outcome};
use super::version::{self, Version};
use crate::environment::Environment;
use crate::error::Result;
use crate::process;

const BROWSERS: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// Where installers put the browser without putting it on the path.
const USUAL_PLACES: [&str; 4] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
];

const HOW_BROWSER: &str = "Install Chromium or Chrome (Debian: `apt install chromium`, macOS: \
                           `brew install --cask google-chrome`, Windows: `winget install \
                           Google.Chrome`), or name it in the variable CHROME.";

const HOW_DRIVER: &str = "Install ChromeDriver of the browser's version (Debian: `apt install \
                          chromium-driver`, macOS: `brew install --cask chromedriver`, Windows: \
                          `winget install Chromium.ChromeDriver`), or name it in the variable \
                          CHROMEDRIVER.";

/// Chromium or Chrome, given to children as `CHROME`.
pub fn chromium(environment: &mut Environment, line: &Line) -> Result<Outcome> {
    let find = |environment: &Environment| {
        named_by("CHROME")
            .or_else(|| BROWSERS.iter().find_map(|name| environment.find(name)))
            .or_else(|| {
                let mut places = USUAL_PLACES.iter().map(PathBuf::from);
                places.find(|path| path.is_file())
            })
    };
    let found = find_or_install(environment, line, "chromium", find)?;
    Ok(give("CHROME", found, HOW_BROWSER, environment))
}

/// ChromeDriver, given to children as `CHROMEDRIVER`.
pub fn driver(environment: &mut Environment, line: &Line) -> Result<Outcome> {
    let find = |environment: &Environment| {
        named_by("CHROMEDRIVER").or_else(|| environment.find("chromedriver"))
    };
    let found = find_or_install(environment, line, "chromium-driver", find)?;
    let outcome = give("CHROMEDRIVER", found, HOW_DRIVER, environment);
    Ok(match mismatch(environment) {
        Some(complaint) => Outcome::Missing(complaint),
        None => outcome,
    })
}

/// A font for the names of the Japanese accounts in screenshots.
pub fn japanese_font(environment: &Environment, line: &Line) -> Result<Outcome> {
    let has_font = || {
        let mut command = environment.command("fc-list");
        command.arg(":lang=ja");
        process::output(command).is_some_and(|fonts| !fonts.trim().is_empty())
    };
    if has_font() || cfg!(any(windows, target_os = "macos")) {
        return Ok(Outcome::Found("on this system".to_owned()));
    }
    if debian::is_root() {
        line.long_step("installing fonts-noto-cjk with apt", "20 seconds");
        debian::apt_install(environment, &["fonts-noto-cjk", "fontconfig"])?;
    }
    if has_font() {
        return Ok(Outcome::Installed);
    }
    Ok(Outcome::Missing(
        "Only screenshots need it (Debian: `apt install fonts-noto-cjk`).".to_owned(),
    ))
}

enum Search {
    Found(PathBuf),
    Installed(PathBuf),
    Nothing,
}

fn find_or_install(
    environment: &Environment,
    line: &Line,
    package: &str,
    find: impl Fn(&Environment) -> Option<PathBuf>,
) -> Result<Search> {
    if let Some(path) = find(environment) {
        return Ok(Search::Found(path));
    }
    if !debian::is_root() {
        return Ok(Search::Nothing);
    }
    line.long_step(&format!("installing {package} with apt"), "1 minute");
    debian::apt_install(environment, &[package])?;
    Ok(find(environment).map_or(Search::Nothing, Search::Installed))
}

fn give(variable: &str, search: Search, how: &str, environment: &mut Environment) -> Outcome {
    let (path, outcome) = match search {
        Search::Found(path) => {
            let detail = version_of(&path, environment);
            let detail = detail.map_or_else(
                || path.display().to_string(),
                |(major, ..)| format!("{}, version {major}", path.display()),
            );
            (path, Outcome::Found(detail))
        }
        Search::Installed(path) => (path, Outcome::Installed),
        Search::Nothing => return Outcome::Missing(how.to_owned()),
    };
    environment.set(variable, path);
    outcome
}

/// A driver drives only the browser of its own version.
fn mismatch(environment: &Environment) -> Option<String> {
    let major = |variable: &str| {
        let path = PathBuf::from(environment.get(variable)?);
        version_of(&path, environment).map(|(major, ..)| major)
    };
    let (browser, driver) = (major("CHROME")?, major("CHROMEDRIVER")?);
    (browser != driver).then(|| {
        format!(
            "ChromeDriver is version {driver}, but the browser is version {browser}. {HOW_DRIVER}"
        )
    })
}

fn version_of(program: &Path, environment: &Environment) -> Option<Version> {
    // On Windows, Chrome answers --version by opening a window.
    if cfg!(windows) && program.ends_with("chrome.exe") {
        return None;
    }
    let mut command = environment.command(program.to_str()?);
    command.arg("--version");
    version::find(&process::output(command)?)
}

fn named_by(variable: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env::var_os(variable)?);
    path.is_file().then_some(path)
}
