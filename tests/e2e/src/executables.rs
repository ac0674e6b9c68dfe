//! Where the browser and its driver are.

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

/// The WebDriver server: `CHROMEDRIVER`, or `chromedriver` on the path.
pub fn chromedriver() -> String {
    let found = find("CHROMEDRIVER", &["chromedriver"]);
    let found = found.expect("no chromedriver: put it on the path or name it in CHROMEDRIVER");
    found.to_string_lossy().into_owned()
}

/// The browser: `CHROME`, or the first known name on the path; otherwise the driver searches.
pub fn chromium() -> Option<String> {
    let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    let found = find("CHROME", &names)?;
    Some(found.to_string_lossy().into_owned())
}
