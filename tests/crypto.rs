//! Signatures that the standards publish, checked by the browser in the way of the client.

#![cfg(target_arch = "wasm32")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pixy_login::browser::crypto::{Scheme, verify};
use pixy_login::protocol::Algorithm;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// A signature that is good.
struct Signed {
    name: String,
    scheme: Scheme,
    jwk: String,
    data: Vec<u8>,
    signature: Vec<u8>,
}

impl Signed {
    fn new(name: &str, algorithm: &Value, jwk: &Value, token: &str) -> Self {
        let (data, signature) = token.rsplit_once('.').expect("a token");
        let algorithm = Algorithm::parse(text(algorithm)).expect("an algorithm");
        Self {
            name: name.to_owned(),
            scheme: Scheme::from(algorithm),
            jwk: jwk.to_string(),
            data: data.into(),
            signature: URL_SAFE_NO_PAD.decode(signature).expect("a signature"),
        }
    }

    async fn is_good(&self) -> bool {
        self.is_good_by(self.scheme, &self.jwk).await
    }

    async fn is_good_for(&self, data: &[u8], signature: &[u8]) -> bool {
        verify(self.scheme, &self.jwk, data, signature).await.expect("Web Crypto")
    }

    async fn is_good_by(&self, scheme: Scheme, jwk: &str) -> bool {
        verify(scheme, jwk, &self.data, &self.signature).await.expect("Web Crypto")
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

fn vector(id: &str) -> Value {
    let all = include_str!("../src/protocol/tests/vectors.json");
    let all: Value = serde_json::from_str(all).expect("JSON");
    let vectors = all["vectors"].as_array().expect("vectors");
    vectors.iter().find(|vector| vector["id"] == id).expect(id).clone()
}

/// All of them: RFC 7515 appendices A.2 to A.4 and A.6, RFC 8037 appendix A, the same with the name of
/// RFC 9864, the proofs of RFC 9449, the ID tokens of OpenID Connect Core.
fn published() -> Vec<Signed> {
    let mut all = Vec::new();
    for id in ["rfc7515-a2", "rfc7515-a3", "rfc7515-a4"] {
        let vector = vector(id);
        all.push(Signed::new(id, &vector["alg"], &vector["public_jwk"], text(&vector["jws"])));
    }
    let general = &vector("rfc7515-a6")["jws_json"];
    for (index, id) in ["rfc7515-a2", "rfc7515-a3"].into_iter().enumerate() {
        let part = &general["signatures"][index];
        let parts = [&part["protected"], &general["payload"], &part["signature"]].map(text);
        let vector = vector(id);
        all.push(Signed::new(
            "rfc7515-a6",
            &vector["alg"],
            &vector["public_jwk"],
            &parts.join("."),
        ));
    }
    let key = &vector("rfc8037-A")["public_jwk"];
    for (id, algorithm) in [("rfc8037-A", "EdDSA"), ("rfc9864-derived", "Ed25519")] {
        all.push(Signed::new(id, &algorithm.into(), key, text(&vector(id)["jws"])));
    }
    for id in ["rfc9449-4.1-token-request", "rfc9449-5-refresh", "rfc9449-7.1-resource"] {
        let vector = vector(id);
        let header = &vector["header"];
        all.push(Signed::new(id, &header["alg"], &header["jwk"], text(&vector["proof"])));
    }
    let core = vector("oidc-core-appA");
    for (name, token) in core["tokens"].as_object().expect("tokens") {
        all.push(Signed::new(name, &"RS256".into(), &core["jwk"], text(&token["jws"])));
    }
    assert_eq!(all.len(), 13);
    all
}

/// `bytes` with one bit flipped.
fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[bit / 8] ^= 1 << (bit % 8);
    changed
}

#[wasm_bindgen_test]
async fn published_signatures_are_good() {
    for signed in published() {
        assert!(signed.is_good().await, "{}", signed.name);
    }
}

#[wasm_bindgen_test]
async fn published_signatures_are_bad_with_any_bit_flipped() {
    for good in published() {
        let bits = [0, 1, good.signature.len() * 4 + 3, good.signature.len() * 8 - 1];
        for bit in bits {
            let bad = flipped(&good.signature, bit);
            let is_good = good.is_good_for(&good.data, &bad).await;
            assert!(!is_good, "{}: bit {bit} of the signature", good.name);
        }
        for bit in [0, good.data.len() * 4 + 3, good.data.len() * 8 - 1] {
            let bad = flipped(&good.data, bit);
            let is_good = good.is_good_for(&bad, &good.signature).await;
            assert!(!is_good, "{}: bit {bit} of the data", good.name);
        }
    }
}

#[wasm_bindgen_test]
async fn a_signature_of_another_length_is_bad() {
    for good in published() {
        let longer = [&good.signature[..], &[0]].concat();
        let padded = [&[0], &good.signature[..]].concat();
        let shorter = good.signature[1..].to_vec();
        for bad in [longer, padded, shorter, Vec::new()] {
            let is_good = good.is_good_for(&good.data, &bad).await;
            assert!(!is_good, "{}: {} bytes", good.name, bad.len());
        }
    }
}

#[wasm_bindgen_test]
async fn r87_a_signature_is_good_by_its_own_algorithm_and_key_only() {
    const ALL: [&str; 10] =
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
    let published = published();
    let mut tried = 0;
    for good in &published {
        for other in ALL.into_iter().filter_map(Algorithm::parse).map(Scheme::from) {
            if other != good.scheme {
                assert!(!good.is_good_by(other, &good.jwk).await, "{}: {other:?}", good.name);
                tried += 1;
            }
        }
        for other in published.iter().filter(|other| other.jwk != good.jwk) {
            assert!(!good.is_good_by(good.scheme, &other.jwk).await, "{}", good.name);
        }
    }
    assert_eq!(tried, 13 * 9);
}

#[wasm_bindgen_test]
async fn r90_what_is_no_key_has_signed_nothing() {
    for good in published() {
        for jwk in [
            "",
            "null",
            "[]",
            "1",
            "{}",
            r#"{"kty":"oct","k":"AAAA"}"#,
            r#"{"kty":"RSA","n":"","e":"AQAB"}"#,
            r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#,
            r#"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#,
        ] {
            assert!(!good.is_good_by(good.scheme, jwk).await, "{}: {jwk}", good.name);
        }
        // Every member of the key counts.
        let jwk: Value = serde_json::from_str(&good.jwk).expect("a key");
        let members = ["n", "e", "x", "y", "crv", "kty"];
        for name in members.into_iter().filter(|name| jwk.get(name).is_some()) {
            let mut less = jwk.clone();
            less.as_object_mut().expect("a key").remove(name);
            assert!(!good.is_good_by(good.scheme, &less.to_string()).await, "without {name}");
        }
    }
}

// RSA with the exponent 1 changes nothing: everybody can write such a signature.
#[wasm_bindgen_test]
async fn r90_an_rsa_key_whose_exponent_is_1_has_signed_nothing() {
    let good = &published()[0];
    let mut jwk: Value = serde_json::from_str(&good.jwk).expect("a key");
    jwk["e"] = "AQ".into();
    // EMSA-PKCS1-v1_5 of 256 bytes (RFC 8017 section 9.2): what stands below every such signature.
    let sha256 =
        [0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];
    let padding = [0xff; 256 - 3 - 19 - 32];
    let forged = [&[0, 1], &padding[..], &[0], &sha256, &Sha256::digest(&good.data)].concat();
    assert_eq!(forged.len(), good.signature.len());
    let is_good = verify(good.scheme, &jwk.to_string(), &good.data, &forged).await;
    assert_eq!(is_good, Ok(false));
}
