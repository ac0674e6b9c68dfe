//! What is to be measured: written by `cargo xtask bench`, which has built the apps.

use std::path::PathBuf;

use serde::Deserialize;

/// The plan.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The root of the project.
    pub root: PathBuf,
    /// A folder for what is served.
    pub work: PathBuf,
    /// What is measured: `pages`, `tabs`, `memory`, `people`.
    pub parts: Vec<String>,
    /// How often each app is measured.
    pub rounds: u32,
    /// Whether it is only to be seen that all of it works.
    pub quick: bool,
    /// Whether the pages in `docs` are written.
    pub write: bool,
    /// What else the computer does meanwhile.
    pub note: Option<String>,
    /// The apps.
    pub apps: Vec<App>,
    /// The page whose scripts have things done with a session.
    pub client: Option<App>,
    /// The apps that could not be built, and why.
    pub missing: Vec<(String, String)>,
}

impl Plan {
    /// Whether a part is to be measured.
    pub fn has(&self, part: &str) -> bool {
        self.parts.iter().any(|wanted| wanted == part)
    }
}

/// An app that was built.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// Its name, which is that of its folder on the host.
    pub name: String,
    /// Its name in tables.
    pub title: String,
    /// Where its files are.
    pub folder: PathBuf,
    /// The page that people come back to, below the app's own address.
    pub callback: String,
    /// Whether it asks the provider for the profile.
    pub reads_profile: bool,
}
