//! What a person does at the demo while a module of the suite plays the provider.

use std::time::Duration;

use end_to_end::browser::{Browser, Options};
use end_to_end::site::Site;
use end_to_end::stage::{part, wait_for_state};
use end_to_end::trouble;
use serde_json::json;

use crate::plans::Way;
use crate::suite::Suite;

/// The demo's name at the suite.
pub(crate) const CLIENT_ID: &str = "pixy-demo";

/// What the demo may take until it asks for something by itself.
const BY_ITSELF: Duration = Duration::from_secs(5);

/// A module that waits for the demo.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visit<'a> {
    pub(crate) suite: &'a Suite,
    pub(crate) site: &'a Site,
    pub(crate) module: &'a str,
}

/// How a sign-in ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    SignedIn(String),
    Error(String),
}

/// Goes a way with a fresh browser. Says what the demo showed at the end, or how it went astray.
pub(crate) fn go(way: Way, visit: Visit<'_>) -> Result<String, String> {
    let issuer = visit.suite.issuer(visit.module)?;
    visit.site.set_settings(json!({
        "issuer": issuer,
        "client_id": CLIENT_ID,
        "scope": "openid profile email",
        // The suite's documents don't speak of PKCE, though the suite checks it.
        "pkce": "documented",
    }));
    let options = Options { trusted_keys: vec![visit.suite.key.clone()], ..Options::default() };
    let browser = Browser::start_with(&options);
    match way {
        Way::SignIn => sign_in(&browser, visit.site),
        Way::SignInTwice => {
            sign_in(&browser, visit.site)?;
            browser.click(part::SIGN_OUT);
            wait_for_state(&browser, "signed-out");
            sign_in(&browser, visit.site).map(|shown| format!("{shown}, twice"))
        }
        Way::Refused(code) => {
            try_to_sign_in(&browser, visit.site);
            refused(end(&browser), code)
        }
        Way::ProfileRefused(code) => {
            try_to_sign_in(&browser, visit.site);
            wait_for_state(&browser, "signed-in");
            browser.click(part::PROFILE_LINK);
            refused(end(&browser), code)
        }
        Way::Document => {
            browser.open(&visit.site.url(""));
            wait_for_state(&browser, "signed-out");
            visit.suite.end(visit.module, BY_ITSELF)?;
            Ok("the page of somebody who is signed out".to_owned())
        }
        Way::Keys => {
            trouble::block(&browser, &["*/token"]);
            try_to_sign_in(&browser, visit.site);
            refused(end(&browser), "network_or_cors")
        }
        Way::Renew => {
            sign_in(&browser, visit.site)?;
            renew(&browser).map_err(|code| format!("not renewed: error `{code}`"))?;
            ask_again(&browser, visit)
        }
        Way::RenewalRefused(code) => {
            sign_in(&browser, visit.site)?;
            match renew(&browser) {
                Ok(()) => Err(format!("access token renewed, in place of `{code}`")),
                Err(shown) => refused(End::Error(shown), code),
            }
        }
        Way::SignOut => {
            sign_in(&browser, visit.site)?;
            sign_out(&browser, visit.site)
        }
        Way::Initiated => initiated(&browser, visit),
    }
}

fn try_to_sign_in(browser: &Browser, site: &Site) {
    browser.open(&site.url(""));
    wait_for_state(browser, "signed-out");
    browser.click(part::SIGN_IN);
}

fn sign_in(browser: &Browser, site: &Site) -> Result<String, String> {
    try_to_sign_in(browser, site);
    signed_in(end(browser))
}

/// Waits until the demo shows a name or an error.
fn end(browser: &Browser) -> End {
    browser.wait_until("a name or an error", || {
        if let Some(code) = error(browser) {
            return Some(End::Error(code));
        }
        (state(browser) == "signed-in").then_some(())?;
        read(browser, part::NAME, "textContent").map(End::SignedIn)
    })
}

fn state(browser: &Browser) -> String {
    read(browser, "html", "dataset.pixyState").unwrap_or_default()
}

