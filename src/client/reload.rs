//! A page that is loaded anew, where the tokens of a session were in memory only: the provider may let it go on
//! (OpenID Connect Core 3.1.2.1, `prompt=none`).

use super::callback::Outcome;
use super::sign_in::SignIn;
use super::tabs::is_later;
use super::{Client, Status};
use crate::protocol::json::{Object, Writer};
use crate::protocol::{Error, Reload, UnixTime};

/// How the key begins under which it is remembered that somebody had signed in in this tab.
pub(super) const RETURNING: &str = "pixy-login:returning:";

/// What is remembered of somebody who had signed in in this tab, where nothing of it is kept.
#[derive(Clone, Copy)]
struct Returning {
    began: UnixTime,
    /// How many sign-outs there had been.
    era: Option<u64>,
    /// Whether the provider was asked.
    is_asked: bool,
}

impl Returning {
    fn from_text(text: &str) -> Option<Self> {
        let entry = Object::parse(text).ok()?;
        Some(Self {
            began: UnixTime(entry.unsigned("began").ok()?),
            era: entry.optional_unsigned("era").ok()?,
            is_asked: entry.flag("asked").ok()?,
        })
    }

    fn to_text(self) -> String {
        let writer = Writer::default().number("began", self.began.0);
        writer.optional_number("era", self.era).flag("asked", self.is_asked).finish()
    }
}

impl Client {
    /// Where nobody is signed in any more because the page was loaded anew, the provider may still know the
    /// person. It is asked once: what it says to that is the last word. Not after a sign-out, in whatever tab,
    /// nor for a session that has come to its limits.
    pub(super) async fn ask_provider(&self) -> Result<Outcome, Error> {
        let session = self.which_session();
        let is_wanted =
            self.config().wanted_reload() == Reload::AskProvider && self.session().is_none();
        let returning = self.returning().filter(|returning| is_wanted && !returning.is_asked);
        let Some(returning) = returning else { return Ok(Outcome::NoCallback) };
        let is_noted = self.note_returning(Returning { is_asked: true, ..returning });
        if !is_noted
            || self.is_over(returning.began).await
            || self.has_signed_out_since(returning).await
            || self.which_session() != session
        {
            return Ok(Outcome::NoCallback);
        }
        match self.sign_in(SignIn::resuming(returning.began)?).await {
            Ok(()) => Ok(Outcome::SigningIn),
            Err(_) => {
                // Nobody has been asked, so the next page may try.
                self.note_returning(returning);
                self.set_status(Status::SignedOut);
                Ok(Outcome::NoCallback)
            }
        }
    }

    /// Whether somebody has signed out, in whatever tab, since the provider was asked.
    pub(super) async fn has_signed_out_meanwhile(&self) -> bool {
        match self.returning() {
            Some(returning) => self.has_signed_out_since(returning).await,
            None => false,
        }
    }

    async fn has_signed_out_since(&self, returning: Returning) -> bool {
        is_later(self.era().await, returning.era)
    }

    /// Somebody has signed in in this tab, and nothing of it is kept.
    pub(super) fn expect_to_return(&self) {
        let Ok(tokens) = self.tokens() else { return };
        if self.config().wanted_reload() == Reload::SignedOut || self.sharing().is_some() {
            return;
        }
        // Where it is denied nobody is signed in after a reload.
        self.note_returning(Returning {
            began: tokens.set.began,
            era: self.0.era.get(),
            is_asked: false,
        });
    }

    fn returning(&self) -> Option<Returning> {
        let text = self.0.browser.storage.get(&self.returning_entry()).ok()??;
        Returning::from_text(&text)
    }

    fn note_returning(&self, returning: Returning) -> bool {
        self.0.browser.storage.set(&self.returning_entry(), &returning.to_text()).is_ok()
    }

    pub(super) fn returning_entry(&self) -> String {
        [RETURNING, &self.app()].concat()
    }
}
