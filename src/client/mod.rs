//! The flow: sign in, handle the callback, keep the session, call APIs, sign out.
//!
//! Joins [`crate::protocol`] and [`crate::browser`], and has no user interface: that belongs in `components`.
//! Each part is a folder, and owns what it knows: another part asks it, or does not know. A part knows those below
//! it, and none above:
//!
//! | part | what it owns |
//! | --- | --- |
//! | `vault` | the same client in a worker |
//! | `api` | requests with the token: to APIs, for the profile, and again after a step-up |
//! | `login` | the way to the provider and back, in the page or a window beside it |
//! | `session` | who is signed in: the tokens, from their beginning to their end |
//! | `tabs` | what the tabs of an app agree on |
//! | `provider` | the provider's metadata and keys, and what it takes back |
//! | `wire` | requests and their proofs, the right time, the network's errors |
//! | `context` | the settings, the browser, the `status`, and who listens |

mod api;
mod context;
pub mod events;
mod flight;
mod login;
mod news;
mod observers;
mod parts;
mod provider;
mod session;
pub(crate) mod shared;
mod status;
mod stored;
mod tabs;
#[cfg(feature = "vault")]
pub mod vault;
mod wire;

use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use crate::browser::{Browser, page};
use crate::protocol::{Config, Error, Profile, ServerResponse};
use context::Context;
use login::Arrival;
use parts::Parts;
use shared::Shared;

pub use crate::browser::fetch::Body;
pub use api::{ResourceRequest, StreamedResponse};
pub use events::{Document, Event};
pub use login::{Outcome, SignIn};
pub use observers::Subscription;
pub use session::SigningOut;
pub use status::{Session, Status};

/// With what the demo's lab takes the steps of a sign-in one by one.
#[cfg(feature = "lesson")]
pub(crate) mod tools {
    pub(crate) use super::login::window::handover::{Absence, INTERVAL, Word, channel_name};
    pub(crate) use super::news::News;
    pub(crate) use super::wire::{Key, exchange, get, post_form};
}

/// The client of one app at one provider. Clones are the same client. With the last one it goes, whatever is under
/// way, and so does what it has in memory.
///
/// ```no_run
/// use pixy_login::client::{Client, SignIn};
/// use pixy_login::protocol::Config;
///
/// # async fn example() -> Result<(), pixy_login::protocol::Error> {
/// let config = Config::new("https://id.example", "my-app", "https://app.example/callback.html")?;
/// let client = Client::new(config);
/// client.start().await?;
/// if client.session().is_none() {
///     client.sign_in(SignIn::new()).await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client(Rc<Inner>);

struct Inner {
    context: Rc<Context>,
    arrival: Rc<Arrival>,
    home: Home,
}

/// Where the tokens are.
enum Home {
    /// Here: in the page, or in the worker that is its vault.
    Here(Parts),
    /// In a vault, and this is the page's client.
    #[cfg(feature = "vault")]
    Vault(Box<dyn vault::Vault>),
}

impl Inner {
    /// Judges the answer in the page's address, and whatever else brought the person there.
    fn judge(&self) -> LocalBoxFuture<'static, Result<Outcome, Error>> {
        match &self.home {
            Home::Here(parts) => parts.login.clone().arrive().boxed_local(),
            #[cfg(feature = "vault")]
            Home::Vault(vault) => vault.arrive(self.arrival.clone()),
        }
    }
}

impl Client {
    /// A client in the real browser.
    pub fn new(config: Config) -> Self {
        Self::with_browser(config, Browser::default())
    }

    /// A client in a browser, parts of which a test stands in for.
    pub fn with_browser(config: Config, browser: Browser) -> Self {
        let context = Rc::new(Context::new(config, browser));
        let arrival = Arrival::new(context.clone());
        let parts = Parts::new(&context, &arrival, false);
        Self(Rc::new(Inner { context, arrival, home: Home::Here(parts) }))
    }

