//! Services with people and an API of their own. Most have no OpenID Connect for web pages.

use super::super::discovery::DiscoveryKind;
use super::super::policy::{Dpop, LogoutKind, Par};
use super::super::profile_mapping::ProfileMapping;
use super::{Config, Error, server};

/// GitLab. Its CORS lets no other header through than `Authorization`, so no DPoP proofs. Refresh tokens
/// come without being asked for.
#[derive(Clone, Debug)]
#[must_use]
pub struct GitLab {
    server: String,
}

impl GitLab {
    /// GitLab.com.
    pub fn new() -> Self {
        Self { server: "https://gitlab.com".to_owned() }
    }

    /// An instance of one's own.
    pub fn at(mut self, server: &str) -> Self {
        self.server = server.to_owned();
        self
    }

    /// The settings of one app.
    ///
    /// # Errors
    ///
    /// As [`Config::new`]; `invalid_config` or `insecure_url` for the server.
    pub fn config(&self, client_id: &str, redirect_uri: &str) -> Result<Config, Error> {
        let config = Config::new(server(&self.server)?, client_id, redirect_uri)?;
        Ok(config.pkce_is_documented().dpop(Dpop::Off))
    }
}

impl Default for GitLab {
    fn default() -> Self {
        Self::new()
    }
}

/// Spotify: OAuth only. Refresh tokens come without being asked for. What names a person is `account_id`, which
/// Spotify gives since May 2026, in the place of `id`.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct Spotify;

impl Spotify {
    /// The settings of one app.
    ///
    /// # Errors
    ///
    /// As [`Config::new`].
    pub fn config(&self, client_id: &str, redirect_uri: &str) -> Result<Config, Error> {
        let mapping = ProfileMapping::new("account_id")
            .name("display_name")
            .email("email")
            .picture("images.0.url");
        let config = Config::new("https://accounts.spotify.com", client_id, redirect_uri)?
            .scope("user-read-private user-read-email")?
            .endpoints(
                "https://accounts.spotify.com/authorize",
                "https://accounts.spotify.com/api/token",
            )?
            .profile_endpoint("https://api.spotify.com/v1/me")?;
        Ok(only_oauth(config).profile_mapping(mapping))
    }
}

/// Dropbox: access to files, without a profile, which it gives only by POST. An app can ask for that with
/// [`Client::fetch`](crate::client::Client::fetch) once `https://api.dropboxapi.com` is an allowed origin.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct Dropbox {
    refresh_token: bool,
}

impl Dropbox {
    /// With the scope that identifies the account.
    pub const fn new() -> Self {
        Self { refresh_token: false }
    }

    /// Asks for a refresh token (`token_access_type`).
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
        let access = if self.refresh_token { "offline" } else { "online" };
        let config = Config::new("https://www.dropbox.com", client_id, redirect_uri)?
            .scope("account_info.read")?
            .endpoints(
                "https://www.dropbox.com/oauth2/authorize",
                "https://api.dropboxapi.com/oauth2/token",
            )?
            .parameter("token_access_type", access)?;
        Ok(only_oauth(config))
    }
}

/// Discord: OAuth, as its OpenID Connect metadata names neither PKCE nor public clients. The other document does;
/// that the server also checks the verifier, no document of Discord's says. Refresh tokens come without being
/// asked for.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct Discord;

impl Discord {
    /// The settings of one app.
    ///
    /// # Errors
    ///
    /// As [`Config::new`].
    pub fn config(&self, client_id: &str, redirect_uri: &str) -> Result<Config, Error> {
        let mapping = ProfileMapping::new("id")
            .name("global_name")
            .name("username")
            .email("email")
            .email_verified("verified")
            .picture("https://cdn.discordapp.com/avatars/{id}/{avatar}.png");
        let config = Config::new("https://discord.com", client_id, redirect_uri)?
            .scope("identify email")?
            .discovery(DiscoveryKind::OAuth)
            .profile_endpoint("https://discord.com/api/users/@me")?
            .profile_mapping(mapping);
        Ok(config.logout(LogoutKind::None))
    }
}

/// Bluesky and other servers of the AT Protocol: leave to call the person's own server, with DPoP and
/// pushed requests only. The client id is the URL of the app's client metadata document. Who the person is,
/// is a DID in the token answer that this library doesn't look up: not a sign-in by itself.
#[derive(Clone, Debug)]
#[must_use]
pub struct Atproto {
    server: String,
    scope: String,
    handle: Option<String>,
}

impl Atproto {
    /// Bluesky's own authorization server.
    pub fn new() -> Self {
        let server = "https://bsky.social".to_owned();
        Self { server, scope: "atproto".to_owned(), handle: None }
    }

    /// The authorization server of somebody's account, as their server's protected resource metadata
    /// names it.
    pub fn at(mut self, server: &str) -> Self {
        self.server = server.to_owned();
        self
    }

    /// Asks for more than the account, such as `transition:generic`.
    pub fn scope(mut self, scope: &str) -> Self {
        self.scope = ["atproto ", scope].concat();
        self
    }

    /// Tells whose account it is, by handle or DID (`login_hint`).
    pub fn handle(mut self, handle: &str) -> Self {
        self.handle = Some(handle.to_owned());
        self
    }

    /// The settings of one app.
    ///
    /// # Errors
    ///
    /// As [`Config::new`]; `invalid_config` or `insecure_url` for the server, `invalid_scope`.
    pub fn config(&self, client_id: &str, redirect_uri: &str) -> Result<Config, Error> {
        let config = Config::new(server(&self.server)?, client_id, redirect_uri)?
            .scope(&self.scope)?
            .discovery(DiscoveryKind::OAuth)
            .dpop(Dpop::Required)
            .par(Par::Required)
            .logout(LogoutKind::None);
        match &self.handle {
            Some(handle) => config.parameter("login_hint", handle),
            None => Ok(config),
        }
    }
}

impl Default for Atproto {
    fn default() -> Self {
        Self::new()
    }
}

/// A provider whose endpoints are documented instead of discovered, and PKCE with them.
fn only_oauth(config: Config) -> Config {
    config.pkce_is_documented().dpop(Dpop::Off).logout(LogoutKind::None)
}
