//! The page that the provider sends people back to. When all went well, it is left at once.

use leptos::prelude::*;

use super::Demo;
use super::blocks::{heading, paragraph, with_class};
use super::routes::Route;
use crate::client::{SignIn, Status};
use crate::components::elements::{attribute, dynamic, element, group, mark, text};
use crate::components::{AuthError, AuthErrorProps, SignInButton, SignInButtonProps, use_auth};

pub(super) fn callback(demo: Demo) -> AnyView {
    let auth = use_auth();
    let shown = Memo::new(move |before: Option<&Shown>| match auth.status() {
        // A click on the button must not take the button away.
        Status::Leaving | Status::InPopup => before.copied().unwrap_or(Shown::NoAnswer),
        // A sign-in for more that failed leaves the session as it is.
        Status::SignedIn(_) if auth.error().is_some() => Shown::Failed,
        Status::SignedIn(_) => Shown::SignedIn,
        Status::Failed(_) => Shown::Failed,
        Status::SignedOut => Shown::NoAnswer,
        Status::Starting | Status::Busy | Status::HandedOver => Shown::Busy,
    });
    dynamic(move || match shown.get() {
        Shown::Busy => busy(demo),
        Shown::SignedIn => signed_in(demo),
        Shown::Failed => failed(demo),
        Shown::NoAnswer => no_answer(demo),
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Busy,
    SignedIn,
    Failed,
    NoAnswer,
}

fn busy(demo: Demo) -> AnyView {
    let words = demo.words.say(
        "Your answer is being checked, and the code exchanged for a token.",
        "応答を確認し、コードをトークンに交換しています。",
    );
    let line = vec![mark("busy"), attribute("role", "status")];
    group(vec![
        heading(demo.words.say("Signing in…", "サインインしています…")),
        element("p", line, vec![text(words)]),
    ])
}

fn signed_in(demo: Demo) -> AnyView {
    let links = vec![
        demo.routes.link(Route::Profile, demo.words),
        demo.routes.link(Route::Mail, demo.words),
    ];
    group(vec![
        heading(demo.words.say("You are signed in", "サインインしました")),
        with_class("p", "links", links),
    ])
}

fn failed(demo: Demo) -> AnyView {
    group(vec![
        heading(demo.words.say("The sign-in did not work", "サインインできませんでした")),
        AuthError(AuthErrorProps::builder().build()).into_any(),
        with_class("p", "links", vec![demo.routes.link(Route::Home, demo.words)]),
    ])
}

fn no_answer(demo: Demo) -> AnyView {
    let words = demo.words.say(
        "People come here from the provider after signing in. You came without its answer, so there is nothing \
         to do.",
        "サインインのあと、プロバイダーから戻ってくるページです。今回は応答がないため、することはありません。",
    );
    let home = SignIn::new().return_to(Route::Home.href());
    let button = SignInButton(SignInButtonProps::builder().sign_in(home).build());
    group(vec![
        heading(demo.words.say("Nothing to do here", "ここですることはありません")),
        paragraph(words),
        button.into_any(),
    ])
}
