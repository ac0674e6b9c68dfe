//! Which pages and workers of an origin are there: a fact that the browser knows, and no answer that somebody
//! has to give in time.

use core::time::Duration;
use std::cell::RefCell;
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::events::{on_left, on_restored};
use super::locks::{Guard, Mode, Requested, manager, request};
use super::method;
use super::timer::within;

/// How long the browser may take to say who is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// Tells who is there.
pub trait Presence {
    /// From now on this page counts as present under the name, until the guard is dropped or the page is gone
    /// or rests in the back-forward cache.
    fn announce(&self, name: String) -> Guard;

    /// Whether any page or worker of the origin is present under the name, this one included; `None` where the
    /// browser can't tell.
    fn is_anybody(&self, name: String) -> LocalBoxFuture<'static, Option<bool>>;
}

/// Shared Web Locks: whoever is there holds one, and the browser lets it go with the page.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct WebPresence;

impl Presence for WebPresence {
    fn announce(&self, name: String) -> Guard {
        let held = Rc::new(RefCell::new(hold(&name)));
        let (left, back) = (held.clone(), held.clone());
        // A page that holds a lock is not let into the back-forward cache.
        let left = on_left(move || drop(left.take()));
        let back = on_restored(move || {
            let mut back = back.borrow_mut();
            if back.is_none() {
                *back = hold(&name);
            }
        });
        Guard::new(move || drop((left, back, held.take())))
    }

    fn is_anybody(&self, name: String) -> LocalBoxFuture<'static, Option<bool>> {
        async move { within(PATIENCE, query(&name).boxed_local()).await? }.boxed_local()
    }
}

/// Holds the lock from when the browser gives it: at once, for nobody asks for it alone.
fn hold(name: &str) -> Option<Guard> {
    let Requested { guard, .. } = request(&manager()?, name, Mode::Shared)?;
    Some(guard)
}

async fn query(name: &str) -> Option<bool> {
    let manager = manager()?;
    let asked = method(&manager, "query")?.call0(&manager).ok()?;
    let state = JsFuture::from(asked.dyn_into::<Promise>().ok()?).await.ok()?;
    let member = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).ok();
    // Whoever has only just come waits to be given it.
    let lists = ["held", "pending"].map(|list| member(&state, list)?.dyn_into::<Array>().ok());
    let [held, pending] = lists;
    let is_here = |lock: JsValue| member(&lock, "name")?.as_string().filter(|lock| lock == name);
    Some(held?.iter().chain(pending?.iter()).any(|lock| is_here(lock).is_some()))
}
