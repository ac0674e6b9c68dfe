//! The profile.

use super::*;

fn person() -> serde_json::Value {
    json!({
        "sub": "hanako",
        "name": "山田花子",
        "email": "hanako@example.jp",
        "email_verified": true,
        "picture": "https://pictures.example/hanako.png",
        "locale": "ja-JP",
        "updated_at": 1_700_000_000_u64,
        "address": { "country": "JP" },
    })
}

fn read(body: &serde_json::Value, id_token: Option<&IdToken>) -> Result<Profile, ErrorCode> {
    Profile::from_response(&answer(200, body), id_token, None).map_err(|error| error.code())
}

fn person_with(name: &str, value: serde_json::Value) -> Profile {
    let mut person = person();
    person[name] = value;
    read(&person, None).unwrap()
}

// OpenID Connect Core 5.1.
#[test]
fn a_profile_is_read_with_all_that_it_tells() {
    let profile = read(&person(), Some(&id_token())).unwrap();
    assert_eq!(profile.subject(), "hanako");
    assert_eq!(profile.name(), Some("山田花子"));
    assert_eq!(profile.email(), Some("hanako@example.jp"));
    assert!(profile.email_verified());
    assert_eq!(profile.picture().unwrap().as_str(), "https://pictures.example/hanako.png");
    assert_eq!(profile.locale(), Some("ja-JP"));
    let mut names: Vec<_> = profile.claims().map(|(name, _)| name.to_owned()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["email", "email_verified", "locale", "name", "picture", "sub", "updated_at"]
    );
}

// OpenID Connect Core 5.3.2.
#[test]
fn r105_a_profile_of_somebody_else_is_thrown_away() {
    for other in ["taro", "Hanako", "hanako ", "hanak"] {
        let error = read(&json!({ "sub": other }), Some(&id_token())).unwrap_err();
        assert_eq!(error, ErrorCode::SubjectMismatch, "{other}");
    }
    for none in [
        json!({}),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "sub": 1.5 }),
        json!({ "sub": ["hanako"] }),
        json!({ "id": "hanako" }),
    ] {
        assert_eq!(
            read(&none, Some(&id_token())).unwrap_err(),
            ErrorCode::InvalidResponse,
            "{none}"
        );
    }
}

#[test]
fn an_oauth_only_provider_may_number_its_people() {
    for (body, subject) in [
        (json!({ "sub": "a", "id": "b" }), "a"),
        (json!({ "id": "b" }), "b"),
        (json!({ "id": 18_446_744_073_709_551_615_u64 }), "18446744073709551615"),
    ] {
        assert_eq!(read(&body, None).unwrap().subject(), subject);
    }
    for wrong in
        [json!({ "id": 1.5 }), json!({ "id": true }), json!({ "id": [1] }), json!({ "login": "x" })]
    {
        assert_eq!(read(&wrong, None).unwrap_err(), ErrorCode::InvalidResponse, "{wrong}");
    }
}

// OpenID Connect Core 2: two people whose identifiers begin alike stay two.
#[test]
fn a_subject_is_never_cut_off() {
    for name in ["sub", "id"] {
        assert!(read(&json!({ name: "a".repeat(255) }), None).is_ok());
        let error = read(&json!({ name: "a".repeat(256) }), None).unwrap_err();
        assert_eq!(error, ErrorCode::InvalidResponse);
    }
}

// OpenID Connect Core 5.6.2.
#[test]
fn r108_claims_that_stand_elsewhere_are_not_followed() {
    let body = json!({
        "sub": "hanako",
        "_claim_names": { "email": "src1" },
        "_claim_sources": { "src1": { "endpoint": "https://evil.example/", "access_token": "x" } },
    });
    let profile = read(&body, None).unwrap();
    assert_eq!(profile.email(), None);
    assert_eq!(profile.claims().count(), 1);
}

