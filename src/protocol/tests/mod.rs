//! Tests of the protocol, a file for each subject.
//!
//! `r22_…` is rule 22 of the standards, with its section in a comment; `t01_…` is an attack or a broken
//! server. The standards' own examples (`vectors`) run in the browser, too; the rest runs natively.

#![cfg_attr(target_arch = "wasm32", allow(dead_code))]

#[cfg(not(target_arch = "wasm32"))]
mod native;
mod vectors;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::secret::RawIdToken;
use super::*;

const ISSUER: &str = "https://id.example";
const CLIENT_ID: &str = "shop";
const REDIRECT_URI: &str = "https://app.example/shop/callback.html";
const CODE: &str = "the-code";
const ACCESS_TOKEN: &str = "a-token";
const NOW: UnixTime = UnixTime(1_800_000_000);

/// Settings as an app of today has them.
fn config() -> Config {
    Config::new(ISSUER, CLIENT_ID, REDIRECT_URI).unwrap()
}

fn redirect_uri() -> SecureUrl {
    SecureUrl::parse(REDIRECT_URI).unwrap()
}

/// A discovery document as honest providers write it.
fn document() -> serde_json::Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://id.example/authorize",
        "token_endpoint": "https://id.example/token",
        "userinfo_endpoint": "https://id.example/userinfo",
        "jwks_uri": "https://id.example/jwks",
        "response_types_supported": ["code", "code id_token"],
        "code_challenge_methods_supported": ["plain", "S256"],
    })
}

/// The same document with one member set otherwise.
fn document_with(name: &str, value: serde_json::Value) -> serde_json::Value {
    let mut document = document();
    document[name] = value;
    document
}

fn discover(document: &serde_json::Value) -> Result<ProviderMetadata, Error> {
    ProviderMetadata::from_response(&Issuer::parse(ISSUER)?, &answer(200, document))
}

fn metadata() -> ProviderMetadata {
    discover(&document()).unwrap()
}

/// A provider that puts `iss` into every answer.
fn metadata_with_iss() -> ProviderMetadata {
    let name = "authorization_response_iss_parameter_supported";
    discover(&document_with(name, json!(true))).unwrap()
}

fn random() -> RandomValues {
    RandomValues { code_verifier: [3; 32], state: [1; 32], nonce: [2; 32] }
}

fn request_at(config: &Config, metadata: &ProviderMetadata) -> AuthorizationRequest {
    AuthorizationRequest::new(config, metadata, wish(config), &random(), NOW).unwrap()
}

/// What an app usually asks for.
fn wish(config: &Config) -> Wish {
    Wish {
        scope: config.login_scope(),
        options: RequestOptions::new(),
        return_to: ReturnTo::new("cart.html", config.redirect_uri()),
        dpop_jkt: None,
        needed: None,
        refused: None,
        step_ups: 0,
        resumes: None,
        in_popup: false,
        is_again: false,
    }
}

/// A login that began at [`NOW`].
fn login() -> PendingLogin {
    login_at(&metadata())
}

fn login_at(metadata: &ProviderMetadata) -> PendingLogin {
    request_at(&config(), metadata).pending_login().clone()
}

/// The state of [`login`], as it stands in the address.
fn state() -> String {
    login().state.expose().to_owned()
}

/// What nobody may see of [`login`].
fn secrets() -> [String; 3] {
    let login = login();
    [login.state.expose(), login.nonce.expose(), login.code_verifier.expose()].map(str::to_owned)
}

/// A server's answer of JSON.
fn answer(status: u16, body: &serde_json::Value) -> ServerResponse {
    raw_answer(status, body.to_string())
}

/// A server's answer that says it is JSON.
fn raw_answer(status: u16, body: impl Into<Vec<u8>>) -> ServerResponse {
    ServerResponse {
        status,
        content_type: Some("application/json;charset=UTF-8".to_owned()),
        www_authenticate: None,
        dpop_nonce: None,
        retry_after: None,
        headers: Vec::new(),
        body: body.into(),
    }
}

fn callback(query: &str) -> Callback {
    let page = format!("{REDIRECT_URI}?{query}");
    Callback::from_url(&page, &redirect_uri()).expect("an answer")
}

/// Judges a query as the answer to [`login`]. `STATE` in it stands for the right state.
fn judge(query: &str) -> Result<Authorization, ErrorCode> {
    judge_by(query, Some(login()))
}

fn judge_by(query: &str, login: Option<PendingLogin>) -> Result<Authorization, ErrorCode> {
    judge_fully(query, login).map_err(|error| error.code())
}

fn judge_fully(query: &str, login: Option<PendingLogin>) -> Result<Authorization, Error> {
    callback(&query.replace("STATE", &state())).judge(login, false, &config(), NOW)
}

fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

fn token_answer() -> serde_json::Value {
    json!({ "access_token": "a-token", "token_type": "Bearer", "expires_in": 3600 })
}

/// A good answer with one member set otherwise.
fn token_answer_with(name: &str, value: serde_json::Value) -> serde_json::Value {
    let mut answer = token_answer();
    answer[name] = value;
    answer
}

fn exchange(body: &serde_json::Value) -> Result<TokenResponse, ErrorCode> {
    exchange_raw(&answer(200, body))
}

fn exchange_raw(response: &ServerResponse) -> Result<TokenResponse, ErrorCode> {
    TokenResponse::from_response(response, &scope("openid profile")).map_err(|error| error.code())
}

fn claims() -> serde_json::Value {
    json!({
        "iss": ISSUER,
        "sub": "hanako",
        "aud": CLIENT_ID,
        "exp": NOW.0 + 300,
        "iat": NOW.0,
        "nonce": login().nonce.expose(),
    })
}

fn claims_with(name: &str, value: serde_json::Value) -> serde_json::Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn claims_without(name: &str) -> serde_json::Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

/// A compact JWS (RFC 7515 section 7.1) around a header and claims, with some signature.
fn jws(header: &str, claims: &str) -> String {
    let encode = |part: &str| URL_SAFE_NO_PAD.encode(part);
    [encode(header), encode(claims), encode("signature")].join(".")
}

/// What is said of an ID token with these claims: the subject, or the code and what it is about.
fn verify(claims: &serde_json::Value) -> Result<String, (ErrorCode, String)> {
    verify_raw(&jws(r#"{"alg":"RS256"}"#, &claims.to_string()))
}

fn verify_raw(token: &str) -> Result<String, (ErrorCode, String)> {
    verify_by(token, login(), NOW)
        .map(|token| token.subject().to_owned())
        .map_err(|error| (error.code(), error.subject().unwrap_or_default().to_owned()))
}

/// Judges a token as if its signature were the provider's: that is for Web Crypto to say.
fn verify_by(token: &str, login: PendingLogin, now: UnixTime) -> Result<IdToken, Error> {
    let token = RawIdToken::new(token).read()?.verified(true).unwrap();
    let authorization = Authorization { code: AuthorizationCode::new(CODE), pending_login: login };
    IdToken::of_login(&token, &authorization, &AccessToken::new(ACCESS_TOKEN), &config(), now)
}

fn id_token() -> IdToken {
    verify_by(&jws(r#"{"alg":"RS256"}"#, &claims().to_string()), login(), NOW).unwrap()
}

/// The pairs of a query, decoded by the `url` crate, which the library doesn't use.
fn pairs(url: &str) -> Vec<(String, String)> {
    url::Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

fn value_of(url: &str, name: &str) -> Option<String> {
    pairs(url).into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
}
