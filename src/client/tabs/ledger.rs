//! What is known in this browser of an app's sign-ins, also to tabs that have heard of nothing.

use std::cell::RefCell;
use std::rc::Rc;

use super::Tabs;
use crate::browser::record_store::{Change, Record};
use crate::protocol::json::{Object, Writer};

/// For how many seconds the last sign-in or sign-out of an app is remembered.
const LIFETIME: u64 = 400 * 24 * 3600;

/// How many times somebody signed out, and who signed in last, as a hash, and whether that session is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::client) struct Ledger {
    pub(in crate::client) era: u64,
    pub(in crate::client) person: Option<String>,
    pub(in crate::client) is_kept: bool,
}

impl Ledger {
    fn from_text(text: &str) -> Option<Self> {
        let ledger = Object::parse(text).ok()?;
        Some(Self {
            era: ledger.unsigned("era").ok()?,
            person: ledger.optional_text("person").ok()?.map(str::to_owned),
            is_kept: ledger.flag("kept").ok()?,
        })
    }

    fn to_text(&self) -> String {
        Writer::default()
            .optional_text("person", self.person.as_deref())
            .number("era", self.era)
            .flag("kept", self.is_kept)
            .finish()
    }

    fn of(record: Option<&Record>) -> Self {
        record.and_then(|record| Self::from_text(&record.text)).unwrap_or_default()
    }
}

impl Tabs {
    /// What the ledger says. `None` where the browser keeps nothing.
    pub(in crate::client) async fn ledger(&self) -> Option<Ledger> {
        let record = self.context.browser().records.get(self.ledger_name()).await.ok()?;
        Some(Ledger::of(record.as_ref()))
    }

    /// How many times somebody has signed out. `None` where the browser keeps nothing.
    pub(in crate::client) async fn era(&self) -> Option<u64> {
        self.ledger().await.map(|ledger| ledger.era)
    }

    /// Notes who has signed in, and whether the session is kept. Returns what the ledger is then.
    pub(in crate::client) async fn note_sign_in(
        &self,
        person: Option<String>,
        is_kept: bool,
    ) -> Option<Ledger> {
        self.change_ledger(move |before| Ledger { person, is_kept, ..before }).await
    }

    /// Makes it known that nobody is signed in any more, also to tabs that are asleep.
    pub(in crate::client) async fn note_sign_out(&self) {
        let count =
            |before: Ledger| Ledger { era: before.era.wrapping_add(1), ..Ledger::default() };
        self.change_ledger(count).await;
    }

    async fn change_ledger(
        &self,
        change: impl FnOnce(Ledger) -> Ledger + 'static,
    ) -> Option<Ledger> {
        let until = self.context.now().0.saturating_add(LIFETIME);
        let after = Rc::new(RefCell::new(Ledger::default()));
        let result = after.clone();
        let decision = move |record: Option<&Record>| {
            let ledger = change(Ledger::of(record));
            let text = ledger.to_text();
            result.replace(ledger);
            Change::Write(Record { until, text, ..Record::default() })
        };
        let records = &self.context.browser().records;
        records.change(self.ledger_name(), Box::new(decision)).await.ok()?;
        let ledger = after.take();
        Some(ledger)
    }

    fn ledger_name(&self) -> String {
        ["tabs:", &self.context.app()].concat()
    }
}

/// Whether somebody has signed out since there had been so many sign-outs.
pub(in crate::client) fn is_later(era: Option<u64>, known: Option<u64>) -> bool {
    matches!((era, known), (Some(era), Some(known)) if era != known)
}
