//! The provider's public keys (RFC 7517), and which of them may have made a signature.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::algorithm::{Algorithm, Family, Hash};
use super::error::{Error, ErrorCode};
use super::json::{Object, ServerResponse, Value, Writer};
use super::jws::Jws;

/// The shortest RSA key that is believed, in bits (RFC 7518 section 3.3), and the longest, which is
/// slow enough to check.
const RSA_BITS: core::ops::RangeInclusive<usize> = 2048..=16384;
/// The most keys that an honest set has.
const MOST: usize = 1000;
/// How many keys are tried for one signature.
const MOST_TRIED: usize = 8;

/// The keys of a provider, without those that can't have signed anything for this client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeySet(Vec<PublicKey>);

/// One public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    key_id: Option<String>,
    algorithm: Option<Algorithm>,
    material: Material,
}

/// What a key consists of, in base64url as it came (RFC 7518 section 6, RFC 8037 section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    Rsa { n: String, e: String },
    Ec { curve: &'static str, x: String, y: String },
    Ed25519 { x: String },
}

impl KeySet {
    /// Judges the answer to the request for the provider's `jwks_uri`. Keys that are not understood, of
    /// a wrong size or for another use are left out (RFC 7517 section 5); so is a private or a shared
    /// key, which has no business there.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ProviderUnavailable`] for 429 and 5xx, [`ErrorCode::KeysInvalid`] for whatever is no
    /// key set.
    pub fn from_response(response: &ServerResponse) -> Result<Self, Error> {
        if response.status >= 500 || response.status == 429 {
            return Err(Error::new(ErrorCode::ProviderUnavailable).about("key set"));
        }
        // RFC 7517 section 8.5.2 has a media type of its own for key sets.
        let body = response.text_of("application/json");
        let body = body.or_else(|| response.text_of("application/jwk-set+json"));
        let body = body.filter(|_| response.status == 200).ok_or(ErrorCode::KeysInvalid)?;
        let document = Object::parse(body).map_err(|_| ErrorCode::KeysInvalid)?;
        let Some(Value::List(keys)) = document.get("keys") else {
            return Err(ErrorCode::KeysInvalid.into());
        };
        if keys.len() > MOST {
            return Err(ErrorCode::KeysInvalid.into());
        }
        Ok(Self(keys.iter().filter_map(PublicKey::from_value).collect()))
    }

    /// The keys that may have made the signature of this token: of its algorithm, and of the name in its
    /// header; where none has that name, those without any. A token without a name may be by any of them
    /// (OpenID Connect Core 10.1).
    pub fn candidates<'a>(&'a self, token: &'a Jws) -> impl Iterator<Item = &'a PublicKey> {
        let is_named = self.names_key_of(token);
        let may_be = move |key: &&PublicKey| match token.key_id() {
            Some(_) if !is_named => key.key_id.is_none(),
            Some(name) => key.key_id.as_deref() == Some(name),
            None => true,
        };
        self.fitting(token).filter(may_be).take(MOST_TRIED)
    }

    /// Whether a key has the name in the token's header, so that no other one can have signed it.
    pub fn names_key_of(&self, token: &Jws) -> bool {
        let name = token.key_id();
        name.is_some() && self.fitting(token).any(|key| key.key_id.as_deref() == name)
    }

    fn fitting<'a>(&'a self, token: &'a Jws) -> impl Iterator<Item = &'a PublicKey> {
        self.0.iter().filter(|key| key.is_of(token.algorithm()))
    }
}

impl PublicKey {
    fn from_value(value: &Value) -> Option<Self> {
        let Value::Object(key) = value else { return None };
        Self::from_object(key).ok().flatten()
    }

    fn from_object(key: &Object) -> Result<Option<Self>, Error> {
        // Private members of RSA and elliptic curves, and the shared key (RFC 7518 section 6).
        if ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].into_iter().any(|name| key.has(name)) {
            return Ok(None);
        }
        let verifies = key.optional_texts("key_ops")?.is_none_or(|uses| uses.contains(&"verify"));
        if !verifies || key.optional_text("use")?.is_some_and(|purpose| purpose != "sig") {
            return Ok(None);
        }
        let algorithm = match key.optional_text("alg")?.map(Algorithm::parse) {
            Some(None) => return Ok(None),
            known => known.flatten(),
        };
        let Some(material) = Material::from_object(key)? else { return Ok(None) };
        let key_id = key.optional_text("kid")?.map(str::to_owned);
        Ok(Some(Self { key_id, algorithm, material }))
    }

    fn is_of(&self, algorithm: Algorithm) -> bool {
        self.algorithm.is_none_or(|own| own == algorithm) && self.material.fits(algorithm)
    }

    /// The key as JSON for Web Crypto, with nothing in it but the key (RFC 7517).
    pub(crate) fn to_jwk(&self) -> String {
        let writer = Writer::default();
        match &self.material {
            Material::Rsa { n, e } => writer.text("kty", "RSA").text("n", n).text("e", e),
            Material::Ec { curve, x, y } => {
                writer.text("kty", "EC").text("crv", curve).text("x", x).text("y", y)
            }
            Material::Ed25519 { x } => {
                writer.text("kty", "OKP").text("crv", "Ed25519").text("x", x)
            }
        }
        .finish()
    }
}

impl Material {
    fn from_object(key: &Object) -> Result<Option<Self>, Error> {
        let member = |name| key.text(name).map(str::to_owned);
        Ok(match (key.text("kty")?, key.optional_text("crv")?) {
            ("RSA", _) if RSA_BITS.contains(&bits(key.text("n")?)) => {
                Some(Self::Rsa { n: member("n")?, e: member("e")? })
            }
            ("EC", Some(name)) => match CURVES.iter().find(|(curve, _)| *curve == name) {
                Some((curve, _)) => Some(Self::Ec { curve, x: member("x")?, y: member("y")? }),
                None => None,
            },
            ("OKP", Some("Ed25519")) => Some(Self::Ed25519 { x: member("x")? }),
            _ => None,
        })
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        match (self, algorithm.family()) {
            (Self::Rsa { .. }, Family::RsaPkcs1 | Family::RsaPss)
            | (Self::Ed25519 { .. }, Family::Ed25519) => true,
            (Self::Ec { curve, .. }, Family::Ecdsa) => *curve == curve_of(algorithm.hash()),
            _ => false,
        }
    }
}

/// The curves, each with the hash that it is used with (RFC 7518 section 3.4).
const CURVES: [(&str, Hash); 3] =
    [("P-256", Hash::Sha256), ("P-384", Hash::Sha384), ("P-521", Hash::Sha512)];

/// The curve of the ECDSA algorithm with this hash.
pub(crate) fn curve_of(hash: Hash) -> &'static str {
    CURVES.iter().find(|(_, known)| *known == hash).map_or("", |(curve, _)| curve)
}

/// How many bits a number in base64url has, 0 when it is none.
fn bits(number: &str) -> usize {
    let bytes = URL_SAFE_NO_PAD.decode(number).unwrap_or_default();
    let Some(start) = bytes.iter().position(|byte| *byte != 0) else { return 0 };
    let first = bytes.get(start).copied().unwrap_or_default();
    (bytes.len() - start) * 8 - first.leading_zeros() as usize
}
