//! Windows that nobody sees.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use pixy_login::browser::navigation::NavigationRefused;
use pixy_login::browser::{Popup, Popups};

use super::{Tab, answer_to, wait_for};

/// What one page opens.
pub struct Screen {
    /// Every window that was ever opened.
    pub windows: RefCell<Vec<Rc<OtherWindow>>>,
    /// Whether the browser opens none.
    pub blocks: Cell<bool>,
    /// Whether the person is at the page.
    pub focused: Cell<bool>,
    /// Whether the page has closed itself.
    pub page_closed: Cell<bool>,
}

impl Default for Screen {
    fn default() -> Self {
        Self {
            windows: RefCell::default(),
            blocks: Cell::default(),
            focused: Cell::new(true),
            page_closed: Cell::default(),
        }
    }
}

impl Screen {
    /// The window that was opened last.
    pub fn window(&self) -> Rc<OtherWindow> {
        self.windows.borrow().last().cloned().expect("a window")
    }
}

impl Popups for Screen {
    fn open(&self) -> Option<Box<dyn Popup>> {
        if self.blocks.get() {
            return None;
        }
        let window = Rc::new(OtherWindow::default());
        self.windows.borrow_mut().push(window.clone());
        // The person is in the new window.
        self.focused.set(false);
        Some(Box::new(Handle(window)))
    }

    fn is_page_focused(&self) -> bool {
        self.focused.get()
    }

    fn close_page(&self) {
        self.page_closed.set(true);
    }
}

/// A window, as the page that opened it sees it.
#[derive(Default)]
pub struct OtherWindow {
    pub url: RefCell<Option<String>>,
    /// Closed by the person, or out of reach.
    pub gone: Cell<bool>,
    /// Closed by the page.
    pub closed: Cell<bool>,
    /// How often it was brought to the front.
    pub focused: Cell<u32>,
}

struct Handle(Rc<OtherWindow>);

impl Popup for Handle {
    fn go(&self, url: &str) -> Result<(), NavigationRefused> {
        if self.0.gone.get() {
            return Err(NavigationRefused::default());
        }
        self.0.url.replace(Some(url.to_owned()));
        Ok(())
    }

    fn is_closed(&self) -> bool {
        self.0.gone.get()
    }

    fn focus(&self) {
        self.0.focused.set(self.0.focused.get() + 1);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.closed.set(true);
    }
}

/// Where the provider sends the window in the end.
pub async fn answer_in_window(tab: &Tab) -> String {
    let window = tab.screen.window();
    answer_to(&wait_for("the window to be sent off", || window.url.borrow().clone()).await).await
}

/// The callback page in the window, which has a copy of the session storage of the page that opened it, from
/// before the login's record was written.
pub fn window_at(tab: &Tab, answer: String) -> Tab {
    let window = tab.duplicate();
    window.storage.texts.borrow_mut().retain(|key, _| !key.contains("pending:p."));
    window.address.url.replace(answer);
    window
}
