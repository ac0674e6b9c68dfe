//! The flow: sign in, handle the callback, keep the session, call APIs, sign out.
//!
//! Joins [`crate::protocol`] and [`crate::browser`], and has no user interface: that belongs in
//! `components`. A file for each step: [`sign_in`] (with `par` and `popup`), [`callback`], [`session`] (with
//! `keeping`, `reload` and `tabs`), [`resource`] (with `fresh_token`), [`refresh`] (with `renewal`), [`sign_out`], and
//! `step_up`, which begins anew. What happens by itself in the course of time: `timing`, with `limits`. What
//! they keep meanwhile: [`metadata`], [`pending_logins`], `keys` (the provider's), `dpop` (the login's own),
//! `offers` (what of the provider's is done without), `clock` (how wrong this computer's is).
//! What they tell: [`events`] the app, `message` the other tabs; `news` is how
//! one waits for word from elsewhere, `handover` how a window beside the page gives its answer. What they send goes through `transport`.
//! In `vault` all of this is in a worker. `no_dpop`, `no_par`, `no_popup` and `no_vault` stand in where a
//! feature is off.

mod again;
pub mod callback;
mod clock;
#[cfg(feature = "dpop")]
mod dpop;
#[cfg(not(feature = "dpop"))]
#[path = "no_dpop.rs"]
mod dpop;
pub mod events;
mod fresh_token;
#[cfg(feature = "popup")]
mod handover;
mod keeping;
mod keys;
mod limits;
mod message;
pub mod metadata;
mod news;
mod offers;
#[cfg(not(feature = "par"))]
#[path = "no_par.rs"]
mod par;
#[cfg(feature = "par")]
mod par;
pub mod pending_logins;
#[cfg(not(feature = "popup"))]
#[path = "no_popup.rs"]
mod popup;
#[cfg(feature = "popup")]
mod popup;
pub mod refresh;
mod reload;
mod renewal;
pub mod resource;
pub mod session;
pub mod sign_in;
pub mod sign_out;
#[cfg(feature = "step-up")]
pub mod step_up;
mod tabs;
mod timing;
mod transport;
#[cfg(not(feature = "vault"))]
#[path = "no_vault.rs"]
mod vault;
#[cfg(feature = "vault")]
pub mod vault;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, Shared};
use wasm_bindgen_futures::spawn_local;

use crate::browser::events::Listener;
use crate::browser::timer::Timer;
use crate::browser::{Browser, Channel};
use crate::protocol::{AccessToken, Config, Error, Profile, ProviderMetadata, ReturnTo, UnixTime};

pub use crate::browser::fetch::Body;
pub use callback::Outcome;
pub use events::{Document, Event};
pub use resource::{ResourceRequest, StreamedResponse};
pub use session::Session;
pub use sign_in::SignIn;

/// With what the demo's lab takes the steps of a sign-in one by one.
#[cfg(feature = "lesson")]
pub(crate) mod tools {
    pub(crate) use super::dpop::Key;
    pub(crate) use super::handover::{Absence, INTERVAL, Word, channel_name};
    pub(crate) use super::news::News;
    pub(crate) use super::transport::{exchange, get, post_form};
}

/// Something under way that several callers may wait for.
type Flight<T> = Shared<LocalBoxFuture<'static, Result<T, Error>>>;

/// Where the next caller finds it.
type Current<T> = RefCell<Option<Flight<T>>>;

/// Goes on to the end, also when nobody waits for it any more.
fn in_any_case<T: Clone + 'static>(
    future: impl Future<Output = Result<T, Error>> + 'static,
) -> Flight<T> {
    let flight = future.boxed_local().shared();
    spawn_local(flight.clone().map(drop));
    flight
}

/// When something began that signing out calls off.
#[derive(Clone, Copy)]
struct Beginning {
    called_off: u64,
}

/// What is called at each change of the status.
type Listening = Rc<dyn Fn(&Status)>;

/// Whether somebody is signed in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Status {
    /// Not known yet: the page has just been opened.
    Starting,
    /// Nobody is signed in.
    SignedOut,
    /// The page is about to be left for the provider. The person may still stop that.
    Leaving,
    /// The person signs in in a window beside the page, as far as is known. They may call that off
    /// ([`Client::cancel_popup`]) or look for the window ([`Client::show_popup`]).
    InPopup,
    /// This page is in such a window, and has handed the provider's answer to the page beside which it was
    /// opened. It closes; where the browser doesn't let it, the person may do so.
    HandedOver,
    /// The provider's answer is being looked at.
    Busy,
    /// Somebody is signed in.
    SignedIn(Session),
    /// The sign-in failed. A failure never takes the place of a session.
    Failed(Error),
}

