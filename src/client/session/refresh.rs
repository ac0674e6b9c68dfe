//! A new access token for a session that goes on (RFC 6749 section 6): in one tab at a time, and once for
//! all who wait.

use core::time::Duration;
use std::cell::RefCell;
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use wasm_bindgen_futures::spawn_local;

use super::Sessions;
use super::current::Begun;
use super::record::{Records, SessionRecord, StoredTokens};
use super::renewed_tokens::Brought;
use super::tokens::Tokens;
use super::turn::{End, Found, Step, Turn, Written};
use crate::browser::locks::Guard;
use crate::browser::timer::pause;
use crate::client::events::Event;
use crate::client::flight::{Flight, in_any_case};
use crate::client::provider::Unwanted;
use crate::client::status::Status;
use crate::client::tabs::message::{Generation, Message};
use crate::client::wire::get;
use crate::protocol::{Error, ErrorCode, ProviderMetadata, TokenSet, UnixTime};

/// How long somebody waits for a new token, from when it was asked for: longer than for any one
/// answer, so that what is told of it comes first. The request goes on.
const PATIENCE: Duration = Duration::from_secs(12);

/// How often new tokens are written before this tab goes on without the others: their session depends on it, and a
/// computer that has much else to do takes its time.
const MOST_WRITES: u32 = 5;
/// How long it waits before it tries again.
const BETWEEN_WRITES: Duration = Duration::from_secs(1);
/// The same before it tries again to remove what is spent.
const BETWEEN_REMOVALS: Duration = Duration::from_secs(1);
const LONGEST_BETWEEN_REMOVALS: Duration = Duration::from_secs(30);

/// The renewals that are under way, in the order in which they take their turns.
#[derive(Default)]
pub(super) struct Renewals(RefCell<Vec<Renewal>>);

/// A renewal that is under way.
struct Renewal {
    /// In which session, and for which API's token, by its name; `None` for the session's own.
    begun: Begun,
    api: Option<String>,
    since: UnixTime,
    flight: Flight<()>,
}

impl Renewal {
    fn is(&self, begun: Begun, api: Option<&str>) -> bool {
        self.begun.is_of_session_of(begun) && self.api.as_deref() == api
    }
}

impl Renewals {
    /// The last one of a session.
    fn last_of(&self, begun: Begun) -> Option<Flight<()>> {
        let renewals = self.0.borrow();
        let last = renewals.iter().rfind(|renewal| renewal.begun.is_of_session_of(begun));
        last.map(|renewal| renewal.flight.clone())
    }

    /// One that is under way, and since when.
    fn find(&self, begun: Begun, api: Option<&str>) -> Option<(Flight<()>, UnixTime)> {
        let renewals = self.0.borrow();
        let found = renewals.iter().find(|renewal| renewal.is(begun, api));
        found.map(|renewal| (renewal.flight.clone(), renewal.since))
    }

    fn add(&self, renewal: Renewal) {
        self.0.borrow_mut().push(renewal);
    }

    fn remove(&self, begun: Begun, api: Option<&str>) {
        self.0.borrow_mut().retain(|renewal| !renewal.is(begun, api));
    }
}

