//! Coming back from the provider.

use futures_util::future::join;

use super::again::Findings;
use super::dpop::Key;
use super::pending_logins;
use super::sign_in::SignIn;
use super::transport::post_form;
use super::{Beginning, Client, Event, Status, in_any_case};
use crate::browser::page;
use crate::protocol::{
    Authorization, Callback, Error, ErrorCode, IdToken, InitiatedLogin, PendingLogin,
    RequestOptions, ReturnTo, ServerResponse, State, TokenRequest, TokenResponse, TokenSet,
};

/// What the page's address was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// No answer of a provider.
    NoCallback,
    /// An answer, but to a page beside which this window was opened: it has taken the answer, and this page
    /// closes.
    HandedOver,
    /// An answer, and somebody is signed in by it.
    SignedIn {
        /// Where the person wanted to be.
        return_to: ReturnTo,
    },
    /// The page is about to be left for the provider: somebody sent the person here to sign in (OpenID Connect
    /// Core 4), the provider is asked whether the session may go on
    /// ([`Reload::AskProvider`](crate::protocol::Reload)), or a login begins again by itself, once: one that was
    /// answered in another tab, or that failed for a reason that another one does not meet.
    SigningIn,
    /// An answer to the client's own question whether the session may go on: the provider needs the person, or
    /// knows somebody else by now, or somebody has signed out in another tab meanwhile.
    StillSignedOut {
        /// Where the person was.
        return_to: ReturnTo,
    },
    /// No answer of a provider, but the way back from signing out there.
    SignedOut,
    /// An answer, while somebody was signed in already: it was thrown away, the session stays.
    AlreadySignedIn,
    /// An answer, but the person signed out meanwhile, here or in another tab: what it brought was thrown
    /// away.
    CalledOff,
}

impl Client {
    /// Begins: handles the callback, if the page is one, and then goes to the page where the login
    /// began, without loading it anew. Call it once when the page opens, before anything is rendered;
    /// further calls wait for the same outcome. Once begun it goes on, also when nobody waits for it.
    ///
    /// # Errors
    ///
    /// As [`Client::handle_callback`]; the status says the same.
    pub async fn start(&self) -> Result<Outcome, Error> {
        let first = self.0.callback.borrow().is_none();
        let outcome = self.handle_callback().await?;
        let navigation = &self.0.browser.navigation;
        // Meanwhile the person may have gone elsewhere in the app.
        let is_here = Callback::is_page(&navigation.current_url(), self.config().redirect_uri());
        let return_to = match &outcome {
            Outcome::SignedIn { return_to } | Outcome::StillSignedOut { return_to } => return_to,
            _ => return Ok(outcome),
        };
        if first && is_here {
            navigation.replace_url(return_to.as_str())?;
            navigation.announce();
        }
        Ok(outcome)
    }

    /// Handles the answer in the page's address, if there is one. The address is cleaned first; the
    /// login's record is taken out of the storage before anything is sent; a code is sent once.
    /// Further calls wait for the same outcome. Once begun it goes on, also when nobody waits for it.
    ///
    /// # Errors
    ///
    /// Why the answer was not believed, or what the provider refused.
    pub async fn handle_callback(&self) -> Result<Outcome, Error> {
        let client = self.clone();
        let flight = self
            .0
            .callback
            .borrow_mut()
            .get_or_insert_with(|| in_any_case(async move { client.answer().await }))
            .clone();
        flight.await
    }

    async fn answer(&self) -> Result<Outcome, Error> {
        // Until then other tabs seem to be silent, and whatever is spent may be for nobody.
        page::activation().await;
        if let Some(vault) = self.vault() {
            let outcome = match self.clean_address() {
                Ok(url) => vault.handle_callback(url).await,
                Err(error) => Err(error),
            };
            // The vault says itself how things stand, if it is there.
            if let (Err(error), Status::Starting | Status::Busy) = (&outcome, self.status()) {
                self.fail(error);
            }
            return outcome;
        }
        let outcome = self.judge_and_redeem().await;
        if outcome.is_err() && self.session().is_none() {
            // A failure does not take the place of a session that is kept.
            self.restore().await;
        }
        match &outcome {
            Ok(Outcome::NoCallback | Outcome::SignedOut)
                if matches!(self.status(), Status::Starting) =>
            {
                self.set_status(Status::SignedOut);
            }
            Ok(Outcome::StillSignedOut { .. }) => self.set_status(Status::SignedOut),
            Err(error) => self.fail(error),
            Ok(_) => {}
        }
        outcome
    }

