//! Settings by name, each as text: the attributes of a widget.

use core::str::SplitAsciiWhitespace;

use super::super::names::by_name;
use super::super::request_options::ACR_HINT;
use super::{
    Api, Config, DiscoveryKind, Dpop, Error, ErrorCode, Keeping, LogoutKind, Par, ProfileMapping,
    ProviderMetadata, Reload, Scope, SecureUrl,
};

impl Config {
    /// The names, in the order in which they are to be set.
    pub(crate) const NAMES: [&str; 27] = [
        "scope",
        "api",
        "dpop-api",
        "own-token-api",
        "trusted-audience",
        "discovery",
        "discovery-url",
        "endpoints",
        "profile-endpoint",
        "profile",
        "resource",
        "audience",
        "prompt",
        "acr-values",
        "acr-hint",
        "parameters",
        "dpop",
        "par",
        "pkce",
        "keep",
        "reload",
        "idle-limit",
        "session-limit",
        "login-limit",
        "logout",
        "logout-hint-claim",
        "logout-parameters",
    ];

    /// Sets what has this name. Lists are separated by spaces, parameters written as in an address.
    ///
    /// # Errors
    ///
    /// As the method that sets the same; `invalid_config` for a name that nothing has.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), Error> {
        match name {
            "scope" => self.scope = Scope::parse(value)?,
            "api" | "dpop-api" => {
                for url in words(value) {
                    self.resources.add_path(url, name == "dpop-api")?;
                }
            }
            "own-token-api" => {
                for api in words(value) {
                    self.resources.add(own_token_api(api)?);
                }
            }
            "trusted-audience" => self.trusted_audiences.extend(words(value).map(str::to_owned)),
            "discovery" => self.discovery = Some(choice(DiscoveryKind::NAMES, value)?),
            "discovery-url" => self.discovery_url = Some(SecureUrl::parse(value)?),
            "endpoints" => self.metadata = Some(self.endpoints_of(value)?),
            "profile-endpoint" => self.profile_endpoint = Some(SecureUrl::parse(value)?),
            "profile" => {
                self.profile_mapping = Some(ProfileMapping::from_pairs(&pairs(value))?);
            }
            "resource" => {
                let resources = words(value).map(|uri| (name.to_owned(), uri.to_owned()));
                self.ask(&resources.collect::<Vec<_>>())?;
            }
            "audience" | "prompt" => self.ask_one(name, value)?,
            "acr-values" => self.ask_one("acr_values", value)?,
            "acr-hint" => self.ask_one(ACR_HINT, value)?,
            "parameters" => self.ask(&pairs(value))?,
            "dpop" => self.dpop = choice(Dpop::NAMES, value)?,
            "par" => self.par = choice(Par::NAMES, value)?,
            "pkce" => self.pkce_is_documented = choice(&[("documented", true)], value)?,
            "keep" => self.keeping = Keeping::parse(value).ok_or_else(invalid)?,
            "reload" => self.reload = choice(Reload::NAMES, value)?,
            "idle-limit" => self.idle_limit = Some(seconds(value)?),
            "session-limit" => self.session_limit = Some(seconds(value)?),
            "login-limit" => self.login_limit = seconds(value)?,
            "logout" => self.logout = choice(LogoutKind::NAMES, value)?,
            "logout-hint-claim" => self.logout_hint_claim = Some(value.to_owned()),
            "logout-parameters" => {
                for (name, value) in &pairs(value) {
                    self.add_logout_parameter(name, value)?;
                }
            }
            _ => return Err(invalid()),
        }
        Ok(())
    }

    /// Adds to the scope.
    #[cfg(feature = "presets")]
    pub(crate) fn add_scope(&mut self, scope: &str) -> Result<(), Error> {
        self.scope = self.scope.union(&Scope::parse(scope)?);
        Ok(())
    }

    /// Sets a parameter of each request.
    pub(crate) fn ask_one(&mut self, name: &str, value: &str) -> Result<(), Error> {
        self.ask(&[(name.to_owned(), value.to_owned())])
    }

    fn ask(&mut self, parameters: &[(String, String)]) -> Result<(), Error> {
        let texts = parameters.iter().flat_map(|(name, value)| [name.as_str(), value]);
        let texts: Vec<&str> = texts.collect();
        self.options = core::mem::take(&mut self.options).with_texts(&texts)?;
        Ok(())
    }

    /// The endpoints of a provider without a document: where people sign in, where a code becomes a token, and,
    /// for OpenID Connect, where the keys are.
    fn endpoints_of(&self, urls: &str) -> Result<ProviderMetadata, Error> {
        let mut urls = words(urls);
        let (Some(authorization), Some(token)) = (urls.next(), urls.next()) else {
            return Err(invalid());
        };
        let metadata = ProviderMetadata::documented(self.issuer.clone(), authorization, token)?;
        match (urls.next(), urls.next()) {
            (None, _) => Ok(metadata),
            (Some(keys), None) => Ok(metadata.with_keys(SecureUrl::parse(keys)?)),
            _ => Err(invalid()),
        }
    }
}

/// A time, which is over at some point after it has begun.
fn seconds(value: &str) -> Result<u64, Error> {
    value.parse().ok().filter(|seconds| *seconds > 0).ok_or_else(invalid)
}

/// The items of a list, which may go over several lines.
fn words(list: &str) -> SplitAsciiWhitespace<'_> {
    list.split_ascii_whitespace()
}

/// Where an API is, and behind a question mark what its token is asked for by.
fn own_token_api(text: &str) -> Result<Api, Error> {
    let (url, wishes) = text.split_once('?').unwrap_or((text, ""));
    let mut api = Api::at(url)?;
    for (name, value) in &pairs(wishes) {
        api = match name.as_str() {
            "resource" => api.resource(value)?,
            "audience" => api.audience(value),
            "scope" => api.scope(value)?,
            "dpop" if ["", "true"].contains(&value.as_str()) => api.takes_proofs(),
            _ => return Err(invalid()),
        };
    }
    Ok(api)
}

/// Names and values, as in the query of an address.
fn pairs(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

fn choice<T: Copy>(names: &[(&str, T)], name: &str) -> Result<T, Error> {
    by_name(names, name).ok_or_else(invalid)
}

fn invalid() -> Error {
    ErrorCode::InvalidConfig.into()
}
