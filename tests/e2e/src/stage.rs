//! The demo on a stage: a browser, the static host, and a provider behind it.

use hostile_server::{Endpoint, Server};
use serde_json::{Value, json};

use crate::browser::{Browser, Options};
use crate::provider::{Account, Provider};
use crate::site::{self, Site, SiteOptions};

/// The demo's client id at the real provider.
pub const CLIENT_ID: &str = "pixy-demo";

/// Names of the demo's elements.
pub mod part {
    /// The button that starts a sign-in.
    pub const SIGN_IN: &str = r#"[data-pixy="sign-in"]"#;
    /// The button that ends the session.
    pub const SIGN_OUT: &str = r#"[data-pixy="sign-out"]"#;
    /// The card of the person who is signed in.
    pub const PROFILE: &str = r#"[data-pixy="profile"]"#;
    /// The name in it.
    pub const NAME: &str = r#"[data-pixy="profile-name"]"#;
    /// The e-mail address in it.
    pub const EMAIL: &str = r#"[data-pixy="profile-email"]"#;
    /// The button that signs out of the provider as well.
    pub const SIGN_OUT_AT_PROVIDER: &str = r#"[data-pixy="sign-out-at-provider"]"#;
    /// What is known of the session.
    pub const SESSION: &str = r#"[data-pixy="session"]"#;
    /// The button that renews the access token.
    pub const RENEW: &str = r#"[data-pixy="renew"]"#;
    /// What became of that.
    pub const RENEWAL: &str = r#"[data-pixy="renewal"]"#;
    /// The button in the error box, where trying again can help.
    pub const RETRY: &str = r#"[data-pixy="retry"]"#;
    /// The links of every page.
    pub const HOME_LINK: &str = r#"nav a[href="./"]"#;
    /// To the page for people who are signed in.
    pub const PROFILE_LINK: &str = r#"nav a[href="./profile.html"]"#;
    /// To the page that needs one more scope.
    pub const MAIL_LINK: &str = r#"nav a[href="./mail.html"]"#;
    /// The box with what went wrong.
    pub const ERROR: &str = r#"[data-pixy="error"]"#;
    /// The button that calls a sign-in in another window off.
    pub const CANCEL: &str = r#"[data-pixy="cancel"]"#;
    /// What is shown while the app waits.
    pub const BUSY: &str = r#"[data-pixy="busy"]"#;
    /// The list of mails.
    pub const MAIL: &str = r#"[data-pixy="mail"]"#;
    /// The refusal of the resource server.
    pub const INSUFFICIENT_SCOPE: &str = r#"[data-pixy="insufficient-scope"]"#;
    /// The link to the page with this very sign-in, step by step.
    pub const FLOW_LINK: &str = r#"nav a[href="./flow.html"]"#;
    /// To the page about PKCE.
    pub const PKCE_LINK: &str = r#"nav a[href="./pkce.html"]"#;
    /// To the page with the attacks.
    pub const THIEF_LINK: &str = r#"nav a[href="./thief.html"]"#;
    /// To the page about scopes.
    pub const SCOPES_LINK: &str = r#"nav a[href="./scopes.html"]"#;
    /// The button that asks for one more scope.
    pub const ASK_MAIL: &str = r#"[data-pixy="ask-mail"]"#;
}

/// The demo with the real provider.
#[derive(Debug)]
pub struct Stage {
    /// The browser.
    pub browser: Browser,
    /// The demo's static host.
    pub site: Site,
    /// The provider and its resource server.
    pub provider: Provider,
}

impl Stage {
    /// The demo at the root of its host.
    pub fn new() -> Self {
        Self::with(SiteOptions::default(), &Options::default())
    }

    /// The demo, hosted and looked at in a certain way.
    pub fn with(site: SiteOptions, browser: &Options) -> Self {
        Self::build(site, browser, &[], |_| json!({}))
    }

    /// The demo with a provider that has these options, and with more settings, which may name the
    /// provider's resource server.
    pub fn with_provider(options: &[&str], settings: impl Fn(&Provider) -> Value) -> Self {
        Self::build(SiteOptions::default(), &Options::default(), options, settings)
    }

    /// The demo with the provider that `cargo xtask demo` starts: it has what the lessons act out.
    pub fn with_lessons(browser: &Options) -> Self {
        Self::build(SiteOptions::default(), browser, &["--lesson"], |_| {
            json!({"lesson": {
                "client_without_pkce": format!("{CLIENT_ID}-without-pkce"),
                "brief_client": format!("{CLIENT_ID}-brief"),
            }})
        })
    }

    fn build(
        site: SiteOptions,
        browser: &Options,
        options: &[&str],
        more: impl Fn(&Provider) -> Value,
    ) -> Self {
        let site = Site::start(site::built("demo"), site);
        let clients = [(CLIENT_ID, &*site.url("callback.html"))];
        let provider = Provider::start_with(&clients, options);
        let mut settings = json!({
            "issuer": provider.issuer,
            "client_id": CLIENT_ID,
            "scope": "openid profile email",
            "resource_server": provider.resource,
            "resource_server_takes_dpop": true,
        });
        for (name, value) in more(&provider).as_object().into_iter().flatten() {
            settings[name] = value.clone();
        }
        site.set_settings(settings);
        Self { browser: Browser::start_with(browser), site, provider }
    }

