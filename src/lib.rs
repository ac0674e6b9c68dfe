//! Signs people in to browser apps with OAuth 2.0 / OpenID Connect: authorization code flow with
//! PKCE, and no client secret anywhere.
//!
//! - [`client::Client`] is the whole flow, for any WebAssembly app.
//! - [`components`] are Leptos components over it.
//! - [`protocol`] is what the RFCs say, pure and tested natively.
//! - [`browser`] is what the browser gives.
//! - [`texts`] are what people read.

#![warn(missing_docs)]
// What comes from outside may be anything. Tests may insist.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

pub mod browser;
pub mod client;
#[cfg(feature = "components")]
pub mod components;
#[cfg(any(feature = "demo", feature = "lesson"))]
pub mod demo;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod protocol;
#[cfg(any(feature = "components", feature = "widget"))]
pub mod texts;
#[cfg(feature = "widget")]
pub mod widget;