/// The code in the error box, if there is one.
fn error(browser: &Browser) -> Option<String> {
    read(browser, part::ERROR, "dataset.code")
}

/// A property of an element that is there now, in one step: the page may be on its way elsewhere.
fn read(browser: &Browser, selector: &str, property: &str) -> Option<String> {
    let selector = json!(selector);
    let script = format!("return document.querySelector({selector})?.{property}");
    browser.try_execute(&script)?.as_str().map(str::to_owned)
}

fn signed_in(end: End) -> Result<String, String> {
    match end {
        End::SignedIn(name) => Ok(format!("signed in as {name}")),
        End::Error(code) => Err(format!("error `{code}` in place of a name")),
    }
}

fn refused(end: End, expected: &str) -> Result<String, String> {
    match end {
        End::Error(code) if code == expected => Ok(format!("error `{code}`")),
        End::Error(code) => Err(format!("error `{code}` in place of `{expected}`")),
        End::SignedIn(name) => Err(format!("signed in as {name}, in place of `{expected}`")),
    }
}

/// Renews the access token. An error is the code that the page shows.
fn renew(browser: &Browser) -> Result<(), String> {
    browser.click(part::PROFILE_LINK);
    browser.click(part::RENEW);
    browser.wait_until("the end of the renewal", || {
        // An answer that can't be believed ends the session, and with it the place for the outcome.
        if let Some(code) = error(browser) {
            return Some(Err(code));
        }
        let said = read(browser, part::RENEWAL, "textContent")?;
        match said.rsplit_once('(') {
            None if said == "Renewed." => Some(Ok(())),
            None => None,
            Some((_, code)) => Some(Err(code.trim_end_matches(')').to_owned())),
        }
    })
}

/// Leaves the profile's page and comes back to it: there the profile is to be asked for again.
fn ask_again(browser: &Browser, visit: Visit<'_>) -> Result<String, String> {
    browser.click(part::HOME_LINK);
    browser.click(part::PROFILE_LINK);
    browser.wait_for(part::PROFILE);
    if visit.suite.end(visit.module, BY_ITSELF)?.is_over() {
        return Ok("access token renewed, profile asked for again".to_owned());
    }
    Err("access token renewed, and the profile not asked for again".to_owned())
}

fn sign_out(browser: &Browser, site: &Site) -> Result<String, String> {
    let home = site.url("");
    browser.click(part::PROFILE_LINK);
    browser.click(part::SIGN_OUT_AT_PROVIDER);
    browser.wait_for_url("the provider", |url| !url.starts_with(&home));
    browser.wait_for_url("the way back", |url| url.starts_with(&home));
    wait_for_state(browser, "signed-out");
    Ok("signed out, and back from the provider".to_owned())
}

fn initiated(browser: &Browser, visit: Visit<'_>) -> Result<String, String> {
    let url = visit.suite.visit(visit.module)?;
    // The suite takes no other address than one with https.
    browser.open(&url.replacen("https://", "http://", 1));
    let begun = browser.wait_until("a sign-in to begin or not", || match state(browser).as_str() {
        "" | "starting" | "busy" => None,
        state => Some(state != "signed-out"),
    });
    if !begun {
        return Err("no sign-in begins".to_owned());
    }
    signed_in(end(browser))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_ends_with_a_name_or_an_error() {
        let name = || End::SignedIn("Ada".to_owned());
        let error = || End::Error("network_or_cors".to_owned());
        assert_eq!(signed_in(name()), Ok("signed in as Ada".to_owned()));
        assert!(signed_in(error()).unwrap_err().contains("`network_or_cors`"));
        assert_eq!(refused(error(), "network_or_cors"), Ok("error `network_or_cors`".to_owned()));
        assert!(refused(error(), "nonce_mismatch").unwrap_err().contains("`nonce_mismatch`"));
        assert!(refused(name(), "nonce_mismatch").unwrap_err().contains("Ada"));
    }
}
