//! Keeping a session between two pages, and for all tabs that go on with it.
//!
//! A record in IndexedDB, sealed with a key that the tabs of the session have, in their session storage, and
//! give to a page of the origin that asks.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::dpop::Key;
use super::message::{KeptUnder, SealingSecret};
use super::renewal::turn::{Found, Generation, Written};
use super::session::Tokens;
use super::tabs::is_later;
use super::{Client, Event};
use crate::browser::crypto::SealingKey;
use crate::browser::locks::Guard;
use crate::browser::random;
use crate::browser::record_store::{Change, Record};
use crate::protocol::json::{Object, Writer};
use crate::protocol::secret::base64url;
use crate::protocol::{Error, Keeping, TokenSet, TokenType, UnixTime};

/// For how many seconds a session is kept that nobody renews. What is left of a closed tab goes then.
const LIFETIME: u64 = 30 * 24 * 3600;

/// Where this page's session is kept.
#[derive(Clone, Debug)]
pub(super) struct Sharing {
    pub(super) under: KeptUnder,
    sealing: SealingKey,
    pub(super) generation: Generation,
}

impl Sharing {
    async fn of(under: KeptUnder) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(under.secret.expose()).ok()?;
        let sealing = SealingKey::of(&bytes.try_into().ok()?).await.ok()?;
        Some(Self { under, sealing, generation: 0 })
    }

    async fn new() -> Option<Self> {
        let session = base64url(&random::bytes().ok()?);
        let secret = SealingSecret::new(&base64url(&random::bytes().ok()?));
        Self::of(KeptUnder { session, secret }).await
    }

    fn record_name(&self) -> String {
        ["session:", &self.under.session].concat()
    }

    /// A record that was put in the place of another one is none.
    fn context(&self, generation: Generation) -> String {
        [&self.under.session, " ", &generation.to_string()].concat()
    }
}

/// What is kept.
pub(super) struct Kept {
    /// When it may be forgotten.
    until: UnixTime,
    pub(super) set: TokenSet,
    pub(super) key: Option<Key>,
    pub(super) generation: Generation,
}

impl Client {
    /// Keeps the session that has just begun, if the app wants that. Where the browser does not do it, it
    /// is in memory alone.
    pub(super) async fn keep_session(&self, session: u64) {
        let Ok(tokens) = self.tokens_of(session) else { return };
        let Some(mut sharing) = self.place_for(&tokens).await else { return };
        // Another tab may be renewing what this one replaces.
        let guard = self.lock(&sharing).await;
        sharing.generation = match self.read_kept(&sharing).await {
            (Found::Kept(generation), _) => generation + 1,
            _ => 0,
        };
        let is_kept = self.write_newest(&sharing, session).await;
        // Whoever has signed in meanwhile keeps theirs in the same place.
        let is_of_next = self.is_noted(&sharing) && self.session().is_some();
        if self.which_session() == session {
            if is_kept {
                self.share(sharing);
            }
        } else if !is_of_next {
            self.remove_kept(&sharing).await;
        }
        drop(guard);
    }

    /// Where to keep a new session: in the place of the one that this tab had of the same person, or in one of
    /// its own. What was kept of anybody else is removed.
    async fn place_for(&self, tokens: &Tokens) -> Option<Sharing> {
        let is_kept = self.is_to_be_kept(tokens);
        if let Some((sharing, former)) = self.former_session().await {
            if is_kept && former.set.names_same_person(&tokens.set) {
                return Some(sharing);
            }
            // First: whoever looks finds nothing any more.
            self.forget_sharing();
            self.remove_kept(&sharing).await;
            // What is of the same person goes, at some providers, with what has just come.
            if former.set.person() != tokens.set.person() {
                self.hand_back_set(former.set, former.key);
            }
        }
        if is_kept { Sharing::new().await } else { None }
    }

    /// Writes the session's tokens, and those that come meanwhile by a renewal that knows of no other tab yet.
    /// Returns whether the last ones are kept.
    async fn write_newest(&self, sharing: &Sharing, session: u64) -> bool {
        let (mut kept, mut is_spent) = (None, false);
        while let Ok(tokens) = self.tokens_of(session)
            && kept.as_ref() != Some(&tokens.set)
        {
            if !self.write_new(sharing, &tokens).await {
                // What was written before holds a refresh token that is spent.
                if is_spent {
                    self.remove_kept(sharing).await;
                }
                return false;
            }
            match self.renewal_of(session) {
                Some(renewal) => {
                    is_spent = true;
                    let _ = renewal.await;
                }
                None => kept = Some(tokens.set.clone()),
            }
        }
        kept.is_some()
    }

