//! What a refusal says of the access token that was sent (RFC 6750 section 3.1).

use super::challenge::Challenge;
use super::json::ServerResponse;
use super::text::contains;

/// Whether another access token may be accepted where this one was not: the server calls it invalid, and
/// complains of nothing else. CORS hides the reason at most servers, and some give none. Then it is not
/// guessed at, unless the token has run out by now, so that one reason is known.
pub(crate) fn wants_another_token(response: &ServerResponse, has_run_out: bool) -> bool {
    if response.status != 401 {
        return false;
    }
    let header = response.www_authenticate.as_deref().unwrap_or_default();
    let challenges = Challenge::parse(header);
    let mut errors = challenges.iter().filter(is_for_tokens).filter_map(|one| one.get("error"));
    match errors.next() {
        Some(first) => first == "invalid_token" && errors.all(|error| error == first),
        None => has_run_out,
    }
}

/// Whether a refusal is of the proof, by the provider's code or by its words.
pub(crate) fn is_about_proof(error: &str, description: &str) -> bool {
    error == "invalid_dpop_proof" || contains(description, "DPoP proof")
}

fn is_for_tokens(challenge: &&Challenge) -> bool {
    challenge.is("Bearer") || challenge.is("DPoP")
}
