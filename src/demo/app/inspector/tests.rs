use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::task::noop_waker_ref;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use crate::browser::StorageDenied;
use crate::browser::fetch::{Body, Method};

const HOME: &str = "https://app.example/";
const ANSWERED: &str = "https://app.example/callback.html?code=the-code&state=s";
const AUTHORIZATION: &str = "https://id.example/auth?request_uri=urn:x";

/// The tab: what it keeps, and where it is.
#[derive(Default)]
struct Tab {
    texts: RefCell<BTreeMap<String, String>>,
    url: RefCell<String>,
    left_for: RefCell<Vec<String>>,
    refuses: Cell<bool>,
}

impl Storage for Tab {
    fn get(&self, key: &str) -> Result<Option<String>, StorageDenied> {
        Ok(self.texts.borrow().get(key).cloned())
    }

    fn set(&self, key: &str, text: &str) -> Result<(), StorageDenied> {
        self.texts.borrow_mut().insert(key.to_owned(), text.to_owned());
        Ok(())
    }

    fn remove(&self, key: &str) -> Result<(), StorageDenied> {
        self.texts.borrow_mut().remove(key);
        Ok(())
    }

    fn keys(&self) -> Result<Vec<String>, StorageDenied> {
        Ok(self.texts.borrow().keys().cloned().collect())
    }
}

impl Navigation for Tab {
    fn current_url(&self) -> String {
        self.url.borrow().clone()
    }

    fn assign(&self, url: &str) -> Result<(), NavigationRefused> {
        if self.refuses.get() {
            return Err(NavigationRefused::default());
        }
        self.left_for.borrow_mut().push(url.to_owned());
        Ok(())
    }

    fn submit(&self, url: &str, _: &[(String, String)]) -> Result<(), NavigationRefused> {
        self.assign(url)
    }

    fn replace_url(&self, url: &str) -> Result<(), NavigationRefused> {
        self.url.replace(url.to_owned());
        Ok(())
    }

    fn announce(&self) {}
}

impl Tab {
    fn kept(&self) -> Option<String> {
        self.texts.borrow().get(KEY).cloned()
    }
}

/// A page of the tab at this address: what it writes down, and the browser that its client has.
fn page(tab: &Rc<Tab>, url: &str) -> (Inspector, Browser) {
    tab.url.replace(url.to_owned());
    let browser = Browser { storage: tab.clone(), navigation: tab.clone(), ..Browser::default() };
    Inspector::around(browser)
}

/// The body of a request whose answer is `answer`, which this very browser gives.
fn request(answer: &str, body: &str) -> FetchRequest {
    FetchRequest {
        method: Method::GET,
        url: format!("data:application/json,{answer}"),
        headers: vec![(Cow::Borrowed("Accept"), "application/json".to_owned())],
        body: (!body.is_empty()).then(|| Body::from(body.as_bytes().to_vec())),
        timeout: Duration::from_secs(5),
        largest_body: 1_000,
        keepalive: false,
        signal: None,
    }
}

fn is_pending<F: Future + Unpin>(future: &mut F) -> bool {
    let mut context = Context::from_waker(noop_waker_ref());
    matches!(Pin::new(future).poll(&mut context), Poll::Pending)
}

#[wasm_bindgen_test]
async fn an_answer_is_written_down_and_its_reader_reads_it_all_the_same() {
    let (inspector, browser) = page(&Rc::new(Tab::default()), HOME);
    let mut answer = browser.requests.open(request("{}", "")).await.expect("an answer");
    assert_eq!(answer.rest().await.expect("a body"), b"{}");
    let entries = inspector.recording().entries;
    assert_eq!(entries.len(), 1);
    let Outcome::Answer(written) = &entries[0].outcome else { panic!("no answer") };
    assert_eq!((written.status, &*written.body), (200, "{}"));
    assert_eq!(entries[0].headers[0].1, "application/json");
}

#[wasm_bindgen_test]
async fn a_request_that_failed_is_written_down_as_such() {
    let (inspector, browser) = page(&Rc::new(Tab::default()), HOME);
    // No browser goes to this port.
    let unreachable = FetchRequest { url: "http://localhost:1/".to_owned(), ..request("", "") };
    assert!(browser.requests.open(unreachable).await.is_err());
    assert!(matches!(inspector.recording().entries[0].outcome, Outcome::Failed));
}

#[wasm_bindgen_test]
async fn what_was_written_down_is_forgotten_when_it_is_said() {
    let (inspector, browser) = page(&Rc::new(Tab::default()), HOME);
    assert!(browser.requests.open(request("{}", "")).await.is_ok());
    inspector.forget();
    assert!(inspector.recording() == Recording::default());
}

#[wasm_bindgen_test]
async fn no_more_is_kept_than_a_sign_in_needs() {
    let (inspector, browser) = page(&Rc::new(Tab::default()), HOME);
    for number in 0..MOST_ENTRIES + 5 {
        let answer = browser.requests.open(request(&number.to_string(), "")).await;
        assert!(answer.is_ok());
    }
    let entries = inspector.recording().entries;
    assert_eq!(entries.len(), MOST_ENTRIES);
    assert!(entries[0].url.ends_with(",5"), "the oldest went: {}", entries[0].url);
}

