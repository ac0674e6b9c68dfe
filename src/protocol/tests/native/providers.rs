//! Each preset proves itself: the whole sign-in, with the answers that its provider gives. They are in
//! `tests/providers/`, a file for each, which says what it rests on.

use super::*;
use crate::protocol::presets::*;
use crate::protocol::secret::RefreshToken;

/// The settings of the file's preset, which stands in it as it is written here.
macro_rules! presets {
    ($($file:literal: $preset:expr;)*) => {
        const FILES: &[(&str, &str, fn(&str, &str) -> Result<Config, Error>)] = &[
            $((include_str!(concat!("../../../../tests/providers/", $file, ".json")), stringify!($preset),
                |client_id, redirect_uri| $preset.config(client_id, redirect_uri)),)*
        ];
    };
}

presets! {
    "atproto": Atproto::new();
    "auth0": Auth0::new("tenant.eu.auth0.com").refresh_token();
    "authelia": Authelia::new("https://auth.example.org").refresh_token();
    "authentik": Authentik::new("https://authentik.example.org", "hanako-app").refresh_token();
    "cognito": Cognito::new("eu-west-1", "eu-west-1_abc");
    "discord": Discord;
    "dropbox": Dropbox::new().refresh_token();
    "entra-accounts": Entra::accounts(EntraAccounts::Any).refresh_token();
    "entra-tenant": Entra::tenant("0f4a1c52-2d1c-4a55-8e0a-9d7f3c2b1a11").refresh_token();
    "fusionauth": FusionAuth::new("https://acme.fusionauth.io").refresh_token();
    "fusionauth-older": FusionAuth::new("https://login.example.org").refresh_token();
    "gitlab": GitLab::new();
    "hydra": Hydra::new("https://hydra.example/").refresh_token();
    "keycloak": Keycloak::new("https://sso.example", "rig");
    "logto": Logto::new("https://abcdef.logto.app").refresh_token();
    "okta": Okta::new("dev-1.okta.com").refresh_token();
    "spotify": Spotify;
    "spring-authorization-server": SpringAuthorizationServer::new("https://auth.example.org");
    "supabase": Supabase::new("abcdefghijklmnopqrst");
    "zitadel": Zitadel::new("https://my-app.eu1.zitadel.cloud").refresh_token();
}

/// What a provider answers, and what is to come of it.
struct Provider {
    file: serde_json::Value,
    config: Config,
    now: UnixTime,
    name: String,
}

impl Provider {
    fn new(text: &str, config: impl FnOnce(&str, &str) -> Result<Config, Error>) -> Self {
        let file: serde_json::Value = serde_json::from_str(text).unwrap();
        let member = |name: &str| file[name].as_str().unwrap().to_owned();
        let config = config(&member("client_id"), &member("redirect_uri")).unwrap();
        let now = UnixTime(file["now"].as_u64().unwrap());
        let name = file["issuer"].as_str().unwrap().to_owned();
        Self { file, config, now, name }
    }

    /// The preset's settings, to the letter.
    fn preset(&self) -> String {
        self.file["preset"].as_str().unwrap_or_default().to_owned()
    }

    fn expected(&self, member: &str) -> &serde_json::Value {
        &self.file["expect"][member]
    }

