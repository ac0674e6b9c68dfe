//! What the RFCs say: build a request, judge a response.
//!
//! Pure values in, values out. No browser, no clock, no randomness, no I/O, no async: those come in
//! as arguments, so that every rule here is tested natively. Storage, fetch and navigation belong in
//! [`crate::browser`], the order of the steps in [`crate::client`].
//!
//! The way of the data, a file each: [`config`] → [`discovery`] → [`authorization`] (with
//! [`request_options`] and a [`pending_login`]; perhaps a `pushed_request`) → redirect → [`callback`] →
//! [`token`] (perhaps with proofs: `dpop`) → [`jws`], checked with the [`key_set`] → [`id_token`] →
//! [`profile`]. Afterwards: [`step_up`], [`revocation`], [`logout`].

pub mod algorithm;
mod allow_list;
pub mod api;
pub mod authorization;
pub mod callback;
pub mod challenge;
pub mod claims;
pub mod config;
pub mod discovery;
#[cfg(feature = "dpop")]
pub mod dpop;
pub mod entra;
pub mod error;
pub mod id_token;
pub mod initiated_login;
pub mod issuer;
pub mod json;
pub mod jws;
pub mod key_set;
pub mod logout;
#[cfg(any(feature = "demo", feature = "vault", feature = "widget"))]
pub(crate) mod names;
pub mod pending_login;
pub mod pkce;
pub mod policy;
#[cfg(feature = "presets")]
pub mod presets;
pub mod profile;
pub mod profile_mapping;
#[cfg(feature = "par")]
pub mod pushed_request;
pub(crate) mod refused_refresh;
pub mod refused_request;
pub(crate) mod refused_token;
pub(crate) mod request_header;
pub mod request_options;
pub mod return_to;
pub mod revocation;
pub mod scope;
pub mod secret;
pub mod secure_url;
pub mod step_up;
pub mod text;
pub mod time;
pub mod token;
pub mod token_set;
mod unsupported;
mod userinfo;

pub use algorithm::Algorithm;
pub use api::Api;
pub use authorization::{AuthorizationRequest, RandomValues, Wish};
pub use callback::{Authorization, Callback};
pub use challenge::Challenge;
pub use claims::Claims;
pub use config::Config;
pub use discovery::{CachedMetadata, DiscoveryKind, ProviderMetadata};
#[cfg(feature = "dpop")]
pub use dpop::{DpopNonce, DpopProof, DpopPublicKey};
pub use entra::EntraAccounts;
pub use error::{Error, ErrorCode, Fault, ProviderError};
pub use id_token::IdToken;
pub use initiated_login::InitiatedLogin;
pub use issuer::Issuer;
pub use json::ServerResponse;
pub use jws::{Jws, VerifiedJws};
pub use key_set::KeySet;
pub use logout::LogoutRequest;
pub use pending_login::PendingLogin;
pub use pkce::{CodeChallenge, CodeVerifier};
#[cfg(feature = "step-up")]
pub use policy::StepUpPolicy;
pub use policy::{Dpop, Keeping, LogoutKind, Par, Reload, Renewal};
pub use profile::Profile;
pub use profile_mapping::ProfileMapping;
#[cfg(feature = "par")]
pub use pushed_request::RequestUri;
pub use refused_request::RefusedRequest;
pub use request_options::RequestOptions;
pub use return_to::ReturnTo;
pub use revocation::RevocationRequest;
pub use scope::Scope;
pub use secret::{AccessToken, AuthorizationCode, Nonce, RefreshToken, State};
pub use secure_url::SecureUrl;
pub use step_up::StepUp;
pub use time::UnixTime;
pub use token::{TokenRequest, TokenResponse, TokenType};
pub(crate) use token_set::TokenSet;

#[cfg(test)]
mod tests;
