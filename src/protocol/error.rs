//! Everything that can go wrong, each with a stable code, who is at fault, and what to do.

use core::fmt;

use super::text::presentable;

/// Who has to act so that it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The app's settings, or the app's registration with the provider.
    Configuration,
    /// The authorization server or the resource server.
    Provider,
    /// The browser, or what it forbids this page.
    Browser,
    /// The way between the two.
    Network,
    /// The person, who decided so or took too long.
    Person,
    /// Somebody else: the input looks forged.
    Attack,
}

impl Fault {
    /// The stable name: `configuration`, `provider`, `browser`, `network`, `person`, `attack`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Provider => "provider",
            Self::Browser => "browser",
            Self::Network => "network",
            Self::Person => "person",
            Self::Attack => "attack",
        }
    }
}

/// Declares the codes: name, stable text, fault, whether a retry can help, what happened, what to do.
macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $fault:ident, $retry:literal, $meaning:literal, $advice:literal;)*) => {
        /// What went wrong, as a stable code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(#[doc = $meaning] $(#[$doc])* $name,)*
        }

        impl ErrorCode {
            /// Every code, in the order of the documentation's table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            const fn facts(self) -> Facts {
                match self {
                    $(Self::$name => Facts {
                        code: $code, fault: Fault::$fault, retry: $retry, meaning: $meaning, advice: $advice,
                    },)*
                }
            }
        }
    };
}

/// What is known of a code.
struct Facts {
    code: &'static str,
    fault: Fault,
    retry: bool,
    meaning: &'static str,
    advice: &'static str,
}