    /// Cleans the address at once, when an answer to this client is in it, and returns what it was. Until
    /// then, a vault may have to be loaded.
    fn clean_address(&self) -> Result<String, Error> {
        let (navigation, redirect_uri) = (&self.0.browser.navigation, self.config().redirect_uri());
        let url = navigation.current_url();
        let callback = Callback::from_url(&url, redirect_uri);
        if callback.is_some_and(|callback| self.is_ours(&callback)) {
            navigation.replace_url(redirect_uri.as_str())?;
            self.set_status(Status::Busy);
        }
        Ok(url)
    }

    async fn judge_and_redeem(&self) -> Result<Outcome, Error> {
        let navigation = &self.0.browser.navigation;
        let redirect_uri = self.config().redirect_uri();
        let Some(callback) = Callback::from_url(&navigation.current_url(), redirect_uri) else {
            // Verifiers don't outlive their ten minutes; where storage is denied, there are none.
            let _ = pending_logins::forget_expired(self.0.browser.storage.as_ref(), self.now());
            self.find_session().await;
            return self.look_around().await;
        };
        if !self.is_ours(&callback) {
            self.find_session().await;
            return self.look_around_beside(&callback).await;
        }
        navigation.replace_url(redirect_uri.as_str())?;
        if self.hand_over(&callback).await {
            return Ok(Outcome::HandedOver);
        }
        if let Some(return_to) = self.begun_in_another_tab(&callback).await {
            self.restore().await;
            if self.session().is_none() {
                self.leave_at_once(SignIn::elsewhere(&return_to)).await?;
                return Ok(Outcome::SigningIn);
            }
        }
        if !self.is_awaited(&callback) {
            // An answer that comes a second time, by Back or from a bookmark, is no news to who is signed in.
            self.restore().await;
        }
        if self.session().is_some() {
            return Ok(Outcome::AlreadySignedIn);
        }
        self.accept(callback).await
    }

    /// Judges an answer, and spends the code that it brings.
    pub(super) async fn accept(&self, callback: Callback) -> Result<Outcome, Error> {
        let beginning = self.beginning();
        self.set_status(Status::Busy);
        // Whoever listens may have signed out at that.
        if self.is_called_off(beginning) {
            return Ok(Outcome::CalledOff);
        }
        let storage = self.0.browser.storage.as_ref();
        let login = callback.state().and_then(|state| pending_logins::peek(storage, state).ok());
        let known = self.correction();
        let outcome = match self.judge(callback).await {
            Ok(Ok(authorization)) => {
                self.emit(&Event::CallbackAccepted);
                self.redeem(authorization, beginning).await
            }
            Ok(Err(return_to)) => Ok(Outcome::StillSignedOut { return_to }),
            Err(error) => Err(error),
        };
        match (outcome, login.flatten()) {
            (Err(error), Some(login)) if !self.is_called_off(beginning) => {
                let clock_was_corrected = self.correction() != known;
                let findings = Findings { clock_was_corrected, ..Findings::default() };
                self.begin_again(&login, error, findings).await
            }
            (outcome, _) => outcome,
        }
    }

    /// Goes on with the session of the page before, or of another tab.
    pub(super) async fn find_session(&self) {
        if self.session().is_none() && !self.restore().await {
            self.ask_others().await;
        }
    }

