//! Proofs that hold are accepted, all others refused and noted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use hostile_server::encoding::base64url;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use crate::client::{Answer, Client, code_grant, refresh_grant, text};

/// A key that proofs are made with.
#[derive(Debug)]
pub struct ProofKey {
    pair: EcdsaKeyPair,
}

impl ProofKey {
    pub fn new() -> Self {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random);
        Self { pair: pair.expect("a key") }
    }

    fn jwk(&self) -> Value {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        json!({"kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y)})
    }

    pub fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        let (x, y) = (text(&jwk, "x"), text(&jwk, "y"));
        hash(&format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#))
    }

    /// An honest proof, after a change to its header and claims.
    fn changed(
        &self,
        method: &str,
        url: &str,
        change: impl FnOnce(&mut Value, &mut Value),
    ) -> String {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let jti = COUNT.fetch_add(1, Ordering::Relaxed).to_string();
        let mut header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk()});
        let mut claims = json!({"jti": jti, "htm": method, "htu": url, "iat": now()});
        change(&mut header, &mut claims);
        let parts = [header, claims].map(|part| base64url(part.to_string().as_bytes()));
        let input = parts.join(".");
        let signature = self.pair.sign(&SystemRandom::new(), input.as_bytes());
        format!("{input}.{}", base64url(signature.expect("a signature").as_ref()))
    }

    pub fn proof(&self, method: &str, url: &str, more: Value) -> String {
        self.changed(method, url, |_, claims| {
            for (name, value) in more.as_object().into_iter().flatten() {
                claims[name] = value.clone();
            }
        })
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs()
}

fn hash(text: &str) -> String {
    base64url(digest(&SHA256, text.as_bytes()).as_ref())
}

fn token(client: &Client, code: &str, proof: &str) -> Answer {
    client.post("token", &[("DPoP", proof)], &code_grant(code))
}

fn bound_token(client: &Client, key: &ProofKey) -> String {
    let proof = key.proof("POST", &client.url("token"), json!({}));
    let answer = token(client, &client.code(&[]), &proof).json();
    assert_eq!(answer["token_type"], "DPoP");
    text(&answer, "access_token")
}

fn api(client: &Client, key: &ProofKey, access_token: &str, more: Value) -> Answer {
    let mut claims = json!({"ath": hash(access_token)});
    for (name, value) in more.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    let proof = key.proof("GET", &client.url("api"), claims);
    let authorization = format!("DPoP {access_token}");
    client.get("api?page=2", &[("Authorization", &authorization), ("DPoP", &proof)])
}

#[test]
fn an_honest_client_is_served_without_violations() {
    let (client, key) = (Client::of("dpop"), ProofKey::new());
    let code = client.code(&[("dpop_jkt", &key.thumbprint())]);
    let proof = key.proof("POST", &client.url("token"), json!({}));
    let access_token = text(&token(&client, &code, &proof).json(), "access_token");
    let answer = api(&client, &key, &access_token, json!({}));
    assert_eq!(answer.json(), json!({"ok": true, "calls": 1}));
    assert!(
        answer.header("access-control-expose-headers").is_some_and(|it| it.contains("DPoP-Nonce"))
    );
    let preflight = client.send("OPTIONS", "api", &[], "");
    assert!(preflight.header("access-control-allow-headers").is_some_and(|it| it.contains("dpop")));
    assert_eq!(client.violations(), [""; 0]);
}

#[test]
fn every_wrong_proof_is_refused_and_noted() {
    type Change = fn(&mut Value, &mut Value);
    let wrong: [(&str, Change); 14] = [
        ("typ", |header, _| header["typ"] = json!("JWT")),
        ("alg", |header, _| header["alg"] = json!("RS256")),
        ("alg", |header, _| header["alg"] = json!("none")),
        ("jwk", |header, _| header["jwk"] = Value::Null),
        ("private", |header, _| header["jwk"]["d"] = json!("AA")),
        ("signature", |header, _| header["jwk"] = ProofKey::new().jwk()),
        ("htm", |_, claims| claims["htm"] = json!("GET")),
        ("htu", |_, claims| claims["htu"] = json!(format!("{}?a", text(claims, "htu")))),
        ("htu", |_, claims| claims["htu"] = json!("http://localhost/token")),
        ("iat", |_, claims| claims["iat"] = json!(now() - 120)),
        ("iat", |_, claims| claims["iat"] = json!(now() + 120)),
        ("iat", |_, claims| claims["iat"] = json!("now")),
        ("jti", |_, claims| claims["jti"] = Value::Null),
        ("ath", |_, claims| claims["ath"] = json!("x")),
    ];
    for (name, change) in wrong {
        let (client, key) = (Client::of("dpop"), ProofKey::new());
        let proof = key.changed("POST", &client.url("token"), change);
        let answer = token(&client, &client.code(&[]), &proof);
        assert_eq!(answer.status, 400, "{name}");
        assert_eq!(answer.json()["error"], "invalid_dpop_proof", "{name}");
        let violations = client.violations();
        assert!(violations.len() == 1 && violations[0].contains(name), "{name}: {violations:?}");
    }
}

#[test]
fn a_proof_serves_once_and_alone() {
    let (client, key) = (Client::of("dpop"), ProofKey::new());
    let proof = || key.proof("POST", &client.url("token"), json!({}));
    let first = proof();
    assert_eq!(token(&client, &client.code(&[]), &first).status, 200);
    assert_eq!(token(&client, &client.code(&[]), &first).status, 400);
    let (one, other) = (proof(), proof());
    let headers = [("DPoP", one.as_str()), ("DPoP", other.as_str())];
    assert_eq!(client.post("token", &headers, &code_grant(&client.code(&[]))).status, 400);
    assert_eq!(client.post("token", &[], &code_grant(&client.code(&[]))).status, 400);
    assert_eq!(client.violations().len(), 3);
}

