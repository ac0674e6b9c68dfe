//! A request or an answer, taken apart for reading: each header, parameter and member on a line of its own.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::explain::Place;
use super::story::What;
use crate::demo::recording::{Answer, Entry, Kind};
use crate::protocol::json::{Object, Value};

/// What proves something, or stands for something: whoever has it can use it.
const SECRETS: [&str; 11] = [
    "code",
    "code_verifier",
    "access_token",
    "refresh_token",
    "id_token",
    "id_token_hint",
    "token",
    "subject_token",
    "authorization",
    "dpop",
    "assertion",
];

/// Headers that say nothing about the sign-in.
const IDLE_HEADERS: [&str; 2] = ["content-length", "content-encoding"];

/// A name and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) place: Place,
    pub(super) name: String,
    pub(super) value: String,
    pub(super) is_secret: bool,
    /// What is in it, where it is a token that can be read.
    pub(super) token: Option<ReadToken>,
}

/// A signed token, taken apart. Its signature has been verified elsewhere, or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReadToken {
    pub(super) header: Vec<Line>,
    pub(super) claims: Vec<Line>,
    pub(super) signature: String,
}

/// A request, or where the browser went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    /// Without what follows the question mark: that is in the parameters.
    pub(super) address: String,
    pub(super) headers: Vec<Line>,
    pub(super) parameters: Vec<Line>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) headers: Vec<Line>,
    pub(super) members: Vec<Line>,
    /// The body, where it has no members.
    pub(super) text: Option<String>,
}

/// Takes a request apart.
pub(super) fn request(what: What, entry: &Entry) -> Request {
    let (address, query) = entry.url.split_once('?').unwrap_or((&entry.url, ""));
    let place = match (what, entry.kind) {
        (_, Kind::Callback) => Place::Callback,
        (_, Kind::Redirect) | (What::Push, _) => Place::Authorization,
        (What::Exchange | What::Renewal | What::Revocation, _) => Place::TokenRequest,
        _ => Place::Elsewhere,
    };
    let mut parameters = form(place, query);
    parameters.extend(form(place, &entry.body));
    Request {
        method: entry.method.clone(),
        address: address.to_owned(),
        headers: headers(Place::RequestHeader, &entry.headers),
        parameters,
    }
}

/// Takes an answer apart.
pub(super) fn reply(what: What, answer: &Answer) -> Reply {
    let place = match what {
        What::Discovery => Place::Discovery,
        What::Push => Place::PushAnswer,
        What::Exchange | What::Renewal => Place::TokenAnswer,
        What::Keys => Place::Keys,
        What::Profile => Place::Profile,
        _ => Place::Elsewhere,
    };
    let object = Object::parse(&answer.body).ok();
    let text = object.is_none().then(|| answer.body.clone()).filter(|body| !body.is_empty());
    let members = object.map(|object| members(place, &object)).unwrap_or_default();
    Reply { headers: headers(Place::AnswerHeader, &answer.headers), members, text }
}

/// The parameter of this name that a request carries, in its address or in its body.
pub(super) fn parameter(entry: &Entry, name: &str) -> Option<String> {
    let (_, query) = entry.url.split_once('?').unwrap_or_default();
    let mut pairs = form_urlencoded::parse(entry.body.as_bytes())
        .chain(form_urlencoded::parse(query.as_bytes()));
    pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

fn form(place: Place, text: &str) -> Vec<Line> {
    let pairs = form_urlencoded::parse(text.as_bytes());
    pairs.map(|(name, value)| line(place, &name, value.into_owned())).collect()
}

fn headers(place: Place, pairs: &[(String, String)]) -> Vec<Line> {
    let told = pairs
        .iter()
        .filter(|(name, _)| !IDLE_HEADERS.iter().any(|idle| name.eq_ignore_ascii_case(idle)));
    told.map(|(name, value)| line(place, name, value.clone())).collect()
}

fn members(place: Place, object: &Object) -> Vec<Line> {
    let members = object.members().iter();
    members.map(|(name, value)| line(place, name, written(value))).collect()
}

fn line(place: Place, name: &str, value: String) -> Line {
    let is_secret = is_secret(place, name);
    let claims = if name.eq_ignore_ascii_case("DPoP") { Place::Proof } else { Place::IdToken };
    let token = is_secret.then(|| read_token(claims, &value)).flatten();
    Line { place, name: name.to_owned(), value, is_secret, token }
}

fn is_secret(place: Place, name: &str) -> bool {
    let is_listed = SECRETS.iter().any(|secret| name.eq_ignore_ascii_case(secret));
    // Of the same name, but said of things: which kinds of them there are.
    is_listed && !matches!(place, Place::Discovery | Place::Profile | Place::Keys)
}

/// Takes a token apart, where it is a signed one (RFC 7519): three parts in base64url.
pub(super) fn read_token(claims: Place, value: &str) -> Option<ReadToken> {
    let token = value.rsplit(' ').next()?;
    let mut parts = token.split('.');
    let (header, body, signature) = (parts.next()?, parts.next()?, parts.next()?);
    Some(ReadToken {
        header: members(Place::TokenHeader, &decoded(header)?),
        claims: members(claims, &decoded(body)?),
        signature: signature.to_owned(),
    })
}

fn decoded(part: &str) -> Option<Object> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    Object::parse(core::str::from_utf8(&bytes).ok()?).ok()
}

