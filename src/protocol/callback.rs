//! The callback: what comes back in the page's address, and whether to believe it.

use super::config::Config;
use super::error::{Error, ErrorCode, ProviderError};
use super::pending_login::PendingLogin;
use super::secret::{AuthorizationCode, State};
use super::secure_url::SecureUrl;
use super::time::UnixTime;

/// The parameters that this client knows. Each may stand once (RFC 6749 section 3.1).
const KNOWN: [&str; 11] = [
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
    "session_state",
    "response",
    "access_token",
    "id_token",
    "token_type",
];

/// What never comes back in the code flow's query: tokens, and signed responses (JARM) nobody asked for.
const FOREIGN: [&str; 4] = ["response", "access_token", "id_token", "token_type"];

/// An answer as it came, not yet judged (RFC 6749 section 4.1.2). Its `Debug` shows names only.
#[derive(Clone, PartialEq, Eq)]
pub struct Callback {
    parameters: Vec<(String, String)>,
    in_fragment: bool,
}

/// A callback that was found good: the code, with the login that it belongs to.
#[derive(Clone, Debug)]
pub struct Authorization {
    pub(crate) code: AuthorizationCode,
    pub(crate) pending_login: PendingLogin,
}

impl Callback {
    /// Reads the page's URL. `None` when the page is not the redirect URI, or has no answer in its
    /// address: an app's own `?page=2` is left alone. A state alone may be an answer: see
    /// [`Callback::is_empty`].
    pub fn from_url(page: &str, redirect_uri: &SecureUrl) -> Option<Self> {
        if !Self::is_page(page, redirect_uri) {
            return None;
        }
        let (page, fragment) = page.split_once('#').unwrap_or((page, ""));
        let (_, query) = page.split_once('?').unwrap_or((page, ""));
        let (query, fragment) = (parameters(query), parameters(fragment));
        if is_answer(&fragment) {
            return Some(Self { parameters: fragment, in_fragment: true });
        }
        is_answer(&query).then_some(Self { parameters: query, in_fragment: false })
    }

    /// The answer as text, for the page that waits for it: what [`Callback::judge`] looks at, and of a
    /// token only the name.
    pub fn to_text(&self) -> String {
        let known = self.parameters.iter().filter(|(name, _)| KNOWN.contains(&name.as_str()));
        let needed = known.map(|(name, value)| match FOREIGN.contains(&name.as_str()) {
            true => (name.as_str(), ""),
            false => (name.as_str(), value.as_str()),
        });
        let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(needed).finish();
        [if self.in_fragment { "#" } else { "?" }, &text].concat()
    }

    /// The answer from such a text, `None` when it isn't one.
    pub fn from_text(text: &str) -> Option<Self> {
        let in_fragment = text.starts_with('#');
        let parameters = parameters(text.strip_prefix(['?', '#'])?);
        let is_answer = parameters.iter().all(|(name, _)| KNOWN.contains(&name.as_str()));
        is_answer.then_some(Self { parameters, in_fragment })
    }

    /// Whether `page` is the redirect URI, whatever its query and fragment. Some hosts serve
    /// `callback.html` as `callback`, or add a slash.
    pub fn is_page(page: &str, redirect_uri: &SecureUrl) -> bool {
        let page = page.split(['?', '#']).next().unwrap_or(page);
        let registered = redirect_uri.without_query();
        let bare = |url: &str| {
            let url = url.strip_suffix('/').unwrap_or(url);
            url.strip_suffix(".html").unwrap_or(url).to_owned()
        };
        page == registered || bare(page) == bare(registered)
    }

    /// The state that it names: the key under which the [`PendingLogin`] was stored.
    pub fn state(&self) -> Option<&str> {
        self.value("state")
    }

    /// Whether it is a state and nothing else. Where a login waits for that very state it is an answer, if an
    /// impossible one; else it is something of the page's own.
    pub fn is_empty(&self) -> bool {
        !tells(&self.parameters)
    }

    /// Whether it is an error that does not say which login it belongs to: some providers leave the state out
    /// (RFC 6749 section 4.1.2.1 asks for it).
    pub fn is_error_without_state(&self) -> bool {
        self.state().is_none() && self.value("error").is_some()
    }

    /// Whether it holds a token, which never comes this way (RFC 9700 section 2.1.2).
    pub fn holds_a_token(&self) -> bool {
        self.value("access_token").is_some() || self.value("id_token").is_some()
    }

    /// Judges the answer, in a fixed order: its form, issuer, state, error, code. Nothing may be sent
    /// anywhere before this has passed (RFC 9207 section 2.4, RFC 9700 sections 4.4 and 4.7).
    ///
    /// `pending_login` is the record that was kept under [`Callback::state`], already taken out of the
    /// storage; `others_wait` says whether other logins of this tab are under way.
    ///
    /// # Errors
    ///
    /// One code for each reason, from [`ErrorCode::DuplicateParameter`] to [`ErrorCode::CodeMissing`],
    /// and what the provider itself refused: [`ErrorCode::AccessDenied`],
    /// [`ErrorCode::InteractionRequired`], [`ErrorCode::ProviderUnavailable`], [`ErrorCode::ProviderError`].
    pub fn judge(
        self,
        pending_login: Option<PendingLogin>,
        others_wait: bool,
        config: &Config,
        now: UnixTime,
    ) -> Result<Authorization, Error> {
        self.check_form()?;
        self.check_issuer(pending_login.as_ref(), config)?;
        let pending_login = self.check_state(pending_login, others_wait, now)?;
        self.check_error()?;
        let code = self.value("code").filter(|code| is_code(code)).ok_or(ErrorCode::CodeMissing)?;
        Ok(Authorization { code: AuthorizationCode::new(code), pending_login })
    }

