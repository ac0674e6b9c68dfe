//! The page's address after the provider's answer: only an honest answer is believed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pixy_login::protocol::{Callback, ErrorCode, SecureUrl};
use pixy_login_fuzz::{ISSUER, NOW, REDIRECT_URI, STATE, assert_presentable, config, login};
use url::form_urlencoded;

// What stands behind the redirect URI, or a whole address.
fuzz_target!(|text: &str| {
    let page =
        if text.starts_with("http") { text.to_owned() } else { [REDIRECT_URI, text].concat() };
    let redirect_uri = SecureUrl::parse(REDIRECT_URI).unwrap();
    let Some(callback) = Callback::from_url(&page, &redirect_uri) else {
        // As another window of the origin might say it.
        let said = Callback::from_text(text);
        assert!(said.is_none_or(|said| said.judge(None, false, &config(), NOW).is_err()));
        return;
    };
    let handed_over = Callback::from_text(&callback.to_text()).expect("the same answer");
    assert_eq!(handed_over.state(), callback.state());
    assert!(Callback::is_page(&page, &redirect_uri));

    let alone = callback.clone().judge(None, false, &config(), NOW);
    assert!(alone.is_err(), "believed without its login");
    for names_issuer in [false, true] {
        let login = login(names_issuer);
        match callback.clone().judge(Some(login), false, &config(), NOW) {
            Ok(authorization) => {
                assert!(is_honest(&page, names_issuer), "believed: {page:?}");
                let shown = format!("{authorization:?}");
                assert!(!shown.contains(STATE), "the state is shown");
            }
            Err(error) => {
                assert_presentable(&error);
                // A code may be of characters that no code has, and a fragment may hold an answer too.
                let has_reason = error.code() == ErrorCode::CodeMissing || page.contains('#');
                assert!(has_reason || !is_honest(&page, names_issuer), "{error}: {page:?}");
            }
        }
    }
});

/// The rules once more, read from the other end: exactly one code and our state, the right issuer where
/// one is named, and nothing else that an answer may have.
fn is_honest(page: &str, names_issuer: bool) -> bool {
    let (page, fragment) = page.split_once('#').unwrap_or((page, ""));
    let query = page.split_once('?').map_or("", |(_, query)| query);
    let parameters: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let values = |name: &str| -> Vec<&str> {
        let named = parameters.iter().filter(|(known, _)| known == name);
        named.map(|(_, value)| value.as_str()).collect()
    };
    let issuer = match values("iss")[..] {
        [] | [""] => !names_issuer,
        [issuer] => issuer == ISSUER,
        _ => false,
    };
    let absent = ["error", "response", "access_token", "id_token", "token_type"];
    let at_most_once = ["error_description", "error_uri", "session_state"];
    let in_fragment = form_urlencoded::parse(fragment.as_bytes())
        .any(|(name, value)| name == "code" && !value.is_empty());
    matches!(values("code")[..], [code] if !code.is_empty())
        && values("state") == [STATE]
        && issuer
        && absent.iter().all(|name| values(name).is_empty())
        && at_most_once.iter().all(|name| values(name).len() <= 1)
        && !in_fragment
}
