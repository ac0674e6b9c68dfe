//! The claims of an ID token (OpenID Connect Core 3.1.3.7).

use super::*;

const HEADER: &str = r#"{"alg":"RS256"}"#;

/// What is wrong with these claims.
fn fault(claims: &serde_json::Value) -> String {
    let (code, subject) = verify(claims).unwrap_err();
    assert_eq!(code, ErrorCode::IdTokenInvalid, "{claims}");
    subject
}

/// The date that does not fit this computer's clock.
fn late(claims: &serde_json::Value) -> String {
    let (code, subject) = verify(claims).unwrap_err();
    assert_eq!(code, ErrorCode::ClockWrong, "{claims}");
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
fn r92_this_app_is_among_the_audiences() {
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

// OpenID Connect Core 2 and 3.1.3.7 (3) to (5).
#[test]
fn r93_an_authorized_party_is_this_app() {
    assert!(verify(&claims_with("azp", json!(CLIENT_ID))).is_ok());
    for wrong in [json!("other"), json!(""), json!([CLIENT_ID]), json!(1)] {
        assert_eq!(fault(&claims_with("azp", wrong.clone())), "azp");
        let mut several = claims_with("azp", wrong);
        several["aud"] = json!([CLIENT_ID, "other"]);
        assert_eq!(fault(&several), "azp");
    }
    // Whose it is, nobody says.
    assert_eq!(fault(&claims_with("aud", json!([CLIENT_ID, "other"]))), "azp");
}

// OpenID Connect Core 3.1.3.7 (3): what the app trusts is no stranger.
#[test]
fn r93_an_audience_that_the_app_trusts_needs_no_party() {
    let config = config().trusted_audience("other");
    let judge = |audience: serde_json::Value, party: Option<&str>| {
        let mut claims = claims_with("aud", audience);
        if let Some(party) = party {
            claims["azp"] = json!(party);
        }
        let token = RawIdToken::new(&jws(HEADER, &claims.to_string()));
        let token = token.read().unwrap().verified(true).unwrap();
        let authorization =
            Authorization { code: AuthorizationCode::new(CODE), pending_login: login() };
        let access_token = AccessToken::new(ACCESS_TOKEN);
        IdToken::of_login(&token, &authorization, &access_token, &config, NOW).is_ok()
    };
    assert!(judge(json!([CLIENT_ID, "other"]), None));
    assert!(judge(json!([CLIENT_ID, "other"]), Some("other")));
    assert!(!judge(json!(["other"]), None));
    assert!(!judge(json!("other"), Some(CLIENT_ID)));
    assert!(!judge(json!([CLIENT_ID, "other", "third"]), None));
    assert!(!judge(json!([CLIENT_ID, "other"]), Some("third")));
}

// OpenID Connect Core 3.1.3.7 (9). A clock may be ten minutes off, and a minute more for the way.
#[test]
fn r94_an_expired_token_is_refused() {
    for (seconds, is_good) in
        [(300_i64, true), (0, true), (-600, true), (-659, true), (-660, false), (-86_400, false)]
    {
        let exp = NOW.0.checked_add_signed(seconds).unwrap();
        let claims = claims_with("exp", json!(exp));
        if is_good {
            assert!(verify(&claims).is_ok(), "{seconds}");
        } else {
            assert_eq!(late(&claims), "exp", "{seconds}");
        }
    }
    assert!(verify(&claims_with("exp", json!(1e300))).is_ok());
    assert!(verify(&claims_with("exp", json!(1_800_000_300.75))).is_ok());
    assert_eq!(late(&claims_with("exp", json!(0))), "exp");
    for wrong in
        [json!("1900000000"), json!(null), json!(-1), json!(true), json!([NOW.0]), json!(-1.5)]
    {
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
    ] {
        assert_eq!(late(&claims_with("iat", wrong)), "iat");
    }
    for wrong in [json!("1800000000"), json!(-1), json!(null)] {
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

/// Judges claims as the answer to a login that asked for `options`, `seconds` after it began.
fn verify_asked(
    options: &RequestOptions,
    claims: &serde_json::Value,
    seconds: u64,
) -> Result<IdToken, (ErrorCode, String)> {
    let wish = Wish { options: options.clone(), ..wish(&config()) };
    let request = AuthorizationRequest::new(&config(), &metadata(), wish, &random(), NOW).unwrap();
    let token = jws(HEADER, &claims.to_string());
    verify_by(&token, request.pending_login().clone(), NOW.plus(seconds))
        .map_err(|error| (error.code(), error.subject().unwrap_or_default().to_owned()))
}

fn insufficient(claim: &str) -> Result<IdToken, (ErrorCode, String)> {
    Err((ErrorCode::AuthenticationInsufficient, claim.to_owned()))
}

// OpenID Connect Core 3.1.3.7 (12).
#[test]
fn r97_the_class_is_one_that_was_asked_for() {
    let asked = RequestOptions::new().acr_values("urn:mfa urn:pin");
    for class in ["urn:mfa", "urn:pin"] {
        let token = verify_asked(&asked, &claims_with("acr", json!(class)), 0).unwrap();
        assert_eq!(token.acr(), Some(class));
    }
    for other in ["0", "urn:mf", "URN:MFA", "urn:mfa ", "urn:mfa urn:pin"] {
        let claims = claims_with("acr", json!(other));
        assert_eq!(verify_asked(&asked, &claims, 0), insufficient("acr"), "{other}");
        let unasked = verify_asked(&RequestOptions::new(), &claims, 0).unwrap();
        assert_eq!(unasked.acr(), Some(other));
    }
    assert_eq!(verify_asked(&asked, &claims(), 0), insufficient("acr"));
    assert_eq!(verify_asked(&asked, &claims_with("acr", json!(null)), 0), insufficient("acr"));
    // A number is the class of its digits; what is neither counts as left out.
    let level = verify_asked(&RequestOptions::new(), &claims_with("acr", json!(1)), 0).unwrap();
    assert_eq!(level.acr(), Some("1"));
    for wrong in [json!(["urn:mfa"]), json!(true)] {
        let claims = claims_with("acr", wrong);
        assert_eq!(verify_asked(&asked, &claims, 0), insufficient("acr"));
        assert_eq!(verify_asked(&RequestOptions::new(), &claims, 0).unwrap().acr(), None);
    }
}

/// Claims of a token of `issued`, whose person was authenticated `age` seconds before.
fn aged(issued: u64, age: u64) -> serde_json::Value {
    let mut claims = claims_with("auth_time", json!(issued - age));
    claims["iat"] = json!(issued);
    claims
}

// OpenID Connect Core 3.1.3.7 (13); five seconds are for the steps between at the provider.
#[test]
fn r97_the_person_was_authenticated_as_recently_as_asked_for() {
    for greatest_age in [0, 1, 300] {
        let asked = RequestOptions::new().max_age(greatest_age);
        for (age, is_good) in [
            (0, true),
            (greatest_age, true),
            (greatest_age + 5, true),
            (greatest_age + 6, false),
            (greatest_age + 86_400, false),
        ] {
            let result = verify_asked(&asked, &aged(NOW.0, age), 0);
            assert_eq!(result.is_ok(), is_good, "{age} of {greatest_age}");
            if !is_good {
                assert_eq!(result, insufficient("auth_time"));
            }
        }
        assert_eq!(verify_asked(&asked, &claims(), 0), insufficient("auth_time"));
        let null = claims_with("auth_time", json!(null));
        assert_eq!(verify_asked(&asked, &null, 0), insufficient("auth_time"));
    }
    // Where the token is antedated this computer's clock tells, which may be eleven minutes wrong.
    for (antedated, is_good) in [(660, true), (661, false)] {
        let asked = RequestOptions::new().max_age(300);
        let result = verify_asked(&asked, &aged(NOW.0 - antedated, 305), 0);
        assert_eq!(result.is_ok(), is_good, "{antedated}");
    }
    // A sign-in of the future is none, but for a moment between the provider's own clocks.
    for (ahead, is_good) in [(5, true), (6, false)] {
        let asked = RequestOptions::new().max_age(300);
        let result = verify_asked(&asked, &claims_with("auth_time", json!(NOW.0 + ahead)), 0);
        assert_eq!(result.is_ok(), is_good, "{ahead}");
    }
    let old = verify_asked(&RequestOptions::new(), &aged(NOW.0, 86_400), 0).unwrap();
    assert_eq!(old.auth_time(), Some(UnixTime(NOW.0 - 86_400)));
    let text = verify(&claims_with("auth_time", json!("1800000000")));
    assert!(text.is_ok());
    // What is no date counts as left out: it is needed only where an age is asked for.
    for wrong in [json!("now"), json!(-1), json!(true), json!([NOW.0])] {
        let claims = claims_with("auth_time", wrong);
        let asked = RequestOptions::new().max_age(300);
        assert_eq!(verify_asked(&asked, &claims, 0), insufficient("auth_time"));
        assert_eq!(verify_asked(&RequestOptions::new(), &claims, 0).unwrap().auth_time(), None);
    }
    let fraction = verify_asked(
        &RequestOptions::new().max_age(0),
        &claims_with("auth_time", json!(1_799_999_999.5)),
        0,
    );
    assert_eq!(fraction.unwrap().auth_time(), Some(UnixTime(1_799_999_999)));
}

// A person may take minutes for the provider's pages: the age counts from when the login began.
#[test]
fn r97_the_time_that_the_login_took_is_no_fault() {
    let asked = RequestOptions::new().max_age(60);
    for (took, age, is_good) in
        [(300, 360, true), (300, 365, true), (300, 366, false), (0, 66, false), (600, 665, true)]
    {
        let result = verify_asked(&asked, &aged(NOW.0 + took, age), took);
        assert_eq!(result.is_ok(), is_good, "{age} after {took}");
    }
}

// The age is a matter of the provider's clock alone.
#[test]
fn r97_a_wrong_clock_here_makes_nobody_older_or_younger() {
    let asked = RequestOptions::new().max_age(60);
    for issued in [NOW.0 - 600, NOW.0, NOW.0 + 600] {
        assert!(verify_asked(&asked, &aged(issued, 60), 0).is_ok(), "{issued}");
        assert_eq!(verify_asked(&asked, &aged(issued, 66), 0), insufficient("auth_time"));
    }
}

/// The left half of a hash, as `at_hash` has it, by the name of the algorithm.
fn half(algorithm: &str, text: &str) -> String {
    use sha2::{Digest as _, Sha256, Sha384, Sha512};
    let hash = match &algorithm[algorithm.len() - 3..] {
        "256" => Sha256::digest(text).to_vec(),
        "384" => Sha384::digest(text).to_vec(),
        _ => Sha512::digest(text).to_vec(),
    };
    URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2])
}

/// The claims that name a hash, and of what.
fn hashed() -> [(&'static str, String); 3] {
    [("at_hash", ACCESS_TOKEN.to_owned()), ("c_hash", CODE.to_owned()), ("s_hash", state())]
}

// OpenID Connect Core 3.1.3.6 and 3.1.3.8: by the hash of the token's own algorithm.
#[test]
fn r99_hashes_are_right_where_they_are_there() {
    let algorithms = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
        "Ed25519",
    ];
    for algorithm in algorithms {
        let header = format!(r#"{{"alg":"{algorithm}"}}"#);
        let judge = |name: &str, hash: serde_json::Value| {
            verify_raw(&jws(&header, &claims_with(name, hash).to_string()))
        };
        for (name, text) in hashed() {
            let right = half(algorithm, &text);
            assert!(judge(name, json!(right)).is_ok(), "{algorithm} {name}");
            for other in ["RS256", "RS384", "RS512"].map(|other| half(other, &text)) {
                assert_eq!(judge(name, json!(other)).is_ok(), other == right, "{algorithm} {name}");
            }
        }
    }
}

// OpenID Connect Core 3.1.3.8.
#[test]
fn r99_a_wrong_hash_is_refused() {
    for (name, text) in hashed() {
        let right = half("RS256", &text);
        assert!(verify(&claims_with(name, json!(null))).is_ok(), "{name}");
        // What is no hash counts as left out.
        for none in [json!(""), json!(1), json!([right]), json!({}), json!(true)] {
            assert!(verify(&claims_with(name, none)).is_ok(), "{name}");
        }
        for wrong in [
            json!(half("RS256", "something else")),
            json!("AAAAAAAAAAAAAAAAAAAAAA"),
            json!(format!("{right}==")),
            json!(format!("{right}AA")),
            json!(right.to_uppercase()),
            json!(right[..20]),
            json!(URL_SAFE_NO_PAD.encode(&text)),
            json!(text),
        ] {
            assert_eq!(fault(&claims_with(name, wrong)), name);
        }
    }
    // Each is of its own text.
    assert_eq!(fault(&claims_with("c_hash", json!(half("RS256", ACCESS_TOKEN)))), "c_hash");
}

/// The ID token of a login, with everything in it that a refresh may repeat.
fn original() -> IdToken {
    let mut claims = claims_with("auth_time", json!(NOW.0 - 60));
    claims["acr"] = json!("urn:mfa");
    verify_by(&jws(HEADER, &claims.to_string()), login(), NOW).unwrap()
}

/// How long after the login the refresh is, in seconds: longer than any token is believed.
const LATER: u64 = 86_400;

/// Claims as they come at a refresh: new dates and no nonce.
fn refreshed() -> serde_json::Value {
    let mut claims = claims_without("nonce");
    claims["iat"] = json!(NOW.0 + LATER);
    claims["exp"] = json!(NOW.0 + LATER + 300);
    claims
}

fn refresh(
    name: &str,
    value: serde_json::Value,
    original: &IdToken,
) -> Result<IdToken, (ErrorCode, String)> {
    let mut claims = refreshed();
    claims[name] = value;
    let token = RawIdToken::new(&jws(HEADER, &claims.to_string()));
    let token = token.read().unwrap().verified(true).unwrap();
    let issuer = Issuer::parse(ISSUER).unwrap();
    let access_token = AccessToken::new(ACCESS_TOKEN);
    IdToken::of_refresh(&token, original, &access_token, &issuer, &config(), NOW.plus(LATER))
        .map_err(|error| (error.code(), error.subject().unwrap_or_default().to_owned()))
}

// OpenID Connect Core 12.2.
#[test]
fn r107_a_refreshed_token_is_of_the_same_person() {
    let original = original();
    for (name, value) in [
        ("x", json!(1)),
        ("nonce", json!(login().nonce.expose())),
        ("nonce", json!(null)),
        ("auth_time", json!(NOW.0 - 60)),
        ("aud", json!([CLIENT_ID])),
        ("azp", json!(CLIENT_ID)),
        // Of a code or access token that is long gone.
        ("c_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
    ] {
        let token = refresh(name, value, &original).unwrap();
        assert_eq!(token.subject(), original.subject(), "{name}");
        assert_eq!(token.auth_time(), original.auth_time(), "{name}");
        assert_eq!(token.acr(), original.acr(), "{name}");
    }
    let stronger = refresh("acr", json!("urn:stronger"), &original).unwrap();
    assert_eq!(stronger.acr(), Some("urn:stronger"));
    assert_eq!(stronger.auth_time(), original.auth_time());
}

// OpenID Connect Core 12.2.
#[test]
fn r107_a_refreshed_token_of_another_is_refused() {
    let original = original();
    for (name, value, code, about) in [
        ("sub", json!("taro"), ErrorCode::SubjectMismatch, ""),
        ("sub", json!("Hanako"), ErrorCode::SubjectMismatch, ""),
        ("sub", json!(""), ErrorCode::IdTokenInvalid, "sub"),
        ("sub", json!(null), ErrorCode::IdTokenInvalid, "sub"),
        ("iss", json!("https://evil.example"), ErrorCode::IdTokenInvalid, "iss"),
        ("iss", json!("https://id.example/"), ErrorCode::IdTokenInvalid, "iss"),
        ("aud", json!("other"), ErrorCode::IdTokenInvalid, "aud"),
        ("aud", json!([CLIENT_ID, "other"]), ErrorCode::IdTokenInvalid, "azp"),
        ("azp", json!("other"), ErrorCode::IdTokenInvalid, "azp"),
        ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"), ErrorCode::IdTokenInvalid, "at_hash"),
        ("nonce", json!("another login's"), ErrorCode::NonceMismatch, ""),
        ("nonce", json!(""), ErrorCode::NonceMismatch, ""),
        ("nonce", json!([login().nonce.expose()]), ErrorCode::IdTokenInvalid, "nonce"),
        // The login's own token once more.
        ("iat", json!(NOW.0), ErrorCode::ClockWrong, "iat"),
        ("iat", json!(NOW.0 + LATER + 661), ErrorCode::ClockWrong, "iat"),
        ("iat", json!(null), ErrorCode::IdTokenInvalid, "iat"),
        ("exp", json!(NOW.0 + 300), ErrorCode::ClockWrong, "exp"),
        ("nbf", json!(NOW.0 + LATER + 661), ErrorCode::ClockWrong, "nbf"),
    ] {
        let expected = Err((code, about.to_owned()));
        assert_eq!(refresh(name, value.clone(), &original), expected, "{name}: {value}");
    }
}

// The chain of refreshes hangs on the first token, whatever those between left out.
#[test]
fn r107_what_a_refresh_leaves_out_is_not_forgotten() {
    let second = refresh("x", json!(1), &original()).unwrap();
    assert_eq!((second.acr(), second.auth_time()), (Some("urn:mfa"), original().auth_time()));
    assert!(refresh("nonce", json!(login().nonce.expose()), &second).is_ok());
    let other = refresh("nonce", json!("another login's"), &second);
    assert_eq!(other, Err((ErrorCode::NonceMismatch, String::new())));
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
    assert_eq!(late(&claims_with("nbf", json!(NOW.0 + 661))), "nbf");
    for none in [json!("soon"), json!(true)] {
        assert!(verify(&claims_with("nbf", none)).is_ok());
    }
}

// RFC 8725 section 3.11.
#[test]
fn r102_a_token_of_another_kind_is_refused() {
    for good in ["JWT", "jwt", "application/jwt", "application/JWT", ""] {
        let header = json!({ "alg": "RS256", "typ": good }).to_string();
        assert!(verify_raw(&jws(&header, &claims().to_string())).is_ok(), "{good}");
    }
    for kind in ["at+jwt", "logout+jwt", "dpop+jwt", "application/at+jwt", "text/jwt", "jwt "] {
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
            && (claims["aud"] == json!(CLIENT_ID) || claims["aud"] == json!([CLIENT_ID])
                || claims["aud"] == json!([CLIENT_ID, "x"]) && text("azp") == Some(CLIENT_ID))
            && (is_absent("azp") || text("azp") == Some(CLIENT_ID))
            && number("exp").is_some_and(|exp| exp.floor() + 660.0 > now)
            && number("iat").is_some_and(|iat| (now - 3600.0..=now + 660.0).contains(&iat.floor()))
            && number("nbf").is_none_or(|nbf| nbf < 0.0 || nbf.floor() <= now + 660.0)
            && text("nonce") == Some(login().nonce.expose());
        prop_assert_eq!(verify(&claims).is_ok(), is_right, "{}", claims);
    }

    #[test]
    fn nobody_is_older_than_asked_for(greatest_age in 0..100_000_u64, age in 0..200_000_u64, took in 0..600_u64, skew in 0..1200_u64) {
        let asked = RequestOptions::new().max_age(greatest_age);
        // The provider's clock is up to ten minutes before or behind this one.
        let result = verify_asked(&asked, &aged(NOW.0 + took + skew - 600, age), took);
        prop_assert_eq!(result.is_ok(), age <= greatest_age + took + 5);
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
