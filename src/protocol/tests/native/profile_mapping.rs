//! Profiles of providers without OpenID Connect, in the shapes that their documentation has.

use super::*;

fn read(mapping: &ProfileMapping, body: &serde_json::Value) -> Result<Profile, ErrorCode> {
    Profile::from_response(&answer(200, body), None, Some(mapping)).map_err(|error| error.code())
}

/// Subject, name, e-mail address, whether it is verified, and picture.
type Told = (String, Option<String>, Option<String>, bool, Option<String>);

fn told(profile: &Profile) -> Told {
    (
        profile.subject().to_owned(),
        profile.name().map(str::to_owned),
        profile.email().map(str::to_owned),
        profile.email_verified(),
        profile.picture().map(|url| url.as_str().to_owned()),
    )
}

fn expect(
    subject: &str,
    name: Option<&str>,
    email: Option<&str>,
    is_verified: bool,
    picture: Option<&str>,
) -> Told {
    let own = |text: Option<&str>| text.map(str::to_owned);
    (subject.to_owned(), own(name), own(email), is_verified, own(picture))
}

fn discord() -> ProfileMapping {
    ProfileMapping::new("id")
        .name("global_name")
        .name("username")
        .email("email")
        .email_verified("verified")
        .picture("https://cdn.discordapp.com/avatars/{id}/{avatar}.png")
}

fn discord_user() -> serde_json::Value {
    json!({
        "id": "417000000000000017", "username": "hanako", "discriminator": "0",
        "global_name": "Hanako Y.", "avatar": "a_0f3c", "email": "hanako@example.jp",
        "verified": true, "mfa_enabled": false, "locale": "ja", "flags": 0, "banner": null,
    })
}

#[test]
fn googles_own_answer_is_read_by_a_mapping() {
    let mapping = ProfileMapping::new("id")
        .name("name")
        .email("email")
        .email_verified("verified_email")
        .picture("picture");
    let body = json!({
        "id": "100000000000000000007", "email": "hanako@example.jp", "verified_email": true,
        "name": "山田花子", "given_name": "花子", "family_name": "山田",
        "picture": "https://pictures.example/h=s96-c",
    });
    let expected = expect(
        "100000000000000000007",
        Some("山田花子"),
        Some("hanako@example.jp"),
        true,
        Some("https://pictures.example/h=s96-c"),
    );
    assert_eq!(told(&read(&mapping, &body).unwrap()), expected);
}

#[test]
fn githubs_user_is_read_by_a_mapping() {
    let mapping =
        ProfileMapping::new("id").name("name").name("login").email("email").picture("avatar_url");
    let mut body = json!({
        "login": "hanako", "id": 4_170_017, "node_id": "MDQ6", "type": "User", "name": "Hanako",
        "avatar_url": "https://avatars.example/u/4170017?v=4", "email": null, "site_admin": false,
        "plan": { "name": "free" },
    });
    let picture = Some("https://avatars.example/u/4170017?v=4");
    let profile = read(&mapping, &body).unwrap();
    assert_eq!(told(&profile), expect("4170017", Some("Hanako"), None, false, picture));
    body["name"] = json!(null);
    assert_eq!(read(&mapping, &body).unwrap().name(), Some("hanako"));
}

#[test]
fn gitlabs_user_is_read_by_a_mapping() {
    let mapping = ProfileMapping::new("id")
        .name("name")
        .name("username")
        .email("email")
        .picture("avatar_url");
    let body = json!({
        "id": 17, "username": "hanako", "name": "Hanako Y", "state": "active", "locked": false,
        "avatar_url": "http://gitlab.example/a.png", "web_url": "https://gitlab.example/hanako",
        "email": "hanako@example.jp", "identities": [{ "provider": "ldap", "extern_uid": "h" }],
    });
    let profile = read(&mapping, &body).unwrap();
    // A picture that isn't https isn't loaded.
    let expected = expect("17", Some("Hanako Y"), Some("hanako@example.jp"), false, None);
    assert_eq!(told(&profile), expected);
    let shown: Vec<_> = profile.claims().map(|(name, _)| name.to_owned()).collect();
    assert!(shown.contains(&"web_url".to_owned()) && !shown.contains(&"identities".to_owned()));
}

#[test]
fn discords_user_is_read_by_a_mapping() {
    let picture = Some("https://cdn.discordapp.com/avatars/417000000000000017/a_0f3c.png");
    let expected =
        expect("417000000000000017", Some("Hanako Y."), Some("hanako@example.jp"), true, picture);
    assert_eq!(told(&read(&discord(), &discord_user()).unwrap()), expected);
    let mut body = discord_user();
    body["global_name"] = json!(null);
    body["avatar"] = json!(null);
    body["email"] = json!(null);
    body["verified"] = json!("true");
    let expected = expect("417000000000000017", Some("hanako"), None, false, None);
    assert_eq!(told(&read(&discord(), &body).unwrap()), expected);
}

