//! What a session has, how refreshes change it, and that it is kept whole.

use super::*;

/// The answer to the code, with everything in it.
fn first() -> TokenResponse {
    let answer = json!({
        "access_token": "first", "token_type": "Bearer", "expires_in": 600,
        "refresh_token": "refresh-1", "id_token": "a.b.c", "scope": "openid mail",
    });
    exchange(&answer).unwrap()
}

fn answered(more: serde_json::Value) -> TokenResponse {
    let mut answer = json!({ "access_token": "next", "token_type": "DPoP" });
    for (name, value) in more.as_object().unwrap() {
        answer[name] = value.clone();
    }
    exchange(&answer).unwrap()
}

/// A token that names somebody, with all that is kept of one.
fn full_id_token() -> IdToken {
    let mut claims = claims_with("name", json!("Hanako"));
    claims["auth_time"] = json!(NOW.0 - 60);
    claims["acr"] = json!("gold");
    verify_by(&jws(r#"{"alg":"RS256"}"#, &claims.to_string()), login(), NOW).unwrap()
}

fn session() -> TokenSet {
    TokenSet::of_login(&first(), Some(full_id_token()), &login(), NOW)
}

#[test]
fn a_login_begins_with_what_it_brought() {
    let set = session();
    assert_eq!(set.access_token.expose(), "first");
    assert_eq!(set.refresh_token.as_ref().map(RefreshToken::expose), Some("refresh-1"));
    assert_eq!(set.id_token_hint.as_ref().map(RawIdToken::expose), Some("a.b.c"));
    assert_eq!((set.scope.joined().as_str(), set.life), ("openid mail", Some(600)));
    assert_eq!((set.received, set.began), (NOW, NOW));
    assert_eq!(set.expires_at(), Some(NOW.plus(600)));
    // Without an ID token that is believed there is none to show either.
    let set = TokenSet::of_login(&first(), None, &login(), NOW);
    assert_eq!((set.id_token, set.id_token_hint), (None, None));
    assert_eq!(TokenSet::of_login(&answered(json!({})), None, &login(), NOW).expires_at(), None);
}

// RFC 6749 section 6.
#[test]
fn what_a_refresh_does_not_bring_stays() {
    let (set, later) = (session(), NOW.plus(500));
    let kept = Some(full_id_token());
    let least = set.renewed(&answered(json!({})), kept.clone(), metadata(), later);
    assert_eq!((least.access_token.expose(), least.token_type), ("next", TokenType::Dpop));
    assert_eq!((&least.refresh_token, &least.id_token), (&set.refresh_token, &set.id_token));
    assert_eq!(least.id_token_hint, set.id_token_hint);
    assert_eq!((least.received, least.life, least.began), (later, None, NOW));

    assert_eq!((&least.id_token, &least.metadata), (&kept, &metadata()));

    let brings = json!({
        "refresh_token": "refresh-2", "id_token": "d.e.f", "expires_in": 60, "scope": "openid",
    });
    let newer = Some(id_token());
    let all = set.renewed(&answered(brings.clone()), newer.clone(), metadata_with_iss(), later);
    assert_eq!((all.id_token, all.scope.joined().as_str()), (newer, "openid"));
    assert_eq!(all.metadata, metadata_with_iss());
    assert_eq!(all.refresh_token.as_ref().map(RefreshToken::expose), Some("refresh-2"));
    assert_eq!(all.id_token_hint.as_ref().map(RawIdToken::expose), Some("d.e.f"));
    assert_eq!((all.received, all.life), (later, Some(60)));
    // One that nobody asked for is not shown to the provider.
    let without = TokenSet { id_token: None, id_token_hint: None, ..set };
    assert_eq!(without.renewed(&answered(brings), None, metadata(), later).id_token_hint, None);
}

// RFC 8707 section 2.2.
#[test]
fn an_api_has_a_token_of_its_own_beside_that_of_the_session() {
    let (set, later) = (session(), NOW.plus(100));
    let brings = answered(json!({ "expires_in": 60, "refresh_token": "refresh-2" }));
    let with = |set: &TokenSet, name: &str, brings: &TokenResponse| {
        set.with_api_token(name, brings, Some(full_id_token()), metadata(), later)
    };
    let both = with(&set, "mail", &brings);
    assert_eq!(both.access_token, set.access_token);
    assert_eq!((both.token_type, both.received, both.life), (set.token_type, NOW, set.life));
    assert_eq!(both.scope, set.scope);
    assert_eq!(both.refresh_token.as_ref().map(RefreshToken::expose), Some("refresh-2"));
    let own = both.for_api("mail").unwrap();
    assert_eq!((own.access_token.expose(), own.token_type), ("next", TokenType::Dpop));
    assert_eq!((own.received, own.expires_at()), (later, Some(later.plus(60))));
    assert_eq!(both.for_api("calendar"), None);
    // Another one of the same API takes its place.
    let third = exchange(&token_answer_with("access_token", json!("third"))).unwrap();
    let renewed = with(&with(&both, "calendar", &brings), "mail", &third);
    let all: Vec<&str> = renewed.access_tokens().map(AccessToken::expose).collect();
    assert_eq!(all, ["first", "next", "third"]);
    assert_eq!(renewed.for_api("mail").unwrap().access_token.expose(), "third");
}

#[test]
fn a_person_is_named_by_issuer_and_identifier_together() {
    let set = session();
    assert_eq!(set.person().as_deref(), Some("https://id.example hanako"));
    assert!(set.names_same_person(&set.renewed(&first(), set.id_token.clone(), metadata(), NOW)));
    let nobody = TokenSet { id_token: None, ..set.clone() };
    assert_eq!((nobody.person(), nobody.person_hash()), (None, None));
    // Two who are nobody are not the same one.
    assert!(!nobody.names_same_person(&nobody) && !nobody.names_same_person(&set));
    let other = verify_by(
        &jws(r#"{"alg":"RS256"}"#, &claims_with("sub", json!("taro")).to_string()),
        login(),
        NOW,
    );
    let other = TokenSet { id_token: Some(other.unwrap()), ..set.clone() };
    assert!(!set.names_same_person(&other));
    assert_ne!(set.person_hash(), other.person_hash());
    assert_eq!(set.person_hash().map(|hash| hash.len()), Some(43));
}

#[test]
fn the_provider_is_told_by_which_name_it_knows_the_person() {
    let hint = |more: serde_json::Value| {
        let mut claims = claims();
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let token = verify_by(&jws(r#"{"alg":"RS256"}"#, &claims.to_string()), login(), NOW);
        let set = TokenSet { id_token: Some(token.unwrap()), ..session() };
        set.login_hint().map(str::to_owned)
    };
    let email = json!({ "email": "hanako@id.example" });
    assert_eq!(hint(email).as_deref(), Some("hanako@id.example"));
    let both = json!({ "email": "hanako@id.example", "preferred_username": "hanako" });
    assert_eq!(hint(both).as_deref(), Some("hanako"));
    assert_eq!(hint(json!({})), None);
}

#[test]
fn a_session_is_kept_whole_and_for_its_own_app_and_provider_alone() {
    let brings = answered(json!({ "expires_in": 60 }));
    let bearer = exchange(&token_answer()).unwrap();
    let token = Some(full_id_token());
    let set = session().with_api_token("bound", &brings, token.clone(), metadata(), NOW.plus(1));
    let set = set.with_api_token("plain", &bearer, token, metadata(), NOW.plus(2));
    let set = TokenSet { resources: vec!["urn:a".to_owned(), "urn:b".to_owned()], ..set };
    let text = set.to_json(CLIENT_ID, false);
    assert_eq!(TokenSet::from_json(&text, &config()), Some(set.clone()));
    // Where only what is bound is to be kept, the other one goes.
    let bound = TokenSet::from_json(&set.to_json(CLIENT_ID, true), &config()).unwrap();
    assert!(bound.for_api("bound").is_some() && bound.for_api("plain").is_none());

    assert_eq!(TokenSet::from_json(&set.to_json("another", false), &config()), None);
    let elsewhere = Config::new("https://other.example", CLIENT_ID, REDIRECT_URI).unwrap();
    assert_eq!(TokenSet::from_json(&text, &elsewhere), None);
    for broken in ["", "{}", "[]", &text.replace("access_token", "access")] {
        assert_eq!(TokenSet::from_json(broken, &config()), None, "{broken}");
    }
    // The least that there can be.
    let least = TokenSet::of_login(&answered(json!({})), None, &login(), NOW);
    let text = least.to_json(CLIENT_ID, false);
    assert_eq!(TokenSet::from_json(&text, &config()), Some(least));
}

#[test]
fn the_claims_that_name_the_person_are_kept_when_a_newer_token_does_not() {
    let original = full_id_token();
    let token = jws(r#"{"alg":"RS256"}"#, &claims_without("nonce").to_string());
    let verified = RawIdToken::new(&token).read().unwrap().verified(true).unwrap();
    let issuer = metadata().issuer().clone();
    let renewed = IdToken::of_refresh(
        &verified,
        &original,
        &AccessToken::new(ACCESS_TOKEN),
        &issuer,
        &config(),
        NOW,
    )
    .unwrap();
    assert_eq!(renewed.profile().name(), Some("Hanako"));
    assert_eq!(renewed.auth_time(), Some(UnixTime(NOW.0 - 60)));
    assert_eq!((renewed.acr(), renewed.issuer()), (Some("gold"), ISSUER));
    let kept = TokenSet { id_token: Some(renewed), ..session() };
    let text = kept.to_json(CLIENT_ID, false);
    assert_eq!(TokenSet::from_json(&text, &config()), Some(kept));
}