#[test]
fn what_is_shown_has_the_right_type() {
    assert_eq!(person_with("name", json!(["x"])).name(), Some("hanako@example.jp"));
    assert_eq!(person_with("name", json!("")).name(), Some("hanako@example.jp"));
    for not_true in [json!("yes"), json!("TRUE"), json!(1), json!(null), json!(false)] {
        assert!(!person_with("email_verified", not_true).email_verified());
    }
    for picture in [
        "http://pictures.example/x.png",
        "javascript:alert(1)",
        "data:image/png;base64,AA",
        "/x.png",
        "",
    ] {
        assert_eq!(person_with("picture", json!(picture)).picture(), None, "{picture}");
    }
    let long = person_with("name", json!("あ".repeat(100_000)));
    assert_eq!(long.name().unwrap().chars().count(), 1000);
}

#[test]
fn each_status_has_its_code() {
    for (status, code) in [
        (401, ErrorCode::TokenRefused),
        (403, ErrorCode::InsufficientScope),
        (0, ErrorCode::ResourceError),
        (204, ErrorCode::ResourceError),
        (302, ErrorCode::ResourceError),
        (404, ErrorCode::ResourceError),
        (500, ErrorCode::ResourceError),
    ] {
        let error = Profile::from_response(&answer(status, &person()), None, None).unwrap_err();
        assert_eq!(error.code(), code, "{status}");
    }
}

#[test]
fn an_answer_that_is_no_profile_is_refused() {
    let html =
        ServerResponse { content_type: Some("text/html".to_owned()), ..answer(200, &person()) };
    // Refused all the same, but it is JSON.
    let error = Profile::from_response(&html, None, None).unwrap_err();
    assert_eq!((error.code(), error.subject()), (ErrorCode::InvalidResponse, Some("Content-Type")));
    let page = ServerResponse { body: b"<html>".into(), ..html };
    let error = Profile::from_response(&page, None, None).unwrap_err();
    assert_eq!((error.code(), error.subject()), (ErrorCode::NotJson, Some("profile")));
    assert_eq!(read(&json!([person()]), None).unwrap_err(), ErrorCode::InvalidResponse);
    let twice = raw_answer(200, r#"{"sub":"hanako","sub":"evil"}"#);
    let error = Profile::from_response(&twice, Some(&id_token()), None).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidResponse);
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_profile_is_of_the_person_who_signed_in_or_none(
        sub in prop_oneof![Just(json!("hanako")), any_text().prop_map(|text| json!(text)), Just(json!(null)), any::<u64>().prop_map(|id| json!(id))],
        members in prop::collection::btree_map("[a-z_]{1,8}", any_text(), 0..5),
    ) {
        let mut body = json!(members);
        body["sub"] = sub.clone();
        match Profile::from_response(&answer(200, &body), Some(&id_token()), None) {
            Ok(profile) => {
                prop_assert_eq!(profile.subject(), "hanako");
                prop_assert_eq!(sub, json!("hanako"));
                for (name, value) in profile.claims() {
                    let given = body[name].as_str().unwrap_or_default();
                    prop_assert_eq!(value.chars().count(), given.chars().count());
                    prop_assert!(given.chars().zip(value.chars()).all(|(before, after)| before == after || after == ' '));
                    let acts = value.contains(['\u{202e}', '\n', '\0']);
                    prop_assert!(!acts);
                }
            }
            Err(_) => prop_assert_ne!(sub, json!("hanako")),
        }
    }

    #[test]
    fn any_bytes_are_read_without_panic(body: Vec<u8>, status: u16) {
        prop_assert!(Profile::from_response(&raw_answer(status, body), Some(&id_token()), None).is_err());
    }

    #[test]
    fn a_damaged_profile_is_of_the_same_person_or_none(body in damaged(person().to_string())) {
        if let Ok(profile) = Profile::from_response(&raw_answer(200, body), Some(&id_token()), None) {
            prop_assert_eq!(profile.subject(), "hanako");
            prop_assert!(profile.picture().is_none_or(|picture| picture.as_str().starts_with("https://")));
        }
    }
}
