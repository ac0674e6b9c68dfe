//! What all who want the same have in common, for as long as somebody has it.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

/// Things of which there is one of a kind.
pub(crate) struct Shared<T>(RefCell<Vec<Weak<T>>>);

impl<T> Shared<T> {
    /// None yet.
    pub(crate) const fn new() -> Self {
        Self(RefCell::new(Vec::new()))
    }

    /// The one that fits: a new one, when nobody has it yet.
    pub(crate) fn get(&self, fits: impl Fn(&T) -> bool, new: impl FnOnce() -> Rc<T>) -> Rc<T> {
        let mut known = self.0.borrow_mut();
        known.retain(|known| known.strong_count() > 0);
        let found = known.iter().filter_map(Weak::upgrade).find(|known| fits(known));
        found.unwrap_or_else(|| {
            let new = new();
            known.push(Rc::downgrade(&new));
            new
        })
    }
}
