//! The settings of a widget: its attributes, judged.

use crate::protocol::{Config, Dpop, Error, ErrorCode, Keeping, Par, RequestOptions, SecureUrl};

/// Reads the attributes of a widget on `page`, whose relative URLs `resolve` makes absolute. What
/// can't be used is an error that names it; nothing is guessed.
pub(super) fn read(
    attribute: impl Fn(&str) -> Option<String>,
    page: &str,
    resolve: impl Fn(&str) -> Option<String>,
) -> Result<Config, Error> {
    let given = |name: &str| {
        attribute(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    };
    let required =
        |name: &str| given(name).ok_or_else(|| Error::new(ErrorCode::InvalidConfig).about(name));
    let issuer = required("issuer")?;
    let client_id = required("client-id")?;
    let home = SecureUrl::parse(page.split(['?', '#']).next().unwrap_or(page))?;
    let redirect_uri = match given("redirect-uri") {
        None => home.clone(),
        Some(url) => resolve(&url)
            .and_then(|url| within(&home, &url))
            .ok_or_else(|| bad("redirect-uri", &url))?,
    };
    opens_popup(&attribute)?;
    let mut config = Config::new(&issuer, &client_id, redirect_uri.as_str())?;
    if let Some(scope) = given("scope") {
        config = config.scope(&scope)?;
    }
    if let Some(url) = given("profile-endpoint") {
        config = config.profile_endpoint(&url)?;
    }
    if let Some(url) = given("discovery-url") {
        config = config.discovery_url(&url)?;
    }
    if let Some(uri) = given("resource") {
        config = config.request_options(RequestOptions::new().resource(&uri)?);
    }
    if let Some(url) = given("initiate-login-uri") {
        let page = resolve(&url).and_then(|url| within(&home, &url));
        config = config
            .initiate_login_uri(page.ok_or_else(|| bad("initiate-login-uri", &url))?.as_str())?;
    }
    config = match given("dpop").as_deref() {
        None => config,
        Some("required") => config.dpop(Dpop::Required),
        Some("off") => config.dpop(Dpop::Off),
        Some(other) => return Err(bad("dpop", other)),
    };
    config = match given("par").as_deref() {
        None => config,
        Some("required") => config.par(Par::Required),
        Some("off") => config.par(Par::Off),
        Some(other) => return Err(bad("par", other)),
    };
    config = match given("pkce").as_deref() {
        None => config,
        Some("documented") => config.pkce_is_documented(),
        Some(other) => return Err(bad("pkce", other)),
    };
    if let Some(name) = given("keep") {
        config = config.keep(Keeping::parse(&name).ok_or_else(|| bad("keep", &name))?);
    }
    Ok(config)
}

/// An attribute that can't be used, with what it says.
fn bad(name: &str, value: &str) -> Error {
    Error::new(ErrorCode::InvalidConfig).about(&[name, " ", value].concat())
}

/// Whether people sign in in a window beside the page.
pub(super) fn opens_popup(attribute: impl Fn(&str) -> Option<String>) -> Result<bool, Error> {
    let mode = attribute("mode").unwrap_or_default();
    match mode.trim() {
        "" | "redirect" => Ok(false),
        "popup" => Ok(true),
        unknown => Err(bad("mode", unknown)),
    }
}

/// The URL, when it is of the page's origin: only a page of this origin can handle the answer.
fn within(home: &SecureUrl, url: &str) -> Option<SecureUrl> {
    SecureUrl::parse(url).ok().filter(|url| url.origin() == home.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

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
