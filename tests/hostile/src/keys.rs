//! The signing keys. They are test keys that protect nothing: they were made once for this server,
//! lie open in `keys/`, and sign what nobody may trust.

use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding,
};
use serde_json::json;

use crate::encoding::{Pairs, base64url};
use crate::responses::members;
use crate::small_rsa;

/// A key that signs, or that stands in a key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The honest RSA key of 2048 bits.
    Honest,
    /// The RSA key that follows it.
    Rotated,
    /// An RSA key that no key set has, under the name of the honest one.
    Foreign,
    /// An RSA key of 1024 bits, under the name of the honest one.
    Small,
    /// The honest P-256 key.
    P256,
    /// A P-256 key that no key set has, under the name of the honest one.
    ForeignP256,
    /// The honest Ed25519 key.
    Ed25519,
    /// A secret that stands in the key set for all to read.
    Oct,
}

/// The text of the honest RSA public key, as a deployment would keep it in a file.
pub const HONEST_PEM: &str = include_str!("../keys/honest-rsa.pub.pem");
/// The secret of [`Key::Oct`].
pub const OCT_SECRET: &[u8] = b"a secret that everybody may read";

impl Key {
    /// The key's name in headers and key sets.
    pub fn id(self) -> &'static str {
        match self {
            Self::Honest | Self::Foreign | Self::Small | Self::Oct => "hostile-key",
            Self::Rotated => "rotated-key",
            Self::P256 | Self::ForeignP256 => "ec-key",
            Self::Ed25519 => "ed-key",
        }
    }

    /// The private key as PKCS #8.
    fn pkcs8(self) -> &'static [u8] {
        match self {
            Self::Honest => include_bytes!("../keys/honest-rsa.pk8"),
            Self::Rotated => include_bytes!("../keys/rotated-rsa.pk8"),
            Self::Foreign => include_bytes!("../keys/foreign-rsa.pk8"),
            Self::Small => include_bytes!("../keys/small-rsa.pk8"),
            Self::P256 => include_bytes!("../keys/honest-p256.pk8"),
            Self::ForeignP256 => include_bytes!("../keys/foreign-p256.pk8"),
            Self::Ed25519 => include_bytes!("../keys/honest-ed25519.pk8"),
            Self::Oct => &[],
        }
    }

    /// The public key as a JWK (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2).
    pub fn jwk(self) -> Pairs {
        let mut jwk = match self {
            Self::Honest | Self::Rotated | Self::Foreign | Self::Small => self.rsa_jwk(),
            Self::P256 | Self::ForeignP256 => self.p256_jwk(),
            Self::Ed25519 => members([
                ("kty", json!("OKP")),
                ("crv", json!("Ed25519")),
                ("x", json!(base64url(self.ed25519().public_key().as_ref()))),
                ("alg", json!("EdDSA")),
            ]),
            Self::Oct => members([
                ("kty", json!("oct")),
                ("k", json!(base64url(OCT_SECRET))),
                ("alg", json!("HS256")),
            ]),
        };
        jwk.extend(members([("use", json!("sig")), ("kid", json!(self.id()))]));
        jwk
    }

    /// The private members of an RSA key's JWK (RFC 7518 section 6.3.2).
    pub fn private_members(self) -> Pairs {
        let [_, _, _, d, p, q, dp, dq, qi] = self.rsa_numbers().map(|number| json!(number.text()));
        members([("d", d), ("p", p), ("q", q), ("dp", dp), ("dq", dq), ("qi", qi)])
    }

    fn rsa_jwk(self) -> Pairs {
        let [_, n, e, ..] = self.rsa_numbers();
        members([
            ("kty", json!("RSA")),
            ("n", json!(n.text())),
            ("e", json!(e.text())),
            ("alg", json!("RS256")),
        ])
    }

    fn p256_jwk(self) -> Pairs {
        let pair = self.p256();
        // An uncompressed point: 4, x, y.
        let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
        members([
            ("kty", json!("EC")),
            ("crv", json!("P-256")),
            ("x", json!(base64url(x))),
            ("y", json!(base64url(y))),
            ("alg", json!("ES256")),
        ])
    }

    /// The modulus of an RSA key.
    pub fn modulus(self) -> Vec<u8> {
        let [_, n, ..] = self.rsa_numbers();
        n.0.to_vec()
    }

    /// Signs with RSASSA-PKCS1-v1_5 and SHA-256 (RFC 7518 section 3.3).
    pub fn sign_rs256(self, message: &[u8]) -> Vec<u8> {
        if self == Self::Small {
            let [_, n, _, d, ..] = self.rsa_numbers();
            return small_rsa::sign(n.0, d.0, digest(&SHA256, message).as_ref());
        }
        self.sign_rsa(&RSA_PKCS1_SHA256, message)
    }

    /// Signs with RSASSA-PSS and SHA-256 (RFC 7518 section 3.5).
    pub fn sign_ps256(self, message: &[u8]) -> Vec<u8> {
        self.sign_rsa(&RSA_PSS_SHA256, message)
    }

    fn sign_rsa(self, encoding: &'static dyn RsaEncoding, message: &[u8]) -> Vec<u8> {
        let pair = RsaKeyPair::from_pkcs8(self.pkcs8()).expect("an RSA key of 2048 bits");
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(encoding, &SystemRandom::new(), message, &mut signature).expect("a signature");
        signature
    }

    /// Signs with ECDSA over P-256 and SHA-256 (RFC 7518 section 3.4).
    pub fn sign_es256(self, message: &[u8]) -> Vec<u8> {
        let signature = self.p256().sign(&SystemRandom::new(), message).expect("a signature");
        signature.as_ref().to_vec()
    }

    /// Signs with Ed25519 (RFC 8037 section 3.1).
    pub fn sign_ed25519(self, message: &[u8]) -> Vec<u8> {
        self.ed25519().sign(message).as_ref().to_vec()
    }

    fn p256(self) -> EcdsaKeyPair {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        EcdsaKeyPair::from_pkcs8(algorithm, self.pkcs8(), &SystemRandom::new())
            .expect("a P-256 key")
    }

    fn ed25519(self) -> Ed25519KeyPair {
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(self.pkcs8()).expect("an Ed25519 key")
    }

    /// The numbers of an `RSAPrivateKey` (RFC 8017 appendix A.1.2): version, n, e, d, p, q, d mod
    /// (p - 1), d mod (q - 1), the inverse of q.
    fn rsa_numbers(self) -> [Number; 9] {
        // PKCS #8 (RFC 5958 section 2): the version, the algorithm, and the key as octets.
        let outer = der_items(self.pkcs8())[0];
        let key = der_items(outer)[2];
        let numbers = der_items(der_items(key)[0]).into_iter().map(Number::new);
        numbers.collect::<Vec<_>>().try_into().expect("nine numbers")
    }
}

