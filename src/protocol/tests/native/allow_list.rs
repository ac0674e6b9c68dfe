//! Where the access token may be sent.

use super::*;

// RFC 9700 section 4.9.1: the token goes to listed origins only, compared as parsed origins.
#[test]
fn r55_a_token_goes_to_listed_origins_only() {
    let config = config().allow_origin("https://api.example").unwrap();
    for listed in
        ["https://api.example", "https://api.example:443/mail?page=2", "https://API.example/x"]
    {
        assert_eq!(
            config.check_resource(listed).unwrap().origin(),
            "https://api.example",
            "{listed}"
        );
    }
    for other in [
        "https://api.example.evil.test/",
        "https://api.example:8443/",
        "https://evil.test/https://api.example",
        "https://app.example/",
        "https://id.example/userinfo",
        "https://xapi.example/",
    ] {
        let error = config.check_resource(other).unwrap_err();
        assert_eq!(error.code(), ErrorCode::OriginNotAllowed, "{other}");
    }
    for insecure in
        ["http://api.example/", "https://api.example@evil.test/", "//api.example/", "/mail"]
    {
        let error = config.check_resource(insecure).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InsecureUrl, "{insecure}");
    }
    assert!(self::config().check_resource("https://id.example/").is_err());
    for more_than_an_origin in
        ["https://api.example/mail", "https://api.example/?", "https://api.example//"]
    {
        let error = self::config().allow_origin(more_than_an_origin).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidConfig, "{more_than_an_origin}");
    }
}

fn with_path(path: &str) -> Config {
    config().allow_path(path).unwrap()
}

fn is_listed(config: &Config, url: &str) -> bool {
    match config.check_resource(url) {
        Ok(_) => true,
        Err(error) => {
            let code = error.code();
            assert!(matches!(code, ErrorCode::OriginNotAllowed | ErrorCode::InsecureUrl), "{url}");
            false
        }
    }
}

#[test]
fn r55_a_path_lists_itself_and_what_is_below_it() {
    let config = with_path("https://api.example/v1");
    for listed in ["/v1", "/v1/", "/v1/mail?page=2", "/v1//x", "/v1?q=../..", "/v1/a%20b/%E3%81%82"]
    {
        assert!(is_listed(&config, &format!("https://api.example{listed}")), "{listed}");
    }
    for other in
        ["", "/", "/v", "/v10", "/v1x/mail", "/v1;x", "/V1/mail", "/%761/mail", "//v1/mail"]
    {
        assert!(!is_listed(&config, &format!("https://api.example{other}")), "{other}");
    }
    for elsewhere in [
        "https://api.example.evil.test/v1/mail",
        "https://evil.test/v1/mail",
        "https://evil.test/https://api.example/v1/mail",
        "https://api.example:8443/v1/mail",
        "http://api.example/v1/mail",
        "https://hanako@api.example/v1/mail",
        "https://api.example@evil.test/v1/mail",
    ] {
        assert!(!is_listed(&config, elsewhere), "{elsewhere}");
    }
    // With a slash at its end a path is a folder, and what is listed is in it.
    let folder = with_path("https://api.example/v1/");
    assert!(is_listed(&folder, "https://api.example/v1/"));
    assert!(is_listed(&folder, "https://API.example:443/v1/mail"));
    assert!(!is_listed(&folder, "https://api.example/v1"));
}

// Proxies and servers decode, cut and resolve in their own ways, and some of them twice.
#[test]
fn r55_a_path_that_a_server_might_read_otherwise_is_not_listed() {
    let config = with_path("https://api.example/v1");
    for path in [
        "/v1/../admin",
        "/v1/%2e%2e/admin",
        "/v1/.%2E/admin",
        "/v1/..%2fadmin",
        "/v1/..%2Fadmin",
        "/v1/..%5cadmin",
        "/v1/..\\admin",
        "/v1/..;/admin",
        "/v1/..;a=b/admin",
        "/v1/.;/admin",
        "/v1/..%3b/admin",
        "/v1/%252e%252e/admin",
        "/v1/..%252fadmin",
        "/v1/..%%32fadmin",
        "/v1/..%c0%afadmin",
        "/v1/..%e0%80%afadmin",
        "/v1/%c0%ae%c0%ae/admin",
        "/v1/..%00/admin",
        "/v1/mail%",
        "/v1/mail%2",
        "/v1/mail%+f",
    ] {
        assert!(!is_listed(&config, &format!("https://api.example{path}")), "{path}");
    }
    // On a whole origin there is nowhere else to get to.
    let origin = config.allow_origin("https://api.example").unwrap();
    assert!(is_listed(&origin, "https://api.example/v1/..%2fadmin"));
}

#[test]
fn a_path_to_be_listed_has_one_meaning() {
    for path in ["https://api.example/v1?", "https://api.example/..%2f", "https://api.example/..;/"]
    {
        let error = config().allow_path(path).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidConfig, "{path}");
    }
    for insecure in ["http://api.example/v1", "https://api.example/../v1", "/v1", "api.example/v1"]
    {
        let error = config().allow_path(insecure).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InsecureUrl, "{insecure}");
    }
    assert!(is_listed(&with_path("https://api.example"), "https://api.example/anything"));
}

#[test]
fn an_error_names_the_place_and_not_what_is_asked_of_it() {
    let error = with_path("https://api.example/v1")
        .check_resource("https://api.example/v2/mail?key=very-secret")
        .unwrap_err();
    assert_eq!(error.subject(), Some("https://api.example/v2/mail"));
}

