//! Something under way that several callers wait for, and that is done once for all of them.

use std::cell::{Cell, OnceCell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_util::future::LocalBoxFuture;
use wasm_bindgen_futures::spawn_local;

use crate::protocol::Error;

/// Something under way that several callers may wait for. Each clone waits for itself.
pub(super) struct Flight<T> {
    shared: Rc<Shared<T>>,
    place: Place,
}

/// What all clones have in common.
struct Shared<T> {
    future: RefCell<Option<LocalBoxFuture<'static, Result<T, Error>>>>,
    has_begun: Cell<bool>,
    result: OnceCell<Result<T, Error>>,
    waiting: Waiting,
}

/// Goes on to the end, also when nobody waits for it any more. It begins with whoever waits first, or when its
/// caller has come to a stop, who so has time to note it.
pub(super) fn in_any_case<T: 'static>(
    future: impl Future<Output = Result<T, Error>> + 'static,
) -> Flight<T> {
    let flight = Flight::of(Box::pin(future));
    let shared = flight.shared.clone();
    spawn_local(poll_fn(move |task| shared.go_on(task)));
    flight
}

impl<T> Flight<T> {
    fn of(future: LocalBoxFuture<'static, Result<T, Error>>) -> Self {
        Self::new(Some(future), OnceCell::new())
    }

    /// One that has ended already.
    pub(super) fn ended(result: Result<T, Error>) -> Self {
        Self::new(None, OnceCell::from(result))
    }

    fn new(
        future: Option<LocalBoxFuture<'static, Result<T, Error>>>,
        result: OnceCell<Result<T, Error>>,
    ) -> Self {
        let shared = Shared {
            future: RefCell::new(future),
            has_begun: Cell::new(false),
            result,
            waiting: Waiting::default(),
        };
        Self { shared: Rc::new(shared), place: None }
    }

    fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.shared, &other.shared)
    }
}

impl<T> Shared<T> {
    /// Takes the next step. At the end, whoever waits goes on.
    fn go_on(&self, task: &mut Context<'_>) -> Poll<()> {
        self.has_begun.set(true);
        // Outside of the cell: it may come back here.
        let Some(mut future) = self.future.take() else { return Poll::Ready(()) };
        let Poll::Ready(result) = future.as_mut().poll(task) else {
            self.future.replace(Some(future));
            return Poll::Pending;
        };
        drop(future);
        let _ = self.result.set(result);
        self.waiting.wake_all();
        Poll::Ready(())
    }
}

impl<T> Clone for Flight<T> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), place: None }
    }
}

impl<T: Clone> Future for Flight<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        // At once, for callers count on what is done before the first wait. What was spawned goes on with it.
        if !self.shared.has_begun.get() {
            let _ = self.shared.go_on(task);
        }
        if let Some(result) = self.shared.result.get() {
            return Poll::Ready(result.clone());
        }
        self.place = Some(self.shared.waiting.wait(self.place, task.waker()));
        Poll::Pending
    }
}

impl<T> Drop for Flight<T> {
    fn drop(&mut self) {
        self.shared.waiting.leave(self.place);
    }
}

/// Those who wait, each with a waker in a place of its own.
#[derive(Default)]
struct Waiting(RefCell<Vec<Option<Waker>>>);

/// Where somebody's waker is, once they wait.
type Place = Option<usize>;

// Wakers go outside of the cell, for what is woken or dropped may come back here.
impl Waiting {
    /// Keeps the waker of somebody, and returns its place.
    fn wait(&self, place: Place, waker: &Waker) -> usize {
        let mut wakers = self.0.borrow_mut();
        // Those of whoever waits no more are free.
        let free = || wakers.iter().position(Option::is_none);
        let place = place.or_else(free).unwrap_or(wakers.len());
        if place == wakers.len() {
            wakers.push(None);
        }
        let former = wakers[place].replace(waker.clone());
        drop(wakers);
        drop(former);
        place
    }

    fn leave(&self, place: Place) {
        let Some(place) = place else { return };
        let waker = self.0.borrow_mut().get_mut(place).and_then(Option::take);
        drop(waker);
    }

    fn wake_all(&self) {
        let wakers = self.0.take();
        wakers.into_iter().flatten().for_each(Waker::wake);
    }
}

/// Where the next caller finds what is under way.
pub(super) struct SingleFlight<T>(RefCell<Option<Flight<T>>>);

impl<T> Default for SingleFlight<T> {
    fn default() -> Self {
        Self(RefCell::new(None))
    }
}

