//! Settings for known providers.

use super::*;
use crate::protocol::presets::*;

const TENANT: &str = "5b1c2d3e-4f60-4a7b-8c9d-0e1f2a3b4c5d";
const OPENID: &str = "openid profile email";
const WITH_REFRESH: &str = "openid profile email offline_access";

/// The settings that a preset makes for [`CLIENT_ID`].
macro_rules! settings {
    ($preset:expr) => {
        $preset.config(CLIENT_ID, REDIRECT_URI)
    };
}

/// The address of the request at a provider that says of itself only what it must, so that only what the
/// preset states is there.
fn url(config: &Config) -> String {
    let metadata = config.given_metadata().cloned().unwrap_or_else(|| {
        let mut document = document();
        document["issuer"] = json!(document_issuer(config));
        if config.check_provider(&documented(config), &scope("")).is_err() {
            document["code_challenge_methods_supported"] = json!(["S256"]);
        }
        ProviderMetadata::from_response(config.issuer(), &answer(200, &document)).unwrap()
    });
    request_at(config, &metadata).url().to_owned()
}

fn documented(config: &Config) -> ProviderMetadata {
    ProviderMetadata::documented(
        config.issuer().clone(),
        "https://id.example/a",
        "https://id.example/t",
    )
    .unwrap()
}

/// How the provider names itself: as it is configured, but for Entra's template.
fn document_issuer(config: &Config) -> String {
    let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
    let configured = config.issuer().as_str();
    if config.issuer().accepts_document(template) { template } else { configured }.to_owned()
}

fn discovery_url(config: &Config) -> String {
    config.discovery_kind().url(config.issuer())
}

#[test]
fn each_preset_looks_for_the_document_where_the_provider_has_it() {
    let table = [
        (
            settings!(Keycloak::new("https://sso.example", "my-realm")),
            "https://sso.example/realms/my-realm/.well-known/openid-configuration",
        ),
        (
            settings!(Keycloak::new("https://sso.example/auth/", "r")),
            "https://sso.example/auth/realms/r/.well-known/openid-configuration",
        ),
        (
            settings!(Auth0::new("tenant.eu.auth0.com")),
            "https://tenant.eu.auth0.com/.well-known/openid-configuration",
        ),
        (
            settings!(Okta::new("dev-1.okta.com")),
            "https://dev-1.okta.com/.well-known/openid-configuration",
        ),
        (
            settings!(Okta::new("dev-1.okta.com").authorization_server("default")),
            "https://dev-1.okta.com/oauth2/default/.well-known/openid-configuration",
        ),
        (
            settings!(Entra::accounts(EntraAccounts::Any)),
            "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration",
        ),
        (
            settings!(Cognito::new("eu-west-1", "eu-west-1_abc")),
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc/.well-known/openid-configuration",
        ),
        (
            settings!(Zitadel::new("https://app.eu1.zitadel.cloud")),
            "https://app.eu1.zitadel.cloud/.well-known/openid-configuration",
        ),
        (
            settings!(Authentik::new("https://auth.example", "shop")),
            "https://auth.example/application/o/shop/.well-known/openid-configuration",
        ),
        (
            settings!(Authelia::new("https://auth.example")),
            "https://auth.example/.well-known/openid-configuration",
        ),
        (
            settings!(Hydra::new("https://a.projects.oryapis.com")),
            "https://a.projects.oryapis.com/.well-known/openid-configuration",
        ),
        (
            settings!(Logto::new("https://abc.logto.app/")),
            "https://abc.logto.app/oidc/.well-known/openid-configuration",
        ),
        (
            settings!(FusionAuth::new("https://login.example")),
            "https://login.example/.well-known/openid-configuration",
        ),
        (
            settings!(Supabase::new("abcdefgh")),
            "https://abcdefgh.supabase.co/auth/v1/.well-known/openid-configuration",
        ),
        (settings!(GitLab::new()), "https://gitlab.com/.well-known/openid-configuration"),
        (
            settings!(GitLab::new().at("https://gitlab.example")),
            "https://gitlab.example/.well-known/openid-configuration",
        ),
        (settings!(Discord), "https://discord.com/.well-known/oauth-authorization-server"),
        (settings!(Atproto::new()), "https://bsky.social/.well-known/oauth-authorization-server"),
    ];
    for (config, expected) in table {
        assert_eq!(discovery_url(&config.unwrap()), expected);
    }
    let tenant = settings!(Entra::tenant(TENANT)).unwrap();
    assert_eq!(
        tenant.issuer().as_str(),
        format!("https://login.microsoftonline.com/{TENANT}/v2.0")
    );
}