    /// Opens the home page and waits until one can sign in.
    pub fn open_home(&self) {
        self.open("");
    }

    /// Opens a page of the demo and waits until one can sign in.
    pub fn open(&self, page: &str) {
        self.browser.open(&self.site.url(page));
        wait_for_state(&self.browser, "signed-out");
    }

    /// Opens the home page, signs in at the provider as the first account, and waits for the profile.
    pub fn sign_in(&self) {
        self.open_home();
        self.browser.click(part::SIGN_IN);
        self.finish_sign_in();
    }

    /// Signs in at the provider, allows what is asked, and waits for the profile.
    pub fn finish_sign_in(&self) {
        self.provider.sign_in(&self.browser, self.account());
        self.provider.allow(&self.browser);
        self.wait_for_profile();
    }

    /// Waits until the page shows who is signed in.
    pub fn wait_for_profile(&self) {
        wait_for_profile(&self.browser, &self.account().name);
    }

    /// The account that signs in.
    pub fn account(&self) -> &Account {
        self.provider.account()
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}

/// The demo with the hostile server.
#[derive(Debug)]
pub struct HostileStage {
    /// The browser.
    pub browser: Browser,
    /// The demo's static host.
    pub site: Site,
    /// The hostile server.
    pub server: Server,
    /// The case that is played.
    pub case: String,
}

/// The name in the hostile server's profile.
pub const HOSTILE_NAME: &str = "Honest Hanako";

impl HostileStage {
    /// The demo, pointed at a case.
    pub fn new(case: &str) -> Self {
        let site = Site::start(site::built("demo"), SiteOptions::default());
        let server = hostile_server::start(0).expect("a free port");
        site.set_settings(settings(&server.issuer(case)));
        Self { browser: Browser::start(), site, server, case: case.to_owned() }
    }

    /// Opens the home page and clicks the sign-in button.
    pub fn try_to_sign_in(&self) {
        self.browser.open(&self.site.url(""));
        wait_for_state(&self.browser, "signed-out");
        self.browser.click(part::SIGN_IN);
    }

    /// How often an endpoint was called.
    pub fn count(&self, endpoint: Endpoint) -> usize {
        self.server.count(&self.case, endpoint)
    }

    /// The codes and the tokens of all kinds that were given out, and the verifiers that came.
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets = self.server.tokens(&self.case);
        for recorded in self.server.requests(&self.case) {
            let location = recorded.outcome.and_then(|outcome| outcome.location);
            let query = location.as_deref().and_then(|url| url.split_once(['?', '#']));
            let given = query.map(|(_, query)| hostile_server::encoding::parse_form(query));
            let sent = recorded.request.form_parameters();
            let secret = |name: &str| ["code", "code_verifier", "access_token"].contains(&name);
            let pairs = given.unwrap_or_default().into_iter().chain(sent);
            secrets.extend(pairs.filter(|(name, _)| secret(name)).map(|(_, value)| value));
        }
        secrets
    }

    /// Signs in once more in the page that is shown, at the same server, which is honest now.
    pub fn sign_in_honestly(&self) {
        self.server.make_honest(&self.case);
        try_again(&self.browser);
        // Without the record of the first try nobody knows the page where it began.
        wait_for_state(&self.browser, "signed-in");
        self.browser.click(part::HOME_LINK);
        wait_for_profile(&self.browser, HOSTILE_NAME);
    }
}

fn settings(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "client_id": CLIENT_ID,
        "scope": "openid profile email",
    })
}

/// Waits until the demo is in this state: `starting`, `signed-out`, `busy`, `signed-in`, `failed`.
pub fn wait_for_state(browser: &Browser, state: &str) {
    browser.wait_until(&format!("the state {state}"), || {
        let shown = browser.try_execute("return document.documentElement.dataset.pixyState")?;
        (shown == state).then_some(())
    });
}

/// Waits until the profile shows this name.
pub fn wait_for_profile(browser: &Browser, name: &str) {
    wait_for_state(browser, "signed-in");
    browser.wait_until(&format!("the name {name}"), || {
        browser.shows(part::NAME).then_some(())?;
        (browser.text(part::NAME) == name).then_some(())
    });
}

/// Begins a sign-in once more after a failure, without loading the page anew.
pub fn try_again(browser: &Browser) {
    if browser.shows(part::RETRY) {
        return browser.click(part::RETRY);
    }
    if !browser.shows(part::SIGN_IN) {
        browser.click(part::HOME_LINK);
    }
    browser.click(part::SIGN_IN);
}

/// Waits until the error box is shown and returns its code.
pub fn wait_for_error(browser: &Browser) -> String {
    let code = browser.attribute(part::ERROR, "data-code");
    code.expect("the error box has a code")
}
