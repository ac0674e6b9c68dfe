//! A browser window, driven the way a person would: find, click, type, look.
//!
//! A selector may cross a shadow root with `>>>`: `pixy-login >>> [data-pixy="sign-in"]`.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::engine::{self, Engine};
use crate::network::NetworkRequest;
pub use crate::options::Options;
use crate::webdriver::{Session, WebDriverError};

/// What a person would wait for before giving up; two slow cores included.
const PATIENCE: Duration = Duration::from_secs(20);
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// The key under which WebDriver hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
const SHADOW: &str = "shadow-6066-11e4-a52e-4f735466cecf";

/// A browser with a fresh profile; it ends when it is dropped.
#[derive(Debug)]
pub struct Browser {
    engine: Box<dyn Engine>,
}

/// An element of the page.
#[derive(Clone, Debug)]
pub struct Element(String);

impl Browser {
    /// Starts a browser with the usual options.
    pub fn start() -> Self {
        Self::start_with(&Options::default())
    }

    /// Starts a browser.
    pub fn start_with(options: &Options) -> Self {
        let browser = Self { engine: engine::start(options) };
        browser.engine.prepare_tab(options);
        browser
    }

    fn session(&self) -> &Session {
        self.engine.session()
    }

    // Going places.

    /// Opens an address and waits for its load event.
    pub fn open(&self, url: &str) {
        self.command("/url", &json!({"url": url}));
    }

    /// Reloads the page.
    pub fn reload(&self) {
        self.command("/refresh", &json!({}));
    }

    /// Goes back in the history.
    pub fn back(&self) {
        self.command("/back", &json!({}));
    }

    /// The address of the page.
    pub fn url(&self) -> String {
        self.try_url().expect("a page has an address")
    }

    /// The same, `None` when there is none to tell: the tab is gone.
    pub fn try_url(&self) -> Option<String> {
        self.told("/url")
    }

    /// The addresses in the history of this tab; `None` in WebKit, which does not tell.
    pub fn history(&self) -> Option<Vec<String>> {
        self.engine.history()
    }

    /// Opens one more tab, goes to it, and returns its handle.
    pub fn new_tab(&self, options: &Options) -> String {
        let created = self.command("/window/new", &json!({"type": "tab"}));
        let handle = created["handle"].as_str().unwrap_or_default().to_owned();
        self.switch_to(&handle);
        self.engine.prepare_tab(options);
        handle
    }

    /// The handle of this tab.
    pub fn tab(&self) -> String {
        self.told("/window").expect("a tab has a handle")
    }

    /// Goes to a tab, and gives its page the focus.
    pub fn switch_to(&self, handle: &str) {
        self.command("/window", &json!({"handle": handle}));
    }

    /// The same of one that may be closed by now: whether it is still there.
    pub fn try_switch_to(&self, handle: &str) -> bool {
        self.session().post("/window", &json!({"handle": handle})).is_ok()
    }

    /// The handles of all tabs and windows.
    pub fn tabs(&self) -> Vec<String> {
        let handles = self.session().get("/window/handles").expect("a browser has tabs");
        let handles = handles.as_array().cloned().unwrap_or_default();
        handles.iter().filter_map(|handle| handle.as_str()).map(str::to_owned).collect()
    }

    /// Closes this tab. Another has to be gone to then.
    pub fn close_tab(&self) {
        self.session().delete("/window").expect("a tab can be closed");
    }

    /// Goes into the frame of this selector, until another tab is gone to.
    pub fn enter_frame(&self, selector: &str) {
        let frame = self.wait_for(selector);
        self.command("/frame", &json!({"id": {ELEMENT: frame.0}}));
    }

    // Looking.

    /// The first element of a selector, shown or not, if it is there now.
    pub fn find(&self, selector: &str) -> Option<Element> {
        self.try_find(selector).ok().flatten()
    }

    /// Waits until an element of this selector is shown.
    pub fn wait_for(&self, selector: &str) -> Element {
        self.wait_until(&format!("{selector} to be shown"), || self.find_shown(selector))
    }

    /// Waits until no element of this selector is shown.
    pub fn wait_until_gone(&self, selector: &str) {
        self.wait_until(&format!("{selector} to be gone"), || {
            let element = self.try_find(selector).ok()?;
            let shown = element.is_some_and(|element| self.is_shown(&element));
            (!shown).then_some(())
        });
    }

