//! Coming back from the provider.

use std::rc::Rc;

use futures_util::future::join;

use super::again::Findings;
use super::outcome::Outcome;
use super::{Login, SignIn, pending};
use crate::browser::page;
use crate::client::events::Event;
use crate::client::provider::Unwanted;
use crate::client::session::Begun;
use crate::client::status::Status;
use crate::client::wire::{Key, post_form};
use crate::protocol::{
    Authorization, Callback, Error, ErrorCode, IdToken, InitiatedLogin, PendingLogin,
    RequestOptions, ReturnTo, ServerResponse, State, TokenRequest, TokenResponse, TokenSet,
};

impl Login {
    /// Handles the answer in the page's address, if there is one, and else finds the session that goes on.
    ///
    /// # Errors
    ///
    /// As [`Client::handle_callback`](crate::client::Client::handle_callback).
    pub(in crate::client) async fn arrive(self: Rc<Self>) -> Result<Outcome, Error> {
        // Until then other tabs seem to be silent, and whatever is spent may be for nobody.
        page::activation().await;
        let outcome = self.judge_and_redeem().await;
        if outcome.is_err() && self.sessions.session().is_none() {
            // A failure does not take the place of a session that is kept.
            self.sessions.restore().await;
        }
        match &outcome {
            Ok(Outcome::NoCallback | Outcome::SignedOut)
                if matches!(self.context.status(), Status::Starting) =>
            {
                self.context.set_status(Status::SignedOut);
            }
            Ok(Outcome::StillSignedOut { .. }) => self.context.set_status(Status::SignedOut),
            Err(error) => self.sessions.fail(error),
            Ok(_) => {}
        }
        outcome
    }

    async fn judge_and_redeem(self: &Rc<Self>) -> Result<Outcome, Error> {
        let Some(callback) = self.arrival.callback() else {
            // Verifiers don't outlive their ten minutes; where storage is denied, there are none.
            let storage = self.context.browser().storage.as_ref();
            let _ = pending::forget_expired(storage, self.context.now());
            self.sessions.find().await;
            return self.look_around().await;
        };
        if !self.arrival.is_ours(&callback) {
            self.sessions.find().await;
            return self.look_around_beside(&callback).await;
        }
        self.arrival.clean()?;
        #[cfg(feature = "popup")]
        if self.hand_over(&callback).await {
            return Ok(Outcome::HandedOver);
        }
        if let Some(return_to) = self.begun_in_another_tab(&callback).await {
            self.sessions.restore().await;
            if self.sessions.session().is_none() {
                self.leave_at_once(SignIn::elsewhere(&return_to)).await?;
                return Ok(Outcome::SigningIn);
            }
        }
        if !self.is_awaited(&callback) {
            // An answer that comes a second time, by Back or from a bookmark, is no news to who is signed in.
            self.sessions.restore().await;
        }
        if self.sessions.session().is_some() {
            return Ok(Outcome::AlreadySignedIn);
        }
        self.accept(callback).await
    }

    /// Judges an answer, and spends the code that it brings.
    pub(super) async fn accept(self: &Rc<Self>, callback: Callback) -> Result<Outcome, Error> {
        let begun = self.sessions.begun();
        self.context.set_status(Status::Busy);
        // Whoever listens may have signed out at that.
        if self.sessions.is_called_off(begun) {
            return Ok(Outcome::CalledOff);
        }
        let storage = self.context.browser().storage.as_ref();
        let login = callback.state().and_then(|state| pending::peek(storage, state).ok());
        let known = self.wire.correction();
        let outcome = match self.judge(callback).await {
            Ok(Ok(authorization)) => {
                self.context.emit(&Event::CallbackAccepted);
                self.redeem(authorization, begun).await
            }
            Ok(Err(return_to)) => Ok(Outcome::StillSignedOut { return_to }),
            Err(error) => Err(error),
        };
        match (outcome, login.flatten()) {
            (Err(error), Some(login)) if !self.sessions.is_called_off(begun) => {
                let clock_was_corrected = self.wire.correction() != known;
                let findings = Findings { clock_was_corrected, ..Findings::default() };
                self.begin_again(&login, error, findings).await
            }
            (outcome, _) => outcome,
        }
    }

