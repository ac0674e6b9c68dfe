//! What is to be run: written by `cargo xtask interop`, which has got the servers and built the apps.

use std::path::PathBuf;

use serde::Deserialize;

/// The plan.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The root of the project.
    pub root: PathBuf,
    /// A folder for what the servers write, and for their logs.
    pub work: PathBuf,
    /// The servers.
    pub servers: Vec<Wanted>,
    /// The peers in whose apps the cases are played; none means ours.
    pub peers: Vec<PeerFolder>,
    /// The cases; none means all.
    pub cases: Vec<String>,
    /// Whether `docs/interop.md` is written.
    pub write: bool,
}

/// A server that is to be run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Its folder's name.
    pub name: String,
    /// Where it is, or why it isn't.
    pub home: Result<PathBuf, String>,
}

/// A peer's app that was built.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerFolder {
    /// Its folder's name.
    pub name: String,
    /// Where its files are.
    pub built: PathBuf,
}