    /// What else may have brought the person here.
    async fn look_around(&self) -> Result<Outcome, Error> {
        if self.comes_from_logout() {
            return Ok(Outcome::SignedOut);
        }
        let page = self.0.browser.navigation.current_url();
        let Some(wish) = InitiatedLogin::from_url(&page, self.config())? else {
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
    async fn look_around_beside(&self, callback: &Callback) -> Result<Outcome, Error> {
        if callback.is_empty() { self.look_around().await } else { Ok(Outcome::NoCallback) }
    }

    /// Whether the answer is for this client. An app's own `?code=` without a state is not; nor is the answer
    /// to a login that another client of the page began, or one whose state is of another form than this
    /// client's. An error without a state may be, as long as a login waits.
    fn is_ours(&self, callback: &Callback) -> bool {
        let storage = self.0.browser.storage.as_ref();
        if let Some(state) = callback.state() {
            let login = pending_logins::peek(storage, state).ok().flatten();
            let is_like_ours = State::is_of_this_client(state) && !callback.is_empty();
            return login.map_or(is_like_ours, |login| login.is_of(self.config()));
        }
        callback.holds_a_token()
            || callback.is_error_without_state()
                && pending_logins::any(storage, self.now()) == Ok(true)
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
        let storage = self.0.browser.storage.as_ref();
        let login = callback.state().map(|state| pending_logins::peek(storage, state));
        login.is_some_and(|login| login.is_ok_and(|login| login.is_some()))
    }

    /// Judges the answer. What a silent login ends with, when the provider needs the person, is the page
    /// where it began.
    async fn judge(&self, callback: Callback) -> Result<Result<Authorization, ReturnTo>, Error> {
        let storage = self.0.browser.storage.as_ref();
        let login = match callback.state() {
            Some(state) => pending_logins::take(storage, state)?,
            None => None,
        };
        self.0.missed_page.replace(login.as_ref().map(|login| login.return_to().clone()));
        let login = match login {
            // The page, or a script in it, may have written another record: only the metadata that the vault
            // finds for itself says where tokens go.
            Some(login) if self.is_inside_vault() => match self.metadata().await {
                Ok(metadata) => Some(PendingLogin { metadata, ..login }),
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
        let others_wait = pending_logins::any(storage, self.now())?;
        let judged = callback.judge(login.clone(), others_wait, self.config(), self.now());
        let (error, login) = match (judged, login) {
            (Ok(authorization), _) => return Ok(Ok(authorization)),
            (Err(error), Some(login)) => (error, login),
            (Err(error), None) => return Err(error),
        };
        self.forget_key(&login).await;
        if login.resumes().is_some() && error.code() == ErrorCode::InteractionRequired {
            self.0.missed_page.replace(None);
            return Ok(Err(login.return_to().clone()));
        }
        Err(error)
    }

    async fn redeem(
        &self,
        authorization: Authorization,
        beginning: Beginning,
    ) -> Result<Outcome, Error> {
        let login = &authorization.pending_login;
        // Beside the token request, not after it.
        let (answer, keys) = join(self.spend(&authorization), self.keys_for(login)).await;
        let answer = answer.and_then(|(response, key)| {
            let tokens = TokenResponse::from_response(&response, login.scope());
            let tokens = tokens.inspect_err(|_| {
                self.hand_back_rest(&response, login.metadata(), key.clone());
            })?;
            Ok((tokens, key))
        });
        if self.is_called_off(beginning) && answer.is_err() {
            return Ok(Outcome::CalledOff);
        }
        let (tokens, key) = answer?;
        let id_token = match tokens.check_type(key.is_some(), self.config().wanted_dpop()).and(keys)
        {
            Ok(()) => self.id_token(&tokens, &authorization).await,
            Err(error) => Err(error),
        };
        let is_out = login.resumes().is_some() && self.has_signed_out_meanwhile().await;
        let is_called_off = self.is_called_off(beginning);
        if is_called_off || is_out || id_token.is_err() {
            self.hand_back(&tokens, login.metadata(), key.clone());
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
            Some(_) => self.stay_active(self.active()),
            None => self.be_active_now(),
        }
        let set = TokenSet::of_login(&tokens, id_token, login, self.now());
        if login.resumes().is_some() && !self.is_of_returning(&set) {
            self.hand_back_set(set, key);
            return Ok(Outcome::StillSignedOut { return_to: login.return_to().clone() });
        }
        let session = self.begin_session(set, key);
        self.emit_token(&tokens);
        self.keep_session(session).await;
        // Somebody has signed out, here or in another tab.
        if self.which_session() != session {
            return Ok(Outcome::CalledOff);
        }
        self.announce_session().await;
        self.expect_to_return();
        self.0.missed_page.replace(None);
        #[cfg(feature = "step-up")]
        self.repeat(login);
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
        let response = self.send_proven(form, key.as_ref(), None).await?;
        Ok((response, key))
    }

    /// The keys are needed with `openid` only.
    async fn keys_for(&self, login: &PendingLogin) -> Result<(), Error> {
        match login.scope().contains("openid") {
            true => self.fetch_keys(login.metadata()).await.map(drop),
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
        let token = self.verify_id_token(token, login.metadata()).await?;
        let algorithm = token.algorithm().name();
        let judge = |now| {
            IdToken::of_login(&token, authorization, tokens.access_token(), self.config(), now)
        };
        let token = self.judge_by_right_time(judge).await?;
        self.emit_id_token(&token, algorithm);
        Ok(Some(token))
    }
}
