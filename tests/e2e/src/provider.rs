//! The real provider: npm's oidc-provider with its resource server, and what a person does there.

use serde_json::Value;

use crate::browser::Browser;
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
    _process: Process,
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
            _process: process,
        }
    }

    /// The first account.
    pub fn account(&self) -> &Account {
        self.accounts.first().expect("the provider has accounts")
    }

    /// Waits for the provider's sign-in page and signs in there.
    pub fn sign_in(&self, browser: &Browser, account: &Account) {
        browser.type_into(LOGIN, &account.login);
        browser.type_into(PASSWORD, &account.password);
        browser.click(SIGN_IN);
    }

    /// Waits for the consent page and allows what is asked.
    pub fn allow(&self, browser: &Browser) {
        browser.click(ALLOW);
    }

    /// Waits for the page that asks whether to sign out of the provider, and says yes.
    pub fn confirm_sign_out(&self, browser: &Browser) {
        browser.click(SIGN_OUT);
    }

    /// Cancels on the page that is shown.
    pub fn cancel(&self, browser: &Browser) {
        browser.click(CANCEL);
    }
}

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