    fn check_form(&self) -> Result<(), Error> {
        if self.in_fragment {
            return Err(ErrorCode::ResponseInFragment.into());
        }
        if let Some(name) = KNOWN.into_iter().find(|name| self.count(name) > 1) {
            return Err(Error::new(ErrorCode::DuplicateParameter).about(name));
        }
        if let Some(name) = FOREIGN.into_iter().find(|name| self.count(name) > 0) {
            return Err(Error::new(ErrorCode::TokenInCallback).about(name));
        }
        if self.count("code") > 0 && self.count("error") > 0 {
            return Err(ErrorCode::CodeAndError.into());
        }
        Ok(())
    }

    /// RFC 9207 section 2.4: the issuer is compared to the letter, on errors too.
    fn check_issuer(&self, login: Option<&PendingLogin>, config: &Config) -> Result<(), Error> {
        let metadata = login.map(PendingLogin::metadata);
        let expected = metadata.map_or_else(|| config.issuer(), |metadata| metadata.issuer());
        match self.value("iss") {
            Some(issuer) if issuer != expected.as_str() => {
                Err(Error::new(ErrorCode::IssuerMismatch).about(issuer))
            }
            None if metadata.is_some_and(|metadata| metadata.always_names_issuer()) => {
                Err(ErrorCode::IssuerMissing.into())
            }
            _ => Ok(()),
        }
    }

    /// RFC 6749 section 10.12: only what this tab asked for, within its time.
    fn check_state(
        &self,
        login: Option<PendingLogin>,
        others_wait: bool,
        now: UnixTime,
    ) -> Result<PendingLogin, Error> {
        let Some(state) = self.value("state") else {
            // The provider's words, if they are the provider's.
            let said = self.value("error");
            let said = said.map(|error| ProviderError::new(error, self.value("error_description")));
            let error = Error::new(ErrorCode::StateMissing);
            return Err(match said {
                Some(said) => error.said(said),
                None => error,
            });
        };
        let Some(login) = login else {
            let code =
                if others_wait { ErrorCode::StateMismatch } else { ErrorCode::LoginNotFound };
            return Err(code.into());
        };
        if login.state.expose() != state {
            return Err(ErrorCode::StateMismatch.into());
        }
        if login.is_expired(now) {
            return Err(ErrorCode::LoginExpired.into());
        }
        Ok(login)
    }

    /// RFC 6749 section 4.1.2.1, OpenID Connect Core 3.1.2.6.
    fn check_error(&self) -> Result<(), Error> {
        let Some(error) = self.value("error") else {
            return Ok(());
        };
        let code = match error {
            "access_denied" => ErrorCode::AccessDenied,
            "login_required"
            | "interaction_required"
            | "consent_required"
            | "account_selection_required" => ErrorCode::InteractionRequired,
            "server_error" | "temporarily_unavailable" => ErrorCode::ProviderUnavailable,
            "invalid_scope" => ErrorCode::InvalidScope,
            "invalid_target" => ErrorCode::InvalidTarget,
            // OpenID Connect Core Unmet Authentication Requirements 1.0.
            "unmet_authentication_requirements" => ErrorCode::AuthenticationInsufficient,
            _ => ErrorCode::ProviderError,
        };
        Err(Error::new(code).said(ProviderError::new(error, self.value("error_description"))))
    }

    /// The value of a parameter. An empty one counts as left out (RFC 6749 section 3.1).
    fn value(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(parameter, _)| parameter == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    fn count(&self, name: &str) -> usize {
        self.parameters.iter().filter(|(parameter, _)| parameter == name).count()
    }
}

impl core::fmt::Debug for Callback {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let names = self.parameters.iter().map(|(name, _)| name);
        formatter.write_str("Callback ")?;
        formatter.debug_list().entries(names).finish()
    }
}

/// Visible characters and spaces (RFC 6749 appendix A.11).
fn is_code(code: &str) -> bool {
    code.bytes().all(|byte| (0x20..=0x7e).contains(&byte))
}

fn parameters(text: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

/// Something tells an answer from the page's own parameters, and either has a value or comes with a
/// state: `#code` alone is a place in the page. So does a state of this client's form.
fn is_answer(parameters: &[(String, String)]) -> bool {
    let has_own_state =
        |(name, value): &(String, String)| name == "state" && State::is_of_this_client(value);
    tells(parameters) || parameters.iter().any(has_own_state)
}

fn tells(parameters: &[(String, String)]) -> bool {
    let tells = ["code", "error", "response", "access_token", "id_token"];
    let has_state = parameters.iter().any(|(name, value)| name == "state" && !value.is_empty());
    parameters
        .iter()
        .any(|(name, value)| tells.contains(&name.as_str()) && (has_state || !value.is_empty()))
}
