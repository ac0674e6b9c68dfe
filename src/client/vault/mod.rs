//! The vault: the tokens, and whatever uses them, in a worker with a WebAssembly instance of its own. The page
//! asks it to do things, and is told what came of it, but never sees a token.
//!
//! The whole client runs inside the worker ([`inside`]), in a browser of which the page lends it two parts:
//! session storage and address (`lent`). In the page a client of the same interface passes everything on
//! (`outside`). What the two say to each other is in `command` and `report`, as text by way of `codec`.
//!
//! The two trust each other differently. The vault takes its settings once, from whoever starts it, and from
//! then on nothing but commands: whatever the page says later, tokens go to the provider that it found for
//! itself, and to the listed APIs. The page gets no more than an app gets of any client.

mod codec;
mod command;
pub mod inside;
mod lent;
mod outside;
mod report;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use futures_util::future::LocalBoxFuture;

use super::{Client, Outcome, ResourceRequest, Session, SignIn};
use crate::browser::worker::{Port, Receiving};
use crate::browser::{Browser, IS_HERE, worker};
use crate::protocol::{Config, Error, Profile, ServerResponse};

/// Where a client's tokens are, when they aren't where the client is used.
pub(super) enum Place {
    /// In a vault, and this is the page's client.
    Vault(Box<dyn Vault>),
    /// Here, and this is the vault.
    Inside,
}

/// What a vault can be asked: what a client can be. The only one is behind a pointer, so that an app without a
/// vault has none of it in its wasm.
pub(super) trait Vault {
    fn session(&self) -> Option<Session>;
    /// `url` was the page's address, which is cleaned already.
    fn handle_callback(&self, url: String) -> Answering<Outcome>;
    fn sign_in(&self, sign_in: SignIn) -> Answering<()>;
    fn sign_out(&self);
    fn sign_out_at_provider(&self) -> Answering<()>;
    fn refresh(&self) -> Answering<()>;
    fn prefetch(&self) -> LocalBoxFuture<'static, ()>;
    fn profile(&self) -> Answering<Profile>;
    fn reload_profile(&self) -> Answering<Profile>;
    fn fetch(&self, request: ResourceRequest) -> Answering<ServerResponse>;
    #[cfg(feature = "step-up")]
    fn repeated(&self) -> LocalBoxFuture<'static, Option<Result<ServerResponse, Error>>>;
}

/// What the vault answers later.
type Answering<T> = LocalBoxFuture<'static, Result<T, Error>>;

impl Client {
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
    pub fn in_vault(config: Config, script: &str) -> Self {
        // A server that renders has no client at work.
        if !IS_HERE {
            return Self::new(config);
        }
        let start = |receiving| worker::start(script, receiving);
        Self::in_vault_of(config, Browser::default(), start)
    }

    /// A client whose vault is at the other end of what `start` opens, in a browser of which a test may stand
    /// in for parts. `None` says that no vault can be started.
    pub fn in_vault_of(
        config: Config,
        browser: Browser,
        start: impl FnOnce(Receiving) -> Option<Box<dyn Port>>,
    ) -> Self {
        let client = Self::without_tabs(config, browser);
        let vault = outside::Outside::open(&client, start);
        // It is empty until now.
        let _ = client.0.place.set(Place::Vault(Box::new(vault)));
        client
    }

    /// The client inside of a vault.
    fn of_vault(config: Config, browser: Browser) -> Self {
        let client = Self::without_tabs(config, browser);
        let _ = client.0.place.set(Place::Inside);
        client.join_tabs();
        client
    }

    /// The vault, when this is the client of its page.
    pub(super) fn vault(&self) -> Option<&dyn Vault> {
        match self.0.place.get()? {
            Place::Vault(vault) => Some(vault.as_ref()),
            Place::Inside => None,
        }
    }

    /// Whether what goes through the page is not to be seen by it.
    pub(super) fn is_inside_vault(&self) -> bool {
        matches!(self.0.place.get(), Some(Place::Inside))
    }
}
