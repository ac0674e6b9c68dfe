//! Leaving for the provider.

use std::rc::Rc;

use super::dpop::Key;
use super::pending_logins;
use super::popup::PopupLogin;
use super::{Beginning, Client, Event, Status, in_any_case};
use crate::browser::{Frame, page, random};
use crate::protocol::{
    AuthorizationRequest, Callback, Error, ErrorCode, PendingLogin, RandomValues, RefusedRequest,
    RequestOptions, ReturnTo, Scope, StepUp, UnixTime, Wish,
};

/// For how many seconds after leaving a second click is taken for a double click.
const DOUBLE_CLICK: u64 = 2;

/// How to sign in.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct SignIn {
    pub(super) return_to: Option<String>,
    pub(super) more_scope: Scope,
    pub(super) options: RequestOptions,
    pub(super) needed: Option<Scope>,
    refused: Option<RefusedRequest>,
    step_ups: u64,
    resumes: Option<UnixTime>,
    in_popup: bool,
    is_again: bool,
}

impl SignIn {
    /// With the app's own scope, and back to the page where it began.
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes to this page of the app afterwards. Relative to the redirect URI's folder; what is not of
    /// the app's own origin becomes that folder.
    pub fn return_to(mut self, page: &str) -> Self {
        self.return_to = Some(page.to_owned());
        self
    }

    /// Signs in in a window beside the page, which stays as it is. [`Client::sign_in`] must then be called
    /// in the click's own listener, before anything is awaited, or the browser blocks the window. Where it
    /// does, with a vault, and in builds without the feature `popup`, the page is left as usual. In a frame of
    /// another site no window is of use, and none is opened.
    pub fn in_popup(mut self) -> Self {
        self.in_popup = true;
        self
    }

    /// Whether it is to be in a window beside the page.
    pub const fn is_in_popup(&self) -> bool {
        self.in_popup
    }

    /// Asks for these, before the app's own options.
    pub fn options(mut self, options: RequestOptions) -> Self {
        self.options = options;
        self
    }

    /// Asks for what a resource server asks for. What comes of it is checked in the ID token and in the
    /// granted scope; [`Client::repeated`] says when it is not enough.
    pub fn step_up(mut self, asked: &StepUp) -> Self {
        self.more_scope = self.more_scope.union(asked.scope());
        self.options = asked.options().or(&self.options);
        self.needed = Some(asked.scope().clone());
        self
    }

    /// Sends this request once more afterwards; `step_ups` sign-ins in a row are for such requests.
    #[cfg(feature = "step-up")]
    pub(super) fn repeating(mut self, refused: RefusedRequest, step_ups: u64) -> Self {
        self.refused = Some(refused);
        self.step_ups = step_ups;
        self
    }

    /// Without a word to the person, to go on with the session that began then, if the provider still knows
    /// them. Of several who are signed in there, the `hint` says who is meant.
    pub(super) fn resuming(began: UnixTime, hint: Option<&str>) -> Result<Self, Error> {
        let options = RequestOptions::new().prompt("none")?;
        let options = hint.map_or(options.clone(), |hint| options.login_hint(hint));
        Ok(Self { options, resumes: Some(began), ..Self::default() })
    }

    /// A login in the place of one that was begun in another tab, and answered in this one.
    pub(super) fn elsewhere(return_to: &ReturnTo) -> Self {
        Self { return_to: Some(return_to.as_str().to_owned()), is_again: true, ..Self::default() }
    }

    /// The same as a login that failed, in its place.
    pub(super) fn again(login: &PendingLogin) -> Self {
        Self {
            return_to: Some(login.return_to().as_str().to_owned()),
            more_scope: login.scope().clone(),
            // The person has just been shown what was to be shown.
            options: login.options().clone().without_prompt(),
            needed: login.needed_scope().cloned(),
            refused: login.refused_request().cloned(),
            step_ups: login.step_ups(),
            resumes: login.resumes(),
            in_popup: false,
            is_again: true,
        }
    }