#[wasm_bindgen_test]
async fn a_sign_in_is_followed_through_the_redirect_without_its_secrets() {
    let tab = Rc::new(Tab::default());
    let (_, browser) = page(&tab, HOME);
    let mut pushed = request("1", "");
    pushed.headers.push((Cow::Borrowed("DPoP"), "the-proof".to_owned()));
    pushed.url.push_str("/.well-known/");
    browser.requests.open(pushed).await.expect("an answer");
    browser.requests.open(request("2", "")).await.expect("an answer");
    assert!(browser.navigation.assign(AUTHORIZATION).is_ok());
    assert_eq!(*tab.left_for.borrow(), [AUTHORIZATION]);
    let kept = tab.kept().expect("the recording is kept");
    assert!(!kept.contains("the-proof"), "{kept}");

    let (inspector, _) = page(&tab, ANSWERED);
    assert_eq!(tab.kept(), None, "it is in memory from here on");
    let entries = inspector.recording().entries;
    let kinds: Vec<Kind> = entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds.len(), 3, "what did not lead to the redirect is not of this sign-in");
    assert!(kinds == [Kind::Request, Kind::Redirect, Kind::Callback]);
    assert_eq!(entries[2].url, ANSWERED);
}

#[wasm_bindgen_test]
fn a_sign_in_that_was_given_up_is_forgotten() {
    let tab = Rc::new(Tab::default());
    let (_, browser) = page(&tab, HOME);
    assert!(browser.navigation.assign(AUTHORIZATION).is_ok());
    let (inspector, _) = page(&tab, HOME);
    assert!(inspector.recording() == Recording::default());
    assert_eq!(tab.kept(), None);
}

#[wasm_bindgen_test]
fn a_step_by_step_sign_in_leaves_when_the_person_says_so() {
    let tab = Rc::new(Tab::default());
    let (inspector, browser) = page(&tab, HOME);
    inspector.set_stepwise(true);
    assert!(browser.navigation.assign(AUTHORIZATION).is_ok());
    assert_eq!(inspector.recording().waiting, Some(Stop::Redirect));
    assert!(tab.left_for.borrow().is_empty());
    inspector.next();
    assert_eq!(*tab.left_for.borrow(), [AUTHORIZATION]);

    let (inspector, _) = page(&tab, ANSWERED);
    assert!(inspector.is_stepwise(), "it goes on so");
    assert_eq!(inspector.recording().waiting, None);
}

#[wasm_bindgen_test]
fn a_page_that_can_not_be_left_is_no_longer_taken_step_by_step() {
    let tab = Rc::new(Tab::default());
    let (inspector, browser) = page(&tab, HOME);
    inspector.set_stepwise(true);
    assert!(browser.navigation.assign(AUTHORIZATION).is_ok());
    tab.refuses.set(true);
    inspector.next();
    assert!(!inspector.is_stepwise());
}

#[wasm_bindgen_test]
fn a_stop_holds_until_the_next_step_and_only_step_by_step() {
    let (inspector, _) = page(&Rc::new(Tab::default()), HOME);
    assert!(!is_pending(&mut Box::pin(inspector.pass(Stop::Callback))), "nobody wants to stop");
    inspector.set_stepwise(true);
    for stop in [Stop::Callback, Stop::Exchange, Stop::Profile] {
        let mut passing = Box::pin(inspector.pass(stop));
        assert!(is_pending(&mut passing));
        assert_eq!(inspector.recording().waiting, Some(stop));
        inspector.next();
        assert!(!is_pending(&mut passing));
        assert_eq!(inspector.recording().waiting, None);
    }
    assert!(!inspector.is_stepwise(), "the profile is the last step");
}

#[wasm_bindgen_test]
async fn the_exchange_and_the_profile_are_stopped_before() {
    let (inspector, browser) = page(&Rc::new(Tab::default()), HOME);
    inspector.set_stepwise(true);
    let exchange = request("{}", "grant_type=authorization_code&code=the-code");
    let mut profile = request("{}", "");
    profile.headers.push((Cow::Borrowed("Authorization"), "DPoP token".to_owned()));
    for (request, stop) in [(exchange, Stop::Exchange), (profile, Stop::Profile)] {
        let before = inspector.recording().entries.len();
        let mut asking = browser.requests.open(request);
        assert!(is_pending(&mut asking));
        assert_eq!(inspector.recording().waiting, Some(stop));
        assert_eq!(inspector.recording().entries.len(), before, "nothing is sent yet");
        inspector.next();
        // A body with GET is refused by the browser itself; that it was tried is enough.
        drop(asking.await);
        assert_eq!(inspector.recording().entries.len(), before + 1);
    }
}

#[wasm_bindgen_test]
fn whoever_listens_hears_of_each_change() {
    let (inspector, browser) = page(&Rc::new(Tab::default()), HOME);
    let heard = Rc::new(Cell::new(0));
    let counted = Rc::clone(&heard);
    inspector.listen(move || counted.set(counted.get() + 1));
    assert!(browser.navigation.assign(AUTHORIZATION).is_ok());
    assert!(heard.get() > 0);
}

#[wasm_bindgen_test]
fn a_sign_out_at_the_provider_is_not_written_down_and_waits_for_nobody() {
    let tab = Rc::new(Tab::default());
    let (inspector, browser) = page(&tab, HOME);
    inspector.set_stepwise(true);
    let url = "https://id.example/logout?id_token_hint=secret";
    browser.navigation.assign(url).expect("it leaves");
    assert_eq!(*tab.left_for.borrow(), [url]);
    assert!(tab.kept().is_none(), "a token is kept");
    assert!(inspector.recording().entries.is_empty());
}
