//! The resource server and its challenges (RFC 6750 section 3, RFC 9470 section 3).

use super::{Api, Case, Need, Refusal, named};

pub const CASES: &[Case] = &[
    case("t78-401-for-ever", Api::Never(refusal(401, &["Bearer error=\"invalid_token\""]))),
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

const MAIL: Need = Need::Scope("mail");
const SCOPE: Refusal = refusal(403, &["Bearer error=\"insufficient_scope\", scope=\"mail\""]);
const STEP_UP: Refusal =
    refusal(401, &["Bearer error=\"insufficient_user_authentication\", acr_values=\"gold\""]);

const fn case(name: &'static str, api: Api) -> Case {
    Case { api, ..named(name) }
}

const fn refusal(status: u16, challenges: &'static [&'static str]) -> Refusal {
    Refusal { status, challenges }
}
