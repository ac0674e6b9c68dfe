//! ID tokens that the hostile server signs in every way, and the whole client that judges them.
//!
//! `oidcc_client_test_…` is the test of that name of the OpenID Foundation's suite for relying parties.

#![cfg(target_arch = "wasm32")]

mod support;

use pixy_login::client::{Client, Outcome, SignIn, Status};
use pixy_login::protocol::{Config, DiscoveryKind, Error, ErrorCode, RequestOptions};
use support::{REDIRECT_URI, Record, Tab, config, record, reset, why_incomplete};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// A sign-in, and what became of it.
struct Attempt {
    case: String,
    tab: Tab,
    client: Client,
    outcome: Result<Outcome, Error>,
    record: Record,
}

impl Attempt {
    async fn at(case: &str) -> Self {
        Self::with(case, &config(case)).await
    }

    async fn with(case: &str, config: &Config) -> Self {
        reset(case).await;
        let tab = Tab::new();
        let client = tab.go_and_come_back(config).await;
        let outcome = client.start().await;
        let case = case.to_owned();
        Self { record: record(&case).await, case, tab, client, outcome }
    }

    /// Somebody is signed in, by a key set that was fetched so often.
    async fn must_be_believed(self, key_sets: usize) {
        let case = &self.case;
        let outcome = &self.outcome;
        assert!(matches!(outcome, Ok(Outcome::SignedIn { .. })), "{case}: {outcome:?}");
        let session = self.client.session().expect("a session");
        assert!(session.subject().is_some(), "{case}");
        assert_eq!(self.record.count("jwks"), key_sets, "{case}: key sets");
        assert_eq!(self.record.count("token"), 1, "{case}: token requests");
        self.client.profile().await.unwrap_or_else(|error| panic!("{case}: {error}"));
    }

    /// Nobody is signed in, and the access token that came along is not used. `about` is what the
    /// error names.
    fn must_be_refused(self, code: ErrorCode, about: &str, key_sets: usize) {
        let case = &self.case;
        let error = self.outcome.expect_err(case);
        assert_eq!((error.code(), error.subject().unwrap_or_default()), (code, about), "{case}");
        assert!(self.client.session().is_none(), "{case}: a session");
        assert!(matches!(self.client.status(), Status::Failed(_)), "{case}");
        assert_eq!(self.client.expose_access_token(), None, "{case}");
        assert_eq!(self.record.count("userinfo"), 0, "{case}: userinfo requests");
        assert_eq!(self.record.count("token"), 1, "{case}: token requests");
        assert_eq!(self.record.count("jwks"), key_sets, "{case}: key sets");
        assert_eq!(self.tab.url(), REDIRECT_URI, "{case}: the address is clean");
        assert_eq!(self.tab.storage.pending(), Vec::<String>::new(), "{case}: no login waits");
    }
}

async fn believed(cases: &[&str]) {
    for case in cases {
        Attempt::at(case).await.must_be_believed(1).await;
    }
}

/// The token itself is wrong, in what the error is about.
async fn wrong(cases: &[(&str, &str)]) {
    for (case, about) in cases {
        Attempt::at(case).await.must_be_refused(ErrorCode::IdTokenInvalid, about, 1);
    }
}

/// A key has the right name, and did not sign this.
async fn not_signed(cases: &[&str]) {
    for case in cases {
        Attempt::at(case).await.must_be_refused(ErrorCode::SignatureInvalid, "", 1);
    }
}

/// No key may have signed it, nor does a newer key set have one.
async fn no_key(cases: &[&str]) {
    for case in cases {
        Attempt::at(case).await.must_be_refused(ErrorCode::SigningKeyNotFound, "", 2);
    }
}

/// The key set can't be read; the error names where it should be.
async fn no_key_set(cases: &[(&str, ErrorCode)]) {
    for (case, code) in cases {
        let about = format!("{}/{case}/jwks", support::HOSTILE);
        Attempt::at(case).await.must_be_refused(*code, &about, 1);
    }
}

#[wasm_bindgen_test]
async fn every_honest_signature_must_be_believed() {
    believed(&["alg-es256", "alg-ps256", "alg-ed25519", "alg-eddsa", "typ-jwt", "typ-missing"])
        .await;
}

#[wasm_bindgen_test]
async fn t42_id_tokens_without_a_signature() {
    wrong(&[
        ("t42-alg-none", "alg"),
        ("t42-alg-none-capital", "alg"),
        ("t42-alg-missing", "alg"),
        ("t42-signature-empty", "signature"),
        ("t42-signature-missing", "form"),
    ])
    .await;
}

#[wasm_bindgen_test]
async fn t43_id_tokens_signed_with_what_everybody_knows() {
    wrong(&[("t43-hs256-pem", "alg"), ("t43-hs256-n", "alg"), ("t43-hs256-client-id", "alg")])
        .await;
}

