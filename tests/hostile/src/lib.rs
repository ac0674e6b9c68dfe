//! A hostile authorization server on loopback.
//!
//! The case is the first segment of the issuer's path (`http://localhost:PORT/<case>`), so that
//! every endpoint knows it. Cases are named after the rows of hostile input that they act out;
//! [`cases::all`] lists them. A label after a tilde (`honest~7`) keeps the records and tokens of
//! two tests apart.
//!
//! Every request is recorded, so that a test can say "the token endpoint was called 0 times":
//! in process by [`Server::requests`] and [`Server::count`], over HTTP at `/_record/<case>`
//! (forgotten by `/_reset/<case>`). What a client did that a standard forbids is there as
//! `violations`. `/_honest/<case>` makes a case honest from then on, for the second, honest try on
//! the same page.

pub mod cases;
mod dpop;
pub mod encoding;
mod exchange;
mod grant;
pub mod http;
pub mod keys;
mod logout;
mod par;
pub mod record;
mod resource;
mod responses;
mod server;
mod sessions;
pub mod signing;
mod small_rsa;
mod token;

pub use record::{Endpoint, Outcome, RecordedRequest};
pub use server::{Server, start};
