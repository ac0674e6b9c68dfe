//! What protects a session, each at the real provider: bound tokens, pushed requests, changed keys,
//! revoked and spent tokens, and signing out there.

use end_to_end::provider::Provider;
use end_to_end::stage::{part, wait_for_state};
use end_to_end::{Browser, NetworkRequest, Options, Site, SiteOptions, Stage, checks, site};
use serde_json::{Value, json};

/// Keeps the answers of the token endpoint where only the test can ask for them.
const LISTENER: &str = "
    const realFetch = window.fetch, answers = [];
    window.fetch = async (...given) => {
        const response = await realFetch(...given);
        if (response.url.endsWith('/token')) answers.push(await response.clone().json());
        return response;
    };
    Object.defineProperty(window, 'tokenAnswers', {value: () => answers});";

fn header<'a>(request: &'a NetworkRequest, name: &str) -> Option<&'a str> {
    let found = request.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// The calls of a path at the provider, preflights not counted.
fn calls(stage: &Stage, path: &str) -> Vec<NetworkRequest> {
    let url = [&stage.provider.issuer, path].concat();
    let mut requests = stage.browser.requests();
    requests.retain(|request| request.url == url && request.method != "OPTIONS");
    requests
}

fn session(stage: &Stage) -> String {
    stage.browser.click(part::PROFILE_LINK);
    stage.browser.text(part::SESSION)
}

fn no_more(_: &Provider) -> Value {
    json!({})
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn a_plain_provider_gives_plain_tokens() {
    let stage = Stage::with_provider(&["--no-dpop"], |_| json!({"par": "off"}));
    stage.sign_in();
    let userinfo = &calls(&stage, "/me")[0];
    assert!(header(userinfo, "authorization").is_some_and(|value| value.starts_with("Bearer ")));
    assert!(header(userinfo, "dpop").is_none());
    assert!(session(&stage).contains("bearer"));
    checks::nothing_is_left(&stage.browser, &stage.site, &[]);
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn tokens_are_bound_to_a_key_where_the_provider_can() {
    for options in [&[][..], &["--dpop-nonce"]] {
        let stage = Stage::with_provider(options, |_| json!({"par": "off"}));
        stage.sign_in();
        let userinfo = calls(&stage, "/me");
        let userinfo = userinfo.last().expect("the profile was asked for");
        assert!(header(userinfo, "authorization").is_some_and(|value| value.starts_with("DPoP ")));
        assert!(header(userinfo, "dpop").is_some());
        assert!(session(&stage).contains("DPoP"));
        stage.browser.click(part::MAIL_LINK);
        stage.browser.wait_for(part::INSUFFICIENT_SCOPE);
        checks::nothing_is_left(&stage.browser, &stage.site, &[]);
    }
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn a_provider_that_wants_pushed_requests_gets_them() {
    let stage = Stage::with_provider(&["--require-par", "--no-dpop"], no_more);
    stage.sign_in();
    assert_eq!(calls(&stage, "/request").len(), 1);
    let requests = stage.browser.requests();
    let departure = requests.iter().find(|request| request.url.contains("/auth?"));
    let url = &departure.expect("the page was left").url;
    assert!(url.contains("request_uri=") && !url.contains("code_challenge"), "{url}");
}

/// Signs in, consents, and reads the mail.
fn read_mail(stage: &Stage) {
    stage.open_home();
    stage.browser.click(part::SIGN_IN);
    stage.provider.sign_in(&stage.browser, stage.account());
    stage.provider.allow(&stage.browser);
    wait_for_state(&stage.browser, "signed-in");
    stage.browser.click(part::MAIL_LINK);
    stage.browser.wait_for(part::MAIL);
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn bound_and_pushed_and_for_one_api() {
    let stage = Stage::with_provider(&["--require-par", "--dpop-nonce"], |provider| {
        let resource = [&provider.resource, "/mail"].concat();
        json!({"resource": resource, "dpop": "required", "par": "required",
               "scope": "openid profile email mail"})
    });
    read_mail(&stage);
    let pushed = &calls(&stage, "/request");
    assert!(pushed.iter().all(|request| header(request, "dpop").is_some()));
    let says = |name: &str| pushed[0].body.contains(name);
    assert!(!stage.browser.tells_bodies() || (says("resource=") && says("dpop_jkt=")));
}

// At this provider a token is for userinfo, or for one API.
#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn an_api_gets_a_token_of_its_own() {
    let stage = Stage::with_provider(&["--refresh-tokens"], |provider| {
        let resource = [&provider.resource, "/mail"].concat();
        json!({"resource_server_resource": resource,
               "scope": "openid profile email mail"})
    });
    read_mail(&stage);
    let bodies: Vec<String> = calls(&stage, "/token").into_iter().map(|call| call.body).collect();
    assert_eq!(bodies.len(), 2, "a code, and a refresh");
    let is_told = stage.browser.tells_bodies();
    assert!(!is_told || (!bodies[0].contains("resource=") && bodies[1].contains("resource=")));
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn keys_that_change_during_a_session_are_learned() {
    let stage = Stage::with_provider(&["--test-controls", "--refresh-tokens"], no_more);
    stage.sign_in();
    rotate_keys(&stage);
    stage.browser.click(part::PROFILE_LINK);
    stage.browser.click(part::RENEW);
    wait_for_renewal(&stage.browser, "Renewed.");
    assert_eq!(calls(&stage, "/jwks").len(), 2, "once at the sign-in, once for the unknown key");
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn a_session_is_renewed_until_its_refresh_token_was_spent_by_another() {
    let options = ["--refresh-tokens", "--no-dpop"];
    let stage = Stage::with_provider(&options, |_| json!({"par": "off"}));
    stage.browser.before_every_page(LISTENER);
    stage.sign_in();
    stage.browser.click(part::PROFILE_LINK);
    stage.browser.click(part::RENEW);
    wait_for_renewal(&stage.browser, "Renewed.");
    // Somebody has stolen the first refresh token and tries it: the provider ends the whole family.
    let stolen = token(&stage.browser, 0, "refresh_token");
    let endpoint = [&stage.provider.issuer, "/token"].concat();
    let replayed = stage.browser.execute(&format!(
        "return fetch('{endpoint}', {{method: 'POST', body: new URLSearchParams({{
            grant_type: 'refresh_token', client_id: 'pixy-demo', refresh_token: '{stolen}'}})}})
            .then(answer => answer.status)"
    ));
    assert_eq!(replayed, 400);
    stage.browser.click(part::RENEW);
    wait_for_state(&stage.browser, "failed");
    assert_eq!(end_to_end::stage::wait_for_error(&stage.browser), "session_ended");
    checks::nothing_is_left(&stage.browser, &stage.site, &[stolen]);
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn a_token_is_worthless_after_signing_out() {
    let options = ["--refresh-tokens", "--no-dpop"];
    let stage = Stage::with_provider(&options, |_| json!({"par": "off"}));
    stage.browser.before_every_page(LISTENER);
    stage.sign_in();
    let used = token(&stage.browser, 0, "access_token");
    let userinfo = [&stage.provider.issuer, "/me"].concat();
    let call = format!(
        "return fetch('{userinfo}', {{headers: {{authorization: 'Bearer {used}'}}}})
            .then(answer => answer.status)"
    );
    assert_eq!(stage.browser.execute(&call), 200);
    stage.browser.click(part::SIGN_OUT);
    wait_for_state(&stage.browser, "signed-out");
    stage.browser.wait_until("the token to be refused", || {
        (stage.browser.execute(&call) == 401).then_some(())
    });
}

