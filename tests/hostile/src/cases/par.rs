//! Pushed authorization requests (RFC 9126).

use super::Edit::{Remove, Set};
use super::dpop::DPOP;
use super::{Answer, Case, JSON, Par, fixed, named};

pub const CASES: &[Case] = &[
    case("par", Answer::Honest(&[])),
    required("par-required", Answer::Honest(&[])),
    Case { dpop: Some(DPOP), ..case("par-dpop", Answer::Honest(&[])) },
    case("t81-foreign-scheme", Answer::Honest(&[Set("request_uri", "\"javascript:alert(1)\"")])),
    case("t81-expires-zero", Answer::Honest(&[Set("expires_in", "0")])),
    case("t81-status-200", Answer::WithStatus(200)),
    case("t81-error", REFUSED),
    required("t81-error-required", REFUSED),
    case("t81-500", fixed(500, "text/plain", "Internal Server Error")),
    case("t81-no-cors", Answer::WithoutCors),
    required("t81-no-cors-required", Answer::WithoutCors),
    case("t81-request-uri-missing", Answer::Honest(&[Remove("request_uri")])),
];

const REFUSED: Answer = fixed(
    400,
    JSON,
    r#"{"error":"invalid_request","error_description":"The request was not understood."}"#,
);

const fn case(name: &'static str, answer: Answer) -> Case {
    Case { par: Some(Par { required: false, answer }), ..named(name) }
}

const fn required(name: &'static str, answer: Answer) -> Case {
    Case { par: Some(Par { required: true, answer }), ..named(name) }
}
