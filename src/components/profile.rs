//! The person who is signed in.

use leptos::prelude::*;

use super::auth::{Auth, ProfileState, use_auth};
use super::auth_error::{AuthError, AuthErrorProps};
use super::elements::{attribute, dynamic, element, group, mark, nothing, text};
use super::require_auth::waiting;
use super::user::picture;
use crate::browser::page;
use crate::protocol::{self, Error};
use crate::texts::Texts;

/// Claims that the card shows in a place of their own.
const SHOWN_ABOVE: [&str; 4] = ["name", "email", "email_verified", "picture"];

/// Shows the person who is signed in: picture, name, e-mail address, and what else the provider gave.
/// When nobody is signed in, it shows nothing.
#[component]
pub fn Profile() -> impl IntoView {
    let auth = use_auth();
    dynamic(move || match auth.profile() {
        None => nothing(),
        Some(ProfileState::Loading) => waiting(auth.texts().loading_profile()),
        Some(ProfileState::Failed(error)) => failed(auth, error),
        Some(ProfileState::Ready(profile)) => {
            let missing = profile.incomplete().cloned();
            let note = missing.map_or_else(nothing, |error| failed(auth, error));
            group(vec![card(&auth.texts(), &profile), note])
        }
    })
}

/// The button of an error that only another token can mend signs in again.
fn failed(auth: Auth, error: Error) -> AnyView {
    let needs_token = error.code().needs_new_token();
    let retry = move |()| if needs_token { auth.sign_in_again() } else { auth.reload_profile() };
    let properties = AuthErrorProps::builder().error(error).on_retry(Callback::new(retry));
    AuthError(properties.build()).into_any()
}

fn card(texts: &Texts, profile: &protocol::Profile) -> AnyView {
    let name = profile.name().unwrap_or(texts.nameless());
    let mut identity = vec![outside_text("p", "profile-name", name)];
    if let Some(email) = profile.email() {
        identity.push(outside_text("p", "profile-email", email));
    }
    if profile.email().is_some() && is_denied(profile, "email_verified") {
        let note = vec![text(texts.not_verified())];
        identity.push(element("p", vec![mark("profile-email-note")], note));
    }
    let head =
        vec![picture(texts, profile), element("div", vec![mark("profile-identity")], identity)];
    element(
        "section",
        vec![mark("profile"), attribute("aria-label", name)],
        vec![element("div", vec![mark("profile-head")], head), details(texts, profile)],
    )
}

fn details(texts: &Texts, profile: &protocol::Profile) -> AnyView {
    let claims = profile.claims().filter(|(name, value)| {
        !SHOWN_ABOVE.contains(name) && !value.is_empty() && profile.name() != Some(value)
    });
    let mut rows = Vec::new();
    for (name, value) in claims {
        let value = match name {
            "updated_at" => page::date_of_seconds(&value, texts.language()).unwrap_or(value),
            _ => readable(texts, value),
        };
        let term = element("dt", vec![attribute("dir", "auto")], vec![text(texts.claim(name))]);
        let value = element("dd", vec![attribute("dir", "auto")], vec![text(value)]);
        rows.push(element("div", vec![], vec![term, value]));
    }
    if rows.is_empty() {
        return element("p", vec![mark("profile-empty")], vec![text(texts.empty_profile())]);
    }
    element("dl", vec![mark("profile-claims")], rows)
}

fn readable(texts: &Texts, value: String) -> String {
    match value.as_str() {
        "true" => texts.yes().to_owned(),
        "false" => texts.no().to_owned(),
        _ => value,
    }
}

fn is_denied(profile: &protocol::Profile, claim: &str) -> bool {
    profile.claims().any(|(name, value)| name == claim && value == "false")
}

/// Text from outside, in the direction in which it is written.
fn outside_text(tag: &'static str, name: &'static str, words: &str) -> AnyView {
    element(tag, vec![mark(name), attribute("dir", "auto")], vec![text(words)])
}