/// What a lenient server makes of a path: everything decoded as often as there is something to decode,
/// parameters cut off, slashes of both kinds, dot segments resolved.
fn resolved(path: &str) -> Vec<String> {
    let mut path = path.to_owned();
    loop {
        let decoded = percent_decoded(&path);
        if decoded == path {
            break;
        }
        path = decoded;
    }
    let mut segments: Vec<String> = Vec::new();
    for segment in path.split(['/', '\\']) {
        match segment.split([';', '\0']).next().unwrap_or_default() {
            "" | "." => {}
            ".." => drop(segments.pop()),
            name => segments.push(name.to_owned()),
        }
    }
    segments
}

/// Decodes what can be decoded, and leaves the rest as it is.
fn percent_decoded(path: &str) -> String {
    let mut decoded = String::new();
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once('%') {
        decoded.push_str(before);
        let digits = behind.get(..2).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits {
            Some(digits) => decoded.push(char::from(u8::from_str_radix(digits, 16).unwrap())),
            None => decoded.push('%'),
        }
        rest = behind.get(digits.map_or(0, str::len)..).unwrap_or_default();
    }
    decoded + rest
}

/// Paths of pieces that are used to get out of a folder.
fn any_path() -> impl Strategy<Value = String> {
    let pieces = vec![
        "/", "/", "/", "v1", "v1", "v10", "V1", "admin", ".", "..", "...", "%", "%2", "25", "%25",
        "%2e", "%2E", "%2f", "%2F", "%5c", "\\", ";", ";x=y", "%3b", "%00", "%76", "%31", "%c0%af",
        "?", "f", "e",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..12)
        .prop_map(|pieces| format!("/v1{}", pieces.concat()))
}

proptest! {
    #![proptest_config(cases(4096))]

    #[test]
    fn whatever_a_server_reads_is_below_what_is_listed(path in any_path()) {
        for listed in ["https://api.example/v1", "https://api.example/v1/"] {
            let Ok(url) = with_path(listed).check_resource(&format!("https://api.example{path}")) else {
                continue;
            };
            prop_assert_eq!(url.origin(), "https://api.example");
            let segments = resolved(url.path());
            prop_assert_eq!(segments.first().map(String::as_str), Some("v1"), "{}", path);
        }
    }

    #[test]
    fn an_ordinary_path_is_listed(below in "(/[a-zA-Z0-9_~()@:-]{1,8}){0,4}(\\?[a-z=&]{0,8})?") {
        let url = format!("https://api.example/v1{below}");
        prop_assert!(is_listed(&with_path("https://api.example/v1"), &url), "{}", url);
    }

    #[test]
    fn no_other_host_is_listed(host in "[a-z.:@/-]{0,24}") {
        let config = with_path("https://api.example/v1").allow_origin("https://api.example").unwrap();
        if let Ok(url) = config.check_resource(&format!("https://{host}/v1/mail")) {
            let theirs = url::Url::parse(&format!("https://{host}/v1/mail")).unwrap();
            prop_assert_eq!(theirs.origin().ascii_serialization(), "https://api.example");
            prop_assert_eq!(url.origin(), "https://api.example");
        }
    }
}

#[test]
fn the_longest_that_is_listed_says_which_token_is_sent() {
    let api = |url: &str, resource: &str| Api::at(url).unwrap().resource(resource).unwrap();
    let config = config()
        .allow_origin("https://api.example")
        .unwrap()
        .allow_api(api("https://api.example/mail", "urn:mail"))
        .allow_api(api("https://api.example/mail/v2", "urn:mail:2"))
        .allow_api(Api::at("https://files.example").unwrap().audience("files"));
    for (url, name) in [
        ("https://api.example/other", None),
        ("https://api.example/mailbox", None),
        ("https://api.example/mail", Some("resource=urn%3Amail")),
        ("https://api.example/mail/v1", Some("resource=urn%3Amail")),
        ("https://api.example/mail/v2/1", Some("resource=urn%3Amail%3A2")),
        ("https://files.example/x", Some("audience=files")),
    ] {
        let (_, api) = config.api_of(url).unwrap();
        assert_eq!(api.token_name().as_deref(), name, "{url}");
    }
    assert!(config.api_of("https://elsewhere.example/").is_err());
}

// Where the sign-in has not named an API, no refresh may (RFC 8707 section 2.2).
#[test]
fn a_sign_in_asks_for_what_all_apis_need() {
    let api = |resource: &str| {
        Api::at("https://api.example/v1")
            .and_then(|api| api.resource(resource)?.scope("mail openid"))
    };
    let config = config()
        .request_options(RequestOptions::new().resource("urn:own").unwrap())
        .allow_api(api("urn:mail").unwrap())
        .allow_api(api("urn:mail").unwrap())
        .allow_api(api("urn:own").unwrap());
    assert_eq!(config.login_scope().joined(), "openid profile email mail");
    let request = request_at(&config, &metadata());
    let named = |name: &str| {
        let pairs = form_urlencoded::parse(request.form().as_bytes());
        pairs
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(named("resource"), ["urn:own", "urn:mail"]);
    assert_eq!(named("scope"), ["openid profile email mail"]);
    assert_eq!(
        request.pending_login().options().resources(),
        ["urn:own"],
        "the code's token is the app's"
    );
}

#[test]
fn an_api_is_checked_as_it_is_listed() {
    assert_eq!(Api::at("http://api.example").unwrap_err().code(), ErrorCode::InsecureUrl);
    for bad in ["https://api.example/?a=b", "https://api.example/..%2fadmin"] {
        assert_eq!(Api::at(bad).unwrap_err().code(), ErrorCode::InvalidConfig, "{bad}");
    }
    let api = Api::at("https://api.example").unwrap();
    assert_eq!(api.clone().resource("mail").unwrap_err().code(), ErrorCode::InvalidConfig);
    assert_eq!(api.clone().scope("a\"b").unwrap_err().code(), ErrorCode::InvalidScope);
    assert_eq!(api.token_name(), None, "the session's own token serves");
}
