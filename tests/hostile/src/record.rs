//! What was asked and how far the answers went, by case.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::encoding::Pairs;
use crate::http::{Request, Sent};

/// The endpoints of an authorization server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The metadata document, at either of its well-known places.
    Discovery,
    /// The authorization endpoint.
    Authorize,
    /// The token endpoint.
    Token,
    /// The userinfo endpoint.
    Userinfo,
    /// The key set.
    Jwks,
    /// The pushed authorization request endpoint.
    Par,
    /// The revocation endpoint.
    Revoke,
    /// The end session endpoint.
    Logout,
    /// The resource server.
    Api,
    /// Anything else under the case's path.
    Other,
}

impl Endpoint {
    /// All of them, in the order of a sign-in.
    pub const ALL: [Self; 10] = [
        Self::Discovery,
        Self::Par,
        Self::Authorize,
        Self::Token,
        Self::Jwks,
        Self::Userinfo,
        Self::Api,
        Self::Revoke,
        Self::Logout,
        Self::Other,
    ];

    /// The endpoint of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| endpoint.name() == name)
    }

    /// The name in the record.
    pub fn name(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Authorize => "authorize",
            Self::Token => "token",
            Self::Userinfo => "userinfo",
            Self::Jwks => "jwks",
            Self::Par => "par",
            Self::Revoke => "revoke",
            Self::Logout => "logout",
            Self::Api => "api",
            Self::Other => "other",
        }
    }
}

/// How a request was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The status code; 0 where none was sent.
    pub status: u16,
    /// The `Location` of a redirect.
    pub location: Option<String>,
    /// How far the body went.
    pub sent: Sent,
}

/// One request and its answer.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    /// Where it went.
    pub endpoint: Endpoint,
    /// The request.
    pub request: Request,
    /// The answer; `None` while it is being sent.
    pub outcome: Option<Outcome>,
}

impl RecordedRequest {
    /// Whether it is a CORS preflight, which counts as no call.
    pub fn is_preflight(&self) -> bool {
        self.request.method == "OPTIONS"
    }

    fn to_json(&self) -> Value {
        let request = &self.request;
        let names = |pairs: &Pairs| pairs.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        json!({
            "endpoint": self.endpoint.name(),
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "header_names": names(&request.headers),
            "origin": request.header("origin"),
            "cookie": request.header("cookie"),
            "referer": request.header("referer"),
            "authorization": request.header("authorization"),
            "content_type": request.header("content-type"),
            "parameters": names(&request.form_parameters()),
            "dpop": request.header("dpop"),
            "body": String::from_utf8_lossy(&request.body),
            "outcome": self.outcome.as_ref().map(|outcome| json!({
                "status": outcome.status,
                "location": outcome.location,
                "bytes_sent": outcome.sent.bytes,
                "aborted": outcome.sent.aborted,
            })),
        })
    }
}

/// The requests of every case, and the cases that were told to be honest from now on.
#[derive(Debug, Default)]
pub struct Record {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    // A reset must not let an answer still under way find another request's place.
    next_number: u64,
    requests: HashMap<String, Vec<(u64, RecordedRequest)>>,
    honest: HashSet<String>,
    violations: HashMap<String, Vec<String>>,
}

impl Record {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request before it is answered and returns its number.
    pub fn begin(&self, case: &str, endpoint: Endpoint, request: Request) -> u64 {
        let mut inner = self.lock();
        inner.next_number += 1;
        let number = inner.next_number;
        let recorded = RecordedRequest { endpoint, request, outcome: None };
        let requests = inner.requests.entry(case.to_owned()).or_default();
        requests.push((number, recorded));
        number
    }

    /// Notes how a request was answered.
    pub fn finish(&self, case: &str, number: u64, outcome: Outcome) {
        let mut inner = self.lock();
        let requests = inner.requests.entry(case.to_owned()).or_default();
        if let Some((_, request)) = requests.iter_mut().find(|(known, _)| *known == number) {
            request.outcome = Some(outcome);
        }
    }

    /// The requests of a case.
    pub fn requests(&self, case: &str) -> Vec<RecordedRequest> {
        let inner = self.lock();
        let requests = inner.requests.get(case).into_iter().flatten();
        requests.map(|(_, request)| request.clone()).collect()
    }

