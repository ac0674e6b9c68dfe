//! The profile page, for those who are signed in.

use std::sync::Arc;

use leptos::prelude::*;

use super::Demo;
use super::session::session;
use super::shell::{heading, with_class};
use crate::components::elements::{group, text};
use crate::components::{Profile, RequireAuth, RequireAuthProps};

pub(super) fn profile(demo: Demo) -> AnyView {
    let words = demo.words;
    let note = words.say(
        "The app asked the provider's userinfo endpoint, and showed it the access token. \
         What you see is the answer.",
        "アプリがアクセストークンを添えて、プロバイダーのuserinfoエンドポイントに問い合わせました。\
         表示しているのはその答えです。",
    );
    let inside = move || {
        let card = Profile().into_any();
        group(vec![with_class("p", "lead", vec![text(note)]), card, session(demo)])
    };
    let inside = RequireAuthProps::builder().children(Arc::new(inside)).build();
    let title = words.say("Your profile", "あなたのプロフィール");
    group(vec![heading(title), RequireAuth(inside).into_any()])
}
