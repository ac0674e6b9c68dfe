//! Proofs of possession (RFC 9449).

use super::super::dpop::wants_nonce;
use super::*;

/// The public key of the RFC's examples, as a point.
fn public_key() -> DpopPublicKey {
    let coordinate = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let x = coordinate("l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs");
    let y = coordinate("9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA");
    DpopPublicKey::from_point(&[vec![4], x, y].concat()).unwrap()
}

/// Header and claims of a proof.
fn parts(proof: &DpopProof<'_>) -> [serde_json::Value; 2] {
    let signed = proof.to_be_signed(&public_key());
    let parts: Vec<_> = signed.split('.').collect();
    assert_eq!(parts.len(), 2, "{signed}");
    let read = |part: &str| {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
    };
    [read(parts[0]), read(parts[1])]
}

fn htu(url: &str) -> String {
    let url = SecureUrl::parse(url).unwrap();
    let proof = DpopProof { url: &url, ..proof(&url) };
    parts(&proof)[1]["htu"].as_str().unwrap().to_owned()
}

fn proof(url: &SecureUrl) -> DpopProof<'_> {
    DpopProof { method: "POST", url, access_token: None, nonce: None, id: &[7; 32], now: NOW }
}

// RFC 9449 section 4.2; the private half isn't even known here.
#[test]
fn r109_a_proof_says_this_and_nothing_else() {
    let url = SecureUrl::parse("https://id.example/token").unwrap();
    let [header, claims] = parts(&proof(&url));
    assert_eq!(
        header,
        json!({
            "typ": "dpop+jwt",
            "alg": "ES256",
            "jwk": {
                "kty": "EC",
                "crv": "P-256",
                "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
                "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
            },
        })
    );
    let least = json!({
        "jti": URL_SAFE_NO_PAD.encode([7; 32]),
        "htm": "POST",
        "htu": "https://id.example/token",
        "iat": NOW.0,
    });
    assert_eq!(claims, least);

    let token = AccessToken::new("a-token");
    let nonce = DpopNonce::parse("a-nonce").unwrap();
    let full = DpopProof { access_token: Some(&token), nonce: Some(&nonce), ..proof(&url) };
    let mut expected = least;
    expected["ath"] = json!("H2B246R7od7QgCX_4G5XryF8FPlAfzP7pQ-ZsccBk4c");
    expected["nonce"] = json!("a-nonce");
    let [same_header, claims] = parts(&full);
    assert_eq!((same_header, claims), (header, expected));
}

// RFC 7518 section 6.2.1, SEC 1 section 2.3.3.
#[test]
fn r109_only_an_uncompressed_point_is_a_key() {
    for (form, length) in [(4, 0), (4, 64), (4, 66), (4, 33), (2, 65), (3, 65), (0, 65), (5, 65)] {
        let mut point = vec![1; length];
        if let Some(first) = point.first_mut() {
            *first = form;
        }
        assert_eq!(DpopPublicKey::from_point(&point), None, "{form} {length}");
    }
}

// RFC 9449 section 4.2.
#[test]
fn r110_each_proof_has_an_id_of_256_random_bits() {
    let url = SecureUrl::parse("https://id.example/token").unwrap();
    let id = |id: &[u8; 32]| parts(&DpopProof { id, ..proof(&url) })[1]["jti"].clone();
    assert_eq!(id(&[0; 32]).as_str().map(str::len), Some(43));
    let mut other = [0; 32];
    other[31] = 1;
    assert_ne!(id(&[0; 32]), id(&other));
}

// RFC 9449 sections 4.2 and 4.3 (9): as the browser will send it, without its query.
#[test]
fn r111_the_address_is_the_one_that_is_called_without_its_query() {
    for (url, expected) in [
        ("https://id.example/token", "https://id.example/token"),
        ("https://id.example/token?tenant=a", "https://id.example/token"),
        ("https://id.example/token?", "https://id.example/token"),
        ("https://id.example?page=2", "https://id.example/"),
        ("https://ID.Example:443/A%20b", "https://id.example/A%20b"),
        ("https://id.example:8443/token/", "https://id.example:8443/token/"),
        ("http://localhost:80/api?page=2?", "http://localhost/api"),
        ("http://[::1]:9500/api", "http://[::1]:9500/api"),
    ] {
        assert_eq!(htu(url), expected, "{url}");
        let mut sent = url::Url::parse(url).unwrap();
        sent.set_query(None);
        assert_eq!(sent.as_str(), expected, "{url}");
    }
}

// RFC 9449 section 7.1: one header, of three parts.
#[test]
fn r113_a_signed_proof_is_a_compact_jws() {
    let url = SecureUrl::parse("https://id.example/token").unwrap();
    let signed = proof(&url).to_be_signed(&public_key());
    let sent = DpopProof::with_signature(&signed, &[0xff; 64]);
    let signature = sent.strip_prefix(&signed).and_then(|rest| rest.strip_prefix('.')).unwrap();
    assert_eq!(URL_SAFE_NO_PAD.decode(signature).unwrap(), [0xff; 64]);
    assert!(sent.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)));
}

