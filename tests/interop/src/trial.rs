//! One case at one server: a browser of its own, an app, and a person who goes on until something lasts.

use std::thread;
use std::time::{Duration, Instant};

use end_to_end::{Account, Browser, NetworkRequest, Options};
use serde_json::Value;

use crate::app::{App, Kind};
use crate::client::Client;
use crate::manifest::{Manifest, Page as ProviderPage, Settings};
use crate::seen::{Outcome, Page};
use crate::server::{Lifetime, Server};

/// What a person would wait for before giving up.
const PATIENCE: Duration = Duration::from_secs(20);
/// A page that says the same for so long goes on saying it.
const CALM: Duration = Duration::from_millis(800);
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// How long a provider may take to answer a refresh, and the app to judge that.
const JUDGING: Duration = Duration::from_secs(3);
/// A provider's page that was filled in so often and came again is one that nobody gets past.
const ATTEMPTS: usize = 6;

const SIGN_IN: &str = "sign-in";
const RENEW: &str = r#"[data-pixy="renew"]"#;

/// Marks a provider's page as filled in, until another takes its place.
const MARK: &str = "window.pixyFilledIn = true";
const UNMARK: &str = "window.pixyFilledIn = false";
const IS_MARKED: &str = "return window.pixyFilledIn === true";

/// What a person says to a consent page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Allows what is asked.
    Give,
    /// Refuses it.
    Refuse,
}

/// A case under way.
#[derive(Debug)]
pub struct Trial<'a> {
    /// The browser.
    pub browser: &'a Browser,
    /// The app.
    pub app: &'a App,
    /// The server.
    pub server: &'a Server,
    /// The client that the app is.
    pub client: &'a Client,
    /// Which of the variant's clients that is.
    pub lifetime: Lifetime,
    account: Account,
    manifest: &'a Manifest,
    /// What the app asks for; at some servers another page of the client may ask for nothing else.
    scope: String,
    /// How many requests the browser had sent before.
    requests_before: usize,
}

impl<'a> Trial<'a> {
    /// Points the app at a client of the server, in a browser that remembers nothing. `settings` are those of
    /// the case.
    pub fn new(
        manifest: &'a Manifest,
        server: &'a Server,
        app: &'a App,
        lifetime: Lifetime,
        settings: &Settings,
        browser: &'a Browser,
    ) -> Result<Self, String> {
        let client = server.client(lifetime).ok_or("the server has no such client")?;
        server.act("restore", lifetime)?;
        app.point_at(client, settings);
        let account = server.account();
        let requests_before = browser.requests().len();
        let scope = settings.get("scope").and_then(Value::as_str).unwrap_or("openid").to_owned();
        Ok(Self {
            browser,
            app,
            server,
            client,
            lifetime,
            account,
            manifest,
            scope,
            requests_before,
        })
    }

    /// Opens the app's home page and begins to sign in.
    pub fn begin(&self) {
        self.open(&self.app.home());
        self.press(SIGN_IN);
    }

    /// Opens an address of the app and waits until its page says something.
    pub fn open(&self, url: &str) -> Outcome {
        self.browser.open(url);
        self.settle()
    }

    /// Signs in from the home page.
    pub fn sign_in(&self) -> Outcome {
        self.begin();
        self.get_through(Consent::Give).of_a_sign_in()
    }

