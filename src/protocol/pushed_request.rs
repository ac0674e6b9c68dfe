//! Pushed authorization requests (RFC 9126): the request goes to the provider directly, and the address
//! shows only a reference to it.

use super::error::{Error, ErrorCode};
use super::json::{ServerResponse, Value};
use super::token::refusal;

/// The provider's reference to a request, used once.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestUri(String);

impl core::fmt::Debug for RequestUri {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("RequestUri(redacted)")
    }
}

impl RequestUri {
    /// Judges the answer to a pushed request (RFC 9126 section 2.2).
    ///
    /// # Errors
    ///
    /// [`ErrorCode::PushedRequestRefused`] with the provider's own code,
    /// [`ErrorCode::ProviderUnavailable`] for 429 and 5xx, [`ErrorCode::NotJson`] and
    /// [`ErrorCode::InvalidResponse`], also for a reference that has run out already.
    pub fn from_response(response: &ServerResponse) -> Result<Self, Error> {
        if response.status != 201 {
            return Err(match response.status {
                200..300 => Error::new(ErrorCode::InvalidResponse).about("status"),
                _ => refusal(response, ErrorCode::PushedRequestRefused),
            });
        }
        let answer = response.object()?;
        let lives = match answer.get("expires_in") {
            Some(Value::Unsigned(seconds)) => *seconds > 0,
            _ => false,
        };
        if !lives {
            return Err(Error::new(ErrorCode::InvalidResponse).about("expires_in"));
        }
        let uri = answer.text("request_uri")?;
        let is_reference = uri.starts_with("urn:") || uri.starts_with("https:");
        if !is_reference || !uri.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::new(ErrorCode::InvalidResponse).about("request_uri"));
        }
        Ok(Self(uri.to_owned()))
    }

    /// The reference.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
