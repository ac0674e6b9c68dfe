//! The provider's keys, and which of them may have signed a token.

use super::*;

const NAMED: &str = r#"{"alg":"RS256","kid":"a"}"#;
const UNNAMED: &str = r#"{"alg":"RS256"}"#;

fn read(keys: &serde_json::Value) -> Result<KeySet, ErrorCode> {
    read_raw(&answer(200, &json!({ "keys": keys })))
}

fn read_raw(response: &ServerResponse) -> Result<KeySet, ErrorCode> {
    KeySet::from_response(response).map_err(|error| error.code())
}

/// The keys that may have signed a token with this header, as Web Crypto gets them.
fn candidates(keys: &KeySet, header: &str) -> Vec<serde_json::Value> {
    let token = Jws::parse(&jws(header, "{}")).unwrap();
    let keys = keys.candidates(&token);
    keys.map(|key| serde_json::from_str(&key.to_jwk()).unwrap()).collect()
}

/// Whether the only key of a set may have signed a token with this header.
fn may_sign(key: &serde_json::Value, header: &str) -> bool {
    !candidates(&read(&json!([key])).unwrap(), header).is_empty()
}

/// A number of so many bits, in base64url.
fn number(bits: usize) -> String {
    let mut bytes = vec![0xff; bits.div_ceil(8)];
    bytes[0] >>= bytes.len() * 8 - bits;
    URL_SAFE_NO_PAD.encode(bytes)
}

fn rsa() -> serde_json::Value {
    json!({ "kty": "RSA", "n": number(2048), "e": "AQAB", "kid": "a" })
}

/// The same key with one member set otherwise.
fn rsa_with(name: &str, value: serde_json::Value) -> serde_json::Value {
    let mut key = rsa();
    key[name] = value;
    key
}

fn ec(curve: &str) -> serde_json::Value {
    json!({ "kty": "EC", "crv": curve, "x": "eA", "y": "eQ" })
}

fn okp(curve: &str) -> serde_json::Value {
    json!({ "kty": "OKP", "crv": curve, "x": "eA" })
}

