//! The hook: what a component may know of the sign-in, and what it may ask for.

use futures_util::FutureExt as _;
use futures_util::future::{AbortHandle, abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

use crate::browser;
use crate::browser::page::Concealment;
use crate::client::{Client, ResourceRequest, Session, SignIn, Status};
use crate::protocol::{Config, Error, ErrorCode, Profile};
use crate::texts::Texts;

/// The profile, as far as it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProfileState {
    /// On its way.
    Loading,
    /// There; or as much of it as the ID token tells, until the rest has come, and where it does not come
    /// ([`Profile::incomplete`] says why).
    Ready(Profile),
    /// It did not come; [`Auth::reload_profile`] tries again.
    Failed(Error),
}

/// Who signs people in. A client stays on its thread, while a server may work at a page on several; there
/// nobody is signed in, and the settings are enough.
#[derive(Clone, Copy, Debug)]
enum Kept {
    InBrowser(StoredValue<Client, LocalStorage>),
    OnServer(StoredValue<Config>),
}

/// The sign-in of the surrounding [`AuthProvider`](super::AuthProvider). What is read inside a view or
/// an effect is followed, as with any signal.
///
/// A server that renders the page knows nothing yet: the status is [`Status::Starting`], and what is
/// asked for there (to sign in, to sign out) does not happen.
#[derive(Clone, Copy, Debug)]
pub struct Auth {
    kept: Kept,
    texts: StoredValue<Texts>,
    status: RwSignal<Status>,
    session: RwSignal<Option<Session>>,
    error: RwSignal<Option<Error>>,
    profile: RwSignal<Option<ProfileState>>,
    /// Which session that is: another signal than the session itself, which changes with each renewal.
    which: RwSignal<Option<u64>>,
    error_docs: StoredValue<Option<String>>,
    /// Empty: the usual one.
    sign_in_label: StoredValue<String>,
    /// Whether people sign in in a window beside the page.
    popup: bool,
    /// Whether the last sign-in was to be in one.
    was_in_popup: StoredValue<bool>,
    /// Ends the waiting for a sign-in that goes on elsewhere.
    waiting: StoredValue<Option<AbortHandle>>,
    /// Hides the page while it looks who is there.
    concealment: StoredValue<Option<Concealment>>,
}

/// The sign-in of the surrounding [`AuthProvider`](super::AuthProvider).
///
/// ```
/// use leptos::prelude::*;
/// use pixy_login::components::use_auth;
///
/// #[component]
/// fn Greeting() -> impl IntoView {
///     let auth = use_auth();
///     move || if auth.is_signed_in() { "Welcome back." } else { "Hello." }
/// }
/// ```
///
/// # Panics
///
/// Outside of an `AuthProvider`.
#[track_caller]
pub fn use_auth() -> Auth {
    try_use_auth().unwrap_or_else(|| panic!("use_auth() needs an <AuthProvider> around it"))
}

/// The same, or `None` outside of an `AuthProvider`: for components that can do without.
pub fn try_use_auth() -> Option<Auth> {
    use_context()
}

impl Auth {
    /// Nothing is known yet.
    pub(super) fn new(
        client: Client,
        texts: Texts,
        error_docs: Option<String>,
        popup: bool,
        sign_in_label: String,
    ) -> Self {
        Self {
            texts: StoredValue::new(texts),
            status: RwSignal::new(Status::Starting),
            session: RwSignal::new(None),
            error: RwSignal::new(None),
            profile: RwSignal::new(None),
            which: RwSignal::new(None),
            error_docs: StoredValue::new(error_docs),
            sign_in_label: StoredValue::new(sign_in_label),
            kept: Kept::new(client),
            popup,
            was_in_popup: StoredValue::new(popup),
            waiting: StoredValue::new(None),
            concealment: StoredValue::new(None),
        }
    }

    /// The client, for what only it can do, such as [`Client::fetch`]. On a server it is one that knows
    /// nothing, and can't do anything.
    pub fn client(self) -> Client {
        match self.kept {
            Kept::InBrowser(client) => client.get_value(),
            Kept::OnServer(config) => Client::new(config.get_value()),
        }
    }

