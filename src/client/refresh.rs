//! A new access token for a session that goes on (RFC 6749 section 6).

use futures_util::FutureExt as _;

use super::session::Tokens;
use super::transport::post_form;
use super::{Client, Event, Status};
use crate::protocol::{Error, ErrorCode, IdToken, TokenRequest, TokenResponse};

impl Client {
    /// Renews the access token; one request for all who wait. A fault of the network or of the provider
    /// leaves the session as it is. When the provider says that it is over, or answers for somebody
    /// else, it ends.
    ///
    /// # Errors
    ///
    /// `not_signed_in`, `no_refresh_token`, `session_ended`, what is wrong with the answer, and the
    /// network's.
    pub async fn refresh(&self) -> Result<(), Error> {
        let client = self.clone();
        let flight = self
            .0
            .refresh
            .borrow_mut()
            .get_or_insert_with(|| {
                async move {
                    let result = client.renew().await;
                    // Before anybody wakes: who comes again at once begins the next one.
                    client.0.refresh.replace(None);
                    if let Err(error) = &result {
                        client.emit(&Event::Refused { error: error.clone() });
                    }
                    result
                }
                .boxed_local()
                .shared()
            })
            .clone();
        flight.await
    }

    async fn renew(&self) -> Result<(), Error> {
        let tokens = self.tokens()?;
        let token = tokens.refresh_token.as_ref().ok_or(ErrorCode::NoRefreshToken)?;
        let client_id = self.config().client_id();
        let request = TokenRequest::refresh(&tokens.metadata, client_id, token, &tokens.resources);
        let form = post_form(request.endpoint(), request.body());
        let response = self.send_proven(form, tokens.key.as_ref(), None).await?;
        // The one before is spent by now, whatever is found out about the rest.
        self.keep_refresh_token(TokenResponse::brought_refresh_token(&response));
        let response = TokenResponse::from_response(&response, tokens.session.scope());
        // Signing out ends it. What else calls a departure off leaves the session, and this, as it is.
        if self.session().is_none() {
            if let Ok(brought) = response {
                self.hand_back(&brought, &tokens.metadata);
            }
            return Ok(());
        }
        let response = response.map_err(|error| self.refused(error))?;
        let renewed = self.renewed(&tokens, &response).await;
        if self.session().is_none() {
            self.hand_back(&response, &tokens.metadata);
            return Ok(());
        }
        match renewed {
            Ok(id_token) => {
                self.continue_session(&tokens, &response, id_token);
                self.emit_token(&response);
                self.emit(&Event::Refreshed);
                Ok(())
            }
            Err(error) => Err(self.distrust(error)),
        }
    }

    /// What the answer says of the person, after the rules of OpenID Connect Core 12.2.
    async fn renewed(
        &self,
        tokens: &Tokens,
        response: &TokenResponse,
    ) -> Result<Option<IdToken>, Error> {
        response.check_type(tokens.key.is_some())?;
        let (Some(token), Some(original)) = (response.id_token(), &tokens.id_token) else {
            return Ok(tokens.id_token.clone());
        };
        let token = self.verify_id_token(token, &tokens.metadata).await?;
        let issuer = tokens.metadata.issuer();
        IdToken::of_refresh(&token, original, issuer, self.config().client_id(), self.now())
            .map(Some)
    }

    /// The provider's word on a refresh: `invalid_grant` means that the session is over.
    fn refused(&self, error: Error) -> Error {
        match error.provider().cloned() {
            Some(said) if said.error == "invalid_grant" => {
                self.distrust(Error::new(ErrorCode::SessionEnded).said(said))
            }
            _ => error,
        }
    }

    /// Ends the session for what can't be the provider's honest answer, and for nothing else.
    fn distrust(&self, error: Error) -> Error {
        use ErrorCode::{
            DpopDowngrade, IdTokenInvalid, NonceMismatch, SessionEnded, SignatureInvalid,
            SubjectMismatch, UnsupportedTokenType,
        };
        let is_over = matches!(
            error.code(),
            DpopDowngrade
                | IdTokenInvalid
                | NonceMismatch
                | SessionEnded
                | SignatureInvalid
                | SubjectMismatch
                | UnsupportedTokenType
        );
        if is_over {
            self.forget_session();
            self.set_status(Status::Failed(error.clone()));
        }
        error
    }
}
