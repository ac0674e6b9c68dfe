//! A page that is loaded anew, where the tokens of a session were in memory only: the provider may let it go on
//! (OpenID Connect Core 3.1.2.1, `prompt=none`).

use std::rc::Rc;

use super::{Login, Outcome, SignIn, may_be_left};
use crate::client::status::Status;
use crate::protocol::{Error, Reload};

impl Login {
    /// Where nobody is signed in any more because the page was loaded anew, the provider may still know the
    /// person. It is asked once: what it says to that is the last word. Not after a sign-out, in whatever tab,
    /// nor for a session that has come to its limits, nor in a frame.
    pub(super) async fn ask_provider(self: &Rc<Self>) -> Result<Outcome, Error> {
        let begun = self.sessions.begun();
        let returns = self.sessions.returns();
        let is_wanted = self.context.config().wanted_reload() == Reload::AskProvider
            && self.sessions.session().is_none()
            && may_be_left(self.context.browser()).is_ok();
        let returning = returns.get().filter(|it| is_wanted && it.may_be_asked_about());
        let Some(returning) = returning else { return Ok(Outcome::NoCallback) };
        let is_noted = returns.note(&returning.clone().asked());
        if !is_noted
            || self.sessions.is_over(returning.began).await
            || self.sessions.has_signed_out_since(returning.era).await
            || !self.sessions.is_same(begun)
        {
            return Ok(Outcome::NoCallback);
        }
        let resuming = SignIn::resuming(returning.began, returning.hint.as_deref())?;
        match self.sign_in(resuming).await {
            Ok(()) => Ok(Outcome::SigningIn),
            Err(_) => {
                // Nobody has been asked, so the next page may try.
                returns.note(&returning);
                self.context.set_status(Status::SignedOut);
                Ok(Outcome::NoCallback)
            }
        }
    }

    /// Whether somebody has signed out, in whatever tab, since the provider was asked.
    pub(super) async fn has_signed_out_meanwhile(&self) -> bool {
        match self.sessions.returns().get() {
            Some(returning) => self.sessions.has_signed_out_since(returning.era).await,
            None => false,
        }
    }
}