#[wasm_bindgen_test]
async fn t44_an_algorithm_that_was_not_announced() {
    wrong(&[("t44-es256-not-announced", "alg")]).await;
}

// OpenID Connect Core 3.1.3.7 (6).
#[wasm_bindgen_test]
async fn r88_signatures_of_somebody_else_or_of_something_else() {
    not_signed(&["signature-foreign", "signature-foreign-es256", "claims-changed"]).await;
}

#[wasm_bindgen_test]
async fn t46_a_token_that_names_no_key_may_be_by_any() {
    believed(&["t46-kid-missing-one-key", "t46-kid-missing-many-keys"]).await;
}

#[wasm_bindgen_test]
async fn t47_an_unknown_key_is_looked_for_once_more() {
    Attempt::at("t47-rotated").await.must_be_believed(2).await;
    no_key(&["t47-never"]).await;
}

#[wasm_bindgen_test]
async fn t49_keys_that_can_not_have_signed_this() {
    believed(&["t49-duplicate-kid"]).await;
    no_key(&["t49-kty-mismatch", "t49-use-enc", "t49-key-ops", "t49-rsa-1024", "t49-private-key"])
        .await;
    not_signed(&["t49-ec-off-curve"]).await;
    wrong(&[("t49-oct", "alg")]).await;
}

#[wasm_bindgen_test]
async fn t50_key_sets_that_are_none() {
    no_key_set(&[
        ("t50-jwks-redirect", ErrorCode::NetworkOrCors),
        ("t50-jwks-html", ErrorCode::KeysInvalid),
        ("t50-jwks-huge", ErrorCode::ResponseTooLarge),
        ("t50-jwks-10000-keys", ErrorCode::ResponseTooLarge),
        ("t50-jwks-500", ErrorCode::ProviderUnavailable),
        ("t50-jwks-no-cors", ErrorCode::NetworkOrCors),
        ("t50-jwks-duplicate-member", ErrorCode::KeysInvalid),
        ("t50-jwks-array", ErrorCode::KeysInvalid),
        ("t50-jwks-silence", ErrorCode::Timeout),
    ])
    .await;
    no_key(&["t50-jwks-empty"]).await;
}

#[wasm_bindgen_test]
async fn t50_keys_over_plain_http_or_nowhere_keep_the_page_where_it_is() {
    stays("t50-jwks-http", ErrorCode::InsecureUrl).await;
    stays("jwks-uri-missing", ErrorCode::DiscoveryInvalid).await;
}

/// The login does not even begin.
async fn stays(case: &str, code: ErrorCode) {
    reset(case).await;
    let tab = Tab::new();
    let client = tab.open(&config(case));
    let error = client.sign_in(SignIn::new()).await.expect_err(case);
    assert_eq!(error.code(), code, "{case}");
    assert_eq!(tab.left_for(), "", "{case}: stays");
    assert_eq!(record(case).await.count("jwks"), 0, "{case}");
}

#[wasm_bindgen_test]
async fn t52_critical_extensions() {
    wrong(&[("t52-crit-unknown", "crit"), ("t52-crit-empty", "crit"), ("t52-b64-false", "crit")])
        .await;
}

#[wasm_bindgen_test]
async fn t53_other_spellings_of_a_token() {
    wrong(&[
        ("t53-padding", "signature"),
        ("t53-whitespace", "signature"),
        ("t53-plus-slash", "signature"),
        ("t53-four-parts", "form"),
        ("t53-five-parts", "form"),
        ("t53-json", "form"),
    ])
    .await;
}

#[wasm_bindgen_test]
async fn t54_audiences() {
    believed(&["t54-aud-list"]).await;
    // Made for this app, whoever else may read it: Zitadel names its project's apps (F1).
    believed(&["t54-aud-extra-azp"]).await;
    wrong(&[("t54-aud-extra", "azp")]).await;
}

#[wasm_bindgen_test]
async fn t57_a_list_of_nonces() {
    wrong(&[("t57-nonce-list", "nonce")]).await;
}

#[wasm_bindgen_test]
async fn t58_dates() {
    believed(&["t58-exp-far"]).await;
    for (case, about) in [("t58-iat-week-old", "iat"), ("t58-nbf-future", "nbf")] {
        Attempt::at(case).await.must_be_refused(ErrorCode::ClockWrong, about, 1);
    }
}

#[wasm_bindgen_test]
async fn t59_a_subject_without_end() {
    wrong(&[("t59-sub-long", "sub")]).await;
}

// OpenID Connect Core 3.1.3.8.
#[wasm_bindgen_test]
async fn r99_the_hash_of_another_access_token() {
    wrong(&[("at-hash-wrong", "at_hash")]).await;
}

