//! The key of a login under way, to which its tokens are bound (RFC 9449): in IndexedDB until the answer comes.

use super::Login;
use crate::client::wire::Key;
use crate::protocol::{Error, PendingLogin, ProviderMetadata, UnixTime};
#[cfg(feature = "dpop")]
use crate::{
    browser::crypto::SigningKey,
    browser::record_store::Record,
    browser::storage::StorageDenied,
    client::provider::Offer,
    protocol::{Dpop, ErrorCode},
};

#[cfg(feature = "dpop")]
impl Login {
    /// A new key for a login, where one is wanted, kept until the answer comes.
    pub(super) async fn new_key(
        &self,
        metadata: &ProviderMetadata,
        now: UnixTime,
    ) -> Result<Option<Key>, Error> {
        let config = self.context.config();
        let wanted = config.wanted_dpop();
        let is_bound = config.binds_tokens(metadata.supports_dpop())?;
        let is_unusable = || self.provider.is_unusable(Offer::Binding);
        if !is_bound || wanted != Dpop::Required && is_unusable() {
            return Ok(None);
        }
        match (self.make_key(now).await, wanted) {
            (Ok(key), _) => Ok(Some(key)),
            (Err(error), Dpop::Required) => Err(error),
            // Without a key the login asks for plain tokens, as it would in an older browser.
            (Err(_), _) => Ok(None),
        }
    }

    async fn make_key(&self, now: UnixTime) -> Result<Key, Error> {
        let key = Key::generate().await?;
        let records = &self.context.browser().records;
        // What stays for longer than it should is no reason not to sign in.
        let _ = records.forget_until(now.0).await;
        let record = Record {
            until: now.0.saturating_add(self.context.config().wanted_login_limit().as_secs()),
            key: Some(key.signing()),
            ..Record::default()
        };
        let kept = records.put(name(&key.thumbprint()), record).await;
        kept.map_err(|denied| Error::from(denied).about("IndexedDB"))?;
        Ok(key)
    }

    /// The key of a login, taken out of the store. From then on it is in memory, and in the session's record
    /// where one is kept.
    pub(super) async fn key_of(&self, login: &PendingLogin) -> Result<Option<Key>, Error> {
        let Some(thumbprint) = login.dpop_jkt() else { return Ok(None) };
        let taken = self.take_key(thumbprint).await;
        let lost = || Error::new(ErrorCode::StorageDenied).about("IndexedDB");
        let key = Key::of(taken.map_err(|_| lost())?.ok_or_else(lost)?).await?;
        if key.thumbprint() == thumbprint { Ok(Some(key)) } else { Err(lost()) }
    }

    /// Forgets the key of a login that came to nothing.
    pub(super) async fn forget_key(&self, login: &PendingLogin) {
        if let Some(thumbprint) = login.dpop_jkt() {
            // Where it can't be taken out now, it is when the next login begins.
            let _ = self.take_key(thumbprint).await;
        }
    }

    async fn take_key(&self, thumbprint: &str) -> Result<Option<SigningKey>, StorageDenied> {
        let record = self.context.browser().records.take(name(thumbprint)).await?;
        Ok(record.and_then(|record| record.key))
    }
}

/// The record of a login's key.
#[cfg(feature = "dpop")]
fn name(thumbprint: &str) -> String {
    ["key:", thumbprint].concat()
}

/// Where the feature is off, no login has one.
#[cfg(not(feature = "dpop"))]
#[allow(clippy::unused_async, clippy::unused_self)]
impl Login {
    pub(super) async fn new_key(
        &self,
        _: &ProviderMetadata,
        _: UnixTime,
    ) -> Result<Option<Key>, Error> {
        self.context.config().binds_tokens(false).map(|_| None)
    }

    pub(super) async fn key_of(&self, login: &PendingLogin) -> Result<Option<Key>, Error> {
        // A login that another build of the app began.
        match login.dpop_jkt() {
            Some(_) => Err(crate::protocol::ErrorCode::LoginNotFound.into()),
            None => Ok(None),
        }
    }

    pub(super) async fn forget_key(&self, _: &PendingLogin) {}
}
