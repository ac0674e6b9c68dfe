//! What is asked for with an access token: userinfo, and a resource server at `/api`, which has the demo's
//! mail at `/mail`.

use serde_json::Value;

use crate::cases::{Api, Need, Refusal};
use crate::dpop::{Refused, Side};
use crate::encoding::{Pairs, first, json_object, json_string};
use crate::exchange::{Exchange, JSON, json, with_cors};
use crate::http::Response;
use crate::record::Endpoint;
use crate::responses::{self, members};
use crate::sessions::{Known, Token};
use crate::signing::jws;

/// Answers a userinfo request. A token that was never given out here will do, unless DPoP is asked
/// for, because some cases change the token on its way.
pub fn answer_userinfo(exchange: &Exchange<'_>) -> Response {
    let token = match authorize(exchange) {
        Ok(token) => token,
        Err(refusal) => return refusal,
    };
    let case = exchange.case;
    let Some(signing) = &case.userinfo_signing else {
        let response = exchange.answer_json(case.userinfo, "userinfo", responses::userinfo());
        return exchange.with_nonce(Side::ResourceServer, response);
    };
    // OpenID Connect Core section 5.3.2: signed, with iss and aud.
    let client_id = token.map(|token| token.grant.client_id).unwrap_or_default();
    let mut claims = responses::userinfo();
    claims.push(("iss".to_owned(), json_string(&exchange.place.issuer())));
    claims.push(("aud".to_owned(), json_string(&client_id)));
    exchange.answer_document(case.userinfo, "userinfo", claims, |claims| {
        let token = jws(exchange.place, signing, &client_id, &json_object(claims));
        Response::new(200, "application/jwt", token).with_header("Cache-Control", "no-store")
    })
}

/// Answers a request to the resource server.
pub fn answer_api(exchange: &Exchange<'_>) -> Response {
    let token = match authorize(exchange) {
        Ok(Some(token)) => token,
        Ok(None) => return refused(401, &[challenge(exchange, Some("invalid_token"))]),
        Err(refusal) => return refusal,
    };
    let response = match exchange.case.api {
        Api::Never(refusal) => refuse(refusal),
        Api::Unless(need, refusal) if !is_met(exchange, need, &token) => refuse(refusal),
        Api::Redirects => redirect(exchange),
        Api::Answers(answer) => exchange.answer_json(answer, "api", document(exchange)),
        _ => with_cors(json(200, &document(exchange))),
    };
    exchange.with_nonce(Side::ResourceServer, response)
}

fn redirect(exchange: &Exchange<'_>) -> Response {
    let query = exchange.request.query_parameters();
    let status = first(&query, "status").and_then(|status| status.parse().ok());
    let to = first(&query, "to").filter(|to| responses::is_loopback(to));
    let (Some(status), Some(to)) = (status, to) else { return with_cors(Response::empty(400)) };
    with_cors(Response::empty(status).with_header("Location", to))
}

fn document(exchange: &Exchange<'_>) -> Pairs {
    if exchange.request.path.ends_with("/mail") {
        return members([("mails", Value::Array(Vec::new()))]);
    }
    let calls = exchange.record.count(&exchange.place.segment, Endpoint::Api);
    members([("ok", Value::from(true)), ("calls", Value::from(calls))])
}

fn is_met(exchange: &Exchange<'_>, need: Need, token: &Token) -> bool {
    let grant = &token.grant;
    match need {
        Need::Scope(scope) => grant.has_scope(scope),
        Need::Acr(acr) => grant.acr.as_deref() == Some(acr),
        Need::MaxAge => grant.auth_time.is_some(),
        Need::Own => {
            let name = exchange.request.path.rsplit('/').next().unwrap_or_default();
            token.resource.as_deref() == Some(&format!("urn:{name}"))
        }
        Need::Renewed => {
            let first = responses::access_token(&exchange.place.segment);
            exchange.request.header("authorization").is_some_and(|text| !text.ends_with(&first))
        }
    }
}

/// The token of a request, `None` for one that is not known; or why it is refused (RFC 6750
/// section 3, RFC 9449 section 7.1).
fn authorize(exchange: &Exchange<'_>) -> Result<Option<Token>, Response> {
    let unauthorized = |error| Err(refused(401, &[challenge(exchange, error)]));
    let Some(authorization) = exchange.request.header("authorization") else {
        return unauthorized(None);
    };
    let (scheme, text) = authorization.split_once(' ').unwrap_or((authorization, ""));
    let token = match exchange.session(|session| session.find_access_token(text)) {
        Known::Valid(token) => *token,
        Known::Unknown if exchange.case.dpop.is_none() => return Ok(None),
        Known::Unknown | Known::Over => return unauthorized(Some("invalid_token")),
    };
    let Some(key) = &token.key else { return Ok(Some(token)) };
    if !scheme.eq_ignore_ascii_case("DPoP") {
        exchange.violation("DPoP: a bound token under another scheme");
        return unauthorized(Some("invalid_token"));
    }
    let side = Side::ResourceServer;
    let refuse = |refused: Refused| {
        let response = refused_proof(refused.code());
        Err(exchange.with_nonce(side, response))
    };
    match exchange.check_proof(side, Some(text)) {
        Ok(proof) if proof.thumbprint == *key => Ok(Some(token)),
        Ok(_) => {
            exchange.violation("DPoP: not the key that the access token is bound to");
            refuse(Refused::InvalidProof)
        }
        Err(refused) => refuse(refused),
    }
}

fn challenge(exchange: &Exchange<'_>, error: Option<&str>) -> String {
    let error = error.map(|error| format!("error=\"{error}\""));
    match (exchange.case.dpop, error) {
        (None, None) => "Bearer".to_owned(),
        (None, Some(error)) => format!("Bearer {error}"),
        (Some(_), None) => "DPoP algs=\"ES256\"".to_owned(),
        (Some(_), Some(error)) => format!("DPoP {error}, algs=\"ES256\""),
    }
}

fn refused_proof(code: &str) -> Response {
    refused(401, &[format!("DPoP error=\"{code}\", algs=\"ES256\"")])
}

fn refuse(refusal: Refusal) -> Response {
    refused(refusal.status, refusal.challenges)
}

fn refused(status: u16, challenges: &[impl AsRef<str>]) -> Response {
    let response = Response::new(status, JSON, "{\"ok\":false}");
    with_cors(challenges.iter().fold(response, |response, challenge| {
        response.with_header("WWW-Authenticate", challenge.as_ref())
    }))
}
