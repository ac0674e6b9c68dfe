//! Signs people in to browser apps with OAuth 2.0 / OpenID Connect: authorization code flow with
//! PKCE, and no client secret anywhere.
//!
//! - [`protocol`] is what the RFCs say, pure and tested natively.

#![warn(missing_docs)]
// What comes from outside may be anything. Tests may insist.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

pub mod protocol;
