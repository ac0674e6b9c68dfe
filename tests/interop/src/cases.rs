//! The cases: what a person does, what the world does to them, and what ought to come out.

use std::time::Duration;

use serde_json::json;

use crate::app::{App, Kind};
use crate::manifest::Settings;
use crate::seen::Outcome;
use crate::server::Lifetime;
use crate::trial::{Consent, Trial};

/// How long an app may take to notice by itself that a session is over.
const NOTICE: Duration = Duration::from_secs(15);

/// What the provider may end with a refusal of whatever kind.
const ENDS: [&str; 5] =
    ["reuse", "person-disabled", "session-deleted", "consent-revoked", "client-disabled"];

/// A case.
#[derive(Debug)]
pub struct Case {
    /// Its name on the command line and in `server.json`.
    pub name: &'static str,
    /// What happens, in a few words.
    pub title: &'static str,
    /// What ought to come out.
    pub expects: Expected,
    /// Which client it takes.
    pub lifetime: Lifetime,
    run: fn(&Trial<'_>) -> Result<Outcome, String>,
}

/// What ought to come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Just this.
    Just(&'static str),
    /// Somebody is signed in by name; the page may say what it could not learn of them.
    SignedInByName,
    /// Nobody is signed in and the page offers to; it may say why.
    SignedOut,
}

impl Expected {
    /// Whether this is it.
    pub fn is_met(self, outcome: &Outcome) -> bool {
        match self {
            Self::Just(words) => outcome.text() == words,
            Self::SignedInByName => {
                let text = outcome.text();
                text == "signed in" || text.starts_with("signed in, error ")
            }
            Self::SignedOut => {
                let text = outcome.text();
                text == "signed out" || text.starts_with("signed out, error ")
            }
        }
    }
}

const SIGNED_IN: Expected = Expected::Just("signed in");

const fn case(
    name: &'static str,
    title: &'static str,
    expects: Expected,
    lifetime: Lifetime,
    run: fn(&Trial<'_>) -> Result<Outcome, String>,
) -> Case {
    Case { name, title, expects, lifetime, run }
}

/// All of them, in the order of the matrix.
pub const CASES: [Case; 22] = {
    use Lifetime::{Short, Usual};
    [
        case("redirect", "sign in by redirect", SIGNED_IN, Usual, |trial| Ok(trial.sign_in())),
        case("popup", "sign in in a window beside the page", SIGNED_IN, Usual, popup),
        case("next-page", "signed in, then another page", SIGNED_IN, Usual, next_page),
        case("reload", "signed in, then a reload", SIGNED_IN, Usual, reload),
        case("new-tab", "signed in, then a new tab", SIGNED_IN, Usual, new_tab),
        case("renewals", "three renewals", SIGNED_IN, Short, renewals),
        case("reuse", "a stranger sends a spent refresh token", Expected::SignedOut, Usual, reuse),
        case(
            "no-refresh-token",
            "no refresh token, and the token runs out",
            Expected::SignedOut,
            Short,
            runs_out,
        ),
        case(
            "person-disabled",
            "the account is switched off",
            Expected::SignedOut,
            Usual,
            |trial| ended(trial, "person-disabled"),
        ),
        case(
            "session-deleted",
            "the provider's session is deleted",
            Expected::SignedOut,
            Usual,
            |trial| ended(trial, "session-deleted"),
        ),
        case(
            "consent-revoked",
            "the person's consent is revoked",
            Expected::SignedOut,
            Usual,
            |trial| ended(trial, "consent-revoked"),
        ),
        case(
            "client-disabled",
            "the client is switched off",
            Expected::SignedOut,
            Usual,
            |trial| ended(trial, "client-disabled"),
        ),
        case(
            "consent-refused",
            "consent refused",
            Expected::Just("signed out, error access_denied"),
            Usual,
            |trial| {
                trial.begin();
                Ok(trial.get_through(Consent::Refuse))
            },
        ),
        case("elsewhere", "signed in elsewhere again, then a renewal", SIGNED_IN, Usual, elsewhere),
        case("sign-out", "sign out of the app", Expected::Just("signed out"), Usual, sign_out),
        case(
            "sign-out-at-provider",
            "sign out of the provider, too",
            Expected::Just("signed out"),
            Usual,
            sign_out_there,
        ),
        case("clock-fast", "clock ten minutes fast", SIGNED_IN, Usual, |trial| {
            with_clock(trial, 600)
        }),
        case("clock-slow", "clock ten minutes slow", SIGNED_IN, Usual, |trial| {
            with_clock(trial, -600)
        }),
        case("clock-60s", "clock a minute fast", SIGNED_IN, Usual, |trial| with_clock(trial, 60)),
        case(
            "userinfo-refused",
            "userinfo answers 401",
            Expected::SignedInByName,
            Usual,
            |trial| without_userinfo(trial, "Promise.resolve(new Response(null, {status: 401}))"),
        ),
        case(
            "userinfo-hidden",
            "userinfo's answer is hidden from the page",
            Expected::SignedInByName,
            Usual,
            |trial| without_userinfo(trial, "Promise.reject(new TypeError('Failed to fetch'))"),
        ),
        case("vault", "sign in with the tokens in a vault", SIGNED_IN, Usual, |trial| {
            Ok(trial.sign_in())
        }),
    ]
};

impl Case {
    /// The app's settings for this case.
    pub fn settings(&self, mut settings: Settings) -> Settings {
        match self.name {
            "popup" => settings.insert("popup".to_owned(), json!(true)),
            "vault" => settings.insert("vault".to_owned(), json!(true)),
            _ => None,
        };
        settings
    }

    /// Which client the case takes with this app: one that has no button to renew does so by itself, soon.
    pub fn lifetime_with(&self, app: &App) -> Lifetime {
        let renews = [
            "reuse",
            "person-disabled",
            "session-deleted",
            "consent-revoked",
            "client-disabled",
            "elsewhere",
        ];
        match app.kind() {
            Kind::Widget if renews.contains(&self.name) => Lifetime::Short,
            // A refusal that need not be the last word is over when the access token is.
            Kind::Demo if ENDS.contains(&self.name) => Lifetime::Short,
            _ => self.lifetime,
        }
    }

    /// Why an app has no way to do this.
    pub fn limit_of(&self, app: &App) -> Option<String> {
        match (app.kind(), self.name) {
            (Kind::Widget, "vault") => Some("The widget has no vault.".to_owned()),
            (Kind::Widget, "sign-out-at-provider") => {
                Some("The widget signs out of the page alone.".to_owned())
            }
            (Kind::Peer(peer), name) => peer.limit(name).map(str::to_owned),
            _ => None,
        }
    }

    /// Plays it.
    pub fn run(&self, trial: &Trial<'_>) -> Result<Outcome, String> {
        (self.run)(trial)
    }
}

/// Signs in, and goes on if that went well; else that is what came out.
fn signed_in(
    trial: &Trial<'_>,
    then: impl FnOnce() -> Result<Outcome, String>,
) -> Result<Outcome, String> {
    let outcome = trial.sign_in();
    if outcome.is_signed_in() { then() } else { Ok(outcome) }
}

fn popup(trial: &Trial<'_>) -> Result<Outcome, String> {
    trial.begin();
    Ok(trial.get_through_window())
}

fn next_page(trial: &Trial<'_>) -> Result<Outcome, String> {
    signed_in(trial, || Ok(trial.open(&trial.app.next_page())))
}

fn reload(trial: &Trial<'_>) -> Result<Outcome, String> {
    signed_in(trial, || {
        trial.browser.reload();
        Ok(trial.settle())
    })
}

fn new_tab(trial: &Trial<'_>) -> Result<Outcome, String> {
    signed_in(trial, || Ok(trial.open_tab()))
}

fn renewals(trial: &Trial<'_>) -> Result<Outcome, String> {
    signed_in(trial, || {
        let mut outcome = Outcome::new("signed in");
        for _ in 0..3 {
            outcome = trial.renew();
            if !outcome.is_renewed() {
                break;
            }
        }
        Ok(outcome)
    })
}

/// What the first refresh spent comes once more, from nobody's page. A provider that rotates takes that for
/// theft, and ends all that came of it.
fn reuse(trial: &Trial<'_>) -> Result<Outcome, String> {
    signed_in(trial, || {
        let first = trial.renew();
        if !first.is_renewed() {
            return Ok(first);
        }
        let spent = trial.refresh_tokens();
        let spent = spent.first().ok_or("the app sent no refresh token")?;
        let metadata = trial.client.metadata()?;
        let endpoint = metadata["token_endpoint"].as_str().ok_or("no token endpoint")?;
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", trial.client.client_id.as_str()),
            ("refresh_token", spent.as_str()),
        ];
        // Whatever it answers: what counts is what becomes of the app.
        let _answer = ureq::post(endpoint).send_form(form);
        Ok(renew_or_end(trial))
    })
}

/// Renews; a session that seems to be over has until its access token runs out to end.
fn renew_or_end(trial: &Trial<'_>) -> Outcome {
    let outcome = trial.renew();
    // The widget says nothing of a renewal that failed.
    let says_how = *trial.app.kind() != Kind::Widget;
    if !outcome.is_signed_in() || says_how && outcome.is_renewed() {
        return outcome;
    }
    let lifetime = Duration::from_secs(trial.client.lifetime.unwrap_or_default());
    let later = trial.wait_for_sign_out(lifetime + NOTICE);
    // What it said of the renewal stays true, unless the session ends after all.
    if later.is_signed_in() { outcome } else { later }
}

fn runs_out(trial: &Trial<'_>) -> Result<Outcome, String> {
    signed_in(trial, || {
        let lifetime = Duration::from_secs(trial.client.lifetime.unwrap_or_default());
        Ok(trial.wait_for_sign_out(lifetime + NOTICE))
    })
}

fn ended(trial: &Trial<'_>, action: &str) -> Result<Outcome, String> {
    signed_in(trial, || {
        trial.server.act(action, trial.lifetime)?;
        Ok(renew_or_end(trial))
    })
}

fn elsewhere(trial: &Trial<'_>) -> Result<Outcome, String> {
    signed_in(trial, || {
        trial.sign_in_elsewhere()?;
        Ok(trial.renew())
    })
}

fn sign_out(trial: &Trial<'_>) -> Result<Outcome, String> {
    signed_in(trial, || {
        trial.press("sign-out");
        let outcome = trial.wait_for_sign_out(NOTICE);
        trial.browser.reload();
        let after = trial.settle();
        Ok(if after == outcome {
            outcome
        } else {
            outcome.and("after a reload ").and(after.text())
        })
    })
}

fn sign_out_there(trial: &Trial<'_>) -> Result<Outcome, String> {
    signed_in(trial, || {
        trial.browser.click(r#"nav a[href="./profile.html"]"#);
        trial.settle();
        if !trial.browser.shows(r#"[data-pixy="sign-out-at-provider"]"#) {
            return Ok(Outcome::new("not offered"));
        }
        trial.press("sign-out-at-provider");
        let outcome = trial.get_through(Consent::Give);
        if outcome.text() != "signed out" {
            return Ok(outcome);
        }
        trial.begin();
        Ok(if trial.provider_asks() { outcome } else { outcome.and("known to the provider") })
    })
}

fn with_clock(trial: &Trial<'_>, seconds: i32) -> Result<Outcome, String> {
    trial.browser.before_every_page(&format!(
        "const RealDate = Date, shift = {seconds} * 1000;
         window.Date = class extends RealDate {{
             constructor(...given) {{ given.length ? super(...given) : super(RealDate.now() + shift); }}
             static now() {{ return RealDate.now() + shift; }}
         }};"
    ));
    Ok(trial.sign_in())
}

/// Signs in where userinfo gives the page this answer instead of its own.
fn without_userinfo(trial: &Trial<'_>, answer: &str) -> Result<Outcome, String> {
    let metadata = trial.client.metadata()?;
    let endpoint = &metadata["userinfo_endpoint"];
    trial.browser.before_every_page(&format!(
        "const realFetch = window.fetch;
         window.fetch = (input, ...more) =>
             new URL(input.url ?? input, location).href === {endpoint} ? {answer} : realFetch(input, ...more);"
    ));
    Ok(trial.sign_in())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_case_has_a_name_of_its_own() {
        let names: BTreeSet<_> = CASES.iter().map(|case| case.name).collect();
        assert_eq!(names.len(), CASES.len());
    }

    #[test]
    fn what_is_expected_is_compared_as_a_whole() {
        let met = |expected: Expected, words: &str| expected.is_met(&Outcome::new(words));
        assert!(met(SIGNED_IN, "signed in"));
        assert!(!met(SIGNED_IN, "signed in, no name"));
        assert!(met(Expected::SignedInByName, "signed in, error token_refused"));
        assert!(!met(Expected::SignedInByName, "signed in, no name, error token_refused"));
        assert!(met(Expected::SignedOut, "signed out"));
        assert!(met(Expected::SignedOut, "signed out, error session_ended"));
        assert!(!met(Expected::SignedOut, "signed out, known to the provider"));
        assert!(!met(Expected::SignedOut, "signed in"));
    }
}
