//! An API, and the access token that it wants.

use super::error::{Error, ErrorCode};
use super::request_options::is_absolute_uri;
use super::scope::Scope;
use super::secure_url::{SecureUrl, is_ambiguous, nameable};

/// An API with an access token of its own: many providers give a token for one API at a time (Entra, Auth0,
/// Logto), and a token that serves one API only is worth less to a thief (RFC 9700 section 2.3).
///
/// The sign-in asks for what all APIs of the app need; the client then fetches a token for this one by the
/// refresh token, when the API is first called (RFC 6749 section 6, RFC 8707 section 2.2).
///
/// ```
/// use pixy_login::protocol::{Api, Config};
///
/// let config = Config::new("https://id.example", "my-app", "https://app.example/callback.html")?
///     .scope("openid profile offline_access")?
///     .allow_api(Api::at("https://mail.example/v1")?.resource("https://mail.example")?.scope("mail")?)
///     .allow_api(Api::at("https://files.example")?.audience("files"));
/// # Ok::<(), pixy_login::protocol::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Api {
    url: SecureUrl,
    takes_proofs: bool,
    resource: Option<String>,
    audience: Option<String>,
    scope: Scope,
}

impl Api {
    /// The API at this URL and below it, by the rules of [`Config::allow_path`](super::Config::allow_path); for a
    /// whole origin, its URL without a path. Of several that are listed, the longest one counts.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InsecureUrl`], or [`ErrorCode::InvalidConfig`] for a query or an ambiguous path.
    pub fn at(url: &str) -> Result<Self, Error> {
        let place = SecureUrl::parse(url)?;
        if place.query().is_some() || is_ambiguous(place.path()) {
            return Err(Error::new(ErrorCode::InvalidConfig).about(nameable(url)));
        }
        Ok(Self {
            url: place,
            takes_proofs: false,
            resource: None,
            audience: None,
            scope: Scope::default(),
        })
    }

    /// What the provider calls it: an absolute URI (RFC 8707 section 2). The sign-in names it, too.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InvalidConfig`] for a relative URI or one with a fragment.
    pub fn resource(mut self, uri: &str) -> Result<Self, Error> {
        if !is_absolute_uri(uri) {
            return Err(Error::new(ErrorCode::InvalidConfig).about("resource"));
        }
        self.resource = Some(uri.to_owned());
        Ok(self)
    }

    /// What a provider calls it that knows no `resource`, such as Auth0.
    pub fn audience(mut self, audience: &str) -> Self {
        self.audience = Some(audience.to_owned());
        self
    }

    /// What its token is to allow. The sign-in asks for that, too, so that the person consents once. An API that
    /// asks for more in the course of time (step-up) is listed without: then its token allows what the person has
    /// consented to.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InvalidScope`].
    pub fn scope(mut self, scope: &str) -> Result<Self, Error> {
        self.scope = Scope::parse(scope)?;
        Ok(self)
    }

    /// It takes bound tokens with their proofs, as those of
    /// [`Config::allow_dpop_path`](super::Config::allow_dpop_path).
    pub const fn takes_proofs(mut self) -> Self {
        self.takes_proofs = true;
        self
    }

    pub(super) const fn url(&self) -> &SecureUrl {
        &self.url
    }

    pub(super) const fn is_for_proofs(&self) -> bool {
        self.takes_proofs
    }

    pub(crate) const fn wanted_scope(&self) -> &Scope {
        &self.scope
    }

    pub(super) fn named_resource(&self) -> Option<&str> {
        self.resource.as_deref()
    }

    /// The parameters of a refresh that ask for its token, as a form. It is the token's name, too: what is
    /// asked for alike is the same token. `None` where the session's own token serves.
    pub(crate) fn token_name(&self) -> Option<String> {
        let scope = self.scope.joined();
        let parameters = [
            ("resource", self.resource.as_deref()),
            ("audience", self.audience.as_deref()),
            ("scope", Some(scope.as_str())),
        ];
        let given = parameters.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        let given = given.filter(|(_, value)| !value.is_empty());
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish();
        (!form.is_empty()).then_some(form)
    }

    /// As texts, which [`Self::from_texts`] reads.
    #[cfg(feature = "vault")]
    pub(super) fn to_texts(&self) -> [String; Self::TEXTS] {
        [
            self.url.as_str().to_owned(),
            if self.takes_proofs { "dpop" } else { "bearer" }.to_owned(),
            self.resource.clone().unwrap_or_default(),
            self.audience.clone().unwrap_or_default(),
            self.scope.joined(),
        ]
    }

    /// How many texts that are.
    #[cfg(feature = "vault")]
    pub(super) const TEXTS: usize = 5;

    /// From such texts, checked like an API that an app lists.
    #[cfg(feature = "vault")]
    pub(super) fn from_texts(texts: &[&str]) -> Result<Self, Error> {
        let [url, kind, resource, audience, scope] = texts else {
            return Err(Error::new(ErrorCode::InvalidConfig).about("apis"));
        };
        let mut api = Self::at(url)?.scope(scope)?;
        if *kind == "dpop" {
            api = api.takes_proofs();
        }
        if !resource.is_empty() {
            api = api.resource(resource)?;
        }
        if !audience.is_empty() {
            api = api.audience(audience);
        }
        Ok(api)
    }
}
