//! The button that signs out.

use leptos::prelude::*;

use super::auth::use_auth;
use super::elements::{button, text};
use crate::browser::page;

/// A button that signs out here, or at the provider as well, which may remember the person otherwise.
/// Inside it may stand anything; "Sign out" unless given.
#[component]
pub fn SignOutButton(
    /// Whether to leave for the provider, to sign out there, too.
    #[prop(optional)]
    at_provider: bool,
    /// What stands in the button.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let auth = use_auth();
    let label = children.map_or_else(|| text(auth.texts().sign_out()), |children| children());
    let mark = if at_provider { "sign-out-at-provider" } else { "sign-out" };
    button(mark, label, vec![], move |_| {
        if at_provider {
            auth.sign_out_at_provider();
        } else {
            auth.sign_out();
        }
        // Where the button goes with the session, the focus goes to the one that takes its place.
        page::after_rendering(|| page::focus_if_lost("[data-pixy=sign-in]"));
    })
}
