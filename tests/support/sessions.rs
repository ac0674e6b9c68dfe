//! Sessions that are kept, and what becomes of them.

use std::cell::RefCell;
use std::rc::Rc;

use pixy_login::client::{Client, Event, Status, Subscription};
use pixy_login::protocol::{Config, Keeping};

use super::{Record, Tab, config, wait_for};

/// Plain tokens that are kept.
pub fn kept(case: &str) -> Config {
    let config = config(case).scope("openid offline_access").expect("a scope");
    config.keep(Keeping::SessionStorage)
}

/// Opens a page in a tab.
pub async fn open(tab: &Tab, config: &Config) -> Client {
    let client = tab.open(config);
    client.start().await.expect("no callback");
    client
}

/// One more tab, which goes on with the session.
pub async fn beside(tab: &Tab, config: &Config) -> (Tab, Client) {
    let sibling = tab.sibling();
    let client = open(&sibling, config).await;
    assert!(client.session().is_some(), "it goes on with the session");
    (sibling, client)
}

/// What a client tells.
pub fn events(client: &Client) -> (Rc<RefCell<Vec<Event>>>, Subscription) {
    let events: Rc<RefCell<Vec<Event>>> = Rc::default();
    let heard = events.clone();
    let subscription = client.on_event(move |event| heard.borrow_mut().push(event.clone()));
    (events, subscription)
}

/// Waits until nobody is signed in.
pub async fn until_signed_out(client: &Client) {
    wait_for("signed out", || matches!(client.status(), Status::SignedOut).then_some(())).await;
}

/// The page is seen again.
pub fn wake() {
    let event = web_sys::Event::new("focus").expect("an event");
    web_sys::window().expect("a window").dispatch_event(&event).expect("an event");
}

/// The person does something in every page of the browser that is awake.
pub fn press_a_key() {
    let key = web_sys::Event::new("keydown").expect("an event");
    web_sys::window().expect("a window").dispatch_event(&key).expect("an event");
}

/// How many token requests there were, none of which was one too many.
pub fn token_requests(record: &Record) -> usize {
    assert_eq!(record.violations, Vec::<String>::new());
    record.count("token")
}
