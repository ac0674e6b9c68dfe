//! Handing tokens back (RFC 7009).

use core::time::Duration;
use std::rc::Rc;

use super::{Offer, Provider};
use crate::client::events::Event;
use crate::client::flight::{Flight, in_any_case};
use crate::client::wire::{Key, post_form};
use crate::protocol::revocation::takes_no_such_token;
use crate::protocol::{
    AccessToken, Error, ErrorCode, ProviderMetadata, RefreshToken, RevocationRequest,
    ServerResponse, TokenResponse, TokenSet,
};

/// How long an answer to a revocation is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// Tokens that nobody is to use any more.
pub(in crate::client) struct Unwanted {
    metadata: ProviderMetadata,
    refresh_token: Option<RefreshToken>,
    access_tokens: Vec<AccessToken>,
    key: Option<Key>,
}

impl Unwanted {
    /// All tokens of a session that is over.
    pub(in crate::client) fn set(set: &TokenSet, key: Option<Key>) -> Self {
        Self {
            metadata: set.metadata.clone(),
            refresh_token: set.refresh_token.clone(),
            access_tokens: set.access_tokens().cloned().collect(),
            key,
        }
    }

    /// What came when there was no session to begin or to go on with.
    pub(in crate::client) fn brought(
        brought: &TokenResponse,
        metadata: &ProviderMetadata,
        key: Option<Key>,
    ) -> Self {
        Self {
            metadata: metadata.clone(),
            refresh_token: brought.refresh_token().cloned(),
            access_tokens: vec![brought.access_token().clone()],
            key,
        }
    }

    /// What can be read of an answer that can't be believed.
    pub(in crate::client) fn rest(
        response: &ServerResponse,
        metadata: &ProviderMetadata,
        key: Option<Key>,
    ) -> Self {
        Self {
            metadata: metadata.clone(),
            refresh_token: TokenResponse::brought_refresh_token(response),
            access_tokens: Vec::new(),
            key,
        }
    }
}

impl Provider {
    /// Hands tokens back in the background.
    pub(in crate::client) fn hand_back(self: &Rc<Self>, unwanted: Unwanted) {
        drop(self.revoke(unwanted));
    }

    /// Hands tokens back, all at once, for the page may be gone in a moment. Bounded, and without a word when it
    /// fails: the tokens are forgotten here anyway. Returns what may be waited for.
    pub(in crate::client) fn revoke(self: &Rc<Self>, unwanted: Unwanted) -> Vec<Flight<()>> {
        let Some(endpoint) = unwanted.metadata.revocation_endpoint() else { return Vec::new() };
        let client_id = self.context.config().client_id();
        let refresh_token = unwanted.refresh_token.iter().map(|token| {
            let request = RevocationRequest::of_refresh_token(endpoint, client_id, token);
            (request, Offer::RevokingRefreshTokens)
        });
        let access_tokens = unwanted.access_tokens.iter().map(|token| {
            let request = RevocationRequest::of_access_token(endpoint, client_id, token);
            (request, Offer::RevokingAccessTokens)
        });
        let begin = |(request, offer)| {
            let (provider, key) = (self.clone(), unwanted.key.clone());
            in_any_case(async move {
                provider.revoke_one(request, offer, key.as_ref()).await;
                Ok(())
            })
        };
        refresh_token.chain(access_tokens).map(begin).collect()
    }

    async fn revoke_one(&self, request: RevocationRequest, offer: Offer, key: Option<&Key>) {
        let is_confirmed = if self.is_unusable(offer) {
            false
        } else {
            let response = self.send_revocation(&request, key).await;
            if response.as_ref().is_ok_and(takes_no_such_token) {
                self.note_unusable(offer);
            }
            response.is_ok_and(|response| response.status == 200)
        };
        self.context.emit(&Event::TokensHandedBack { is_confirmed });
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
        form.keepalive = true;
        match self.wire.send(form.clone(), key, None).await {
            Err(error) if key.is_some() && error.code() == ErrorCode::NetworkOrCors => {
                self.wire.exchange(form).await
            }
            response => response,
        }
    }
}
