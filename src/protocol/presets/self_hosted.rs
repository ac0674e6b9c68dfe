//! Providers that run where their operator wants.

use super::super::policy::{LogoutKind, Par};
use super::super::request_options::RequestOptions;
use super::{Config, Error, openid_scope, segment, server, with_upstream};

/// A realm of Keycloak. Refresh tokens come without being asked for, and end with the person's session.
/// Requests are not pushed: it offers that, but its endpoint answers no page of another origin.
#[derive(Clone, Debug)]
#[must_use]
pub struct Keycloak {
    server: String,
    realm: String,
    upstream: Option<String>,
}

impl Keycloak {
    /// The server's address, with `/auth` behind it in old versions, and the realm.
    pub fn new(server: &str, realm: &str) -> Self {
        Self { server: server.to_owned(), realm: realm.to_owned(), upstream: None }
    }

    /// Goes straight on to the identity provider of this alias (`kc_idp_hint`).
    pub fn upstream(mut self, alias: &str) -> Self {
        self.upstream = Some(alias.to_owned());
        self
    }

    /// The settings of one app.
    ///
    /// # Errors
    ///
    /// As [`Config::new`]; `invalid_config` or `insecure_url` for server, realm and alias.
    pub fn config(&self, client_id: &str, redirect_uri: &str) -> Result<Config, Error> {
        let issuer = [server(&self.server)?, "/realms/", segment(&self.realm)?].concat();
        let config = Config::new(&issuer, client_id, redirect_uri)?;
        with_upstream(config.par(Par::Off), "kc_idp_hint", self.upstream.as_deref())
    }
}

/// An instance of Zitadel, hosted or one's own.
#[derive(Clone, Debug)]
#[must_use]
pub struct Zitadel {
    server: String,
    refresh_token: bool,
    upstream: Option<String>,
}

impl Zitadel {
    /// The instance's address: `https://my-app.eu1.zitadel.cloud`.
    pub fn new(server: &str) -> Self {
        Self { server: server.to_owned(), refresh_token: false, upstream: None }
    }

    /// Asks for a refresh token; the app's grant types must have it.
    pub const fn refresh_token(mut self) -> Self {
        self.refresh_token = true;
        self
    }

    /// Goes straight on to the identity provider of this id. Zitadel reads it from the scope.
    pub fn upstream(mut self, id: &str) -> Self {
        self.upstream = Some(id.to_owned());
        self
    }

    /// The settings of one app.
    ///
    /// # Errors
    ///
    /// As [`Config::new`]; `invalid_config` or `insecure_url` for the server and the id.
    pub fn config(&self, client_id: &str, redirect_uri: &str) -> Result<Config, Error> {
        let config = Config::new(server(&self.server)?, client_id, redirect_uri)?;
        let scope = openid_scope(self.refresh_token);
        match &self.upstream {
            None => config.scope(scope),
            Some(id) => {
                config.scope(&[scope, " urn:zitadel:iam:org:idp:id:", segment(id)?].concat())
            }
        }
    }
}

/// An application of Authentik whose issuer mode is that each provider has its own. It has no parameter
/// for going straight on to a source; a flow of the application can do so.
#[derive(Clone, Debug)]
#[must_use]
pub struct Authentik {
    server: String,
    application: String,
    refresh_token: bool,
}

impl Authentik {
    /// The server's address, and the application's slug.
    pub fn new(server: &str, application: &str) -> Self {
        let (server, application) = (server.to_owned(), application.to_owned());
        Self { server, application, refresh_token: false }
    }

    /// Asks for a refresh token; the provider must have the scope `offline_access`.
    pub const fn refresh_token(mut self) -> Self {
        self.refresh_token = true;
        self
    }

    /// The settings of one app.
    ///
    /// # Errors
    ///
    /// As [`Config::new`]; `invalid_config` or `insecure_url` for server and slug.
    pub fn config(&self, client_id: &str, redirect_uri: &str) -> Result<Config, Error> {
        let slug = segment(&self.application)?;
        // The issuer ends in a slash.
        let issuer = [server(&self.server)?, "/application/o/", slug, "/"].concat();
        Config::new(&issuer, client_id, redirect_uri)?.scope(openid_scope(self.refresh_token))
    }
}

/// A server of Authelia.
#[derive(Clone, Debug)]
#[must_use]
pub struct Authelia {
    server: String,
    refresh_token: bool,
}

impl Authelia {
    /// The server's address.
    pub fn new(server: &str) -> Self {
        Self { server: server.to_owned(), refresh_token: false }
    }

    /// Asks for a refresh token; the client must have the scope `offline_access` and the grant type.
    pub const fn refresh_token(mut self) -> Self {
        self.refresh_token = true;
        self
    }

    /// The settings of one app.
    ///
    /// # Errors
    ///
    /// As [`Config::new`]; `invalid_config` or `insecure_url` for the server.
    pub fn config(&self, client_id: &str, redirect_uri: &str) -> Result<Config, Error> {
        Config::new(server(&self.server)?, client_id, redirect_uri)?
            .scope(openid_scope(self.refresh_token))
    }
}

