//! Signing in with Google: from the button straight on to it, by way of the provider, which keeps the secret.
//! Here the stand-in takes Google's place.

use end_to_end::site::strict_policy;
use end_to_end::stage::{part, wait_for_error, wait_for_profile};
use end_to_end::{Browser, Stage, checks};
use serde_json::{Value, json};

/// The note in English that a stand-in takes somebody's place, in the demo and at the stand-in.
const NOTE: &str = "#upstream [lang=en] p.stand-in";
const WARNING: &str = "#stand-in";
/// Grace, in the stand-in's list.
const GRACE: &str = r#"button[value="grace"]"#;
/// Who is on the way, in a line, and the provider in the list below it.
const WAY: &str = "#upstream [lang=en] summary";
const BROKER: &str = "#upstream [lang=en] li:nth-child(3)";

fn stage(name: &str) -> Stage {
    let options = ["--upstream", name, "--stand-in-port", "0"];
    let settings = json!({"upstream": name, "upstream_is_stand_in": true});
    Stage::with_provider(&options, |_| settings.clone())
}

/// Goes on from the home page to the stand-in.
fn go_on(stage: &Stage) {
    stage.open_home();
    stage.browser.click(part::SIGN_IN);
    stage.browser.wait_for(WARNING);
}

fn come_back(stage: &Stage, name: &str) {
    stage.browser.click(GRACE);
    stage.provider.allow(&stage.browser);
    wait_for_profile(&stage.browser, name);
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn from_the_button_to_the_profile_and_no_secret_on_the_way() {
    let stage = stage("google");
    let browser = &stage.browser;
    let (issuer, upstream) = (stage.provider.issuer.as_str(), stage.provider.upstream.as_str());
    let connect = [issuer, stage.provider.resource.as_str()];
    stage.site.set_headers(vec![strict_policy(&connect, &[upstream])]);
    stage.open_home();
    assert_eq!(browser.text(part::SIGN_IN), "Continue with Google");
    browser.wait_for(NOTE);
    assert!(browser.text(NOTE).starts_with("This is not Google."));
    assert!(browser.text(WAY).ends_with("you → this page → a provider → Google"));
    browser.click(WAY);
    assert!(browser.text(BROKER).contains("broker"));
    assert!(has_logo(browser, "google.svg"));

    browser.click(part::SIGN_IN);
    browser.wait_for(WARNING);
    assert!(browser.url().starts_with(upstream), "straight on: {}", browser.url());
    assert!(browser.text(WARNING).starts_with("This is not Google."));
    come_back(&stage, "Grace Murray");

    // The picture and the address are Google's.
    browser.click(part::PROFILE_LINK);
    browser.wait_for(part::EMAIL);
    assert_eq!(browser.text(part::EMAIL), "grace@harbour.example");
    let mut violations = browser.console().unwrap_or_default();
    violations.retain(|line| checks::tells_of_a_violation(line));
    assert_eq!(violations, Vec::<String>::new());

    // The provider itself has shown the secret, once; the browser has sent none, to nobody.
    let mut with_secret = stage.provider.record(upstream);
    with_secret.retain(|request| request.has_parameter("client_secret"));
    let [request] = &with_secret[..] else { panic!("{with_secret:?}") };
    assert_eq!((&*request.target(), request.status()), ("POST /token", 200));
    assert!(!request.has_cookie() && request.text("origin").is_empty());
    assert!(request.has_parameter("code_verifier"));
    for request in stage.provider.record(issuer) {
        assert!(!request.has_parameter("client_secret"), "{request:?}");
    }
    for request in browser.requests() {
        assert!(!request.text().contains("client_secret"), "{request:?}");
        let sent_to_token_endpoint = request.url.starts_with(&format!("{upstream}/token"));
        assert!(!sent_to_token_endpoint, "{request:?}");
    }
}

/// Whether the button has this picture.
fn has_logo(browser: &Browser, file: &str) -> bool {
    let script = format!(
        "const button = document.querySelector('{}');
         return getComputedStyle(button, '::before').backgroundImage;",
        part::SIGN_IN
    );
    browser.execute(&script).as_str().is_some_and(|image| image.contains(file))
}

#[test]
fn the_same_for_github_which_speaks_oauth_alone() {
    let stage = stage("github");
    go_on(&stage);
    assert!(stage.browser.text(WARNING).starts_with("This is not GitHub."));
    come_back(&stage, "grace");
}

#[test]
fn whoever_cancels_there_is_told_so_and_can_try_again() {
    let stage = stage("google");
    go_on(&stage);
    stage.provider.cancel(&stage.browser);
    assert_eq!(wait_for_error(&stage.browser), "access_denied");
    stage.browser.click(part::RETRY);
    stage.browser.wait_for(WARNING);
    come_back(&stage, "Grace Murray");
}

#[test]
fn it_is_said_in_japanese_as_well() {
    let stage = stage("google");
    stage.open("?lang=ja");
    assert_eq!(stage.browser.text(part::SIGN_IN), "Google で続行");
    stage.browser.wait_for("#upstream [lang=ja] p.stand-in");
    assert!(!stage.browser.shows(NOTE));
}

#[test]
fn all_buttons_that_sign_in_say_and_look_the_same() {
    let stage = stage("google");
    for page in ["profile.html", "mail.html", "callback.html"] {
        stage.open(page);
        assert_eq!(stage.browser.text(part::SIGN_IN), "Continue with Google", "{page}");
        let looks = || has_logo(&stage.browser, "google.svg").then_some(());
        stage.browser.wait_until(&format!("the logo on {page}"), looks);
    }
}

#[test]
fn google_itself_is_not_called_a_stand_in() {
    let stage = stage("google");
    stage.site.set_settings(json!({
        "issuer": stage.provider.issuer, "client_id": "pixy-demo", "upstream": "google",
    }));
    stage.open_home();
    stage.browser.wait_for(WAY);
    assert!(!stage.browser.shows(NOTE));
}

#[test]
fn without_the_setting_nothing_of_it_is_loaded() {
    let stage = Stage::new();
    stage.open_home();
    assert_eq!(stage.browser.text(part::SIGN_IN), "Sign in");
    assert!(stage.site.requests().iter().all(|request| !request.path.contains("upstream")));
    assert_eq!(stage.browser.execute("return document.getElementById('upstream')"), Value::Null);
}
