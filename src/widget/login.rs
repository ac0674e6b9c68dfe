//! What one set of attributes began: its client, what is shown of it, what the page is told.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::{AbortHandle, LocalBoxFuture, abortable, ready};
use wasm_bindgen_futures::spawn_local;

use super::Stage;
use super::clients::SharedClient;
use super::view::{State, view};
use crate::browser::element::{Detail, dispatch, draw};
use crate::browser::page;
use crate::client::{Session, SignIn, Status, Subscription};
use crate::protocol::{Config, Error, Profile};

/// From one change of the attributes to the next.
pub(super) struct Login {
    stage: Rc<Stage>,
    /// The client, or why the attributes give none.
    app: Result<Rc<SharedClient>, Error>,
    subscription: RefCell<Option<Subscription>>,
    /// What is shown.
    state: RefCell<Option<State>>,
    /// Of which session the page was told that somebody is signed in.
    told: Cell<Option<u64>>,
    /// Ends the waiting for a sign-in that goes on elsewhere.
    waiting: RefCell<Option<AbortHandle>>,
}

/// Who hears an event.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// All widgets of the same settings come to this: the whole page hears it of one of them.
    Common,
    /// It is of this widget alone.
    Own,
}

impl Login {
    /// Begins, and shows where the sign-in stands.
    pub(super) fn begin(stage: &Rc<Stage>, settings: Result<Config, Error>) -> Rc<Self> {
        let login = Rc::new(Self {
            stage: stage.clone(),
            app: settings.map(|config| SharedClient::of(config, &stage.browser)),
            subscription: RefCell::default(),
            state: RefCell::default(),
            told: Cell::default(),
            waiting: RefCell::default(),
        });
        if let Ok(app) = login.app.clone() {
            login.subscription.replace(Some(login.subscribe(&app)));
            let weak = Rc::downgrade(&login);
            spawn_local(async move {
                let result = app.start().await;
                let Some(login) = weak.upgrade() else { return };
                login.tell_beside_session(result);
                login.prepare_when_idle();
            });
        }
        // After that, so that the token request leaves before anything is drawn.
        let weak = Rc::downgrade(&login);
        spawn_local(async move {
            if let Some(login) = weak.upgrade() {
                login.show_where_it_stands();
            }
        });
        login
    }

    /// Whether these are the settings it began with.
    pub(super) fn has(&self, settings: &Result<Config, Error>) -> bool {
        match (&self.app, settings) {
            (Ok(app), Ok(config)) => app.client.config() == config,
            (Err(error), Err(other)) => error == other,
            _ => false,
        }
    }

    /// Tells the page that nobody is signed in with these settings any more.
    pub(super) fn end(&self, reach: Reach) {
        if self.told.take().is_some() {
            self.dispatch("pixy-signed-out", &[], reach);
        }
    }

    /// The element is gone from the page. With the last of its settings goes a session that is in memory only.
    pub(super) fn leave(&self) {
        let ends = |app: &Rc<SharedClient>| app.is_in_memory() && Rc::strong_count(app) == 1;
        if self.app.as_ref().is_ok_and(ends) {
            self.end(Reach::Own);
        }
    }

    /// The client, or why the attributes give none.
    pub(super) const fn app(&self) -> &Result<Rc<SharedClient>, Error> {
        &self.app
    }

    /// Draws what is shown.
    pub(super) fn draw(&self) {
        let state = self.state.borrow().clone();
        if let Some(state) = state {
            draw(&self.stage.root, &view(&state, &self.stage.texts.borrow()));
        }
    }

    /// Signs in, in the page or beside it; or, when somebody is signed in and that can help, asks once more for
    /// the profile.
    pub(super) fn click_sign_in(self: &Rc<Self>) {
        let Ok(app) = &self.app else { return };
        if let Some(session) = app.client.session()
            && !self.needs_new_token()
        {
            return self.ask_for_profile(app.clone(), session, true);
        }
        if app.client.show_popup() {
            return;
        }
        let (done, login) = (self.sign_in(app), Rc::downgrade(self));
        // What is gone from the page waits for no other window.
        let (waiting, handle) = abortable(async move {
            let result = done.await;
            if let Some(login) = login.upgrade() {
                login.tell_beside_session(result);
            }
        });
        self.waiting.replace(Some(handle));
        spawn_local(waiting.map(drop));
    }

    /// Calls off what goes on in the other window.
    pub(super) fn cancel(&self) {
        if let Ok(app) = &self.app {
            app.client.cancel_popup();
        }
    }

