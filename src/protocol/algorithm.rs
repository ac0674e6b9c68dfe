//! Signature algorithms that a public client can accept: by a key that only the provider has.

use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// An algorithm of RFC 7518 section 3.1, RFC 8037 or RFC 9864. Neither `none` nor `HS256` and its like
/// exist here: whoever can check those can forge them (RFC 8725 sections 3.1 and 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Algorithm {
    family: Family,
    hash: Hash,
}

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Family {
    /// RSASSA-PKCS1-v1_5 (RFC 7518 section 3.3).
    RsaPkcs1,
    /// RSASSA-PSS, the salt as long as the hash (RFC 7518 section 3.5).
    RsaPss,
    /// ECDSA on the curve that goes with the hash (RFC 7518 section 3.4).
    Ecdsa,
    /// Ed25519 (RFC 8037 section 3.1).
    Ed25519,
}

/// The hash of an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// Every algorithm by its name; the first name of each is the one that is written.
const NAMES: [(&str, Family, Hash); 11] = [
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
    // The name before RFC 9864, which could also mean Ed448.
    ("EdDSA", Family::Ed25519, Hash::Sha512),
];

impl Algorithm {
    /// What a provider signs with that announces nothing (OpenID Connect Core 3.1.3.7 (7)).
    pub const DEFAULT: Self = Self { family: Family::RsaPkcs1, hash: Hash::Sha256 };

    /// The algorithm of this name, compared to the letter (RFC 7515 section 4.1.1).
    pub fn parse(name: &str) -> Option<Self> {
        let (_, family, hash) = NAMES.iter().find(|(known, ..)| *known == name)?;
        Some(Self { family: *family, hash: *hash })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        let found = NAMES.iter().find(|(_, family, hash)| Self::is(self, *family, *hash));
        found.map_or("", |(name, ..)| name)
    }

    /// How signatures are made.
    pub const fn family(self) -> Family {
        self.family
    }

    /// Of what they are made. For Ed25519 it says only how `at_hash` is made.
    pub const fn hash(self) -> Hash {
        self.hash
    }

    fn is(self, family: Family, hash: Hash) -> bool {
        self.family == family && self.hash == hash
    }
}

impl Hash {
    /// The left half of the hash of a text, as in `at_hash` (OpenID Connect Core 3.1.3.6).
    pub(crate) fn left_half(self, text: &str) -> Vec<u8> {
        let mut hash = match self {
            Self::Sha256 => Sha256::digest(text).to_vec(),
            Self::Sha384 => Sha384::digest(text).to_vec(),
            Self::Sha512 => Sha512::digest(text).to_vec(),
        };
        hash.truncate(hash.len() / 2);
        hash
    }
}
