//! The page's half: passes commands on, and what is told back.

use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, ready};
use wasm_bindgen_futures::spawn_local;

use super::command::{Command, PageEvent, Start, ToVault};
use super::report::{Answer, ToPage};
use super::{Answering, Vault, lent};
use crate::browser::events::{Listener, is_hidden, on_activity, on_restored, on_wake};
use crate::browser::navigation::NavigationRefused;
use crate::browser::page;
use crate::browser::timer::{lateness, pause};
use crate::browser::worker::{Port, Received, Receiving};
use crate::client::api::ResourceRequest;
use crate::client::context::Context;
use crate::client::login::{Arrival, Outcome, SignIn, may_be_left};
use crate::client::news::News;
use crate::client::session::returning::Returns;
use crate::client::status::{Session, Status};
use crate::protocol::{Error, ErrorCode, Profile, ServerResponse};

/// How long the vault may be silent while it is asked for something, in a page that runs and is seen; so many
/// times in a row, because after a sleep the alarm comes before what was said meanwhile.
const PATIENCE: Duration = Duration::from_secs(5);
const MOST_SILENCES: u32 = 3;
/// Activity is told at most once in so many seconds.
const ACTIVITY_INTERVAL: u64 = 1;

/// The answer to a command.
type Answered = Rc<News<Result<Answer, Error>>>;

/// The page's half of a vault.
pub(super) struct Outside {
    context: Rc<Context>,
    port: RefCell<Option<Box<dyn Port>>>,
    /// What is to be said as soon as the vault listens; `None` since it does.
    unsaid: RefCell<Option<Vec<ToVault>>>,
    waiting: RefCell<Vec<(u64, Answered)>>,
    last: Cell<u64>,
    session: RefCell<Option<Session>>,
    /// The command by which the person signed out last: what the vault said before it heard that is old.
    signed_out: Cell<u64>,
    /// The last command to leave the page, and why the page could not do what it was told to for it.
    departure: Cell<u64>,
    failure: Cell<Option<ErrorCode>>,
    was_heard: Cell<bool>,
    is_watching: Cell<bool>,
    listeners: RefCell<Vec<Listener>>,
}

impl Outside {
    /// Starts the vault, and tells it what it has to know.
    pub(super) fn open(
        context: Rc<Context>,
        start: impl FnOnce(Receiving) -> Option<Box<dyn Port>>,
    ) -> Rc<Self> {
        let outside = Rc::new_cyclic(|weak: &Weak<Self>| {
            let weak = weak.clone();
            let port = start(Box::new(move |received| {
                if let Some(outside) = weak.upgrade() {
                    outside.receive(received);
                }
            }));
            Self {
                context,
                port: RefCell::new(port),
                unsaid: RefCell::new(Some(Vec::new())),
                waiting: RefCell::default(),
                last: Cell::new(0),
                session: RefCell::default(),
                signed_out: Cell::new(0),
                departure: Cell::new(0),
                failure: Cell::new(None),
                was_heard: Cell::new(false),
                is_watching: Cell::new(false),
                listeners: RefCell::default(),
            }
        });
        if outside.port.borrow().is_none() {
            outside.lose();
            return outside;
        }
        outside.say(ToVault::Start(Some(Box::new(Start {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            frame: outside.context.browser().navigation.frame(),
            config: outside.context.config().clone(),
            entries: lent::entries(outside.context.browser().storage.as_ref()),
        }))));
        outside.listen();
        outside
    }

    /// Listens to what happens in the page for the vault, which has no window.
    fn listen(self: &Rc<Self>) {
        let tell = |event: PageEvent| {
            let weak = Rc::downgrade(self);
            move || {
                if let Some(outside) = weak.upgrade() {
                    outside.say(ToVault::Event(event));
                }
            }
        };
        let mut listeners = on_wake(tell(PageEvent::Wake));
        listeners.extend(on_restored(tell(PageEvent::Restored)));
        if let (Some(_), ..) = self.context.config().limits() {
            let (clock, last) = (self.context.browser().clock.clone(), Cell::new(0));
            let tell = tell(PageEvent::Active);
            listeners.extend(on_activity(move || {
                if clock.now().abs_diff(last.get()) >= ACTIVITY_INTERVAL {
                    last.set(clock.now());
                    tell();
                }
            }));
        }
        self.listeners.replace(listeners);
    }

    fn say(&self, message: ToVault) {
        if let Some(unsaid) = self.unsaid.borrow_mut().as_mut() {
            return unsaid.push(message);
        }
        self.post(message);
    }

    fn post(&self, message: ToVault) {
        if let Some(port) = self.port.borrow().as_ref() {
            port.post(message.into_parcel());
        }
    }

