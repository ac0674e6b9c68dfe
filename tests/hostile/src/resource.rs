//! What is asked for with an access token: userinfo, and a resource server at `/api`.

use serde_json::Value;

use crate::cases::{Api, Need, Refusal};
use crate::encoding::{json_object, json_string};
use crate::exchange::{Exchange, JSON, json, with_cors};
use crate::grant::Grant;
use crate::http::Response;
use crate::record::Endpoint;
use crate::responses::{self, members};
use crate::sessions::{Known, Token};
use crate::signing::jws;

/// Answers a userinfo request. A token that was never given out here will do, because some cases
/// change the token on its way.
pub fn answer_userinfo(exchange: &Exchange<'_>) -> Response {
    let token = match authorize(exchange) {
        Ok(token) => token,
        Err(refusal) => return refusal,
    };
    let case = exchange.case;
    let Some(signing) = &case.userinfo_signing else {
        return exchange.answer_json(case.userinfo, "userinfo", responses::userinfo());
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
        Ok(None) => return refused(401, &[INVALID_TOKEN]),
        Err(refusal) => return refusal,
    };
    match exchange.case.api {
        Api::Never(refusal) => refuse(refusal),
        Api::Unless(need, refusal) if !is_met(need, &token.grant) => refuse(refusal),
        _ => {
            let calls = exchange.record.count(&exchange.place.segment, Endpoint::Api);
            let document = members([("ok", Value::from(true)), ("calls", Value::from(calls))]);
            with_cors(json(200, &document))
        }
    }
}

fn is_met(need: Need, grant: &Grant) -> bool {
    match need {
        Need::Scope(scope) => grant.has_scope(scope),
        Need::Acr(acr) => grant.acr.as_deref() == Some(acr),
        Need::MaxAge => grant.auth_time.is_some(),
    }
}

/// The token of a request, `None` for one that is not known; or why it is refused (RFC 6750
/// section 3).
fn authorize(exchange: &Exchange<'_>) -> Result<Option<Token>, Response> {
    let Some(authorization) = exchange.request.header("authorization") else {
        return Err(refused(401, &["Bearer"]));
    };
    let (_, text) = authorization.split_once(' ').unwrap_or((authorization, ""));
    match exchange.session(|session| session.find_access_token(text)) {
        Known::Valid(token) => Ok(Some(token)),
        Known::Unknown => Ok(None),
        Known::Revoked => Err(refused(401, &[INVALID_TOKEN])),
    }
}

const INVALID_TOKEN: &str = "Bearer error=\"invalid_token\"";

fn refuse(refusal: Refusal) -> Response {
    refused(refusal.status, refusal.challenges)
}

fn refused(status: u16, challenges: &[impl AsRef<str>]) -> Response {
    let response = Response::new(status, JSON, "{\"ok\":false}");
    with_cors(challenges.iter().fold(response, |response, challenge| {
        response.with_header("WWW-Authenticate", challenge.as_ref())
    }))
}
