//! A file for each subject. The property tests are judged by oracles that share no code with what they
//! test.

mod algorithm;
mod allow_list;
mod authorization;
mod callback;
mod challenge;
mod config;
mod discovery;
#[cfg(feature = "dpop")]
mod dpop;
mod entra;
mod error;
mod field;
mod hostile;
mod id_token;
mod issuer;
mod json;
mod jws;
mod key_set;
mod left_out;
mod logout;
mod pending_login;
mod pkce;
#[cfg(feature = "presets")]
mod presets;
mod profile;
mod profile_mapping;
#[cfg(feature = "presets")]
mod providers;
#[cfg(feature = "par")]
mod pushed_request;
mod refresh;
mod refused_token;
mod request_header;
mod request_options;
mod return_to;
mod revocation;
mod scope;
mod secure_url;
mod step_up;
mod text;
mod token;
mod token_set;
mod unsupported;

use proptest::prelude::*;

use super::*;

/// How often a property is tried. No files of failures: what fails once becomes a test of its own.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Any text, often of characters that mean something in URLs, headers and JSON.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,60}",
        r#"[a-z0-9:/?#@&=%+.,;"'\\ \[\]{}<>|^`~\t\r\n\u{0}\u{7f}\u{202e}\u{feff}é日-]{0,60}"#,
    ]
}

/// `text` with a few bytes changed, left out or put in.
fn damaged(text: String) -> impl Strategy<Value = Vec<u8>> {
    let length = text.len();
    let change = (0..=length, any::<u8>(), 0..3_u8);
    prop::collection::vec(change, 1..4).prop_map(move |changes| {
        let mut bytes = text.clone().into_bytes();
        for (index, byte, kind) in changes {
            let index = index.min(bytes.len());
            match kind {
                0 => bytes.insert(index, byte),
                1 if index < bytes.len() => bytes[index] = byte,
                _ => bytes.truncate(index),
            }
        }
        bytes
    })
}
