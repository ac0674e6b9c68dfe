//! Tokens that serve for a call of an API: renewed before they run out, and once more when the API refuses
//! them.

use std::cell::RefCell;
use std::rc::Rc;

use super::Sessions;
use super::current::Begun;
use super::schedule::Schedule;
use super::tokens::Tokens;
use crate::client::status::{Session, Status};
use crate::protocol::refused_token::wants_another_token;
use crate::protocol::{AccessToken, Error, ErrorCode, ServerResponse, UnixTime};

/// For how many seconds an API for which the provider gave no token is not asked about again.
const REFUSED_FOR: u64 = 60;

/// What is known of tokens that were of no use.
#[derive(Default)]
pub(super) struct Refused {
    /// For which APIs the provider gave no token, in this session.
    apis: RefCell<Vec<RefusedApi>>,
    /// The token that a server refused although it had just been made, and the server's origin.
    in_vain: RefCell<Option<(String, AccessToken)>>,
}

impl Refused {
    /// Another session begins.
    pub(super) fn forget(&self) {
        self.apis.take();
    }
}

/// An API for which the provider gave no token.
struct RefusedApi {
    /// By the name of its token.
    name: String,
    until: UnixTime,
    error: Error,
}

impl Sessions {
    /// The tokens to send, with that of an API in the place of the session's own where it has one: renewed before,
    /// where they are about to run out. That the provider can't renew them just now is no reason not to send what
    /// is still good; what has run out is not sent.
    pub(in crate::client) async fn tokens_for_call(
        self: &Rc<Self>,
        api: Option<&str>,
    ) -> Result<Rc<Tokens>, Error> {
        self.tokens()?;
        // Its end may have come unnoticed, while the computer slept.
        let _ = self.keep_to_end();
        if let (Err(_), Status::Failed(error)) = (self.tokens(), self.context.status()) {
            return Err(error);
        }
        let own = self.tokens()?;
        let held = self.tokens_for(api);
        // The token of an API is not here yet; the session's own is, even where nobody can renew it.
        if let Some(tokens) = held
            && (!own.session.is_renewable() || !self.is_worn(api))
        {
            return Ok(tokens);
        }
        let begun = self.current.begun();
        let renewed = self.renew_for(api).await;
        if let Err(error) = self.current.tokens_of(begun) {
            return Err(renewed.err().unwrap_or(error));
        }
        let held = self.tokens_for(api);
        if let Err(error) = renewed {
            let is_good = |tokens: &Rc<Tokens>| !has_run_out(&tokens.session, self.context.now());
            return held.filter(is_good).ok_or(error);
        }
        held.ok_or_else(|| ErrorCode::NotSignedIn.into())
    }

    /// The tokens as they are, with that of an API in the place of the session's own.
    fn tokens_for(&self, api: Option<&str>) -> Option<Rc<Tokens>> {
        let own = self.tokens().ok()?;
        let Some(name) = api else { return Some(own) };
        let set = own.set.for_api(name)?;
        Some(Rc::new(Tokens::new(set, own.key.clone(), self.context.config())))
    }

    /// The token of an API, or the session's own, as it is now.
    pub(super) fn token_for(&self, api: Option<&str>) -> Option<AccessToken> {
        Some(self.tokens_for(api)?.set.access_token.clone())
    }

    /// Whether a request should wait for a newer token.
    pub(super) fn is_worn(&self, api: Option<&str>) -> bool {
        if api.is_none() {
            return self.timing.is_worn(self.context.now());
        }
        self.tokens_for(api).is_none_or(|tokens| {
            let set = &tokens.set;
            Schedule::new(set.received, set.life, 0).is_worn(self.context.now())
        })
    }

    /// Renews the session's own token, or fetches that of an API.
    async fn renew_for(self: &Rc<Self>, api: Option<&str>) -> Result<(), Error> {
        if let Some(error) = api.and_then(|name| self.refusal_of_api(name)) {
            return Err(error);
        }
        let begun = self.current.begun();
        let renewed = self.refresh(api).await;
        // What was refused to one session says nothing of the next: the person may have consented by then.
        if let (Some(name), Err(error)) = (api, &renewed)
            && error.code() == ErrorCode::ApiTokenRefused
            && self.current.is_same(begun)
        {
            // Some say so of a person who has not consented. Whether the session is over tells its own renewal.
            if error.provider().is_some_and(|said| said.error == "invalid_grant") {
                self.refresh(None).await?;
            }
            self.note_refused_api(name, error);
        }
        renewed
    }

    /// Remembers for a while that the provider gives no token for an API: otherwise each call would ask.
    fn note_refused_api(&self, name: &str, error: &Error) {
        let mut refused = self.refused.apis.borrow_mut();
        refused.retain(|refused| refused.name != name);
        let until = self.context.now().plus(REFUSED_FOR);
        refused.push(RefusedApi { name: name.to_owned(), until, error: error.clone() });
    }

    fn refusal_of_api(&self, name: &str) -> Option<Error> {
        let refused = self.refused.apis.borrow();
        let refused = refused.iter().find(|refused| refused.name == name)?;
        (self.context.now() < refused.until).then(|| refused.error.clone())
    }

    /// The tokens for a second try after `refused` were refused; `None` when the answer stands. Where
    /// somebody has renewed them meanwhile, nothing more is asked of the provider. `is_own` says that the
    /// server is the provider itself, which refuses its own token for no other reason than that it is over.
    pub(in crate::client) async fn tokens_instead_of(
        self: &Rc<Self>,
        begun: Begun,
        refused: &Tokens,
        response: &ServerResponse,
        origin: &str,
        api: Option<&str>,
        is_own: bool,
    ) -> Result<Option<Rc<Tokens>>, Error> {
        // Without a reason it may have run out; where nobody knows its end, that is likely.
        let may_be_over =
            is_own || refused.session.expires_at().is_none_or(|end| end <= self.context.now());
        if !wants_another_token(response, may_be_over) {
            return Ok(None);
        }
        let is_current = |tokens: Rc<Tokens>| tokens.set.access_token == refused.set.access_token;
        let may_renew =
            refused.session.is_renewable() && !self.was_renewed_in_vain(origin, refused);
        if may_renew && self.tokens_for(api).is_some_and(is_current) {
            let renewed = self.renew_for(api).await;
            // The end of the session is told. A fault is not what the app asked about: the answer is.
            if renewed.is_err() && self.current.tokens().is_none() {
                return renewed.map(|()| None);
            }
        }
        let is_other = |tokens: &Rc<Tokens>| {
            tokens.set.access_token != refused.set.access_token
                && (self.current.is_same(begun) || tokens.set.names_same_person(&refused.set))
        };
        Ok(self.tokens_for(api).filter(is_other))
    }

    /// Remembers a token that was refused although it had just been made: a server that refuses every
    /// token would otherwise have one made at each call.
    pub(in crate::client) fn note_second_answer(
        &self,
        origin: &str,
        tokens: &Tokens,
        response: &ServerResponse,
    ) {
        let is_refused = wants_another_token(response, false);
        let refused = is_refused.then(|| (origin.to_owned(), tokens.set.access_token.clone()));
        self.refused.in_vain.replace(refused);
    }

    fn was_renewed_in_vain(&self, origin: &str, tokens: &Tokens) -> bool {
        let known = self.refused.in_vain.borrow();
        known
            .as_ref()
            .is_some_and(|(server, token)| server == origin && *token == tokens.set.access_token)
    }
}

fn has_run_out(session: &Session, now: UnixTime) -> bool {
    session.expires_at().is_some_and(|end| end <= now)
}
