//! The provider's own description of itself (OpenID Connect Discovery, RFC 8414).

use super::algorithm::Algorithm;
use super::error::{Error, ErrorCode};
use super::issuer::Issuer;
use super::json::{Object, ServerResponse, Value, Writer, flag};
#[cfg(any(feature = "vault", feature = "widget"))]
use super::names::names;
use super::secure_url::SecureUrl;
use super::time::UnixTime;

/// Where the discovery document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiscoveryKind {
    /// `<issuer>/.well-known/openid-configuration` (OpenID Connect Discovery 4).
    OpenIdConnect,
    /// `/.well-known/oauth-authorization-server` between host and path (RFC 8414 section 3).
    OAuth,
}

#[cfg(any(feature = "vault", feature = "widget"))]
names!(DiscoveryKind {
    "openid" => OpenIdConnect,
    "oauth" => OAuth,
});

impl DiscoveryKind {
    /// The document's URL for an issuer.
    pub fn url(self, issuer: &Issuer) -> String {
        match self {
            Self::OpenIdConnect => issuer.openid_configuration_url(),
            Self::OAuth => issuer.authorization_server_metadata_url(),
        }
    }
}

/// A provider's metadata, checked. It is stored and read back through the same checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderMetadata(Box<Facts>);

/// What a provider says of itself. In a box: whoever passes it on moves a pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Facts {
    issuer: Issuer,
    authorization_endpoint: SecureUrl,
    token_endpoint: SecureUrl,
    userinfo_endpoint: Option<SecureUrl>,
    jwks_uri: Option<SecureUrl>,
    pushed_authorization_request_endpoint: Option<SecureUrl>,
    revocation_endpoint: Option<SecureUrl>,
    end_session_endpoint: Option<SecureUrl>,
    signing_algorithms: Vec<Algorithm>,
    userinfo_algorithms: Vec<Algorithm>,
    /// `None` where the document does not say.
    supports_pkce: Option<bool>,
    supports_dpop: bool,
    requires_par: bool,
    always_names_issuer: bool,
    left_out: LeftOut,
}

