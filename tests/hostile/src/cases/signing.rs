//! Signatures, headers and claims of ID tokens, key sets, and signed userinfo responses.

use super::Edit::{Remove, Repeat, Set, SetLongText, SetTime};
use super::{Answer, Case, Edit, JSON, claims, discovery, fixed, named, with_first_member};
use crate::encoding::{Pairs, base64url, base64url_decode, json_object, json_string};
use crate::keys::Key;
use crate::signing::Algorithm::{self, Ed25519, EdDsa, Es256, Hs256, Ps256};
use crate::signing::{HONEST_KEYS, HONEST_SIGNING, Jwk, KeySet, Secret, Signing};

pub const CASES: &[Case] = &[
    // Honest, in ways that a client must also cope with.
    Case { keys: keys(P256), ..signed("alg-es256", ES256, with(Key::P256, Es256)) },
    Case {
        keys: keys(&[changed(Key::Honest, &[Set("alg", "\"PS256\"")])]),
        ..signed("alg-ps256", &[Set(ALGORITHMS, "[\"PS256\"]")], with(Key::Honest, Ps256))
    },
    Case {
        keys: keys(&[changed(Key::Ed25519, &[Set("alg", "\"Ed25519\"")])]),
        ..signed("alg-ed25519", &[Set(ALGORITHMS, "[\"Ed25519\"]")], with(Key::Ed25519, Ed25519))
    },
    Case {
        keys: keys(&[Jwk::of(Key::Ed25519)]),
        ..signed("alg-eddsa", &[Set(ALGORITHMS, "[\"EdDSA\"]")], with(Key::Ed25519, EdDsa))
    },
    // Another key than later, under the same name.
    Case {
        keys: keys(&[Jwk::of(Key::Foreign)]),
        ..signed("former-key", &[], with(Key::Foreign, Algorithm::Rs256))
    },
    header("typ-jwt", &[Set("typ", "\"jwt\"")]),
    header("typ-missing", &[Remove("typ")]),
    // The algorithm.
    Case { signing: UNSIGNED, ..named("t42-alg-none") },
    Case { signing: UNSIGNED_CAPITAL, ..named("t42-alg-none-capital") },
    mangled("t42-signature-empty", with_empty_signature),
    mangled("t42-signature-missing", without_signature),
    header("t42-alg-missing", &[Remove("alg")]),
    signed("t43-hs256-pem", &[], with(Key::Honest, Hs256(Secret::Pem))),
    signed("t43-hs256-n", &[], with(Key::Honest, Hs256(Secret::Modulus))),
    signed("t43-hs256-client-id", &[], with(Key::Honest, Hs256(Secret::ClientId))),
    Case {
        keys: keys(&[Jwk::of(Key::Honest), Jwk::of(Key::P256)]),
        ..signed("t44-es256-not-announced", &[], with(Key::P256, Es256))
    },
    // The key.
    header("t46-kid-missing-one-key", &[Remove("kid")]),
    Case {
        keys: keys(&[Jwk::of(Key::Rotated), Jwk::of(Key::Honest)]),
        ..header("t46-kid-missing-many-keys", &[Remove("kid")])
    },
    Case {
        keys: KeySet { later: &[Jwk::of(Key::Rotated)], ..HONEST_KEYS },
        ..signed("t47-rotated", &[], with(Key::Rotated, Algorithm::Rs256))
    },
    header("t47-never", UNKNOWN_KEY),
    signed("signature-foreign", &[], with(Key::Foreign, Algorithm::Rs256)),
    Case {
        keys: keys(P256),
        ..signed("signature-foreign-es256", ES256, with(Key::ForeignP256, Es256))
    },
    mangled("claims-changed", with_one_more_claim),
    key_set(
        "t49-duplicate-kid",
        &[changed(Key::Rotated, &[Set("kid", "\"hostile-key\"")]), Jwk::of(Key::Honest)],
    ),
    key_set("t49-kty-mismatch", &[changed(Key::Honest, &[Set("kty", "\"EC\"")])]),
    key_set("t49-use-enc", &[changed(Key::Honest, &[Set("use", "\"enc\"")])]),
    key_set("t49-key-ops", &[changed(Key::Honest, &[Remove("use"), Set("key_ops", "[\"sign\"]")])]),
    Case {
        keys: keys(&[Jwk::of(Key::Small)]),
        ..signed("t49-rsa-1024", &[], with(Key::Small, Algorithm::Rs256))
    },
    Case {
        keys: keys(&[changed(Key::P256, OFF_CURVE)]),
        ..signed("t49-ec-off-curve", ES256, with(Key::P256, Es256))
    },
    key_set("t49-private-key", &[Jwk { private: true, ..Jwk::of(Key::Honest) }]),
    Case {
        keys: keys(&[Jwk::of(Key::Oct)]),
        ..signed(
            "t49-oct",
            &[Set(ALGORITHMS, "[\"RS256\",\"HS256\"]")],
            with(Key::Oct, Hs256(Secret::Oct)),
        )
    },
    // The key set.
    jwks("t50-jwks-redirect", Answer::Redirect),
    jwks("t50-jwks-html", fixed(200, "text/html", "<!DOCTYPE html><title>Keys</title>")),
    discovery("t50-jwks-http", &[Set("jwks_uri", "\"http://keys.example/jwks\"")]),
    jwks("t50-jwks-huge", Answer::Flood { declared: true }),
    jwks("t50-jwks-10000-keys", Answer::Mangled(with_many_keys)),
    jwks("t50-jwks-500", fixed(500, "text/plain", "Internal Server Error")),
    jwks("t50-jwks-no-cors", Answer::WithoutCors),
    jwks("t50-jwks-duplicate-member", Answer::Honest(&[Repeat("keys")])),
    jwks("t50-jwks-array", fixed(200, JSON, "[]")),
    jwks("t50-jwks-empty", Answer::Honest(&[Set("keys", "[]")])),
    jwks("t50-jwks-silence", Answer::Silence),
    discovery("jwks-uri-missing", &[Remove("jwks_uri")]),
    // The header.
    header(
        "t52-crit-unknown",
        &[
            Set("crit", "[\"http://example.com/UNDEFINED\"]"),
            Set("http://example.com/UNDEFINED", "true"),
        ],
    ),
    header("t52-crit-empty", &[Set("crit", "[]")]),
    header("t52-b64-false", &[Set("b64", "false"), Set("crit", "[\"b64\"]")]),
    header("t62-typ-at-jwt", &[Set("typ", "\"at+jwt\"")]),
    header("t62-typ-logout-jwt", &[Set("typ", "\"logout+jwt\"")]),
    // The serialization.
    mangled("t53-padding", with_padding),
    mangled("t53-whitespace", with_whitespace),
    mangled("t53-plus-slash", in_the_other_alphabet),
    mangled("t53-four-parts", |token| [token, ".e30"].concat()),
    mangled("t53-five-parts", |token| [token, ".e30.e30"].concat()),
    mangled("t53-json", as_json),
    // The claims.
    claims("t54-aud-list", &[Set("aud", "[\"{client_id}\"]")]),
    claims("t54-aud-extra", &[Set("aud", "[\"{client_id}\",\"another-client\"]")]),
    claims(
        "t54-aud-extra-azp",
        &[Set("aud", "[\"{client_id}\",\"another-client\"]"), Set("azp", "\"{client_id}\"")],
    ),
    claims("t57-nonce-list", &[Set("nonce", "[\"{nonce}\"]")]),
    claims("t58-exp-far", &[Set("exp", YEAR_2100)]),
    claims("t58-iat-week-old", &[SetTime("iat", -7 * DAY)]),
    claims("t58-nbf-future", &[SetTime("nbf", 3600)]),
    claims("t59-sub-long", &[SetLongText("sub", 10_000)]),
    claims("t61-auth-time-missing", &[Remove("auth_time")]),
    claims("t61-auth-time-old", &[SetTime("auth_time", -DAY)]),
    claims("t61-acr-other", &[Set("acr", "\"another-class\"")]),
    claims("t61-acr-missing", &[Remove("acr")]),
    claims("at-hash-wrong", &[Set("at_hash", "\"AAAAAAAAAAAAAAAAAAAAAA\"")]),
    // The userinfo response.
    userinfo_jwt("t64-userinfo-jwt", HONEST_SIGNING, &[]),
    userinfo_jwt("t64-userinfo-jwt-foreign-key", with(Key::Foreign, Algorithm::Rs256), &[]),
    userinfo_jwt("t64-userinfo-jwt-aud", HONEST_SIGNING, &[Set("aud", "\"another-client\"")]),
    userinfo_jwt("t64-userinfo-jwt-iss", HONEST_SIGNING, &[Set("iss", "\"{origin}/honest\"")]),
    userinfo_jwt("t64-userinfo-jwt-none", UNSIGNED, &[]),
    userinfo_jwt("t64-userinfo-jwt-sub", HONEST_SIGNING, &[Set("sub", "\"somebody-else\"")]),
    userinfo_jwt(
        "r82-userinfo-jwt-unknown-key",
        Signing { header: UNKNOWN_KEY, ..HONEST_SIGNING },
        &[],
    ),
];

