//! One request on its way to an answer, and the ways in which a case answers.

use crate::cases::{Answer, Case};
use crate::encoding::{Pairs, json_object, json_string};
use crate::http::{Body, Request, Response};
use crate::record::Record;
use crate::responses::Place;
use crate::sessions::{Session, Sessions};

pub const JSON: &str = "application/json";

/// A request, the case that it came to, and what the server remembers.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    pub place: &'a Place,
    pub case: &'a Case,
    pub record: &'a Record,
    pub sessions: &'a Sessions,
    pub request: &'a Request,
}

impl Exchange<'_> {
    /// Works on what is remembered of this segment.
    pub fn session<R>(&self, work: impl FnOnce(&mut Session) -> R) -> R {
        self.sessions.with(&self.place.segment, work)
    }

    /// Notes that the client did what a standard forbids.
    pub fn violation(&self, text: &str) {
        let endpoint = self.request.path.rsplit('/').next().unwrap_or_default();
        self.record.violation(&self.place.segment, format!("{endpoint}: {text}"));
    }

    /// Sends an honest JSON document the way a case says.
    pub fn answer_json(&self, answer: Answer, name: &str, honest: Pairs) -> Response {
        self.answer_document(answer, name, honest, |members| json(200, members))
    }

    /// Sends an honest document, which `write` makes of its members, the way a case says.
    pub fn answer_document(
        &self,
        answer: Answer,
        name: &str,
        honest: Pairs,
        write: impl Fn(&Pairs) -> Response,
    ) -> Response {
        let response = match answer {
            Answer::WithoutCors => return write(&honest),
            Answer::Honest(edits) => write(&self.place.edited(honest, edits)),
            Answer::WithStatus(status) => Response { status, ..write(&honest) },
            Answer::Mangled(mangle) => {
                with_bytes(write(&honest), |bytes| Body::Bytes(mangle(bytes)))
            }
            Answer::Fixed { status, content_type, headers, body } => headers
                .iter()
                .fold(Response::new(status, content_type, body), |response, (name, value)| {
                    response.with_header(name, value)
                }),
            Answer::Redirect => {
                let target = format!("{}/honest/{name}", self.place.origin);
                Response::empty(307).with_header("Location", &target)
            }
            Answer::Flood { declared } => with_bytes(write(&honest), |_| Body::Flood {
                start: b"{\"filler\":\"".to_vec(),
                declared,
            }),
            Answer::Drip => with_bytes(write(&honest), Body::Drip),
            Answer::Silence => with_bytes(write(&honest), |_| Body::Silence),
        };
        with_cors(response)
    }
}

fn with_bytes(response: Response, change: impl FnOnce(Vec<u8>) -> Body) -> Response {
    let Body::Bytes(bytes) = response.body else { return response };
    Response { body: change(bytes), ..response }
}

/// A JSON document that nobody may keep.
pub fn json(status: u16, members: &Pairs) -> Response {
    Response::new(status, JSON, json_object(members)).with_header("Cache-Control", "no-store")
}

/// An error response (RFC 6749 section 5.2).
pub fn error(code: &str) -> Response {
    with_cors(Response::new(400, JSON, format!("{{\"error\":{}}}", json_string(code))))
}

/// Lets scripts of every origin read the answer and the header fields that they need.
pub fn with_cors(response: Response) -> Response {
    response
        .with_header("Access-Control-Allow-Origin", "*")
        .with_header("Access-Control-Expose-Headers", "WWW-Authenticate, Retry-After, DPoP-Nonce")
}
