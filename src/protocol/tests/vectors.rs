//! The examples that the standards publish, from `vectors.json`.

use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

fn vector(id: &str) -> serde_json::Value {
    let all: serde_json::Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let list = all["vectors"].as_array().unwrap();
    list.iter()
        .find(|vector| vector["id"] == id)
        .unwrap_or_else(|| panic!("no vector {id}"))
        .clone()
}

fn text(value: &serde_json::Value) -> &str {
    value.as_str().unwrap()
}

fn octets(value: &serde_json::Value) -> Vec<u8> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|octet| u8::try_from(octet.as_u64().unwrap()).unwrap())
        .collect()
}

#[wasm_bindgen_test(unsupported = test)]
fn rfc7636_appendix_a_base64url() {
    let vector = vector("rfc7636-A");
    assert_eq!(URL_SAFE_NO_PAD.encode(octets(&vector["octets"])), text(&vector["base64url"]));
}

#[wasm_bindgen_test(unsupported = test)]
fn rfc7636_appendix_b_s256() {
    let vector = vector("rfc7636-B");
    let bytes: [u8; 32] = octets(&vector["octets"]).try_into().unwrap();
    let verifier = CodeVerifier::from_random(&bytes);
    assert_eq!(verifier.expose(), text(&vector["code_verifier"]));
    assert_eq!(verifier.challenge().as_str(), text(&vector["code_challenge"]));
    let hash = URL_SAFE_NO_PAD.decode(verifier.challenge().as_str()).unwrap();
    assert_eq!(hash, octets(&vector["sha256_octets"]));
}

#[wasm_bindgen_test(unsupported = test)]
fn rfc7636_section_4_1_bounds() {
    let vector = vector("rfc7636-4.1-bounds");
    for valid in vector["valid"].as_array().unwrap() {
        assert!(CodeVerifier::parse(text(valid)).is_some(), "{valid}");
    }
    for invalid in vector["invalid"].as_array().unwrap() {
        assert!(CodeVerifier::parse(text(invalid)).is_none(), "{invalid}");
    }
    for (length, challenge) in [(43, &vector["s256_of_43_a"]), (128, &vector["s256_of_128_a"])] {
        let verifier = CodeVerifier::parse(&"a".repeat(length)).unwrap();
        assert_eq!(verifier.challenge().as_str(), text(challenge));
    }
}

// Written and read, in the request and in the callback.
#[wasm_bindgen_test(unsupported = test)]
fn rfc6749_appendix_b_form_encoding() {
    let vector = vector("rfc6749-appB");
    let (plain, encoded) = (text(&vector["input"]), text(&vector["encoded"]));
    assert_eq!(plain.as_bytes(), octets(&vector["utf8_octets"]));
    let callback = callback(&format!("code=a&state={encoded}"));
    assert_eq!(callback.state(), Some(plain));

    // A client id is of ASCII: the part of the example that it can have.
    let ascii: String = plain.chars().filter(char::is_ascii).collect();
    let config = Config::new(ISSUER, &ascii, REDIRECT_URI).unwrap();
    let request = request_at(&config, &metadata());
    let ascii_encoded = encoded.split("%C2").next().unwrap();
    assert!(request.url().contains(&format!("client_id={ascii_encoded}&")), "{}", request.url());
}

#[wasm_bindgen_test(unsupported = test)]
fn rfc6749_section_4_1_2_redirects() {
    let vector = vector("rfc6749-4.1.2");
    let redirect_uri = SecureUrl::parse("https://client.example.com/cb").unwrap();
    let mut login = login();
    login.state = State::new("xyz");
    let judge = |page: &serde_json::Value| {
        let callback = Callback::from_url(text(page), &redirect_uri).unwrap();
        callback.judge(Some(login.clone()), false, &config(), NOW)
    };
    let authorization = judge(&vector["redirect_ok"]).unwrap();
    assert_eq!(authorization.code.expose(), "SplxlOBeZQQYbYS6WxSbIA");
    let error = judge(&vector["redirect_error"]).unwrap_err();
    assert_eq!(error.code(), ErrorCode::AccessDenied);
}