    /// Clicks a part of the app's page, in the widget's shadow where it is there.
    pub fn press(&self, part: &str) {
        let selector = format!(r#"[data-pixy="{part}"]"#);
        match self.app.kind() {
            Kind::Widget => self.browser.click(&format!("pixy-login >>> {selector}")),
            _ => self.browser.click(&selector),
        }
    }

    /// Goes through the provider's pages, back to the app, and waits until that says something.
    pub fn get_through(&self, consent: Consent) -> Outcome {
        self.wait_for_app(|| self.fill_in(consent))
    }

    /// Waits until the app's page says something, and goes on saying it.
    pub fn settle(&self) -> Outcome {
        self.wait_for_app(|| false)
    }

    /// Waits until the app's page says something that lasts. On other pages something may be done, which gives
    /// them their time again.
    fn wait_for_app(&self, mut done_elsewhere: impl FnMut() -> bool) -> Outcome {
        let mut attempts = 0;
        let mut deadline = Instant::now() + PATIENCE;
        let mut last: Option<(Page, Instant)> = None;
        while Instant::now() < deadline && attempts < ATTEMPTS {
            let page = Page::read(self.browser).filter(|page| page.origin == self.app.origin());
            if page.is_none() && done_elsewhere() {
                attempts += 1;
                deadline = Instant::now() + PATIENCE;
            }
            last = page.filter(Page::is_settled).map(|page| match last.take() {
                Some((before, since)) if page == before => (before, since),
                _ => (page, Instant::now()),
            });
            if let Some((page, since)) = &last
                && since.elapsed() >= CALM
            {
                return page.outcome(&self.account.name);
            }
            thread::sleep(POLL_INTERVAL);
        }
        self.stranded()
    }

    /// Fills in the provider's page that is shown, if it is one that is known and was not filled in yet.
    fn fill_in(&self, consent: Consent) -> bool {
        if self.browser.try_execute(IS_MARKED) != Some(Value::Bool(false)) {
            return false;
        }
        let shown = |page: &&ProviderPage| self.browser.shows(&page.shown);
        let Some(page) = self.manifest.pages.iter().find(shown) else {
            return false;
        };
        for (field, text) in &page.fill {
            let text = text.replace("{login}", &self.account.login);
            // A field that is not shown is one whose text the page knows already.
            self.browser.try_type(field, &text.replace("{password}", &self.account.password));
        }
        let refuse = page.refuse.as_ref().filter(|_| consent == Consent::Refuse);
        self.browser.try_execute(MARK);
        let clicked = self.browser.try_click(refuse.unwrap_or(&page.click));
        if !clicked {
            self.browser.try_execute(UNMARK);
        }
        clicked
    }

    fn stranded(&self) -> Outcome {
        let page = Page::read(self.browser);
        match page.is_some_and(|page| page.origin == self.app.origin()) {
            true => Outcome::new("the page says nothing"),
            false => Outcome::new("stranded at the provider"),
        }
    }

    /// Signs in in the window that the app opened, and goes back to the app.
    pub fn get_through_window(&self) -> Outcome {
        let page = self.browser.tab();
        let window = self.wait(|| self.browser.tabs().into_iter().find(|tab| *tab != page));
        let Some(window) = window else {
            return Outcome::new("no window opened").of_a_sign_in();
        };
        self.browser.switch_to(&window);
        let mut attempts = 0;
        let closed = self.wait(|| {
            if self.browser.tabs().len() == 1 {
                return Some(());
            }
            if attempts < ATTEMPTS && self.fill_in(Consent::Give) {
                attempts += 1;
            }
            None
        });
        let stranded = closed.is_none().then(|| Outcome::new("the window stays open"));
        self.browser.switch_to(&page);
        stranded.unwrap_or_else(|| self.settle()).of_a_sign_in()
    }

    /// Renews the tokens: by the app's button, or where it has none by waiting until it does so itself.
    pub fn renew(&self) -> Outcome {
        if *self.app.kind() == Kind::Widget {
            return self.wait_for_renewal();
        }
        if Page::read(self.browser).is_some_and(|page| !self.app.next_page().ends_with(&page.path))
        {
            self.browser.click(r#"nav a[href="./profile.html"]"#);
            self.settle();
        }
        if !self.browser.shows(RENEW) {
            return self.settle().and("no way to renew");
        }
        self.browser.click(RENEW);
        let done = self.wait(|| {
            let page = Page::read(self.browser)?;
            (!page.is_signed_in() || page.renewal().is_some()).then_some(page)
        });
        let outcome = self.settle();
        let failure = done.as_ref().and_then(Page::renewal_failure);
        match failure.filter(|_| outcome.is_signed_in()) {
            Some(failure) => outcome.and(&format!("renewal {failure}")),
            None => outcome,
        }
    }

    /// Waits until the app has sent one more refresh token, or has signed the person out.
    fn wait_for_renewal(&self) -> Outcome {
        let before = self.refresh_tokens().len();
        let limit = Duration::from_secs(self.client.lifetime.unwrap_or(60)) + PATIENCE;
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            let signed_out = Page::read(self.browser).is_some_and(|page| page.is_signed_out());
            if signed_out || self.refresh_tokens().len() > before {
                return self.wait_for_sign_out(JUDGING);
            }
            thread::sleep(POLL_INTERVAL);
        }
        self.settle().and("no renewal")
    }

    /// Waits until the page offers to sign in, or for so long.
    pub fn wait_for_sign_out(&self, limit: Duration) -> Outcome {
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            if Page::read(self.browser).is_some_and(|page| page.is_signed_out()) {
                break;
            }
            thread::sleep(POLL_INTERVAL);
        }
        self.settle()
    }

