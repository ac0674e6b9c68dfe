//! The places in a page that the lesson fills.

use std::any::Any;

use leptos::mount::mount_to;
use leptos::prelude::*;

use super::app::{App, RemoteApp};
use super::{compared, diagram, flow, mail, pkce, scopes, thief};
use crate::browser::page::{self, Part};

/// The islands of the page, or those of its article in the language that is shown. Dropped, they show nothing any more.
pub(super) struct Islands {
    _mounted: Vec<Box<dyn Any>>,
    owner: Owner,
}

impl Islands {
    /// Fills them. What stood there says what there is without scripts, and goes.
    pub(super) fn fill(remote: RemoteApp) -> Self {
        let owner = Owner::new();
        let mounted = owner.with(|| {
            let app = App::new(remote);
            let language = app.words.0.tag();
            let in_article =
                || page::elements(&["#article > [lang=", language, "] [data-lesson]"].concat());
            // The article of the page before may still be there.
            let own = page::elements("main > [data-lesson]");
            let places = if own.is_empty() { in_article() } else { own };
            places.into_iter().filter_map(|place| fill(app, place)).collect()
        });
        Self { _mounted: mounted, owner }
    }
}

impl Drop for Islands {
    fn drop(&mut self) {
        self.owner.cleanup();
    }
}

/// `None` for the name of an island that this lesson does not know.
fn fill(app: App, place: Part) -> Option<Box<dyn Any>> {
    let case = place.get_attribute("data-case").unwrap_or_default();
    let view = match &*place.get_attribute("data-lesson")? {
        "diagram" => diagram::diagram,
        "flow" => flow::flow,
        "mail" => mail::mail,
        "hasher" => pkce::hasher,
        "compared" => compared::compared,
        "thief" => thief::thief,
        "scopes" => scopes::scopes,
        _ => return None,
    };
    place.set_text_content(None);
    // For style sheets and tests.
    let _ = place.set_attribute("data-filled", "");
    Some(Box::new(mount_to(place, move || view(app, &case))))
}