error_codes! {
    InvalidConfig = "invalid_config", Configuration, false,
        "A setting of the app can't be used.",
        "Correct the setting that the error names.";
    InvalidScope = "invalid_scope", Configuration, false,
        "A scope has a character that is not allowed, or the provider does not know it.",
        "Write scopes separated by single spaces (Config::scope), and only those that the provider offers to this app.";
    InsecureUrl = "insecure_url", Configuration, false,
        "A URL is not https (nor http on this very machine).",
        "Use https, without user name, password or fragment.";
    OriginNotAllowed = "origin_not_allowed", Configuration, false,
        "The app asked to send the access token to an origin or path that is not on its list.",
        "Add it with Config::allow_origin or Config::allow_path, if it is a resource server of yours; with Config::allow_dpop_origin or Config::allow_dpop_path, if it takes bound tokens; with Config::allow_api, if it needs a token of its own.";
    DiscoveryNotFound = "discovery_not_found", Configuration, true,
        "The provider's discovery document was not found.",
        "Check the issuer, to the letter: the document is looked for below it, or where Config::discovery_url says.";
    DiscoveryInvalid = "discovery_invalid", Provider, false,
        "The provider's discovery document lacks something or has something impossible in it.",
        "Tell the provider, or give what is right with Config::metadata or Config::endpoints.";
    DiscoveryIssuerMismatch = "discovery_issuer_mismatch", Configuration, false,
        "The discovery document names another issuer than the one that was configured.",
        "Set the issuer exactly as the document writes it, with or without the last slash.";
    PkceNotSupported = "pkce_not_supported", Provider, false,
        "The provider does not say that it supports PKCE with S256.",
        "If its documentation says that it does, state so with Config::pkce_is_documented (the widget: pkce=documented).";
    ProviderNeedsSecret = "provider_needs_secret", Configuration, false,
        "This provider can't be used from a web page: it wants a client secret, or does not answer other origins.",
        "Sign in through a broker that is itself the authorization server (Keycloak, Auth0, Zitadel, Logto or another), and connect this provider there.";

    DpopNotSupported = "dpop_not_supported", Provider, false,
        "The app wants tokens that are bound to a key (DPoP), but the provider does not say that it gives any, or this build of the app can't do it.",
        "Turn DPoP on at the provider, leave out Dpop::Required, or build with the feature dpop.";
    ParNotSupported = "par_not_supported", Provider, false,
        "Authorization requests are to be pushed (PAR), which the provider does not offer, or this build of the app can't do.",
        "Turn PAR on at the provider, leave out Par::Required, or build with the feature par.";

    StateMissing = "state_missing", Provider, true,
        "The answer does not say which sign-in it belongs to, so that nobody knows whether it is the provider's.",
        "Go on with the sign-in, or start it again on this page. If the provider's words stand here, they may be somebody else's.";
    StateMismatch = "state_mismatch", Attack, true,
        "The answer belongs to no sign-in of this tab.",
        "Start the sign-in again on this page. If you followed a link to get here, don't trust it.";
    LoginNotFound = "login_not_found", Person, true,
        "No sign-in is waiting in this tab for an answer.",
        "Start the sign-in again on this page: an answer works once, in the tab where it was asked for.";
    LoginExpired = "login_expired", Person, true,
        "The sign-in took longer than it may: ten minutes, unless the app says otherwise.",
        "Start the sign-in again. An app whose people need longer gives them more time with Config::login_limit.";
    IssuerMismatch = "issuer_mismatch", Attack, true,
        "The answer comes from another provider than the one that was asked.",
        "Start the sign-in again. If it happens again, check the issuer setting.";
    IssuerMissing = "issuer_missing", Configuration, true,
        "The answer does not say which provider it comes from, although this provider always says so.",
        "Start the sign-in again. If it happens again, have the provider say it: at Keycloak, switch off 'Exclude Issuer From Authentication Response' for this client.";
    DuplicateParameter = "duplicate_parameter", Attack, true,
        "A parameter stands twice in the answer.",
        "Start the sign-in again on this page.";
    CodeAndError = "code_and_error", Attack, true,
        "The answer says both yes and no.",
        "Start the sign-in again on this page.";
    CodeMissing = "code_missing", Provider, true,
        "The answer has neither a code nor an error.",
        "Start the sign-in again. If it happens again, tell the provider.";
    ResponseInFragment = "response_in_fragment", Provider, false,
        "The answer came behind a '#', where it does not belong in this flow.",
        "Have the provider answer in the query (response_mode=query).";
    TokenInCallback = "token_in_callback", Attack, true,
        "A token came in the address of the page, where this flow never puts one.",
        "Start the sign-in again on this page.";
    InitiatedLoginRefused = "initiated_login_refused", Attack, false,
        "Somebody sent the person here to sign in at a provider, or for a page, that is not this app's.",
        "Open the app itself and sign in there. If you followed a link to get here, don't trust it. A page of your own that sends people here must name the issuer to the letter.";
    PopupClosed = "popup_closed", Person, true,
        "The window for signing in was closed before the sign-in was done.",
        "Start the sign-in again. The window closes by itself when you are done there.";
    AccessDenied = "access_denied", Person, true,
        "The sign-in was cancelled or refused at the provider.",
        "Sign in again and allow what the app asks for, if you want to go on.";
    InteractionRequired = "interaction_required", Person, true,
        "The provider needs the person: to sign in, to choose an account or to consent.",
        "Start the sign-in again with a click.";
    ProviderError = "provider_error", Provider, false,
        "The provider refused the sign-in.",
        "Read the provider's own code and text, and check the app's registration with the provider.";
    InvalidTarget = "invalid_target", Configuration, false,
        "The provider does not know the API (resource) that the token is to be for, or gives this app no token for it.",
        "Write the resource as the provider knows it (RequestOptions::resource, Api::resource), and check what the app may ask for.";
    ProviderUnavailable = "provider_unavailable", Provider, true,
        "The provider is out of order or overloaded.",
        "Try again in a moment.";

    TokenRequestRefused = "token_request_refused", Provider, true,
        "The provider did not accept the code.",
        "Start the sign-in again. If it happens again, check that the app is registered as a public client (no secret) with this redirect URI.";
    PushedRequestRefused = "pushed_request_refused", Provider, false,
        "The provider did not accept the pushed authorization request (PAR).",
        "Read the provider's own code and text, and check the app's registration with the provider; or leave out Par::Required.";
    NotJson = "not_json", Provider, true,
        "The server's answer can't be read as JSON.",
        "Check that the URL is the right one; a proxy may answer in the server's place.";
    InvalidResponse = "invalid_response", Provider, false,
        "The server's answer lacks something or has something impossible in it.",
        "Tell the provider which request it was.";
    UnsupportedTokenType = "unsupported_token_type", Provider, false,
        "The provider gave a token of a type that this app can't use.",
        "Have the provider issue Bearer tokens to this client.";
    DpopDowngrade = "dpop_downgrade", Provider, false,
        "The provider gave a token that is not bound to the key that it was shown.",
        "Have the provider bind this app's tokens (DPoP), or leave out Dpop::Required.";
    DpopNonceRefused = "dpop_nonce_refused", Provider, true,
        "The server asks for a nonce in the proof (DPoP), but gives none that can be used, or refuses it.",
        "Tell the provider: its CORS headers must expose DPoP-Nonce. Or leave out Dpop::Required.";
    IdTokenMissing = "id_token_missing", Provider, false,
        "The scope openid was asked for, but no ID token came.",
        "Register the app for OpenID Connect, or leave openid out of Config::scope.";
    IdTokenInvalid = "id_token_invalid", Provider, true,
        "The ID token is not for this app, not from this provider, too old, or not well formed.",
        "Start the sign-in again. If it happens again, check issuer and client id, and name other apps that its tokens may be for with Config::trusted_audience.";
    ClockWrong = "clock_wrong", Browser, true,
        "This computer's clock is wrong, so that the dates of what the provider sends can't be judged.",
        "Set the clock of this computer (date, time and time zone), then try again.";
    SignatureInvalid = "signature_invalid", Attack, true,
        "A token's signature is not the provider's.",
        "Start the sign-in again. If it happens again, tell the provider.";
    SigningKeyNotFound = "signing_key_not_found", Provider, true,
        "The provider's key set has no key that could have signed the token.",
        "Try again in a moment: the provider may be changing its keys. If it happens again, tell the provider.";
    KeysInvalid = "keys_invalid", Provider, true,
        "The provider's key set can't be read.",
        "Tell the provider: its jwks_uri must answer with a JSON Web Key Set.";
    AuthenticationInsufficient = "authentication_insufficient", Provider, true,
        "The person was not signed in as recently or as strongly as was asked for.",
        "Sign in again. If it happens again, check that the provider offers the acr_values and max_age that the app asks for, or ask with RequestOptions::acr_hint, which is not checked.";
    NonceMismatch = "nonce_mismatch", Attack, true,
        "The ID token belongs to another sign-in.",
        "Start the sign-in again on this page.";
    SubjectMismatch = "subject_mismatch", Attack, true,
        "The profile, the renewed session or the request to repeat belongs to another person than the one who signed in.",
        "Start the sign-in again on this page.";

    NotSignedIn = "not_signed_in", Person, true,
        "Nobody is signed in.",
        "Sign in first.";
    SessionEnded = "session_ended", Provider, true,
        "The provider has ended the session.",
        "Sign in again.";
    SessionExpired = "session_expired", Person, true,
        "The session has run out: the provider gave no means to go on with it.",
        "Sign in again. An app that asks for a refresh token, or for Reload::AskProvider, can go on by itself.";
    RenewalRefused = "renewal_refused", Provider, true,
        "The provider did not renew the access token.",
        "Sign in again. If it happens again, read the provider's own code and text, and check the app's registration there.";
    ApiTokenRefused = "api_token_refused", Configuration, true,
        "The provider gave no access token for this API.",
        "Read the provider's own code and text. Check the resource, audience and scope of Config::allow_api, and that the app may use the API; where the person has to consent, sign in again.";
    AnotherPerson = "another_person", Person, true,
        "Somebody else has signed in in another tab of this browser.",
        "Sign in here as well, if you want to go on.";
    NoRefreshToken = "no_refresh_token", Configuration, false,
        "The provider gave no refresh token, so no new access token can be had.",
        "Ask for the scope offline_access (Config::scope), or for what the provider wants instead, or sign in again.";
    LogoutNotSupported = "logout_not_supported", Provider, false,
        "The provider has no page to sign out at, or wants an ID token there and none can be sent. The person is signed out of the app.",
        "Use Client::sign_out. Session::can_end_at_provider tells it beforehand.";
    SigningInAgain = "signing_in_again", Person, true,
        "The server asks for more than the sign-in brought, so the person signs in again.",
        "Wait: the page is about to be left. Client::repeated has the answer when the person is back.";
    TokenRefused = "token_refused", Provider, true,
        "The resource server did not accept the access token.",
        "Sign in again: the token may have run out or been withdrawn. If it happens again, it may be for another server: name the right one with RequestOptions::resource, or give the API a token of its own with Config::allow_api.";
    InsufficientScope = "insufficient_scope", Configuration, true,
        "The access token does not allow this.",
        "Sign in again and ask for the scope that the error names (SignIn::add_scope).";
    ProfileNotAvailable = "profile_not_available", Configuration, false,
        "The provider has no userinfo endpoint, and no profile endpoint was configured.",
        "Give one with Config::profile_endpoint.";
    ResourceError = "resource_error", Provider, true,
        "The resource server answered with an error.",
        "Try again in a moment.";

    NetworkOrCors = "network_or_cors", Network, true,
        "The server could not be reached, or does not allow this page to read its answer (CORS).",
        "Check that the server runs, and that it allows this page's origin (often called 'allowed web origins').";
    Timeout = "timeout", Network, true,
        "The server did not answer in time.",
        "Try again in a moment.";
    ResponseTooLarge = "response_too_large", Provider, false,
        "The server's answer is larger than any honest one.",
        "Check that the URL is the right one.";
    StorageDenied = "storage_denied", Browser, true,
        "The browser does not let this page keep anything (session storage).",
        "Allow this site to store data (cookies and site data), or leave the strict private mode, then sign in again.";
    RandomUnavailable = "random_unavailable", Browser, false,
        "The browser gives no secure random numbers.",
        "Open the page over https in a current browser.";
    CryptoUnavailable = "crypto_unavailable", Browser, false,
        "The browser can't do the cryptography that signing in here needs (Web Crypto).",
        "Open the page over https in a current browser.";
    NavigationFailed = "navigation_failed", Browser, true,
        "The browser did not go to the provider's page.",
        "Open the page in a tab of its own, outside of a frame.";
    PageInFrame = "page_in_frame", Browser, false,
        "The page is in a frame, and a provider's page does not belong in one: most refuse that.",
        "Open the page in a tab of its own. An app that belongs in a frame of its own site signs in in a window beside it (SignIn::in_popup), which a vault does not open.";
    PageInForeignFrame = "page_in_foreign_frame", Browser, false,
        "The page is in a frame of another site. There nobody can sign in: a provider's page does not belong in a frame, and the browser keeps a frame's storage apart from that of a window beside it.",
        "Open the page in a tab of its own.";
    VaultUnavailable = "vault_unavailable", Browser, true,
        "The worker that keeps the tokens could not be started, or does not answer any more. The tokens are gone with it.",
        "Reload the page. If it happens again, check that the worker's script and wasm are where Client::in_vault says, on the page's own origin and of the same version, and that the policies allow it (worker-src 'self' of the page, and 'wasm-unsafe-eval' of the script's own answer).";
}

