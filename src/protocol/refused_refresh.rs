//! What the token endpoint's refusal of a refresh token means for the session (RFC 6749 section 5.2).

use super::error::{Error, ErrorCode, ProviderError};
use super::json::{Object, ServerResponse, Value};

/// The provider can't go on without the person (OpenID Connect Core 3.1.2.6, and what providers add).
const NEEDS_PERSON: [&str; 7] = [
    "interaction_required",
    "login_required",
    "consent_required",
    "account_selection_required",
    "mfa_required",
    "insufficient_user_authentication",
    "unmet_authentication_requirements",
];

/// Why the provider refused; `None` for an answer that is no refusal: tokens, or a fault that may pass.
///
/// - `session_ended`: the session is over (`invalid_grant`),
/// - `interaction_required`: the person has to sign in again, which nothing but a click can bring about,
/// - `renewal_refused`: whatever else. Providers say many things of a token that is spent, so it is tried once
///   more, and then the session ends with its access token.
pub(crate) fn refusal(response: &ServerResponse) -> Option<Error> {
    let answer = response.refusal().unwrap_or_default();
    let is_refused = match response.status {
        408 | 425 | 429 | 500.. => false,
        400.. => true,
        _ => answer.get("error").is_some(),
    };
    is_refused.then(|| judge(&answer))
}

/// The same for the token of one API, by its name ([`Api::token_name`](super::Api::token_name)): it says nothing of
/// the session.
pub(crate) fn refusal_for_api(error: &Error, name: &str) -> Error {
    let parameters = form_urlencoded::parse(name.as_bytes());
    let parameters: Vec<String> =
        parameters.map(|(name, value)| [&name, "=", &value].concat()).collect();
    let refused = Error::new(ErrorCode::ApiTokenRefused).about(&parameters.join(" "));
    match error.provider() {
        Some(said) => refused.said(said.clone()),
        None => refused,
    }
}

fn judge(answer: &Object) -> Error {
    let text = |name| answer.get(name).and_then(Value::as_text);
    let Some(error) = text("error") else { return ErrorCode::RenewalRefused.into() };
    let code = match error {
        // Entra: the token is good, and the person has something to do first.
        "invalid_grant" if text("suberror") == Some("basic_action") => {
            ErrorCode::InteractionRequired
        }
        "invalid_grant" => ErrorCode::SessionEnded,
        error if NEEDS_PERSON.contains(&error) => ErrorCode::InteractionRequired,
        _ => ErrorCode::RenewalRefused,
    };
    Error::new(code).said(ProviderError::new(error, text("error_description")))
}
