//! The real provider: npm's oidc-provider with its resource server, and what a person does there.

use std::fs;

use serde_json::Value;

use crate::browser::Browser;
use crate::folder::Folder;
use crate::process::Process;
use crate::site::workspace;

/// A person who can sign in.
#[derive(Clone, Debug)]
pub struct Account {
    /// What is typed as login.
    pub login: String,
    /// What is typed as password.
    pub password: String,
    /// The name in the profile.
    pub name: String,
}

/// A running provider; it ends when it is dropped.
#[derive(Debug)]
pub struct Provider {
    /// The issuer.
    pub issuer: String,
    /// The origin of the resource server.
    pub resource: String,
    /// The people who can sign in.
    pub accounts: Vec<Account>,
    /// The issuer of whom the provider sends people on to; empty without one.
    pub upstream: String,
    _process: Process,
    // The file of the record goes after whoever writes it.
    folder: Folder,
}

/// A line of the provider's record: a request that one of its servers answered.
#[derive(Clone, Debug)]
pub struct Recorded(Value);

/// What the record says in texts. A name that is none would be empty everywhere.
const TEXTS: [&str; 6] = ["time", "method", "path", "grant_type", "origin", "authorization"];

/// What tests count. Of any other target there would be no request at all.
const TARGETS: [&str; 7] = [
    "GET /auth",
    "POST /token",
    "POST /token/revocation",
    "GET /me",
    "GET /profile",
    "GET /mail",
    "GET /_compared",
];

impl Recorded {
    /// Where it went: `POST /token`.
    pub fn target(&self) -> String {
        format!("{} {}", self.text("method"), self.text("path"))
    }

    /// A member that is a text: `grant_type`, `authorization`, …; empty without it.
    pub fn text(&self, name: &str) -> &str {
        assert!(TEXTS.contains(&name), "no text of the record is called {name}");
        self.0[name].as_str().unwrap_or_default()
    }

    /// The status of the answer.
    pub fn status(&self) -> u64 {
        self.0["status"].as_u64().unwrap_or_default()
    }

    /// Whether a parameter of this name was in the form.
    pub fn has_parameter(&self, name: &str) -> bool {
        self.0["body"].as_array().is_some_and(|names| names.iter().any(|known| known == name))
    }

    /// Whether it came with a cookie, as a browser sends one.
    pub fn has_cookie(&self) -> bool {
        self.0["cookie"] == true
    }

    /// Whether it came with a proof that the sender has the key (RFC 9449).
    pub fn has_proof(&self) -> bool {
        self.0["dpop"] == true
    }
}

impl Provider {
    /// Starts a provider on free ports with these clients and their redirect URIs.
    pub fn start(clients: &[(&str, &str)]) -> Self {
        Self::start_with(clients, &[])
    }

    /// The same, with more of its options: see `node tests/provider/server.js --help`.
    pub fn start_with(clients: &[(&str, &str)], options: &[&str]) -> Self {
        let server = workspace().join("tests/provider/server.js");
        let modules = workspace().join("tests/provider/node_modules");
        assert!(modules.is_dir(), "the provider is not installed: run `cargo xtask setup`");
        let mut arguments = vec![server.to_string_lossy().into_owned()];
        arguments.extend(["--port", "0", "--resource-port", "0"].map(str::to_owned));
        for (id, redirect_uri) in clients {
            arguments.push("--client".to_owned());
            arguments.push(format!("{id}={redirect_uri}"));
        }
        arguments.extend(options.iter().map(|option| (*option).to_owned()));
        let folder = Folder::new();
        fs::create_dir_all(&folder.0).expect("a folder for the record");
        let record = folder.0.join(RECORD).to_string_lossy().into_owned();
        arguments.extend(["--record".to_owned(), record]);
        let ready = |line: &str| serde_json::from_str::<Value>(line).ok();
        let (process, ready) =
            Process::start("node", &arguments, ready).expect("the provider starts");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let accounts = ready["accounts"].as_array().cloned().unwrap_or_default();
        Self {
            issuer: text(&ready["issuer"]),
            resource: text(&ready["resource"]),
            accounts: accounts
                .iter()
                .map(|account| Account {
                    login: text(&account["login"]),
                    password: text(&account["password"]),
                    name: text(&account["name"]),
                })
                .collect(),
            upstream: text(&ready["upstream"]["issuer"]),
            _process: process,
            folder,
        }
    }

    /// What the token endpoint was asked so far.
    pub fn token_requests(&self) -> Vec<Recorded> {
        self.of_target(&self.issuer, "POST /token")
    }

    /// What a server was asked so far that goes to `target`: `GET /mail`.
    pub fn of_target(&self, origin: &str, target: &str) -> Vec<Recorded> {
        assert!(TARGETS.contains(&target), "{target} is nothing that tests count");
        let mut record = self.record(origin);
        record.retain(|line| line.target() == target);
        record
    }

    /// The requests that a server of this origin has answered: the issuer's, or the resource server's.
    pub fn record(&self, origin: &str) -> Vec<Recorded> {
        // Without a request there is no file.
        let text = fs::read_to_string(self.folder.0.join(RECORD)).unwrap_or_default();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let port = origin.rsplit(':').next().and_then(|port| port.parse::<u16>().ok());
        let of_server = |line: &Value| port.is_some_and(|port| line["port"] == port);
        lines.filter(of_server).map(Recorded).collect()
    }

    /// The first account.
    pub fn account(&self) -> &Account {
        self.accounts.first().expect("the provider has accounts")
    }

    /// Waits for the provider's sign-in page and signs in there.
    pub fn sign_in(&self, browser: &Browser, account: &Account) {
        wait_for_page_with(browser, SIGN_IN);
        browser.type_into(LOGIN, &account.login);
        browser.type_into(PASSWORD, &account.password);
        browser.click(SIGN_IN);
    }

    /// Waits for the consent page and allows what is asked.
    pub fn allow(&self, browser: &Browser) {
        wait_for_page_with(browser, ALLOW);
        browser.click(ALLOW);
    }

    /// Waits for the page that asks whether to sign out of the provider, and says yes.
    pub fn confirm_sign_out(&self, browser: &Browser) {
        wait_for_page_with(browser, SIGN_OUT);
        browser.click(SIGN_OUT);
    }

    /// Cancels on the page that is shown.
    pub fn cancel(&self, browser: &Browser) {
        wait_for_page_with(browser, CANCEL);
        browser.click(CANCEL);
    }
}

/// Waits until the page with this element is loaded whole. Before its style sheet is there the element is elsewhere,
/// and a click that begins then may go beside it.
fn wait_for_page_with(browser: &Browser, element: &str) {
    let script = format!(
        "return document.readyState === 'complete' && !!document.querySelector('{element}')"
    );
    browser.wait_until(&format!("the provider's page with {element}"), || {
        (browser.try_execute(&script)? == true).then_some(())
    });
}

/// The file with the record, in a folder of its own.
const RECORD: &str = "record.jsonl";

/// The login field of the sign-in page.
pub const LOGIN: &str = "#login";
/// The password field of the sign-in page.
pub const PASSWORD: &str = "#password";
/// The button of the sign-in page.
pub const SIGN_IN: &str = "#sign-in";
/// The button of the consent page.
pub const ALLOW: &str = "#allow";
/// The button of the page that asks whether to sign out.
pub const SIGN_OUT: &str = "#sign-out";
/// The other button of both pages.
pub const CANCEL: &str = "#cancel";
