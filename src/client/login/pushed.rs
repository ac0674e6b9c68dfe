//! Pushing the authorization request, so that the address shows none of it (RFC 9126).

use super::Login;
use crate::client::provider::Offer;
use crate::client::wire::{Key, post_form};
use crate::protocol::{AuthorizationRequest, Error, ErrorCode, Par, RequestUri, SecureUrl};

impl Login {
    /// The URL to go to: with a reference to the pushed request where that is wanted, else with the
    /// request itself.
    pub(super) async fn departure_url(
        &self,
        request: &AuthorizationRequest,
        key: Option<&Key>,
    ) -> Result<String, Error> {
        let metadata = request.pending_login().metadata();
        let wanted = self.context.config().wanted_par();
        let is_needed = wanted == Par::Required || metadata.requires_par();
        let Some(endpoint) = metadata.pushed_authorization_request_endpoint() else {
            return if is_needed {
                Err(ErrorCode::ParNotSupported.into())
            } else {
                Ok(request.url())
            };
        };
        if !is_needed && (wanted == Par::Off || self.provider.is_unusable(Offer::Pushing)) {
            return Ok(request.url());
        }
        match self.push(request, endpoint, key).await {
            Ok(reference) => Ok(request.pushed_url(&reference)),
            Err(error) if is_needed => Err(error),
            // An offer only, which some providers make to all and grant to few. What is wrong with the request
            // itself the provider says to the address as well.
            Err(error) => {
                if !may_pass(&error) {
                    self.provider.note_unusable(Offer::Pushing);
                    self.context.emit_refusal(&error);
                }
                Ok(request.url())
            }
        }
    }

    async fn push(
        &self,
        request: &AuthorizationRequest,
        endpoint: &SecureUrl,
        key: Option<&Key>,
    ) -> Result<RequestUri, Error> {
        let form = post_form(endpoint, request.form());
        let response = self.wire.send(form, key, None).await;
        // Whoever requires it learns that it is this request, and no other, that can't be sent.
        let response = response.map_err(|error| {
            error.about(&["pushed request (PAR) to ", endpoint.as_str()].concat())
        })?;
        RequestUri::from_response(&response).map_err(|error| match error.subject() {
            Some(_) => error,
            None => error.about(endpoint.as_str()),
        })
    }
}

/// Whether the next request may be pushed.
fn may_pass(error: &Error) -> bool {
    matches!(error.code(), ErrorCode::Timeout | ErrorCode::ProviderUnavailable)
}
