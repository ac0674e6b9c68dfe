//! `server.json`: how a server is handled, and what comes out otherwise than a case expects.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

/// The names of settings, as in the demo's settings block, and their values.
pub type Settings = Map<String, Value>;

/// What is known of a server ahead.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What it is called.
    pub title: String,
    /// Which version is run.
    pub version: String,
    /// How it is got: read by the command that gets it.
    #[serde(default, rename = "get")]
    _get: Value,
    /// What it needs on the machine: read by the same.
    #[serde(default, rename = "needs")]
    _needs: Value,
    /// What is not as the server is shipped.
    #[serde(default)]
    pub deviations: Vec<String>,
    /// The apps' settings at this server.
    #[serde(default)]
    pub settings: Settings,
    /// How a person gets through its pages.
    pub pages: Vec<Page>,
    /// The ways in which it is set up.
    pub variants: Vec<Variant>,
    /// What comes out otherwise than a case expects.
    #[serde(default)]
    pub outcomes: Vec<Line>,
}

/// A page of a server, and what a person does there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// `login`, `consent`, …
    pub name: String,
    /// The selector of an element that only this page shows.
    pub shown: String,
    /// What is typed into which fields.
    #[serde(default)]
    pub fill: BTreeMap<String, String>,
    /// The button that goes on.
    pub click: String,
    /// The button that refuses.
    pub refuse: Option<String>,
}

/// A way in which a server is set up.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Its name on the command line.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// What is not as the server is shipped.
    #[serde(default)]
    pub deviations: Vec<String>,
    /// The apps' settings, over those of the server.
    #[serde(default)]
    pub settings: Settings,
}

/// What comes out of a case here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// In which cases; in all, when none is named.
    #[serde(default)]
    pub cases: Vec<String>,
    /// In which variants; in all, when none is named.
    #[serde(default)]
    pub variants: Vec<String>,
    /// With which apps; with all, when none is named.
    #[serde(default)]
    pub apps: Vec<String>,
    /// What comes out.
    pub outcome: Option<String>,
    /// The number of the fault that makes it so.
    pub fault: Option<String>,
    /// Why this is right here.
    pub because: Option<String>,
    /// Why the case is not run.
    pub left_out: Option<String>,
}

impl Manifest {
    /// Reads the one in this folder.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let path = folder.join("server.json");
        let text =
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let manifest: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        manifest.outcomes.iter().try_for_each(|line| line.check(&manifest.variants))?;
        Ok(manifest)
    }

    /// The first line about a case with this app in this variant.
    pub fn line(&self, variant: &str, app: &str, case: &str) -> Option<&Line> {
        let is_for =
            |names: &[String], name: &str| names.is_empty() || names.iter().any(|own| own == name);
        self.outcomes.iter().find(|line| {
            is_for(&line.cases, case) && is_for(&line.variants, variant) && is_for(&line.apps, app)
        })
    }

    /// The settings of the apps in a variant.
    pub fn settings(&self, variant: &Variant) -> Settings {
        let mut settings = self.settings.clone();
        settings.extend(variant.settings.clone());
        settings
    }
}

impl Line {
    /// A line says one thing: a fault with its outcome, another right outcome, or why nothing is run.
    fn check(&self, variants: &[Variant]) -> Result<(), String> {
        let cases = self.cases.join(", ");
        let has = [&self.fault, &self.because, &self.left_out].map(Option::is_some);
        let says_one_thing = has.iter().filter(|has| **has).count() == 1;
        if !says_one_thing || self.outcome.is_none() != self.left_out.is_some() {
            return Err(format!(
                "the outcome of {cases} needs 'outcome' with 'fault' or 'because', or 'left_out' alone"
            ));
        }
        let unknown =
            self.variants.iter().find(|name| variants.iter().all(|one| one.name != **name));
        match unknown {
            Some(name) => {
                Err(format!("the outcome of {cases} is for '{name}', which is no variant"))
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(outcomes: &Value) -> Result<Manifest, String> {
        let manifest = json!({
            "title": "T", "version": "1", "pages": [],
            "settings": {"scope": "openid", "dpop": "off"},
            "variants": [{"name": "plain", "title": "plain", "settings": {"scope": "openid email"}}],
            "outcomes": outcomes,
        });
        Manifest::parse(&manifest.to_string())
    }

    #[test]
    fn the_first_line_that_fits_counts() {
        let manifest = parse(&json!([
            {"cases": ["reload"], "apps": ["widget"], "outcome": "signed out", "fault": "F26"},
            {"cases": ["reload"], "left_out": "No reason."},
            {"variants": ["plain"], "apps": ["demo"], "outcome": "signed out", "fault": "F1"},
        ]))
        .unwrap();
        assert_eq!(
            manifest.line("plain", "widget", "reload").unwrap().fault.as_deref(),
            Some("F26")
        );
        assert!(manifest.line("plain", "demo", "reload").unwrap().left_out.is_some());
        assert_eq!(
            manifest.line("plain", "demo", "redirect").unwrap().fault.as_deref(),
            Some("F1")
        );
        assert!(manifest.line("plain", "widget", "redirect").is_none());
    }

    #[test]
    fn a_line_that_says_nothing_or_two_things_is_refused() {
        for line in [
            json!({"cases": ["reload"]}),
            json!({"cases": ["reload"], "outcome": "signed out"}),
            json!({"cases": ["reload"], "fault": "F1"}),
            json!({"cases": ["reload"], "outcome": "x", "left_out": "y"}),
            json!({"cases": ["reload"], "outcome": "x", "fault": "F1", "because": "y"}),
            json!({"cases": ["reload"], "variants": ["other"], "left_out": "y"}),
        ] {
            assert!(parse(&json!([line])).is_err(), "{line}");
        }
    }

    #[test]
    fn a_variants_settings_go_over_the_servers() {
        let manifest = parse(&json!([])).unwrap();
        let settings = manifest.settings(&manifest.variants[0]);
        assert_eq!(Value::Object(settings), json!({"scope": "openid email", "dpop": "off"}));
    }
}
