//! Word from elsewhere, for whoever waits for it.

use core::cell::RefCell;
use core::future::poll_fn;
use core::pin::pin;
use core::task::{Poll, Waker};
use core::time::Duration;

use futures_util::future::{Either, select};

use crate::browser::timer::pause;

/// The latest news, kept until somebody asks.
pub(crate) struct News<T> {
    latest: RefCell<Option<T>>,
    waiting: RefCell<Option<Waker>>,
}

impl<T> Default for News<T> {
    fn default() -> Self {
        Self { latest: RefCell::default(), waiting: RefCell::default() }
    }
}

impl<T> News<T> {
    pub(crate) fn tell(&self, news: T) {
        self.latest.replace(Some(news));
        if let Some(waiting) = self.waiting.take() {
            waiting.wake();
        }
    }

    pub(crate) async fn next(&self) -> T {
        poll_fn(|context| match self.latest.take() {
            Some(news) => Poll::Ready(news),
            None => {
                self.waiting.replace(Some(context.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }

    /// The next news, unless none come in that time.
    pub(crate) async fn next_within(&self, patience: Duration) -> Option<T> {
        match select(pin!(self.next()), pin!(pause(patience))).await {
            Either::Left((news, _)) => Some(news),
            Either::Right(_) => None,
        }
    }
}
