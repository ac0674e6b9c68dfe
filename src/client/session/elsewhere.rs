//! What happens in other tabs, or while this page was asleep or away, and what it means for the session here.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use super::Sessions;
use super::current::Begun;
use super::tokens::Tokens;
use super::turn::Found;
use crate::client::events::Event;
use crate::client::provider::Unwanted;
use crate::client::status::Status;
use crate::client::tabs::is_later;
use crate::client::tabs::message::{Message, Own, Reaction, reaction};
use crate::protocol::{Error, ErrorCode};

impl Sessions {
    /// What another tab says.
    pub(in crate::client) fn hear(self: &Rc<Self>, message: &Message) {
        match reaction(&self.own(), message) {
            Reaction::None => {}
            Reaction::Look => {
                if let Message::Renewed { generation, .. } = message {
                    self.timing.note_newer(*generation);
                }
                self.look_in_background();
            }
            Reaction::Ask => self.ask_in_background(),
            Reaction::Find => self.ask_or_find(),
            Reaction::Take(address, active) => {
                self.stay_active(active);
                self.hear_answer(address);
            }
            Reaction::Answer => self.answer(),
            Reaction::SignOut { is_revoked } => self.obey_sign_out(is_revoked),
            Reaction::End => drop(self.end_elsewhere(ErrorCode::SessionEnded.into())),
            Reaction::MakeWay => self.make_way(),
            Reaction::TellActivity => self.tabs.tell(&Message::Active { at: self.active() }),
            Reaction::Stay(at) => self.stay_active(at),
        }
    }

    /// Gives the session to a tab that asks for it.
    fn answer(&self) {
        if let Some(record) = self.place.record() {
            self.tabs.tell(&Message::Here { kept: record.address, active: self.active() });
        }
    }

    fn own(&self) -> Own {
        let tokens = self.current.tokens();
        let record = self.place.record();
        Own {
            is_signed_in: tokens.is_some(),
            session: record.as_ref().map(|record| record.session()),
            generation: record.as_ref().map_or(0, |record| record.generation),
            era: self.place.era(),
            person: tokens.and_then(|tokens| tokens.set.person_hash()),
            is_asking: self.is_asking(),
        }
    }

    /// Somebody has signed in elsewhere, while nobody is here.
    fn ask_in_background(self: &Rc<Self>) {
        self.context.emit(&Event::SignedInElsewhere);
        self.ask_or_find();
    }

    /// A tab has a session to offer that it did not have before.
    fn ask_or_find(self: &Rc<Self>) {
        if self.is_waiting() {
            return self.tabs.tell(&Message::Who);
        }
        self.find_in_background();
    }

    fn look_in_background(self: &Rc<Self>) {
        let sessions = self.clone();
        spawn_local(async move { sessions.look().await });
    }

    /// Goes on with what is kept, if it is newer; ends when nothing is kept any more.
    async fn look(self: &Rc<Self>) {
        let Some(record) = self.place.record() else { return };
        let begun = self.current.begun();
        let (found, stored) = self.records.read(&record).await;
        // Meanwhile another one may have looked, or signed out.
        let Some(current) = self.place.record() else { return };
        if current.address != record.address {
            return;
        }
        if found != Found::Unreadable {
            self.timing.judge_found(found);
        }
        match (found, stored) {
            (Found::Gone, _) => self.end_without_record(begun).await,
            (Found::Kept(generation), Some(stored)) if generation > current.generation => {
                self.adopt(begun, stored);
            }
            _ => {}
        }
    }

    /// The session is not kept any more: another tab has signed out, or has ended it, or else the browser has lost
    /// the record, which the person is told. What is in it may be spent.
    pub(super) async fn end_without_record(self: &Rc<Self>, begun: Begun) {
        let (era, known) = (self.tabs.era().await, self.place.era());
        if self.current.tokens_of(begun).is_err() {
            return;
        }
        if era.is_none() || is_later(era, known) {
            return self.obey_sign_out(true);
        }
        self.end_elsewhere(Error::new(ErrorCode::SessionEnded).about("IndexedDB"));
        // Somebody whom the provider does not name may have signed in in its place.
        self.find_in_background();
    }

