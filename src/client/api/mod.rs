//! Requests with the token: to the app's APIs, and to the provider for the profile.

mod call;
mod profile;
mod request;
#[cfg(feature = "step-up")]
mod step_up;
mod stream;

#[cfg(feature = "step-up")]
use std::cell::RefCell;
use std::rc::Rc;

pub use request::ResourceRequest;
pub use stream::StreamedResponse;

use super::context::Context;
#[cfg(feature = "step-up")]
use super::flight::Flight;
use super::login::Login;
use super::provider::Provider;
use super::session::Sessions;
use super::wire::Wire;
#[cfg(feature = "step-up")]
use crate::protocol::ServerResponse;

/// What is sent with the token of the session.
pub(in crate::client) struct Api {
    context: Rc<Context>,
    wire: Rc<Wire>,
    #[cfg(feature = "signed-userinfo")]
    provider: Rc<Provider>,
    sessions: Rc<Sessions>,
    login: Rc<Login>,
    profile: profile::ProfileOfSession,
    /// The request that was refused before somebody signed in again, sent once more.
    #[cfg(feature = "step-up")]
    repeated: RefCell<Option<Flight<ServerResponse>>>,
}

impl Api {
    pub(in crate::client) fn new(
        context: Rc<Context>,
        wire: Rc<Wire>,
        provider: Rc<Provider>,
        sessions: Rc<Sessions>,
        login: Rc<Login>,
    ) -> Rc<Self> {
        // For the keys, where profiles may be signed.
        #[cfg(not(feature = "signed-userinfo"))]
        drop(provider);
        Rc::new(Self {
            context,
            wire,
            #[cfg(feature = "signed-userinfo")]
            provider,
            sessions,
            login,
            profile: profile::ProfileOfSession::default(),
            #[cfg(feature = "step-up")]
            repeated: RefCell::default(),
        })
    }
}
