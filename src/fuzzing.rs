//! What the fuzz targets in `fuzz/` need and an app must not have. Only a build for fuzzing has it.

use crate::protocol::secret::RawIdToken;

/// An ID token that nobody sent.
pub fn raw_id_token(text: &str) -> RawIdToken {
    RawIdToken::new(text)
}
