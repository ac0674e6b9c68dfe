//! One client for all widgets of the page that have the same settings, so that an answer is handled
//! once and all of them show the same person.

use core::ptr;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use super::Stage;
use wasm_bindgen_futures::spawn_local;

use crate::browser::Browser;
use crate::client::events::Event;
use crate::client::shared::Shared;
use crate::client::{Client, Outcome, SigningOut};
use crate::protocol::{Config, Error, Keeping};

thread_local! {
    static CLIENTS: Shared<SharedClient> = const { Shared::new() };
}

/// Something that is told later.
type Tell = Box<dyn FnOnce()>;

/// A client, for as long as some widget uses it. With the last one it goes, and what it has in memory; a
/// session that is kept is found again by the next.
pub(super) struct SharedClient {
    pub(super) client: Client,
    browser: Browser,
    started: Cell<bool>,
    /// The page where the sign-in of a session began, and which session that is.
    return_to: RefCell<Option<(u64, String)>>,
    /// Whose events the whole page hears.
    speaker: RefCell<Weak<Stage>>,
    /// How many sign-outs are under way, and what is told when no tab finds the session any more.
    signing_out: Cell<usize>,
    at_sign_out: RefCell<Vec<Tell>>,
}

impl SharedClient {
    /// The client of these settings: a new one, when no widget of the page has it yet.
    pub(super) fn of(config: Config, browser: &Browser) -> Rc<Self> {
        let is_same = |known: &Self| *known.client.config() == config;
        let new = || Rc::new(Self::new(config.clone(), browser));
        CLIENTS.with(|clients| clients.get(is_same, new))
    }

    fn new(config: Config, browser: &Browser) -> Self {
        Self {
            client: Client::with_browser(config, browser.clone()),
            browser: browser.clone(),
            started: Cell::new(false),
            return_to: RefCell::default(),
            speaker: RefCell::default(),
            signing_out: Cell::default(),
            at_sign_out: RefCell::default(),
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
        let which = self.client.which_session();
        self.return_to.replace(Some((which, return_to.as_str().to_owned())));
        let navigation = &self.browser.navigation;
        let here = navigation.current_url();
        // With a router in the fragment the person may be elsewhere by now.
        if path(&here) == path(return_to.as_str()) && self.client.is_where_answer_came() {
            // Where it is refused, the cleaned address stays.
            let _ = navigation.replace_url(return_to.as_str());
            navigation.announce();
        }
        Ok(())
    }

    /// Signs out, in all tabs. What is returned may be waited for: till the tokens are handed back.
    pub(super) fn sign_out(self: &Rc<Self>) -> SigningOut {
        self.signing_out.set(self.signing_out.get() + 1);
        let weak = Rc::downgrade(self);
        // Before the tokens are handed back, which takes a while and survives the page.
        let listening = self.client.on_event(move |event| {
            if let (Event::SignedOut, Some(app)) = (event, weak.upgrade()) {
                app.tell_signed_out();
            }
        });
        let (app, done) = (self.clone(), self.client.sign_out());
        let ended = done.clone();
        spawn_local(async move {
            ended.await;
            drop(listening);
            app.signing_out.set(app.signing_out.get() - 1);
            app.tell_signed_out();
        });
        done
    }

    /// Tells that nobody is signed in. While somebody signs out here, it is told when no tab finds the session any
    /// more, for whoever hears it may leave the page.
    pub(super) fn when_signed_out(&self, tell: impl FnOnce() + 'static) {
        if self.signing_out.get() == 0 {
            return tell();
        }
        self.at_sign_out.borrow_mut().push(Box::new(tell));
    }

    fn tell_signed_out(&self) {
        let waiting = self.at_sign_out.take();
        waiting.into_iter().for_each(|tell| tell());
    }

    /// The page where the sign-in of this session began, if that left the page.
    pub(super) fn return_to(&self, session: u64) -> Option<String> {
        let known = self.return_to.borrow();
        known.as_ref().filter(|(which, _)| *which == session).map(|(_, page)| page.clone())
    }

    /// Whether this is the one of several widgets whose events bubble up the page, which hears what becomes of all
    /// of them once.
    pub(super) fn is_speaker(&self, stage: &Rc<Stage>) -> bool {
        let mut speaker = self.speaker.borrow_mut();
        if speaker.strong_count() == 0 {
            *speaker = Rc::downgrade(stage);
        }
        ptr::eq(speaker.as_ptr(), Rc::as_ptr(stage))
    }

    /// Whether the session ends when the last widget is gone.
    pub(super) fn is_in_memory(&self) -> bool {
        self.client.config().wanted_keeping() == Keeping::InMemory
    }
}

fn path(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}
