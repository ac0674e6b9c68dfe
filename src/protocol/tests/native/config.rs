//! An app's settings, and what is judged by them alone.

use super::*;

fn config_at(issuer: &str, page: &str) -> Config {
    let redirect_uri = format!("https://app.example/shop/{page}");
    Config::new(issuer, CLIENT_ID, &redirect_uri).unwrap()
}

#[test]
fn t69_two_providers_with_one_issuer_are_refused() {
    let one = config_at("https://id.example", "a.html");
    let other = config_at("https://other.example", "b.html");
    // Compared to the letter, these are two (RFC 8414 section 4).
    let slash = config_at("https://id.example/", "c.html");
    assert!(Config::check_distinct(&[]).is_ok());
    assert!(Config::check_distinct(&[one.clone(), other.clone(), slash]).is_ok());
    let again = config_at("https://id.example", "d.html");
    let error = Config::check_distinct(&[one, other, again]).unwrap_err();
    assert_eq!((error.code(), error.subject()), (ErrorCode::InvalidConfig, Some(ISSUER)));
}

// RFC 9700 section 4.4.2: an answer must tell which of them it is from.
#[test]
fn r26_two_providers_do_not_share_a_redirect_uri() {
    let (one, other) =
        (config_at("https://id.example", "a.html"), config_at("https://other.example", "a.html"));
    let error = Config::check_distinct(&[one, other]).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidConfig);
}

// Which parameters can't be chosen is tested with the request's options.
#[test]
fn a_parameter_of_the_app_goes_with_the_request_once() {
    let config = config().parameter("kc_idp_hint", "old").unwrap();
    let config = config.parameter("ui", "a b&c=d#é").unwrap();
    let url = request_at(&config.parameter("kc_idp_hint", "google").unwrap(), &metadata()).url();
    let found: Vec<_> = pairs(&url).into_iter().filter(|(name, _)| name == "kc_idp_hint").collect();
    assert_eq!(found, [("kc_idp_hint".to_owned(), "google".to_owned())]);
    assert_eq!(value_of(&url, "ui").as_deref(), Some("a b&c=d#é"));
    assert_eq!(value_of(&url, "response_type").as_deref(), Some("code"));
    for (name, value) in [("state", "x"), ("kc_idp_hint", "")] {
        let error = super::config().parameter(name, value).unwrap_err();
        assert_eq!((error.code(), error.subject()), (ErrorCode::InvalidConfig, Some(name)));
    }
}

#[test]
fn what_keeps_a_login_from_ending_well_is_found_before_it_begins() {
    let check = |document: &serde_json::Value, scope_text: &str| {
        let metadata = discover(document).unwrap();
        let checked = config().check_provider(&metadata, &scope(scope_text));
        checked.map_err(|error| (error.code(), error.subject().unwrap_or_default().to_owned()))
    };
    assert_eq!(check(&document(), "openid"), Ok(()));
    for (name, value) in [
        ("jwks_uri", json!(null)),
        ("id_token_signing_alg_values_supported", json!(["HS256", "none"])),
    ] {
        let document = document_with(name, value);
        let refused = (ErrorCode::DiscoveryInvalid, name.to_owned());
        assert_eq!(check(&document, "openid"), Err(refused));
        assert_eq!(check(&document, "profile"), Ok(()), "nobody needs keys without ID tokens");
    }
}

#[test]
fn t84_a_login_that_begins_elsewhere_is_for_this_app_only() {
    let page = "https://app.example/shop/start.html";
    let config = config().initiate_login_uri(page).unwrap();
    let judge = |query: &str| {
        let wish = InitiatedLogin::from_url(&format!("{page}?{query}"), &config);
        wish.map_err(|error| error.subject().unwrap_or_default().to_owned())
    };
    let good =
        judge("iss=https%3A%2F%2Fid.example&target_link_uri=cart.html&login_hint=h").unwrap();
    let good = good.unwrap();
    assert_eq!(good.return_to().as_str(), "https://app.example/shop/cart.html");
    assert_eq!(good.login_hint(), Some("h"));
    for (query, what) in [
        ("iss=https%3A%2F%2Fid.example%2F", "iss"),
        ("iss=https://evil.example", "iss"),
        ("iss=https://id.example&iss=https://id.example", "iss"),
        ("iss=https://id.example&target_link_uri=https://evil.example/", "target_link_uri"),
        ("iss=https://id.example&target_link_uri=//evil.example", "target_link_uri"),
        ("iss=https://id.example&target_link_uri=javascript:alert(1)", "target_link_uri"),
        ("iss=https://id.example&login_hint=a&login_hint=b", "login_hint"),
    ] {
        assert_eq!(judge(query), Err(what.to_owned()), "{query}");
    }
    assert_eq!(judge("page=2"), Ok(None));
    let elsewhere = "https://app.example/shop/?iss=https://evil.example";
    assert_eq!(InitiatedLogin::from_url(elsewhere, &config), Ok(None));
}

#[test]
fn settings_name_where_tokens_are_kept() {
    for (name, keeping) in [
        ("in-memory", Some(Keeping::InMemory)),
        ("bound-to-browser", Some(Keeping::BoundToBrowser)),
        ("session-storage", Some(Keeping::SessionStorage)),
        ("In-Memory", None),
        ("local-storage", None),
        ("", None),
    ] {
        assert_eq!(Keeping::parse(name), keeping, "{name}");
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_login_that_begins_elsewhere_leads_to_a_page_of_the_app(target in any_text()) {
        let page = "https://app.example/shop/start.html";
        let config = config().initiate_login_uri(page).unwrap();
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("iss", ISSUER)
            .append_pair("target_link_uri", &target)
            .finish();
        if let Ok(wish) = InitiatedLogin::from_url(&format!("{page}?{query}"), &config) {
            let url = url::Url::parse(wish.unwrap().return_to().as_str()).unwrap();
            prop_assert_eq!(url.origin().ascii_serialization(), "https://app.example");
        }
    }
}
