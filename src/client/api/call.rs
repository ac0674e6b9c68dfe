//! Calling APIs with the access token, which the app never holds.

use super::{Api, ResourceRequest, StreamedResponse};
use crate::browser::fetch::FetchRequest;
use crate::client::session::Tokens;
use crate::client::wire::{Key, Opened};
use crate::protocol::{Error, SecureUrl, ServerResponse};

impl Api {
    /// Sends the request with the access token, and reads the whole answer.
    ///
    /// # Errors
    ///
    /// As [`Client::fetch`](crate::client::Client::fetch).
    pub(in crate::client) async fn fetch(
        &self,
        request: ResourceRequest,
    ) -> Result<ServerResponse, Error> {
        whole(self.call(request).await?).await
    }

    /// The same, for an answer that is read piece by piece.
    ///
    /// # Errors
    ///
    /// As [`Client::fetch`](crate::client::Client::fetch).
    pub(in crate::client) async fn fetch_streaming(
        &self,
        request: ResourceRequest,
    ) -> Result<StreamedResponse, Error> {
        let (timeout, stream_limit) = (request.request.timeout, request.stream_limit);
        let mut opened = self.call(request).await?;
        opened.rest.piecewise(stream_limit);
        Ok(StreamedResponse::begun(opened, timeout))
    }

    /// Sends the request, and lets the person sign in again where the app leaves that to the client.
    async fn call(&self, request: ResourceRequest) -> Result<Opened, Error> {
        #[cfg(feature = "step-up")]
        let (kept, tokens, begun) =
            (request.clone(), self.sessions.tokens()?, self.sessions.begun());
        let opened = self.open_resource(request).await?;
        #[cfg(feature = "step-up")]
        self.step_up(&kept, &opened.head, &tokens, begun).await?;
        Ok(opened)
    }

    /// Sends the request, whatever the answer asks for, save another token.
    #[cfg(feature = "step-up")]
    pub(super) async fn send_to_resource(
        &self,
        request: ResourceRequest,
    ) -> Result<ServerResponse, Error> {
        whole(self.open_resource(request).await?).await
    }

    async fn open_resource(&self, request: ResourceRequest) -> Result<Opened, Error> {
        self.sessions.tokens()?;
        let mut request = request.request;
        // What is sent is what was checked, as the parser wrote it.
        let (url, api) = self.context.config().api_of(&request.url)?;
        request.url = url.as_str().to_owned();
        let (api, origin) = (api.token_name(), url.origin());
        let begun = self.sessions.begun();
        let tokens = self.sessions.tokens_for_call(api.as_deref()).await?;
        let opened = self.open_authorized(request.clone(), &tokens).await?;
        let instead = self
            .sessions
            .tokens_instead_of(begun, &tokens, &opened.head, origin, api.as_deref(), false)
            .await?;
        let Some(tokens) = instead else { return Ok(opened) };
        let opened = self.open_authorized(request, &tokens).await?;
        self.sessions.note_second_answer(origin, &tokens, &opened.head);
        Ok(opened)
    }

    /// Sends a request of the client's own to the provider with the token, and reads the whole answer.
    pub(super) async fn send_authorized(
        &self,
        request: FetchRequest,
        tokens: &Tokens,
    ) -> Result<ServerResponse, Error> {
        // With a proof also where the refresh token alone is bound: Keycloak wants to see it.
        let place = SecureUrl::parse(&request.url)?;
        let is_of_provider = place.origin() == tokens.set.metadata.token_endpoint().origin();
        let key = if is_of_provider { tokens.key.as_ref() } else { tokens.bound_key() };
        self.open_with_token(request, tokens, key).await?.whole().await
    }

    /// Sends the request with the token in its header, never in the URL (RFC 9700 section 4.3.2), and a
    /// proof beside it when the token is bound to a key (RFC 9449 section 7.1).
    fn open_authorized(
        &self,
        request: FetchRequest,
        tokens: &Tokens,
    ) -> impl Future<Output = Result<Opened, Error>> {
        self.open_with_token(request, tokens, tokens.bound_key())
    }

    async fn open_with_token(
        &self,
        mut request: FetchRequest,
        tokens: &Tokens,
        key: Option<&Key>,
    ) -> Result<Opened, Error> {
        let set = &tokens.set;
        let header = [set.token_type.scheme(), " ", set.access_token.expose()].concat();
        request.headers.push(("Authorization".into(), header));
        self.wire.open(request, key, Some(&set.access_token)).await
    }
}

/// The whole answer, with all headers that the page may see.
async fn whole(opened: Opened) -> Result<ServerResponse, Error> {
    let headers = opened.rest.headers();
    Ok(ServerResponse { headers, ..opened.whole().await? })
}
