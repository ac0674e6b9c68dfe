//! Time that passes: a call later, a pause.

use gloo_timers::callback::Timeout;
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// A call to come. Dropped, it doesn't.
#[derive(Debug)]
pub struct Timer(#[allow(dead_code)] Timeout);

/// Calls `task` after so many milliseconds of which the computer was awake, or later: a browser may let
/// pages in the background wait for a minute. No browser counts further than 24 days.
pub fn after(milliseconds: u32, task: impl FnOnce() + 'static) -> Timer {
    const LONGEST: u32 = i32::MAX as u32;
    Timer(Timeout::new(milliseconds.min(LONGEST), task))
}

/// Waits so many milliseconds.
pub async fn pause(milliseconds: u32) {
    let mut timer = None;
    let passed = Promise::new(&mut |resolve, _| {
        timer = Some(after(milliseconds, move || {
            let _ = resolve.call0(&JsValue::NULL);
        }));
    });
    // It can't fail.
    let _ = JsFuture::from(passed).await;
}