const ALGORITHMS: &str = "id_token_signing_alg_values_supported";
const ES256: &[Edit] = &[Set(ALGORITHMS, "[\"ES256\"]")];
const UNKNOWN_KEY: &[Edit] = &[Set("kid", "\"unknown-key\"")];
const P256: &[Jwk] = &[Jwk::of(Key::P256)];
/// A point of the curve has but two values of y for an x, and this is neither.
const OFF_CURVE: &[Edit] = &[Set("y", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\"")];
const YEAR_2100: &str = "4102444800";
const DAY: i64 = 24 * 60 * 60;

const fn with(key: Key, algorithm: Algorithm) -> Signing {
    Signing { key, algorithm, ..HONEST_SIGNING }
}

const fn keys(keys: &'static [Jwk]) -> KeySet {
    KeySet { keys, later: &[] }
}

const fn signed(name: &'static str, metadata: &'static [Edit], signing: Signing) -> Case {
    Case { signing, ..discovery(name, metadata) }
}

const fn header(name: &'static str, header: &'static [Edit]) -> Case {
    signed(name, &[], Signing { header, ..HONEST_SIGNING })
}

const fn mangled(name: &'static str, mangle: fn(&str) -> String) -> Case {
    signed(name, &[], Signing { mangle, ..HONEST_SIGNING })
}

