//! What must be true after every sign-in, also after one that failed.

use crate::browser::Browser;
use crate::site::Site;

/// Checks that no secret of the sign-in is left where it does not belong: not in the address, the
/// history, the document, the console or any storage, and that no sign-in is pending any more. WebKit
/// tells neither history nor console, so they are not looked at there.
pub fn nothing_is_left(browser: &Browser, site: &Site, secrets: &[String]) {
    addresses_are_clean(browser, site);
    storage_is_clean(browser);
    for (place, text) in traces(browser) {
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            assert!(!text.contains(secret.as_str()), "{secret} is in {place}: {text}");
        }
        // The page itself shows examples of verifiers; a sealed session has a name and a key.
        let page = ["the text", "the document", "the sealed session"].contains(&place);
        if let Some(found) = long_random_text(&text).filter(|_| !page) {
            panic!("something that looks like a secret is in {place}: {found}");
        }
    }
}

/// Checks the address, the history, and what the page's files were told in `Referer`.
fn addresses_are_clean(browser: &Browser, site: &Site) {
    let url = browser.url();
    assert!(!url.contains(['?', '#']), "the address is not clean: {url}");
    let history = browser.history().unwrap_or_default();
    for url in history.iter().filter(|url| url.starts_with(&site.origin())) {
        assert!(!holds_a_response(url), "the history is not clean: {url}");
    }
    for request in site.requests() {
        let referer = request.header("referer").unwrap_or_default();
        assert!(!holds_a_response(referer), "{} was told {referer}", request.path);
    }
}

fn holds_a_response(url: &str) -> bool {
    ["code=", "state=", "error=", "access_token="].iter().any(|name| url.contains(name))
}

/// The records in IndexedDB as text, by their names; the name of a foreign database, if there is one.
const RECORDS: &str = "return (async () => {
    const names = (await indexedDB.databases()).map(({name}) => name);
    const foreign = names.find(name => name !== 'pixy-login');
    if (foreign !== undefined || names.length === 0) return foreign ?? [];
    const done = request => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    const database = await done(indexedDB.open('pixy-login'));
    const store = database.transaction('records').objectStore('records');
    const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
    database.close();
    const text = value => value.text + ' ' + new TextDecoder('latin1').decode(value.sealed);
    return keys.map((key, index) => [key, text(values[index])]);
})()";

/// Checks that only the metadata of providers is kept, and the session where it is sealed.
fn storage_is_clean(browser: &Browser) {
    let known = ["pixy-login:metadata:", SESSION];
    let kept = browser.session_storage();
    let is_known = |key: &str| known.iter().any(|known| key.starts_with(known));
    let foreign = kept.iter().find(|(key, _)| !is_known(key));
    assert!(foreign.is_none(), "session storage: {foreign:?}");
    assert_eq!(browser.local_storage(), [], "local storage");
    let records = browser.execute(RECORDS);
    let records = records.as_array().unwrap_or_else(|| panic!("a database: {records}"));
    for record in records {
        let name = record[0].as_str().unwrap_or_default();
        assert!(name.starts_with("session:") || name.starts_with("tabs:"), "a record: {name}");
    }
    let cookies = browser.execute("return document.cookie");
    assert_eq!(cookies, "", "cookies");
}

/// Where the key to a sealed session is.
const SESSION: &str = "pixy-login:session:";

/// Every place where a page may leave something, with what is there.
fn traces(browser: &Browser) -> Vec<(&'static str, String)> {
    let page = |script| browser.execute(script).to_string();
    let (sealed, kept): (Vec<_>, Vec<_>) =
        browser.session_storage().into_iter().partition(|(key, _)| key.starts_with(SESSION));
    let texts = |entries: Vec<(String, String)>| {
        entries.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n")
    };
    vec![
        ("the sealed session", texts(sealed) + &page(RECORDS)),
        ("the address", browser.url()),
        ("the session storage", texts(kept)),
        ("the history's state", page("return history.state")),
        ("the window's name", page("return window.name")),
        ("the text", page("return document.body.innerText")),
        ("the document", page("return document.documentElement.outerHTML")),
        ("the console", browser.console().unwrap_or_default().join("\n")),
    ]
}

/// Whether a line of the console tells that a policy was violated, in any browser's words.
pub fn tells_of_a_violation(line: &str) -> bool {
    let words = ["Content Security Policy", "Content-Security-Policy", "Trusted Type"];
    words.iter().any(|word| line.contains(word))
}

/// States, nonces and verifiers are 43 letters of base64url; nothing else that is shown is.
fn long_random_text(text: &str) -> Option<&str> {
    let is_base64url = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    let mut words = text.split(|letter| !is_base64url(letter));
    words.find(|word| word.len() == 43)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_is_noticed_and_prose_is_not() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let line = format!("error: {verifier}.");
        assert_eq!(long_random_text(&line), Some(verifier));
        assert_eq!(long_random_text("Start the sign-in again on this page."), None);
    }

    #[test]
    fn responses_in_addresses_are_noticed() {
        assert!(holds_a_response("http://localhost/callback.html?code=x"));
        assert!(!holds_a_response("http://localhost/mail.html?page=2"));
    }
}