    /// A client whose tokens are in a worker, out of the reach of the page's scripts. `script` is the address
    /// of `pixy-login-vault.js`, relative to the page and of its origin. Everything else is as with
    /// [`Client::new`], save that
    ///
    /// - tokens are in memory only ([`Keeping::InMemory`]), whatever the settings say;
    /// - signing in leaves the page, [`SignIn::in_popup`] or not: a worker opens no window;
    /// - an answer comes whole, with 16 MiB at most, from [`Client::fetch_streaming`] as well, and whatever
    ///   [`ResourceRequest::stream_limit`] says; a call that nobody waits for any more goes on to its end;
    /// - [`Client::expose_access_token`] has none to show, and the provider gets no ID token as a hint when
    ///   people sign out there.
    ///
    /// Where the vault can't be started, or stops answering, the status says `vault_unavailable`, and so does
    /// whatever the client is asked. It never goes on without one.
    ///
    /// [`Keeping::InMemory`]: crate::protocol::Keeping::InMemory
    #[cfg(feature = "vault")]
    pub fn in_vault(config: Config, script: &str) -> Self {
        // A server that renders has no client at work.
        if !crate::browser::IS_HERE {
            return Self::new(config);
        }
        let start = |receiving| crate::browser::worker::start(script, receiving);
        Self::in_vault_of(config, Browser::default(), start)
    }

    /// A client whose vault is at the other end of what `start` opens, in a browser of which a test may stand
    /// in for parts. `None` says that no vault can be started.
    #[cfg(feature = "vault")]
    pub fn in_vault_of(
        config: Config,
        browser: Browser,
        start: impl FnOnce(
            crate::browser::worker::Receiving,
        ) -> Option<Box<dyn crate::browser::worker::Port>>,
    ) -> Self {
        let context = Rc::new(Context::new(config, browser));
        let arrival = Arrival::new(context.clone());
        let home = Home::Vault(vault::open(&context, start));
        Self(Rc::new(Inner { context, arrival, home }))
    }

    /// The app's settings.
    pub fn config(&self) -> &Config {
        self.0.context.config()
    }

    /// Whether somebody is signed in.
    pub fn status(&self) -> Status {
        self.0.context.status()
    }

    /// Calls `listener` at each change of the status, as long as the subscription is kept.
    pub fn subscribe(&self, listener: impl Fn(&Status) + 'static) -> Subscription {
        self.0.context.on_status(listener)
    }

    /// Calls `listener` at each event, as long as the subscription is kept.
    pub fn on_event(&self, listener: impl Fn(&Event) + 'static) -> Subscription {
        self.0.context.on_event(listener)
    }

    /// Begins: handles the callback, if the page is one, and then goes to the page where the login
    /// began, without loading it anew. Call it once when the page opens, before anything is rendered;
    /// further calls wait for the same outcome. Once begun it goes on, also when nobody waits for it.
    ///
    /// # Errors
    ///
    /// As [`Client::handle_callback`]; the status says the same.
    pub async fn start(&self) -> Result<Outcome, Error> {
        self.0.arrival.start(&|| self.0.judge()).await
    }

    /// Handles the answer in the page's address, if there is one. The address is cleaned first; the
    /// login's record is taken out of the storage before anything is sent; a code is sent once.
    /// Further calls wait for the same outcome. Once begun it goes on, also when nobody waits for it.
    ///
    /// # Errors
    ///
    /// Why the answer was not believed, or what the provider refused.
    pub async fn handle_callback(&self) -> Result<Outcome, Error> {
        self.0.arrival.handle(&|| self.0.judge()).await
    }

    /// Whether the page is still where an answer came to, its address cleaned.
    #[cfg(feature = "widget")]
    pub(crate) fn is_where_answer_came(&self) -> bool {
        self.0.arrival.is_where_it_was_cleaned()
    }

    /// Why the login that this page came back from failed, told once: to whoever shows it first. Not after another
    /// sign-in has begun.
    pub fn take_failure(&self) -> Option<Error> {
        self.0.arrival.take_failure()
    }