impl ErrorCode {
    /// The code of this stable text.
    #[cfg(any(feature = "demo", feature = "vault"))]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }

    /// The stable text of the code: `state_mismatch`.
    pub const fn as_str(self) -> &'static str {
        self.facts().code
    }

    /// Who has to act.
    pub const fn fault(self) -> Fault {
        self.facts().fault
    }

    /// Whether trying again, with nothing changed, can help.
    pub const fn retry_can_help(self) -> bool {
        self.facts().retry
    }

    /// Whether only another token can mend it: trying again means signing in again.
    pub const fn needs_new_token(self) -> bool {
        matches!(self, Self::TokenRefused | Self::InsufficientScope | Self::SubjectMismatch)
    }

    /// What happened, a sentence.
    pub const fn meaning(self) -> &'static str {
        self.facts().meaning
    }

    /// What to do, a sentence for the one who has to act.
    pub const fn advice(self) -> &'static str {
        self.facts().advice
    }
}

/// What the provider itself said (RFC 6749 sections 4.1.2.1 and 5.2), made fit to be shown as text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProviderError {
    /// The `error` value: `invalid_grant`.
    pub error: String,
    /// The `error_description` value.
    pub description: Option<String>,
}

impl ProviderError {
    /// Cleans and shortens what came: it is text from outside.
    pub fn new(error: &str, description: Option<&str>) -> Self {
        let description = description.map(presentable).filter(|text| !text.is_empty());
        Self { error: presentable(error), description }
    }
}

