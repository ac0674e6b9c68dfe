//! Providers that are rented: the tenant or project is what is known of them.

use super::super::entra::{EntraAccounts, is_guid};
use super::super::error::ErrorCode;
use super::super::issuer::Issuer;
use super::super::policy::{Dpop, LogoutKind};
use super::{Config, Error, domain, openid_scope, segment, with_upstream};

/// A tenant of Auth0. For tokens of an API, set its identifier: `config.parameter("audience", …)`.
#[derive(Clone, Debug)]
#[must_use]
pub struct Auth0 {
    domain: String,
    refresh_token: bool,
    upstream: Option<String>,
}

impl Auth0 {
    /// The tenant's domain, or its own: `tenant.eu.auth0.com`.
    pub fn new(domain: &str) -> Self {
        Self { domain: domain.to_owned(), refresh_token: false, upstream: None }
    }

    /// Asks for a refresh token; rotation must be switched on for the application.
    pub const fn refresh_token(mut self) -> Self {
        self.refresh_token = true;
        self
    }

    /// Goes straight on to the connection of this name: `google-oauth2`.
    pub fn upstream(mut self, connection: &str) -> Self {
        self.upstream = Some(connection.to_owned());
        self
    }

    /// The settings of one app.
    ///
    /// # Errors
    ///
    /// As [`Config::new`]; `invalid_config` for the domain.
    pub fn config(&self, client_id: &str, redirect_uri: &str) -> Result<Config, Error> {
        // The issuer ends in a slash.
        let issuer = ["https://", domain(&self.domain)?, "/"].concat();
        let config = Config::new(&issuer, client_id, redirect_uri)?;
        let config = config.scope(openid_scope(self.refresh_token))?.logout(LogoutKind::Auth0);
        with_upstream(config, "connection", self.upstream.as_deref())
    }
}

/// An organization of Okta.
#[derive(Clone, Debug)]
#[must_use]
pub struct Okta {
    domain: String,
    authorization_server: Option<String>,
    refresh_token: bool,
    upstream: Option<String>,
}

impl Okta {
    /// The organization's domain, with its own authorization server: `dev-1.okta.com`.
    pub fn new(domain: &str) -> Self {
        let domain = domain.to_owned();
        Self { domain, authorization_server: None, refresh_token: false, upstream: None }
    }

    /// Asks a custom authorization server instead: `default`. Only those give tokens for one's own API.
    pub fn authorization_server(mut self, id: &str) -> Self {
        self.authorization_server = Some(id.to_owned());
        self
    }

    /// Asks for a refresh token; the app's grant types must have it.
    pub const fn refresh_token(mut self) -> Self {
        self.refresh_token = true;
        self
    }

    /// Goes straight on to the identity provider of this id (`idp`).
    pub fn upstream(mut self, id: &str) -> Self {
        self.upstream = Some(id.to_owned());
        self
    }

    /// The settings of one app.
    ///
    /// # Errors
    ///
    /// As [`Config::new`]; `invalid_config` for the domain and the authorization server.
    pub fn config(&self, client_id: &str, redirect_uri: &str) -> Result<Config, Error> {
        let mut issuer = ["https://", domain(&self.domain)?].concat();
        if let Some(id) = &self.authorization_server {
            issuer = [&issuer, "/oauth2/", segment(id)?].concat();
        }
        let config = Config::new(&issuer, client_id, redirect_uri)?;
        let config =
            config.scope(openid_scope(self.refresh_token))?.logout(LogoutKind::HintRequired);
        with_upstream(config, "idp", self.upstream.as_deref())
    }
}

/// Microsoft Entra. Its metadata doesn't name PKCE, its documentation does.
#[derive(Clone, Debug)]
#[must_use]
pub struct Entra {
    accounts: Accounts,
    refresh_token: bool,
    upstream: Option<String>,
}

#[derive(Clone, Debug)]
enum Accounts {
    OfTenant(String),
    Of(EntraAccounts),
}

impl Entra {
    /// The accounts of one tenant, by its id. (By a domain of the tenant it answers, too, but names
    /// itself by the id.)
    pub fn tenant(id: &str) -> Self {
        Self::of(Accounts::OfTenant(id.to_owned()))
    }