    /// From now on the session is kept there, for all tabs. Where session storage is denied it can't be found
    /// again, and is kept for the other tabs only.
    fn share(&self, sharing: Sharing) {
        self.0.sharing.replace(Some(sharing));
        self.note_where();
    }

    /// Notes where the session is kept, and how many sign-outs there were by then.
    pub(super) fn note_where(&self) {
        let Some(sharing) = self.sharing() else { return };
        let entry = Writer::default()
            .text("session", &sharing.under.session)
            .text("secret", sharing.under.secret.expose())
            .optional_number("era", self.0.era.get());
        let _ = self.0.browser.storage.set(&self.entry(), &entry.finish());
    }

    /// Goes on with a session that is kept. Returns whether there was one.
    pub(super) async fn restore(&self) -> bool {
        if self.config().wanted_keeping() == Keeping::InMemory {
            return false;
        }
        let session = self.which_session();
        let Some((under, known)) = self.noted() else { return false };
        let era = self.era().await;
        if self.which_session() != session {
            return false;
        }
        self.0.era.set(era.or(known));
        // Somebody signed out while this tab was closed, or asleep.
        if is_later(era, known) {
            self.forget_sharing();
            self.end_kept_under(under, None).await;
            return false;
        }
        self.go_on_with(under, session).await
    }

    /// Goes on with the session that is kept there, unless somebody has signed in or out since it was this
    /// session, or none.
    pub(super) async fn go_on_with(&self, under: KeptUnder, session: u64) -> bool {
        let Some(mut sharing) = Sharing::of(under).await else { return false };
        let (found, kept) = self.read_kept(&sharing).await;
        if found == Found::Gone {
            let _ = self.0.browser.storage.remove(&self.entry());
        }
        let Some(kept) = kept else { return false };
        let has_run_out = kept.set.refresh_token.is_none()
            && kept.set.expires_at().is_some_and(|end| end <= self.now());
        let is_over = has_run_out || kept.until <= self.now() || self.is_over(kept.set.began).await;
        // Meanwhile somebody may have signed in here.
        if self.session().is_some() {
            return false;
        }
        if is_over || self.which_session() != session {
            self.forget_sharing();
            self.end_kept(&sharing, None).await;
            if has_run_out && self.which_session() == session {
                self.expect_return_of(&kept.set);
            }
            return false;
        }
        // A page that is opened is no sign that somebody is there.
        self.stay_active(self.active());
        self.begin_another();
        sharing.generation = kept.generation;
        self.share(sharing);
        self.hold(Tokens::new(kept.set, kept.key, self.config()));
        self.emit(&Event::SessionFound);
        // Somebody may have signed out elsewhere before this tab could hear of it.
        self.catch_up().await;
        self.session().is_some()
    }

    pub(super) async fn lock(&self, sharing: &Sharing) -> Guard {
        let name = ["pixy-login:", &sharing.under.session].concat();
        self.0.browser.locks.acquire(name).await
    }

    /// Reads what is kept.
    pub(super) async fn read_kept(&self, sharing: &Sharing) -> (Found, Option<Kept>) {
        let records = &self.0.browser.records;
        let record = records.change(sharing.record_name(), Box::new(|_| Change::Leave)).await;
        match record {
            Err(_) => (Found::Unreadable, None),
            Ok(None) => (Found::Gone, None),
            Ok(Some(record)) => match self.open(sharing, record).await {
                Some(kept) => (Found::Kept(kept.generation), Some(kept)),
                None => (Found::Gone, None),
            },
        }
    }

    async fn open(&self, sharing: &Sharing, record: Record) -> Option<Kept> {
        let generation = record.text.parse().ok()?;
        let text = sharing.sealing.open(&record.sealed, &sharing.context(generation)).await;
        let set = TokenSet::from_json(&text.ok()??, self.config())?;
        let key = match record.key {
            Some(key) => Some(Key::of(key).await.ok()?),
            None => None,
        };
        // A bound token without its key is good for nothing.
        let is_usable = set.token_type == TokenType::Bearer || key.is_some();
        is_usable.then_some(Kept { until: UnixTime(record.until), set, key, generation })
    }

    /// Puts newer tokens in the place of those that are kept, if they still are.
    pub(super) async fn write_kept(
        &self,
        sharing: &Sharing,
        set: &TokenSet,
        key: Option<&Key>,
        generation: Generation,
    ) -> Written {
        let record = self.seal(sharing, set, key, generation).await;
        let Ok(record) = record else { return Written::Failed };
        let decision = |before: Option<&Record>| match before {
            Some(_) => Change::Write(record),
            None => Change::Leave,
        };
        let before = self.0.browser.records.change(sharing.record_name(), Box::new(decision)).await;
        match before {
            Ok(Some(_)) => Written::Kept,
            Ok(None) => Written::Gone,
            Err(_) => Written::Failed,
        }
    }

