//! What real providers and browsers do, as far as it is a matter of judging: `f01_…` is field report 1.

use super::*;

const HEADER: &str = r#"{"alg":"RS256"}"#;

pub(super) fn named(claims: &serde_json::Value) -> IdToken {
    verify_by(&jws(HEADER, &claims.to_string()), login(), NOW).unwrap()
}

fn refreshed(name: &str, value: serde_json::Value, original: &IdToken) -> Result<IdToken, Error> {
    let mut claims = claims_without("nonce");
    claims[name] = value;
    let token = RawIdToken::new(&jws(HEADER, &claims.to_string()));
    let token = token.read()?.verified(true).unwrap();
    let (access_token, issuer) = (AccessToken::new(ACCESS_TOKEN), Issuer::parse(ISSUER)?);
    IdToken::of_refresh(&token, original, &access_token, &issuer, &config(), NOW)
}

#[test]
fn f01_f35_audiences_of_siblings_beside_the_apps_own() {
    let mut claims = claims_with("aud", json!([CLIENT_ID, "280000000000000001", "sibling"]));
    claims["azp"] = json!(CLIENT_ID);
    assert_eq!(verify(&claims), Ok("hanako".to_owned()));
    claims["aud"] = json!([CLIENT_ID, "account"]);
    assert_eq!(verify(&claims), Ok("hanako".to_owned()));
    claims["azp"] = json!("sibling");
    assert_eq!(verify(&claims), Err((ErrorCode::IdTokenInvalid, "azp".to_owned())));
}

#[test]
fn f02_f36_the_person_was_asked_again_for_another_app() {
    let original = named(&claims_with("auth_time", json!(NOW.0 - 4600)));
    let newer = refreshed("auth_time", json!(NOW.0 - 1000), &original).unwrap();
    assert_eq!(newer.auth_time(), Some(UnixTime(NOW.0 - 1000)));
}

#[test]
fn f04_lists_of_any_length() {
    let groups: Vec<_> = (0..1001).map(|number| format!("group-{number}")).collect();
    let token = named(&claims_with("groups", json!(groups)));
    assert_eq!(token.claims().texts("groups").len(), 1001);
    let body = json!({ "sub": "hanako", "groups": groups });
    let profile = Profile::from_response(&answer(200, &body), Some(&id_token()), None).unwrap();
    assert_eq!(profile.all().texts("groups").len(), 1001);
    assert!(discover(&document_with("scopes_supported", json!(groups))).is_ok());
}

