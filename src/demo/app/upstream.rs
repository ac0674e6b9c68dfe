//! Signing in with somebody behind the provider, such as Google: their button, and who is on the way. The words
//! are in `demo/upstream.html`, the looks in `demo/upstream`; both are only loaded where the settings ask for them.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::browser::other_page::OtherPage;
use crate::browser::page;
use crate::components::elements::{attribute, element, nothing, text};
use crate::components::{SignInButton, SignInButtonProps};
use crate::demo::settings::Upstream;
use crate::demo::words::Words;

/// The id of the element with who is on the way, here and there.
const ID: &str = "upstream";

/// The button of the home page.
pub(super) fn button(upstream: Option<Upstream>, words: Words) -> AnyView {
    let Some(upstream) = upstream else {
        return SignInButton(SignInButtonProps::builder().build()).into_any();
    };
    let label = match upstream {
        Upstream::Google => words.say("Continue with Google", "Google で続行"),
        Upstream::GitHub => words.say("Continue with GitHub", "GitHub で続行"),
    };
    let inside = Box::new(move || text(label));
    SignInButton(SignInButtonProps::builder().children(inside).build()).into_any()
}

/// Who sends whom on to whom, and what is a stand-in.
pub(super) fn chain(upstream: Option<Upstream>) -> AnyView {
    let Some(upstream) = upstream else { return nothing() };
    page::after_rendering(move || {
        spawn_local(async move {
            let Some(page) = OtherPage::read(file_of(upstream)).await else { return };
            page.adopt_styles().await;
            // The person may have gone on to another page meanwhile.
            if let Some(place) = page::element(ID) {
                page.move_into(ID, &place);
            }
        });
    });
    element("div", vec![attribute("id", ID)], vec![])
}

/// For style sheets and tests, which kind of upstream it is.
pub(super) fn mark(is_stand_in: bool) {
    page::set_mark("pixyUpstream", if is_stand_in { "stand-in" } else { "real" });
}

const fn file_of(upstream: Upstream) -> &'static str {
    match upstream {
        Upstream::Google => "upstream/google.html",
        Upstream::GitHub => "upstream/github.html",
    }
}
