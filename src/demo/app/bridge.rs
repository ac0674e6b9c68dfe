//! What the lesson may ask the app for. They are two programs in one page: what one hands to the other are
//! texts, and this object.

use std::cell::RefCell;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

use super::inspector::Inspector;
use crate::browser::other_page::{Callback, call, call_global};
use crate::client::{Client, SignIn, Subscription};
use crate::components::Language;

/// The function of `boot.js` that loads the lesson and hands it the app.
const SHOW_LESSON: &str = "pixyShowLesson";

/// Loads the lesson, if it is not there yet, and has it fill the article.
pub(super) async fn show_lesson(client: &Client, inspector: &Inspector, language: Language) {
    let app = App {
        client: client.clone(),
        inspector: inspector.clone(),
        language,
        subscription: RefCell::default(),
    };
    // Without the lesson the article says what it says.
    call_global(SHOW_LESSON, JsValue::from(app)).await;
}

/// The app, as the lesson has it.
#[wasm_bindgen]
pub struct App {
    client: Client,
    inspector: Inspector,
    language: Language,
    subscription: RefCell<Option<Subscription>>,
}

#[wasm_bindgen]
impl App {
    /// The tag of the language that is spoken.
    pub fn language(&self) -> String {
        self.language.tag().to_owned()
    }

    /// This page's sign-in so far, as the text of a [`Recording`](crate::demo::recording::Recording).
    pub fn recording(&self) -> String {
        self.inspector.recording().to_json()
    }

    /// Whether somebody is signed in.
    pub fn is_signed_in(&self) -> bool {
        self.client.session().is_some()
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
