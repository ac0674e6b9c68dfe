//! All tabs of an app agree on who is signed in: they tell each other, and whoever was asleep looks for
//! itself.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use super::keeping::Sharing;
use super::message::{KeptUnder, Message, Own, Reaction, reaction};
use super::news::News;
use super::renewal::turn::Found;
use super::session::Tokens;
use super::{Client, Event, Status};
use crate::browser::events::{on_restored, on_wake};
use crate::browser::record_store::{Change, Record};
use crate::protocol::json::{Object, Writer};
use crate::protocol::{Error, ErrorCode, Keeping};

/// How long a tab waits for what the others answer, in milliseconds.
pub(super) const ANSWERS_WITHIN: u32 = 300;
/// For how many seconds the last sign-in or sign-out of an app is remembered.
const LIFETIME: u64 = 400 * 24 * 3600;

/// What is known in this browser of an app's sign-ins: how many times somebody signed out, and who signed in
/// last, as a hash, and whether that session is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Ledger {
    era: u64,
    person: Option<String>,
    is_kept: bool,
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
}

impl Client {
    /// Begins to listen to the other tabs. Once is enough.
    pub(super) fn join_tabs(&self) {
        if self.0.channel.borrow().is_some() {
            return;
        }
        let weak = Rc::downgrade(&self.0);
        let hearing = move |text: String| {
            if let (Some(client), Some(message)) = (weak.upgrade(), Message::from_json(&text)) {
                Self(client).hear(&message);
            }
        };
        let name = ["pixy-login:", &self.app()].concat();
        let channel = self.0.browser.channels.open(&name, Box::new(hearing));
        self.0.channel.replace(channel);
        let (woken, restored) = (Rc::downgrade(&self.0), Rc::downgrade(&self.0));
        let mut listeners = on_wake(move || {
            if let Some(client) = woken.upgrade().map(Client) {
                client.wake();
            }
        });
        listeners.extend(on_restored(move || {
            if let Some(client) = restored.upgrade().map(Client) {
                client.come_back();
            }
        }));
        self.0.listening.replace(listeners);
    }

    pub(super) fn tell(&self, message: &Message) {
        if let Some(channel) = self.0.channel.borrow().as_ref() {
            channel.tell(&message.to_json());
        }
    }

    fn hear(&self, message: &Message) {
        match reaction(&self.own(), message) {
            Reaction::None => {}
            Reaction::Look => self.look_in_background(),
            Reaction::Ask => self.ask_in_background(),
            Reaction::Take(under, active) => {
                self.stay_active(active);
                if let Some(offers) = self.0.offers.borrow().as_ref() {
                    offers.tell(under);
                }
            }
            Reaction::Answer => self.answer_who(),
            Reaction::SignOut { is_revoked } => self.obey_sign_out(is_revoked),
            Reaction::End => drop(self.end_elsewhere(ErrorCode::SessionEnded.into())),
            Reaction::MakeWay => self.make_way(),
            Reaction::TellActivity => self.tell(&Message::Active { at: self.active() }),
            Reaction::Stay(at) => self.stay_active(at),
        }
    }

    fn answer_who(&self) {
        let Some(sharing) = self.sharing() else { return };
        self.tell(&Message::Here { kept: sharing.under, active: self.active() });
        let client = self.clone();
        spawn_local(async move {
            // Whoever asked before, while this tab was asleep, took the session for closed.
            let _ = client.change_ledger(Box::new(|ledger| ledger.is_kept = true)).await;
        });
    }

    fn own(&self) -> Own {
        let tokens = self.0.tokens.borrow();
        let sharing = self.0.sharing.borrow();
        Own {
            is_signed_in: tokens.is_some(),
            session: sharing.as_ref().map(|sharing| sharing.under.session.clone()),
            generation: sharing.as_ref().map_or(0, |sharing| sharing.generation),
            person: tokens.as_ref().and_then(|tokens| tokens.set.person_hash()),
            is_asking: self.is_asking(),
        }
    }

