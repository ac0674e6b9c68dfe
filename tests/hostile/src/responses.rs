//! The honest answers of an authorization server, and a case's changes to them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::cases::{Authorize, Case, Edit};
use crate::encoding::{Pairs, first, json_string, write_form};
use crate::grant::Grant;

/// Where a request arrived: the server's origin and the case's segment of the path.
#[derive(Clone, Debug)]
pub struct Place {
    pub origin: String,
    pub segment: String,
}

impl Place {
    pub fn issuer(&self) -> String {
        format!("{}/{}", self.origin, self.segment)
    }

    fn fill(&self, template: &str) -> String {
        template.replace("{issuer}", &self.issuer()).replace("{origin}", &self.origin)
    }

    /// Makes a case's changes to an honest answer.
    pub fn edited(&self, mut pairs: Pairs, edits: &[Edit]) -> Pairs {
        for edit in edits {
            self.edit(&mut pairs, edit);
        }
        pairs
    }

    fn edit(&self, pairs: &mut Pairs, edit: &Edit) {
        match *edit {
            Edit::Set(name, value) => set(pairs, name, self.fill(value)),
            Edit::SetLong(name, length) => set(pairs, name, "a".repeat(length)),
            Edit::SetLongText(name, length) => set(pairs, name, json_string(&"a".repeat(length))),
            Edit::SetTime(name, offset) => {
                set(pairs, name, now().saturating_add_signed(offset).to_string());
            }
            Edit::Remove(name) => pairs.retain(|(key, _)| key != name),
            Edit::Append(name, value) => pairs.push((name.to_owned(), self.fill(value))),
            Edit::Repeat(name) => {
                let found = pairs.iter().find(|(key, _)| key == name);
                if let Some(pair) = found.cloned() {
                    pairs.push(pair);
                }
            }
        }
    }
}

fn set(pairs: &mut Pairs, name: &str, value: String) {
    match pairs.iter_mut().find(|(key, _)| key == name) {
        Some(pair) => pair.1 = value,
        None => pairs.push((name.to_owned(), value)),
    }
}

/// Members of a JSON object.
pub fn members<const N: usize>(list: [(&str, Value); N]) -> Pairs {
    list.map(|(name, value)| (name.to_owned(), value.to_string())).into()
}

/// The metadata document (RFC 8414 section 2, OpenID Connect Discovery section 3).
pub fn metadata(place: &Place, case: &Case) -> Pairs {
    let issuer = place.issuer();
    let at = |name: &str| Value::from(format!("{issuer}/{name}"));
    let mut document = members([
        ("issuer", Value::from(issuer.as_str())),
        ("authorization_endpoint", at("authorize")),
        ("token_endpoint", at("token")),
        ("response_types_supported", json!(["code"])),
        ("grant_types_supported", json!(["authorization_code", "refresh_token"])),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("token_endpoint_auth_methods_supported", json!(["none"])),
        ("authorization_response_iss_parameter_supported", Value::from(true)),
    ]);
    if case.dpop.is_some() {
        document.extend(members([("dpop_signing_alg_values_supported", json!(["ES256"]))]));
    }
    if let Some(par) = case.par {
        document.extend(members([
            ("pushed_authorization_request_endpoint", at("par")),
            ("require_pushed_authorization_requests", Value::from(par.required)),
        ]));
    }
    if case.oauth_only {
        return document;
    }
    document.extend(members([
        ("revocation_endpoint", at("revoke")),
        ("end_session_endpoint", at("logout")),
        ("userinfo_endpoint", at("userinfo")),
        ("jwks_uri", at("jwks")),
        ("scopes_supported", json!(["openid", "profile", "email", "offline_access"])),
        ("subject_types_supported", json!(["public"])),
        ("id_token_signing_alg_values_supported", json!(["RS256"])),
    ]));
    document
}

