//! What Trunk calls after its own part (`trunk-hook`, see Trunk.toml): it watches the sources and serves the
//! files, and this builds them, in the place of its stand-in for a page.

use std::env;
use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::build::{Build, Profile};
use crate::environment::Environment;
use crate::error::{Context, Failure, Result, read_text};
use crate::page;

/// The variable with settings that replace those of index.html.
const SETTINGS_VARIABLE: &str = "PIXY_SETTINGS";

/// The hook.
pub fn run() -> Result<()> {
    let staging = PathBuf::from(variable("TRUNK_STAGING_DIR")?);
    let is_release = variable("TRUNK_PROFILE")? == "release";
    // `trunk serve` adds the script that reloads the page.
    let stand_in = read_text(&staging.join("index.html"))?;
    Build {
        environment: &Environment::new(),
        profile: if is_release { Profile::Release } else { Profile::Development },
        settings: settings()?,
        at_the_end: page::body(&stand_in).to_owned(),
    }
    .run(&staging)
}

fn variable(name: &str) -> Result<String> {
    let value = env::var(name);
    value.map_err(|_| Failure::message(format!("{name} is not set: only Trunk calls this")))
}

/// The settings that the variable holds.
pub fn settings() -> Result<Map<String, Value>> {
    match env::var(SETTINGS_VARIABLE) {
        Ok(text) => serde_json::from_str(&text).context(SETTINGS_VARIABLE),
        Err(_) => Ok(Map::new()),
    }
}