#[test]
fn spotifys_user_is_read_by_a_mapping() {
    let mapping =
        ProfileMapping::new("id").name("display_name").email("email").picture("images.0.url");
    let mut body = json!({
        "country": "JP", "display_name": "Hanako", "email": "hanako@example.jp", "id": "hanako17",
        "explicit_content": { "filter_enabled": false, "filter_locked": false },
        "followers": { "href": null, "total": 3 },
        "images": [{ "url": "https://i.example/1", "height": 300, "width": 300 }],
        "product": "premium", "type": "user", "uri": "spotify:user:hanako17",
    });
    let expected = expect(
        "hanako17",
        Some("Hanako"),
        Some("hanako@example.jp"),
        false,
        Some("https://i.example/1"),
    );
    assert_eq!(told(&read(&mapping, &body).unwrap()), expected);
    for none in
        [json!([]), json!(null), json!({}), json!([null]), json!([[]]), json!([{ "url": 1 }])]
    {
        body["images"] = none.clone();
        assert_eq!(read(&mapping, &body).unwrap().picture(), None, "{none}");
    }
}

#[test]
fn a_wrapped_answer_is_read_by_paths() {
    let mapping = ProfileMapping::new("data.user.id").name("data.user.name").email("data.mails.1");
    let body = json!({
        "data": { "user": { "id": -5, "name": "Hanako" }, "mails": ["a@example.jp", "b@example.jp"] },
    });
    let expected = expect("-5", Some("Hanako"), Some("b@example.jp"), false, None);
    assert_eq!(told(&read(&mapping, &body).unwrap()), expected);
}

#[test]
fn without_what_identifies_the_person_there_is_no_profile() {
    for odd in [
        json!(null),
        json!(""),
        json!(1.5),
        json!(true),
        json!([]),
        json!({}),
        json!(["417"]),
        json!("x".repeat(256)),
    ] {
        let mut body = discord_user();
        body["id"] = odd.clone();
        body["sub"] = json!("hanako");
        assert_eq!(read(&discord(), &body).unwrap_err(), ErrorCode::InvalidResponse, "{odd}");
    }
    for path in
        ["", ".", "id.", ".id", "id.0", "0", "none", "id.id", "locale.-1", "a.99999999999999999999"]
    {
        let result = read(&ProfileMapping::new(path), &discord_user());
        assert_eq!(result.unwrap_err(), ErrorCode::InvalidResponse, "{path}");
    }
}

#[test]
fn a_claim_that_is_mapped_is_read_from_nowhere_else() {
    let mapping = ProfileMapping::new("id").name("title").email("mail").email_verified("checked");
    let body = json!({
        "id": 1, "name": "not this", "email": "not@this.example", "email_verified": true,
        "mail": 5, "checked": 1,
    });
    assert_eq!(told(&read(&mapping, &body).unwrap()), expect("1", None, None, false, None));
}

#[test]
fn what_is_put_into_a_picture_stays_in_its_place() {
    for odd in ["..", "a/b", "?x", "#", "a.b", "%2e", "é", " ", "", "@evil.test"] {
        let mut body = discord_user();
        body["avatar"] = json!(odd);
        assert_eq!(read(&discord(), &body).unwrap().picture(), None, "{odd}");
    }
    for template in
        ["https://a.example/{id", "https://a.example/{}", "{id}", "http://a.example/{id}"]
    {
        let mapping = ProfileMapping::new("id").picture(template);
        assert_eq!(read(&mapping, &discord_user()).unwrap().picture(), None, "{template}");
    }
}

// OpenID Connect Core 5.3.2.
#[test]
fn beside_an_id_token_the_profile_is_still_of_its_subject() {
    let response = answer(200, &discord_user());
    let result = Profile::from_response(&response, Some(&id_token()), Some(&discord()));
    assert_eq!(result.unwrap_err().code(), ErrorCode::InvalidResponse);
    let mut body = discord_user();
    body["sub"] = json!("taro");
    let result = Profile::from_response(&answer(200, &body), Some(&id_token()), Some(&discord()));
    assert_eq!(result.unwrap_err().code(), ErrorCode::SubjectMismatch);
    body["sub"] = json!("hanako");
    let result = Profile::from_response(&answer(200, &body), Some(&id_token()), Some(&discord()));
    assert_eq!(result.unwrap().name(), Some("Hanako Y."));
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn no_mapping_and_no_answer_make_it_panic(path in any_text(), body in any_text()) {
        let mapping = ProfileMapping::new(&path).name(&path).picture(&path);
        let _ = Profile::from_response(&raw_answer(200, body), None, Some(&mapping));
        let _ = Profile::from_response(&answer(200, &discord_user()), None, Some(&mapping));
    }
}