#[test]
fn the_last_slash_of_an_issuer_is_as_the_provider_has_it() {
    let table = [
        (settings!(Auth0::new("t.auth0.com")), "https://t.auth0.com/"),
        (
            settings!(Authentik::new("https://a.example/", "x")),
            "https://a.example/application/o/x/",
        ),
        (settings!(Authelia::new("https://a.example/")), "https://a.example"),
        (settings!(Hydra::new("https://a.example/")), "https://a.example/"),
        (settings!(Hydra::new("https://a.example")), "https://a.example"),
        (settings!(Zitadel::new("https://a.example/")), "https://a.example"),
    ];
    for (config, issuer) in table {
        assert_eq!(config.unwrap().issuer().as_str(), issuer);
    }
}

#[test]
fn a_refresh_token_is_asked_for_where_the_app_says_so() {
    let table = [
        (
            settings!(Auth0::new("t.auth0.com")),
            settings!(Auth0::new("t.auth0.com").refresh_token()),
        ),
        (settings!(Okta::new("a.okta.com")), settings!(Okta::new("a.okta.com").refresh_token())),
        (settings!(Entra::tenant(TENANT)), settings!(Entra::tenant(TENANT).refresh_token())),
        (
            settings!(Zitadel::new("https://z.example")),
            settings!(Zitadel::new("https://z.example").refresh_token()),
        ),
        (
            settings!(Authentik::new("https://a.example", "x")),
            settings!(Authentik::new("https://a.example", "x").refresh_token()),
        ),
        (
            settings!(Authelia::new("https://a.example")),
            settings!(Authelia::new("https://a.example").refresh_token()),
        ),
        (
            settings!(Hydra::new("https://a.example")),
            settings!(Hydra::new("https://a.example").refresh_token()),
        ),
        (
            settings!(FusionAuth::new("https://a.example")),
            settings!(FusionAuth::new("https://a.example").refresh_token()),
        ),
        (
            settings!(Logto::new("https://l.example")),
            settings!(Logto::new("https://l.example").refresh_token()),
        ),
    ];
    for (without, with) in table {
        let (without, with) = (url(&without.unwrap()), url(&with.unwrap()));
        assert_eq!(value_of(&without, "scope").as_deref(), Some(OPENID), "{without}");
        assert_eq!(value_of(&with, "scope").as_deref(), Some(WITH_REFRESH), "{with}");
        assert_eq!(value_of(&without, "prompt"), None);
    }
    for (dropbox, access) in
        [(Dropbox::new(), "online"), (Dropbox::new().refresh_token(), "offline")]
    {
        let url = url(&settings!(dropbox).unwrap());
        assert_eq!(value_of(&url, "token_access_type").as_deref(), Some(access));
    }
    let logto = url(&settings!(Logto::new("https://l.example").refresh_token()).unwrap());
    assert_eq!(value_of(&logto, "prompt").as_deref(), Some("consent"));
}

#[test]
fn an_upstream_provider_is_named_as_each_broker_wants_it() {
    let table = [
        (
            settings!(Keycloak::new("https://s.example", "r").upstream("google")),
            ("kc_idp_hint", "google"),
        ),
        (
            settings!(Auth0::new("t.auth0.com").upstream("google-oauth2")),
            ("connection", "google-oauth2"),
        ),
        (settings!(Okta::new("a.okta.com").upstream("0oa1")), ("idp", "0oa1")),
        (
            settings!(Entra::tenant(TENANT).upstream("partner.example")),
            ("domain_hint", "partner.example"),
        ),
        (
            settings!(Cognito::new("eu-west-1", "eu-west-1_a").upstream("Google")),
            ("identity_provider", "Google"),
        ),
        (
            settings!(Logto::new("https://l.example").upstream("google")),
            ("direct_sign_in", "social:google"),
        ),
        (settings!(Logto::new("https://l.example").enterprise("x1")), ("direct_sign_in", "sso:x1")),
        (settings!(FusionAuth::new("https://f.example").upstream(TENANT)), ("idp_hint", TENANT)),
        (
            settings!(Zitadel::new("https://z.example").upstream("17")),
            ("scope", "openid profile email urn:zitadel:iam:org:idp:id:17"),
        ),
        (settings!(Atproto::new().handle("hana.example")), ("login_hint", "hana.example")),
    ];
    for (config, (name, value)) in table {
        let url = url(&config.unwrap());
        assert_eq!(value_of(&url, name).as_deref(), Some(value), "{url}");
        assert_eq!(value_of(&url, "code_challenge_method").as_deref(), Some("S256"), "{url}");
        assert_eq!(value_of(&url, "client_id").as_deref(), Some(CLIENT_ID), "{url}");
    }
}