/// An error of this library. It never holds a token, a code, a verifier or a nonce.
/// Behind a pointer, so that the good results stay small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Details>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Details {
    code: ErrorCode,
    subject: Option<String>,
    provider: Option<ProviderError>,
    retry_after: Option<u64>,
}

impl Error {
    /// An error with this code.
    pub fn new(code: ErrorCode) -> Self {
        Self(Box::new(Details { code, subject: None, provider: None, retry_after: None }))
    }

    /// The same, about a setting and what it says.
    #[cfg(feature = "widget")]
    pub(crate) fn about_setting(self, name: &str, value: &str) -> Self {
        self.about(&[name, " ", value].concat())
    }

    /// The same, naming what it is about: a setting, an endpoint, a scope. Never a secret.
    #[must_use]
    pub fn about(mut self, subject: &str) -> Self {
        self.0.subject = Some(presentable(subject));
        self
    }

    /// The same, with what the provider said.
    #[must_use]
    pub fn said(mut self, provider: ProviderError) -> Self {
        self.0.provider = Some(provider);
        self
    }

    /// The same, with the number of seconds after which the server wants to be asked again.
    #[must_use]
    pub fn retry_after(mut self, seconds: Option<u64>) -> Self {
        self.0.retry_after = seconds;
        self
    }