/// The client of one app at one provider. Clones are the same client.
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
    config: Config,
    browser: Browser,
    status: RefCell<Status>,
    tokens: RefCell<Option<Rc<session::Tokens>>>,
    listeners: RefCell<Vec<(u64, Listening)>>,
    next_listener: Cell<u64>,
    /// How often the status has changed.
    changes: Cell<u64>,
    /// How often everything under way was called off: by signing out, or by coming back to the page.
    called_off: Cell<u64>,
    /// Where the person wanted to be, when the login on the way there failed.
    missed_page: RefCell<Option<ReturnTo>>,
    departure: Cell<sign_in::Departure>,
    #[cfg(feature = "popup")]
    popup: RefCell<Option<Rc<popup::PopupLogin>>>,
    discovery: Current<ProviderMetadata>,
    /// Why the provider's document can't be used, as was found out before anybody wanted to sign in.
    discovery_failure: RefCell<Option<Error>>,
    callback: Current<Outcome>,
    keys: RefCell<Option<keys::Keys>>,
    /// In the order in which they take their turns.
    renewals: RefCell<Vec<refresh::Renewing>>,
    /// For which APIs the provider gave no token, in this session.
    refused_apis: RefCell<Vec<fresh_token::RefusedApi>>,
    renewed_in_vain: RefCell<Option<(String, AccessToken)>>,
    #[cfg(feature = "step-up")]
    repeated: Current<crate::protocol::ServerResponse>,
    event_listeners: RefCell<Vec<(u64, events::Listening)>>,
    #[cfg(feature = "dpop")]
    dpop_nonces: RefCell<Vec<(String, crate::protocol::DpopNonce)>>,
    profile: Current<Profile>,
    /// How many sessions began or ended here: what was begun for one is not for the next.
    sessions: Cell<u64>,
    /// Where the session is kept, if it is.
    sharing: RefCell<Option<keeping::Sharing>>,
    channel: RefCell<Option<Box<dyn Channel>>>,
    listening: RefCell<Vec<Listener>>,
    /// Where another tab's session is told, while this one asks for it.
    offers: RefCell<Option<Rc<news::News<message::KeptUnder>>>>,
    /// How many times somebody had signed out in this browser when the session began.
    era: Cell<Option<u64>>,
    schedule: RefCell<Option<renewal::schedule::Schedule>>,
    /// Whether the person signed in in a window beside this page, which they would not want to lose.
    was_in_popup: Cell<bool>,
    /// What is to begin in the window beside the page, in the place of a login that has just failed.
    again_in_popup: RefCell<Option<sign_in::SignIn>>,
    /// By how many seconds this computer's clock is behind, once that was looked up.
    correction: Cell<Option<i64>>,
    /// Why the provider refused to renew the access token last.
    refusal: RefCell<Option<Error>>,
    alarm: RefCell<Option<Timer>>,
    activity: RefCell<Vec<Listener>>,
    /// When somebody was last active.
    active: Cell<Option<UnixTime>>,
    /// Whether it was said that the session is about to end.
    is_warned: Cell<bool>,
    /// Whether it is being found out if the session has come to its limits.
    is_ending: Cell<bool>,
    /// Where the tokens are, when it isn't simply here.
    #[cfg(feature = "vault")]
    place: std::cell::OnceCell<vault::Place>,
}

impl Client {
    /// A client in the real browser.
    pub fn new(config: Config) -> Self {
        Self::with_browser(config, Browser::default())
    }

    /// A client in a browser, parts of which a test stands in for.
    pub fn with_browser(config: Config, browser: Browser) -> Self {
        let client = Self::without_tabs(config, browser);
        client.join_tabs();
        client
    }

    /// A client that doesn't listen to other tabs yet.
    fn without_tabs(config: Config, browser: Browser) -> Self {
        Self(Rc::new(Inner {
            config,
            browser,
            status: RefCell::new(Status::Starting),
            tokens: RefCell::new(None),
            listeners: RefCell::default(),
            next_listener: Cell::new(0),
            changes: Cell::new(0),
            called_off: Cell::new(0),
            missed_page: RefCell::new(None),
            departure: Cell::default(),
            #[cfg(feature = "popup")]
            popup: RefCell::new(None),
            discovery: RefCell::new(None),
            discovery_failure: RefCell::new(None),
            callback: RefCell::new(None),
            keys: RefCell::new(None),
            renewals: RefCell::default(),
            refused_apis: RefCell::default(),
            renewed_in_vain: RefCell::new(None),
            #[cfg(feature = "step-up")]
            repeated: RefCell::new(None),
            event_listeners: RefCell::default(),
            #[cfg(feature = "dpop")]
            dpop_nonces: RefCell::default(),
            profile: RefCell::new(None),
            sessions: Cell::new(0),
            sharing: RefCell::new(None),
            channel: RefCell::new(None),
            listening: RefCell::default(),
            offers: RefCell::new(None),
            era: Cell::new(None),
            schedule: RefCell::new(None),
            was_in_popup: Cell::new(false),
            again_in_popup: RefCell::default(),
            correction: Cell::new(None),
            refusal: RefCell::new(None),
            alarm: RefCell::new(None),
            activity: RefCell::default(),
            active: Cell::new(None),
            is_warned: Cell::new(false),
            is_ending: Cell::new(false),
            #[cfg(feature = "vault")]
            place: std::cell::OnceCell::new(),
        }))
    }

