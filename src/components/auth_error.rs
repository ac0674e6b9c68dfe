//! An error, so that the one who reads it knows what happened and who can change it.

use leptos::prelude::*;

use super::auth::{Auth, use_auth};
use super::elements::{
    attribute, button, dynamic, dynamic_attribute, element, mark, nothing, text,
};
use crate::protocol::Error;
use crate::texts::Texts;

/// Shows an error: what happened, what to do, who can change it, the stable code, the server's own
/// words, and a button to try again where that can help. What comes from outside is shown as text.
///
/// Without `error` it shows why the last sign-in failed, if it did.
#[component]
pub fn AuthError(
    /// The error to show.
    #[prop(optional, into)]
    error: Option<Error>,
    /// What the button does; it signs in unless given.
    #[prop(optional, into)]
    on_retry: Option<Callback<()>>,
) -> impl IntoView {
    let auth = use_auth();
    let retry = on_retry.unwrap_or_else(|| Callback::new(move |()| auth.sign_in_again()));
    match error {
        Some(error) => box_of(auth, &error, retry),
        None => dynamic(move || match auth.error() {
            Some(error) => box_of(auth, &error, retry),
            None => nothing(),
        }),
    }
}

fn box_of(auth: Auth, error: &Error, retry: Callback<()>) -> AnyView {
    let texts = auth.texts();
    let retry = error.retry_can_help().then(|| {
        let busy =
            dynamic_attribute("aria-busy", move || auth.is_busy().then(|| "true".to_owned()));
        button("retry", text(texts.try_again()), vec![busy], move |_| retry.run(()))
    });
    explained(&texts, error, auth.error_docs().as_deref(), retry)
}

/// What there is to say of an error. `docs` is the page that explains the codes, `retry` the button to try again.
pub(super) fn explained(
    texts: &Texts,
    error: &Error,
    docs: Option<&str>,
    retry: Option<AnyView>,
) -> AnyView {
    let code = error.code();
    let more = docs.map(|page| {
        let address = [page, "#", code.as_str()].concat();
        let attributes = vec![mark("error-more"), attribute("href", address)];
        element("a", attributes, vec![text(texts.more())])
    });
    let actions = retry.into_iter().chain(more).collect();
    element(
        "div",
        vec![mark("error"), attribute("data-code", code.as_str()), attribute("role", "alert")],
        vec![
            paragraph("error-meaning", texts.meaning(code)),
            paragraph("error-advice", texts.advice(code)),
            element("dl", vec![mark("error-facts")], facts(texts, error)),
            element("div", vec![mark("error-actions")], actions),
        ],
    )
}

fn facts(texts: &Texts, error: &Error) -> Vec<AnyView> {
    let mut facts = vec![fact(texts.who_acts(), texts.fault(error))];
    if let Some(subject) = error.subject() {
        facts.push(fact(texts.about(), subject));
    }
    if let Some(said) = error.provider() {
        let description = said.description.as_deref().unwrap_or_default();
        let words = [said.error.as_str(), description].join(" ");
        facts.push(fact(texts.provider_says(), words.trim()));
    }
    facts.push(fact(texts.code(), error.code().as_str()));
    facts
}

fn fact(name: &str, value: &str) -> AnyView {
    let name = element("dt", vec![], vec![text(name)]);
    let value = element("dd", vec![attribute("dir", "auto")], vec![text(value)]);
    element("div", vec![], vec![name, value])
}

fn paragraph(name: &'static str, words: &str) -> AnyView {
    element("p", vec![mark(name)], vec![text(words)])
}
