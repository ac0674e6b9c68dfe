//! In the place of `dpop.rs`, where the feature is off: no token is bound to a key.

use super::Client;
use super::transport::{Opened, open};
use crate::browser::crypto::SigningKey;
use crate::browser::fetch::FetchRequest;
use crate::protocol::{
    AccessToken, Error, ErrorCode, PendingLogin, ProviderMetadata, SecureUrl, UnixTime,
};

/// There is no key.
#[derive(Clone, Debug)]
pub(super) enum Key {}

impl Key {
    pub(super) fn thumbprint(&self) -> String {
        match *self {}
    }

    pub(super) fn signing(&self) -> SigningKey {
        match *self {}
    }

    #[allow(clippy::unused_async)]
    pub(super) async fn of(_: SigningKey) -> Result<Self, Error> {
        Err(ErrorCode::DpopNotSupported.into())
    }
}

#[allow(clippy::unused_async, clippy::unused_self)]
impl Client {
    pub(super) async fn new_key(
        &self,
        _: &ProviderMetadata,
        _: UnixTime,
    ) -> Result<Option<Key>, Error> {
        self.config().binds_tokens(false).map(|_| None)
    }

    pub(super) async fn key_of(&self, login: &PendingLogin) -> Result<Option<Key>, Error> {
        // A login that another build of the app began.
        match login.dpop_jkt() {
            Some(_) => Err(ErrorCode::LoginNotFound.into()),
            None => Ok(None),
        }
    }

    pub(super) async fn forget_key(&self, _: &PendingLogin) {}

    pub(super) async fn keeps_proofs_out(&self, _: &SecureUrl) -> bool {
        false
    }

    pub(super) async fn open_proven(
        &self,
        request: FetchRequest,
        _: Option<&Key>,
        _: Option<&AccessToken>,
    ) -> Result<Opened, Error> {
        open(&self.0.browser, request).await
    }
}
