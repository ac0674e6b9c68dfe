//! Every error code explained: where the errors of the components link to.

use leptos::prelude::*;

use super::Demo;
use super::blocks::{heading, paragraph, with_class};
use super::language::texts;
use crate::components::elements::{attribute, element, group, text};
use crate::protocol::ErrorCode;

pub(super) fn errors(demo: Demo) -> AnyView {
    let lead = demo.words.say(
        "Every error has a stable code, which apps, tests and this page share.",
        "すべてのエラーには、アプリ、テスト、このページに共通の変わらないコードがあります。",
    );
    let mut views = vec![
        heading(demo.words.say("Error codes", "エラーコード")),
        with_class("p", "lead", vec![text(lead)]),
    ];
    views.extend(ErrorCode::ALL.iter().map(|code| explanation(demo, *code)));
    group(views)
}

fn explanation(demo: Demo, code: ErrorCode) -> AnyView {
    let texts = texts(demo.words.0);
    let title = element("h2", vec![], vec![element("code", vec![], vec![text(code.as_str())])]);
    element(
        "section",
        vec![
            attribute("id", code.as_str()),
            attribute("class", "code"),
            attribute("tabindex", "-1"),
        ],
        vec![title, paragraph(texts.meaning(code)), paragraph(texts.advice(code))],
    )
}
