//! The island `scopes`.

use leptos::prelude::*;

use super::app::App;
use crate::components::elements::text;

pub(super) fn scopes(app: App, case: &str) -> AnyView {
    text(format!("{case} {}", app.recording().to_json()))
}
