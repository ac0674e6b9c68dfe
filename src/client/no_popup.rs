//! In the place of `popup.rs`, where the feature is off: the page itself is left.

use std::rc::Rc;

use super::sign_in::SignIn;
use super::{Beginning, Client};
use crate::protocol::{Callback, Error, PendingLogin};

/// There is none.
pub(super) enum PopupLogin {}

impl PopupLogin {
    pub(super) const fn beginning(&self) -> Beginning {
        match *self {}
    }
}

#[allow(clippy::unused_async, clippy::unused_self)]
impl Client {
    /// This build opens no windows.
    pub const fn show_popup(&self) -> bool {
        false
    }

    /// This build opens no windows.
    pub const fn cancel_popup(&self) {}

    pub(super) const fn open_popup(&self, _: &SignIn) -> Option<Rc<PopupLogin>> {
        None
    }

    pub(super) const fn end_popup(&self) {}

    pub(super) fn go(
        &self,
        url: &str,
        _: &PendingLogin,
        _: Option<&PopupLogin>,
    ) -> Result<(), Error> {
        Ok(self.0.browser.navigation.assign(url)?)
    }

    pub(super) async fn await_popup(&self, _: Rc<PopupLogin>) -> Result<(), Error> {
        Ok(())
    }

    pub(super) async fn hand_over(&self, _: &Callback) -> bool {
        false
    }

    #[cfg(feature = "components")]
    pub(crate) const fn is_beside_page(&self) -> bool {
        false
    }
}