    /// Begins at once: a window opens in the click's own listener only.
    pub(super) fn sign_in(
        &self,
        app: &SharedClient,
    ) -> impl Future<Output = Result<(), Error>> + use<> {
        let sign_in = SignIn::new();
        let sign_in = if self.stage.opens_popup() { sign_in.in_popup() } else { sign_in };
        app.client.sign_in(sign_in)
    }

    /// Signs out, and tells the page what goes wrong.
    pub(super) fn click_sign_out(self: &Rc<Self>) {
        let (done, login) = (self.sign_out(), Rc::downgrade(self));
        spawn_local(async move {
            if let (Err(error), Some(login)) = (done.await, login.upgrade()) {
                login.tell_error(&error, Reach::Own);
            }
        });
    }

    /// Signs out, here; and of the provider, where the page wants it and the provider can.
    pub(super) fn sign_out(&self) -> LocalBoxFuture<'static, Result<(), Error>> {
        let Ok(app) = self.app.clone() else { return ready(Ok(())).boxed_local() };
        let can_end = app.client.session().is_some_and(|session| session.can_end_at_provider());
        if !self.stage.ends_at_provider() || !can_end {
            return app.sign_out().map(Ok).boxed_local();
        }
        async move { app.client.sign_out_at_provider().await }.boxed_local()
    }

    /// Fetches what a click would have to wait for.
    pub(super) fn prepare(&self) {
        let Ok(app) = self.app.clone() else { return };
        if matches!(app.client.status(), Status::SignedOut) {
            spawn_local(async move { app.client.prefetch().await });
        }
    }

    /// The same, when the page has nothing else to do.
    fn prepare_when_idle(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        page::when_idle(move || {
            if let Some(login) = weak.upgrade() {
                login.prepare();
            }
        });
    }

    fn subscribe(self: &Rc<Self>, app: &SharedClient) -> Subscription {
        let login = Rc::downgrade(self);
        app.client.subscribe(move |status| {
            if let Some(login) = login.upgrade() {
                login.show_status(status);
            }
        })
    }

    fn show_where_it_stands(self: &Rc<Self>) {
        match &self.app {
            Ok(app) => self.show_status(&app.client.status()),
            Err(error) => self.show(State::Unusable(error.clone())),
        }
    }

    fn show_status(self: &Rc<Self>, status: &Status) {
        match status {
            // The button that the page shows from the beginning: most often it stays. A page that comes out of the
            // back-forward cache hides who was signed in.
            Status::Starting if !self.has_shown_person() => self.show(State::SignedOut),
            Status::Starting | Status::Leaving | Status::Busy => self.show(State::Busy),
            Status::InPopup => self.show(State::InPopup),
            Status::HandedOver => self.show(State::HandedOver),
            Status::SignedOut => self.show(State::SignedOut),
            Status::Failed(error) => self.show(State::Failed(error.clone())),
            Status::SignedIn(session) => self.welcome(session.clone()),
        }
    }

    /// Shows who is signed in: what the ID token tells at once, and all of it, and word to the page, when the
    /// provider has told more.
    fn welcome(self: &Rc<Self>, session: Session) {
        let Ok(app) = self.app.clone() else { return };
        if self.shows_person(&session) {
            return;
        }
        match session.profile().filter(|known| known.name().is_some()) {
            Some(known) => self.change(State::SignedIn(Box::new(session.clone()), Ok(known))),
            None => self.change(State::Busy),
        };
        self.ask_for_profile(app, session, false);
    }

    fn ask_for_profile(self: &Rc<Self>, app: Rc<SharedClient>, session: Session, anew: bool) {
        let login = Rc::downgrade(self);
        spawn_local(async move {
            let which = app.client.which_session();
            let profile = match anew {
                true => app.client.reload_profile().await,
                false => app.client.profile().await,
            };
            // Meanwhile the element may be gone, or the person.
            let is_current = app.client.which_session() == which;
            if let (true, Some(login)) = (is_current, login.upgrade()) {
                let state = State::SignedIn(Box::new(session), profile);
                login.change(state.clone());
                login.tell(&state, if anew { Reach::Own } else { Reach::Common });
            }
        });
    }

    fn needs_new_token(&self) -> bool {
        let state = self.state.borrow();
        let why = match &*state {
            Some(State::SignedIn(_, Err(why))) => Some(why),
            Some(State::SignedIn(_, Ok(known))) => known.incomplete(),
            _ => None,
        };
        why.is_some_and(|why| why.code().needs_new_token())
    }

    fn has_shown_person(&self) -> bool {
        self.told.get().is_some() || matches!(&*self.state.borrow(), Some(State::SignedIn(..)))
    }

    fn shows_person(&self, session: &Session) -> bool {
        let state = self.state.borrow();
        // Renewed tokens are no news.
        let is_same =
            |shown: &Session| shown.is_of_same_person(session) && shown.scope() == session.scope();
        matches!(&*state, Some(State::SignedIn(shown, Ok(_))) if is_same(shown))
    }

    fn show(self: &Rc<Self>, state: State) {
        if self.change(state.clone()) {
            self.tell(&state, Reach::Common);
        }
    }

    /// Draws another state. Returns whether it is another.
    fn change(&self, state: State) -> bool {
        if self.state.borrow().as_ref() == Some(&state) {
            return false;
        }
        self.state.replace(Some(state));
        self.draw();
        true
    }

    fn tell(self: &Rc<Self>, state: &State, reach: Reach) {
        match state {
            State::Busy | State::InPopup | State::HandedOver => {}
            State::SignedOut => self.tell_signed_out(reach),
            State::Failed(error) | State::Unusable(error) => {
                self.end(reach);
                self.tell_error(error, reach);
            }
            State::SignedIn(session, profile) => {
                self.tell_person(session, profile.as_ref().ok(), reach);
                let why = profile.as_ref().map_or_else(Some, Profile::incomplete);
                if let Some(error) = why {
                    self.tell_error(error, reach);
                }
            }
        }
    }

    fn tell_signed_out(self: &Rc<Self>, reach: Reach) {
        let Ok(app) = &self.app else { return self.end(reach) };
        let (login, told) = (self.clone(), self.told.get());
        app.when_signed_out(move || {
            // By then somebody may be signed in again.
            if login.told.get() == told {
                login.end(reach);
            }
        });
    }

    /// Tells the page why a sign-in failed, when the client's status has a session to say instead.
    fn tell_beside_session(&self, result: Result<(), Error>) {
        let Ok(app) = &self.app else { return };
        if let (Err(error), Some(_)) = (result, app.client.session()) {
            self.tell_error(&error, Reach::Own);
        }
    }

    fn tell_person(&self, session: &Session, profile: Option<&Profile>, reach: Reach) {
        let Ok(app) = &self.app else { return };
        let which = app.client.which_session();
        // Once: a page that goes there goes there when somebody has signed in, and not at all later news.
        let is_news = self.told.replace(Some(which)) != Some(which);
        let return_to = is_news.then(|| app.return_to(which)).flatten();
        let text = |value: Option<&str>| Detail::Text(value.map(str::to_owned));
        let claims = session.claims().map(|claims| claims.to_json().to_owned());
        let subject = session.subject().or_else(|| profile.map(Profile::subject));
        self.dispatch(
            "pixy-signed-in",
            &[
                ("subject", text(subject)),
                ("name", text(profile.and_then(Profile::name))),
                ("email", text(profile.and_then(Profile::email))),
                ("scope", Detail::Text(Some(session.scope().joined()))),
                ("claims", Detail::Json { text: claims, without: &OF_LOGIN }),
                ("returnTo", Detail::Text(return_to)),
            ],
            reach,
        );
    }

    fn tell_error(&self, error: &Error, reach: Reach) {
        self.dispatch("pixy-error", &details(error), reach);
    }

    fn dispatch(&self, event: &str, detail: &[(&str, Detail)], reach: Reach) {
        let is_heard = match &self.app {
            Ok(app) => reach == Reach::Own || app.is_speaker(&self.stage),
            Err(_) => true,
        };
        dispatch(&self.stage.host, event, detail, is_heard);
    }
}

/// Claims that are about the login and its tokens, and say nothing of the person.
const OF_LOGIN: [&str; 3] = ["nonce", "at_hash", "c_hash"];

/// What a script is told of an error.
pub(super) fn details(error: &Error) -> [(&'static str, Detail); 4] {
    let text = |text: &str| Detail::Text(Some(text.to_owned()));
    [
        ("code", text(error.code().as_str())),
        ("fault", text(error.fault().as_str())),
        ("retry", Detail::Bool(error.retry_can_help())),
        ("message", text(&error.message())),
    ]
}

impl Drop for Login {
    fn drop(&mut self) {
        if let Some(waiting) = self.waiting.take() {
            waiting.abort();
        }
    }
}
