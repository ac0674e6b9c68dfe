//! What every part of the client needs: the app's settings, the browser, the time, and who listens.

use std::cell::{Cell, RefCell};

use super::events::{Document, Event};
use super::observers::{Observers, Subscription};
use super::status::Status;
use crate::browser::Browser;
use crate::protocol::{Config, Error, IdToken, TokenResponse, UnixTime};

/// What every part of one client shares.
pub(super) struct Context {
    config: Config,
    browser: Browser,
    status: RefCell<Status>,
    /// How often the status has changed.
    changes: Cell<u64>,
    statuses: Observers<Status>,
    events: Observers<Event>,
}

impl Context {
    pub(super) fn new(config: Config, browser: Browser) -> Self {
        Self {
            config,
            browser,
            status: RefCell::new(Status::Starting),
            changes: Cell::new(0),
            statuses: Observers::default(),
            events: Observers::default(),
        }
    }

    pub(super) const fn config(&self) -> &Config {
        &self.config
    }

    pub(super) const fn browser(&self) -> &Browser {
        &self.browser
    }

    /// The time by this computer's clock.
    pub(super) fn now(&self) -> UnixTime {
        UnixTime(self.browser.clock.now())
    }

    /// The app at its provider, as a name.
    pub(super) fn app(&self) -> String {
        [self.config.issuer().as_str(), " ", self.config.client_id()].concat()
    }

    pub(super) fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// How often the status has changed.
    pub(super) const fn changes(&self) -> u64 {
        self.changes.get()
    }

    pub(super) fn set_status(&self, status: Status) {
        let change = self.changes.get() + 1;
        self.changes.set(change);
        self.status.replace(status.clone());
        // A listener may change it, and then all have heard of that when it returns.
        self.statuses.tell(&status, || self.changes.get() == change);
    }

    pub(super) fn on_status(&self, listener: impl Fn(&Status) + 'static) -> Subscription {
        self.statuses.subscribe(listener)
    }

    pub(super) fn on_event(&self, listener: impl Fn(&Event) + 'static) -> Subscription {
        self.events.subscribe(listener)
    }

    pub(super) fn emit(&self, event: &Event) {
        self.events.tell(event, || true);
    }

    /// Tells what was refused.
    pub(super) fn emit_refusal(&self, error: &Error) {
        self.emit(&Event::Refused { error: error.clone() });
    }

    pub(super) fn emit_token(&self, response: &TokenResponse) {
        self.emit(&Event::TokenReceived {
            token_type: response.token_type(),
            scope: response.scope().clone(),
            expires_in: response.expires_in(),
            is_renewable: response.refresh_token().is_some(),
        });
        self.emit_left_out(Document::TokenResponse, response.left_out());
    }

    pub(super) fn emit_id_token(&self, token: &IdToken, algorithm: &'static str) {
        self.emit(&Event::IdTokenVerified { algorithm });
        self.emit_left_out(Document::IdToken, &token.left_out());
    }

    /// Tells which members could not be used, if there are any.
    pub(super) fn emit_left_out(&self, document: Document, members: &[&str]) {
        if !members.is_empty() {
            let members = members.iter().map(|name| (*name).to_owned()).collect();
            self.emit(&Event::LeftOut { document, members });
        }
    }
}
