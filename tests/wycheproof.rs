//! Project Wycheproof's vectors, judged by the browser in the way of the client: what an honest but
//! careless verifier gets wrong.
//!
//! Left out: sets of curves, hashes and salts that no [`Algorithm`] has, and RSA keys of 8192 bits.

#![cfg(target_arch = "wasm32")]

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pixy_login::browser::crypto::{Scheme, verify};
use pixy_login::protocol::Algorithm;
use serde_json::json;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use wycheproof::{EcdsaPublic, EddsaPublic, RsaPublic, TestResult};

wasm_bindgen_test_configure!(run_in_browser);

/// One vector, whatever its kind.
struct Vector {
    id: usize,
    expected: TestResult,
    jwk: Rc<str>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

/// The vectors of a set, each with its key. Each kind of set has types of its own, which are alike.
macro_rules! vectors {
    ($kind:ident :: $name:ident, $jwk:ident) => {{
        use wycheproof::$kind::{TestName, TestSet};
        let set = TestSet::load(TestName::$name).expect("a set of vectors");
        let groups = set.test_groups.into_iter();
        let vectors = groups.flat_map(|group| {
            let jwk: Rc<str> = $jwk(&group.key).into();
            group.tests.into_iter().map(move |test| Vector {
                id: test.tc_id,
                expected: test.result,
                jwk: jwk.clone(),
                message: test.msg.to_vec(),
                signature: test.sig.to_vec(),
            })
        });
        vectors.collect::<Vec<_>>()
    }};
}

fn rsa(key: &RsaPublic) -> String {
    json!({ "kty": "RSA", "n": number(&key.n), "e": number(&key.e) }).to_string()
}

/// A number without the zeros in front (RFC 7518 section 2, Base64urlUInt).
fn number(bytes: &[u8]) -> String {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    URL_SAFE_NO_PAD.encode(&bytes[zeros..])
}

/// An uncompressed point: 4, x, y, each as long as the curve's numbers are.
fn point(key: &EcdsaPublic) -> String {
    let curve = match key.key.len() {
        65 => "P-256",
        97 => "P-384",
        133 => "P-521",
        length => panic!("a point of {length} bytes"),
    };
    let (x, y) = key.key[1..].split_at(key.key.len() / 2);
    let [x, y] = [x, y].map(|half| URL_SAFE_NO_PAD.encode(half));
    json!({ "kty": "EC", "crv": curve, "x": x, "y": y }).to_string()
}

fn edwards(key: &EddsaPublic) -> String {
    let x = URL_SAFE_NO_PAD.encode(key.pk.as_slice());
    json!({ "kty": "OKP", "crv": "Ed25519", "x": x }).to_string()
}

/// How many signatures were taken and refused as they should be.
#[derive(Debug, PartialEq, Eq)]
struct Tally {
    taken: usize,
    refused: usize,
}

/// Judges all vectors. Those that are merely acceptable may be taken or not; any other that is not
/// judged as expected fails the test.
async fn judge(algorithm: &str, vectors: &[Vector]) -> Tally {
    let algorithm = Algorithm::parse(algorithm).expect("an algorithm");
    let mut tally = Tally { taken: 0, refused: 0 };
    let mut wrong = Vec::new();
    for vector in vectors {
        match (vector.expected, is_good(algorithm, vector).await) {
            (TestResult::Acceptable, _) => {}
            (TestResult::Valid, true) => tally.taken += 1,
            (TestResult::Invalid, false) => tally.refused += 1,
            _ => wrong.push(vector.id),
        }
    }
    assert_eq!(wrong, Vec::<usize>::new(), "judged otherwise by {algorithm:?}");
    tally
}

async fn is_good(algorithm: Algorithm, vector: &Vector) -> bool {
    let verdict =
        verify(Scheme::from(algorithm), &vector.jwk, &vector.message, &vector.signature).await;
    verdict.expect("Web Crypto")
}

#[wasm_bindgen_test]
async fn vectors_of_es256() {
    let vectors = vectors!(ecdsa::EcdsaSecp256r1Sha256P1363, point);
    assert_eq!(judge("ES256", &vectors).await, Tally { taken: 173, refused: 89 });
}

#[wasm_bindgen_test]
async fn vectors_of_es384() {
    let vectors = vectors!(ecdsa::EcdsaSecp384r1Sha384P1363, point);
    assert_eq!(judge("ES384", &vectors).await, Tally { taken: 193, refused: 87 });
}

#[wasm_bindgen_test]
async fn vectors_of_es512() {
    let vectors = vectors!(ecdsa::EcdsaSecp521r1Sha512P1363, point);
    assert_eq!(judge("ES512", &vectors).await, Tally { taken: 231, refused: 87 });
}

#[wasm_bindgen_test]
async fn vectors_of_ed25519() {
    let vectors = vectors!(eddsa::Ed25519, edwards);
    assert_eq!(judge("Ed25519", &vectors).await, Tally { taken: 88, refused: 63 });
}

#[wasm_bindgen_test]
async fn vectors_of_rs256() {
    let mut vectors = vectors!(rsa_pkcs1_verify::Rsa2048Sha256, rsa);
    vectors.extend(vectors!(rsa_pkcs1_verify::Rsa3072Sha256, rsa));
    vectors.extend(vectors!(rsa_pkcs1_verify::Rsa4096Sha256, rsa));
    assert_eq!(judge("RS256", &vectors).await, Tally { taken: 24, refused: 749 });
}

#[wasm_bindgen_test]
async fn vectors_of_rs384() {
    let mut vectors = vectors!(rsa_pkcs1_verify::Rsa2048Sha384, rsa);
    vectors.extend(vectors!(rsa_pkcs1_verify::Rsa3072Sha384, rsa));
    vectors.extend(vectors!(rsa_pkcs1_verify::Rsa4096Sha384, rsa));
    assert_eq!(judge("RS384", &vectors).await, Tally { taken: 21, refused: 752 });
}

#[wasm_bindgen_test]
async fn vectors_of_rs512() {
    let mut vectors = vectors!(rsa_pkcs1_verify::Rsa2048Sha512, rsa);
    vectors.extend(vectors!(rsa_pkcs1_verify::Rsa3072Sha512, rsa));
    vectors.extend(vectors!(rsa_pkcs1_verify::Rsa4096Sha512, rsa));
    assert_eq!(judge("RS512", &vectors).await, Tally { taken: 23, refused: 752 });
}

#[wasm_bindgen_test]
async fn vectors_of_ps256() {
    let mut vectors = vectors!(rsa_pss_verify::RsaPss2048Sha256Mgf1SaltLen32, rsa);
    vectors.extend(vectors!(rsa_pss_verify::RsaPss3072Sha256Mgf1SaltLen32, rsa));
    vectors.extend(vectors!(rsa_pss_verify::RsaPss4096Sha256Mgf1SaltLen32, rsa));
    assert_eq!(judge("PS256", &vectors).await, Tally { taken: 189, refused: 135 });
}

#[wasm_bindgen_test]
async fn vectors_of_ps384() {
    let mut vectors = vectors!(rsa_pss_verify::RsaPss2048Sha384Mgf1SaltLen48, rsa);
    vectors.extend(vectors!(rsa_pss_verify::RsaPss4096Sha384Mgf1SaltLen48, rsa));
    assert_eq!(judge("PS384", &vectors).await, Tally { taken: 190, refused: 92 });
}

#[wasm_bindgen_test]
async fn vectors_of_ps512() {
    let vectors = vectors!(rsa_pss_verify::RsaPss4096Sha512Mgf1SaltLen64, rsa);
    assert_eq!(judge("PS512", &vectors).await, Tally { taken: 132, refused: 47 });
}

// RFC 7518 section 3.5: the salt is as long as the hash. Of these sets with other salts, number 69 is one
// whose salt was made so.
#[wasm_bindgen_test]
async fn pss_with_a_salt_of_another_length_is_refused() {
    for (algorithm, vectors, count, expected) in [
        ("PS256", vectors!(rsa_pss_verify::RsaPss2048Sha256Mgf1SaltLen0, rsa), 103, vec![69]),
        ("PS512", vectors!(rsa_pss_verify::RsaPss4096Sha512Mgf1SaltLen32, rsa), 177, vec![]),
    ] {
        assert_eq!(vectors.len(), count);
        let algorithm = Algorithm::parse(algorithm).expect("an algorithm");
        let mut taken = Vec::new();
        for vector in vectors {
            if is_good(algorithm, &vector).await {
                taken.push(vector.id);
            }
        }
        assert_eq!(taken, expected, "{algorithm:?}");
    }
}
