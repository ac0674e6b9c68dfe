//! Signed tokens (RFC 7515) and key sets (RFC 7517), and a case's changes to them.

use ring::digest::{SHA256, digest};
use ring::hmac;
use serde_json::json;

use crate::cases::Edit;
use crate::encoding::{Pairs, base64url, json_object};
use crate::keys::{HONEST_PEM, Key, OCT_SECRET};
use crate::responses::{Place, members};

/// How a token is signed.
#[derive(Clone, Copy, Debug)]
pub struct Signing {
    /// The key.
    pub key: Key,
    /// What is done with it.
    pub algorithm: Algorithm,
    /// Changes to the header before it is signed.
    pub header: &'static [Edit],
    /// A change to the signed token.
    pub mangle: fn(&str) -> String,
}

/// RS256 with the honest key.
pub const HONEST_SIGNING: Signing =
    Signing { key: Key::Honest, algorithm: Algorithm::Rs256, header: &[], mangle: str::to_owned };

/// An algorithm of RFC 7518 section 3, or of RFC 9864 section 2.
#[derive(Clone, Copy, Debug)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// Ed25519 under its name of RFC 8037.
    EdDsa,
    /// Ed25519 under its name of RFC 9864.
    Ed25519,
    /// HMAC with SHA-256, keyed with something that everybody knows.
    Hs256(Secret),
}

/// What everybody knows.
#[derive(Clone, Copy, Debug)]
pub enum Secret {
    /// The honest RSA key's PEM text.
    Pem,
    /// The honest RSA key's modulus.
    Modulus,
    /// The `client_id`.
    ClientId,
    /// The secret in the key set.
    Oct,
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Ed25519 => "Ed25519",
            Self::Hs256(_) => "HS256",
        }
    }
}

/// A compact JWS (RFC 7515 section 7.1) of this payload.
pub fn jws(place: &Place, signing: &Signing, client_id: &str, payload: &str) -> String {
    let honest = members([
        ("alg", json!(signing.algorithm.name())),
        ("typ", json!("JWT")),
        ("kid", json!(signing.key.id())),
    ]);
    let header = json_object(&place.edited(honest, signing.header));
    let input = format!("{}.{}", base64url(header.as_bytes()), base64url(payload.as_bytes()));
    let signature = sign(signing, client_id, input.as_bytes());
    (signing.mangle)(&format!("{input}.{}", base64url(&signature)))
}

fn sign(signing: &Signing, client_id: &str, message: &[u8]) -> Vec<u8> {
    let key = signing.key;
    match signing.algorithm {
        Algorithm::Rs256 => key.sign_rs256(message),
        Algorithm::Ps256 => key.sign_ps256(message),
        Algorithm::Es256 => key.sign_es256(message),
        Algorithm::EdDsa | Algorithm::Ed25519 => key.sign_ed25519(message),
        Algorithm::Hs256(Secret::Pem) => hs256(HONEST_PEM.as_bytes(), message),
        Algorithm::Hs256(Secret::Modulus) => hs256(&Key::Honest.modulus(), message),
        Algorithm::Hs256(Secret::ClientId) => hs256(client_id.as_bytes(), message),
        Algorithm::Hs256(Secret::Oct) => hs256(OCT_SECRET, message),
    }
}

fn hs256(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    hmac::sign(&key, message).as_ref().to_vec()
}

/// The `at_hash` of an access token (OpenID Connect Core section 3.1.3.6), for algorithms that hash
/// with SHA-256. Ed25519 takes SHA-512, so tokens signed with it go without.
pub fn at_hash(signing: &Signing, access_token: &str) -> Option<String> {
    if matches!(signing.algorithm, Algorithm::EdDsa | Algorithm::Ed25519) {
        return None;
    }
    let hash = digest(&SHA256, access_token.as_bytes());
    Some(base64url(&hash.as_ref()[..16]))
}

/// A key in a key set.
#[derive(Clone, Copy, Debug)]
pub struct Jwk {
    /// The key.
    pub key: Key,
    /// Changes to its public members.
    pub edits: &'static [Edit],
    /// Whether the private members are there too.
    pub private: bool,
}

impl Jwk {
    /// The public members of a key, unchanged.
    pub const fn of(key: Key) -> Self {
        Self { key, edits: &[], private: false }
    }

    fn write(&self, place: &Place) -> String {
        let mut jwk = place.edited(self.key.jwk(), self.edits);
        if self.private {
            jwk.extend(self.key.private_members());
        }
        json_object(&jwk)
    }
}

/// The keys of a case.
#[derive(Clone, Copy, Debug)]
pub struct KeySet {
    /// In every answer.
    pub keys: &'static [Jwk],
    /// From the second answer on.
    pub later: &'static [Jwk],
}

/// The honest RSA key and no other.
pub const HONEST_KEYS: KeySet = KeySet { keys: &[Jwk::of(Key::Honest)], later: &[] };

impl KeySet {
    /// The key set document (RFC 7517 section 5).
    pub fn document(&self, place: &Place, is_first_answer: bool) -> Pairs {
        let later = if is_first_answer { &[] } else { self.later };
        let keys: Vec<String> = self.keys.iter().chain(later).map(|jwk| jwk.write(place)).collect();
        vec![("keys".to_owned(), format!("[{}]", keys.join(",")))]
    }
}
