//! The settings of a widget: its attributes, judged. What most of them say, [`Config`] reads by their names.

use std::cell::RefCell;

#[cfg(feature = "presets")]
use crate::protocol::presets::named;
use crate::protocol::{Config, Error, ErrorCode, SecureUrl};

/// Reads the attributes of a widget on `page`, whose relative URLs `resolve` makes absolute. What
/// can't be used is an error that names it; nothing is guessed.
pub(super) fn read(
    attribute: impl Fn(&str) -> Option<String>,
    page: &str,
    resolve: impl Fn(&str) -> Option<String>,
) -> Result<Config, Error> {
    let given = |name: &str| {
        let value = attribute(name)?.trim().to_owned();
        match (name, value.as_str()) {
            // Its being there says so, as with HTML's own such attributes.
            ("refresh-token", "") => Some("true".to_owned()),
            ("refresh-token", "false") | (_, "") => None,
            _ => Some(value),
        }
    };
    let home = SecureUrl::parse(page.split(['?', '#']).next().unwrap_or(page))?;
    let own_page = |name: &str, url: &str| {
        resolve(url).and_then(|url| within(&home, &url)).ok_or_else(|| bad(name, url))
    };
    let redirect_uri = match given("redirect-uri") {
        None => home.clone(),
        Some(url) => own_page("redirect-uri", &url)?,
    };
    let mut config = beginning(&given, redirect_uri.as_str())?;
    opens_popup(&attribute)?;
    ends_at_provider(&attribute)?;
    for name in Config::NAMES {
        if let Some(value) = given(name) {
            let named = |error: Error| Error::new(error.code()).about_setting(name, &value);
            config.set(name, &value).map_err(named)?;
        }
    }
    if let Some(url) = given("initiate-login-uri") {
        config = config.initiate_login_uri(own_page("initiate-login-uri", &url)?.as_str())?;
    }
    if let Some(url) = given("post-logout-redirect-uri") {
        let page = own_page("post-logout-redirect-uri", &url)?;
        config = config.post_logout_redirect_uri(page.as_str())?;
    }
    Ok(config)
}

/// The settings to begin with: a preset's, or those of a provider of which nothing but the issuer is known.
fn beginning(given: &dyn Fn(&str) -> Option<String>, redirect_uri: &str) -> Result<Config, Error> {
    let used = RefCell::new(Vec::new());
    let input = |name: &'static str| {
        used.borrow_mut().push(name);
        given(name)
    };
    let missing = |name| Error::new(ErrorCode::InvalidConfig).about(name);
    let client_id = || given("client-id").ok_or_else(|| missing("client-id"));
    let config = match given("preset") {
        Some(preset) => named::config(&preset, &input, &client_id()?, redirect_uri)?,
        None => {
            let issuer = input("issuer").ok_or_else(|| missing("issuer"))?;
            Config::new(&issuer, &client_id()?, redirect_uri)?
        }
    };
    // What would say nothing was meant to say something.
    for name in named::INPUTS {
        if let (Some(value), false) = (given(name), used.borrow().contains(&name)) {
            return Err(bad(name, &value));
        }
    }
    Ok(config)
}

#[cfg(not(feature = "presets"))]
mod named {
    use super::{Config, Error, bad};

    pub(super) const INPUTS: [&str; 0] = [];

