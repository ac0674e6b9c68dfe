//! Signing out: here at once, at the provider where it can be reached.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use super::dpop::Key;
use super::message::{KeptUnder, Message};
use super::offers::Offer;
use super::pending_logins;
use super::renewal::turn::Generation;
use super::session::Tokens;
use super::transport::{exchange, post_form};
use super::{Client, Event, Status, in_any_case};
use crate::browser::{page, random};
use crate::protocol::logout::returned_state;
use crate::protocol::revocation::takes_no_such_token;
use crate::protocol::{
    AccessToken, Error, ErrorCode, LogoutRequest, ProviderMetadata, RefreshToken,
    RevocationRequest, ServerResponse, State, TokenResponse, TokenSet,
};

/// How long leaving for the provider waits for the tokens to be handed back, in milliseconds.
const PATIENCE: u32 = 3_000;
/// Where the state of a logout is, while the person is at the provider.
pub(super) const STATE_KEY: &str = "pixy-login:logout";

/// Where a session is kept that has ended, and which tokens of it the page had.
type Ended = (KeptUnder, Option<Generation>);

impl Client {
    /// Signs out here: the tokens are forgotten, and a sign-in that is under way comes to nothing. The
    /// tokens are handed back to the provider in the background (RFC 7009), which may fail without
    /// anybody noticing ([`Event::TokensHandedBack`] tells). The provider may still remember the person.
    pub fn sign_out(&self) {
        if page::is_prerendered() {
            let client = self.clone();
            return spawn_local(async move {
                page::activation().await;
                client.sign_out();
            });
        }
        if let Some(vault) = self.vault() {
            return vault.sign_out();
        }
        let (tokens, kept) = self.end_session();
        let client = self.clone();
        spawn_local(async move {
            client.end_everywhere(kept).await;
            if let Some(tokens) = tokens {
                client.revoke_tokens(&tokens).await;
            }
        });
    }

    /// Signs out here, and then leaves for the provider, so that it forgets the person as well (OpenID
    /// Connect RP-Initiated Logout). The person comes back to the
    /// [`post_logout_redirect_uri`](crate::protocol::Config::post_logout_redirect_uri), if there is one. Once
    /// begun it goes on, also when nobody waits for it.
    ///
    /// # Errors
    ///
    /// `logout_not_supported` where the provider has no page for it, or needs an ID token and there is none to be
    /// sent ([`LogoutKind::HintRequired`](crate::protocol::LogoutKind)), and whatever keeps the browser from
    /// leaving, such as a frame. The person is signed out of the app in any case.
    pub async fn sign_out_at_provider(&self) -> Result<(), Error> {
        page::activation().await;
        if let Some(vault) = self.vault() {
            return vault.sign_out_at_provider().await;
        }
        let client = self.clone();
        in_any_case(async move { client.leave_signed_out().await }).await
    }

    async fn leave_signed_out(&self) -> Result<(), Error> {
        let (tokens, kept) = self.end_session();
        self.end_everywhere(kept).await;
        let metadata = match &tokens {
            Some(tokens) => tokens.set.metadata.clone(),
            None => self.metadata().await?,
        };
        if let Some(tokens) = &tokens {
            self.revoke_tokens(tokens).await;
        }
        // Meanwhile the person may have begun to sign in again.
        if self.is_under_way() {
            return Ok(());
        }
        let state = State::from_random(&random::bytes()?);
        let hint = tokens.as_ref().and_then(|tokens| tokens.set.id_token_hint.as_ref());
        // The page would see it. Without, the provider may ask the person.
        let hint = hint.filter(|_| !self.is_inside_vault());
        let claim = self.config().configured_logout_hint_claim();
        let claims = tokens.as_ref().and_then(|tokens| tokens.session.claims());
        let own_hint = claim.zip(claims).and_then(|(claim, claims)| claims.text(claim));
        let request = LogoutRequest::new(&metadata, self.config(), hint, own_hint, &state)?;
        let request = request.ok_or(ErrorCode::LogoutNotSupported)?;
        self.may_be_left()?;
        // Only a welcome back depends on it.
        let _ = self.0.browser.storage.set(STATE_KEY, state.expose());
        let navigation = &self.0.browser.navigation;
        match request.url() {
            Some(url) => navigation.assign(&url)?,
            None => navigation.submit(request.endpoint().as_str(), request.fields())?,
        }
        Ok(())
    }

    /// Whether the person has just come back from signing out of the provider. The address is cleaned
    /// then. A state that is not the one of this tab's own logout is left alone.
    pub(super) fn comes_from_logout(&self) -> bool {
        let (storage, navigation) = (&self.0.browser.storage, &self.0.browser.navigation);
        let Some(page) = self.config().configured_post_logout_redirect_uri() else { return false };
        let Some(returned) = returned_state(&navigation.current_url(), page) else { return false };
        let expected = storage.get(STATE_KEY).ok().flatten();
        if expected.as_deref() != Some(&returned) {
            return false;
        }
        // Where neither can be changed, the page is the right one all the same.
        let _ = storage.remove(STATE_KEY);
        let _ = navigation.replace_url(page.as_str());
        true
    }

