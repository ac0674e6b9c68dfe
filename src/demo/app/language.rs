//! Which language the demo speaks: the one in the address (`?lang=ja`), else the one chosen in this tab, else
//! the browser's. `boot.js` reads that before the app is there, and says it in `<html lang>`.

use leptos::prelude::*;

use crate::browser::{SessionStorage, Storage as _, page};
use crate::components::elements::{attribute, element, on, text};
use crate::demo::words::Language;
use crate::texts::Texts;

/// Where the tab's choice is kept: the callback page has no room for it in its address.
const KEY: &str = "pixy-demo:language";

/// The language of the page, else of the browser.
pub(super) fn of_page() -> Language {
    Language::from_tag(&page::language())
}

/// The language of the page, which a link changes.
pub(super) fn follow() -> RwSignal<Language> {
    RwSignal::new(of_page())
}

/// What the components say in it.
pub(super) fn texts(language: Language) -> Texts {
    match language {
        Language::Japanese => JAPANESE.with(Texts::clone),
        Language::English => Texts::english(),
    }
}

thread_local! {
    static JAPANESE: Texts = Texts::japanese();
}

/// A link to this page in the other language.
pub(super) fn switch(language: RwSignal<Language>) -> AnyView {
    let (other, name) = match language.get_untracked() {
        Language::Japanese => (Language::English, "English"),
        Language::English => (Language::Japanese, "日本語"),
    };
    let attributes = vec![
        attribute("class", "language"),
        attribute("href", in_address(other)),
        attribute("lang", other.tag()),
        attribute("hreflang", other.tag()),
        on("click", move |event| {
            let link = page::clicked_link(&event);
            if link.is_some_and(|href| page::push_url(&href)) {
                event.prevent_default();
                speak(language, other);
            }
        }),
    ];
    element("a", attributes, vec![text(name)])
}

/// What follows the address of a page, so that it stays in the language that the address names.
pub(super) fn of_address() -> &'static str {
    let query = page::query();
    let names = |language: Language| query == in_address(language);
    let known = [Language::English, Language::Japanese].into_iter().find(|known| names(*known));
    known.map_or("", in_address)
}

fn speak(language: RwSignal<Language>, other: Language) {
    // Where it can't be kept, the address alone says it.
    let _ = SessionStorage::default().set(KEY, other.tag());
    page::set_language(other.tag());
    language.set(other);
    page::after_rendering(|| page::focus(".language"));
}

const fn in_address(language: Language) -> &'static str {
    match language {
        Language::English => "?lang=en",
        Language::Japanese => "?lang=ja",
    }
}
