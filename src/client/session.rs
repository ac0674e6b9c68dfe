//! Somebody is signed in: what is known, and for how long.

use std::rc::Rc;

use futures_util::FutureExt as _;

use super::dpop::Key;
use super::transport::get;
use super::{Client, Document, Event, Flight, Status};
#[cfg(feature = "signed-userinfo")]
use crate::protocol::ServerResponse;
use crate::protocol::{
    Claims, Config, Error, ErrorCode, IdToken, LogoutRequest, Profile, RefreshToken, Scope,
    TokenSet, TokenType, UnixTime,
};

/// What an app may know of a session. It holds no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub(super) issuer: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) scope: Scope,
    pub(super) expires_at: Option<UnixTime>,
    pub(super) auth_time: Option<UnixTime>,
    pub(super) acr: Option<String>,
    pub(super) claims: Option<Claims>,
    /// The claims that tell most of the person.
    pub(super) naming: Option<Claims>,
    pub(super) is_bound: bool,
    pub(super) is_renewable: bool,
    pub(super) can_end_at_provider: bool,
}

impl Session {
    /// The person's identifier at the issuer, from the ID token; `None` at OAuth-only providers.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Who says so, from the ID token. Only together with it the identifier names a person: at a provider
    /// with several tenants, such as Entra's, it tells whose account it is.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    fn of(set: &TokenSet, config: &Config) -> Self {
        let id_token = set.id_token.as_ref();
        Self {
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

    /// What the verified ID token says, the latest one that came: the standards' claims and the provider's
    /// own, such as `roles`, `groups` or `org_id`. `None` at OAuth-only providers.
    pub const fn claims(&self) -> Option<&Claims> {
        self.claims.as_ref()
    }

    /// What the ID token tells of the person, without a word of the userinfo endpoint: it is there at once.
    /// [`Client::profile`] has that, too. `None` at OAuth-only providers.
    pub fn profile(&self) -> Option<Profile> {
        Some(Profile::of_person(self.subject.as_deref()?, self.naming.as_ref()?))
    }

    /// Whether the other session is of the same person, as far as the provider names them: it goes on
    /// when the token is renewed. Two sessions without a name count as the same.
    pub fn is_of_same_person(&self, other: &Self) -> bool {
        self.issuer == other.issuer && self.subject == other.subject
    }

    /// What was granted, which may be less or more than what was asked for (RFC 6749 section 3.3).
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Whether the tokens are bound to a key of this browser (RFC 9449).
    pub const fn is_bound(&self) -> bool {
        self.is_bound
    }

    /// Whether there is a refresh token, so that [`Client::refresh`] can renew the access token.
    pub const fn is_renewable(&self) -> bool {
        self.is_renewable
    }

    /// Whether the provider has a page at which the person can sign out there, too:
    /// [`Client::sign_out_at_provider`].
    pub const fn can_end_at_provider(&self) -> bool {
        self.can_end_at_provider
    }

    /// When the person was authenticated, by the provider's clock, where its ID token says so.
    pub const fn auth_time(&self) -> Option<UnixTime> {
        self.auth_time
    }

    /// The class of the person's authentication, where the ID token says so.
    pub fn acr(&self) -> Option<&str> {
        self.acr.as_deref()
    }

    /// When the access token runs out, by this computer's clock; `None` when the provider doesn't say.
    pub const fn expires_at(&self) -> Option<UnixTime> {
        self.expires_at
    }
}

/// What no app sees: the tokens and how to use them.
#[derive(Clone, Debug)]
pub(super) struct Tokens {
    pub(super) set: TokenSet,
    /// What they are bound to (RFC 9449).
    pub(super) key: Option<Key>,
    pub(super) session: Session,
}

impl Tokens {
    pub(super) fn new(set: TokenSet, key: Option<Key>, config: &Config) -> Self {
        let session = Session::of(&set, config);
        Self { set, key, session }
    }

