//! The demo: signs in for real, shows what happened and why, and acts out what PKCE is good for.
//!
//! Two programs: `app` signs in and has the pages for that; `lesson` fills the articles of the other pages with
//! what moves in them, and is loaded when such a page is first shown. The articles are HTML, in `pages`. Both
//! programs share the demo's `settings`, its `words`, and the `recording` of a sign-in, which the one writes
//! and the other shows.

#[cfg(feature = "demo")]
pub mod app;
#[cfg(feature = "lesson")]
pub mod lesson;
mod recording;
mod settings;
mod words;