    fn receive(&self, received: Received) {
        self.was_heard.set(true);
        let Received::Parcel(parcel) = received else { return self.lose() };
        // Whatever is no message of the vault is nothing.
        let Some(message) = ToPage::from_parcel(parcel, self.context.config()) else { return };
        let browser = self.context.browser();
        let (storage, navigation) = (&browser.storage, &browser.navigation);
        match message {
            ToPage::Ready => {
                for message in self.unsaid.take().unwrap_or_default() {
                    self.post(message);
                }
            }
            ToPage::Refused => self.lose(),
            ToPage::State { heard, status, session } => {
                if heard >= self.signed_out.get() {
                    self.session.replace(session);
                    self.context.set_status(status);
                }
            }
            ToPage::Event(event) => self.context.emit(&event),
            ToPage::Answer { id, answer } => self.answer(id, answer),
            ToPage::Keep { key, text } => {
                if storage.set(&key, &text).is_err() && lent::is_needed(&key) {
                    self.fail(ErrorCode::StorageDenied);
                }
            }
            ToPage::Forget { key } => {
                // What the page can't take out of its storage it can't keep there either.
                let _ = storage.remove(&key);
            }
            ToPage::Go { url } => self.leave(|| navigation.assign(&url)),
            ToPage::Submit { url, fields } => {
                self.leave(|| navigation.submit(&url, &fields));
            }
            ToPage::Show { from, url } => {
                // Meanwhile the person may have gone elsewhere in the app.
                if navigation.current_url() == from {
                    let _ = navigation.replace_url(&url);
                }
            }
            ToPage::Here => {}
        }
    }

    /// Leaves the page, unless what has to be kept meanwhile could not be, or the person has signed out.
    fn leave(&self, leave: impl FnOnce() -> Result<(), NavigationRefused>) {
        // Whoever has signed out meanwhile wants to go nowhere.
        if self.departure.get() < self.signed_out.get() {
            return;
        }
        let is_awaited = self.waiting.borrow().iter().any(|(id, _)| *id == self.departure.get());
        match self.failure.get() {
            None => {
                if let Err(error) = may_be_left(self.context.browser()).and_then(|()| Ok(leave()?))
                {
                    self.fail(error.code());
                }
            }
            // Nobody asks for it: the client inside left by itself. The next one may leave.
            Some(_) if !is_awaited => self.failure.set(None),
            Some(_) => {}
        }
    }

    fn fail(&self, code: ErrorCode) {
        self.failure.set(Some(code));
        self.say(ToVault::Failed(code));
    }

    fn answer(&self, id: u64, answer: Result<Answer, Error>) {
        let position = self.waiting.borrow().iter().position(|(waiting, _)| *waiting == id);
        let Some((_, waiting)) = position.map(|at| self.waiting.borrow_mut().swap_remove(at))
        else {
            return;
        };
        let failure = if id == self.departure.get() { self.failure.take() } else { None };
        waiting.tell(match failure {
            Some(code) => Err(code.into()),
            None => answer,
        });
    }

    /// There is no vault any more. Whatever it had is gone, and nothing else takes its place.
    fn lose(&self) {
        let error = Error::from(ErrorCode::VaultUnavailable);
        // Later: this may be a call of the port itself.
        let port = self.port.take();
        spawn_local(async move { drop(port) });
        self.unsaid.replace(None);
        self.session.replace(None);
        self.listeners.take();
        for (_, waiting) in self.waiting.take() {
            waiting.tell(Err(error.clone()));
        }
        self.show(&error);
    }

    /// A failure is told and shown, unless somebody is signed in.
    fn show(&self, error: &Error) {
        self.context.emit_refusal(error);
        let failed = || Status::Failed(error.clone());
        let session = self.session.borrow().clone();
        self.context.set_status(session.map_or_else(failed, Status::SignedIn));
    }

    /// Looks whether the vault is there, as long as somebody waits for it.
    fn watch(self: &Rc<Self>) {
        if self.is_watching.replace(true) {
            return;
        }
        let weak = Rc::downgrade(self);
        spawn_local(async move {
            // Until then the worker is held back.
            page::activation().await;
            let mut silences = 0;
            while silences < MOST_SILENCES {
                let is_late = lateness(PATIENCE);
                pause(PATIENCE).await;
                let Some(outside) = weak.upgrade() else { return };
                if outside.waiting.borrow().is_empty() || outside.port.borrow().is_none() {
                    return outside.is_watching.set(false);
                }
                // A page that is stopped or hidden may have a worker that is stopped, too.
                let is_excused = outside.was_heard.replace(false) || is_late() || is_hidden();
                silences = if is_excused { 0 } else { silences + 1 };
                outside.say(ToVault::AreYouThere);
            }
            if let Some(outside) = weak.upgrade() {
                outside.is_watching.set(false);
                outside.lose();
            }
        });
    }

