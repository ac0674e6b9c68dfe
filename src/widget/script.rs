//! What a script of the page asks an element for: `signIn()`, `signOut()` and `fetch()`. It never gets a token.

use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, ready};

use super::login::Login;
use crate::browser::element::{AbortSignal, ArrayBuffer, Detail, Promise, promise};
use crate::browser::fetch::{Body, ScriptResponse};
use crate::client::ResourceRequest;
use crate::protocol::{Error, ErrorCode};

/// As the button, unless somebody is signed in.
pub(super) fn sign_in(login: &Login) -> Promise {
    match login.app() {
        Ok(app) if app.client.session().is_some() => promised(ready(Ok(None)).boxed_local()),
        Ok(app) => promised(login.sign_in(app).map(nothing).boxed_local()),
        Err(error) => promised(ready(Err(error.clone())).boxed_local()),
    }
}

/// As the button.
pub(super) fn sign_out(login: &Login) -> Promise {
    promised(login.sign_out().map(nothing).boxed_local())
}

/// What a script sends to an API.
pub(super) struct Call<'a> {
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    /// One a line: `name:value`.
    pub(super) headers: &'a str,
    pub(super) body: Option<ArrayBuffer>,
    /// Ends it.
    pub(super) signal: Option<AbortSignal>,
}

impl Call<'_> {
    fn request(self) -> Result<ResourceRequest, Error> {
        let mut request = ResourceRequest::new(self.method, self.url)?.signal(self.signal);
        for (name, value) in self.headers.split('\n').filter_map(|line| line.split_once(':')) {
            request = request.header(name, value)?;
        }
        Ok(match self.body {
            Some(body) => request.body(Body::of_script(body)),
            None => request,
        })
    }
}

/// Calls an API with the access token, once it is known whether somebody is signed in.
pub(super) fn fetch(login: &Login, call: Call<'_>) -> Promise {
    let (app, request) = (login.app().clone(), call.request());
    let answer = async move {
        let (client, request) = (&app?.client, request?);
        // Why nobody signed in is told elsewhere.
        let _ = client.handle_callback().await;
        let answer = client.fetch_streaming(request).await?.into_script();
        answer.map(Some).ok_or_else(|| ErrorCode::NetworkOrCors.into())
    };
    promised(answer.boxed_local())
}

/// What a script is told of an error.
pub(super) fn details(error: &Error) -> [(&'static str, Detail); 4] {
    let text = |text: &str| Detail::Text(Some(text.to_owned()));
    [
        ("code", text(error.code().as_str())),
        ("fault", text(error.fault().as_str())),
        ("retry", Detail::Bool(error.retry_can_help())),
        ("message", text(&error.message())),
    ]
}

fn promised(result: LocalBoxFuture<'static, Result<Option<ScriptResponse>, Error>>) -> Promise {
    promise(result.map(|result| result.map_err(|error| details(&error))))
}

fn nothing(result: Result<(), Error>) -> Result<Option<ScriptResponse>, Error> {
    result.map(|()| None)
}