    /// The page is seen again, or the network is back.
    pub(in crate::client) fn wake(self: &Rc<Self>) {
        self.tick_after_wake();
        if self.current.tokens().is_none() {
            return self.find_in_background();
        }
        let sessions = self.clone();
        spawn_local(async move { sessions.catch_up().await });
    }

    /// The page comes out of the back-forward cache: what it showed when it was left may be somebody
    /// else's by now.
    pub(in crate::client) fn come_back(self: &Rc<Self>) {
        if self.current.tokens().is_none() {
            return self.find_in_background();
        }
        // What a later page of this tab has ended needs no question, which WebKit may answer late: a page
        // that is left while it writes keeps all others waiting.
        if self.place.record().is_some_and(|own| !self.place.is_noted(&own)) {
            self.forget_record();
            self.show_nobody();
            return self.find_in_background();
        }
        self.context.set_status(Status::Starting);
        let sessions = self.clone();
        spawn_local(async move {
            sessions.catch_up().await;
            if sessions.current.tokens().is_none() {
                // A later page of this tab may have another one.
                sessions.find().await;
            }
            if matches!(sessions.context.status(), Status::Starting) {
                sessions.show_who_is_here();
            }
            sessions.tick_after_wake();
        });
    }

    /// Whether somebody has signed out, in whatever tab, since there had been so many sign-outs.
    pub(in crate::client) async fn has_signed_out_since(&self, era: Option<u64>) -> bool {
        is_later(self.tabs.era().await, era)
    }

    /// Whether the session is still what it was when this tab last heard of it.
    pub(super) async fn catch_up(self: &Rc<Self>) {
        if self.current.tokens().is_none() {
            return;
        }
        let Some(ledger) = self.tabs.ledger().await else { return self.look().await };
        // It may have ended meanwhile; and while it begins, what is written is of the one before.
        let (Some(_), Some(era)) = (self.current.tokens(), self.place.era()) else { return };
        let own = self.own();
        if era != ledger.era {
            let is_revoked = match self.place.record() {
                Some(record) => self.records.read(&record).await.0 == Found::Gone,
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

    /// Signs out as another tab did. `is_revoked` tells that it has handed these very tokens back.
    fn obey_sign_out(self: &Rc<Self>, is_revoked: bool) {
        let record = self.forget_record();
        let Some(tokens) = self.show_nobody() else { return };
        let sessions = self.clone();
        spawn_local(async move {
            if let Some(record) = record {
                sessions.end_kept(&record, Some(record.generation)).await;
            }
            if !is_revoked {
                sessions.provider.hand_back(Unwanted::set(&tokens.set, tokens.key.clone()));
            }
        });
    }

    /// Forgets the session in this page only; whoever ended it has seen to the rest.
    fn show_nobody(&self) -> Option<Rc<Tokens>> {
        let tokens = self.forget_session()?;
        self.context.set_status(Status::SignedOut);
        self.context.emit(&Event::SignedOutElsewhere);
        Some(tokens)
    }

    /// Somebody else has signed in in this browser.
    fn make_way(self: &Rc<Self>) {
        let record = self.place.record();
        let Some(tokens) = self.end_elsewhere(ErrorCode::AnotherPerson.into()) else { return };
        self.provider.hand_back(Unwanted::set(&tokens.set, tokens.key.clone()));
        let sessions = self.clone();
        spawn_local(async move {
            if let Some(record) = record {
                sessions.end_kept(&record, Some(record.generation)).await;
            }
        });
    }

    /// The session ends for a reason that another tab found out.
    fn end_elsewhere(&self, error: Error) -> Option<Rc<Tokens>> {
        self.forget_record();
        let tokens = self.forget_session()?;
        self.context.emit_refusal(&error);
        self.context.set_status(Status::Failed(error));
        Some(tokens)
    }
}
