//! Who is signed in: the one owner of the tokens. It keeps them, renews them, ends them, and agrees with the other
//! tabs on all that. Whatever goes on after waiting shows when it [began](Begun) to touch anything.
//!
//! A session begins in `keep`, is found again in `find`, and ends in `sign_out`; what other tabs do to it is in
//! `elsewhere`. What happens in the course of time is in `timing`, with `refresh` and `usable` for the tokens
//! that a call takes along. `turn`, `schedule` and `limits` decide without doing anything, and are tested natively,
//! every order of events of several tabs included.

mod current;
mod elsewhere;
mod find;
mod keep;
mod limits;
mod place;
mod record;
mod refresh;
mod renewed_tokens;
pub(in crate::client) mod returning;
mod schedule;
mod sign_out;
mod timing;
mod tokens;
mod turn;
mod usable;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use std::rc::Rc;

pub(in crate::client) use current::Begun;
pub use sign_out::SigningOut;
#[cfg(feature = "vault")]
pub(in crate::client) use timing::ACTIVE;
pub(in crate::client) use tokens::Tokens;

use super::context::Context;
use super::observers::{Observers, Subscription};
use super::provider::Provider;
use super::status::{Session, Status};
use super::tabs::Tabs;
use super::wire::Wire;
use crate::protocol::{Error, ErrorCode, UnixTime};
use record::SessionRecord;

/// The session of this page, and all that is known of it.
pub(in crate::client) struct Sessions {
    context: Rc<Context>,
    wire: Rc<Wire>,
    provider: Rc<Provider>,
    tabs: Rc<Tabs>,
    current: current::Current,
    records: record::Records,
    place: place::Place,
    returns: returning::Returns,
    question: find::Question,
    renewals: refresh::Renewals,
    refused: usable::Refused,
    timing: timing::Timing,
    /// Who wants to know that somebody signs out here.
    signing_out: Observers<()>,
}

impl Sessions {
    pub(in crate::client) fn new(
        context: Rc<Context>,
        wire: Rc<Wire>,
        provider: Rc<Provider>,
        tabs: Rc<Tabs>,
    ) -> Rc<Self> {
        Rc::new(Self {
            current: current::Current::default(),
            records: record::Records::new(context.clone()),
            place: place::Place::new(context.clone(), tabs.clone()),
            returns: returning::Returns::new(context.clone()),
            question: find::Question::default(),
            renewals: refresh::Renewals::default(),
            refused: usable::Refused::default(),
            timing: timing::Timing::default(),
            signing_out: Observers::default(),
            context,
            wire,
            provider,
            tabs,
        })
    }

    /// What an app may know of the session, when somebody is signed in.
    pub(in crate::client) fn session(&self) -> Option<Session> {
        self.current.tokens().map(|tokens| tokens.session.clone())
    }

    /// The tokens, when somebody is signed in.
    ///
    /// # Errors
    ///
    /// `not_signed_in`.
    pub(in crate::client) fn tokens(&self) -> Result<Rc<Tokens>, Error> {
        self.current.tokens().ok_or_else(|| ErrorCode::NotSignedIn.into())
    }

    /// For whatever begins now, to be asked for before the status changes: a listener may sign out at once.
    pub(in crate::client) const fn begun(&self) -> Begun {
        self.current.begun()
    }

    /// Tells one session of this page from the next.
    pub(in crate::client) const fn number(&self) -> u64 {
        self.current.number()
    }

    /// Whether no session has begun or ended since.
    pub(in crate::client) const fn is_same(&self, begun: Begun) -> bool {
        self.current.is_same(begun)
    }

    /// Whether what began then was called off.
    pub(in crate::client) const fn is_called_off(&self, begun: Begun) -> bool {
        self.current.is_called_off(begun)
    }

    /// What is under way ends without effect when it next wakes up.
    pub(in crate::client) fn call_off(&self) {
        self.current.call_off();
    }

    /// Calls `listener` when somebody signs out here, before anything else happens.
    pub(in crate::client) fn on_signing_out(&self, listener: impl Fn() + 'static) -> Subscription {
        self.signing_out.subscribe(move |()| listener())
    }

    /// Who had signed in in this tab, where nothing of the session is kept.
    pub(in crate::client) const fn returns(&self) -> &returning::Returns {
        &self.returns
    }

    /// A failure is told and shown, unless somebody is signed in: the session is worth more.
    pub(in crate::client) fn fail(&self, error: &Error) {
        self.context.emit_refusal(error);
        let failed = || Status::Failed(error.clone());
        self.context.set_status(self.session().map_or_else(failed, Status::SignedIn));
    }

    /// Shows who is signed in, or nobody.
    pub(in crate::client) fn show_who_is_here(&self) {
        self.context.set_status(self.session().map_or(Status::SignedOut, Status::SignedIn));
    }

    /// The client is held by nobody any more: what is under way comes to nothing, and what was in memory goes.
    pub(in crate::client) fn close(&self) {
        self.current.call_off();
        self.question.end();
        self.place.leave();
        self.forget_session();
    }

    /// Has these tokens from now on, in the session in which they were asked for. The profile stays: it is of
    /// the same person.
    fn hold(self: &Rc<Self>, begun: Begun, tokens: Tokens) {
        let (received, life) = (tokens.set.received, tokens.set.life);
        if self.current.replace(begun, tokens) {
            self.show_tokens(received, life);
        }
    }

    /// The session has new tokens.
    fn show_tokens(self: &Rc<Self>, received: UnixTime, life: Option<u64>) {
        self.question.end();
        self.begin_schedule(received, life);
        // It may have come to its limits meanwhile.
        let Some(session) = self.session() else { return };
        match self.context.status() {
            // A page that is about to be left stays so.
            Status::Leaving => {}
            // And so does the window, but whoever listens looks at the session again.
            Status::InPopup => self.context.set_status(Status::InPopup),
            _ => self.context.set_status(Status::SignedIn(session)),
        }
    }

    /// Forgets where the session is kept, and returns it. What a later page of this tab has noted stays.
    fn forget_record(&self) -> Option<SessionRecord> {
        let record = self.place.leave();
        if record.as_ref().is_none_or(|record| self.place.is_noted(record)) {
            self.place.forget_note();
            self.returns.forget();
        }
        record
    }

    /// Forgets the tokens, and returns them.
    fn forget_session(&self) -> Option<Rc<Tokens>> {
        self.refused.forget();
        self.timing.end();
        self.current.end()
    }
}
