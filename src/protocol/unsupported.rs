//! Providers that are known not to let a web page finish the code flow. They fail before the page is
//! left, instead of at the token endpoint, where the browser can't say why.

use super::error::{Error, ErrorCode};
use super::issuer::Issuer;
use super::secure_url::SecureUrl;

/// A host of a provider that needs more than a public client has, and why. Subdomains are meant too
/// where the host begins with a dot.
const PROVIDERS: [(&str, &str); 8] = [
    ("accounts.google.com", "Google wants a client secret of web apps"),
    (".github.com", "GitHub wants a client secret, and its token endpoint has no CORS"),
    (".x.com", "the token endpoint of X has no CORS"),
    (".twitter.com", "the token endpoint of X has no CORS"),
    (".linkedin.com", "LinkedIn wants a client secret of web apps"),
    ("appleid.apple.com", "Apple wants a signed client secret"),
    (".facebook.com", "Facebook wants a client secret of web apps"),
    (".twitch.tv", "Twitch wants a client secret in the code flow"),
];

/// Refuses the issuers of these providers, by the host.
///
/// # Errors
///
/// [`ErrorCode::ProviderNeedsSecret`], naming the provider and the reason.
pub(super) fn check(issuer: &Issuer) -> Result<(), Error> {
    let url = SecureUrl::parse(issuer.as_str())?;
    let host = url.origin().split('/').next_back().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    match PROVIDERS.iter().find(|(known, _)| is_host_of(host, known)) {
        Some((_, reason)) => Err(Error::new(ErrorCode::ProviderNeedsSecret).about(reason)),
        None => Ok(()),
    }
}

fn is_host_of(host: &str, known: &str) -> bool {
    match known.strip_prefix('.') {
        Some(domain) => host == domain || host.ends_with(known),
        None => host == known,
    }
}
