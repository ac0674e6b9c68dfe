//! Signing in in a window beside the page.
//!
//! The window opens at the click, still empty, and goes to the provider when the request is ready. In the
//! end it is at the callback page, which hands the answer over to the page that waits: by a channel that
//! only pages of this origin hear, and whose name, the state, only these two know. Neither needs a handle
//! of the other, which a `Cross-Origin-Opener-Policy` of the app or of the provider would take away.

pub(in crate::client) mod handover;

use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use super::{Departure, Login, Outcome, SignIn, Way, pending};
use crate::browser::locks::Guard;
use crate::browser::{Channel, Frame, Popup};
use crate::client::events::Event;
use crate::client::news::News;
use crate::client::session::Begun;
use crate::client::status::Status;
use crate::protocol::{Callback, Error, ErrorCode, PendingLogin, ReturnTo, SecureUrl, State};
use handover::{Absence, INTERVAL, Word, channel_name};

/// How long the callback page waits for somebody to take its answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long it then waits to hear what comes of it: the page asks the provider meanwhile.
const PATIENCE_OF_TAKEN: Duration = Duration::from_secs(30);

/// What is known of windows beside the page.
#[derive(Default)]
pub(super) struct Window {
    /// The login in the window that is open.
    login: RefCell<Option<Rc<PopupLogin>>>,
    /// Whether the person signed in in a window, and would not want to lose this page.
    was_used: Cell<bool>,
    /// What is to begin in the window, in the place of a login that has just failed.
    again: RefCell<Option<SignIn>>,
}

impl Window {
    /// Whoever has taken the answer sends the window to the provider once more.
    pub(super) fn begin_again(&self, sign_in: SignIn) {
        self.again.replace(Some(sign_in));
    }

    pub(super) const fn was_used(&self) -> bool {
        self.was_used.get()
    }
}

/// How long a page that is there, and perhaps asleep, is waited for: as long as an answer may be
/// of use.
const PATIENCE_OF_ASLEEP: Duration = Duration::from_secs(600);
/// How long it is waited for a window that nobody wants any more.
const PATIENCE_OF_DISMISSED: Duration = Duration::from_secs(600);

/// A login in a window beside the page.
pub(super) struct PopupLogin {
    begun: Begun,
    window: RefCell<Option<Box<dyn Popup>>>,
    /// What there is once the window is on its way.
    sent: RefCell<Option<Sent>>,
    news: Rc<News<Told>>,
}

impl PopupLogin {
    pub(super) const fn begun(&self) -> Begun {
        self.begun
    }

    /// Tells the window what becomes of it. Returns whether there is a channel for that.
    fn say(&self, word: &Word) -> bool {
        let sent = self.sent.borrow();
        sent.as_ref().map(|sent| sent.channel.tell(&word.text())).is_some()
    }

    /// Sends the window to the provider. One that has been there hears it from its callback page: it may be
    /// out of reach otherwise.
    fn send_to(&self, url: &str) -> Result<(), Error> {
        if self.say(&Word::Go(SecureUrl::parse(url)?)) {
            return Ok(());
        }
        let went = self.window.borrow().as_ref().map(|window| window.go(url));
        // Before it has been elsewhere, nothing but the person takes it away.
        Ok(went.ok_or(ErrorCode::PopupClosed)?.map_err(|_| ErrorCode::PopupClosed)?)
    }

    /// Lets the window go, which closes if it can.
    fn close(&self) {
        self.say(&Word::Done);
        self.window.take();
    }

    /// The page may not close a window that is at the provider. It closes when it comes back, with an answer
    /// that nobody wants any more.
    async fn dismiss(self: Rc<Self>) {
        if let Some(Told::Answer(_)) = self.news.next_within(PATIENCE_OF_DISMISSED).await {
            self.say(&Word::Done);
        }
    }
}

struct Sent {
    state: String,
    /// The page to show afterwards, when it is not the one where the person has stayed.
    next_page: Option<ReturnTo>,
    channel: Box<dyn Channel>,
    /// The window sees that somebody waits for its answer.
    presence: Option<Guard>,
}

/// What becomes of the window.
enum Told {
    Answer(Callback),
    /// It seems to be closed.
    Closed,
    /// The time for the login is over.
    RunOut,
    /// The login was called off.
    CalledOff,
}

impl Login {
    /// Brings the window in which the person signs in to the front. Returns whether there is one: it may be
    /// closed, or out of reach.
    pub(in crate::client) fn show_popup(&self) -> bool {
        let login = self.window.login.borrow().clone();
        login.is_some_and(|login| {
            let window = login.window.borrow();
            let window = window.as_ref().filter(|window| !window.is_closed());
            window.map(|window| window.focus()).is_some()
        })
    }

