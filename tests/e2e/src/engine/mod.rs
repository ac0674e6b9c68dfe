//! What each browser engine does in a way of its own. Everything else is WebDriver, the same for all.
//!
//! The tests are built for one engine, by a feature of this package; without one it is Chromium. What
//! an engine or its driver can't do is ignored there with a reason, and listed in `docs/engines.md`.

mod bidi;
mod chromium;
mod firefox;
mod webkit;

use std::fmt::Debug;

use crate::network::NetworkRequest;
use crate::options::Options;
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

    /// Forgets the cookies, of all sites where the browser can.
    fn clear_cookies(&self);

    /// Forgets what the pages of an origin kept, if the browser can.
    fn forget_origin(&self, _origin: &str) -> bool {
        false
    }

    /// Every request since the browser started.
    fn requests(&self) -> Vec<NetworkRequest>;

    /// Whether requests are told with their bodies.
    fn tells_bodies(&self) -> bool;

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
    use std::path::Path;

    use crate::site::workspace;

    /// The rows that `docs/engines.md` has for the tests of a source file that engines ignore.
    fn rows(source: &str) -> Vec<String> {
        // However long lines were broken.
        let source = source.split_whitespace().collect::<Vec<_>>().join(" ");
        let source = source.replace("#[cfg_attr( ", "#[cfg_attr(").replace("\" )]", "\")]");
        let ignored = source.split("#[cfg_attr(").skip(1);
        let rows = |text: &str| {
            let (engines, rest) = text.split_once(", ignore = \"")?;
            let (reason, rest) = rest.split_once("\")]")?;
            let (name, _) = rest.trim_start().strip_prefix("fn ")?.split_once('(')?;
            let engines = engines.split("feature = \"").skip(1);
            let engines = engines.filter_map(|engine| engine.split('"').next());
            Some(engines.map(|engine| format!("| `{name}` | {engine} | {reason} |")).collect())
        };
        let rows = ignored.map(|text| rows(text).expect("engines, a reason and a test"));
        rows.collect::<Vec<Vec<_>>>().concat()
    }

    /// The files of the end-to-end tests, by name, with their text.
    fn tests() -> Vec<(String, String)> {
        let files = fs::read_dir(workspace().join("tests/e2e/tests")).expect("the tests");
        let paths = files.flatten().map(|file| file.path());
        let name = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
        paths.map(|path| (name(&path), fs::read_to_string(path).expect("a test"))).collect()
    }

    #[test]
    fn every_file_of_tests_is_run() {
        let tests = tests();
        let (mains, files): (Vec<_>, Vec<_>) = tests.iter().partition(|(name, _)| name == "main");
        let [(_, main)] = mains[..] else { panic!("the program of the tests") };
        for (name, _) in files {
            let ways = [format!("\nmod {name};\n"), format!("\n#[path = \"{name}.rs\"]\n")];
            assert!(ways.iter().any(|way| main.contains(way)), "{name}.rs is left out");
        }
    }

    #[test]
    fn a_row_is_made_of_engine_reason_and_name() {
        let source = "#[test]\n#[cfg_attr(feature = \"webkit\", ignore = \"so\")]\nfn name() {}";
        assert_eq!(rows(source), ["| `name` | webkit | so |"]);
        let source =
            source.replace("feature = \"webkit\"", "any(feature = \"a\", feature = \"b\")");
        assert_eq!(rows(&source), ["| `name` | a | so |", "| `name` | b | so |"]);
    }

    #[test]
    fn what_is_ignored_is_listed_and_nothing_else() {
        let ignored: BTreeSet<String> =
            tests().iter().flat_map(|(_, source)| rows(source)).collect();
        let document = fs::read_to_string(workspace().join("docs/engines.md")).expect("the list");
        let (_, list) = document.split_once("## End to end").expect("the section of these tests");
        let lines = list.lines().filter(|line| line.starts_with("| `")).map(str::to_owned);
        assert_eq!(ignored, lines.collect());
    }
}
