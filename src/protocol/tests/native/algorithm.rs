//! The names of signature algorithms.

use super::*;
use crate::protocol::algorithm::{Family, Hash};

const KNOWN: [(&str, Family, Hash); 10] = [
    ("RS256", Family::RsaPkcs1, Hash::Sha256),
    ("RS384", Family::RsaPkcs1, Hash::Sha384),
    ("RS512", Family::RsaPkcs1, Hash::Sha512),
    ("PS256", Family::RsaPss, Hash::Sha256),
    ("PS384", Family::RsaPss, Hash::Sha384),
    ("PS512", Family::RsaPss, Hash::Sha512),
    ("ES256", Family::Ecdsa, Hash::Sha256),
    ("ES384", Family::Ecdsa, Hash::Sha384),
    ("ES512", Family::Ecdsa, Hash::Sha512),
    ("Ed25519", Family::Ed25519, Hash::Sha512),
];

// RFC 7518 section 3.1, RFC 9864 section 2.
#[test]
fn r87_each_algorithm_is_what_its_name_says() {
    for (name, family, hash) in KNOWN {
        let algorithm = Algorithm::parse(name).unwrap();
        assert_eq!((algorithm.family(), algorithm.hash()), (family, hash), "{name}");
        assert_eq!(algorithm.name(), name);
    }
    assert_eq!(Algorithm::parse("EdDSA"), Algorithm::parse("Ed25519"));
    assert_eq!(Algorithm::DEFAULT.name(), "RS256");
}

// RFC 8725 sections 3.1 and 3.2, RFC 7515 section 4.1.1: to the letter.
#[test]
fn r87_no_other_name_is_an_algorithm() {
    for other in [
        "",
        "none",
        "None",
        "NONE",
        "HS256",
        "HS384",
        "HS512",
        "RS1",
        "RS256 ",
        " RS256",
        "rs256",
        "Rs256",
        "RS256\0",
        "RS2560",
        "RS25",
        "ES256K",
        "Ed448",
        "ed25519",
        "EDDSA",
        "RSA-OAEP",
        "dir",
        "A128KW",
        "ECDH-ES",
        "*",
        "RS256,ES256",
        "ＲＳ２５６",
    ] {
        assert_eq!(Algorithm::parse(other), None, "{other:?}");
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn any_text_is_an_algorithm_of_its_own_name_or_none(text in any_text(), near in "[RPEH]?[Ssd](256|384|512|25519|DSA)[ ]?") {
        for name in [text, near] {
            let known = name == "EdDSA" || KNOWN.iter().any(|(known, ..)| *known == name);
            prop_assert_eq!(Algorithm::parse(&name).is_some(), known, "{}", name);
        }
    }
}
