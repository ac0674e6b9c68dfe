//! The islands `scopes`: tokens that the resource server does not take for everything, or not any more.

use core::time::Duration;

use futures_util::FutureExt as _;
use leptos::prelude::*;

use super::app::App;
use super::explain::{Place, Source};
use super::lab::{
    Act, Api, By, Case, Hand, Played, Reading, Side, Trouble, Wanted, Which, Window, case,
};
use super::message::read_token;
use crate::browser::timer::pause;
use crate::client::tools::post_form;
use crate::components::elements::nothing;
use crate::protocol::{AccessToken, ErrorCode, RevocationRequest, TokenResponse};

const SECOND: Duration = Duration::from_secs(1);

/// Where a server's clock may be behind, or the token's last second not yet over, in seconds.
const MARGIN: u64 = 1;

const SCOPES: Case = Case {
    name: "scopes-insufficient",
    act: insufficient,
    has_attacker: false,
    needs_window: true,
    needs_lesson: false,
};

pub(super) fn scopes(app: App, name: &str) -> AnyView {
    let chosen = match name {
        "insufficient" => SCOPES,
        "expired" => Case { name: "scopes-expired", act: expired, needs_lesson: true, ..SCOPES },
        "revoked" => Case { name: "scopes-revoked", act: revoked, ..SCOPES },
        "other-api" => Case { name: "scopes-other-api", act: other_api, ..SCOPES },
        _ => return nothing(),
    };
    case(app, chosen)
}

fn insufficient(act: Act, window: Option<Window>) -> Played {
    async move {
        let mail = place(&act, "/mail")?;
        let token = token_of(&act, window, Wanted::scope("openid profile")).await?;
        act.say(
            Side::Person,
            "The token is for your profile. Your app asks for your mail with it.",
            "このトークンはプロフィール用です。アプリがこれでメールを求めます。",
        );
        let answer = act.ask(Side::Person, &mail, &token, Hand::Bare).await?;
        let reading = Reading {
            refused: act.words.say(
                "The token is good, but its scope does not cover mail. You never allowed that.",
                "トークンは有効ですが、スコープにメールが含まれていません。あなたはまだ許可していません。",
            ),
            accepted: act.words.say(
                "The server gives the mail to a token that is not for it.",
                "サーバーは、メール用ではないトークンにメールを渡しました。",
            ),
        };
        act.judge(Side::Person, mail.by, &answer, reading, Source::Rfc("6750", "3.1"));
        let window = act.stage.window(act.words.say("Ask for mail too", "メールの許可も求める")).await;
        let token = token_of(&act, window, Wanted::scope("openid profile mail")).await?;
        act.say(
            Side::Person,
            "Your app asks for your mail with the new token.",
            "アプリが新しいトークンでメールを求めます。",
        );
        let answer = act.ask(Side::Person, &mail, &token, Hand::Bare).await?;
        let reading = Reading {
            refused: act.words.say("The mail stays closed.", "メールは読めないままです。"),
            accepted: act.words.say(
                "You have allowed it, the token says so, and here is your mail.",
                "あなたが許可し、トークンにもそう書かれているので、メールが届きました。",
            ),
        };
        act.judge(Side::Person, mail.by, &answer, reading, Source::Rfc("6749", "3.3"));
        act.show_mail(Side::Person, &answer);
        act.link(
            Side::Person,
            "./mail.html".to_owned(),
            act.words.say("The same by the client itself, on the mail page", "同じことをクライアント自身が行うメールのページ"),
        );
        Ok(())
    }
    .boxed_local()
}

fn expired(act: Act, window: Option<Window>) -> Played {
    async move {
        let login = act.sign_in(window, Wanted::by(Which::Brief)).await?;
        say_exchange(&act);
        let answer = act.spend(&login).await?;
        let tokens = TokenResponse::from_response(&answer, login.pending.scope())?;
        act.say(
            Side::Person,
            "Your app uses the token at once.",
            "アプリがトークンをすぐに使います。",
        );
        let profile = use_token(&act, tokens.access_token()).await?;
        act.say(
            Side::Person,
            "Now it waits for as long as the answer said, in expires_in.",
            "応答のexpires_inに書かれた時間だけ待ちます。",
        );
        for left in (1..=tokens.expires_in().unwrap_or_default() + MARGIN).rev() {
            act.stage.count_down(Some(left));
            pause(SECOND).await;
        }
        act.stage.count_down(None);
        act.say(Side::Person, "It asks once more.", "もう一度プロフィールを求めます。");
        let answer = act.ask(Side::Person, &profile, tokens.access_token(), Hand::Bare).await?;
        let reading = Reading {
            refused: act.words.say(
                "The same token, the same request: its time is up. A copy that somebody kept is worth nothing either.",
                "トークンもリクエストも同じですが、期限が切れました。誰かが写しを持っていても、もう使えません。",
            ),
            accepted: act.words.say(
                "The server takes a token whose time is up.",
                "サーバーは期限の切れたトークンを受け付けました。",
            ),
        };
        act.judge(Side::Person, profile.by, &answer, reading, Source::Rfc("6750", "3.1"));
        Ok(())
    }
    .boxed_local()
}

