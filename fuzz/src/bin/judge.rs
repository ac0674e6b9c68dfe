//! Answers `tests/differential`: reads a case a line from standard input, as JSON, and writes the
//! protocol's verdict on it as a line to standard output.

use std::io::{self, BufRead as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pixy_login::fuzzing::{self, Brought};
use pixy_login::protocol::{
    AuthorizationRequest, Callback, Challenge, Config, Dpop, Error, ErrorCode, IdToken, Issuer,
    PendingLogin, Profile, ProviderMetadata, RandomValues, RequestOptions, RequestUri, ReturnTo,
    SecureUrl, ServerResponse, Wish,
};
use pixy_login_fuzz::{CLIENT_ID, ISSUER, NOW, REDIRECT_URI, STATE, json};
use serde_json::{Value, json};

fn main() -> io::Result<()> {
    let mut output = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let case: Value = serde_json::from_str(&line?).expect("a case is JSON");
        let verdict = match judge(&case) {
            Ok(read) => json!({ "accepted": true, "read": read }),
            Err(error) => json!({
                "accepted": false,
                "code": error.code().as_str(),
                "about": error.subject(),
                "said": error.provider().map(|said| said.error.as_str()),
            }),
        };
        writeln!(output, "{verdict}")?;
    }
    output.flush()
}

/// What is read of the case's input, or why it is refused.
fn judge(case: &Value) -> Result<Value, Error> {
    let response = response(&case["response"]);
    match text(&case["surface"]) {
        "discovery" => discovery(&response),
        "authorization" => authorization(case),
        "token" => {
            let keys = self::response(&case["keys"]);
            let (login, config) = (login(case)?, config(case));
            fuzzing::redeem(&response, &keys, login, &config, is_key_shown(case), NOW).map(brought)
        }
        "refresh" => {
            let keys = self::response(&case["keys"]);
            let (login, original) = (login(case)?, original(case)?);
            let (config, is_shown) = (config(case), is_key_shown(case));
            fuzzing::renew(&response, &keys, &login, &original, &config, is_shown, NOW).map(brought)
        }
        "userinfo" => Profile::from_response(&response, Some(&original(case)?), None)
            .map(|profile| json!({ "sub": profile.subject() })),
        "par" => RequestUri::from_response(&response)
            .map(|reference| json!({ "request_uri": fuzzing::request_uri(&reference) })),
        "challenge" => challenges(text(&case["header"])),
        other => panic!("there is no surface {other}"),
    }
}

fn discovery(response: &ServerResponse) -> Result<Value, Error> {
    let metadata = ProviderMetadata::from_response(&Issuer::parse(ISSUER)?, response)?;
    let url = |endpoint: Option<&SecureUrl>| endpoint.map(|url| url.as_str().to_owned());
    Ok(json!({
        "issuer": metadata.issuer().as_str(),
        "authorization_endpoint": url(Some(metadata.authorization_endpoint())),
        "token_endpoint": url(Some(metadata.token_endpoint())),
        "userinfo_endpoint": url(metadata.userinfo_endpoint()),
        "jwks_uri": url(metadata.jwks_uri()),
        "pushed_authorization_request_endpoint":
            url(metadata.pushed_authorization_request_endpoint()),
        "revocation_endpoint": url(metadata.revocation_endpoint()),
        "end_session_endpoint": url(metadata.end_session_endpoint()),
    }))
}

/// An answer in the page's address. The login's record is found by its state alone.
fn authorization(case: &Value) -> Result<Value, Error> {
    let redirect_uri = SecureUrl::parse(REDIRECT_URI)?;
    let Some(callback) = Callback::from_url(text(&case["address"]), &redirect_uri) else {
        return Err(ErrorCode::CodeMissing.into());
    };
    let login = (callback.state() == Some(STATE)).then(|| login(case)).transpose()?;
    let authorization = callback.judge(login, true, &config(case), NOW)?;
    Ok(json!({ "code": fuzzing::code(&authorization) }))
}

fn brought(brought: Brought) -> Value {
    let response = &brought.response;
    json!({
        "access_token": brought.access_token(),
        "token_type": response.token_type().scheme().to_ascii_lowercase(),
        "expires_in": response.expires_in(),
        "scope": response.scope().joined(),
        "refresh_token": brought.refresh_token(),
        "sub": brought.id_token.as_ref().map(IdToken::subject),
        "keys": brought.keys,
    })
}

/// Of each challenge its scheme and the parameters that somebody acts on.
fn challenges(header: &str) -> Result<Value, Error> {
    let names = ["realm", "error", "error_description", "scope", "acr_values", "max_age", "algs"];
    let schemes = ["bearer", "dpop", "basic", "digest"];
    let read = |challenge: &Challenge| {
        let scheme = schemes.into_iter().find(|scheme| challenge.is(scheme)).unwrap_or("other");
        let mut read = json!({ "scheme": scheme });
        for name in names {
            if let Some(value) = challenge.get(name) {
                read[name] = json!(value);
            }
        }
        read
    };
    let challenges: Vec<Value> = Challenge::parse(header).iter().map(read).collect();
    if challenges.is_empty() {
        Err(ErrorCode::InvalidResponse.into())
    } else {
        Ok(json!(challenges))
    }
}

fn config(case: &Value) -> Config {
    let config = Config::new(ISSUER, CLIENT_ID, REDIRECT_URI).expect("the settings are right");
    let scope = case["scope"].as_str().unwrap_or("openid");
    let config = config.scope(scope).expect("the scope is right");
    config.dpop(if case["binding"] == "required" { Dpop::Required } else { Dpop::WhenOffered })
}

/// The login that has begun at the case's provider, asking for the case's scope and age.
fn login(case: &Value) -> Result<PendingLogin, Error> {
    let document = json(case["metadata"].to_string().as_bytes());
    let metadata = ProviderMetadata::from_response(&Issuer::parse(ISSUER)?, &document)?;
    let config = config(case);
    let options = RequestOptions::new().acr_hint(case["acr_hint"].as_str().unwrap_or_default());
    let options = match case["max_age"].as_u64() {
        Some(seconds) => options.max_age(seconds),
        None => options,
    };
    let wish = Wish {
        scope: config.login_scope(),
        options,
        return_to: ReturnTo::new("", config.redirect_uri()),
        dpop_jkt: None,
        needed: None,
        refused: None,
        step_ups: 0,
        resumes: None,
        in_popup: false,
        is_again: false,
    };
    let random = RandomValues { code_verifier: [3; 32], state: [1; 32], nonce: [2; 32] };
    let request = AuthorizationRequest::new(&config, &metadata, wish, &random, NOW)?;
    Ok(request.pending_login().clone())
}

/// Who signed in before.
fn original(case: &Value) -> Result<IdToken, Error> {
    fuzzing::id_token(text(&case["original"]), login(case)?, &config(case), NOW)
}

/// Whether a proof was sent, because binding is an offer or is required.
fn is_key_shown(case: &Value) -> bool {
    case["binding"].is_string()
}

fn response(value: &Value) -> ServerResponse {
    ServerResponse {
        status: value["status"].as_u64().and_then(|status| status.try_into().ok()).unwrap_or(0),
        content_type: value["content_type"].as_str().map(str::to_owned),
        www_authenticate: value["www_authenticate"].as_str().map(str::to_owned),
        dpop_nonce: None,
        retry_after: None,
        headers: Vec::new(),
        body: STANDARD.decode(value["body"].as_str().unwrap_or_default()).expect("base64"),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
