//! The end-to-end tests, as one program, so that they run side by side.

// Tests begin in the order of their names, and these take the longest.
#[path = "soak.rs"]
mod a_soak;
mod accessibility;
mod appearance;
mod faults;
mod google;
mod harness;
mod hostile;
mod hosting;
mod hosts;
mod keyboard;
mod languages;
mod lesson;
mod oauth_only;
mod popup;
mod prerendering;
mod protection;
mod requests;
mod scopes;
mod secrets;
mod server_rendering;
mod sign_in;
mod strict_page;
mod tabs;
mod thief;
mod trunk;
mod vault;
mod widget;
