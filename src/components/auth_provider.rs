//! The component around everything that has to do with the sign-in.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::auth::Auth;
use crate::client::Client;
use crate::protocol::Config;
use crate::texts::Language;

/// Gives the components inside it a client, and handles the provider's answer when the page opens.
///
/// A server renders what is not known yet. The browser takes that over as it is, and only then begins.
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
    /// The language of the components; the page's unless given. A server doesn't know that one, and takes
    /// English.
    #[prop(optional, into)]
    language: Option<Language>,
    /// A page with a section for each error code, `#state_mismatch`. Errors link to it.
    #[prop(optional, into)]
    error_docs: Option<String>,
    /// What is inside.
    children: Children,
) -> impl IntoView {
    let auth = Auth::new(client, language.unwrap_or(Language::English).texts(), error_docs);
    provide_context(auth);
    if is_taking_over() {
        // An effect runs when all that the server rendered has been taken over.
        Effect::new(move |_| begin(auth, language));
    } else {
        begin(auth, language);
    }
    children()
}

/// Begins in the browser; a server has no client at work.
fn begin(auth: Auth, language: Option<Language>) {
    let Some(client) = auth.client_at_work() else { return };
    auth.set_texts(language.unwrap_or_else(Language::of_page).texts());
    auth.update(&client.status());
    let subscription = client.subscribe(move |status| auth.update(status));
    // Kept as long as this component: without it the signals would be followed after their end.
    let subscription = StoredValue::new_local(Some(subscription));
    on_cleanup(move || {
        subscription.try_update_value(Option::take);
    });
    // The outcome is in the status.
    spawn_local(async move { drop(client.start().await) });
}

/// Whether the page came from a server, and must be found as it was rendered there.
#[cfg(feature = "hydrate")]
fn is_taking_over() -> bool {
    Owner::current_shared_context().is_some_and(|page| page.during_hydration())
}

#[cfg(not(feature = "hydrate"))]
const fn is_taking_over() -> bool {
    false
}

impl From<Config> for Client {
    fn from(config: Config) -> Self {
        Self::new(config)
    }
}
