//! The harness of the end-to-end tests: a real browser, the built app on a static host, and the
//! real provider or the hostile server. What belongs to one subject only stands in its test file.
//!
//! Everything listens on loopback, on free ports, so tests run side by side; everything ends with
//! the value that stands for it, also when a test panics or is killed. Nothing sleeps and hopes:
//! waiting means asking again until a deadline.
//!
//! WebDriver is a few JSON calls over HTTP: the calls are in [`webdriver`], the HTTP is ureq's. What
//! WebDriver lacks is in `engine`, for each browser in its own way.
//!
//! The ready-made clients were looked at in November 2026: thirtyfour 0.38.1 and fantoccini 0.22.1. Both
//! are well kept and know all of these calls; thirtyfour speaks BiDi, too. It could take the place of a
//! hundred lines of the 680 in [`webdriver`], [`browser`] and `engine::bidi`: what remains is drivers that
//! end with their tests, waiting that tells what the page shows instead, and selectors that cross shadow
//! roots. For that it brings an async runtime, 39 crates into the lock file (28 without BiDi; fantoccini
//! 45, ureq 3) and 69 seconds of a processor's time in a first build. And its streams of BiDi events leave
//! out without a word what was not fetched before 1,024 others came: a request that nobody hears of would
//! pass every check of what is sent.

pub mod browser;
pub mod checks;
mod engine;
mod executables;
mod folder;
pub mod lab;
pub mod network;
mod options;
pub mod pages;
pub mod performance;
pub mod port;
pub mod process;
pub mod provider;
pub mod site;
pub mod stage;
pub mod trouble;
pub mod webdriver;

pub use browser::{Browser, Options};
pub use network::NetworkRequest;
pub use provider::{Account, Provider};
pub use site::{Site, SiteOptions};
pub use stage::{HostileStage, Stage};
