//! What an honest client gets from the server, and what the server does about others.

mod cases;
mod client;
mod dpop;
mod faults;
mod logout;
mod par;
mod refresh;
mod resource;
mod signing;
