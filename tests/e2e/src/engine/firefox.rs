//! Firefox: preferences, WebDriver BiDi, and scripts with the browser's own rights for what neither has.

use std::cell::{RefCell, RefMut};

use serde_json::{Value, json};

use super::Engine;
use super::bidi::Connection;
use crate::executables;
use crate::network::NetworkRequest;
use crate::options::Options;
use crate::webdriver::{Driver, Session};

/// Larger than any body that is sent.
const LARGEST_BODY: u32 = 1 << 20;

#[derive(Debug)]
pub(super) struct Firefox {
    session: Session,
    tells_bodies: bool,
    state: RefCell<State>,
}

#[derive(Debug)]
struct State {
    connection: Connection,
    requests: Vec<NetworkRequest>,
    console: Vec<String>,
}

impl Firefox {
    pub(super) fn start(options: &Options) -> Self {
        let driver = Driver::new(executables::geckodriver())
            // Any free port for its own connection, and the right to run scripts as the browser.
            .with_arguments(&["--websocket-port", "0", "--allow-system-access", "--log", "fatal"]);
        let session = Session::start(driver, &capabilities(options));
        let url = session.capability("webSocketUrl");
        let mut connection = Connection::open(url.as_str().expect("geckodriver speaks BiDi"));
        let events = json!({"events": ["network.beforeRequestSent", "log.entryAdded"]});
        connection.command("session.subscribe", &events);
        let bodies = json!({"dataTypes": ["request"], "maxEncodedDataSize": LARGEST_BODY});
        // Older versions collect none.
        let tells_bodies = connection.try_command("network.addDataCollector", &bodies).is_ok();
        let state = State { connection, requests: Vec::new(), console: Vec::new() };
        Self { session, tells_bodies, state: RefCell::new(state) }
    }

    /// The current tab, as BiDi names it: WebDriver's name of it.
    fn tab(&self) -> Value {
        self.session.get("/window").expect("a tab has a handle")
    }

    /// Runs a function's body with the browser's own rights and returns what it returns.
    fn execute_as_browser(&self, script: &str) -> Value {
        self.session.command("/moz/context", &json!({"context": "chrome"}));
        let body = json!({"script": script, "args": []});
        let value = self.session.command("/execute/sync", &body);
        self.session.command("/moz/context", &json!({"context": "content"}));
        value
    }

    /// The state, with all that was told until now.
    fn heard(&self) -> RefMut<'_, State> {
        let mut state = self.state.borrow_mut();
        for event in state.connection.take_events() {
            match event["method"].as_str() {
                Some("network.beforeRequestSent") => {
                    let request = read_request(&event["params"]["request"], &mut state.connection);
                    state.requests.push(request);
                }
                Some("log.entryAdded") => {
                    let [level, text] = ["level", "text"].map(|name| text(&event["params"][name]));
                    state.console.push(format!("{level} {text}"));
                }
                _ => {}
            }
        }
        state
    }
}

impl Engine for Firefox {
    fn session(&self) -> &Session {
        &self.session
    }

    fn prepare_tab(&self, options: &Options) {
        // Smaller than a window may be.
        let (width, height) = options.size;
        let viewport =
            json!({"context": self.tab(), "viewport": {"width": width, "height": height}});
        self.state.borrow_mut().connection.command("browsingContext.setViewport", &viewport);
    }

    fn history(&self) -> Option<Vec<String>> {
        let urls = self.execute_as_browser(
            "const {sessionHistory} = gBrowser.selectedBrowser.browsingContext;
             return [...Array(sessionHistory.count).keys()]
                 .map(index => sessionHistory.getEntryAtIndex(index).URI.spec);",
        );
        Some(urls.as_array().into_iter().flatten().map(text).collect())
    }

    fn before_every_page(&self, script: &str) {
        let function = format!("() => {{ {script} }}");
        let preload = json!({"functionDeclaration": function, "contexts": [self.tab()]});
        self.state.borrow_mut().connection.command("script.addPreloadScript", &preload);
    }

    fn clear_cache(&self) {
        self.execute_as_browser("Services.cache2.clear(); ChromeUtils.clearResourceCache();");
    }

    fn clear_cookies(&self) {
        self.execute_as_browser("Services.cookies.removeAll();");
    }

    fn requests(&self) -> Vec<NetworkRequest> {
        self.heard().requests.clone()
    }

    fn tells_bodies(&self) -> bool {
        self.tells_bodies
    }

    fn console(&self) -> Option<Vec<String>> {
        Some(self.heard().console.clone())
    }
}

fn capabilities(options: &Options) -> Value {
    let preferences = json!({
        // 0 is dark, 1 light.
        "layout.css.prefers-color-scheme.content-override": i32::from(!options.dark),
        "ui.prefersReducedMotion": i32::from(options.reduced_motion),
        "intl.accept_languages": options.locale,
        "javascript.enabled": options.javascript,
    });
    let mut firefox = json!({"args": ["-headless"], "prefs": preferences});
    if let Some(binary) = executables::firefox() {
        firefox["binary"] = binary.into();
    }
    json!({
        "moz:firefoxOptions": firefox,
        "webSocketUrl": true,
        "pageLoadStrategy": options.load_strategy(),
        "unhandledPromptBehavior": "ignore",
    })
}

/// Reads `network.RequestData` of BiDi, and asks for the body.
fn read_request(request: &Value, connection: &mut Connection) -> NetworkRequest {
    let headers = request["headers"].as_array().into_iter().flatten();
    let has_body = request["bodySize"].as_u64().is_some_and(|size| size > 0);
    let body = || {
        let wanted = json!({"dataType": "request", "request": request["request"]});
        let data = connection.try_command("network.getData", &wanted).ok()?;
        Some(text(&data["bytes"]["value"]))
    };
    NetworkRequest {
        method: text(&request["method"]),
        url: text(&request["url"]),
        body: has_body.then(body).flatten().unwrap_or_default(),
        headers: headers
            .map(|header| {
                (text(&header["name"]).to_ascii_lowercase(), text(&header["value"]["value"]))
            })
            .collect(),
        at: 0.0,
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
