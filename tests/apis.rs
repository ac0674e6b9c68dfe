//! APIs that have an access token of their own: it is fetched by refresh, kept, renewed and handed back.

#![cfg(target_arch = "wasm32")]

mod support;

use futures_util::future::join;
use pixy_login::client::{Client, ResourceRequest};
use pixy_login::protocol::{Api, Config, Error, ErrorCode, StepUpPolicy};
use support::{HOSTILE, config, record, sessions, signed_in, until_asked};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// The two APIs of a case, each of which takes the tokens that were made for itself alone.
fn letters(case: &str) -> String {
    format!("{HOSTILE}/{case}/api")
}

fn mail(case: &str) -> String {
    format!("{HOSTILE}/{case}/mail")
}

fn api(url: &str, resource: &str) -> Api {
    Api::at(url).and_then(|api| api.resource(resource)).expect("an API")
}

fn settings(case: &str) -> Config {
    let mail = api(&mail(case), "urn:mail").scope("mail").expect("a scope");
    let config = config(case).scope("openid offline_access").expect("a scope");
    config.allow_api(api(&letters(case), "urn:api").takes_proofs()).allow_api(mail.takes_proofs())
}

async fn call(client: &Client, url: &str) -> Result<u16, Error> {
    client.fetch(ResourceRequest::get(url)).await.map(|answer| answer.status)
}

async fn is_answered(client: &Client, url: &str) {
    assert_eq!(call(client, url).await.expect("an answer"), 200, "{url}");
}

/// How often the token endpoint of a case was called.
async fn token_requests(case: &str) -> usize {
    sessions::token_requests(&record(case).await)
}

#[wasm_bindgen_test]
async fn an_api_gets_a_token_of_its_own() {
    for case in ["own-token", "own-token-dpop"] {
        let (_, client) = signed_in(&settings(case)).await;
        let own = client.expose_access_token();
        for _ in 0..2 {
            is_answered(&client, &letters(case)).await;
            is_answered(&client, &mail(case)).await;
        }
        assert_eq!(token_requests(case).await, 3, "{case}: one of the login, and one for each");
        assert_eq!(client.expose_access_token(), own, "{case}: the session has its own");
        client.refresh().await.expect("a new token");
        is_answered(&client, &mail(case)).await;
        assert_eq!(token_requests(case).await, 4, "{case}: it outlives the session's own");
    }
}

#[wasm_bindgen_test]
async fn the_sign_in_names_all_apis_and_each_refresh_one() {
    let case = "own-token~requests";
    let (tab, client) = signed_in(&settings(case)).await;
    let url = tab.left_for();
    for parameter in
        ["resource=urn%3Aapi", "resource=urn%3Amail", "scope=openid+offline_access+mail"]
    {
        assert_eq!(url.matches(parameter).count(), 1, "{parameter} in {url}");
    }
    is_answered(&client, &letters(case)).await;
    is_answered(&client, &mail(case)).await;
    client.refresh().await.expect("a new token");
    let requests = record(case).await.requests;
    let bodies = requests.iter().filter(|one| one.went_to("token"));
    let named: Vec<String> = bodies
        .map(|one| {
            one.parameters
                .iter()
                .filter(|name| ["resource", "scope"].contains(&name.as_str()))
                .cloned()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    assert_eq!(named, ["", "resource", "resource scope", ""]);
}

// A refresh token is good once: whoever comes second waits for the next.
#[wasm_bindgen_test]
async fn apis_that_are_called_at_once_take_turns() {
    let case = "own-token~at-once";
    let (_, client) = signed_in(&settings(case)).await;
    let (letters, mail) = (letters(case), mail(case));
    let twice = join(call(&client, &letters), call(&client, &letters));
    let (all, renewed) = join(join(twice, call(&client, &mail)), client.refresh()).await;
    assert_eq!(all, ((Ok(200), Ok(200)), Ok(200)));
    assert_eq!(renewed, Ok(()));
    assert_eq!(token_requests(case).await, 4);
}

#[wasm_bindgen_test]
async fn the_tokens_of_apis_are_kept_for_the_next_page() {
    let case = "own-token~next-page";
    let (tab, client) = signed_in(&settings(case)).await;
    is_answered(&client, &letters(case)).await;
    drop(client);
    let client = tab.open(&settings(case));
    client.start().await.expect("the session");
    is_answered(&client, &letters(case)).await;
    assert_eq!(token_requests(case).await, 2);
    is_answered(&client, &mail(case)).await;
    assert_eq!(token_requests(case).await, 3);
}

#[wasm_bindgen_test]
async fn the_tokens_of_apis_are_renewed_before_they_run_out() {
    let case = "own-token~life";
    let (tab, client) = signed_in(&settings(case)).await;
    is_answered(&client, &letters(case)).await;
    tab.clock.0.set(tab.clock.0.get() + 3590);
    is_answered(&client, &letters(case)).await;
    let requests = record(case).await.requests;
    let names_api = |name: &String| name == "resource";
    let asked = requests.iter().filter(|one| one.went_to("token"));
    assert_eq!(asked.filter(|one| one.parameters.iter().any(names_api)).count(), 2);
}

#[wasm_bindgen_test]
async fn a_token_that_its_api_refuses_is_fetched_anew_once() {
    let case = "t78-401-for-ever~own-token";
    let config = config(case).scope("openid offline_access").expect("a scope");
    let config = config.allow_api(api(&letters(case), "urn:api"));
    let (_, client) = signed_in(&config).await;
    assert_eq!(call(&client, &letters(case)).await, Ok(401));
    assert_eq!(token_requests(case).await, 3);
    assert_eq!(call(&client, &letters(case)).await, Ok(401));
    assert_eq!(token_requests(case).await, 3, "not at each call");
}

// Some providers say `invalid_grant` where the person has not consented: the session goes on, if it can.
#[wasm_bindgen_test]
async fn an_api_without_a_token_costs_no_session() {
    let case = "own-token~no-consent";
    let files = format!("{HOSTILE}/{case}/api/files");
    let (_, client) = signed_in(&settings(case).allow_api(api(&files, "urn:no-consent"))).await;
    let error = call(&client, &files).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ApiTokenRefused);
    assert_eq!(error.subject(), Some("resource=urn:no-consent"));
    assert_eq!(error.provider().map(|said| said.error.as_str()), Some("invalid_grant"));
    assert_eq!(token_requests(case).await, 3, "whether the session is over was found out");
    assert_eq!(call(&client, &files).await.unwrap_err().code(), ErrorCode::ApiTokenRefused);
    assert_eq!(token_requests(case).await, 3, "nobody asks again");
    is_answered(&client, &letters(case)).await;
    assert!(client.session().is_some());
}

#[wasm_bindgen_test]
async fn a_token_that_nobody_can_use_costs_no_session_either() {
    let case = "own-token-unknown-type";
    let (_, client) = signed_in(&settings(case)).await;
    for _ in 0..2 {
        let error = call(&client, &letters(case)).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::ApiTokenRefused);
    }
    assert!(client.session().is_some());
    assert_eq!(token_requests(case).await, 2, "once for the API");
}