#[wasm_bindgen_test(unsupported = test)]
fn rfc6749_section_5_token_answers() {
    let vector = vector("rfc6749-4.1.2");
    let example = text(&vector["token_body"]);
    let error = exchange_raw(&raw_answer(200, example)).unwrap_err();
    assert_eq!(error, ErrorCode::UnsupportedTokenType);
    let bearer =
        exchange_raw(&raw_answer(200, example.replace("\"example\"", "\"Bearer\""))).unwrap();
    assert_eq!(bearer.expires_in(), Some(3600));
    assert_eq!(bearer.access_token().expose(), "2YotnFZFEjr1zCsicMWpAA");
    let refused = raw_answer(400, text(&vector["error_body"]));
    let error = TokenResponse::from_response(&refused, &scope("")).unwrap_err();
    assert_eq!(error.provider().unwrap().error, "invalid_request");
}

#[wasm_bindgen_test(unsupported = test)]
fn rfc6750_section_3_challenges() {
    let vector = vector("rfc6750-3");
    let parse = |index: usize| Challenge::parse(text(&vector["headers"][index]));
    assert!(parse(0)[0].is("bearer"));
    assert_eq!(parse(0)[0].get("realm"), Some("example"));
    assert_eq!(parse(1)[0].get("error"), Some("invalid_token"));
    assert_eq!(parse(1)[0].description().as_deref(), Some("The access token expired"));
}

#[wasm_bindgen_test(unsupported = test)]
fn rfc9470_section_3_challenges() {
    let vector = vector("rfc9470-3");
    let parse = |index: usize| Challenge::parse(text(&vector["www_authenticate"][index]));
    assert_eq!(parse(0)[0].get("error"), Some("insufficient_user_authentication"));
    assert_eq!(parse(0)[0].get("acr_values"), Some("myACR"));
    assert_eq!(parse(1)[0].get("max_age"), Some("5"));
}

#[wasm_bindgen_test(unsupported = test)]
fn rfc9449_challenges() {
    let vector = vector("rfc9449-nonce");
    let list: Vec<_> =
        vector["challenges"].as_array().unwrap().iter().map(text).map(Challenge::parse).collect();
    assert_eq!(list[0][0].get("error"), Some("use_dpop_nonce"));
    assert_eq!(list[1][0].get("algs"), Some("ES256 PS256"));
    assert_eq!(list[2][0].get("algs"), Some("ES256"));
    for both in [&list[3], &list[4]] {
        assert_eq!(both.len(), 2);
        assert!(both[0].is("Bearer") && both[1].is("DPoP"));
        assert_eq!(both[1].get("algs"), Some("ES256 PS256"));
    }
    assert_eq!(list[4][0].get("error"), Some("invalid_token"));
}

#[cfg(feature = "dpop")]
#[wasm_bindgen_test(unsupported = test)]
fn rfc9449_section_9_which_challenge_wants_a_nonce() {
    let vector = vector("rfc9449-nonce");
    for (index, challenge) in vector["challenges"].as_array().unwrap().iter().enumerate() {
        let header = Some(text(challenge).to_owned());
        let response =
            ServerResponse { status: 401, www_authenticate: header, ..ServerResponse::default() };
        assert_eq!(super::super::dpop::wants_nonce(&response), index == 0, "{challenge}");
    }
}

/// The public key of a JWK on P-256.
#[cfg(feature = "dpop")]
fn public_key(jwk: &serde_json::Value) -> DpopPublicKey {
    let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(text(&jwk[name])).unwrap();
    DpopPublicKey::from_point(&[vec![4], coordinate("x"), coordinate("y")].concat()).unwrap()
}

#[cfg(feature = "dpop")]
fn part(jws: &str, index: usize) -> String {
    let part = URL_SAFE_NO_PAD.decode(jws.split('.').nth(index).unwrap()).unwrap();
    String::from_utf8(part).unwrap()
}

// The examples say the same in another order, and have shorter identifiers.
#[cfg(feature = "dpop")]
#[wasm_bindgen_test(unsupported = test)]
fn rfc9449_sections_4_5_and_7_proofs() {
    let token = vector("rfc9449-ath");
    let access_token = AccessToken::new(text(&token["access_token"]));
    for id in ["rfc9449-4.1-token-request", "rfc9449-5-refresh", "rfc9449-7.1-resource"] {
        let vector = vector(id);
        let (expected, mut claims) = (&vector["header"], vector["claims"].clone());
        let with_token = claims.get("ath").is_some();
        let proof = DpopProof {
            method: text(&claims["htm"]),
            url: &SecureUrl::parse(text(&claims["htu"])).unwrap(),
            access_token: with_token.then_some(&access_token),
            nonce: None,
            id: &[5; 32],
            now: UnixTime(claims["iat"].as_u64().unwrap()),
        };
        let signed = proof.to_be_signed(&public_key(&expected["jwk"]));
        let read =
            |index| -> serde_json::Value { serde_json::from_str(&part(&signed, index)).unwrap() };
        claims["jti"] = json!(URL_SAFE_NO_PAD.encode([5; 32]));
        assert_eq!((&read(0), read(1)), (expected, claims), "{id}");
        if with_token {
            assert_eq!(read(1)["ath"], token["ath"]);
        }
        let (example, signature) = text(&vector["proof"]).rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        assert_eq!(DpopProof::with_signature(example, &signature), text(&vector["proof"]));
    }
}

