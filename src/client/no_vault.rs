//! In the place of `vault/`, where the feature is off: every client has its tokens itself.

use super::{Client, Outcome, ResourceRequest, Session, SignIn};
use crate::protocol::{Error, Profile, ServerResponse};

/// There is no vault.
pub(super) enum Vault {}

#[allow(clippy::unused_self)]
impl Client {
    pub(super) const fn vault(&self) -> Option<&Vault> {
        None
    }

    pub(super) const fn is_inside_vault(&self) -> bool {
        false
    }
}

#[allow(clippy::unused_async)]
impl Vault {
    pub(super) fn session(&self) -> Option<Session> {
        match *self {}
    }

    pub(super) async fn handle_callback(&self, _: String) -> Result<Outcome, Error> {
        match *self {}
    }

    pub(super) async fn sign_in(&self, _: SignIn) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn sign_out(&self) {
        match *self {}
    }

    pub(super) async fn sign_out_at_provider(&self) -> Result<(), Error> {
        match *self {}
    }

    pub(super) async fn refresh(&self) -> Result<(), Error> {
        match *self {}
    }

    pub(super) async fn prefetch(&self) {
        match *self {}
    }

    pub(super) async fn profile(&self) -> Result<Profile, Error> {
        match *self {}
    }

    pub(super) async fn reload_profile(&self) -> Result<Profile, Error> {
        match *self {}
    }

    pub(super) async fn fetch(&self, _: ResourceRequest) -> Result<ServerResponse, Error> {
        match *self {}
    }

    #[cfg(feature = "step-up")]
    pub(super) async fn repeated(&self) -> Option<Result<ServerResponse, Error>> {
        match *self {}
    }
}