    /// The key that the access token is bound to, and not the refresh token alone.
    pub(super) fn bound_key(&self) -> Option<&Key> {
        self.key.as_ref().filter(|_| self.set.token_type == TokenType::Dpop)
    }
}

impl Client {
    /// The session, when somebody is signed in.
    pub fn session(&self) -> Option<Session> {
        if let Some(vault) = self.vault() {
            return vault.session();
        }
        self.0.tokens.borrow().as_ref().map(|tokens| tokens.session.clone())
    }

    /// What the provider tells of the person: fetched once per session from the userinfo endpoint
    /// (OpenID Connect Core 5.3), or from the configured profile endpoint, and completed by the ID token.
    ///
    /// Where there is an ID token, it is enough: what keeps userinfo from coming is no error then, but stands
    /// in [`Profile::incomplete`], and the next call asks again.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::NotSignedIn`]; at OAuth-only providers also [`ErrorCode::ProfileNotAvailable`], what
    /// [`Profile::from_response`] says, and the network's.
    pub async fn profile(&self) -> Result<Profile, Error> {
        if let Some(vault) = self.vault() {
            return vault.profile().await;
        }
        let client = self.clone();
        self.tokens()?;
        let flight = self
            .0
            .profile
            .borrow_mut()
            .get_or_insert_with(|| {
                async move { client.ask_for_profile().await }.boxed_local().shared()
            })
            .clone();
        let profile = flight.clone().await;
        if profile.as_ref().map_or(true, |profile| profile.incomplete().is_some()) {
            self.forget_profile(&flight);
        }
        profile
    }

    /// The same, asked of the provider again: it may tell more by now, or otherwise.
    ///
    /// # Errors
    ///
    /// As [`Client::profile`].
    pub async fn reload_profile(&self) -> Result<Profile, Error> {
        if let Some(vault) = self.vault() {
            return vault.reload_profile().await;
        }
        self.0.profile.replace(None);
        self.profile().await
    }

    /// The access token itself. Whoever has it can act as the person until it runs out: script in the
    /// page, a log, a crash report. [`Client::fetch`] sends it without showing it; use that where you can.
    /// In a vault there is none to show.
    pub fn expose_access_token(&self) -> Option<String> {
        let tokens = self.0.tokens.borrow();
        tokens.as_ref().map(|tokens| tokens.set.access_token.expose().to_owned())
    }

    pub(super) fn tokens(&self) -> Result<Rc<Tokens>, Error> {
        self.0.tokens.borrow().clone().ok_or_else(|| ErrorCode::NotSignedIn.into())
    }

    /// The tokens of this session, as long as it goes on.
    pub(super) fn tokens_of(&self, session: u64) -> Result<Rc<Tokens>, Error> {
        let is_current = self.which_session() == session;
        self.tokens().and_then(|tokens| {
            is_current.then_some(tokens).ok_or_else(|| ErrorCode::NotSignedIn.into())
        })
    }

    /// Begins a session with what a login brought, and returns which one it is.
    pub(super) fn begin_session(&self, set: TokenSet, key: Option<Key>) -> u64 {
        self.0.profile.replace(None);
        // A former session that is kept is dealt with where this one is kept; one in memory alone goes here.
        if self.0.sharing.take().is_none()
            && let Ok(former) = self.tokens()
            && former.set.person() != set.person()
        {
            self.hand_back_set(former.set.clone(), former.key.clone());
        }
        self.begin_another();
        // Not known until it is announced: a sign-out before that was not of this one.
        self.0.era.set(None);
        let session = self.which_session();
        // Whoever listens may end it at once.
        self.hold(Tokens::new(set, key, self.config()));
        session
    }

    /// From now on it is another session than before, or none.
    pub(super) fn begin_another(&self) {
        self.0.refused_apis.take();
        self.0.sessions.set(self.0.sessions.get() + 1);
    }

    /// Tells one session of this page from the next.
    pub(crate) fn which_session(&self) -> u64 {
        self.0.sessions.get()
    }

    /// Puts a newer refresh token in the place of the spent one (RFC 6749 section 6).
    pub(super) fn keep_refresh_token(&self, newer: RefreshToken) {
        if let Some(tokens) = self.0.tokens.borrow_mut().as_mut() {
            Rc::make_mut(tokens).set.refresh_token = Some(newer);
        }
    }

