//! What the fuzz targets share: one login at one provider, and how its answers are wrapped.

use pixy_login::protocol::{
    AuthorizationRequest, Config, Error, Issuer, PendingLogin, ProviderMetadata, RandomValues,
    RequestOptions, ReturnTo, ServerResponse, UnixTime, Wish,
};

/// The provider.
pub const ISSUER: &str = "https://id.example";
/// The app.
pub const CLIENT_ID: &str = "my-app";
/// Where the provider sends people back to.
pub const REDIRECT_URI: &str = "https://app.example/shop/callback.html";
/// The state of [`login`]: 32 bytes of 1. The seeds hold it.
pub const STATE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
/// The nonce of [`login`]: 32 bytes of 2. The seeds hold it.
pub const NONCE: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";
/// When everything happens.
pub const NOW: UnixTime = UnixTime(1_800_000_000);

/// The app's settings.
pub fn config() -> Config {
    Config::new(ISSUER, CLIENT_ID, REDIRECT_URI).unwrap()
}

/// The provider's metadata; `names_issuer` says whether each of its answers carries `iss`.
pub fn metadata(names_issuer: bool) -> ProviderMetadata {
    let document = serde_json::json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://id.example/authorize",
        "token_endpoint": "https://id.example/token",
        "userinfo_endpoint": "https://id.example/me",
        "jwks_uri": "https://id.example/jwks",
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": names_issuer,
    });
    let issuer = Issuer::parse(ISSUER).unwrap();
    ProviderMetadata::from_response(&issuer, &json(document.to_string().as_bytes())).unwrap()
}

/// A login that has begun, with [`STATE`] and [`NONCE`].
pub fn login(names_issuer: bool) -> PendingLogin {
    let config = config();
    let random = RandomValues { code_verifier: [3; 32], state: [1; 32], nonce: [2; 32] };
    let wish = Wish {
        scope: config.login_scope(),
        options: RequestOptions::new(),
        return_to: ReturnTo::new("", config.redirect_uri()),
        dpop_jkt: None,
        needed: None,
        refused: None,
        step_ups: 0,
        resumes: None,
        in_popup: false,
        is_again: false,
    };
    let metadata = metadata(names_issuer);
    let request = AuthorizationRequest::new(&config, &metadata, wish, &random, NOW).unwrap();
    request.pending_login().clone()
}

/// A good answer with this body.
pub fn json(body: &[u8]) -> ServerResponse {
    ServerResponse {
        status: 200,
        content_type: Some("application/json".to_owned()),
        www_authenticate: None,
        dpop_nonce: None,
        retry_after: None,
        headers: Vec::new(),
        body: body.to_vec(),
    }
}

/// What an error shows of the text that caused it is short and only to be read.
pub fn assert_presentable(error: &Error) {
    let provider = error.provider();
    let texts = [
        error.subject(),
        provider.map(|said| said.error.as_str()),
        provider.and_then(|said| said.description.as_deref()),
    ];
    for text in texts.into_iter().flatten() {
        assert!(text.chars().count() <= 300, "too long: {text:?}");
        assert!(!text.chars().any(is_acting), "not only to be read: {text:?}");
    }
}

/// Control characters, and marks that turn the writing direction.
pub fn is_acting(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}