    /// Leaves the page for the provider. The login's secrets are in session storage before. A second
    /// call while one is under way does nothing; signing out meanwhile calls it off. Once begun it goes on,
    /// also when nobody waits for it.
    ///
    /// With [`SignIn::in_popup`] the page stays, and the future ends when the person is signed in, or is not
    /// to be: an answer in spite of `popup_closed` still signs them in. Another call begins anew, and closes
    /// the window.
    ///
    /// # Errors
    ///
    /// Whatever keeps the login from beginning: discovery, PKCE not supported, storage denied, a frame
    /// (`page_in_frame`, `page_in_foreign_frame`). The page stays where it is.
    pub fn sign_in(&self, sign_in: SignIn) -> impl Future<Output = Result<(), Error>> + use<> {
        self.0.arrival.take_failure();
        match &self.0.home {
            Home::Here(parts) => parts.login.sign_in(sign_in),
            // A vault, being a worker, speaks to no window: the page is left.
            #[cfg(feature = "vault")]
            Home::Vault(vault) => flight::in_any_case(vault.sign_in(sign_in)),
        }
    }

    /// Brings the window in which the person signs in to the front. Returns whether there is one: it may be
    /// closed, or out of reach. Builds without the feature `popup` open none.
    pub fn show_popup(&self) -> bool {
        #[cfg(feature = "popup")]
        return self.login().is_some_and(|login| login.show_popup());
        #[cfg(not(feature = "popup"))]
        false
    }

    /// Calls the sign-in in the other window off. The window is closed at once where the browser allows that,
    /// else when it comes back from the provider.
    pub fn cancel_popup(&self) {
        #[cfg(feature = "popup")]
        if let Some(login) = self.login() {
            login.cancel_popup();
        }
    }

    /// Signs out here at once: the tokens are forgotten, and a sign-in that is under way comes to nothing. What
    /// this returns may be awaited: then no tab finds the session any more, and the tokens are handed back to the
    /// provider (RFC 7009), which may fail without anybody noticing ([`Event::TokensHandedBack`] tells). It goes on
    /// also when nobody waits for it. The provider may still remember the person.
    pub fn sign_out(&self) -> SigningOut {
        if page::is_prerendered() {
            let client = self.clone();
            return SigningOut::begin(async move {
                page::activation().await;
                client.sign_out().await;
                Ok(())
            });
        }
        match &self.0.home {
            Home::Here(parts) => parts.sessions.sign_out(),
            #[cfg(feature = "vault")]
            Home::Vault(vault) => SigningOut::begin(vault.sign_out()),
        }
    }

    /// Signs out here, and then leaves for the provider, so that it forgets the person as well (OpenID
    /// Connect RP-Initiated Logout). The person comes back to the
    /// [`post_logout_redirect_uri`](crate::protocol::Config::post_logout_redirect_uri), if there is one. Once
    /// begun it goes on, also when nobody waits for it.
    ///
    /// # Errors
    ///
    /// `logout_not_supported` where the provider has no page for it, or needs an ID token and there is none to be
    /// sent ([`LogoutKind::HintRequired`](crate::protocol::LogoutKind)), and whatever keeps the browser from
    /// leaving, such as a frame. The person is signed out of the app in any case.
    pub async fn sign_out_at_provider(&self) -> Result<(), Error> {
        match &self.0.home {
            Home::Here(parts) => parts.login.sign_out_at_provider().await,
            #[cfg(feature = "vault")]
            Home::Vault(vault) => vault.sign_out_at_provider().await,
        }
    }

    /// The session, when somebody is signed in.
    pub fn session(&self) -> Option<Session> {
        match &self.0.home {
            Home::Here(parts) => parts.sessions.session(),
            #[cfg(feature = "vault")]
            Home::Vault(vault) => vault.session(),
        }
    }

