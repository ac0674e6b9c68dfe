//! Writes down this browser's own sign-in, from between the client and the browser: what is sent, what comes
//! back, where the page goes. The library itself gives no secret away for it. It also holds a sign-in back
//! where the person wants to take it step by step.

use core::future::poll_fn;
use core::task::{Poll, Waker};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;

use crate::browser::fetch::{FetchError, FetchRequest, OpenResponse};
use crate::browser::navigation::NavigationRefused;
use crate::browser::{Browser, Frame, Navigation, Requests, Storage, clock};
use crate::demo::recording::{Answer, Entry, Kind, Outcome, Recording, Stop};
use crate::protocol::text::contains;

/// Where the recording is while the page is at the provider.
const KEY: &str = "pixy-demo:recording";

/// More than a sign-in needs: what follows it is other pages' business.
const MOST_ENTRIES: usize = 40;

/// What is written down, and who wants to know. Clones are the same inspector.
#[derive(Clone)]
pub(super) struct Inspector(Rc<Inner>);

struct Inner {
    recording: RefCell<Recording>,
    /// Called at each change.
    listener: RefCell<Option<Rc<dyn Fn()>>>,
    /// Where the page goes when the person says so.
    departure: RefCell<Option<String>>,
    /// What waits for the person.
    waiting: RefCell<Vec<Waker>>,
    /// How often the person has said that it may go on.
    steps: Cell<u64>,
    requests: Rc<dyn Requests>,
    navigation: Rc<dyn Navigation>,
    storage: Rc<dyn Storage>,
}

impl Inspector {
    /// An inspector of this browser, and the browser that it looks into.
    pub(super) fn around(browser: Browser) -> (Self, Browser) {
        let inspector = Self(Rc::new(Inner {
            recording: RefCell::default(),
            listener: RefCell::default(),
            departure: RefCell::default(),
            waiting: RefCell::default(),
            steps: Cell::default(),
            requests: browser.requests.clone(),
            navigation: browser.navigation.clone(),
            storage: browser.storage.clone(),
        }));
        inspector.go_on();
        let inspected = Browser {
            requests: Rc::new(inspector.clone()),
            navigation: Rc::new(inspector.clone()),
            ..browser
        };
        (inspector, inspected)
    }

    /// What has been written down, with its secrets.
    pub(super) fn recording(&self) -> Recording {
        self.0.recording.borrow().clone()
    }

    /// Forgets it.
    pub(super) fn forget(&self) {
        self.change(|recording| *recording = Recording::default());
    }

    /// Calls `listener` at each change, in the place of whoever listened before.
    pub(super) fn listen(&self, listener: impl Fn() + 'static) {
        self.0.listener.replace(Some(Rc::new(listener)));
    }

    /// Whether the sign-in goes step by step.
    pub(super) fn is_stepwise(&self) -> bool {
        self.0.recording.borrow().is_stepwise
    }

    /// The next sign-in goes step by step, or not.
    pub(super) fn set_stepwise(&self, is_stepwise: bool) {
        self.change(|recording| recording.is_stepwise = is_stepwise);
    }

    /// The person wants the next step.
    pub(super) fn next(&self) {
        self.0.steps.set(self.0.steps.get() + 1);
        self.change(|recording| recording.waiting = None);
        for waker in self.0.waiting.take() {
            waker.wake();
        }
        if let Some(url) = self.0.departure.take()
            && self.leave(&url).is_err()
        {
            self.change(|recording| recording.is_stepwise = false);
        }
    }

