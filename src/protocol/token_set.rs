//! What a sign-in brought and refreshes renewed: the tokens, and what has to be known to use them. It may be
//! kept as text, sealed, between two pages of an app.

use sha2::{Digest as _, Sha256};

use super::config::Config;
use super::discovery::ProviderMetadata;
use super::error::Error;
use super::id_token::IdToken;
use super::json::{Object, Value, Writer};
use super::pending_login::PendingLogin;
use super::request_options::words;
use super::scope::Scope;
use super::secret::{AccessToken, RawIdToken, RefreshToken, base64url};
#[cfg(feature = "step-up")]
use super::step_up::StepUp;
use super::time::UnixTime;
use super::token::{TokenResponse, TokenType};

/// The access token of one API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiToken {
    /// What it was asked for by ([`Api::token_name`](super::Api::token_name)).
    name: String,
    access_token: AccessToken,
    token_type: TokenType,
    received: UnixTime,
    life: Option<u64>,
}

impl ApiToken {
    fn to_json(&self) -> String {
        Writer::default()
            .text("name", &self.name)
            .text("access_token", self.access_token.expose())
            .text("token_type", self.token_type.scheme())
            .number("received", self.received.0)
            .optional_number("life", self.life)
            .finish()
    }

    fn from_value(kept: &Value) -> Option<Self> {
        let Value::Object(kept) = kept else { return None };
        Some(Self {
            name: kept.text("name").ok()?.to_owned(),
            access_token: AccessToken::new(kept.text("access_token").ok()?),
            token_type: TokenType::parse(kept.text("token_type").ok()?).ok()?,
            received: UnixTime(kept.unsigned("received").ok()?),
            life: kept.optional_unsigned("life").ok()?,
        })
    }
}

/// The tokens of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenSet {
    pub(crate) access_token: AccessToken,
    pub(crate) token_type: TokenType,
    pub(crate) refresh_token: Option<RefreshToken>,
    pub(crate) id_token: Option<IdToken>,
    /// The latest ID token as it came: who signs out, when the provider asks (RP-Initiated Logout 2).
    pub(crate) id_token_hint: Option<RawIdToken>,
    pub(crate) scope: Scope,
    pub(crate) metadata: ProviderMetadata,
    pub(crate) resources: Vec<String>,
    /// Those of APIs that have their own.
    pub(crate) api_tokens: Vec<ApiToken>,
    /// When the access token came, and for how long it lives, in seconds.
    pub(crate) received: UnixTime,
    pub(crate) life: Option<u64>,
    /// When the person signed in here.
    pub(crate) began: UnixTime,
    /// What the login was begun for, when an API had asked for it.
    #[cfg(feature = "step-up")]
    pub(crate) step_up: Option<StepUp>,
    /// How many logins in a row the client began by itself.
    #[cfg(feature = "step-up")]
    pub(crate) step_ups: u64,
}

impl TokenSet {
    /// What the login brought.
    pub(crate) fn of_login(
        response: &TokenResponse,
        id_token: Option<IdToken>,
        login: &PendingLogin,
        now: UnixTime,
    ) -> Self {
        Self {
            access_token: response.access_token().clone(),
            token_type: response.token_type(),
            refresh_token: response.refresh_token().cloned(),
            id_token_hint: response.id_token().filter(|_| id_token.is_some()).cloned(),
            id_token,
            scope: response.scope().clone(),
            metadata: login.metadata().clone(),
            resources: login.options().resources().to_vec(),
            api_tokens: Vec::new(),
            received: now,
            life: response.expires_in(),
            began: login.resumes().unwrap_or(now),
            #[cfg(feature = "step-up")]
            step_up: StepUp::of_login(login),
            #[cfg(feature = "step-up")]
            step_ups: login.step_ups(),
        }
    }

    /// The same after a refresh. What did not come anew stays (RFC 6749 section 6).
    pub(crate) fn renewed(
        &self,
        response: &TokenResponse,
        id_token: Option<IdToken>,
        metadata: ProviderMetadata,
        now: UnixTime,
    ) -> Self {
        let mut renewed = self.clone();
        renewed.access_token = response.access_token().clone();
        renewed.token_type = response.token_type();
        renewed.scope = response.scope().clone();
        renewed.received = now;
        renewed.life = response.expires_in();
        renewed.note_refresh(response, id_token, metadata);
        renewed
    }

    /// What a refresh brings beside an access token.
    fn note_refresh(
        &mut self,
        response: &TokenResponse,
        id_token: Option<IdToken>,
        metadata: ProviderMetadata,
    ) {
        if let Some(newer) = response.refresh_token() {
            self.refresh_token = Some(newer.clone());
        }
        if let Some(newer) = response.id_token().filter(|_| id_token.is_some()) {
            self.id_token_hint = Some(newer.clone());
        }
        self.id_token = id_token;
        self.metadata = metadata;
    }

    /// The same after a refresh that brought the token of an API.
    pub(crate) fn with_api_token(
        &self,
        name: &str,
        response: &TokenResponse,
        id_token: Option<IdToken>,
        metadata: ProviderMetadata,
        now: UnixTime,
    ) -> Self {
        let mut renewed = self.clone();
        renewed.api_tokens.retain(|token| token.name != name);
        renewed.api_tokens.push(ApiToken {
            name: name.to_owned(),
            access_token: response.access_token().clone(),
            token_type: response.token_type(),
            received: now,
            life: response.expires_in(),
        });
        renewed.note_refresh(response, id_token, metadata);
        renewed
    }

