//! Where the browsers and their drivers are.

use std::env;
use std::path::PathBuf;

/// The program of an environment variable, or the first of these names on the path.
fn find(variable: &str, names: &[&str]) -> Option<PathBuf> {
    if let Some(path) = env::var_os(variable) {
        return Some(path.into());
    }
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names.iter().find_map(|name| {
        let candidates = folders
            .iter()
            .map(|folder| folder.join(name).with_extension(env::consts::EXE_EXTENSION));
        candidates.into_iter().find(|candidate| candidate.is_file())
    })
}

/// Chromium's driver: `CHROMEDRIVER`, or `chromedriver` on the path.
pub fn chromedriver() -> String {
    driver("CHROMEDRIVER", "chromedriver")
}

/// Firefox's driver: `GECKODRIVER`, or `geckodriver` on the path.
pub fn geckodriver() -> String {
    driver("GECKODRIVER", "geckodriver")
}

/// WebKitGTK's driver, which knows its browser: `WEBKITDRIVER`, or `WebKitWebDriver` on the path.
pub fn webkit_driver() -> String {
    driver("WEBKITDRIVER", "WebKitWebDriver")
}

/// `CHROME`, or the first known name on the path; otherwise the driver searches.
pub fn chromium() -> Option<String> {
    browser("CHROME", &["chromium", "chromium-browser", "google-chrome", "chrome"])
}

/// `FIREFOX`, or the first known name on the path; otherwise the driver searches.
pub fn firefox() -> Option<String> {
    browser("FIREFOX", &["firefox-esr", "firefox"])
}

fn driver(variable: &str, name: &str) -> String {
    let Some(found) = find(variable, &[name]) else {
        panic!("no {name}: put it on the path or name it in {variable}");
    };
    found.to_string_lossy().into_owned()
}

fn browser(variable: &str, names: &[&str]) -> Option<String> {
    Some(find(variable, names)?.to_string_lossy().into_owned())
}