    /// Forgets the tokens and the profile, and returns the tokens.
    pub(super) fn forget_session(&self) -> Option<Rc<Tokens>> {
        self.0.profile.replace(None);
        self.begin_another();
        self.end_schedule();
        self.0.tokens.replace(None)
    }

    /// Has these tokens from now on. Newer ones of the same session leave the profile: it is of the same
    /// person.
    pub(super) fn hold(&self, tokens: Tokens) {
        let (received, life) = (tokens.set.received, tokens.set.life);
        self.0.tokens.replace(Some(Rc::new(tokens)));
        self.begin_schedule(received, life);
        // It may have come to its limits meanwhile.
        let Some(session) = self.session() else { return };
        match self.status() {
            // A page that is about to be left stays so.
            Status::Leaving => {}
            // And so does the window, but whoever listens looks at the session again.
            Status::InPopup => self.set_status(Status::InPopup),
            _ => self.set_status(Status::SignedIn(session)),
        }
    }

    /// The profile, when it comes as a signed token.
    #[cfg(feature = "signed-userinfo")]
    async fn signed_profile(
        &self,
        response: &ServerResponse,
        tokens: &Tokens,
    ) -> Result<Option<Profile>, Error> {
        let Some(id_token) = &tokens.set.id_token else { return Ok(None) };
        let Some(token) = Profile::signed(response)? else { return Ok(None) };
        if !tokens.set.metadata.userinfo_algorithms().contains(&token.algorithm()) {
            return Err(Error::new(ErrorCode::InvalidResponse).about("alg"));
        }
        let token = self.verify(token, &tokens.set.metadata).await?;
        let client_id = self.config().client_id();
        Profile::from_signed(&token, id_token, client_id, self.right_time()).map(Some)
    }

    async fn ask_for_profile(&self) -> Result<Profile, Error> {
        let known = self.session().and_then(|session| session.profile());
        let profile = self.fetch_profile().await;
        match &profile {
            Ok(told) => {
                self.emit(&Event::ProfileReceived);
                self.emit_left_out(Document::Profile, &told.left_out());
            }
            Err(error) => self.emit(&Event::Refused { error: error.clone() }),
        }
        match (profile, known) {
            (Ok(profile), Some(known)) => Ok(profile.completed_by(known)),
            (Err(error), Some(known)) if self.session().is_some() => {
                Ok(known.incomplete_because(error))
            }
            (profile, _) => profile,
        }
    }

    /// With a token that is good, as for any other call.
    async fn fetch_profile(&self) -> Result<Profile, Error> {
        let session = self.which_session();
        let mut tokens = self.tokens_for_call(None).await?;
        let configured = self.config().configured_profile_endpoint();
        let endpoint = configured.or_else(|| tokens.set.metadata.userinfo_endpoint()).cloned();
        let endpoint = endpoint.ok_or(ErrorCode::ProfileNotAvailable)?;
        let mut response = self.send_authorized(get(endpoint.as_str()), &tokens).await?;
        let origin = endpoint.origin();
        let newer = self.tokens_instead_of(session, &tokens, &response, origin, None, true).await?;
        if let Some(newer) = newer {
            tokens = newer;
            response = self.send_authorized(get(endpoint.as_str()), &tokens).await?;
            self.note_second_answer(endpoint.origin(), &tokens, &response);
        }
        self.begin_again_unbound(&tokens, &response).await;
        #[cfg(feature = "signed-userinfo")]
        if let Some(profile) = self.signed_profile(&response, &tokens).await? {
            return Ok(profile);
        }
        let mapping = self.config().configured_profile_mapping();
        Profile::from_response(&response, tokens.set.id_token.as_ref(), mapping)
    }

    /// A failure is not kept: the next call tries again. A newer attempt is left alone.
    fn forget_profile(&self, failed: &Flight<Profile>) {
        let mut current = self.0.profile.borrow_mut();
        if current.as_ref().is_some_and(|flight| flight.ptr_eq(failed)) {
            *current = None;
        }
    }
}