    /// The app's settings.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Whether somebody is signed in.
    pub fn status(&self) -> Status {
        self.0.status.borrow().clone()
    }

    /// Calls `listener` at each change of the status, as long as the subscription is kept.
    pub fn subscribe(&self, listener: impl Fn(&Status) + 'static) -> Subscription {
        let id = self.next_listener();
        self.0.listeners.borrow_mut().push((id, Rc::new(listener)));
        self.subscription(id, Kind::Status)
    }

    fn next_listener(&self) -> u64 {
        let id = self.0.next_listener.get();
        self.0.next_listener.set(id + 1);
        id
    }

    fn subscription(&self, id: u64, kind: Kind) -> Subscription {
        Subscription { client: Rc::downgrade(&self.0), id, kind }
    }

    /// Calls a departure off, and shows what was there before it.
    fn stay(&self) {
        if matches!(self.0.departure.get(), sign_in::Departure::None) {
            return;
        }
        self.call_off();
        self.set_status(self.session().map_or(Status::SignedOut, Status::SignedIn));
    }

    /// What is under way ends without effect when it next wakes up.
    fn call_off(&self) {
        self.end_popup();
        self.0.departure.set(sign_in::Departure::None);
        self.0.called_off.set(self.0.called_off.get() + 1);
    }

    /// Tells later whether what begins now was called off. To be asked for before the status changes:
    /// a listener may sign out at once.
    fn beginning(&self) -> Beginning {
        Beginning { called_off: self.0.called_off.get() }
    }

    fn is_called_off(&self, beginning: Beginning) -> bool {
        self.0.called_off.get() != beginning.called_off
    }

    fn set_status(&self, status: Status) {
        let change = self.0.changes.get() + 1;
        self.0.changes.set(change);
        self.0.status.replace(status.clone());
        // A copy: a listener may subscribe, unsubscribe another, or change the status, which all have
        // heard of when it returns.
        let listeners = self.0.listeners.borrow().clone();
        for (id, listener) in listeners {
            if self.0.changes.get() == change && is_subscribed(&self.0.listeners, id) {
                listener(&status);
            }
        }
    }

    /// A failure is shown, unless somebody is signed in: the session is worth more.
    fn fail(&self, error: &Error) {
        self.emit(&Event::Refused { error: error.clone() });
        let failed = || Status::Failed(error.clone());
        self.set_status(self.session().map_or_else(failed, Status::SignedIn));
    }

    fn now(&self) -> UnixTime {
        UnixTime(self.0.browser.clock.now())
    }
}

impl core::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "Client({:?}, {:?})", self.0.config, self.0.status.borrow())
    }
}

/// A listener to the status or to events. Dropped, it hears no more.
pub struct Subscription {
    client: Weak<Inner>,
    id: u64,
    kind: Kind,
}

/// What a listener listens to.
#[derive(Clone, Copy)]
enum Kind {
    Status,
    Events,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let Some(client) = self.client.upgrade() else { return };
        match self.kind {
            Kind::Status => end(&client.listeners, self.id),
            Kind::Events => end(&client.event_listeners, self.id),
        }
    }
}

fn is_subscribed<T>(listeners: &RefCell<Vec<(u64, T)>>, id: u64) -> bool {
    listeners.borrow().iter().any(|(known, _)| *known == id)
}

fn end<T>(listeners: &RefCell<Vec<(u64, T)>>, id: u64) {
    let mut listeners = listeners.borrow_mut();
    let position = listeners.iter().position(|(known, _)| *known == id);
    let ended = position.map(|position| listeners.remove(position));
    // Before the listener itself, which may hold another subscription.
    drop(listeners);
    drop(ended);
}

impl core::fmt::Debug for Subscription {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "Subscription({})", self.id)
    }
}
