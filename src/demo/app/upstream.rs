//! Signing in with somebody behind the provider, such as Google: their button, and who is on the way. The words
//! are in `demo/upstream.html`, the looks in `demo/upstream`; both are only loaded where the settings ask for them.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::browser::other_page::OtherPage;
use crate::browser::page;
use crate::components::elements::{attribute, element, nothing};
use crate::demo::settings::Upstream;
use crate::demo::words::Words;

/// The id of the element with who is on the way, here and there.
const ID: &str = "upstream";

/// What the buttons say that sign in; without an upstream what they usually say.
pub(super) const fn label(upstream: Option<Upstream>, words: Words) -> &'static str {
    match upstream {
        None => "",
        Some(Upstream::Google) => words.say("Continue with Google", "Google で続行"),
        Some(Upstream::GitHub) => words.say("Continue with GitHub", "GitHub で続行"),
    }
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

/// Has the page say, for style sheets and tests, which kind of upstream it is, and the buttons look as it wants.
pub(super) fn adopt(upstream: Upstream, is_stand_in: bool) {
    page::set_mark("pixyUpstream", if is_stand_in { "stand-in" } else { "real" });
    spawn_local(async move {
        if let Some(page) = OtherPage::read(file_of(upstream)).await {
            page.adopt_styles().await;
        }
    });
}

const fn file_of(upstream: Upstream) -> &'static str {
    match upstream {
        Upstream::Google => "upstream/google.html",
        Upstream::GitHub => "upstream/github.html",
    }
}
