//! The `<pixy-login>` custom element, over the client.
//!
//! Its ES class is `entry.js`, which makes one [`Widget`] for each element in the page and passes on
//! what happens to it. What the element then does is here: it reads its attributes (`settings`), finds
//! its client (`clients`), shows how far the sign-in has come (`login`, `view`), and does what scripts of the page
//! ask it for (`script`). How elements are drawn belongs in [`crate::browser::element`], how a sign-in works in
//! [`crate::client`].

mod clients;
mod login;
mod script;
mod settings;
mod view;

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::browser::Browser;
use crate::browser::element::{self, AbortSignal, ArrayBuffer, Host, Promise, ShadowRoot};
use crate::protocol::{Config, Error};
use crate::texts::Texts;

use login::{Login, Reach};
use script::Call;

/// One `<pixy-login>` element of the page. Dropped, it forgets everything.
#[wasm_bindgen]
pub struct Widget {
    stage: Rc<Stage>,
    /// What its present attributes began.
    login: RefCell<Rc<Login>>,
}

#[wasm_bindgen]
impl Widget {
    /// Begins: handles the provider's answer, if there is one in the address, and shows where the
    /// sign-in stands. `texts` is the JSON of the texts in the element's language; without, they are in English. With
    /// `clicked` the person has asked to sign in already.
    #[wasm_bindgen(constructor)]
    pub fn new(host: Host, root: ShadowRoot, texts: &str, clicked: bool) -> Self {
        Self::in_browser(host, root, texts, clicked, Browser::default())
    }

    /// To be called when attributes have changed, with the texts for them.
    pub fn attributes_changed(&self, texts: &str) {
        self.stage.texts.replace(read(texts));
        let settings = self.stage.settings();
        let login = self.login.borrow().clone();
        if login.has(&settings) {
            return login.draw();
        }
        // Other settings are another app: nothing that is in memory goes over to it.
        self.login.replace(Login::begin(&self.stage, settings));
        login.end(Reach::Own);
    }

    /// To be called when the person has pressed the button of this name.
    pub fn click(&self, button: &str) {
        let login = self.login.borrow().clone();
        match button {
            // A page that is about to be left may stay; a while later a click counts anew.
            "sign-in" | "retry" | "busy" => login.click_sign_in(),
            "cancel" => login.cancel(),
            "sign-out" => login.click_sign_out(),
            _ => {}
        }
    }

    /// To be called when the pointer or the focus comes near: a click may follow.
    pub fn approach(&self) {
        self.login.borrow().prepare();
    }

    /// The element's `signIn()`.
    pub fn sign_in(&self) -> Promise {
        script::sign_in(&self.login.borrow())
    }

    /// The element's `signOut()`.
    pub fn sign_out(&self) -> Promise {
        script::sign_out(&self.login.borrow())
    }

    /// The element's `fetch()`. Of `headers`, each line is one: `name:value`.
    pub fn fetch(
        &self,
        method: &str,
        url: &str,
        headers: &str,
        body: Option<ArrayBuffer>,
        signal: Option<AbortSignal>,
    ) -> Promise {
        script::fetch(&self.login.borrow(), Call { method, url, headers, body, signal })
    }
}

impl Widget {
    /// The same as [`Widget::new`], in a browser parts of which a test stands in for.
    pub fn in_browser(
        host: Host,
        root: ShadowRoot,
        texts: &str,
        clicked: bool,
        browser: Browser,
    ) -> Self {
        let texts = RefCell::new(read(texts));
        let page = browser.navigation.current_url();
        let stage = Rc::new(Stage { host, root, texts, page, browser });
        let login = Login::begin(&stage, stage.settings());
        if clicked {
            login.click_sign_in();
        }
        Self { stage, login: RefCell::new(login) }
    }
}

impl Drop for Widget {
    fn drop(&mut self) {
        self.login.borrow().leave();
    }
}

impl core::fmt::Debug for Widget {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Widget")
    }
}

/// Without texts that can be read, the widget speaks English.
fn read(texts: &str) -> Texts {
    Texts::from_json(texts).unwrap_or_default()
}

/// Where a widget plays: its element, its language, its browser.
struct Stage {
    host: Host,
    root: ShadowRoot,
    texts: RefCell<Texts>,
    /// The page in which it began. A router may change the address later; the app is the same.
    page: String,
    browser: Browser,
}

impl Stage {
    fn settings(&self) -> Result<Config, Error> {
        let attribute = |name: &str| element::attribute(&self.host, name);
        settings::read(attribute, &self.page, |url| element::resolve(&self.host, url))
    }

    /// Whether people sign in in a window beside the page.
    fn opens_popup(&self) -> bool {
        settings::opens_popup(|name| element::attribute(&self.host, name)).unwrap_or_default()
    }

    /// Whether the button for signing out signs out of the provider, too.
    fn ends_at_provider(&self) -> bool {
        settings::ends_at_provider(|name| element::attribute(&self.host, name)).unwrap_or_default()
    }
}
