//! The tables of cases: one line says what each does where an honest server would not. Here are the
//! kinds of changes and the cases of a plain sign-in; a subject of its own has a table of its own.

mod dpop;
mod logout;
mod par;
mod refresh;
mod resource;
mod signing;

use crate::signing::{HONEST_KEYS, HONEST_SIGNING, KeySet, Signing};

/// A change to the parameters or members of an honest answer. `{issuer}` and `{origin}` in a value
/// stand for the case's issuer and the server's origin. Values of JSON members are JSON text.
#[derive(Clone, Copy, Debug)]
pub enum Edit {
    /// Gives a member this value, whether it was there or not.
    Set(&'static str, &'static str),
    /// Gives a parameter a value of this many letters.
    SetLong(&'static str, usize),
    /// Gives a member a text of this many letters.
    SetLongText(&'static str, usize),
    /// Gives a member the time that is this many seconds from now.
    SetTime(&'static str, i64),
    /// Leaves a member out.
    Remove(&'static str),
    /// Adds one more of that name.
    Append(&'static str, &'static str),
    /// Sends a member twice, with the same value.
    Repeat(&'static str),
}

/// How an endpoint answers.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// The honest document, with these changes.
    Honest(&'static [Edit]),
    /// The honest document, with these changes to its bytes.
    Mangled(fn(Vec<u8>) -> Vec<u8>),
    /// This and nothing else.
    Fixed {
        /// The status code.
        status: u16,
        /// The media type; empty for none.
        content_type: &'static str,
        /// More header fields.
        headers: &'static [(&'static str, &'static str)],
        /// The body.
        body: &'static str,
    },
    /// The honest document, with this status code.
    WithStatus(u16),
    /// The honest document, which no script of another origin may read.
    WithoutCors,
    /// A redirect to the honest case's endpoint of the same name.
    Redirect,
    /// An object that does not end before 200 MB.
    Flood {
        /// Whether `Content-Length` tells the size beforehand.
        declared: bool,
    },
    /// One byte each second.
    Drip,
    /// No answer at all.
    Silence,
}

/// How the authorization endpoint sends the browser back.
#[derive(Clone, Copy, Debug)]
pub enum Authorize {
    /// Parameters in the query, with these changes.
    Query(&'static [Edit]),
    /// Parameters in the fragment, with these changes.
    Fragment(&'static [Edit]),
}

/// The ID token in the token response.
#[derive(Clone, Copy, Debug)]
pub enum IdToken {
    /// The honest claims, with these changes.
    Claims(&'static [Edit]),
    /// This text in its place.
    Text(&'static str),
    /// None.
    Absent,
}

/// A case's DPoP (RFC 9449).
#[derive(Clone, Copy, Debug)]
pub struct Dpop {
    /// The nonces that the token and PAR endpoints demand.
    pub authorization_server: Nonces,
    /// The nonces that userinfo and the resource server demand.
    pub resource_server: Nonces,
    /// Whether CORS lets the header `DPoP` in.
    pub let_in: bool,
    /// Whether a script may read `DPoP-Nonce`.
    pub exposed: bool,
    /// Whether tokens are bound to the key; else they are `Bearer`, and nobody needs a proof.
    pub bound: bool,
}

/// The nonces that a server demands in proofs (RFC 9449 sections 8 and 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nonces {
    /// None.
    None,
    /// The newest one; every answer brings another.
    Newest,
    /// Another one for ever.
    NeverRight,
    /// One of 8 kB.
    Huge,
    /// One with a space and quotes in it.
    Illegal,
    /// Either of two, in two header fields.
    Twice,
}

/// A case's pushed authorization requests (RFC 9126).
#[derive(Clone, Copy, Debug)]
pub struct Par {
    /// Whether plain authorization requests are refused.
    pub required: bool,
    /// The PAR response.
    pub answer: Answer,
}

/// What a case does with refresh tokens (RFC 6749 section 6).
#[derive(Clone, Copy, Debug)]
pub struct Refresh {
    /// Whether every sign-in gets a refresh token, also without `offline_access`.
    pub always: bool,
    /// Whether a refresh token serves once and brings the next.
    pub rotation: bool,
    /// The refresh response.
    pub answer: Answer,
    /// The ID token in it.
    pub id_token: IdToken,
    /// How that one is signed; `None` for as at the sign-in.
    pub signing: Option<Signing>,
}

/// What the resource server asks for beyond a valid token.
#[derive(Clone, Copy, Debug)]
pub enum Api {
    /// Nothing.
    Honest,
    /// Something that the sign-in did not bring.
    Unless(Need, Refusal),
    /// What nothing brings.
    Never(Refusal),
    /// Nothing, but it answers like this.
    Answers(Answer),
    /// Nothing, but it sends on, with the `status` and to the place (`to`) that the query says.
    Redirects,
}

/// What the resource server may need.
#[derive(Clone, Copy, Debug)]
pub enum Need {
    /// A token with this scope.
    Scope(&'static str),
    /// A sign-in that reached this authentication context class.
    Acr(&'static str),
    /// A sign-in with `max_age`.
    MaxAge,
    /// A token for this API alone: `urn:` and the last part of its path (RFC 8707).
    Own,
    /// Another access token than the one of the sign-in.
    Renewed,
}

/// How the resource server refuses.
#[derive(Clone, Copy, Debug)]
pub struct Refusal {
    /// The status code.
    pub status: u16,
    /// The `WWW-Authenticate` fields (RFC 9110 section 11.6.1).
    pub challenges: &'static [&'static str],
}

/// What a case does.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The first segment of the issuer's path.
    pub name: &'static str,
    /// The metadata document.
    pub discovery: Answer,
    /// The authorization response.
    pub authorize: Authorize,
    /// The token response.
    pub token: Answer,
    /// The ID token in it.
    pub id_token: IdToken,
    /// The userinfo response.
    pub userinfo: Answer,
    /// Whether the server speaks plain OAuth (RFC 8414) without OpenID Connect.
    pub oauth_only: bool,
    /// Whether every answer sets a cookie and would let credentials pass.
    pub cookies: bool,
    /// How the ID token is signed.
    pub signing: Signing,
    /// The keys in the key set.
    pub keys: KeySet,
    /// The key set response.
    pub jwks: Answer,
    /// How the userinfo response is signed; `None` for plain JSON.
    pub userinfo_signing: Option<Signing>,
    /// DPoP, where it is announced.
    pub dpop: Option<Dpop>,
    /// Pushed authorization requests, where they are announced.
    pub par: Option<Par>,
    /// Refresh tokens.
    pub refresh: Refresh,
    /// The revocation response.
    pub revocation: Answer,
    /// Changes to the parameters that come back from the end session endpoint.
    pub logout: &'static [Edit],
    /// The resource server.
    pub api: Api,
}

/// The honest server.
pub const HONEST: Case = Case {
    name: "honest",
    discovery: Answer::Honest(&[]),
    authorize: Authorize::Query(&[]),
    token: Answer::Honest(&[]),
    id_token: IdToken::Claims(&[]),
    userinfo: Answer::Honest(&[]),
    oauth_only: false,
    cookies: false,
    signing: HONEST_SIGNING,
    keys: HONEST_KEYS,
    jwks: Answer::Honest(&[]),
    userinfo_signing: None,
    dpop: None,
    par: None,
    refresh: HONEST_REFRESH,
    revocation: Answer::Honest(&[]),
    logout: &[],
    api: Api::Honest,
};

/// Refresh tokens for whoever asks for `offline_access`, each for one use.
pub const HONEST_REFRESH: Refresh = Refresh {
    always: false,
    rotation: true,
    answer: Answer::Honest(&[]),
    id_token: IdToken::Claims(&[]),
    signing: None,
};

/// Every case.
pub fn all() -> impl Iterator<Item = &'static Case> {
    let tables = [
        CASES,
        signing::CASES,
        dpop::CASES,
        par::CASES,
        refresh::CASES,
        logout::CASES,
        resource::CASES,
    ];
    tables.into_iter().flatten()
}

/// The case of a name.
pub fn find(name: &str) -> Option<&'static Case> {
    all().find(|case| case.name == name)
}

use Edit::{Append, Remove, Repeat, Set, SetLong};

/// The cases of a plain sign-in, in its order.
const CASES: &[Case] = &[
    HONEST,
    // Honest, in ways that a client must also cope with.
    Case { oauth_only: true, id_token: IdToken::Absent, ..named("oauth-only") },
    Case {
        discovery: Answer::Honest(&[Set("revocation_endpoint", "\"nowhere\"")]),
        token: Answer::Honest(&[Set("expires_in", "\"soon\"")]),
        id_token: IdToken::Claims(&[Set("auth_time", "\"yesterday\"")]),
        userinfo: Answer::Honest(&[Set("picture", "\"javascript:alert(1)\"")]),
        ..named("optional-members-unusable")
    },
    authorize(
        "access-denied",
        &[
            Remove("code"),
            Set("error", "access_denied"),
            Set("error_description", "The person said no."),
        ],
    ),
    authorize("server-error", &[Remove("code"), Set("error", "server_error")]),
    // The authorization response.
    authorize("t1-wrong-state", &[Set("state", "not-the-state-that-was-sent")]),
    authorize("t2-missing-state", &[Remove("state")]),
    authorize("t2-empty-state", &[Set("state", "")]),
    authorize("t6-mix-up", &[Set("iss", "{origin}/honest")]),
    authorize("t6-iss-slash", &[Set("iss", "{issuer}/")]),
    authorize("t7-iss-missing", &[Remove("iss")]),
    authorize(
        "t7-iss-missing-error",
        &[Remove("iss"), Remove("code"), Set("error", "access_denied")],
    ),
    Case {
        discovery: Answer::Honest(&[Remove(ISS_SUPPORTED)]),
        ..named("t9-iss-not-advertised-right")
    },
    Case {
        discovery: Answer::Honest(&[Remove(ISS_SUPPORTED)]),
        authorize: Authorize::Query(&[Set("iss", "{origin}/honest")]),
        ..named("t9-iss-not-advertised-wrong")
    },
    Case {
        discovery: Answer::Honest(&[Remove(ISS_SUPPORTED)]),
        authorize: Authorize::Query(&[Remove("iss")]),
        ..named("t9-iss-not-advertised-missing")
    },
    authorize("t10-code-twice", &[Repeat("code")]),
    authorize("t10-state-twice", &[Repeat("state")]),
    authorize("t10-iss-twice", &[Repeat("iss")]),
    authorize("t10-error-twice", &[Remove("code"), Set("error", "access_denied"), Repeat("error")]),
    authorize(
        "t10-other-state-first",
        &[Remove("state"), Append("state", "first"), Append("state", "second")],
    ),
    authorize("t11-code-and-error", &[Set("error", "access_denied")]),
    Case { authorize: Authorize::Fragment(&[]), ..named("t12-fragment") },
    Case {
        authorize: Authorize::Fragment(&[
            Remove("code"),
            Set("access_token", "access-token-in-the-fragment"),
            Set("token_type", "Bearer"),
        ]),
        ..named("t12-token-in-fragment")
    },
    authorize(
        "t12-token-in-query",
        &[Set("access_token", "access-token-in-the-query"), Set("token_type", "Bearer")],
    ),
    authorize("t12-jarm-not-asked", &[Set("response", "e30.e30.c2ln")]),
    authorize(
        "t15-html",
        &[
            Remove("code"),
            Set("error", "access_denied"),
            Set(
                "error_description",
                "<img src=x onerror=\"window.pixyInjected=1\"><script>window.pixyInjected=1</script><b id=\"pixy-injected\">bold</b>",
            ),
            Set("error_uri", "javascript:window.pixyInjected=1"),
        ],
    ),
    authorize(
        "t15-html-in-error",
        &[Remove("code"), Set("error", "<b id=\"pixy-injected\">access_denied</b>")],
    ),
    authorize(
        "t15-right-to-left",
        &[
            Remove("code"),
            Set("error", "access_denied"),
            Set(
                "error_description",
                "\u{202e}moc.live morf\u{202c} \u{2066}\u{200f}\u{0}\r\n\u{1b}[31m",
            ),
        ],
    ),
    authorize(
        "t15-long",
        &[
            Remove("code"),
            Set("error", "access_denied"),
            SetLong("error_description", LONGEST_DESCRIPTION),
        ],
    ),
    authorize(
        "t17-extra-parameters",
        &[
            Set("session_state", "abc.def"),
            Set("authuser", "0"),
            Set("hd", "example.com"),
            Set("__proto__", "x"),
            Set("scope", "openid profile"),
        ],
    ),
    // The token response.
    token_fixed(
        "t26-html",
        200,
        "text/html",
        "<!DOCTYPE html><title>Sign in</title><p id=pixy-injected>secret-of-the-page",
    ),
    token_fixed(
        "t26-json-as-html",
        200,
        "text/html",
        r#"{"access_token":"access-token-as-html","token_type":"Bearer"}"#,
    ),
    token_fixed(
        "t27-error-200",
        200,
        JSON,
        r#"{"error":"invalid_grant","error_description":"The code was spent."}"#,
    ),
    token("t27-error-and-token", &[Set("error", "\"invalid_grant\"")]),
    token_fixed(
        "t28-400-json",
        400,
        JSON,
        r#"{"error":"invalid_grant","error_description":"The code was spent."}"#,
    ),
    token_fixed("t28-400-html", 400, "text/html", "<h1>Bad Request</h1>"),
    token_fixed("t28-500", 500, "text/plain", "Internal Server Error"),
    token_answer(
        "t28-429",
        Answer::Fixed {
            status: 429,
            content_type: "text/plain",
            headers: &[("Retry-After", "1")],
            body: "Slow down",
        },
    ),
    token_fixed("t28-204", 204, "", ""),
    token_answer("t28-redirect", Answer::Redirect),
    token_fixed("t29-array", 200, JSON, r#"[{"access_token":"x","token_type":"Bearer"}]"#),
    token_fixed("t29-string", 200, JSON, r#""access_token""#),
    token_fixed("t29-null", 200, JSON, "null"),
    token_fixed("t29-number", 200, JSON, "200"),
    token_fixed("t29-empty", 200, JSON, ""),
    token_answer("t29-truncated", Answer::Mangled(truncated)),
    token_answer("t29-byte-order-mark", Answer::Mangled(with_byte_order_mark)),
    token_answer("t29-invalid-utf-8", Answer::Mangled(with_invalid_utf8)),
    token("t29-nan", &[Set("expires_in", "NaN")]),
    token_answer("t29-deep-nesting", Answer::Mangled(only_brackets)),
    token_answer("t29-deep-member", Answer::Mangled(with_deep_member)),
    token("t29-twice", &[Append("access_token", "\"a-second-access-token\"")]),
    token("t31-access-token-missing", &[Remove("access_token")]),
    token("t31-access-token-empty", &[Set("access_token", "\"\"")]),
    token("t31-access-token-number", &[Set("access_token", "7")]),
    token("t31-access-token-null", &[Set("access_token", "null")]),
    token("t31-access-token-line-break", &[Set("access_token", r#""access\r\nX-Injected: 1""#)]),
    token("t31-access-token-space", &[Set("access_token", "\"access token\"")]),
    token("t32-token-type-missing", &[Remove("token_type")]),
    token("t32-token-type-null", &[Set("token_type", "null")]),
    token("t32-token-type-mac", &[Set("token_type", "\"mac\"")]),
    token("t32-token-type-example", &[Set("token_type", "\"example\"")]),
    token("t33-bearer-lower", &[Set("token_type", "\"bearer\"")]),
    token("t33-bearer-upper", &[Set("token_type", "\"BEARER\"")]),
    token("t33-dpop", &[Set("token_type", "\"dPoP\"")]),
    token("t35-expires-text", &[Set("expires_in", "\"3600\"")]),
    token("t35-expires-letters", &[Set("expires_in", "\"abc\"")]),
    token("t35-expires-negative", &[Set("expires_in", "-1")]),
    token("t35-expires-zero", &[Set("expires_in", "0")]),
    token("t35-expires-1e308", &[Set("expires_in", "1e308")]),
    token("t35-expires-2-63", &[Set("expires_in", "9223372036854775808")]),
    token("t35-expires-fraction", &[Set("expires_in", "3.7")]),
    token("t35-expires-null", &[Set("expires_in", "null")]),
    token("t35-expires-absent", &[Remove("expires_in")]),
    token("t36-scope-narrowed", &[Set("scope", "\"openid\"")]),
    token("t36-scope-widened", &[Set("scope", "\"openid profile email admin\"")]),
    token("t36-scope-absent", &[Remove("scope")]),
    token("t36-scope-number", &[Set("scope", "7")]),
    token_answer("t37-200-mb", Answer::Flood { declared: true }),
    token_answer("t37-endless", Answer::Flood { declared: false }),
    token_answer("t38-drip", Answer::Drip),
    token_answer("t38-never-answers", Answer::Silence),
    token_answer("t40-no-cors", Answer::WithoutCors),
    Case { cookies: true, ..named("t41-cookies") },
    // The claims of the ID token.
    id_token("t53-two-parts", IdToken::Text("e30.e30")),
    id_token("t53-not-base64url", IdToken::Text("e30=.e30=.++//")),
    claims("t54-aud-wrong", &[Set("aud", "\"another-client\"")]),
    claims("t54-aud-missing", &[Remove("aud")]),
    claims("t54-aud-empty", &[Set("aud", "[]")]),
    claims("t54-azp-wrong", &[Set("azp", "\"another-client\"")]),
    claims("t56-iss-wrong", &[Set("iss", "\"{origin}/honest\"")]),
    claims("t56-iss-slash", &[Set("iss", "\"{issuer}/\"")]),
    claims("t56-iss-missing", &[Remove("iss")]),
    claims("t57-nonce-wrong", &[Set("nonce", "\"not-the-nonce-that-was-sent\"")]),
    claims("t57-nonce-missing", &[Remove("nonce")]),
    claims("t58-expired", &[Set("exp", "1000000000")]),
    claims("t58-exp-missing", &[Remove("exp")]),
    claims("t58-exp-text", &[Set("exp", "\"9999999999\"")]),
    claims("t58-iat-missing", &[Remove("iat")]),
    claims("t58-iat-future", &[Set("iat", "9999999999")]),
    claims("t59-sub-missing", &[Remove("sub")]),
    claims("t59-sub-empty", &[Set("sub", "\"\"")]),
    claims("t59-sub-number", &[Set("sub", "7")]),
    id_token("t63-no-id-token", IdToken::Absent),
    claims("f25-named", &[Set("preferred_username", r#""hanako""#)]),
    // The userinfo response.
    userinfo("t64-sub-other", Answer::Honest(&[Set("sub", "\"somebody-else\"")])),
    userinfo("t64-sub-missing", Answer::Honest(&[Remove("sub")])),
    userinfo("t64-html", fixed(200, "text/html", "<h1>Userinfo</h1>")),
    userinfo("userinfo-no-cors", Answer::WithoutCors),
    userinfo("userinfo-500", fixed(500, "text/plain", "Internal Server Error")),
    userinfo(
        "userinfo-401",
        Answer::Fixed {
            status: 401,
            content_type: "",
            headers: &[("WWW-Authenticate", "Bearer error=\"invalid_token\"")],
            body: "",
        },
    ),
    userinfo("userinfo-sub-only", Answer::Honest(&[Remove("name"), Remove("email")])),
    userinfo(
        "userinfo-script-picture",
        Answer::Honest(&[
            Set("picture", "\"javascript:window.pixyInjected=1\""),
            Set("name", r#""<img src=x onerror=window.pixyInjected=1>""#),
        ]),
    ),
    // The metadata document.
    discovery("t65-issuer-other", &[Set("issuer", "\"{origin}/honest\"")]),
    discovery("t65-issuer-slash", &[Set("issuer", "\"{issuer}/\"")]),
    discovery("t65-issuer-missing", &[Remove("issuer")]),
    discovery(
        "t66-http-authorization",
        &[Set("authorization_endpoint", "\"http://authorization.example/authorize\"")],
    ),
    discovery("t66-http-token", &[Set("token_endpoint", "\"http://authorization.example/token\"")]),
    discovery(
        "t66-javascript-authorization",
        &[Set("authorization_endpoint", "\"javascript:window.pixyInjected=1\"")],
    ),
    discovery(
        "t66-data-authorization",
        &[Set("authorization_endpoint", "\"data:text/html,hello\"")],
    ),
    discovery(
        "t66-fragment-authorization",
        &[Set("authorization_endpoint", "\"{issuer}/authorize#fragment\"")],
    ),
    discovery("t66-authorization-missing", &[Remove("authorization_endpoint")]),
    discovery("t66-token-missing", &[Remove("token_endpoint")]),
    discovery("t66-issuer-twice", &[Append("issuer", "\"{origin}/honest\"")]),
    discovery_answer("t66-html", fixed(200, "text/html", "<!DOCTYPE html><title>Sign in</title>")),
    discovery_answer("t66-not-found", fixed(404, "text/plain", "Not Found")),
    discovery_answer("t66-500", fixed(500, "text/plain", "Internal Server Error")),
    discovery_answer("t66-array", fixed(200, JSON, "[]")),
    discovery_answer("t66-redirect", Answer::Redirect),
    discovery_answer("t66-huge", Answer::Flood { declared: true }),
    discovery_answer("discovery-no-cors", Answer::WithoutCors),
    discovery_answer("discovery-never-answers", Answer::Silence),
    discovery_answer("discovery-drips", Answer::Drip),
    discovery("t67-no-s256", &[Remove("code_challenge_methods_supported")]),
    discovery("t67-plain-only", &[Set("code_challenge_methods_supported", "[\"plain\"]")]),
];

const JSON: &str = "application/json";
const ISS_SUPPORTED: &str = "authorization_response_iss_parameter_supported";
/// A browser refuses a response whose header is larger than 256 KiB.
const LONGEST_DESCRIPTION: usize = 200_000;
const DEEP: usize = 100_000;

const fn named(name: &'static str) -> Case {
    Case { name, ..HONEST }
}

const fn authorize(name: &'static str, edits: &'static [Edit]) -> Case {
    Case { authorize: Authorize::Query(edits), ..named(name) }
}

const fn fixed(status: u16, content_type: &'static str, body: &'static str) -> Answer {
    Answer::Fixed { status, content_type, headers: &[], body }
}

const fn token(name: &'static str, edits: &'static [Edit]) -> Case {
    token_answer(name, Answer::Honest(edits))
}

const fn token_fixed(
    name: &'static str,
    status: u16,
    content_type: &'static str,
    body: &'static str,
) -> Case {
    token_answer(name, fixed(status, content_type, body))
}

const fn token_answer(name: &'static str, token: Answer) -> Case {
    Case { token, ..named(name) }
}

const fn id_token(name: &'static str, id_token: IdToken) -> Case {
    Case { id_token, ..named(name) }
}

const fn claims(name: &'static str, edits: &'static [Edit]) -> Case {
    id_token(name, IdToken::Claims(edits))
}

const fn userinfo(name: &'static str, userinfo: Answer) -> Case {
    Case { userinfo, ..named(name) }
}

const fn discovery(name: &'static str, edits: &'static [Edit]) -> Case {
    discovery_answer(name, Answer::Honest(edits))
}

const fn discovery_answer(name: &'static str, discovery: Answer) -> Case {
    Case { discovery, ..named(name) }
}

fn truncated(mut body: Vec<u8>) -> Vec<u8> {
    body.truncate(body.len() / 2);
    body
}

fn with_byte_order_mark(body: Vec<u8>) -> Vec<u8> {
    [b"\xef\xbb\xbf".as_slice(), &body].concat()
}

fn with_invalid_utf8(body: Vec<u8>) -> Vec<u8> {
    with_first_member(&body, b"\"note\":\"\xff\xfe\"")
}

fn only_brackets(_: Vec<u8>) -> Vec<u8> {
    ["[".repeat(DEEP), "]".repeat(DEEP)].concat().into_bytes()
}

fn with_deep_member(body: Vec<u8>) -> Vec<u8> {
    let member = format!("\"deep\":{}{}", "[".repeat(DEEP), "]".repeat(DEEP));
    with_first_member(&body, member.as_bytes())
}

fn with_first_member(body: &[u8], member: &[u8]) -> Vec<u8> {
    [b"{".as_slice(), member, b",", body.get(1..).unwrap_or_default()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_plain() {
        let names: HashSet<_> = all().map(|case| case.name).collect();
        assert_eq!(names.len(), all().count());
        for name in names {
            let plain = |letter: char| {
                letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-'
            };
            assert!(name.chars().all(plain), "{name}");
        }
    }

    #[test]
    fn a_case_is_found_by_its_name() {
        assert_eq!(find("t40-no-cors").map(|case| case.name), Some("t40-no-cors"));
        assert!(find("t0-nothing").is_none());
    }

    #[test]
    fn mangled_bodies_are_what_they_say() {
        let body = br#"{"a":1}"#.to_vec();
        assert_eq!(truncated(body.clone()), br#"{"a"#[..3].to_vec());
        assert_eq!(with_byte_order_mark(body.clone())[..4], *b"\xef\xbb\xbf{");
        assert!(String::from_utf8(with_invalid_utf8(body.clone())).is_err());
        assert!(with_deep_member(body).ends_with(br#"]],"a":1}"#));
    }
}