const fn key_set(name: &'static str, set: &'static [Jwk]) -> Case {
    Case { keys: keys(set), ..named(name) }
}

const fn changed(key: Key, edits: &'static [Edit]) -> Jwk {
    Jwk { edits, ..Jwk::of(key) }
}

const fn jwks(name: &'static str, jwks: Answer) -> Case {
    Case { jwks, ..named(name) }
}

const fn userinfo_jwt(name: &'static str, signing: Signing, edits: &'static [Edit]) -> Case {
    Case {
        userinfo: Answer::Honest(edits),
        userinfo_signing: Some(signing),
        ..discovery(name, &[Set("userinfo_signing_alg_values_supported", "[\"RS256\"]")])
    }
}

/// An unsecured JWS (RFC 7515 appendix A.5).
const UNSIGNED: Signing = Signing {
    header: &[Set("alg", "\"none\""), Remove("kid")],
    mangle: with_empty_signature,
    ..HONEST_SIGNING
};
const UNSIGNED_CAPITAL: Signing =
    Signing { header: &[Set("alg", "\"None\""), Remove("kid")], ..UNSIGNED };

/// The three parts of a compact JWS.
fn parts(token: &str) -> [&str; 3] {
    let mut parts = token.splitn(3, '.');
    [(); 3].map(|()| parts.next().unwrap_or_default())
}

fn with_empty_signature(token: &str) -> String {
    let [header, payload, _] = parts(token);
    format!("{header}.{payload}.")
}

fn without_signature(token: &str) -> String {
    let [header, payload, _] = parts(token);
    format!("{header}.{payload}")
}

fn with_one_more_claim(token: &str) -> String {
    let [header, payload, signature] = parts(token);
    let claims = base64url_decode(payload).unwrap_or_default();
    let changed = with_first_member(&claims, b"\"admin\":true");
    format!("{header}.{}.{signature}", base64url(&changed))
}

// What follows changes the signature's text only, so that the signature is right for a reader who
// is not strict.

fn with_padding(token: &str) -> String {
    format!("{token}==")
}

fn with_whitespace(token: &str) -> String {
    let (start, end) = token.split_at(token.len() - 10);
    format!("{start}\n {end}")
}

fn in_the_other_alphabet(token: &str) -> String {
    let [header, payload, signature] = parts(token);
    format!("{header}.{payload}.{}", signature.replace('-', "+").replace('_', "/"))
}

/// The flattened JSON serialization (RFC 7515 section 7.2.2).
fn as_json(token: &str) -> String {
    let names = ["protected", "payload", "signature"];
    let members = names.into_iter().zip(parts(token));
    let members = members.map(|(name, part)| (name.to_owned(), json_string(part)));
    json_object(&members.collect::<Pairs>())
}

/// Ten thousand keys of other names before the right one.
fn with_many_keys(body: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&body);
    let keys: String = (0..10_000)
        .map(|number| text.replace("hostile-key", &format!("key-{number}")))
        .map(|set| set.replace("{\"keys\":[", "").replace("]}", ","))
        .collect();
    text.replace("{\"keys\":[", &format!("{{\"keys\":[{keys}")).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mangled_tokens_are_what_they_say() {
        assert_eq!(with_empty_signature("a.b.c"), "a.b.");
        assert_eq!(without_signature("a.b.c"), "a.b");
        assert_eq!(in_the_other_alphabet("a-.b_.c-_"), "a-.b_.c+/");
        assert_eq!(as_json("a.b.c"), r#"{"protected":"a","payload":"b","signature":"c"}"#);
        let changed = with_one_more_claim("a.eyJiIjoxfQ.c");
        let payload = base64url_decode(parts(&changed)[1]).unwrap();
        assert_eq!(payload, br#"{"admin":true,"b":1}"#);
    }

    #[test]
    fn the_right_key_is_the_last_of_many() {
        let body = with_many_keys(br#"{"keys":[{"kid":"hostile-key"}]}"#.to_vec());
        let set: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let keys = set["keys"].as_array().unwrap();
        assert_eq!(keys.len(), 10_001);
        assert_eq!(keys[0]["kid"], "key-0");
        assert_eq!(keys[10_000]["kid"], "hostile-key");
    }
}
