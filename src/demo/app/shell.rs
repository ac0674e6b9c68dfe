//! What is around every page: navigation, state, and the page itself.

use std::sync::Arc;

use leptos::prelude::*;

use super::article::Article;
use super::blocks::{fact, heading, paragraph};
use super::routes::{NAVIGATION, Route, Routes};
use super::{Demo, callback, errors, home, language, mail, profile};
use crate::browser::page;
use crate::client::Status;
use crate::components::elements::{attribute, dynamic, element, group, mark, text};
use crate::components::{
    Auth, AuthError, AuthErrorProps, SignOutButton, SignOutButtonProps, SignedIn, SignedInProps,
    use_auth,
};
use crate::demo::words::{Language, Words};
use crate::protocol::Error;

/// The whole app. With `clicked` the person has asked to sign in already.
pub(super) fn shell(
    demo: Demo,
    article: StoredValue<Article, LocalStorage>,
    language: RwSignal<Language>,
    clicked: bool,
) -> AnyView {
    let auth = use_auth();
    show_state(auth);
    keep_focus(auth);
    demo.routes.behave_like_pages(demo.words);
    if clicked {
        auth.sign_in();
    }
    let route = demo.routes.current();
    show_article(demo, auth, article);
    let page = dynamic(move || match route.get() {
        Route::Home => home::home(demo),
        Route::Profile => profile::profile(demo),
        Route::Mail => mail::mail(demo, article),
        Route::Callback => callback::callback(demo),
        Route::Errors => errors::errors(demo),
        // Their articles say it all, but for what goes wrong on the way out.
        Route::Flow | Route::Pkce | Route::Thief | Route::Scopes | Route::Analogy => {
            AuthError(AuthErrorProps::builder().build()).into_any()
        }
    });
    group(vec![header(demo, language), element("main", vec![Routes::follow_links()], vec![page])])
}

/// The state of the sign-in, for style sheets and tests.
fn show_state(auth: Auth) {
    Effect::new(move || {
        let state = match auth.status() {
            Status::Starting => "starting",
            Status::SignedOut => "signed-out",
            Status::Leaving | Status::Busy => "busy",
            Status::InPopup => "in-popup",
            Status::HandedOver => "handed-over",
            Status::SignedIn(_) => "signed-in",
            Status::Failed(_) => "failed",
        };
        page::set_mark("pixyState", state);
    });
}

/// Shows the article of the page, anew when somebody has signed in or out.
fn show_article(demo: Demo, auth: Auth, article: StoredValue<Article, LocalStorage>) {
    let route = demo.routes.current();
    let is_signed_in = Memo::new(move |_| auth.is_signed_in());
    page::after_rendering(move || article.with_value(Article::place));
    Effect::new(move |_| {
        if matches!(auth.status(), Status::SignedOut) {
            // Nobody who comes after is to read who it was, and by what tokens.
            article.with_value(Article::forget_sign_in);
        }
    });
    Effect::new(move |_| {
        let (route, is_signed_in) = (route.get(), is_signed_in.get());
        if route == Route::Flow {
            // The last step of the flow: the profile is asked for wherever it is shown. When it comes, the
            // article stays as it is, with what the person has opened in it.
            untrack(|| auth.profile());
        }
        let language = demo.words.0;
        article.with_value(|article| article.show(route, language, is_signed_in));
    });
}

/// The button that signs out goes away with the session; the focus on it goes to the heading.
fn keep_focus(auth: Auth) {
    Effect::new(move |before: Option<bool>| {
        let signed_in = auth.is_signed_in();
        if before == Some(true) && !signed_in {
            page::after_rendering(|| page::focus("h1"));
        }
        signed_in
    });
}

fn header(demo: Demo, language: RwSignal<Language>) -> AnyView {
    let brand = vec![attribute("class", "brand"), attribute("href", Route::Home.href())];
    let links = NAVIGATION.map(|route| demo.routes.link(route, demo.words));
    let sign_out = || SignOutButton(SignOutButtonProps::builder().build()).into_any();
    let sign_out = SignedInProps::builder().children(Arc::new(sign_out)).build();
    element(
        "header",
        vec![Routes::follow_links()],
        vec![
            element("a", brand, vec![text("Pixy Login")]),
            element("nav", vec![], links.into()),
            language::switch(language),
            SignedIn(sign_out).into_any(),
        ],
    )
}

/// The page of an app that does not know its provider.
pub(super) fn bad_settings(words: Words, error: &Error) -> AnyView {
    let texts = language::texts(words.0);
    let code = error.code();
    let facts = element(
        "dl",
        vec![],
        vec![
            fact(words.say("About", "対象"), error.subject().unwrap_or_default()),
            fact(words.say("Code", "コード"), code.as_str()),
        ],
    );
    let message = element(
        "div",
        vec![mark("error"), attribute("data-code", code.as_str()), attribute("role", "alert")],
        vec![paragraph(texts.meaning(code)), paragraph(texts.advice(code)), facts],
    );
    let title = words.say("The settings can't be used", "設定を利用できません");
    let hint = words.say(
        "They stand in index.html, in the block with the id pixy-settings.",
        "設定はindex.htmlの、idがpixy-settingsのブロックにあります。",
    );
    element("main", vec![], vec![heading(title), message, paragraph(hint)])
}