    /// The accounts of more than one tenant. The app must be registered for them.
    pub const fn accounts(accounts: EntraAccounts) -> Self {
        Self::of(Accounts::Of(accounts))
    }

    const fn of(accounts: Accounts) -> Self {
        Self { accounts, refresh_token: false, upstream: None }
    }

    /// Asks for a refresh token. For a web page it is good for a day.
    pub const fn refresh_token(mut self) -> Self {
        self.refresh_token = true;
        self
    }

    /// Goes straight on to the provider of this domain, where it is federated (`domain_hint`).
    pub fn upstream(mut self, domain: &str) -> Self {
        self.upstream = Some(domain.to_owned());
        self
    }

    /// The settings of one app.
    ///
    /// # Errors
    ///
    /// As [`Config::new`]; `invalid_config` for a tenant id that is no GUID.
    pub fn config(&self, client_id: &str, redirect_uri: &str) -> Result<Config, Error> {
        let issuer = match &self.accounts {
            Accounts::Of(accounts) => Issuer::entra(*accounts),
            Accounts::OfTenant(id) if is_guid(id) => {
                Issuer::parse(&["https://login.microsoftonline.com/", id, "/v2.0"].concat())?
            }
            Accounts::OfTenant(_) => {
                return Err(Error::new(ErrorCode::InvalidConfig).about("tenant id"));
            }
        };
        let config = Config::with_issuer(issuer, client_id, redirect_uri)?.pkce_is_documented();
        let config =
            config.scope(openid_scope(self.refresh_token))?.logout_hint_claim("login_hint");
        with_upstream(config, "domain_hint", self.upstream.as_deref())
    }
}

/// A user pool of Amazon Cognito. Its metadata doesn't name PKCE, its documentation does. Refresh tokens
/// come without being asked for.
#[derive(Clone, Debug)]
#[must_use]
pub struct Cognito {
    region: String,
    user_pool: String,
    upstream: Option<String>,
}

impl Cognito {
    /// The region and the user pool's id: `eu-west-1` and `eu-west-1_abc`.
    pub fn new(region: &str, user_pool: &str) -> Self {
        Self { region: region.to_owned(), user_pool: user_pool.to_owned(), upstream: None }
    }

    /// Goes straight on to the identity provider of this name: `Google` (`identity_provider`).
    pub fn upstream(mut self, name: &str) -> Self {
        self.upstream = Some(name.to_owned());
        self
    }

    /// The settings of one app.
    ///
    /// # Errors
    ///
    /// As [`Config::new`]; `invalid_config` for region and pool.
    pub fn config(&self, client_id: &str, redirect_uri: &str) -> Result<Config, Error> {
        let host = ["cognito-idp.", &self.region, ".amazonaws.com"].concat();
        let issuer = ["https://", domain(&host)?, "/", segment(&self.user_pool)?].concat();
        let config = Config::new(&issuer, client_id, redirect_uri)?;
        let config = config.pkce_is_documented().logout(LogoutKind::Cognito);
        with_upstream(config, "identity_provider", self.upstream.as_deref())
    }
}

/// A project of Supabase as authorization server (OAuth 2.1 server, in beta). The page that signs people
/// in and asks for consent is the project's own. Its CORS lets no DPoP proofs through.
#[derive(Clone, Debug)]
#[must_use]
pub struct Supabase {
    project: String,
}

impl Supabase {
    /// The project's reference: the first part of its `supabase.co` address.
    pub fn new(project: &str) -> Self {
        Self { project: project.to_owned() }
    }

    /// The settings of one app.
    ///
    /// # Errors
    ///
    /// As [`Config::new`]; `invalid_config` for the reference.
    pub fn config(&self, client_id: &str, redirect_uri: &str) -> Result<Config, Error> {
        let host = [&self.project, ".supabase.co"].concat();
        let issuer = ["https://", domain(&host)?, "/auth/v1"].concat();
        Ok(Config::new(&issuer, client_id, redirect_uri)?.pkce_is_documented().dpop(Dpop::Off))
    }
}