fn revoked(act: Act, window: Option<Window>) -> Played {
    async move {
        let metadata = act.lab.metadata().await?;
        let endpoint = metadata.revocation_endpoint().ok_or(ErrorCode::DiscoveryInvalid)?;
        let login = act.sign_in(window, Wanted::by(Which::Own)).await?;
        say_exchange(&act);
        let token = act.token(&login).await?;
        act.say(Side::Person, "It asks for your profile.", "プロフィールを求めます。");
        let profile = use_token(&act, &token).await?;
        act.say(
            Side::Person,
            "Your app hands the token back, as it does when you sign out.",
            "アプリがトークンを取り消します。サインアウトのときと同じです。",
        );
        let client_id = login.config.client_id();
        let request = RevocationRequest::of_access_token(endpoint, client_id, &token);
        let answer = act.send(Side::Person, post_form(request.endpoint(), request.body())).await?;
        let reading = Reading {
            refused: act
                .words
                .say("The server does not take it back.", "サーバーは取り消しに応じませんでした。"),
            accepted: act.words.say("The server has taken it back.", "サーバーが取り消しました。"),
        };
        act.judge(
            Side::Person,
            By::AuthorizationServer,
            &answer,
            reading,
            Source::Rfc("7009", "2.2"),
        );
        let answer = act.ask(Side::Person, &profile, &token, Hand::Bare).await?;
        let reading = Reading {
            refused: act.words.say(
                "Its time is not up, but it opens nothing any more, for anybody.",
                "期限はまだ残っていますが、もう誰にも使えません。",
            ),
            accepted: act.words.say(
                "This server goes on with the token until it runs out.",
                "このサーバーでは、期限が切れるまでトークンを使えます。",
            ),
        };
        act.judge(Side::Person, profile.by, &answer, reading, Source::Rfc("6750", "3.1"));
        Ok(())
    }
    .boxed_local()
}

fn other_api(act: Act, window: Option<Window>) -> Played {
    async move {
        let (profile, mail) = (place(&act, "/profile")?, place(&act, "/mail")?);
        act.say(
            Side::Person,
            "Your app asks for a token for one API alone. The parameter resource names it.",
            "アプリは、一つのAPIだけに使えるトークンを求めます。宛先はパラメーターresourceに書きます。",
        );
        let wanted =
            Wanted { resource: Some(profile.url.clone()), ..Wanted::scope("openid profile") };
        let token = token_of(&act, window, wanted).await?;
        act.say(
            Side::Person,
            "The token says what it is for. Your app uses it there.",
            "トークンには宛先が書かれています。アプリがその宛先で使います。",
        );
        if let Some(read) = read_token(Place::Elsewhere, token.expose()) {
            let claims = read.claims.into_iter();
            let claims = claims.filter(|claim| ["aud", "scope"].contains(&claim.name.as_str()));
            act.values(Side::Person, claims.map(|claim| (claim.name, claim.value)).collect());
        }
        let answer = act.ask(Side::Person, &profile, &token, Hand::Bare).await?;
        let reading = Reading {
            refused: act.words.say("The token does not work.", "トークンが使えません。"),
            accepted: act.words.say(
                "The token is meant for this API, and works here.",
                "このAPI宛てのトークンなので、ここでは使えます。",
            ),
        };
        act.judge(Side::Person, profile.by, &answer, reading, Source::Rfc("8707", "2"));
        act.say(
            Side::Person,
            "The same token at the API next to it.",
            "同じトークンを、隣のAPIに持っていきます。",
        );
        let answer = act.ask(Side::Person, &mail, &token, Hand::Bare).await?;
        let reading = Reading {
            refused: act.words.say(
                "The token is real and good, but meant for somebody else. An API that keeps your token can’t use it here.",
                "トークンは本物で有効ですが、宛先が違います。あるAPIがあなたのトークンを悪用しようとしても、ここでは使えません。",
            ),
            accepted: act.words.say(
                "The server does not look at who the token is for.",
                "サーバーはトークンの宛先を確かめていません。",
            ),
        };
        act.judge(Side::Person, mail.by, &answer, reading, Source::Rfc("9068", "4"));
        Ok(())
    }
    .boxed_local()
}

fn place(act: &Act, path: &str) -> Result<Api, Trouble> {
    act.lab.api(path)?.ok_or(Trouble::NoResourceServer)
}

async fn token_of(
    act: &Act,
    window: Option<Window>,
    wanted: Wanted,
) -> Result<AccessToken, Trouble> {
    let login = act.sign_in(window, wanted).await?;
    say_exchange(act);
    Ok(act.token(&login).await?)
}

fn say_exchange(act: &Act) {
    act.say(
        Side::Person,
        "Your app exchanges the code for a token.",
        "アプリがコードをトークンに交換します。",
    );
}

/// Asks for the profile with a token that should be good for that, and returns where.
async fn use_token(act: &Act, token: &AccessToken) -> Result<Api, Trouble> {
    let profile = act.lab.profile(false).await?;
    let answer = act.ask(Side::Person, &profile, token, Hand::Bare).await?;
    let reading = Reading {
        refused: act.words.say("The token does not work.", "トークンが使えません。"),
        accepted: act.words.say("The token works.", "トークンが使えました。"),
    };
    act.judge(Side::Person, profile.by, &answer, reading, Source::Rfc("6750", "2.1"));
    Ok(profile)
}
