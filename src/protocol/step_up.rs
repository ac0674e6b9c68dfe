//! What a resource server asks for before it does what was asked of it: more scope (RFC 6750 section
//! 3.1), or a stronger or newer sign-in (RFC 9470).

use super::challenge::Challenge;
#[cfg(feature = "step-up")]
use super::error::Error;
use super::json::ServerResponse;
#[cfg(feature = "step-up")]
use super::json::{Object, Writer};
#[cfg(feature = "step-up")]
use super::pending_login::PendingLogin;
use super::request_options::RequestOptions;
use super::scope::Scope;

/// What a new sign-in has to bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepUp {
    scope: Scope,
    acr_values: String,
    max_age: Option<u64>,
}

impl StepUp {
    /// Reads a refusal: `insufficient_scope` that names the scope, or
    /// `insufficient_user_authentication` that says what is enough (RFC 9470 section 3). `None` for
    /// everything that another sign-in would not change, or of which nobody could say how.
    pub fn from_response(response: &ServerResponse) -> Option<Self> {
        if !matches!(response.status, 401 | 403) {
            return None;
        }
        let challenges = Challenge::parse(response.www_authenticate.as_deref()?);
        challenges.iter().find_map(Self::from_challenge)
    }

    fn from_challenge(challenge: &Challenge) -> Option<Self> {
        if !challenge.is("Bearer") && !challenge.is("DPoP") {
            return None;
        }
        let asked = match challenge.get("error")? {
            "insufficient_scope" => Self {
                scope: Scope::parse(challenge.get("scope")?).ok()?,
                acr_values: String::new(),
                max_age: None,
            },
            "insufficient_user_authentication" => Self {
                scope: Scope::parse(challenge.get("scope").unwrap_or_default()).ok()?,
                acr_values: challenge.get("acr_values").unwrap_or_default().to_owned(),
                max_age: challenge.get("max_age").map(str::parse).transpose().ok()?,
            },
            _ => return None,
        };
        let asks_nothing =
            asked.scope.is_empty() && asked.acr_values.is_empty() && asked.max_age.is_none();
        (!asks_nothing).then_some(asked)
    }

    /// The scope that is missing.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What a login was begun for.
    #[cfg(feature = "step-up")]
    pub(crate) fn of_login(login: &PendingLogin) -> Option<Self> {
        Some(Self {
            scope: login.needed_scope()?.clone(),
            acr_values: login.options().classes().join(" "),
            max_age: login.options().greatest_age(),
        })
    }

    #[cfg(feature = "step-up")]
    pub(crate) fn to_json(&self) -> String {
        Writer::default()
            .text("scope", &self.scope.joined())
            .text("acr_values", &self.acr_values)
            .optional_number("max_age", self.max_age)
            .finish()
    }

    #[cfg(feature = "step-up")]
    pub(crate) fn from_object(kept: &Object) -> Result<Self, Error> {
        Ok(Self {
            scope: Scope::parse(kept.text("scope")?)?,
            acr_values: kept.text("acr_values")?.to_owned(),
            max_age: kept.optional_unsigned("max_age")?,
        })
    }

    /// Whether a login for this was also one for the other.
    #[cfg(feature = "step-up")]
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let is_as_strong = other.acr_values.is_empty() || other.acr_values == self.acr_values;
        let is_as_new = match (self.max_age, other.max_age) {
            (_, None) => true,
            (Some(age), Some(asked)) => age <= asked,
            (None, Some(_)) => false,
        };
        other.scope.missing_from(&self.scope).is_empty() && is_as_strong && is_as_new
    }

    /// What to ask the provider for.
    pub fn options(&self) -> RequestOptions {
        let options = RequestOptions::new().acr_values(&self.acr_values);
        match self.max_age {
            Some(seconds) => options.max_age(seconds),
            None => options,
        }
    }
}
