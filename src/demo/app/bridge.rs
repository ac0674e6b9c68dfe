//! What the lesson may ask the app for. They are two programs in one page: what one hands to the other are
//! texts, and this object.

use std::cell::RefCell;

use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

use super::inspector::Inspector;
use super::language::texts;
use crate::browser::other_page::{Callback, call, call_global, call_with};
use crate::client::{Client, ResourceRequest, SignIn, Status, Subscription};
use crate::components::Auth;
use crate::demo::recording::Answer;
use crate::demo::words::Language;
use crate::protocol::{Error, ErrorCode};

/// The function of `boot.js` that loads the lesson and hands it the app.
const SHOW_LESSON: &str = "pixyShowLesson";

/// A page of the app's own that the lesson fills.
#[derive(Clone, Copy)]
pub(super) struct Page {
    /// Signs in for what is shown there.
    pub(super) auth: Auth,
    /// Why nothing can be shown.
    pub(super) failure: RwSignal<Option<Error>>,
}

impl Page {
    /// There is nothing that the lesson can show.
    pub(super) fn fail(self, error: Error) {
        // The page may have been left meanwhile.
        self.failure.try_set(Some(error));
    }
}

/// Loads the lesson, if it is not there yet, and has it fill the page, or its article. `None` when it could not be
/// loaded.
pub(super) async fn show_lesson(
    client: &Client,
    inspector: &Inspector,
    language: Language,
    page: Option<Page>,
) -> Option<()> {
    let app = App {
        client: client.clone(),
        inspector: inspector.clone(),
        language,
        page,
        subscription: RefCell::default(),
    };
    call_global(SHOW_LESSON, JsValue::from(app)).await
}

/// The app, as the lesson has it.
#[wasm_bindgen]
pub struct App {
    client: Client,
    inspector: Inspector,
    language: Language,
    /// The page that is filled, unless that is an article.
    page: Option<Page>,
    subscription: RefCell<Option<Subscription>>,
}

#[wasm_bindgen]
impl App {
    /// The tag of the language that is spoken.
    pub fn language(&self) -> String {
        self.language.tag().to_owned()
    }

    /// What an error means, in that language: the lesson has no texts of its own for that.
    pub fn meaning(&self, code: &str) -> String {
        let code = ErrorCode::parse(code);
        code.map(|code| texts(self.language).meaning(code).to_owned()).unwrap_or_default()
    }

    /// This page's sign-in so far, as the text of a [`Recording`](crate::demo::recording::Recording).
    pub fn recording(&self) -> String {
        self.inspector.recording().to_json()
    }

    /// Whether somebody is signed in.
    pub fn is_signed_in(&self) -> bool {
        self.client.session().is_some()
    }

    /// Whether a sign-in is under way.
    pub fn is_busy(&self) -> bool {
        matches!(self.client.status(), Status::Leaving | Status::Busy | Status::InPopup)
    }

    /// What the token allows.
    pub fn scope(&self) -> String {
        self.client.session().map(|session| session.scope().to_string()).unwrap_or_default()
    }

    /// Asks an API with the token, and calls `answered` with the answer, as the text of an
    /// [`Answer`](crate::demo::recording::Answer). Why there is none, the page says.
    pub fn ask(&self, url: &str, answered: Callback) {
        let (client, page) = (self.client.clone(), self.page);
        let request = ResourceRequest::get(url);
        spawn_local(async move {
            match (client.fetch(request).await, page) {
                (Ok(response), _) => call_with(&answered, &Answer::of(&response, 0).to_json()),
                (Err(error), Some(page)) => page.fail(error),
                (Err(_), None) => {}
            }
        });
    }

    /// Has the page say what is wrong with an answer.
    pub fn fail(&self, code: &str) {
        if let (Some(code), Some(page)) = (ErrorCode::parse(code), self.page) {
            page.fail(Error::new(code).about("mail"));
        }
    }

    /// Signs in for this scope too, and comes back to this page.
    pub fn sign_in_for(&self, scope: &str) {
        if let Some(page) = self.page {
            page.auth.sign_in_for(scope);
        }
    }

    /// Calls `listener` whenever the recording or the status changes, as long as this object lives.
    pub fn listen(&self, listener: Callback) {
        let heard = listener.clone();
        self.inspector.listen(move || call(&heard));
        let subscription = self.client.subscribe(move |_| call(&listener));
        self.subscription.replace(Some(subscription));
    }

    /// Signs in, and comes back to this page; step by step if that is wanted.
    pub fn sign_in(&self, stepwise: bool) {
        self.inspector.set_stepwise(stepwise);
        let signing_in = self.client.sign_in(SignIn::new());
        // How it went is in the client's status.
        spawn_local(async move { drop(signing_in.await) });
    }

    /// Goes on with a sign-in that waits for the person.
    pub fn next(&self) {
        self.inspector.next();
    }
}

impl core::fmt::Debug for App {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("App")
    }
}
