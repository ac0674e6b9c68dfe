//! Revocation (RFC 7009) and sign-out (OpenID Connect RP-Initiated Logout).

use super::Edit::{Remove, Set};
use super::{Answer, Case, Edit, JSON, fixed, named};

pub const CASES: &[Case] = &[
    revocation("t83-revocation-500", fixed(500, "text/plain", "Internal Server Error")),
    revocation("t83-revocation-silence", Answer::Silence),
    revocation("t83-revocation-no-cors", Answer::WithoutCors),
    revocation(
        "revocation-503",
        Answer::Fixed {
            status: 503,
            content_type: "text/plain",
            headers: &[("Retry-After", "1")],
            body: "Service Unavailable",
        },
    ),
    revocation(
        "revocation-unsupported-token-type",
        fixed(400, JSON, r#"{"error":"unsupported_token_type"}"#),
    ),
    revocation("f57-revocation-401", fixed(401, JSON, r#"{"error":"invalid_client"}"#)),
    logout("logout-no-state", &[Remove("state")]),
    logout("logout-other-state", &[Set("state", "not-the-state-that-was-sent")]),
];

const fn revocation(name: &'static str, revocation: Answer) -> Case {
    Case { revocation, ..named(name) }
}

const fn logout(name: &'static str, logout: &'static [Edit]) -> Case {
    Case { logout, ..named(name) }
}