#[test]
fn code_and_tokens_are_bound_to_one_key() {
    let (client, key, other) = (Client::of("dpop"), ProofKey::new(), ProofKey::new());
    let code = client.code(&[("dpop_jkt", &key.thumbprint()), ("scope", "offline_access")]);
    let proof = |key: &ProofKey| key.proof("POST", &client.url("token"), json!({}));
    assert_eq!(token(&client, &code, &proof(&other)).json()["error"], "invalid_dpop_proof");
    let answer = token(&client, &code, &proof(&key)).json();
    let (access_token, refresh_token) =
        (text(&answer, "access_token"), text(&answer, "refresh_token"));
    assert_eq!(api(&client, &other, &access_token, json!({})).status, 401);
    let refresh =
        |proof: &str| client.post("token", &[("DPoP", proof)], &refresh_grant(&refresh_token));
    assert_eq!(refresh(&proof(&other)).status, 400);
    assert_eq!(client.violations().len(), 3);
    assert_eq!(refresh(&proof(&key)).json()["token_type"], "DPoP");
}

#[test]
fn a_bound_token_needs_scheme_and_hash() {
    let (client, key) = (Client::of("dpop"), ProofKey::new());
    let access_token = bound_token(&client, &key);
    let answer = client.bearer("api", &access_token);
    assert_eq!(answer.status, 401);
    assert!(answer.header("www-authenticate").is_some_and(|value| value.starts_with("DPoP ")));
    let answer = api(&client, &key, &access_token, json!({"ath": hash("another token")}));
    assert_eq!(
        answer.header("www-authenticate"),
        Some("DPoP error=\"invalid_dpop_proof\", algs=\"ES256\"")
    );
    assert_eq!(client.violations().len(), 2);
}

#[test]
fn the_newest_nonce_of_each_server_is_demanded() {
    let (client, key) = (Client::of("dpop-nonce"), ProofKey::new());
    let nonce = |answer: &Answer| answer.header("dpop-nonce").expect("a nonce").to_owned();
    let send = |more: Value| {
        token(&client, &client.code(&[]), &key.proof("POST", &client.url("token"), more))
    };
    let refused = send(json!({}));
    assert_eq!((refused.status, text(&refused.json(), "error").as_str()), (400, "use_dpop_nonce"));
    let served = send(json!({"nonce": nonce(&refused)}));
    assert_eq!(served.status, 200);
    assert_ne!(nonce(&served), nonce(&refused));
    assert_eq!(send(json!({"nonce": nonce(&refused)})).status, 400);

    let access_token = text(&served.json(), "access_token");
    let refused = api(&client, &key, &access_token, json!({"nonce": nonce(&served)}));
    assert_eq!(
        refused.header("www-authenticate"),
        Some("DPoP error=\"use_dpop_nonce\", algs=\"ES256\"")
    );
    let served = api(&client, &key, &access_token, json!({"nonce": nonce(&refused)}));
    assert_eq!(served.status, 200);
    assert_eq!(api(&client, &key, &access_token, json!({"nonce": nonce(&served)})).status, 200);
    assert_eq!(client.violations(), [""; 0]);
}

#[test]
fn hostile_nonces_are_what_they_say() {
    let refused = |case| {
        let (client, key) = (Client::of(case), ProofKey::new());
        let proof = key.proof("POST", &client.url("token"), json!({}));
        token(&client, &client.code(&[]), &proof)
    };
    let nonces = |answer: &Answer| {
        let found = answer.headers.iter().filter(|(name, _)| name == "DPoP-Nonce");
        found.map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    assert_eq!(nonces(&refused("t74-nonce-huge"))[0].len(), 8192);
    assert_eq!(nonces(&refused("t74-nonce-illegal")), ["a \"nonce\""]);
    assert_eq!(nonces(&refused("t74-nonce-twice")), ["first-nonce", "second-nonce"]);
    let hidden = refused("t74-nonce-unexposed");
    assert_eq!(nonces(&hidden).len(), 1);
    assert_eq!(
        hidden.header("access-control-expose-headers"),
        Some("WWW-Authenticate, Retry-After")
    );
}

#[test]
fn some_nonces_are_never_right() {
    let (client, key) = (Client::of("t73-as-nonce-for-ever"), ProofKey::new());
    let mut nonce = String::new();
    for _ in 0..3 {
        let proof = key.proof("POST", &client.url("token"), json!({"nonce": nonce}));
        let answer = token(&client, &client.code(&[]), &proof);
        assert_eq!(answer.json()["error"], "use_dpop_nonce");
        answer.header("dpop-nonce").expect("a nonce").clone_into(&mut nonce);
    }
    let (client, key) = (Client::of("t73-rs-nonce-for-ever"), ProofKey::new());
    let access_token = bound_token(&client, &key);
    let answer = api(&client, &key, &access_token, json!({}));
    let nonce = answer.header("dpop-nonce").expect("a nonce");
    assert_eq!(api(&client, &key, &access_token, json!({"nonce": nonce})).status, 401);
}

#[test]
fn a_downgrade_takes_the_proof_and_answers_bearer() {
    let (client, key) = (Client::of("t34-dpop-downgrade"), ProofKey::new());
    let proof = key.proof("POST", &client.url("token"), json!({}));
    let answer = token(&client, &client.code(&[]), &proof).json();
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(client.bearer("api", &text(&answer, "access_token")).status, 200);
}
