//! The provider's metadata: fetched before it is needed, kept for an hour.

use std::rc::Rc;

use super::Provider;
use crate::browser::page;
use crate::client::context::Context;
use crate::client::events::Document;
use crate::client::status::Status;
use crate::client::stored::Stored;
use crate::client::wire::get;
use crate::protocol::{CachedMetadata, DiscoveryKind, Error, ProviderMetadata};

/// How long a discovery document is believed, and a key set used, in seconds.
pub(super) const LIFETIME: u64 = 3600;

impl Provider {
    /// Fetches the provider's metadata, so that the click that follows need not wait for it. Call it
    /// when the page is idle, or when the pointer comes near the button. After a failure
    /// the click tries again.
    pub(in crate::client) async fn prefetch(self: &Rc<Self>) {
        page::activation().await;
        if self.discovery_failure.borrow().is_some() {
            return;
        }
        let changes = self.context.changes();
        // The click meets the same error, with somebody there to read it.
        if let Err(error) = self.metadata().await {
            // Whoever has clicked meanwhile meets it already.
            let is_met = match self.context.status() {
                Status::Leaving | Status::InPopup | Status::Busy => true,
                Status::Failed(_) => self.context.changes() != changes,
                _ => false,
            };
            let is_kept = !error.retry_can_help() && !is_met;
            self.discovery_failure.replace(Some(error).filter(|_| is_kept));
        }
    }

    /// The metadata: as configured, as cached, or fetched; one request for all who wait.
    pub(in crate::client) async fn metadata(self: &Rc<Self>) -> Result<ProviderMetadata, Error> {
        if let Some(metadata) = self.context.config().given_metadata() {
            return Ok(metadata.clone());
        }
        if let Some(metadata) = self.cached_metadata() {
            return Ok(metadata);
        }
        // What was found out beforehand, and no other attempt mends, need not be asked for: not before the
        // person tries once more.
        if let Some(error) = self.discovery_failure.take() {
            return Err(error);
        }
        let joins = self.discovery.current().is_some();
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
    pub(in crate::client) async fn newer_metadata(
        self: &Rc<Self>,
        known: &ProviderMetadata,
    ) -> Result<ProviderMetadata, Error> {
        if self.context.config().given_metadata().is_some() {
            return Ok(known.clone());
        }
        self.request_metadata().await
    }

    async fn request_metadata(self: &Rc<Self>) -> Result<ProviderMetadata, Error> {
        let provider = self.clone();
        let flight = self.discovery.join_or(|| async move { provider.fetch_metadata().await });
        let result = flight.clone().await;
        self.discovery.forget(&flight);
        result
    }

    async fn fetch_metadata(&self) -> Result<ProviderMetadata, Error> {
        let issuer = self.context.config().issuer();
        let response = self.wire.exchange(get(&self.context.config().discovery_address())).await?;
        let metadata = ProviderMetadata::from_response(issuer, &response)?;
        // A cache only: where storage is denied, the login itself says so.
        self.context
            .store(&CachedMetadata { fetched: self.context.now(), metadata: metadata.clone() });
        self.context.emit_left_out(Document::Metadata, metadata.left_out());
        Ok(metadata)
    }

    fn cached_metadata(&self) -> Option<ProviderMetadata> {
        let issuer = self.context.config().issuer();
        let cached: CachedMetadata = self.context.stored()?;
        let age = self.context.now().apart(cached.fetched);
        (age < LIFETIME && cached.metadata.issuer() == issuer).then_some(cached.metadata)
    }
}

impl Stored for CachedMetadata {
    /// A place for each of the two documents, which are never mixed.
    fn key(context: &Context) -> String {
        let kind = match context.config().discovery_kind() {
            DiscoveryKind::OpenIdConnect => "",
            DiscoveryKind::OAuth => "oauth:",
        };
        ["pixy-login:metadata:", kind, context.config().issuer().as_str()].concat()
    }

    fn to_text(&self) -> String {
        self.to_json()
    }

    fn from_text(text: &str) -> Option<Self> {
        Self::from_json(text)
    }
}
