//! Where the page is, and how it goes elsewhere.

use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{HtmlFormElement, HtmlInputElement, PopStateEvent, PopStateEventInit, Window};

/// The browser did not do it: a sandboxed frame, a URL that it refuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NavigationRefused;

/// The page's address.
pub trait Navigation {
    /// The whole URL of the page, with query and fragment.
    fn current_url(&self) -> String;

    /// Leaves the page for `url`.
    ///
    /// # Errors
    ///
    /// [`NavigationRefused`].
    fn assign(&self, url: &str) -> Result<(), NavigationRefused>;

    /// Leaves the page for `url`, with these fields as a form (POST).
    ///
    /// # Errors
    ///
    /// [`NavigationRefused`].
    fn submit(&self, url: &str, fields: &[(String, String)]) -> Result<(), NavigationRefused>;

    /// Puts `url` in the place of the current history entry, without loading anything.
    ///
    /// # Errors
    ///
    /// [`NavigationRefused`].
    fn replace_url(&self, url: &str) -> Result<(), NavigationRefused>;

    /// Tells whoever listens to `popstate`, as routers do, that the address has changed.
    fn announce(&self);
}

/// The window's location and history.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct History;

impl Navigation for History {
    fn current_url(&self) -> String {
        window().ok().and_then(|window| window.location().href().ok()).unwrap_or_default()
    }

    fn assign(&self, url: &str) -> Result<(), NavigationRefused> {
        window()?.location().assign(url).map_err(refused)
    }

    fn submit(&self, url: &str, fields: &[(String, String)]) -> Result<(), NavigationRefused> {
        let document = window()?.document().ok_or(NavigationRefused)?;
        let form = document.create_element("form").map_err(refused)?;
        let form: HtmlFormElement = form.unchecked_into();
        form.set_method("post");
        form.set_action(url);
        form.set_hidden(true);
        for (name, value) in fields {
            let field = document.create_element("input").map_err(refused)?;
            let field: HtmlInputElement = field.unchecked_into();
            field.set_type("hidden");
            field.set_name(name);
            field.set_value(value);
            form.append_child(&field).map_err(refused)?;
        }
        let body = document.body().ok_or(NavigationRefused)?;
        body.append_child(&form).map_err(refused)?;
        let submitted = form.submit().map_err(refused);
        // What was sent is not to be found in the page.
        form.remove();
        submitted
    }

    fn replace_url(&self, url: &str) -> Result<(), NavigationRefused> {
        let history = window()?.history().map_err(refused)?;
        // An empty state: nothing of the old entry, which may have held the answer, stays.
        history.replace_state_with_url(&JsValue::NULL, "", Some(url)).map_err(refused)
    }

    fn announce(&self) {
        let Ok(window) = window() else { return };
        let init = PopStateEventInit::new();
        init.set_state(&JsValue::NULL);
        if let Ok(event) = PopStateEvent::new_with_event_init_dict("popstate", &init) {
            // A listener that cancels the event changes nothing here.
            let _ = window.dispatch_event(&event);
        }
    }
}

fn window() -> Result<Window, NavigationRefused> {
    super::window().ok_or(NavigationRefused)
}

#[allow(clippy::needless_pass_by_value)]
fn refused(_: JsValue) -> NavigationRefused {
    NavigationRefused
}
