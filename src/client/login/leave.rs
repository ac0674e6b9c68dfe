//! Leaving for the provider.

use std::rc::Rc;

use super::{Departure, Login, SignIn, Way, pending};
use crate::browser::{Browser, Frame, page, random};
use crate::client::events::Event;
use crate::client::flight::{Flight, in_any_case};
use crate::client::session::Begun;
use crate::client::status::Status;
use crate::client::wire::Key;
#[cfg(not(feature = "par"))]
use crate::protocol::Par;
use crate::protocol::{AuthorizationRequest, Error, ErrorCode, RandomValues, ReturnTo, Wish};

impl Login {
    /// Leaves the page for the provider, or has a window beside it go there.
    ///
    /// # Errors
    ///
    /// As [`Client::sign_in`](crate::client::Client::sign_in).
    pub(in crate::client) fn sign_in(self: &Rc<Self>, sign_in: SignIn) -> Flight<()> {
        // At the click itself, or the browser opens none.
        #[cfg(feature = "popup")]
        let way = self.open_popup(&sign_in).map_or(Way::Page, Way::Window);
        #[cfg(not(feature = "popup"))]
        let way = Way::Page;
        let login = self.clone();
        in_any_case(async move {
            page::activation().await;
            login.set_out(sign_in, way).await
        })
    }

    async fn set_out(self: &Rc<Self>, sign_in: SignIn, way: Way) -> Result<(), Error> {
        let begun = match &way {
            #[cfg(feature = "popup")]
            Way::Window(popup) => popup.begun(),
            Way::Page if self.is_under_way() => return Ok(()),
            Way::Page => {
                self.end_window();
                self.set_off(Status::Leaving)
            }
        };
        let left = self.leave(sign_in, begun, &way).await;
        if self.sessions.is_called_off(begun) {
            return Ok(());
        }
        match left {
            Ok(()) => self.note_left(begun),
            Err(error) => {
                self.end_departure();
                self.sessions.fail(&error);
                return Err(error);
            }
        }
        match way {
            Way::Page => Ok(()),
            #[cfg(feature = "popup")]
            Way::Window(popup) => self.await_popup(popup).await,
        }
    }

    /// Leaves for another login, in the place of one that has just failed.
    pub(super) async fn leave_at_once(self: &Rc<Self>, sign_in: SignIn) -> Result<(), Error> {
        let begun = self.set_off(Status::Leaving);
        self.leave(sign_in, begun, &Way::Page).await.inspect_err(|_| {
            self.departure.set(Departure::None);
        })?;
        self.note_left(begun);
        Ok(())
    }

    pub(super) async fn leave(
        self: &Rc<Self>,
        sign_in: SignIn,
        begun: Begun,
        way: &Way,
    ) -> Result<(), Error> {
        let is_page = matches!(way, Way::Page);
        if is_page {
            may_be_left(self.context.browser())?;
        }
        let metadata = self.provider.metadata().await?;
        if self.sessions.is_called_off(begun) {
            return Ok(());
        }
        let random = RandomValues {
            code_verifier: random::bytes()?,
            state: random::bytes()?,
            nonce: random::bytes()?,
        };
        let config = self.context.config();
        let granted = self.sessions.session().map(|session| session.scope().clone());
        let scope = match sign_in.more_scope.is_empty() {
            true => config.login_scope(),
            false => {
                config.login_scope().union(&granted.unwrap_or_default()).union(&sign_in.more_scope)
            }
        };
        let return_to = self.return_to(sign_in.return_to.as_deref());
        let now = self.context.now();
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
            in_popup: !is_page,
            is_again: sign_in.is_again,
        };
        let request = AuthorizationRequest::new(config, &metadata, wish, &random, now)?;
        let left = self.depart(&request, key.as_ref(), begun, way).await;
        if left != Ok(true) {
            self.forget_key(request.pending_login()).await;
        }
        left.map(drop)
    }

    /// Leaves with the request. Returns whether the page is left, or that was called off.
    async fn depart(
        self: &Rc<Self>,
        request: &AuthorizationRequest,
        key: Option<&Key>,
        begun: Begun,
        way: &Way,
    ) -> Result<bool, Error> {
        let url = self.departure_url(request, key).await?;
        if self.sessions.is_called_off(begun) {
            return Ok(false);
        }
        self.context.emit(&Event::LoginStarted {
            issuer: self.context.config().issuer().as_str().to_owned(),
            scope: request.pending_login().scope().clone(),
            is_pushed: url != request.url(),
            is_bound: key.is_some(),
        });
        // Whoever listens may have signed out at that.
        if self.sessions.is_called_off(begun) {
            return Ok(false);
        }
        let storage = self.context.browser().storage.as_ref();
        pending::keep(storage, request.pending_login(), self.context.now())?;
        if matches!(way, Way::Page) {
            self.note_page_of(request.pending_login()).await;
        }
        if self.sessions.is_called_off(begun) {
            let _ = pending::take(storage, request.pending_login().state_key());
            return Ok(false);
        }
        let went = match way {
            Way::Page => self.context.browser().navigation.assign(&url).map_err(Error::from),
            #[cfg(feature = "popup")]
            Way::Window(popup) => self.send_window(popup, &url, request.pending_login()),
        };
        went.inspect_err(|_| {
            // No answer will come; where the storage is denied by now, the record runs out.
            let _ = pending::take(storage, request.pending_login().state_key());
        })?;
        Ok(true)
    }

    /// The URL to go to: that of the request itself, where requests are not pushed.
    #[cfg(not(feature = "par"))]
    #[allow(clippy::unused_async)]
    async fn departure_url(
        &self,
        request: &AuthorizationRequest,
        _: Option<&Key>,
    ) -> Result<String, Error> {
        let is_required = self.context.config().wanted_par() == Par::Required;
        match is_required || request.pending_login().metadata().requires_par() {
            true => Err(ErrorCode::ParNotSupported.into()),
            false => Ok(request.url()),
        }
    }

    /// The wanted page; else, where an answer came to, the one that a failed login should have led to;
    /// else this one.
    fn return_to(&self, wanted: Option<&str>) -> ReturnTo {
        let redirect_uri = self.context.config().redirect_uri();
        if let Some(wanted) = wanted {
            return ReturnTo::new(wanted, redirect_uri);
        }
        let missed = self.missed_page.borrow().clone();
        if let Some(missed) = missed.filter(|_| self.arrival.is_where_it_was_cleaned()) {
            return missed;
        }
        let page = self.context.browser().navigation.current_url();
        let holds_an_answer = self.arrival.callback().is_some();
        ReturnTo::new(if holds_an_answer { redirect_uri.as_str() } else { &page }, redirect_uri)
    }
}

/// Whether the page may be left for the provider, which would be in the page's frame then: most refuse that,
/// and nobody could see whose address it has.
pub(in crate::client) fn may_be_left(browser: &Browser) -> Result<(), Error> {
    match browser.navigation.frame() {
        Frame::None => Ok(()),
        Frame::OwnSite => Err(ErrorCode::PageInFrame.into()),
        Frame::OtherSite => Err(ErrorCode::PageInForeignFrame.into()),
    }
}