    /// Tells the others that somebody has signed in here.
    pub(super) async fn announce_session(&self) {
        let person = self.own().person;
        let (known, is_kept) = (person.clone(), self.sharing().is_some());
        let change = move |ledger: &mut Ledger| {
            ledger.person = known;
            ledger.is_kept = is_kept;
        };
        let ledger = self.change_ledger(Box::new(change)).await;
        self.0.era.set(ledger.map(|ledger| ledger.era));
        self.note_where();
        let sharing = self.sharing();
        if let Some(Sharing { under, generation, .. }) =
            sharing.as_ref().filter(|it| it.generation > 0)
        {
            // For those who had the same session before.
            let session = under.session.clone();
            self.tell(&Message::Renewed { session, generation: *generation });
        }
        let session = sharing.map(|sharing| sharing.under.session);
        self.tell(&Message::SignedIn { session, person });
    }

    /// Makes it known that nobody is signed in any more, also to tabs that are asleep.
    pub(super) async fn announce_end(&self) {
        let change = |ledger: &mut Ledger| {
            *ledger = Ledger { era: ledger.era.wrapping_add(1), ..Ledger::default() };
        };
        let _ = self.change_ledger(Box::new(change)).await;
    }

    /// Looks for a session of another tab, when somebody is signed in in this browser.
    pub(super) async fn ask_others(&self) -> bool {
        if self.config().wanted_keeping() == Keeping::InMemory || self.is_asking() {
            return false;
        }
        let session = self.which_session();
        let Some(ledger) = self.ledger().await.filter(|ledger| ledger.is_kept) else {
            return false;
        };
        if self.is_asking() || self.which_session() != session {
            return false;
        }
        self.0.era.set(Some(ledger.era));
        if let Some(under) = self.ask().await {
            return self.go_on_with(under, session).await;
        }
        // The tabs that had it are closed: nobody need ask again, unless something has happened meanwhile.
        let forget = move |current: &mut Ledger| current.is_kept &= *current != ledger;
        let _ = self.change_ledger(Box::new(forget)).await;
        false
    }

    /// Asks, and waits a moment for an answer.
    async fn ask(&self) -> Option<KeptUnder> {
        let offers = Rc::new(News::default());
        self.0.offers.replace(Some(offers.clone()));
        self.tell(&Message::Who);
        let offered = offers.next_within(ANSWERS_WITHIN).await;
        self.0.offers.replace(None);
        offered
    }

    fn is_asking(&self) -> bool {
        self.0.offers.borrow().is_some()
    }

    /// Somebody has signed in elsewhere, while nobody is here.
    fn ask_in_background(&self) {
        self.emit(&Event::SignedInElsewhere);
        if self.is_asking() {
            // Whoever has just signed in had nothing to offer before.
            return self.tell(&Message::Who);
        }
        if self.is_under_way() || matches!(self.status(), Status::Starting) {
            return;
        }
        let client = self.clone();
        spawn_local(async move {
            client.ask_others().await;
        });
    }

    fn look_in_background(&self) {
        let client = self.clone();
        spawn_local(async move { client.look().await });
    }

    /// Goes on with what is kept, if it is newer; ends when nothing is kept any more.
    async fn look(&self) {
        let Some(sharing) = self.sharing() else { return };
        let (found, kept) = self.read_kept(&sharing).await;
        // Meanwhile another one may have looked, or signed out.
        let Some(current) = self.sharing() else { return };
        if current.under != sharing.under {
            return;
        }
        match (found, kept) {
            (Found::Gone, _) => self.obey_sign_out(true),
            (Found::Kept(generation), Some(kept)) if generation > current.generation => {
                self.adopt(kept);
            }
            _ => {}
        }
    }

    /// The page is seen again, or the network is back.
    pub(super) fn wake(&self) {
        self.tick_after_wake();
        let client = self.clone();
        spawn_local(async move { client.catch_up().await });
    }

    /// The page comes out of the back-forward cache: what it showed when it was left may be somebody
    /// else's by now.
    pub(super) fn come_back(&self) {
        self.stay();
        if self.session().is_none() {
            return self.look_for_session();
        }
        // What a later page of this tab has ended needs no question, which WebKit may answer late: a page
        // that is left while it writes keeps all others waiting.
        if self.sharing().is_some_and(|own| !self.is_noted(&own)) {
            self.forget_sharing();
            self.show_nobody();
            return self.look_for_session();
        }
        self.set_status(Status::Starting);
        let client = self.clone();
        spawn_local(async move {
            client.catch_up().await;
            if client.session().is_none() {
                // A later page of this tab may have another one.
                client.find_session().await;
            }
            if let (Status::Starting, Some(session)) = (client.status(), client.session()) {
                client.set_status(Status::SignedIn(session));
            }
            client.tick_after_wake();
        });
    }

