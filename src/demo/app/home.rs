//! The home page: the button that signs in, and, for somebody who is signed in, how they got there. What the
//! page says beside it is its article.

use std::sync::Arc;

use leptos::prelude::*;

use super::Demo;
use super::blocks::{heading, with_class};
use super::routes::Route;
use super::upstream;
use crate::components::elements::{attribute, dynamic, element, group, mark, nothing, text};
use crate::components::{
    AuthError, AuthErrorProps, ProfileState, SignInButton, SignInButtonProps, SignedOut,
    SignedOutProps, use_auth,
};
use crate::demo::words::Words;

pub(super) fn home(demo: Demo) -> AnyView {
    let auth = use_auth();
    let is_signed_in = Memo::new(move |_| auth.is_signed_in());
    // The words stand also while it is not known yet who is there, as they do before the app: else everything
    // below them would jump.
    let words = move || if is_signed_in.get() { welcome(demo) } else { introduction(demo) };
    let inside = vec![
        dynamic(words),
        AuthError(AuthErrorProps::builder().build()).into_any(),
        upstream::chain(demo.upstream),
    ];
    with_class("section", "hero", inside)
}

/// What the app is, and the button.
fn introduction(demo: Demo) -> AnyView {
    let words = demo.words;
    let lead = words.say(
        "This app signs you in for real, with OAuth 2.0 and PKCE, from the browser alone. It never sees your \
         password, and has no secret of its own. See how that can be safe.",
        "本物のサーバーに、ブラウザーだけで、OAuth 2.0とPKCEを使ってサインインします。このアプリは\
         パスワードを見ることも、固有の秘密を持つこともありません。それでも安全な理由を確かめてみましょう。",
    );
    let button = || SignInButton(SignInButtonProps::builder().build()).into_any();
    let button = SignedOutProps::builder().children(Arc::new(button)).build();
    group(vec![
        heading(
            words.say("See what happens when you sign in", "サインインのとき、何が起きているのか"),
        ),
        with_class("p", "lead", vec![text(lead)]),
        with_class("div", "account", vec![SignedOut(button).into_any()]),
    ])
}

/// Who is signed in, and where to go from here.
fn welcome(demo: Demo) -> AnyView {
    let words = demo.words;
    let lead = words.say(
        "That was your own sign-in. Look at what was sent back and forth, then try to steal it.",
        "これがあなた自身のサインインです。やり取りされた内容を見てから、盗めるかどうか試してみましょう。",
    );
    let links = [Route::Flow, Route::Thief, Route::Profile];
    let links = links.map(|route| demo.routes.link(route, words));
    group(vec![
        heading(words.say("You are signed in", "サインインしました")),
        with_class("p", "lead", vec![text(lead)]),
        with_class("div", "account", vec![who(words)]),
        with_class("p", "links", links.into()),
    ])
}

fn who(words: Words) -> AnyView {
    let auth = use_auth();
    dynamic(move || match auth.profile() {
        Some(ProfileState::Ready(profile)) => {
            let missing = profile.incomplete().map_or_else(nothing, |_| {
                let why = words.say(
                    "The provider did not tell more; the profile page says why.",
                    "プロバイダーからこれ以上の情報は得られませんでした。理由はプロフィールのページにあります。",
                );
                with_class("p", "note", vec![text(why)])
            });
            group(vec![greeting(words, profile.name(), auth.texts().nameless()), missing])
        }
        Some(ProfileState::Loading) => {
            let line = vec![mark("busy"), attribute("role", "status")];
            let said = words.say("Signed in. Loading…", "サインイン中。読み込み中…");
            element("p", line, vec![text(said)])
        }
        // Nobody knows who, and the profile page says why.
        _ => greeting(words, None, auth.texts().nameless()),
    })
}

/// Who is signed in; or that somebody is, where nobody says who.
fn greeting(words: Words, name: Option<&str>, nameless: &str) -> AnyView {
    let Some(name) = name else { return element("p", vec![], vec![text(nameless)]) };
    let attributes = vec![mark("profile-name"), attribute("dir", "auto")];
    let name = element("strong", attributes, vec![text(name.to_owned())]);
    element("p", vec![], vec![text(words.say("Signed in as ", "サインイン中：")), name])
}
