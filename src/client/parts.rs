//! The parts of a client whose tokens are here, put together.

use std::rc::Rc;

use super::api::Api;
use super::context::Context;
use super::login::{Arrival, Login};
use super::observers::Subscription;
use super::provider::Provider;
use super::session::Sessions;
use super::tabs::Tabs;
use super::wire::Wire;
use crate::browser::events::{Listener, on_restored, on_wake};

/// The parts. Dropped, they come to rest, whatever is under way: nobody holds the client any more.
pub(super) struct Parts {
    pub(super) provider: Rc<Provider>,
    pub(super) sessions: Rc<Sessions>,
    pub(super) login: Rc<Login>,
    pub(super) api: Rc<Api>,
    tabs: Rc<Tabs>,
    _subscriptions: Vec<Subscription>,
    _listeners: Vec<Listener>,
}

impl Parts {
    pub(super) fn new(context: &Rc<Context>, arrival: &Rc<Arrival>, is_inside_vault: bool) -> Self {
        let context = || context.clone();
        let wire = Rc::new(Wire::new(context()));
        let provider = Rc::new(Provider::new(context(), wire.clone()));
        let tabs = Rc::new(Tabs::new(context()));
        let sessions = Sessions::new(context(), wire.clone(), provider.clone(), tabs.clone());
        let login = Login::new(
            context(),
            wire.clone(),
            provider.clone(),
            sessions.clone(),
            arrival.clone(),
            is_inside_vault,
        );
        let api = Api::new(context(), wire, provider.clone(), sessions.clone(), login.clone());
        let hearing = Rc::downgrade(&sessions);
        tabs.join(move |message| {
            if let Some(sessions) = hearing.upgrade() {
                sessions.hear(message);
            }
        });
        let _subscriptions = subscriptions(&sessions, &login, &api);
        let _listeners = listeners(&sessions, &login);
        Self { provider, sessions, login, api, tabs, _subscriptions, _listeners }
    }

    /// The page comes out of the back-forward cache, which a vault hears from its page.
    #[cfg(feature = "vault")]
    pub(super) fn come_back(&self) {
        come_back(&self.sessions, &self.login);
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        self.tabs.leave();
        self.sessions.close();
        self.login.end_departure();
    }
}

/// What one part has to hear of another that knows nothing of it.
fn subscriptions(sessions: &Rc<Sessions>, login: &Rc<Login>, api: &Rc<Api>) -> Vec<Subscription> {
    let weak = Rc::downgrade(login);
    let signing_out = sessions.on_signing_out(move || {
        if let Some(login) = weak.upgrade() {
            login.end_departure();
            login.forget_pending();
        }
    });
    #[cfg(feature = "step-up")]
    let weak = Rc::downgrade(api);
    #[cfg(feature = "step-up")]
    let signed_in = login.on_signed_in(move |login| {
        if let Some(api) = weak.upgrade() {
            api.repeat(login);
        }
    });
    #[cfg(not(feature = "step-up"))]
    let _ = api;
    vec![
        signing_out,
        #[cfg(feature = "step-up")]
        signed_in,
    ]
}

fn listeners(sessions: &Rc<Sessions>, login: &Rc<Login>) -> Vec<Listener> {
    let woken = Rc::downgrade(sessions);
    let mut listeners = on_wake(move || {
        if let Some(sessions) = woken.upgrade() {
            sessions.wake();
        }
    });
    let restored = (Rc::downgrade(sessions), Rc::downgrade(login));
    listeners.extend(on_restored(move || {
        if let (Some(sessions), Some(login)) = (restored.0.upgrade(), restored.1.upgrade()) {
            come_back(&sessions, &login);
        }
    }));
    listeners
}

fn come_back(sessions: &Rc<Sessions>, login: &Rc<Login>) {
    login.stay();
    sessions.come_back();
}