    /// Waits until the address is one that `wanted` accepts, and returns it.
    pub fn wait_for_url(&self, description: &str, wanted: impl Fn(&str) -> bool) -> String {
        self.wait_until(description, || self.try_url().filter(|url| wanted(url)))
    }

    /// Waits until `condition` gives something. Fails with what the page shows instead.
    pub fn wait_until<T>(&self, description: &str, condition: impl Fn() -> Option<T>) -> T {
        self.wait_longer_until(PATIENCE, description, condition)
    }

    /// The same for what takes longer than a page may take: a build, say.
    pub fn wait_longer_until<T>(
        &self,
        patience: Duration,
        description: &str,
        condition: impl Fn() -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(found) = condition() {
                return found;
            }
            if Instant::now() > deadline {
                panic!("waited in vain for {description}\n{}", self.describe());
            }
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// Whether an element of this selector is shown now.
    pub fn shows(&self, selector: &str) -> bool {
        self.find_shown(selector).is_some()
    }

    /// The text of an element, once it is shown.
    pub fn text(&self, selector: &str) -> String {
        self.wait_until(&format!("the text of {selector}"), || self.try_text(selector))
    }

    /// The same without waiting, `None` when it is not shown.
    pub fn try_text(&self, selector: &str) -> Option<String> {
        let element = self.find_shown(selector)?;
        self.told(&format!("/element/{}/text", element.0))
    }

    /// An attribute of an element, once it is shown.
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        self.wait_for(selector);
        self.try_attribute(selector, name)
    }

    /// The same without waiting, and of an element that is not shown.
    pub fn try_attribute(&self, selector: &str, name: &str) -> Option<String> {
        let element = self.find(selector)?;
        self.told(&format!("/element/{}/attribute/{name}", element.0))
    }

    // Doing.

    /// Clicks an element, once it is shown.
    pub fn click(&self, selector: &str) {
        let clicked = || self.try_click(selector).then_some(());
        self.wait_until(&format!("{selector} to be clicked"), clicked);
    }

    /// The same without waiting: whether it could be clicked.
    pub fn try_click(&self, selector: &str) -> bool {
        // Until it is shown and nothing covers it, a person would not click it either.
        self.try_at(selector, "click", &json!({}))
    }

    /// Types into an element, once it is shown.
    pub fn type_into(&self, selector: &str, text: &str) {
        let element = self.wait_for(selector);
        let path = format!("/element/{}/value", element.0);
        self.command(&path, &json!({"text": text}));
    }

    /// Types into an element in place of what is in it, without waiting: whether that could be done.
    pub fn try_type(&self, selector: &str, text: &str) -> bool {
        self.try_at(selector, "clear", &json!({}))
            && self.try_at(selector, "value", &json!({"text": text}))
    }

    /// Presses and releases a key, wherever the focus is. `\u{e004}` is Tab, `\u{e007}` Enter.
    pub fn press(&self, key: char) {
        let actions = json!({"actions": [{"type": "key", "id": "keyboard", "actions": [
            {"type": "keyDown", "value": key},
            {"type": "keyUp", "value": key},
        ]}]});
        self.command("/actions", &actions);
    }

