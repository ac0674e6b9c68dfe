//! A page that is loaded anew, where the tokens of a session were in memory only: the provider may let it go on
//! (OpenID Connect Core 3.1.2.1, `prompt=none`).

use super::callback::Outcome;
use super::sign_in::SignIn;
use super::tabs::is_later;
use super::{Client, Status};
use crate::protocol::json::{Object, Writer};
use crate::protocol::{Error, Reload, TokenSet, UnixTime};

/// How the key begins under which it is remembered that somebody had signed in in this tab.
pub(super) const RETURNING: &str = "pixy-login:returning:";

/// What is remembered of somebody who had signed in in this tab, where nothing of it is kept.
#[derive(Clone)]
struct Returning {
    began: UnixTime,
    /// How many sign-outs there had been.
    era: Option<u64>,
    /// Whether the provider was asked.
    is_asked: bool,
    /// Who it was, as a hash: nobody else goes on with their session.
    person: Option<String>,
    /// What the provider knows them by.
    hint: Option<String>,
}

impl Returning {
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

impl Client {
    /// Where nobody is signed in any more because the page was loaded anew, the provider may still know the
    /// person. It is asked once: what it says to that is the last word. Not after a sign-out, in whatever tab,
    /// nor for a session that has come to its limits, nor in a frame.
    pub(super) async fn ask_provider(&self) -> Result<Outcome, Error> {
        let session = self.which_session();
        let is_wanted = self.config().wanted_reload() == Reload::AskProvider
            && self.session().is_none()
            && self.may_be_left().is_ok();
        let returning = self.returning().filter(|returning| is_wanted && !returning.is_asked);
        let Some(returning) = returning else { return Ok(Outcome::NoCallback) };
        let is_noted = self.note_returning(&Returning { is_asked: true, ..returning.clone() });
        if !is_noted
            || self.is_over(returning.began).await
            || self.has_signed_out_since(&returning).await
            || self.which_session() != session
        {
            return Ok(Outcome::NoCallback);
        }
        match self.sign_in(SignIn::resuming(returning.began, returning.hint.as_deref())?).await {
            Ok(()) => Ok(Outcome::SigningIn),
            Err(_) => {
                // Nobody has been asked, so the next page may try.
                self.note_returning(&returning);
                self.set_status(Status::SignedOut);
                Ok(Outcome::NoCallback)
            }
        }
    }

    /// Whether somebody has signed out, in whatever tab, since the provider was asked.
    pub(super) async fn has_signed_out_meanwhile(&self) -> bool {
        match self.returning() {
            Some(returning) => self.has_signed_out_since(&returning).await,
            None => false,
        }
    }

    async fn has_signed_out_since(&self, returning: &Returning) -> bool {
        is_later(self.era().await, returning.era)
    }

    /// Somebody has signed in in this tab, and nothing of it is kept.
    pub(super) fn expect_to_return(&self) {
        if let Ok(tokens) = self.tokens()
            && self.sharing().is_none()
        {
            self.expect_return_of(&tokens.set);
        }
    }

    /// The next page may ask the provider whether this session may go on.
    pub(super) fn expect_return_of(&self, set: &TokenSet) {
        if self.config().wanted_reload() == Reload::AskProvider {
            // Where it is denied nobody is signed in after a reload.
            self.note_returning(&Returning {
                began: set.began,
                era: self.0.era.get(),
                is_asked: false,
                person: set.person_hash(),
                hint: set.login_hint().map(str::to_owned),
            });
        }
    }

    /// Whether these tokens, which the provider gave without a word to anybody, are of the person whose
    /// session is to go on: by now another one may be signed in there.
    pub(super) fn is_of_returning(&self, set: &TokenSet) -> bool {
        self.returning().is_none_or(|known| known.person == set.person_hash())
    }

    fn returning(&self) -> Option<Returning> {
        let text = self.0.browser.storage.get(&self.returning_entry()).ok()??;
        Returning::from_text(&text)
    }

    fn note_returning(&self, returning: &Returning) -> bool {
        self.0.browser.storage.set(&self.returning_entry(), &returning.to_text()).is_ok()
    }

    pub(super) fn returning_entry(&self) -> String {
        [RETURNING, &self.app()].concat()
    }
}
