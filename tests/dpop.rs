//! Tokens that are bound to a key, and pushed requests: the whole client, against a server that checks
//! every proof.

#![cfg(all(target_arch = "wasm32", feature = "dpop", feature = "par"))]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, ready};
use js_sys::{Array, Promise, Reflect};
use pixy_login::browser::crypto::SigningKey;
use pixy_login::browser::record_store::{Change, Decision, Record as Kept};
use pixy_login::browser::{IndexedDb, RecordStore, StorageDenied};
use pixy_login::client::{Client, Outcome, ResourceRequest, SignIn, Status};
use pixy_login::protocol::{Config, Dpop, Error, ErrorCode, Par};
use serde_json::Value;
use support::{
    HOSTILE, REDIRECT_URI, Record, Tab, answer_to, config, make_honest, next_task, record, refusal,
    request, reset, send, why_incomplete,
};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{CryptoKeyPair, IdbDatabase, IdbRequest};

wasm_bindgen_test_configure!(run_in_browser);

/// The hostile server's other origin.
const SECOND: &str = match option_env!("PIXY_HOSTILE_URL_2") {
    Some(url) => url,
    None => "http://localhost:9501",
};

/// Signs in at a case, whatever comes of it.
async fn sign_in_with(case: &str, config: Config) -> (Client, Result<(), Error>) {
    reset(case).await;
    let client = Tab::new().go_and_come_back(&config).await;
    let outcome = client.start().await.map(drop);
    (client, outcome)
}

/// The record of a case in which no proof was found wrong.
async fn clean_record(case: &str) -> Record {
    let record = record(case).await;
    assert_eq!(record.violations, Vec::<String>::new(), "{case}");
    record
}

fn api(case: &str) -> ResourceRequest {
    ResourceRequest::get(&format!("{HOSTILE}/{case}/api?page=2"))
}

fn with_api(case: &str) -> Config {
    config(case).allow_dpop_origin(HOSTILE).expect("an origin")
}

async fn status_of(client: &Client, request: ResourceRequest) -> u16 {
    client.fetch(request).await.expect("an answer").status
}

/// The names in a URL's query.
fn names(url: &str) -> Vec<&str> {
    let query = url.split_once('?').expect("a query").1;
    query.split('&').filter_map(|pair| pair.split('=').next()).collect()
}

/// The value of a name in a URL's query.
fn value<'a>(url: &'a str, name: &str) -> Option<&'a str> {
    let query = url.split_once('?').expect("a query").1;
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|pair| pair.0 == name)
        .map(|pair| pair.1)
}

/// The claims of the proofs that came to an endpoint.
async fn proofs(server: &str, case: &str, endpoint: &str) -> Vec<Value> {
    let response = send(request(&format!("{server}/_record/{case}"))).await.expect("the record");
    let record: Value = serde_json::from_slice(&response.body).expect("a record");
    let all = record["requests"].as_array().expect("requests");
    let asked = all.iter().filter(|request| request["endpoint"] == endpoint);
    asked.filter_map(|request| request["dpop"].as_str()).map(claims).collect()
}

fn claims(proof: &str) -> Value {
    let claims = URL_SAFE_NO_PAD.decode(proof.split('.').nth(1).expect("claims"));
    serde_json::from_slice(&claims.expect("base64url")).expect("JSON")
}