/// Ory Hydra, also in Ory Network.
#[derive(Clone, Debug)]
#[must_use]
pub struct Hydra {
    issuer: String,
    refresh_token: bool,
}

impl Hydra {
    /// The issuer to the letter, as `urls.self.issuer` has it, with or without the last slash; in Ory
    /// Network `https://<slug>.projects.oryapis.com`.
    pub fn new(issuer: &str) -> Self {
        Self { issuer: issuer.to_owned(), refresh_token: false }
    }

    /// Asks for a refresh token; the client must have the scope `offline_access` and the grant type.
    pub const fn refresh_token(mut self) -> Self {
        self.refresh_token = true;
        self
    }

    /// The settings of one app.
    ///
    /// # Errors
    ///
    /// As [`Config::new`].
    pub fn config(&self, client_id: &str, redirect_uri: &str) -> Result<Config, Error> {
        Config::new(&self.issuer, client_id, redirect_uri)?.scope(openid_scope(self.refresh_token))
    }
}

/// A tenant of Logto, hosted or one's own.
#[derive(Clone, Debug)]
#[must_use]
pub struct Logto {
    server: String,
    refresh_token: bool,
    upstream: Option<String>,
}

impl Logto {
    /// The endpoint of the tenant: `https://abcdef.logto.app`.
    pub fn new(server: &str) -> Self {
        Self { server: server.to_owned(), refresh_token: false, upstream: None }
    }

    /// Asks for a refresh token, which Logto gives only after consent.
    pub const fn refresh_token(mut self) -> Self {
        self.refresh_token = true;
        self
    }

    /// Goes straight on to the social connector of this provider: `google`.
    pub fn upstream(mut self, provider: &str) -> Self {
        self.upstream = Some(["social:", provider].concat());
        self
    }

    /// Goes straight on to the enterprise connector of this id.
    pub fn enterprise(mut self, connector: &str) -> Self {
        self.upstream = Some(["sso:", connector].concat());
        self
    }

    /// The settings of one app.
    ///
    /// # Errors
    ///
    /// As [`Config::new`]; `invalid_config` or `insecure_url` for the server.
    pub fn config(&self, client_id: &str, redirect_uri: &str) -> Result<Config, Error> {
        let issuer = [server(&self.server)?, "/oidc"].concat();
        let mut config = Config::new(&issuer, client_id, redirect_uri)?;
        config = config.scope(openid_scope(self.refresh_token))?;
        if self.refresh_token {
            config = config.request_options(RequestOptions::new().prompt("consent")?);
        }
        with_upstream(config, "direct_sign_in", self.upstream.as_deref())
    }
}

/// A tenant of FusionAuth. Its issuer setting must be an address below which the tenant answers; what it
/// is at first is none. Older versions' metadata doesn't name PKCE, its documentation does (since 1.8.0).
#[derive(Clone, Debug)]
#[must_use]
pub struct FusionAuth {
    issuer: String,
    refresh_token: bool,
    upstream: Option<String>,
}

impl FusionAuth {
    /// The tenant's issuer, to the letter: the server's address, with the tenant's id behind it where
    /// there are several.
    pub fn new(issuer: &str) -> Self {
        Self { issuer: issuer.to_owned(), refresh_token: false, upstream: None }
    }

    /// Asks for a refresh token; the application must have the grant.
    pub const fn refresh_token(mut self) -> Self {
        self.refresh_token = true;
        self
    }

    /// Goes straight on to the identity provider of this id (`idp_hint`).
    pub fn upstream(mut self, id: &str) -> Self {
        self.upstream = Some(id.to_owned());
        self
    }

    /// The settings of one app.
    ///
    /// # Errors
    ///
    /// As [`Config::new`].
    pub fn config(&self, client_id: &str, redirect_uri: &str) -> Result<Config, Error> {
        let config = Config::new(&self.issuer, client_id, redirect_uri)?.pkce_is_documented();
        let config = config.scope(openid_scope(self.refresh_token))?;
        with_upstream(config, "idp_hint", self.upstream.as_deref())
    }
}

/// A server made with Spring Authorization Server. It gives public clients no refresh token, and shows an error
/// page to whoever signs out there without an ID token.
#[derive(Clone, Debug)]
#[must_use]
pub struct SpringAuthorizationServer {
    issuer: String,
}

impl SpringAuthorizationServer {
    /// The issuer to the letter, as the server's own settings have it.
    pub fn new(issuer: &str) -> Self {
        Self { issuer: issuer.to_owned() }
    }

    /// The settings of one app.
    ///
    /// # Errors
    ///
    /// As [`Config::new`].
    pub fn config(&self, client_id: &str, redirect_uri: &str) -> Result<Config, Error> {
        let config = Config::new(&self.issuer, client_id, redirect_uri)?;
        Ok(config.logout(LogoutKind::HintRequired))
    }
}
