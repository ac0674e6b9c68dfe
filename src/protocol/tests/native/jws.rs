//! The compact form of a signed token. What an ID token's parts must be is in `id_token`.

use super::*;

const HEADER: &str = r#"{"alg":"RS256"}"#;

fn good() -> String {
    jws(r#"{"alg":"RS256","kid":"key-1","typ":"JWT"}"#, &claims().to_string())
}

/// Which part is wrong of a token with this header.
fn fault(header: &str) -> &'static str {
    Jws::parse(&jws(header, "{}")).unwrap_err().0
}

fn key_id(member: &str) -> Option<String> {
    let header = format!(r#"{{"alg":"RS256"{member}}}"#);
    Jws::parse(&jws(&header, "{}")).unwrap().key_id().map(str::to_owned)
}

// RFC 7515 section 5.2: the signature is of the text as it came.
#[test]
fn r84_the_signature_is_of_the_very_text_that_came() {
    let spaced = jws(" { \"alg\" : \"ES256\" } ", " { } ");
    let token = Jws::parse(&spaced).unwrap();
    let (signed, _) = spaced.rsplit_once('.').unwrap();
    assert_eq!(token.signed(), signed.as_bytes());
    assert_eq!(token.signature(), b"signature");
    assert_eq!(token.algorithm().name(), "ES256");
}

#[test]
fn r84_a_token_has_at_most_256_kibibytes() {
    const LONGEST: usize = 256 * 1024;
    let of_length = |length: usize| {
        // Spaces behind the claims, so that the signature ends where its base64url may.
        let mut starts = (0..4).map(|spaces| {
            let start = jws(HEADER, &format!("{{}}{}", " ".repeat(spaces)));
            start[..=start.rfind('.').unwrap()].to_owned()
        });
        let start = starts.find(|start| (length - start.len()) % 4 != 1).unwrap();
        format!("{start}{}", "A".repeat(length - start.len()))
    };
    for length in [100, LONGEST - 1, LONGEST] {
        assert!(Jws::parse(&of_length(length)).is_ok(), "{length}");
    }
    for length in [LONGEST + 1, LONGEST + 2, 4 * LONGEST] {
        assert_eq!(Jws::parse(&of_length(length)).unwrap_err().0, "form", "{length}");
    }
}

// RFC 7515 section 4: deep inside of the header, too.
#[test]
fn r85_no_member_of_the_header_stands_twice() {
    for twice in [
        r#"{"alg":"none","alg":"RS256"}"#,
        r#"{"alg":"RS256","\u0061lg":"RS256"}"#,
        r#"{"alg":"RS256","kid":"a","kid":"b"}"#,
        r#"{"alg":"RS256","x":{"y":1,"y":1}}"#,
        r#"{"alg":"RS256","x":[{"y":1,"y":1}]}"#,
    ] {
        assert_eq!(fault(twice), "header", "{twice}");
    }
}

// RFC 7515 section 4.1.11, RFC 7797 section 3: that it stands there is enough.
#[test]
fn r86_null_and_b64_alone_are_extensions_too() {
    for extension in
        [r#""crit":null"#, r#""crit":{}"#, r#""b64":false"#, r#""b64":true"#, r#""b64":null"#]
    {
        assert_eq!(fault(&format!(r#"{{"alg":"RS256",{extension}}}"#)), "crit", "{extension}");
    }
}

// RFC 7515 section 4.1.4.
#[test]
fn a_key_is_named_by_a_text() {
    assert_eq!(key_id(""), None);
    assert_eq!(key_id(r#","kid":null"#), None);
    assert_eq!(key_id(r#","kid":"""#).as_deref(), Some(""));
    assert_eq!(key_id(r#","kid":"../../日本'\"""#).as_deref(), Some("../../日本'\""));
    for wrong in ["1", "[]", "[\"a\"]", "{}", "true"] {
        assert_eq!(fault(&format!(r#"{{"alg":"RS256","kid":{wrong}}}"#)), "kid", "{wrong}");
    }
}

// RFC 8725 section 3.10: whatever the header says of keys and certificates.
#[test]
fn r89_addresses_of_keys_are_not_looked_at() {
    for name in ["jku", "x5u", "jwk", "x5c", "x5t", "x5t#S256"] {
        for value in ["1", "[]", "{}", r#""https://evil.example/""#, "null"] {
            let header = format!(r#"{{"alg":"RS256","{name}":{value}}}"#);
            assert!(Jws::parse(&jws(&header, "{}")).is_ok(), "{header}");
        }
    }
}

// RFC 7516 section 7.1: five parts, whatever they are.
#[test]
fn r103_five_parts_are_not_read() {
    let good = good();
    let [header, claims, signature]: [&str; 3] =
        good.split('.').collect::<Vec<_>>().try_into().unwrap();
    for five in [
        [header, claims, signature, claims, signature].join("."),
        [header, "", claims, signature, signature].join("."),
        [header, claims, signature, "", ""].join("."),
    ] {
        assert_eq!(Jws::parse(&five).unwrap_err().0, "form", "{five}");
    }
}

#[test]
fn a_token_is_believed_only_when_its_signature_was_found_good() {
    let token = Jws::parse(&good()).unwrap();
    assert!(token.clone().verified(false).is_none());
    let verified = token.verified(true).unwrap();
    assert_eq!(verified.algorithm().name(), "RS256");
    assert_eq!(verified.claims().text("sub").unwrap(), "hanako");
}

#[test]
fn debug_shows_nothing_of_a_token() {
    let token = Jws::parse(&good()).unwrap();
    let shown = format!("{token:?} {:?}", token.clone().verified(true));
    assert_eq!(shown, "Jws(redacted) Some(VerifiedJws(redacted))");
}

proptest! {
    #![proptest_config(cases(512))]

    // No second spelling: what was read is what came, letter for letter.
    #[test]
    fn a_damaged_token_is_refused_or_read_as_what_it_is(bytes in damaged(good())) {
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(token) = Jws::parse(&text) {
            let signed = std::str::from_utf8(token.signed()).unwrap();
            prop_assert_eq!(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(token.signature())), text.as_ref());
            let (header, claims) = signed.split_once('.').unwrap();
            let [header, claims] = [header, claims].map(|part| {
                let json = URL_SAFE_NO_PAD.decode(part).unwrap();
                serde_json::from_slice::<serde_json::Value>(&json).unwrap()
            });
            prop_assert_eq!(header["alg"].as_str(), Some(token.algorithm().name()));
            prop_assert_eq!(header["kid"].as_str(), token.key_id());
            let verified = token.verified(true).unwrap();
            prop_assert_eq!(claims["sub"].as_str(), verified.claims().object().optional_text("sub").ok().flatten());
        }
    }

    #[test]
    fn any_text_is_read_without_panic(text in any_text(), header in any_text(), claims in any_text(), signature: Vec<u8>) {
        prop_assert!(Jws::parse(&text).is_err());
        let parts = [header.as_bytes(), claims.as_bytes(), &signature];
        let token = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        prop_assert!(Jws::parse(&token).is_err());
        let _ = Jws::parse(&jws(HEADER, &claims));
    }
}
