//! What is sent by hand, and how an answer is read. No browser in here.

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
    let issuer = issuer.map(|issuer| ("iss", issuer));
    let mut changed = form_urlencoded::Serializer::new(String::new());
    ["?", &changed.extend_pairs(kept).extend_pairs(issuer).finish()].concat()
}

/// The error that a server named: in the challenge (RFC 6750 section 3), else in the body (RFC 6749 section
/// 5.2). Empty when it named none.
pub(in crate::demo::lesson) fn error_of(response: &ServerResponse) -> String {
    let challenges = Challenge::parse(response.www_authenticate.as_deref().unwrap_or_default());
    let named = challenges.iter().find_map(|challenge| challenge.get("error")).map(str::to_owned);
    let in_body = || response.refusal().ok()?.text("error").ok().map(str::to_owned);
    named.or_else(in_body).unwrap_or_default()
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
}