#[test]
fn signing_out_at_the_provider_forgets_the_person_there_and_comes_back() {
    let stage = Stage::new();
    stage.sign_in();
    stage.browser.click(part::PROFILE_LINK);
    stage.browser.click(part::SIGN_OUT_AT_PROVIDER);
    let page = stage.browser.wait_for_url("the provider", |url| url.contains("/session/end"));
    assert!(page.contains("id_token_hint=") && page.contains("state="), "{page}");
    stage.provider.confirm_sign_out(&stage.browser);
    wait_for_state(&stage.browser, "signed-out");
    assert_eq!(stage.browser.url(), stage.site.url(""), "the state is gone from the address");
    checks::nothing_is_left(&stage.browser, &stage.site, &[]);
    // The provider asks for the password again.
    stage.browser.click(part::SIGN_IN);
    stage.browser.wait_for(end_to_end::provider::LOGIN);
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn a_long_sign_out_goes_as_a_form() {
    let folders = "/a-folder".repeat(140);
    let options = SiteOptions { prefix: folders, ..SiteOptions::default() };
    let stage = Stage::with(options, &Options::default());
    stage.sign_in();
    stage.browser.click(part::PROFILE_LINK);
    stage.browser.click(part::SIGN_OUT_AT_PROVIDER);
    stage.provider.confirm_sign_out(&stage.browser);
    wait_for_state(&stage.browser, "signed-out");
    let form = stage
        .browser
        .requests()
        .into_iter()
        .find(|request| request.method == "POST" && request.url.ends_with("/session/end"));
    let form = form.expect("a form was sent").body;
    let has_all = form.contains("id_token_hint=") && form.contains("state=");
    assert!(!stage.browser.tells_bodies() || has_all, "{form}");
    assert_eq!(stage.browser.url(), stage.site.url(""));
}

#[test]
fn id_tokens_are_verified_whatever_they_are_signed_with() {
    for algorithm in ["ES256", "PS384", "EdDSA", "RS512"] {
        let stage = Stage::with_provider(&["--id-token-alg", algorithm], no_more);
        stage.sign_in();
    }
}

#[test]
fn a_profile_may_come_as_a_signed_token() {
    let stage = Stage::with_provider(&["--signed-userinfo"], no_more);
    stage.sign_in();
    assert_eq!(stage.browser.text(part::NAME), stage.account().name);
}

#[test]
fn the_address_of_a_metadata_document_is_a_client_id() {
    let id = "https://app.example/client.json";
    let site = Site::start(site::built("demo"), SiteOptions::default());
    let provider = Provider::start(&[(id, &site.url("callback.html"))]);
    site.set_settings(json!({"issuer": provider.issuer, "client_id": id}));
    let stage = Stage { browser: Browser::start(), site, provider };
    stage.sign_in();
}

#[test]
fn a_return_from_a_logout_of_somebody_else_is_an_ordinary_page() {
    let stage = Stage::new();
    stage.open("?state=not-of-this-tab");
    assert!(!stage.browser.shows(part::ERROR));
    assert!(stage.browser.url().ends_with("?state=not-of-this-tab"));
    stage.sign_in();
}

fn rotate_keys(stage: &Stage) {
    let control = [&stage.provider.issuer, "/_rotate-keys"].concat();
    let script =
        format!("return fetch('{control}', {{method: 'POST', mode: 'no-cors'}}).then(() => 1)");
    assert_eq!(stage.browser.execute(&script), 1);
}

fn wait_for_renewal(browser: &Browser, said: &str) {
    browser.wait_until(said, || (browser.text(part::RENEWAL) == said).then_some(()));
}

fn token(browser: &Browser, answer: usize, name: &str) -> String {
    let answers = browser.execute("return tokenAnswers()");
    answers[answer][name].as_str().unwrap_or_else(|| panic!("no {name}")).to_owned()
}
