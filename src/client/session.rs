//! Somebody is signed in: what is known, and for how long. Tokens stay in memory.

use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, Shared};

use super::resource::authorized;
use super::transport::{exchange, get};
use super::{Client, Status};
use crate::protocol::{
    AccessToken, Error, ErrorCode, IdToken, Profile, ProviderMetadata, Scope, SecureUrl,
    TokenResponse, TokenType, UnixTime,
};

/// What an app may know of a session. It holds no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    subject: Option<String>,
    scope: Scope,
    expires_at: Option<UnixTime>,
}

impl Session {
    /// The person's identifier at the issuer, from the ID token; `None` at OAuth-only providers.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// What was granted, which may be less or more than what was asked for (RFC 6749 section 3.3).
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// When the access token runs out, by this computer's clock; `None` when the provider doesn't say.
    pub const fn expires_at(&self) -> Option<UnixTime> {
        self.expires_at
    }
}

/// What no app sees: the token and how to use it.
#[derive(Clone, Debug)]
pub(super) struct Tokens {
    pub(super) access_token: AccessToken,
    pub(super) token_type: TokenType,
    id_token: Option<IdToken>,
    profile_endpoint: Option<SecureUrl>,
    session: Session,
}

impl Client {
    /// The session, when somebody is signed in.
    pub fn session(&self) -> Option<Session> {
        self.0.tokens.borrow().as_ref().map(|tokens| tokens.session.clone())
    }

    /// Signs out here: the token is forgotten, and a sign-in that is under way comes to nothing. The
    /// provider still remembers the person.
    pub fn sign_out(&self) {
        self.call_off();
        self.0.tokens.replace(None);
        self.0.profile.replace(None);
        self.set_status(Status::SignedOut);
    }

    /// What the provider tells of the person: fetched once per session from the userinfo endpoint
    /// (OpenID Connect Core 5.3), or from the configured profile endpoint.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::NotSignedIn`], [`ErrorCode::ProfileNotAvailable`], what
    /// [`Profile::from_response`] says, and the network's.
    pub async fn profile(&self) -> Result<Profile, Error> {
        let client = self.clone();
        let tokens = self.tokens()?;
        let flight = self
            .0
            .profile
            .borrow_mut()
            .get_or_insert_with(|| {
                async move { client.fetch_profile(tokens).await }.boxed_local().shared()
            })
            .clone();
        let profile = flight.clone().await;
        if profile.is_err() {
            self.forget_profile(&flight);
        }
        profile
    }

    /// The access token itself. Whoever has it can act as the person until it runs out: script in the
    /// page, a log, a crash report. [`Client::fetch`] sends it without showing it; use that where you can.
    pub fn expose_access_token(&self) -> Option<String> {
        let tokens = self.0.tokens.borrow();
        tokens.as_ref().map(|tokens| tokens.access_token.expose().to_owned())
    }

    pub(super) fn tokens(&self) -> Result<Tokens, Error> {
        self.0.tokens.borrow().clone().ok_or_else(|| ErrorCode::NotSignedIn.into())
    }

    pub(super) fn begin_session(
        &self,
        response: &TokenResponse,
        id_token: Option<IdToken>,
        metadata: &ProviderMetadata,
    ) {
        let session = Session {
            subject: id_token.as_ref().map(|token| token.subject().to_owned()),
            expires_at: response.expires_in().map(|seconds| self.now().plus(seconds)),
            scope: response.scope().clone(),
        };
        let configured = self.config().configured_profile_endpoint();
        self.0.profile.replace(None);
        self.0.tokens.replace(Some(Tokens {
            token_type: response.token_type(),
            access_token: response.access_token().clone(),
            id_token,
            profile_endpoint: configured.or_else(|| metadata.userinfo_endpoint()).cloned(),
            session: session.clone(),
        }));
        self.set_status(Status::SignedIn(session));
    }

    async fn fetch_profile(&self, tokens: Tokens) -> Result<Profile, Error> {
        let endpoint = tokens.profile_endpoint.as_ref().ok_or(ErrorCode::ProfileNotAvailable)?;
        let response = exchange(authorized(get(endpoint.as_str()), &tokens)).await?;
        Profile::from_response(&response, tokens.id_token.as_ref())
    }

    /// A failure is not kept: the next call tries again. A newer attempt is left alone.
    fn forget_profile(&self, failed: &Shared<LocalBoxFuture<'static, Result<Profile, Error>>>) {
        let mut current = self.0.profile.borrow_mut();
        if current.as_ref().is_some_and(|flight| flight.ptr_eq(failed)) {
            *current = None;
        }
    }
}