/// A value for reading: texts without quotation marks, lists with commas.
fn written(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Null | Value::Unsound => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Unsigned(number) => number.to_string(),
        Value::Negative(number) => number.to_string(),
        Value::Fraction(number) => number.to_string(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(written).collect();
            items.join(", ")
        }
        Value::Object(object) => {
            let pair = |(name, value): &(String, Value)| [name, ": ", &written(value)].concat();
            let members: Vec<String> = object.members().iter().map(pair).collect();
            ["{", &members.join(", "), "}"].concat()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::story::tests::{answered, entry};
    use super::*;

    fn named<'a>(lines: &'a [Line], name: &str) -> &'a Line {
        lines.iter().find(|line| line.name == name).unwrap()
    }

    #[test]
    fn what_opens_something_is_secret_and_the_rest_is_not() {
        let body = "grant_type=authorization_code&code=abc&code_verifier=def&client_id=app";
        let mut exchange = entry(Kind::Request, "https://id.example/token", body, 1);
        exchange.headers = vec![("DPoP".to_owned(), "proof".to_owned())];
        let request = request(What::Exchange, &exchange);
        assert!(named(&request.parameters, "code").is_secret);
        assert!(named(&request.parameters, "code_verifier").is_secret);
        assert!(!named(&request.parameters, "client_id").is_secret);
        assert!(named(&request.headers, "DPoP").is_secret);
    }

    #[test]
    fn an_address_is_told_without_its_parameters() {
        let url = "https://app.example/callback.html?code=abc&state=a%20b";
        let request = request(What::Callback, &entry(Kind::Callback, url, "", 1));
        assert_eq!(request.address, "https://app.example/callback.html");
        assert_eq!(named(&request.parameters, "state").value, "a b");
        assert!(named(&request.parameters, "code").is_secret);
        assert!(!named(&request.parameters, "state").is_secret);
    }

    #[test]
    fn an_id_token_can_be_read_but_its_text_is_secret() {
        let token = ["e30", "eyJzdWIiOiJhZGEiLCJhdWQiOlsiYSIsImIiXX0", "c2ln"].join(".");
        let body = format!(r#"{{"id_token": "{token}", "token_type": "DPoP"}}"#);
        let entry =
            answered(entry(Kind::Request, "https://id.example/token", "a=b", 1), 200, &body);
        let crate::demo::recording::Outcome::Answer(answer) = entry.outcome else { panic!() };
        let reply = reply(What::Exchange, &answer);
        let line = named(&reply.members, "id_token");
        assert!(line.is_secret);
        let token = line.token.as_ref().unwrap();
        assert_eq!(named(&token.claims, "aud").value, "a, b");
        assert_eq!(token.signature, "c2ln");
        assert!(!named(&reply.members, "token_type").is_secret);
    }

    #[test]
    fn an_answer_without_members_is_told_as_it_came() {
        let answer = Answer { status: 502, took: 1, headers: vec![], body: "Bad".to_owned() };
        assert_eq!(reply(What::Api, &answer).text.as_deref(), Some("Bad"));
    }

    #[test]
    fn a_parameter_is_found_in_the_address_and_in_the_body() {
        let redirect = entry(Kind::Redirect, "https://id.example/auth?code_challenge=c", "", 1);
        assert_eq!(parameter(&redirect, "code_challenge").as_deref(), Some("c"));
        let push = entry(Kind::Request, "https://id.example/par", "code_challenge=d", 1);
        assert_eq!(parameter(&push, "code_challenge").as_deref(), Some("d"));
        assert_eq!(parameter(&push, "state"), None);
    }
}
