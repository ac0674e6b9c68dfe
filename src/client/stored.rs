//! What this tab has in session storage, a type for each entry. Only the logins under way are no such entry: without
//! them nobody can sign in, so that a storage that is denied is an error there (`login/pending.rs`).

use super::context::Context;

/// A value that is kept as text in an entry of session storage.
pub(super) trait Stored: Sized {
    /// The key of the entry.
    fn key(context: &Context) -> String;

    /// The value as text.
    fn to_text(&self) -> String;

    /// The value of such a text; `None` when it is none.
    fn from_text(text: &str) -> Option<Self>;
}

impl Context {
    /// What is stored of this type. Where storage is denied, or what is there can't be read, nothing is.
    pub(super) fn stored<T: Stored>(&self) -> Option<T> {
        T::from_text(&self.browser().storage.get(&T::key(self)).ok()??)
    }

    /// Stores it in the place of what is there. Returns whether the browser did.
    pub(super) fn store<T: Stored>(&self, value: &T) -> bool {
        self.browser().storage.set(&T::key(self), &value.to_text()).is_ok()
    }

    /// Removes what is stored of this type.
    pub(super) fn forget_stored<T: Stored>(&self) {
        // Where it is denied nothing was stored.
        let _ = self.browser().storage.remove(&T::key(self));
    }
}
