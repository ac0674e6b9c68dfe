//! Where this page's session is kept, and that this page has one to share.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::record::SessionRecord;
use crate::browser::locks::Guard;
use crate::client::context::Context;
use crate::client::stored::Stored;
use crate::client::tabs::message::{Generation, RecordAddress, SealingSecret};
use crate::client::tabs::{Part, Tabs};
use crate::protocol::json::{Object, Writer};

/// Where the session of this page is kept, if it is.
pub(super) struct Place {
    context: Rc<Context>,
    tabs: Rc<Tabs>,
    record: RefCell<Option<SessionRecord>>,
    /// How many times somebody had signed out in this browser when the session began.
    era: Cell<Option<u64>>,
    presence: RefCell<Option<Guard>>,
}

impl Place {
    pub(super) const fn new(context: Rc<Context>, tabs: Rc<Tabs>) -> Self {
        Self {
            context,
            tabs,
            record: RefCell::new(None),
            era: Cell::new(None),
            presence: RefCell::new(None),
        }
    }

    pub(super) fn record(&self) -> Option<SessionRecord> {
        self.record.borrow().clone()
    }

    pub(super) fn era(&self) -> Option<u64> {
        self.era.get()
    }

    pub(super) fn set_era(&self, era: Option<u64>) {
        self.era.set(era);
    }

    /// From now on the session is kept there, for all tabs. Where session storage is denied it can't be found
    /// again, and is kept for the other tabs only.
    pub(super) fn set(&self, record: SessionRecord) {
        self.record.replace(Some(record));
        let presence = self.tabs.announce(Part::Sharing);
        self.presence.replace(Some(presence));
        self.note();
    }

    /// This page has tokens of this generation.
    pub(super) fn set_generation(&self, generation: Generation) {
        if let Some(record) = self.record.borrow_mut().as_mut() {
            record.generation = generation;
        }
    }

    /// Notes where the session is kept, and how many sign-outs there were by then.
    pub(super) fn note(&self) {
        let Some(record) = self.record() else { return };
        self.context.store(&Note { address: record.address, era: self.era.get() });
    }

    /// Where a session of this tab is kept, and how many sign-outs there had been when that was noted.
    pub(super) fn noted(&self) -> Option<(RecordAddress, Option<u64>)> {
        let Note { address, era } = self.context.stored()?;
        Some((address, era))
    }

    /// Whether this tab has noted that its session is kept there.
    pub(super) fn is_noted(&self, record: &SessionRecord) -> bool {
        self.noted().is_some_and(|(address, _)| address == record.address)
    }

    /// The tab finds its session there no more.
    pub(super) fn forget_note(&self) {
        self.context.forget_stored::<Note>();
    }

    /// The session begins anew, in memory alone. Returns where the one before was kept.
    pub(super) fn leave(&self) -> Option<SessionRecord> {
        self.presence.take();
        self.record.take()
    }
}

/// What this tab has noted of its session.
struct Note {
    address: RecordAddress,
    era: Option<u64>,
}

impl Stored for Note {
    fn key(context: &Context) -> String {
        ["pixy-login:session:", &context.app()].concat()
    }

    fn to_text(&self) -> String {
        Writer::default()
            .text("session", &self.address.session)
            .text("secret", self.address.secret.expose())
            .optional_number("era", self.era)
            .finish()
    }

    fn from_text(text: &str) -> Option<Self> {
        let entry = Object::parse(text).ok()?;
        let address = RecordAddress {
            session: entry.text("session").ok()?.to_owned(),
            secret: SealingSecret::new(entry.text("secret").ok()?),
        };
        Some(Self { address, era: entry.optional_unsigned("era").ok()? })
    }
}
