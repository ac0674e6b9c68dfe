//! Tokens that serve for a call of an API: renewed before they run out, and once more when the API refuses
//! them.

use std::rc::Rc;

use super::session::{Session, Tokens};
use super::{Client, Status};
use crate::protocol::refused_token::wants_another_token;
use crate::protocol::{Error, ServerResponse, UnixTime};

impl Client {
    /// The tokens to send: renewed before, where they are about to run out. That the provider can't renew
    /// them just now is no reason not to send what is still good; what has run out is not sent.
    pub(super) async fn tokens_for_call(&self) -> Result<Rc<Tokens>, Error> {
        self.tokens()?;
        // Its end may have come unnoticed, while the computer slept.
        let _ = self.keep_to_end();
        let tokens = match (self.tokens(), self.status()) {
            (Err(_), Status::Failed(error)) => return Err(error),
            (tokens, _) => tokens?,
        };
        if !tokens.session.is_renewable() || !self.is_worn() {
            return Ok(tokens);
        }
        let session = self.which_session();
        let renewed = self.refresh().await;
        if let Err(error) = self.tokens_of(session) {
            return Err(renewed.err().unwrap_or(error));
        }
        if let Err(error) = renewed {
            let is_good = |session: Session| !has_run_out(&session, self.now());
            if !self.session().is_some_and(is_good) {
                return Err(error);
            }
        }
        self.tokens()
    }

    /// The tokens for a second try after `refused` were refused; `None` when the answer stands. Where
    /// somebody has renewed them meanwhile, nothing more is asked of the provider. `is_own` says that the
    /// server is the provider itself, which refuses its own token for no other reason than that it is over.
    pub(super) async fn tokens_instead_of(
        &self,
        session: u64,
        refused: &Tokens,
        response: &ServerResponse,
        origin: &str,
        is_own: bool,
    ) -> Result<Option<Rc<Tokens>>, Error> {
        // Without a reason it may have run out; where nobody knows its end, that is likely.
        let may_be_over =
            is_own || refused.session.expires_at().is_none_or(|end| end <= self.now());
        if !wants_another_token(response, may_be_over) {
            return Ok(None);
        }
        let is_current = |tokens: Rc<Tokens>| tokens.set.access_token == refused.set.access_token;
        let may_renew =
            refused.session.is_renewable() && !self.was_renewed_in_vain(origin, refused);
        if may_renew && self.tokens().is_ok_and(is_current) {
            let renewed = self.refresh().await;
            // The end of the session is told. A fault is not what the app asked about: the answer is.
            if renewed.is_err() && self.session().is_none() {
                return renewed.map(|()| None);
            }
        }
        let is_other = |tokens: &Rc<Tokens>| {
            tokens.set.access_token != refused.set.access_token
                && (self.which_session() == session || tokens.set.names_same_person(&refused.set))
        };
        Ok(self.tokens().ok().filter(is_other))
    }

    /// Remembers a token that was refused although it had just been made: a server that refuses every
    /// token would otherwise have one made at each call.
    pub(super) fn note_second_answer(
        &self,
        origin: &str,
        tokens: &Tokens,
        response: &ServerResponse,
    ) {
        let is_refused = wants_another_token(response, false);
        let refused = is_refused.then(|| (origin.to_owned(), tokens.set.access_token.clone()));
        self.0.renewed_in_vain.replace(refused);
    }

    fn was_renewed_in_vain(&self, origin: &str, tokens: &Tokens) -> bool {
        let known = self.0.renewed_in_vain.borrow();
        known
            .as_ref()
            .is_some_and(|(server, token)| server == origin && *token == tokens.set.access_token)
    }
}

fn has_run_out(session: &Session, now: UnixTime) -> bool {
    session.expires_at().is_some_and(|end| end <= now)
}
