//! Refresh tokens (RFC 6749 section 6, OpenID Connect Core section 12).

use super::Edit::{Set, SetTime};
use super::{Answer, Case, Edit, HONEST_REFRESH, IdToken, JSON, Refresh, fixed, named};
use crate::keys::Key;
use crate::signing::{Algorithm, HONEST_SIGNING, Signing};

pub const CASES: &[Case] = &[
    case("refresh", ALWAYS),
    case("refresh-no-rotation", Refresh { rotation: false, ..ALWAYS }),
    case("refresh-no-id-token", Refresh { id_token: IdToken::Absent, ..ALWAYS }),
    answer(
        "refresh-invalid-grant",
        fixed(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"The refresh token is not known."}"#,
        ),
    ),
    answer("refresh-500", fixed(500, "text/plain", "Internal Server Error")),
    answer(
        "refresh-429",
        Answer::Fixed {
            status: 429,
            content_type: "text/plain",
            headers: &[("Retry-After", "1")],
            body: "Slow down",
        },
    ),
    answer("f15-interaction-required", fixed(400, JSON, r#"{"error":"interaction_required"}"#)),
    answer(
        "f16-unauthorized-client",
        fixed(
            400,
            JSON,
            r#"{"error":"unauthorized_client","error_description":"token was already used"}"#,
        ),
    ),
    case("f17-hidden", Refresh { answer: Answer::WithoutCors, rotation: false, ..ALWAYS }),
    answer(
        "f18-later",
        Answer::Fixed {
            status: 503,
            content_type: "text/plain",
            headers: &[("Retry-After", "3600"), ("Access-Control-Expose-Headers", "Retry-After")],
            body: "Later",
        },
    ),
    answer("refresh-html", fixed(200, "text/html", "<!DOCTYPE html><title>Sign in</title>")),
    answer(
        "refresh-widened-scope",
        Answer::Honest(&[Set("scope", "\"openid profile email admin\"")]),
    ),
    answer("t70-lost-answer", Answer::Silence),
    claims("t71-sub", &[Set("sub", "\"somebody-else\"")]),
    claims("t71-iss", &[Set("iss", "\"{origin}/honest\"")]),
    claims("t71-aud", &[Set("aud", "\"another-client\"")]),
    claims("t71-nonce", &[Set("nonce", "\"not-the-nonce-that-was-sent\"")]),
    Case {
        id_token: IdToken::Claims(&[SetTime("auth_time", 0)]),
        ..claims("t71-auth-time", &[SetTime("auth_time", -24 * 60 * 60)])
    },
    case(
        "f03-unannounced",
        Refresh {
            signing: Some(Signing {
                key: Key::P256,
                algorithm: Algorithm::Es256,
                ..HONEST_SIGNING
            }),
            ..ALWAYS
        },
    ),
    case(
        "t71-signature",
        Refresh { signing: Some(Signing { key: Key::Foreign, ..HONEST_SIGNING }), ..ALWAYS },
    ),
];

const ALWAYS: Refresh = Refresh { always: true, ..HONEST_REFRESH };

const fn case(name: &'static str, refresh: Refresh) -> Case {
    Case { refresh, ..named(name) }
}

const fn answer(name: &'static str, answer: Answer) -> Case {
    case(name, Refresh { answer, ..ALWAYS })
}

const fn claims(name: &'static str, edits: &'static [Edit]) -> Case {
    case(name, Refresh { id_token: IdToken::Claims(edits), ..ALWAYS })
}