    /// The page showed nobody. Meanwhile somebody may have signed in in this tab.
    fn look_for_session(&self) {
        if !matches!(self.status(), Status::SignedOut) {
            return;
        }
        let client = self.clone();
        spawn_local(async move {
            client.find_session().await;
        });
    }

    /// Whether the session is still what it was when this tab last heard of it.
    pub(super) async fn catch_up(&self) {
        if self.session().is_none() {
            return;
        }
        let Some(ledger) = self.ledger().await else { return self.look().await };
        // It may have ended meanwhile; and while it begins, what is written is of the one before.
        let (true, Some(era)) = (self.session().is_some(), self.0.era.get()) else { return };
        let own = self.own();
        if era != ledger.era {
            let is_revoked = match self.sharing() {
                Some(sharing) => self.read_kept(&sharing).await.0 == Found::Gone,
                None => false,
            };
            return self.obey_sign_out(is_revoked);
        }
        if let (Some(person), Some(known)) = (&ledger.person, &own.person)
            && person != known
        {
            return self.make_way();
        }
        self.look().await;
    }

    /// How many times somebody has signed out. `None` where the browser keeps nothing.
    pub(super) async fn era(&self) -> Option<u64> {
        self.ledger().await.map(|ledger| ledger.era)
    }

    /// Signs out as another tab did. `is_revoked` tells that it has handed these very tokens back.
    pub(super) fn obey_sign_out(&self, is_revoked: bool) {
        let sharing = self.forget_sharing();
        let Some(tokens) = self.show_nobody() else { return };
        let client = self.clone();
        spawn_local(async move {
            if let Some(sharing) = sharing {
                client.end_kept(&sharing, Some(sharing.generation)).await;
            }
            if !is_revoked {
                client.revoke_tokens(&tokens).await;
            }
        });
    }

    /// Forgets the session in this page only; whoever ended it has seen to the rest.
    fn show_nobody(&self) -> Option<Rc<Tokens>> {
        let tokens = self.forget_session()?;
        self.set_status(Status::SignedOut);
        self.emit(&Event::SignedOutElsewhere);
        Some(tokens)
    }

    /// Somebody else has signed in in this browser.
    fn make_way(&self) {
        let sharing = self.sharing();
        let Some(tokens) = self.end_elsewhere(ErrorCode::AnotherPerson.into()) else { return };
        self.hand_back_set(tokens.set.clone(), tokens.key.clone());
        let client = self.clone();
        spawn_local(async move {
            if let Some(sharing) = sharing {
                client.end_kept(&sharing, Some(sharing.generation)).await;
            }
        });
    }

    /// The session ends for a reason that another tab found out.
    fn end_elsewhere(&self, error: Error) -> Option<Rc<Tokens>> {
        self.forget_sharing();
        let tokens = self.forget_session()?;
        self.emit(&Event::Refused { error: error.clone() });
        self.set_status(Status::Failed(error));
        Some(tokens)
    }

    async fn ledger(&self) -> Option<Ledger> {
        self.change_ledger(Box::new(|_| {})).await
    }

    /// Changes the ledger, and returns what it is then. `None` where the browser keeps nothing.
    async fn change_ledger(&self, change: Box<dyn FnOnce(&mut Ledger)>) -> Option<Ledger> {
        let until = self.now().0.saturating_add(LIFETIME);
        let after = Rc::new(core::cell::RefCell::new(Ledger::default()));
        let result = after.clone();
        let decision = move |record: Option<&Record>| {
            let before =
                record.and_then(|record| Ledger::from_text(&record.text)).unwrap_or_default();
            let mut ledger = before.clone();
            change(&mut ledger);
            result.replace(ledger.clone());
            if ledger == before {
                return Change::Leave;
            }
            Change::Write(Record { until, text: ledger.to_text(), ..Record::default() })
        };
        let name = ["tabs:", &self.app()].concat();
        self.0.browser.records.change(name, Box::new(decision)).await.ok()?;
        let ledger = after.take();
        Some(ledger)
    }
}

/// Whether somebody has signed out since there had been so many sign-outs.
pub(super) fn is_later(era: Option<u64>, known: Option<u64>) -> bool {
    matches!((era, known), (Some(era), Some(known)) if era != known)
}
