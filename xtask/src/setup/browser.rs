//! The browsers of the tests, and their drivers.

use std::env;
use std::path::{Path, PathBuf};

use super::cargo_tools::{self, WAITS};
use super::debian;
use super::report::{Line, Outcome};
use super::version::{self, Version};
use crate::environment::Environment;
use crate::error::Result;
use crate::process;

const CHROMIUM: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const FIREFOX: [&str; 2] = ["firefox-esr", "firefox"];

/// Where installers put Chromium or Chrome without putting it on the path.
const PLACES_OF_CHROMIUM: [&str; 4] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
];

/// The same for Firefox.
const PLACES_OF_FIREFOX: [&str; 2] = [
    "/Applications/Firefox.app/Contents/MacOS/firefox",
    "C:\\Program Files\\Mozilla Firefox\\firefox.exe",
];

const HOW_CHROMIUM: &str = "Install Chromium or Chrome (Debian: `apt install chromium`, macOS: \
                           `brew install --cask google-chrome`, Windows: `winget install \
                           Google.Chrome`), or name it in the variable CHROME.";

const HOW_CHROMEDRIVER: &str = "Install ChromeDriver of the browser's version (Debian: `apt \
                                install chromium-driver`, macOS: `brew install --cask \
                                chromedriver`, Windows: `winget install Chromium.ChromeDriver`), \
                                or name it in the variable CHROMEDRIVER.";

const HOW_FIREFOX: &str = "Install Firefox (Debian: `apt install firefox-esr`, macOS: `brew \
                           install --cask firefox`, Windows: `winget install Mozilla.Firefox`), \
                           or name it in the variable FIREFOX.";

const HOW_GECKODRIVER: &str = "Run `cargo install --locked geckodriver`, which needs a C linker \
                               and a way to the crates' registry (macOS also `brew install \
                               geckodriver`), or name it in the variable GECKODRIVER.";

const HOW_WEBKIT: &str = "WebKitGTK and its driver are for Linux (Debian: `apt install \
                          webkit2gtk-driver`, Fedora: `dnf install webkit2gtk-driver`); name the \
                          driver in the variable WEBKITDRIVER where it is not on the path.";

const HOW_XVFB: &str = "WebKitGTK has no headless mode. Install Xvfb (Debian: `apt install xvfb`, \
                        Fedora: `dnf install xorg-x11-server-Xvfb`).";

/// Chromium or Chrome, given to children as `CHROME`.
pub fn chromium(environment: &mut Environment, line: &Line) -> Result<Outcome> {
    let find = |environment: &Environment| {
        find_browser("CHROME", &CHROMIUM, &PLACES_OF_CHROMIUM, environment)
    };
    let found = find_or_install(environment, line, "chromium", find)?;
    Ok(give("CHROME", found, HOW_CHROMIUM, environment))
}

/// ChromeDriver, given to children as `CHROMEDRIVER`.
pub fn chromedriver(environment: &mut Environment, line: &Line) -> Result<Outcome> {
    let find = |environment: &Environment| {
        named_by("CHROMEDRIVER").or_else(|| environment.find("chromedriver"))
    };
    let found = find_or_install(environment, line, "chromium-driver", find)?;
    let outcome = give("CHROMEDRIVER", found, HOW_CHROMEDRIVER, environment);
    Ok(match mismatch(environment) {
        Some(complaint) => Outcome::Missing(complaint),
        None => outcome,
    })
}

/// Firefox, given to children as `FIREFOX`.
pub fn firefox(environment: &mut Environment, line: &Line) -> Result<Outcome> {
    let find = |environment: &Environment| {
        find_browser("FIREFOX", &FIREFOX, &PLACES_OF_FIREFOX, environment)
    };
    let found = find_or_install(environment, line, "firefox-esr", find)?;
    Ok(give("FIREFOX", found, HOW_FIREFOX, environment))
}

/// geckodriver, given to children as `GECKODRIVER`. It is a crate, so cargo has it everywhere.
pub fn geckodriver(environment: &mut Environment, line: &Line) -> Result<Outcome> {
    let find = |environment: &Environment| {
        named_by("GECKODRIVER").or_else(|| environment.find("geckodriver"))
    };
    let found = match find(environment) {
        Some(path) => Search::Found(path),
        None => {
            line.long_step("building it with cargo install", "2 minutes on two cores");
            cargo_tools::install(environment, "geckodriver", None, &WAITS)?;
            find(environment).map_or(Search::Nothing, Search::Installed)
        }
    };
    Ok(give("GECKODRIVER", found, HOW_GECKODRIVER, environment))
}

/// WebKitGTK's driver, which brings its browser, given to children as `WEBKITDRIVER`.
pub fn webkit_driver(environment: &mut Environment, line: &Line) -> Result<Outcome> {
    let find = |environment: &Environment| {
        named_by("WEBKITDRIVER").or_else(|| environment.find("WebKitWebDriver"))
    };
    let found = find_or_install(environment, line, "webkit2gtk-driver", find)?;
    Ok(give("WEBKITDRIVER", found, HOW_WEBKIT, environment))
}

/// The display that nobody looks at.
pub fn virtual_display(environment: &Environment, line: &Line) -> Result<Outcome> {
    let find = |environment: &Environment| environment.find("Xvfb");
    Ok(match find_or_install(environment, line, "xvfb", find)? {
        Search::Found(path) => Outcome::Found(path.display().to_string()),
        Search::Installed(_) => Outcome::Installed,
        Search::Nothing => Outcome::Missing(HOW_XVFB.to_owned()),
    })
}

/// The browser of a variable, or one of these names on the path, or one in its usual place.
fn find_browser(
    variable: &str,
    names: &[&str],
    places: &[&str],
    environment: &Environment,
) -> Option<PathBuf> {
    named_by(variable)
        .or_else(|| names.iter().find_map(|name| environment.find(name)))
        .or_else(|| places.iter().map(PathBuf::from).find(|path| path.is_file()))
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
            "ChromeDriver is version {driver}, but the browser is version {browser}. {HOW_CHROMEDRIVER}"
        )
    })
}

fn version_of(program: &Path, environment: &Environment) -> Option<Version> {
    // On Windows, browsers answer --version by opening a window.
    if cfg!(windows) && (program.ends_with("chrome.exe") || program.ends_with("firefox.exe")) {
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
