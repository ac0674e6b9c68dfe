//! The settings as text, from a page to its vault, and back through the checks that an app's settings pass.

use super::super::json::{Object, Writer, json_texts};
use super::super::names::{by_name, names};
#[cfg(feature = "step-up")]
use super::StepUpPolicy;
use super::{
    Api, Config, DiscoveryKind, Dpop, Error, ErrorCode, Issuer, LogoutKind, Par, ProfileMapping,
    ProviderMetadata, Reload, Renewal, RequestOptions, SecureUrl,
};

#[cfg(feature = "step-up")]
names!(StepUpPolicy {
    "by_hand" => ByHand,
    "automatic" => Automatic,
});

names!(Renewal {
    "ahead" => Ahead,
    "on_demand" => OnDemand,
});

impl Config {
    /// The settings as text, without what a vault decides for itself: where it keeps the tokens.
    pub(crate) fn to_json(&self) -> String {
        // A new setting is to be missed here, not in the vault.
        let Self {
            issuer,
            client_id,
            redirect_uri,
            scope,
            resources,
            trusted_audiences,
            profile_endpoint,
            profile_mapping,
            discovery,
            discovery_url,
            metadata,
            options,
            post_logout_redirect_uri,
            logout_parameters,
            logout_hint_claim,
            dpop,
            par,
            logout,
            #[cfg(feature = "step-up")]
            step_up,
            initiate_login_uri,
            keeping: _,
            reload,
            renewal,
            idle_limit,
            session_limit,
            warning,
            login_limit,
            pkce_is_documented,
        } = self;
        let apis: Vec<String> = resources.iter().flat_map(Api::to_texts).collect();
        let apis: Vec<&str> = apis.iter().map(String::as_str).collect();
        let at_logout = logout_parameters.iter().flat_map(|(name, value)| [&**name, &**value]);
        let at_logout: Vec<&str> = at_logout.collect();
        let trusted: Vec<&str> = trusted_audiences.iter().map(String::as_str).collect();
        let mut writer = Writer::default()
            .text("issuer", issuer.stored())
            .text("client_id", client_id)
            .text("redirect_uri", redirect_uri.as_str())
            .text("scope", &scope.joined())
            .json("apis", &json_texts(&apis))
            .json("trusted", &json_texts(&trusted))
            .json("options", &options.to_json())
            .json("at_logout", &json_texts(&at_logout))
            .optional_text("logout_hint", logout_hint_claim.as_deref())
            .text("dpop", dpop.name())
            .text("par", par.name())
            .text("logout", logout.name())
            .text("reload", reload.name())
            .text("renewal", renewal.name())
            .number("warning", *warning)
            .number("login_limit", *login_limit)
            .flag("pkce", *pkce_is_documented)
            .optional_number("idle", *idle_limit)
            .optional_number("session", *session_limit);
        #[cfg(feature = "step-up")]
        {
            writer = writer.text("step_up", step_up.name());
        }
        if let Some(kind) = *discovery {
            writer = writer.text("discovery", kind.name());
        }
        let urls = [
            ("discovery_url", discovery_url),
            ("profile_endpoint", profile_endpoint),
            ("post_logout", post_logout_redirect_uri),
            ("initiate_login", initiate_login_uri),
        ];
        for (name, url) in urls {
            writer = writer.optional_text(name, url.as_ref().map(SecureUrl::as_str));
        }
        let mapping = profile_mapping.as_ref().map(ProfileMapping::to_json);
        let metadata = metadata.as_ref().map(ProviderMetadata::to_json);
        writer
            .optional_json("profile_mapping", mapping.as_deref())
            .optional_json("metadata", metadata.as_deref())
            .finish()
    }

    /// From such a text.
    ///
    /// # Errors
    ///
    /// As what an app sets wrongly, and [`ErrorCode::InvalidResponse`] for another text.
    pub(crate) fn from_object(text: &Object) -> Result<Self, Error> {
        let issuer = Issuer::from_stored(text.text("issuer")?)?;
        let config =
            Self::with_issuer(issuer, text.text("client_id")?, text.text("redirect_uri")?)?;
        let mut config = config.scope(text.text("scope")?)?;
        for texts in text.optional_texts("apis")?.unwrap_or_default().chunks(Api::TEXTS) {
            config = config.allow_api(Api::from_texts(texts)?);
        }
        for audience in text.optional_texts("trusted")?.unwrap_or_default() {
            config = config.trusted_audience(audience);
        }
        for pair in text.optional_texts("at_logout")?.unwrap_or_default().chunks(2) {
            let [name, value] = pair else {
                return Err(Error::new(ErrorCode::InvalidConfig).about("at_logout"));
            };
            config = config.logout_parameter(name, value)?;
        }
        if let Some(claim) = text.optional_text("logout_hint")? {
            config = config.logout_hint_claim(claim);
        }
        let options = text.optional_texts("options")?.unwrap_or_default();
        let url = |name| text.optional_text(name)?.map(SecureUrl::parse).transpose();
        let metadata = match text.get("metadata") {
            Some(_) => Some(ProviderMetadata::from_object(text.object("metadata")?)?),
            None => None,
        };
        if metadata.as_ref().is_some_and(|metadata| *metadata.issuer() != config.issuer) {
            return Err(Error::new(ErrorCode::InvalidConfig).about("metadata"));
        }
        let profile_mapping = match text.get("profile_mapping") {
            Some(_) => Some(ProfileMapping::from_object(text.object("profile_mapping")?)?),
            None => None,
        };
        Ok(Self {
            options: RequestOptions::from_texts(&options)?,
            profile_mapping,
            metadata,
            discovery_url: url("discovery_url")?,
            profile_endpoint: url("profile_endpoint")?,
            post_logout_redirect_uri: url("post_logout")?,
            initiate_login_uri: url("initiate_login")?,
            discovery: named(DiscoveryKind::NAMES, text, "discovery")?,
            dpop: named(Dpop::NAMES, text, "dpop")?.unwrap_or_default(),
            par: named(Par::NAMES, text, "par")?.unwrap_or_default(),
            logout: named(LogoutKind::NAMES, text, "logout")?.unwrap_or_default(),
            #[cfg(feature = "step-up")]
            step_up: named(StepUpPolicy::NAMES, text, "step_up")?.unwrap_or_default(),
            reload: named(Reload::NAMES, text, "reload")?.unwrap_or_default(),
            renewal: named(Renewal::NAMES, text, "renewal")?.unwrap_or_default(),
            idle_limit: text.optional_unsigned("idle")?,
            session_limit: text.optional_unsigned("session")?,
            warning: text.unsigned("warning")?,
            login_limit: text.unsigned("login_limit")?,
            pkce_is_documented: text.flag("pkce")?,
            ..config
        })
    }
}

