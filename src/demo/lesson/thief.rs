//! The islands `thief`: an attack each, acted out by the person against the real servers.

use leptos::prelude::*;

use super::app::App;
use super::attacks::{forged_answer, stolen_code, stolen_token};
use super::lab::{Case, case};
use crate::components::elements::nothing;

/// An attack in a window of its own, at any provider.
const ATTACK: Case = Case {
    name: "attack-no-verifier",
    act: stolen_code::without_verifier,
    has_attacker: true,
    needs_window: true,
    needs_lesson: false,
};

pub(super) fn thief(app: App, name: &str) -> AnyView {
    let attack = match name {
        "no-verifier" => ATTACK,
        "wrong-verifier" => {
            Case { name: "attack-wrong-verifier", act: stolen_code::wrong_verifier, ..ATTACK }
        }
        "spent-code" => Case { name: "attack-spent-code", act: stolen_code::spent_code, ..ATTACK },
        "forged-callback" => Case {
            name: "attack-forged-callback",
            act: forged_answer::forged_callback,
            needs_window: false,
            ..ATTACK
        },
        "mix-up" => Case { name: "attack-mix-up", act: forged_answer::mix_up, ..ATTACK },
        "stolen-token" => {
            Case { name: "attack-stolen-token", act: stolen_token::stolen_token, ..ATTACK }
        }
        "without-pkce" => Case {
            name: "attack-without-pkce",
            act: stolen_code::without_pkce,
            needs_lesson: true,
            ..ATTACK
        },
        _ => return nothing(),
    };
    case(app, attack)
}
