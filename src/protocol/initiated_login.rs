//! A login that begins elsewhere: a portal sends the person to the app, with the wish that the app sign
//! them in (OpenID Connect Core 4).

use super::config::Config;
use super::error::{Error, ErrorCode};
use super::return_to::ReturnTo;
use super::secure_url::SecureUrl;

/// Such a wish, found to be harmless: anybody can send anybody here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitiatedLogin {
    login_hint: Option<String>,
    return_to: ReturnTo,
}

impl InitiatedLogin {
    /// Reads the page's URL. `None` when it is not the app's `initiate_login_uri`, or has no `iss`.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InitiatedLoginRefused`] when the issuer is not the app's own, when the page to go to
    /// is not of the app, or when a parameter stands twice.
    pub fn from_url(page: &str, config: &Config) -> Result<Option<Self>, Error> {
        let place = page.split(['?', '#']).next().unwrap_or(page);
        let is_here = |uri: &SecureUrl| uri.without_query() == place;
        if !config.configured_initiate_login_uri().is_some_and(is_here) {
            return Ok(None);
        }
        let query = page.split('#').next().and_then(|page| page.split_once('?'));
        let query = query.map_or("", |(_, query)| query);
        let parameters: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let refused = |what| Error::new(ErrorCode::InitiatedLoginRefused).about(what);
        let value = |name: &'static str| {
            let mut found = parameters.iter().filter(|(known, _)| known == name);
            match (found.next(), found.next()) {
                (Some(_), Some(_)) => Err(refused(name)),
                (first, _) => Ok(first.map(|(_, value)| value.as_ref())),
            }
        };
        let Some(issuer) = value("iss")? else { return Ok(None) };
        if issuer != config.issuer().as_str() {
            return Err(refused("iss"));
        }
        let redirect_uri = config.redirect_uri();
        let return_to = match value("target_link_uri")? {
            Some(target) => ReturnTo::within_app(target, redirect_uri)
                .ok_or_else(|| refused("target_link_uri"))?,
            None => ReturnTo::new("", redirect_uri),
        };
        Ok(Some(Self { login_hint: value("login_hint")?.map(str::to_owned), return_to }))
    }

    /// Who is to sign in, as the provider knows it.
    pub fn login_hint(&self) -> Option<&str> {
        self.login_hint.as_deref()
    }

    /// The page of the app to go to.
    pub const fn return_to(&self) -> &ReturnTo {
        &self.return_to
    }
}
