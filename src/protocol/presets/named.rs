//! Presets by name, for settings that are text: as data, for all of them are in each widget.
//!
//! What they say is what the types beside say; a test compares them.

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

/// A preset.
struct Preset {
    name: &'static str,
    /// The issuer, with inputs in braces: the first whose inputs are given.
    issuers: &'static [&'static str],
    /// What holds for every app: names and values of settings.
    settings: &'static [(&'static str, &'static str)],
    /// What an input is for, if it is given: a parameter (`?name`), more scope (`+scope`), or a setting; and the
    /// value, with the input in the place of the braces.
    wishes: &'static [(&'static str, &'static str, &'static str)],
}

const REFRESH: (&str, &str, &str) = ("refresh-token", "+scope", "offline_access");
const DOCUMENTED: (&str, &str) = ("pkce", "documented");
const UNBOUND: (&str, &str) = ("dpop", "off");
const NO_LOGOUT: (&str, &str) = ("logout", "none");

const fn preset(
    name: &'static str,
    issuers: &'static [&'static str],
    settings: &'static [(&'static str, &'static str)],
    wishes: &'static [(&'static str, &'static str, &'static str)],
) -> Preset {
    Preset { name, issuers, settings, wishes }
}

const PRESETS: [Preset; 18] = [
    preset(
        "atproto",
        &["{server}", "https://bsky.social"],
        &[
            ("scope", "atproto"),
            ("discovery", "oauth"),
            ("dpop", "required"),
            ("par", "required"),
            NO_LOGOUT,
        ],
        &[("handle", "?login_hint", "{}")],
    ),
    preset(
        "auth0",
        &["https://{domain}/"],
        &[("logout", "auth0")],
        &[REFRESH, ("upstream", "?connection", "{}")],
    ),
    preset("authelia", &["{server}"], &[], &[REFRESH]),
    preset("authentik", &["{server}/application/o/{application}/"], &[], &[REFRESH]),
    preset(
        "cognito",
        &["https://cognito-idp.{region}.amazonaws.com/{user-pool}"],
        &[DOCUMENTED, ("logout", "cognito")],
        &[("upstream", "?identity_provider", "{}")],
    ),
    preset(
        "discord",
        &["https://discord.com"],
        &[
            ("scope", "identify email"),
            ("discovery", "oauth"),
            ("profile-endpoint", "https://discord.com/api/users/@me"),
            (
                "profile",
                "sub=id&name=global_name&name=username&email=email&email_verified=verified\
                 &picture=https://cdn.discordapp.com/avatars/{id}/{avatar}.png",
            ),
            NO_LOGOUT,
        ],
        &[],
    ),
    preset(
        "dropbox",
        &["https://www.dropbox.com"],
        &[
            ("scope", "account_info.read"),
            (
                "endpoints",
                "https://www.dropbox.com/oauth2/authorize https://api.dropboxapi.com/oauth2/token",
            ),
            ("parameters", "token_access_type=online"),
            DOCUMENTED,
            UNBOUND,
            NO_LOGOUT,
        ],
        &[("refresh-token", "?token_access_type", "offline")],
    ),
    preset(
        "entra",
        &["https://login.microsoftonline.com/{tenant}/v2.0"],
        &[DOCUMENTED, ("logout-hint-claim", "login_hint")],
        &[REFRESH, ("upstream", "?domain_hint", "{}")],
    ),
    preset("fusionauth", &["{issuer}"], &[DOCUMENTED], &[REFRESH, ("upstream", "?idp_hint", "{}")]),
    preset("gitlab", &["{server}", "https://gitlab.com"], &[DOCUMENTED, UNBOUND], &[]),
    preset("hydra", &["{issuer}"], &[], &[REFRESH]),
    preset(
        "keycloak",
        &["{server}/realms/{realm}"],
        &[("par", "off")],
        &[("upstream", "?kc_idp_hint", "{}")],
    ),
    preset(
        "logto",
        &["{server}/oidc"],
        &[],
        &[
            REFRESH,
            ("refresh-token", "prompt", "consent"),
            ("upstream", "?direct_sign_in", "social:{}"),
        ],
    ),
    preset(
        "okta",
        &["https://{domain}/oauth2/{authorization-server}", "https://{domain}"],
        &[("logout", "hint-required")],
        &[REFRESH, ("upstream", "?idp", "{}")],
    ),
    preset(
        "spotify",
        &["https://accounts.spotify.com"],
        &[
            ("scope", "user-read-private user-read-email"),
            (
                "endpoints",
                "https://accounts.spotify.com/authorize https://accounts.spotify.com/api/token",
            ),
            ("profile-endpoint", "https://api.spotify.com/v1/me"),
            ("profile", "sub=account_id&name=display_name&email=email&picture=images.0.url"),
            DOCUMENTED,
            UNBOUND,
            NO_LOGOUT,
        ],
        &[],
    ),
    preset("spring-authorization-server", &["{issuer}"], &[("logout", "hint-required")], &[]),
    preset("supabase", &["https://{project}.supabase.co/auth/v1"], &[DOCUMENTED, UNBOUND], &[]),
    preset(
        "zitadel",
        &["{server}"],
        &[],
        &[REFRESH, ("upstream", "+scope", "urn:zitadel:iam:org:idp:id:{}")],
    ),
];

