//! What is sent: requests, the proofs beside them, the time that proofs tell, and what the network's errors mean.

mod clock;
mod key;
#[cfg(feature = "dpop")]
mod proof;

use core::time::Duration;
use std::cell::Cell;
#[cfg(feature = "dpop")]
use std::cell::RefCell;
use std::rc::Rc;

pub(crate) use key::Key;

use super::context::Context;
use crate::browser::Browser;
use crate::browser::fetch::{FetchError, FetchRequest, Method, OpenResponse};
use crate::browser::navigation::NavigationRefused;
use crate::browser::random::RandomUnavailable;
use crate::browser::storage::StorageDenied;
#[cfg(feature = "dpop")]
use crate::protocol::DpopNonce;
use crate::protocol::{AccessToken, Error, ErrorCode, SecureUrl, ServerResponse};

/// How long a request of the protocol may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The largest body of the protocol that is read: 1 MiB.
const LARGEST_BODY: usize = 1 << 20;

/// A GET of a JSON document.
pub(crate) fn get(url: &str) -> FetchRequest {
    FetchRequest {
        method: Method::GET,
        url: url.to_owned(),
        headers: vec![("Accept".into(), "application/json".to_owned())],
        body: None,
        timeout: TIMEOUT,
        largest_body: LARGEST_BODY,
        keepalive: false,
        signal: None,
    }
}

/// A POST of a form, such as the token request. It needs no preflight: no header of our own.
pub(crate) fn post_form(endpoint: &SecureUrl, body: &str) -> FetchRequest {
    let mut request = get(endpoint.as_str());
    request.method = Method::POST;
    request.headers.push(("Content-Type".into(), "application/x-www-form-urlencoded".to_owned()));
    request.body = Some(body.as_bytes().to_vec().into());
    request
}

/// An answer that has begun.
pub(in crate::client) struct Opened {
    /// What is known of it before its body. A refusal's may be read already.
    pub(in crate::client) head: ServerResponse,
    pub(in crate::client) rest: OpenResponse,
    place: String,
}

impl Opened {
    /// Reads what is left of the body.
    async fn read(&mut self) -> Result<(), Error> {
        let rest = self.rest.rest().await.map_err(|why| self.failure(why))?;
        self.head.body.extend(rest);
        Ok(())
    }

    /// The whole answer.
    pub(in crate::client) async fn whole(mut self) -> Result<ServerResponse, Error> {
        self.read().await?;
        Ok(self.head)
    }

    pub(in crate::client) fn failure(&self, why: FetchError) -> Error {
        failure(why, &self.place)
    }
}

/// Sends a request, and waits until its answer begins; the error names where it went.
async fn open(browser: &Browser, request: FetchRequest) -> Result<Opened, Error> {
    let place = request.url.split(['?', '#']).next().unwrap_or_default().to_owned();
    let rest = browser.requests.open(request).await.map_err(|why| failure(why, &place))?;
    let head = ServerResponse {
        status: rest.status,
        content_type: rest.header("Content-Type"),
        www_authenticate: rest.header("WWW-Authenticate"),
        dpop_nonce: rest.header("DPoP-Nonce"),
        retry_after: rest.header("Retry-After"),
        headers: Vec::new(),
        body: Vec::new(),
    };
    Ok(Opened { head, rest, place })
}

/// Sends a request, and reads the whole answer.
pub(crate) async fn exchange(
    browser: &Browser,
    request: FetchRequest,
) -> Result<ServerResponse, Error> {
    open(browser, request).await?.whole().await
}

/// Sends requests with proofs (RFC 9449), and knows what they need: the servers' nonces and the right time.
pub(in crate::client) struct Wire {
    context: Rc<Context>,
    /// The latest nonce of each server, by its origin.
    #[cfg(feature = "dpop")]
    nonces: RefCell<Vec<(String, DpopNonce)>>,
    /// By how many seconds this computer's clock is behind, once that was looked up.
    correction: Cell<Option<i64>>,
}

impl Wire {
    pub(in crate::client) fn new(context: Rc<Context>) -> Self {
        Self {
            context,
            #[cfg(feature = "dpop")]
            nonces: RefCell::default(),
            correction: Cell::new(None),
        }
    }

    /// Sends a request with a proof beside it, when there is a key, and waits until its answer begins.
    ///
    /// # Errors
    ///
    /// `clock_wrong` where the proof is refused and the right time can't be found out, and the network's.
    pub(in crate::client) async fn open(
        &self,
        request: FetchRequest,
        key: Option<&Key>,
        access_token: Option<&AccessToken>,
    ) -> Result<Opened, Error> {
        match key {
            None => open(self.context.browser(), request).await,
            #[cfg(feature = "dpop")]
            Some(key) => self.open_proven(request, key, access_token).await,
            #[cfg(not(feature = "dpop"))]
            Some(key) => key.is_impossible(access_token),
        }
    }

    /// The same, and reads the whole answer.
    pub(in crate::client) async fn send(
        &self,
        request: FetchRequest,
        key: Option<&Key>,
        access_token: Option<&AccessToken>,
    ) -> Result<ServerResponse, Error> {
        self.open(request, key, access_token).await?.whole().await
    }

    /// The same without any proof.
    pub(in crate::client) fn exchange(
        &self,
        request: FetchRequest,
    ) -> impl Future<Output = Result<ServerResponse, Error>> {
        exchange(self.context.browser(), request)
    }
}

fn failure(why: FetchError, place: &str) -> Error {
    Error::new(code(why)).about(place)
}

const fn code(why: FetchError) -> ErrorCode {
    match why {
        FetchError::Unsendable => ErrorCode::InvalidConfig,
        FetchError::NetworkOrCors => ErrorCode::NetworkOrCors,
        FetchError::Timeout => ErrorCode::Timeout,
        FetchError::TooLarge => ErrorCode::ResponseTooLarge,
    }
}

impl From<StorageDenied> for Error {
    fn from(_: StorageDenied) -> Self {
        Self::new(ErrorCode::StorageDenied)
    }
}

impl From<RandomUnavailable> for Error {
    fn from(_: RandomUnavailable) -> Self {
        Self::new(ErrorCode::RandomUnavailable)
    }
}

impl From<NavigationRefused> for Error {
    fn from(_: NavigationRefused) -> Self {
        Self::new(ErrorCode::NavigationFailed)
    }
}