    /// What else may have brought the person here.
    async fn look_around(self: &Rc<Self>) -> Result<Outcome, Error> {
        if self.comes_from_logout() {
            return Ok(Outcome::SignedOut);
        }
        let page = self.context.browser().navigation.current_url();
        let Some(wish) = InitiatedLogin::from_url(&page, self.context.config())? else {
            return self.ask_provider().await;
        };
        let options = RequestOptions::new();
        let options = match wish.login_hint() {
            Some(hint) => options.login_hint(hint),
            None => options,
        };
        self.sign_in(SignIn::new().return_to(wish.return_to().as_str()).options(options)).await?;
        Ok(Outcome::SigningIn)
    }

    /// What is beside an answer of somebody else's: a state that comes back from signing out looks like one.
    async fn look_around_beside(self: &Rc<Self>, callback: &Callback) -> Result<Outcome, Error> {
        if callback.is_empty() { self.look_around().await } else { Ok(Outcome::NoCallback) }
    }

    /// Where the person wanted to be who began this login in another tab of this browser; a link in an e-mail
    /// of the provider may have opened this one. Once: the answer itself is of no use here.
    async fn begun_in_another_tab(&self, callback: &Callback) -> Option<ReturnTo> {
        let state = callback.state().filter(|state| !State::is_of_popup(state))?;
        if self.is_awaited(callback) {
            return None;
        }
        self.take_page_of(state).await
    }

    /// Whether a login of this tab waits for this answer.
    fn is_awaited(&self, callback: &Callback) -> bool {
        let storage = self.context.browser().storage.as_ref();
        let login = callback.state().map(|state| pending::peek(storage, state));
        login.is_some_and(|login| login.is_ok_and(|login| login.is_some()))
    }

    /// Judges the answer. What a silent login ends with, when the provider needs the person, is the page
    /// where it began.
    async fn judge(&self, callback: Callback) -> Result<Result<Authorization, ReturnTo>, Error> {
        let storage = self.context.browser().storage.as_ref();
        let login = match callback.state() {
            Some(state) => pending::take(storage, state)?,
            None => None,
        };
        self.missed_page.replace(login.as_ref().map(|login| login.return_to().clone()));
        let login = match login {
            // The page, or a script in it, may have written another record: only the metadata that the vault
            // finds for itself says where tokens go.
            Some(mut login) if self.is_inside_vault() => match self.provider.metadata().await {
                Ok(metadata) => {
                    login.metadata = metadata;
                    Some(login)
                }
                Err(error) => {
                    self.forget_key(&login).await;
                    return Err(error);
                }
            },
            login => login,
        };
        if let Some(login) = &login {
            self.forget_page_of(login.state_key()).await;
        }
        let others_wait = pending::any(storage, self.context.now())?;
        let judged =
            callback.judge(login.clone(), others_wait, self.context.config(), self.context.now());
        let (error, login) = match (judged, login) {
            (Ok(authorization), _) => return Ok(Ok(authorization)),
            (Err(error), Some(login)) => (error, login),
            (Err(error), None) => return Err(error),
        };
        self.forget_key(&login).await;
        if login.resumes().is_some() && error.code() == ErrorCode::InteractionRequired {
            self.missed_page.replace(None);
            return Ok(Err(login.return_to().clone()));
        }
        Err(error)
    }