    /// Asks one of the app's APIs, and reads its answer, JSON, as the app's own type. As what a resource loads it is
    /// asked again when somebody signs in or out, and not when a token is renewed:
    ///
    /// ```
    /// use leptos::prelude::*;
    /// use pixy_login::client::ResourceRequest;
    /// use pixy_login::components::use_auth;
    ///
    /// #[component]
    /// fn Letters() -> impl IntoView {
    ///     let auth = use_auth();
    ///     let subjects = LocalResource::new(move || {
    ///         auth.is_signed_in();
    ///         auth.fetch_json::<Vec<String>>(ResourceRequest::get("https://api.example/mail"))
    ///     });
    ///     move || match subjects.get() {
    ///         None => "Loading…".to_owned(),
    ///         Some(Ok(subjects)) => subjects.join(", "),
    ///         Some(Err(error)) => error.to_string(),
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Client::fetch_json`], and `not_signed_in` on a server, or when the page has been left.
    pub async fn fetch_json<T: DeserializeOwned>(
        self,
        request: ResourceRequest,
    ) -> Result<T, Error> {
        let client = self.client_at_work().ok_or(ErrorCode::NotSignedIn)?;
        client.fetch_json(request).await
    }

    /// The client, unless there is no browser, or the page has been left.
    pub(super) fn client_at_work(self) -> Option<Client> {
        match self.kept {
            Kept::InBrowser(client) => client.try_get_value(),
            Kept::OnServer(_) => None,
        }
    }

    /// Whether somebody is signed in, as the client has it.
    pub fn status(self) -> Status {
        self.status.get()
    }

    /// The session, when somebody is signed in. It stays while they sign in again for more, and while a page that
    /// comes out of the back-forward cache looks whether they still are: meanwhile the status is
    /// [`Status::Starting`], and the page is hidden.
    pub fn session(self) -> Option<Session> {
        self.session.get()
    }

    /// Whether somebody is signed in.
    pub fn is_signed_in(self) -> bool {
        self.which.get().is_some()
    }

    /// The same for guards that have to wait, such as `condition` of leptos_router's `ProtectedRoute`: `None` as long
    /// as a session is looked for, or an answer of the provider is looked at, and in a window that has handed it over.
    pub fn is_known_signed_in(self) -> Option<bool> {
        let is_open = |status: &Status| match status {
            Status::Starting | Status::Busy | Status::HandedOver | Status::SignedIn(_) => true,
            Status::SignedOut | Status::Leaving | Status::InPopup | Status::Failed(_) => false,
        };
        if self.is_signed_in() {
            return Some(true);
        }
        if self.status.with(is_open) { None } else { Some(false) }
    }

    /// Whether a sign-in is under way: leaving for the provider, there in another window, or coming back.
    pub fn is_busy(self) -> bool {
        let busy = |status: &Status| matches!(status, Status::Leaving | Status::Busy);
        self.status.with(busy) || self.is_in_popup()
    }

    /// Whether the person signs in in a window beside the page.
    pub fn is_in_popup(self) -> bool {
        self.status.with(|status| matches!(status, Status::InPopup))
    }

    /// Why the last sign-in failed, until another has come further.
    pub fn error(self) -> Option<Error> {
        self.error.get()
    }

    /// The profile, fetched when it is first asked for; `None` when nobody is signed in.
    pub fn profile(self) -> Option<ProfileState> {
        let profile = self.profile.get();
        if profile.is_none() && self.is_signed_in() {
            self.load_profile(false);
            return Some(self.known_profile());
        }
        profile
    }

    /// Fetches the profile again: after a failure, or because there may be news.
    pub fn reload_profile(self) {
        if self.session.with_untracked(Option::is_some) {
            if !self.profile.with_untracked(|known| matches!(known, Some(ProfileState::Ready(_)))) {
                self.profile.set(Some(ProfileState::Loading));
            }
            self.load_profile(true);
        }
    }

    /// What is known of the person before the provider is asked.
    fn known_profile(self) -> ProfileState {
        let known = self.session.with_untracked(|session| session.as_ref()?.profile());
        let named = known.filter(|profile| profile.name().is_some());
        named.map_or(ProfileState::Loading, ProfileState::Ready)
    }

    /// Signs in, and comes back to this page.
    pub fn sign_in(self) {
        self.sign_in_with(SignIn::new());
    }

    /// Signs in asking for this scope too, and comes back to this page.
    pub fn sign_in_for(self, scope: &str) {
        match SignIn::new().add_scope(scope) {
            Ok(sign_in) => self.sign_in_with(sign_in),
            Err(error) => self.error.set(Some(error)),
        }
    }

    /// Signs in as described. Whatever keeps it from beginning is in [`Auth::error`]. While the person signs
    /// in in a window beside the page, that window comes to the front instead, if it can.
    pub fn sign_in_with(self, sign_in: SignIn) {
        let Some(client) = self.client_at_work() else { return };
        if client.show_popup() {
            return;
        }
        let sign_in = if self.popup { sign_in.in_popup() } else { sign_in };
        self.was_in_popup.set_value(sign_in.is_in_popup());
        // At once: a window opens in the click's own listener only.
        let done = client.sign_in(sign_in);
        let (waiting, handle) = abortable(async move {
            if let Err(error) = done.await {
                self.error.try_set(Some(error));
            }
        });
        self.waiting.set_value(Some(handle));
        spawn_local(waiting.map(drop));
    }

    /// What is unmounted waits for no other window.
    pub(super) fn stop_waiting(self) {
        if let Some(waiting) = self.waiting.try_update_value(Option::take).flatten() {
            waiting.abort();
        }
    }

    /// Signs in once more, in a window beside the page if it was so before.
    pub(super) fn sign_in_again(self) {
        let sign_in = SignIn::new();
        self.sign_in_with(match self.was_in_popup.get_value() {
            true => sign_in.in_popup(),
            false => sign_in,
        });
    }

    /// Whether this sign-in is to be in a window beside the page.
    pub(super) const fn is_for_popup(self, sign_in: &SignIn) -> bool {
        self.popup || sign_in.is_in_popup()
    }

    /// Calls the sign-in in a window beside the page off, and closes the window.
    pub fn cancel_popup(self) {
        if let Some(client) = self.client_at_work() {
            client.cancel_popup();
        }
    }

    /// Signs out here. The provider may still remember the person.
    pub fn sign_out(self) {
        if let Some(client) = self.client_at_work() {
            client.sign_out();
        }
    }

    /// Signs out here, and leaves for the provider to sign out there, too. Whatever keeps the page from
    /// being left is in [`Auth::error`].
    pub fn sign_out_at_provider(self) {
        let Some(client) = self.client_at_work() else { return };
        spawn_local(async move {
            if let Err(error) = client.sign_out_at_provider().await {
                self.error.try_set(Some(error));
            }
        });
    }

    /// Fetches the provider's metadata, so that a click that follows need not wait for it.
    pub fn prepare(self) {
        // The browser may be idle only after the page has been left.
        let Some(client) = self.client_at_work() else { return };
        if !matches!(client.status(), Status::Leaving | Status::InPopup | Status::Busy) {
            spawn_local(async move { client.prefetch().await });
        }
    }

    /// The texts in the language of the components.
    pub fn texts(self) -> Texts {
        self.texts.get_value()
    }

    /// What the buttons say that sign in.
    pub(super) fn sign_in_label(self) -> String {
        let label = self.sign_in_label.get_value();
        if label.is_empty() { self.texts().sign_in().to_owned() } else { label }
    }

    pub(super) fn set_texts(self, texts: Texts) {
        self.texts.set_value(texts);
    }

    /// The page that explains the codes of errors, when the app has one.
    pub(super) fn error_docs(self) -> Option<String> {
        self.error_docs.get_value()
    }

    /// Follows the client.
    pub(super) fn update(self, status: &Status) {
        let session = self.client().session();
        let which = session.as_ref().map(|_| self.client().which_session());
        // A page out of the back-forward cache shows nobody before it knows who is there. What is typed into it stays.
        let session_is_in_doubt = session.is_some() && matches!(status, Status::Starting);
        // A renewed token is no reason to ask for the profile again.
        let is_same = self.which.get_untracked() == which
            && self.session.with_untracked(|known| are_of_one_person(known, &session));
        if !is_same && self.profile.with_untracked(Option::is_some) {
            self.profile.set(None);
        }
        if self.session.with_untracked(|known| *known != session) {
            self.session.set(session);
        }
        if self.which.get_untracked() != which {
            self.which.set(which);
        }
        // The button of an error that is pressed keeps its place, and the focus.
        if !matches!(status, Status::Leaving | Status::InPopup) {
            self.error.set(failure(status));
        }
        self.status.set(status.clone());
        self.conceal(session_is_in_doubt);
    }

    /// Hides the page, or shows it again.
    pub(super) fn conceal(self, is_wanted: bool) {
        self.concealment.update_value(|concealment| match is_wanted {
            true => drop(concealment.get_or_insert_with(Concealment::begin)),
            false => *concealment = None,
        });
    }

    /// Shows why a sign-in failed, also where somebody is signed in all the same.
    pub(super) fn show_failure(self, error: Error) {
        self.error.try_set(Some(error));
    }

    fn load_profile(self, anew: bool) {
        let client = self.client();
        spawn_local(async move {
            let (which, session) = (client.which_session(), client.session());
            let profile = if anew { client.reload_profile().await } else { client.profile().await };
            let profile = match profile {
                Ok(profile) => ProfileState::Ready(profile),
                Err(error) => ProfileState::Failed(error),
            };
            // Meanwhile somebody else may be signed in, or the page left.
            let is_same =
                client.which_session() == which && are_of_one_person(&client.session(), &session);
            if session.is_some() && is_same {
                self.profile.try_set(Some(profile));
            }
        });
    }
}

impl Kept {
    fn new(client: Client) -> Self {
        // Also where a server is WebAssembly.
        if !browser::IS_HERE || is_server() {
            return Self::OnServer(StoredValue::new(client.config().clone()));
        }
        Self::InBrowser(StoredValue::new_local(client))
    }
}

fn are_of_one_person(one: &Option<Session>, other: &Option<Session>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.is_of_same_person(other),
        _ => false,
    }
}

fn failure(status: &Status) -> Option<Error> {
    match status {
        Status::Failed(error) => Some(error.clone()),
        _ => None,
    }
}
