//! The islands of the page about PKCE.

use leptos::prelude::*;

use super::app::App;
use crate::components::elements::text;

pub(super) fn hasher(app: App, case: &str) -> AnyView {
    text(format!("{case} {}", app.recording().to_json()))
}

pub(super) fn compared(app: App, case: &str) -> AnyView {
    text(format!("{case} {}", app.recording().to_json()))
}
