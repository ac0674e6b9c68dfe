//! The record of a login.

use super::*;

fn changed(name: &str, value: serde_json::Value) -> Option<PendingLogin> {
    let mut record: serde_json::Value = serde_json::from_str(&login().to_json()).unwrap();
    record[name] = value;
    PendingLogin::from_json(&record.to_string())
}

#[test]
fn a_record_comes_back_as_it_was() {
    for metadata in [metadata(), metadata_with_iss()] {
        let login = login_at(&metadata);
        let again = PendingLogin::from_json(&login.to_json()).unwrap();
        assert_eq!(again.to_json(), login.to_json());
        assert_eq!(again.metadata(), &metadata);
        assert_eq!(again.state_key(), login.state_key());
        assert_eq!(again.scope(), &scope("openid profile email"));
        assert_eq!(again.started(), NOW);
        assert_eq!(again.return_to(), login.return_to());
    }
}

// RFC 9700 section 4.11.1: the storage is not trusted more than an address.
#[test]
fn a_record_is_checked_when_it_comes_back() {
    let table = [
        ("code_verifier", json!("short")),
        ("code_verifier", json!(null)),
        ("redirect_uri", json!("http://app.example/cb")),
        ("redirect_uri", json!("javascript:alert(1)")),
        ("scope", json!("a\"b")),
        ("scope", json!(["openid"])),
        ("metadata", json!({})),
        ("metadata", document_with("token_endpoint", json!("http://evil.example/"))),
        ("started", json!(-1)),
        ("started", json!("1800000000")),
        ("state", json!(1)),
        ("nonce", json!(null)),
        ("client_id", json!(null)),
    ];
    for (name, value) in table {
        assert!(changed(name, value.clone()).is_none(), "{name} {value}");
    }
    let moved = changed("return_to", json!("https://evil.example/")).unwrap();
    assert_eq!(moved.return_to().as_str(), "https://app.example/shop/");
}

#[test]
fn what_is_no_record_is_none() {
    for text in ["", "null", "{}", "[]", "1", "{\"state\":\"x\"}"] {
        assert!(PendingLogin::from_json(text).is_none(), "{text}");
    }
    assert!(PendingLogin::from_json(&format!("{} x", login().to_json())).is_none());
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?}", login());
    assert!(secrets().iter().all(|secret| !shown.contains(secret)), "{shown}");
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn any_login_comes_back_as_it_was(
        values: [[u8; 32]; 3],
        client_id in "[ -~]{1,30}",
        wanted in any_text(),
        words in "[!#-\\[\\]-~]{0,20}( [!#-\\[\\]-~]{1,9}){0,3}",
        seconds: u64,
        promised: bool,
    ) {
        let config = Config::new(ISSUER, &client_id, REDIRECT_URI).unwrap();
        let metadata = if promised { metadata_with_iss() } else { metadata() };
        let random = RandomValues { code_verifier: values[0], state: values[1], nonce: values[2] };
        let return_to = ReturnTo::new(&wanted, &redirect_uri());
        let options = RequestOptions::new().acr_values(&words).resource("urn:api").unwrap();
        let options = if promised { options.max_age(seconds) } else { options };
        let needed = promised.then(|| scope(&words));
        let dpop_jkt = promised.then(|| words.clone());
        let url = SecureUrl::parse("https://api.example/mail?page=2").unwrap();
        let body = promised.then_some(values[0].as_slice());
        let headers = [("Content-Type", "text/plain"), ("X-Words", words.as_str()), ("X-Empty", "")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let headers = if promised { headers.to_vec() } else { Vec::new() };
        let refused = RefusedRequest::new("hanako", "POST", url, headers, body);
        // A build that repeats no request reads none.
        let refused = refused.filter(|_| cfg!(feature = "step-up"));
        let wish = Wish { scope: scope(&words), options, return_to, dpop_jkt, needed, refused, step_ups: 3, resumes: promised.then_some(UnixTime(seconds)), in_popup: promised, is_again: promised };
        let request =
            AuthorizationRequest::new(&config, &metadata, wish, &random, UnixTime(seconds)).unwrap();
        let login = request.pending_login();
        let again = PendingLogin::from_json(&login.to_json()).unwrap();
        prop_assert_eq!(again.to_json(), login.to_json());
        prop_assert_eq!(&again.code_verifier, &login.code_verifier);
        prop_assert_eq!(&again.nonce, &login.nonce);
        prop_assert_eq!(&again.client_id, &client_id);
        prop_assert_eq!(again.return_to(), login.return_to());
        prop_assert_eq!(again.refused_request(), login.refused_request());
        prop_assert_eq!(again.metadata(), &metadata);
    }

    #[test]
    fn a_damaged_record_is_none_or_still_safe(bytes in damaged(login().to_json())) {
        if let Some(login) = PendingLogin::from_json(&String::from_utf8_lossy(&bytes)) {
            prop_assert!(CodeVerifier::parse(login.code_verifier.expose()).is_some());
            prop_assert!(login.metadata().token_endpoint().as_str().starts_with("https://"));
            prop_assert!(login.return_to().as_str().starts_with(login.redirect_uri.origin()));
        }
    }

    #[test]
    fn any_text_is_read_without_panic(text in any_text()) {
        prop_assert!(PendingLogin::from_json(&text).is_none());
    }

    #[test]
    fn no_time_overflows(started: u64, now: u64) {
        let mut login = login();
        login.started = UnixTime(started);
        prop_assert_eq!(login.is_expired(UnixTime(now)), started.abs_diff(now) > PendingLogin::LIFETIME);
    }
}

// RFC 9700 section 4.4: a page may have several apps, each with its provider.
#[test]
fn a_record_is_of_the_app_that_began_it() {
    let login = login();
    assert!(login.is_of(&config()));
    for other in [
        Config::new("https://other.example", CLIENT_ID, REDIRECT_URI),
        Config::new(ISSUER, "other", REDIRECT_URI),
        Config::new(ISSUER, CLIENT_ID, "https://app.example/shop/other.html"),
    ] {
        assert!(!login.is_of(&other.unwrap()));
    }
}