#[test]
fn pkce_is_stated_only_where_the_documentation_promises_what_the_metadata_lacks() {
    let states = |config: Result<Config, Error>| {
        let config = config.unwrap();
        config.check_provider(&documented(&config), &scope("")).is_ok()
    };
    for stated in [
        settings!(Entra::tenant(TENANT)),
        settings!(Entra::accounts(EntraAccounts::Personal)),
        settings!(Cognito::new("eu-west-1", "eu-west-1_a")),
        settings!(FusionAuth::new("https://f.example")),
        settings!(Supabase::new("abc")),
        settings!(GitLab::new()),
        settings!(Spotify),
        settings!(Dropbox::new()),
    ] {
        assert!(states(stated));
    }
    for told_by_the_provider in [
        settings!(Keycloak::new("https://s.example", "r")),
        settings!(Auth0::new("t.auth0.com")),
        settings!(Okta::new("a.okta.com")),
        settings!(Hydra::new("https://h.example")),
        settings!(Discord),
        settings!(Atproto::new()),
    ] {
        assert!(!states(told_by_the_provider));
    }
}

#[test]
fn f42_nothing_is_pushed_to_keycloak_which_lets_no_page_in_there() {
    let keycloak = settings!(Keycloak::new("https://s.example", "r")).unwrap();
    assert_eq!(keycloak.wanted_par(), Par::Off);
}

#[test]
fn dpop_pushed_requests_and_signing_out_are_as_documented() {
    let (keycloak, gitlab) =
        (settings!(Keycloak::new("https://s.example", "r")), settings!(GitLab::new()));
    let (keycloak, gitlab) = (keycloak.unwrap(), gitlab.unwrap());
    assert!(keycloak.wanted_dpop() == Dpop::WhenOffered);
    assert_eq!(keycloak.logout_kind(), LogoutKind::Standard);
    assert!(gitlab.wanted_dpop() == Dpop::Off);
    let atproto = settings!(Atproto::new().scope("transition:generic")).unwrap();
    assert!(atproto.wanted_dpop() == Dpop::Required && atproto.wanted_par() == Par::Required);
    assert_eq!(atproto.requested_scope().joined(), "atproto transition:generic");
    let logout = |config: Result<Config, Error>| config.unwrap().logout_kind();
    assert_eq!(logout(settings!(Auth0::new("t.auth0.com"))), LogoutKind::Auth0);
    assert_eq!(logout(settings!(Cognito::new("a-b-1", "a-b-1_a"))), LogoutKind::Cognito);
    assert_eq!(logout(settings!(Spotify)), LogoutKind::None);
    let spring = settings!(SpringAuthorizationServer::new("https://s.example"));
    assert_eq!(logout(spring), LogoutKind::HintRequired);
}

#[test]
fn services_without_openid_connect_ask_for_no_id_token_and_say_where_the_profile_is() {
    let spotify = settings!(Spotify).unwrap();
    let url_of_spotify = url(&spotify);
    assert!(url_of_spotify.starts_with("https://accounts.spotify.com/authorize?"));
    assert_eq!(value_of(&url_of_spotify, "nonce"), None);
    let metadata = spotify.given_metadata().unwrap();
    assert_eq!(metadata.token_endpoint().as_str(), "https://accounts.spotify.com/api/token");
    let endpoint =
        |config: &Config| config.configured_profile_endpoint().map(|url| url.as_str().to_owned());
    assert_eq!(endpoint(&spotify).as_deref(), Some("https://api.spotify.com/v1/me"));
    let person = json!({ "account_id": "h", "id": "other", "display_name": "Hanako", "images": [{ "url": "https://i.example/1" }] });
    let mapping = spotify.configured_profile_mapping();
    let profile = Profile::from_response(&answer(200, &person), None, mapping).unwrap();
    assert_eq!((profile.subject(), profile.name()), ("h", Some("Hanako")));
    assert_eq!(profile.picture().unwrap().as_str(), "https://i.example/1");

    let discord = settings!(Discord).unwrap();
    assert_eq!(endpoint(&discord).as_deref(), Some("https://discord.com/api/users/@me"));
    let person = json!({ "id": "4", "username": "hanako", "global_name": null, "avatar": "a_1" });
    let mapping = discord.configured_profile_mapping();
    let profile = Profile::from_response(&answer(200, &person), None, mapping).unwrap();
    assert_eq!(profile.name(), Some("hanako"));
    assert_eq!(profile.picture().unwrap().as_str(), "https://cdn.discordapp.com/avatars/4/a_1.png");

    let dropbox = settings!(Dropbox::new()).unwrap();
    assert!(url(&dropbox).starts_with("https://www.dropbox.com/oauth2/authorize?"));
    assert_eq!(endpoint(&dropbox), None);
}