/// The optional members of a document that could not be used. What is made of it is the same with or without
/// them, and what is stored has none.
#[derive(Clone, Debug, Default)]
struct LeftOut(Vec<&'static str>);

impl PartialEq for LeftOut {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for LeftOut {}

impl ProviderMetadata {
    /// Judges the answer to the request for the discovery document of `issuer`.
    ///
    /// # Errors
    ///
    /// - [`ErrorCode::ProviderUnavailable`] for 429 and 5xx, [`ErrorCode::DiscoveryNotFound`] for any
    ///   other status but 200 (RFC 8414 section 3.2),
    /// - [`ErrorCode::NotJson`] for what is none, and [`ErrorCode::DiscoveryInvalid`] for JSON that is not
    ///   `application/json`,
    /// - [`ErrorCode::DiscoveryIssuerMismatch`] when it names another issuer, compared to the letter
    ///   (RFC 8414 section 3.3),
    /// - [`ErrorCode::DiscoveryInvalid`] or [`ErrorCode::InsecureUrl`] for an endpoint that is missing
    ///   or can't be used.
    pub fn from_response(issuer: &Issuer, response: &ServerResponse) -> Result<Self, Error> {
        if response.status >= 500 || response.status == 429 {
            return Err(Error::new(ErrorCode::ProviderUnavailable).about(issuer.as_str()));
        }
        if response.status != 200 {
            return Err(Error::new(ErrorCode::DiscoveryNotFound).about(issuer.as_str()));
        }
        Self::of_document(issuer, &response.object().map_err(about_document)?)
    }

    /// Judges metadata that the app gives itself, as a document that was fetched.
    ///
    /// # Errors
    ///
    /// As [`Self::from_response`].
    pub fn from_json(issuer: &Issuer, json: &str) -> Result<Self, Error> {
        Self::of_document(issuer, &Object::parse(json).map_err(about_document)?)
    }

    fn of_document(issuer: &Issuer, document: &Object) -> Result<Self, Error> {
        // Before anything else of the document is looked at (RFC 8414 section 6.2).
        let named = document.text("issuer").map_err(about_document)?;
        if !issuer.accepts_document(named) {
            return Err(Error::new(ErrorCode::DiscoveryIssuerMismatch).about(named));
        }
        Self::read(document, issuer.clone()).map_err(about_document)
    }

    /// Reads what [`Self::to_json`] wrote, checked like a fresh document.
    pub(crate) fn from_object(stored: &Object) -> Result<Self, Error> {
        Self::read(stored, Issuer::from_stored(stored.text("issuer")?)?)
    }

    /// Reads a document, fresh or stored. Unknown members are ignored (RFC 8414 section 3.2). The endpoints
    /// that the flow itself needs must be good; whatever else can't be used counts as left out.
    fn read(document: &Object, issuer: Issuer) -> Result<Self, Error> {
        let mut left_out = Vec::new();
        let response_types = texts(document, "response_types_supported", &mut left_out);
        // An empty list counts as left out (RFC 8414 section 3.2).
        if !response_types.is_empty() && !response_types.contains(&"code") {
            return Err(Error::new(ErrorCode::InvalidResponse).about("response_types_supported"));
        }
        // A provider that is elsewhere has no plain endpoint on this very machine.
        let is_elsewhere = issuer.as_str().starts_with("https:");
        let url = |text| match SecureUrl::parse(text)? {
            url if is_elsewhere && !url.as_str().starts_with("https:") => {
                Err(Error::new(ErrorCode::InsecureUrl).about(url.origin()))
            }
            url => Ok(url),
        };
        let left_out = &mut left_out;
        let jwks_uri = document.optional_text("jwks_uri")?.filter(|text| !text.is_empty());
        let methods = texts(document, PKCE_METHODS, left_out);
        let proofs = texts(document, "dpop_signing_alg_values_supported", left_out);
        let signing = texts(document, ID_TOKEN_ALGORITHMS, left_out);
        let userinfo = texts(document, USERINFO_ALGORITHMS, left_out);
        let mut is_so = |name| document.usable(name, left_out, flag).unwrap_or_default();
        let requires_par = is_so("require_pushed_authorization_requests");
        let always_names_issuer = is_so("authorization_response_iss_parameter_supported");
        let mut endpoint = |name| {
            let endpoint = url(document.usable(name, left_out, Value::as_said)?).ok();
            if endpoint.is_none() {
                left_out.push(name);
            }
            endpoint
        };
        Ok(Self(Box::new(Facts {
            authorization_endpoint: url(document.text("authorization_endpoint")?)?,
            token_endpoint: url(document.text("token_endpoint")?)?,
            jwks_uri: jwks_uri.map(url).transpose()?,
            userinfo_endpoint: endpoint("userinfo_endpoint"),
            pushed_authorization_request_endpoint: endpoint(PAR_ENDPOINT),
            revocation_endpoint: endpoint("revocation_endpoint"),
            end_session_endpoint: endpoint("end_session_endpoint"),
            signing_algorithms: algorithms(&signing, &["RS256"]),
            userinfo_algorithms: algorithms(&userinfo, &[]),
            supports_pkce: (!methods.is_empty()).then(|| methods.contains(&"S256")),
            supports_dpop: proofs.contains(&"ES256"),
            requires_par,
            always_names_issuer,
            issuer,
            left_out: LeftOut(core::mem::take(left_out)),
        })))
    }

    /// The metadata as JSON, with the names of the discovery document.
    pub(crate) fn to_json(&self) -> String {
        // Announced, but none that is known here: that must not become the default when it is read again.
        let names = |list: &[Algorithm]| match list {
            [] => vec!["none"],
            known => known.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>(),
        };
        let mut writer = Writer::default()
            .text("issuer", self.0.issuer.stored())
            .text("authorization_endpoint", self.0.authorization_endpoint.as_str())
            .text("token_endpoint", self.0.token_endpoint.as_str())
            .texts(ID_TOKEN_ALGORITHMS, &names(&self.0.signing_algorithms))
            .texts(USERINFO_ALGORITHMS, &names(&self.0.userinfo_algorithms))
            .texts(
                PKCE_METHODS,
                match self.0.supports_pkce {
                    Some(true) => &["S256"],
                    Some(false) => &["plain"],
                    None => &[],
                },
            )
            .texts("dpop_signing_alg_values_supported", listed(self.0.supports_dpop, &["ES256"]))
            .flag("require_pushed_authorization_requests", self.0.requires_par)
            .flag("authorization_response_iss_parameter_supported", self.0.always_names_issuer);
        let optional = [
            ("userinfo_endpoint", &self.0.userinfo_endpoint),
            ("jwks_uri", &self.0.jwks_uri),
            (PAR_ENDPOINT, &self.0.pushed_authorization_request_endpoint),
            ("revocation_endpoint", &self.0.revocation_endpoint),
            ("end_session_endpoint", &self.0.end_session_endpoint),
        ];
        for (name, endpoint) in optional {
            writer = writer.optional_text(name, endpoint.as_ref().map(SecureUrl::as_str));
        }
        writer.finish()
    }

    /// The endpoints of a provider without discovery. It announces nothing, PKCE included.
    pub(crate) fn documented(
        issuer: Issuer,
        authorization: &str,
        token: &str,
    ) -> Result<Self, Error> {
        Ok(Self(Box::new(Facts {
            issuer,
            authorization_endpoint: SecureUrl::parse(authorization)?,
            token_endpoint: SecureUrl::parse(token)?,
            userinfo_endpoint: None,
            jwks_uri: None,
            pushed_authorization_request_endpoint: None,
            revocation_endpoint: None,
            end_session_endpoint: None,
            signing_algorithms: vec![Algorithm::DEFAULT],
            userinfo_algorithms: Vec::new(),
            supports_pkce: None,
            supports_dpop: false,
            requires_par: false,
            always_names_issuer: false,
            left_out: LeftOut::default(),
        })))
    }

    /// The same, with where the keys are.
    pub(crate) fn with_keys(mut self, jwks_uri: SecureUrl) -> Self {
        self.0.jwks_uri = Some(jwks_uri);
        self
    }

    /// The issuer that the metadata belongs to.
    pub const fn issuer(&self) -> &Issuer {
        &self.0.issuer
    }

    /// Where the person signs in (RFC 6749 section 3.1).
    pub const fn authorization_endpoint(&self) -> &SecureUrl {
        &self.0.authorization_endpoint
    }

    /// Where a code becomes a token (RFC 6749 section 3.2).
    pub const fn token_endpoint(&self) -> &SecureUrl {
        &self.0.token_endpoint
    }

    /// Where the profile is (OpenID Connect Core 5.3).
    pub const fn userinfo_endpoint(&self) -> Option<&SecureUrl> {
        self.0.userinfo_endpoint.as_ref()
    }

    /// Where the keys are that sign ID tokens (OpenID Connect Discovery 3).
    pub const fn jwks_uri(&self) -> Option<&SecureUrl> {
        self.0.jwks_uri.as_ref()
    }

    /// Where authorization requests can be left beforehand (RFC 9126 section 5).
    pub const fn pushed_authorization_request_endpoint(&self) -> Option<&SecureUrl> {
        self.0.pushed_authorization_request_endpoint.as_ref()
    }

    /// Where tokens are handed back (RFC 7009 section 2).
    pub const fn revocation_endpoint(&self) -> Option<&SecureUrl> {
        self.0.revocation_endpoint.as_ref()
    }

    /// Where the person signs out of the provider (OpenID Connect RP-Initiated Logout 2.1).
    pub const fn end_session_endpoint(&self) -> Option<&SecureUrl> {
        self.0.end_session_endpoint.as_ref()
    }

    /// What ID tokens may be signed with: what the provider announced, as far as a public client can
    /// accept it (OpenID Connect Core 3.1.3.7 (7)).
    pub fn signing_algorithms(&self) -> &[Algorithm] {
        &self.0.signing_algorithms
    }

    /// What signed profiles may be signed with (OpenID Connect Discovery 3).
    pub fn userinfo_algorithms(&self) -> &[Algorithm] {
        &self.0.userinfo_algorithms
    }

    /// Whether the provider binds tokens to ES256 keys (RFC 9449 section 5.1).
    pub const fn supports_dpop(&self) -> bool {
        self.0.supports_dpop
    }

    /// Whether it takes no other than pushed authorization requests (RFC 9126 section 5).
    pub const fn requires_par(&self) -> bool {
        self.0.requires_par
    }

    /// Whether the provider says that it knows PKCE with S256. Left out means no (RFC 8414 section 2).
    pub fn supports_pkce(&self) -> bool {
        self.0.supports_pkce == Some(true)
    }

    /// Whether the provider says nothing about PKCE: no more than that its metadata has no place for it.
    pub(crate) fn leaves_pkce_out(&self) -> bool {
        self.0.supports_pkce.is_none()
    }

    /// Whether each of its answers carries `iss` (RFC 9207 section 3).
    pub const fn always_names_issuer(&self) -> bool {
        self.0.always_names_issuer
    }

    /// The optional members that the document has, but with a value that can't be used: they count as left out.
    /// None where the metadata was stored meanwhile.
    pub fn left_out(&self) -> &[&'static str] {
        &self.0.left_out.0
    }
}

/// Metadata as it is kept between pages, with the time at which it was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedMetadata {
    /// When the provider gave it.
    pub fetched: UnixTime,
    /// What the provider gave.
    pub metadata: ProviderMetadata,
}

impl CachedMetadata {
    /// As text for a storage.
    pub fn to_json(&self) -> String {
        Writer::default()
            .number("fetched", self.fetched.0)
            .json("metadata", &self.metadata.to_json())
            .finish()
    }

    /// From such a text, checked like a fresh document; `None` when it isn't one.
    pub fn from_json(text: &str) -> Option<Self> {
        let cached = Object::parse(text).ok()?;
        let metadata = ProviderMetadata::from_object(cached.object("metadata").ok()?).ok()?;
        Some(Self { fetched: UnixTime(cached.unsigned("fetched").ok()?), metadata })
    }
}

const PKCE_METHODS: &str = "code_challenge_methods_supported";
const PAR_ENDPOINT: &str = "pushed_authorization_request_endpoint";

const ID_TOKEN_ALGORITHMS: &str = "id_token_signing_alg_values_supported";
const USERINFO_ALGORITHMS: &str = "userinfo_signing_alg_values_supported";

/// The texts of a list; none where it is left out, or no list.
fn texts<'a>(
    document: &'a Object,
    member: &'static str,
    left_out: &mut Vec<&'static str>,
) -> Vec<&'a str> {
    document.usable(member, left_out, Value::as_texts).unwrap_or_default()
}

/// What is announced, as far as it is known here; the default where nothing is (for ID tokens: RS256,
/// OpenID Connect Core 3.1.3.7 (7)).
fn algorithms(announced: &[&str], default: &[&str]) -> Vec<Algorithm> {
    // An empty list counts as left out (RFC 8414 section 3.2).
    let names = if announced.is_empty() { default } else { announced };
    names.iter().filter_map(|name| Algorithm::parse(name)).collect()
}

fn listed(is_supported: bool, names: &'static [&'static str]) -> &'static [&'static str] {
    if is_supported { names } else { &[] }
}

/// A document of an impossible shape is the provider's, not the answer's in general.
fn about_document(error: Error) -> Error {
    match error.code() {
        ErrorCode::InvalidResponse => {
            Error::new(ErrorCode::DiscoveryInvalid).about(error.subject().unwrap_or("document"))
        }
        ErrorCode::NotJson => error.about("discovery document"),
        _ => error,
    }
}
