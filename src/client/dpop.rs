//! Proofs that whoever sends a token holds its key (RFC 9449).

use super::Client;
use super::clock::Compared;
use super::offers::Offer;
use super::transport::{Opened, exchange, open, post_form};
use crate::browser::crypto::SigningKey;
use crate::browser::fetch::FetchRequest;
use crate::browser::random;
use crate::browser::record_store::{Change, Record};
use crate::browser::storage::StorageDenied;
use crate::protocol::dpop::{refuses_proof, wants_nonce};
use crate::protocol::{
    AccessToken, Dpop, DpopNonce, DpopProof, DpopPublicKey, Error, ErrorCode, PendingLogin,
    ProviderMetadata, SecureUrl, ServerResponse, UnixTime,
};

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
    pub(super) fn signing(&self) -> SigningKey {
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

/// The record of a login's key.
fn name(thumbprint: &str) -> String {
    ["key:", thumbprint].concat()
}

impl Client {
    /// A new key for a login, where one is wanted, kept until the answer comes.
    pub(super) async fn new_key(
        &self,
        metadata: &ProviderMetadata,
        now: UnixTime,
    ) -> Result<Option<Key>, Error> {
        let wanted = self.config().wanted_dpop();
        let is_bound = self.config().binds_tokens(metadata.supports_dpop())?;
        if !is_bound || wanted != Dpop::Required && self.is_unusable(Offer::Binding) {
            return Ok(None);
        }
        match (self.make_key(now).await, wanted) {
            (Ok(key), _) => Ok(Some(key)),
            (Err(error), Dpop::Required) => Err(error),
            // Without a key the login asks for plain tokens, as it would in an older browser.
            (Err(_), _) => Ok(None),
        }
    }

    async fn make_key(&self, now: UnixTime) -> Result<Key, Error> {
        let key = Key::of(SigningKey::generate().await?).await?;
        let records = &self.0.browser.records;
        // What stays for longer than it should is no reason not to sign in.
        let _ = records.forget_until(now.0).await;
        let record = Record {
            until: now.0.saturating_add(self.config().wanted_login_limit()),
            key: Some(key.signing.clone()),
            ..Record::default()
        };
        let kept = records.change(name(&key.thumbprint()), Box::new(|_| Change::Write(record)));
        kept.await.map_err(|denied| Error::from(denied).about("IndexedDB"))?;
        Ok(key)
    }

    /// The key of a login, taken out of the store. From then on it is in memory, and in the session's record
    /// where one is kept.
    pub(super) async fn key_of(&self, login: &PendingLogin) -> Result<Option<Key>, Error> {
        let Some(thumbprint) = login.dpop_jkt() else { return Ok(None) };
        let taken = self.take_key(thumbprint).await;
        let lost = || Error::new(ErrorCode::StorageDenied).about("IndexedDB");
        let key = Key::of(taken.map_err(|_| lost())?.ok_or_else(lost)?).await?;
        if key.thumbprint() == thumbprint { Ok(Some(key)) } else { Err(lost()) }
    }

    /// Forgets the key of a login that came to nothing.
    pub(super) async fn forget_key(&self, login: &PendingLogin) {
        if let Some(thumbprint) = login.dpop_jkt() {
            // Where it can't be taken out now, it is when the next login begins.
            let _ = self.take_key(thumbprint).await;
        }
    }

    async fn take_key(&self, thumbprint: &str) -> Result<Option<SigningKey>, StorageDenied> {
        let records = &self.0.browser.records;
        let record = records.change(name(thumbprint), Box::new(|_| Change::Remove)).await?;
        Ok(record.and_then(|record| record.key))
    }

    /// Sends a request with a proof beside it, when there is a key; once more with the nonce that the
    /// server asks for (RFC 9449 sections 8 and 9), and once more where the proof was refused because this
    /// computer's clock is wrong. A server that refuses a proof has looked at nothing else.
    ///
    /// # Errors
    ///
    /// `clock_wrong` where the proof is refused and the right time can't be found out, and the network's.
    pub(super) async fn open_proven(
        &self,
        request: FetchRequest,
        key: Option<&Key>,
        access_token: Option<&AccessToken>,
    ) -> Result<Opened, Error> {
        let Some(key) = key else { return open(&self.0.browser, request).await };
        let url = SecureUrl::parse(&request.url)?;
        let opened = self.open_with_nonce(request.clone(), &url, key, access_token).await?;
        if !refuses_proof(&opened.head) {
            return Ok(opened);
        }
        match self.compare_clocks().await {
            Compared::Corrected => self.open_with_nonce(request, &url, key, access_token).await,
            Compared::Right => Ok(opened),
            Compared::Unknown => Err(Error::new(ErrorCode::ClockWrong).about(url.origin())),
        }
    }

    /// Whether the CORS of an endpoint lets no proof in: an empty request is answered without one, if only by
    /// a refusal, and not with one.
    pub(super) async fn keeps_proofs_out(&self, endpoint: &SecureUrl) -> bool {
        let request = post_form(endpoint, "");
        let Ok(signing) = SigningKey::generate().await else { return false };
        let Ok(key) = Key::of(signing).await else { return false };
        exchange(&self.0.browser, request.clone()).await.is_ok()
            && self.open_with_proof(request, endpoint, &key, None).await.is_err()
    }

    async fn open_with_nonce(
        &self,
        request: FetchRequest,
        url: &SecureUrl,
        key: &Key,
        access_token: Option<&AccessToken>,
    ) -> Result<Opened, Error> {
        let opened = self.open_with_proof(request.clone(), url, key, access_token).await?;
        if !wants_nonce(&opened.head) {
            return Ok(opened);
        }
        let refused = || Error::new(ErrorCode::DpopNonceRefused).about(url.origin());
        opened.head.dpop_nonce.as_deref().and_then(DpopNonce::parse).ok_or_else(refused)?;
        let opened = self.open_with_proof(request, url, key, access_token).await?;
        if wants_nonce(&opened.head) { Err(refused()) } else { Ok(opened) }
    }

    async fn open_with_proof(
        &self,
        mut request: FetchRequest,
        url: &SecureUrl,
        key: &Key,
        access_token: Option<&AccessToken>,
    ) -> Result<Opened, Error> {
        let nonce = self.nonce_for(url.origin());
        let proof = DpopProof {
            method: request.method.as_str(),
            url,
            access_token,
            nonce: nonce.as_ref(),
            id: &random::bytes()?,
            now: self.right_time(),
        };
        request.headers.push(("DPoP".into(), key.prove(&proof).await?));
        let mut opened = open(&self.0.browser, request).await?;
        self.adopt_nonce(url.origin(), &opened.head);
        if matches!(opened.head.status, 400 | 401) {
            // Its body may say that it is for the sake of a nonce.
            opened.read().await?;
        }
        Ok(opened)
    }

    /// The latest nonce of a server: of no other, for they don't know each other's (RFC 9449 section 9).
    fn nonce_for(&self, origin: &str) -> Option<DpopNonce> {
        let nonces = self.0.dpop_nonces.borrow();
        nonces.iter().find(|(known, _)| known == origin).map(|(_, nonce)| nonce.clone())
    }

    fn adopt_nonce(&self, origin: &str, response: &ServerResponse) {
        let nonce = response.dpop_nonce.as_deref().and_then(DpopNonce::parse);
        if let Some(nonce) = nonce {
            let mut nonces = self.0.dpop_nonces.borrow_mut();
            nonces.retain(|(known, _)| known != origin);
            nonces.push((origin.to_owned(), nonce));
        }
    }
}
