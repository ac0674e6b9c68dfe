//! DPoP (RFC 9449). The server checks every proof in every case; these do more.

use super::{Answer, Case, Dpop, Nonces, named};

pub const CASES: &[Case] = &[
    case("dpop", DPOP),
    case("dpop-nonce", both(Nonces::Newest)),
    Case { userinfo: UNAUTHORIZED, ..case("f54-userinfo-takes-no-proof", DPOP) },
    case(
        "f41-no-proof-is-right",
        Dpop { bound: false, ..at_authorization_server(Nonces::NeverRight) },
    ),
    case("f41-proofs-kept-out", Dpop { let_in: false, bound: false, ..DPOP }),
    case("t34-dpop-downgrade", Dpop { bound: false, ..DPOP }),
    case("t73-as-nonce-for-ever", at_authorization_server(Nonces::NeverRight)),
    case("t73-rs-nonce-for-ever", Dpop { resource_server: Nonces::NeverRight, ..DPOP }),
    case("t74-nonce-huge", at_authorization_server(Nonces::Huge)),
    case("t74-nonce-illegal", at_authorization_server(Nonces::Illegal)),
    case("t74-nonce-twice", at_authorization_server(Nonces::Twice)),
    case("t74-nonce-unexposed", Dpop { exposed: false, ..at_authorization_server(Nonces::Newest) }),
];

/// Whoever asks, with whatever.
const UNAUTHORIZED: Answer =
    Answer::Fixed { status: 401, content_type: "", headers: &[], body: "" };

/// Bound tokens, no nonces.
pub const DPOP: Dpop = Dpop {
    authorization_server: Nonces::None,
    resource_server: Nonces::None,
    let_in: true,
    exposed: true,
    bound: true,
};

const fn case(name: &'static str, dpop: Dpop) -> Case {
    Case { dpop: Some(dpop), ..named(name) }
}

const fn at_authorization_server(nonces: Nonces) -> Dpop {
    Dpop { authorization_server: nonces, ..DPOP }
}

const fn both(nonces: Nonces) -> Dpop {
    Dpop { resource_server: nonces, ..at_authorization_server(nonces) }
}
