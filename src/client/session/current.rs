//! Who is signed in here: the one owner of the tokens.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::tokens::Tokens;
use crate::protocol::{Error, ErrorCode, RefreshToken};

/// When something began. Whoever goes on after waiting shows it before touching anything: what was begun for
/// one session is not for the next, and what was called off comes to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::client) struct Begun {
    session: u64,
    called_off: u64,
}

impl Begun {
    /// Whether no session has begun or ended between the two.
    pub(super) const fn is_of_session_of(self, other: Self) -> bool {
        self.session == other.session
    }
}

/// The tokens of the session, if there is one, and which one it is.
#[derive(Default)]
pub(super) struct Current {
    tokens: RefCell<Option<Rc<Tokens>>>,
    /// How many sessions began or ended here.
    session: Cell<u64>,
    /// How often everything under way was called off: by signing out, or by coming back to the page.
    called_off: Cell<u64>,
}

impl Current {
    /// To be asked for before the status changes: a listener may sign out at once.
    pub(super) const fn begun(&self) -> Begun {
        Begun { session: self.session.get(), called_off: self.called_off.get() }
    }

    /// Tells one session from the next.
    pub(super) const fn number(&self) -> u64 {
        self.session.get()
    }

    pub(super) fn tokens(&self) -> Option<Rc<Tokens>> {
        self.tokens.borrow().clone()
    }

    /// The tokens of the session in which it began.
    ///
    /// # Errors
    ///
    /// `not_signed_in` where that is over, or another one has begun.
    pub(super) fn tokens_of(&self, begun: Begun) -> Result<Rc<Tokens>, Error> {
        let tokens = self.tokens().filter(|_| self.is_same(begun));
        tokens.ok_or_else(|| ErrorCode::NotSignedIn.into())
    }

    /// Whether no session has begun or ended since.
    pub(super) const fn is_same(&self, begun: Begun) -> bool {
        self.session.get() == begun.session
    }

    pub(super) const fn is_called_off(&self, begun: Begun) -> bool {
        self.called_off.get() != begun.called_off
    }

    /// From now on it is another session, which has these tokens.
    pub(super) fn begin(&self, tokens: Tokens) -> Begun {
        self.session.set(self.session.get() + 1);
        self.tokens.replace(Some(Rc::new(tokens)));
        self.begun()
    }

    /// Puts newer tokens in the place of those of the session in which it began. Returns whether it goes on.
    pub(super) fn replace(&self, begun: Begun, tokens: Tokens) -> bool {
        let goes_on = self.tokens_of(begun).is_ok();
        if goes_on {
            self.tokens.replace(Some(Rc::new(tokens)));
        }
        goes_on
    }

    /// Puts a newer refresh token in the place of the spent one (RFC 6749 section 6).
    pub(super) fn replace_refresh_token(&self, begun: Begun, newer: RefreshToken) {
        if self.is_same(begun)
            && let Some(tokens) = self.tokens.borrow_mut().as_mut()
        {
            Rc::make_mut(tokens).set.refresh_token = Some(newer);
        }
    }

    /// From now on nobody is signed in. Returns the tokens.
    pub(super) fn end(&self) -> Option<Rc<Tokens>> {
        self.session.set(self.session.get() + 1);
        self.tokens.take()
    }

    /// What is under way ends without effect when it next wakes up.
    pub(super) fn call_off(&self) {
        self.called_off.set(self.called_off.get() + 1);
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn what_began_before_a_session_is_not_for_it() {
        let current = Current::default();
        let begun = current.begun();
        assert!(current.is_same(begun));
        current.end();
        assert!(!current.is_same(begun), "a session that ended is another one, too");
        assert!(!current.is_called_off(begun));
        current.call_off();
        assert!(current.is_called_off(begun));
        assert!(current.tokens_of(current.begun()).is_err(), "nobody is signed in");
    }
}