    /// Nobody finds the session any more.
    pub(super) async fn remove_kept(&self, sharing: &Sharing) {
        let records = &self.0.browser.records;
        // What can't be removed can't be found either: the way to it is in session storage.
        let _ = records.change(sharing.record_name(), Box::new(|_| Change::Remove)).await;
    }

    /// Forgets where the session is kept, and returns it. What a later page of this tab has noted stays.
    pub(super) fn forget_sharing(&self) -> Option<Sharing> {
        let storage = &self.0.browser.storage;
        let sharing = self.0.sharing.take();
        if sharing.as_ref().is_none_or(|sharing| self.is_noted(sharing)) {
            let _ = storage.remove(&self.entry());
            let _ = storage.remove(&self.returning_entry());
        }
        sharing
    }

    /// Forgets what is kept there, and hands it back where it is newer than what this page had.
    pub(super) async fn end_kept(&self, sharing: &Sharing, had: Option<Generation>) {
        let records = &self.0.browser.records;
        // In one step: whoever takes it out hands it back.
        let record = records.change(sharing.record_name(), Box::new(|_| Change::Remove)).await;
        let Ok(Some(record)) = record else { return };
        let kept = self.open(sharing, record).await;
        if let Some(kept) = kept.filter(|kept| had.is_none_or(|had| had < kept.generation)) {
            self.hand_back_set(kept.set, kept.key);
        }
    }

    pub(super) async fn end_kept_under(&self, under: KeptUnder, had: Option<Generation>) {
        if let Some(sharing) = Sharing::of(under).await {
            self.end_kept(&sharing, had).await;
        }
    }

    pub(super) fn sharing(&self) -> Option<Sharing> {
        self.0.sharing.borrow().clone()
    }

    fn is_to_be_kept(&self, tokens: &Tokens) -> bool {
        match self.config().wanted_keeping() {
            Keeping::InMemory => false,
            Keeping::BoundToBrowser => tokens.bound_key().is_some(),
            Keeping::SessionStorage => true,
        }
    }

    /// The session before this one, if this tab had one that nobody has ended.
    async fn former_session(&self) -> Option<(Sharing, Kept)> {
        let (under, known) = self.noted()?;
        let sharing = Sharing::of(under).await?;
        if is_later(self.era().await, known) {
            self.end_kept(&sharing, None).await;
            return None;
        }
        let (_, kept) = self.read_kept(&sharing).await;
        Some((sharing, kept?))
    }

    /// Whether this tab has noted that its session is kept there.
    pub(super) fn is_noted(&self, sharing: &Sharing) -> bool {
        self.noted().is_some_and(|(under, _)| under == sharing.under)
    }

    /// Writes the session whether it was kept before or not. Returns whether the browser did it.
    async fn write_new(&self, sharing: &Sharing, tokens: &Tokens) -> bool {
        let records = &self.0.browser.records;
        // What stays for longer than it should is no reason not to keep this.
        let _ = records.forget_until(self.now().0).await;
        let (set, key) = (&tokens.set, tokens.key.as_ref());
        match self.seal(sharing, set, key, sharing.generation).await {
            Ok(record) => {
                let write =
                    records.change(sharing.record_name(), Box::new(|_| Change::Write(record)));
                write.await.is_ok()
            }
            Err(_) => false,
        }
    }

    async fn seal(
        &self,
        sharing: &Sharing,
        set: &TokenSet,
        key: Option<&Key>,
        generation: Generation,
    ) -> Result<Record, Error> {
        let is_only_bound = self.config().wanted_keeping() == Keeping::BoundToBrowser;
        let text = set.to_json(self.config().client_id(), is_only_bound);
        let sealed = sharing.sealing.seal(&text, &sharing.context(generation)).await?;
        Ok(Record {
            until: self.now().0.saturating_add(LIFETIME),
            text: generation.to_string(),
            sealed,
            key: key.map(Key::signing),
        })
    }

    /// Where the way to the session is, in session storage.
    fn entry(&self) -> String {
        ["pixy-login:session:", &self.app()].concat()
    }

    /// Where a session of this tab is kept, and how many sign-outs there had been when that was noted.
    pub(super) fn noted(&self) -> Option<(KeptUnder, Option<u64>)> {
        let text = self.0.browser.storage.get(&self.entry()).ok()??;
        let entry = Object::parse(&text).ok()?;
        let under = KeptUnder {
            session: entry.text("session").ok()?.to_owned(),
            secret: SealingSecret::new(entry.text("secret").ok()?),
        };
        Some((under, entry.optional_unsigned("era").ok()?))
    }

    /// The app at its provider, as a name.
    pub(super) fn app(&self) -> String {
        [self.config().issuer().as_str(), " ", self.config().client_id()].concat()
    }
}
