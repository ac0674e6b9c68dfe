//! The component around everything that has to do with the sign-in.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::auth::Auth;
use super::auth_error::explained;
use super::elements::{dynamic, nothing};
use super::require_auth::waiting;
use crate::browser::page;
use crate::client::{Client, Status};
use crate::protocol::Error;
use crate::texts::Texts;

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
    /// The client, or the [`Config`](crate::protocol::Config) for one, which providers of the same settings share; or
    /// what came of making one of them, where an error is shown in the place of what is inside. To send the token
    /// request before anything is rendered, make the client first, call [`Client::start`] and then mount the app.
    #[prop(into)]
    client: ClientOrError,
    /// The language of the components, as a tag such as `ja`; the page's unless given. A server doesn't know that
    /// one, and takes English.
    #[prop(optional, into)]
    language: Option<String>,
    /// What they say in languages other than English, and the app's own words: `texts=[Texts::japanese()]`.
    #[prop(optional, into)]
    texts: Vec<Texts>,
    /// A page with a section for each error code, `#state_mismatch`. Errors link to it.
    #[prop(optional, into)]
    error_docs: Option<String>,
    /// Whether people sign in in a window beside the page, which then stays as it is. Where the browser
    /// opens none, the page is left as usual.
    #[prop(optional)]
    popup: bool,
    /// What the buttons say that sign in, such as “Continue with Google”; “Sign in” unless given.
    #[prop(optional, into)]
    sign_in_label: String,
    /// What is inside.
    children: Children,
) -> impl IntoView {
    let languages = Languages { given: language, texts };
    let client = match client.0 {
        Ok(client) => client,
        Err(error) => return unusable(&languages, &error, error_docs.as_deref()),
    };
    let auth = Auth::new(client, languages.known_to_servers(), error_docs, popup, sign_in_label);
    provide_context(auth);
    if is_taking_over() {
        // An effect runs when all that the server rendered has been taken over.
        Effect::new(move |_| begin(auth, &languages));
        return children();
    }
    begin(auth, &languages);
    match auth.client_at_work().is_some_and(|client| client.is_beside_page()) {
        true => instead_of_app(auth, children),
        false => children(),
    }
}

/// What an [`AuthProvider`] is given: a client, or why there is none.
#[derive(Clone, Debug)]
pub struct ClientOrError(Result<Client, Error>);

impl<T: Into<Client>> From<T> for ClientOrError {
    fn from(client: T) -> Self {
        Self(Ok(client.into()))
    }
}

impl<T: Into<Client>> From<Result<T, Error>> for ClientOrError {
    fn from(made: Result<T, Error>) -> Self {
        Self(made.map(Into::into))
    }
}

/// Says what is wrong with the settings, in the place of the app.
fn unusable(languages: &Languages, error: &Error, docs: Option<&str>) -> AnyView {
    let is_of_server = is_taking_over() || !page::exists();
    let texts = if is_of_server { languages.known_to_servers() } else { languages.of_page() };
    explained(&texts, error, docs, None)
}

/// The languages of an app, and which of them it has chosen.
struct Languages {
    given: Option<String>,
    texts: Vec<Texts>,
}

impl Languages {
    fn known_to_servers(&self) -> Texts {
        Texts::choose(&self.texts, self.given.as_deref().unwrap_or("en"))
    }

    fn of_page(&self) -> Texts {
        let language = self.given.clone().unwrap_or_else(page::language);
        Texts::choose(&self.texts, &language)
    }
}

/// Begins in the browser; a server has no client at work.
fn begin(auth: Auth, languages: &Languages) {
    let Some(client) = auth.client_at_work() else { return };
    auth.set_texts(languages.of_page());
    auth.update(&client.status());
    let subscription = client.subscribe(move |status| auth.update(status));
    // Kept as long as this component: without it the signals would be followed after their end.
    let subscription = StoredValue::new_local(Some(subscription));
    on_cleanup(move || {
        subscription.try_update_value(Option::take);
        auth.stop_waiting();
        auth.conceal(false);
    });
    spawn_local(async move {
        // The outcome is in the status, but for a failure beside a session that goes on.
        let _ = client.start().await;
        if let Some(error) = client.take_failure() {
            auth.show_failure(error);
        }
    });
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

/// A window beside the page where the sign-in began shows nothing of the app, for it is about to close; only
/// when nobody takes its answer. From then on it is a page as any other.
fn instead_of_app(auth: Auth, children: Children) -> AnyView {
    let is_done = Memo::new(move |was_done: Option<&bool>| {
        was_done != Some(&false)
            && matches!(auth.status(), Status::Starting | Status::Busy | Status::HandedOver)
    });
    let mut children = Some(children);
    dynamic(move || match is_done.get() {
        true => waiting(auth.texts().handed_over()),
        false => children.take().map_or_else(nothing, |children| children()),
    })
}
