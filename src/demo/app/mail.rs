//! The mail page: an API that wants more than the first token allows. What the API answered is for the lesson to
//! show; here are the request, with the token, and why there may be no answer.

use std::sync::Arc;

use leptos::prelude::*;

use super::Demo;
use super::article::Article;
use super::blocks::heading;
use super::bridge::Page;
use crate::browser::page;
use crate::components::elements::{attribute, dynamic, element, group, mark, text};
use crate::components::{AuthError, AuthErrorProps, RequireAuth, RequireAuthProps, use_auth};
use crate::protocol::{Error, ErrorCode};

pub(super) fn mail(demo: Demo, article: StoredValue<Article, LocalStorage>) -> AnyView {
    let inside = Arc::new(move || inside(demo, article));
    let inside = RequireAuthProps::builder().children(inside).build();
    let title = demo.words.say("Your mail", "あなたのメール");
    group(vec![heading(title), RequireAuth(inside).into_any()])
}

fn inside(demo: Demo, article: StoredValue<Article, LocalStorage>) -> AnyView {
    let page = Page { auth: use_auth(), failure: RwSignal::new(None) };
    // What another window brought may allow more.
    let scope = Memo::new(move |_| page.auth.session().map(|session| session.scope().clone()));
    let shown = dynamic(move || match page.failure.get() {
        Some(error) => failed(page, error),
        // Not an element in the place of the error's: what the lesson has put into it goes with it.
        None => group(vec![scope.with(|_| place(demo, article, page))]),
    });
    // Why a sign-in for more did not begin.
    group(vec![AuthError(AuthErrorProps::builder().build()).into_any(), shown])
}

/// The place for the answer, which the lesson asks for.
fn place(demo: Demo, article: StoredValue<Article, LocalStorage>, page: Page) -> AnyView {
    page::after_rendering(move || {
        article.try_with_value(|article| article.show_in(page, demo.words.0));
    });
    let words =
        demo.words.say("Asking the resource server…", "リソースサーバーに問い合わせています…");
    let line = vec![mark("busy"), attribute("role", "status")];
    let line = element("p", line, vec![text(words)]);
    element("div", vec![attribute("data-lesson", "mail")], vec![line])
}

fn failed(page: Page, error: Error) -> AnyView {
    let needs_token = matches!(error.code(), ErrorCode::TokenRefused | ErrorCode::NotSignedIn);
    let retry = move |()| if needs_token { page.auth.sign_in() } else { page.failure.set(None) };
    let properties = AuthErrorProps::builder().error(error).on_retry(Callback::new(retry));
    AuthError(properties.build()).into_any()
}
