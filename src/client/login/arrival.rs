//! The address with which the page was opened: it is handled once, and what brought the person there may lead them
//! on.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::TryFutureExt as _;
use futures_util::future::LocalBoxFuture;

use super::outcome::Outcome;
use super::pending;
use crate::client::context::Context;
use crate::client::flight::{Flight, SingleFlight};
use crate::protocol::{Callback, Error, State};

/// Begins to judge the address.
type Judge<'a> = &'a dyn Fn() -> LocalBoxFuture<'static, Result<Outcome, Error>>;

/// The page's address, and what came of it.
pub(in crate::client) struct Arrival {
    context: Rc<Context>,
    handled: SingleFlight<Outcome>,
    started: SingleFlight<Outcome>,
    /// Why the login that the person comes back from failed, until somebody is told.
    failure: RefCell<Option<Error>>,
    /// The page's address after the answer was taken out of it.
    cleaned: RefCell<Option<String>>,
}

impl Arrival {
    pub(in crate::client) fn new(context: Rc<Context>) -> Rc<Self> {
        Rc::new(Self {
            context,
            handled: SingleFlight::default(),
            started: SingleFlight::default(),
            failure: RefCell::default(),
            cleaned: RefCell::default(),
        })
    }

    /// Handles the address by this judge, once for all who ask.
    pub(in crate::client) fn handle(self: &Rc<Self>, judge: Judge<'_>) -> Flight<Outcome> {
        let arrival = self.clone();
        self.handled.join_or(|| {
            judge().inspect_err(move |why| {
                arrival.failure.replace(Some(why.clone()));
            })
        })
    }

    /// Why the login that the person comes back from failed, told once.
    pub(in crate::client) fn take_failure(&self) -> Option<Error> {
        self.failure.take()
    }

    /// The same, and then goes to the page where the login began; unless the app handles the address itself.
    pub(in crate::client) fn start(self: &Rc<Self>, judge: Judge<'_>) -> Flight<Outcome> {
        let is_first = self.handled.current().is_none();
        let handled = self.handle(judge);
        let arrival = self.clone();
        self.started.join_or(|| async move {
            let outcome = handled.await?;
            if is_first {
                arrival.lead_on(&outcome)?;
            }
            Ok(outcome)
        })
    }

    /// Goes to the page where the login began, without loading it anew. Meanwhile the person may have gone
    /// elsewhere in the app.
    fn lead_on(&self, outcome: &Outcome) -> Result<(), Error> {
        let return_to = match outcome {
            Outcome::SignedIn { return_to } | Outcome::StillSignedOut { return_to } => return_to,
            _ => return Ok(()),
        };
        if self.is_where_it_was_cleaned() {
            let navigation = &self.context.browser().navigation;
            navigation.replace_url(return_to.as_str())?;
            navigation.announce();
        }
        Ok(())
    }

    /// Takes the answer out of the page's address.
    pub(in crate::client) fn clean(&self) -> Result<(), Error> {
        let navigation = &self.context.browser().navigation;
        navigation.replace_url(self.context.config().redirect_uri().as_str())?;
        self.cleaned.replace(Some(navigation.current_url()));
        Ok(())
    }

    /// Whether the page is still where an answer came to, to the letter: with a router in the fragment all pages
    /// are at one path.
    pub(in crate::client) fn is_where_it_was_cleaned(&self) -> bool {
        let here = self.context.browser().navigation.current_url();
        self.cleaned.borrow().as_ref() == Some(&here)
    }

    /// The answer in the page's address, if there is one.
    pub(in crate::client) fn callback(&self) -> Option<Callback> {
        let url = self.context.browser().navigation.current_url();
        Callback::from_url(&url, self.context.config().redirect_uri())
    }

    /// Whether the answer is for this client. An app's own `?code=` without a state is not; nor is the answer
    /// to a login that another client of the page began, or one whose state is of another form than this
    /// client's. An error without a state may be, as long as a login waits.
    pub(in crate::client) fn is_ours(&self, callback: &Callback) -> bool {
        let storage = self.context.browser().storage.as_ref();
        if let Some(state) = callback.state() {
            let login = pending::peek(storage, state).ok().flatten();
            let is_like_ours = State::is_of_this_client(state) && !callback.is_empty();
            return login.map_or(is_like_ours, |login| login.is_of(self.context.config()));
        }
        callback.holds_a_token()
            || callback.is_error_without_state()
                && pending::any(storage, self.context.now()) == Ok(true)
    }
}
