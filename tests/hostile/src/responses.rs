//! The honest answers of an authorization server, and a case's changes to them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::cases::{Authorize, Case, Edit, IdToken};
use crate::encoding::{
    Pairs, base64url, base64url_decode, first, json_object, json_string, write_form,
};

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

fn members<const N: usize>(list: [(&str, Value); N]) -> Pairs {
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
        ("grant_types_supported", json!(["authorization_code"])),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("token_endpoint_auth_methods_supported", json!(["none"])),
        ("authorization_response_iss_parameter_supported", Value::from(true)),
    ]);
    if case.oauth_only {
        return document;
    }
    document.extend(members([
        ("userinfo_endpoint", at("userinfo")),
        ("jwks_uri", at("jwks")),
        ("scopes_supported", json!(["openid", "profile", "email"])),
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
    let mut honest = vec![("code".to_owned(), Code::of(request).write())];
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

fn is_loopback(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.split(':').next().unwrap_or_default();
    host == "localhost" || host == "127.0.0.1"
}

/// What the token endpoint must know of the authorization request. It travels in the code itself,
/// so the server keeps no state.
struct Code {
    nonce: Option<String>,
    client_id: String,
    scope: String,
}

impl Code {
    fn of(request: &[(String, String)]) -> Self {
        let text = |name| first(request, name).unwrap_or_default().to_owned();
        Self {
            nonce: first(request, "nonce").map(str::to_owned),
            client_id: text("client_id"),
            scope: text("scope"),
        }
    }

    fn write(&self) -> String {
        let content = json!([self.nonce, self.client_id, self.scope]);
        base64url(content.to_string().as_bytes())
    }

    fn read(code: &str) -> Option<Self> {
        let content: Value = serde_json::from_slice(&base64url_decode(code)?).ok()?;
        Some(Self {
            nonce: content.get(0)?.as_str().map(str::to_owned),
            client_id: content.get(1)?.as_str()?.to_owned(),
            scope: content.get(2)?.as_str()?.to_owned(),
        })
    }
}

/// The access token of a case; tests look for it where no token may be.
pub fn access_token(segment: &str) -> String {
    format!("access-token-of-{segment}")
}

/// The subject of every ID token and userinfo response.
const SUBJECT: &str = "hostile-subject";

/// The token response (RFC 6749 section 5.1), or the error that a form which is not a code grant
/// gets.
pub fn token(place: &Place, case: &Case, form: &[(String, String)]) -> Result<Pairs, &'static str> {
    if first(form, "grant_type") != Some("authorization_code") {
        return Err("unsupported_grant_type");
    }
    if first(form, "code_verifier").is_none() {
        return Err("invalid_request");
    }
    let code = first(form, "code").and_then(Code::read);
    let code = code.ok_or("invalid_grant")?;
    let mut response = members([
        ("access_token", Value::from(access_token(&place.segment))),
        ("token_type", Value::from("Bearer")),
        ("expires_in", Value::from(3600)),
        ("scope", Value::from(code.scope.as_str())),
    ]);
    if let Some(id_token) = id_token(place, case, &code) {
        response.push(("id_token".to_owned(), json_string(&id_token)));
    }
    Ok(response)
}

fn id_token(place: &Place, case: &Case, code: &Code) -> Option<String> {
    match case.id_token {
        IdToken::Absent => None,
        IdToken::Text(text) => Some(text.to_owned()),
        IdToken::Claims(edits) => {
            let claims = place.edited(claims(place, code), edits);
            Some(jws(&json_object(&claims)))
        }
    }
}

/// The claims of an ID token (OpenID Connect Core section 2).
fn claims(place: &Place, code: &Code) -> Pairs {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let mut claims = members([
        ("iss", Value::from(place.issuer())),
        ("sub", Value::from(SUBJECT)),
        ("aud", Value::from(code.client_id.as_str())),
        ("iat", Value::from(now)),
        ("exp", Value::from(now + 3600)),
    ]);
    if let Some(nonce) = &code.nonce {
        claims.push(("nonce".to_owned(), json_string(nonce)));
    }
    claims
}

/// A compact JWS that looks like RS256; no key signed it.
fn jws(payload: &str) -> String {
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": KEY_ID}).to_string();
    let parts = [header.as_bytes(), payload.as_bytes(), &[0x5a_u8; KEY_BYTES]];
    parts.map(base64url).join(".")
}

const KEY_ID: &str = "hostile-key";
const KEY_BYTES: usize = 256;

/// A key set with one RSA public key that nobody has the private part of.
pub fn jwks() -> Value {
    let mut modulus = [0xc5_u8; KEY_BYTES];
    modulus[KEY_BYTES - 1] = 0x01;
    json!({"keys": [{
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": KEY_ID,
        "n": base64url(&modulus),
        "e": "AQAB",
    }]})
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
    fn the_nonce_reaches_the_id_token_through_the_code() {
        let location = authorization_response(&place(), &HONEST, &request()).unwrap();
        let (address, query) = location.split_once('?').unwrap();
        assert_eq!(address, "http://localhost:8080/callback.html");
        let mut form = parse_form(query);
        assert_eq!(first(&form, "state"), Some("S"));
        assert_eq!(first(&form, "iss"), Some("http://localhost:9500/honest"));
        form.extend(parse_form("grant_type=authorization_code&code_verifier=V"));

        let response = token(&place(), &HONEST, &form).unwrap();
        let response: Value = serde_json::from_str(&json_object(&response)).unwrap();
        assert_eq!(response["scope"], "openid email");
        let id_token = response["id_token"].as_str().unwrap();
        let payload = id_token.split('.').nth(1).unwrap();
        let claims: Value = serde_json::from_slice(&base64url_decode(payload).unwrap()).unwrap();
        assert_eq!(claims["nonce"], "N");
        assert_eq!(claims["aud"], "pixy");
        assert_eq!(claims["sub"], SUBJECT);
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

    #[test]
    fn a_form_without_verifier_or_known_code_gets_no_token() {
        for (form, error) in [
            ("grant_type=password", "unsupported_grant_type"),
            ("grant_type=authorization_code&code=x", "invalid_request"),
            ("grant_type=authorization_code&code=x&code_verifier=y", "invalid_grant"),
        ] {
            assert_eq!(token(&place(), &HONEST, &parse_form(form)), Err(error));
        }
    }
}
