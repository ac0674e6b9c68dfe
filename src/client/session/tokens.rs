//! The tokens of a session, which no app sees.

use crate::client::status::Session;
use crate::client::wire::Key;
use crate::protocol::{Config, IdToken, LogoutRequest, TokenSet, TokenType};

/// What no app sees: the tokens and how to use them.
#[derive(Clone, Debug)]
pub(in crate::client) struct Tokens {
    pub(in crate::client) set: TokenSet,
    /// What they are bound to (RFC 9449).
    pub(in crate::client) key: Option<Key>,
    pub(in crate::client) session: Session,
}

impl Tokens {
    pub(in crate::client) fn new(set: TokenSet, key: Option<Key>, config: &Config) -> Self {
        let session = session_of(&set, config);
        Self { set, key, session }
    }

    /// The key that the access token is bound to, and not the refresh token alone.
    pub(in crate::client) fn bound_key(&self) -> Option<&Key> {
        self.key.as_ref().filter(|_| self.set.token_type == TokenType::Dpop)
    }
}

/// What an app may know of a session with these tokens.
fn session_of(set: &TokenSet, config: &Config) -> Session {
    let id_token = set.id_token.as_ref();
    Session {
        issuer: id_token.map(|token| token.issuer().to_owned()),
        subject: id_token.map(|token| token.subject().to_owned()),
        scope: set.scope.clone(),
        expires_at: set.expires_at(),
        auth_time: id_token.and_then(IdToken::auth_time),
        acr: id_token.and_then(IdToken::acr).map(str::to_owned),
        claims: id_token.map(|token| token.claims().clone()),
        naming: id_token.map(|token| token.naming_claims().clone()),
        is_bound: set.token_type == TokenType::Dpop,
        is_renewable: set.refresh_token.is_some(),
        can_end_at_provider: LogoutRequest::is_possible(
            &set.metadata,
            config,
            set.id_token_hint.is_some(),
        ),
    }
}
