//! In the place of `par.rs`, where the feature is off: requests go by the address.

use super::Client;
use super::dpop::Key;
use crate::protocol::{AuthorizationRequest, Error, ErrorCode, Par};

#[allow(clippy::unused_async, clippy::unused_self)]
impl Client {
    pub(super) async fn departure_url(
        &self,
        request: &AuthorizationRequest,
        _: Option<&Key>,
    ) -> Result<String, Error> {
        let wanted = self.config().wanted_par();
        match wanted == Par::Required || request.pending_login().metadata().requires_par() {
            true => Err(ErrorCode::ParNotSupported.into()),
            false => Ok(request.url()),
        }
    }
}
