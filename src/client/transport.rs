//! Where the protocol's values and the browser's fetch meet.

use crate::browser::fetch::{FetchError, FetchRequest, FetchResponse, Method, send};
use crate::browser::navigation::NavigationRefused;
use crate::browser::random::RandomUnavailable;
use crate::browser::storage::StorageDenied;
use crate::protocol::{Error, ErrorCode, SecureUrl, ServerResponse};

/// How long a request of the protocol may take, in milliseconds.
const TIMEOUT: u32 = 10_000;
/// The largest body of the protocol that is read: 1 MiB.
const LARGEST_BODY: usize = 1 << 20;

/// A GET of a JSON document.
pub(super) fn get(url: &str) -> FetchRequest {
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
pub(super) fn post_form(endpoint: &SecureUrl, body: &str) -> FetchRequest {
    let mut request = get(endpoint.as_str());
    request.method = Method::POST;
    request.headers.push(("Content-Type".into(), "application/x-www-form-urlencoded".to_owned()));
    request.body = Some(body.as_bytes().to_vec().into());
    request
}

/// Sends a request; the error names where it went.
pub(super) async fn exchange(request: FetchRequest) -> Result<ServerResponse, Error> {
    let place = request.url.split(['?', '#']).next().unwrap_or_default().to_owned();
    let response = send(request).await.map_err(|why| Error::new(code(why)).about(&place))?;
    Ok(server_response(response))
}

fn server_response(response: FetchResponse) -> ServerResponse {
    ServerResponse {
        status: response.status,
        content_type: response.header("Content-Type"),
        www_authenticate: response.header("WWW-Authenticate"),
        dpop_nonce: response.header("DPoP-Nonce"),
        retry_after: response.header("Retry-After"),
        body: response.body,
    }
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
