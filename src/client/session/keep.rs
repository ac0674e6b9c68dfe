//! A session begins, and is kept between two pages, for all tabs that go on with it.

use core::time::Duration;
use std::rc::Rc;

use super::Sessions;
use super::current::Begun;
use super::record::{SessionRecord, StoredTokens};
use super::tokens::Tokens;
use super::turn::Found;
use crate::browser::timer::within;
use crate::client::flight::in_any_case;
use crate::client::provider::Unwanted;
use crate::client::tabs::message::Message;
use crate::client::tabs::{Part, is_later};
use crate::client::wire::Key;
use crate::protocol::{Keeping, TokenSet};

/// How long the page waits until its session is kept. Another tab may have its lock.
const PATIENCE: Duration = Duration::from_secs(1);

impl Sessions {
    /// Begins a session with what a login brought.
    pub(in crate::client) fn begin(self: &Rc<Self>, set: TokenSet, key: Option<Key>) -> Begun {
        // A former session that is kept is dealt with where this one is kept; one in memory alone goes here.
        if self.place.leave().is_none()
            && let Some(former) = self.current.tokens()
            && former.set.person() != set.person()
        {
            self.provider.hand_back(Unwanted::set(&former.set, former.key.clone()));
        }
        self.refused.forget();
        self.timing.forget_reads();
        // Not known until it is announced: a sign-out before that was not of this one.
        self.place.set_era(None);
        let (received, life) = (set.received, set.life);
        let begun = self.current.begin(Tokens::new(set, key, self.context.config()));
        // Whoever listens may end it at once.
        self.show_tokens(received, life);
        begun
    }

    /// Keeps the session that has just begun, if the app wants that, and tells the other tabs of it. Returns as
    /// soon as that is done, or after a moment: it goes on.
    pub(in crate::client) async fn settle_in(self: &Rc<Self>, begun: Begun) {
        let sessions = self.clone();
        let kept = in_any_case(async move {
            sessions.keep(begun).await;
            // Somebody has signed out meanwhile, here or in another tab.
            if sessions.current.is_same(begun) {
                sessions.announce(begun).await;
            }
            Ok(())
        });
        // However it ends, the other tabs are told, or there is nothing to tell.
        drop(within(PATIENCE, kept).await);
    }

    /// Where the browser does not keep it, the session is in memory alone.
    async fn keep(self: &Rc<Self>, begun: Begun) {
        let Ok(tokens) = self.current.tokens_of(begun) else { return };
        let Some((mut record, is_known)) = self.record_for(&tokens).await else { return };
        let mut guard = None;
        if is_known {
            // Another tab may be renewing what this one replaces. One that is asleep with the lock finds, when it
            // wakes, that there is something newer than what it may yet write.
            guard = self.records.lock(&record).await;
            let step = if guard.is_some() { 1 } else { 2 };
            record.generation = match self.records.read(&record).await.0 {
                Found::Kept(generation) => generation + step,
                Found::Gone => 0,
                // To the other tabs this might look older than what they have.
                Found::Unreadable => return,
            };
        }
        let is_kept = self.write_newest(&record, begun).await;
        if !is_kept && is_known {
            // What was written may be there all the same, or may come yet, and is renewed by this tab alone.
            let own = record.generation;
            return self.remove_in_background(record, move |kept| kept == own, guard);
        }
        // Whoever has signed in meanwhile keeps theirs in the same place.
        let is_of_next = self.place.is_noted(&record) && self.current.tokens().is_some();
        if self.current.is_same(begun) {
            if is_kept {
                self.place.set(record);
            }
        } else if !is_of_next {
            // What can't be removed has an address that nobody knows, or is as good as what was there before.
            let _ = self.records.remove(&record).await;
        }
        drop(guard);
    }

    /// Where to keep a new session: in the place of the one that this tab had of the same person, or in one of
    /// its own. What was kept of anybody else is removed. Returns also whether other tabs may know the record.
    async fn record_for(&self, tokens: &Tokens) -> Option<(SessionRecord, bool)> {
        let is_kept = self.is_to_be_kept(tokens);
        if let Some((record, former)) = self.former_session().await {
            if is_kept && former.set.names_same_person(&tokens.set) {
                return Some((record, true));
            }
            // First: whoever looks finds nothing any more.
            self.forget_record();
            let _ = self.records.remove(&record).await;
            // What is of the same person goes, at some providers, with what has just come.
            if former.set.person() != tokens.set.person() {
                self.provider.hand_back(Unwanted::set(&former.set, former.key));
            }
        }
        let record = if is_kept { SessionRecord::new().await } else { None };
        record.map(|record| (record, false))
    }

    fn is_to_be_kept(&self, tokens: &Tokens) -> bool {
        match self.context.config().wanted_keeping() {
            Keeping::InMemory => false,
            Keeping::BoundToBrowser => tokens.bound_key().is_some(),
            Keeping::SessionStorage => true,
        }
    }

    /// The session before this one, if this tab had one that nobody has ended.
    async fn former_session(&self) -> Option<(SessionRecord, StoredTokens)> {
        let (address, known) = self.place.noted()?;
        let record = SessionRecord::at(address).await?;
        if is_later(self.tabs.era().await, known) {
            self.end_kept(&record, None).await;
            return None;
        }
        let (_, stored) = self.records.read(&record).await;
        Some((record, stored?))
    }

    /// Writes the session's tokens, and those that come meanwhile by a renewal that knows of no other tab yet.
    async fn write_newest(&self, record: &SessionRecord, begun: Begun) -> bool {
        let mut kept = None;
        while let Ok(tokens) = self.current.tokens_of(begun)
            && kept.as_ref() != Some(&tokens.set)
        {
            if !self.records.write(record, &tokens).await {
                return false;
            }
            match self.last_renewal(begun) {
                Some(renewal) => {
                    let _ = renewal.await;
                }
                None => kept = Some(tokens.set.clone()),
            }
        }
        kept.is_some()
    }

    /// Tells the other tabs that somebody has signed in here.
    async fn announce(&self, begun: Begun) {
        // Also where nothing of this one is kept, for new tabs may find that of another tab.
        let is_kept = self.place.record().is_some()
            || self.tabs.is_anybody(Part::Sharing).await == Some(true);
        // Meanwhile somebody may have signed out, or another person in: what is noted last counts.
        let Ok(tokens) = self.current.tokens_of(begun) else { return };
        let person = tokens.set.person_hash();
        let ledger = self.tabs.note_sign_in(person.clone(), is_kept).await;
        if !self.current.is_same(begun) {
            return;
        }
        self.place.set_era(ledger.map(|ledger| ledger.era));
        self.place.note();
        let record = self.place.record();
        if let Some(record) = record.as_ref().filter(|record| record.generation > 0) {
            // For those who had the same session before.
            let (session, generation) = (record.session(), record.generation);
            self.tabs.tell(&Message::Renewed { session, generation });
        }
        let session = record.map(|record| record.session());
        // Where nothing of it is kept, the next page may ask the provider.
        if let (None, Some(tokens)) = (&session, self.current.tokens()) {
            self.returns.expect(&tokens.set, self.place.era());
        }
        self.tabs.tell(&Message::SignedIn { session, person });
    }
}
