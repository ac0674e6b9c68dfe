//! The request for new tokens (RFC 6749 section 6), and what its answer means.

use super::Sessions;
use super::current::Begun;
use super::tokens::Tokens;
use super::turn::Answer;
use crate::client::events::{Document, Event};
use crate::client::wire::{Key, post_form};
use crate::protocol::refused_refresh::{refusal, refusal_for_api};
use crate::protocol::{
    Error, ErrorCode, IdToken, ProviderMetadata, ServerResponse, TokenRequest, TokenResponse,
    TokenSet,
};
use core::time::Duration;

/// How long the request may take. It is not called off before, for its answer may hold the only
/// refresh token that is still good.
const LONGEST: Duration = Duration::from_secs(40);

/// What a request brought.
pub(super) struct Brought {
    pub(super) set: TokenSet,
    pub(super) key: Option<Key>,
    /// The answer, to be handed back when there is no session for it any more.
    pub(super) response: Option<TokenResponse>,
}

impl Sessions {
    /// Sends the request. What comes of it is in `brought`; beside the answer as the turn sees it stands how
    /// it is for the caller.
    pub(super) async fn ask_for_tokens(
        &self,
        begun: Begun,
        api: Option<&str>,
        metadata: ProviderMetadata,
        brought: &mut Option<Brought>,
    ) -> (Answer, Result<(), Error>) {
        let tokens = match self.current.tokens_of(begun) {
            Ok(tokens) => tokens,
            Err(error) => return (Answer::Fault, Err(error)),
        };
        let response = match self.send_refresh(&tokens, &metadata, api).await {
            Ok(response) => response,
            Err(error) => return (Answer::Fault, Err(error)),
        };
        // The one before is spent by now, whatever is found out about the rest.
        let newer = TokenResponse::brought_refresh_token(&response);
        if let Some(newer) = newer {
            let mut set = tokens.set.clone();
            set.refresh_token = Some(newer.clone());
            self.current.replace_refresh_token(begun, newer);
            brought.replace(Brought { set, key: tokens.key.clone(), response: None });
        }
        if let Some(error) = refusal(&response) {
            let error = match api {
                Some(name) => refusal_for_api(&error, name),
                None => error,
            };
            return judged(error, brought.is_some(), api);
        }
        let response = match TokenResponse::from_response(&response, &tokens.set.scope) {
            Ok(response) => response,
            Err(error) => return judged(error, brought.is_some(), api),
        };
        match self.renewed(&tokens, &response, metadata).await {
            Ok((id_token, metadata)) => {
                let (set, now) = (&tokens.set, self.context.now());
                let set = match api {
                    Some(name) => set.with_api_token(name, &response, id_token, metadata, now),
                    None => set.renewed(&response, id_token, metadata, now),
                };
                brought.replace(Brought { set, key: tokens.key.clone(), response: Some(response) });
                (Answer::Tokens, Ok(()))
            }
            Err(error) => {
                let verdict = judged(error, brought.is_some(), api);
                if verdict.0 == Answer::Over {
                    brought.replace(Brought {
                        set: tokens.set.clone(),
                        key: tokens.key.clone(),
                        response: Some(response),
                    });
                }
                verdict
            }
        }
    }

    async fn send_refresh(
        &self,
        tokens: &Tokens,
        metadata: &ProviderMetadata,
        api: Option<&str>,
    ) -> Result<ServerResponse, Error> {
        let set = &tokens.set;
        let token = set.refresh_token.as_ref().ok_or(ErrorCode::NoRefreshToken)?;
        let client_id = self.context.config().client_id();
        let request = match api {
            Some(name) => TokenRequest::refresh_with(metadata, client_id, token, name),
            None => TokenRequest::refresh(metadata, client_id, token, &set.resources),
        };
        let mut form = post_form(request.endpoint(), request.body());
        form.timeout = LONGEST;
        self.wire.send(form, tokens.key.as_ref(), None).await
    }

    /// What the answer says of the person, after the rules of OpenID Connect Core 12.2, and the metadata by
    /// which it was judged: fetched anew, where it didn't know the algorithm or the key.
    async fn renewed(
        &self,
        tokens: &Tokens,
        response: &TokenResponse,
        mut metadata: ProviderMetadata,
    ) -> Result<(Option<IdToken>, ProviderMetadata), Error> {
        response.check_type(tokens.key.is_some(), self.context.config().wanted_dpop())?;
        let (Some(token), Some(original)) = (response.id_token(), &tokens.set.id_token) else {
            return Ok((tokens.set.id_token.clone(), metadata));
        };
        let mut verified = self.provider.verify_id_token(token, &metadata).await;
        if verified.as_ref().is_err_and(is_of_other_metadata)
            && let Ok(newer) = self.provider.newer_metadata(&metadata).await
        {
            metadata = newer;
            verified = self.provider.verify_id_token(token, &metadata).await;
        }
        let (access_token, issuer) = (response.access_token(), metadata.issuer());
        let verified = verified?;
        let judge = |now| {
            IdToken::of_refresh(
                &verified,
                original,
                access_token,
                issuer,
                self.context.config(),
                now,
            )
        };
        let token = self.wire.judge_by_right_time(judge).await?;
        self.context.emit_left_out(Document::IdToken, &token.left_out());
        if token.auth_time() != original.auth_time() || token.acr() != original.acr() {
            let acr = token.acr().map(str::to_owned);
            self.context.emit(&Event::AuthenticatedAnew { auth_time: token.auth_time(), acr });
        }
        Ok((Some(token), metadata))
    }
}

/// Whether the token is signed in a way, or by a key, that the metadata does not know: it may be old.
fn is_of_other_metadata(error: &Error) -> bool {
    let is_algorithm = error.code() == ErrorCode::IdTokenInvalid && error.subject() == Some("alg");
    is_algorithm || error.code() == ErrorCode::SigningKeyNotFound
}

/// What can't be the provider's honest answer, and its word that the session is over, end it; nothing else
/// does. `has_newer` tells that a refresh token came all the same.
fn judged(error: Error, has_newer: bool, api: Option<&str>) -> (Answer, Result<(), Error>) {
    use ErrorCode::{
        DpopDowngrade, IdTokenInvalid, InteractionRequired, NonceMismatch, SessionEnded,
        SignatureInvalid, SubjectMismatch, UnsupportedTokenType,
    };
    let error = match (error.code(), api) {
        // A token that one API can't use says nothing of the session.
        (DpopDowngrade | UnsupportedTokenType, Some(name)) => refusal_for_api(&error, name),
        _ => error,
    };
    let is_over = matches!(
        error.code(),
        DpopDowngrade
            | IdTokenInvalid
            | InteractionRequired
            | NonceMismatch
            | SessionEnded
            | SignatureInvalid
            | SubjectMismatch
            | UnsupportedTokenType
    );
    let answer = match (is_over, has_newer) {
        (true, _) => Answer::Over,
        (false, true) => Answer::Tokens,
        (false, false) => Answer::Fault,
    };
    (answer, Err(error))
}