fn in_body(status: u16, code: &str) -> ServerResponse {
    answer(status, &json!({ "error": code, "error_description": "DPoP: use_dpop_nonce" }))
}

fn in_header(status: u16, header: &str) -> ServerResponse {
    ServerResponse {
        status,
        www_authenticate: Some(header.to_owned()),
        ..ServerResponse::default()
    }
}

// RFC 9449 section 8.
#[test]
fn r114_an_authorization_server_asks_for_a_nonce_in_the_body() {
    assert!(wants_nonce(&in_body(400, "use_dpop_nonce")));
    // A resource server that answers as an authorization server does.
    assert!(wants_nonce(&in_body(401, "use_dpop_nonce")));
    for (status, code) in [
        (400, "invalid_dpop_proof"),
        (400, "invalid_grant"),
        (400, "USE_DPOP_NONCE"),
        (400, "use_dpop_nonce "),
        (200, "use_dpop_nonce"),
        (403, "use_dpop_nonce"),
        (500, "use_dpop_nonce"),
    ] {
        assert!(!wants_nonce(&in_body(status, code)), "{status} {code}");
    }
    let body = r#"{"error":"use_dpop_nonce"}"#;
    let html =
        ServerResponse { content_type: Some("text/html".to_owned()), ..raw_answer(400, body) };
    assert!(!wants_nonce(&html));
    for body in ["", "use_dpop_nonce", "[\"use_dpop_nonce\"]", r#"{"error":["use_dpop_nonce"]}"#] {
        assert!(!wants_nonce(&raw_answer(400, body)), "{body}");
    }
}

// RFC 9449 section 9, RFC 9110 section 11.1: schemes in any case.
#[test]
fn r115_a_resource_server_asks_for_a_nonce_in_a_challenge() {
    for header in [
        "DPoP error=\"use_dpop_nonce\"",
        "dpop error=use_dpop_nonce",
        "DPOP algs=\"ES256\", Error=\"use_dpop_nonce\", error_description=\"Wants one\"",
        "Bearer error=\"invalid_token\", DPoP error=\"use_dpop_nonce\"",
        "DPoP error=\"use_dpop_nonce\", Bearer",
    ] {
        assert!(wants_nonce(&in_header(401, header)), "{header}");
        assert!(!wants_nonce(&in_header(400, header)), "{header}");
        assert!(!wants_nonce(&in_header(403, header)), "{header}");
        assert!(!wants_nonce(&in_header(200, header)), "{header}");
    }
    for header in [
        "",
        "DPoP",
        "DPoP error=\"invalid_token\"",
        "DPoP error=\"invalid_dpop_proof\"",
        "Bearer error=\"use_dpop_nonce\"",
        "DPoP realm=\"error=use_dpop_nonce\"",
        "DPoP error_description=\"use_dpop_nonce\"",
        "DPoP algs=\"ES256\", Bearer error=\"use_dpop_nonce\"",
        // Twice is never.
        "DPoP error=\"use_dpop_nonce\", error=\"use_dpop_nonce\"",
    ] {
        assert!(!wants_nonce(&in_header(401, header)), "{header}");
    }
    // The header that CORS hides.
    assert!(!wants_nonce(&ServerResponse { status: 401, ..ServerResponse::default() }));
}

// RFC 9449 section 8.1: `1*NQCHAR`. The bound is our own.
#[test]
fn r117_a_nonce_is_of_visible_characters_and_bounded() {
    for good in ["a", "!", "#[]~", "eyJ7S_zG.eyJH0-Z.HX4w-7v", "a,b;c=d", &"n".repeat(1024)] {
        let nonce = DpopNonce::parse(good).unwrap();
        assert_eq!(nonce.expose(), good);
    }
    let bad =
        ["", " ", "a b", "a, b", "a\"b", "a\\b", "a\n", "\ta", "a\u{7f}", "é", "日本", "a\u{0}"];
    for bad in bad.into_iter().chain([&*"n".repeat(1025)]) {
        assert_eq!(DpopNonce::parse(bad), None, "{bad}");
    }
}

// RFC 9449 section 5.
#[test]
fn r47_the_type_of_the_token_is_the_one_that_was_asked_for() {
    let kind = |text| exchange(&token_answer_with("token_type", json!(text))).unwrap();
    for wanted in [Dpop::WhenOffered, Dpop::Required] {
        assert_eq!(kind("dPoP").check_type(true, wanted), Ok(()));
    }
    assert_eq!(kind("bearer").check_type(false, Dpop::WhenOffered), Ok(()));
    // The provider may bind the refresh token alone (F11).
    assert_eq!(kind("Bearer").check_type(true, Dpop::WhenOffered), Ok(()));
    let downgrade = kind("Bearer").check_type(true, Dpop::Required).unwrap_err();
    assert_eq!(downgrade.code(), ErrorCode::DpopDowngrade);
    let unasked = kind("DPoP").check_type(false, Dpop::WhenOffered).unwrap_err();
    assert_eq!(unasked.code(), ErrorCode::UnsupportedTokenType);
}