    /// What the provider tells of the person: fetched once per session from the userinfo endpoint
    /// (OpenID Connect Core 5.3), or from the configured profile endpoint, and completed by the ID token.
    ///
    /// Where there is an ID token, it is enough: what keeps userinfo from coming is no error then, but stands
    /// in [`Profile::incomplete`], and the next call asks again.
    ///
    /// # Errors
    ///
    /// `not_signed_in`; at OAuth-only providers also `profile_not_available`, what
    /// [`Profile::from_response`] says, and the network's.
    pub async fn profile(&self) -> Result<Profile, Error> {
        match &self.0.home {
            Home::Here(parts) => parts.api.profile().await,
            #[cfg(feature = "vault")]
            Home::Vault(vault) => vault.profile().await,
        }
    }

    /// The same, asked of the provider again: it may tell more by now, or otherwise.
    ///
    /// # Errors
    ///
    /// As [`Client::profile`].
    pub async fn reload_profile(&self) -> Result<Profile, Error> {
        match &self.0.home {
            Home::Here(parts) => parts.api.reload_profile().await,
            #[cfg(feature = "vault")]
            Home::Vault(vault) => vault.reload_profile().await,
        }
    }

    /// The access token itself. Whoever has it can act as the person until it runs out: script in the
    /// page, a log, a crash report. [`Client::fetch`] sends it without showing it; use that where you can.
    /// In a vault there is none to show.
    pub fn expose_access_token(&self) -> Option<String> {
        match &self.0.home {
            Home::Here(parts) => {
                let tokens = parts.sessions.tokens().ok()?;
                Some(tokens.set.access_token.expose().to_owned())
            }
            #[cfg(feature = "vault")]
            Home::Vault(_) => None,
        }
    }

    /// Renews the access token; one request for all who wait, in all tabs of the session. A fault of the
    /// network or of the provider leaves the session as it is. When the provider says that it is over, or
    /// answers for somebody else, it ends, in all tabs.
    ///
    /// # Errors
    ///
    /// `not_signed_in`, `no_refresh_token`, `session_ended`, `timeout` after twelve seconds (the request goes
    /// on, and what it brings is used), what is wrong with the answer, and the network's.
    pub async fn refresh(&self) -> Result<(), Error> {
        match &self.0.home {
            Home::Here(parts) => parts.sessions.refresh(None).await,
            #[cfg(feature = "vault")]
            Home::Vault(vault) => vault.refresh().await,
        }
    }

    /// Fetches the provider's metadata, so that the click that follows need not wait for it. Call it
    /// when the page is idle, or when the pointer comes near the button. After a failure
    /// the click tries again.
    pub async fn prefetch(&self) {
        match &self.0.home {
            Home::Here(parts) => parts.provider.prefetch().await,
            #[cfg(feature = "vault")]
            Home::Vault(vault) => vault.prefetch().await,
        }
    }

    /// Sends the request with the access token in the `Authorization` header (RFC 6750 section 2.1),
    /// to the places of [`Config::allow_origin`](crate::protocol::Config::allow_origin) and
    /// [`Config::allow_path`](crate::protocol::Config::allow_path) only. Redirects are not followed,
    /// cookies not sent, answers not cached. Any status is an answer, with a body of at most 16 MiB; what it
    /// means is in its `www_authenticate` (RFC 6750 section 3).
    ///
    /// Where there is a refresh token, the access token is renewed before it runs out, and once when the
    /// server calls it invalid. The request is then sent once more. Most servers don't let a page see why
    /// they answer 401 (`Access-Control-Expose-Headers: WWW-Authenticate` does): without a reason the token
    /// is renewed only if it has run out meanwhile.
    ///
    /// # Errors
    ///
    /// `not_signed_in`, `insecure_url`, `origin_not_allowed`, `invalid_config` for what can't be sent,
    /// `session_ended` and what else [`Client::refresh`] says when the session ends there, or when the token
    /// has run out; `signing_in_again` where
    /// [`StepUpPolicy::Automatic`](crate::protocol::StepUpPolicy) is set; and the network's.
    pub async fn fetch(&self, request: ResourceRequest) -> Result<ServerResponse, Error> {
        match &self.0.home {
            Home::Here(parts) => parts.api.fetch(request).await,
            #[cfg(feature = "vault")]
            Home::Vault(vault) => vault.fetch(request).await,
        }
    }

