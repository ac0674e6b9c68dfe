//! What an app says about itself and its provider, checked before anything leaves the page.

#[cfg(feature = "widget")]
mod named;
#[cfg(feature = "vault")]
mod text;

use super::allow_list::AllowList;
use super::api::Api;
use super::discovery::{DiscoveryKind, ProviderMetadata};
use super::error::{Error, ErrorCode};
use super::issuer::Issuer;
#[cfg(feature = "step-up")]
use super::policy::StepUpPolicy;
use super::policy::{Dpop, Keeping, LogoutKind, Par, Reload, Renewal};
use super::profile_mapping::ProfileMapping;
use super::request_options::{RequestOptions, is_parameter};
use super::scope::Scope;
use super::secure_url::SecureUrl;
use super::unsupported;
use core::time::Duration;

/// How long a login may take, in seconds, unless the app says otherwise.
pub(super) const LOGIN_LIMIT: u64 = 600;

/// The settings of one app at one provider. There is no place for a client secret: an app in the
/// browser is a public client (RFC 6749 section 2.1, RFC 10017 section 6.3.3.1).
///
/// ```
/// use pixy_login::protocol::Config;
///
/// let config = Config::new("https://id.example", "my-app", "https://app.example/callback.html")?
///     .scope("openid profile email")?
///     .allow_origin("https://api.example")?;
/// assert_eq!(config.client_id(), "my-app");
/// # Ok::<(), pixy_login::protocol::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    issuer: Issuer,
    client_id: String,
    redirect_uri: SecureUrl,
    scope: Scope,
    resources: AllowList,
    trusted_audiences: Vec<String>,
    profile_endpoint: Option<SecureUrl>,
    profile_mapping: Option<ProfileMapping>,
    discovery: Option<DiscoveryKind>,
    discovery_url: Option<SecureUrl>,
    metadata: Option<ProviderMetadata>,
    options: RequestOptions,
    post_logout_redirect_uri: Option<SecureUrl>,
    logout_parameters: Vec<(String, String)>,
    logout_hint_claim: Option<String>,
    dpop: Dpop,
    par: Par,
    logout: LogoutKind,
    #[cfg(feature = "step-up")]
    step_up: StepUpPolicy,
    initiate_login_uri: Option<SecureUrl>,
    keeping: Keeping,
    reload: Reload,
    renewal: Renewal,
    idle_limit: Option<u64>,
    session_limit: Option<u64>,
    warning: u64,
    login_limit: u64,
    pkce_is_documented: bool,
}

impl Config {
    /// The three that every app has: the provider's issuer, the app's client id there, and the
    /// redirect URI, absolute and exactly as registered (RFC 6749 section 3.1.2, RFC 9700 section 2.1),
    /// in the browser's own spelling: `https://app.example/`, with the slash.
    /// The scope begins as `openid profile email`.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InvalidConfig`] or [`ErrorCode::InsecureUrl`], naming the setting's value;
    /// [`ErrorCode::ProviderNeedsSecret`] for a provider that is known not to work from a web page.
    pub fn new(issuer: &str, client_id: &str, redirect_uri: &str) -> Result<Self, Error> {
        Self::with_issuer(Issuer::parse(issuer)?, client_id, redirect_uri)
    }

    /// The same, with an issuer that is a named choice ([`Issuer::entra`]).
    ///
    /// # Errors
    ///
    /// As [`Config::new`].
    pub fn with_issuer(issuer: Issuer, client_id: &str, redirect_uri: &str) -> Result<Self, Error> {
        unsupported::check(&issuer)?;
        // RFC 6749 appendix A.1: a client id is of visible characters and spaces.
        let visible = client_id.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
        if client_id.is_empty() || !visible {
            return Err(Error::new(ErrorCode::InvalidConfig).about("client id"));
        }
        // Providers compare it to the letter (RFC 9700 section 2.1), and the browser comes back to it in
        // its own spelling: both must be the same.
        let parsed = SecureUrl::parse(redirect_uri)?;
        if parsed.as_str() != redirect_uri {
            let advice =
                ["redirect URI, to be written and registered as ", parsed.as_str()].concat();
            return Err(Error::new(ErrorCode::InvalidConfig).about(&advice));
        }
        Ok(Self {
            issuer,
            client_id: client_id.to_owned(),
            redirect_uri: parsed,
            scope: Scope::parse("openid profile email")?,
            resources: AllowList::default(),
            trusted_audiences: Vec::new(),
            profile_endpoint: None,
            profile_mapping: None,
            discovery: None,
            discovery_url: None,
            metadata: None,
            options: RequestOptions::new(),
            post_logout_redirect_uri: None,
            logout_parameters: Vec::new(),
            logout_hint_claim: None,
            dpop: Dpop::default(),
            par: Par::default(),
            logout: LogoutKind::default(),
            #[cfg(feature = "step-up")]
            step_up: StepUpPolicy::default(),
            initiate_login_uri: None,
            keeping: Keeping::default(),
            reload: Reload::default(),
            renewal: Renewal::default(),
            idle_limit: None,
            session_limit: None,
            warning: 60,
            login_limit: LOGIN_LIMIT,
            pkce_is_documented: false,
        })
    }

