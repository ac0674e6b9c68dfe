//! Web Crypto: signatures, checked and made by the browser itself, and what only its keys can open.

use js_sys::{Array, Function, JSON, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, CryptoKeyPair, SubtleCrypto};

use super::random;

/// A way to sign, in the terms of Web Crypto.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5 with a hash: `SHA-256`.
    RsaPkcs1(&'static str),
    /// RSA-PSS with a hash, and a salt of so many bytes.
    RsaPss(&'static str, u32),
    /// ECDSA with a hash, on a curve: `P-256`.
    Ecdsa(&'static str, &'static str),
    /// Ed25519.
    Ed25519,
}

/// The browser has no Web Crypto (the page is not secure), or doesn't know the scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CryptoUnavailable;

/// A key pair on P-256, for ECDSA with SHA-256, whose private half can't leave the browser.
#[derive(Clone, Debug)]
pub struct SigningKey(CryptoKeyPair);

impl SigningKey {
    /// A new pair.
    ///
    /// # Errors
    ///
    /// [`CryptoUnavailable`].
    pub async fn generate() -> Result<Self, CryptoUnavailable> {
        let uses = Array::of1(&"sign".into());
        let key = subtle()?.generate_key_with_object(&parameters(SIGNING), false, &uses);
        let key = JsFuture::from(key.map_err(|_| CryptoUnavailable)?).await;
        Self::from_value(&key.map_err(|_| CryptoUnavailable)?).ok_or(CryptoUnavailable)
    }

    /// The pair as a script value, as it was stored.
    pub(super) fn from_value(value: &JsValue) -> Option<Self> {
        let has = |name: &str| {
            Reflect::get(value, &name.into()).is_ok_and(|key| key.is_instance_of::<CryptoKey>())
        };
        // What is no object would throw, and wasm-bindgen leaks a little for each exception.
        let is_pair = value.is_object() && has("privateKey") && has("publicKey");
        is_pair.then(|| Self(value.clone().unchecked_into()))
    }

    /// The pair as a script value, to be stored.
    pub(super) fn as_value(&self) -> &JsValue {
        &self.0
    }

    /// The public half: the uncompressed point, 65 bytes.
    ///
    /// # Errors
    ///
    /// [`CryptoUnavailable`].
    pub async fn public_point(&self) -> Result<Vec<u8>, CryptoUnavailable> {
        let point = subtle()?.export_key("raw", &self.0.get_public_key());
        bytes_of(point).await
    }

    /// Signs: r and s, 64 bytes.
    ///
    /// # Errors
    ///
    /// [`CryptoUnavailable`].
    pub async fn sign(&self, data: &[u8]) -> Result<Vec<u8>, CryptoUnavailable> {
        let signature = subtle()?.sign_with_object_and_js_u8_array(
            &parameters(SIGNING),
            &self.0.get_private_key(),
            &Uint8Array::from(data),
        );
        bytes_of(signature).await
    }
}

const SIGNING: Scheme = Scheme::Ecdsa("SHA-256", "P-256");

async fn bytes_of(buffer: Result<Promise, JsValue>) -> Result<Vec<u8>, CryptoUnavailable> {
    let buffer = JsFuture::from(buffer.map_err(|_| CryptoUnavailable)?).await;
    Ok(Uint8Array::new(&buffer.map_err(|_| CryptoUnavailable)?).to_vec())
}

/// A key that seals: AES-GCM of 256 bits.
#[derive(Clone, Debug)]
pub struct SealingKey(CryptoKey);

/// How many bytes of a sealed text are the nonce, which comes first.
const SEAL_NONCE: usize = 12;

impl SealingKey {
    /// The key of these bytes, which can't be read out of it.
    ///
    /// # Errors
    ///
    /// [`CryptoUnavailable`].
    pub async fn of(bytes: &[u8; 32]) -> Result<Self, CryptoUnavailable> {
        let imported = subtle()?.import_key_with_object(
            "raw",
            &Uint8Array::from(bytes.as_slice()),
            &object(&[("name", "AES-GCM".into())]),
            false,
            &Array::of2(&"encrypt".into(), &"decrypt".into()),
        );
        let key = JsFuture::from(imported.map_err(|_| CryptoUnavailable)?).await;
        Ok(Self(key.map_err(|_| CryptoUnavailable)?.unchecked_into()))
    }

    /// Seals a text; only together with the same `context` is it opened again.
    ///
    /// # Errors
    ///
    /// [`CryptoUnavailable`].
    pub async fn seal(&self, text: &str, context: &str) -> Result<Vec<u8>, CryptoUnavailable> {
        let random = random::bytes().map_err(|_| CryptoUnavailable)?;
        let nonce = random.get(..SEAL_NONCE).unwrap_or_default();
        let sealed = subtle()?.encrypt_with_object_and_js_u8_array(
            &seal_parameters(nonce, context),
            &self.0,
            &Uint8Array::from(text.as_bytes()),
        );
        Ok([nonce, &bytes_of(sealed).await?].concat())
    }

    /// Opens it. `None` when it was sealed by another key, for another context, or was changed since.
    ///
    /// # Errors
    ///
    /// [`CryptoUnavailable`].
    pub async fn open(
        &self,
        sealed: &[u8],
        context: &str,
    ) -> Result<Option<String>, CryptoUnavailable> {
        let Some((nonce, sealed)) = sealed.split_at_checked(SEAL_NONCE) else { return Ok(None) };
        let opened = subtle()?.decrypt_with_object_and_js_u8_array(
            &seal_parameters(nonce, context),
            &self.0,
            &Uint8Array::from(sealed),
        );
        // Whatever it fails for, it is not what was sealed.
        Ok(bytes_of(opened).await.ok().and_then(|bytes| String::from_utf8(bytes).ok()))
    }
}

fn seal_parameters(nonce: &[u8], context: &str) -> Object {
    object(&[
        ("name", "AES-GCM".into()),
        ("iv", Uint8Array::from(nonce).into()),
        ("additionalData", Uint8Array::from(context.as_bytes()).into()),
    ])
}

/// Whether `signature` is of `data` by the public key `jwk` (JSON). A key that is none, a point that is
/// not on its curve for example, has signed nothing.
///
/// # Errors
///
/// [`CryptoUnavailable`].
pub async fn verify(
    scheme: Scheme,
    jwk: &str,
    data: &[u8],
    signature: &[u8],
) -> Result<bool, CryptoUnavailable> {
    let subtle = subtle()?;
    let Some(key) = import(&subtle, scheme, jwk).await? else {
        return Ok(false);
    };
    if !is_well_formed(scheme, &key, signature) {
        return Ok(false);
    }
    let verified = subtle.verify_with_object_and_js_u8_array_and_js_u8_array(
        &parameters(scheme),
        &key,
        &Uint8Array::from(signature),
        &Uint8Array::from(data),
    );
    let verified = JsFuture::from(verified.map_err(|_| CryptoUnavailable)?).await;
    Ok(verified.map_err(|_| CryptoUnavailable)?.is_truthy())
}

/// The order of Ed25519's group (RFC 8032 section 5.1), its greatest byte first.
const ED25519_ORDER: [u8; 32] = [
    0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0xde, 0xf9, 0xde, 0xa2, 0xf7, 0x9c,
    0xd6, 0x58, 0x12, 0x63, 0x1a, 0x5c, 0xf5, 0xd3, 0xed,
];

/// Not every browser looks at this: the length of a signature (RFC 7518 section 3.4, RFC 8017 section
/// 8.2.2), its range (RFC 8032 section 5.1.7), and that a key is one by which not everybody can sign.
fn is_well_formed(scheme: Scheme, key: &CryptoKey, signature: &[u8]) -> bool {
    match scheme {
        Scheme::Ecdsa(_, "P-256") => signature.len() == 64,
        Scheme::Ecdsa(_, "P-384") => signature.len() == 96,
        Scheme::Ecdsa(..) => signature.len() == 132,
        Scheme::Ed25519 => {
            let number = signature.get(32..).unwrap_or_default();
            number.len() == 32 && number.iter().rev().lt(ED25519_ORDER.iter())
        }
        Scheme::RsaPkcs1(_) | Scheme::RsaPss(..) => {
            let algorithm = Reflect::get(key, &"algorithm".into()).unwrap_or_default();
            let member = |name: &str| Reflect::get(&algorithm, &name.into()).unwrap_or_default();
            let bits = member("modulusLength").as_f64().unwrap_or_default();
            let exponent = Uint8Array::new(&member("publicExponent")).to_vec();
            let is_one = exponent.iter().skip_while(|byte| **byte == 0).eq([1].iter());
            // Exact: no modulus has that many bits.
            #[allow(clippy::cast_precision_loss)]
            let length = signature.len() as f64;
            length == (bits / 8.0).ceil() && !is_one
        }
    }
}

async fn import(
    subtle: &SubtleCrypto,
    scheme: Scheme,
    jwk: &str,
) -> Result<Option<CryptoKey>, CryptoUnavailable> {
    let Ok(jwk) = JSON::parse(jwk) else { return Ok(None) };
    let uses = Array::of1(&"verify".into());
    let imported = subtle.import_key_with_object(
        "jwk",
        jwk.unchecked_ref::<Object>(),
        &parameters(scheme),
        false,
        &uses,
    );
    match JsFuture::from(imported.map_err(|_| CryptoUnavailable)?).await {
        Ok(key) => Ok(Some(key.unchecked_into())),
        Err(error) if is_not_supported(&error) => Err(CryptoUnavailable),
        Err(_) => Ok(None),
    }
}

/// An algorithm that this browser doesn't know yet.
fn is_not_supported(error: &JsValue) -> bool {
    Reflect::get(error, &"name".into()).is_ok_and(|name| name == "NotSupportedError")
}

/// What both the key and the signature are described by.
fn parameters(scheme: Scheme) -> Object {
    match scheme {
        Scheme::RsaPkcs1(hash) => {
            object(&[("name", "RSASSA-PKCS1-v1_5".into()), ("hash", hash.into())])
        }
        Scheme::RsaPss(hash, salt) => object(&[
            ("name", "RSA-PSS".into()),
            ("hash", hash.into()),
            ("saltLength", salt.into()),
        ]),
        Scheme::Ecdsa(hash, curve) => {
            object(&[("name", "ECDSA".into()), ("hash", hash.into()), ("namedCurve", curve.into())])
        }
        Scheme::Ed25519 => object(&[("name", "Ed25519".into())]),
    }
}

fn object(members: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        // A plain object takes any member.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object
}

/// `undefined` on a page that is not secure, whatever the bindings say.
fn subtle() -> Result<SubtleCrypto, CryptoUnavailable> {
    let global = js_sys::global();
    let crypto = Reflect::get(&global, &"crypto".into()).map_err(|_| CryptoUnavailable)?;
    let subtle = Reflect::get(&crypto, &"subtle".into()).map_err(|_| CryptoUnavailable)?;
    let verify = Reflect::get(&subtle, &"verify".into()).map_err(|_| CryptoUnavailable)?;
    verify.is_instance_of::<Function>().then(|| subtle.unchecked_into()).ok_or(CryptoUnavailable)
}
