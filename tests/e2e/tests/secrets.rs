//! No secret in what is built and sent, and the secrets of a sign-in only where they belong.

use std::path::{Path, PathBuf};
use std::{env, fs};

use end_to_end::site::{built, built_example, workspace};
use end_to_end::stage::{part, wait_for_error};
use end_to_end::{Browser, NetworkRequest, Site, SiteOptions, Stage, checks, provider};
use hostile_server::encoding::{first, parse_form};
use serde_json::{Value, json};

/// How a client secret would be called.
const SECRET_NAMES: [&str; 4] =
    ["client_secret", "client-secret", "clientsecret", "client_assertion"];

/// Every built file, as text.
fn built_files() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for name in ["demo", "widget", "widget-example"] {
        collect_files(&built(name), &mut files);
    }
    assert!(files.iter().any(|file| file.extension().is_some_and(|end| end == "wasm")));
    let read = |file: PathBuf| {
        let content = fs::read(&file).expect("a built file can be read");
        (file, String::from_utf8_lossy(&content).into_owned())
    };
    files.into_iter().map(read).collect()
}

#[test]
fn the_built_files_tell_nothing_of_the_machine_that_built_them() {
    let home = env::home_dir().expect("a home").display().to_string();
    let project = fs::canonicalize(workspace()).expect("the project").display().to_string();
    for (file, content) in built_files() {
        for own in [&home, &project] {
            assert!(!content.contains(&format!("{own}/")), "{own} in {}", file.display());
        }
    }
}

#[test]
fn the_built_files_know_no_client_secret() {
    for (file, content) in built_files() {
        let content = content.to_ascii_lowercase();
        for name in SECRET_NAMES {
            assert!(!content.contains(name), "{name} in {}", file.display());
        }
    }
}

/// Under which name the demo's inspector keeps what it has written down while the page is at the provider.
const RECORDING: &str = "pixy-demo:recording";

#[test]
fn no_build_but_the_demo_writes_a_sign_in_down() {
    let programs = |folder: PathBuf| {
        let mut files = Vec::new();
        collect_files(&folder, &mut files);
        files.retain(|file| file.extension().is_some_and(|end| end == "wasm" || end == "js"));
        assert!(files.iter().any(|file| file.extension().is_some_and(|end| end == "wasm")));
        let read = |file: PathBuf| {
            let content = fs::read(&file).expect("a built file can be read");
            (file, String::from_utf8_lossy(&content).into_owned())
        };
        files.into_iter().map(read).collect::<Vec<_>>()
    };
    let demo = programs(built("demo"));
    assert!(demo.iter().any(|(_, content)| content.contains(RECORDING)), "the demo does");
    // The example is an app of somebody's own, with the library as a crate.
    for folder in [built("widget"), built("vault"), built_example().join("site")] {
        for (file, content) in programs(folder) {
            assert!(!content.contains("pixy-demo:"), "the inspector is in {}", file.display());
        }
    }
}

fn collect_files(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a built directory").flatten() {
        if entry.path().is_dir() {
            collect_files(&entry.path(), files);
        } else {
            files.push(entry.path());
        }
    }
}

