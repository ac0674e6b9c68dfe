//! Time that passes: a call later, a pause.

use core::future::poll_fn;
use core::pin::pin;
use core::task::{Poll, Waker};
use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::future::{Either, select};
use gloo_timers::callback::Timeout;
use js_sys::Date;

/// When a time limit is noticed so many milliseconds too late, the page was stopped: asleep with its tab or
/// computer. That time doesn't count: what is waited for may have come meanwhile, and is not to be lost.
const LATE: f64 = 1_000.0;
/// How much longer it is then, after the page goes on.
pub(super) const EXTENSION: Duration = Duration::from_secs(5);

/// A call to come. Dropped, it doesn't.
#[derive(Debug)]
pub struct Timer(#[allow(dead_code)] Timeout);

/// Calls `task` after so long a time in which the computer was awake, or later: a browser may let
/// pages in the background wait for a minute. No browser counts further than 24 days.
pub fn after(time: Duration, task: impl FnOnce() + 'static) -> Timer {
    const LONGEST: u32 = i32::MAX as u32;
    Timer(Timeout::new(milliseconds(time).min(LONGEST), task))
}

/// The same in whole milliseconds, as many as can be.
pub(crate) fn milliseconds(time: Duration) -> u32 {
    // Not `as_millis`, whose 128 bits weigh a kilobyte.
    let seconds = u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
    seconds.saturating_mul(1_000).saturating_add(time.subsec_millis())
}

/// Tells whether a time limit that begins now is noticed too late.
pub(crate) fn lateness(limit: Duration) -> impl Fn() -> bool {
    let end = Date::now() + f64::from(milliseconds(limit));
    move || Date::now() > end + LATE
}

/// Waits for it, but no longer than this: `None` when it was not there by then. Time in which
/// the page was stopped doesn't count.
pub async fn within<T>(time: Duration, awaited: impl Future<Output = T> + Unpin) -> Option<T> {
    let is_late = lateness(time);
    let limit = async move {
        pause(time).await;
        if is_late() {
            pause(EXTENSION).await;
        }
    };
    match select(awaited, pin!(limit)).await {
        Either::Left((given, _)) => Some(given),
        Either::Right(_) => None,
    }
}

/// Waits so long. Nothing is left of it when nobody waits any more: a promise that is never
/// settled would be kept for ever, and what waits for it as well.
pub async fn pause(time: Duration) {
    let is_over = Rc::new(Cell::new(false));
    let waiting: Rc<RefCell<Option<Waker>>> = Rc::default();
    let (over, woken) = (is_over.clone(), waiting.clone());
    let _timer = after(time, move || {
        over.set(true);
        if let Some(waker) = woken.take() {
            waker.wake();
        }
    });
    poll_fn(|context| {
        if is_over.get() {
            return Poll::Ready(());
        }
        waiting.replace(Some(context.waker().clone()));
        Poll::Pending
    })
    .await;
}