    pub(super) fn config(
        name: &str,
        _: &dyn Fn(&'static str) -> Option<String>,
        _: &str,
        _: &str,
    ) -> Result<Config, Error> {
        Err(bad("preset", name))
    }
}

/// An attribute that can't be used, with what it says.
fn bad(name: &str, value: &str) -> Error {
    Error::new(ErrorCode::InvalidConfig).about_setting(name, value)
}

/// Whether people sign in in a window beside the page.
pub(super) fn opens_popup(attribute: impl Fn(&str) -> Option<String>) -> Result<bool, Error> {
    is_second("mode", ["redirect", "popup"], attribute)
}

/// Whether the button for signing out signs out of the provider, too.
pub(super) fn ends_at_provider(attribute: impl Fn(&str) -> Option<String>) -> Result<bool, Error> {
    is_second("sign-out", ["app", "provider"], attribute)
}

/// Whether an attribute is the second of two choices; the first counts unless it says so.
fn is_second(
    name: &str,
    [first, second]: [&str; 2],
    attribute: impl Fn(&str) -> Option<String>,
) -> Result<bool, Error> {
    match attribute(name).unwrap_or_default().trim() {
        known if known.is_empty() || known == first => Ok(false),
        known if known == second => Ok(true),
        unknown => Err(bad(name, unknown)),
    }
}

/// The URL, when it is of the page's origin: only a page of this origin can handle the answer.
fn within(home: &SecureUrl, url: &str) -> Option<SecureUrl> {
    SecureUrl::parse(url).ok().filter(|url| url.origin() == home.origin())
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;
    #[cfg(feature = "presets")]
    use crate::protocol::presets::{Auth0, Keycloak};
    use crate::protocol::{
        Api, DiscoveryKind, Dpop, Keeping, LogoutKind, Par, ProfileMapping, Reload, RequestOptions,
    };

    const PAGE: &str = "https://shop.example/";

    fn read_at(page: &str, attributes: &[(&str, &str)]) -> Result<Config, Error> {
        let attribute = |name: &str| {
            let found = attributes.iter().find(|(given, _)| *given == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        // Absolute URLs only: the browser's own resolving is tested in the browser.
        read(attribute, page, |url| Some(url.to_owned()))
    }

    fn redirect(given: &str) -> Result<String, ErrorCode> {
        let attributes =
            [("issuer", "https://id.example"), ("client-id", "shop"), ("redirect-uri", given)];
        read_at("https://shop.example/a/page.html?x=1#y", &attributes)
            .map(|config| config.redirect_uri().as_str().to_owned())
            .map_err(|error| error.code())
    }

    #[test]
    fn redirect_uri_is_the_page_itself_unless_given() {
        assert_eq!(redirect("").unwrap(), "https://shop.example/a/page.html");
        assert_eq!(redirect(" ").unwrap(), "https://shop.example/a/page.html");
        assert_eq!(redirect("https://shop.example/b?c=d").unwrap(), "https://shop.example/b?c=d");
    }

    #[test]
    fn t87_redirect_uri_to_elsewhere_is_refused() {
        for given in [
            "javascript:alert(1)",
            "data:text/html,x",
            "https://evil.example/",
            "https://shop.example.evil/",
            "http://shop.example/",
            "https://shop.example:444/",
            "https://user@shop.example/",
            "https://shop.example/#fragment",
            "blob:https://shop.example/x",
        ] {
            assert_eq!(redirect(given), Err(ErrorCode::InvalidConfig), "{given}");
        }
    }

    #[test]
    fn t87_what_is_missing_or_bad_is_named() {
        let page = "https://shop.example/";
        let error = read_at(page, &[]).unwrap_err();
        assert_eq!((error.code(), error.subject()), (ErrorCode::InvalidConfig, Some("issuer")));
        let error = read_at(page, &[("issuer", "https://id.example")]).unwrap_err();
        assert_eq!(error.subject(), Some("client-id"));
        let error = read_at(page, &[("issuer", "javascript:alert(1)"), ("client-id", "shop")]);
        assert_eq!(error.unwrap_err().code(), ErrorCode::InsecureUrl);
        let error = read_at(page, &[("issuer", "<img src=x>"), ("client-id", "shop")]);
        assert_eq!(error.unwrap_err().code(), ErrorCode::InsecureUrl);
    }

    #[test]
    fn optional_settings_are_taken_over() {
        let config = read_at(
            "https://shop.example/",
            &[
                ("issuer", "https://id.example"),
                ("client-id", "shop"),
                ("scope", "read:user"),
                ("profile-endpoint", "https://api.example/user"),
                ("keep", " session-storage"),
            ],
        )
        .unwrap();
        assert_eq!(config.requested_scope().to_string(), "read:user");
        let endpoint = config.configured_profile_endpoint().unwrap();
        assert_eq!(endpoint.as_str(), "https://api.example/user");
        assert_eq!(config.wanted_keeping(), Keeping::SessionStorage);
    }

    #[test]
    fn what_a_provider_needs_can_be_said() {
        let read = |name: &str, value: &str| {
            let attributes =
                [("issuer", "https://id.example"), ("client-id", "shop"), (name, value)];
            read_at("https://shop.example/", &attributes).map_err(|error| error.code())
        };
        assert_eq!(read("dpop", "required").unwrap().wanted_dpop(), Dpop::Required);
        assert_eq!(read("dpop", "off").unwrap().wanted_dpop(), Dpop::Off);
        assert_eq!(read("par", "required").unwrap().wanted_par(), Par::Required);
        assert_eq!(read("par", "off").unwrap().wanted_par(), Par::Off);
        assert!(read("pkce", "documented").is_ok());
        let elsewhere = "https://id.example/p/.well-known/openid-configuration";
        assert_eq!(read("discovery-url", elsewhere).unwrap().discovery_address(), elsewhere);
        let page = "https://shop.example/signin.html";
        let config = read("initiate-login-uri", page).unwrap();
        assert_eq!(config.configured_initiate_login_uri().map(SecureUrl::as_str), Some(page));
        for (name, value) in [
            ("dpop", "maybe"),
            ("par", "yes"),
            ("pkce", "S256"),
            ("resource", "no-uri"),
            ("initiate-login-uri", "https://evil.example/"),
        ] {
            assert_eq!(read(name, value), Err(ErrorCode::InvalidConfig), "{name}");
        }
    }

    /// Reads these attributes beside the two that every app has.
    fn with(attributes: &[(&str, &str)]) -> Result<Config, (ErrorCode, Option<String>)> {
        let own = [("issuer", "https://id.example"), ("client-id", "shop")];
        let all: Vec<_> = own.into_iter().chain(attributes.iter().copied()).collect();
        read_at(PAGE, &all).map_err(told)
    }

    fn told(error: Error) -> (ErrorCode, Option<String>) {
        (error.code(), error.subject().map(str::to_owned))
    }

    fn plain() -> Config {
        Config::new("https://id.example", "shop", PAGE).unwrap()
    }

    #[test]
    fn each_attribute_says_what_its_setting_says() {
        let options = RequestOptions::new;
        for (attributes, expected) in [
            (&[("scope", "openid mail")][..], plain().scope("openid mail")),
            (
                &[("api", "https://a.example https://b.example/v1/")],
                plain()
                    .allow_path("https://a.example/")
                    .and_then(|config| config.allow_path("https://b.example/v1/")),
            ),
            (&[("dpop-api", "https://a.example")], plain().allow_dpop_origin("https://a.example")),
            (
                &[(
                    "own-token-api",
                    "https://a.example/v1?resource=urn:a&scope=read+write https://b.example?audience=b&dpop",
                )],
                Api::at("https://a.example/v1")
                    .and_then(|api| api.resource("urn:a")?.scope("read write"))
                    .and_then(|api| {
                        let other = Api::at("https://b.example")?.audience("b").takes_proofs();
                        Ok(plain().allow_api(api).allow_api(other))
                    }),
            ),
            (
                &[("trusted-audience", "api\n  sibling")],
                Ok(plain().trusted_audience("api").trusted_audience("sibling")),
            ),
            (&[("discovery", "oauth")], Ok(plain().discovery(DiscoveryKind::OAuth))),
            (
                &[("profile", "sub=id&name=nick&name=login&picture=https://c.example/{id}.png")],
                Ok(plain().profile_mapping(
                    ProfileMapping::new("id")
                        .name("nick")
                        .name("login")
                        .picture("https://c.example/{id}.png"),
                )),
            ),
            (
                &[("endpoints", "https://id.example/a https://id.example/t https://id.example/k")],
                plain()
                    .endpoints("https://id.example/a", "https://id.example/t")
                    .and_then(|config| config.keys("https://id.example/k")),
            ),
            (
                &[("resource", "https://a.example urn:b")],
                options()
                    .resource("https://a.example")
                    .and_then(|options| options.resource("urn:b"))
                    .map(|options| plain().request_options(options)),
            ),
            (
                &[("audience", "https://a.example/")],
                Ok(plain().request_options(options().audience("https://a.example/"))),
            ),
            (
                &[("prompt", "consent")],
                options().prompt("consent").map(|options| plain().request_options(options)),
            ),
            (
                &[("acr-values", "gold silver")],
                Ok(plain().request_options(options().acr_values("gold silver"))),
            ),
            (
                &[("acr-hint", "tenant:shop")],
                Ok(plain().request_options(options().acr_hint("tenant:shop"))),
            ),
            (
                &[("parameters", "kc_idp_hint=google&x=a%20b")],
                plain()
                    .parameter("kc_idp_hint", "google")
                    .and_then(|config| config.parameter("x", "a b")),
            ),
            (&[("dpop", "when-offered")], Ok(plain())),
            (&[("reload", "ask-provider")], Ok(plain().on_reload(Reload::AskProvider))),
            (&[("idle-limit", "900")], Ok(plain().idle_limit(Duration::from_secs(900)))),
            (&[("session-limit", "28800")], Ok(plain().session_limit(Duration::from_secs(28800)))),
            (&[("login-limit", "1800")], Ok(plain().login_limit(Duration::from_secs(1800)))),
            (&[("logout", "hint-required")], Ok(plain().logout(LogoutKind::HintRequired))),
            (&[("logout-hint-claim", "login_hint")], Ok(plain().logout_hint_claim("login_hint"))),
            (
                &[("logout-parameters", "ui_locales=ja")],
                plain().logout_parameter("ui_locales", "ja"),
            ),
            (
                &[("post-logout-redirect-uri", "https://shop.example/bye.html")],
                plain().post_logout_redirect_uri("https://shop.example/bye.html"),
            ),
        ] {
            assert_eq!(with(attributes), expected.map_err(told), "{attributes:?}");
        }
    }

    #[test]
    fn an_attribute_that_can_not_be_used_is_named() {
        let long = "a".repeat(20);
        for (name, value, code) in [
            ("scope", "a  \"b\"", ErrorCode::InvalidScope),
            ("api", "http://a.example", ErrorCode::InsecureUrl),
            ("dpop-api", "https://a.example/..%2fb", ErrorCode::InvalidConfig),
            ("own-token-api", "https://a.example?resource=no-uri", ErrorCode::InvalidConfig),
            ("own-token-api", "https://a.example?audiense=a", ErrorCode::InvalidConfig),
            ("own-token-api", "https://a.example?dpop=false", ErrorCode::InvalidConfig),
            ("profile-endpoint", "/me", ErrorCode::InsecureUrl),
            ("discovery", "saml", ErrorCode::InvalidConfig),
            ("discovery-url", "http://id.example/", ErrorCode::InsecureUrl),
            ("endpoints", "https://id.example/a", ErrorCode::InvalidConfig),
            ("endpoints", "https://id.example/a http://id.example/t", ErrorCode::InsecureUrl),
            ("profile", "name=login", ErrorCode::InvalidConfig),
            ("profile", "sub=id&password=secret", ErrorCode::InvalidConfig),
            ("resource", "no-uri", ErrorCode::InvalidConfig),
            ("prompt", "none login", ErrorCode::InvalidConfig),
            ("parameters", "client_secret=x", ErrorCode::InvalidConfig),
            ("parameters", "kc_idp_hint", ErrorCode::InvalidConfig),
            ("keep", "local-storage", ErrorCode::InvalidConfig),
            ("reload", "never", ErrorCode::InvalidConfig),
            ("idle-limit", "15 minutes", ErrorCode::InvalidConfig),
            ("idle-limit", "0", ErrorCode::InvalidConfig),
            ("session-limit", "-1", ErrorCode::InvalidConfig),
            ("login-limit", "ten", ErrorCode::InvalidConfig),
            ("login-limit", "-1", ErrorCode::InvalidConfig),
            ("logout", "quickly", ErrorCode::InvalidConfig),
            ("logout-parameters", "id_token_hint=x", ErrorCode::InvalidConfig),
            ("post-logout-redirect-uri", "https://evil.example/", ErrorCode::InvalidConfig),
            ("sign-out", "everywhere", ErrorCode::InvalidConfig),
            ("preset", "google", ErrorCode::InvalidConfig),
            ("realm", long.as_str(), ErrorCode::InvalidConfig),
        ] {
            let (found, subject) = with(&[(name, value)]).unwrap_err();
            assert_eq!(found, code, "{name}={value}");
            assert!(subject.unwrap_or_default().starts_with(name), "{name}={value}");
        }
    }

    #[cfg(feature = "presets")]
    #[test]
    fn a_preset_is_chosen_by_name_and_other_attributes_count_more() {
        let read = |attributes: &[(&str, &str)]| {
            let own = [("client-id", "shop")];
            let all: Vec<_> = own.into_iter().chain(attributes.iter().copied()).collect();
            read_at(PAGE, &all).map_err(told)
        };
        let keycloak = [
            ("preset", "keycloak"),
            ("server", "https://sso.example/"),
            ("realm", "tea"),
            ("upstream", "google"),
        ];
        let preset = Keycloak::new("https://sso.example", "tea").upstream("google");
        assert_eq!(read(&keycloak), preset.config("shop", PAGE).map_err(told));
        let auth0 = |more: (&'static str, &'static str)| {
            read(&[("preset", "auth0"), ("domain", "tea.eu.auth0.com"), more])
        };
        let preset = Auth0::new("tea.eu.auth0.com");
        for yes in ["", "true"] {
            let expected = preset.clone().refresh_token().config("shop", PAGE);
            assert_eq!(auth0(("refresh-token", yes)), expected.map_err(told));
        }
        let expected = preset.config("shop", PAGE).unwrap();
        assert_eq!(auth0(("refresh-token", "false")), Ok(expected.clone()));
        assert_eq!(auth0(("scope", "openid")), expected.scope("openid").map_err(told));
        // What the preset has to know is missing, or none, or it has no place for it.
        for (attributes, named) in [
            (&keycloak[..2], "realm"),
            (&[("preset", "keycloak"), ("server", "sso.example"), ("realm", "tea")], "server s"),
            (&[("preset", "cognito"), ("region", "eu/1"), ("user-pool", "a")], "region eu/1"),
            (&[("preset", "entra"), ("tenant", "shop.example")], "tenant shop.example"),
            (&[("preset", "auth0"), ("domain", "a.example"), ("realm", "tea")], "realm tea"),
            (&[("preset", "spotify"), ("issuer", "https://id.example")], "issuer https:"),
            (
                &[("preset", "authelia"), ("server", "https://a.example"), ("upstream", "b")],
                "upstr",
            ),
            (&[("preset", "hydra"), ("issuer", "a"), ("refresh-token", "true")], "issuer a"),
            (&[("preset", "dropbox"), ("refresh-token", "maybe")], "refresh-token maybe"),
        ] {
            let (_, subject) = read(attributes).unwrap_err();
            assert!(subject.unwrap_or_default().starts_with(named), "{attributes:?}");
        }
    }

    // Those that are read, those that the element watches, and those that the documents name are the same.
    #[test]
    fn each_attribute_is_watched_and_documented() {
        let own = ["client-id", "redirect-uri", "mode", "sign-out", "preset", "texts"];
        let pages = ["initiate-login-uri", "post-logout-redirect-uri"];
        let named = Config::NAMES.into_iter().chain(pages).chain(named::INPUTS);
        let mut read: Vec<_> = own.into_iter().chain(named).collect();
        read.sort_unstable();
        let script = include_str!("entry.js");
        let list = script.split('`').nth(1).expect("a list of names");
        let mut watched: Vec<_> = list.split_whitespace().collect();
        watched.sort_unstable();
        assert_eq!(watched, read);
        let types = include_str!("pixy-login.d.ts").lines();
        let typed: Vec<_> = types.filter_map(|line| line.strip_suffix(": string;")).collect();
        let mut properties: Vec<_> =
            typed.iter().filter(|name| !name.contains("readonly")).collect();
        properties.sort_unstable();
        // This one is a method.
        let names = list.split_whitespace().filter(|name| *name != "sign-out");
        let mut expected: Vec<String> =
            names.map(|name| format!("  {}", camel_case(name))).collect();
        expected.sort_unstable();
        assert_eq!(properties, expected.iter().collect::<Vec<_>>());
        let documents = [include_str!("../../README.md"), include_str!("../../docs/providers.md")];
        for name in read {
            let is_named = |text: &&str| {
                let forms = [["`", name, "`"], ["`", name, "=\""], [" ", name, "=\""]];
                forms.iter().any(|form| text.contains(&form.concat()))
            };
            assert!(documents.iter().any(is_named), "{name}");
        }
    }

    fn camel_case(name: &str) -> String {
        let mut words = name.split('-');
        let mut name = words.next().unwrap_or_default().to_owned();
        for word in words {
            name.extend(word.chars().take(1).map(|letter| letter.to_ascii_uppercase()));
            name.push_str(&word[1..]);
        }
        name
    }

    #[test]
    fn what_is_kept_has_one_of_three_names() {
        let error = read_at(
            "https://shop.example/",
            &[("issuer", "https://id.example"), ("client-id", "shop"), ("keep", "for ever")],
        )
        .unwrap_err();
        let expected = (ErrorCode::InvalidConfig, Some("keep for ever"));
        assert_eq!((error.code(), error.subject()), expected);
    }

    #[test]
    fn the_mode_is_one_of_two() {
        let mode = |mode: &str| {
            let attributes =
                [("issuer", "https://id.example"), ("client-id", "shop"), ("mode", mode)];
            read_at("https://shop.example/", &attributes).map_err(|error| error.code())
        };
        for known in ["", "redirect", "popup", " popup "] {
            assert!(mode(known).is_ok(), "{known}");
        }
        assert_eq!(mode("iframe"), Err(ErrorCode::InvalidConfig));
        assert_eq!(opens_popup(|_| Some("popup".to_owned())), Ok(true));
        assert_eq!(opens_popup(|_| None), Ok(false));
    }

    #[test]
    fn page_that_is_not_secure_is_an_error() {
        let attributes = [("issuer", "https://id.example"), ("client-id", "shop")];
        for page in ["http://shop.example/", "file:///home/page.html", "about:srcdoc"] {
            let error = read_at(page, &attributes).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InsecureUrl, "{page}");
        }
    }
}
