//! A JSON Web Signature in its compact form (RFC 7515): read strictly, and believed only when its
//! signature was found good.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::algorithm::Algorithm;
use super::claims::Claims;
use super::error::Error;
use super::json::Object;
use super::text::split;

/// The longest token that is read, in bytes: 256 KiB.
const LONGEST: usize = 256 << 10;

/// What is wrong with a token: the part of it (`form`, `header`, `alg`, `crit`, `typ`, `claims`,
/// `signature`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

/// A token of the right form, whose signature nobody has checked.
#[derive(Clone)]
pub struct Jws {
    algorithm: Algorithm,
    key_id: Option<String>,
    claims: Claims,
    signed: String,
    signature: Vec<u8>,
}

/// A token whose signature is the provider's.
#[derive(Clone)]
pub struct VerifiedJws {
    algorithm: Algorithm,
    claims: Claims,
}

impl Jws {
    /// Reads three parts of strict base64url: a header, claims, a signature (RFC 7515 sections 5.2 and
    /// 7.1, RFC 7519 section 7.2). Both JSON parts are objects without a name twice.
    ///
    /// # Errors
    ///
    /// [`Malformed`]: also for `none`, `HS256` and every other algorithm that is not an [`Algorithm`],
    /// for critical extensions, and for a `typ` other than `JWT`, in whatever registered spelling.
    pub fn parse(token: &str) -> Result<Self, Malformed> {
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Malformed("form"));
        };
        if token.len() > LONGEST {
            return Err(Malformed("form"));
        }
        let signed = split(token, header.len() + 1 + claims.len()).0.to_owned();
        let header = json(header, Object::parse).ok_or(Malformed("header"))?;
        let algorithm = check_header(&header)?;
        let key_id = header.optional_text("kid").map_err(|_| Malformed("kid"))?;
        let signature = decode(signature).filter(|signature| !signature.is_empty());
        Ok(Self {
            algorithm,
            key_id: key_id.map(str::to_owned),
            claims: json(claims, Claims::parse).ok_or(Malformed("claims"))?,
            signed,
            signature: signature.ok_or(Malformed("signature"))?,
        })
    }

    /// The algorithm that the header names.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key that the header names (RFC 7515 section 4.1.4).
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// What the signature is of: header and claims as they came (RFC 7515 section 5.2).
    pub fn signed(&self) -> &[u8] {
        self.signed.as_bytes()
    }

    /// The signature.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Believes the token, for whoever asked Web Crypto about its signature and a key of the provider.
    pub(crate) fn verified(self, is_valid: bool) -> Option<VerifiedJws> {
        is_valid.then_some(VerifiedJws { algorithm: self.algorithm, claims: self.claims })
    }
}

impl VerifiedJws {
    /// The algorithm of the signature.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// What the token says.
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }
}

impl core::fmt::Debug for Jws {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Jws(redacted)")
    }
}

impl core::fmt::Debug for VerifiedJws {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("VerifiedJws(redacted)")
    }
}

/// RFC 7515 section 4.1. Keys and addresses of keys in the header are ignored (RFC 8725 section 3.10).
fn check_header(header: &Object) -> Result<Algorithm, Malformed> {
    let algorithm = header.text("alg").ok().and_then(Algorithm::parse).ok_or(Malformed("alg"))?;
    // No extension is understood here, not even `b64` (RFC 7515 section 4.1.11, RFC 7797).
    if header.has("crit") || header.has("b64") {
        return Err(Malformed("crit"));
    }
    let kind = header.optional_text("typ").map_err(|_| Malformed("typ"))?;
    // A media type of "application" may be written without that (RFC 7515 section 4.1.9).
    let is_jwt = |kind: &str| {
        let kind = kind.to_ascii_lowercase();
        kind.strip_prefix("application/").unwrap_or(&kind) == "jwt"
    };
    if kind.is_some_and(|kind| !kind.is_empty() && !is_jwt(kind)) {
        return Err(Malformed("typ"));
    }
    Ok(algorithm)
}

fn json<T>(part: &str, parse: fn(&str) -> Result<T, Error>) -> Option<T> {
    parse(core::str::from_utf8(&decode(part)?).ok()?).ok()
}

fn decode(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}
