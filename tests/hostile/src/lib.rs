//! A hostile authorization server on loopback.
//!
//! The case is the first segment of the issuer's path (`http://localhost:PORT/<case>`), so that
//! discovery, authorize, token, userinfo and the key set all know it without shared state. Cases
//! are named after the rows of hostile input that they act out; [`cases::CASES`] lists them. A
//! label after a tilde (`honest~7`) keeps the records of two tests apart.
//!
//! Every request is recorded, so that a test can say "the token endpoint was called 0 times":
//! in process by [`Server::requests`] and [`Server::count`], over HTTP at `/_record/<case>`
//! (forgotten by `/_reset/<case>`). `/_honest/<case>` makes a case honest from then on, for the
//! second, honest try on the same page.

pub mod cases;
pub mod encoding;
pub mod http;
pub mod record;
mod responses;
mod server;

pub use record::{Endpoint, Outcome, RecordedRequest};
pub use server::{Server, start};