// RFC 7517 section 5, OpenID Connect Core 10.1.
#[test]
fn r90_a_named_key_is_the_one_of_that_name() {
    assert!(may_sign(&rsa(), NAMED));
    for other in [json!("b"), json!("A"), json!("a "), json!("")] {
        assert!(!may_sign(&rsa_with("kid", other.clone()), NAMED), "{other}");
    }
    // A key without a name may be meant, as long as no other one has the name.
    assert!(may_sign(&rsa_with("kid", json!(null)), NAMED));
    let both = read(&json!([rsa_with("kid", json!(null)), rsa()])).unwrap();
    assert_eq!(candidates(&both, NAMED).len(), 1);
    assert!(!may_sign(&rsa_with("kid", json!(1)), UNNAMED), "a name is a text");
    assert!(may_sign(&rsa(), UNNAMED));
    assert!(may_sign(&rsa_with("kid", json!("")), r#"{"alg":"RS256","kid":""}"#));
}

// RFC 7517 section 4.5: keys of one name differ in type, and sometimes they don't.
#[test]
fn r90_keys_of_one_name_are_tried_in_their_order() {
    let mut second = rsa_with("n", json!(number(3072)));
    second["kid"] = json!("a");
    let mut of_another_type = ec("P-256");
    of_another_type["kid"] = json!("a");
    let keys = read(&json!([of_another_type, second, rsa(), rsa_with("kid", json!("b"))])).unwrap();
    let tried = |header| -> Vec<_> {
        candidates(&keys, header).into_iter().map(|key| key["n"].clone()).collect()
    };
    assert_eq!(tried(NAMED), [number(3072), number(2048)]);
    assert_eq!(tried(UNNAMED), [number(3072), number(2048), number(2048)]);
    assert_eq!(candidates(&keys, r#"{"alg":"ES256","kid":"a"}"#), [ec("P-256")]);
}

// RFC 7517 sections 4.2 to 4.4.
#[test]
fn r90_a_key_is_for_signatures_of_its_algorithm() {
    for (name, good) in [
        ("use", json!("sig")),
        ("use", json!(null)),
        ("key_ops", json!(["verify"])),
        ("key_ops", json!(["sign", "verify"])),
        ("alg", json!("RS256")),
        ("alg", json!(null)),
        ("x5c", json!(["not looked at"])),
        ("x-unknown", json!({})),
    ] {
        assert!(may_sign(&rsa_with(name, good.clone()), NAMED), "{name}: {good}");
    }
    for (name, bad) in [
        ("use", json!("enc")),
        ("use", json!("SIG")),
        ("use", json!("")),
        ("use", json!(["sig"])),
        ("key_ops", json!(["sign"])),
        ("key_ops", json!(["encrypt"])),
        ("key_ops", json!([])),
        ("key_ops", json!("verify")),
        ("key_ops", json!(["verify", 1])),
        ("alg", json!("PS256")),
        ("alg", json!("RS512")),
        ("alg", json!("RSA-OAEP-256")),
        ("alg", json!("HS256")),
        ("alg", json!("none")),
        ("alg", json!("")),
        ("alg", json!(1)),
        ("kty", json!("rsa")),
        ("kty", json!("EC")),
        ("kty", json!("oct")),
        ("kty", json!(null)),
        ("kty", json!(["RSA"])),
        ("n", json!(null)),
        ("n", json!(1)),
        ("e", json!(null)),
        ("e", json!(65537)),
        ("crv", json!(1)),
    ] {
        assert!(!may_sign(&rsa_with(name, bad.clone()), NAMED), "{name}: {bad}");
    }
}

// RFC 7518 sections 3.1 and 3.4, RFC 8037 section 3.1.
#[test]
fn r90_the_type_and_curve_of_a_key_fit_the_algorithm() {
    const ALGORITHMS: [(&str, &str); 11] = [
        ("RS256", "RSA"),
        ("RS384", "RSA"),
        ("RS512", "RSA"),
        ("PS256", "RSA"),
        ("PS384", "RSA"),
        ("PS512", "RSA"),
        ("ES256", "P-256"),
        ("ES384", "P-384"),
        ("ES512", "P-521"),
        ("EdDSA", "Ed25519"),
        ("Ed25519", "Ed25519"),
    ];
    let mut keys = vec![("RSA", rsa())];
    keys.extend(["P-256", "P-384", "P-521", "secp256k1", "p-256"].map(|curve| (curve, ec(curve))));
    keys.extend(["Ed25519", "Ed448", "X25519"].map(|curve| (curve, okp(curve))));
    for (algorithm, right) in ALGORITHMS {
        for (kind, key) in &keys {
            let header = format!(r#"{{"alg":"{algorithm}"}}"#);
            assert_eq!(may_sign(key, &header), *kind == right, "{algorithm} {kind}");
        }
    }
    for incomplete in [
        json!({ "kty": "EC", "x": "eA", "y": "eQ" }),
        json!({ "kty": "EC", "crv": "P-256", "x": "eA" }),
        json!({ "kty": "EC", "crv": "P-256", "y": "eQ" }),
        json!({ "kty": "EC", "crv": "Ed25519", "x": "eA", "y": "eQ" }),
    ] {
        assert!(!may_sign(&incomplete, r#"{"alg":"ES256"}"#), "{incomplete}");
    }
    for incomplete in [
        json!({ "kty": "OKP", "crv": "Ed25519" }),
        json!({ "kty": "OKP", "x": "eA" }),
        json!({ "kty": "OKP", "crv": "P-256", "x": "eA" }),
    ] {
        assert!(!may_sign(&incomplete, r#"{"alg":"EdDSA"}"#), "{incomplete}");
    }
}

// RFC 9864 section 2.2: two names of one algorithm.
#[test]
fn r90_ed25519_goes_by_either_name() {
    for written in ["EdDSA", "Ed25519"] {
        let mut key = okp("Ed25519");
        key["alg"] = json!(written);
        for named in ["EdDSA", "Ed25519"] {
            assert!(may_sign(&key, &format!(r#"{{"alg":"{named}"}}"#)), "{written} {named}");
        }
    }
}

// RFC 7518 section 3.3.
#[test]
fn r90_rsa_keys_have_2048_bits_or_more() {
    for (bits, is_good) in [
        (8, false),
        (512, false),
        (1024, false),
        (2040, false),
        (2047, false),
        (2048, true),
        (2049, true),
        (3072, true),
        (4096, true),
        (16_384, true),
        (16_385, false),
        (100_000, false),
    ] {
        assert_eq!(may_sign(&rsa_with("n", json!(number(bits))), NAMED), is_good, "{bits}");
        // Zeros in front make nothing longer.
        let bytes = URL_SAFE_NO_PAD.decode(number(bits)).unwrap();
        let longer = URL_SAFE_NO_PAD.encode([&[0; 200], &bytes[..]].concat());
        assert_eq!(may_sign(&rsa_with("n", json!(longer)), NAMED), is_good, "{bits} behind zeros");
    }
    let good = number(2048);
    for odd in [
        String::new(),
        "A".repeat(400),
        format!("{good}="),
        format!("{good}=="),
        format!(" {good}"),
        format!("{good}\n"),
        good.replace('_', "/"),
        good[1..].to_owned(),
    ] {
        assert!(!may_sign(&rsa_with("n", json!(odd)), NAMED), "{odd}");
    }
}

// RFC 7517 section 9.2: who publishes a private key has none, and a shared one is known to all.
#[test]
fn r90_private_and_shared_keys_are_left_out() {
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        for value in [json!("AQAB"), json!(""), json!(null), json!([])] {
            assert!(!may_sign(&rsa_with(member, value.clone()), NAMED), "{member}: {value}");
        }
        let mut key = okp("Ed25519");
        key[member] = json!("eA");
        assert!(!may_sign(&key, r#"{"alg":"EdDSA"}"#), "{member}");
    }
    let shared = json!({ "kty": "oct", "kid": "a", "alg": "RS256" });
    assert!(!may_sign(&shared, NAMED));
}

// Nothing but the key goes to Web Crypto: no `use`, `key_ops` or `ext` of the provider's speaks there.
#[test]
fn web_crypto_gets_the_key_and_nothing_else() {
    let extra =
        json!({ "kid": "a", "use": "sig", "ext": false, "x5t": "x", "key_ops": ["verify"] });
    let bare = json!({ "kty": "RSA", "n": number(2048), "e": "AQAB" });
    for (key, algorithm) in [
        (bare, "RS256"),
        (ec("P-256"), "ES256"),
        (ec("P-384"), "ES384"),
        (ec("P-521"), "ES512"),
        (okp("Ed25519"), "EdDSA"),
    ] {
        let mut published = key.clone();
        let members = extra.as_object().unwrap().clone();
        published.as_object_mut().unwrap().extend(members);
        let header = format!(r#"{{"alg":"{algorithm}"}}"#);
        assert_eq!(candidates(&read(&json!([published])).unwrap(), &header), [key]);
    }
}

// RFC 7517 section 5: what is not understood is ignored.
#[test]
fn r90_malformed_keys_do_not_spoil_the_others() {
    let keys = json!([
        null,
        1,
        "key",
        [],
        [rsa()],
        {},
        { "kty": "new" },
        rsa_with("n", json!([])),
        rsa_with("use", json!({})),
        rsa(),
        { "kid": "a" },
    ]);
    assert_eq!(candidates(&read(&keys).unwrap(), NAMED).len(), 1);
}

#[test]
fn no_more_than_eight_keys_are_tried() {
    let key = |bits: usize| rsa_with("n", json!(number(bits)));
    let many: Vec<_> = (2048..2068).map(key).collect();
    let tried = candidates(&read(&json!(many)).unwrap(), NAMED);
    let expected: Vec<_> = (2048..2056).map(number).collect();
    assert_eq!(tried.iter().map(|key| key["n"].as_str().unwrap()).collect::<Vec<_>>(), expected);
}

#[test]
fn a_key_set_without_end_is_none() {
    let of = |count: usize| read(&json!(vec![ec("P-256"); count]));
    assert!(of(1000).is_ok());
    for count in [1001, 10_000] {
        assert_eq!(of(count), Err(ErrorCode::KeysInvalid), "{count}");
    }
}

#[test]
fn what_is_no_key_set_is_an_error() {
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "\"keys\"",
        r#"{"keys":null}"#,
        r#"{"keys":{}}"#,
        r#"{"keys":"x"}"#,
        r#"{"Keys":[]}"#,
        r#"{"keys":[]} x"#,
        r#"{"keys":["#,
        r#"{"keys":[],"keys":[]}"#,
        r#"{"keys":[{"kty":"RSA","kty":"RSA"}]}"#,
        r#"{"keys":[],"x":1,"x":1}"#,
        "\u{feff}{\"keys\":[]}",
        "<!DOCTYPE html>",
    ] {
        assert_eq!(read_raw(&raw_answer(200, body)), Err(ErrorCode::KeysInvalid), "{body}");
    }
    assert_eq!(read_raw(&raw_answer(200, *b"{\"keys\":[\"\xff\"]}")), Err(ErrorCode::KeysInvalid));
    assert_eq!(read(&json!([])), Ok(KeySet::default()));
}

#[test]
fn only_status_200_brings_keys() {
    let good = json!({ "keys": [rsa()] });
    for status in [0, 201, 204, 206, 301, 304, 400, 401, 403, 404, 410] {
        assert_eq!(read_raw(&answer(status, &good)), Err(ErrorCode::KeysInvalid), "{status}");
    }
    for status in [429, 500, 502, 503, 599] {
        let error = KeySet::from_response(&answer(status, &good)).unwrap_err();
        assert_eq!(error.code(), ErrorCode::ProviderUnavailable, "{status}");
        assert_eq!(error.subject(), Some("key set"));
    }
}

// RFC 7517 section 8.5.2.
#[test]
fn a_key_set_has_a_media_type_of_json() {
    let mut response = answer(200, &json!({ "keys": [rsa()] }));
    for good in [
        "application/json",
        "application/jwk-set+json",
        "Application/JWK-Set+JSON; charset=utf-8",
        "application/json;charset=UTF-8",
    ] {
        response.content_type = Some(good.to_owned());
        assert!(read_raw(&response).is_ok(), "{good}");
    }
    for bad in [
        None,
        Some("text/html"),
        Some("text/plain"),
        Some("application/jwk+json"),
        Some("application/octet-stream"),
        Some(""),
    ] {
        response.content_type = bad.map(str::to_owned);
        assert_eq!(read_raw(&response), Err(ErrorCode::KeysInvalid), "{bad:?}");
    }
}

/// A member of a key: left out, or one of these.
fn member(values: &[serde_json::Value]) -> impl Strategy<Value = Option<serde_json::Value>> {
    prop::option::of(prop::sample::select(values.to_vec()))
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn only_a_key_that_fits_in_everything_is_tried(
        kty in member(&[json!("RSA"), json!("RSA"), json!("EC"), json!("oct")]),
        n in member(&[json!(number(2048)), json!(number(2048)), json!(number(1024)), json!("!")]),
        kid in member(&[json!("a"), json!("a"), json!("b"), json!(1)]),
        purpose in member(&[json!("sig"), json!("enc")]),
        key_ops in member(&[json!(["verify"]), json!(["sign"])]),
        alg in member(&[json!("RS256"), json!("PS256"), json!("dir")]),
        secret in member(&[json!("AQAB"), json!(null)]),
    ) {
        let is = |member: &Option<_>, value: &str| member == &Some(json!(value));
        let may = |member: &Option<_>, value: serde_json::Value| {
            member.as_ref().is_none_or(|known| known == &value)
        };
        let expected = is(&kty, "RSA")
            && is(&n, &number(2048))
            && may(&kid, json!("a"))
            && may(&purpose, json!("sig"))
            && may(&key_ops, json!(["verify"]))
            && may(&alg, json!("RS256"))
            && secret.is_none();
        let members = [("kty", kty), ("n", n), ("kid", kid), ("use", purpose), ("key_ops", key_ops), ("alg", alg), ("d", secret)];
        let mut key = json!({ "e": "AQAB" });
        for (name, value) in members.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            key[name] = value;
        }
        prop_assert_eq!(may_sign(&key, NAMED), expected, "{}", key);
    }

    #[test]
    fn a_damaged_key_set_has_no_key_that_does_not_stand_in_it(
        body in damaged(json!({ "keys": [rsa(), ec("P-256"), rsa_with("d", json!("AQAB"))] }).to_string()),
        header in prop::sample::select(vec![NAMED, UNNAMED, r#"{"alg":"ES256"}"#]),
    ) {
        if let Ok(keys) = read_raw(&raw_answer(200, body.clone())) {
            let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
            for tried in candidates(&keys, header) {
                let is_here = document["keys"].as_array().unwrap().iter().any(|key| {
                    key.get("d").is_none()
                        && tried.as_object().unwrap().iter().all(|(name, value)| key[name] == *value)
                });
                prop_assert!(is_here, "{tried} is not in {document}");
            }
        }
    }

    #[test]
    fn any_bytes_are_no_key_set(body: Vec<u8>, status: u16, text in any_text()) {
        prop_assert!(read_raw(&raw_answer(status, body)).is_err());
        prop_assert!(read_raw(&raw_answer(200, text)).is_err());
    }

    #[test]
    fn any_member_of_a_key_is_read_without_panic(name in "kty|n|e|kid|use|key_ops|alg|crv|x5c", value in any_text()) {
        let _ = may_sign(&rsa_with(&name, json!(value)), NAMED);
        let _ = may_sign(&rsa_with(&name, json!([value])), UNNAMED);
    }
}
