//! Where the page is, and how it goes elsewhere.

use std::cell::RefCell;

use js_sys::Reflect;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{
    DomStringList, HashChangeEvent, HashChangeEventInit, HtmlFormElement, HtmlInputElement,
    PopStateEvent, PopStateEventInit, Window,
};

/// The browser did not do it: a sandboxed frame, a URL that it refuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NavigationRefused;

/// What the page is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Frame {
    /// None: a tab or a window of its own.
    #[default]
    None,
    /// A frame in pages of its own site, as far as the browser tells.
    OwnSite,
    /// A frame in a page of another site. What it keeps and hears is apart from what the pages of its origin
    /// keep and say in tabs and windows of their own.
    OtherSite,
}

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

    /// Tells whoever listens, as routers do, that the address was replaced: by `popstate`, and by `hashchange` where
    /// only the fragment is another.
    fn announce(&self);

    /// What the page is in.
    fn frame(&self) -> Frame {
        Frame::None
    }
}

/// The window's location and history.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct History {
    /// The address before it was last replaced.
    replaced: RefCell<String>,
}

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
        let before = self.current_url();
        // An empty state: nothing of the old entry, which may have held the answer, stays.
        history.replace_state_with_url(&JsValue::NULL, "", Some(url)).map_err(refused)?;
        self.replaced.replace(before);
        Ok(())
    }

    fn announce(&self) {
        let Ok(window) = window() else { return };
        let init = PopStateEventInit::new();
        init.set_state(&JsValue::NULL);
        if let Ok(event) = PopStateEvent::new_with_event_init_dict("popstate", &init) {
            // A listener that cancels the event changes nothing here.
            let _ = window.dispatch_event(&event);
        }
        let (before, now) = (self.replaced.take(), self.current_url());
        if !is_other_fragment(&before, &now) {
            return;
        }
        let init = HashChangeEventInit::new();
        init.set_old_url(&before);
        init.set_new_url(&now);
        if let Ok(event) = HashChangeEvent::new_with_event_init_dict("hashchange", &init) {
            let _ = window.dispatch_event(&event);
        }
    }

    fn frame(&self) -> Frame {
        let Ok(window) = window() else { return Frame::None };
        // Unlike `parent` and `self`, no script can redefine `top`.
        let top = window.top().ok().flatten();
        if top.is_none_or(|top| top == window) {
            return Frame::None;
        }
        let own = window.location().origin().unwrap_or_default();
        match origins_around(&window).iter().all(|origin| may_be_of_one_site(origin, &own)) {
            true => Frame::OwnSite,
            false => Frame::OtherSite,
        }
    }
}

/// Whether these are addresses of one page, but of different places in it.
fn is_other_fragment(one: &str, other: &str) -> bool {
    let page = |url: &str| url.split('#').next().map(str::to_owned);
    one != other && page(one) == page(other)
}

/// The origins of the pages around a frame; where the browser doesn't tell, of the one that loaded it.
fn origins_around(window: &Window) -> Vec<String> {
    let known = Reflect::get(&window.location(), &"ancestorOrigins".into());
    if let Some(known) = known.ok().and_then(|known| known.dyn_into::<DomStringList>().ok()) {
        return (0..known.length()).filter_map(|index| known.item(index)).collect();
    }
    window.document().map(|document| document.referrer()).into_iter().collect()
}

/// Whether two origins may be of one site. Below which names anybody may register only the browser knows: so
/// hosts count as of one site if they have the last two labels in common. An origin that is hidden may be any.
fn may_be_of_one_site(one: &str, other: &str) -> bool {
    let (one, other) = (site(one), site(other));
    one == other || one.is_none() || other.is_none()
}

/// The scheme, and the last two labels of the host.
fn site(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    let host = rest.strip_prefix("//")?.split('/').next().unwrap_or_default();
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let host = match host.rsplit_once(':') {
        Some((host, port)) if is_port(port) => host,
        _ => host,
    };
    // An IP address has no labels.
    if host.ends_with(|last: char| last.is_ascii_digit() || last == ']') {
        return Some((scheme, host));
    }
    let start = host.rmatch_indices('.').nth(1).map_or(0, |(dot, _)| dot + 1);
    Some((scheme, host.get(start..)?))
}

fn window() -> Result<Window, NavigationRefused> {
    super::window().ok_or(NavigationRefused)
}

#[allow(clippy::needless_pass_by_value)]
fn refused(_: JsValue) -> NavigationRefused {
    NavigationRefused
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn f27_origins_of_another_site_are_told_from_what_may_be_the_same() {
        for (one, other) in [
            ("https://app.example", "https://app.example"),
            ("https://app.example", "https://app.example:8443"),
            ("https://app.portal.example", "https://portal.example"),
            ("https://one.team.portal.example", "https://two.portal.example"),
            ("http://localhost:1", "http://localhost:2"),
            ("http://127.0.0.1:1", "http://127.0.0.1"),
            ("http://[::1]:1", "http://[::1]"),
            ("https://app.example", "https://app.example/page?at=https://other.example"),
            // Hidden, or of a page that has none.
            ("https://app.example", "null"),
            ("https://app.example", ""),
            // Two owners in truth, which only the browser knows.
            ("https://one.co.uk", "https://two.co.uk"),
        ] {
            assert!(may_be_of_one_site(one, other), "{one} {other}");
            assert!(may_be_of_one_site(other, one), "{other} {one}");
        }
        for (one, other) in [
            ("https://app.example", "https://portal.example.com"),
            ("https://app.example", "http://app.example"),
            ("https://app.example", "https://app-example"),
            ("https://myportal.example", "https://portal.example"),
            ("http://localhost:1", "http://127.0.0.1:1"),
            ("http://127.0.0.1:1", "http://10.0.0.1:1"),
            ("http://[::1]:1", "http://[::2]:1"),
            ("https://app.example", "chrome-extension://app.example"),
        ] {
            assert!(!may_be_of_one_site(one, other), "{one} {other}");
            assert!(!may_be_of_one_site(other, one), "{other} {one}");
        }
    }
}