impl Sessions {
    /// Renews the access token, or that of an API; one request for all who wait, in all tabs of the session.
    ///
    /// # Errors
    ///
    /// As [`Client::refresh`](crate::client::Client::refresh).
    pub(in crate::client) async fn refresh(
        self: &Rc<Self>,
        api: Option<&str>,
    ) -> Result<(), Error> {
        let (flight, since) = self.renewal(api);
        // Whoever comes late to one that another tab holds up need not wait as long again.
        let waited = Duration::from_secs(self.context.now().since(since));
        let left = PATIENCE.saturating_sub(waited).max(Duration::from_secs(1));
        match select(flight, pause(left).boxed_local()).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(ErrorCode::Timeout.into()),
        }
    }

    /// The last renewal of this session that is under way, if one is.
    pub(super) fn last_renewal(&self, begun: Begun) -> Option<Flight<()>> {
        self.renewals.last_of(begun)
    }

    fn renewal(self: &Rc<Self>, api: Option<&str>) -> (Flight<()>, UnixTime) {
        let (begun, since) = (self.current.begun(), self.context.now());
        if let Some(renewal) = self.renewals.find(begun, api) {
            return renewal;
        }
        if let Some(error) = self.renewal_obstacle() {
            return (Flight::ended(Err(error)), since);
        }
        let (sessions, before) = (self.clone(), self.renewals.last_of(begun));
        let name = api.map(str::to_owned);
        let wanted = name.clone();
        let flight = in_any_case(async move {
            let result = sessions.renew_after(before, begun, wanted.as_deref()).await;
            // Before anybody wakes: who comes again at once begins the next one.
            sessions.renewals.remove(begun, wanted.as_deref());
            if let Err(error) = &result {
                sessions.context.emit_refusal(error);
            }
            result
        });
        self.renewals.add(Renewal { begun, api: name, since, flight: flight.clone() });
        (flight, since)
    }

    /// One after the other: a refresh token may be good for one request only.
    async fn renew_after(
        self: &Rc<Self>,
        before: Option<Flight<()>>,
        begun: Begun,
        api: Option<&str>,
    ) -> Result<(), Error> {
        if let Some(before) = before {
            if let Err(error) = before.await {
                self.current.tokens_of(begun).map_err(|_| error)?;
            }
            // Meanwhile the provider may have asked to be left alone.
            if let Some(error) = self.renewal_obstacle() {
                return Err(error);
            }
        }
        self.renew(begun, api).await
    }

    /// Takes the steps of a [`Turn`]. Whatever is brought is for this session, and for no other that begins
    /// meanwhile.
    async fn renew(self: &Rc<Self>, begun: Begun, api: Option<&str>) -> Result<(), Error> {
        let tokens = self.current.tokens_of(begun)?;
        if tokens.set.refresh_token.is_none() {
            return Err(ErrorCode::NoRefreshToken.into());
        }
        let asked = self.token_for(api);
        // Before the lock, which others wait for.
        let metadata = self.metadata_of(&tokens.set).await;
        let record = self.place.record();
        let generation = record.as_ref().map_or(0, |record| record.generation);
        let (mut turn, mut step) = Turn::begin(generation, record.is_some());
        let mut guard = None;
        let mut read = None;
        let mut brought = None;
        let mut outcome = Ok(());
        let end = loop {
            step = match (step, &record) {
                (Step::Lock, Some(record)) => {
                    guard = self.records.lock(record).await;
                    if guard.is_none() {
                        self.timing.note_locked_out(self.context.now());
                        outcome = Err(ErrorCode::Timeout.into());
                    }
                    turn.locked(guard.is_some())
                }
                (Step::Read, Some(record)) => {
                    let (found, stored) = self.records.read(record).await;
                    read = stored;
                    let may_guess = self.timing.may_guess(turn.generation());
                    let found = self.timing.judge_found(found);
                    // What the provider has said before is the reason.
                    if found == Found::Unreadable && outcome.is_ok() {
                        outcome = Err(Error::new(ErrorCode::StorageDenied).about("IndexedDB"));
                    }
                    turn.read(found, may_guess)
                }
                (Step::Adopt, _) => {
                    if let Some(stored) = read.take() {
                        self.adopt(begun, stored);
                    }
                    outcome = Ok(());
                    // Another tab may have renewed for another API.
                    turn.adopted(self.is_worn(api) || self.token_for(api) == asked)
                }
                // Another tab has done it meanwhile.
                (Step::Send, _) if self.token_for(api) != asked && !self.is_worn(api) => {
                    Step::End(End::Adopted)
                }
                (Step::Send, _) => {
                    let (answer, result) =
                        self.ask_for_tokens(begun, api, metadata.clone(), &mut brought).await;
                    outcome = result;
                    turn.answered(answer)
                }
                (Step::Write(generation), Some(record)) => {
                    let brought = brought.as_ref();
                    turn.written(self.keep_brought(record, brought, generation).await)
                }
                (Step::Remove(end), Some(record)) => {
                    turn.removed(end, self.records.remove(record).await)
                }
                (Step::KeepRemoving(end), Some(record)) => {
                    let generation = turn.generation();
                    let session = record.session();
                    // Whoever has heard of it sends nothing older.
                    self.tabs.tell(&Message::Renewed { session, generation });
                    let is_spent = move |kept| kept <= generation;
                    self.remove_in_background(record.clone(), is_spent, guard.take());
                    Step::End(end)
                }
                (Step::End(end), _) => break end,
                // Only a session that is shared has these steps.
                (_, None) => break End::Failed,
            };
        };
        let result = match self.current.tokens_of(begun) {
            Ok(tokens) => {
                let generation = turn.generation();
                self.settle(end, generation, &tokens, (begun, api), brought, outcome).await
            }
            Err(error) => {
                self.leave_to_others(end, turn.generation(), record.as_ref(), brought);
                Err(error)
            }
        };
        drop(guard);
        result
    }

    /// Removes what is kept of such a generation, as soon as the browser does it: its refresh token is spent, or will
    /// be. Until then nobody else gets the lock, and so nobody sends it.
    pub(super) fn remove_in_background(
        &self,
        record: SessionRecord,
        is_spent: impl Fn(Generation) -> bool + Copy + 'static,
        guard: Option<Guard>,
    ) {
        // Not the session itself, which may end meanwhile.
        let records = Records::new(self.context.clone());
        spawn_local(async move {
            let mut time = BETWEEN_REMOVALS;
            while !records.remove_where(&record, is_spent).await {
                pause(time).await;
                time = (time * 2).min(LONGEST_BETWEEN_REMOVALS);
            }
            drop(guard);
        });
    }

    /// Keeps what the request brought where the session is kept, if it still is: for the other tabs, also when
    /// another session has begun in this one.
    async fn keep_brought(
        &self,
        record: &SessionRecord,
        brought: Option<&Brought>,
        generation: Generation,
    ) -> Written {
        let Some(brought) = brought else { return Written::Gone };
        let (set, key) = (&brought.set, brought.key.as_ref());
        for _ in 1..MOST_WRITES {
            match self.records.replace(record, set, key, generation).await {
                Written::Failed => pause(BETWEEN_WRITES).await,
                written => return written,
            }
        }
        self.records.replace(record, set, key, generation).await
    }

    /// The session is over here, or another one has begun: what came is for neither. The other tabs go on with it,
    /// where it is kept; else it is handed back.
    fn leave_to_others(
        &self,
        end: End,
        generation: Generation,
        record: Option<&SessionRecord>,
        brought: Option<Brought>,
    ) {
        if let (End::Renewed, Some(record)) = (end, record) {
            return self.tabs.tell(&Message::Renewed { session: record.session(), generation });
        }
        // At some providers what the person has by now would go with it.
        let is_theirs = |brought: &Brought| {
            let current = self.current.tokens();
            current.is_some_and(|current| current.set.names_same_person(&brought.set))
        };
        self.hand_back_brought(brought.filter(|brought| !is_theirs(brought)));
    }

    /// Makes of the end of a turn what it means for the session.
    async fn settle(
        self: &Rc<Self>,
        end: End,
        generation: Generation,
        tokens: &Tokens,
        (begun, api): (Begun, Option<&str>),
        brought: Option<Brought>,
        outcome: Result<(), Error>,
    ) -> Result<(), Error> {
        match end {
            End::Renewed | End::Detached => {
                if end == End::Detached {
                    self.forget_record();
                }
                if let Err(error) = &outcome {
                    self.note_failure(error, api);
                }
                if let Some(brought) = brought {
                    self.go_on(begun, tokens, brought, generation, api);
                }
                outcome
            }
            End::Adopted => Ok(()),
            End::Failed => {
                if let Err(error) = &outcome {
                    self.note_failure(error, api);
                }
                outcome
            }
            End::SignedOut => {
                self.hand_back_brought(brought);
                self.end_without_record(begun).await;
                Err(ErrorCode::NotSignedIn.into())
            }
            End::Over => {
                self.hand_back_brought(brought);
                let error = outcome.err().unwrap_or_else(|| ErrorCode::SessionEnded.into());
                self.end_with(error.clone());
                Err(error)
            }
        }
    }

    /// Ends the session here and in the other tabs, and says why.
    fn end_with(&self, error: Error) -> Option<SessionRecord> {
        let record = self.forget_record();
        if let Some(record) = &record {
            self.tabs.tell(&Message::Over { session: record.session() });
        }
        self.forget_session();
        self.context.set_status(Status::Failed(error));
        record
    }

    /// Ends a session that has run out: nothing brings it back, but the provider may know the person yet.
    pub(super) fn expire(self: &Rc<Self>, error: Error) {
        let Some(tokens) = self.current.tokens() else { return };
        self.context.emit_refusal(&error);
        let record = self.end_with(error);
        self.returns.expect(&tokens.set, self.place.era());
        let Some(record) = record else { return };
        let sessions = self.clone();
        spawn_local(async move {
            // Its tokens have run out.
            let _ = sessions.records.remove(&record).await;
        });
    }

    fn go_on(
        self: &Rc<Self>,
        begun: Begun,
        tokens: &Tokens,
        brought: Brought,
        generation: Generation,
        api: Option<&str>,
    ) {
        if let Some(record) = self.place.record() {
            self.place.set_generation(generation);
            self.tabs.tell(&Message::Renewed { session: record.session(), generation });
        }
        let (set, key) = (brought.set, tokens.key.clone());
        self.hold(begun, Tokens::new(set, key, self.context.config()));
        if let Some(response) = brought.response {
            self.context.emit_token(&response);
            if api.is_none() {
                self.context.emit(&Event::Refreshed);
            }
        }
    }

    /// What is wrong with one API's token alone does not put the session's own renewal off.
    fn note_failure(self: &Rc<Self>, error: &Error, api: Option<&str>) {
        if api.is_none() || error.code() == ErrorCode::ProviderUnavailable {
            self.postpone(error);
        }
    }

    /// Goes on with what another tab has renewed, in the session in which it was looked for.
    pub(super) fn adopt(self: &Rc<Self>, begun: Begun, stored: StoredTokens) {
        let own = self.current.tokens_of(begun);
        let is_same = own.is_ok_and(|own| own.set.person() == stored.set.person());
        if !is_same {
            return;
        }
        self.place.set_generation(stored.generation);
        self.hold(begun, Tokens::new(stored.set, stored.key, self.context.config()));
        self.context.emit(&Event::RefreshedElsewhere);
    }

    /// The metadata for a renewal: refreshed with its lifetime, for a provider may change its endpoints and
    /// algorithms while a session goes on. Where it can't be had, what the session has is good.
    async fn metadata_of(&self, set: &TokenSet) -> ProviderMetadata {
        self.provider.metadata().await.unwrap_or_else(|_| set.metadata.clone())
    }

    /// A refusal that the page may not see looks like a network that is down. But then the provider's other
    /// addresses don't answer either.
    pub(super) fn find_out_whether_refused(self: &Rc<Self>) {
        let (sessions, begun) = (self.clone(), self.current.begun());
        spawn_local(async move {
            let Ok(tokens) = sessions.current.tokens_of(begun) else { return };
            let metadata = &tokens.set.metadata;
            let origin = metadata.token_endpoint().origin();
            let Some(other) = metadata.jwks_uri().filter(|uri| uri.origin() == origin) else {
                return;
            };
            let answers = sessions.wire.exchange(get(other.as_str())).await.is_ok();
            if answers && sessions.current.is_same(begun) {
                sessions.note_hidden_refusal();
            }
        });
    }

    fn hand_back_brought(&self, brought: Option<Brought>) {
        let Some(Brought { set, key, response }) = brought else { return };
        self.provider.hand_back(match response {
            Some(response) => Unwanted::brought(&response, &set.metadata, key),
            None => Unwanted::set(&set, key),
        });
    }
}