    /// Asks for this scope too, beside the app's own and what was granted before.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InvalidScope`].
    pub fn add_scope(mut self, scope: &str) -> Result<Self, Error> {
        self.more_scope = self.more_scope.union(&Scope::parse(scope)?);
        Ok(self)
    }
}

/// How far this page has come on its way to the provider.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Departure {
    /// Not on the way.
    #[default]
    None,
    /// The request is being put together.
    Preparing,
    /// The browser was told to go.
    Left(UnixTime),
}

impl Client {
    /// Leaves the page for the provider. The login's secrets are in session storage before. A second
    /// call while one is under way does nothing; signing out meanwhile calls it off. Once begun it goes on,
    /// also when nobody waits for it.
    ///
    /// With [`SignIn::in_popup`] the page stays, and the future ends when the person is signed in, or is not
    /// to be: an answer in spite of `popup_closed` still signs them in. Another call begins anew, and closes
    /// the window.
    ///
    /// # Errors
    ///
    /// Whatever keeps the login from beginning: discovery, PKCE not supported, storage denied, a frame
    /// (`page_in_frame`, `page_in_foreign_frame`). The page stays where it is.
    pub fn sign_in(&self, sign_in: SignIn) -> impl Future<Output = Result<(), Error>> + use<> {
        // A vault, being a worker, speaks to no window: the page is left.
        let popup = if self.vault().is_none() { self.open_popup(&sign_in) } else { None };
        let client = self.clone();
        let leaving = async move {
            page::activation().await;
            match client.vault() {
                Some(vault) => vault.sign_in(sign_in).await,
                None => client.set_out(sign_in, popup).await,
            }
        };
        async move { in_any_case(leaving).await }
    }

    async fn set_out(&self, sign_in: SignIn, popup: Option<Rc<PopupLogin>>) -> Result<(), Error> {
        let beginning = match &popup {
            Some(popup) => popup.beginning(),
            None if self.is_under_way() => return Ok(()),
            None => {
                self.end_popup();
                let beginning = self.beginning();
                self.0.departure.set(Departure::Preparing);
                self.set_status(Status::Leaving);
                beginning
            }
        };
        let left = self.leave(sign_in, beginning, popup.as_deref()).await;
        if self.is_called_off(beginning) {
            return Ok(());
        }
        match &left {
            Ok(()) => self.0.departure.set(Departure::Left(self.now())),
            Err(error) => {
                self.end_popup();
                self.0.departure.set(Departure::None);
                self.fail(error);
            }
        }
        match popup {
            Some(popup) if left.is_ok() => self.await_popup(popup).await,
            _ => left,
        }
    }

    /// Leaves for another login, in the place of one that has just failed.
    pub(super) async fn leave_at_once(&self, sign_in: SignIn) -> Result<(), Error> {
        let beginning = self.beginning();
        self.0.departure.set(Departure::Preparing);
        self.set_status(Status::Leaving);
        self.leave(sign_in, beginning, None).await.inspect_err(|_| {
            self.0.departure.set(Departure::None);
        })?;
        if !self.is_called_off(beginning) {
            self.0.departure.set(Departure::Left(self.now()));
        }
        Ok(())
    }

    /// Whether the page may be left for the provider, which would be in the page's frame then: most refuse that,
    /// and nobody could see whose address it has.
    pub(super) fn may_be_left(&self) -> Result<(), Error> {
        match self.0.browser.navigation.frame() {
            Frame::None => Ok(()),
            Frame::OwnSite => Err(ErrorCode::PageInFrame.into()),
            Frame::OtherSite => Err(ErrorCode::PageInForeignFrame.into()),
        }
    }

