//! The mail page: an API that wants more than the first token allows.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Demo;
use super::routes::Route;
use super::shell::{fact, heading, paragraph, with_class};
use crate::browser::page;
use crate::client::{Client, ResourceRequest, SignIn};
use crate::components::elements::{
    attribute, button, dynamic, dynamic_attribute, element, group, mark, text,
};
use crate::components::{Auth, AuthError, AuthErrorProps, RequireAuth, RequireAuthProps, use_auth};
use crate::protocol::json::Value;
use crate::protocol::{Challenge, Error, ErrorCode, Scope, ServerResponse};

/// What the app asks for when it wants to read mail. It decides so itself, whatever a server names.
const SCOPE: &str = "mail";

/// What became of the request.
#[derive(Clone)]
enum State {
    Loading,
    Mails(Arc<Vec<Mail>>),
    Refused(Arc<Refusal>),
    Failed(Error),
}

struct Mail {
    from: String,
    subject: String,
    date: String,
    preview: String,
}

/// The resource server's 403, read from `WWW-Authenticate` (RFC 6750 section 3.1).
struct Refusal {
    needed: String,
    said: String,
    header: String,
}

pub(super) fn mail(demo: Demo) -> AnyView {
    let inside = RequireAuthProps::builder().children(Arc::new(move || inside(demo))).build();
    let title = demo.words.say("Your mail", "あなたのメール");
    group(vec![heading(title), RequireAuth(inside).into_any()])
}

fn inside(demo: Demo) -> AnyView {
    let Some(server) = demo.resource_server.get_value() else {
        return paragraph(demo.words.say(
            "The settings of this app name no resource server that has mail.",
            "このアプリの設定には、メールのあるリソースサーバーが書かれていません。",
        ));
    };
    let url = [server.trim_end_matches('/'), "/mail"].concat();
    let auth = use_auth();
    let state = RwSignal::new(State::Loading);
    load(auth, state, &url);
    reload_with_other_scope(auth, state, url.clone());
    dynamic(move || match state.get() {
        State::Loading => loading(demo),
        State::Mails(mails) => list(demo, &mails),
        State::Refused(refusal) => refused(demo, auth, &url, &refusal),
        State::Failed(error) => failed(auth, state, &url, error),
    })
}

/// What another window brought may allow more.
fn reload_with_other_scope(auth: Auth, state: RwSignal<State>, url: String) {
    let scope = Memo::new(move |_| auth.session().map(|session| session.scope().clone()));
    Effect::new(move |before: Option<Option<Scope>>| {
        let scope = scope.get();
        if scope.is_some() && before.is_some_and(|before| before != scope) {
            load(auth, state, &url);
        }
        scope
    });
}

fn load(auth: Auth, state: RwSignal<State>, url: &str) {
    let client = auth.client();
    let request = ResourceRequest::get(url);
    state.set(State::Loading);
    spawn_local(async move {
        let answer = ask(&client, request).await.unwrap_or_else(State::Failed);
        // The page may have been left meanwhile.
        state.try_set(answer);
    });
}

async fn ask(client: &Client, request: ResourceRequest) -> Result<State, Error> {
    let response = client.fetch(request).await?;
    if let Some(refusal) = refusal(&response) {
        return Ok(State::Refused(Arc::new(refusal)));
    }
    match response.status {
        200 => {
            let mails = mails(&response).map_err(|error| error.about("mail"))?;
            Ok(State::Mails(Arc::new(mails)))
        }
        401 => Err(Error::new(ErrorCode::TokenRefused).about("mail")),
        403 => Err(Error::new(ErrorCode::InsufficientScope).about("mail")),
        _ => Err(Error::new(ErrorCode::ResourceError).about("mail")),
    }
}

/// `{"mails": [{"from", "subject", "date", "preview"}, …]}`.
fn mails(response: &ServerResponse) -> Result<Vec<Mail>, Error> {
    match response.object()?.get("mails") {
        Some(Value::List(items)) => items.iter().map(Mail::read).collect(),
        _ => Err(ErrorCode::InvalidResponse.into()),
    }
}

impl Mail {
    fn read(item: &Value) -> Result<Self, Error> {
        let Value::Object(mail) = item else { return Err(ErrorCode::InvalidResponse.into()) };
        Ok(Self {
            from: mail.text("from")?.to_owned(),
            subject: mail.text("subject")?.to_owned(),
            date: mail.text("date")?.to_owned(),
            preview: mail.text("preview")?.to_owned(),
        })
    }
}

fn refusal(response: &ServerResponse) -> Option<Refusal> {
    let header = response.www_authenticate.as_deref().filter(|_| response.status == 403)?;
    let challenges = Challenge::parse(header);
    let challenge = challenges.iter().find(|challenge| {
        let is_ours = challenge.is("bearer") || challenge.is("dpop");
        is_ours && challenge.get("error") == Some("insufficient_scope")
    })?;
    Some(Refusal {
        needed: challenge.get("scope").unwrap_or(SCOPE).to_owned(),
        said: challenge.description().unwrap_or_default(),
        header: header.to_owned(),
    })
}

