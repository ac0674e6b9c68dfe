//! Where the protocol's values and the browser's fetch meet.

use super::Client;
use super::dpop::Key;
use crate::browser::Browser;
use crate::browser::fetch::{FetchError, FetchRequest, Method, OpenResponse};
use crate::browser::navigation::NavigationRefused;
use crate::browser::random::RandomUnavailable;
use crate::browser::storage::StorageDenied;
use crate::protocol::{AccessToken, Error, ErrorCode, SecureUrl, ServerResponse};

/// How long a request of the protocol may take, in milliseconds.
const TIMEOUT: u32 = 10_000;
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
pub(super) struct Opened {
    /// What is known of it before its body. A refusal's may be read already.
    pub(super) head: ServerResponse,
    pub(super) rest: OpenResponse,
    place: String,
}

impl Opened {
    /// Reads what is left of the body.
    pub(super) async fn read(&mut self) -> Result<(), Error> {
        let rest = self.rest.rest().await.map_err(|why| self.failure(why))?;
        self.head.body.extend(rest);
        Ok(())
    }

    /// The whole answer.
    pub(super) async fn whole(mut self) -> Result<ServerResponse, Error> {
        self.read().await?;
        Ok(self.head)
    }

    pub(super) fn failure(&self, why: FetchError) -> Error {
        failure(why, &self.place)
    }
}

/// Sends a request, and waits until its answer begins; the error names where it went.
pub(super) async fn open(browser: &Browser, request: FetchRequest) -> Result<Opened, Error> {
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

impl Client {
    /// The same with a proof beside the request, when there is a key.
    pub(super) async fn send_proven(
        &self,
        request: FetchRequest,
        key: Option<&Key>,
        access_token: Option<&AccessToken>,
    ) -> Result<ServerResponse, Error> {
        self.open_proven(request, key, access_token).await?.whole().await
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
