//! The provider's metadata: fetched before it is needed, kept for an hour.

use futures_util::FutureExt as _;

use super::transport::{exchange, get};
use super::{Client, Document, Status};
use crate::browser::page;
use crate::protocol::{CachedMetadata, DiscoveryKind, Error, Issuer, ProviderMetadata};

/// How long a discovery document is believed, in seconds.
pub(super) const LIFETIME: u64 = 3600;

impl Client {
    /// Fetches the provider's metadata, so that the click that follows need not wait for it. Call it
    /// when the page is idle, or when the pointer comes near the button. After a failure
    /// the click tries again.
    pub async fn prefetch(&self) {
        page::activation().await;
        if let Some(vault) = self.vault() {
            return vault.prefetch().await;
        }
        if self.0.discovery_failure.borrow().is_some() {
            return;
        }
        let changes = self.0.changes.get();
        // The click meets the same error, with somebody there to read it.
        if let Err(error) = self.metadata().await {
            // Whoever has clicked meanwhile meets it already.
            let has_failed = matches!(self.status(), Status::Failed(_));
            let is_met = self.is_under_way() || has_failed && self.0.changes.get() != changes;
            let is_kept = !error.retry_can_help() && !is_met;
            self.0.discovery_failure.replace(Some(error).filter(|_| is_kept));
        }
    }

    /// The metadata: as configured, as cached, or fetched; one request for all who wait.
    pub(super) async fn metadata(&self) -> Result<ProviderMetadata, Error> {
        if let Some(metadata) = self.config().given_metadata() {
            return Ok(metadata.clone());
        }
        if let Some(metadata) = self.cached_metadata() {
            return Ok(metadata);
        }
        // What was found out beforehand, and no other attempt mends, need not be asked for: not before the
        // person tries once more.
        if let Some(error) = self.0.discovery_failure.take() {
            return Err(error);
        }
        let joins = self.0.discovery.borrow().is_some();
        match self.request_metadata().await {
            // It began before anybody waited for it, perhaps in another network.
            Err(error) if joins && error.retry_can_help() => self.request_metadata().await,
            result => result,
        }
    }

    /// The metadata fetched anew, for something that it does not know.
    ///
    /// # Errors
    ///
    /// What fetching it says; `discovery_invalid` where nothing could be fetched.
    pub(super) async fn newer_metadata(
        &self,
        known: &ProviderMetadata,
    ) -> Result<ProviderMetadata, Error> {
        if self.config().given_metadata().is_some() {
            return Ok(known.clone());
        }
        self.request_metadata().await
    }

    async fn request_metadata(&self) -> Result<ProviderMetadata, Error> {
        let client = self.clone();
        let flight = self
            .0
            .discovery
            .borrow_mut()
            .get_or_insert_with(|| {
                async move { client.fetch_metadata().await }.boxed_local().shared()
            })
            .clone();
        let result = flight.await;
        self.0.discovery.replace(None);
        result
    }

    async fn fetch_metadata(&self) -> Result<ProviderMetadata, Error> {
        let issuer = self.config().issuer();
        let response = exchange(&self.0.browser, get(&self.config().discovery_address())).await?;
        let metadata = ProviderMetadata::from_response(issuer, &response)?;
        self.cache_metadata(&metadata);
        self.emit_left_out(Document::Metadata, metadata.left_out());
        Ok(metadata)
    }

    fn cached_metadata(&self) -> Option<ProviderMetadata> {
        let issuer = self.config().issuer();
        let text =
            self.0.browser.storage.get(&key(issuer, self.config().discovery_kind())).ok()??;
        let cached = CachedMetadata::from_json(&text)?;
        // Both ways: the clock may have been set back.
        let age = self.now().since(cached.fetched).max(cached.fetched.since(self.now()));
        (age < LIFETIME && cached.metadata.issuer() == issuer).then_some(cached.metadata)
    }

    fn cache_metadata(&self, metadata: &ProviderMetadata) {
        let cached = CachedMetadata { fetched: self.now(), metadata: metadata.clone() };
        // A cache only: where storage is denied, the login itself says so.
        let _ = self
            .0
            .browser
            .storage
            .set(&key(metadata.issuer(), self.config().discovery_kind()), &cached.to_json());
    }
}

/// A place for each of the two documents, which are never mixed.
fn key(issuer: &Issuer, kind: DiscoveryKind) -> String {
    let kind = match kind {
        DiscoveryKind::OpenIdConnect => "",
        DiscoveryKind::OAuth => "oauth:",
    };
    ["pixy-login:metadata:", kind, issuer.as_str()].concat()
}
