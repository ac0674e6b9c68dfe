//! What is remembered of somebody who had signed in in this tab, where nothing of the session is kept: the provider
//! may let it go on (`login/silent.rs`).

use std::rc::Rc;

use crate::client::context::Context;
use crate::client::stored::Stored;
use crate::protocol::json::{Object, Writer};
use crate::protocol::{Reload, TokenSet, UnixTime};

/// How the key begins under which that is.
pub(in crate::client) const PREFIX: &str = "pixy-login:returning:";

/// Somebody who had signed in in this tab.
#[derive(Clone)]
pub(in crate::client) struct Returning {
    pub(in crate::client) began: UnixTime,
    /// How many sign-outs there had been.
    pub(in crate::client) era: Option<u64>,
    /// Whether the provider was asked.
    is_asked: bool,
    /// Who it was, as a hash: nobody else goes on with their session.
    person: Option<String>,
    /// What the provider knows them by.
    pub(in crate::client) hint: Option<String>,
}

impl Returning {
    /// Whether these tokens, which the provider gave without a word to anybody, are of this person: by now
    /// another one may be signed in there.
    pub(in crate::client) fn is_owner_of(&self, set: &TokenSet) -> bool {
        self.person == set.person_hash()
    }

    /// Whether the provider may be asked whether they go on: once.
    pub(in crate::client) const fn may_be_asked_about(&self) -> bool {
        !self.is_asked
    }

    /// The provider is asked about them.
    pub(in crate::client) fn asked(self) -> Self {
        Self { is_asked: true, ..self }
    }
}

impl Stored for Returning {
    fn key(context: &Context) -> String {
        [PREFIX, &context.app()].concat()
    }

    fn from_text(text: &str) -> Option<Self> {
        let entry = Object::parse(text).ok()?;
        Some(Self {
            began: UnixTime(entry.unsigned("began").ok()?),
            era: entry.optional_unsigned("era").ok()?,
            is_asked: entry.flag("asked").ok()?,
            person: entry.optional_text("person").ok()?.map(str::to_owned),
            hint: entry.optional_text("hint").ok()?.map(str::to_owned),
        })
    }

    fn to_text(&self) -> String {
        Writer::default()
            .number("began", self.began.0)
            .optional_number("era", self.era)
            .flag("asked", self.is_asked)
            .optional_text("person", self.person.as_deref())
            .optional_text("hint", self.hint.as_deref())
            .finish()
    }
}

/// Where it is remembered.
pub(in crate::client) struct Returns(Rc<Context>);

impl Returns {
    pub(in crate::client) const fn new(context: Rc<Context>) -> Self {
        Self(context)
    }

    /// The next page may ask the provider whether this session may go on.
    pub(super) fn expect(&self, set: &TokenSet, era: Option<u64>) {
        if self.0.config().wanted_reload() == Reload::AskProvider {
            // Where it is denied nobody is signed in after a reload.
            self.note(&Returning {
                began: set.began,
                era,
                is_asked: false,
                person: set.person_hash(),
                hint: set.login_hint().map(str::to_owned),
            });
        }
    }

    pub(in crate::client) fn get(&self) -> Option<Returning> {
        self.0.stored()
    }

    /// Returns whether the browser did it.
    pub(in crate::client) fn note(&self, returning: &Returning) -> bool {
        self.0.store(returning)
    }

    pub(in crate::client) fn forget(&self) {
        self.0.forget_stored::<Returning>();
    }
}