impl<T: 'static> SingleFlight<T> {
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
        let is_current = self.current().is_some_and(|current| current.is(flight));
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::Wake;

    use super::*;
    use crate::protocol::ErrorCode;

    /// Somebody who waits, and how often they were woken.
    #[derive(Default)]
    struct Waiter(AtomicU32);

    impl Wake for Waiter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Waiter {
        fn look(self: &Arc<Self>, flight: &mut Flight<u8>) -> Poll<Result<u8, Error>> {
            let waker = Waker::from(self.clone());
            Pin::new(flight).poll(&mut Context::from_waker(&waker))
        }

        fn woken(&self) -> u32 {
            self.0.load(Ordering::Relaxed)
        }
    }

    /// What ends when it is told to, and how often it was looked at.
    #[derive(Clone, Default)]
    struct Work(Rc<(Cell<Option<u8>>, Cell<u32>)>);

    impl Work {
        fn flight(&self) -> Flight<u8> {
            let Self(work) = self.clone();
            Flight::of(Box::pin(poll_fn(move |_| {
                work.1.set(work.1.get() + 1);
                work.0.get().map_or(Poll::Pending, |result| Poll::Ready(Ok(result)))
            })))
        }

        /// As the spawned task does.
        fn end(&self, flight: &Flight<u8>, result: u8) {
            self.0.0.set(Some(result));
            assert!(go_on(flight).is_ready());
        }

        fn looks(&self) -> u32 {
            self.0.1.get()
        }
    }

    fn go_on(flight: &Flight<u8>) -> Poll<()> {
        flight.shared.go_on(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn all_who_wait_are_woken_once_and_hear_the_same() {
        let waiters = [(); 3].map(|()| Arc::new(Waiter::default()));
        let work = Work::default();
        let flight = work.flight();
        let mut flights = [(); 3].map(|()| flight.clone());
        for (waiter, flight) in waiters.iter().zip(&mut flights) {
            assert!(waiter.look(flight).is_pending());
        }
        work.end(&flight, 7);
        for (waiter, flight) in waiters.iter().zip(&mut flights) {
            assert_eq!(waiter.woken(), 1);
            assert_eq!(waiter.look(flight), Poll::Ready(Ok(7)));
        }
        // Who comes late hears it, too.
        assert_eq!(waiters[0].look(&mut flight.clone()), Poll::Ready(Ok(7)));
    }

    #[test]
    fn it_begins_with_who_waits_first_and_goes_on_without_them() {
        let work = Work::default();
        let flight = work.flight();
        let waiters = [(); 2].map(|()| Arc::new(Waiter::default()));
        let mut flights = [(); 2].map(|()| flight.clone());
        assert_eq!(work.looks(), 0);
        for (waiter, flight) in waiters.iter().zip(&mut flights) {
            assert!(waiter.look(flight).is_pending());
        }
        assert_eq!(work.looks(), 1);
        drop(flights);
        assert!(go_on(&flight).is_pending());
        work.end(&flight, 1);
        assert_eq!(work.looks(), 3);
        assert!(go_on(&flight).is_ready());
        assert_eq!((work.looks(), waiters[0].look(&mut flight.clone())), (3, Poll::Ready(Ok(1))));
    }

    #[test]
    fn what_needs_no_wait_has_ended_when_it_begins() {
        let work = Work::default();
        work.0.0.set(Some(4));
        let waiter = Arc::new(Waiter::default());
        assert_eq!(waiter.look(&mut work.flight()), Poll::Ready(Ok(4)));
    }

    #[test]
    fn a_failure_is_for_all() {
        let mut flight = Flight::ended(Err(ErrorCode::Timeout.into()));
        let waiter = Arc::new(Waiter::default());
        assert_eq!(waiter.look(&mut flight.clone()), waiter.look(&mut flight));
        assert_eq!(waiter.look(&mut flight), Poll::Ready(Err(ErrorCode::Timeout.into())));
    }

    #[test]
    fn whoever_waits_twice_is_woken_by_the_last_waker() {
        let [first, last] = [(); 2].map(|()| Arc::new(Waiter::default()));
        let work = Work::default();
        let mut flight = work.flight();
        assert!(first.look(&mut flight).is_pending() && last.look(&mut flight).is_pending());
        work.end(&flight, 1);
        assert_eq!((first.woken(), last.woken()), (0, 1));
    }

    #[test]
    fn who_waits_no_more_leaves_nothing_behind() {
        let work = Work::default();
        let flight = work.flight();
        let stays = Arc::new(Waiter::default());
        let mut staying = flight.clone();
        for _ in 0..100 {
            let goes = Arc::new(Waiter::default());
            let mut going = flight.clone();
            assert!(goes.look(&mut going).is_pending());
            assert!(stays.look(&mut staying).is_pending());
            drop(going);
            assert_eq!(Arc::strong_count(&goes), 1);
        }
        assert_eq!(flight.shared.waiting.0.borrow().len(), 2);
        work.end(&flight, 1);
        assert_eq!(stays.woken(), 1);
    }

    #[test]
    fn an_older_one_takes_no_newer_one_away() {
        let flights = SingleFlight::<u8>::default();
        let [older, newer] = [(); 2].map(|()| Work::default().flight());
        flights.0.replace(Some(newer.clone()));
        flights.forget(&older);
        assert!(flights.current().is_some_and(|current| current.is(&newer)));
        flights.forget(&newer);
        assert!(flights.current().is_none());
    }
}
