//! The demo's settings: a JSON block in the page, so that another provider needs no rebuild.

use crate::browser::page;
use crate::protocol::json::Object;
#[cfg(feature = "lesson")]
use crate::protocol::json::Value;
use crate::protocol::names::by_name;
use crate::protocol::{
    Api, Config, Dpop, Error, ErrorCode, Keeping, Par, RequestOptions, SecureUrl,
};

/// The id of the block.
const BLOCK: &str = "pixy-settings";

/// The page, in the folder of the app, that the provider sends people back to.
const REDIRECT_PAGE: &str = "callback.html";

/// The names that the block may have. Another is a mistake, such as a client secret.
const NAMES: [&str; 20] = [
    "issuer",
    "client_id",
    "scope",
    // The API that has the mail.
    "resource_server",
    // `true`: it takes tokens that are bound to a key (DPoP).
    "resource_server_takes_dpop",
    // What the provider calls it, where it gets an access token of its own (RFC 8707).
    "resource_server_resource",
    // For providers without OpenID Connect's userinfo endpoint.
    "profile_endpoint",
    // For providers without a discovery document: both.
    "authorization_endpoint",
    "token_endpoint",
    // … and where its keys are, when it has ID tokens.
    "jwks_uri",
    // The API that the token is for (RFC 8707).
    "resource",
    // `required` or `off`; by default where the provider offers it.
    "dpop",
    "par",
    // `documented`, for providers whose documentation, but not their metadata, promises PKCE.
    "pkce",
    // `true`: people sign in in a window beside the page.
    "popup",
    // Where the tokens are between two pages: `in-memory`, `bound-to-browser` or `session-storage`.
    "keep",
    // `true`: the tokens are in a worker of their own.
    "vault",
    // What only the provider of the demo has: clients to act out attacks with.
    "lesson",
    // Whom the provider sends people on to at once: `google` or `github`.
    "upstream",
    // `true`: a stand-in takes its place.
    "upstream_is_stand_in",
];

/// What the block says.
#[derive(Clone)]
pub(crate) struct Settings(Object);

impl Settings {
    /// The settings of this page.
    pub(crate) fn of_page() -> Result<Self, Error> {
        Self::parse(&page::text(BLOCK).unwrap_or_default())
    }

    /// The address of the API that has the mail.
    pub(crate) fn resource_server(&self) -> Result<Option<&str>, Error> {
        self.optional("resource_server")
    }

    /// Whether people sign in in a window beside the page.
    pub(crate) fn popup(&self) -> Result<bool, Error> {
        self.flag("popup")
    }

    /// Where the profile is, where the provider's document does not say it.
    #[cfg(feature = "lesson")]
    pub(crate) fn profile_endpoint(&self) -> Option<&str> {
        self.optional("profile_endpoint").ok()?
    }

