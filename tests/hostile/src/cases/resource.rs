//! The resource server and its challenges (RFC 6750 section 3, RFC 9470 section 3).

use super::dpop::DPOP;
use super::{Answer, Api, Case, HONEST_REFRESH, IdToken, Need, Refresh, Refusal, fixed, named};
use super::{Edit, JSON};

pub const CASES: &[Case] = &[
    case("t78-401-for-ever", Api::Never(INVALID)),
    case("t78-401-until-renewed", Api::Unless(Need::Renewed, INVALID)),
    Case {
        dpop: Some(DPOP),
        ..case("t78-401-until-renewed-dpop", Api::Unless(Need::Renewed, INVALID_DPOP))
    },
    Case { dpop: Some(DPOP), ..case("dpop-401", Api::Never(INVALID_DPOP)) },
    // Also what a page sees where CORS hides the reason.
    renewed_without_id_token("t78-401-unsaid", Api::Unless(Need::Renewed, refusal(401, &[])), &[]),
    Case { refresh: NO_REFRESH, ..case("t78-401-session-ended", Api::Never(INVALID)) },
    Case { refresh: FAULTY_REFRESH, ..case("t78-401-no-provider", Api::Never(INVALID)) },
    Case {
        token: Answer::Honest(SHORT_LIFE),
        ..renewed_without_id_token("short-lived", Api::Honest, SHORT_LIFE)
    },
    case("own-token", Api::Unless(Need::Own, INVALID)),
    Case { dpop: Some(DPOP), ..case("own-token-dpop", Api::Unless(Need::Own, INVALID_DPOP)) },
    Case { refresh: UNKNOWN_TYPE, ..case("own-token-unknown-type", Api::Honest) },
    case("api-drips", Api::Answers(Answer::Drip)),
    case("api-floods", Api::Answers(Answer::Flood { declared: false })),
    case("api-never-answers", Api::Answers(Answer::Silence)),
    case("api-redirects", Api::Redirects),
    Case { dpop: Some(DPOP), ..case("api-redirects-dpop", Api::Redirects) },
    case("t78-403-scope", Api::Unless(MAIL, SCOPE)),
    case("t78-403-scope-for-ever", Api::Never(SCOPE)),
    case("step-up-acr", Api::Unless(Need::Acr("gold"), STEP_UP)),
    case(
        "step-up-max-age",
        Api::Unless(
            Need::MaxAge,
            refusal(401, &["Bearer error=\"insufficient_user_authentication\", max_age=\"5\""]),
        ),
    ),
    case("t78-step-up-for-ever", Api::Never(STEP_UP)),
    case(
        "t78-malformed",
        Api::Never(refusal(401, &["Bearer error=\"insufficient_scope, scope=, ,=\\"])),
    ),
    case(
        "t78-several",
        Api::Unless(
            MAIL,
            refusal(
                403,
                &[
                    "Negotiate TlRMTVNTUAAB==, bEaReR realm=\"a, b\" , ERROR=insufficient_scope, scope=\"mail\"",
                    "Newauth realm=\"apps\", type=1, title=\"Sign in to \\\"apps\\\"\", Basic",
                ],
            ),
        ),
    ),
];

const INVALID: Refusal = refusal(401, &["Bearer error=\"invalid_token\""]);
const INVALID_DPOP: Refusal = refusal(401, &["DPoP error=\"invalid_token\", algs=\"ES256\""]);
const NO_REFRESH: Refresh =
    Refresh { answer: fixed(400, JSON, r#"{"error":"invalid_grant"}"#), ..HONEST_REFRESH };
const FAULTY_REFRESH: Refresh =
    Refresh { answer: fixed(500, "text/plain", "Internal Server Error"), ..HONEST_REFRESH };
const UNKNOWN_TYPE: Refresh =
    Refresh { answer: Answer::Honest(&[Edit::Set("token_type", "\"mac\"")]), ..HONEST_REFRESH };
const SHORT_LIFE: &[Edit] = &[Edit::Set("expires_in", "20")];
const MAIL: Need = Need::Scope("mail");
const SCOPE: Refusal = refusal(403, &["Bearer error=\"insufficient_scope\", scope=\"mail\""]);
const STEP_UP: Refusal =
    refusal(401, &["Bearer error=\"insufficient_user_authentication\", acr_values=\"gold\""]);

const fn case(name: &'static str, api: Api) -> Case {
    Case { api, ..named(name) }
}

/// A refresh response without ID token, so that tests may move the client's clock.
const fn renewed_without_id_token(name: &'static str, api: Api, edits: &'static [Edit]) -> Case {
    let answer = Answer::Honest(edits);
    let refresh = Refresh { id_token: IdToken::Absent, answer, ..HONEST_REFRESH };
    Case { refresh, ..case(name, api) }
}

const fn refusal(status: u16, challenges: &'static [&'static str]) -> Refusal {
    Refusal { status, challenges }
}
