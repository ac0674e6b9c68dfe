//! What a script of the page asks an element for: `signIn()`, `signOut()` and `fetch()`. No token is handed to it.

use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, ready};

use super::login::{Login, details};
use crate::browser::element::{AbortSignal, ArrayBuffer, Promise, promise};
use crate::browser::fetch::{Body, ScriptResponse};
use crate::client::{Client, ResourceRequest, Status};
use crate::protocol::{Error, ErrorCode};

/// What is waited for.
type Done = LocalBoxFuture<'static, Result<(), Error>>;

/// As the button, unless somebody is signed in, or is about to be in another window.
pub(super) fn sign_in(login: &Rc<Login>) -> Promise {
    when_known(login, |login| {
        let app = match login.app() {
            Ok(app) => app,
            Err(error) => return ready(Err(error.clone())).boxed_local(),
        };
        let client = &app.client;
        let is_there = client.session().is_some()
            || matches!(client.status(), Status::HandedOver)
            || client.show_popup();
        if is_there { ready(Ok(())).boxed_local() } else { login.sign_in(app).boxed_local() }
    })
}

/// As the button.
pub(super) fn sign_out(login: &Rc<Login>) -> Promise {
    when_known(login, Login::sign_out)
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
    let client = login.app().as_ref().map(|app| app.client.clone()).map_err(Error::clone);
    let request = call.request();
    let answer = async move {
        let (client, request) = (client?, request?);
        known(&client).await;
        let answer = client.fetch_streaming(request).await?.into_script();
        answer.map(Some).ok_or_else(|| ErrorCode::NetworkOrCors.into())
    };
    promised(answer.boxed_local())
}

/// Does it when it is known whether somebody is signed in: at once, where it is, for a window opens in the click's own
/// listener only.
fn when_known(login: &Rc<Login>, task: fn(&Login) -> Done) -> Promise {
    let is_open = |client: &Client| matches!(client.status(), Status::Starting | Status::Busy);
    let client = login.app().as_ref().ok().map(|app| app.client.clone()).filter(is_open);
    let Some(client) = client else { return promised(task(login).map(nothing).boxed_local()) };
    let login = Rc::downgrade(login);
    let done = async move {
        known(&client).await;
        // What is gone from the page by then does nothing any more.
        let Some(task) = login.upgrade().map(|login| task(&login)) else { return Ok(()) };
        task.await
    };
    promised(done.map(nothing).boxed_local())
}

/// Waits until it is known whether somebody is signed in. Why an answer of the provider was not believed is told
/// elsewhere.
async fn known(client: &Client) {
    let _ = client.handle_callback().await;
}

fn promised(result: LocalBoxFuture<'static, Result<Option<ScriptResponse>, Error>>) -> Promise {
    promise(result, details)
}

fn nothing(result: Result<(), Error>) -> Result<Option<ScriptResponse>, Error> {
    result.map(|()| None)
}
