//! What can go wrong, as a sentence for the person at the terminal.

use std::fmt::Display;
use std::io;
use std::path::Path;

/// Why a command ends without success.
#[derive(Clone, Debug)]
pub enum Failure {
    /// Everything has been printed already.
    AlreadyTold,
    /// What to print.
    Message(String),
}

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// A failure with this text.
    pub fn message(text: impl Into<String>) -> Self {
        Self::Message(text.into())
    }

    /// The text, for a summary.
    pub fn text(&self) -> &str {
        match self {
            Self::AlreadyTold => "see above",
            Self::Message(text) => text,
        }
    }
}

/// Says what was being done when an error came.
pub trait Context<T> {
    /// Puts `doing` before the error's text.
    fn context(self, doing: impl Display) -> Result<T>;
}

impl<T, E: Display> Context<T> for std::result::Result<T, E> {
    fn context(self, doing: impl Display) -> Result<T> {
        self.map_err(|error| Failure::message(format!("{doing}: {error}")))
    }
}

/// Reads a text file; the error names it.
pub fn read_text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).context(path.display())
}

/// Reads a file; the error names it.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).context(path.display())
}

/// Writes a file; the error names it.
pub fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    std::fs::write(path, content).context(path.display())
}

/// Makes a folder and those above it; the error names it.
pub fn create_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).context(path.display())
}

/// Empties a folder, which need not exist.
pub fn empty_folder(path: &Path) -> Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).context(path.display()),
        _ => create_folder(path),
    }
}