    async fn redeem(
        self: &Rc<Self>,
        authorization: Authorization,
        begun: Begun,
    ) -> Result<Outcome, Error> {
        let login = &authorization.pending_login;
        // Beside the token request, not after it.
        let (answer, keys) = join(self.spend(&authorization), self.keys_for(login)).await;
        let answer = answer.and_then(|(response, key)| {
            let tokens = TokenResponse::from_response(&response, login.scope());
            let tokens = tokens.inspect_err(|_| {
                let rest = Unwanted::rest(&response, login.metadata(), key.clone());
                self.provider.hand_back(rest);
            })?;
            Ok((tokens, key))
        });
        if self.sessions.is_called_off(begun) && answer.is_err() {
            return Ok(Outcome::CalledOff);
        }
        let (tokens, key) = answer?;
        let id_token =
            match tokens.check_type(key.is_some(), self.context.config().wanted_dpop()).and(keys) {
                Ok(()) => self.id_token(&tokens, &authorization).await,
                Err(error) => Err(error),
            };
        let is_out = login.resumes().is_some() && self.has_signed_out_meanwhile().await;
        let is_called_off = self.sessions.is_called_off(begun);
        if is_called_off || is_out || id_token.is_err() {
            self.provider.hand_back(Unwanted::brought(&tokens, login.metadata(), key.clone()));
        }
        if is_called_off {
            return Ok(Outcome::CalledOff);
        }
        let id_token = id_token?;
        match login.resumes() {
            Some(_) if is_out => {
                return Ok(Outcome::StillSignedOut { return_to: login.return_to().clone() });
            }
            // A page that is loaded anew is no sign that somebody is there.
            Some(_) => self.sessions.stay_active(self.sessions.active()),
            None => self.sessions.be_active_now(),
        }
        let set = TokenSet::of_login(&tokens, id_token, login, self.context.now());
        let returning = login.resumes().and_then(|_| self.sessions.returns().get());
        if returning.is_some_and(|returning| !returning.is_owner_of(&set)) {
            self.provider.hand_back(Unwanted::set(&set, key));
            return Ok(Outcome::StillSignedOut { return_to: login.return_to().clone() });
        }
        let session = self.sessions.begin(set, key);
        self.context.emit_token(&tokens);
        self.sessions.settle_in(session).await;
        // Somebody has signed out, here or in another tab.
        if !self.sessions.is_same(session) {
            return Ok(Outcome::CalledOff);
        }
        self.missed_page.replace(None);
        #[cfg(feature = "step-up")]
        self.signed_in.tell(login, || true);
        Ok(Outcome::SignedIn { return_to: login.return_to().clone() })
    }

    /// Sends the code, with a proof by the login's own key if it has one.
    async fn spend(
        &self,
        authorization: &Authorization,
    ) -> Result<(ServerResponse, Option<Key>), Error> {
        let key = self.key_of(&authorization.pending_login).await?;
        let request = TokenRequest::new(authorization);
        let form = post_form(request.endpoint(), request.body());
        let response = self.wire.send(form, key.as_ref(), None).await?;
        Ok((response, key))
    }

    /// The keys are needed with `openid` only.
    async fn keys_for(&self, login: &PendingLogin) -> Result<(), Error> {
        match login.scope().contains("openid") {
            true => self.provider.prefetch_keys(login.metadata()).await,
            false => Ok(()),
        }
    }

    /// With `openid` asked for, an ID token is required (OpenID Connect Core 3.1.3.3). Without, one
    /// that comes unasked is left alone.
    async fn id_token(
        &self,
        tokens: &TokenResponse,
        authorization: &Authorization,
    ) -> Result<Option<IdToken>, Error> {
        let login = &authorization.pending_login;
        if !login.scope().contains("openid") {
            return Ok(None);
        }
        let token = tokens.id_token().ok_or(ErrorCode::IdTokenMissing)?;
        let token = self.provider.verify_id_token(token, login.metadata()).await?;
        let algorithm = token.algorithm().name();
        let judge = |now| {
            IdToken::of_login(
                &token,
                authorization,
                tokens.access_token(),
                self.context.config(),
                now,
            )
        };
        let token = self.wire.judge_by_right_time(judge).await?;
        self.context.emit_id_token(&token, algorithm);
        Ok(Some(token))
    }
}
