//! The app, as the lesson knows it: `demo::app::bridge` is the other end.

use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::demo::recording::{Answer, Recording};
use crate::demo::words::Language;
use crate::demo::words::Words;
use crate::protocol::ErrorCode;

#[wasm_bindgen]
extern "C" {
    /// An object of the app's own program.
    pub type RemoteApp;

    #[wasm_bindgen(method)]
    fn language(this: &RemoteApp) -> String;
    #[wasm_bindgen(method)]
    fn meaning(this: &RemoteApp, code: &str) -> String;
    #[wasm_bindgen(method)]
    fn recording(this: &RemoteApp) -> String;
    #[wasm_bindgen(method)]
    fn is_signed_in(this: &RemoteApp) -> bool;
    #[wasm_bindgen(method)]
    fn is_busy(this: &RemoteApp) -> bool;
    #[wasm_bindgen(method)]
    fn scope(this: &RemoteApp) -> String;
    #[wasm_bindgen(method)]
    fn ask(this: &RemoteApp, url: &str, answered: &Closure<dyn FnMut(String)>);
    #[wasm_bindgen(method)]
    fn fail(this: &RemoteApp, code: &str);
    #[wasm_bindgen(method)]
    fn sign_in_for(this: &RemoteApp, scope: &str);
    #[wasm_bindgen(method)]
    fn listen(this: &RemoteApp, listener: &Closure<dyn Fn()>);
    #[wasm_bindgen(method)]
    fn sign_in(this: &RemoteApp, stepwise: bool);
    #[wasm_bindgen(method)]
    fn next(this: &RemoteApp);
}

impl core::fmt::Debug for RemoteApp {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("RemoteApp")
    }
}

/// What an island may know and ask for. What is read inside a view is followed, as with any signal.
#[derive(Clone, Copy)]
pub(super) struct App {
    remote: StoredValue<RemoteApp, LocalStorage>,
    recording: RwSignal<Recording>,
    is_signed_in: RwSignal<bool>,
    is_busy: RwSignal<bool>,
    pub(super) words: Words,
}

impl App {
    pub(super) fn new(remote: RemoteApp) -> Self {
        let words = Words(Language::from_tag(&remote.language()));
        let recording = RwSignal::new(recording_of(&remote));
        let is_signed_in = RwSignal::new(remote.is_signed_in());
        let is_busy = RwSignal::new(remote.is_busy());
        let remote = StoredValue::new_local(remote);
        let listener = Closure::<dyn Fn()>::new(move || {
            // After the lesson has left the page nothing is told any more.
            remote.try_with_value(|app| {
                recording.try_set(recording_of(app));
                is_signed_in.try_set(app.is_signed_in());
                is_busy.try_set(app.is_busy());
            });
        });
        remote.with_value(|app| app.listen(&listener));
        StoredValue::new_local(listener);
        Self { remote, recording, is_signed_in, is_busy, words }
    }

    /// What an error means, in the person's language.
    pub(super) fn meaning(self, code: ErrorCode) -> String {
        self.remote.with_value(|app| app.meaning(code.as_str()))
    }

    /// This page's sign-in so far.
    pub(super) fn recording(self) -> Recording {
        self.recording.get()
    }

    /// Whether somebody is signed in.
    pub(super) fn is_signed_in(self) -> bool {
        self.is_signed_in.get()
    }

    /// Whether a sign-in is under way.
    pub(super) fn is_busy(self) -> bool {
        self.is_busy.get()
    }

    /// What the token allows now.
    pub(super) fn scope(self) -> String {
        self.remote.with_value(RemoteApp::scope)
    }

    /// Has the app ask an API with the token, and calls `answered` with the answer. Why there is none, the app
    /// says.
    pub(super) fn ask(self, url: &str, answered: impl Fn(&Answer) + 'static) {
        let answered = Closure::<dyn FnMut(String)>::new(move |text: String| {
            // Both programs are of one build, so it can be read.
            if let Ok(answer) = Answer::from_json(&text) {
                answered(&answer);
            }
        });
        self.remote.with_value(|app| app.ask(url, &answered));
        StoredValue::new_local(answered);
    }

    /// Has the app say what is wrong with an answer, in the place of the island.
    pub(super) fn fail(self, code: ErrorCode) {
        self.remote.try_with_value(|app| app.fail(code.as_str()));
    }

    /// Signs in for this scope too, and comes back to this page.
    pub(super) fn sign_in_for(self, scope: &str) {
        self.remote.with_value(|app| app.sign_in_for(scope));
    }

    /// Signs in, and comes back to this page; step by step if that is wanted.
    pub(super) fn sign_in(self, stepwise: bool) {
        self.remote.with_value(|app| app.sign_in(stepwise));
    }

    /// Goes on with a sign-in that waits for the person.
    pub(super) fn next(self) {
        self.remote.with_value(RemoteApp::next);
    }
}

fn recording_of(app: &RemoteApp) -> Recording {
    // Both programs are of one build, so it can be read.
    Recording::from_json(&app.recording()).unwrap_or_default()
}
