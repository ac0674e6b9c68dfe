//! Key sets: only a key that stands there, and fits the token, is tried.

#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use pixy_login::fuzzing::jwk;
use pixy_login::protocol::{Jws, KeySet, ServerResponse};
use pixy_login_fuzz::{assert_presentable, json};
use serde_json::Value;

/// What a client needs no more of, and an attacker would.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

// A token's header on the first line, behind it the key set.
fuzz_target!(|text: &str| {
    let (header, body) = text.split_once('\n').unwrap_or(("{\"alg\":\"RS256\"}", text));
    let answer = json(body.as_bytes());
    match KeySet::from_response(&answer) {
        Ok(keys) => {
            assert_strict(body);
            assert_candidates(&keys, header, body);
        }
        Err(error) => assert_presentable(&error),
    }
});

/// What is accepted is refused as soon as its form is broken.
fn assert_strict(body: &str) {
    let rest = body.trim_start().strip_prefix('{').unwrap();
    for broken in [
        format!("{body} x"),
        format!("\u{feff}{body}"),
        format!("[{body}]"),
        format!("{{\"keys\":[],{rest}"),
        format!("{{\"deep\":[{{\"again\":1,\"again\":2}}],{rest}"),
    ] {
        assert!(KeySet::from_response(&json(broken.as_bytes())).is_err(), "accepted: {broken:?}");
    }
    let good = json(body.as_bytes());
    for other in [
        ServerResponse { status: 404, ..good.clone() },
        ServerResponse { status: 500, ..good.clone() },
        ServerResponse { content_type: Some("text/html".to_owned()), ..good },
    ] {
        assert!(KeySet::from_response(&other).is_err(), "accepted: {other:?}");
    }
}

/// The rules once more, with another reader.
fn assert_candidates(keys: &KeySet, header: &str, body: &str) {
    let encoded = URL_SAFE_NO_PAD.encode(header);
    let Ok(token) = Jws::parse(&format!("{encoded}.e30.c2lnbmF0dXJl")) else { return };
    let header: Value = serde_json::from_str(header).unwrap();
    let document: Value = serde_json::from_str(body).unwrap();
    let published = document["keys"].as_array().unwrap();
    let tried: Vec<Value> =
        keys.candidates(&token).map(|key| serde_json::from_str(&jwk(key)).unwrap()).collect();
    assert!(tried.len() <= 8);
    let has_name = |key: &Value| key["kid"] == header["kid"];
    let is_named = published.iter().any(|key| has_name(key) && may_sign(key, &header));
    // A key without a name is tried where none has the token's.
    let is_meant = |key: &Value| {
        header["kid"].is_null() || has_name(key) || (key["kid"].is_null() && !is_named)
    };
    for key in tried {
        let fits = |candidate: &Value| {
            is_of(candidate, &key) && may_sign(candidate, &header) && is_meant(candidate)
        };
        assert!(published.iter().any(fits), "{key} is not in {document}");
    }
}

/// Whether this is the published key that Web Crypto gets, whose members are few.
fn is_of(published: &Value, key: &Value) -> bool {
    let members = key.as_object().unwrap();
    let known = ["kty", "n", "e", "crv", "x", "y"];
    members.keys().all(|name| known.contains(&name.as_str()))
        && members.iter().all(|(name, value)| published[name] == *value)
}

/// Whether a published key is sound, and may have made signatures of this algorithm.
fn may_sign(key: &Value, header: &Value) -> bool {
    let algorithm = header["alg"].as_str().unwrap();
    let name = |algorithm: &str| algorithm.replace("EdDSA", "Ed25519");
    let text = |member: &str| key[member].as_str().unwrap_or_default();
    let all_texts = |members: &[&str]| members.iter().all(|member| key[*member].is_string());
    let material = match (text("kty"), &algorithm[..2]) {
        ("RSA", "RS" | "PS") => all_texts(&["n", "e"]) && (2048..=16384).contains(&bits(text("n"))),
        ("EC", "ES") => {
            let curve = text("crv");
            all_texts(&["x", "y"])
                && [("ES256", "P-256"), ("ES384", "P-384"), ("ES512", "P-521")]
                    .contains(&(algorithm, curve))
        }
        ("OKP", "Ed") => all_texts(&["x"]) && key["crv"] == "Ed25519",
        _ => false,
    };
    let verifies = match &key["key_ops"] {
        Value::Null => true,
        Value::Array(list) => list.iter().all(Value::is_string) && list.contains(&"verify".into()),
        _ => false,
    };
    material
        && verifies
        && PRIVATE.iter().all(|member| key.get(member).is_none())
        && (key["use"].is_null() || key["use"] == "sig")
        && (key["alg"].is_null() || key["alg"].as_str().map(name) == Some(name(algorithm)))
        && (key["kid"].is_null() || key["kid"].is_string())
        && (key["crv"].is_null() || key["crv"].is_string())
}

fn bits(number: &str) -> usize {
    let bytes = URL_SAFE_NO_PAD.decode(number).unwrap_or_default();
    let text: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    text.trim_start_matches('0').len()
}
