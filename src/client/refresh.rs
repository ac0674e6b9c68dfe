//! A new access token for a session that goes on (RFC 6749 section 6): in one tab at a time, and once for
//! all who wait.

use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use wasm_bindgen_futures::spawn_local;

use super::dpop::Key;
use super::keeping::{Kept, Sharing};
use super::message::Message;
use super::renewal::turn::{Answer, End, Generation, Step, Turn, Written};
use super::session::Tokens;
use super::transport::{exchange, get, post_form};
use super::{Client, Document, Event, Flight, Status, in_any_case};
use crate::browser::timer::pause;
use crate::protocol::refused_refresh::{refusal, refusal_for_api};
use crate::protocol::{
    Error, ErrorCode, IdToken, ProviderMetadata, ServerResponse, TokenRequest, TokenResponse,
    TokenSet,
};

/// How long somebody waits for a new token, in milliseconds: longer than for any one answer, so that what is
/// told of it comes first. The request goes on.
const PATIENCE: u32 = 12_000;
/// How long the request itself may take, in milliseconds. It is not called off before, for its answer may
/// hold the only refresh token that is still good.
const LONGEST: u32 = 40_000;

/// A renewal that is under way.
pub(super) struct Renewing {
    session: u64,
    /// The API whose token it is for, by its name; `None` for the session's own.
    api: Option<String>,
    flight: Flight<()>,
}

/// What a request brought.
struct Brought {
    set: TokenSet,
    key: Option<Key>,
    /// The answer, to be handed back when there is no session for it any more.
    response: Option<TokenResponse>,
}

impl Client {
    /// Renews the access token; one request for all who wait, in all tabs of the session. A fault of the
    /// network or of the provider leaves the session as it is. When the provider says that it is over, or
    /// answers for somebody else, it ends, in all tabs.
    ///
    /// # Errors
    ///
    /// `not_signed_in`, `no_refresh_token`, `session_ended`, `timeout` after twelve seconds (the request goes
    /// on, and what it brings is used), what is wrong with the answer, and the network's.
    pub async fn refresh(&self) -> Result<(), Error> {
        if let Some(vault) = self.vault() {
            return vault.refresh().await;
        }
        self.refresh_for(None).await
    }

