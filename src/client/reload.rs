//! A page that is loaded anew, where the tokens of a session were in memory only: the provider may let it go on
//! (OpenID Connect Core 3.1.2.1, `prompt=none`).

use super::callback::Outcome;
use super::sign_in::SignIn;
use super::{Client, Status};
use crate::protocol::json::{Object, Writer};
use crate::protocol::{Error, Reload, UnixTime};

/// How the key begins under which it is remembered that somebody had signed in in this tab.
pub(super) const RETURNING: &str = "pixy-login:returning:";

impl Client {
    /// Where nobody is signed in any more because the page was loaded anew, the provider may still know the
    /// person. It is asked once: what it says to that is the last word. Not after a sign-out, in whatever tab,
    /// nor for a session that has come to its limits.
    pub(super) async fn ask_provider(&self) -> Result<Outcome, Error> {
        let storage = &self.0.browser.storage;
        let entry = storage.get(&self.returning_entry()).ok().flatten();
        let is_wanted =
            self.config().wanted_reload() == Reload::AskProvider && self.session().is_none();
        let (true, Some(entry)) = (is_wanted, entry) else { return Ok(Outcome::NoCallback) };
        if storage.remove(&self.returning_entry()).is_err() {
            return Ok(Outcome::NoCallback);
        }
        self.begin_to_watch().await;
        let Some(began) = self.read_returning(&entry).await else { return Ok(Outcome::NoCallback) };
        match self.sign_in(SignIn::resuming(began)?).await {
            Ok(()) => Ok(Outcome::SigningIn),
            Err(_) => {
                // Nobody has been asked, so the next page may try.
                let _ = storage.set(&self.returning_entry(), &entry);
                self.set_status(Status::SignedOut);
                Ok(Outcome::NoCallback)
            }
        }
    }

    /// When the session began that may go on.
    async fn read_returning(&self, entry: &str) -> Option<UnixTime> {
        let entry = Object::parse(entry).ok()?;
        let era = entry.optional_unsigned("era").ok()?;
        let began = UnixTime(entry.unsigned("began").ok()?);
        (era == self.0.era.get() && !self.is_over(began).await).then_some(began)
    }

    /// Somebody has signed in in this tab, and nothing of it is kept.
    pub(super) fn expect_to_return(&self) {
        let Ok(tokens) = self.tokens() else { return };
        if self.config().wanted_reload() == Reload::SignedOut || self.sharing().is_some() {
            return;
        }
        let entry = Writer::default()
            .number("began", tokens.set.began.0)
            .optional_number("era", self.0.era.get());
        // Where it is denied nobody is signed in after a reload.
        let _ = self.0.browser.storage.set(&self.returning_entry(), &entry.finish());
    }

    pub(super) fn returning_entry(&self) -> String {
        [RETURNING, &self.app()].concat()
    }
}