    /// Waits for the person, where they take it step by step.
    pub(super) async fn pass(&self, stop: Stop) {
        if !self.0.recording.borrow().is_stepwise {
            return;
        }
        let steps = self.0.steps.get();
        self.change(|recording| recording.waiting = Some(stop));
        poll_fn(|context| {
            if self.0.steps.get() != steps {
                return Poll::Ready(());
            }
            self.0.waiting.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await;
        if stop == Stop::Profile {
            self.change(|recording| recording.is_stepwise = false);
        }
    }

    /// Goes on with what was written down before the page was at the provider.
    fn go_on(&self) {
        let text = self.0.storage.get(KEY).ok().flatten();
        // Where the storage is denied there was nothing, either.
        let _ = self.0.storage.remove(KEY);
        let url = self.0.navigation.current_url();
        let recording = text.and_then(|text| Recording::from_json(&text).ok());
        let Some(mut recording) = recording.filter(|_| is_answer(&url)) else { return };
        recording.waiting = None;
        recording.entries.push(Entry::opening(Kind::Callback, &url));
        self.0.recording.replace(recording);
    }

    /// Leaves the page, whose memory ends with it.
    fn leave(&self, url: &str) -> Result<(), NavigationRefused> {
        let text = self.recording().without_secrets().to_json();
        // Where it can't be kept, the recording begins with the answer.
        let _ = self.0.storage.set(KEY, &text);
        self.0.navigation.assign(url)
    }

    fn change(&self, change: impl FnOnce(&mut Recording)) {
        change(&mut self.0.recording.borrow_mut());
        let listener = self.0.listener.borrow().clone();
        if let Some(listener) = listener {
            listener();
        }
    }

    /// Writes an entry down, and returns when it began: that is how it is found again.
    fn add(&self, entry: Entry) -> Mark {
        let mark = Mark { at: entry.at, url: entry.url.clone() };
        self.change(|recording| {
            recording.entries.push(entry);
            let surplus = recording.entries.len().saturating_sub(MOST_ENTRIES);
            recording.entries.drain(..surplus);
        });
        mark
    }

    fn finish(&self, mark: &Mark, outcome: Outcome) {
        self.change(|recording| {
            let mut entries = recording.entries.iter_mut().rev();
            let entry = entries.find(|entry| entry.at == mark.at && entry.url == mark.url);
            if let Some(entry) = entry {
                entry.outcome = outcome;
            }
        });
    }

    async fn open_recorded(self, request: FetchRequest) -> Result<OpenResponse, FetchError> {
        if let Some(stop) = stop_before(&request) {
            self.pass(stop).await;
        }
        let mark = self.add(Entry::of(&request));
        let answer = self.0.requests.open(request).await;
        let (answer, outcome) = match answer {
            Ok(mut answer) => {
                let took = clock::milliseconds().saturating_sub(mark.at);
                match answer.copy_body().await {
                    Ok(body) => {
                        let outcome = Outcome::Answer(Answer {
                            status: answer.status.into(),
                            took,
                            headers: answer.headers(),
                            body: String::from_utf8_lossy(&body).into_owned(),
                        });
                        (Ok(answer), outcome)
                    }
                    Err(why) => (Err(why), Outcome::Failed),
                }
            }
            Err(why) => (Err(why), Outcome::Failed),
        };
        self.finish(&mark, outcome);
        answer
    }
}

/// By what an entry is found again.
struct Mark {
    at: u64,
    url: String,
}

impl Requests for Inspector {
    fn open(
        &self,
        request: FetchRequest,
    ) -> LocalBoxFuture<'static, Result<OpenResponse, FetchError>> {
        self.clone().open_recorded(request).boxed_local()
    }
}

impl Navigation for Inspector {
    fn current_url(&self) -> String {
        self.0.navigation.current_url()
    }

    fn assign(&self, url: &str) -> Result<(), NavigationRefused> {
        if !is_request(url) {
            return self.0.navigation.assign(url);
        }
        self.change(|recording| recording.entries.retain(is_of_this_login));
        self.add(Entry::opening(Kind::Redirect, url));
        if !self.0.recording.borrow().is_stepwise {
            return self.leave(url);
        }
        self.0.departure.replace(Some(url.to_owned()));
        self.change(|recording| recording.waiting = Some(Stop::Redirect));
        Ok(())
    }

    fn submit(&self, url: &str, fields: &[(String, String)]) -> Result<(), NavigationRefused> {
        self.0.navigation.submit(url, fields)
    }

    fn replace_url(&self, url: &str) -> Result<(), NavigationRefused> {
        self.0.navigation.replace_url(url)
    }

    fn announce(&self) {
        self.0.navigation.announce();
    }

    fn frame(&self) -> Frame {
        self.0.navigation.frame()
    }
}

/// Whether it led to the redirect that follows: the provider's document, and a pushed request (RFC 9126).
fn is_of_this_login(entry: &Entry) -> bool {
    contains(&entry.url, "/.well-known/") || contains(&entry.body, "code_challenge=")
}

/// Whether the address asks for a code (RFC 6749 section 4.1.1), or names a pushed request that does. One for
/// signing out at the provider does neither, and may hold an ID token as a hint, which is kept nowhere.
fn is_request(url: &str) -> bool {
    contains(url, "response_type=") || contains(url, "request_uri=")
}

/// Whether the address holds an answer of the authorization server (RFC 6749 section 4.1.2).
fn is_answer(url: &str) -> bool {
    contains(url, "state=") && (contains(url, "code=") || contains(url, "error="))
}

/// Where the person may want to stop before this request.
fn stop_before(request: &FetchRequest) -> Option<Stop> {
    let body = request.body.as_ref().and_then(|body| body.bytes()).unwrap_or_default();
    if body.starts_with(b"grant_type=authorization_code") {
        return Some(Stop::Exchange);
    }
    let mut names = request.headers.iter().map(|(name, _)| name);
    let shows_token = names.any(|name| name.eq_ignore_ascii_case("Authorization"));
    shows_token.then_some(Stop::Profile)
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