    /// Who signs people in.
    #[cfg(feature = "lesson")]
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.optional("issuer").ok()?
    }

    /// Whom the provider sends people on to.
    pub(crate) fn upstream(&self) -> Result<Option<Upstream>, Error> {
        let Some(name) = self.optional("upstream")? else { return Ok(None) };
        by_name(&Upstream::NAMES, name).map(Some).ok_or_else(|| invalid("upstream"))
    }

    /// Whether that is a stand-in.
    #[cfg(feature = "demo")]
    pub(crate) fn upstream_is_stand_in(&self) -> Result<bool, Error> {
        self.flag("upstream_is_stand_in")
    }

    /// The clients that the provider of the demo has for acting out attacks, if there are any.
    #[cfg(feature = "lesson")]
    pub(crate) fn lesson(&self) -> Option<LessonClients> {
        let Some(Value::Object(lesson)) = self.0.get("lesson") else { return None };
        Some(LessonClients {
            without_pkce: lesson.text("client_without_pkce").ok()?.to_owned(),
            brief: lesson.text("brief_client").ok()?.to_owned(),
        })
    }

    fn parse(text: &str) -> Result<Self, Error> {
        let object = Object::parse(text).map_err(|_| invalid(BLOCK))?;
        let mut names = object.members().iter().map(|(name, _)| name.as_str());
        if let Some(unknown) = names.find(|name| !NAMES.contains(name)) {
            return Err(invalid(unknown));
        }
        Ok(Self(object))
    }

    fn required(&self, name: &str) -> Result<&str, Error> {
        self.optional(name)?.ok_or_else(|| invalid(name))
    }

    fn optional(&self, name: &str) -> Result<Option<&str>, Error> {
        self.0.optional_text(name).map_err(|_| invalid(name))
    }

    fn flag(&self, name: &str) -> Result<bool, Error> {
        self.0.flag(name).map_err(|_| invalid(name))
    }

    /// Whether the tokens are to be in a vault.
    pub(crate) fn wants_vault(&self) -> Result<bool, Error> {
        self.flag("vault")
    }

    /// The client's settings, for an app in this folder.
    pub(crate) fn config(&self, folder: &str) -> Result<Config, Error> {
        self.config_of(self.required("client_id")?, folder)
    }

    /// The settings of another client that has the same redirect URI.
    pub(crate) fn config_of(&self, client_id: &str, folder: &str) -> Result<Config, Error> {
        self.popup()?;
        let redirect_uri = [folder, REDIRECT_PAGE].concat();
        let config = Config::new(self.required("issuer")?, client_id, &redirect_uri)?;
        // Providers of this demo know the page; another tells the person that it doesn't.
        let config = config.post_logout_redirect_uri(folder)?;
        // Whoever sends people here to sign in gets them signed in (OpenID Connect Core 4).
        let mut config = config.initiate_login_uri(folder)?;
        if let Some(scope) = self.optional("scope")? {
            config = config.scope(scope)?;
        }
        if let Some(server) = self.resource_server()? {
            let mut api = Api::at(SecureUrl::parse(server)?.origin())?;
            if self.flag("resource_server_takes_dpop")? {
                api = api.takes_proofs();
            }
            if let Some(resource) = self.optional("resource_server_resource")? {
                api = api.resource(resource)?;
            }
            config = config.allow_api(api);
        }
        if let Some(endpoint) = self.optional("profile_endpoint")? {
            config = config.profile_endpoint(endpoint)?;
        }
        let authorization = self.optional("authorization_endpoint")?;
        config = match (authorization, self.optional("token_endpoint")?) {
            (Some(authorization), Some(token)) => config.endpoints(authorization, token)?,
            (None, None) => config,
            _ => return Err(invalid("token_endpoint")),
        };
        if let Some(keys) = self.optional("jwks_uri")? {
            config = config.keys(keys)?;
        }
        if let Some(resource) = self.optional("resource")? {
            config = config.request_options(RequestOptions::new().resource(resource)?);
        }
        if let Some(upstream) = self.upstream()? {
            config = config.parameter("upstream", upstream.name())?;
        }
        if let Some(name) = self.optional("dpop")? {
            config = config.dpop(by_name(Dpop::NAMES, name).ok_or_else(|| invalid("dpop"))?);
        }
        if let Some(name) = self.optional("par")? {
            config = config.par(by_name(Par::NAMES, name).ok_or_else(|| invalid("par"))?);
        }
        config = match self.optional("pkce")? {
            None => config,
            Some("documented") => config.pkce_is_documented(),
            Some(_) => return Err(invalid("pkce")),
        };
        match self.optional("keep")? {
            None => Ok(config),
            Some(name) => {
                Keeping::parse(name).map(|keep| config.keep(keep)).ok_or_else(|| invalid("keep"))
            }
        }
    }
}

/// A provider behind the demo's own, which is its client, with a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Upstream {
    Google,
    GitHub,
}

impl Upstream {
    const NAMES: [(&'static str, Self); 2] = [("google", Self::Google), ("github", Self::GitHub)];

    /// What the demo's provider calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::GitHub => "github",
        }
    }
}

/// Clients of the provider for acting out attacks, with the redirect URI of the demo's own.
#[cfg(feature = "lesson")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LessonClients {
    /// Of which the provider wants no PKCE: plainly unsafe.
    pub(crate) without_pkce: String,
    /// Whose access tokens run out within seconds.
    pub(crate) brief: String,
}

