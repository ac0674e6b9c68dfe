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
         The codes are stable. Leptos components show them; `Error::code()`, the widget's methods and its\n\
         `pixy-error` event carry them. This page is written from `src/protocol/error.rs`. Who has to act on\n\
         `id_token_invalid` depends on the claim that it is about: `Error::fault` says it.\n",
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
    text.push_str(
        "\n## widget_not_loaded\n\nThe widget's program could not be loaded. Only the widget says so, \
         before any of the above can happen.\n\n- Who has to act: network\n- Can trying again help: yes\n\
         - What to do: Serve pixy-login.wasm beside pixy-login.js.\n\
         \n## webassembly_missing\n\nThe browser has no WebAssembly, or has it switched off, as in Lockdown Mode. \
         Only the widget says so.\n\n- Who has to act: browser\n- Can trying again help: no\n\
         - What to do: Allow WebAssembly for this site in the browser, or use another one.\n\
         \n## webassembly_blocked\n\nThe page's policy does not let it run WebAssembly. Only the widget says \
         so.\n\n- Who has to act: configuration\n- Can trying again help: no\n\
         - What to do: Allow 'wasm-unsafe-eval' in the page's policy (script-src).\n\
         \n## widget_failed\n\nThe widget's program has come to grief. Only the widget says so.\n\n\
         - Who has to act: browser\n- Can trying again help: no\n\
         - What to do: Reload the page, and report it: the console says where.\n",
    );
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

/// All Rust sources below a folder, as one text.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("a folder of sources").flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| !path.ends_with("node_modules"))
        .map(|path| match path.extension() {
            _ if path.is_dir() => sources(&path),
            Some(ending) if ending == "rs" => fs::read_to_string(&path).expect("a source"),
            _ => String::new(),
        })
        .collect()
}

/// What a page says is shown by a test is linked to that test: `[`name`](../file)`.
#[test]
fn pages_link_to_tests_that_there_are() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let read = |name| fs::read_to_string(docs.join(name)).expect("a page");
    let page = read("comparison.md") + &read("pains.md");
    let mut found = 0;
    for link in page.split("[`").skip(1) {
        let (name, rest) = link.split_once("`](").expect("a link behind the name");
        let (file, _) = rest.split_once(')').expect("the end of the link");
        let code = fs::read_to_string(docs.join(file)).unwrap_or_else(|_| panic!("no file {file}"));
        assert!(code.contains(&format!("fn {name}(")), "{file} has no test {name}");
        found += 1;
    }
    assert!(found > 80, "the pages have {found} links");
}

/// A code that nothing can lead to would be documented in vain: each is what some test expects.
#[test]
fn every_error_code_is_reached_by_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = sources(&root.join("src/protocol/tests")) + &sources(&root.join("tests"));
    let expected: Vec<&str> = tests
        .split("ErrorCode::")
        .skip(1)
        .filter_map(|rest| rest.split(|letter: char| !letter.is_alphanumeric()).next())
        .collect();
    for code in ErrorCode::ALL {
        let quoted = format!("\"{}\"", code.as_str());
        let is_expected = expected.contains(&&*format!("{code:?}")) || tests.contains(&quoted);
        assert!(is_expected, "no test expects {code:?}");
    }
}

fn is_test_of_a_rule_or_row(name: &str) -> bool {
    let number = name.strip_prefix(['r', 't', 'f']).and_then(|rest| rest.split('_').next());
    number.is_some_and(|number| number.parse::<u16>().is_ok())
}

#[test]
fn the_page_of_rules_names_the_tests_that_there_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/rules.md")).expect("docs/rules.md");
    let code = sources(&root.join("src")) + &sources(&root.join("tests"));
    let exists = |name: &str| code.contains(&format!("fn {name}("));
    let named = page.split('`').filter(|word| is_test_of_a_rule_or_row(word) && word.contains('_'));
    for name in named.filter(|name| !name.ends_with('…')) {
        assert!(exists(name), "docs/rules.md names {name}, which is no test");
    }
    let words = code.split("fn ").filter_map(|rest| rest.split('(').next());
    for name in words.filter(|name| is_test_of_a_rule_or_row(name)) {
        assert!(page.contains(&format!("`{name}`")), "docs/rules.md lacks {name}");
    }
}
