//! The profile page, for those who are signed in.

use std::sync::Arc;

use leptos::prelude::*;

use super::Demo;
use super::blocks::{heading, with_class};
use super::session::session;
use crate::components::elements::{dynamic, group, nothing, text};
use crate::components::{Profile, ProfileState, RequireAuth, RequireAuthProps, use_auth};

pub(super) fn profile(demo: Demo) -> AnyView {
    let words = demo.words;
    let note = words.say(
        "The app asked the provider's userinfo endpoint, and showed it the access token. \
         What you see is the answer.",
        "アプリがアクセストークンを添えて、プロバイダーのuserinfoエンドポイントに問い合わせました。\
         表示しているのはその答えです。",
    );
    let inside = move || {
        let auth = use_auth();
        // What stands below the card waits for it, so that nothing jumps when it comes.
        let has_come = Memo::new(move |before: Option<&bool>| {
            let is_loading = matches!(auth.profile(), None | Some(ProfileState::Loading));
            before == Some(&true) || !is_loading
        });
        let below = dynamic(move || if has_come.get() { session(demo) } else { nothing() });
        group(vec![with_class("p", "lead", vec![text(note)]), Profile().into_any(), below])
    };
    let inside = RequireAuthProps::builder().children(Arc::new(inside)).build();
    let title = words.say("Your profile", "あなたのプロフィール");
    group(vec![heading(title), RequireAuth(inside).into_any()])
}