    /// The same, or for the token of an API.
    pub(super) async fn refresh_for(&self, api: Option<&str>) -> Result<(), Error> {
        match select(self.refreshing(api), pause(PATIENCE).boxed_local()).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(ErrorCode::Timeout.into()),
        }
    }

    /// The last renewal of this session that is under way, if one is.
    pub(super) fn renewal_of(&self, session: u64) -> Option<Flight<()>> {
        let renewals = self.0.renewals.borrow();
        let last = renewals.iter().rfind(|renewing| renewing.session == session);
        last.map(|renewing| renewing.flight.clone())
    }

    fn refreshing(&self, api: Option<&str>) -> Flight<()> {
        let session = self.which_session();
        let is_this = move |renewing: &Renewing, api: Option<&str>| {
            renewing.session == session && renewing.api.as_deref() == api
        };
        let known = self.0.renewals.borrow();
        if let Some(renewing) = known.iter().find(|renewing| is_this(renewing, api)) {
            return renewing.flight.clone();
        }
        drop(known);
        if let Some(error) = self.renewal_obstacle() {
            return async move { Err(error) }.boxed_local().shared();
        }
        let (client, before) = (self.clone(), self.renewal_of(session));
        let name = api.map(str::to_owned);
        let wanted = name.clone();
        let flight = in_any_case(async move {
            let result = client.renew_after(before, session, wanted.as_deref()).await;
            // Before anybody wakes: who comes again at once begins the next one.
            let mut renewals = client.0.renewals.borrow_mut();
            renewals.retain(|renewing| !is_this(renewing, wanted.as_deref()));
            drop(renewals);
            if let Err(error) = &result {
                client.emit(&Event::Refused { error: error.clone() });
            }
            result
        });
        let renewing = Renewing { session, api: name, flight: flight.clone() };
        self.0.renewals.borrow_mut().push(renewing);
        flight
    }

    /// One after the other: a refresh token may be good for one request only.
    async fn renew_after(
        &self,
        before: Option<Flight<()>>,
        session: u64,
        api: Option<&str>,
    ) -> Result<(), Error> {
        if let Some(before) = before {
            if let Err(error) = before.await {
                self.tokens_of(session).map_err(|_| error)?;
            }
            // Meanwhile the provider may have asked to be left alone.
            if let Some(error) = self.renewal_obstacle() {
                return Err(error);
            }
        }
        self.renew(session, api).await
    }

    /// Takes the steps of a [`Turn`]. Whatever is brought is for this session, and for no other that begins
    /// meanwhile.
    async fn renew(&self, session: u64, api: Option<&str>) -> Result<(), Error> {
        let tokens = self.tokens_of(session)?;
        if tokens.set.refresh_token.is_none() {
            return Err(ErrorCode::NoRefreshToken.into());
        }
        let asked = self.token_for(api);
        // Before the lock, which others wait for.
        let metadata = self.metadata_of(&tokens.set).await;
        let sharing = self.sharing();
        let generation = sharing.as_ref().map_or(0, |sharing| sharing.generation);
        let (mut turn, mut step) = Turn::begin(generation, sharing.is_some());
        let mut guard = None;
        let mut read = None;
        let mut brought = None;
        let mut outcome = Ok(());
        let end = loop {
            step = match (step, &sharing) {
                (Step::Lock, Some(sharing)) => {
                    guard = Some(self.lock(sharing).await);
                    turn.locked()
                }
                (Step::Read, Some(sharing)) => {
                    let (found, kept) = self.read_kept(sharing).await;
                    read = kept;
                    turn.read(found)
                }
                (Step::Adopt, _) => {
                    if let Some(kept) = read.take() {
                        self.adopt(kept);
                    }
                    outcome = Ok(());
                    // Another tab may have renewed for another API.
                    turn.adopted(self.is_worn_for(api) || self.token_for(api) == asked)
                }
                // Another tab has done it meanwhile.
                (Step::Send, _) if self.token_for(api) != asked && !self.is_worn_for(api) => {
                    Step::End(End::Adopted)
                }
                (Step::Send, _) => {
                    let (answer, result) =
                        self.ask_for_tokens(session, api, metadata.clone(), &mut brought).await;
                    outcome = result;
                    turn.answered(answer)
                }
                (Step::Write(generation), Some(sharing)) => {
                    let brought = brought.as_ref();
                    turn.written(self.keep_brought(session, sharing, brought, generation).await)
                }
                (Step::Remove(end), Some(sharing)) => {
                    self.remove_kept(sharing).await;
                    Step::End(end)
                }
                (Step::End(end), _) => break end,
                // Only a session that is shared has these steps.
                (_, None) => break End::Failed,
            };
        };
        let result = self.settle(end, &turn, (session, api), brought, outcome);
        drop(guard);
        result
    }

    /// Keeps what the request brought, unless the session is over.
    async fn keep_brought(
        &self,
        session: u64,
        sharing: &Sharing,
        brought: Option<&Brought>,
        generation: Generation,
    ) -> Written {
        let (Some(brought), Ok(tokens)) = (brought, self.tokens_of(session)) else {
            return Written::Gone;
        };
        let write = || self.write_kept(sharing, &brought.set, tokens.key.as_ref(), generation);
        match write().await {
            // Once more: the other tabs' session depends on it.
            Written::Failed => write().await,
            written => written,
        }
    }

    /// Makes of the end of a turn what it means for the session.
    fn settle(
        &self,
        end: End,
        turn: &Turn,
        (session, api): (u64, Option<&str>),
        brought: Option<Brought>,
        outcome: Result<(), Error>,
    ) -> Result<(), Error> {
        // Where the session is over, or another has begun, what came is for neither.
        let tokens = match self.tokens_of(session) {
            Ok(tokens) => tokens,
            Err(error) => {
                self.hand_back_brought(brought.filter(|brought| !self.is_of_current(brought)));
                return Err(error);
            }
        };
        match end {
            End::Renewed | End::Detached => {
                if end == End::Detached {
                    self.forget_sharing();
                }
                if let Err(error) = &outcome {
                    self.note_failure(error, api);
                }
                self.go_on(&tokens, brought, turn, api);
                outcome
            }
            End::Adopted => Ok(()),
            End::Failed => {
                if let Err(error) = &outcome {
                    self.note_failure(error, api);
                }
                outcome
            }
            End::SignedOut => {
                self.hand_back_brought(brought);
                self.obey_sign_out(true);
                Err(ErrorCode::NotSignedIn.into())
            }
            End::Over => {
                self.hand_back_brought(brought);
                let error = outcome.err().unwrap_or_else(|| ErrorCode::SessionEnded.into());
                self.end_with(error.clone());
                Err(error)
            }
        }
    }

    /// Ends the session here and in the other tabs, and says why.
    fn end_with(&self, error: Error) -> Option<Sharing> {
        let sharing = self.forget_sharing();
        if let Some(sharing) = &sharing {
            self.tell(&Message::Over { session: sharing.under.session.clone() });
        }
        self.forget_session();
        self.set_status(Status::Failed(error));
        sharing
    }

    /// Ends a session that has run out: nothing brings it back, but the provider may know the person yet.
    pub(super) fn expire(&self, error: Error) {
        let Ok(tokens) = self.tokens() else { return };
        self.emit(&Event::Refused { error: error.clone() });
        let sharing = self.end_with(error);
        self.expect_return_of(&tokens.set);
        let Some(sharing) = sharing else { return };
        let client = self.clone();
        spawn_local(async move { client.remove_kept(&sharing).await });
    }

    fn go_on(&self, tokens: &Tokens, brought: Option<Brought>, turn: &Turn, api: Option<&str>) {
        let Some(Brought { set, response, .. }) = brought else { return };
        if let Some(sharing) = self.0.sharing.borrow_mut().as_mut() {
            sharing.generation = turn.generation();
        }
        if let Some(sharing) = self.sharing() {
            let session = sharing.under.session;
            self.tell(&Message::Renewed { session, generation: turn.generation() });
        }
        self.hold(Tokens::new(set, tokens.key.clone(), self.config()));
        if let Some(response) = response {
            self.emit_token(&response);
            if api.is_none() {
                self.emit(&Event::Refreshed);
            }
        }
    }

    /// What is wrong with one API's token alone does not put the session's own renewal off.
    fn note_failure(&self, error: &Error, api: Option<&str>) {
        if api.is_none() || error.code() == ErrorCode::ProviderUnavailable {
            self.postpone(error);
        }
    }

    /// Goes on with what another tab has renewed.
    pub(super) fn adopt(&self, kept: Kept) {
        let is_same = self.tokens().is_ok_and(|own| own.set.person() == kept.set.person());
        if !is_same {
            return;
        }
        if let Some(sharing) = self.0.sharing.borrow_mut().as_mut() {
            sharing.generation = kept.generation;
        }
        self.hold(Tokens::new(kept.set, kept.key, self.config()));
        self.emit(&Event::RefreshedElsewhere);
    }

    /// Sends the request. What comes of it is in `brought`; beside the answer as the turn sees it stands how
    /// it is for the caller.
    async fn ask_for_tokens(
        &self,
        session: u64,
        api: Option<&str>,
        metadata: ProviderMetadata,
        brought: &mut Option<Brought>,
    ) -> (Answer, Result<(), Error>) {
        let tokens = match self.tokens_of(session) {
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
            let set = TokenSet { refresh_token: Some(newer.clone()), ..tokens.set.clone() };
            if self.which_session() == session {
                self.keep_refresh_token(newer);
            }
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
                let (set, now) = (&tokens.set, self.now());
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

    /// The metadata for a renewal: refreshed with its lifetime, for a provider may change its endpoints and
    /// algorithms while a session goes on. Where it can't be had, what the session has is good.
    async fn metadata_of(&self, set: &TokenSet) -> ProviderMetadata {
        self.metadata().await.unwrap_or_else(|_| set.metadata.clone())
    }

    /// A refusal that the page may not see looks like a network that is down. But then the provider's other
    /// addresses don't answer either.
    pub(super) fn find_out_whether_refused(&self) {
        let (client, session) = (self.clone(), self.which_session());
        spawn_local(async move {
            let Ok(tokens) = client.tokens_of(session) else { return };
            let metadata = &tokens.set.metadata;
            let origin = metadata.token_endpoint().origin();
            let Some(other) = metadata.jwks_uri().filter(|uri| uri.origin() == origin) else {
                return;
            };
            let answers = exchange(&client.0.browser, get(other.as_str())).await.is_ok();
            if answers && client.which_session() == session {
                client.note_hidden_refusal();
            }
        });
    }

    async fn send_refresh(
        &self,
        tokens: &Tokens,
        metadata: &ProviderMetadata,
        api: Option<&str>,
    ) -> Result<ServerResponse, Error> {
        let set = &tokens.set;
        let token = set.refresh_token.as_ref().ok_or(ErrorCode::NoRefreshToken)?;
        let client_id = self.config().client_id();
        let request = match api {
            Some(name) => TokenRequest::refresh_with(metadata, client_id, token, name),
            None => TokenRequest::refresh(metadata, client_id, token, &set.resources),
        };
        let mut form = post_form(request.endpoint(), request.body());
        form.timeout = LONGEST;
        self.send_proven(form, tokens.key.as_ref(), None).await
    }

    /// What the answer says of the person, after the rules of OpenID Connect Core 12.2, and the metadata by
    /// which it was judged: fetched anew, where it didn't know the algorithm or the key.
    async fn renewed(
        &self,
        tokens: &Tokens,
        response: &TokenResponse,
        mut metadata: ProviderMetadata,
    ) -> Result<(Option<IdToken>, ProviderMetadata), Error> {
        response.check_type(tokens.key.is_some(), self.config().wanted_dpop())?;
        let (Some(token), Some(original)) = (response.id_token(), &tokens.set.id_token) else {
            return Ok((tokens.set.id_token.clone(), metadata));
        };
        let mut verified = self.verify_id_token(token, &metadata).await;
        if verified.as_ref().is_err_and(is_of_other_metadata)
            && let Ok(newer) = self.newer_metadata(&metadata).await
        {
            metadata = newer;
            verified = self.verify_id_token(token, &metadata).await;
        }
        let (access_token, issuer) = (response.access_token(), metadata.issuer());
        let verified = verified?;
        let judge = |now| {
            IdToken::of_refresh(&verified, original, access_token, issuer, self.config(), now)
        };
        let token = self.judge_by_right_time(judge).await?;
        self.emit_left_out(Document::IdToken, &token.left_out());
        if token.auth_time() != original.auth_time() || token.acr() != original.acr() {
            let acr = token.acr().map(str::to_owned);
            self.emit(&Event::AuthenticatedAnew { auth_time: token.auth_time(), acr });
        }
        Ok((Some(token), metadata))
    }

    /// Whether it is of the person who has signed in meanwhile: at some providers what they have by now would
    /// go with it.
    fn is_of_current(&self, brought: &Brought) -> bool {
        self.tokens().is_ok_and(|current| current.set.names_same_person(&brought.set))
    }

    fn hand_back_brought(&self, brought: Option<Brought>) {
        let Some(Brought { set, key, response }) = brought else { return };
        match response {
            Some(response) => self.hand_back(&response, &set.metadata, key),
            None => self.hand_back_set(set, key),
        }
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
