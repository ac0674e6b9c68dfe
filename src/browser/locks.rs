//! Locks that one page or worker of an origin holds at a time.

use core::time::Duration;
use std::cell::RefCell;
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

use super::clock::{Clock, SystemClock};
use super::method;
use super::random;
use super::record_store::{Change, IndexedDb, Record, RecordStore};
use super::timer::{pause, within};

/// Gives locks.
pub trait Locks {
    /// Waits for the lock of this name. It is held until the guard is dropped, or the page is gone. `None` when it
    /// has not come within that time. Whoever doesn't wait any more doesn't get it.
    fn acquire(&self, name: String, patience: Duration) -> LocalBoxFuture<'static, Option<Guard>>;
}

/// A lock that is held. Dropped, it is the next one's.
pub struct Guard(Option<Box<dyn FnOnce()>>);

impl Guard {
    /// A guard that does this when it is dropped.
    pub fn new(release: impl FnOnce() + 'static) -> Self {
        Self(Some(Box::new(release)))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(release) = self.0.take() {
            release();
        }
    }
}

impl core::fmt::Debug for Guard {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Guard")
    }
}

/// Web Locks; where the browser has none, [`Leases`].
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct WebLocks;

impl Locks for WebLocks {
    fn acquire(&self, name: String, patience: Duration) -> LocalBoxFuture<'static, Option<Guard>> {
        async move {
            let requested = manager().and_then(|it| request(&it, &name, Mode::Exclusive));
            if let Some(Requested { guard, granted }) = requested {
                match within(patience, granted).await {
                    Some(Ok(_)) => return Some(guard),
                    None => return None,
                    // The browser refuses: in a sandboxed frame, for example.
                    Some(Err(_)) => {}
                }
            }
            Leases::default().acquire(name, patience).await
        }
        .boxed_local()
    }
}

/// `navigator.locks`, in windows and workers. Its bindings in `web-sys` are not stable.
pub(super) fn manager() -> Option<JsValue> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let manager = Reflect::get(&navigator, &"locks".into()).ok()?;
    manager.is_object().then_some(manager)
}

/// How many may hold a Web Lock at a time.
#[derive(Clone, Copy)]
pub(super) enum Mode {
    Exclusive,
    Shared,
}

/// A Web Lock that was asked for.
pub(super) struct Requested {
    /// Dropped, the lock is let go, or not waited for any more.
    pub(super) guard: Guard,
    /// When the lock is held; fails where the browser refuses.
    pub(super) granted: JsFuture,
}

/// Asks for a lock. `None` where the browser knows no such thing.
pub(super) fn request(manager: &JsValue, name: &str, mode: Mode) -> Option<Requested> {
    let request = method(manager, "request")?;
    let canceller = AbortController::new().ok()?;
    let signal = canceller.signal();
    let options = Object::new();
    let mode = match mode {
        Mode::Exclusive => "exclusive",
        Mode::Shared => "shared",
    };
    Reflect::set(&options, &"mode".into(), &mode.into()).ok()?;
    Reflect::set(&options, &"signal".into(), &signal).ok()?;
    let release: Rc<RefCell<Option<Function>>> = Rc::default();
    let kept = release.clone();
    let guard = Guard::new(move || {
        // This changes nothing for a lock that is held.
        canceller.abort();
        if let Some(release) = release.take() {
            let _ = release.call0(&JsValue::NULL);
        }
    });
    let granted = Promise::new(&mut |granted, refused| {
        let (kept, signal) = (kept.clone(), signal.clone());
        // The lock is held until the promise that this returns is settled.
        let hold = Closure::once_into_js(move |_: JsValue| -> JsValue {
            // It was on its way when nobody waited any more.
            if signal.aborted() {
                return JsValue::UNDEFINED;
            }
            let _ = granted.call0(&JsValue::NULL);
            let held = Promise::new(&mut |resolve, _| drop(kept.replace(Some(resolve))));
            held.into()
        });
        // A lock that is granted is never refused later.
        let _ = match request.call3(manager, &name.into(), &options, &hold) {
            Ok(held) => method(&held, "catch").map(|catch| catch.call1(&held, &refused)),
            Err(error) => Some(refused.call1(&JsValue::NULL, &error)),
        };
    });
    Some(Requested { guard, granted: granted.into() })
}

/// Locks made of records that run out: for browsers without Web Locks. One that is not let go, because its
/// page is gone, is the next one's after [`Leases::LONGEST`].
#[derive(Clone)]
pub struct Leases {
    store: Rc<dyn RecordStore>,
    clock: Rc<dyn Clock>,
}

impl Leases {
    /// How long a lock is held at most, in seconds: longer than a renewal may take, with its request sent once
    /// more for a nonce.
    pub const LONGEST: u64 = 150;
    /// How often it is looked whether a lock is free.
    const INTERVAL: Duration = Duration::from_millis(100);

    /// Locks in this store, by this clock.
    pub const fn new(store: Rc<dyn RecordStore>, clock: Rc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Takes the lock if it is free. Where nothing can be kept, no other page can take it either.
    async fn take(&self, name: &str, owner: &str) -> bool {
        let now = self.clock.now();
        let lease =
            Record { until: now + Self::LONGEST, text: owner.to_owned(), ..Record::default() };
        let decision = move |held: Option<&Record>| match is_free(held, now) {
            true => Change::Write(lease),
            false => Change::Leave,
        };
        let before = self.store.change(name.to_owned(), Box::new(decision)).await;
        before.map_or(true, |before| is_free(before.as_ref(), now))
    }
}

/// A lease that ends later than any can was made before the clock was set back.
fn is_free(held: Option<&Record>, now: u64) -> bool {
    held.is_none_or(|lease| lease.until <= now || lease.until > now + Leases::LONGEST)
}

impl Default for Leases {
    fn default() -> Self {
        Self::new(Rc::new(IndexedDb), Rc::new(SystemClock))
    }
}

impl core::fmt::Debug for Leases {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Leases")
    }
}

impl Locks for Leases {
    fn acquire(&self, name: String, patience: Duration) -> LocalBoxFuture<'static, Option<Guard>> {
        let leases = self.clone();
        async move {
            let name = ["lease:", &name].concat();
            let owner = owner();
            let store = leases.store.clone();
            let (held, own) = (name.clone(), owner.clone());
            let guard = Guard::new(move || {
                let decision = move |held: Option<&Record>| match held {
                    Some(lease) if lease.text == own => Change::Remove,
                    _ => Change::Leave,
                };
                let removed = store.change(held, Box::new(decision));
                // One that stays runs out.
                spawn_local(async move { drop(removed.await) });
            });
            let taken = async {
                while !leases.take(&name, &owner).await {
                    pause(Self::INTERVAL).await;
                }
            };
            within(patience, Box::pin(taken)).await.map(|()| guard)
        }
        .boxed_local()
    }
}

/// A name that no other page has.
fn owner() -> String {
    let bytes = random::bytes().unwrap_or_default();
    bytes.iter().map(|byte| char::from(b'a' + byte % 16)).collect()
}