/// The address that the authorization endpoint sends the browser to, or why there is none.
pub fn authorization_response(
    place: &Place,
    case: &Case,
    request: &[(String, String)],
) -> Result<String, &'static str> {
    let redirect_uri = first(request, "redirect_uri").ok_or("redirect_uri is missing")?;
    if !is_loopback(redirect_uri) {
        return Err("redirect_uri is not on loopback");
    }
    let mut honest = vec![("code".to_owned(), Grant::of(request).write_code())];
    if let Some(state) = first(request, "state") {
        honest.push(("state".to_owned(), state.to_owned()));
    }
    honest.push(("iss".to_owned(), place.issuer()));
    let (separator, edits) = match case.authorize {
        Authorize::Query(edits) if redirect_uri.contains('?') => ('&', edits),
        Authorize::Query(edits) => ('?', edits),
        Authorize::Fragment(edits) => ('#', edits),
    };
    let parameters = write_form(&place.edited(honest, edits));
    Ok(format!("{redirect_uri}{separator}{parameters}"))
}

/// Whether an address is on this machine; nobody is sent to another.
pub fn is_loopback(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.split(':').next().unwrap_or_default();
    host == "localhost" || host == "127.0.0.1"
}

/// The access token of a case; tests look for it where no token may be.
pub fn access_token(segment: &str) -> String {
    format!("access-token-of-{segment}")
}

/// The subject of every ID token and userinfo response.
const SUBJECT: &str = "hostile-subject";

/// The claims of an ID token (OpenID Connect Core section 2).
pub fn claims(place: &Place, grant: &Grant) -> Pairs {
    let now = now();
    let mut claims = members([
        ("iss", Value::from(place.issuer())),
        ("sub", Value::from(SUBJECT)),
        ("aud", Value::from(grant.client_id.as_str())),
        ("iat", Value::from(now)),
        ("exp", Value::from(now + 3600)),
    ]);
    let optional = [
        ("nonce", grant.nonce.as_deref().map(Value::from)),
        ("auth_time", grant.auth_time.map(Value::from)),
        ("acr", grant.acr.as_deref().map(Value::from)),
    ];
    for (name, value) in optional {
        claims.extend(value.map(|value| (name.to_owned(), value.to_string())));
    }
    claims
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

/// The userinfo response (OpenID Connect Core section 5.3.2).
pub fn userinfo() -> Pairs {
    members([
        ("sub", Value::from(SUBJECT)),
        ("name", Value::from("Honest Hanako")),
        ("email", Value::from("hanako@hostile.example")),
        ("email_verified", Value::from(true)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{HONEST, find};
    use crate::encoding::parse_form;

    fn place() -> Place {
        Place { origin: "http://localhost:9500".to_owned(), segment: "honest".to_owned() }
    }

    fn request() -> Pairs {
        parse_form(
            "client_id=pixy&redirect_uri=http%3A%2F%2Flocalhost%3A8080%2Fcallback.html\
             &state=S&nonce=N&scope=openid+email",
        )
    }

    fn response(case: &str) -> String {
        authorization_response(&place(), find(case).unwrap(), &request()).unwrap()
    }

    #[test]
    fn authorization_responses_are_changed_as_the_case_says() {
        let parameters = |location: &str| parse_form(location.split_once(['?', '#']).unwrap().1);
        assert!(response("t12-fragment").contains("callback.html#code="));
        let twice = parameters(&response("t10-code-twice"));
        assert_eq!(twice.iter().filter(|(name, _)| name == "code").count(), 2);
        assert_eq!(first(&parameters(&response("t2-missing-state")), "state"), None);
        let denied = parameters(&response("access-denied"));
        assert_eq!(first(&denied, "error"), Some("access_denied"));
        assert_eq!(first(&denied, "code"), None);
        let slash = parameters(&response("t6-iss-slash"));
        assert_eq!(first(&slash, "iss"), Some("http://localhost:9500/honest/"));
        assert!(response("t15-long").len() > 200_000);
    }

    #[test]
    fn only_loopback_gets_an_authorization_response() {
        for bad in [
            "https://evil.example/",
            "http://localhost.evil.example/",
            "http://localhost@evil.example/",
            "",
        ] {
            let request = vec![("redirect_uri".to_owned(), bad.to_owned())];
            assert!(authorization_response(&place(), &HONEST, &request).is_err(), "{bad}");
        }
    }
}
