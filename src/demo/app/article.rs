//! What a page says that is not about this sign-in: an article, which is in the page's HTML. Whoever follows a
//! link within the app gets that of the other page without leaving this one, where the sign-in is in memory.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use super::bridge::{self, Page};
use super::inspector::Inspector;
use super::language;
use super::routes::Route;
use crate::browser::other_page::OtherPage;
use crate::browser::page::{self, Part};
use crate::client::Client;
use crate::demo::words::Language;
use crate::protocol::ErrorCode;

/// The id of the element with the article.
const ID: &str = "article";

/// What the lesson fills, in the article.
const ISLANDS: &str = "#article [data-lesson]";

/// The article of the page.
#[derive(Clone)]
pub(super) struct Article(Rc<Inner>);

struct Inner {
    element: Option<Part>,
    /// Whose article it is.
    route: RefCell<Option<Route>>,
    client: Client,
    inspector: Inspector,
}

impl Article {
    /// Takes the article out of the page, for the app to put it where it belongs.
    pub(super) fn of_page(client: Client, inspector: Inspector) -> Self {
        let route = Route::from_path(&page::path());
        let element = page::take_out(ID);
        Self(Rc::new(Inner { element, route: RefCell::new(Some(route)), client, inspector }))
    }

    /// Puts it below what the app itself shows.
    pub(super) fn place(&self) {
        if let Some(element) = &self.0.element {
            page::append_to("main", element);
        }
    }

    /// Forgets what was written down of the sign-in.
    pub(super) fn forget_sign_in(&self) {
        self.0.inspector.forget();
    }

    /// Shows the article of this page. The lesson fills it, where there is something to fill: on the home
    /// page only when somebody is signed in, for before that nothing is to be told of them.
    pub(super) fn show(&self, route: Route, language: Language, is_signed_in: bool) {
        let article = self.clone();
        spawn_local(async move {
            article.load(route.with_article(article.0.inspector.is_stepwise()), language).await;
            let is_told = match route {
                Route::Home => is_signed_in,
                // It has no article, and fills its own place.
                Route::Mail => false,
                _ => true,
            };
            if is_told && page::has(ISLANDS) {
                // Without the lesson the article says what it says.
                let Inner { client, inspector, .. } = &*article.0;
                bridge::show_lesson(client, inspector, language, None).await;
            }
        });
    }

    /// Has the lesson fill the place that the mail page has for it.
    pub(super) fn show_in(&self, page: Page, language: Language) {
        let article = self.clone();
        spawn_local(async move {
            let Inner { client, inspector, .. } = &*article.0;
            if bridge::show_lesson(client, inspector, language, Some(page)).await.is_none() {
                page.fail(ErrorCode::NetworkOrCors.into());
            }
        });
    }

    async fn load(&self, route: Route, language: Language) {
        let (Some(element), false) = (&self.0.element, *self.0.route.borrow() == Some(route))
        else {
            return;
        };
        self.0.route.replace(Some(route));
        let loaded = OtherPage::read(route.href()).await;
        if let Some(page) = &loaded {
            page.adopt_styles().await;
        }
        // The person may have gone on meanwhile.
        if *self.0.route.borrow() != Some(route) {
            return;
        }
        match loaded {
            Some(page) => page.move_into(ID, element),
            None => element.set_text_content(None),
        }
        if !page::reveal_fragment() {
            page::focus(&["#article > [lang=", language.tag(), "] > h1"].concat());
        }
    }
}

/// Shows the steps of a sign-in that waits at the provider's answer, before the app is there.
pub(super) fn show_steps(client: &Client, inspector: &Inspector) {
    page::set_mark("pixyState", "stepping");
    let element = page::element(ID);
    // The page's own hero says that nobody is signed in, and has a button for that.
    if let Some(article) = &element {
        page::keep_alone(article);
    }
    let (client, inspector) = (client.clone(), inspector.clone());
    let article = Article(Rc::new(Inner { element, route: RefCell::default(), client, inspector }));
    article.show(Route::Flow, language::of_page(), false);
}
