//! The component around everything that has to do with the sign-in.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::auth::Auth;
use crate::client::Client;
use crate::protocol::Config;
use crate::texts::Language;

/// Gives the components inside it a client, and handles the provider's answer when the page opens.
///
/// ```
/// use leptos::prelude::*;
/// use pixy_login::client::Client;
/// use pixy_login::components::{AuthProvider, SignInButton};
///
/// #[component]
/// fn App(client: Client) -> impl IntoView {
///     view! { <AuthProvider client=client><SignInButton/></AuthProvider> }
/// }
/// ```
#[component]
pub fn AuthProvider(
    /// The client, or the [`Config`] for a new one. To send the token request before anything is
    /// rendered, make the client first, call [`Client::start`] and then mount the app.
    #[prop(into)]
    client: Client,
    /// The language of the components; the page's unless given.
    #[prop(optional, into)]
    language: Option<Language>,
    /// A page with a section for each error code, `#state_mismatch`. Errors link to it.
    #[prop(optional, into)]
    error_docs: Option<String>,
    /// What is inside.
    children: Children,
) -> impl IntoView {
    let texts = language.unwrap_or_else(Language::of_page).texts();
    let auth = Auth::new(client.clone(), texts, error_docs);
    let subscription = client.subscribe(move |status| auth.update(status));
    // Kept as long as this component: without it the signals would be followed after their end.
    let subscription = StoredValue::new_local(Some(subscription));
    on_cleanup(move || {
        subscription.try_update_value(Option::take);
    });
    // The outcome is in the status.
    spawn_local(async move { drop(client.start().await) });
    provide_context(auth);
    children()
}

impl From<Config> for Client {
    fn from(config: Config) -> Self {
        Self::new(config)
    }
}
