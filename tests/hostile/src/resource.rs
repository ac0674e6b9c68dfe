//! What is asked for with an access token: userinfo.

use crate::encoding::{json_object, json_string};
use crate::exchange::{Exchange, with_cors};
use crate::http::Response;
use crate::responses;
use crate::sessions::Token;
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

/// The token of a request, `None` for one that is not known; or why it is refused (RFC 6750
/// section 3).
fn authorize(exchange: &Exchange<'_>) -> Result<Option<Token>, Response> {
    let Some(authorization) = exchange.request.header("authorization") else {
        let refusal = Response::empty(401).with_header("WWW-Authenticate", "Bearer");
        return Err(with_cors(refusal));
    };
    let (_, text) = authorization.split_once(' ').unwrap_or((authorization, ""));
    Ok(exchange.session(|session| session.find_access_token(text)))
}