    /// The refresh tokens that the app sent, in their order.
    pub fn refresh_tokens(&self) -> Vec<String> {
        let token = |request: &NetworkRequest| {
            let mut form = form_urlencoded::parse(request.body.as_bytes());
            let found = form.find(|(name, _)| name == "refresh_token");
            found.map(|(_, token)| token.into_owned())
        };
        let requests = self.browser.requests();
        let requests = requests.iter().skip(self.requests_before);
        let refreshes =
            requests.filter(|request| request.body.contains("grant_type=refresh_token"));
        refreshes.filter_map(token).collect()
    }

    /// Opens one more tab of the app.
    pub fn open_tab(&self) -> Outcome {
        self.browser.new_tab(&Options::default());
        self.open(&self.app.home())
    }

    /// Waits until there is something, at most as long as a person would.
    fn wait<T>(&self, mut found: impl FnMut() -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(found) = found() {
                return Some(found);
            }
            thread::sleep(POLL_INTERVAL);
        }
        None
    }

    /// Whether the provider asks who is there: its sign-in page comes.
    pub fn provider_asks(&self) -> bool {
        let login = self.manifest.pages.iter().find(|page| page.name == "login");
        let asks = self.wait(|| {
            if login.is_some_and(|page| self.browser.shows(&page.shown)) {
                return Some(true);
            }
            let page = Page::read(self.browser)?;
            (page.origin == self.app.origin() && page.is_signed_in()).then_some(false)
        });
        asks.unwrap_or(false)
    }

    /// Signs the person in once more at the provider, for the page that belongs to no app.
    pub fn sign_in_elsewhere(&self) -> Result<(), String> {
        let app = self.browser.tab();
        self.browser.new_tab(&Options::default());
        self.browser.open(&self.request_from_elsewhere()?);
        let mut attempts = 0;
        let arrived = self.wait(|| {
            if self.browser.shows("#elsewhere") {
                return self.browser.try_url();
            }
            if attempts < ATTEMPTS && self.fill_in(Consent::Give) {
                attempts += 1;
            }
            None
        });
        self.browser.close_tab();
        self.browser.switch_to(&app);
        if arrived.is_some_and(|url| url.contains("code=")) {
            return Ok(());
        }
        Err("nobody could sign in elsewhere".to_owned())
    }

    /// An authorization request for the page that belongs to no app. Its code is never spent.
    fn request_from_elsewhere(&self) -> Result<String, String> {
        let metadata = self.client.metadata()?;
        let endpoint =
            metadata["authorization_endpoint"].as_str().ok_or("no authorization endpoint")?;
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.client.client_id)
            .append_pair("redirect_uri", &self.app.elsewhere())
            .append_pair("response_type", "code")
            .append_pair("scope", &self.scope)
            .append_pair("prompt", "login")
            .append_pair("state", "elsewhere-elsewhere")
            .append_pair("nonce", "elsewhere-elsewhere")
            // The challenge of RFC 7636 appendix B.
            .append_pair("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
            .append_pair("code_challenge_method", "S256")
            // For servers that want to know the key at once, that of RFC 9449 section 6.1.
            .append_pair("dpop_jkt", "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")
            .finish();
        let separator = if endpoint.contains('?') { '&' } else { '?' };
        Ok(format!("{endpoint}{separator}{query}"))
    }
}