    /// How often an endpoint of a case was called, preflights not counted.
    pub fn count(&self, case: &str, endpoint: Endpoint) -> usize {
        let requests = self.requests(case);
        let calls = requests
            .iter()
            .filter(|request| request.endpoint == endpoint && !request.is_preflight());
        calls.count()
    }

    /// Notes that a client did what a standard forbids.
    pub fn violation(&self, case: &str, text: String) {
        self.lock().violations.entry(case.to_owned()).or_default().push(text);
    }

    /// What clients did that a standard forbids.
    pub fn violations(&self, case: &str) -> Vec<String> {
        self.lock().violations.get(case).cloned().unwrap_or_default()
    }

    /// Forgets what was asked in a case, which is known from then on.
    pub fn reset(&self, case: &str) {
        let mut inner = self.lock();
        inner.violations.remove(case);
        inner.requests.insert(case.to_owned(), Vec::new());
        inner.honest.remove(case);
    }

    /// Whether a case was ever asked or reset. Of any other, what a test says or wants to know is a mistake
    /// in its name.
    pub fn knows(&self, case: &str) -> bool {
        self.lock().requests.contains_key(case)
    }

    /// Makes a case honest from now on.
    pub fn make_honest(&self, case: &str) {
        self.lock().honest.insert(case.to_owned());
    }

    /// Whether a case was made honest.
    pub fn is_honest(&self, case: &str) -> bool {
        self.lock().honest.contains(case)
    }

    /// A case's requests and counts, for tests that run in a page.
    pub fn to_json(&self, case: &str) -> Value {
        let counts = Endpoint::ALL.map(|endpoint| {
            let count = self.count(case, endpoint);
            (endpoint.name().to_owned(), Value::from(count))
        });
        let requests = self.requests(case);
        json!({
            "case": case,
            "counts": Value::Object(counts.into_iter().collect()),
            "violations": self.violations(case),
            "requests": requests.iter().map(RecordedRequest::to_json).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str) -> Request {
        Request {
            method: method.to_owned(),
            path: "/honest/token".to_owned(),
            query: String::new(),
            headers: vec![("Cookie".to_owned(), "a=b".to_owned())],
            body: b"code=x&code_verifier=y".to_vec(),
        }
    }

    #[test]
    fn preflights_are_recorded_but_not_counted() {
        let record = Record::default();
        record.begin("honest", Endpoint::Token, request("OPTIONS"));
        record.begin("honest", Endpoint::Token, request("POST"));
        assert_eq!(record.count("honest", Endpoint::Token), 1);
        assert_eq!(record.requests("honest").len(), 2);
        assert_eq!(record.count("other", Endpoint::Token), 0);
    }

    #[test]
    fn the_record_as_json_has_counts_names_and_cookies() {
        let record = Record::default();
        record.begin("honest", Endpoint::Token, request("POST"));
        let json = record.to_json("honest");
        assert_eq!(json["counts"]["token"], 1);
        assert_eq!(json["counts"]["userinfo"], 0);
        assert_eq!(json["requests"][0]["cookie"], "a=b");
        assert_eq!(json["requests"][0]["parameters"], json!(["code", "code_verifier"]));
        assert_eq!(json["requests"][0]["outcome"], Value::Null);
    }

    #[test]
    fn a_case_is_known_once_it_was_asked_or_reset() {
        let record = Record::default();
        assert!(!record.knows("honest") && !record.knows("honest~other"));
        record.begin("honest", Endpoint::Token, request("POST"));
        record.reset("honest~other");
        assert!(record.knows("honest") && record.knows("honest~other"));
        assert!(!record.knows("honest~others"));
    }

    #[test]
    fn a_reset_forgets_requests_and_honesty() {
        let record = Record::default();
        let number = record.begin("t1", Endpoint::Token, request("POST"));
        record.make_honest("t1");
        record.violation("t1", "token: no proof".to_owned());
        assert!(record.is_honest("t1"));
        assert_eq!(record.to_json("t1")["violations"], json!(["token: no proof"]));
        record.reset("t1");
        assert!(record.violations("t1").is_empty());
        let outcome = Outcome { status: 200, location: None, sent: Sent::default() };
        record.finish("t1", number, outcome);
        assert!(!record.is_honest("t1"));
        assert!(record.requests("t1").is_empty());
    }
}
