//! Settings for known providers: what each needs beside the standards, from its documentation.
//!
//! A preset is made of what the app's developer knows of the provider, and gives a [`Config`], which can
//! be changed further. What to register at each, and where its facts are from, is in
//! `docs/providers.md`. There is a preset only where the provider's documents promise public clients.
//!
//! "Login with Google", which a web page can't do by itself, through a broker that is the authorization
//! server and goes straight on to Google:
//!
//! ```
//! use pixy_login::protocol::presets::{Auth0, Keycloak};
//!
//! let redirect_uri = "https://app.example/callback.html";
//! let keycloak = Keycloak::new("https://sso.example", "my-realm").upstream("google");
//! let config = keycloak.config("my-app", redirect_uri)?;
//! assert_eq!(config.issuer().as_str(), "https://sso.example/realms/my-realm");
//!
//! let auth0 = Auth0::new("tenant.eu.auth0.com").upstream("google-oauth2");
//! let config = auth0.config("my-app", redirect_uri)?;
//! # Ok::<(), pixy_login::protocol::Error>(())
//! ```
//!
//! The scope of a preset is the least that signs somebody in and shows the profile. Where a refresh
//! token has to be asked for, `refresh_token()` does so; the app must be registered for it, or the
//! provider refuses the whole request. `Config::scope` afterwards replaces all of it.

mod hosted;
#[cfg(feature = "widget")]
pub(crate) mod named;
mod self_hosted;
mod services;

pub use hosted::{Auth0, Cognito, Entra, Okta, Supabase};
pub use self_hosted::{
    Authelia, Authentik, FusionAuth, Hydra, Keycloak, Logto, SpringAuthorizationServer, Zitadel,
};
pub use services::{Atproto, Discord, Dropbox, GitLab, Spotify};

use super::config::Config;
use super::error::{Error, ErrorCode};
use super::secure_url::{SecureUrl, nameable};

const OPENID: &str = "openid profile email";
const OPENID_AND_REFRESH_TOKEN: &str = "openid profile email offline_access";

/// The scope with what asks for a refresh token (OpenID Connect Core 11), if it is wanted.
const fn openid_scope(refresh_token: bool) -> &'static str {
    if refresh_token { OPENID_AND_REFRESH_TOKEN } else { OPENID }
}

/// Adds the parameter that names the provider behind the broker.
fn with_upstream(config: Config, name: &str, upstream: Option<&str>) -> Result<Config, Error> {
    match upstream {
        Some(upstream) => config.parameter(name, upstream),
        None => Ok(config),
    }
}

/// A server's address, with a path or without, and without its last slash.
fn server(address: &str) -> Result<&str, Error> {
    if SecureUrl::parse(address)?.query().is_some() {
        return Err(Error::new(ErrorCode::InvalidConfig).about(nameable(address)));
    }
    Ok(address.strip_suffix('/').unwrap_or(address))
}

/// A host name alone: no scheme, port or path.
fn domain(name: &str) -> Result<&str, Error> {
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
    let is_empty = name.split('.').any(str::is_empty);
    if is_empty || !name.bytes().all(is_host) {
        return Err(Error::new(ErrorCode::InvalidConfig).about(nameable(name)));
    }
    Ok(name)
}

/// One step of a path, of characters that no URL has to escape (RFC 3986 section 2.3).
fn segment(name: &str) -> Result<&str, Error> {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_dots = name.bytes().all(|byte| byte == b'.');
    if is_dots || !name.bytes().all(is_unreserved) {
        return Err(Error::new(ErrorCode::InvalidConfig).about(nameable(name)));
    }
    Ok(name)
}