    /// The same with the token of an API in the place of the session's own; `None` where it has not been fetched.
    pub(crate) fn for_api(&self, name: &str) -> Option<Self> {
        let token = self.api_tokens.iter().find(|token| token.name == name)?;
        let mut set = self.clone();
        set.access_token = token.access_token.clone();
        set.token_type = token.token_type;
        set.received = token.received;
        set.life = token.life;
        Some(set)
    }

    /// All access tokens, the session's own first.
    pub(crate) fn access_tokens(&self) -> impl Iterator<Item = &AccessToken> {
        let others = self.api_tokens.iter().map(|token| &token.access_token);
        core::iter::once(&self.access_token).chain(others)
    }

    /// When the access token runs out, by this computer's clock.
    pub(crate) fn expires_at(&self) -> Option<UnixTime> {
        self.life.map(|life| self.received.plus(life))
    }

    /// Issuer and identifier together name the person.
    pub(crate) fn person(&self) -> Option<String> {
        let token = self.id_token.as_ref()?;
        Some([token.issuer(), " ", token.subject()].concat())
    }

    /// What the provider knows the person by, where the ID token says it (OpenID Connect Core 3.1.2.1); Entra has a
    /// claim for that.
    pub(crate) fn login_hint(&self) -> Option<&str> {
        let claims = self.id_token.as_ref()?.naming_claims();
        ["login_hint", "preferred_username", "email"].into_iter().find_map(|name| claims.text(name))
    }

    /// Whether both name the same person. Without a name nobody knows.
    pub(crate) fn names_same_person(&self, other: &Self) -> bool {
        self.person().is_some_and(|person| other.person() == Some(person))
    }

    /// The same as a hash, for those who need not know who it is.
    pub(crate) fn person_hash(&self) -> Option<String> {
        Some(base64url(&Sha256::digest(self.person()?)))
    }

    /// The tokens as text, without those of APIs that are not bound to a key, where only bound ones are to be kept.
    /// It is to be sealed before anybody keeps it.
    pub(crate) fn to_json(&self, client_id: &str, is_only_bound: bool) -> String {
        let is_kept = |token: &&ApiToken| !is_only_bound || token.token_type == TokenType::Dpop;
        let api_tokens = self.api_tokens.iter().filter(is_kept).map(ApiToken::to_json);
        let api_tokens: Vec<String> = api_tokens.collect();
        let writer =
            Writer::default().json("api_tokens", &["[", &api_tokens.join(","), "]"].concat());
        #[cfg(feature = "step-up")]
        let writer = writer
            .optional_json("step_up", self.step_up.as_ref().map(StepUp::to_json).as_deref())
            .number("step_ups", self.step_ups);
        writer
            .optional_text("refresh_token", self.refresh_token.as_ref().map(RefreshToken::expose))
            .optional_json("id_token", self.id_token.as_ref().map(IdToken::to_json).as_deref())
            .optional_text("id_token_hint", self.id_token_hint.as_ref().map(RawIdToken::expose))
            .optional_number("life", self.life)
            .text("client_id", client_id)
            .text("access_token", self.access_token.expose())
            .text("token_type", self.token_type.scheme())
            .text("scope", &self.scope.joined())
            .json("metadata", &self.metadata.to_json())
            .text("resources", &self.resources.join(" "))
            .number("received", self.received.0)
            .number("began", self.began.0)
            .finish()
    }

    /// The tokens from such a text. `None` when it isn't one, or is of another app or provider.
    pub(crate) fn from_json(text: &str, config: &Config) -> Option<Self> {
        let kept = Object::parse(text).ok()?;
        let set = Self::from_object(&kept).ok()?;
        let is_of = kept.text("client_id").ok()? == config.client_id()
            && set.metadata.issuer() == config.issuer();
        is_of.then_some(set)
    }

    fn from_object(kept: &Object) -> Result<Self, Error> {
        let id_token = kept.object("id_token").ok().map(IdToken::from_object).transpose()?;
        let secret = |name| kept.optional_text(name);
        let api_tokens = match kept.get("api_tokens") {
            Some(Value::List(tokens)) => tokens.iter().filter_map(ApiToken::from_value).collect(),
            _ => Vec::new(),
        };
        Ok(Self {
            access_token: AccessToken::new(kept.text("access_token")?),
            token_type: TokenType::parse(kept.text("token_type")?)?,
            refresh_token: secret("refresh_token")?.map(RefreshToken::new),
            id_token,
            id_token_hint: secret("id_token_hint")?.map(RawIdToken::new),
            scope: Scope::parse(kept.text("scope")?)?,
            metadata: ProviderMetadata::from_object(kept.object("metadata")?)?,
            resources: words(kept.text("resources")?),
            api_tokens,
            received: UnixTime(kept.unsigned("received")?),
            life: kept.optional_unsigned("life")?,
            began: UnixTime(kept.unsigned("began")?),
            #[cfg(feature = "step-up")]
            step_up: kept.object("step_up").ok().map(StepUp::from_object).transpose()?,
            #[cfg(feature = "step-up")]
            step_ups: kept.unsigned("step_ups").unwrap_or_default(),
        })
    }
}