#[test]
fn what_is_no_domain_realm_or_tenant_is_a_typed_error() {
    let invalid = ErrorCode::InvalidConfig;
    let insecure = ErrorCode::InsecureUrl;
    for name in [
        "",
        "https://evil",
        "https://evil.test",
        "a.example/",
        "a.example:444",
        "a.example/b",
        "a.example?x",
        "a.example#x",
        "user@a.example",
        "a b.example",
        ".a.example",
        "a..example",
        "é.example",
    ] {
        assert_eq!(settings!(Auth0::new(name)).unwrap_err().code(), invalid, "{name}");
        assert_eq!(settings!(Okta::new(name)).unwrap_err().code(), invalid, "{name}");
        assert_eq!(settings!(Supabase::new(name)).unwrap_err().code(), invalid, "{name}");
        assert_eq!(settings!(Cognito::new(name, "a_b")).unwrap_err().code(), invalid, "{name}");
    }
    for name in
        ["", ".", "..", "a/b", "../admin", "a?b", "a#b", "a b", "%2e", "é", "https://evil.test"]
    {
        let server = "https://s.example";
        assert_eq!(settings!(Keycloak::new(server, name)).unwrap_err().code(), invalid, "{name}");
        assert_eq!(settings!(Authentik::new(server, name)).unwrap_err().code(), invalid, "{name}");
        assert_eq!(settings!(Cognito::new("a-b-1", name)).unwrap_err().code(), invalid, "{name}");
        let okta = Okta::new("a.okta.com").authorization_server(name);
        assert_eq!(settings!(okta).unwrap_err().code(), invalid, "{name}");
        let zitadel = Zitadel::new(server).upstream(name);
        assert_eq!(settings!(zitadel).unwrap_err().code(), invalid, "{name}");
        assert_eq!(settings!(Entra::tenant(name)).unwrap_err().code(), invalid, "{name}");
    }
    for tenant in ["common", "contoso.onmicrosoft.com", "5b1c2d3e4f604a7b8c9d0e1f2a3b4c5d"] {
        assert_eq!(settings!(Entra::tenant(tenant)).unwrap_err().code(), invalid, "{tenant}");
    }
    for server in [
        "",
        "sso.example",
        "http://sso.example",
        "https://",
        "https://a@sso.example",
        "https://sso.example/#x",
        "javascript:alert(1)",
    ] {
        assert_eq!(settings!(Keycloak::new(server, "r")).unwrap_err().code(), insecure, "{server}");
        assert_eq!(settings!(Zitadel::new(server)).unwrap_err().code(), insecure, "{server}");
        assert_eq!(settings!(Logto::new(server)).unwrap_err().code(), insecure, "{server}");
        assert_eq!(settings!(GitLab::new().at(server)).unwrap_err().code(), insecure, "{server}");
        assert_eq!(settings!(Atproto::new().at(server)).unwrap_err().code(), insecure, "{server}");
    }
    for server in ["https://sso.example?", "https://sso.example/?realm=x"] {
        assert_eq!(settings!(Keycloak::new(server, "r")).unwrap_err().code(), invalid, "{server}");
    }
    let empty = Keycloak::new("https://s.example", "r").upstream("");
    assert_eq!(settings!(empty).unwrap_err().code(), invalid);
    let bad_id = GitLab::new().config("", REDIRECT_URI).unwrap_err();
    assert_eq!(bad_id.subject(), Some("client id"));
    let google = GitLab::new().at("https://accounts.google.com");
    assert_eq!(settings!(google).unwrap_err().code(), ErrorCode::ProviderNeedsSecret);
}

