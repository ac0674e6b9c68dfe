//! What an app's page says, read once, and what that comes to.

use std::fmt;

use end_to_end::Browser;
use serde::Deserialize;

/// Reads the page: in the widget's shadow where there is one, else in the document.
const READ: &str = r#"
    const root = document.querySelector("pixy-login")?.shadowRoot ?? document;
    const shown = (element) => element.getClientRects().length > 0;
    const part = (name) => [...root.querySelectorAll(`[data-pixy="${name}"]`)].find(shown);
    return {
        origin: location.origin,
        path: location.pathname,
        loaded: document.readyState === "complete",
        state: document.documentElement.dataset.pixyState ?? null,
        name: part("profile-name")?.textContent ?? null,
        blank: /Signed in as\s*$/m.test(document.body.innerText),
        signed_in: part("sign-out") !== undefined,
        can_sign_in: (part("sign-in") ?? part("retry")) !== undefined,
        busy: part("busy") !== undefined || [...root.querySelectorAll("[aria-busy=true]")].some(shown),
        // Not `error`, by which WebDriver tells that a command failed.
        error_code: part("error")?.dataset.code ?? null,
        renewal: part("renewal")?.textContent ?? null,
        renewal_failed: part("renewal")?.dataset.result === "failed",
    };"#;

/// What stands in the place of a name where nobody knows one.
const NAMELESS: &str = "Signed in";

/// What a page says.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Page {
    /// The page's origin.
    pub origin: String,
    /// Its path.
    pub path: String,
    loaded: bool,
    state: Option<String>,
    name: Option<String>,
    /// Words that lead to a name, and nothing behind them.
    blank: bool,
    signed_in: bool,
    can_sign_in: bool,
    busy: bool,
    error_code: Option<String>,
    renewal: Option<String>,
    renewal_failed: bool,
}

impl Page {
    /// Reads the page that is shown now; `None` while it is on its way elsewhere.
    pub fn read(browser: &Browser) -> Option<Self> {
        serde_json::from_value(browser.try_execute(READ)?).ok()
    }

    /// Whether it says something that lasts, as far as one can see.
    pub fn is_settled(&self) -> bool {
        let on_its_way =
            matches!(self.state.as_deref(), Some("starting" | "busy" | "in-popup" | "handed-over"));
        let says_something = self.signed_in || self.can_sign_in || self.error_code.is_some();
        self.loaded && !self.busy && !on_its_way && says_something
    }

    /// Whether nobody is signed in, and the page offers to. Beside somebody, a button tries the rest again.
    pub fn is_signed_out(&self) -> bool {
        self.can_sign_in && !self.signed_in
    }

    /// Whether it says that somebody is signed in.
    pub fn is_signed_in(&self) -> bool {
        self.signed_in
    }

    /// What it says of a renewal, when that is over.
    pub fn renewal(&self) -> Option<&str> {
        let text = self.renewal.as_deref()?.trim();
        (!text.is_empty() && !text.ends_with('…')).then_some(text)
    }

    /// What went wrong with a renewal: an error's code, in brackets at the end of the text, or just that
    /// it failed.
    pub fn renewal_failure(&self) -> Option<&str> {
        let code = self.renewal().and_then(code_in);
        code.or_else(|| self.renewal_failed.then_some("failed"))
    }

    /// What the page comes to for this person.
    pub fn outcome(&self, name: &str) -> Outcome {
        let who = match (self.signed_in, self.name.as_deref().map(str::trim)) {
            (false, _) => "signed out",
            (true, Some(own)) if own == name => "signed in",
            (true, None | Some("")) if self.blank => "signed in, a blank for the name",
            (true, None | Some("" | NAMELESS)) => "signed in, no name",
            (true, Some(_)) => "signed in, another name",
        };
        let outcome = Outcome::new(who);
        match &self.error_code {
            Some(code) => outcome.and(&format!("error {code}")),
            None => outcome,
        }
    }
}

/// What came out of a case, in a few words that are always the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome(String);

impl Outcome {
    /// An outcome in these words.
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    /// The same, and more.
    pub fn and(&self, more: &str) -> Self {
        Self(format!("{}, {more}", self.0))
    }

    /// The same, if it is what a sign-in ought to come to; else it says that nobody was signed in, which must
    /// not pass for a session that ended.
    pub fn of_a_sign_in(self) -> Self {
        if self.is_signed_in() { self } else { Self(format!("no sign-in: {}", self.0)) }
    }

    /// Whether somebody is signed in.
    pub fn is_signed_in(&self) -> bool {
        self.0.starts_with("signed in")
    }

    /// Whether somebody is still signed in after a renewal, and nothing is said against it.
    pub fn is_renewed(&self) -> bool {
        self.is_signed_in() && !self.0.contains("renew")
    }

    /// The words.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn code_in(text: &str) -> Option<&str> {
    let (_, code) = text.trim().strip_suffix(')')?.rsplit_once('(')?;
    Some(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn page(changes: &serde_json::Value) -> Page {
        let mut page = json!({
            "origin": "http://localhost:1", "path": "/", "loaded": true, "state": null, "name": null, "blank": false,
            "signed_in": false, "can_sign_in": false, "busy": false, "error_code": null, "renewal": null,
            "renewal_failed": false,
        });
        for (name, value) in changes.as_object().into_iter().flatten() {
            page[name] = value.clone();
        }
        serde_json::from_value(page).unwrap()
    }

    #[test]
    fn a_page_is_settled_when_it_says_something_that_lasts() {
        assert!(!page(&json!({})).is_settled());
        assert!(!page(&json!({"signed_in": true, "busy": true})).is_settled());
        assert!(!page(&json!({"can_sign_in": true, "state": "starting"})).is_settled());
        assert!(page(&json!({"can_sign_in": true, "state": "signed-out"})).is_settled());
    }

    #[test]
    fn outcomes_name_who_is_there_and_what_went_wrong() {
        let outcome = |changes| page(&changes).outcome("Ada").0;
        assert_eq!(outcome(json!({"signed_in": true, "name": "Ada"})), "signed in");
        assert_eq!(outcome(json!({"signed_in": true})), "signed in, no name");
        let nameless = json!({"signed_in": true, "name": "Signed in"});
        assert_eq!(outcome(nameless), "signed in, no name");
        let blank = json!({"signed_in": true, "blank": true});
        assert_eq!(outcome(blank), "signed in, a blank for the name");
        assert_eq!(outcome(json!({"signed_in": true, "name": "7"})), "signed in, another name");
        let refused = json!({"can_sign_in": true, "error_code": "access_denied"});
        assert_eq!(outcome(refused), "signed out, error access_denied");
    }

    #[test]
    fn a_renewal_counts_when_nothing_is_said_against_it() {
        assert!(Outcome::new("signed in, no name").is_renewed());
        assert!(!Outcome::new("signed in, renewal token_request_refused").is_renewed());
        assert!(!Outcome::new("signed in, no renewal").is_renewed());
        assert!(!Outcome::new("signed out").is_renewed());
    }

    #[test]
    fn a_sign_in_that_failed_is_no_session_that_ended() {
        assert_eq!(Outcome::new("signed in, no name").of_a_sign_in().0, "signed in, no name");
        assert_eq!(Outcome::new("signed out").of_a_sign_in().0, "no sign-in: signed out");
    }

    #[test]
    fn the_code_of_a_failed_renewal_is_in_its_brackets() {
        assert_eq!(code_in("It failed (for once) (token_refused)"), Some("token_refused"));
        assert_eq!(code_in("Renewed."), None);
    }
}
