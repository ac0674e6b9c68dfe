//! The demo's two languages. Each text stands where it is shown, in both.

use crate::components::Language;

/// Chooses between the languages.
#[derive(Clone, Copy)]
pub(crate) struct Words(pub(crate) Language);

impl Words {
    /// The text in the person's language.
    pub(crate) const fn say(self, english: &'static str, japanese: &'static str) -> &'static str {
        match self.0 {
            Language::Japanese => japanese,
            Language::English => english,
        }
    }
}
