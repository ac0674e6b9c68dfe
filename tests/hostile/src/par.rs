//! Pushed authorization requests (RFC 9126). The request URI holds the request itself, so that the
//! authorization endpoint can read it back.

use serde_json::Value;

use crate::cases::Answer;
use crate::dpop::Side;
use crate::encoding::{Pairs, base64url, base64url_decode, first, parse_form, write_form};
use crate::exchange::{Exchange, error, json};
use crate::http::Response;
use crate::responses::members;

const URN: &str = "urn:ietf:params:oauth:request_uri:";

/// Answers a pushed authorization request.
pub fn answer(exchange: &Exchange<'_>) -> Response {
    let proof = match exchange.proof(false) {
        Ok(proof) => proof,
        Err(refusal) => return refusal,
    };
    let mut pushed = exchange.request.form_parameters();
    if let Some(proof) = proof {
        // RFC 9449 section 10.1: the proof binds the code as dpop_jkt does.
        let named = first(&pushed, "dpop_jkt").unwrap_or(&proof.thumbprint);
        if named != proof.thumbprint {
            exchange.violation("DPoP: dpop_jkt is not the key of the proof");
            return error("invalid_dpop_proof");
        }
        pushed.retain(|(name, _)| name != "dpop_jkt");
        pushed.push(("dpop_jkt".to_owned(), proof.thumbprint));
    }
    let response = push(exchange, &pushed).unwrap_or_else(error);
    exchange.with_nonce(Side::AuthorizationServer, response)
}

fn push(exchange: &Exchange<'_>, pushed: &Pairs) -> Result<Response, &'static str> {
    if first(pushed, "request_uri").is_some() || first(pushed, "client_id").is_none() {
        return Err("invalid_request");
    }
    let number = exchange.session(|session| session.next_pushed_request());
    let content = base64url(format!("{number}&{}", write_form(pushed)).as_bytes());
    let honest = members([
        ("request_uri", Value::from(format!("{URN}{content}"))),
        ("expires_in", Value::from(60)),
    ]);
    let answer = exchange.case.par.map_or(Answer::Honest(&[]), |par| par.answer);
    Ok(exchange.answer_document(answer, "par", honest, |members| json(201, members)))
}

/// The parameters of an authorization request, which may have been pushed before.
pub fn authorization_request(exchange: &Exchange<'_>) -> Result<Pairs, &'static str> {
    let sent = exchange.request.query_parameters();
    let refused = |reason| {
        exchange.violation(reason);
        Err(reason)
    };
    let Some(request_uri) = first(&sent, "request_uri") else {
        if exchange.case.par.is_some_and(|par| par.required) {
            return refused("the request was not pushed");
        }
        return Ok(sent);
    };
    if sent.iter().any(|(name, _)| name != "client_id" && name != "request_uri") {
        return refused("a parameter besides client_id and request_uri");
    }
    let Some(pushed) = read(request_uri) else {
        return refused("the request_uri is not one of this server");
    };
    if first(&sent, "client_id") != first(&pushed, "client_id") {
        return refused("the client_id is not the one that pushed the request");
    }
    if !exchange.session(|session| session.is_new(request_uri)) {
        return refused("the request_uri was used before");
    }
    Ok(pushed)
}

fn read(request_uri: &str) -> Option<Pairs> {
    let content = base64url_decode(request_uri.strip_prefix(URN)?)?;
    let (_, form) = std::str::from_utf8(&content).ok()?.split_once('&')?;
    Some(parse_form(form))
}
