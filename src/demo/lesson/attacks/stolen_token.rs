//! Somebody has the access token itself: with PKCE it has nothing to do any more.

use futures_util::FutureExt as _;

use crate::client::tools::Key;
use crate::demo::lesson::explain::Source;
use crate::demo::lesson::lab::{
    Act, Hand, Played, Reading, Side, Trouble, Wanted, Which, Window, new_key,
};
use crate::protocol::AccessToken;

pub(in crate::demo::lesson) fn stolen_token(act: Act, window: Option<Window>) -> Played {
    async move {
        let login = act.sign_in(window, Wanted::by(Which::Own)).await?;
        act.say(
            Side::Person,
            "Your app gets a bearer token: whoever bears it may use it.",
            "アプリはBearerトークンを受け取ります。持っている人が使えるトークンです。",
        );
        let token = act.token(&login).await?;
        use_bearer(&act, &token).await?;
        if !act.lab.metadata().await?.supports_dpop() {
            act.say(
                Side::Person,
                "This provider does not say that it binds tokens to a key, so the second half of this case is left out.",
                "このプロバイダーは鍵に結び付いたトークンに対応していないため、後半はありません。",
            );
            return Ok(());
        }
        let label =
            act.words.say("Now with a token bound to a key", "次に、鍵に結び付いたトークンで試す");
        let window = act.stage.window(label).await;
        let wanted = Wanted { is_bound: true, ..Wanted::by(Which::Own) };
        let login = act.sign_in(window, wanted).await?;
        let Some(key) = &login.key else { return Ok(()) };
        act.say(
            Side::Person,
            "Your app shows a key with the code, which can’t leave this browser. The token is bound to it.",
            "アプリはコードと一緒に、このブラウザーから取り出せない鍵を示します。トークンはその鍵に結び付きます。",
        );
        let token = act.token(&login).await?;
        use_bound(&act, &token, key).await
    }
    .boxed_local()
}

async fn use_bearer(act: &Act, token: &AccessToken) -> Result<(), Trouble> {
    act.say(
        Side::Attacker,
        "The attacker has a copy of the token, and asks for your profile with it.",
        "攻撃者はトークンの写しを手に入れ、それであなたのプロフィールを求めます。",
    );
    let profile = act.lab.profile(false).await?;
    let answer = act.ask(Side::Attacker, &profile, token, Hand::Bare).await?;
    let reading = Reading {
        refused: act.words.say("The token is refused.", "トークンは断られました。"),
        accepted: act.words.say(
            "It works. The server sees a good token, and can’t know who sends it.",
            "使えてしまいました。サーバーに見えるのは有効なトークンだけで、誰が送ったのかは分かりません。",
        ),
    };
    act.judge(Side::Attacker, profile.by, &answer, reading, Source::Rfc("6750", "1.2"));
    if answer.status == 200 {
        act.show_profile(Side::Attacker, &answer);
    }
    Ok(())
}

async fn use_bound(act: &Act, token: &AccessToken, key: &Key) -> Result<(), Trouble> {
    act.say(
        Side::Attacker,
        "The attacker has a copy of this token as well, and sends it as before.",
        "攻撃者はこのトークンの写しも手に入れ、先ほどと同じように送ります。",
    );
    let profile = act.lab.profile(true).await?;
    let answer = act.ask(Side::Attacker, &profile, token, Hand::Bare).await?;
    let reading = Reading {
        refused: act.words.say(
            "A bound token does not work without a proof.",
            "鍵に結び付いたトークンは、証明がなければ使えません。",
        ),
        accepted: act.words.say(
            "The server takes a bound token without a proof. It must not.",
            "サーバーは、鍵に結び付いたトークンを証明なしで受け付けました。あってはならないことです。",
        ),
    };
    act.judge(Side::Attacker, profile.by, &answer, reading, Source::Rfc("9449", "7.2"));
    act.say(
        Side::Attacker,
        "They make a key of their own, and sign a proof with it.",
        "攻撃者は自分の鍵を作り、それで証明に署名します。",
    );
    let own = new_key().await?;
    let answer = act.ask(Side::Attacker, &profile, token, Hand::With(&own)).await?;
    let reading = Reading {
        refused: act.words.say(
            "The proof is good, but its key is not the one that the token is bound to.",
            "証明そのものは正しくても、トークンに結び付いた鍵によるものではありません。",
        ),
        accepted: act.words.say(
            "The server takes a proof by another key. It must not.",
            "サーバーは別の鍵による証明を受け付けました。あってはならないことです。",
        ),
    };
    act.judge(Side::Attacker, profile.by, &answer, reading, Source::Rfc("9449", "4.3"));
    act.say(
        Side::Person,
        "Your app asks with a proof by its own key.",
        "アプリが、自分の鍵による証明を添えて求めます。",
    );
    let answer = act.ask(Side::Person, &profile, token, Hand::With(key)).await?;
    let reading = Reading {
        refused: act.words.say("Your own proof is refused, too.", "本人の証明も断られました。"),
        accepted: act.words.say(
            "Token and key belong together: here is your profile.",
            "トークンと鍵が対応しています。プロフィールが届きました。",
        ),
    };
    act.judge(Side::Person, profile.by, &answer, reading, Source::Rfc("9449", "7.1"));
    Ok(())
}