    /// What went wrong.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// Who has to act: of an ID token the claim tells. One of another issuer, or for another app, is a setting
    /// as a rule; a wrong hash is another token or code than the one that it came with.
    pub fn fault(&self) -> Fault {
        match (self.code(), self.subject()) {
            (ErrorCode::IdTokenInvalid, Some("iss" | "aud" | "azp")) => Fault::Configuration,
            (ErrorCode::IdTokenInvalid, Some("at_hash" | "c_hash" | "s_hash")) => Fault::Attack,
            (code, _) => code.fault(),
        }
    }

    /// Whether trying again, with nothing changed, can help.
    pub fn retry_can_help(&self) -> bool {
        self.0.code.retry_can_help()
    }

    /// What the error is about: the setting, endpoint or scope.
    pub fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    /// The code, what happened, what it is about and what to do, in English.
    pub fn message(&self) -> String {
        let code = self.code();
        let about = self.subject().map(|subject| [" (", subject, ")"].concat()).unwrap_or_default();
        [code.as_str(), ": ", code.meaning(), &about, " ", code.advice()].concat()
    }

    /// After how many seconds the server wants to be asked again, where it says so and this page may see it.
    pub fn wanted_pause(&self) -> Option<u64> {
        self.0.retry_after
    }

    /// What the provider said about it.
    pub fn provider(&self) -> Option<&ProviderError> {
        self.0.provider.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message())
    }
}

impl core::error::Error for Error {}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}