fn loading(demo: Demo) -> AnyView {
    let words =
        demo.words.say("Asking the resource server…", "リソースサーバーに問い合わせています…");
    element("p", vec![mark("busy"), attribute("role", "status")], vec![text(words)])
}

fn failed(auth: Auth, state: RwSignal<State>, url: &str, error: Error) -> AnyView {
    let needs_token = matches!(error.code(), ErrorCode::TokenRefused | ErrorCode::NotSignedIn);
    let url = url.to_owned();
    let retry = move |()| if needs_token { auth.sign_in() } else { load(auth, state, &url) };
    let properties = AuthErrorProps::builder().error(error).on_retry(Callback::new(retry));
    AuthError(properties.build()).into_any()
}

fn list(demo: Demo, mails: &[Mail]) -> AnyView {
    if mails.is_empty() {
        let words = demo.words.say("There is no mail.", "メールはありません。");
        return element("p", vec![mark("mail")], vec![text(words)]);
    }
    element("ul", vec![mark("mail")], mails.iter().map(|mail| row(demo, mail)).collect())
}

fn row(demo: Demo, mail: &Mail) -> AnyView {
    let outside = |class: &'static str, words: &str| {
        let attributes = vec![attribute("class", class), attribute("dir", "auto")];
        element("span", attributes, vec![text(words)])
    };
    let date = page::date_of_time(&mail.date, demo.words.0.tag()).unwrap_or_default();
    let inside = vec![
        outside("from", &mail.from),
        outside("date", &date),
        outside("subject", &mail.subject),
        outside("preview", &mail.preview),
    ];
    element("li", vec![], inside)
}

fn refused(demo: Demo, auth: Auth, url: &str, refusal: &Refusal) -> AnyView {
    let words = demo.words;
    let scope = auth.session().map(|session| session.scope().to_string()).unwrap_or_default();
    let explanation = words.say(
        "That is as it should be: you allowed this app to read your profile, not your mail. The \
         resource server looks at the scope of the token, whoever brings it. If you want to see your \
         mail here, sign in again and allow it.",
        "これは正しい動作です。あなたが許可したのはプロフィールの閲覧で、メールではありません。\
         リソースサーバーは、誰が持ってきたトークンでもそのスコープを確かめます。\
         メールを見るには、もう一度サインインして許可してください。",
    );
    let facts = vec![
        fact(words.say("Request", "リクエスト"), ["GET ", url].concat()),
        fact(words.say("The token allows", "トークンのスコープ"), scope),
        fact(words.say("Needed for mail", "メールに必要なスコープ"), refusal.needed.as_str()),
        fact(words.say("The server's words", "サーバーからのメッセージ"), refusal.said.as_str()),
        fact("WWW-Authenticate", refusal.header.as_str()),
    ];
    let busy = dynamic_attribute("aria-busy", move || auth.is_busy().then(|| "true".to_owned()));
    let label = words.say("Sign in again and ask for mail", "メールの許可を求めてサインインし直す");
    let error = AuthError(AuthErrorProps::builder().build()).into_any();
    let title =
        words.say("403: this token is not for mail", "403：このトークンではメールを読めません");
    element(
        "section",
        vec![mark("insufficient-scope")],
        vec![
            element("h2", vec![], vec![text(title)]),
            paragraph(explanation),
            element("dl", vec![], facts),
            with_class(
                "p",
                "links",
                vec![
                    button("ask-mail", text(label), vec![busy], move |_| ask_for_mail(auth)),
                    demo.routes.link(Route::Scopes, words),
                ],
            ),
            error,
        ],
    )
}

fn ask_for_mail(auth: Auth) {
    if let Ok(sign_in) = SignIn::new().return_to("mail.html").add_scope(SCOPE) {
        auth.sign_in_with(sign_in);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, www_authenticate: Option<&str>) -> ServerResponse {
        let www_authenticate = www_authenticate.map(str::to_owned);
        ServerResponse { status, www_authenticate, ..ServerResponse::default() }
    }

    #[test]
    fn the_missing_scope_is_read_from_the_challenge() {
        let header = r#"DPoP algs="ES256", bearer error=insufficient_scope, scope="mail""#;
        let refusal = refusal(&answer(403, Some(header))).unwrap();
        assert_eq!(refusal.needed, "mail");
    }

    // RFC 9449 section 8: what CORS hides is not known.
    #[test]
    fn r58_a_refusal_without_its_header_is_not_guessed_at() {
        assert!(refusal(&answer(403, None)).is_none());
        assert!(refusal(&answer(403, Some(r#"Bearer error="invalid_token""#))).is_none());
        assert!(refusal(&answer(401, Some(r#"Bearer error="insufficient_scope""#))).is_none());
    }
}
