//! The claims of an ID token (OpenID Connect Core 3.1.3.7).

use super::*;

const HEADER: &str = r#"{"alg":"RS256"}"#;

/// What is wrong with these claims.
fn fault(claims: &serde_json::Value) -> String {
    let (code, subject) = verify(claims).unwrap_err();
    assert_eq!(code, ErrorCode::IdTokenInvalid, "{claims}");
    subject
}

fn fault_of(token: &str) -> String {
    let (code, subject) = verify_raw(token).unwrap_err();
    assert_eq!(code, ErrorCode::IdTokenInvalid, "{token}");
    subject
}

fn fault_of_header(header: &str) -> String {
    fault_of(&jws(header, &claims().to_string()))
}

#[test]
fn an_honest_token_names_the_person() {
    assert_eq!(verify(&claims()), Ok("hanako".to_owned()));
}

// RFC 7515 sections 5.2 and 7.1, RFC 7519 section 7.2.
#[test]
fn r84_only_a_strict_compact_jws_is_read() {
    let good = jws(HEADER, &claims().to_string());
    let [header, payload, signature]: [&str; 3] =
        good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let broken = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        [header, payload].join("."),
        [header, payload, signature, ""].join("."),
        [header, payload, signature, signature].join("."),
        format!("{good}="),
        format!("{good} "),
        format!(" {good}"),
        good.replace('.', "\n."),
        [&format!("{header}=="), payload, signature].join("."),
        [header, payload, "+/+/"].join("."),
        [header, payload, "a"].join("."),
        // The last character's unused bits are set.
        [header, payload, "ab"].join("."),
        [header, payload, "é"].join("."),
        ["", payload, signature].join("."),
        [header, "", signature].join("."),
        json!({ "payload": payload, "protected": header, "signature": signature }).to_string(),
    ];
    for token in broken {
        fault_of(&token);
    }
    for not_an_object in
        ["[]", "null", "1", "\"x\"", "", "\u{feff}{\"alg\":\"RS256\"}", "{\"alg\":\"RS256\"} x"]
    {
        assert_eq!(fault_of_header(not_an_object), "header", "{not_an_object}");
        assert_eq!(fault_of(&jws(HEADER, not_an_object)), "claims", "{not_an_object}");
    }
    let not_utf8 = URL_SAFE_NO_PAD.encode(b"{\"alg\":\"RS256\xff\"}");
    assert_eq!(fault_of(&[&not_utf8, payload, signature].join(".")), "header");
}

