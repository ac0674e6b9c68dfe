//! Who listens: to the status, to events, to what one part of the client has to say to another.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// What is called.
type Listener<T> = Rc<dyn Fn(&T)>;

/// All who listen to one thing, in the order in which they began to.
pub(super) struct Observers<T>(Rc<List<T>>);

struct List<T> {
    listeners: RefCell<Vec<(u64, Listener<T>)>>,
    next: Cell<u64>,
}

impl<T> Default for Observers<T> {
    fn default() -> Self {
        Self(Rc::new(List { listeners: RefCell::default(), next: Cell::new(0) }))
    }
}

impl<T: 'static> Observers<T> {
    /// Calls `listener` whenever there is something to tell, as long as the subscription is kept.
    pub(super) fn subscribe(&self, listener: impl Fn(&T) + 'static) -> Subscription {
        let id = self.0.next.get();
        self.0.next.set(id + 1);
        self.0.listeners.borrow_mut().push((id, Rc::new(listener)));
        let list: Weak<dyn Listening> = Rc::<List<T>>::downgrade(&self.0);
        Subscription { list, id }
    }

    /// Tells all who listen, as long as it `is_news`.
    pub(super) fn tell(&self, told: &T, is_news: impl Fn() -> bool) {
        // A copy: a listener may subscribe, or unsubscribe another.
        let listeners = self.0.listeners.borrow().clone();
        for (id, listener) in listeners {
            if is_news() && self.0.has(id) {
                listener(told);
            }
        }
    }
}

impl<T> List<T> {
    fn has(&self, id: u64) -> bool {
        self.listeners.borrow().iter().any(|(known, _)| *known == id)
    }
}

/// A list of whatever listeners.
trait Listening {
    fn end(&self, id: u64);
}

impl<T> Listening for List<T> {
    fn end(&self, id: u64) {
        let mut listeners = self.listeners.borrow_mut();
        let position = listeners.iter().position(|(known, _)| *known == id);
        let ended = position.map(|position| listeners.remove(position));
        // Before the listener itself, which may hold another subscription.
        drop(listeners);
        drop(ended);
    }
}

/// A listener to the status or to events. Dropped, it hears no more.
#[must_use]
pub struct Subscription {
    list: Weak<dyn Listening>,
    id: u64,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(list) = self.list.upgrade() {
            list.end(self.id);
        }
    }
}

impl core::fmt::Debug for Subscription {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "Subscription({})", self.id)
    }
}
