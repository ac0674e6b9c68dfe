//! Signing out at the provider as well (OpenID Connect RP-Initiated Logout), and coming back from there.

use std::rc::Rc;

use super::{Login, may_be_left};
use crate::browser::{page, random};
use crate::client::context::Context;
use crate::client::flight::{Flight, in_any_case};
use crate::client::stored::Stored;
use crate::protocol::logout::returned_state;
use crate::protocol::{Error, ErrorCode, LogoutRequest, State};

/// Where the state of a logout is, while the person is at the provider.
pub(in crate::client) const STATE_KEY: &str = "pixy-login:logout";

/// The state of a logout, while the person is at the provider.
#[derive(PartialEq)]
struct LogoutState(String);

impl Stored for LogoutState {
    fn key(_: &Context) -> String {
        STATE_KEY.to_owned()
    }

    fn to_text(&self) -> String {
        self.0.clone()
    }

    fn from_text(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }
}

impl Login {
    /// Signs out here, and then leaves for the provider.
    ///
    /// # Errors
    ///
    /// As [`Client::sign_out_at_provider`](crate::client::Client::sign_out_at_provider).
    pub(in crate::client) fn sign_out_at_provider(self: &Rc<Self>) -> Flight<()> {
        let login = self.clone();
        in_any_case(async move {
            page::activation().await;
            login.leave_signed_out().await
        })
    }

    async fn leave_signed_out(self: &Rc<Self>) -> Result<(), Error> {
        let tokens = self.sessions.tokens().ok();
        self.sessions.sign_out().await;
        let metadata = match &tokens {
            Some(tokens) => tokens.set.metadata.clone(),
            None => self.provider.metadata().await?,
        };
        // Meanwhile the person may have begun to sign in again.
        if self.is_under_way() {
            return Ok(());
        }
        let config = self.context.config();
        let state = State::from_random(&random::bytes()?);
        let hint = tokens.as_ref().and_then(|tokens| tokens.set.id_token_hint.as_ref());
        // The page would see it. Without, the provider may ask the person.
        let hint = hint.filter(|_| !self.is_inside_vault());
        let claim = config.configured_logout_hint_claim();
        let claims = tokens.as_ref().and_then(|tokens| tokens.session.claims());
        let own_hint = claim.zip(claims).and_then(|(claim, claims)| claims.text(claim));
        let request = LogoutRequest::new(&metadata, config, hint, own_hint, &state)?;
        let request = request.ok_or(ErrorCode::LogoutNotSupported)?;
        let browser = self.context.browser();
        may_be_left(browser)?;
        // Only a welcome back depends on it.
        self.context.store(&LogoutState(state.expose().to_owned()));
        match request.url() {
            Some(url) => browser.navigation.assign(&url)?,
            None => browser.navigation.submit(request.endpoint().as_str(), request.fields())?,
        }
        Ok(())
    }

    /// Whether the person has just come back from signing out of the provider. The address is cleaned
    /// then. A state that is not the one of this tab's own logout is left alone.
    pub(super) fn comes_from_logout(&self) -> bool {
        let (config, browser) = (self.context.config(), self.context.browser());
        let navigation = &browser.navigation;
        let Some(page) = config.configured_post_logout_redirect_uri() else { return false };
        let Some(returned) = returned_state(&navigation.current_url(), page) else { return false };
        if self.context.stored() != Some(LogoutState(returned)) {
            return false;
        }
        self.context.forget_stored::<LogoutState>();
        // Where it can't be changed, the page is the right one all the same.
        let _ = navigation.replace_url(page.as_str());
        true
    }
}