fn named<T: Copy>(names: &[(&str, T)], text: &Object, member: &str) -> Result<Option<T>, Error> {
    let Some(name) = text.optional_text(member)? else { return Ok(None) };
    let unknown = || Error::new(ErrorCode::InvalidConfig).about(member);
    by_name(names, name).map(Some).ok_or_else(unknown)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::super::super::policy::Keeping;
    use core::time::Duration;

    use super::*;

    fn there_and_back(config: &Config) -> Result<Config, Error> {
        Config::from_object(&Object::parse(&config.to_json()).expect("an object"))
    }

    fn plain() -> Config {
        Config::new("https://id.example", "my app", "https://app.example/callback.html").unwrap()
    }

    #[test]
    fn settings_come_back_as_they_were() {
        let config = plain();
        assert_eq!(there_and_back(&config), Ok(config));
        let options = RequestOptions::new().max_age(5).acr_values("a b").resource("urn:x").unwrap();
        let options = options.claims(r#"{"userinfo":{}}"#).unwrap().prompt("login").unwrap();
        let api = Api::at("https://c.example/v1").and_then(|api| api.resource("urn:c")).unwrap();
        let api = api.scope("read write").unwrap().takes_proofs();
        let full = plain()
            .scope("openid mail")
            .and_then(|config| config.allow_origin("https://api.example"))
            .and_then(|config| config.allow_path("https://b.example/v1"))
            .and_then(|config| config.profile_endpoint("https://id.example/me"))
            .and_then(|config| config.endpoints("https://id.example/a", "https://id.example/t"))
            .and_then(|config| config.keys("https://id.example/k"))
            .and_then(|config| config.post_logout_redirect_uri("https://app.example/bye"))
            .and_then(|config| config.initiate_login_uri("https://app.example/in"))
            .and_then(|config| config.parameter("kc_idp_hint", "x\"y\\z"))
            .and_then(|config| config.logout_parameter("ui_locales", "ja en"))
            .and_then(|config| config.logout_parameter("to", "a b"))
            .unwrap()
            .logout_hint_claim("login_hint")
            .allow_api(api)
            .allow_api(Api::at("https://d.example").unwrap().audience("d \"d\""))
            .request_options(options)
            .profile_mapping(ProfileMapping::new("id").name("a\"b").picture("https://c/{d}.png"))
            .discovery(DiscoveryKind::OAuth)
            .dpop(Dpop::Required)
            .par(Par::Off)
            .logout(LogoutKind::Cognito)
            .on_reload(Reload::AskProvider)
            .renewal(Renewal::OnDemand)
            .idle_limit(Duration::from_secs(900))
            .session_limit(Duration::from_secs(3600))
            .warn_before_limits(Duration::from_secs(30))
            .pkce_is_documented();
        #[cfg(feature = "step-up")]
        let full = full.step_up(StepUpPolicy::Automatic);
        assert_eq!(there_and_back(&full), Ok(full));
        // What is empty is not asked for, there or here.
        let empty = RequestOptions::new().login_hint("").ui_locales("").display("").audience("");
        assert_eq!(there_and_back(&plain().request_options(empty)), Ok(plain()));
    }

    #[test]
    fn a_vault_keeps_nothing_whatever_the_app_keeps() {
        let config = there_and_back(&plain().keep(Keeping::BoundToBrowser)).unwrap();
        assert_ne!(config.wanted_keeping(), Keeping::BoundToBrowser);
    }

    #[test]
    fn settings_that_no_app_could_have_are_refused() {
        let text = plain().allow_origin("https://api.example").unwrap().to_json();
        for (part, instead) in [
            ("https://api.example/", "http://api.example/"),
            ("\"dpop\":\"when-offered\"", "\"dpop\":\"never\""),
            ("\"dpop\":\"when-offered\"", "\"dpop\":1"),
            ("\"warning\":60", "\"warning\":-1"),
            ("\"options\":[", "\"options\":[\"client_secret\",\"x\","),
            ("\"options\":[", "\"options\":[\"one\","),
            ("\"client_id\"", "\"client\""),
        ] {
            let changed = text.replace(part, instead);
            assert_ne!(changed, text, "{part}");
            let read = Object::parse(&changed).and_then(|text| Config::from_object(&text));
            assert!(read.is_err(), "{changed}");
        }
    }
}