/// The settings of one app by the preset of this name. `given` says what it has to know, by one of [`INPUTS`].
///
/// # Errors
///
/// As the preset's own `config`; `invalid_config` for a name that no preset has, and for what the preset has to
/// know and is missing or none, with the setting's name.
pub(crate) fn config(
    name: &str,
    given: &dyn Fn(&'static str) -> Option<String>,
    client_id: &str,
    redirect_uri: &str,
) -> Result<Config, Error> {
    let unknown = || Error::new(ErrorCode::InvalidConfig).about_setting("preset", name);
    let preset = PRESETS.iter().find(|preset| preset.name == name).ok_or_else(unknown)?;
    let mut config = Config::with_issuer(preset.issuer(given)?, client_id, redirect_uri)?;
    for (name, value) in preset.settings {
        config.set(name, value)?;
    }
    for (input, name, template) in preset.wishes {
        let Some(said) = given(input) else { continue };
        let mut apply = || {
            let value = checked(input, &said)?;
            // Within a scope token it must not begin another.
            let value = if *name == "+scope" { segment(&value)?.to_owned() } else { value };
            let value = filled(template, &|_| Ok(value.clone()))?;
            match (*name, name.strip_prefix('?')) {
                (_, Some(parameter)) => config.ask_one(parameter, &value),
                ("+scope", _) => config.add_scope(&value),
                _ => config.set(name, &value),
            }
        };
        apply().map_err(|error| naming(input, &said, &error))?;
    }
    Ok(config)
}

impl Preset {
    fn issuer(&self, given: &dyn Fn(&'static str) -> Option<String>) -> Result<Issuer, Error> {
        let is_complete =
            |template: &&'static str| inputs(template).all(|input| given(input).is_some());
        // The last one says what is missing.
        let template = self.issuers.iter().copied().find(is_complete);
        let template = template.or(self.issuers.last().copied()).unwrap_or_default();
        let accounts = |_| EntraAccounts::named(&given("tenant")?);
        if let Some(accounts) = inputs(template).find(|input| *input == "tenant").and_then(accounts)
        {
            return Ok(Issuer::entra(accounts));
        }
        let issuer = filled(template, &|input| {
            let missing = || Error::new(ErrorCode::InvalidConfig).about(input);
            let said = given(input).ok_or_else(missing)?;
            checked(input, &said).map_err(|error| naming(input, &said, &error))
        })?;
        Issuer::parse(&issuer)
    }
}

/// The inputs of a template.
fn inputs(template: &'static str) -> impl Iterator<Item = &'static str> {
    template.split(['{', '}']).skip(1).step_by(2)
}

/// A template with a value in the place of each input.
fn filled(
    template: &'static str,
    value: &dyn Fn(&'static str) -> Result<String, Error>,
) -> Result<String, Error> {
    let mut text = String::new();
    for (place, piece) in template.split(['{', '}']).enumerate() {
        match place % 2 {
            0 => text.push_str(piece),
            _ => text.push_str(&value(piece)?),
        }
    }
    Ok(text)
}

/// What of an input goes into a setting, if it can be what it has to be.
fn checked(input: &str, said: &str) -> Result<String, Error> {
    let value = match input {
        "server" => server(said)?,
        "domain" | "region" | "project" => domain(said)?,
        "realm" | "authorization-server" | "user-pool" | "application" => segment(said)?,
        "issuer" => Issuer::parse(said).map(|_| said)?,
        "tenant" if !is_guid(said) && EntraAccounts::named(said).is_none() => {
            return Err(ErrorCode::InvalidConfig.into());
        }
        "refresh-token" if said != "true" => return Err(ErrorCode::InvalidConfig.into()),
        _ => said,
    };
    Ok(value.to_owned())
}

/// The same reason, with the name and the value of the input that is refused.
fn naming(input: &str, said: &str, error: &Error) -> Error {
    Error::new(error.code()).about_setting(input, said)
}