// RFC 9449 sections 10 and 10.1: in the address, in what is pushed, and in the record.
#[test]
fn r120_the_request_names_the_key_that_the_code_is_bound_to() {
    let begin = |dpop_jkt| {
        let config = config();
        let wish = Wish { dpop_jkt, ..wish(&config) };
        AuthorizationRequest::new(&config, &metadata(), wish, &random(), NOW).unwrap()
    };
    let thumbprint = public_key().thumbprint();
    let bound = begin(Some(thumbprint.clone()));
    assert_eq!(value_of(&bound.url(), "dpop_jkt").as_deref(), Some(&*thumbprint));
    assert!(bound.form().contains(&format!("dpop_jkt={thumbprint}")));
    let kept = PendingLogin::from_json(&bound.pending_login().to_json()).unwrap();
    assert_eq!(kept.dpop_jkt(), Some(&*thumbprint));
    let plain = begin(None);
    assert_eq!(value_of(&plain.url(), "dpop_jkt"), None);
    assert_eq!(PendingLogin::from_json(&plain.pending_login().to_json()).unwrap().dpop_jkt(), None);
}

#[test]
fn debug_of_a_proof_shows_neither_token_nor_nonce() {
    let url = SecureUrl::parse("https://id.example/token").unwrap();
    let token = AccessToken::new("very-secret");
    let nonce = DpopNonce::parse("very-secret").unwrap();
    let shown = DpopProof { access_token: Some(&token), nonce: Some(&nonce), ..proof(&url) };
    assert!(!format!("{shown:?} {nonce:?} {token:?}").contains("very-secret"));
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn any_header_is_a_nonce_or_none(header in prop_oneof![any_text(), "[!#-\\[\\]-~]{0,1100}"]) {
        let is_nonce = |character: char| ('!'..='~').contains(&character) && !"\"\\".contains(character);
        let expected = (1..=1024).contains(&header.len()) && header.chars().all(is_nonce);
        let nonce = DpopNonce::parse(&header);
        prop_assert_eq!(nonce.as_ref().map(DpopNonce::expose), expected.then_some(header.as_str()));
    }

    #[test]
    fn a_nonce_is_wanted_by_those_who_say_so_only(
        status in prop_oneof![Just(400_u16), Just(401), any::<u16>()],
        header in prop_oneof![any_text(), "(DPoP|Bearer|error|use_dpop_nonce|[ ,=\"]){0,12}"],
        body in prop_oneof![any_text(), "(\\{|\\}|\"error\"|:|\"use_dpop_nonce\"){0,6}"],
    ) {
        let said = header.contains("use_dpop_nonce") || body.contains("use_dpop_nonce");
        let response =
            ServerResponse { www_authenticate: Some(header), ..raw_answer(status, body) };
        prop_assert!(!wants_nonce(&response) || (said && matches!(status, 400 | 401)));
    }

    #[test]
    fn any_proof_says_what_it_is_for(
        method in "(GET|POST|PUT|DELETE)",
        host in "[a-z][a-z0-9-]{0,20}\\.example",
        path in "(/[a-zA-Z0-9_~%+-]{1,9}){0,3}",
        query in "(\\?[a-z0-9=&/?]{0,20})?",
        token in "[!-~]{1,40}",
        nonce in "[!#-\\[\\]-~]{1,40}",
        id: [u8; 32],
        now: u64,
    ) {
        let url = SecureUrl::parse(&format!("https://{host}{path}{query}")).unwrap();
        let (token, nonce) = (AccessToken::new(&token), DpopNonce::parse(&nonce).unwrap());
        let proof = DpopProof {
            method: &method,
            url: &url,
            access_token: Some(&token),
            nonce: Some(&nonce),
            id: &id,
            now: UnixTime(now),
        };
        let [_, claims] = parts(&proof);
        let mut sent = url::Url::parse(url.as_str()).unwrap();
        sent.set_query(None);
        prop_assert_eq!(&claims["htm"], &json!(method));
        prop_assert_eq!(&claims["htu"], &json!(sent.as_str()));
        prop_assert_eq!(&claims["nonce"], &json!(nonce.expose()));
        prop_assert_eq!(&claims["iat"], &json!(now));
        prop_assert_eq!(&claims["jti"], &json!(URL_SAFE_NO_PAD.encode(id)));
        prop_assert_eq!(claims.as_object().map(serde_json::Map::len), Some(6));
    }
}