    /// What to ask for, separated by spaces (RFC 6749 section 3.3). With `openid` in it the provider
    /// is an OpenID Connect one and an ID token is required; without, OAuth only.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InvalidScope`].
    pub fn scope(mut self, scope: &str) -> Result<Self, Error> {
        self.scope = Scope::parse(scope)?;
        Ok(self)
    }

    /// Adds an origin to which [`Client::fetch`](crate::client::Client::fetch) may send the access
    /// token: `https://api.example`, compared as a parsed origin, never as the beginning of a text. It takes
    /// bearer tokens, as most APIs do: so the tokens are not bound to a key ([`Config::dpop`]), unless that is
    /// required. For an API that takes bound ones see [`Config::allow_dpop_origin`].
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InsecureUrl`], or [`ErrorCode::InvalidConfig`] when there is more than an origin.
    pub fn allow_origin(mut self, origin: &str) -> Result<Self, Error> {
        self.resources.add_origin(origin, false)?;
        Ok(self)
    }

    /// The same for a server that takes bound tokens with their proofs (RFC 9449 section 7), and whose CORS
    /// lets the header `DPoP` in.
    ///
    /// # Errors
    ///
    /// As [`Config::allow_origin`].
    pub fn allow_dpop_origin(mut self, origin: &str) -> Result<Self, Error> {
        self.resources.add_origin(origin, true)?;
        Ok(self)
    }

    /// Adds a path of an origin, and what is below it, for a server that is not the app's alone:
    /// `https://api.example/v1/` lists `https://api.example/v1/mail`, and neither `/v10` nor `/`. Whole
    /// segments of the parsed URL are compared, to the letter. A path of which a server might read another
    /// one, `/v1/..%2fadmin`, is on no such list.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InsecureUrl`], or [`ErrorCode::InvalidConfig`] for a query or such a path.
    pub fn allow_path(mut self, url: &str) -> Result<Self, Error> {
        self.resources.add_path(url, false)?;
        Ok(self)
    }

    /// The same for a server that takes bound tokens with their proofs, as [`Config::allow_dpop_origin`].
    ///
    /// # Errors
    ///
    /// As [`Config::allow_path`].
    pub fn allow_dpop_path(mut self, url: &str) -> Result<Self, Error> {
        self.resources.add_path(url, true)?;
        Ok(self)
    }

    /// Adds an API that gets an access token of its own, by refresh, where it names a resource, an audience or a
    /// scope: for a provider whose tokens are for one API each (RFC 8707).
    #[must_use]
    pub fn allow_api(mut self, api: Api) -> Self {
        self.resources.add(api);
        self
    }

    /// Trusts an audience that the provider's ID tokens name beside this app: another app, or an API. Only
    /// needed where such a token does not name this app as the one that it was made for (`azp`, OpenID
    /// Connect Core 3.1.3.7 (3) to (5)).
    #[must_use]
    pub fn trusted_audience(mut self, audience: &str) -> Self {
        self.trusted_audiences.push(audience.to_owned());
        self
    }

    /// Where the profile is, for a provider without OpenID Connect's userinfo endpoint. The access
    /// token is sent there.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InsecureUrl`].
    pub fn profile_endpoint(mut self, url: &str) -> Result<Self, Error> {
        self.profile_endpoint = Some(SecureUrl::parse(url)?);
        Ok(self)
    }

