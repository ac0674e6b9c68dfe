//! Signing in again for what a resource server asks for, and repeating the request that it refused.

use futures_util::FutureExt as _;
use futures_util::future::ready;
use wasm_bindgen_futures::spawn_local;

use super::resource::ResourceRequest;
use super::session::Tokens;
use super::sign_in::SignIn;
use super::{Beginning, Client, Event};
use crate::protocol::policy::StepUpPolicy;
use crate::protocol::{Error, ErrorCode, PendingLogin, RefusedRequest, ServerResponse, StepUp};

/// How many times in a row the client leaves by itself.
const MOST_IN_A_ROW: u64 = 3;

impl Client {
    /// What came of the request for which the person had to sign in again, once they are back: its
    /// answer, or the reason why it was not repeated. `None` when they signed in for another reason, or
    /// the app kept no request.
    pub async fn repeated(&self) -> Option<Result<ServerResponse, Error>> {
        if let Some(vault) = self.vault() {
            return vault.repeated().await;
        }
        let flight = self.0.repeated.borrow().clone()?;
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
        beginning: Beginning,
    ) -> Result<(), Error> {
        if self.config().wanted_step_up() == StepUpPolicy::ByHand {
            return Ok(());
        }
        let Some(asked) = StepUp::from_response(response) else { return Ok(()) };
        if self.is_called_off(beginning) {
            return Ok(());
        }
        // Its token is asked for with that scope and no more.
        let api = self.config().api_of(&request.request.url);
        if !asked.scope().is_empty() && api.is_ok_and(|(_, api)| !api.wanted_scope().is_empty()) {
            return Ok(());
        }
        let is_covered = tokens.set.step_up.as_ref().is_some_and(|brought| brought.covers(&asked));
        if is_covered || tokens.set.step_ups >= MOST_IN_A_ROW || self.is_under_way() {
            return Ok(());
        }
        // Without a name for the person nobody could tell whether it is the same one who comes back.
        let person = tokens.set.person();
        let Some(refused) = person.and_then(|person| request.to_repeat(&person)) else {
            return Ok(());
        };
        self.emit(&Event::StepUpStarted { asked: asked.clone() });
        // Whoever signed out meanwhile doesn't want to be signed in again.
        if self.is_called_off(beginning) || self.session().is_none() {
            return Ok(());
        }
        self.sign_in(SignIn::new().step_up(&asked).repeating(refused, tokens.set.step_ups + 1))
            .await?;
        Err(ErrorCode::SigningInAgain.into())
    }

    /// Repeats, once and without leaving again, the request for which the login was begun, if it brought
    /// what was asked for, and the same person.
    pub(super) fn repeat(&self, login: &PendingLogin) {
        let Some(needed) = login.needed_scope() else { return };
        let Some(session) = self.session() else { return };
        let missing = needed.missing_from(session.scope());
        let refused = login.refused_request();
        let person = self.tokens().ok().and_then(|tokens| tokens.set.person());
        let is_of = |refused: &RefusedRequest| person.as_deref() == Some(refused.person());
        let error = if !missing.is_empty() {
            Some(Error::new(ErrorCode::InsufficientScope).about(&missing.joined()))
        } else if !refused.is_none_or(is_of) {
            Some(Error::new(ErrorCode::SubjectMismatch).about("request"))
        } else {
            None
        };
        let client = self.clone();
        let outcome = match (error, refused.map(ResourceRequest::from_refused)) {
            (Some(error), _) => {
                self.emit(&Event::Refused { error: error.clone() });
                ready(Err(error)).boxed_local()
            }
            (None, Some(request)) => {
                async move { client.send_to_resource(request).await }.boxed_local()
            }
            (None, None) => return,
        };
        let flight = outcome.shared();
        self.0.repeated.replace(Some(flight.clone()));
        // How it ended is for whoever asks.
        spawn_local(async move { drop(flight.await) });
    }
}