/// The settings of the preset of this name, where these inputs are given.
#[cfg(feature = "widget")]
fn by_name(name: &str, inputs: &[(&str, &str)]) -> Result<Config, Error> {
    let given = |name: &'static str| {
        let found = inputs.iter().find(|(input, _)| *input == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    named::config(name, &given, CLIENT_ID, REDIRECT_URI)
}

#[cfg(feature = "widget")]
#[test]
fn each_preset_has_a_name_and_is_the_same_by_it() {
    let refresh = ("refresh-token", "true");
    let address = "https://s.example";
    let at = ("server", address);
    let issuer = ("issuer", "https://s.example/t/");
    let domain = ("domain", "a.example");
    let to = ("upstream", "google");
    let tenant = ("tenant", TENANT);
    let table = [
        ("atproto", vec![], settings!(Atproto::new())),
        (
            "atproto",
            vec![at, ("handle", "a.example")],
            settings!(Atproto::new().at(address).handle("a.example")),
        ),
        (
            "auth0",
            vec![domain, refresh, to],
            settings!(Auth0::new("a.example").refresh_token().upstream("google")),
        ),
        ("authelia", vec![at, refresh], settings!(Authelia::new(address).refresh_token())),
        (
            "authentik",
            vec![at, ("application", "shop"), refresh],
            settings!(Authentik::new(address, "shop").refresh_token()),
        ),
        (
            "cognito",
            vec![("region", "eu-west-1"), ("user-pool", "eu-west-1_a"), to],
            settings!(Cognito::new("eu-west-1", "eu-west-1_a").upstream("google")),
        ),
        ("discord", vec![], settings!(Discord)),
        ("dropbox", vec![refresh], settings!(Dropbox::new().refresh_token())),
        (
            "entra",
            vec![tenant, refresh, to],
            settings!(Entra::tenant(TENANT).refresh_token().upstream("google")),
        ),
        (
            "entra",
            vec![("tenant", "organizations")],
            settings!(Entra::accounts(EntraAccounts::WorkOrSchool)),
        ),
        (
            "fusionauth",
            vec![issuer, refresh, to],
            settings!(FusionAuth::new(issuer.1).refresh_token().upstream("google")),
        ),
        ("gitlab", vec![], settings!(GitLab::new())),
        ("gitlab", vec![at], settings!(GitLab::new().at(address))),
        ("hydra", vec![issuer, refresh], settings!(Hydra::new(issuer.1).refresh_token())),
        (
            "keycloak",
            vec![at, ("realm", "tea"), to],
            settings!(Keycloak::new(address, "tea").upstream("google")),
        ),
        (
            "logto",
            vec![at, refresh, to],
            settings!(Logto::new(address).refresh_token().upstream("google")),
        ),
        (
            "okta",
            vec![domain, ("authorization-server", "default"), refresh, to],
            settings!(
                Okta::new("a.example")
                    .authorization_server("default")
                    .refresh_token()
                    .upstream("google")
            ),
        ),
        ("spotify", vec![], settings!(Spotify)),
        (
            "spring-authorization-server",
            vec![issuer],
            settings!(SpringAuthorizationServer::new(issuer.1)),
        ),
        ("supabase", vec![("project", "abc")], settings!(Supabase::new("abc"))),
        (
            "zitadel",
            vec![at, refresh, to],
            settings!(Zitadel::new(address).refresh_token().upstream("google")),
        ),
    ];
    let without_joints = |name: &str| name.replace('-', "").to_ascii_lowercase();
    for (name, inputs, expected) in &table {
        let expected = expected.as_ref().unwrap();
        assert_eq!(by_name(name, inputs).as_ref(), Ok(expected), "{name}");
    }
    for preset in super::providers::exported() {
        let preset = preset.to_ascii_lowercase();
        assert!(table.iter().any(|(name, ..)| without_joints(name) == preset), "{preset}");
    }
    let two_scopes = [("server", address), ("upstream", "1 openid2")];
    assert_eq!(by_name("zitadel", &two_scopes).unwrap_err().code(), ErrorCode::InvalidConfig);
    assert_eq!(by_name("google", &[]).unwrap_err().subject(), Some("preset google"));
}
