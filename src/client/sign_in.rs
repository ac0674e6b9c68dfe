//! Leaving for the provider.

use super::dpop::Key;
use super::pending_logins;
use super::{Beginning, Client, Event, Status};
use crate::browser::random;
use crate::protocol::{
    AuthorizationRequest, Callback, Error, RandomValues, RefusedRequest, RequestOptions, ReturnTo,
    Scope, StepUp, UnixTime, Wish,
};

/// For how many seconds after leaving a second click is taken for a double click.
const DOUBLE_CLICK: u64 = 2;

/// How to sign in.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct SignIn {
    return_to: Option<String>,
    more_scope: Scope,
    options: RequestOptions,
    needed: Option<Scope>,
    refused: Option<RefusedRequest>,
    step_ups: u64,
    is_silent: bool,
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

    /// Without a word to the person: nothing but whether they are signed in at the provider.
    pub(super) fn silent() -> Result<Self, Error> {
        let options = RequestOptions::new().prompt("none")?;
        Ok(Self { options, is_silent: true, ..Self::default() })
    }

    /// Asks for this scope too, beside the app's own and what was granted before.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InvalidScope`](crate::protocol::ErrorCode::InvalidScope).
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
    /// call while one is under way does nothing; signing out meanwhile calls it off.
    ///
    /// # Errors
    ///
    /// Whatever keeps the login from beginning: discovery, PKCE not supported, storage denied. The page
    /// stays where it is.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<(), Error> {
        if self.is_under_way() {
            return Ok(());
        }
        let beginning = self.beginning();
        self.0.departure.set(Departure::Preparing);
        self.set_status(Status::Leaving);
        let left = self.leave(sign_in, beginning).await;
        if self.is_called_off(beginning) {
            return Ok(());
        }
        match &left {
            Ok(()) => self.0.departure.set(Departure::Left(self.now())),
            Err(error) => {
                self.0.departure.set(Departure::None);
                self.fail(error);
            }
        }
        left
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

    async fn leave(&self, sign_in: SignIn, beginning: Beginning) -> Result<(), Error> {
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
            true => self.config().requested_scope().clone(),
            false => self.config().requested_scope().union(&granted).union(&sign_in.more_scope),
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
            is_silent: sign_in.is_silent,
        };
        let request = AuthorizationRequest::new(self.config(), &metadata, wish, &random, now)?;
        let left = self.depart(&request, key.as_ref(), beginning).await;
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
        self.0.browser.navigation.assign(&url).map_err(|why| {
            // No answer will come; where the storage is denied by now, the record runs out.
            let _ = pending_logins::take(storage, request.pending_login().state_key());
            Error::from(why)
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
