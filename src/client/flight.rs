//! Something under way that several callers wait for, and that is done once for all of them.

use std::cell::RefCell;

use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, Shared};
use wasm_bindgen_futures::spawn_local;

use crate::protocol::Error;

/// Something under way that several callers may wait for.
pub(super) type Flight<T> = Shared<LocalBoxFuture<'static, Result<T, Error>>>;

/// Goes on to the end, also when nobody waits for it any more.
pub(super) fn in_any_case<T: Clone + 'static>(
    future: impl Future<Output = Result<T, Error>> + 'static,
) -> Flight<T> {
    let flight = future.boxed_local().shared();
    spawn_local(flight.clone().map(drop));
    flight
}

/// Where the next caller finds what is under way.
pub(super) struct SingleFlight<T>(RefCell<Option<Flight<T>>>);

impl<T> Default for SingleFlight<T> {
    fn default() -> Self {
        Self(RefCell::new(None))
    }
}

impl<T: Clone + 'static> SingleFlight<T> {
    /// What is under way, or was.
    pub(super) fn current(&self) -> Option<Flight<T>> {
        self.0.borrow().clone()
    }

    /// The same; where there is none, it begins.
    pub(super) fn join_or<F>(&self, begin: impl FnOnce() -> F) -> Flight<T>
    where
        F: Future<Output = Result<T, Error>> + 'static,
    {
        if let Some(flight) = self.current() {
            return flight;
        }
        let flight = in_any_case(begin());
        self.0.replace(Some(flight.clone()));
        flight
    }

    /// The next caller begins anew, unless somebody has begun after this one.
    pub(super) fn forget(&self, flight: &Flight<T>) {
        let is_current = self.current().is_some_and(|current| current.ptr_eq(flight));
        if is_current {
            self.clear();
        }
    }

    /// The next caller begins anew.
    pub(super) fn clear(&self) {
        // Outside of the cell: what is dropped may come back here.
        let flight = self.0.take();
        drop(flight);
    }
}
