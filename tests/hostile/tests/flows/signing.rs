//! Tokens verify with the key set, or fail where the case says so.

use hostile_server::encoding::{base64url, base64url_decode};
use ring::digest::{SHA256, digest};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::{Value, json};

use crate::client::{Client, text};

/// What a client needs to know of a signed token.
struct Token {
    header: Value,
    claims: Value,
    input: String,
    signature: Vec<u8>,
}

fn part(text: &str) -> Value {
    serde_json::from_slice(&base64url_decode(text).expect("base64url")).expect("JSON")
}

fn read(token: &str) -> Token {
    let parts: Vec<_> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("{token}") };
    Token {
        header: part(header),
        claims: part(claims),
        input: format!("{header}.{claims}"),
        signature: base64url_decode(signature).expect("base64url"),
    }
}

fn is_right(token: &Token, jwk: &Value) -> bool {
    let number = |name: &str| base64url_decode(&text(jwk, name)).expect("base64url");
    let (message, signature) = (token.input.as_bytes(), token.signature.as_slice());
    let rsa = |algorithm| {
        let key = RsaPublicKeyComponents { n: number("n"), e: number("e") };
        key.verify(algorithm, message, signature).is_ok()
    };
    match token.header["alg"].as_str() {
        Some("RS256") => rsa(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
        Some("PS256") => rsa(&RSA_PSS_2048_8192_SHA256),
        Some("ES256") => {
            let point = [vec![4], number("x"), number("y")].concat();
            let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
            key.verify(message, signature).is_ok()
        }
        Some("EdDSA" | "Ed25519") => {
            UnparsedPublicKey::new(&ED25519, number("x")).verify(message, signature).is_ok()
        }
        other => panic!("{other:?}"),
    }
}

fn id_token(client: &Client) -> String {
    let asked =
        [("scope", "openid"), ("nonce", "N"), ("max_age", "5"), ("acr_values", "gold silver")];
    text(&client.sign_in(&asked), "id_token")
}

/// Whether the ID token verifies with the last key of the set.
fn verifies(case: &'static str) -> bool {
    let client = Client::of(case);
    let token = read(&id_token(&client));
    let set = client.get("jwks", &[]).json();
    let keys = set["keys"].as_array().expect("keys");
    is_right(&token, keys.last().expect("a key"))
}

#[test]
fn the_honest_id_token_has_what_was_asked_for() {
    let client = Client::of("honest");
    let token = read(&id_token(&client));
    assert_eq!(token.header, json!({"alg": "RS256", "typ": "JWT", "kid": "hostile-key"}));
    assert_eq!(token.claims["iss"], client.server.issuer("honest"));
    assert_eq!(token.claims["aud"], "pixy");
    assert_eq!(token.claims["nonce"], "N");
    assert_eq!(token.claims["acr"], "gold");
    assert_eq!(token.claims["auth_time"], token.claims["iat"]);
    let hash = digest(&SHA256, client.server.access_token("honest").as_bytes());
    assert_eq!(token.claims["at_hash"], base64url(&hash.as_ref()[..16]));

    let plain = read(&text(&client.sign_in(&[("scope", "openid")]), "id_token"));
    for absent in ["nonce", "acr", "auth_time"] {
        assert!(plain.claims[absent].is_null(), "{absent}");
    }
}

#[test]
fn honest_signatures_verify() {
    for case in [
        "honest",
        "alg-es256",
        "alg-ps256",
        "alg-ed25519",
        "alg-eddsa",
        "t44-es256-not-announced",
        "t46-kid-missing-many-keys",
        "t49-duplicate-kid",
        "t49-rsa-1024",
        "t49-private-key",
        "t52-crit-unknown",
        "t50-jwks-10000-keys",
    ] {
        assert!(verifies(case), "{case}");
    }
}

#[test]
fn false_signatures_do_not_verify() {
    for case in
        ["signature-foreign", "signature-foreign-es256", "claims-changed", "t49-ec-off-curve"]
    {
        assert!(!verifies(case), "{case}");
    }
}

#[test]
fn unsigned_tokens_have_no_signature() {
    for (case, algorithm) in [("t42-alg-none", "none"), ("t42-alg-none-capital", "None")] {
        let token = read(&id_token(&Client::of(case)));
        assert_eq!(token.header["alg"], algorithm);
        assert!(token.signature.is_empty());
    }
}

#[test]
fn the_secrets_of_false_hmacs_are_public() {
    let pem: &[u8] = hostile_server::keys::HONEST_PEM.as_bytes();
    let modulus = hostile_server::keys::Key::Honest.modulus();
    for (case, secret) in [
        ("t43-hs256-pem", pem),
        ("t43-hs256-n", &modulus),
        ("t43-hs256-client-id", b"pixy"),
        ("t49-oct", hostile_server::keys::OCT_SECRET),
    ] {
        let token = read(&id_token(&Client::of(case)));
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
        assert_eq!(token.header["alg"], "HS256");
        assert!(ring::hmac::verify(&key, token.input.as_bytes(), &token.signature).is_ok());
    }
}

#[test]
fn the_key_that_signed_comes_with_the_second_key_set() {
    let client = Client::of("t47-rotated");
    let token = read(&id_token(&client));
    let keys = || client.get("jwks", &[]).json()["keys"].as_array().expect("keys").clone();
    assert_eq!(token.header["kid"], "rotated-key");
    assert_eq!(keys().len(), 1);
    let later = keys();
    assert_eq!(later[1]["kid"], "rotated-key");
    assert!(is_right(&token, &later[1]));
}

#[test]
fn a_refresh_may_be_signed_by_another_key() {
    let client = Client::of("t71-signature");
    let first = client.sign_in(&[("scope", "openid")]);
    let second = client.refresh(&text(&first, "refresh_token")).json();
    let jwk = &client.get("jwks", &[]).json()["keys"][0];
    assert!(is_right(&read(&text(&first, "id_token")), jwk));
    assert!(!is_right(&read(&text(&second, "id_token")), jwk));
}

#[test]
fn templates_stand_for_what_was_sent() {
    let claims = |case| read(&id_token(&Client::of(case))).claims;
    assert_eq!(claims("t54-aud-extra-azp")["aud"], json!(["pixy", "another-client"]));
    assert_eq!(claims("t54-aud-extra-azp")["azp"], "pixy");
    assert_eq!(claims("t57-nonce-list")["nonce"], json!(["N"]));
    let old = claims("t58-iat-week-old");
    assert_eq!(old["iat"].as_u64().map(|time| time + 7 * 86400 + 3600), old["exp"].as_u64());
    assert_eq!(claims("t59-sub-long")["sub"].as_str().map(str::len), Some(10_000));
}

#[test]
fn a_signed_userinfo_response_verifies() {
    let userinfo = |case| {
        let client = Client::of(case);
        let access_token = text(&client.sign_in(&[("scope", "openid")]), "access_token");
        let answer = client.bearer("userinfo", &access_token);
        assert_eq!(answer.header("content-type"), Some("application/jwt"));
        let set = client.get("jwks", &[]).json();
        (read(&answer.body), set["keys"][0].clone())
    };
    let (token, jwk) = userinfo("t64-userinfo-jwt");
    assert!(is_right(&token, &jwk));
    assert_eq!(token.claims["aud"], "pixy");
    assert!(text(&token.claims, "iss").ends_with("/t64-userinfo-jwt"));
    let (token, jwk) = userinfo("t64-userinfo-jwt-foreign-key");
    assert!(!is_right(&token, &jwk));
    assert_eq!(userinfo("t64-userinfo-jwt-sub").0.claims["sub"], "somebody-else");
    assert!(userinfo("t64-userinfo-jwt-none").0.signature.is_empty());
}
