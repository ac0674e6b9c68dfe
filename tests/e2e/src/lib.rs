//! The harness of the end-to-end tests: a real browser, the built app on a static host, and the
//! real provider or the hostile server. What belongs to one subject only stands in its test file.
//!
//! Everything listens on loopback, on free ports, so tests run side by side; everything ends with
//! the value that stands for it, also when a test panics or is killed. Nothing sleeps and hopes:
//! waiting means asking again until a deadline.
//!
//! WebDriver is a few JSON calls over HTTP, so [`webdriver`] makes them itself. The ready-made
//! clients bring an async runtime and a hundred crates, and still lack what WebDriver lacks: that is in
//! `engine`, for each browser in its own way.

pub mod browser;
pub mod checks;
mod engine;
mod executables;
pub mod network;
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
