//! Parts of a page that are for those only who are signed in.

use leptos::prelude::*;

use super::auth::{Auth, use_auth};
use super::auth_error::{AuthError, AuthErrorProps};
use super::elements::{attribute, dynamic, element, group, mark, nothing, text};
use super::sign_in_button::{SignInButton, SignInButtonProps};

/// Shows what is inside to those who are signed in. The others are told to sign in, with a button that
/// comes back to this very page.
///
/// It hides, it does not protect: what the page contains is in the browser anyway. What must be
/// protected belongs behind a resource server that checks the access token.
#[component]
pub fn RequireAuth(
    /// What is inside.
    children: ChildrenFn,
    /// What the others see instead of being told to sign in.
    #[prop(optional, into)]
    fallback: Option<ViewFn>,
) -> impl IntoView {
    let auth = use_auth();
    // The page's language may become known later than what is shown.
    let shown = Memo::new(move |_| (shown(auth), auth.texts().language().to_owned()));
    dynamic(move || match shown.get().0 {
        Shown::Inside => children(),
        Shown::Waiting => waiting(auth.texts().signing_in()),
        Shown::Door => match &fallback {
            Some(fallback) => fallback.run(),
            None => door(auth),
        },
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Inside,
    Waiting,
    Door,
}

fn shown(auth: Auth) -> Shown {
    match auth.is_known_signed_in() {
        Some(true) => Shown::Inside,
        Some(false) => Shown::Door,
        None => Shown::Waiting,
    }
}

/// The line for the time of waiting.
pub(super) fn waiting(words: &str) -> AnyView {
    element("p", vec![mark("busy"), attribute("role", "status")], vec![text(words)])
}

fn door(auth: Auth) -> AnyView {
    // The error has a button of its own, where one can help.
    let has_button = Memo::new(move |_| auth.error().is_some_and(|error| error.retry_can_help()));
    let explanation = element("p", vec![], vec![text(auth.texts().sign_in_needed())]);
    let button = dynamic(move || match has_button.get() {
        true => nothing(),
        false => SignInButton(SignInButtonProps::builder().build()).into_any(),
    });
    let error = AuthError(AuthErrorProps::builder().build()).into_any();
    group(vec![error, element("div", vec![mark("sign-in-needed")], vec![explanation, button])])
}
