//! Somebody has the code: from a log, a history, another app that has taken the redirect.

use futures_util::FutureExt as _;

use crate::browser::{clock, random};
use crate::demo::lesson::explain::Source;
use crate::demo::lesson::lab::{
    Act, Api, By, Hand, Login, Played, Reading, Side, Trouble, Wanted, Which, Window,
};
use crate::demo::lesson::telling::duration;
use crate::protocol::{AccessToken, CodeVerifier, TokenResponse};

pub(in crate::demo::lesson) fn without_verifier(act: Act, window: Option<Window>) -> Played {
    async move {
        let login = act.sign_in(window, Wanted::by(Which::Own)).await?;
        act.say(
            Side::Attacker,
            "The attacker has copied the code out of the address, and is faster than your app.",
            "攻撃者はアドレスからコードを写し取り、アプリより先に送ります。",
        );
        let answer = act.steal(&login, None).await?;
        let reading = Reading {
            refused: act.words.say(
                "The server keeps a challenge with this code, and nobody has shown the verifier that fits it. There is no token for the attacker.",
                "サーバーはこのコードと一緒にchallengeを保管していますが、対応するverifierが届いていません。攻撃者はトークンを受け取れません。",
            ),
            accepted: act.words.say(
                "The server has given out a token without a verifier. It does not protect this code, as it should.",
                "サーバーはverifierなしでトークンを渡しました。本来守られるべきコードが守られていません。",
            ),
        };
        act.judge(Side::Attacker, By::AuthorizationServer, &answer, reading, Source::Rfc("7636", "4.6"));
        spend_after_attack(&act, &login).await
    }
    .boxed_local()
}

pub(in crate::demo::lesson) fn wrong_verifier(act: Act, window: Option<Window>) -> Played {
    async move {
        let login = act.sign_in(window, Wanted::by(Which::Own)).await?;
        act.say(
            Side::Attacker,
            "The attacker knows PKCE. They make up a verifier of their own, and send it with your code.",
            "攻撃者はPKCEを知っています。自分で作ったverifierを、あなたのコードと一緒に送ります。",
        );
        let guess = CodeVerifier::from_random(&random::bytes()?);
        let answer = act.steal(&login, Some(&guess)).await?;
        act.values(
            Side::Attacker,
            vec![
                (
                    act.words.say("The challenge at the server", "サーバーにあるchallenge").to_owned(),
                    login.pending.code_verifier.challenge().as_str().to_owned(),
                ),
                (
                    act.words.say("The hash of the guess", "作ったverifierのハッシュ").to_owned(),
                    guess.challenge().as_str().to_owned(),
                ),
            ],
        );
        let reading = Reading {
            refused: act.words.say(
                "The two are not the same. Guessing on is hopeless: there are 2²⁵⁶ verifiers, and the code runs out soon.",
                "二つは一致しません。verifierは2²⁵⁶通りあり、コードの期限もすぐに切れるため、当てずっぽうでは見つかりません。",
            ),
            accepted: act.words.say(
                "The two are not the same, and the server has given out a token all the same. It does not check the verifier.",
                "二つは一致しないのに、サーバーはトークンを渡しました。verifierを確かめていません。",
            ),
        };
        act.judge(Side::Attacker, By::AuthorizationServer, &answer, reading, Source::Rfc("7636", "4.6"));
        spend_after_attack(&act, &login).await
    }
    .boxed_local()
}

/// The app spends the code that an attacker has tried in vain.
async fn spend_after_attack(act: &Act, login: &Login) -> Result<(), Trouble> {
    act.say(
        Side::Person,
        "Your app sends the same code, with the verifier that only this page has.",
        "アプリが、このページだけが持つverifierと一緒に、同じコードを送ります。",
    );
    let answer = act.spend(login).await?;
    let reading = Reading {
        refused: act.words.say(
            "The server has thrown the code away after the attempt. You have to sign in again, but the attacker still has nothing.",
            "サーバーは攻撃を受けたコードを破棄しました。サインインし直す必要はありますが、攻撃者の手には何も残りません。",
        ),
        accepted: act.words.say(
            "The verifier fits. The attempt has not used up the code: your app gets its token, and you notice nothing.",
            "verifierが対応しています。失敗した攻撃ではコードは無効にならず、アプリはトークンを受け取ります。あなたは何も気づきません。",
        ),
    };
    act.judge(Side::Person, By::AuthorizationServer, &answer, reading, Source::Rfc("7636", "4.6"));
    Ok(())
}

pub(in crate::demo::lesson) fn spent_code(act: Act, window: Option<Window>) -> Played {
    async move {
        let client = client_for_spending_twice(&act);
        let login = act.sign_in(window, Wanted::by(client)).await?;
        act.say(
            Side::Person,
            "Your app spends the code, and asks for your profile.",
            "アプリがコードを使い、プロフィールを求めます。",
        );
        let token = act.token(&login).await?;
        let begun = clock::milliseconds();
        let profile = act.lab.profile(false).await?;
        let answer = act.ask(Side::Person, &profile, &token, Hand::Bare).await?;
        let reading = Reading {
            refused: act.words.say("The token does not work.", "トークンが使えません。"),
            accepted: act.words.say("The token works.", "トークンが使えました。"),
        };
        act.judge(Side::Person, profile.by, &answer, reading, Source::Rfc("6750", "2.1"));
        act.say(
            Side::Attacker,
            "The attacker has found the whole request in a log, verifier and all. They send it once more.",
            "攻撃者はログからリクエスト全体を見つけました。verifierも含まれています。それをもう一度送ります。",
        );
        let verifier = &login.pending.code_verifier;
        let answer = act.steal(&login, Some(verifier)).await?;
        let reading = Reading {
            refused: act.words.say(
                "A code works once, whatever comes with it.",
                "何が添えられていても、コードが使えるのは一度だけです。",
            ),
            accepted: act.words.say(
                "The server has taken the same code twice. It must not.",
                "サーバーは同じコードを二度受け付けました。あってはならないことです。",
            ),
        };
        act.judge(Side::Attacker, By::AuthorizationServer, &answer, reading, Source::Rfc("6749", "4.1.2"));
        let age = clock::milliseconds().saturating_sub(begun);
        act.tell(
            Side::Person,
            [
                act.words.say(
                    "Your app asks for your profile again, with the token that worked a moment ago. It is ",
                    "アプリが、たった今使えたトークンで、もう一度プロフィールを求めます。発行から",
                ),
                &duration(act.words, age),
                act.words.say(" old.", "です。"),
            ]
            .concat(),
        );
        ask_again(&act, &profile, &token).await
    }
    .boxed_local()
}

