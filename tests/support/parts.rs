//! The names by which tests find parts of the page.

/// The parts of the components and of the widget, and those of the tests' own apps. Each is waited for
/// somewhere, so that none has lost its meaning.
const PARTS: [&str; 14] = [
    "ask",
    "busy",
    "cancel",
    "error",
    "error-more",
    "greeting",
    "inside",
    "profile",
    "profile-email",
    "profile-name",
    "retry",
    "sign-in",
    "sign-in-needed",
    "sign-out",
];

/// The selector of a part. A name that is none would be found nowhere, as some tests want it.
pub fn selector(part: &str) -> String {
    format!("[data-pixy={}]", known(part))
}

/// The name of a part, which must be one.
pub fn known(part: &str) -> &str {
    assert!(PARTS.contains(&part), "no part of the page is called {part}");
    part
}
