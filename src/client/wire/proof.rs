//! Proofs that whoever sends a token holds its key (RFC 9449).

use super::clock::Compared;
use super::{Key, Opened, Wire, open, post_form};
use crate::browser::fetch::FetchRequest;
use crate::browser::random;
use crate::protocol::dpop::{refuses_proof, wants_nonce};
use crate::protocol::{
    AccessToken, DpopNonce, DpopProof, Error, ErrorCode, SecureUrl, ServerResponse,
};

impl Wire {
    /// Sends a request with a proof beside it; once more with the nonce that the
    /// server asks for (RFC 9449 sections 8 and 9), and once more where the proof was refused because this
    /// computer's clock is wrong. A server that refuses a proof has looked at nothing else.
    ///
    /// # Errors
    ///
    /// `clock_wrong` where the proof is refused and the right time can't be found out, and the network's.
    pub(super) async fn open_proven(
        &self,
        request: FetchRequest,
        key: &Key,
        access_token: Option<&AccessToken>,
    ) -> Result<Opened, Error> {
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
    pub(in crate::client) async fn keeps_proofs_out(&self, endpoint: &SecureUrl) -> bool {
        let request = post_form(endpoint, "");
        let Ok(key) = Key::generate().await else { return false };
        self.exchange(request.clone()).await.is_ok()
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
        let mut opened = open(self.context.browser(), request).await?;
        self.adopt_nonce(url.origin(), &opened.head);
        if matches!(opened.head.status, 400 | 401) {
            // Its body may say that it is for the sake of a nonce.
            opened.read().await?;
        }
        Ok(opened)
    }

    /// The latest nonce of a server: of no other, for they don't know each other's (RFC 9449 section 9).
    fn nonce_for(&self, origin: &str) -> Option<DpopNonce> {
        let nonces = self.nonces.borrow();
        nonces.iter().find(|(known, _)| known == origin).map(|(_, nonce)| nonce.clone())
    }

    fn adopt_nonce(&self, origin: &str, response: &ServerResponse) {
        let nonce = response.dpop_nonce.as_deref().and_then(DpopNonce::parse);
        if let Some(nonce) = nonce {
            let mut nonces = self.nonces.borrow_mut();
            nonces.retain(|(known, _)| known != origin);
            nonces.push((origin.to_owned(), nonce));
        }
    }
}
