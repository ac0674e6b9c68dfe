//! One client for all widgets of the page that have the same settings, so that an answer is handled
//! once and all of them show the same person.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use crate::browser::Browser;
use crate::client::{Client, Outcome};
use crate::protocol::{Config, Error};

thread_local! {
    static CLIENTS: RefCell<Vec<Weak<SharedClient>>> = const { RefCell::new(Vec::new()) };
}

/// A client, for as long as some widget uses it. With the last one it goes, and what it has in memory; a
/// session that is kept is found again by the next.
#[derive(Debug)]
pub(super) struct SharedClient {
    pub(super) client: Client,
    browser: Browser,
    started: Cell<bool>,
    return_to: RefCell<Option<String>>,
}

impl SharedClient {
    /// The client of these settings: a new one, when no widget of the page has it yet.
    pub(super) fn of(config: Config, browser: &Browser) -> Rc<Self> {
        CLIENTS.with_borrow_mut(|clients| {
            clients.retain(|client| client.strong_count() > 0);
            let known = clients.iter().filter_map(Weak::upgrade);
            let mut same = known.filter(|known| *known.client.config() == config);
            same.next().unwrap_or_else(|| {
                let client = Rc::new(Self::new(config, browser));
                clients.push(Rc::downgrade(&client));
                client
            })
        })
    }

    fn new(config: Config, browser: &Browser) -> Self {
        Self {
            client: Client::with_browser(config, browser.clone()),
            browser: browser.clone(),
            started: Cell::new(false),
            return_to: RefCell::default(),
        }
    }

    /// Handles the answer in the page's address, if there is one.
    ///
    /// Then the page's own query and fragment come back. Another page is never put into the address bar:
    /// this document is not it, and only the host page knows how to get there, so that it is told
    /// ([`SharedClient::return_to`]).
    ///
    /// # Errors
    ///
    /// Why it was not believed, told once. Beside a session that is kept, the client's status does not say.
    pub(super) async fn start(&self) -> Result<(), Error> {
        if self.started.replace(true) {
            return Ok(());
        }
        let Outcome::SignedIn { return_to } = self.client.handle_callback().await? else {
            return Ok(());
        };
        self.return_to.replace(Some(return_to.as_str().to_owned()));
        let navigation = &self.browser.navigation;
        let here = navigation.current_url();
        if path(&here) == path(return_to.as_str()) {
            // Where it is refused, the cleaned address stays.
            let _ = navigation.replace_url(return_to.as_str());
            navigation.announce();
        }
        Ok(())
    }

    /// The page where the sign-in began, once it is done.
    pub(super) fn return_to(&self) -> Option<String> {
        self.return_to.borrow().clone()
    }
}

fn path(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}
