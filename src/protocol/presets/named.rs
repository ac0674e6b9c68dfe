//! Presets by name, for settings that are text.

use super::super::entra::{EntraAccounts, is_guid};
use super::super::issuer::Issuer;
use super::*;

/// What presets have to know, by the names of the settings that say it.
pub(crate) const INPUTS: [&str; 13] = [
    "issuer",
    "server",
    "realm",
    "domain",
    "authorization-server",
    "tenant",
    "region",
    "user-pool",
    "application",
    "project",
    "handle",
    "upstream",
    "refresh-token",
];

/// Whether an input can be what the preset needs.
type Check = fn(&str) -> Result<&str, Error>;

/// The settings of one app by the preset of this name. `given` says what it has to know, by one of [`INPUTS`].
///
/// # Errors
///
/// As the preset's own `config`; `invalid_config` for a name that no preset has, and for what the preset has to
/// know and is missing or none, with the setting's name.
pub(crate) fn config(
    name: &str,
    given: impl Fn(&'static str) -> Option<String>,
    client_id: &str,
    redirect_uri: &str,
) -> Result<Config, Error> {
    let optional = |input, check: Check| -> Result<Option<String>, Error> {
        let Some(value) = given(input) else { return Ok(None) };
        match check(&value) {
            Ok(_) => Ok(Some(value)),
            Err(error) => Err(Error::new(error.code()).about(&[input, " ", &value].concat())),
        }
    };
    let needed = |input, check: Check| {
        let missing = || Error::new(ErrorCode::InvalidConfig).about(input);
        optional(input, check)?.ok_or_else(missing)
    };
    let upstream = || given("upstream");
    let refresh_token = || optional("refresh-token", yes).map(|said| said.is_some());
    match name {
        "atproto" => {
            let mut preset = Atproto::new();
            if let Some(address) = optional("server", server)? {
                preset = preset.at(&address);
            }
            preset.handle = given("handle");
            preset.config(client_id, redirect_uri)
        }
        "auth0" => {
            let mut preset = Auth0::new(&needed("domain", domain)?);
            (preset.refresh_token, preset.upstream) = (refresh_token()?, upstream());
            preset.config(client_id, redirect_uri)
        }
        "authelia" => {
            let mut preset = Authelia::new(&needed("server", server)?);
            preset.refresh_token = refresh_token()?;
            preset.config(client_id, redirect_uri)
        }
        "authentik" => {
            let (address, slug) = (needed("server", server)?, needed("application", segment)?);
            let mut preset = Authentik::new(&address, &slug);
            preset.refresh_token = refresh_token()?;
            preset.config(client_id, redirect_uri)
        }
        "cognito" => {
            let (region, pool) = (needed("region", domain)?, needed("user-pool", segment)?);
            let mut preset = Cognito::new(&region, &pool);
            preset.upstream = upstream();
            preset.config(client_id, redirect_uri)
        }
        "discord" => Discord.config(client_id, redirect_uri),
        "dropbox" => {
            let mut preset = Dropbox::new();
            preset.refresh_token = refresh_token()?;
            preset.config(client_id, redirect_uri)
        }
        "entra" => {
            let tenant = needed("tenant", tenant)?;
            let mut preset = match EntraAccounts::named(&tenant) {
                Some(accounts) => Entra::accounts(accounts),
                None => Entra::tenant(&tenant),
            };
            (preset.refresh_token, preset.upstream) = (refresh_token()?, upstream());
            preset.config(client_id, redirect_uri)
        }
        "fusionauth" => {
            let mut preset = FusionAuth::new(&needed("issuer", issuer)?);
            (preset.refresh_token, preset.upstream) = (refresh_token()?, upstream());
            preset.config(client_id, redirect_uri)
        }
        "gitlab" => {
            let mut preset = GitLab::new();
            if let Some(address) = optional("server", server)? {
                preset = preset.at(&address);
            }
            preset.config(client_id, redirect_uri)
        }
        "hydra" => {
            let mut preset = Hydra::new(&needed("issuer", issuer)?);
            preset.refresh_token = refresh_token()?;
            preset.config(client_id, redirect_uri)
        }
        "keycloak" => {
            let (address, realm) = (needed("server", server)?, needed("realm", segment)?);
            let mut preset = Keycloak::new(&address, &realm);
            preset.upstream = upstream();
            preset.config(client_id, redirect_uri)
        }
        "logto" => {
            let mut preset = Logto::new(&needed("server", server)?);
            preset.refresh_token = refresh_token()?;
            if let Some(provider) = upstream() {
                preset = preset.upstream(&provider);
            }
            preset.config(client_id, redirect_uri)
        }
        "okta" => {
            let mut preset = Okta::new(&needed("domain", domain)?);
            if let Some(id) = optional("authorization-server", segment)? {
                preset = preset.authorization_server(&id);
            }
            (preset.refresh_token, preset.upstream) = (refresh_token()?, upstream());
            preset.config(client_id, redirect_uri)
        }
        "spotify" => Spotify.config(client_id, redirect_uri),
        "spring-authorization-server" => SpringAuthorizationServer::new(&needed("issuer", issuer)?)
            .config(client_id, redirect_uri),
        "supabase" => Supabase::new(&needed("project", domain)?).config(client_id, redirect_uri),
        "zitadel" => {
            let mut preset = Zitadel::new(&needed("server", server)?);
            (preset.refresh_token, preset.upstream) =
                (refresh_token()?, optional("upstream", segment)?);
            preset.config(client_id, redirect_uri)
        }
        _ => Err(Error::new(ErrorCode::InvalidConfig).about(&["preset ", name].concat())),
    }
}

/// A tenant's id, or whose accounts otherwise.
fn tenant(name: &str) -> Result<&str, Error> {
    let is_known = is_guid(name) || EntraAccounts::named(name).is_some();
    is_known.then_some(name).ok_or_else(|| ErrorCode::InvalidConfig.into())
}

/// An issuer identifier.
fn issuer(name: &str) -> Result<&str, Error> {
    Issuer::parse(name).map(|_| name)
}

fn yes(word: &str) -> Result<&str, Error> {
    (word == "true").then_some(word).ok_or_else(|| ErrorCode::InvalidConfig.into())
}
