//! Parts of a page for those who are signed in, and for those who are not.

use leptos::prelude::*;

use super::auth::use_auth;
use super::elements::{dynamic, nothing};

/// Shows what is inside to those who are signed in, also while they sign in again for more. A page that comes out
/// of the back-forward cache is hidden until it knows whether they still are; then it is as it was.
#[component]
pub fn SignedIn(
    /// What is inside.
    children: ChildrenFn,
) -> impl IntoView {
    let auth = use_auth();
    let signed_in = Memo::new(move |_| auth.is_signed_in());
    dynamic(move || if signed_in.get() { children() } else { nothing() })
}

/// Shows what is inside to those who are not signed in, also when a sign-in failed or the page is about
/// to be left. While an answer of the provider is looked at, nothing is shown.
#[component]
pub fn SignedOut(
    /// What is inside.
    children: ChildrenFn,
) -> impl IntoView {
    let auth = use_auth();
    let signed_out = Memo::new(move |_| auth.is_known_signed_in() == Some(false));
    dynamic(move || if signed_out.get() { children() } else { nothing() })
}