// Another tab's renewal for another API is not what was asked for.
#[wasm_bindgen_test]
async fn a_renewal_is_one_whatever_another_tab_fetches_meanwhile() {
    let case = "own-token~tabs";
    let settings = settings(case);
    let (tab, first) = signed_in(&settings).await;
    let second = sessions::open(&tab.sibling(), &settings).await;
    let before = first.expose_access_token();
    let (answered, renewed) = join(call(&second, &letters(case)), first.refresh()).await;
    assert_eq!((answered, renewed), (Ok(200), Ok(())));
    assert_eq!(token_requests(case).await, 3);
    assert_ne!(first.expose_access_token(), before);
}

// It would be signed in for in vain: the token is asked for with the scope that the app gave.
#[wasm_bindgen_test]
async fn nobody_signs_in_for_more_than_the_token_is_asked_for() {
    let case = "t78-403-scope~own-token";
    let api = api(&letters(case), "urn:api").scope("letters").expect("a scope");
    let config = config(case).scope("openid offline_access").expect("a scope");
    let config = config.step_up(StepUpPolicy::Automatic).allow_api(api);
    let (tab, client) = signed_in(&config).await;
    let left_for = tab.left_for();
    assert_eq!(call(&client, &letters(case)).await, Ok(403));
    assert_eq!(tab.left_for(), left_for);
}

#[wasm_bindgen_test]
async fn whoever_waits_for_a_turn_leaves_a_provider_alone_that_wants_that() {
    let case = "f18-later~own-token";
    let config = config(case).scope("openid offline_access").expect("a scope");
    let config = config.allow_api(api(&letters(case), "urn:api"));
    let (_, client) = signed_in(&config).await;
    let letters = letters(case);
    let (called, renewed) = join(call(&client, &letters), client.refresh()).await;
    for error in [called.err(), renewed.err()] {
        assert_eq!(error.map(|error| error.code()), Some(ErrorCode::ProviderUnavailable));
    }
    assert_eq!(token_requests(case).await, 2, "of the login, and one more");
}

#[wasm_bindgen_test]
async fn an_api_that_wants_its_own_token_needs_a_refresh_token() {
    let case = "own-token~no-refresh-token";
    let config = config(case).allow_api(api(&letters(case), "urn:api"));
    let (_, client) = signed_in(&config).await;
    let error = call(&client, &letters(case)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NoRefreshToken);
    assert_eq!(record(case).await.count("api"), 0, "the session's own token is not for it");
}

#[wasm_bindgen_test]
async fn the_tokens_of_apis_are_handed_back() {
    let case = "own-token~sign-out";
    let (_, client) = signed_in(&settings(case)).await;
    is_answered(&client, &letters(case)).await;
    is_answered(&client, &mail(case)).await;
    client.sign_out();
    // The refresh token, the session's own access token, and two more.
    let record = until_asked(case, "revoke", 4).await;
    assert_eq!(record.count("revoke"), 4);
}
