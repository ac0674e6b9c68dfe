//! The app, as the lesson knows it: `demo::app::bridge` is the other end.

use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::components::Language;
use crate::demo::recording::Recording;
use crate::demo::words::Words;

#[wasm_bindgen]
extern "C" {
    /// An object of the app's own program.
    pub type RemoteApp;

    #[wasm_bindgen(method)]
    fn language(this: &RemoteApp) -> String;
    #[wasm_bindgen(method)]
    fn recording(this: &RemoteApp) -> String;
    #[wasm_bindgen(method)]
    fn is_signed_in(this: &RemoteApp) -> bool;
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
    pub(super) words: Words,
}

impl App {
    pub(super) fn new(remote: RemoteApp) -> Self {
        let words = Words(Language::from_tag(&remote.language()));
        let recording = RwSignal::new(recording_of(&remote));
        let is_signed_in = RwSignal::new(remote.is_signed_in());
        let remote = StoredValue::new_local(remote);
        let listener = Closure::<dyn Fn()>::new(move || {
            // After the lesson has left the page nothing is told any more.
            let told = remote.try_with_value(|app| (recording_of(app), app.is_signed_in()));
            if let Some((now, signed_in)) = told {
                recording.try_set(now);
                is_signed_in.try_set(signed_in);
            }
        });
        remote.with_value(|app| app.listen(&listener));
        StoredValue::new_local(listener);
        Self { remote, recording, is_signed_in, words }
    }

    /// This page's sign-in so far.
    pub(super) fn recording(self) -> Recording {
        self.recording.get()
    }

    /// Whether somebody is signed in.
    pub(super) fn is_signed_in(self) -> bool {
        self.is_signed_in.get()
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
