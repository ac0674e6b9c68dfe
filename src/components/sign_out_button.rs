//! The button that signs out.

use leptos::prelude::*;

use super::auth::use_auth;
use super::elements::{button, text};
use crate::browser::page;

/// A button that signs out here; the provider still remembers the person. Inside it may stand
/// anything; "Sign out" unless given.
#[component]
pub fn SignOutButton(
    /// What stands in the button.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let auth = use_auth();
    let label = children.map_or_else(|| text(auth.texts().sign_out), |children| children());
    button("sign-out", label, vec![], move |_| {
        auth.sign_out();
        // Where the button goes with the session, the focus goes to the one that takes its place.
        page::after_rendering(|| page::focus_if_lost("[data-pixy=sign-in]"));
    })
}