    /// How the provider's profile is read, where it isn't OpenID Connect's.
    #[must_use]
    pub fn profile_mapping(mut self, mapping: ProfileMapping) -> Self {
        self.profile_mapping = Some(mapping);
        self
    }

    /// Gives the endpoints of a provider that has no discovery document, from its documentation. For
    /// OpenID Connect its keys are needed, too: [`Config::keys`].
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InsecureUrl`].
    pub fn endpoints(mut self, authorization: &str, token: &str) -> Result<Self, Error> {
        let metadata = ProviderMetadata::documented(self.issuer.clone(), authorization, token)?;
        self.metadata = Some(metadata);
        Ok(self)
    }

    /// Where the keys of a provider are whose [`Config::endpoints`] were given. Its ID tokens are
    /// signed with RS256.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InsecureUrl`], or [`ErrorCode::InvalidConfig`] when no endpoints were given.
    pub fn keys(mut self, jwks_uri: &str) -> Result<Self, Error> {
        let metadata = self.metadata.take();
        let metadata =
            metadata.ok_or_else(|| Error::new(ErrorCode::InvalidConfig).about("keys"))?;
        self.metadata = Some(metadata.with_keys(SecureUrl::parse(jwks_uri)?));
        Ok(self)
    }

    /// Where people are after signing out of the provider, exactly as registered (RP-Initiated Logout 3),
    /// in the browser's own spelling.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InsecureUrl`], or [`ErrorCode::InvalidConfig`] for another spelling.
    pub fn post_logout_redirect_uri(mut self, url: &str) -> Result<Self, Error> {
        let page = SecureUrl::parse(url)?;
        if page.as_str() != url {
            return Err(Error::new(ErrorCode::InvalidConfig).about(page.as_str()));
        }
        self.post_logout_redirect_uri = Some(page);
        Ok(self)
    }

    /// Sets a parameter of the request to sign out at the provider: `ui_locales`, or one that only this provider
    /// knows (RP-Initiated Logout 2). Every provider's way takes them.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InvalidConfig`], naming it, for one that this client sets itself, and for a name or value
    /// that is none.
    pub fn logout_parameter(mut self, name: &str, value: &str) -> Result<Self, Error> {
        self.add_logout_parameter(name, value)?;
        Ok(self)
    }

    fn add_logout_parameter(&mut self, name: &str, value: &str) -> Result<(), Error> {
        const OURS: [&str; 7] = [
            "client_id",
            "id_token_hint",
            "logout_hint",
            "logout_uri",
            "post_logout_redirect_uri",
            "returnTo",
            "state",
        ];
        if !is_parameter(name, value) || name.starts_with("client_") || OURS.contains(&name) {
            return Err(Error::new(ErrorCode::InvalidConfig).about(name));
        }
        self.logout_parameters.retain(|(known, _)| known != name);
        self.logout_parameters.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    /// Sends this claim of the ID token, where it is a text, as the `logout_hint` that tells the provider who
    /// signs out (RP-Initiated Logout 2). Entra's is `login_hint`, an optional claim of the app's registration.
    #[must_use]
    pub fn logout_hint_claim(mut self, claim: &str) -> Self {
        self.logout_hint_claim = Some(claim.to_owned());
        self
    }

    /// Whether to ask for tokens that are bound to a key (RFC 9449). By default where the provider announces
    /// it, and every API that the app lists takes them: an unbound token is better than an API that refuses
    /// each call.
    #[must_use]
    pub const fn dpop(mut self, dpop: Dpop) -> Self {
        self.dpop = dpop;
        self
    }

    /// Whether to push authorization requests (RFC 9126). By default where the provider offers it.
    #[must_use]
    pub const fn par(mut self, par: Par) -> Self {
        self.par = par;
        self
    }

    /// Sets a parameter of the authorization request that only this provider knows, such as
    /// `kc_idp_hint`. What the client sets itself can't be set here.
    ///
    /// # Errors
    ///
    /// As [`RequestOptions::parameter`].
    pub fn parameter(mut self, name: &str, value: &str) -> Result<Self, Error> {
        self.options = self.options.parameter(name, value)?;
        Ok(self)
    }

    /// Who begins another sign-in when an API asks for more: by default the app.
    #[cfg(feature = "step-up")]
    #[must_use]
    pub const fn step_up(mut self, policy: StepUpPolicy) -> Self {
        self.step_up = policy;
        self
    }

    /// Where the tokens are between two pages. By default kept, sealed, for the tabs of the session.
    #[must_use]
    pub const fn keep(mut self, keeping: Keeping) -> Self {
        self.keeping = keeping;
        self
    }

    /// What happens after a reload when nothing was kept. By default nobody is signed in then.
    #[must_use]
    pub const fn on_reload(mut self, reload: Reload) -> Self {
        self.reload = reload;
        self
    }

    /// When access tokens are renewed. By default ahead of their end.
    #[must_use]
    pub const fn renewal(mut self, renewal: Renewal) -> Self {
        self.renewal = renewal;
        self
    }

    /// Signs out, in all tabs, when nobody has done anything in any of them for so long.
    #[must_use]
    pub const fn idle_limit(mut self, time: Duration) -> Self {
        self.idle_limit = Some(whole_seconds(time));
        self
    }

    /// Signs out, in all tabs, so long after the sign-in, whatever is done meanwhile.
    #[must_use]
    pub const fn session_limit(mut self, time: Duration) -> Self {
        self.session_limit = Some(whole_seconds(time));
        self
    }

    /// How long before such a limit [`Event::SessionEnding`](crate::client::Event::SessionEnding)
    /// warns of it. A minute unless said otherwise.
    #[must_use]
    pub const fn warn_before_limits(mut self, time: Duration) -> Self {
        self.warning = whole_seconds(time);
        self
    }

    /// How long a person may take for signing in: ten minutes unless said otherwise. More for a provider
    /// at which people register first, and wait for an e-mail; for as long a verifier and a key lie in the
    /// browser.
    #[must_use]
    pub const fn login_limit(mut self, time: Duration) -> Self {
        self.login_limit = whole_seconds(time);
        self
    }

    /// The page that others may send people to so that they sign in (OpenID Connect Core 4). Keep others
    /// from framing it (`frame-ancestors`).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InsecureUrl`].
    pub fn initiate_login_uri(mut self, url: &str) -> Result<Self, Error> {
        self.initiate_login_uri = Some(SecureUrl::parse(url)?);
        Ok(self)
    }

    /// Checks that the providers of a page can be told apart: no two have the same issuer (RFC 9207
    /// section 4), or the same redirect URI. One of them could otherwise send people on to another, and
    /// have that one's code brought to itself, unless each answer says where it comes from (RFC 9700
    /// section 4.4.2).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InvalidConfig`], naming the issuer.
    pub fn check_distinct(configs: &[Self]) -> Result<(), Error> {
        let mut rest = configs;
        while let Some((first, others)) = rest.split_first() {
            let is_alike = |other: &Self| {
                other.issuer == first.issuer || other.redirect_uri == first.redirect_uri
            };
            if others.iter().any(is_alike) {
                return Err(Error::new(ErrorCode::InvalidConfig).about(first.issuer.as_str()));
            }
            rest = others;
        }
        Ok(())
    }

    /// How signing out at the provider is asked for.
    #[must_use]
    pub const fn logout(mut self, kind: LogoutKind) -> Self {
        self.logout = kind;
        self
    }

    /// What every login of the app asks for beyond the usual, before what was set earlier; a single
    /// login can ask otherwise.
    #[must_use]
    pub fn request_options(mut self, options: RequestOptions) -> Self {
        self.options = options.or(&self.options);
        self
    }

    /// Which discovery document to read, where the scope says it wrongly: by default OpenID Connect's
    /// when `openid` is asked for, else RFC 8414's. The two are never mixed silently.
    #[must_use]
    pub const fn discovery(mut self, kind: DiscoveryKind) -> Self {
        self.discovery = Some(kind);
        self
    }

    /// Where the discovery document is, at a provider that has it elsewhere than below its issuer (Azure AD
    /// B2C, IBM, OneLogin). The issuer that it names must be the configured one all the same.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InsecureUrl`].
    pub fn discovery_url(mut self, url: &str) -> Result<Self, Error> {
        self.discovery_url = Some(SecureUrl::parse(url)?);
        Ok(self)
    }

    /// Gives the provider's metadata as a whole, as its discovery document has them (RFC 8414 section 2), so
    /// that nothing is fetched: for a provider whose document no page may read.
    ///
    /// # Errors
    ///
    /// What the document of a provider is refused for: [`ErrorCode::DiscoveryIssuerMismatch`],
    /// [`ErrorCode::DiscoveryInvalid`], [`ErrorCode::InsecureUrl`], [`ErrorCode::NotJson`].
    pub fn metadata(mut self, json: &str) -> Result<Self, Error> {
        self.metadata = Some(ProviderMetadata::from_json(&self.issuer, json)?);
        Ok(self)
    }

    /// States that the provider's documentation promises PKCE with S256, although its discovery
    /// document doesn't say so (RFC 8414 section 2: left out means not supported). Without PKCE at the
    /// provider a stolen code can be spent by the thief, so read the documentation before.
    #[must_use]
    pub const fn pkce_is_documented(mut self) -> Self {
        self.pkce_is_documented = true;
        self
    }

    /// The provider's issuer identifier.
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The app's client id.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Whether the app trusts this audience beside itself.
    pub(crate) fn trusts_audience(&self, audience: &str) -> bool {
        self.trusted_audiences.iter().any(|known| known == audience)
    }

    /// Where the provider sends the person back to.
    pub const fn redirect_uri(&self) -> &SecureUrl {
        &self.redirect_uri
    }

    /// The app's own scope; a sign-in asks for [`Self::login_scope`].
    pub const fn requested_scope(&self) -> &Scope {
        &self.scope
    }

    /// What every login asks for beyond the usual.
    pub const fn options(&self) -> &RequestOptions {
        &self.options
    }

    /// Where people are after signing out of the provider.
    pub const fn configured_post_logout_redirect_uri(&self) -> Option<&SecureUrl> {
        self.post_logout_redirect_uri.as_ref()
    }

    /// How signing out at the provider is asked for.
    pub const fn logout_kind(&self) -> LogoutKind {
        self.logout
    }

    /// What [`Config::logout_parameter`] has set.
    pub(crate) fn logout_parameters(&self) -> &[(String, String)] {
        &self.logout_parameters
    }

    /// What [`Config::logout_hint_claim`] has set.
    pub(crate) fn configured_logout_hint_claim(&self) -> Option<&str> {
        self.logout_hint_claim.as_deref()
    }

    /// The same settings inside a vault: it keeps nothing, for a script of the page can read or use whatever is
    /// kept between two pages, and it gives no ID token to the page, not even for signing out.
    #[cfg(feature = "vault")]
    pub(crate) fn inside_vault(mut self) -> Self {
        if self.logout == LogoutKind::HintRequired {
            self.logout = LogoutKind::None;
        }
        self.keep(Keeping::InMemory)
    }

    /// Who begins another sign-in.
    #[cfg(feature = "step-up")]
    pub const fn wanted_step_up(&self) -> StepUpPolicy {
        self.step_up
    }

    /// The page that others may send people to.
    pub const fn configured_initiate_login_uri(&self) -> Option<&SecureUrl> {
        self.initiate_login_uri.as_ref()
    }

    /// The limits of a session, idle and as a whole, and how long before them a warning comes, in seconds.
    pub(crate) const fn limits(&self) -> (Option<u64>, Option<u64>, u64) {
        (self.idle_limit, self.session_limit, self.warning)
    }

    /// How long a login may take.
    pub const fn wanted_login_limit(&self) -> Duration {
        Duration::from_secs(self.login_limit)
    }

    /// Where the tokens are between two pages.
    pub const fn wanted_keeping(&self) -> Keeping {
        self.keeping
    }

    /// What happens after a reload.
    pub const fn wanted_reload(&self) -> Reload {
        self.reload
    }

    /// When access tokens are renewed.
    pub const fn wanted_renewal(&self) -> Renewal {
        self.renewal
    }

    /// Whether tokens are to be bound to a key.
    pub const fn wanted_dpop(&self) -> Dpop {
        self.dpop
    }

    /// Whether tokens are to be bound to a key, at a provider that does or does not offer it.
    ///
    /// | `dpop` | the provider offers it | every API listed takes proofs | bound |
    /// | --- | --- | --- | --- |
    /// | `WhenOffered` | yes | yes, or none is listed | yes |
    /// | `WhenOffered` | yes | no | no |
    /// | `WhenOffered` | no | | no |
    /// | `Required` | yes | | yes |
    /// | `Required` | no | | `dpop_not_supported` |
    /// | `Off` | | | no |
    ///
    /// # Errors
    ///
    /// [`ErrorCode::DpopNotSupported`].
    pub fn binds_tokens(&self, is_offered: bool) -> Result<bool, Error> {
        match (self.dpop, is_offered) {
            (Dpop::Required, false) => Err(ErrorCode::DpopNotSupported.into()),
            (Dpop::Off, _) | (Dpop::WhenOffered, false) => Ok(false),
            (Dpop::Required, true) => Ok(true),
            (Dpop::WhenOffered, true) => Ok(self.resources.takes_proofs()),
        }
    }

    /// Whether requests are to be pushed.
    pub const fn wanted_par(&self) -> Par {
        self.par
    }

    /// The configured profile endpoint.
    pub const fn configured_profile_endpoint(&self) -> Option<&SecureUrl> {
        self.profile_endpoint.as_ref()
    }

    /// How the profile is read.
    pub(crate) const fn configured_profile_mapping(&self) -> Option<&ProfileMapping> {
        self.profile_mapping.as_ref()
    }

    /// The endpoints that were given, when discovery isn't used.
    pub const fn given_metadata(&self) -> Option<&ProviderMetadata> {
        self.metadata.as_ref()
    }

    /// The discovery document that is read.
    pub fn discovery_kind(&self) -> DiscoveryKind {
        let by_scope = if self.scope.contains("openid") {
            DiscoveryKind::OpenIdConnect
        } else {
            DiscoveryKind::OAuth
        };
        self.discovery.unwrap_or(by_scope)
    }

    /// The address of the discovery document.
    pub fn discovery_address(&self) -> String {
        match &self.discovery_url {
            Some(url) => url.as_str().to_owned(),
            None => self.discovery_kind().url(&self.issuer),
        }
    }

    /// Checks that a login at this provider can end well: that it is protected by PKCE (RFC 9700 section
    /// 2.1.1), and that its ID token could be verified.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::PkceNotSupported`], [`ErrorCode::DiscoveryInvalid`].
    pub fn check_provider(&self, metadata: &ProviderMetadata, scope: &Scope) -> Result<(), Error> {
        let is_documented =
            self.pkce_is_documented || metadata.leaves_pkce_out() && self.issuer.documents_pkce();
        if !metadata.supports_pkce() && !is_documented {
            return Err(Error::new(ErrorCode::PkceNotSupported).about(self.issuer.as_str()));
        }
        let missing = if metadata.jwks_uri().is_none() {
            "jwks_uri"
        } else if metadata.signing_algorithms().is_empty() {
            "id_token_signing_alg_values_supported"
        } else {
            return Ok(());
        };
        match scope.contains("openid") {
            true => Err(Error::new(ErrorCode::DiscoveryInvalid).about(missing)),
            false => Ok(()),
        }
    }

    /// Whether the access token may be sent to this URL: its parsed origin, or its path below one that is
    /// listed, is on the list (RFC 9700 section 4.9.1).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::OriginNotAllowed`] or [`ErrorCode::InsecureUrl`].
    pub fn check_resource(&self, url: &str) -> Result<SecureUrl, Error> {
        self.resources.check(url).map(|(url, _)| url)
    }

    /// The same, with what the URL is listed by.
    pub(crate) fn api_of(&self, url: &str) -> Result<(SecureUrl, &Api), Error> {
        self.resources.check(url)
    }

    /// What a sign-in asks for: the app's scope, and that of its APIs.
    pub fn login_scope(&self) -> Scope {
        let scope = self.scope.clone();
        self.resources.iter().fold(scope, |scope, api| scope.union(api.wanted_scope()))
    }

    /// What its APIs are called at the provider, where they have tokens of their own (RFC 8707 section 2).
    pub(super) fn api_resources(&self) -> Vec<&str> {
        let mut named = Vec::new();
        for resource in self.resources.iter().filter_map(Api::named_resource) {
            if !named.contains(&resource) {
                named.push(resource);
            }
        }
        named
    }
}

/// Limits count whole seconds, and a part of one is no reason to have none.
const fn whole_seconds(time: Duration) -> u64 {
    if time.subsec_nanos() == 0 { time.as_secs() } else { time.as_secs().saturating_add(1) }
}