    /// Ends the session in this page, and returns its tokens and where it is kept.
    fn end_session(&self) -> (Option<Rc<Tokens>>, Option<Ended>) {
        self.call_off();
        self.forget_logins();
        let found = self.sharing().map(|sharing| (sharing.under, Some(sharing.generation)));
        // Perhaps the page has not found it yet.
        let kept = found.or_else(|| self.noted().map(|(under, _)| (under, None)));
        self.forget_sharing();
        let tokens = self.forget_session();
        let session = kept.as_ref().map(|(under, _)| under.session.clone());
        let generation = kept.as_ref().and_then(|(_, generation)| *generation);
        self.tell(&Message::SignedOut { session, generation });
        self.set_status(Status::SignedOut);
        self.emit(&Event::SignedOut);
        (tokens, kept)
    }

    /// Nobody finds the session any more, a tab that is asleep included. What this page did not have of it is
    /// handed back.
    async fn end_everywhere(&self, kept: Option<Ended>) {
        // First: what is announced before it ends with it.
        self.announce_end().await;
        let Some((under, generation)) = kept else { return };
        let session = under.session.clone();
        self.end_kept_under(under, generation).await;
        // A page that was just being opened had heard nothing yet, and may have found it.
        self.tell(&Message::Removed { session });
    }

    /// No answer to a login that has begun signs anybody in any more. Where the storage is denied, there
    /// is none.
    fn forget_logins(&self) {
        let storage = self.0.browser.storage.as_ref();
        let logins = pending_logins::take_of(storage, self.config()).unwrap_or_default();
        let client = self.clone();
        spawn_local(async move {
            for login in logins {
                client.forget_key(&login).await;
                client.forget_page_of(login.state_key()).await;
            }
        });
    }

    /// Hands back, in the background, what came when there was no session to begin or to go on with.
    pub(super) fn hand_back(
        &self,
        brought: &TokenResponse,
        metadata: &ProviderMetadata,
        key: Option<Key>,
    ) {
        let (client, metadata) = (self.clone(), metadata.clone());
        let access_token = brought.access_token().clone();
        let refresh_token = brought.refresh_token().cloned();
        spawn_local(async move {
            let (refresh_token, key) = (refresh_token.as_ref(), key.as_ref());
            client.revoke(&metadata, refresh_token, &[&access_token], key).await;
        });
    }

    /// The same for an answer that can't be believed, as far as it can be read.
    pub(super) fn hand_back_rest(
        &self,
        response: &ServerResponse,
        metadata: &ProviderMetadata,
        key: Option<Key>,
    ) {
        let Some(refresh_token) = TokenResponse::brought_refresh_token(response) else { return };
        let (client, metadata) = (self.clone(), metadata.clone());
        spawn_local(async move {
            client.revoke(&metadata, Some(&refresh_token), &[], key.as_ref()).await;
        });
    }

    /// The same for all tokens of a session that is over.
    pub(super) fn hand_back_set(&self, set: TokenSet, key: Option<Key>) {
        let client = self.clone();
        spawn_local(async move { client.revoke_set(&set, key.as_ref()).await });
    }

    pub(super) async fn revoke_tokens(&self, tokens: &Tokens) {
        self.revoke_set(&tokens.set, tokens.key.as_ref()).await;
    }

    async fn revoke_set(&self, set: &TokenSet, key: Option<&Key>) {
        let refresh_token = set.refresh_token.as_ref();
        let access_tokens: Vec<&AccessToken> = set.access_tokens().collect();
        self.revoke(&set.metadata, refresh_token, &access_tokens, key).await;
    }

    /// Hands tokens back, the refresh token first: with it, as a rule, the others go. Bounded, and
    /// without a word when it fails: the tokens are forgotten here anyway.
    async fn revoke(
        &self,
        metadata: &ProviderMetadata,
        refresh_token: Option<&RefreshToken>,
        access_tokens: &[&AccessToken],
        key: Option<&Key>,
    ) {
        let Some(endpoint) = metadata.revocation_endpoint() else { return };
        let client_id = self.config().client_id();
        let of_refresh_token = refresh_token
            .map(|token| RevocationRequest::of_refresh_token(endpoint, client_id, token))
            .map(|request| (request, Offer::RevokingRefreshTokens));
        let of_access_tokens = access_tokens
            .iter()
            .map(|token| RevocationRequest::of_access_token(endpoint, client_id, token))
            .map(|request| (request, Offer::RevokingAccessTokens));
        for (request, offer) in of_refresh_token.into_iter().chain(of_access_tokens) {
            if self.is_unusable(offer) {
                self.emit(&Event::TokensHandedBack { is_confirmed: false });
                continue;
            }
            let response = self.send_revocation(&request, key).await;
            if response.as_ref().is_ok_and(takes_no_such_token) {
                self.note_unusable(offer);
            }
            let status = response.map(|response| response.status);
            self.emit(&Event::TokensHandedBack { is_confirmed: status == Ok(200) });
            // A provider that is out of reach, or takes nothing back from a public client, says so once.
            if matches!(status, Err(_) | Ok(401 | 403)) {
                return;
            }
        }
    }

    /// With a proof where the tokens are bound: Keycloak may want one, and others ignore it. Where CORS does
    /// not let it in, without.
    async fn send_revocation(
        &self,
        request: &RevocationRequest,
        key: Option<&Key>,
    ) -> Result<ServerResponse, Error> {
        let mut form = post_form(request.endpoint(), request.body());
        form.timeout = PATIENCE;
        match self.send_proven(form.clone(), key, None).await {
            Err(error) if key.is_some() && error.code() == ErrorCode::NetworkOrCors => {
                exchange(&self.0.browser, form).await
            }
            response => response,
        }
    }
}