    /// The same, for an answer that is JSON: read as the app's own type.
    ///
    /// ```no_run
    /// # use pixy_login::{client::{Client, ResourceRequest}, protocol::Error};
    /// #[derive(serde::Deserialize)]
    /// struct Letter {
    ///     subject: String,
    /// }
    ///
    /// # async fn example(client: Client) -> Result<(), Error> {
    /// let letters: Vec<Letter> =
    ///     client.fetch_json(ResourceRequest::get("https://api.example/mail")).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Client::fetch`], [`ServerResponse::success`] and [`ServerResponse::json`].
    pub async fn fetch_json<T: DeserializeOwned>(
        &self,
        request: ResourceRequest,
    ) -> Result<T, Error> {
        let response = self.fetch(request).await?;
        response.success()?;
        response.json()
    }

    /// The same as [`Client::fetch`], for an answer that is large or goes on and on: it is there as soon as it
    /// begins, and its body is read piece by piece, however large. With a vault it comes whole, as with
    /// [`Client::fetch`], and is bounded like that.
    ///
    /// # Errors
    ///
    /// As [`Client::fetch`].
    pub async fn fetch_streaming(
        &self,
        request: ResourceRequest,
    ) -> Result<StreamedResponse, Error> {
        match &self.0.home {
            Home::Here(parts) => parts.api.fetch_streaming(request).await,
            #[cfg(feature = "vault")]
            Home::Vault(vault) => vault.fetch(request).await.map(StreamedResponse::whole),
        }
    }

    /// What came of the request for which the person had to sign in again, once they are back: its
    /// answer, or the reason why it was not repeated. `None` when they signed in for another reason, or
    /// the app kept no request.
    #[cfg(feature = "step-up")]
    pub async fn repeated(&self) -> Option<Result<ServerResponse, Error>> {
        match &self.0.home {
            Home::Here(parts) => parts.api.repeated().await,
            #[cfg(feature = "vault")]
            Home::Vault(vault) => vault.repeated().await,
        }
    }

    /// Tells one session of this page from the next.
    #[cfg(any(feature = "components", feature = "widget"))]
    pub(crate) fn which_session(&self) -> u64 {
        match &self.0.home {
            Home::Here(parts) => parts.sessions.number(),
            #[cfg(feature = "vault")]
            Home::Vault(_) => 0,
        }
    }

    /// Whether this page is in a window beside another one, or holds an answer that says so.
    #[cfg(feature = "components")]
    pub(crate) fn is_beside_page(&self) -> bool {
        #[cfg(feature = "popup")]
        return self.login().is_some_and(|login| login.is_beside_page());
        #[cfg(not(feature = "popup"))]
        false
    }

    /// What opens windows beside the page: not a worker.
    #[cfg(feature = "popup")]
    fn login(&self) -> Option<&Rc<login::Login>> {
        match &self.0.home {
            Home::Here(parts) => Some(&parts.login),
            #[cfg(feature = "vault")]
            Home::Vault(_) => None,
        }
    }
}

thread_local! {
    /// Those that were made of settings alone.
    static CLIENTS: Shared<Inner> = const { Shared::new() };
}

impl From<Config> for Client {
    /// In a page, one client for all who want it of the same settings, as long as one of them has it. Those of
    /// [`Client::new`] are not among them.
    fn from(config: Config) -> Self {
        // A server renders for many people.
        if !page::exists() {
            return Self::new(config);
        }
        let is_same = |known: &Inner| *known.context.config() == config;
        CLIENTS.with(|clients| Self(clients.get(is_same, || Self::new(config.clone()).0)))
    }
}

impl core::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "Client({:?}, {:?})", self.config(), self.status())
    }
}
