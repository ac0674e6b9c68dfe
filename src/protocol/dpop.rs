//! Demonstrating Proof of Possession (RFC 9449): a token is bound to a key, so that a stolen token is
//! worth nothing without the key, which can't be taken out of the browser.

use sha2::{Digest as _, Sha256};

use super::challenge::Challenge;
use super::json::{Object, ServerResponse, Value, Writer};
use super::refused_token::is_about_proof;
use super::secret::{AccessToken, base64url, secret};
use super::secure_url::SecureUrl;
use super::time::UnixTime;

/// The longest nonce that is sent back, in bytes.
const LONGEST_NONCE: usize = 1024;

/// The longest body of a refusal that is looked at, in bytes.
const LONGEST_REFUSAL: usize = 64 << 10;

/// The public half of a key on P-256, for ES256 (RFC 7518 section 6.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DpopPublicKey(String);

impl DpopPublicKey {
    /// From the uncompressed point, 65 bytes: a 4, x and y. `None` when it isn't one.
    pub fn from_point(point: &[u8]) -> Option<Self> {
        let (form, coordinates) = point.split_first_chunk::<1>()?;
        let (x, y) = coordinates.split_first_chunk::<32>()?;
        let y: &[u8; 32] = y.try_into().ok()?;
        // The members that count, by their names: what a thumbprint is of (RFC 7638 section 3.2).
        let jwk = Writer::default()
            .text("crv", "P-256")
            .text("kty", "EC")
            .text("x", &base64url(x))
            .text("y", &base64url(y));
        (*form == [4]).then(|| Self(jwk.finish()))
    }

    /// The thumbprint (RFC 7638), as in `dpop_jkt` (RFC 9449 section 10).
    pub fn thumbprint(&self) -> String {
        base64url(&Sha256::digest(&self.0))
    }
}

secret! {
    /// What a server wants to see in the next proof (RFC 9449 section 8).
    DpopNonce
}

impl DpopNonce {
    /// Takes a `DpopNonce` header as it came: visible characters without quotes and backslashes
    /// (RFC 9449 section 8.1), and not too many.
    pub fn parse(value: &str) -> Option<Self> {
        let allowed = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        let fits = (1..=LONGEST_NONCE).contains(&value.len()) && value.bytes().all(allowed);
        fits.then(|| Self::new(value))
    }
}

/// What a proof says (RFC 9449 section 4.2).
#[derive(Clone, Debug)]
pub struct DpopProof<'a> {
    /// The HTTP method of the request.
    pub method: &'a str,
    /// Where the request goes. Its query is left out.
    pub url: &'a SecureUrl,
    /// The access token beside which the proof is sent.
    pub access_token: Option<&'a AccessToken>,
    /// The latest nonce of the server.
    pub nonce: Option<&'a DpopNonce>,
    /// Random bytes, new for each proof.
    pub id: &'a [u8; 32],
    /// When it is made.
    pub now: UnixTime,
}

impl DpopProof<'_> {
    /// Header and claims, to be signed with ES256 by the private half of `key`.
    pub fn to_be_signed(&self, key: &DpopPublicKey) -> String {
        let header =
            Writer::default().text("typ", "dpop+jwt").text("alg", "ES256").json("jwk", &key.0);
        let hash = self.access_token.map(|token| base64url(&Sha256::digest(token.expose())));
        let claims = Writer::default()
            .text("jti", &base64url(self.id))
            .text("htm", self.method)
            .text("htu", self.url.without_query())
            .number("iat", self.now.0)
            .optional_text("ath", hash.as_deref())
            .optional_text("nonce", self.nonce.map(DpopNonce::expose));
        let encode = |part: Writer| base64url(part.finish().as_bytes());
        [encode(header), encode(claims)].join(".")
    }

    /// The proof as it goes into the `DPoP` header: what was signed, and the signature.
    pub fn with_signature(signed: &str, signature: &[u8]) -> String {
        [signed, ".", &base64url(signature)].concat()
    }
}

/// Whether a server refuses a request for the sake of a nonce: an authorization server in the body
/// (RFC 9449 section 8), a resource server in a challenge (section 9).
pub fn wants_nonce(response: &ServerResponse) -> bool {
    is_refused(response, |error, _| error == "use_dpop_nonce")
}

/// Whether a server refuses the proof itself (RFC 9449 section 5). Keycloak names it in the description alone.
pub fn refuses_proof(response: &ServerResponse) -> bool {
    is_refused(response, is_about_proof)
}

/// Whether a refusal, in the body or in a challenge, is of this kind.
fn is_refused(response: &ServerResponse, is_kind: impl Fn(&str, &str) -> bool) -> bool {
    let in_body = || {
        // A refusal is short; what is longer is some API's own answer.
        let is_short = response.body.len() <= LONGEST_REFUSAL;
        let is_named = |body: Object| {
            let text = |name| body.get(name).and_then(Value::as_text).unwrap_or_default();
            is_kind(text("error"), text("error_description"))
        };
        is_short && response.object().is_ok_and(is_named)
    };
    let in_header = || {
        let header = response.www_authenticate.as_deref().unwrap_or_default();
        let mut challenges = Challenge::parse(header).into_iter();
        challenges.any(|challenge| {
            let text = |name| challenge.get(name).unwrap_or_default();
            challenge.is("DPoP") && is_kind(text("error"), text("error_description"))
        })
    };
    match response.status {
        400 => in_body(),
        401 => in_header() || in_body(),
        _ => false,
    }
}
