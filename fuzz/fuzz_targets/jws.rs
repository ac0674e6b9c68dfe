//! ID tokens: only one that is for this login is believed.

#![no_main]

use std::slice;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use pixy_login::fuzzing::id_token;
use pixy_login::protocol::{IdToken, Jws, Profile, UnixTime};
use pixy_login_fuzz::{CLIENT_ID, ISSUER, NONCE, NOW, assert_presentable, config, json, login};
use serde_json::{Value, json};

/// No clock is off by more.
const DAY: u64 = 24 * 3600;

// A token as it is sent, or its parts on lines, header, claims, signature, to be encoded: so that what
// is behind the encoding is reached too.
fuzz_target!(|text: &str| {
    let token = if text.contains('\n') {
        let encoded: Vec<String> =
            text.split('\n').map(|part| URL_SAFE_NO_PAD.encode(part)).collect();
        encoded.join(".")
    } else {
        text.to_owned()
    };
    if let Ok(read) = Jws::parse(&token) {
        assert_same(&read, &token);
    }
    match judge(&token, NOW) {
        Ok(id_token) => {
            assert_honest(&token, id_token.subject());
            assert_profile_of(&id_token);
        }
        Err(error) => assert_presentable(&error),
    }
});

fn judge(token: &str, now: UnixTime) -> Result<IdToken, pixy_login::protocol::Error> {
    id_token(token, login(false), &config(), now)
}

/// What was read is what came, letter for letter: there is no second spelling of it.
fn assert_same(read: &Jws, token: &str) {
    let signed = std::str::from_utf8(read.signed()).unwrap();
    assert_eq!(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(read.signature())), token);
    let (header, _) = signed.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    assert_eq!(header["kid"].as_str(), read.key_id());
    let written = header["alg"].as_str().unwrap().replace("EdDSA", "Ed25519");
    assert_eq!(written, read.algorithm().name());
}

/// The rules once more, with another reader.
fn assert_honest(token: &str, subject: &str) {
    let parts: Vec<Vec<u8>> =
        token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
    let [header, claims, signature] = &parts[..] else { panic!("{} parts", parts.len()) };
    assert!(!signature.is_empty());
    let header: Value = serde_json::from_slice(header).unwrap();
    let claims: Value = serde_json::from_slice(claims).unwrap();

    let algorithm = header["alg"].as_str().unwrap();
    assert!(["RS", "PS", "ES", "Ed"].contains(&&algorithm[..2]), "{algorithm}");
    assert!(header["crit"].is_null());
    let kind = header["typ"].as_str().unwrap_or_default().to_ascii_lowercase();
    assert!(["", "jwt", "application/jwt"].contains(&kind.as_str()), "{kind}");

    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["nonce"], NONCE);
    assert_eq!(claims["sub"], subject);
    assert!(!subject.is_empty() && subject.len() <= 255 && subject.is_ascii());
    // Whoever else is an audience, the token was made for us.
    let audience = claims["aud"].as_array().map_or(slice::from_ref(&claims["aud"]), Vec::as_slice);
    assert!(audience.iter().any(|name| name == CLIENT_ID));
    let is_ours_alone = audience.iter().all(|name| name == CLIENT_ID);
    assert!(claims["azp"] == CLIENT_ID || (claims["azp"].is_null() && is_ours_alone));
    assert!(claims["exp"].as_f64().unwrap() > (NOW.0 - DAY) as f64);
    assert!(claims["iat"].as_f64().unwrap() < (NOW.0 + DAY) as f64);

    // In another spelling it is another text, which nobody signed.
    for other in
        [format!("{token}="), format!("{token}."), format!(" {token}"), format!("{token}\n")]
    {
        assert!(judge(&other, NOW).is_err(), "accepted: {other:?}");
    }
    if let Some(expiry) = claims["exp"].as_u64().filter(|expiry| *expiry < u64::MAX - DAY) {
        assert!(judge(token, UnixTime(expiry + DAY)).is_err(), "accepted after its end");
    }
}

/// A profile is of the person of the ID token, or nobody's (OpenID Connect Core 5.3.2).
fn assert_profile_of(id_token: &IdToken) {
    let profile = |subject: &str| {
        let body = json!({ "sub": subject }).to_string();
        Profile::from_response(&json(body.as_bytes()), Some(id_token), None)
    };
    assert_eq!(profile(id_token.subject()).unwrap().subject(), id_token.subject());
    assert!(profile(&format!("{}x", id_token.subject())).is_err());
}