/// A number without leading zeros, big end first.
#[derive(Clone, Copy, Debug)]
struct Number(&'static [u8]);

impl Number {
    fn new(bytes: &'static [u8]) -> Self {
        Self(bytes.strip_prefix(&[0]).unwrap_or(bytes))
    }

    fn text(self) -> String {
        base64url(self.0)
    }
}

/// The contents of the DER items that follow each other in `bytes`; the keys of this crate only.
fn der_items(mut bytes: &'static [u8]) -> Vec<&'static [u8]> {
    let mut items = Vec::new();
    while let [_, first, rest @ ..] = bytes {
        // A first octet of 128 and more says how many octets the length has.
        let octets = usize::from(first.saturating_sub(0x80));
        let (long, content) = rest.split_at(octets);
        let short = if octets == 0 { usize::from(*first) } else { 0 };
        let length = long.iter().fold(short, |length, octet| (length << 8) | usize::from(*octet));
        let (item, following) = content.split_at(length);
        items.push(item);
        bytes = following;
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::first;

    #[test]
    fn key_sizes_are_what_they_say() {
        assert_eq!(Key::Honest.modulus().len(), 256);
        assert_eq!(Key::Small.modulus().len(), 128);
        assert_eq!(first(&Key::Honest.jwk(), "e"), Some("\"AQAB\""));
        assert_eq!(first(&Key::P256.jwk(), "y").map(str::len), Some(43 + 2));
    }

    #[test]
    fn the_private_members_belong_to_the_public_key() {
        let members = Key::Honest.private_members();
        let lengths: Vec<_> = members.iter().map(|(_, value)| value.len() - 2).collect();
        assert_eq!(lengths[..3], [342, 171, 171]);
        // ring takes apart the same file and checks that its numbers belong together.
        assert!(RsaKeyPair::from_pkcs8(Key::Honest.pkcs8()).is_ok());
    }

    #[test]
    fn foreign_keys_bear_the_honest_names() {
        assert_eq!(Key::Foreign.id(), Key::Honest.id());
        assert_ne!(Key::Foreign.modulus(), Key::Honest.modulus());
        assert_eq!(Key::ForeignP256.id(), Key::P256.id());
        assert_ne!(Key::ForeignP256.jwk(), Key::P256.jwk());
    }
}
