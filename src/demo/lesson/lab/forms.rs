//! What is sent by hand, and how an answer is read. No browser in here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::protocol::json::{Object, Value};
use crate::protocol::{Challenge, CodeVerifier, ServerResponse};

/// A code that somebody else has got hold of, with what anybody may know of the app.
pub(in crate::demo::lesson) struct Stolen<'a> {
    pub(in crate::demo::lesson) code: &'a str,
    pub(in crate::demo::lesson) client_id: &'a str,
    pub(in crate::demo::lesson) redirect_uri: &'a str,
}

impl Stolen<'_> {
    /// The token request of whoever has the code (RFC 6749 section 4.1.3), with a verifier if they have one.
    pub(in crate::demo::lesson) fn form(&self, verifier: Option<&CodeVerifier>) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", self.code)
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("client_id", self.client_id);
        if let Some(verifier) = verifier {
            form.append_pair("code_verifier", verifier.expose());
        }
        form.finish()
    }
}

/// The authorization request of an app that does without PKCE.
pub(in crate::demo::lesson) fn without_challenge(url: &str) -> String {
    let Some((endpoint, query)) = url.split_once('?') else { return url.to_owned() };
    let kept = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| !name.starts_with("code_challenge"));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    [endpoint, "?", &query].concat()
}

/// The text of an answer that names another issuer, or none.
pub(in crate::demo::lesson) fn with_issuer(answer: &str, issuer: Option<&str>) -> String {
    let query = answer.strip_prefix('?').unwrap_or(answer);
    let kept = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "iss");
    let mut changed = form_urlencoded::Serializer::new(String::from("?"));
    changed.extend_pairs(kept).extend_pairs(issuer.map(|issuer| ("iss", issuer)));
    changed.finish()
}

/// The error that a server named: in the challenge (RFC 6750 section 3), else in the body (RFC 6749 section
/// 5.2). Empty when it named none.
pub(in crate::demo::lesson) fn error_of(response: &ServerResponse) -> String {
    let challenges = Challenge::parse(response.www_authenticate.as_deref().unwrap_or_default());
    let named = challenges.iter().find_map(|challenge| challenge.get("error")).map(str::to_owned);
    let in_body = || response.refusal().ok()?.text("error").ok().map(str::to_owned);
    named.or_else(in_body).unwrap_or_default()
}

/// What a token says that is a JWT (RFC 9068), unverified: for showing only.
pub(in crate::demo::lesson) fn claims_of(token: &str) -> Option<Object> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    Object::parse(core::str::from_utf8(&payload).ok()?).ok()
}

/// A form or a query, or the members of a JSON object, one by one.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    if let Ok(object) = Object::parse(text) {
        let members = object.members().iter();
        return members.map(|(name, value)| (name.clone(), shown(value))).collect();
    }
    form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

/// A value of a JSON document, as people read it.
pub(in crate::demo::lesson) fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Unsigned(number) => number.to_string(),
        Value::Negative(number) => number.to_string(),
        Value::Fraction(number) => number.to_string(),
        Value::Bool(is_so) => is_so.to_string(),
        Value::List(items) => items.iter().map(shown).collect::<Vec<_>>().join("; "),
        Value::Object(object) => {
            let members = object.members().iter();
            let members = members.map(|(name, value)| [name, ": ", &shown(value)].concat());
            members.collect::<Vec<_>>().join(", ")
        }
        Value::Null | Value::Unsound => "null".to_owned(),
    }
}

/// What proves something, and so is shown only to who asks for it.
pub(super) fn is_secret(name: &str) -> bool {
    let secrets = [
        "code",
        "code_verifier",
        "token",
        "access_token",
        "refresh_token",
        "id_token",
        "authorization",
        "dpop",
    ];
    secrets.iter().any(|secret| name.eq_ignore_ascii_case(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(header: Option<&str>, body: &str) -> ServerResponse {
        ServerResponse {
            status: 401,
            www_authenticate: header.map(str::to_owned),
            body: body.as_bytes().to_vec(),
            ..ServerResponse::default()
        }
    }

    #[test]
    fn a_thief_sends_what_they_have() {
        let stolen = Stolen { code: "c/1", client_id: "app", redirect_uri: "https://a.example/c" };
        let form = "grant_type=authorization_code&code=c%2F1\
                    &redirect_uri=https%3A%2F%2Fa.example%2Fc&client_id=app";
        assert_eq!(stolen.form(None), form);
        let verifier = CodeVerifier::from_random(&[0; 32]);
        let with_guess = [form, "&code_verifier=", verifier.expose()].concat();
        assert_eq!(stolen.form(Some(&verifier)), with_guess);
    }

    #[test]
    fn an_app_without_pkce_sends_everything_but_the_challenge() {
        let url = "https://id.example/auth?a=1&code_challenge=x&code_challenge_method=S256&state=s";
        assert_eq!(without_challenge(url), "https://id.example/auth?a=1&state=s");
    }

    #[test]
    fn an_answer_may_name_another_issuer_or_none() {
        let answer = "?code=c&state=s&iss=https%3A%2F%2Fid.example";
        let other = with_issuer(answer, Some("https://attacker.example"));
        assert_eq!(other, "?code=c&state=s&iss=https%3A%2F%2Fattacker.example");
        assert_eq!(with_issuer(answer, None), "?code=c&state=s");
    }

    #[test]
    fn the_error_is_in_the_challenge_or_in_the_body() {
        let challenge = r#"DPoP algs="ES256", Bearer error="invalid_token""#;
        assert_eq!(error_of(&refused(Some(challenge), "")), "invalid_token");
        assert_eq!(error_of(&refused(None, r#"{"error":"invalid_grant"}"#)), "invalid_grant");
        assert_eq!(error_of(&refused(None, "<h1>no</h1>")), "");
    }

    #[test]
    fn bodies_are_taken_apart() {
        let named = |text: &str| {
            let pairs = pairs(text).into_iter();
            pairs.map(|(name, value)| [name, value].join("=")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(named("a=1&b=%2F"), "a=1 b=/");
        let mails = r#"{"mails":[{"from":"a","ok":true},{"from":"b"}],"n":3}"#;
        assert_eq!(named(mails), "mails=from: a, ok: true; from: b n=3");
    }

    #[test]
    fn a_jwt_says_what_it_is_for() {
        // {"aud":"https://api.example"}
        let token = "e30.eyJhdWQiOiJodHRwczovL2FwaS5leGFtcGxlIn0.c2ln";
        assert_eq!(claims_of(token).unwrap().text("aud"), Ok("https://api.example"));
        assert!(claims_of("opaque").is_none());
    }

    #[test]
    fn what_proves_something_is_secret() {
        for name in ["code", "code_verifier", "access_token", "Authorization", "DPoP"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["state", "code_challenge", "client_id", "token_type"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