    /// Runs a function's body in the page and returns what it returns.
    pub fn execute(&self, script: &str) -> Value {
        self.command("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// The same, `None` when the page is on its way elsewhere.
    pub fn try_execute(&self, script: &str) -> Option<Value> {
        let body = json!({"script": script, "args": []});
        self.session().post("/execute/sync", &body).ok()
    }

    /// Runs a script at the start of every page that this tab opens from now on.
    pub fn before_every_page(&self, script: &str) {
        self.engine.before_every_page(script);
    }

    /// Forgets what was downloaded.
    pub fn clear_cache(&self) {
        self.engine.clear_cache();
    }

    /// Forgets the cookies of all sites; in WebKit those of this page, for its driver knows no others.
    pub fn clear_cookies(&self) {
        self.engine.clear_cookies();
    }

    /// Goes on in a new tab of a browser that has forgotten all cookies, and what the pages of these origins
    /// kept: whether the engine can do that. What was downloaded stays.
    pub fn begin_anew(&self, options: &Options, origins: &[&str]) -> bool {
        let before = self.tabs();
        let tab = self.new_tab(options);
        for handle in before {
            self.switch_to(&handle);
            self.close_tab();
        }
        self.switch_to(&tab);
        self.clear_cookies();
        origins.iter().all(|origin| self.engine.forget_origin(origin))
    }

    /// Sends a command of the Chrome DevTools Protocol to this tab. In Chromium only: a test that needs it is
    /// ignored in the others.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Value {
        let body = json!({"cmd": command, "params": parameters});
        self.command("/goog/cdp/execute", &body)
    }

    // What is left behind.

    /// The page's session storage.
    pub fn session_storage(&self) -> Vec<(String, String)> {
        self.storage("sessionStorage")
    }

    /// The page's local storage.
    pub fn local_storage(&self) -> Vec<(String, String)> {
        self.storage("localStorage")
    }

    fn storage(&self, name: &str) -> Vec<(String, String)> {
        pairs(&self.execute(&format!(
            "const names = [...Array({name}.length).keys()].map(index => {name}.key(index));
             return names.map(item => [item, {name}.getItem(item)]);"
        )))
    }

    /// Every request since the browser started.
    pub fn requests(&self) -> Vec<NetworkRequest> {
        self.engine.requests()
    }

    /// Whether requests are told with their bodies. A test that needs them ends here where not: an older
    /// Firefox has none to tell.
    pub fn tells_bodies(&self) -> bool {
        let tells = self.engine.tells_bodies();
        if !tells {
            println!("the rest is left out: this browser tells no bodies of requests");
        }
        tells
    }

    /// Every line of the console since the browser started; `None` in WebKit, which does not tell.
    pub fn console(&self) -> Option<Vec<String>> {
        self.engine.console()
    }

    fn command(&self, path: &str, body: &Value) -> Value {
        self.session().command(path, body)
    }

    /// A text that the driver tells, if it does.
    fn told(&self, path: &str) -> Option<String> {
        self.session().get(path).ok()?.as_str().map(str::to_owned)
    }

    /// Whether an element of this selector is there and can be treated so.
    fn try_at(&self, selector: &str, action: &str, body: &Value) -> bool {
        self.find(selector).is_some_and(|element| {
            let path = format!("/element/{}/{action}", element.0);
            self.session().post(&path, body).is_ok()
        })
    }

    fn find_shown(&self, selector: &str) -> Option<Element> {
        self.find(selector).filter(|element| self.is_shown(element))
    }

    fn try_find(&self, selector: &str) -> Result<Option<Element>, WebDriverError> {
        let mut scope = String::new();
        let mut parts = selector.split(" >>> ").peekable();
        while let Some(part) = parts.next() {
            let query = json!({"using": "css selector", "value": part});
            let found = self.session().post(&format!("{scope}/elements"), &query)?;
            let Some(id) = found[0][ELEMENT].as_str() else {
                return Ok(None);
            };
            if parts.peek().is_none() {
                return Ok(Some(Element(id.to_owned())));
            }
            let shadow = self.session().get(&format!("/element/{id}/shadow"))?;
            scope = format!("/shadow/{}", shadow[SHADOW].as_str().unwrap_or_default());
        }
        Ok(None)
    }

    fn is_shown(&self, element: &Element) -> bool {
        // An element that left the page meanwhile is not shown.
        let shown = self.session().get(&format!("/element/{}/displayed", element.0));
        shown.is_ok_and(|shown| shown == true)
    }

    fn describe(&self) -> String {
        let url = self.session().get("/url").unwrap_or_default();
        let text = self.try_execute("return document.body && document.body.innerText");
        let state = self.try_execute("return document.documentElement.dataset.pixyState");
        format!(
            "address: {url}\nstate: {}\ntext: {}\nconsole: {:#?}",
            state.unwrap_or_default(),
            text.unwrap_or_default(),
            self.console()
        )
    }
}

fn pairs(entries: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let entries = entries.as_array().cloned().unwrap_or_default();
    entries.iter().map(|entry| (text(&entry[0]), text(&entry[1]))).collect()
}