#[wasm_bindgen_test]
async fn t61_an_authentication_other_than_asked_for() {
    let recent = RequestOptions::new().max_age(300);
    let strong = RequestOptions::new().acr_values("urn:mfa urn:pin");
    for (case, options, about) in [
        ("t61-auth-time-missing", &recent, "auth_time"),
        ("t61-auth-time-old", &recent, "auth_time"),
        ("t61-acr-other", &strong, "acr"),
        ("t61-acr-missing", &strong, "acr"),
    ] {
        let asking = config(case).request_options(options.clone());
        let code = ErrorCode::AuthenticationInsufficient;
        Attempt::with(case, &asking).await.must_be_refused(code, about, 1);
        // Who asks for nothing gets whatever there is.
        let indifferent = format!("{case}~indifferent");
        Attempt::at(&indifferent).await.must_be_believed(1).await;
    }
    let case = "honest~as-asked";
    let asking = config(case).request_options(strong.max_age(300));
    Attempt::with(case, &asking).await.must_be_believed(1).await;
}

#[wasm_bindgen_test]
async fn t62_tokens_of_another_kind() {
    wrong(&[("t62-typ-at-jwt", "typ"), ("t62-typ-logout-jwt", "typ")]).await;
}

// OpenID Connect Core 10.1.1.
#[wasm_bindgen_test]
async fn r82_the_keys_are_fetched_once_and_like_anybody_would() {
    let attempt = Attempt::at("honest~keys").await;
    let requests = attempt.record.requests.iter().filter(|request| request.went_to("jwks"));
    let [request] = &requests.collect::<Vec<_>>()[..] else { panic!("one request") };
    assert_eq!(request.method, "GET");
    assert_eq!((&request.authorization, &request.cookie, &request.referer), (&None, &None, &None));
    attempt.must_be_believed(1).await;
}

// OpenID Connect Core 3.1.2.1.
#[wasm_bindgen_test]
async fn r14_without_openid_nobody_asks_for_keys() {
    let case = "honest~no-openid";
    let config = config(case).scope("email").expect("a scope");
    let attempt = Attempt::with(case, &config.discovery(DiscoveryKind::OpenIdConnect)).await;
    assert!(attempt.outcome.is_ok(), "{:?}", attempt.outcome);
    assert_eq!(attempt.record.count("jwks"), 0);
    assert_eq!(attempt.client.session().expect("a session").subject(), None);
}

#[wasm_bindgen_test]
async fn oidcc_client_test_nonce_invalid() {
    Attempt::at("t57-nonce-wrong~tokens").await.must_be_refused(ErrorCode::NonceMismatch, "", 1);
}

#[wasm_bindgen_test]
async fn oidcc_client_test_invalid_iss() {
    wrong(&[("t56-iss-wrong~tokens", "iss")]).await;
}

#[wasm_bindgen_test]
async fn oidcc_client_test_invalid_aud() {
    wrong(&[("t54-aud-wrong~tokens", "aud")]).await;
}

#[wasm_bindgen_test]
async fn oidcc_client_test_missing_aud() {
    wrong(&[("t54-aud-missing~tokens", "aud")]).await;
}

#[wasm_bindgen_test]
async fn oidcc_client_test_missing_sub() {
    wrong(&[("t59-sub-missing~tokens", "sub")]).await;
}

#[wasm_bindgen_test]
async fn oidcc_client_test_missing_iat() {
    wrong(&[("t58-iat-missing~tokens", "iat")]).await;
}

#[wasm_bindgen_test]
async fn oidcc_client_test_idtoken_sig_none() {
    wrong(&[("t42-alg-none", "alg")]).await;
}

#[wasm_bindgen_test]
async fn oidcc_client_test_invalid_sig_rs256() {
    not_signed(&["signature-foreign"]).await;
}

#[wasm_bindgen_test]
async fn oidcc_client_test_invalid_sig_es256() {
    not_signed(&["signature-foreign-es256"]).await;
}

#[wasm_bindgen_test]
async fn oidcc_client_test_kid_absent_single_jwks() {
    believed(&["t46-kid-missing-one-key"]).await;
}

#[wasm_bindgen_test]
async fn oidcc_client_test_kid_absent_multiple_jwks() {
    believed(&["t46-kid-missing-many-keys"]).await;
}

#[wasm_bindgen_test]
async fn oidcc_client_test_signing_key_rotation() {
    Attempt::at("t47-rotated").await.must_be_believed(2).await;
}

#[wasm_bindgen_test]
async fn oidcc_client_test_userinfo_invalid_sub() {
    let attempt = Attempt::at("t64-sub-other~tokens").await;
    assert_eq!(why_incomplete(&attempt.client).await, ErrorCode::SubjectMismatch);
    assert!(attempt.client.session().is_some(), "the session stays");
}

#[wasm_bindgen_test]
async fn oidcc_client_test_discovery_issuer_mismatch() {
    stays("t65-issuer-other~tokens", ErrorCode::DiscoveryIssuerMismatch).await;
}
