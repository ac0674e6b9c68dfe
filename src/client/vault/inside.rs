//! The vault's half: a whole client, which does what the page asks for. Whatever the page says may come from a
//! script that should not be there.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use super::super::{Client, Session, Subscription};
use super::command::{Command, PageEvent, Start, ToVault};
use super::lent::{LentNavigation, LentStorage, Tell};
use super::report::{Answer, ToPage};
use crate::browser::Browser;
use crate::browser::worker::{self, Parcel, Port, Received};
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
    client: Client,
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
            (Some(ToVault::Event(event)), Some(Started { client, .. })) => match event {
                PageEvent::Wake => client.wake(),
                PageEvent::Restored => client.come_back(),
                PageEvent::Active => client.note_activity(),
            },
            (Some(ToVault::Failed(code)), Some(started)) => {
                if code == ErrorCode::StorageDenied {
                    started.storage.deny();
                }
                started.client.stay();
                started.client.fail(&code.into());
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
        let client = Client::of_vault(start.config.inside_vault(), browser);
        let _subscriptions = [self.report_status(&client), self.report_events(&client)];
        let (heard, told) = (Cell::new(0), RefCell::default());
        let started = Started { client, storage, navigation, heard, told, _subscriptions };
        // It was empty.
        let _ = self.0.started.set(started);
    }

    fn report_status(&self, client: &Client) -> Subscription {
        let weak = Rc::downgrade(&self.0);
        client.subscribe(move |_| {
            if let Some(vault) = weak.upgrade().map(Self) {
                vault.report();
            }
        })
    }

    fn report_events(&self, client: &Client) -> Subscription {
        let weak = Rc::downgrade(&self.0);
        client.on_event(move |event| {
            if let Some(vault) = weak.upgrade().map(Self) {
                (vault.0.tell)(ToPage::Event(event.clone()));
            }
        })
    }

    fn report(&self) {
        let Some(started) = self.0.started.get() else { return };
        let (status, session) = (started.client.status(), started.client.session());
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
            if *started.told.borrow() != started.client.session() {
                vault.report();
            }
            (vault.0.tell)(ToPage::Answer { id, answer });
        });
    }
}

impl Started {
    async fn do_it(&self, command: Command) -> Result<Answer, Error> {
        let client = &self.client;
        let done = |()| Answer::Done;
        match command {
            Command::HandleCallback { url } => {
                // The page has cleaned its own already.
                self.navigation.is_at(url);
                client.handle_callback().await.map(Answer::Outcome)
            }
            Command::SignIn(sign_in) => client.sign_in(*sign_in).await.map(done),
            Command::SignOut => {
                client.sign_out();
                Ok(Answer::Done)
            }
            Command::SignOutAtProvider => client.sign_out_at_provider().await.map(done),
            Command::Refresh => client.refresh().await.map(done),
            Command::Prefetch => {
                client.prefetch().await;
                Ok(Answer::Done)
            }
            Command::Profile => client.profile().await.map(Answer::Profile),
            Command::ReloadProfile => client.reload_profile().await.map(Answer::Profile),
            Command::Fetch(request) => client.fetch(request).await.map(Answer::Response),
            #[cfg(feature = "step-up")]
            Command::Repeated => match client.repeated().await {
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