#[wasm_bindgen_test]
async fn t76_every_call_has_a_proof_of_its_own() {
    let case = "dpop";
    let (client, outcome) = sign_in_with(case, with_api(case)).await;
    outcome.expect("a session");
    client.profile().await.expect("a profile");
    for _ in 0..3 {
        assert_eq!(status_of(&client, api(case)).await, 200);
    }
    let url = format!("{HOSTILE}/{case}/api?page=2&page=3");
    let posted = ResourceRequest::post(&url, "text/plain", "a body");
    assert_eq!(status_of(&client, posted).await, 200);
    let record = clean_record(case).await;
    assert_eq!((record.count("token"), record.count("userinfo"), record.count("api")), (1, 1, 4));
    let mut ids: Vec<_> =
        proofs(HOSTILE, case, "api").await.iter().map(|proof| proof["jti"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[wasm_bindgen_test]
async fn r118_a_nonce_that_is_known_is_sent() {
    let case = "dpop-nonce";
    let (client, outcome) = sign_in_with(case, with_api(case)).await;
    outcome.expect("a session");
    client.profile().await.expect("a profile");
    for _ in 0..2 {
        assert_eq!(status_of(&client, api(case)).await, 200);
    }
    let posted = ResourceRequest::post(&format!("{HOSTILE}/{case}/api"), "text/plain", "a body");
    assert_eq!(status_of(&client, posted).await, 200);
    let record = clean_record(case).await;
    // The two servers share an origin here, so the first call to the second one is repeated.
    assert_eq!((record.count("token"), record.count("userinfo"), record.count("api")), (2, 2, 3));
}

#[wasm_bindgen_test]
async fn r116_a_nonce_goes_to_no_other_server() {
    let case = "dpop-nonce~elsewhere";
    let settings = with_api(case).allow_dpop_origin(SECOND).expect("an origin");
    let (client, outcome) = sign_in_with(case, settings).await;
    outcome.expect("a session");
    assert_eq!(status_of(&client, api(case)).await, 200);
    let elsewhere = ResourceRequest::get(&format!("{SECOND}/{case}/api"));
    assert_eq!(status_of(&client, elsewhere).await, 401, "a token of another server");
    let proofs_elsewhere = proofs(SECOND, case, "api").await;
    let last = proofs_elsewhere.last().expect("a proof");
    assert_eq!(last["htu"], format!("{SECOND}/{case}/api"));
    assert_eq!(last["nonce"], Value::Null);
    let proofs_here = proofs(HOSTILE, case, "api").await;
    assert!(proofs_here.last().is_some_and(|proof| proof["nonce"].is_string()));
}

// The server ties a refresh token to the key, and would refuse another.
#[wasm_bindgen_test]
async fn r67_a_refresh_is_proven_by_the_key_of_the_login() {
    for case in ["dpop~refresh", "dpop-nonce~refresh"] {
        let settings = with_api(case).scope("openid offline_access").expect("a scope");
        let (client, outcome) = sign_in_with(case, settings).await;
        outcome.expect("a session");
        for _ in 0..2 {
            client.refresh().await.expect("a new token");
            assert_eq!(status_of(&client, api(case)).await, 200);
        }
        clean_record(case).await;
    }
}

#[wasm_bindgen_test]
async fn t34_a_token_that_is_not_bound_is_refused() {
    let case = "t34-dpop-downgrade";
    let (client, outcome) = sign_in_with(case, with_api(case).dpop(Dpop::Required)).await;
    assert_eq!(outcome.unwrap_err().code(), ErrorCode::DpopDowngrade);
    assert!(matches!(client.status(), Status::Failed(_)));
    assert!(client.session().is_none() && client.expose_access_token().is_none());
    let refused = client.fetch(api(case)).await.map_err(|error| error.code());
    assert_eq!(refused.err(), Some(ErrorCode::NotSignedIn));
    let record = clean_record(case).await;
    assert_eq!((record.count("token"), record.count("api")), (1, 0));
}

#[wasm_bindgen_test]
async fn f11_a_plain_token_in_answer_to_a_proof_is_good_where_binding_is_an_offer() {
    let case = "t34-dpop-downgrade~offer";
    let (client, outcome) = sign_in_with(case, with_api(case)).await;
    outcome.expect("a session");
    assert!(!client.session().expect("somebody").is_bound());
    assert_eq!(status_of(&client, api(case)).await, 200);
}

/// Signs in where a proof is in the way: it begins again by itself, once, without one.
async fn begins_again_unbound(case: &str, settings: &Config) {
    reset(case).await;
    let tab = Tab::new();
    let client = tab.go_and_come_back(settings).await;
    let first = tab.left_for();
    assert_eq!(client.start().await, Ok(Outcome::SigningIn), "{case}");
    assert_ne!(tab.left_for(), first, "{case}");
    assert_eq!(value(&tab.left_for(), "dpop_jkt"), None, "{case}");
    // And so does the next one, as long as the metadata lives.
    tab.open(settings).sign_in(SignIn::new()).await.expect("it begins");
    assert_eq!(value(&tab.left_for(), "dpop_jkt"), None, "{case}");
}

#[wasm_bindgen_test]
async fn f41_a_proof_that_the_provider_can_not_take_is_done_without() {
    for case in ["t73-as-nonce-for-ever~again", "t74-nonce-unexposed~again", "f41-proofs-kept-out"]
    {
        begins_again_unbound(case, &config(case)).await;
    }
}

#[wasm_bindgen_test]
async fn t73_a_nonce_that_is_never_right() {
    let case = "t73-as-nonce-for-ever";
    let (client, outcome) = sign_in_with(case, config(case).dpop(Dpop::Required)).await;
    let error = outcome.unwrap_err();
    assert_eq!((error.code(), error.subject()), (ErrorCode::DpopNonceRefused, Some(HOSTILE)));
    assert!(client.session().is_none());
    assert_eq!(clean_record(case).await.count("token"), 2);

    let case = "t73-rs-nonce-for-ever";
    let (client, outcome) = sign_in_with(case, with_api(case)).await;
    outcome.expect("a session");
    let error = client.fetch(api(case)).await.unwrap_err();
    assert_eq!((error.code(), error.subject()), (ErrorCode::DpopNonceRefused, Some(HOSTILE)));
    assert_eq!(why_incomplete(&client).await, ErrorCode::DpopNonceRefused);
    assert!(client.session().is_some(), "an API can't end a session");
    let record = clean_record(case).await;
    assert_eq!((record.count("api"), record.count("userinfo")), (2, 2));
}

// Nothing that a header can't hold is sent back, so the code is sent once.
#[wasm_bindgen_test]
async fn t74_nonces_that_can_not_be_used() {
    for case in ["t74-nonce-huge", "t74-nonce-illegal", "t74-nonce-twice", "t74-nonce-unexposed"] {
        let (client, outcome) = sign_in_with(case, config(case).dpop(Dpop::Required)).await;
        assert_eq!(outcome.unwrap_err().code(), ErrorCode::DpopNonceRefused, "{case}");
        assert!(client.session().is_none(), "{case}");
        assert_eq!(clean_record(case).await.count("token"), 1, "{case}");
        make_honest(case).await;
        let again = Tab::new().go_and_come_back(&config(case)).await.start().await;
        assert!(matches!(again, Ok(Outcome::SignedIn { .. })), "{case}: {again:?}");
    }
}

#[wasm_bindgen_test]
async fn what_the_app_requires_must_be_offered() {
    let tab = Tab::new();
    let required = config("honest~required").dpop(Dpop::Required);
    let error = tab.open(&required).sign_in(SignIn::new()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::DpopNotSupported);
    let required = config("honest~required").par(Par::Required);
    let error = tab.open(&required).sign_in(SignIn::new()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ParNotSupported);
    assert_eq!(tab.left_for(), "");
}

/// The keys in IndexedDB, by the names of their records.
async fn stored_keys() -> Vec<(String, CryptoKeyPair)> {
    let factory = web_sys::window().expect("a window").indexed_db().expect("IndexedDB");
    let opening = factory.expect("IndexedDB").open("pixy-login").expect("a database");
    let database: IdbDatabase = result_of(&opening).await.unchecked_into();
    let store =
        database.transaction_with_str("records").and_then(|all| all.object_store("records"));
    let store = store.expect("a store");
    let places = store.get_all_keys().expect("a request");
    let pairs = store.get_all().expect("a request");
    let pairs: Array = result_of(&pairs).await.unchecked_into();
    let places: Array = places.result().expect("places").unchecked_into();
    database.close();
    let names = places.iter().map(|place| place.as_string().expect("a name"));
    let key = |record: JsValue| Reflect::get(&record, &"key".into()).expect("a member");
    let pairs = names.zip(pairs.iter().map(key)).filter(|(_, key)| key.is_object());
    pairs.map(|(name, key)| (name, key.unchecked_into())).collect()
}

async fn result_of(request: &IdbRequest) -> JsValue {
    let answered = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(answered).await.expect("an answer");
    request.result().expect("a result")
}

fn is_waiting(tab: &Tab, thumbprint: &str) -> bool {
    tab.shared.records.records.borrow().contains_key(&format!("key:{thumbprint}"))
}

/// Begins a login, and returns the thumbprint of its key.
async fn begin(tab: &Tab, config: &Config) -> String {
    tab.open(config).sign_in(SignIn::new()).await.expect("the login begins");
    value(&tab.left_for(), "dpop_jkt").expect("a thumbprint").to_owned()
}

#[wasm_bindgen_test]
async fn t77_the_private_key_can_not_be_exported() {
    let settings = config("dpop~export");
    reset("dpop~export").await;
    let tab = Tab::new();
    let open = || Client::with_browser(settings.clone(), tab.browser_with(IndexedDb::default()));
    open().sign_in(SignIn::new()).await.expect("the login begins");
    let thumbprint = value(&tab.left_for(), "dpop_jkt").expect("a thumbprint").to_owned();
    let name = format!("key:{thumbprint}");
    let waiting = stored_keys().await;
    let (_, pair) = waiting.iter().find(|(known, _)| *known == name).expect("the key waits");
    let private = pair.get_private_key();
    assert!(!private.extractable());
    let subtle = web_sys::window().expect("a window").crypto().expect("crypto").subtle();
    for format in ["jwk", "pkcs8", "raw"] {
        let exported = subtle.export_key(format, &private).expect("a promise");
        assert!(JsFuture::from(exported).await.is_err(), "{format}");
    }
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    open().start().await.expect("signed in");
    let still = stored_keys().await;
    assert!(!still.iter().any(|(known, _)| *known == name), "taken out at the callback");
    let texts = tab.storage.texts.borrow();
    assert!(texts.values().all(|text| !text.contains(&thumbprint)), "nor anything of it elsewhere");
}

#[wasm_bindgen_test]
async fn r119_a_key_that_nobody_came_back_for_is_forgotten() {
    let settings = config("dpop~forgotten");
    let tab = Tab::new();
    let first = begin(&tab, &settings).await;
    tab.clock.0.set(tab.clock.0.get() + 599);
    let second = begin(&tab, &settings).await;
    assert!(is_waiting(&tab, &first) && is_waiting(&tab, &second), "its ten minutes are not over");
    tab.clock.0.set(tab.clock.0.get() + 2);
    let third = begin(&tab, &settings).await;
    assert!(!is_waiting(&tab, &first));
    assert!(is_waiting(&tab, &second) && is_waiting(&tab, &third));
}

#[wasm_bindgen_test]
async fn r119_signing_out_forgets_the_key_of_a_login_under_way() {
    let tab = Tab::new();
    let settings = config("dpop~signing-out");
    let thumbprint = begin(&tab, &settings).await;
    assert!(is_waiting(&tab, &thumbprint));
    tab.open(&settings).sign_out();
    while is_waiting(&tab, &thumbprint) {
        next_task().await;
    }
}

#[wasm_bindgen_test]
async fn r119_a_refusal_forgets_the_key_of_its_login() {
    let tab = Tab::new();
    let settings = config("dpop~refused");
    let thumbprint = begin(&tab, &settings).await;
    tab.address.url.replace(refusal(&tab, &settings, "access_denied"));
    let error = tab.open(&settings).start().await.expect_err("refused");
    assert_eq!(error.code(), ErrorCode::AccessDenied);
    assert!(!is_waiting(&tab, &thumbprint));
}

#[wasm_bindgen_test]
async fn r120_each_login_has_a_key_of_its_own() {
    let settings = config("dpop~own-keys");
    let (one, other) = (Tab::new(), Tab::new());
    let thumbprints = [begin(&one, &settings).await, begin(&other, &settings).await];
    assert_ne!(thumbprints[0], thumbprints[1]);
    assert!(thumbprints.iter().all(|thumbprint| thumbprint.len() == 43), "{thumbprints:?}");
    // Both wait at once, and each finds its own.
    for tab in [&other, &one] {
        tab.address.url.replace(answer_to(&tab.left_for()).await);
        tab.open(&settings).start().await.expect("signed in");
    }
    clean_record("dpop~own-keys").await;
}

#[wasm_bindgen_test]
async fn an_app_may_do_without_bound_tokens() {
    let tab = Tab::new();
    let settings = config("dpop~off").dpop(Dpop::Off);
    tab.open(&settings).sign_in(SignIn::new()).await.expect("the login begins");
    assert_eq!(value(&tab.left_for(), "dpop_jkt"), None);
}

/// What a store says when it is asked for a key.
type Taken = LocalBoxFuture<'static, Result<Option<SigningKey>, StorageDenied>>;

/// A store of records that has a fault: nothing is kept in it.
struct FaultyKeys {
    keep: Result<(), StorageDenied>,
    take: fn() -> Taken,
}

impl RecordStore for FaultyKeys {
    fn change(
        &self,
        _: String,
        decision: Decision,
    ) -> LocalBoxFuture<'static, Result<Option<Kept>, StorageDenied>> {
        let (keep, taken) = (self.keep, (self.take)());
        async move {
            match decision(None) {
                Change::Remove => {
                    let key = taken.await?;
                    Ok(Some(Kept { key, ..Kept::default() }))
                }
                _ => keep.map(|()| None),
            }
        }
        .boxed_local()
    }

    fn forget_until(&self, _: u64) -> LocalBoxFuture<'static, Result<(), StorageDenied>> {
        ready(self.keep).boxed_local()
    }
}

fn denied() -> Taken {
    ready(Err(StorageDenied::default())).boxed_local()
}

fn lost() -> Taken {
    ready(Ok(None)).boxed_local()
}

/// A key, but not the one that was kept.
fn another() -> Taken {
    async { Ok(SigningKey::generate().await.ok()) }.boxed_local()
}

fn open_with(tab: &Tab, config: &Config, keys: FaultyKeys) -> Client {
    Client::with_browser(config.clone(), tab.browser_with(keys))
}

#[wasm_bindgen_test]
async fn t91_where_no_key_can_be_kept_tokens_are_plain_unless_the_app_requires_more() {
    let case = "dpop~denied";
    let tab = Tab::new();
    let keys = || FaultyKeys { keep: Err(StorageDenied::default()), take: denied };
    let required = open_with(&tab, &config(case).dpop(Dpop::Required), keys());
    let error = required.sign_in(SignIn::new()).await.unwrap_err();
    assert_eq!((error.code(), error.subject()), (ErrorCode::StorageDenied, Some("IndexedDB")));
    assert_eq!((tab.left_for().as_str(), tab.storage.pending().len()), ("", 0));

    let client = open_with(&tab, &config(case), keys());
    client.sign_in(SignIn::new()).await.expect("the login begins");
    assert_eq!(value(&tab.left_for(), "dpop_jkt"), None);
    // The provider announces bound tokens, and is content with plain ones.
    make_honest(case).await;
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let outcome = open_with(&tab, &config(case), keys()).start().await;
    assert!(matches!(outcome, Ok(Outcome::SignedIn { .. })), "{outcome:?}");
    reset(case).await;
}

#[wasm_bindgen_test]
async fn t91_without_its_key_a_code_is_not_spent() {
    let case = "dpop~lost";
    for take in [denied, lost, another] {
        reset(case).await;
        let tab = Tab::new();
        let settings = config(case).dpop(Dpop::Required);
        begin(&tab, &settings).await;
        tab.address.url.replace(answer_to(&tab.left_for()).await);
        let client = open_with(&tab, &settings, FaultyKeys { keep: Ok(()), take });
        let error = client.start().await.unwrap_err();
        assert_eq!((error.code(), error.subject()), (ErrorCode::StorageDenied, Some("IndexedDB")));
        assert!(client.session().is_none());
        assert_eq!((tab.url().as_str(), tab.storage.pending().len()), (REDIRECT_URI, 0));
        assert_eq!(clean_record(case).await.count("token"), 0);
    }
}

#[wasm_bindgen_test]
async fn r123_a_pushed_request_shows_nothing_in_the_address() {
    let case = "par-dpop";
    reset(case).await;
    let tab = Tab::new();
    tab.open(&config(case)).sign_in(SignIn::new()).await.expect("the login begins");
    let first = tab.left_for();
    assert_eq!(names(&first), ["client_id", "request_uri"]);
    let client = tab.go_and_come_back(&config(case)).await;
    client.start().await.expect("a session");
    assert_ne!(value(&tab.left_for(), "request_uri"), value(&first, "request_uri"));
    assert_eq!(clean_record(case).await.count("par"), 2);
}

#[wasm_bindgen_test]
async fn r123_an_app_pushes_only_what_must_be_where_it_says_so() {
    let tab = Tab::new();
    let leave = async |case: &str, wanted| {
        reset(case).await;
        tab.open(&config(case).par(wanted)).sign_in(SignIn::new()).await.expect("it begins");
        tab.left_for()
    };
    assert!(names(&leave("par", Par::Off).await).contains(&"code_challenge"));
    let both = ["client_id", "request_uri"];
    assert_eq!(names(&leave("par-required", Par::Off).await), both);
    assert_eq!(names(&leave("par", Par::Required).await), both);
}

/// Begins a login that the provider refuses before the page is left. Nothing is sent in the address
/// instead, and an honest second try works.
async fn refused_push(case: &str, wanted: Par) -> Error {
    reset(case).await;
    let tab = Tab::new();
    let settings = config(case).par(wanted);
    let client = tab.open(&settings);
    let error = client.sign_in(SignIn::new()).await.unwrap_err();
    assert!(matches!(client.status(), Status::Failed(_)), "{case}");
    assert_eq!((tab.left_for().as_str(), tab.storage.pending().len()), ("", 0), "{case}");
    let record = clean_record(case).await;
    assert_eq!((record.count("par"), record.count("authorize")), (1, 0), "{case}");
    make_honest(case).await;
    let client = tab.go_and_come_back(&settings).await;
    assert_eq!(names(&tab.left_for()), ["client_id", "request_uri"], "{case}");
    client.start().await.unwrap_or_else(|error| panic!("{case}: {error}"));
    error
}

#[wasm_bindgen_test]
async fn t81_answers_that_bring_no_reference() {
    for (case, about) in [
        ("t81-foreign-scheme", "request_uri"),
        ("t81-request-uri-missing", "request_uri"),
        ("t81-expires-zero", "expires_in"),
        ("t81-status-200", "status"),
    ] {
        by_the_address(case, false).await;
        let error = refused_push(case, Par::Required).await;
        assert_eq!(
            (error.code(), error.subject()),
            (ErrorCode::InvalidResponse, Some(about)),
            "{case}"
        );
    }
}

#[wasm_bindgen_test]
async fn t81_a_request_that_is_refused_where_pushing_is_required() {
    for (case, wanted) in [("t81-error", Par::Required), ("t81-error-required", Par::WhenOffered)] {
        let error = refused_push(case, wanted).await;
        assert_eq!(error.code(), ErrorCode::PushedRequestRefused, "{case}");
        assert_eq!(error.provider().map(|said| said.error.as_str()), Some("invalid_request"));
    }
}

/// Signs in where pushing is an offer that comes to nothing: in the address, and without another attempt
/// where that was no passing fault.
async fn by_the_address(case: &str, passes: bool) {
    reset(case).await;
    let tab = Tab::new();
    let settings = config(case);
    for attempts in 1..3 {
        tab.open(&settings).sign_in(SignIn::new()).await.expect("it begins");
        let names = names(&tab.left_for()).join(" ");
        assert!(names.contains("code_challenge") && !names.contains("request_uri"), "{case}");
        let expected = if passes { attempts } else { 1 };
        assert_eq!(clean_record(case).await.count("par"), expected, "{case}");
    }
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let client = tab.open(&settings);
    client.start().await.unwrap_or_else(|error| panic!("{case}: {error}"));
}

#[wasm_bindgen_test]
async fn f13_f42_a_request_that_is_not_taken_goes_in_the_address() {
    for (case, passes) in [("t81-error", false), ("t81-no-cors", false), ("t81-500", true)] {
        by_the_address(case, passes).await;
    }
}

#[wasm_bindgen_test]
async fn t81_an_endpoint_out_of_reach() {
    for (case, wanted, code) in [
        ("t81-no-cors-required", Par::WhenOffered, ErrorCode::NetworkOrCors),
        ("t81-no-cors-required", Par::Off, ErrorCode::NetworkOrCors),
        ("t81-no-cors", Par::Required, ErrorCode::NetworkOrCors),
        ("t81-500", Par::Required, ErrorCode::ProviderUnavailable),
    ] {
        let error = refused_push(case, wanted).await;
        assert_eq!(error.code(), code, "{case}");
        // Of all requests it is this one.
        assert!(error.subject().unwrap_or_default().contains("/par"), "{case}: {error}");
    }
}