#[cfg(feature = "dpop")]
#[wasm_bindgen_test(unsupported = test)]
fn rfc9449_section_6_1_thumbprint() {
    let vector = vector("rfc9449-jkt");
    let key = public_key(&vector["jwk"]);
    assert_eq!(key.thumbprint(), text(&vector["jkt"]));
    let url = SecureUrl::parse("https://server.example.com/token").unwrap();
    let proof = DpopProof {
        method: "POST",
        url: &url,
        access_token: None,
        nonce: None,
        id: &[5; 32],
        now: NOW,
    };
    let header = part(&proof.to_be_signed(&key), 0);
    assert!(header.contains(text(&vector["canonical_json"])), "{header}");
}

// The key is an RSA key, which proofs here never have; what is tested is how a hash is written.
#[wasm_bindgen_test(unsupported = test)]
fn rfc7638_section_3_1_thumbprint() {
    let vector = vector("rfc7638-3.1");
    let hash: [u8; 32] = octets(&vector["sha256_octets"]).try_into().unwrap();
    assert_eq!(super::super::secret::base64url(&hash), text(&vector["thumbprint"]));
}

#[cfg(feature = "par")]
#[wasm_bindgen_test(unsupported = test)]
fn rfc9126_section_2_2_answer() {
    let vector = vector("rfc9126-2");
    let status = u16::try_from(vector["status"].as_u64().unwrap()).unwrap();
    let reference = RequestUri::from_response(&answer(status, &vector["body"])).unwrap();
    assert_eq!(reference.as_str(), text(&vector["body"]["request_uri"]));
    let url = request_at(&config(), &metadata()).pushed_url(&reference);
    assert_eq!(value_of(&url, "request_uri").as_deref(), Some(reference.as_str()));
}

#[wasm_bindgen_test(unsupported = test)]
fn rfc9449_section_5_token_answer_and_verifier() {
    let vector = vector("rfc9449-nonce");
    let taken = exchange(&vector["token_response"]).unwrap();
    assert_eq!((taken.token_type(), taken.expires_in()), (TokenType::Dpop, Some(2677)));
    let verifier = CodeVerifier::parse(text(&vector["code_verifier"])).unwrap();
    assert_eq!(verifier.challenge().as_str(), text(&vector["code_challenge"]));
}

