//! A login, from the click to the judged answer: what is asked for (`request`), leaving (`leave`, with `pushed` and
//! `key`), what is kept meanwhile (`pending`), and coming back (`arrival`, `callback`, `again`, with an `outcome`); in a window beside
//! the page (`window`), or without a word to the person (`silent`). Signing out at the provider is the same way
//! (`logout`).

mod again;
mod arrival;
mod callback;
mod key;
mod leave;
pub(in crate::client) mod logout;
mod outcome;
pub(in crate::client) mod pending;
#[cfg(feature = "par")]
mod pushed;
mod request;
mod silent;
#[cfg(feature = "popup")]
pub(in crate::client) mod window;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

pub(in crate::client) use arrival::Arrival;
pub(in crate::client) use leave::may_be_left;
pub use outcome::Outcome;
pub use request::SignIn;

use super::context::Context;
#[cfg(feature = "step-up")]
use super::observers::{Observers, Subscription};
use super::provider::Provider;
use super::session::{Begun, Sessions};
use super::status::Status;
use super::wire::Wire;
#[cfg(feature = "step-up")]
use crate::protocol::PendingLogin;
use crate::protocol::{ReturnTo, UnixTime};

/// For how many seconds after leaving a second click is taken for a double click.
const DOUBLE_CLICK: u64 = 2;

/// The way to the provider and back.
pub(in crate::client) struct Login {
    context: Rc<Context>,
    wire: Rc<Wire>,
    provider: Rc<Provider>,
    sessions: Rc<Sessions>,
    arrival: Rc<Arrival>,
    is_inside_vault: bool,
    departure: Cell<Departure>,
    /// Where the person wanted to be, when the login on the way there failed.
    missed_page: RefCell<Option<ReturnTo>>,
    #[cfg(feature = "popup")]
    window: window::Window,
    /// Who wants to know which login somebody is signed in by.
    #[cfg(feature = "step-up")]
    signed_in: Observers<PendingLogin>,
}

/// How far this page has come on its way to the provider.
#[derive(Clone, Copy, Debug, Default)]
enum Departure {
    /// Not on the way.
    #[default]
    None,
    /// The request is being put together.
    Preparing,
    /// The browser was told to go.
    Left(UnixTime),
}

/// What goes to the provider.
#[derive(Clone)]
enum Way {
    /// The page itself.
    Page,
    /// A window beside it.
    #[cfg(feature = "popup")]
    Window(Rc<window::PopupLogin>),
}

impl Login {
    pub(in crate::client) fn new(
        context: Rc<Context>,
        wire: Rc<Wire>,
        provider: Rc<Provider>,
        sessions: Rc<Sessions>,
        arrival: Rc<Arrival>,
        is_inside_vault: bool,
    ) -> Rc<Self> {
        Rc::new(Self {
            context,
            wire,
            provider,
            sessions,
            arrival,
            is_inside_vault,
            departure: Cell::default(),
            missed_page: RefCell::default(),
            #[cfg(feature = "popup")]
            window: window::Window::default(),
            #[cfg(feature = "step-up")]
            signed_in: Observers::default(),
        })
    }

    /// Whether this is the client inside of a vault: what goes through the page is not to be seen by it.
    const fn is_inside_vault(&self) -> bool {
        cfg!(feature = "vault") && self.is_inside_vault
    }

    /// Calls `listener` with each login that somebody is signed in by.
    #[cfg(feature = "step-up")]
    pub(in crate::client) fn on_signed_in(
        &self,
        listener: impl Fn(&PendingLogin) + 'static,
    ) -> Subscription {
        self.signed_in.subscribe(listener)
    }

    /// Whether a login is on its way, out or back. A while after leaving a click counts anew: the
    /// person may have stopped the provider's page from loading.
    pub(in crate::client) fn is_under_way(&self) -> bool {
        match self.departure.get() {
            Departure::None => matches!(self.context.status(), Status::Busy),
            Departure::Preparing => true,
            Departure::Left(left) => self.context.now().since(left) < DOUBLE_CLICK,
        }
    }

    /// Calls a departure off, and shows what was there before it.
    pub(in crate::client) fn stay(self: &Rc<Self>) {
        if matches!(self.departure.get(), Departure::None) {
            return;
        }
        self.sessions.call_off();
        self.end_departure();
        self.sessions.show_who_is_here();
    }

    /// Nobody wants to go to the provider any more: neither the page nor a window beside it.
    pub(in crate::client) fn end_departure(self: &Rc<Self>) {
        self.end_window();
        self.departure.set(Departure::None);
    }

    /// Begins to leave: once, and only if nothing is under way. Returns when that was.
    fn set_off(&self, status: Status) -> Begun {
        // Before the status changes: a listener may sign out at that.
        let begun = self.sessions.begun();
        self.departure.set(Departure::Preparing);
        self.context.set_status(status);
        begun
    }

    /// The browser was told to go.
    fn note_left(&self, begun: Begun) {
        if !self.sessions.is_called_off(begun) {
            self.departure.set(Departure::Left(self.context.now()));
        }
    }

    /// Ends the login in the window beside the page, if there is one.
    fn end_window(self: &Rc<Self>) {
        #[cfg(feature = "popup")]
        self.end_popup();
    }
}
