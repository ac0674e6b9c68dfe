//! Where the access token may be sent: listed origins, or what is below listed paths of them.

use super::api::Api;
use super::error::{Error, ErrorCode};
use super::secure_url::{SecureUrl, is_ambiguous, nameable};

/// The resource servers of an app (RFC 9700 section 4.9.1). A whole origin is a path with a slash alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct AllowList(Vec<Api>);

impl AllowList {
    /// Adds a whole origin.
    pub(super) fn add_origin(&mut self, origin: &str, takes_proofs: bool) -> Result<(), Error> {
        let url = SecureUrl::parse(origin)?;
        if url.path() != "/" || url.query().is_some() {
            return Err(Error::new(ErrorCode::InvalidConfig).about(nameable(origin)));
        }
        self.add_path(origin, takes_proofs)
    }

    /// Adds a path of an origin and what is below it.
    pub(super) fn add_path(&mut self, path: &str, takes_proofs: bool) -> Result<(), Error> {
        let api = Api::at(path)?;
        self.add(if takes_proofs { api.takes_proofs() } else { api });
        Ok(())
    }

    /// Adds an API.
    pub(super) fn add(&mut self, api: Api) {
        self.0.push(api);
    }

    /// Whether every place that is listed takes bound tokens.
    pub(super) fn takes_proofs(&self) -> bool {
        self.0.iter().all(Api::is_for_proofs)
    }

    /// What is listed.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Api> {
        self.0.iter()
    }

    /// The URL, parsed, if it is on the list, and what it is listed by: the longest, and of two alike the later.
    /// What is called is what was checked.
    pub(super) fn check(&self, url: &str) -> Result<(SecureUrl, &Api), Error> {
        let url = SecureUrl::parse(url)?;
        let covering = self.0.iter().filter(|api| covers(api.url(), &url));
        match covering.max_by_key(|api| api.url().path().len()) {
            Some(api) => Ok((url, api)),
            None => Err(Error::new(ErrorCode::OriginNotAllowed).about(url.without_query())),
        }
    }
}

/// Whether a URL is what is listed, or below it by whole segments: `/v1` lists `/v1` and `/v1/mail`, not
/// `/v10`. Compared to the letter, case included.
fn covers(listed: &SecureUrl, url: &SecureUrl) -> bool {
    if listed.origin() != url.origin() {
        return false;
    }
    // A whole origin: where on it a server sees the path doesn't matter.
    if listed.path() == "/" {
        return true;
    }
    let Some(below) = url.path().strip_prefix(listed.path()) else { return false };
    let is_whole = listed.path().ends_with('/') || below.is_empty() || below.starts_with('/');
    is_whole && !is_ambiguous(url.path())
}
