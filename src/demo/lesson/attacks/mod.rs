//! The attacks, by what the attacker has got hold of.

pub(super) mod forged_answer;
pub(super) mod stolen_code;
pub(super) mod stolen_token;
