//! The key that tokens are bound to (RFC 9449).

#[cfg(feature = "dpop")]
pub(crate) use on::Key;

#[cfg(not(feature = "dpop"))]
pub(crate) use off::Key;

#[cfg(feature = "dpop")]
mod on {
    use crate::browser::crypto::SigningKey;
    use crate::protocol::{DpopProof, DpopPublicKey, Error, ErrorCode};

    /// The key of a login, and of the session that comes of it.
    #[derive(Clone, Debug)]
    pub(crate) struct Key {
        signing: SigningKey,
        public: DpopPublicKey,
    }

    impl Key {
        /// The key's thumbprint, by which the provider knows it.
        pub(crate) fn thumbprint(&self) -> String {
            self.public.thumbprint()
        }

        /// The pair, to be kept.
        pub(in crate::client) fn signing(&self) -> SigningKey {
            self.signing.clone()
        }

        pub(crate) async fn of(signing: SigningKey) -> Result<Self, Error> {
            let point = signing.public_point().await?;
            let public = DpopPublicKey::from_point(&point).ok_or(ErrorCode::CryptoUnavailable)?;
            Ok(Self { signing, public })
        }

        /// The value of the `DPoP` header.
        pub(crate) async fn prove(&self, proof: &DpopProof<'_>) -> Result<String, Error> {
            let signed = proof.to_be_signed(&self.public);
            let signature = self.signing.sign(signed.as_bytes()).await?;
            Ok(DpopProof::with_signature(&signed, &signature))
        }
    }

    impl Key {
        /// A new one.
        pub(in crate::client) async fn generate() -> Result<Self, Error> {
            Self::of(SigningKey::generate().await?).await
        }
    }
}

/// Where the feature is off there is none, and nothing is bound.
#[cfg(not(feature = "dpop"))]
mod off {
    use crate::browser::crypto::SigningKey;
    use crate::protocol::{Error, ErrorCode};

    #[derive(Clone, Debug)]
    pub(crate) enum Key {}

    impl Key {
        pub(crate) fn thumbprint(&self) -> String {
            match *self {}
        }

        pub(in crate::client) fn signing(&self) -> SigningKey {
            match *self {}
        }

        pub(in crate::client) const fn is_impossible<T, A>(&self, _: A) -> T {
            match *self {}
        }

        /// A key that another build of the app has kept.
        #[allow(clippy::unused_async)]
        pub(crate) async fn of(_: SigningKey) -> Result<Self, Error> {
            Err(ErrorCode::DpopNotSupported.into())
        }
    }
}
