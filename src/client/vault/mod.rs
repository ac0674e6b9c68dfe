//! The vault: the tokens, and whatever uses them, in a worker with a WebAssembly instance of its own. The page
//! asks it to do things, and is told what came of it, but never sees a token.
//!
//! The whole client runs inside the worker ([`inside`]), in a browser of which the page lends it two parts:
//! session storage and address (`lent`). In the page a client of the same interface passes everything on
//! (`outside`). What the two say to each other is in `command` and `report`, as text by way of `codec`.
//!
//! The two trust each other differently. The vault takes its settings once, from whoever starts it, and from
//! then on nothing but commands: whatever the page says later, tokens go to the provider that it found for
//! itself, and to the listed APIs. The page gets no more than an app gets of any client.

mod codec;
mod command;
pub mod inside;
mod lent;
mod outside;
mod report;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;

use super::api::ResourceRequest;
use super::context::Context;
use super::login::{Arrival, Outcome, SignIn};
use super::status::Session;
use crate::browser::worker::{Port, Receiving};
use crate::protocol::{Error, Profile, ServerResponse};

/// What a vault can be asked: what a client can be. The only one is behind a pointer, so that an app without a
/// vault has none of it in its wasm.
pub(super) trait Vault {
    fn session(&self) -> Option<Session>;
    /// Handles the page's address.
    fn arrive(&self, arrival: Rc<Arrival>) -> Answering<Outcome>;
    fn sign_in(&self, sign_in: SignIn) -> Answering<()>;
    fn sign_out(&self) -> Answering<()>;
    fn sign_out_at_provider(&self) -> Answering<()>;
    fn refresh(&self) -> Answering<()>;
    fn prefetch(&self) -> LocalBoxFuture<'static, ()>;
    fn profile(&self) -> Answering<Profile>;
    fn reload_profile(&self) -> Answering<Profile>;
    fn fetch(&self, request: ResourceRequest) -> Answering<ServerResponse>;
    #[cfg(feature = "step-up")]
    fn repeated(&self) -> LocalBoxFuture<'static, Option<Result<ServerResponse, Error>>>;
}

/// What the vault answers later.
type Answering<T> = LocalBoxFuture<'static, Result<T, Error>>;

/// Starts a vault, and returns the page's half of it.
pub(super) fn open(
    context: &Rc<Context>,
    start: impl FnOnce(Receiving) -> Option<Box<dyn Port>>,
) -> Box<dyn Vault> {
    Box::new(outside::Outside::open(context.clone(), start))
}
