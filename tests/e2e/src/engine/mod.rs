//! What each browser engine does in a way of its own. Everything else is WebDriver, the same for all.
//!
//! The tests are built for one engine, by a feature of this package; without one it is Chromium. What
//! an engine or its driver can't do is ignored there with a reason, and listed in `docs/engines.md`.

mod bidi;
mod chromium;
mod firefox;
mod profile;
mod webkit;

use std::fmt::Debug;

use crate::browser::Options;
use crate::network::NetworkRequest;
use crate::webdriver::Session;

/// A running browser.
pub(crate) trait Engine: Debug {
    /// The session with its driver.
    fn session(&self) -> &Session;

    /// Tells the current tab what WebDriver has no capability for.
    fn prepare_tab(&self, options: &Options);

    /// The addresses in the history of the current tab, where the browser tells them.
    fn history(&self) -> Option<Vec<String>>;

    /// Runs a script at the start of every page that the current tab opens from now on.
    fn before_every_page(&self, script: &str);

    /// Forgets what was downloaded.
    fn clear_cache(&self);

    /// Every request since the browser started.
    fn requests(&self) -> Vec<NetworkRequest>;

    /// Every line of the console since the browser started, where the browser tells them.
    fn console(&self) -> Option<Vec<String>>;
}

/// Starts the browser that the tests are built for.
pub(crate) fn start(options: &Options) -> Box<dyn Engine> {
    if cfg!(feature = "firefox") {
        Box::new(firefox::Firefox::start(options))
    } else if cfg!(feature = "webkit") {
        Box::new(webkit::WebKit::start(options))
    } else {
        Box::new(chromium::Chromium::start(options))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use crate::site::workspace;

    /// The rows that `docs/engines.md` has for the tests of a source file that an engine ignores.
    fn rows(source: &str) -> Vec<String> {
        let beginning = "#[cfg_attr(feature = \"";
        let places = source.match_indices(beginning);
        let ignored = places.map(|(place, _)| &source[place + beginning.len()..]);
        let row = |text: &str| {
            let (engine, rest) = text.split_once("\", ignore = \"")?;
            let (reason, rest) = rest.split_once("\")]")?;
            // Another engine's attribute may stand between.
            let (_, rest) = rest.split_once("\nfn ")?;
            let (name, _) = rest.split_once('(')?;
            Some(format!("| `{name}` | {engine} | {reason} |"))
        };
        ignored.map(|text| row(text).expect("an engine, a reason and a test")).collect()
    }

    #[test]
    fn a_row_is_made_of_engine_reason_and_name() {
        let source = "#[test]\n#[cfg_attr(feature = \"webkit\", ignore = \"so\")]\n\
                      #[cfg_attr(feature = \"firefox\", ignore = \"no\")]\nfn name() {}";
        assert_eq!(rows(source), ["| `name` | webkit | so |", "| `name` | firefox | no |"]);
    }

    #[test]
    fn what_is_ignored_is_listed_and_nothing_else() {
        let tests = fs::read_dir(workspace().join("tests/e2e/tests")).expect("the tests");
        let sources = tests.flatten().map(|file| fs::read_to_string(file.path()).expect("a test"));
        let ignored: BTreeSet<String> = sources.flat_map(|source| rows(&source)).collect();
        let document = fs::read_to_string(workspace().join("docs/engines.md")).expect("the list");
        let (_, list) = document.split_once("## End to end").expect("the section of these tests");
        let lines = list.lines().filter(|line| line.starts_with("| `")).map(str::to_owned);
        assert_eq!(ignored, lines.collect());
    }
}