    /// Whether a login is on its way, out or back. A while after leaving a click counts anew: the
    /// person may have stopped the provider's page from loading.
    pub(super) fn is_under_way(&self) -> bool {
        match self.0.departure.get() {
            Departure::None => matches!(self.status(), Status::Busy),
            Departure::Preparing => true,
            Departure::Left(left) => self.now().since(left) < DOUBLE_CLICK,
        }
    }

    pub(super) async fn leave(
        &self,
        sign_in: SignIn,
        beginning: Beginning,
        popup: Option<&PopupLogin>,
    ) -> Result<(), Error> {
        if popup.is_none() {
            self.may_be_left()?;
        }
        let metadata = self.metadata().await?;
        if self.is_called_off(beginning) {
            return Ok(());
        }
        let random = RandomValues {
            code_verifier: random::bytes()?,
            state: random::bytes()?,
            nonce: random::bytes()?,
        };
        let granted = self.session().map(|session| session.scope().clone()).unwrap_or_default();
        let scope = match sign_in.more_scope.is_empty() {
            true => self.config().login_scope(),
            false => self.config().login_scope().union(&granted).union(&sign_in.more_scope),
        };
        let return_to = self.return_to(sign_in.return_to.as_deref());
        let now = self.now();
        let key = self.new_key(&metadata, now).await?;
        let wish = Wish {
            scope,
            options: sign_in.options,
            return_to,
            dpop_jkt: key.as_ref().map(Key::thumbprint),
            needed: sign_in.needed,
            refused: sign_in.refused,
            step_ups: sign_in.step_ups,
            resumes: sign_in.resumes,
            in_popup: popup.is_some(),
            is_again: sign_in.is_again,
        };
        let request = AuthorizationRequest::new(self.config(), &metadata, wish, &random, now)?;
        let left = self.depart(&request, key.as_ref(), beginning, popup).await;
        if left != Ok(true) {
            self.forget_key(request.pending_login()).await;
        }
        left.map(drop)
    }

    /// Leaves with the request. Returns whether the page is left, or that was called off.
    async fn depart(
        &self,
        request: &AuthorizationRequest,
        key: Option<&Key>,
        beginning: Beginning,
        popup: Option<&PopupLogin>,
    ) -> Result<bool, Error> {
        let url = self.departure_url(request, key).await?;
        if self.is_called_off(beginning) {
            return Ok(false);
        }
        self.emit(&Event::LoginStarted {
            issuer: self.config().issuer().as_str().to_owned(),
            scope: request.pending_login().scope().clone(),
            is_pushed: url != request.url(),
            is_bound: key.is_some(),
        });
        // Whoever listens may have signed out at that.
        if self.is_called_off(beginning) {
            return Ok(false);
        }
        let storage = self.0.browser.storage.as_ref();
        pending_logins::keep(storage, request.pending_login(), self.now())?;
        if popup.is_none() {
            self.note_page_of(request.pending_login()).await;
        }
        if self.is_called_off(beginning) {
            let _ = pending_logins::take(storage, request.pending_login().state_key());
            return Ok(false);
        }
        self.go(&url, request.pending_login(), popup).inspect_err(|_| {
            // No answer will come; where the storage is denied by now, the record runs out.
            let _ = pending_logins::take(storage, request.pending_login().state_key());
        })?;
        Ok(true)
    }

    /// The wanted page; else, on the callback page, the one that a failed login should have led to;
    /// else this one.
    fn return_to(&self, wanted: Option<&str>) -> ReturnTo {
        let redirect_uri = self.config().redirect_uri();
        if let Some(wanted) = wanted {
            return ReturnTo::new(wanted, redirect_uri);
        }
        let page = self.0.browser.navigation.current_url();
        let missed = self.0.missed_page.borrow().clone();
        if let Some(missed) = missed.filter(|_| Callback::is_page(&page, redirect_uri)) {
            return missed;
        }
        let holds_an_answer = Callback::from_url(&page, redirect_uri).is_some();
        ReturnTo::new(if holds_an_answer { redirect_uri.as_str() } else { &page }, redirect_uri)
    }
}