    /// Calls the sign-in in the other window off. The window is closed at once where the browser allows that,
    /// else when it comes back from the provider.
    pub(in crate::client) fn cancel_popup(self: &Rc<Self>) {
        if self.window.login.borrow().is_some() {
            self.stay();
        }
    }

    /// Opens the window, at the click itself. Where the browser opens none, the page is left as usual.
    pub(super) fn open_popup(self: &Rc<Self>, sign_in: &SignIn) -> Option<Rc<PopupLogin>> {
        if !sign_in.is_in_popup() || self.is_under_way() {
            return None;
        }
        // The window would find neither the login nor this page, from which the browser keeps it apart.
        if self.context.browser().navigation.frame() == Frame::OtherSite {
            return None;
        }
        let Some(window) = self.context.browser().popups.open() else {
            self.context.emit(&Event::PopupBlocked);
            return None;
        };
        self.end_popup();
        let login = Rc::new(PopupLogin {
            begun: self.sessions.begun(),
            window: RefCell::new(Some(window)),
            sent: RefCell::default(),
            news: Rc::default(),
        });
        self.window.login.replace(Some(login.clone()));
        self.departure.set(Departure::Preparing);
        self.context.set_status(Status::InPopup);
        Some(login)
    }

    /// Ends the login in the other window, if there is one: the window is closed, and no answer is taken
    /// any more.
    pub(super) fn end_popup(self: &Rc<Self>) {
        let Some(login) = self.window.login.take() else { return };
        login.window.take();
        login.news.tell(Told::CalledOff);
        let sent = login.sent.borrow_mut().as_mut().map(|sent| {
            // Nobody waits for its answer any more.
            drop(sent.presence.take());
            sent.state.clone()
        });
        let Some(state) = sent else { return };
        // Where the storage is denied by now, the record runs out.
        let record = pending::take(self.context.browser().storage.as_ref(), &state);
        let client = self.clone();
        spawn_local(async move {
            if let Ok(Some(record)) = record {
                client.forget_key(&record).await;
            }
        });
    }

    /// Sends the window to the provider.
    pub(super) fn send_window(
        &self,
        login: &PopupLogin,
        url: &str,
        record: &PendingLogin,
    ) -> Result<(), Error> {
        let navigation = &self.context.browser().navigation;
        let state = record.state_key().to_owned();
        let (news, expected) = (login.news.clone(), state.clone());
        let hearing = move |text: String| {
            let answer = Callback::from_text(&text);
            if let Some(answer) = answer.filter(|answer| answer.state() == Some(&expected)) {
                news.tell(Told::Answer(answer));
            }
        };
        let browser = self.context.browser();
        let channel = browser.channels.open(&channel_name(&state), Box::new(hearing));
        let channel = channel.ok_or(ErrorCode::NavigationFailed)?;
        let presence = browser.presence.announce(waiting_name(&state));
        login.send_to(url)?;
        let here = navigation.current_url();
        let next_page = record.return_to().clone();
        let next_page = (next_page.as_str() != here).then_some(next_page);
        login.sent.replace(Some(Sent { state, next_page, channel, presence: Some(presence) }));
        Ok(())
    }

    /// Waits until the login in the other window is done.
    ///
    /// # Errors
    ///
    /// Whatever ends it otherwise. After `popup_closed` an answer is still taken: the window may have been
    /// out of reach only.
    pub(super) async fn await_popup(self: &Rc<Self>, login: Rc<PopupLogin>) -> Result<(), Error> {
        let error = loop {
            match self.watch(&login).await {
                Told::Answer(answer) => {
                    if !self.take_answer(&login, answer).await? {
                        return Ok(());
                    }
                }
                Told::CalledOff => {
                    spawn_local(login.dismiss());
                    return Ok(());
                }
                Told::Closed => break Error::from(ErrorCode::PopupClosed),
                Told::RunOut => {
                    self.end_popup();
                    break ErrorCode::LoginExpired.into();
                }
            }
        };
        self.departure.set(Departure::None);
        self.sessions.fail(&error);
        let client = self.clone();
        spawn_local(async move { client.take_late_answer(login).await });
        Err(error)
    }

    /// The status says how it goes.
    async fn take_late_answer(self: &Rc<Self>, login: Rc<PopupLogin>) {
        let Told::Answer(answer) = login.news.next().await else {
            // On its own: whoever waits for a window holds no client.
            return spawn_local(login.dismiss());
        };
        if self.take_answer(&login, answer).await == Ok(true) {
            let waiting: Pin<Box<dyn Future<Output = _>>> = Box::pin(self.await_popup(login));
            drop(waiting.await);
        }
    }