    fn metadata(&self) -> ProviderMetadata {
        let discovery = &self.file["discovery"];
        if discovery.is_null() {
            return self.config.given_metadata().expect("endpoints, or a document").clone();
        }
        let url = self.config.discovery_kind().url(self.config.issuer());
        assert_eq!(discovery["url"], json!(url), "{}", self.name);
        ProviderMetadata::from_response(self.config.issuer(), &response(discovery))
            .unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    fn sign_in(&self) -> Authorization {
        let metadata = self.metadata();
        let is_bound = self.config.binds_tokens(metadata.supports_dpop()).unwrap();
        assert_eq!(json!(is_bound), *self.expected("bound"), "{}", self.name);
        let wish = wish(&self.config);
        let wish = Wish { dpop_jkt: is_bound.then(|| "thumbprint".to_owned()), ..wish };
        let request = AuthorizationRequest::new(&self.config, &metadata, wish, &random(), self.now)
            .unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let login = request.pending_login().clone();
        let query = self.file["callback"].as_str().unwrap();
        let query = query.replace("STATE", login.state.expose());
        let page = [self.config.redirect_uri().as_str(), "?", &query].concat();
        let callback = Callback::from_url(&page, self.config.redirect_uri()).expect("an answer");
        callback
            .judge(Some(login), false, &self.config, self.now)
            .unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    fn tokens(&self, answer: &serde_json::Value, id_token: &str) -> TokenResponse {
        let mut answer = answer.clone();
        if answer["body"].get("id_token").is_some() {
            answer["body"]["id_token"] = json!(id_token);
        }
        let scope = self.config.requested_scope();
        let tokens = TokenResponse::from_response(&response(&answer), scope)
            .unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let is_bound = self.expected("bound") == &json!(true);
        assert_eq!(tokens.check_type(is_bound, self.config.wanted_dpop()), Ok(()), "{}", self.name);
        tokens
    }

    /// A token of the provider as it is sent, with this login's nonce.
    fn token_text(&self, token: &serde_json::Value, login: &PendingLogin) -> String {
        let claims = token["claims"].to_string().replace("NONCE", login.nonce.expose());
        jws(&token["header"].to_string(), &claims)
    }

    /// The token, of an algorithm that the provider announces, as if its signature were right.
    fn verified(&self, tokens: &TokenResponse, login: &PendingLogin) -> VerifiedJws {
        let token = tokens.id_token().expect("an ID token").read().unwrap();
        let is_known = login.metadata().signing_algorithms().contains(&token.algorithm());
        assert!(is_known, "{}: {:?}", self.name, token.algorithm());
        token.verified(true).unwrap()
    }

    fn profile(&self, id_token: Option<&IdToken>) -> Option<Profile> {
        let answer = &self.file["userinfo"];
        let mapping = self.config.configured_profile_mapping();
        let told = (!answer.is_null()).then(|| {
            Profile::from_response(&response(answer), id_token, mapping)
                .unwrap_or_else(|error| panic!("{}: {error}", self.name))
        });
        let known = id_token.map(IdToken::profile);
        match (told, known) {
            (Some(told), Some(known)) => Some(told.completed_by(known)),
            (told, known) => told.or(known),
        }
    }

    /// The whole way of one person.
    fn run(&self) {
        let authorization = self.sign_in();
        let login = &authorization.pending_login;
        let token = &self.file["id_token"];
        let tokens = self.tokens(&self.file["token"], &self.token_text(token, login));
        let id_token = (!token.is_null()).then(|| {
            let verified = self.verified(&tokens, login);
            let access_token = tokens.access_token();
            IdToken::of_login(&verified, &authorization, access_token, &self.config, self.now)
                .unwrap_or_else(|error| panic!("{}: {error}", self.name))
        });
        assert_eq!(id_token.is_some(), login.scope().contains("openid"), "{}", self.name);
        let has_refresh_token = json!(tokens.refresh_token().is_some());
        assert_eq!(has_refresh_token, *self.expected("refresh_token"), "{}", self.name);
        let profile = self.profile(id_token.as_ref());
        let told = |member: &str, value: Option<&str>| {
            assert_eq!(json!(value), *self.expected(member), "{}: {member}", self.name);
        };
        told("subject", profile.as_ref().map(Profile::subject));
        told("name", profile.as_ref().and_then(Profile::name));
        told("email", profile.as_ref().and_then(Profile::email));
        self.renew(login, id_token.as_ref(), tokens.refresh_token());
        self.sign_out(login);
    }

    fn renew(
        &self,
        login: &PendingLogin,
        original: Option<&IdToken>,
        refresh_token: Option<&RefreshToken>,
    ) {
        let answer = &self.file["refresh"];
        assert_eq!(answer.is_null(), refresh_token.is_none(), "{}", self.name);
        if answer.is_null() {
            return;
        }
        let token = &answer["id_token"];
        let tokens = self.tokens(answer, &self.token_text(token, login));
        if let (Some(original), true) = (original, tokens.id_token().is_some()) {
            let verified = self.verified(&tokens, login);
            let (access_token, issuer) = (tokens.access_token(), login.metadata().issuer());
            let newer = IdToken::of_refresh(
                &verified,
                original,
                access_token,
                issuer,
                &self.config,
                self.now.plus(2),
            );
            let newer = newer.unwrap_or_else(|error| panic!("{}: {error}", self.name));
            assert_eq!(newer.profile().name(), original.profile().name(), "{}", self.name);
        }
        for error in self.file["errors"].as_array().unwrap() {
            let code = refused_refresh::refusal(&response(error)).map(|error| error.code());
            let expected = match error["outcome"].as_str().unwrap() {
                "over" => Some(ErrorCode::SessionEnded),
                "person" => Some(ErrorCode::InteractionRequired),
                "refused" => Some(ErrorCode::RenewalRefused),
                "fault" => None,
                other => panic!("there is no outcome {other}"),
            };
            assert_eq!(code, expected, "{}: {}", self.name, error["about"]);
        }
    }

    fn sign_out(&self, login: &PendingLogin) {
        let hint = RawIdToken::new("hint");
        let state = State::from_random(&[1; 32]);
        let request =
            LogoutRequest::new(login.metadata(), &self.config, Some(&hint), None, &state).unwrap();
        let url = request.and_then(|request| request.url());
        match self.expected("logout").as_str() {
            Some(beginning) => {
                assert!(url.unwrap_or_default().starts_with(beginning), "{}", self.name);
            }
            None => assert_eq!(url, None, "{}", self.name),
        }
    }
}

fn response(answer: &serde_json::Value) -> ServerResponse {
    ServerResponse {
        status: answer["status"].as_u64().unwrap_or(200).try_into().unwrap(),
        content_type: answer["content_type"].as_str().map(str::to_owned),
        body: match answer["body"].as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => answer["body"].to_string().into_bytes(),
        },
        ..ServerResponse::default()
    }
}

#[test]
fn each_preset_signs_a_person_in_with_its_providers_answers() {
    for (text, preset, config) in FILES {
        let provider = Provider::new(text, config);
        let spaceless = |text: &str| text.replace([' ', '\n'], "");
        assert_eq!(spaceless(&provider.preset()), spaceless(preset));
        provider.run();
    }
}

// It has no preset, for nothing but its address is to be known of it.
#[test]
fn gitea_signs_a_person_in_with_its_answers() {
    let text = include_str!("../../../../tests/providers/gitea.json");
    let file: serde_json::Value = serde_json::from_str(text).unwrap();
    let settings = &file["config"];
    let config = |client_id: &str, redirect_uri: &str| {
        let issuer = settings["issuer"].as_str().unwrap();
        Config::new(issuer, client_id, redirect_uri)?.scope(settings["scope"].as_str().unwrap())
    };
    Provider::new(text, config).run();
}

/// The names of all presets.
pub(super) fn exported() -> Vec<&'static str> {
    let source = include_str!("../../presets/mod.rs");
    let exported = source.split("pub use ").skip(1).filter_map(|list| list.split_once('{'));
    let names = exported.flat_map(|(_, list)| list.split('}').next().unwrap().split(','));
    names.map(str::trim).filter(|name| !name.is_empty()).collect()
}

#[test]
fn no_preset_is_without_its_providers_answers() {
    let names = exported();
    assert!(names.len() > 15, "{names:?}");
    for name in names {
        let is_of = |(_, preset, _): &&(&str, &str, _)| preset.starts_with(name);
        assert!(FILES.iter().any(|file| is_of(&file)), "{name}");
    }
}

// A file that nobody runs proves nothing.
#[test]
fn each_file_of_answers_is_run() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/providers");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
    // Gitea's is run by a test of its own.
    let run = FILES.len() + 1;
    assert_eq!(files.count(), run);
}
