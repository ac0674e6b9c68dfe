//! The provider: its metadata and its keys, cached and refreshed; what it offers that is of no use here; and how it
//! takes tokens back.

mod keys;
mod metadata;
mod offers;
mod revocation;

use std::cell::RefCell;
use std::rc::Rc;

pub(in crate::client) use offers::Offer;
pub(in crate::client) use revocation::Unwanted;

use super::context::Context;
use super::flight::SingleFlight;
use super::wire::Wire;
use crate::protocol::{Error, ProviderMetadata};

/// The provider, as far as it is known.
pub(in crate::client) struct Provider {
    context: Rc<Context>,
    wire: Rc<Wire>,
    discovery: SingleFlight<ProviderMetadata>,
    /// Why its document can't be used, as was found out before anybody wanted to sign in.
    discovery_failure: RefCell<Option<Error>>,
    keys: RefCell<Option<keys::Keys>>,
}

impl Provider {
    pub(in crate::client) fn new(context: Rc<Context>, wire: Rc<Wire>) -> Self {
        Self {
            context,
            wire,
            discovery: SingleFlight::default(),
            discovery_failure: RefCell::default(),
            keys: RefCell::default(),
        }
    }
}
