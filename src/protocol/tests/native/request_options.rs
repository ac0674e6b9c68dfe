//! What a request asks for beyond the usual.

use super::*;

/// The request of an app with `of_app` for a login with `of_login`.
fn request(of_app: RequestOptions, of_login: RequestOptions) -> AuthorizationRequest {
    let config = config().request_options(of_app);
    let wish = Wish { options: of_login, ..wish(&config) };
    AuthorizationRequest::new(&config, &metadata(), wish, &random(), NOW).unwrap()
}

fn url(options: RequestOptions) -> String {
    request(RequestOptions::new(), options).url()
}

fn values_of(url: &str, name: &str) -> Vec<String> {
    let pairs = pairs(url).into_iter().filter(|(known, _)| known == name);
    pairs.map(|(_, value)| value).collect()
}

fn refusal(options: Result<RequestOptions, Error>) -> (ErrorCode, String) {
    let error = options.unwrap_err();
    (error.code(), error.subject().unwrap_or_default().to_owned())
}

fn invalid(name: &str) -> (ErrorCode, String) {
    (ErrorCode::InvalidConfig, name.to_owned())
}

// OpenID Connect Core 3.1.2.1 and 5.5, RFC 8707 section 2.
#[test]
fn each_option_stands_in_the_request() {
    let options = RequestOptions::new()
        .max_age(300)
        .acr_values("urn:mfa urn:pin")
        .prompt("login consent")
        .and_then(|options| options.claims(r#"{"userinfo":{"email":null}}"#))
        .and_then(|options| options.resource("https://api.example/v1?x=y"))
        .and_then(|options| options.parameter("kc_idp_hint", "a&b=c"))
        .unwrap()
        .login_hint("花子@id.example")
        .ui_locales("ja en")
        .display("popup")
        .audience("https://api.example");
    let url = url(options);
    for (name, value) in [
        ("max_age", "300"),
        ("acr_values", "urn:mfa urn:pin"),
        ("prompt", "login consent"),
        ("claims", r#"{"userinfo":{"email":null}}"#),
        ("resource", "https://api.example/v1?x=y"),
        ("kc_idp_hint", "a&b=c"),
        ("login_hint", "花子@id.example"),
        ("ui_locales", "ja en"),
        ("display", "popup"),
        ("audience", "https://api.example"),
    ] {
        assert_eq!(values_of(&url, name), [value], "{name}");
    }
    assert_eq!(pairs(&url).len(), 8 + 10);
}

// RFC 8707 section 2.
#[test]
fn r13_a_resource_is_an_absolute_uri_without_fragment() {
    for good in
        ["https://api.example", "https://api.example/v1?x=y", "urn:example:api", "app+v1.0-x:y"]
    {
        let options = RequestOptions::new().resource(good).unwrap();
        assert_eq!(values_of(&url(options), "resource"), [good]);
    }
    for bad in [
        "",
        "api",
        "/api",
        "//api.example/",
        "api.example/v1",
        "https:",
        ":x",
        "1https://api.example",
        "ht tps://api.example",
        "https://api.example/#",
        "https://api.example/#a",
        "https://api.example/a b",
        " https://api.example",
        "https://api.example\n",
        "https://api.example/花",
        "日:x",
    ] {
        assert_eq!(refusal(RequestOptions::new().resource(bad)), invalid("resource"), "{bad:?}");
    }
}

// RFC 8707 sections 2.1 and 2.2: repeated, and again where the code is spent.
#[test]
fn r13_resources_stand_in_both_requests() {
    let both = ["https://a.example/", "https://b.example/?x=1&y=2"];
    let options = both.into_iter().try_fold(RequestOptions::new(), RequestOptions::resource);
    let request = request(RequestOptions::new(), options.unwrap());
    assert_eq!(values_of(&request.url(), "resource"), both);
    let kept = PendingLogin::from_json(&request.pending_login().to_json()).unwrap();
    let code = AuthorizationCode::new(CODE);
    let request = TokenRequest::new(&Authorization { code, pending_login: kept });
    let form = format!("https://any.example/?{}", request.body());
    assert_eq!(values_of(&form, "resource"), both);
    let without = TokenRequest::new(&judge("code=a&state=STATE").unwrap());
    assert!(!without.body().contains("resource"), "{}", without.body());
}

// OpenID Connect Core 3.1.2.1.
#[test]
fn r16_prompt_none_stands_alone() {
    for good in [
        "none",
        "login",
        "login consent",
        "select_account",
        "create",
        " none ",
        "nonexistent login",
    ] {
        let options = RequestOptions::new().prompt(good).unwrap();
        assert_eq!(values_of(&url(options), "prompt"), [good.trim()], "{good}");
    }
    for bad in ["none login", "login none", "login  none consent", "none none"] {
        assert_eq!(refusal(RequestOptions::new().prompt(bad)), invalid("prompt"), "{bad}");
    }
    assert_eq!(refusal(RequestOptions::new().parameter("prompt", "none login")), invalid("prompt"));
}

// RFC 6749 section 4.1.1, RFC 7636 section 4.3: the flow is not the app's to change.
#[test]
fn r01_the_parameters_of_the_flow_can_not_be_chosen() {
    for name in [
        "",
        "response_type",
        "response_mode",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "code_verifier",
        "dpop_jkt",
        "request",
        "request_uri",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "client_",
        "client_anything",
        "grant_type",
        "code",
        "max_age",
        "acr_values",
        "resource",
        "prompt",
        "claims",
        // No names at all (RFC 6749 appendix A).
        "a b",
        "a&b",
        "a=b",
        "a&state",
        "é",
        "日本",
    ] {
        assert_eq!(refusal(RequestOptions::new().parameter(name, "x")), invalid(name));
    }
    for other in ["State", "login_hint", "id_token_hint", "connection", "p", "client"] {
        let options = RequestOptions::new().parameter(other, "x").unwrap();
        assert_eq!(values_of(&url(options), other), ["x"]);
    }
}

// OpenID Connect Core 5.5.
#[test]
fn claims_are_a_json_object() {
    for good in ["{}", r#"{"id_token":{"acr":{"essential":true}}}"#] {
        let options = RequestOptions::new().claims(good).unwrap();
        assert_eq!(values_of(&url(options), "claims"), [good]);
    }
    for bad in ["", "[]", "null", "{", "{} x", r#"{"a":1,"a":1}"#, "email", "\u{feff}{}"] {
        assert_eq!(refusal(RequestOptions::new().claims(bad)), invalid("claims"), "{bad}");
    }
}

// RFC 6749 section 3.1.
#[test]
fn r10_an_empty_option_is_left_out_and_a_second_one_takes_the_place() {
    let empty = RequestOptions::new()
        .acr_values("  ")
        .login_hint("")
        .ui_locales("")
        .display("")
        .audience("")
        .prompt("")
        .unwrap();
    assert_eq!(url(empty), url(RequestOptions::new()));
    assert_eq!(refusal(RequestOptions::new().parameter("x", "")), invalid("x"));
    let twice = RequestOptions::new()
        .max_age(1)
        .max_age(0)
        .login_hint("a")
        .login_hint("b")
        .acr_values("a")
        .acr_values(" b  c ")
        .parameter("login_hint", "c")
        .unwrap();
    let url = url(twice);
    assert_eq!(values_of(&url, "max_age"), ["0"]);
    assert_eq!(values_of(&url, "login_hint"), ["c"]);
    assert_eq!(values_of(&url, "acr_values"), ["b c"]);
}

#[test]
fn a_logins_options_come_before_the_apps() {
    let of_app = || {
        let options = RequestOptions::new().max_age(3600).acr_values("a b").login_hint("app");
        options.resource("urn:app").and_then(|options| options.prompt("consent")).unwrap()
    };
    let unchanged = request(of_app(), RequestOptions::new());
    let expected = request(RequestOptions::new(), of_app());
    assert_eq!(unchanged.url(), expected.url());
    assert_eq!(unchanged.pending_login().to_json(), expected.pending_login().to_json());

    let of_login = RequestOptions::new().max_age(0).acr_values("c").login_hint("login");
    let of_login = of_login.resource("urn:login").unwrap().ui_locales("ja");
    let url = request(of_app(), of_login).url();
    for (name, value) in [
        ("max_age", "0"),
        ("acr_values", "c"),
        ("login_hint", "login"),
        ("resource", "urn:login"),
        ("ui_locales", "ja"),
        ("prompt", "consent"),
    ] {
        assert_eq!(values_of(&url, name), [value], "{name}");
    }
}

// RFC 6749 section 3.1: what the endpoint's own query says of them does not count.
#[test]
fn r10_an_option_takes_the_place_of_the_endpoints_own() {
    let endpoint = "https://id.example/a?prompt=login&max_age=5&resource=urn:x&hint=x&tenant=1";
    let metadata = discover(&document_with("authorization_endpoint", json!(endpoint))).unwrap();
    let options = RequestOptions::new().max_age(0).prompt("none").unwrap();
    let config = config().parameter("hint", "y").unwrap();
    let config = config.request_options(options.resource("urn:y").unwrap());
    let url = request_at(&config, &metadata).url();
    for (name, value) in [
        ("prompt", "none"),
        ("max_age", "0"),
        ("resource", "urn:y"),
        ("hint", "y"),
        ("tenant", "1"),
    ] {
        assert_eq!(values_of(&url, name), [value], "{name}");
    }
}

// What the answer is judged by is what was asked for, also after the way through the storage.
#[test]
fn the_record_knows_what_was_asked_for() {
    let of_app = RequestOptions::new().acr_values("a b");
    let request = request(of_app, RequestOptions::new().max_age(0));
    for login in [
        request.pending_login().clone(),
        PendingLogin::from_json(&request.pending_login().to_json()).unwrap(),
    ] {
        assert_eq!(login.options().greatest_age(), Some(0));
        assert_eq!(login.options().classes(), ["a", "b"]);
        assert_eq!(login.options().resources(), Vec::<String>::new());
    }
    assert_eq!(login().options().greatest_age(), None);
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn no_option_changes_the_flow(name in any_text(), value in any_text(), hint in any_text(), classes in any_text()) {
        let options = RequestOptions::new().login_hint(&hint).acr_values(&classes);
        let plain = pairs(&url(RequestOptions::new()));
        let known = options.clone().parameter(&name, &value);
        let all = pairs(&url(known.unwrap_or(options)));
        prop_assert_eq!(&all[..8], &plain[..]);
        let mut names: Vec<_> = all.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        prop_assert_eq!(names.len(), all.len());
        prop_assert!(all.iter().all(|(_, value)| !value.is_empty()));
    }

    #[test]
    fn any_resource_is_refused_or_comes_through(text in any_text(), scheme in "(https://|urn:|[a-z]{0,3}:?)") {
        let uri = [scheme, text].concat();
        if let Ok(options) = RequestOptions::new().resource(&uri) {
            prop_assert!(uri.contains(':') && !uri.contains(['#', ' ', '\n']) && uri.is_ascii());
            prop_assert_eq!(values_of(&url(options), "resource"), [uri]);
        }
    }
}
