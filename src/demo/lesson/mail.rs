//! The island `mail`: what an API answered that wants more than the first token allows.

use std::sync::Arc;

use leptos::prelude::*;

use super::app::App;
use super::exchange::with_class;
use crate::browser::page;
use crate::components::elements::{
    attribute, button, dynamic, dynamic_attribute, element, mark, text,
};
use crate::demo::recording::Answer;
use crate::demo::settings::Settings;
use crate::demo::words::Words;
use crate::protocol::json::{Object, Value};
use crate::protocol::{Challenge, Error, ErrorCode};

/// What the app asks for when it wants to read mail. It decides so itself, whatever a server names.
const SCOPE: &str = "mail";

/// What the API answered.
#[derive(Clone)]
enum Shown {
    Mails(Arc<Vec<Mail>>),
    Refused(Arc<Refusal>),
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

pub(super) fn mail(app: App, _case: &str) -> AnyView {
    let words = app.words;
    let Some(url) = url() else {
        let missing = words.say(
            "The settings of this app name no resource server that has mail.",
            "このアプリの設定には、メールのあるリソースサーバーが書かれていません。",
        );
        return element("p", vec![], vec![text(missing)]);
    };
    let shown = RwSignal::new(None::<Shown>);
    app.ask(&url, move |answer| match shown_of(answer) {
        // The page may have been left meanwhile.
        Ok(answer) => drop(shown.try_set(Some(answer))),
        Err(error) => app.fail(error.code()),
    });
    dynamic(move || match shown.get() {
        None => loading(words),
        Some(Shown::Mails(mails)) => list(words, &mails),
        Some(Shown::Refused(refusal)) => refused(app, &url, &refusal),
    })
}

fn url() -> Option<String> {
    let settings = Settings::of_page().ok()?;
    let server = settings.resource_server().ok()??;
    Some([server.trim_end_matches('/'), "/mail"].concat())
}

fn shown_of(answer: &Answer) -> Result<Shown, Error> {
    if let Some(refusal) = refusal(answer) {
        return Ok(Shown::Refused(Arc::new(refusal)));
    }
    match answer.status {
        200 => Ok(Shown::Mails(Arc::new(mails(answer)?))),
        401 => Err(ErrorCode::TokenRefused.into()),
        403 => Err(ErrorCode::InsufficientScope.into()),
        _ => Err(ErrorCode::ResourceError.into()),
    }
}

/// `{"mails": [{"from", "subject", "date", "preview"}, …]}`.
fn mails(answer: &Answer) -> Result<Vec<Mail>, Error> {
    match Object::parse(&answer.body)?.get("mails") {
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

fn refusal(answer: &Answer) -> Option<Refusal> {
    let header = answer.header("WWW-Authenticate").filter(|_| answer.status == 403)?;
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

fn loading(words: Words) -> AnyView {
    let words = words.say("Asking the resource server…", "リソースサーバーに問い合わせています…");
    element("p", vec![mark("busy"), attribute("role", "status")], vec![text(words)])
}

fn list(words: Words, mails: &[Mail]) -> AnyView {
    if mails.is_empty() {
        let words = words.say("There is no mail.", "メールはありません。");
        return element("p", vec![mark("mail")], vec![text(words)]);
    }
    element("ul", vec![mark("mail")], mails.iter().map(|mail| row(words, mail)).collect())
}

fn row(words: Words, mail: &Mail) -> AnyView {
    let outside = |class: &'static str, words: &str| {
        let attributes = vec![attribute("class", class), attribute("dir", "auto")];
        element("span", attributes, vec![text(words)])
    };
    let date = page::date_of_time(&mail.date, words.0.tag()).unwrap_or_default();
    let inside = vec![
        outside("from", &mail.from),
        outside("date", &date),
        outside("subject", &mail.subject),
        outside("preview", &mail.preview),
    ];
    element("li", vec![], inside)
}

fn refused(app: App, url: &str, refusal: &Refusal) -> AnyView {
    let words = app.words;
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
        fact(words.say("The token allows", "トークンのスコープ"), app.scope()),
        fact(words.say("Needed for mail", "メールに必要なスコープ"), refusal.needed.as_str()),
        fact(words.say("The server's words", "サーバーからのメッセージ"), refusal.said.as_str()),
        fact("WWW-Authenticate", refusal.header.as_str()),
    ];
    let busy = dynamic_attribute("aria-busy", move || app.is_busy().then(|| "true".to_owned()));
    let label = words.say("Sign in again and ask for mail", "メールの許可を求めてサインインし直す");
    let scopes = element(
        "a",
        vec![attribute("href", "./scopes.html")],
        vec![text(words.say("Scopes", "スコープ"))],
    );
    let title =
        words.say("403: this token is not for mail", "403：このトークンではメールを読めません");
    element(
        "section",
        vec![mark("insufficient-scope")],
        vec![
            element("h2", vec![], vec![text(title)]),
            element("p", vec![], vec![text(explanation)]),
            element("dl", vec![], facts),
            with_class(
                "p",
                "links",
                vec![
                    button("ask-mail", text(label), vec![busy], move |_| app.sign_in_for(SCOPE)),
                    scopes,
                ],
            ),
        ],
    )
}

/// A name and its value, for a `dl`.
fn fact(name: &str, value: impl Into<String>) -> AnyView {
    let name = element("dt", vec![], vec![text(name)]);
    let value = element("dd", vec![attribute("dir", "auto")], vec![text(value)]);
    element("div", vec![], vec![name, value])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u64, www_authenticate: Option<&str>) -> Answer {
        let header = |value: &str| ("WWW-Authenticate".to_owned(), value.to_owned());
        let headers = www_authenticate.map(header).into_iter().collect();
        Answer { status, took: 0, headers, body: String::new() }
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

    #[test]
    fn mail_is_read_and_anything_else_is_none() {
        let of = |body: &str| mails(&Answer { body: body.to_owned(), ..answer(200, None) });
        let mail = r#"{"from":"Ada","subject":"Tea?","date":"2026-11-20","preview":"On"}"#;
        let read = of(&[r#"{"mails":["#, mail, "]}"].concat()).unwrap();
        assert_eq!((read[0].from.as_str(), read[0].subject.as_str()), ("Ada", "Tea?"));
        for body in ["", "{}", r#"{"mails":{}}"#, r#"{"mails":[1]}"#, r#"{"mails":[{}]}"#] {
            assert!(of(body).is_err(), "{body}");
        }
    }
}