/// A server that takes tokens back takes all that this person's sign-ins at the client have brought: those of
/// the app's own session as well. So another client has to serve, where there is one.
fn client_for_spending_twice(act: &Act) -> Which {
    if act.lab.clients().is_none() {
        act.say(
            Side::Person,
            "The server may end your session here as well: it can take back all tokens of this app.",
            "サーバーは、このアプリのトークンをすべて取り消すことがあります。その場合、ここでのサインインも終わります。",
        );
        return Which::Own;
    }
    act.say(
        Side::Person,
        "A client of its own signs in here, so that your session on this page stays out of it. Its tokens live five seconds.",
        "このページでのサインインを巻き込まないよう、別のクライアントを使います。トークンの寿命は5秒です。",
    );
    Which::Brief
}

async fn ask_again(act: &Act, profile: &Api, token: &AccessToken) -> Result<(), Trouble> {
    let answer = act.ask(Side::Person, profile, token, Hand::Bare).await?;
    let reading = Reading {
        refused: act.words.say(
            "The server can’t know which of the two was the attacker, so it has taken back what it gave for this code. You sign in again; nobody goes on with it.",
            "どちらが攻撃者なのか、サーバーには分かりません。そこで、このコードで渡したトークンを取り消しました。あなたはサインインし直すことになりますが、トークンを使い続けられる人はいません。",
        ),
        accepted: act.words.say(
            "This server leaves the first token alone. It should take it back, but need not.",
            "このサーバーは最初のトークンを取り消しませんでした。取り消すことが推奨されていますが、必須ではありません。",
        ),
    };
    act.judge(Side::Person, profile.by, &answer, reading, Source::Rfc("6749", "4.1.2"));
    Ok(())
}

pub(in crate::demo::lesson) fn without_pkce(act: Act, window: Option<Window>) -> Played {
    async move {
        let login = act.sign_in(window, Wanted::by(Which::WithoutPkce)).await?;
        act.say(
            Side::Attacker,
            "The attacker does what they did in the first attack: they send the code, and nothing else.",
            "攻撃者は最初の攻撃と同じことをします。コードだけを送ります。",
        );
        let answer = act.steal(&login, None).await?;
        let reading = Reading {
            refused: act.words.say("The server refuses all the same.", "それでもサーバーは断りました。"),
            accepted: act.words.say(
                "There is no challenge with this code, so there is nothing to compare. Whoever brings it gets the token.",
                "このコードにはchallengeがなく、比べるものがありません。持ってきた人が誰でもトークンを受け取れます。",
            ),
        };
        act.judge(Side::Attacker, By::AuthorizationServer, &answer, reading, Source::Rfc("9700", "2.1.1"));
        let tokens = TokenResponse::from_response(&answer, login.pending.scope())?;
        read_profile(&act, tokens.access_token()).await?;
        act.say(
            Side::Person,
            "Your app comes with the same code a moment later.",
            "少し遅れて、アプリが同じコードを送ります。",
        );
        let answer = act.spend_by_hand(Side::Person, &login, None).await?;
        let reading = Reading {
            refused: act.words.say(
                "The code is spent. All you see is a sign-in that failed; your profile has been read.",
                "コードはもう使われています。あなたに見えるのはサインインの失敗だけですが、プロフィールはすでに読まれています。",
            ),
            accepted: act.words.say(
                "The server takes the code a second time. You notice nothing at all.",
                "サーバーはコードをもう一度受け付けました。あなたは何も気づきません。",
            ),
        };
        act.judge(Side::Person, By::AuthorizationServer, &answer, reading, Source::Rfc("6749", "4.1.2"));
        Ok(())
    }
    .boxed_local()
}

async fn read_profile(act: &Act, token: &AccessToken) -> Result<(), Trouble> {
    act.say(
        Side::Attacker,
        "With the token they ask for the profile of the person whose code it was: yours.",
        "そのトークンで、コードの持ち主、つまりあなたのプロフィールを求めます。",
    );
    let profile = act.lab.profile(false).await?;
    let answer = act.ask(Side::Attacker, &profile, token, Hand::Bare).await?;
    let reading = Reading {
        refused: act.words.say("The token does not work here.", "ここではトークンが使えません。"),
        accepted: act.words.say(
            "A good token opens your profile, whoever brings it.",
            "有効なトークンなので、誰が持ってきてもあなたのプロフィールが開きます。",
        ),
    };
    act.judge(Side::Attacker, profile.by, &answer, reading, Source::Rfc("6750", "1.2"));
    if answer.status == 200 {
        act.show_profile(Side::Attacker, &answer);
    }
    Ok(())
}
