//! WebKitGTK: the settings of its MiniBrowser and of its toolkit. Its driver speaks WebDriver alone, so
//! what happens in the browser is not told.

use std::fs;

use serde_json::{Value, json};

use super::Engine;
use crate::executables;
use crate::folder::Folder;
use crate::network::NetworkRequest;
use crate::options::Options;
use crate::webdriver::{Driver, Session};

#[derive(Debug)]
pub(super) struct WebKit {
    session: Session,
    // The profile is removed after the session has ended: fields drop in this order.
    _profile: Folder,
}

impl WebKit {
    pub(super) fn start(options: &Options) -> Self {
        let profile = Folder::new();
        write_toolkit_settings(options, &profile);
        let folder = |name: &str| profile.0.join(name).to_string_lossy().into_owned();
        let driver = Driver::new(executables::webkit_driver())
            .with_variable("XDG_CONFIG_HOME", folder("config"))
            .with_variable("XDG_CACHE_HOME", folder("cache"))
            .with_variable("XDG_DATA_HOME", folder("data"))
            // Its language is the system's, where the system has that locale; else it is English.
            .with_variable("LC_ALL", format!("{}.UTF-8", options.locale.replace('-', "_")));
        Self { session: Session::start(driver, &capabilities(options)), _profile: profile }
    }
}

impl Engine for WebKit {
    fn session(&self) -> &Session {
        &self.session
    }

    fn prepare_tab(&self, options: &Options) {
        let (width, height) = options.size;
        self.session.command("/window/rect", &json!({"width": width, "height": height}));
    }

    fn history(&self) -> Option<Vec<String>> {
        None
    }

    fn before_every_page(&self, _script: &str) {
        panic!("WebKitGTK's driver runs no script before a page");
    }

    fn clear_cache(&self) {
        panic!("WebKitGTK's driver clears no cache");
    }

    fn clear_cookies(&self) {
        self.session.delete("/cookie").expect("a page's cookies can be deleted");
    }

    fn requests(&self) -> Vec<NetworkRequest> {
        panic!("WebKitGTK's driver tells no requests");
    }

    fn tells_bodies(&self) -> bool {
        false
    }

    fn console(&self) -> Option<Vec<String>> {
        None
    }
}

fn write_toolkit_settings(options: &Options, profile: &Folder) {
    let folder = profile.0.join("config/gtk-3.0");
    fs::create_dir_all(&folder).expect("a folder for the settings");
    let settings = format!("[Settings]\ngtk-enable-animations={}\n", !options.reduced_motion);
    fs::write(folder.join("settings.ini"), settings).expect("the settings are written");
}

fn capabilities(options: &Options) -> Value {
    let mut arguments =
        vec!["--automation".to_owned(), format!("--enable-javascript={}", options.javascript)];
    if options.dark {
        arguments.push("--dark-mode".to_owned());
    }
    json!({
        "webkitgtk:browserOptions": {"args": arguments},
        "pageLoadStrategy": options.load_strategy(),
        "unhandledPromptBehavior": "ignore",
    })
}
