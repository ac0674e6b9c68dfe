//! The provider's keys, and whether a token is signed by one of them.

use super::Provider;
use super::metadata::LIFETIME;
use crate::browser::crypto::{self, CryptoUnavailable, Scheme};
use crate::client::wire::get;
use crate::protocol::algorithm::{Algorithm, Family, Hash};
use crate::protocol::key_set::curve_of;
use crate::protocol::secret::RawIdToken;
use crate::protocol::{Error, ErrorCode, Jws, KeySet, ProviderMetadata, UnixTime, VerifiedJws};

/// How many seconds pass before it is fetched again for a key that it lacks.
const PAUSE: u64 = 60;

/// A key set, and when it came.
#[derive(Clone)]
pub(super) struct Keys {
    set: KeySet,
    fetched: UnixTime,
    /// When it was last fetched for a key that the one before lacked.
    renewed: Option<UnixTime>,
}

impl Provider {
    /// Fetches the key set, so that it is there when the token comes. It stays in memory.
    ///
    /// # Errors
    ///
    /// `discovery_invalid` where the metadata names none, what is wrong with it, and the network's.
    pub(in crate::client) async fn prefetch_keys(
        &self,
        metadata: &ProviderMetadata,
    ) -> Result<(), Error> {
        self.fetch_keys(metadata).await.map(drop)
    }

    async fn fetch_keys(&self, metadata: &ProviderMetadata) -> Result<Keys, Error> {
        let uri = metadata.jwks_uri();
        let uri = uri.ok_or_else(|| Error::new(ErrorCode::DiscoveryInvalid).about("jwks_uri"))?;
        let response = self.wire.exchange(get(uri.as_str())).await?;
        let set = KeySet::from_response(&response).map_err(|error| error.about(uri.as_str()))?;
        let renewed = self.keys.borrow().as_ref().and_then(|keys| keys.renewed);
        let keys = Keys { set, fetched: self.context.now(), renewed };
        self.keys.replace(Some(keys.clone()));
        Ok(keys)
    }

    /// Checks the signature of a token with the keys at hand; once with newer ones, when none of those
    /// is of its name or, where it names none or they are a while old, has signed it (OpenID Connect Core 10.1.1).
    ///
    /// # Errors
    ///
    /// `signature_invalid`, `signing_key_not_found`, `crypto_unavailable`, and what fetching the keys
    /// says.
    pub(in crate::client) async fn verify(
        &self,
        token: Jws,
        metadata: &ProviderMetadata,
    ) -> Result<VerifiedJws, Error> {
        let mut keys = match self.fresh_keys() {
            Some(keys) => keys,
            None => self.fetch_keys(metadata).await?,
        };
        let mut verdict = verdict(&keys.set, &token).await?;
        let is_fresh = self.context.now().apart(keys.fetched) < PAUSE;
        let is_last_word = verdict.is_last_word(&keys.set, &token, is_fresh);
        if !is_last_word && self.may_renew(&keys) {
            keys = self.fetch_keys(metadata).await?;
            keys.renewed = Some(self.context.now());
            self.keys.replace(Some(keys.clone()));
            verdict = self::verdict(&keys.set, &token).await?;
        }
        match verdict {
            Verdict::NoKey => Err(ErrorCode::SigningKeyNotFound.into()),
            _ => token
                .verified(verdict == Verdict::Signed)
                .ok_or_else(|| ErrorCode::SignatureInvalid.into()),
        }
    }

    /// The same for an ID token, which is signed as the provider announces (OpenID Connect Core 3.1.3.7
    /// (7)).
    ///
    /// # Errors
    ///
    /// As [`Client::verify`], and `id_token_invalid` for another algorithm.
    pub(in crate::client) async fn verify_id_token(
        &self,
        token: &RawIdToken,
        metadata: &ProviderMetadata,
    ) -> Result<VerifiedJws, Error> {
        let token = token.read()?;
        if !metadata.signing_algorithms().contains(&token.algorithm()) {
            return Err(Error::new(ErrorCode::IdTokenInvalid).about("alg"));
        }
        self.verify(token, metadata).await
    }

    fn fresh_keys(&self) -> Option<Keys> {
        let keys = self.keys.borrow().clone()?;
        (self.context.now().apart(keys.fetched) < LIFETIME).then_some(keys)
    }

    fn may_renew(&self, keys: &Keys) -> bool {
        keys.renewed.is_none_or(|renewed| self.context.now().apart(renewed) >= PAUSE)
    }
}

/// What the keys say of a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Signed,
    NotSigned,
    NoKey,
}

impl Verdict {
    /// A fresh key of the token's own name that did not sign it is the last word. In an older set the provider may
    /// have put another one under that name.
    fn is_last_word(self, keys: &KeySet, token: &Jws, is_fresh: bool) -> bool {
        match self {
            Self::Signed => true,
            Self::NotSigned => is_fresh && keys.names_key_of(token),
            Self::NoKey => false,
        }
    }
}

async fn verdict(keys: &KeySet, token: &Jws) -> Result<Verdict, Error> {
    let mut verdict = Verdict::NoKey;
    for key in keys.candidates(token) {
        let scheme = Scheme::from(token.algorithm());
        if crypto::verify(scheme, &key.to_jwk(), token.signed(), token.signature()).await? {
            return Ok(Verdict::Signed);
        }
        verdict = Verdict::NotSigned;
    }
    Ok(verdict)
}

impl From<Algorithm> for Scheme {
    /// An algorithm in Web Crypto's terms. A PSS salt is as long as the hash (RFC 7518 section 3.5).
    fn from(algorithm: Algorithm) -> Self {
        let (hash, bytes) = match algorithm.hash() {
            Hash::Sha256 => ("SHA-256", 32),
            Hash::Sha384 => ("SHA-384", 48),
            Hash::Sha512 => ("SHA-512", 64),
        };
        match algorithm.family() {
            Family::RsaPkcs1 => Self::RsaPkcs1(hash),
            Family::RsaPss => Self::RsaPss(hash, bytes),
            Family::Ecdsa => Self::Ecdsa(hash, curve_of(algorithm.hash())),
            Family::Ed25519 => Self::Ed25519,
        }
    }
}

impl From<CryptoUnavailable> for Error {
    fn from(_: CryptoUnavailable) -> Self {
        Self::new(ErrorCode::CryptoUnavailable)
    }
}
