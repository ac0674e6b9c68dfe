//! What the provider tells of the person (OpenID Connect Core 5.3).

use std::cell::Cell;
use std::rc::Rc;

use super::Api;
use crate::client::events::{Document, Event};
use crate::client::flight::SingleFlight;
#[cfg(feature = "signed-userinfo")]
use crate::client::session::Tokens;
use crate::client::wire::get;
#[cfg(feature = "signed-userinfo")]
use crate::protocol::ServerResponse;
use crate::protocol::{Error, ErrorCode, Profile};

/// The profile that was asked for, and of which session it is.
#[derive(Default)]
pub(super) struct ProfileOfSession {
    flight: SingleFlight<Profile>,
    session: Cell<u64>,
}

impl ProfileOfSession {
    /// The next call asks anew.
    pub(super) fn forget(&self) {
        self.flight.clear();
    }
}

impl Api {
    /// What the provider tells of the person: asked for once per session.
    ///
    /// # Errors
    ///
    /// As [`Client::profile`](crate::client::Client::profile).
    pub(in crate::client) async fn profile(self: &Rc<Self>) -> Result<Profile, Error> {
        self.sessions.tokens()?;
        let session = self.sessions.number();
        if self.profile.session.replace(session) != session {
            self.profile.forget();
        }
        let api = self.clone();
        let flight = self.profile.flight.join_or(|| async move { api.ask_for_profile().await });
        let profile = flight.clone().await;
        // A failure is not kept: the next call tries again.
        if profile.as_ref().map_or(true, |profile| profile.incomplete().is_some()) {
            self.profile.flight.forget(&flight);
        }
        profile
    }

    /// The same, asked of the provider again.
    ///
    /// # Errors
    ///
    /// As [`Client::profile`](crate::client::Client::profile).
    pub(in crate::client) async fn reload_profile(self: &Rc<Self>) -> Result<Profile, Error> {
        self.profile.forget();
        self.profile().await
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
        let token = self.provider.verify(token, &tokens.set.metadata).await?;
        let client_id = self.context.config().client_id();
        Profile::from_signed(&token, id_token, client_id, self.wire.right_time()).map(Some)
    }

    async fn ask_for_profile(&self) -> Result<Profile, Error> {
        let known = self.sessions.session().and_then(|session| session.profile());
        let profile = self.fetch_profile().await;
        match &profile {
            Ok(told) => {
                self.context.emit(&Event::ProfileReceived);
                self.context.emit_left_out(Document::Profile, &told.left_out());
            }
            Err(error) => self.context.emit_refusal(error),
        }
        match (profile, known) {
            (Ok(profile), Some(known)) => Ok(profile.completed_by(known)),
            (Err(error), Some(known)) if self.sessions.session().is_some() => {
                Ok(known.incomplete_because(error))
            }
            (profile, _) => profile,
        }
    }

    /// With a token that is good, as for any other call.
    async fn fetch_profile(&self) -> Result<Profile, Error> {
        let begun = self.sessions.begun();
        let mut tokens = self.sessions.tokens_for_call(None).await?;
        let configured = self.context.config().configured_profile_endpoint();
        let endpoint = configured.or_else(|| tokens.set.metadata.userinfo_endpoint()).cloned();
        let endpoint = endpoint.ok_or(ErrorCode::ProfileNotAvailable)?;
        let mut response = self.send_authorized(get(endpoint.as_str()), &tokens).await?;
        let origin = endpoint.origin();
        let newer =
            self.sessions.tokens_instead_of(begun, &tokens, &response, origin, None, true).await?;
        if let Some(newer) = newer {
            tokens = newer;
            response = self.send_authorized(get(endpoint.as_str()), &tokens).await?;
            self.sessions.note_second_answer(endpoint.origin(), &tokens, &response);
        }
        self.login.begin_again_unbound(&tokens, &response).await;
        #[cfg(feature = "signed-userinfo")]
        if let Some(profile) = self.signed_profile(&response, &tokens).await? {
            return Ok(profile);
        }
        let mapping = self.context.config().configured_profile_mapping();
        Profile::from_response(&response, tokens.set.id_token.as_ref(), mapping)
    }
}
