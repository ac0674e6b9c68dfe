//! The documents say what the code says.

#![cfg(not(target_arch = "wasm32"))]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use pixy_login::protocol::ErrorCode;

/// The table of all error codes, one section each, so that a code can be linked to.
fn error_table() -> String {
    let mut text = String::from(
        "# Error codes\n\n\
         The codes are stable. Leptos components show them, `Error::code()` and the widget's\n\
         `pixy-error` event carry them. This page is written from `src/protocol/error.rs`.\n",
    );
    for code in ErrorCode::ALL {
        let retry = if code.retry_can_help() { "yes" } else { "no" };
        let _ = write!(
            text,
            "\n## {}\n\n{}\n\n- Who has to act: {}\n- Can trying again help: {retry}\n- What to do: {}\n",
            code.as_str(),
            code.meaning(),
            code.fault().as_str(),
            code.advice(),
        );
    }
    text
}

#[test]
fn every_error_code_is_documented_as_the_code_has_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md");
    let expected = error_table();
    if env::var_os("PIXY_WRITE_DOCS").is_some() {
        fs::write(&path, &expected).expect("docs/errors.md can be written");
    }
    let written = fs::read_to_string(&path).expect("docs/errors.md");
    assert!(
        written == expected,
        "docs/errors.md differs: PIXY_WRITE_DOCS=1 cargo test --test documents"
    );
}

#[test]
fn the_readmes_example_is_the_one_that_is_compiled_and_short() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let example = fs::read_to_string(root.join("examples/minimal.rs")).expect("the example");
    let readme = fs::read_to_string(root.join("README.md")).expect("README.md");
    assert!(example.lines().count() <= 25);
    assert!(readme.contains(&format!("```rust\n{example}```")), "README.md has another example");
}
