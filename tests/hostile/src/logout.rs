//! Revocation (RFC 7009) and sign-out (OpenID Connect RP-Initiated Logout section 2).

use crate::cases::Answer;
use crate::encoding::{first, write_form};
use crate::exchange::{Exchange, error};
use crate::http::Response;
use crate::responses::is_loopback;

/// Answers a revocation request.
pub fn answer_revocation(exchange: &Exchange<'_>) -> Response {
    let form = exchange.request.form_parameters();
    let Some(token) = first(&form, "token") else {
        return error("invalid_request");
    };
    let answer = exchange.case.revocation;
    if matches!(answer, Answer::Honest(_) | Answer::WithoutCors) {
        exchange.session(|session| session.revoke(token));
    }
    // RFC 7009 section 2.2: the status says it all, the body is empty.
    exchange.answer_document(answer, "revoke", Vec::new(), |_| Response::empty(200))
}

/// Sends the browser back from the end session endpoint, which is for navigation only.
pub fn answer_logout(exchange: &Exchange<'_>) -> Response {
    let mut sent = exchange.request.query_parameters();
    sent.extend(exchange.request.form_parameters());
    let Some(address) = first(&sent, "post_logout_redirect_uri") else {
        return Response::new(200, "text/plain", "You are signed out.");
    };
    if !is_loopback(address) {
        return Response::new(400, "text/plain", "post_logout_redirect_uri is not on loopback");
    }
    let state = first(&sent, "state").map(|state| ("state".to_owned(), state.to_owned()));
    let given = exchange.place.edited(state.into_iter().collect(), exchange.case.logout);
    let separator = if address.contains('?') { "&" } else { "?" };
    let separator = if given.is_empty() { "" } else { separator };
    Response::empty(302)
        .with_header("Location", &format!("{address}{separator}{}", write_form(&given)))
        .with_header("Cache-Control", "no-store")
}