    /// Sends a command. `None` when nobody is there to hear it.
    fn send(&self, command: Command) -> Option<Answered> {
        self.port.borrow().as_ref()?;
        let id = self.last.get() + 1;
        self.last.set(id);
        if matches!(command, Command::SignIn(_) | Command::SignOutAtProvider) {
            self.departure.set(id);
            self.failure.set(None);
        }
        let slot = Answered::default();
        self.waiting.borrow_mut().push((id, slot.clone()));
        let url = self.context.browser().navigation.current_url();
        self.say(ToVault::Ask { id, url, command: Some(Box::new(command)) });
        Some(slot)
    }
}

impl Outside {
    fn ask(self: &Rc<Self>, command: Command) -> Answering<Answer> {
        let Some(slot) = self.send(command) else {
            return ready(Err(ErrorCode::VaultUnavailable.into())).boxed_local();
        };
        self.watch();
        async move { slot.next().await }.boxed_local()
    }

    fn do_it(self: &Rc<Self>, command: Command) -> Answering<()> {
        let answer = self.ask(command);
        async move { answer.await.map(drop) }.boxed_local()
    }

    /// Has the vault judge what is in the page's address. That is cleaned at once, when it is an answer to this
    /// client: until then, the vault may have to be loaded.
    async fn judge(self: &Rc<Self>, arrival: &Arrival) -> Result<Outcome, Error> {
        let url = self.context.browser().navigation.current_url();
        if arrival.callback().is_some_and(|callback| arrival.is_ours(&callback)) {
            arrival.clean()?;
            self.context.set_status(Status::Busy);
        }
        match self.ask(Command::HandleCallback { url }).await? {
            Answer::Outcome(outcome) => Ok(outcome),
            _ => Err(unexpected()),
        }
    }

    /// The page forgets the person at once, before the vault has heard of it.
    fn forget(&self) {
        self.signed_out.set(self.last.get());
        self.session.replace(None);
        // Nobody is to come back, should the page be loaded anew before the vault says so.
        Returns::new(self.context.clone()).forget();
        self.context.set_status(Status::SignedOut);
    }
}

/// The page holds a pointer to this, which watches, too.
impl Vault for Rc<Outside> {
    fn session(&self) -> Option<Session> {
        self.session.borrow().clone()
    }

    fn arrive(&self, arrival: Rc<Arrival>) -> Answering<Outcome> {
        let outside = self.clone();
        async move {
            // Until then the worker is held back.
            page::activation().await;
            let outcome = outside.judge(&arrival).await;
            // The vault says itself how things stand, if it is there.
            if let (Err(error), Status::Starting | Status::Busy) =
                (&outcome, outside.context.status())
            {
                outside.show(error);
            }
            outcome
        }
        .boxed_local()
    }

    fn sign_in(&self, sign_in: SignIn) -> Answering<()> {
        let outside = self.clone();
        async move {
            page::activation().await;
            outside.do_it(Command::SignIn(Box::new(sign_in))).await
        }
        .boxed_local()
    }

    fn sign_out(&self) -> Answering<()> {
        let answer = self.do_it(Command::SignOut);
        self.forget();
        answer
    }

    fn sign_out_at_provider(&self) -> Answering<()> {
        let outside = self.clone();
        async move {
            page::activation().await;
            let answer = outside.do_it(Command::SignOutAtProvider);
            outside.forget();
            answer.await
        }
        .boxed_local()
    }

    fn refresh(&self) -> Answering<()> {
        self.do_it(Command::Refresh)
    }

    fn prefetch(&self) -> LocalBoxFuture<'static, ()> {
        let outside = self.clone();
        async move {
            page::activation().await;
            drop(outside.ask(Command::Prefetch).await);
        }
        .boxed_local()
    }

    fn profile(&self) -> Answering<Profile> {
        profile_of(self.ask(Command::Profile))
    }

    fn reload_profile(&self) -> Answering<Profile> {
        profile_of(self.ask(Command::ReloadProfile))
    }

    fn fetch(&self, request: ResourceRequest) -> Answering<ServerResponse> {
        let outside = self.clone();
        async move {
            let request = request.portable().await?;
            match outside.ask(Command::Fetch(request)).await? {
                Answer::Response(response) => Ok(response),
                _ => Err(unexpected()),
            }
        }
        .boxed_local()
    }

    #[cfg(feature = "step-up")]
    fn repeated(&self) -> LocalBoxFuture<'static, Option<Result<ServerResponse, Error>>> {
        let answer = self.ask(Command::Repeated);
        async move {
            match answer.await {
                Ok(Answer::Response(response)) => Some(Ok(response)),
                Ok(_) => None,
                Err(error) => Some(Err(error)),
            }
        }
        .boxed_local()
    }
}

fn profile_of(answer: Answering<Answer>) -> Answering<Profile> {
    async move {
        match answer.await? {
            Answer::Profile(profile) => Ok(profile),
            _ => Err(unexpected()),
        }
    }
    .boxed_local()
}

/// An answer to something else.
fn unexpected() -> Error {
    ErrorCode::VaultUnavailable.into()
}
