//! When and how an access token is renewed, decided without doing anything: what time it is, chance, and
//! what came of each step come in as arguments. So it is tested natively, every order of events of several
//! tabs included. What is decided here is done in [`super::refresh`] and [`super::timing`].

pub(super) mod schedule;
pub(super) mod turn;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
