//! Which page is shown: flat files in one folder, so that any static host will do.

use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::*;

use super::language;
use crate::browser::events::on_address_change;
use crate::browser::{History, Navigation as _, page};
use crate::components::elements::{attribute, dynamic_attribute, element, on, text};
use crate::demo::words::Words;

/// A page of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Home,
    Flow,
    Pkce,
    Thief,
    Scopes,
    Analogy,
    Profile,
    Mail,
    Callback,
    Errors,
}

/// The pages of the navigation, in its order.
pub(super) const NAVIGATION: [Route; 8] = [
    Route::Home,
    Route::Flow,
    Route::Pkce,
    Route::Thief,
    Route::Scopes,
    Route::Analogy,
    Route::Profile,
    Route::Mail,
];

impl Route {
    /// The page at the end of a path. Some hosts serve `profile.html` as `profile`, too. Whatever is
    /// not known is the home page.
    pub(super) fn from_path(path: &str) -> Self {
        let file = path.rsplit('/').next().unwrap_or_default();
        match file.strip_suffix(".html").unwrap_or(file) {
            "flow" => Self::Flow,
            "pkce" => Self::Pkce,
            "thief" => Self::Thief,
            "scopes" => Self::Scopes,
            "analogy" => Self::Analogy,
            "profile" => Self::Profile,
            "mail" => Self::Mail,
            "callback" => Self::Callback,
            "errors" => Self::Errors,
            _ => Self::Home,
        }
    }

    /// The address of the page, from any other.
    pub(super) const fn href(self) -> &'static str {
        match self {
            Self::Home => "./",
            Self::Flow => "./flow.html",
            Self::Pkce => "./pkce.html",
            Self::Thief => "./thief.html",
            Self::Scopes => "./scopes.html",
            Self::Analogy => "./analogy.html",
            Self::Profile => "./profile.html",
            Self::Mail => "./mail.html",
            Self::Callback => "./callback.html",
            Self::Errors => "./errors.html",
        }
    }

    /// What the page is called in the navigation.
    pub(super) const fn name(self, words: Words) -> &'static str {
        match self {
            Self::Home => words.say("Home", "ホーム"),
            Self::Flow => words.say("The flow", "流れ"),
            Self::Pkce => words.say("PKCE", "PKCE"),
            Self::Thief => words.say("Be the thief", "攻撃者になる"),
            Self::Scopes => words.say("Scopes", "スコープ"),
            Self::Analogy => words.say("As a story", "たとえ話"),
            Self::Profile => words.say("Profile", "プロフィール"),
            Self::Mail => words.say("Mail", "メール"),
            Self::Callback => words.say("Sign-in", "サインイン"),
            Self::Errors => words.say("Error codes", "エラーコード"),
        }
    }

    /// Whose article this page shows: while a sign-in goes step by step, the callback page shows the steps.
    pub(super) const fn with_article(self, is_stepwise: bool) -> Self {
        match self {
            Self::Callback if is_stepwise => Self::Flow,
            _ => self,
        }
    }

    fn title(self, words: Words) -> String {
        match self {
            Self::Home => "Pixy Login".to_owned(),
            _ => [self.name(words), " · Pixy Login"].concat(),
        }
    }
}

/// The page that is shown.
#[derive(Clone, Copy)]
pub(super) struct Routes(RwSignal<Route>);

impl Routes {
    /// Follows the address from here on.
    pub(super) fn new() -> Self {
        let route = RwSignal::new(Route::from_path(&page::path()));
        let listener = on_address_change(move || route.set(Route::from_path(&page::path())));
        // Kept as long as the app.
        StoredValue::new_local(listener);
        Self(route)
    }

    /// The page that is shown.
    pub(super) fn current(self) -> Memo<Route> {
        Memo::new(move |_| self.0.get())
    }

    /// A link within the app.
    pub(super) fn link(self, route: Route, words: Words) -> AnyView {
        let current = dynamic_attribute("aria-current", move || {
            (self.0.get() == route).then(|| "page".to_owned())
        });
        element("a", vec![attribute("href", route.href()), current], vec![text(route.name(words))])
    }

    /// A listener that follows links within the app without loading anything.
    pub(super) fn follow_links() -> AnyAttribute {
        on("click", |event| {
            let link = page::clicked_link(&event).filter(|href| href.starts_with("./"));
            // Where the browser refuses, it follows the link itself.
            // The address goes on saying which language it is.
            let link = link.map(|href| with_language(&href, language::of_address()));
            if link.is_some_and(|href| page::push_url(&href)) {
                event.prevent_default();
                History::default().announce();
            }
        })
    }

    /// Does at each change of the page what a browser does when it loads one: the title, the top or the
    /// place that the address names, and the focus on what is new.
    pub(super) fn behave_like_pages(self, words: Words) {
        let current = self.current();
        Effect::new(move |before: Option<Route>| {
            let route = current.get();
            page::set_title(&route.title(words));
            let is_new = before.is_some_and(|before| before != route);
            page::after_rendering(move || {
                if !page::reveal_fragment() && is_new {
                    page::scroll_to_top();
                    page::focus("h1");
                }
            });
            route
        });
    }
}

/// The address with a query, which comes before its fragment.
fn with_language(href: &str, query: &str) -> String {
    match href.split_once('#') {
        Some((page, fragment)) => [page, query, "#", fragment].concat(),
        None => [href, query].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_files_at_the_root_and_below_any_path() {
        for folder in ["/", "/shop/", "/a/b/profile/"] {
            let at = |file: &str| Route::from_path(&[folder, file].concat());
            assert_eq!(at(""), Route::Home);
            assert_eq!(at("index.html"), Route::Home);
            assert_eq!(at("profile.html"), Route::Profile);
            assert_eq!(at("profile"), Route::Profile);
            assert_eq!(at("mail.html"), Route::Mail);
            assert_eq!(at("callback"), Route::Callback);
            assert_eq!(at("errors.html"), Route::Errors);
            assert_eq!(at("unknown.html"), Route::Home);
        }
        assert_eq!(Route::from_path(""), Route::Home);
    }

    #[test]
    fn a_page_is_found_by_its_own_address() {
        for route in NAVIGATION {
            assert_eq!(Route::from_path(&route.href()[1..]), route);
        }
    }

    #[test]
    fn the_language_goes_along_with_a_link() {
        assert_eq!(with_language("./pkce.html", "?lang=ja"), "./pkce.html?lang=ja");
        assert_eq!(
            with_language("./errors.html#timeout", "?lang=ja"),
            "./errors.html?lang=ja#timeout"
        );
        assert_eq!(with_language("./", ""), "./");
    }
}