fn invalid(name: &str) -> Error {
    Error::new(ErrorCode::InvalidConfig).about(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Result<Config, Error> {
        Settings::parse(text)?.config("https://app.example/shop/")
    }

    fn code(text: &str) -> Option<ErrorCode> {
        config(text).err().map(|error| error.code())
    }

    #[test]
    fn the_redirect_uri_is_in_the_folder_of_the_page() {
        let config = config(r#"{"issuer": "https://id.example", "client_id": "app"}"#).unwrap();
        assert_eq!(config.redirect_uri().as_str(), "https://app.example/shop/callback.html");
        assert_eq!(config.requested_scope().to_string(), "openid profile email");
    }

    #[test]
    fn another_client_of_the_provider_has_the_same_redirect_uri() {
        let settings = r#"{"issuer": "https://id.example", "client_id": "app", "scope": "openid"}"#;
        let settings = Settings::parse(settings).unwrap();
        let other = settings.config_of("other", "https://app.example/shop/").unwrap();
        assert_eq!(other.client_id(), "other");
        assert_eq!(other.redirect_uri().as_str(), "https://app.example/shop/callback.html");
        assert_eq!(other.requested_scope().to_string(), "openid");
    }

    #[test]
    fn the_token_may_go_to_the_resource_server_and_nowhere_else() {
        let text = r#"{"issuer": "https://id.example", "client_id": "app", "scope": "mail",
            "resource_server": "https://api.example/v1"}"#;
        let config = config(text).unwrap();
        assert_eq!(config.requested_scope().to_string(), "mail");
        assert!(config.check_resource("https://api.example/v1/mail").is_ok());
        assert!(config.check_resource("https://api.example.evil.example/").is_err());
    }

    #[test]
    fn a_provider_without_discovery_needs_both_endpoints() {
        let one = r#"{"issuer": "https://id.example", "client_id": "app",
            "token_endpoint": "https://id.example/token"}"#;
        assert_eq!(code(one), Some(ErrorCode::InvalidConfig));
        let both = r#"{"issuer": "https://id.example", "client_id": "app", "pkce": "documented",
            "authorization_endpoint": "https://id.example/authorize",
            "token_endpoint": "https://id.example/token", "jwks_uri": "https://id.example/jwks"}"#;
        assert!(config(both).unwrap().given_metadata().unwrap().jwks_uri().is_some());
    }

    #[test]
    fn protection_is_wanted_or_not_by_name() {
        let with = |member: &str| {
            config(&format!(r#"{{"issuer": "https://id.example", "client_id": "app", {member}}}"#))
        };
        assert_eq!(with(r#""dpop": "required""#).unwrap().wanted_dpop(), Dpop::Required);
        assert_eq!(with(r#""par": "off""#).unwrap().wanted_par(), Par::Off);
        for member in [r#""dpop": "yes""#, r#""par": true"#, r##""resource": "https://a/#b""##] {
            assert_eq!(with(member).unwrap_err().code(), ErrorCode::InvalidConfig, "{member}");
        }
    }

    #[test]
    fn people_sign_in_in_another_window_if_the_settings_say_so() {
        let popup = |member: &str| {
            let text = format!(r#"{{"issuer": "https://id.example", "client_id": "a"{member}}}"#);
            Settings::parse(&text).unwrap().popup().map_err(|error| error.code())
        };
        assert_eq!(popup(""), Ok(false));
        assert_eq!(popup(r#", "popup": true"#), Ok(true));
        assert_eq!(popup(r#", "popup": "yes""#), Err(ErrorCode::InvalidConfig));
    }

    #[test]
    fn it_is_said_by_name_where_the_tokens_are_kept() {
        let kept = |keep: &str| {
            let text = r#"{"issuer": "https://id.example", "client_id": "app", "keep": "#;
            config(&[text, keep, "}"].concat()).map(|config| config.wanted_keeping())
        };
        assert_eq!(kept(r#""in-memory""#), Ok(Keeping::InMemory));
        assert_eq!(kept(r#""bound-to-browser""#), Ok(Keeping::BoundToBrowser));
        assert_eq!(kept(r#""session-storage""#), Ok(Keeping::SessionStorage));
        for unknown in [r#""local-storage""#, "true"] {
            assert_eq!(kept(unknown).unwrap_err().subject(), Some("keep"), "{unknown}");
        }
    }

    #[test]
    fn a_vault_is_wanted_or_not() {
        let wants = |text: &str| Settings::parse(text)?.wants_vault();
        assert_eq!(wants("{}"), Ok(false));
        assert_eq!(wants(r#"{"vault": true}"#), Ok(true));
        assert_eq!(wants(r#"{"vault": "yes"}"#).unwrap_err().subject(), Some("vault"));
    }

    #[test]
    #[cfg(feature = "lesson")]
    fn the_provider_of_the_demo_may_have_clients_for_the_lesson() {
        let clients = |text: &str| Settings::parse(text).unwrap().lesson();
        assert_eq!(clients("{}"), None);
        let text = r#"{"lesson": {"client_without_pkce": "unsafe", "brief_client": "brief"}}"#;
        let (without_pkce, brief) = ("unsafe".to_owned(), "brief".to_owned());
        assert_eq!(clients(text), Some(LessonClients { without_pkce, brief }));
    }

    #[test]
    fn people_may_be_sent_on_to_somebody_behind_the_provider() {
        let text = r#"{"issuer": "https://id.example", "client_id": "app", "upstream": "google"}"#;
        assert_eq!(Settings::parse(text).unwrap().upstream(), Ok(Some(Upstream::Google)));
        assert_eq!(Settings::parse("{}").unwrap().upstream(), Ok(None));
        assert!(config(text).is_ok());
        let unknown = text.replace("google", "facebook");
        assert_eq!(config(&unknown).unwrap_err().subject(), Some("upstream"));
    }

    #[test]
    fn bad_settings_are_named() {
        for text in ["", "{", "[]", r#"{"issuer": "https://id.example"}"#] {
            assert_eq!(code(text), Some(ErrorCode::InvalidConfig), "{text}");
        }
        let secret = r#"{"issuer": "https://a.example", "client_id": "a", "client_secret": "s"}"#;
        let error = config(secret).unwrap_err();
        assert_eq!(error.subject(), Some("client_secret"));
        let http = r#"{"issuer": "http://id.example", "client_id": "app"}"#;
        assert!(matches!(code(http), Some(ErrorCode::InsecureUrl | ErrorCode::InvalidConfig)));
    }
}
