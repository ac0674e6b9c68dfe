//! The vault's half: a whole client, which does what the page asks for. Whatever the page says may come from a
//! script that should not be there.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use futures_util::FutureExt as _;
use wasm_bindgen_futures::spawn_local;

use super::command::{Command, PageEvent, Start, ToVault};
use super::lent::{LentNavigation, LentStorage, Tell};
use super::report::{Answer, ToPage};
use crate::browser::Browser;
use crate::browser::worker::{self, Parcel, Port, Received};
use crate::client::context::Context;
use crate::client::login::Arrival;
use crate::client::observers::Subscription;
use crate::client::parts::Parts;
use crate::client::status::Session;
use crate::protocol::{Error, ErrorCode};

thread_local! {
    /// The vault of this worker, as long as it lives.
    static VAULT: RefCell<Option<Vault>> = const { RefCell::new(None) };
}

/// Serves the page that started this worker.
pub fn serve() {
    let port = worker::page(Box::new(|received| {
        let vault = VAULT.with_borrow(Clone::clone);
        if let (Some(vault), Received::Parcel(parcel)) = (vault, received) {
            vault.hear(parcel);
        }
    }));
    if let Some(port) = port {
        VAULT.set(Some(Vault::open(Browser::default(), port)));
    }
}

/// A vault. It knows nothing until the page has told it the settings.
#[derive(Clone)]
pub struct Vault(Rc<State>);

struct State {
    browser: Browser,
    tell: Tell,
    started: OnceCell<Started>,
}

/// What there is since the settings are known.
struct Started {
    context: Rc<Context>,
    arrival: Rc<Arrival>,
    parts: Parts,
    storage: Rc<LentStorage>,
    navigation: Rc<LentNavigation>,
    /// The last command that was heard.
    heard: Cell<u64>,
    /// The session that the page knows of.
    told: RefCell<Option<Session>>,
    _subscriptions: [Subscription; 2],
}

impl Vault {
    /// A vault for the page at the other end of the port. Storage and address of the browser are not used:
    /// the page lends its own.
    pub fn open(browser: Browser, port: Box<dyn Port>) -> Self {
        let tell: Tell = Rc::new(move |message: ToPage| port.post(message.into_parcel()));
        tell(ToPage::Ready);
        Self(Rc::new(State { browser, tell, started: OnceCell::new() }))
    }

    /// Hears what the page says. What it can't be is no message, and what can't be twice is none the second
    /// time.
    pub fn hear(&self, parcel: Parcel) {
        match (ToVault::from_parcel(parcel), self.0.started.get()) {
            (Some(ToVault::Start(Some(start))), None) => self.start(*start),
            // Whoever waits for a vault need not wait in vain.
            (Some(ToVault::Start(None)), None) => (self.0.tell)(ToPage::Refused),
            (Some(ToVault::AreYouThere), _) => (self.0.tell)(ToPage::Here),
            (Some(ToVault::Ask { id, url, command }), Some(started)) => {
                started.navigation.is_at(url);
                self.obey(id, command);
            }
            (Some(ToVault::Event(event)), Some(started)) => started.notice(event),
            (Some(ToVault::Failed(code)), Some(started)) => {
                if code == ErrorCode::StorageDenied {
                    started.storage.deny();
                }
                started.parts.login.stay();
                started.parts.sessions.fail(&code.into());
            }
            _ => {}
        }
    }

    fn start(&self, start: Start) {
        // What another version means by a message nobody knows.
        if start.version != env!("CARGO_PKG_VERSION") {
            return (self.0.tell)(ToPage::Refused);
        }
        let tell = self.0.tell.clone();
        let storage = Rc::new(LentStorage::new(start.entries, tell.clone()));
        let navigation = Rc::new(LentNavigation::new(start.frame, tell));
        let browser = Browser {
            storage: storage.clone(),
            navigation: navigation.clone(),
            ..self.0.browser.clone()
        };
        let context = Rc::new(Context::new(start.config.inside_vault(), browser));
        let arrival = Arrival::new(context.clone());
        let parts = Parts::new(&context, &arrival, true);
        let _subscriptions = [self.report_status(&context), self.report_events(&context)];
        let (heard, told) = (Cell::new(0), RefCell::default());
        let started =
            Started { context, arrival, parts, storage, navigation, heard, told, _subscriptions };
        // It was empty.
        let _ = self.0.started.set(started);
    }

    fn report_status(&self, context: &Context) -> Subscription {
        let weak = Rc::downgrade(&self.0);
        context.on_status(move |_| {
            if let Some(vault) = weak.upgrade().map(Self) {
                vault.report();
            }
        })
    }

    fn report_events(&self, context: &Context) -> Subscription {
        let weak = Rc::downgrade(&self.0);
        context.on_event(move |event| {
            if let Some(vault) = weak.upgrade().map(Self) {
                (vault.0.tell)(ToPage::Event(event.clone()));
            }
        })
    }

    fn report(&self) {
        let Some(started) = self.0.started.get() else { return };
        let (status, session) = (started.context.status(), started.parts.sessions.session());
        started.told.replace(session.clone());
        (self.0.tell)(ToPage::State { heard: started.heard.get(), status, session });
    }

    fn obey(&self, id: u64, command: Option<Box<Command>>) {
        let vault = self.clone();
        spawn_local(async move {
            let Some(started) = vault.0.started.get() else { return };
            started.heard.set(id);
            let answer = match command {
                Some(command) => started.do_it(*command).await,
                None => Err(Error::new(ErrorCode::InvalidConfig).about("command")),
            };
            // It may have changed without a word, on the way to the provider.
            if *started.told.borrow() != started.parts.sessions.session() {
                vault.report();
            }
            (vault.0.tell)(ToPage::Answer { id, answer });
        });
    }
}

impl Started {
    /// Something has happened in the page.
    fn notice(&self, event: PageEvent) {
        match event {
            PageEvent::Wake => self.parts.sessions.wake(),
            PageEvent::Restored => self.parts.come_back(),
            PageEvent::Active => self.parts.sessions.note_activity(),
        }
    }

    async fn do_it(&self, command: Command) -> Result<Answer, Error> {
        let Parts { provider, sessions, login, api, .. } = &self.parts;
        let done = |()| Answer::Done;
        match command {
            Command::HandleCallback { url } => {
                // The page has cleaned its own already.
                self.navigation.is_at(url);
                let handled = self.arrival.handle(&|| login.clone().arrive().boxed_local());
                handled.await.map(Answer::Outcome)
            }
            Command::SignIn(sign_in) => login.sign_in(*sign_in).await.map(done),
            Command::SignOut => {
                sessions.sign_out().await;
                Ok(Answer::Done)
            }
            Command::SignOutAtProvider => login.sign_out_at_provider().await.map(done),
            Command::Refresh => sessions.refresh(None).await.map(done),
            Command::Prefetch => {
                provider.prefetch().await;
                Ok(Answer::Done)
            }
            Command::Profile => api.profile().await.map(Answer::Profile),
            Command::ReloadProfile => api.reload_profile().await.map(Answer::Profile),
            Command::Fetch(request) => api.fetch(request).await.map(Answer::Response),
            #[cfg(feature = "step-up")]
            Command::Repeated => match api.repeated().await {
                Some(outcome) => outcome.map(Answer::Response),
                None => Ok(Answer::Done),
            },
        }
    }
}

impl core::fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Vault")
    }
}
