//! Signing in again for what a resource server asks for, and repeating the request that it refused.
//!
//! A feature, for what a login may have to do afterwards would be in every app that signs in.

use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::ready;

use super::{Api, ResourceRequest};
use crate::client::events::Event;
use crate::client::flight::in_any_case;
use crate::client::login::SignIn;
use crate::client::session::{Begun, Tokens};
use crate::protocol::policy::StepUpPolicy;
use crate::protocol::{Error, ErrorCode, PendingLogin, RefusedRequest, ServerResponse, StepUp};

/// How many times in a row the client leaves by itself.
const MOST_IN_A_ROW: u64 = 3;

impl Api {
    /// What came of the request for which the person had to sign in again.
    pub(in crate::client) async fn repeated(&self) -> Option<Result<ServerResponse, Error>> {
        let flight = self.repeated.borrow().clone()?;
        Some(flight.await)
    }

    /// Leaves to sign in again, where the app lets the client do so, for what the answer asks for. Not
    /// twice for the same: if the new token is not enough, no other will be. Nor more than a few times in
    /// a row: a server that always wants something else would keep the person on the way for ever.
    ///
    /// # Errors
    ///
    /// `signing_in_again` when the page is about to be left, and whatever keeps it from that.
    pub(super) async fn step_up(
        &self,
        request: &ResourceRequest,
        response: &ServerResponse,
        tokens: &Tokens,
        begun: Begun,
    ) -> Result<(), Error> {
        if self.context.config().wanted_step_up() == StepUpPolicy::ByHand {
            return Ok(());
        }
        let Some(asked) = StepUp::from_response(response) else { return Ok(()) };
        if self.sessions.is_called_off(begun) {
            return Ok(());
        }
        // Its token is asked for with that scope and no more.
        let api = self.context.config().api_of(&request.request.url);
        if !asked.scope().is_empty() && api.is_ok_and(|(_, api)| !api.wanted_scope().is_empty()) {
            return Ok(());
        }
        let is_covered = tokens.set.step_up.as_ref().is_some_and(|brought| brought.covers(&asked));
        if is_covered || tokens.set.step_ups >= MOST_IN_A_ROW || self.login.is_under_way() {
            return Ok(());
        }
        // Without a name for the person nobody could tell whether it is the same one who comes back.
        let person = tokens.set.person();
        let Some(refused) = person.and_then(|person| request.to_repeat(&person)) else {
            return Ok(());
        };
        self.context.emit(&Event::StepUpStarted { asked: asked.clone() });
        // Whoever signed out meanwhile doesn't want to be signed in again.
        if self.sessions.is_called_off(begun) || self.sessions.session().is_none() {
            return Ok(());
        }
        self.login
            .sign_in(SignIn::new().step_up(&asked).repeating(refused, tokens.set.step_ups + 1))
            .await?;
        Err(ErrorCode::SigningInAgain.into())
    }

    /// Repeats, once and without leaving again, the request for which the login was begun, if it brought
    /// what was asked for, and the same person.
    pub(in crate::client) fn repeat(self: &Rc<Self>, login: &PendingLogin) {
        let Some(needed) = login.needed_scope() else { return };
        let Some(session) = self.sessions.session() else { return };
        let missing = needed.missing_from(session.scope());
        let refused = login.refused_request();
        let person = self.sessions.tokens().ok().and_then(|tokens| tokens.set.person());
        let is_of = |refused: &RefusedRequest| person.as_deref() == Some(refused.person());
        let error = if !missing.is_empty() {
            Some(Error::new(ErrorCode::InsufficientScope).about(&missing.joined()))
        } else if !refused.is_none_or(is_of) {
            Some(Error::new(ErrorCode::SubjectMismatch).about("request"))
        } else {
            None
        };
        let api = self.clone();
        let outcome = match (error, refused.map(ResourceRequest::from_refused)) {
            (Some(error), _) => {
                self.context.emit_refusal(&error);
                ready(Err(error)).boxed_local()
            }
            (None, Some(request)) => {
                async move { api.send_to_resource(request).await }.boxed_local()
            }
            (None, None) => return,
        };
        // How it ended is for whoever asks.
        self.repeated.replace(Some(in_any_case(outcome)));
    }
}