#[test]
fn a_client_secret_in_the_settings_is_refused() {
    let site = Site::start(built("demo"), SiteOptions::default());
    site.set_settings(json!({
        "issuer": "https://id.example",
        "client_id": "app",
        "client_secret": "do-not-use",
    }));
    let browser = Browser::start();
    browser.open(&site.url(""));
    assert_eq!(wait_for_error(&browser), "invalid_config");
    let shown = browser.text(part::ERROR);
    assert!(shown.contains("client_secret") && !shown.contains("do-not-use"), "{shown}");
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn no_client_secret_is_ever_sent() {
    let stage = Stage::new();
    stage.sign_in();
    let requests = stage.browser.requests();
    if stage.browser.tells_bodies() {
        assert!(requests.iter().any(|request| request.body.contains("code_verifier=")));
    }
    for request in requests {
        let text = request.text().to_ascii_lowercase();
        for name in SECRET_NAMES {
            assert!(!text.contains(name), "{name} in {text}");
        }
        assert!(!text.contains("basic "), "client authentication in {text}");
    }
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn the_verifier_is_in_session_storage_before_the_redirect_and_gone_after() {
    let stage = Stage::new();
    let browser = &stage.browser;
    stage.site.add_page("blank.html", "<!doctype html><title>Blank</title>");
    stage.open_home();
    browser.click(part::SIGN_IN);
    browser.wait_for(provider::LOGIN);

    // Session storage belongs to the tab and the origin, so another page of the app can read it.
    browser.open(&stage.site.url("blank.html"));
    let (state, pending) = only_pending_login(browser);
    let verifier = text_at(&pending, "code_verifier");
    let nonce = text_at(&pending, "nonce");
    let challenge = challenge_of(browser, &verifier);
    let recording = kept_recording(browser);
    assert!(recording.contains(&challenge), "what was sent is written down: {recording}");
    assert!(!recording.contains(&verifier), "the verifier is in {recording}");
    browser.back();
    stage.finish_sign_in();

    if !browser.tells_bodies() {
        return;
    }
    let requests = browser.requests();
    let authorization = authorization_request(&requests);
    assert_eq!(first(&authorization, "state"), Some(state.as_str()));
    assert_eq!(first(&authorization, "nonce"), Some(nonce.as_str()));
    assert_eq!(first(&authorization, "code_challenge"), Some(challenge.as_str()));
    assert_eq!(first(&authorization, "code_challenge_method"), Some("S256"));
    let token_request = parse_form(&token_request(&requests).body);
    assert_eq!(first(&token_request, "code_verifier"), Some(verifier.as_str()));
    let code = first(&token_request, "code").expect("the code is sent").to_owned();
    checks::nothing_is_left(browser, &stage.site, &[verifier, state, nonce, code]);
}

/// What the demo has written down of the sign-in so far.
fn kept_recording(browser: &Browser) -> String {
    let kept = browser.session_storage().into_iter().find(|(key, _)| key == RECORDING);
    kept.expect("a recording").1
}

fn only_pending_login(browser: &Browser) -> (String, Value) {
    let kept = browser.session_storage();
    let mut pending = kept
        .iter()
        .filter_map(|(key, text)| Some((key.strip_prefix("pixy-login:pending:")?, text)));
    let (state, text) = pending.next().expect("a login is pending");
    assert_eq!(pending.count(), 0, "only one login is pending");
    (state.to_owned(), serde_json::from_str(text).expect("the record is JSON"))
}

fn text_at(record: &Value, name: &str) -> String {
    record[name].as_str().unwrap_or_else(|| panic!("no {name} in {record}")).to_owned()
}

/// The code challenge of a verifier (RFC 7636 section 4.2), as the browser's own SHA-256 says.
fn challenge_of(browser: &Browser, verifier: &str) -> String {
    let challenge = browser.execute(&format!(
        "return crypto.subtle.digest('SHA-256', new TextEncoder().encode('{verifier}')).then(hash =>
            btoa(String.fromCharCode(...new Uint8Array(hash)))
                .replaceAll('+', '-').replaceAll('/', '_').replace('=', ''))"
    ));
    challenge.as_str().expect("a text").to_owned()
}

fn authorization_request(requests: &[NetworkRequest]) -> Vec<(String, String)> {
    // It was pushed, so that the address shows only a reference (RFC 9126).
    let found = requests.iter().find(|request| request.body.contains("code_challenge="));
    parse_form(&found.expect("an authorization request").body)
}

fn token_request(requests: &[NetworkRequest]) -> &NetworkRequest {
    let mut found = requests.iter().filter(|request| request.body.contains("code_verifier="));
    let request = found.next().expect("a token request");
    assert_eq!(found.count(), 0, "one token request");
    request
}

/// Keeps what the token endpoint answered where only the test can ask for it.
const LISTENER: &str = "
    const realFetch = window.fetch, answers = [];
    window.fetch = async (...given) => {
        const response = await realFetch(...given);
        if (response.url.endsWith('/token')) answers.push(await response.clone().text());
        return response;
    };
    Object.defineProperty(window, 'tokenAnswers', {value: () => answers});";

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn r56_the_tokens_are_in_no_storage_and_not_on_the_page() {
    let stage = Stage::new();
    stage.browser.before_every_page(LISTENER);
    stage.sign_in();
    let answers = stage.browser.execute("return tokenAnswers()");
    let answer = answers[0].as_str().expect("the token response");
    let answer: Value = serde_json::from_str(answer).expect("the token response is JSON");
    let tokens = ["access_token", "id_token"].map(|name| text_at(&answer, name));
    checks::nothing_is_left(&stage.browser, &stage.site, &tokens);
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn t25_the_code_is_in_no_address_history_or_request() {
    let stage = Stage::new();
    stage.sign_in();
    let browser = &stage.browser;
    if !browser.tells_bodies() {
        return;
    }
    let code = parse_form(&token_request(&browser.requests()).body);
    let code = first(&code, "code").expect("the code is sent");

    assert_eq!(browser.url(), stage.site.url(""));
    let history = browser.history().expect("the history is told");
    assert!(history.iter().all(|url| !url.contains(code)), "the history");
    assert!(browser.execute("return history.state === null") == true);
    // What the page loaded, and what it was told with it. The browser's own entry of the navigation
    // itself can't be changed; it goes with the page, and the code in it is spent.
    let loaded = browser.execute(
        "return performance.getEntriesByType('resource').map(entry => entry.name).join(' ')",
    );
    assert!(!loaded.to_string().contains(code), "{loaded}");
    for request in stage.site.requests() {
        let referer = request.header("referer").unwrap_or_default();
        assert!(!referer.contains(code), "{} was told {referer}", request.path);
    }
}