// The challenge of RFC 7636 appendix B, in a request.
#[wasm_bindgen_test(unsupported = test)]
fn rfc9449_section_10_request() {
    let url = format!("https://id.example/?{}", text(&vector("rfc9449-10")["query"]));
    let verifier = CodeVerifier::parse(text(&vector("rfc7636-B")["code_verifier"])).unwrap();
    let (client_id, redirect_uri) =
        (value_of(&url, "client_id").unwrap(), value_of(&url, "redirect_uri").unwrap());
    let config = Config::new(ISSUER, &client_id, &redirect_uri).unwrap().scope("").unwrap();
    let random = RandomValues {
        code_verifier: URL_SAFE_NO_PAD.decode(verifier.expose()).unwrap().try_into().unwrap(),
        ..random()
    };
    let wish = Wish { dpop_jkt: value_of(&url, "dpop_jkt"), ..wish(&config) };
    let request = AuthorizationRequest::new(&config, &metadata(), wish, &random, NOW).unwrap();
    for name in [
        "response_type",
        "client_id",
        "redirect_uri",
        "code_challenge",
        "code_challenge_method",
        "dpop_jkt",
    ] {
        assert_eq!(value_of(&request.url(), name), value_of(&url, name), "{name}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn rfc8414_and_openid_connect_discovery_locations() {
    for case in vector("wellknown")["cases"].as_array().unwrap() {
        let issuer = Issuer::parse(text(&case["issuer"])).unwrap();
        assert_eq!(DiscoveryKind::OAuth.url(&issuer), text(&case["rfc8414"]));
        assert_eq!(DiscoveryKind::OpenIdConnect.url(&issuer), text(&case["oidc_discovery"]));
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn rfc9207_section_2_answers() {
    let vector = vector("rfc9207-2");
    let issuer = text(&vector["issuer"]);
    let redirect_uri = SecureUrl::parse("https://client.example/cb").unwrap();
    let named = json!({
        "issuer": issuer,
        "authorization_endpoint": "https://honest.as.example/a",
        "token_endpoint": "https://honest.as.example/t",
        "authorization_response_iss_parameter_supported": true,
    });
    let metadata =
        ProviderMetadata::from_response(&Issuer::parse(issuer).unwrap(), &answer(200, &named))
            .unwrap();
    let judge = |page: &str| {
        let mut login = login();
        login.state = State::new(&value_of(page, "state").unwrap());
        login.metadata = metadata.clone();
        let callback = Callback::from_url(page, &redirect_uri).unwrap();
        callback.judge(Some(login), false, &config(), NOW).map_err(|error| error.code())
    };
    let code = judge(text(&vector["ok"])).unwrap().code;
    assert_eq!(code.expose(), "x1848ZT64p4IirMPT0R-X3141MFPTuBX-VFL_cvaplMH58");
    assert_eq!(judge(text(&vector["error"])).unwrap_err(), ErrorCode::AccessDenied);
    let elsewhere = text(&vector["ok"]).replace("honest", "evil");
    assert_eq!(judge(&elsewhere).unwrap_err(), ErrorCode::IssuerMismatch);
}

// RFC 7515 appendices A.1 (HS256) and A.5 (none): no ID tokens for a public client.
#[wasm_bindgen_test(unsupported = test)]
fn rfc7515_appendix_a_symmetric_and_unsigned() {
    for id in ["rfc7515-a1", "rfc7515-a5"] {
        let (code, about) = verify_raw(text(&vector(id)["jws"])).unwrap_err();
        assert_eq!((code, about.as_str()), (ErrorCode::IdTokenInvalid, "alg"), "{id}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn openid_connect_core_appendix_a_claims() {
    let (vector, hashes) = (vector("oidc-core-appA"), vector("oidc-core-at_hash"));
    let issuer = text(&vector["issuer"]);
    let metadata =
        json!({ "issuer": issuer, "authorization_endpoint": issuer, "token_endpoint": issuer });
    let mut login = login();
    login.metadata =
        ProviderMetadata::from_response(&Issuer::parse(issuer).unwrap(), &answer(200, &metadata))
            .unwrap();
    let config = Config::new(issuer, text(&vector["client_id"]), REDIRECT_URI).unwrap();
    login.client_id = config.client_id().to_owned();
    login.nonce = Nonce::new(text(&vector["nonce"]));
    let clock = vector["clock"].as_u64().unwrap();
    login.started = UnixTime(clock);
    let authorization =
        Authorization { code: AuthorizationCode::new(text(&hashes["code"])), pending_login: login };
    let access_token = AccessToken::new(text(&hashes["at"]));
    let verify = |name: &str, now: u64| {
        let token = RawIdToken::new(text(&vector["tokens"][name]["jws"]));
        let token = token.read().unwrap().verified(true).unwrap();
        IdToken::of_login(&token, &authorization, &access_token, &config, UnixTime(now))
    };
    assert_eq!(verify("A.3", clock).unwrap().subject(), text(&vector["sub"]));
    assert_eq!(verify("A.4", clock).unwrap().subject(), text(&vector["sub"]));
    assert_eq!(verify("3.1.3.3-http-issuer", clock).unwrap_err().subject(), Some("iss"));
    assert_eq!(verify("A.3", clock + 3600).unwrap_err().subject(), Some("exp"));
    assert_eq!(verify("A.3", clock - 3600).unwrap_err().subject(), Some("iat"));
    let other = AccessToken::new("another-token");
    let token = RawIdToken::new(text(&vector["tokens"]["A.3"]["jws"]));
    let token = token.read().unwrap().verified(true).unwrap();
    let error =
        IdToken::of_login(&token, &authorization, &other, &config, UnixTime(clock)).unwrap_err();
    assert_eq!(error.subject(), Some("at_hash"));
}

// Both appendices are tokens of the right form; whose signature they bear, `tests/crypto.rs` asks.
#[wasm_bindgen_test(unsupported = test)]
fn rfc7515_appendix_a_signed() {
    for (id, algorithm, length) in [("rfc7515-a2", "RS256", 256), ("rfc7515-a3", "ES256", 64)] {
        let vector = vector(id);
        let token = Jws::parse(text(&vector["jws"])).unwrap();
        assert_eq!((token.algorithm().name(), token.key_id()), (algorithm, None));
        assert_eq!(token.signature().len(), length, "{id}");
        let keys = answer(200, &json!({ "keys": [vector["public_jwk"]] }));
        let keys = KeySet::from_response(&keys).unwrap();
        let candidates: Vec<_> = keys.candidates(&token).map(|key| key.to_jwk()).collect();
        let [key] = &candidates[..] else { panic!("{id}: one key") };
        assert_eq!(serde_json::from_str::<serde_json::Value>(key).unwrap(), vector["public_jwk"]);
        let claims: serde_json::Value =
            serde_json::from_str(text(&vector["payload_utf8"])).unwrap();
        let verified = token.verified(true).unwrap();
        assert_eq!(verified.claims().text("iss").unwrap_or_default(), text(&claims["iss"]));
        assert_eq!(verified.claims().read("exp"), claims["exp"].as_u64());
    }
}

// RFC 7515 appendix A.4, RFC 8037 appendix A: signed text that is no JSON, so no ID token.
#[wasm_bindgen_test(unsupported = test)]
fn rfc7515_appendix_a_4_and_rfc8037_appendix_a_payloads() {
    for id in ["rfc7515-a4", "rfc8037-A", "rfc9864-derived"] {
        assert_eq!(Jws::parse(text(&vector(id)["jws"])).unwrap_err().0, "claims", "{id}");
    }
    for id in ["rfc7515-a4", "rfc8037-A"] {
        let keys = answer(200, &json!({ "keys": [vector(id)["public_jwk"]] }));
        let keys = KeySet::from_response(&keys).unwrap();
        let header = if id == "rfc8037-A" { r#"{"alg":"EdDSA"}"# } else { r#"{"alg":"ES512"}"# };
        assert_eq!(keys.candidates(&Jws::parse(&jws(header, "{}")).unwrap()).count(), 1, "{id}");
    }
}

// RFC 7515 appendix A.6: the JSON serialization, which no ID token has (RFC 7519 section 1).
#[wasm_bindgen_test(unsupported = test)]
fn rfc7515_appendix_a_6_json_serialization() {
    let general = vector("rfc7515-a6")["jws_json"].to_string();
    assert_eq!(Jws::parse(&general).unwrap_err().0, "form");
}

// RFC 7515 appendix E: an extension that nobody understands, with `none` and with an algorithm.
#[wasm_bindgen_test(unsupported = test)]
fn rfc7515_appendix_e_critical_extension() {
    let vector = vector("rfc7515-E");
    assert_eq!(Jws::parse(text(&vector["value"])).unwrap_err().0, "alg");
    let signed = text(&vector["header_json"]).replace("none", "RS256");
    assert_eq!(Jws::parse(&jws(&signed, "{}")).unwrap_err().0, "crit");
}

// RFC 7517 appendix A.1: a key for encryption and one for signatures.
#[wasm_bindgen_test(unsupported = test)]
fn rfc7517_appendix_a_1_key_set() {
    let keys = KeySet::from_response(&answer(200, &vector("rfc7517-a1")["jwks"])).unwrap();
    let count = |header: &str| keys.candidates(&Jws::parse(&jws(header, "{}")).unwrap()).count();
    assert_eq!(count(r#"{"alg":"RS256","kid":"2011-04-29"}"#), 1);
    assert_eq!(count(r#"{"alg":"RS256"}"#), 1);
    assert_eq!(count(r#"{"alg":"PS256","kid":"2011-04-29"}"#), 0);
    assert_eq!(count(r#"{"alg":"ES256","kid":"1"}"#), 0);
    assert_eq!(count(r#"{"alg":"ES256"}"#), 0);
}

// OpenID Connect Core 3.1.3.6, and the same for the other hashes.
#[wasm_bindgen_test(unsupported = test)]
fn openid_connect_core_hashes() {
    let vector = vector("oidc-core-at_hash");
    for (algorithm, of, hash) in [
        ("RS256", "at", "at_hash_256"),
        ("ES384", "at", "at_hash_384"),
        ("PS512", "at", "at_hash_512"),
        ("EdDSA", "at", "at_hash_512"),
        ("RS256", "code", "c_hash_256"),
    ] {
        let algorithm = Algorithm::parse(algorithm).unwrap();
        let half = algorithm.hash().left_half(text(&vector[of]));
        assert_eq!(URL_SAFE_NO_PAD.encode(half), text(&vector[hash]), "{algorithm:?}");
    }
}