#[test]
fn f05_claims_are_there_to_be_read() {
    let mut claims = claims_with("roles", json!(["editor"]));
    claims["tid"] = json!("tenant");
    claims["realm_access"] = json!({ "roles": ["admin"] });
    claims["limit"] = json!(1.50);
    let token = named(&claims);
    assert_eq!(token.claims().texts("roles"), ["editor"]);
    assert_eq!(token.claims().texts("tid"), ["tenant"]);
    assert_eq!(token.claims().text("tid"), Some("tenant"));
    assert_eq!(token.claims().json("realm_access").as_deref(), Some(r#"{"roles":["admin"]}"#));
    assert_eq!(token.claims().read::<f64>("limit"), Some(1.5));
    assert_eq!(token.claims().read::<Vec<u8>>("roles"), None);
    assert_eq!(token.claims().json("none"), None);
    // A log is no place for them.
    assert!(!format!("{token:?}").contains("editor"));
}

#[test]
fn f06_f07_the_name_of_the_id_token() {
    let mut claims = claims_with("name", json!("Hanako"));
    claims["picture"] = json!("https://pictures.example/hanako.png");
    let original = named(&claims);
    assert_eq!(original.profile().name(), Some("Hanako"));
    assert!(original.profile().picture().is_some());
    // What is of the token is nothing about the person (F51).
    let told: Vec<_> = original.profile().claims().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(told, ["name", "picture", "sub"]);
    // A renewed token that says less takes no name away; one that says otherwise gives another.
    let newer = refreshed("x", json!(1), &original).unwrap();
    assert_eq!(newer.profile().name(), Some("Hanako"));
    assert_eq!(newer.claims().text("name"), None);
    let married = refreshed("name", json!("Hanako Sato"), &newer).unwrap();
    assert_eq!(married.profile().name(), Some("Hanako Sato"));
    let userinfo = answer(200, &json!({ "sub": "hanako", "email": "hanako@example.jp" }));
    let profile = Profile::from_response(&userinfo, Some(&original), None).unwrap();
    let profile = profile.completed_by(original.profile());
    assert_eq!((profile.name(), profile.email()), (Some("Hanako"), Some("hanako@example.jp")));
}

#[test]
fn f08_values_in_another_type() {
    let read = |body: serde_json::Value, id_token: &IdToken| {
        Profile::from_response(&answer(200, &body), Some(id_token), None)
    };
    let verified = json!({ "sub": "hanako", "email_verified": "true" });
    assert!(read(verified, &id_token()).unwrap().email_verified());
    let numbered = named(&claims_with("sub", json!("248289761001")));
    assert!(read(json!({ "sub": 248_289_761_001_u64 }), &numbered).is_ok());
    let other = read(json!({ "sub": 248_289_761_002_u64 }), &numbered).unwrap_err();
    assert_eq!(other.code(), ErrorCode::SubjectMismatch);
}

#[test]
fn f10_an_api_that_knows_bearer_tokens_gets_one() {
    let bearer = config().allow_origin("https://api.example").unwrap();
    assert_eq!(bearer.binds_tokens(true), Ok(false));
    let taking = config().allow_dpop_origin("https://api.example").unwrap();
    assert_eq!(taking.binds_tokens(true), Ok(true));
    let both = taking.clone().allow_path("https://old.example/v1").unwrap();
    assert_eq!(both.binds_tokens(true), Ok(false));
    assert_eq!(config().binds_tokens(true), Ok(true), "no API, and nothing to break");
    assert_eq!(taking.binds_tokens(false), Ok(false));
    assert_eq!(bearer.clone().dpop(Dpop::Required).binds_tokens(true), Ok(true));
    let none = bearer.dpop(Dpop::Required).binds_tokens(false).unwrap_err();
    assert_eq!(none.code(), ErrorCode::DpopNotSupported);
    assert_eq!(config().dpop(Dpop::Off).binds_tokens(true), Ok(false));
}

#[test]
fn f11_f44_a_plain_token_beside_a_bound_refresh_token() {
    let tokens = exchange(&token_answer_with("refresh_token", json!("bound"))).unwrap();
    assert_eq!(tokens.check_type(true, Dpop::WhenOffered), Ok(()));
    let required = tokens.check_type(true, Dpop::Required).unwrap_err();
    assert_eq!(required.code(), ErrorCode::DpopDowngrade);
}

#[cfg(feature = "dpop")]
#[test]
fn f31_a_document_elsewhere_and_metadata_by_hand() {
    let elsewhere = "https://id.example/p/.well-known/openid-configuration";
    let config = config().discovery_url(elsewhere).unwrap();
    assert_eq!(config.discovery_address(), elsewhere);
    assert_eq!(
        self::config().discovery_address(),
        format!("{ISSUER}/.well-known/openid-configuration")
    );
    // It must name the configured issuer all the same.
    let other = document_with("issuer", json!("https://other.example"));
    let error = ProviderMetadata::from_response(config.issuer(), &answer(200, &other)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::DiscoveryIssuerMismatch);
    let mut document = document_with("end_session_endpoint", json!("https://id.example/out"));
    document["revocation_endpoint"] = json!("https://id.example/revoke");
    let given = self::config().metadata(&document.to_string()).unwrap();
    let metadata = given.given_metadata().unwrap();
    assert!(metadata.revocation_endpoint().is_some() && metadata.end_session_endpoint().is_some());
    for (json, code) in [
        (other.to_string(), ErrorCode::DiscoveryIssuerMismatch),
        ("{".to_owned(), ErrorCode::NotJson),
        ("[]".to_owned(), ErrorCode::DiscoveryInvalid),
    ] {
        assert_eq!(self::config().metadata(&json).unwrap_err().code(), code, "{json}");
    }
}

#[test]
fn f33_f55_a_refused_proof_is_told_from_other_refusals() {
    use crate::protocol::dpop::refuses_proof;
    for (status, body) in [
        (
            400,
            json!({ "error": "invalid_request", "error_description": "DPoP proof is not active" }),
        ),
        (400, json!({ "error": "invalid_dpop_proof" })),
        (401, json!({ "error": "invalid_dpop_proof", "error_description": "iat" })),
    ] {
        assert!(refuses_proof(&answer(status, &body)), "{body}");
    }
    for (status, body) in [
        (400, json!({ "error": "invalid_request", "error_description": "no code" })),
        (400, json!({ "error": "use_dpop_nonce" })),
        (200, json!({ "error": "invalid_dpop_proof" })),
        (400, json!(["invalid_dpop_proof"])),
    ] {
        assert!(!refuses_proof(&answer(status, &body)), "{body}");
    }
    let challenge = r#"DPoP error="invalid_dpop_proof""#.to_owned();
    let api = ServerResponse { www_authenticate: Some(challenge), ..answer(401, &json!({})) };
    assert!(refuses_proof(&api));
}

#[test]
fn f14_a_hint_is_sent_and_not_checked() {
    let options = RequestOptions::new().acr_hint("tenant:shop");
    let wish = Wish { options, ..wish(&config()) };
    let request = AuthorizationRequest::new(&config(), &metadata(), wish, &random(), NOW).unwrap();
    assert_eq!(value_of(&request.url(), "acr_values").as_deref(), Some("tenant:shop"));
    let kept = PendingLogin::from_json(&request.pending_login().to_json()).unwrap();
    assert!(verify_by(&jws(HEADER, &claims().to_string()), kept, NOW).is_ok());
    // What is asked for comes before what is hinted at.
    let both = RequestOptions::new().acr_hint("tenant:shop").acr_values("urn:mfa");
    assert!(both.pairs().contains(&("acr_values", "urn:mfa".to_owned())));
}

#[test]
fn f49_providers_that_are_known_to_have_pkce_need_no_word() {
    let check = |issuer: &str, methods: serde_json::Value| {
        let config = Config::new(issuer, CLIENT_ID, REDIRECT_URI).unwrap();
        let mut document = document_with("code_challenge_methods_supported", methods);
        document["issuer"] = json!(issuer);
        let document = answer(200, &document);
        let metadata = ProviderMetadata::from_response(config.issuer(), &document).unwrap();
        let kept = crate::protocol::json::Object::parse(&metadata.to_json()).unwrap();
        assert_eq!(ProviderMetadata::from_object(&kept).unwrap(), metadata);
        config.check_provider(&metadata, config.requested_scope()).is_ok()
    };
    let entra = "https://login.microsoftonline.com/5b1c2d3e-4f60-4a7b-8c9d-0e1f2a3b4c5d/v2.0";
    let cognito = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc";
    let hosted = ["https://shop.b2clogin.com/t/v2.0", "https://t.ciamlogin.com/t"];
    for known in [entra, cognito, "https://acme.fusionauth.io"].into_iter().chain(hosted) {
        assert!(check(known, json!(null)), "{known}");
        assert!(!check(known, json!(["plain"])), "{known} says otherwise");
    }
    for unknown in
        [ISSUER, "https://login.microsoftonline.com.evil.example/", "https://fusionauth.io.x/"]
    {
        assert!(!check(unknown, json!(null)), "{unknown}");
    }
}

#[test]
fn f19_an_error_without_a_state_is_told_in_its_own_words() {
    let callback = callback("error=access_denied&error_description=No");
    assert!(callback.is_error_without_state());
    let error = callback.judge(None, true, &config(), NOW).unwrap_err();
    assert_eq!(error.code(), ErrorCode::StateMissing);
    assert_ne!(error.fault(), Fault::Attack);
    let said = error.provider().unwrap();
    assert_eq!((said.error.as_str(), said.description.as_deref()), ("access_denied", Some("No")));
}

#[test]
fn f20_f21_the_state_of_another_integration_is_told_from_ones_own() {
    assert!(State::is_of_this_client(&state()));
    assert!(State::is_of_this_client(State::of_popup(&[7; 32]).expose()));
    for other in ["xyz", "", "p.", "SPRING", "af0ifjsldkj", &"a".repeat(42), &"a".repeat(44)] {
        assert!(!State::is_of_this_client(other), "{other}");
    }
    assert!(!callback("code=SPRING").is_error_without_state());
}

#[test]
fn f22_a_state_alone_is_an_answer_if_a_login_waits_for_it() {
    let alone = callback(&format!("state={}&iss=https://id.example", state()));
    assert!(alone.is_empty());
    let error = alone.judge(Some(login()), false, &config(), NOW).unwrap_err();
    assert_eq!(error.code(), ErrorCode::CodeMissing);
    assert!(!callback("code=a&state=b").is_empty());
    let page = format!("{REDIRECT_URI}?state=chosen-by-the-page");
    assert_eq!(Callback::from_url(&page, &redirect_uri()), None);
}

#[test]
fn f48_an_answer_without_a_type_is_a_bearer_answer() {
    let tokens = exchange(&json!({ "access_token": "a-token" })).unwrap();
    assert_eq!(tokens.token_type(), TokenType::Bearer);
    assert!(tokens.check_type(false, Dpop::Required).is_err());
}

#[test]
fn f47_an_issuer_that_a_switch_takes_away_is_no_attack() {
    let answer = callback(&format!("code=a&state={}", state()));
    let error =
        answer.judge(Some(login_at(&metadata_with_iss())), false, &config(), NOW).unwrap_err();
    assert_eq!((error.code(), error.fault()), (ErrorCode::IssuerMissing, Fault::Configuration));
    assert!(error.message().contains("Exclude Issuer From Authentication Response"));
}

#[test]
fn f51_a_renewal_that_fails_speaks_of_no_code() {
    let bodies = [
        json!({ "error": "invalid_request" }),
        json!({ "error": "invalid_grant" }),
        json!({ "error": ["no"] }),
        json!({}),
    ];
    for (status, body) in
        (100..600).flat_map(|status| bodies.iter().map(move |body| (status, body)))
    {
        let response = answer(status, body);
        let refusal = refused_refresh::refusal(&response);
        let error = refusal.or_else(|| TokenResponse::from_response(&response, &scope("")).err());
        let code = error.unwrap().code();
        assert_ne!(code, ErrorCode::TokenRequestRefused, "{status} {body}");
    }
    for code in [ErrorCode::RenewalRefused, ErrorCode::SessionEnded, ErrorCode::SessionExpired] {
        let text = Error::new(code).message();
        assert!(!text.contains("code,") && !text.contains("the code."), "{text}");
    }
}

#[test]
fn f51_what_is_of_a_token_is_no_fact_about_a_person() {
    let body = json!({
        "sub": "hanako", "iss": ISSUER, "aud": CLIENT_ID, "exp": 4e9, "iat": 1, "rat": 1, "nbf": 1,
        "auth_time": 1, "acr": "1", "amr": ["pwd"], "azp": CLIENT_ID, "nonce": "n", "jti": "j",
        "sid": "s", "at_hash": "h", "nickname": "Hana",
    });
    let profile = Profile::from_response(&answer(200, &body), Some(&id_token()), None).unwrap();
    let told: Vec<_> = profile.claims().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(told, ["nickname", "sub"]);
    // An app that wants them has them.
    assert_eq!(profile.all().text("sid"), Some("s"));
}

#[test]
fn f51_json_is_not_said_to_be_none() {
    let refused = json!({ "error": "invalid_client", "error_description": "No." }).to_string();
    let given = json!({ "access_token": "a-token" }).to_string();
    for content_type in [None, Some("text/html"), Some("text/plain"), Some("text/json")] {
        let named = |status, body: &str| ServerResponse {
            content_type: content_type.map(str::to_owned),
            ..raw_answer(status, body)
        };
        // What a server says of why is read whatever it is called.
        let error = TokenResponse::from_response(&named(401, &refused), &scope("")).unwrap_err();
        assert_eq!(error.code(), ErrorCode::TokenRequestRefused, "{content_type:?}");
        assert_eq!(error.provider().unwrap().description.as_deref(), Some("No."));
        let over = named(400, r#"{"error":"invalid_grant"}"#);
        let code = refused_refresh::refusal(&over).unwrap().code();
        assert_eq!(code, ErrorCode::SessionEnded, "{content_type:?}");
        // What it gives is not, and that is what the error names.
        let error = TokenResponse::from_response(&named(200, &given), &scope("")).unwrap_err();
        assert_eq!(
            (error.code(), error.subject()),
            (ErrorCode::InvalidResponse, Some("Content-Type")),
            "{content_type:?}"
        );
        let error = TokenResponse::from_response(&named(200, "<p>"), &scope("")).unwrap_err();
        assert_eq!(error.code(), ErrorCode::NotJson, "{content_type:?}");
    }
    let marked = raw_answer(200, format!("\u{feff}{given}"));
    let error = TokenResponse::from_response(&marked, &scope("")).unwrap_err();
    assert_eq!(error.subject(), Some("byte order mark"));
    let marked = raw_answer(400, format!("\u{feff}{refused}"));
    let error = TokenResponse::from_response(&marked, &scope("")).unwrap_err();
    assert_eq!(error.provider().unwrap().error, "invalid_client");
}

// An attack is what somebody else must have made.
#[test]
fn a_clock_a_rotation_and_a_setting_are_no_attack() {
    let fault = |name: &str, value: serde_json::Value| {
        let token = jws(HEADER, &claims_with(name, value).to_string());
        verify_by(&token, login(), NOW).unwrap_err().fault()
    };
    assert_eq!(fault("iat", json!(NOW.0 + 720)), Fault::Browser);
    for (name, value) in [("aud", json!("other")), ("azp", json!("other")), ("iss", json!("x"))] {
        assert_eq!(fault(name, value), Fault::Configuration, "{name}");
    }
    for code in ["alg", "exp", "iat", "nbf"] {
        let error = Error::new(ErrorCode::IdTokenInvalid).about(code);
        assert_eq!(error.fault(), Fault::Provider, "{code}");
    }
    // Somebody's access token beside somebody else's ID token, or of another sign-in.
    assert_eq!(fault("at_hash", json!("AAAA")), Fault::Attack);
    assert_eq!(fault("nonce", json!("another")), Fault::Attack);
    for code in [ErrorCode::SigningKeyNotFound, ErrorCode::KeysInvalid, ErrorCode::DpopDowngrade] {
        assert_eq!(code.fault(), Fault::Provider, "{code:?}");
    }
}

// A setting that helps is named as the app's developer writes it.
#[test]
fn advice_names_the_setting_that_helps() {
    use crate::texts::Texts;
    for (code, setting) in [
        (ErrorCode::InvalidScope, "Config::scope"),
        (ErrorCode::OriginNotAllowed, "Config::allow_dpop_origin"),
        (ErrorCode::DiscoveryNotFound, "Config::discovery_url"),
        (ErrorCode::DiscoveryInvalid, "Config::metadata"),
        (ErrorCode::PkceNotSupported, "pkce=documented"),
        (ErrorCode::LoginExpired, "Config::login_limit"),
        (ErrorCode::InvalidTarget, "RequestOptions::resource"),
        (ErrorCode::PushedRequestRefused, "Par::Required"),
        (ErrorCode::ParNotSupported, "Par::Required"),
        (ErrorCode::DpopNotSupported, "Dpop::Required"),
        (ErrorCode::DpopDowngrade, "Dpop::Required"),
        (ErrorCode::DpopNonceRefused, "Dpop::Required"),
        (ErrorCode::IdTokenMissing, "Config::scope"),
        (ErrorCode::IdTokenInvalid, "Config::trusted_audience"),
        (ErrorCode::AuthenticationInsufficient, "RequestOptions::acr_hint"),
        (ErrorCode::SessionExpired, "Reload::AskProvider"),
        (ErrorCode::NoRefreshToken, "Config::scope"),
        (ErrorCode::LogoutNotSupported, "Session::can_end_at_provider"),
        (ErrorCode::TokenRefused, "RequestOptions::resource"),
        (ErrorCode::InsufficientScope, "SignIn::add_scope"),
        (ErrorCode::ProfileNotAvailable, "Config::profile_endpoint"),
    ] {
        for texts in [Texts::english(), Texts::japanese()] {
            let advice = texts.advice(code);
            assert!(advice.contains(setting), "{code:?}: {advice}");
        }
    }
}

#[test]
fn f53_dates_that_do_not_fit_are_a_clock() {
    for (name, date) in [("iat", NOW.0 + 720), ("exp", NOW.0 - 3600), ("iat", NOW.0 - 7200)] {
        let error = verify(&claims_with(name, json!(date))).unwrap_err();
        assert_eq!(error, (ErrorCode::ClockWrong, name.to_owned()));
    }
}
