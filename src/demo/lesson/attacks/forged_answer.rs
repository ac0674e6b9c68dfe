//! Somebody makes up the answer. The client's own code judges it, and nothing is sent anywhere.

use futures_util::FutureExt as _;

use crate::browser::random;
use crate::demo::lesson::explain::Source;
use crate::demo::lesson::lab::forms::with_issuer;
use crate::demo::lesson::lab::{
    Act, By, Ends, Login, Played, Side, Trouble, Verdict, Wanted, Which, Window, now,
};
use crate::protocol::{Callback, Config, Error, ErrorCode, PendingLogin, State};

/// Who claims to have answered. The name is reserved for examples, so it is nobody's.
const OTHER_ISSUER: &str = "https://attacker.example";

pub(in crate::demo::lesson) fn forged_callback(act: Act, _: Option<Window>) -> Played {
    async move {
        let config = act.lab.config(Which::Own)?;
        let forged = forged_url(&config)?;
        act.say(
            Side::Attacker,
            "The attacker sends you a link to your app’s callback page. Its code and its state are made up: the app won’t get as far as looking at the code.",
            "攻撃者が、アプリのコールバックページへのリンクを送ってきます。コードもstateも作り物です。アプリはコードを見るところまで進みません。",
        );
        act.open(Side::Attacker, &forged);
        judged(&act, &config, &forged, None, Source::Rfc("6749", "10.12"))?;
        act.say(
            Side::Person,
            "Now your app has just begun a sign-in, and waits for the answer with this state.",
            "今度は、アプリがサインインを始めたところで、次のstateの応答を待っています。",
        );
        let pending = act.begin(Wanted::by(Which::Own)).await?;
        act.values(Side::Person, vec![("state".to_owned(), pending.state_key().to_owned())]);
        let forged = forged_url(&config)?;
        act.say(
            Side::Attacker,
            "The attacker’s link comes just then. They can’t see the state of your sign-in, so it has another.",
            "ちょうどそこへ攻撃者のリンクが届きます。攻撃者はあなたのstateを知らないので、違う値になっています。",
        );
        act.open(Side::Attacker, &forged);
        judged(&act, &config, &forged, Some(pending), Source::Rfc("6749", "10.12"))?;
        act.link(
            Side::Attacker,
            forged,
            act.words.say(
                "Open such a link yourself, in a new tab",
                "こうしたリンクを新しいタブで開いてみる",
            ),
        );
        act.say(
            Side::Attacker,
            "If nobody is signed in there, the app says what it says here. If you are, it throws the answer away, and your session stays yours.",
            "サインインしていなければ、アプリはここと同じように断ります。サインインしていれば、応答を捨て、あなたのセッションはそのままです。",
        );
        Ok(())
    }
    .boxed_local()
}

/// A callback with a code and a state of the right form, and nothing behind them.
fn forged_url(config: &Config) -> Result<String, Trouble> {
    let state = State::from_random(&random::bytes()?);
    let code = State::from_random(&random::bytes()?);
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("code", code.expose())
        .append_pair("state", state.expose())
        .finish();
    Ok([config.redirect_uri().as_str(), "?", &query].concat())
}

/// What the client makes of an answer, with the login that waits for one, if any. A login is found by its state.
fn judged(
    act: &Act,
    config: &Config,
    url: &str,
    waiting: Option<PendingLogin>,
    source: Source,
) -> Result<(), Trouble> {
    act.say(
        Side::Person,
        "You open the link. Your app looks for the sign-in that this answer belongs to.",
        "あなたがリンクを開きます。アプリは、この応答に対応するサインインを探します。",
    );
    let answer = Callback::from_url(url, config.redirect_uri()).ok_or(ErrorCode::CodeMissing)?;
    let waits = waiting.is_some();
    let found = waiting.filter(|login| answer.state() == Some(login.state_key()));
    let judged = answer.judge(found, waits, config, now());
    show(act, judged.map(drop), source);
    Ok(())
}

pub(in crate::demo::lesson) fn mix_up(act: Act, window: Option<Window>) -> Played {
    async move {
        let login = act.sign_in(window, Wanted::by(Which::Own)).await?;
        act.say(
            Side::Attacker,
            "The attacker runs another authorization server, and would like your app to believe that it was this one who answered. So they put their own name into the answer.",
            "攻撃者は別の認可サーバーを動かしていて、応答したのは自分だとアプリに思わせようとします。そこで、応答の中の名前を自分のものに変えます。",
        );
        answer_as(&act, &login, Some(OTHER_ISSUER))?;
        act.say(
            Side::Attacker,
            "Then they leave the name out.",
            "次に、名前を取り除きます。",
        );
        answer_as(&act, &login, None)?;
        act.say(
            Side::Person,
            "The answer as it really came names the server that your app asked.",
            "実際に届いた応答には、アプリが要求を送ったサーバーの名前があります。",
        );
        show(&act, login.authorization().map(drop), Source::Rfc("9207", "2.4"));
        Ok(())
    }
    .boxed_local()
}

/// Hands the client the answer, changed.
fn answer_as(act: &Act, login: &Login, issuer: Option<&str>) -> Result<(), Trouble> {
    let text = with_issuer(&login.answer.to_text(), issuer);
    act.open(Side::Attacker, &[login.config.redirect_uri().as_str(), &text].concat());
    act.say(
        Side::Person,
        "Your app compares the name in the answer with that of the server that it asked.",
        "アプリは、応答の中の名前を、要求を送ったサーバーの名前と比べます。",
    );
    let answer = Callback::from_text(&text).ok_or(ErrorCode::CodeMissing)?;
    let judged = answer.judge(Some(login.pending.clone()), false, &login.config, now());
    show(act, judged.map(drop), Source::Rfc("9207", "2.4"));
    Ok(())
}

fn show(act: &Act, judged: Result<(), Error>, source: Source) {
    let by = By::App;
    let verdict = match judged {
        Ok(()) => Verdict {
            by,
            ends: Ends::Accepted,
            code: String::new(),
            words: act.words.say(
                "It belongs to a sign-in of this page. Only now would the code be sent anywhere.",
                "このページのサインインへの応答です。コードが送られるのは、ここまで確かめたあとです。",
            )
            .to_owned(),
            source,
        },
        Err(error) => Verdict {
            by,
            ends: Ends::Refused,
            code: error.code().as_str().to_owned(),
            words: act.app.meaning(error.code()),
            source,
        },
    };
    act.verdict(Side::Person, verdict);
}
