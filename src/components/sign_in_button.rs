//! The button that begins a sign-in.

use leptos::prelude::*;

use super::auth::{Auth, use_auth};
use super::elements::{button, dynamic, dynamic_attribute, group, nothing, on, text};
use crate::browser::page;
use crate::client::SignIn;

/// A button that signs in and comes back to this page. Inside it may stand anything; what the
/// [`AuthProvider`](super::AuthProvider) says unless given. When the browser is idle, or the pointer or the focus comes near, it fetches the provider's
/// metadata, so that the click need not wait.
#[component]
pub fn SignInButton(
    /// How to sign in, when not with the app's own scope and back to this page.
    #[prop(optional, into)]
    sign_in: Option<SignIn>,
    /// Whether to sign in in a window beside the page. Meanwhile another button calls that off.
    #[prop(optional)]
    popup: bool,
    /// What stands in the button.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let auth = use_auth();
    let sign_in = sign_in.unwrap_or_default();
    let sign_in = if popup { sign_in.in_popup() } else { sign_in };
    page::when_idle(move || auth.prepare());
    let label = match children {
        Some(children) => children(),
        None => dynamic(move || text(label(auth))),
    };
    let more = vec![
        dynamic_attribute("aria-busy", move || auth.is_busy().then(|| "true".to_owned())),
        on("pointerenter", move |_| auth.prepare()),
        on("focus", move |_| auth.prepare()),
    ];
    let cancel = auth.is_for_popup(&sign_in).then(|| cancel_button(auth));
    let button = button("sign-in", label, more, move |_| auth.sign_in_with(sign_in.clone()));
    group([button].into_iter().chain(cancel).collect())
}

fn cancel_button(auth: Auth) -> AnyView {
    let is_in_popup = Memo::new(move |_| auth.is_in_popup());
    dynamic(move || match is_in_popup.get() {
        true => button("cancel", text(auth.texts().cancel()), vec![], move |_| {
            auth.cancel_popup();
            // This button is gone.
            page::after_rendering(|| page::focus_if_lost("[data-pixy=sign-in]"));
        }),
        false => nothing(),
    })
}

fn label(auth: Auth) -> String {
    if auth.is_in_popup() {
        return auth.texts().in_popup().to_owned();
    }
    if auth.is_busy() { auth.texts().signing_in().to_owned() } else { auth.sign_in_label() }
}