// RFC 7515 section 4, RFC 7519 section 4.
#[test]
fn r85_no_member_stands_twice() {
    assert_eq!(fault_of_header(r#"{"alg":"RS256","alg":"RS256"}"#), "header");
    let twice = claims().to_string().replacen('{', r#"{"sub":"evil","#, 1);
    assert_eq!(fault_of(&jws(HEADER, &twice)), "claims");
    let unknown_twice = claims().to_string().replacen('{', r#"{"x":1,"x":1,"#, 1);
    assert_eq!(fault_of(&jws(HEADER, &unknown_twice)), "claims");
}

// RFC 7515 section 4.1.11, RFC 7797 section 6.
#[test]
fn r86_critical_extensions_are_not_understood() {
    for crit in [r#"["b64"],"b64":false"#, "[]", r#"["exp"]"#, r#""exp""#, r#"["alg"]"#, "null"] {
        assert_eq!(
            fault_of_header(&format!(r#"{{"alg":"RS256","crit":{crit}}}"#)),
            "crit",
            "{crit}"
        );
    }
}

// OpenID Connect Core 3.1.3.7 (7) and (8), RFC 8725 sections 3.1 and 3.2.
#[test]
fn r87_only_asymmetric_algorithms_are_accepted() {
    for algorithm in ["RS256", "PS256", "ES256", "ES384", "Ed25519", "EdDSA"] {
        let header = format!(r#"{{"alg":"{algorithm}"}}"#);
        assert!(verify_raw(&jws(&header, &claims().to_string())).is_ok(), "{algorithm}");
    }
    for algorithm in [
        "none", "None", "NONE", "nOnE", "", "HS256", "hs256", "HS512", "RS256 ", "rs256", "dir",
        "A128KW",
    ] {
        assert_eq!(fault_of_header(&format!(r#"{{"alg":"{algorithm}"}}"#)), "alg", "{algorithm}");
    }
    for header in
        ["{}", r#"{"alg":null}"#, r#"{"alg":["RS256"]}"#, r#"{"alg":1}"#, r#"{"Alg":"RS256"}"#]
    {
        assert_eq!(fault_of_header(header), "alg", "{header}");
    }
    let unsigned = jws(HEADER, &claims().to_string());
    let unsigned = &unsigned[..=unsigned.rfind('.').unwrap()];
    assert_eq!(fault_of(unsigned), "signature");
}

// RFC 8725 section 3.10.
#[test]
fn r89_keys_in_the_header_are_ignored() {
    let header =
        r#"{"alg":"RS256","jku":"https://evil.example/","jwk":{"kty":"oct"},"x5u":1,"kid":"a"}"#;
    assert!(verify_raw(&jws(header, &claims().to_string())).is_ok());
}

// OpenID Connect Core 3.1.3.7 (2).
#[test]
fn r91_iss_is_the_issuer_to_the_letter() {
    for other in [
        json!("https://id.example/"),
        json!("http://id.example"),
        json!("https://evil.example"),
        json!(""),
        json!([ISSUER]),
        json!(null),
    ] {
        assert_eq!(fault(&claims_with("iss", other)), "iss");
    }
    assert_eq!(fault(&claims_without("iss")), "iss");
}

// OpenID Connect Core 3.1.3.7 (3).
#[test]
fn r92_the_audience_is_this_app_alone() {
    for good in [json!(CLIENT_ID), json!([CLIENT_ID]), json!([CLIENT_ID, CLIENT_ID])] {
        assert!(verify(&claims_with("aud", good)).is_ok());
    }
    for wrong in [
        json!("other"),
        json!("SHOP"),
        json!("shop "),
        json!(""),
        json!([]),
        json!(["other"]),
        json!([CLIENT_ID, "other"]),
        json!([CLIENT_ID, 1]),
        json!([[CLIENT_ID]]),
        json!({ "shop": 1 }),
        json!(1),
        json!(null),
    ] {
        assert_eq!(fault(&claims_with("aud", wrong)), "aud");
    }
    assert_eq!(fault(&claims_without("aud")), "aud");
}

// OpenID Connect Core 3.1.3.7 (4) and (5).
#[test]
fn r93_an_authorized_party_is_this_app() {
    assert!(verify(&claims_with("azp", json!(CLIENT_ID))).is_ok());
    for wrong in [json!("other"), json!(""), json!([CLIENT_ID]), json!(1)] {
        assert_eq!(fault(&claims_with("azp", wrong)), "azp");
    }
}

// OpenID Connect Core 3.1.3.7 (9). A clock may be ten minutes off, and a minute more for the way.
#[test]
fn r94_an_expired_token_is_refused() {
    for (seconds, is_good) in
        [(300_i64, true), (0, true), (-600, true), (-659, true), (-660, false), (-86_400, false)]
    {
        let exp = NOW.0.checked_add_signed(seconds).unwrap();
        let result = verify(&claims_with("exp", json!(exp)));
        assert_eq!(result.is_ok(), is_good, "{seconds}");
    }
    assert!(verify(&claims_with("exp", json!(1e300))).is_ok());
    assert!(verify(&claims_with("exp", json!(1_800_000_300.75))).is_ok());
    for wrong in [
        json!("1900000000"),
        json!(null),
        json!(-1),
        json!(0),
        json!(true),
        json!([NOW.0]),
        json!(-1.5),
    ] {
        assert_eq!(fault(&claims_with("exp", wrong)), "exp");
    }
    assert_eq!(fault(&claims_without("exp")), "exp");
}

// OpenID Connect Core 2 and 3.1.3.7 (10). An hour is more than any provider antedates.
#[test]
fn r95_iat_is_a_date_not_of_the_future_and_of_the_last_hour() {
    for good in [NOW.0, NOW.0 + 660, NOW.0 - 300, NOW.0 - 3600] {
        assert!(verify(&claims_with("iat", json!(good))).is_ok(), "{good}");
    }
    for wrong in [
        json!(NOW.0 + 661),
        json!(NOW.0 - 3601),
        json!(NOW.0 - 7 * 86_400),
        json!(0),
        json!(u64::MAX),
        json!(1e300),
        json!("1800000000"),
        json!(-1),
        json!(null),
    ] {
        assert_eq!(fault(&claims_with("iat", wrong)), "iat");
    }
    assert_eq!(fault(&claims_without("iat")), "iat");
}

// OpenID Connect Core 3.1.3.7 (11) and 15.5.2.
#[test]
fn r96_the_nonce_is_the_one_of_this_login() {
    for wrong in [
        claims_without("nonce"),
        claims_with("nonce", json!(null)),
        claims_with("nonce", json!("")),
        claims_with("nonce", json!("other")),
    ] {
        assert_eq!(verify(&wrong).unwrap_err().0, ErrorCode::NonceMismatch);
    }
    let in_a_list = claims_with("nonce", json!([login().nonce.expose()]));
    assert_eq!(fault(&in_a_list), "nonce");
    let mut other = login();
    other.nonce = Nonce::from_random(&[9; 32]);
    let error = verify_by(&jws(HEADER, &claims().to_string()), other, NOW).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NonceMismatch);
}

// OpenID Connect Core 2: at most 255 ASCII characters.
#[test]
fn r98_the_subject_is_there_and_short() {
    for good in ["a", &"a".repeat(255), "Hanako|1 2/3"] {
        assert_eq!(verify(&claims_with("sub", json!(good))), Ok(good.to_owned()));
    }
    for wrong in
        [json!(""), json!("a".repeat(256)), json!("花子"), json!(1), json!(null), json!(["a"])]
    {
        assert_eq!(fault(&claims_with("sub", wrong)), "sub");
    }
    assert_eq!(fault(&claims_without("sub")), "sub");
}

// OpenID Connect Core 2, RFC 7519 section 4.1.5.
#[test]
fn r100_unknown_claims_are_ignored_and_nbf_is_honoured() {
    assert!(verify(&claims_with("x", json!({ "deep": [null] }))).is_ok());
    assert!(verify(&claims_with("nbf", json!(NOW.0 + 660))).is_ok());
    for wrong in [json!(NOW.0 + 661), json!("0"), json!(true)] {
        assert_eq!(fault(&claims_with("nbf", wrong)), "nbf");
    }
}

// RFC 8725 section 3.11.
#[test]
fn r102_a_token_of_another_kind_is_refused() {
    for good in [r#"{"alg":"RS256","typ":"JWT"}"#, r#"{"alg":"RS256","typ":"jwt"}"#] {
        assert!(verify_raw(&jws(good, &claims().to_string())).is_ok());
    }
    for kind in ["at+jwt", "logout+jwt", "dpop+jwt", "application/jwt", ""] {
        assert_eq!(
            fault_of_header(&format!(r#"{{"alg":"RS256","typ":"{kind}"}}"#)),
            "typ",
            "{kind}"
        );
    }
    assert_eq!(fault_of_header(r#"{"alg":"RS256","typ":["JWT"]}"#), "typ");
}

// RFC 7516 section 7.1.
#[test]
fn r103_an_encrypted_token_is_refused() {
    assert_eq!(fault_of("a.b.c.d.e"), "form");
}

#[test]
fn deep_and_huge_tokens_are_refused_quietly() {
    let deep = ["[".repeat(30_000), "]".repeat(30_000)].concat();
    assert_eq!(fault_of_header(&format!(r#"{{"alg":{deep}}}"#)), "header");
    assert_eq!(fault_of(&jws(HEADER, &format!(r#"{{"x":{deep}}}"#))), "claims");
    assert_eq!(fault_of(&jws(HEADER, &" ".repeat(300_000))), "form");
    fault_of(&"a".repeat(1_000_000));
    fault_of(&".".repeat(1_000_000));
}

/// Values that a claim could have, the right ones among them.
fn claim() -> impl Strategy<Value = serde_json::Value> {
    let right: Vec<_> = claims().as_object().unwrap().values().cloned().collect();
    prop_oneof![
        4 => prop::sample::select(right),
        1 => any_text().prop_map(|text| json!(text)),
        1 => (NOW.0 - 2000..NOW.0 + 2000).prop_map(|date| json!(date)),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => prop::sample::select(vec![json!(null), json!([]), json!([CLIENT_ID]), json!([CLIENT_ID, "x"]), json!({})]),
    ]
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn only_a_token_whose_every_claim_is_right_is_taken(
        changes in prop::collection::vec(
            (prop::sample::select(vec!["iss", "sub", "aud", "azp", "exp", "iat", "nbf", "nonce", "x"]), claim()),
            0..3,
        ),
    ) {
        let mut claims = claims();
        for (name, value) in changes {
            claims[name] = value;
        }
        let text = |name: &str| claims.get(name).and_then(serde_json::Value::as_str);
        let number = |name: &str| claims.get(name).and_then(serde_json::Value::as_f64);
        let is_absent = |name: &str| claims.get(name).is_none_or(serde_json::Value::is_null);
        let now = 1_800_000_000.0;
        let is_right = text("iss") == Some(ISSUER)
            && text("sub").is_some_and(|sub| !sub.is_empty() && sub.is_ascii() && sub.len() < 256)
            && (claims["aud"] == json!(CLIENT_ID) || claims["aud"] == json!([CLIENT_ID]))
            && (is_absent("azp") || text("azp") == Some(CLIENT_ID))
            && number("exp").is_some_and(|exp| exp.floor() + 660.0 > now)
            && number("iat").is_some_and(|iat| (now - 3600.0..=now + 660.0).contains(&iat.floor()))
            && (is_absent("nbf") || number("nbf").is_some_and(|nbf| nbf >= 0.0 && nbf.floor() <= now + 660.0))
            && text("nonce") == Some(login().nonce.expose());
        prop_assert_eq!(verify(&claims).is_ok(), is_right, "{}", claims);
    }

    #[test]
    fn any_token_is_read_without_panic(token in any_text(), header in any_text(), payload in any_text()) {
        prop_assert!(verify_raw(&token).is_err());
        prop_assert!(verify_raw(&jws(&header, &payload)).is_err());
        prop_assert!(verify_raw(&jws(HEADER, &payload)).is_err());
        let _ = verify_raw(&jws(&header, &claims().to_string()));
    }

    #[test]
    fn a_damaged_token_names_nobody_else(bytes in damaged(claims().to_string())) {
        if let Ok(text) = String::from_utf8(bytes)
            && let Ok(subject) = verify_raw(&jws(HEADER, &text))
        {
            let claims: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(claims["sub"].as_str(), Some(subject.as_str()));
            prop_assert_eq!(claims["iss"].as_str(), Some(ISSUER));
        }
    }
}
