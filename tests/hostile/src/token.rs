//! The token endpoint: the code grant and the refresh (RFC 6749 sections 4.1.3 and 6).

use serde_json::Value;

use crate::cases::{Answer, Case, IdToken};
use crate::dpop::{Proof, Side};
use crate::encoding::{Pairs, first, json_object, json_string};
use crate::exchange::{Exchange, error};
use crate::grant::Grant;
use crate::http::Response;
use crate::responses::{claims, members};
use crate::sessions::{Lifetime, Token};
use crate::signing::{Signing, at_hash, jws};

/// Answers a token request.
pub fn answer(exchange: &Exchange<'_>) -> Response {
    let proof = match exchange.proof(exchange.case.dpop.is_some_and(|dpop| dpop.bound)) {
        Ok(proof) => proof,
        Err(refusal) => return refusal,
    };
    let form = exchange.request.form_parameters();
    let response = match first(&form, "grant_type") {
        Some("authorization_code") => code_grant(exchange, &form, proof.as_ref()),
        Some("refresh_token") => refresh(exchange, &form, proof.as_ref()),
        _ => Err("unsupported_grant_type"),
    };
    exchange.with_nonce(Side::AuthorizationServer, response.unwrap_or_else(error))
}

/// A response, or the code of the error response.
type Answered = Result<Response, &'static str>;

fn code_grant(
    exchange: &Exchange<'_>,
    form: &[(String, String)],
    proof: Option<&Proof>,
) -> Answered {
    if first(form, "code_verifier").is_none() {
        return Err("invalid_request");
    }
    let code = first(form, "code").unwrap_or_default();
    let grant = Grant::read_code(code).ok_or("invalid_grant")?;
    check_key(exchange, grant.dpop_jkt.as_deref(), proof)?;
    if exchange.session(|session| session.is_code_spent(code)) {
        exchange.violation("the code came before");
        return Err("invalid_grant");
    }
    let (case, segment) = (exchange.case, exchange.place.segment.as_str());
    let bound = case.dpop.is_none_or(|dpop| dpop.bound);
    let key = proof.filter(|_| bound).map(|proof| proof.thumbprint.clone());
    let (access_token, token, refresh_token) = exchange.session(|session| {
        let (access_token, token) = session.begin(segment, grant, key);
        session.spend_code(code, &token);
        let wanted = case.refresh.always || token.grant.has_scope("offline_access");
        let refresh_token = wanted.then(|| session.refresh_token(segment, &token));
        (access_token, token, refresh_token)
    });
    let claims = claims(exchange.place, &token.grant);
    let id_token =
        id_token(exchange, case.id_token, &case.signing, claims, &token.grant, &access_token);
    let honest = document(exchange, &token, &access_token, refresh_token, id_token);
    Ok(exchange.answer_json(case.token, "token", honest))
}

fn refresh(exchange: &Exchange<'_>, form: &[(String, String)], proof: Option<&Proof>) -> Answered {
    let refresh_token = first(form, "refresh_token").ok_or("invalid_request")?;
    let Case { refresh, signing, .. } = exchange.case;
    if exchange.session(|session| session.is_spent(refresh_token)) {
        exchange.violation("the refresh token came before");
    }
    let token = exchange.session(|session| session.find_refresh_token(refresh_token));
    let token = token.ok_or("invalid_grant")?;
    check_key(exchange, token.key.as_deref(), proof)?;
    // A server that fails did not look at the refresh token either.
    if let Answer::Fixed { .. } = refresh.answer {
        return Ok(exchange.answer_json(refresh.answer, "token", Vec::new()));
    }
    let mut asked = token.clone();
    asked.resource = first(form, "resource").map(str::to_owned);
    check_resource(&asked)?;
    let segment = exchange.place.segment.as_str();
    let (access_token, next) = exchange.session(|session| {
        let next = refresh.rotation.then(|| {
            session.spend(refresh_token);
            session.refresh_token(segment, &token)
        });
        (session.refresh(segment, &asked), next)
    });
    let signing = refresh.signing.as_ref().unwrap_or(signing);
    // OpenID Connect Core section 12.2: without nonce, with the time of the sign-in.
    let mut claims = claims(exchange.place, &token.grant);
    claims.retain(|(name, _)| name != "nonce");
    let id_token =
        id_token(exchange, refresh.id_token, signing, claims, &token.grant, &access_token);
    let honest = document(exchange, &token, &access_token, next, id_token);
    Ok(exchange.answer_json(refresh.answer, "token", honest))
}

/// Checks that the proof is made with the key that a code or refresh token is bound to.
fn check_key(
    exchange: &Exchange<'_>,
    bound: Option<&str>,
    proof: Option<&Proof>,
) -> Result<(), &'static str> {
    let Some(bound) = bound else { return Ok(()) };
    if proof.is_some_and(|proof| proof.thumbprint == bound) {
        return Ok(());
    }
    exchange.violation("DPoP: not the key that the code or refresh token is bound to");
    Err("invalid_dpop_proof")
}

/// A token for one API is had by whoever named it at the sign-in (RFC 8707 section 2.2). To one of them the
/// person has not consented, which some providers say as if the grant were over.
fn check_resource(token: &Token) -> Result<(), &'static str> {
    match token.resource.as_deref() {
        Some("urn:no-consent") => Err("invalid_grant"),
        Some(uri) if !token.grant.resources.iter().any(|named| named == uri) => {
            Err("invalid_target")
        }
        _ => Ok(()),
    }
}

/// The token response (RFC 6749 section 5.1).
fn document(
    exchange: &Exchange<'_>,
    token: &Token,
    access_token: &str,
    refresh_token: Option<String>,
    id_token: Option<String>,
) -> Pairs {
    let mut document = members([
        ("access_token", Value::from(access_token)),
        ("token_type", Value::from(if token.key.is_some() { "DPoP" } else { "Bearer" })),
        ("scope", Value::from(token.grant.scope.as_str())),
    ]);
    if let Lifetime::Seconds(seconds) = exchange.session(|session| session.lifetime) {
        document.extend(members([("expires_in", Value::from(seconds))]));
    }
    if let Some(id_token) = &id_token {
        exchange.session(|session| session.note_id_token(id_token));
    }
    let optional = [("refresh_token", refresh_token), ("id_token", id_token)];
    for (name, value) in optional {
        document.extend(value.map(|value| (name.to_owned(), json_string(&value))));
    }
    document
}

fn id_token(
    exchange: &Exchange<'_>,
    id_token: IdToken,
    signing: &Signing,
    mut claims: Pairs,
    grant: &Grant,
    access_token: &str,
) -> Option<String> {
    let edits = match id_token {
        IdToken::Absent => return None,
        IdToken::Text(text) => return Some(text.to_owned()),
        IdToken::Claims(edits) => edits,
    };
    let hash = at_hash(signing, access_token);
    claims.extend(hash.map(|hash| ("at_hash".to_owned(), json_string(&hash))));
    let mut claims = exchange.place.edited(claims, edits);
    for (_, value) in &mut claims {
        *value = value
            .replace("{client_id}", &grant.client_id)
            .replace("{nonce}", grant.nonce.as_deref().unwrap_or_default());
    }
    Some(jws(exchange.place, signing, &grant.client_id, &json_object(&claims)))
}
