//! A login that has begun: what must be known again when the provider answers.

use super::config::{Config, LOGIN_LIMIT};
use super::discovery::ProviderMetadata;
use super::error::Error;
use super::json::{Object, Writer};
use super::pkce::CodeVerifier;
use super::refused_request::RefusedRequest;
use super::request_options::RequestOptions;
use super::return_to::ReturnTo;
use super::scope::Scope;
use super::secret::{Nonce, State};
use super::secure_url::SecureUrl;
use super::time::UnixTime;

/// The record of one login, kept in session storage between leaving and coming back, under its
/// `state`. It carries the provider's metadata, so that the code goes to the provider that was asked
/// (RFC 9700 section 4.4.2) and nothing has to be discovered again.
#[derive(Clone, Debug)]
pub struct PendingLogin {
    pub(crate) state: State,
    pub(crate) nonce: Nonce,
    pub(crate) code_verifier: CodeVerifier,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: SecureUrl,
    pub(crate) scope: Scope,
    pub(crate) metadata: ProviderMetadata,
    pub(crate) return_to: ReturnTo,
    pub(crate) options: RequestOptions,
    pub(crate) dpop_jkt: Option<String>,
    pub(crate) needed: Option<Scope>,
    pub(crate) refused: Option<RefusedRequest>,
    pub(crate) step_ups: u64,
    pub(crate) resumes: Option<UnixTime>,
    pub(crate) is_again: bool,
    pub(crate) limit: u64,
    pub(crate) started: UnixTime,
}

impl PendingLogin {
    /// How long a login may take, in seconds, unless the app says otherwise
    /// ([`Config::login_limit`]).
    pub const LIFETIME: u64 = LOGIN_LIMIT;
    /// How many logins may be under way in one tab. The oldest makes room for a new one.
    pub const MOST: usize = 10;

    /// Whether it has taken too long. A record from the future is too old as well: the clock was set
    /// back, and nobody knows by how much.
    pub const fn is_expired(&self, now: UnixTime) -> bool {
        now.since(self.started) > self.limit || self.started.since(now) > self.limit
    }

    /// Whether the app of this configuration began it. A page may have several, each with its provider.
    pub fn is_of(&self, config: &Config) -> bool {
        self.client_id == config.client_id()
            && self.redirect_uri == *config.redirect_uri()
            && self.metadata.issuer() == config.issuer()
    }

    /// The state as the key of the record.
    pub(crate) fn state_key(&self) -> &str {
        self.state.expose()
    }

    /// When it began.
    pub const fn started(&self) -> UnixTime {
        self.started
    }

    /// The metadata of the provider that was asked.
    pub const fn metadata(&self) -> &ProviderMetadata {
        &self.metadata
    }

    /// The scope that was asked for.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The key that the login's tokens are to be bound to, by its thumbprint (RFC 9449 section 10).
    pub fn dpop_jkt(&self) -> Option<&str> {
        self.dpop_jkt.as_deref()
    }

    /// The scope without which the login is of no use: it was begun for a refused request.
    pub const fn needed_scope(&self) -> Option<&Scope> {
        self.needed.as_ref()
    }

    /// The request that is repeated afterwards.
    pub const fn refused_request(&self) -> Option<&RefusedRequest> {
        self.refused.as_ref()
    }

    /// How many logins in a row were for refused requests.
    pub(crate) const fn step_ups(&self) -> u64 {
        self.step_ups
    }

    /// When the session began that is to go on. Nobody waits for such a login: that the provider needs the
    /// person is no failure then.
    pub(crate) const fn resumes(&self) -> Option<UnixTime> {
        self.resumes
    }

    /// What was asked for beyond the usual, of the app as well as of this login.
    pub(crate) const fn options(&self) -> &RequestOptions {
        &self.options
    }

    /// Whether the client began it by itself in the place of one that failed. It does so once.
    pub(crate) const fn is_again(&self) -> bool {
        self.is_again
    }

    /// Where the person wants to be afterwards.
    pub const fn return_to(&self) -> &ReturnTo {
        &self.return_to
    }

    /// The record as text for the session storage. It holds the login's secrets.
    pub fn to_json(&self) -> String {
        let needed = self.needed.as_ref().map(Scope::joined);
        let refused = self.refused.as_ref().filter(|_| cfg!(feature = "step-up"));
        let refused = refused.map(RefusedRequest::to_json);
        Writer::default()
            .optional_number("resumes", self.resumes.map(|began| began.0))
            .optional_text("dpop_jkt", self.dpop_jkt.as_deref())
            .optional_text("needed", needed.as_deref())
            .optional_json("refused", refused.as_deref())
            .json("options", &self.options.to_json())
            .text("state", self.state.expose())
            .text("nonce", self.nonce.expose())
            .text("code_verifier", self.code_verifier.expose())
            .text("client_id", &self.client_id)
            .text("redirect_uri", self.redirect_uri.as_str())
            .text("scope", &self.scope.joined())
            .json("metadata", &self.metadata.to_json())
            .text("return_to", self.return_to.as_str())
            .number("step_ups", self.step_ups)
            .flag("again", self.is_again)
            .number("limit", self.limit)
            .number("started", self.started.0)
            .finish()
    }

    /// The record from such a text, `None` when it isn't one. URLs, scope, metadata and verifier are
    /// checked as if they had come from elsewhere; the rest is compared when the answer comes.
    pub fn from_json(text: &str) -> Option<Self> {
        Self::from_object(&Object::parse(text).ok()?).ok()?
    }

    fn from_object(record: &Object) -> Result<Option<Self>, Error> {
        let Some(code_verifier) = CodeVerifier::parse(record.text("code_verifier")?) else {
            return Ok(None);
        };
        let redirect_uri = SecureUrl::parse(record.text("redirect_uri")?)?;
        let options = record.optional_texts("options")?.unwrap_or_default();
        Ok(Some(Self {
            state: State::new(record.text("state")?),
            nonce: Nonce::new(record.text("nonce")?),
            code_verifier,
            client_id: record.text("client_id")?.to_owned(),
            scope: Scope::parse(record.text("scope")?)?,
            metadata: ProviderMetadata::from_object(record.object("metadata")?)?,
            return_to: ReturnTo::new(record.text("return_to")?, &redirect_uri),
            redirect_uri,
            options: RequestOptions::from_texts(&options)?,
            dpop_jkt: record.optional_text("dpop_jkt")?.map(str::to_owned),
            refused: refused_request(record),
            step_ups: record.unsigned("step_ups")?,
            resumes: record.optional_unsigned("resumes")?.map(UnixTime),
            is_again: record.flag("again")?,
            limit: record.unsigned("limit")?,
            needed: record.optional_text("needed")?.map(Scope::parse).transpose()?,
            started: UnixTime(record.unsigned("started")?),
        }))
    }
}

/// The request to repeat, in a build that can repeat it. Without it a login is good all the same.
fn refused_request(record: &Object) -> Option<RefusedRequest> {
    let refused = record.object("refused").ok().filter(|_| cfg!(feature = "step-up"))?;
    RefusedRequest::from_object(refused)
}
