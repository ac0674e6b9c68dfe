//! What is known of the session, and what can be done with it.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Demo;
use super::blocks::{fact, paragraph, with_class};
use super::language::texts;
use crate::browser::page;
use crate::client::Session;
use crate::components::elements::{
    attribute, button, dynamic, element, group, mark, nothing, text,
};
use crate::components::{Auth, SignOutButton, SignOutButtonProps, use_auth};
use crate::protocol::Error;

/// What became of a renewal.
#[derive(Clone)]
enum Renewal {
    None,
    UnderWay,
    Done,
    Failed(Error),
}

/// The part of the profile page about the session.
pub(super) fn session(demo: Demo) -> AnyView {
    let auth = use_auth();
    let renewal = RwSignal::new(Renewal::None);
    // Drawn anew only when this changes, not at each renewal: the button that is pressed keeps the focus.
    let is_renewable =
        Memo::new(move |_| auth.session().is_some_and(|session| session.is_renewable()));
    let can_end_at_provider =
        Memo::new(move |_| auth.session().is_some_and(|session| session.can_end_at_provider()));
    let title = demo.words.say("Your session", "セッション");
    let parts = vec![
        element("h2", vec![], vec![text(title)]),
        dynamic(move || match auth.session() {
            Some(session) => facts(demo, &session),
            None => nothing(),
        }),
        dynamic(move || match is_renewable.get() {
            true => renew(demo, auth, renewal),
            false => nothing(),
        }),
        said(demo, renewal),
        dynamic(move || sign_out(demo, can_end_at_provider.get())),
    ];
    with_class("section", "session", parts)
}

fn facts(demo: Demo, session: &Session) -> AnyView {
    let words = demo.words;
    let kind = match session.is_bound() {
        true => words.say(
            "bound to a key of this browser (DPoP): useless anywhere else",
            "DPoP：このブラウザーの鍵に結び付いており、ほかでは使えません",
        ),
        false => {
            words.say("bearer: whoever has it can use it", "Bearer：持っている人なら誰でも使えます")
        }
    };
    let mut facts = vec![
        fact(words.say("Access token", "アクセストークン"), kind),
        fact(words.say("Granted scope", "許可されたスコープ"), session.scope().joined()),
    ];
    let time = session.expires_at().and_then(|time| page::time_of_seconds(time.0, words.0.tag()));
    if let Some(time) = time {
        facts.push(fact(words.say("Valid until", "有効期限"), time));
    }
    if let Some(acr) = session.acr() {
        facts.push(fact(words.say("Authentication", "認証の強さ"), acr));
    }
    element("dl", vec![mark("session")], facts)
}

fn renew(demo: Demo, auth: Auth, renewal: RwSignal<Renewal>) -> AnyView {
    let words = demo.words;
    let note = words.say(
        "The app also has a refresh token. With that it gets a new access token, and need not ask you again.",
        "アプリはリフレッシュトークンも持っています。これがあれば、あなたに尋ねなおすことなく、新しいアクセストークンを\
         受け取れます。",
    );
    let label = words.say("Renew the access token", "アクセストークンを更新する");
    let button = button("renew", text(label), vec![], move |_| {
        if matches!(renewal.get_untracked(), Renewal::UnderWay) {
            return;
        }
        renewal.set(Renewal::UnderWay);
        let client = auth.client();
        spawn_local(async move {
            let outcome = client.refresh().await;
            // The page may have been left meanwhile.
            renewal.try_set(outcome.map_or_else(Renewal::Failed, |()| Renewal::Done));
        });
    });
    group(vec![with_class("p", "note", vec![text(note)]), button])
}

/// How the renewal went, told by screen readers, too.
fn said(demo: Demo, renewal: RwSignal<Renewal>) -> AnyView {
    let words = demo.words;
    let inside = dynamic(move || match renewal.get() {
        Renewal::None => nothing(),
        Renewal::UnderWay => paragraph(words.say("Renewing…", "更新しています…")),
        Renewal::Done => paragraph(words.say("Renewed.", "更新しました。")),
        Renewal::Failed(error) => {
            let texts = texts(words.0);
            let said = [texts.meaning(error.code()), " (", error.code().as_str(), ")"].concat();
            paragraph(said)
        }
    });
    element("div", vec![mark("renewal"), attribute("role", "status")], vec![inside])
}

fn sign_out(demo: Demo, can_end_at_provider: bool) -> AnyView {
    let words = demo.words;
    let label = words.say("Sign out of the provider, too", "プロバイダーからもサインアウトする");
    let properties = SignOutButtonProps::builder()
        .at_provider(true)
        .children(Box::new(move || text(label)))
        .build();
    let note = words.say(
        "“Sign out” at the top ends the session of this app. The provider may still know you.",
        "ページ上部の「サインアウト」で終わるのは、このアプリのセッションだけです。プロバイダーでは、まだサインインしたままかもしれません。",
    );
    if !can_end_at_provider {
        return with_class("p", "note", vec![text(note)]);
    }
    group(vec![with_class("p", "note", vec![text(note)]), SignOutButton(properties).into_any()])
}
