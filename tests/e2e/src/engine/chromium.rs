//! Chromium: the Chrome DevTools Protocol beside WebDriver, and the logs of its driver.

use std::cell::RefCell;

use serde_json::{Value, json};

use super::Engine;
use crate::executables;
use crate::folder::Folder;
use crate::network::NetworkRequest;
use crate::options::Options;
use crate::webdriver::{Driver, Session};

/// No window is narrower, whatever is asked for. A smaller screen is emulated in one.
const NARROWEST_WINDOW: u32 = 500;

#[derive(Debug)]
pub(super) struct Chromium {
    session: Session,
    requests: RefCell<Vec<NetworkRequest>>,
    console: RefCell<Vec<String>>,
    // The profile is removed after the session has ended: fields drop in this order.
    _profile: Folder,
}

impl Chromium {
    pub(super) fn start(options: &Options) -> Self {
        let profile = Folder::new();
        let driver = Driver::new(executables::chromedriver());
        Self {
            session: Session::start(driver, &capabilities(options, &profile)),
            requests: RefCell::default(),
            console: RefCell::default(),
            _profile: profile,
        }
    }

    /// Sends a command of the Chrome DevTools Protocol to this tab.
    fn devtools(&self, command: &str, parameters: &Value) -> Value {
        let body = json!({"cmd": command, "params": parameters});
        self.session.command("/goog/cdp/execute", &body)
    }

    /// What is new in a log of the driver.
    fn log(&self, kind: &str) -> Vec<Value> {
        let entries = self.session.command("/se/log", &json!({"type": kind}));
        entries.as_array().cloned().unwrap_or_default()
    }
}

impl Engine for Chromium {
    fn session(&self) -> &Session {
        &self.session
    }

    fn prepare_tab(&self, options: &Options) {
        let scheme = if options.dark { "dark" } else { "light" };
        let motion = if options.reduced_motion { "reduce" } else { "no-preference" };
        let features = json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": motion},
        ]});
        self.devtools("Emulation.setEmulatedMedia", &features);
        let (width, height) = options.size;
        if width < NARROWEST_WINDOW {
            let screen =
                json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
            self.devtools("Emulation.setDeviceMetricsOverride", &screen);
        }
        if !options.javascript {
            let disabled = json!({"value": true});
            self.devtools("Emulation.setScriptExecutionDisabled", &disabled);
        }
    }

    fn history(&self) -> Option<Vec<String>> {
        let history = self.devtools("Page.getNavigationHistory", &json!({}));
        let entries = history["entries"].as_array().cloned().unwrap_or_default();
        let urls = entries.iter().filter_map(|entry| entry["url"].as_str());
        Some(urls.map(str::to_owned).collect())
    }

    fn before_every_page(&self, script: &str) {
        let source = json!({"source": script});
        self.devtools("Page.addScriptToEvaluateOnNewDocument", &source);
    }

    fn clear_cache(&self) {
        self.devtools("Network.clearBrowserCache", &json!({}));
    }

    fn clear_cookies(&self) {
        self.devtools("Network.clearBrowserCookies", &json!({}));
    }

    fn forget_origin(&self, origin: &str) -> bool {
        let all = json!({"origin": origin, "storageTypes": "all"});
        self.devtools("Storage.clearDataForOrigin", &all);
        true
    }

    fn requests(&self) -> Vec<NetworkRequest> {
        let mut requests = self.requests.borrow_mut();
        requests.extend(self.log("performance").iter().filter_map(read_request));
        requests.clone()
    }

    fn tells_bodies(&self) -> bool {
        true
    }

    fn console(&self) -> Option<Vec<String>> {
        let mut console = self.console.borrow_mut();
        for entry in self.log("browser") {
            let level = entry["level"].as_str().unwrap_or_default();
            let message = entry["message"].as_str().unwrap_or_default();
            console.push(format!("{level} {message}"));
        }
        Some(console.clone())
    }
}

fn capabilities(options: &Options, profile: &Folder) -> Value {
    let (width, height) = options.size;
    let mut arguments = vec![
        "--headless=new".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-quic".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        format!("--window-size={width},{height}"),
        format!("--lang={}", options.locale),
        format!("--accept-lang={}", options.locale),
        format!("--user-data-dir={}", profile.0.display()),
    ];
    if !options.trusted_keys.is_empty() {
        let keys = options.trusted_keys.join(",");
        arguments.push(format!("--ignore-certificate-errors-spki-list={keys}"));
    }
    let mut chromium = json!({"args": arguments});
    if let Some(binary) = executables::chromium() {
        chromium["binary"] = binary.into();
    }
    json!({
        "goog:chromeOptions": chromium,
        "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
        "pageLoadStrategy": options.load_strategy(),
        "unhandledPromptBehavior": "ignore",
    })
}

/// The request that an entry of the performance log tells of, if it tells of one.
fn read_request(entry: &Value) -> Option<NetworkRequest> {
    let entry: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
    let message = &entry["message"];
    if message["method"] != "Network.requestWillBeSent" {
        return None;
    }
    let request = &message["params"]["request"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let headers = request["headers"].as_object().into_iter().flatten();
    Some(NetworkRequest {
        method: text(&request["method"]),
        url: text(&request["url"]) + request["urlFragment"].as_str().unwrap_or_default(),
        body: text(&request["postData"]),
        headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), text(value))).collect(),
        at: message["params"]["wallTime"].as_f64().unwrap_or_default() * 1000.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(method: &str, parameters: &Value) -> Value {
        let message = json!({"message": {"method": method, "params": parameters}});
        json!({"level": "INFO", "message": message.to_string()})
    }

    #[test]
    fn requests_are_read_and_other_entries_are_not() {
        let sent = json!({"requestId": "7", "type": "Fetch", "wallTime": 1.5, "request": {
            "method": "POST", "url": "http://localhost/token", "postData": "code=x",
            "headers": {"Content-Type": "text/plain"},
        }});
        let request = read_request(&entry("Network.requestWillBeSent", &sent)).unwrap();
        assert_eq!(request.body, "code=x");
        assert_eq!(request.at, 1500.0);
        assert_eq!(request.headers, [("content-type".to_owned(), "text/plain".to_owned())]);
        assert!(read_request(&entry("Page.loadEventFired", &json!({}))).is_none());
    }
}
