//! A hostile authorization server on loopback.
//!
//! The case is the first segment of the issuer's path (`http://localhost:PORT/<case>`), so that
//! every endpoint knows it. Cases are named after the rows of hostile input that they act out;
//! [`cases::all`] lists them. A label after a tilde (`honest~7`) keeps the records and tokens of
//! two tests apart.
//!
//! Every request is recorded, so that a test can say "the token endpoint was called 0 times":
//! in process by [`Server::requests`] and [`Server::count`], over HTTP at `/_record/<case>`
//! (forgotten by `/_reset/<case>`), with the tokens that were given out. What a client did that a standard forbids is there as
//! `violations`. `/_honest/<case>` makes a case honest from then on, for the second, honest try on
//! the same page.
//!
//! What is said of a case that was neither reset nor asked before is refused, and so are unknown endpoints
//! and faults: a test that misspells one fails, and does not pass without what it is about.
//!
//! What else a test tells the server while it runs, each until the case is reset:
//!
//! - `/_fault/<case>/<endpoint>/<kind>` has every request to an endpoint go wrong in this way, or with
//!   `/<times>` after it only so many; `none` as the kind ends it. Endpoints are named as in the
//!   record, kinds as [`Fault`] says. Faults of an endpoint come one after the other.
//! - `/_release/<case>` lets the answers go that hang.
//! - `/_lifetime/<case>/<seconds>` is how long access tokens are good that are given out from then
//!   on, `unsaid` for ever and without saying so; `/_expire/<case>` ends those that there are.
//!
//! `/_door/new` opens one more port to the same cases and answers its `url`; `/_door/shut/<port>`
//! has it refuse connections, `/_door/open/<port>` ends that.

pub mod cases;
mod doors;
mod dpop;
pub mod encoding;
mod exchange;
mod faults;
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

pub use faults::{Fault, Times};
pub use record::{Endpoint, Outcome, RecordedRequest};
pub use server::{Server, start};
pub use sessions::Lifetime;
