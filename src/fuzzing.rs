//! What the fuzz targets in `fuzz/` need and an app must not have. Only a build for fuzzing has it.

use crate::protocol::key_set::PublicKey;
use crate::protocol::secret::RawIdToken;
use crate::protocol::{
    AccessToken, Authorization, AuthorizationCode, Error, IdToken, PendingLogin, UnixTime,
};

/// Judges an ID token as if its signature were the provider's, which nothing random would be.
pub fn id_token(text: &str, pending_login: PendingLogin, now: UnixTime) -> Result<IdToken, Error> {
    let token = RawIdToken::new(text).read()?.verified(true);
    let authorization = Authorization { code: AuthorizationCode::new("code"), pending_login };
    let token = token.ok_or(crate::protocol::ErrorCode::SignatureInvalid)?;
    IdToken::of_login(&token, &authorization, &AccessToken::new("token"), now)
}

/// A key as Web Crypto gets it.
pub fn jwk(key: &PublicKey) -> String {
    key.to_jwk()
}
