//! Records of sessions in IndexedDB, for the next page and for the other tabs. Each is sealed with a key that the
//! tabs of the session have in their session storage, and give to a page of the origin that asks.

use core::time::Duration;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::tokens::Tokens;
use super::turn::{Found, Written};
use crate::browser::crypto::SealingKey;
use crate::browser::locks::Guard;
use crate::browser::random;
use crate::browser::record_store::{Change, Record};
use crate::client::context::Context;
use crate::client::tabs::message::{Generation, RecordAddress, SealingSecret};
use crate::client::wire::Key;
use crate::protocol::secret::base64url;
use crate::protocol::{Error, Keeping, TokenSet, TokenType, UnixTime};

/// For how many seconds a session is kept that nobody renews. What is left of a closed tab goes then.
const LIFETIME: u64 = 30 * 24 * 3600;
/// How long a session's lock is waited for: longer than a renewal may take.
const PATIENCE: Duration = Duration::from_secs(45);

/// The record of a session, with what opens it.
#[derive(Clone, Debug)]
pub(super) struct SessionRecord {
    pub(super) address: RecordAddress,
    sealing: SealingKey,
    /// Of the tokens that this tab has of it.
    pub(super) generation: Generation,
}

impl SessionRecord {
    pub(super) async fn at(address: RecordAddress) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(address.secret.expose()).ok()?;
        let sealing = SealingKey::of(&bytes.try_into().ok()?).await.ok()?;
        Some(Self { address, sealing, generation: 0 })
    }

    pub(super) async fn new() -> Option<Self> {
        let session = base64url(&random::bytes().ok()?);
        let secret = SealingSecret::new(&base64url(&random::bytes().ok()?));
        Self::at(RecordAddress { session, secret }).await
    }

    pub(super) fn session(&self) -> String {
        self.address.session.clone()
    }

    fn name(&self) -> String {
        ["session:", &self.address.session].concat()
    }

    /// A record that was put in the place of another one is none.
    fn sealed_for(&self, generation: Generation) -> String {
        [&self.address.session, " ", &generation.to_string()].concat()
    }
}

/// What is kept of a session.
pub(super) struct StoredTokens {
    /// When it may be forgotten.
    pub(super) until: UnixTime,
    pub(super) set: TokenSet,
    pub(super) key: Option<Key>,
    pub(super) generation: Generation,
}

/// The records of all sessions of this app.
pub(super) struct Records(Rc<Context>);

impl Records {
    pub(super) const fn new(context: Rc<Context>) -> Self {
        Self(context)
    }

    /// Waits for the lock of a session. `None` where another tab has it for longer than any renewal takes.
    pub(super) fn lock(&self, record: &SessionRecord) -> impl Future<Output = Option<Guard>> {
        let name = ["pixy-login:", &record.address.session].concat();
        self.0.browser().locks.acquire(name, PATIENCE)
    }

    /// Reads what is kept.
    pub(super) async fn read(&self, record: &SessionRecord) -> (Found, Option<StoredTokens>) {
        let records = &self.0.browser().records;
        let mut stored = records.get(record.name()).await;
        if stored.is_err() {
            // A computer that has much else to do takes its time.
            stored = records.get(record.name()).await;
        }
        match stored {
            Err(_) => (Found::Unreadable, None),
            Ok(None) => (Found::Gone, None),
            Ok(Some(stored)) => match self.open(record, stored).await {
                Some(stored) => (Found::Kept(stored.generation), Some(stored)),
                None => (Found::Gone, None),
            },
        }
    }

    /// Puts newer tokens in the place of those that are kept, if they still are.
    pub(super) async fn replace(
        &self,
        record: &SessionRecord,
        set: &TokenSet,
        key: Option<&Key>,
        generation: Generation,
    ) -> Written {
        let sealed = self.seal(record, set, key, generation).await;
        let Ok(sealed) = sealed else { return Written::Failed };
        let decision = |before: Option<&Record>| match before {
            Some(_) => Change::Write(sealed),
            None => Change::Leave,
        };
        let before = self.0.browser().records.change(record.name(), Box::new(decision)).await;
        match before {
            Ok(Some(_)) => Written::Kept,
            Ok(None) => Written::Gone,
            Err(_) => Written::Failed,
        }
    }

    /// Writes tokens, whether any were kept before or not. Returns whether the browser did it.
    pub(super) async fn write(&self, record: &SessionRecord, tokens: &Tokens) -> bool {
        let records = &self.0.browser().records;
        // What stays for longer than it should is no reason not to keep this.
        let _ = records.forget_until(self.0.now().0).await;
        let (set, key) = (&tokens.set, tokens.key.as_ref());
        match self.seal(record, set, key, record.generation).await {
            Ok(sealed) => records.put(record.name(), sealed).await.is_ok(),
            Err(_) => false,
        }
    }

    /// Nobody finds the session any more. Returns whether the browser did it: else those who have its address may
    /// find it yet.
    pub(super) async fn remove(&self, record: &SessionRecord) -> bool {
        self.0.browser().records.take(record.name()).await.is_ok()
    }

    /// The same for what is kept of such a generation: somebody may have signed in anew in its place.
    pub(super) async fn remove_where(
        &self,
        record: &SessionRecord,
        is_meant: impl Fn(Generation) -> bool + 'static,
    ) -> bool {
        let decision = move |kept: Option<&Record>| {
            let generation = kept.and_then(|kept| kept.text.parse().ok());
            if generation.is_some_and(is_meant) { Change::Remove } else { Change::Leave }
        };
        self.0.browser().records.change(record.name(), Box::new(decision)).await.is_ok()
    }

    /// The same as [`Records::remove`], and returns what was kept. In one step: whoever takes it out hands it back.
    pub(super) async fn take(&self, record: &SessionRecord) -> Option<StoredTokens> {
        let stored = self.0.browser().records.take(record.name()).await.ok()??;
        self.open(record, stored).await
    }

    async fn open(&self, record: &SessionRecord, stored: Record) -> Option<StoredTokens> {
        let generation = stored.text.parse().ok()?;
        let text = record.sealing.open(&stored.sealed, &record.sealed_for(generation)).await;
        let set = TokenSet::from_json(&text.ok()??, self.0.config())?;
        let key = match stored.key {
            Some(key) => Some(Key::of(key).await.ok()?),
            None => None,
        };
        // A bound token without its key is good for nothing.
        let is_usable = set.token_type == TokenType::Bearer || key.is_some();
        is_usable.then_some(StoredTokens { until: UnixTime(stored.until), set, key, generation })
    }

    async fn seal(
        &self,
        record: &SessionRecord,
        set: &TokenSet,
        key: Option<&Key>,
        generation: Generation,
    ) -> Result<Record, Error> {
        let is_only_bound = self.0.config().wanted_keeping() == Keeping::BoundToBrowser;
        let text = set.to_json(self.0.config().client_id(), is_only_bound);
        let sealed = record.sealing.seal(&text, &record.sealed_for(generation)).await?;
        Ok(Record {
            until: self.0.now().0.saturating_add(LIFETIME),
            text: generation.to_string(),
            sealed,
            key: key.map(Key::signing),
        })
    }
}
