//! A client at a server.

use serde::Deserialize;
use serde_json::Value;

use crate::manifest::Settings;

/// A client as the server knows it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// The issuer.
    pub issuer: String,
    /// The id.
    pub client_id: String,
    /// The lifetime of its access tokens in seconds, where it matters.
    pub lifetime: Option<u64>,
    /// The app's settings for this client.
    #[serde(default)]
    pub settings: Settings,
}

impl Client {
    /// The metadata of its provider.
    pub fn metadata(&self) -> Result<Value, String> {
        let url = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let read = || ureq::get(&url).call()?.body_mut().read_json();
        read().map_err(|error| format!("{url}: {error}"))
    }
}
