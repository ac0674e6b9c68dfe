//! The lesson: what moves in the demo's articles. A program of its own, which the app loads when an article with
//! something to move is first shown.
//!
//! An article marks its islands, `<div data-lesson="flow">`, and so does the mail page. A file for each: `diagram`,
//! `flow`, … What an island shows is this browser's own sign-in, as the app recorded it, or what it asks of the real servers itself: the
//! `attacks` and `scopes`, acted out in the `lab`.

mod app;
mod attacks;
mod compared;
mod diagram;
mod exchange;
mod explain;
mod flow;
mod hash;
mod islands;
mod lab;
mod mail;
mod message;
mod pkce;
mod scopes;
mod secret;
mod steps;
mod story;
mod telling;
mod thief;

use std::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;

use app::RemoteApp;
use islands::Islands;

thread_local! {
    /// What is shown now.
    static SHOWN: RefCell<Option<Islands>> = const { RefCell::new(None) };
}

/// Fills the article that the page shows, in the place of what was filled before.
#[wasm_bindgen]
pub fn show(app: RemoteApp) {
    SHOWN.with(|shown| {
        // The former ones end first, for they may have been in another article.
        shown.borrow_mut().take();
        shown.replace(Some(Islands::fill(app)));
    });
}