    async fn watch(&self, login: &PopupLogin) -> Told {
        let begun = self.context.now();
        let mut absence = Absence::default();
        loop {
            if let Some(told) = login.news.next_within(INTERVAL).await {
                return told;
            }
            if self.context.now().since(begun)
                > self.context.config().wanted_login_limit().as_secs()
            {
                return Told::RunOut;
            }
            let is_closed = login.window.borrow().as_ref().is_none_or(|window| window.is_closed());
            let is_back = self.context.browser().popups.is_page_focused();
            if absence.is_over(is_closed, is_back) {
                return Told::Closed;
            }
        }
    }

    /// Takes the answer. Returns whether the window is on its way again.
    async fn take_answer(
        self: &Rc<Self>,
        login: &Rc<PopupLogin>,
        answer: Callback,
    ) -> Result<bool, Error> {
        self.window.login.take();
        self.window.was_used.set(true);
        login.say(&Word::Wait);
        self.departure.set(Departure::None);
        let mut outcome = self.accept(answer).await;
        if let Some(sign_in) = self.window.again.take() {
            match self.leave_again(sign_in, login).await {
                Ok(()) => return Ok(true),
                Err(error) => outcome = Err(error),
            }
        }
        login.close();
        let next_page = login.sent.take().and_then(|sent| sent.next_page);
        match (outcome, next_page) {
            (Err(error), _) => {
                self.sessions.fail(&error);
                Err(error)
            }
            (Ok(Outcome::SignedIn { .. }), Some(page)) => {
                let navigation = &self.context.browser().navigation;
                navigation.replace_url(page.as_str())?;
                navigation.announce();
                Ok(false)
            }
            _ => Ok(false),
        }
    }

    /// Sends the same window to the provider once more, in the place of a login that has just failed.
    async fn leave_again(
        self: &Rc<Self>,
        sign_in: SignIn,
        login: &Rc<PopupLogin>,
    ) -> Result<(), Error> {
        self.window.login.replace(Some(login.clone()));
        let begun = self.set_off(Status::InPopup);
        self.leave(sign_in, begun, &Way::Window(login.clone())).await.inspect_err(|_| {
            self.window.login.take();
            self.departure.set(Departure::None);
        })?;
        self.note_left(begun);
        Ok(())
    }

    /// Hands the answer over, when it is for the page beside which this window was opened. Returns whether
    /// that page has taken it; then the window closes.
    pub(super) async fn hand_over(&self, callback: &Callback) -> bool {
        let Some(state) = self.state_of_other_page(callback) else { return false };
        let news = Rc::new(News::default());
        let heard = news.clone();
        let hearing = move |text: String| {
            if let Some(word) = Word::parse(&text) {
                heard.tell(word);
            }
        };
        let browser = self.context.browser();
        let channel = browser.channels.open(&channel_name(state), Box::new(hearing));
        let Some(channel) = channel else { return false };
        self.context.set_status(Status::HandedOver);
        channel.tell(&callback.to_text());
        let patience = match browser.presence.is_anybody(waiting_name(state)).await {
            Some(true) => PATIENCE_OF_ASLEEP,
            _ => PATIENCE,
        };
        let mut word = news.next_within(patience).await;
        if word.is_none() {
            return false;
        }
        while matches!(word, Some(Word::Wait)) {
            word = news.next_within(PATIENCE_OF_TAKEN).await;
        }
        match word {
            Some(Word::Go(url)) => self.context.browser().navigation.assign(url.as_str()).is_ok(),
            _ => {
                self.context.browser().popups.close_page();
                true
            }
        }
    }

    /// Whether this page is in such a window, or holds an answer that says so.
    #[cfg(feature = "components")]
    pub(in crate::client) fn is_beside_page(&self) -> bool {
        let callback = self.arrival.callback();
        matches!(self.context.status(), Status::HandedOver)
            || callback.is_some_and(|callback| self.state_of_other_page(&callback).is_some())
    }

    fn state_of_other_page<'a>(&self, callback: &'a Callback) -> Option<&'a str> {
        let state = callback.state().filter(|state| State::is_of_popup(state))?;
        let own = pending::peek(self.context.browser().storage.as_ref(), state);
        matches!(own, Ok(None)).then_some(state)
    }
}

/// Under which name a page shows that it waits for the answer to this login. Any script of the origin may see it, and
/// must not learn the state, which names the channel.
fn waiting_name(state: &str) -> String {
    ["pixy-login:waiting:", &pending::hash_of(state)].concat()
}
