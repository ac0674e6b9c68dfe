//! What is said of each arrow: some words beside it, and a sentence for those who don't see it.

use super::message::parameter;
use super::story::{Arrow, Half, Role, What};
use crate::demo::words::Words;
use crate::protocol::json::Object;

/// How much of a long value stands beside an arrow.
const SHORT: usize = 8;

/// In the place of what is secret.
pub(super) const MASK: &str = "••••••";

/// What stands beside an arrow: words, and real values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) says: String,
    /// Values, the secret ones masked, with a word before each where it needs one.
    pub(super) values: Vec<(&'static str, String)>,
}

/// What a role is called.
pub(super) const fn role(words: Words, role: Role) -> &'static str {
    match role {
        Role::Person => words.say("You", "あなた"),
        Role::App => words.say("This app", "このアプリ"),
        Role::Provider => words.say("Authorization server", "認可サーバー"),
        Role::Api => words.say("Resource server", "リソースサーバー"),
    }
}

/// What stands beside an arrow.
pub(super) fn label(words: Words, arrow: &Arrow) -> Label {
    let says = match arrow.half {
        Half::Sent => sent(words, arrow),
        Half::Answered if arrow.is_refusal() => refused(words, arrow),
        Half::Answered => answered(words, arrow.what).to_owned(),
    };
    Label { says, values: values(words, arrow) }
}

fn sent(words: Words, arrow: &Arrow) -> String {
    if arrow.what == What::Callback && arrow.is_refusal() {
        return words.say("No code", "コードはありません").to_owned();
    }
    let is_by_reference =
        arrow.entry.as_ref().is_some_and(|entry| parameter(entry, "request_uri").is_some());
    let says = match arrow.what {
        What::Wish => words.say("“Sign me in”", "サインインしたい"),
        What::Discovery => words.say("Who are you?", "どんなサーバーですか？"),
        What::Preparation => {
            words.say("makes verifier, state, nonce", "verifier、state、nonceを作る")
        }
        What::Push => words.say("Request, with the challenge", "リクエストとchallenge"),
        What::Redirect if is_by_reference || arrow.is_to_come => {
            words.say("To sign in", "サインインへ")
        }
        What::Redirect => {
            words.say("To sign in, with the challenge", "challengeとともにサインインへ")
        }
        What::Question => words.say("Is it you? Do you agree?", "本人ですか？許可しますか？"),
        What::Consent => words.say("Password, and yes", "パスワードと同意"),
        What::Callback => words.say("Code", "コード"),
        What::Exchange if arrow.entry.is_some() => "",
        What::Exchange => words.say("Code and verifier", "コードとverifier"),
        What::Keys => words.say("Your public keys?", "公開鍵をください"),
        What::Profile => words.say("Access token", "アクセストークン"),
        What::Api => words.say("Access token", "アクセストークン"),
        What::Renewal => words.say("Refresh token", "リフレッシュトークン"),
        What::Revocation => words.say("A token, handed back", "トークンを返却"),
        What::Other => words.say("A request", "リクエスト"),
    };
    says.to_owned()
}

const fn answered(words: Words, what: What) -> &'static str {
    match what {
        What::Discovery => words.say("This is what I can do", "対応している機能の一覧"),
        What::Push => words.say("A reference to it", "リクエストへの参照"),
        What::Exchange | What::Renewal => words.say("Access token", "アクセストークン"),
        What::Keys => words.say("Public keys", "公開鍵"),
        What::Profile => words.say("Your profile", "あなたのプロフィール"),
        What::Api => words.say("The data", "データ"),
        What::Revocation => words.say("Done", "完了"),
        _ => words.say("The answer", "レスポンス"),
    }
}

fn refused(words: Words, arrow: &Arrow) -> String {
    let Some(answer) = arrow.answer() else {
        return words.say("No answer", "レスポンスがありません").to_owned();
    };
    let error = Object::parse(&answer.body)
        .ok()
        .and_then(|body| body.text("error").ok().map(str::to_owned));
    error.unwrap_or_else(|| words.say("Refused", "拒否").to_owned())
}

fn values(words: Words, arrow: &Arrow) -> Vec<(&'static str, String)> {
    let Some(entry) = &arrow.entry else { return Vec::new() };
    let given = |name: &str| parameter(entry, name).map(|value| ("", short(&value)));
    let masked = |word: &'static str| (word, MASK.to_owned());
    match (arrow.what, arrow.half) {
        (What::Callback, _) if arrow.is_refusal() => given("error").into_iter().collect(),
        (_, Half::Answered) if arrow.is_refusal() => {
            arrow.answer().map(|answer| ("", answer.status.to_string())).into_iter().collect()
        }
        (What::Push | What::Redirect, Half::Sent) => given("code_challenge").into_iter().collect(),
        (What::Callback, _) | (What::Profile | What::Renewal, Half::Sent) => vec![masked("")],
        (What::Exchange, Half::Sent) => {
            vec![masked(words.say("Code", "コード")), masked("verifier")]
        }
        (What::Exchange | What::Renewal, Half::Answered) => vec![masked("")],
        (What::Profile, Half::Answered) => member(arrow, "name").into_iter().collect(),
        (What::Api, Half::Sent) => vec![("", path(words, &entry.url))],
        _ => Vec::new(),
    }
}

/// A member of the answer, where it is a text.
fn member(arrow: &Arrow, name: &str) -> Option<(&'static str, String)> {
    let body = Object::parse(&arrow.answer()?.body).ok()?;
    Some(("", body.text(name).ok()?.to_owned()))
}

fn path(words: Words, url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.split_once('/').map(|(_, path)| ["/", path].concat());
    path.unwrap_or_else(|| words.say("the data", "データ").to_owned())
}

/// The beginning of a long value.
fn short(value: &str) -> String {
    match value.char_indices().nth(SHORT + 4) {
        None => value.to_owned(),
        Some(_) => value.chars().take(SHORT).chain(['…']).collect(),
    }
}

/// A duration, as people read it.
pub(super) fn duration(words: Words, milliseconds: u64) -> String {
    match milliseconds {
        0..1000 => [&milliseconds.to_string(), words.say(" ms", "ミリ秒")].concat(),
        _ => {
            let tenths = milliseconds / 100;
            let seconds = [(tenths / 10).to_string(), (tenths % 10).to_string()].join(".");
            [&seconds, words.say(" s", "秒")].concat()
        }
    }
}

/// The arrow as a sentence.
pub(super) fn sentence(words: Words, arrow: &Arrow) -> String {
    let mut sentence = what_happened(words, arrow).to_owned();
    if let Some(answer) = arrow.answer() {
        let took = duration(words, answer.took);
        let status = answer.status.to_string();
        sentence.push_str(&match arrow.is_refusal() {
            true => [
                words.say(" It refused, with the status ", "ステータス"),
                &status,
                words.say(", after ", "で拒否されました（"),
                &took,
                words.say(".", "）。"),
            ]
            .concat(),
            false => [words.say(" That took ", "（"), &took, words.say(".", "）")].concat(),
        });
    } else if let (What::Callback, Some(away)) = (arrow.what, arrow.took) {
        let away = duration(words, away);
        sentence.push_str(
            &[
                words.say(" You were away for ", "離れていた時間は"),
                &away,
                words.say(".", "です。"),
            ]
            .concat(),
        );
    }
    sentence
}

fn what_happened(words: Words, arrow: &Arrow) -> &'static str {
    match (arrow.what, arrow.half) {
        (What::Wish, _) => words.say("You told the app that you want to sign in.", "あなたがアプリに、サインインしたいと伝えました。"),
        (What::Discovery, Half::Sent) => words.say("The app asked the authorization server what it can do, and where.", "アプリが認可サーバーに、対応している機能とその窓口を尋ねました。"),
        (What::Preparation, _) => words.say("The app made up three random values, the verifier, the state and the nonce, and hashed the verifier: that is the challenge.", "アプリがverifier、state、nonceという三つの乱数を作り、verifierのハッシュ、つまりchallengeを計算しました。"),
        (What::Push, Half::Sent) => words.say("The app sent its request ahead, straight to the authorization server, with the challenge in it.", "アプリが認可サーバーへ、challengeの入ったリクエストを直接、先に送りました。"),
        (What::Redirect, _) => words.say("Your browser went from the app to the authorization server.", "ブラウザーがアプリから認可サーバーへ移りました。"),
        (What::Question, _) => words.say("The authorization server asked who you are, and whether you agree. The app was not there, and can’t show it.", "認可サーバーが、あなたが本人か、許可するかを尋ねました。アプリはその場にいないので、ここには表示できません。"),
        (What::Consent, _) => words.say("You signed in there, or were known already, and agreed. The app saw nothing of it.", "あなたがサインインし（または、すでにサインインしていて）、許可しました。アプリからは何も見えません。"),
        (What::Callback, _) if arrow.is_refusal() => words.say("Your browser came back to the app with an error in the address, and without a code.", "ブラウザーがアプリに戻りましたが、アドレスにはコードではなくエラーがありました。"),
        (What::Callback, _) => words.say("Your browser came back to the app, with the code and the state in the address.", "ブラウザーがコードとstateをアドレスに載せて、アプリに戻りました。"),
        (What::Exchange, Half::Sent) => words.say("The app sent the code and the verifier to the token endpoint.", "アプリがコードとverifierをトークンエンドポイントに送りました。"),
        (What::Keys, Half::Sent) => words.say("The app asked for the public keys of the authorization server, to verify the ID token with.", "アプリが、IDトークンを検証するための公開鍵を認可サーバーに求めました。"),
        (What::Profile, Half::Sent) => words.say("The app showed the access token and asked for the profile.", "アプリがアクセストークンを示して、プロフィールを求めました。"),
        (What::Api, Half::Sent) => words.say("The app showed the access token and asked for something else.", "アプリがアクセストークンを示して、別のデータを求めました。"),
        (What::Renewal, Half::Sent) => words.say("The app asked for a new access token.", "アプリが新しいアクセストークンを求めました。"),
        (What::Revocation, Half::Sent) => words.say("The app handed a token back.", "アプリがトークンを返却しました。"),
        (What::Other, Half::Sent) => words.say("The app sent another request.", "アプリが別のリクエストを送りました。"),
        (_, Half::Answered) if arrow.answer().is_none() => words.say("No answer came that the app may see.", "アプリが読めるレスポンスはありませんでした。"),
        (_, Half::Answered) if arrow.is_refusal() => words.say("The answer was no.", "断られました。"),
        (What::Discovery, _) => words.say("The authorization server described itself.", "認可サーバーが自身の情報を返しました。"),
        (What::Push, _) => words.say("The authorization server gave a reference to the request.", "認可サーバーがリクエストへの参照を返しました。"),
        (What::Exchange, _) => words.say("The authorization server hashed the verifier, found that it fits the challenge, and gave an access token.", "認可サーバーがverifierのハッシュを計算し、challengeと一致したので、アクセストークンを発行しました。"),
        (What::Keys, _) => words.say("The authorization server sent its public keys.", "認可サーバーが公開鍵を返しました。"),
        (What::Profile, _) => words.say("The resource server checked the token and sent your profile.", "リソースサーバーがトークンを確かめ、あなたのプロフィールを返しました。"),
        (What::Api, _) => words.say("The resource server checked the token and sent the data.", "リソースサーバーがトークンを確かめ、データを返しました。"),
        (What::Renewal, _) => words.say("The authorization server gave a new access token.", "認可サーバーが新しいアクセストークンを発行しました。"),
        (What::Revocation, _) => words.say("The authorization server took it back.", "認可サーバーがトークンを無効にしました。"),
        (What::Other, _) => words.say("An answer came.", "レスポンスが返されました。"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::story::tests::{answered, entry};
    use super::super::story::told;
    use super::*;
    use crate::demo::recording::{Entry, Kind, Recording};
    use crate::demo::words::Language;

    const ENGLISH: Words = Words(Language::English);
    const JAPANESE: Words = Words(Language::Japanese);

    fn arrows(entries: Vec<Entry>) -> Vec<Arrow> {
        told(&Recording { entries, ..Recording::default() }, None)
    }

    fn token_request() -> Entry {
        let body = "grant_type=authorization_code&code=stolen-code&code_verifier=the-verifier";
        entry(Kind::Request, "https://id.example/token", body, 5)
    }

    #[test]
    fn no_secret_stands_beside_an_arrow_or_in_a_sentence() {
        let answer = r#"{"access_token": "the-token"}"#;
        let callback = "https://app.example/?code=stolen-code&state=s";
        let entries =
            vec![entry(Kind::Callback, callback, "", 1), answered(token_request(), 200, answer)];
        for arrow in arrows(entries) {
            for words in [ENGLISH, JAPANESE] {
                let said = format!("{:?}{}", label(words, &arrow), sentence(words, &arrow));
                for secret in ["stolen-code", "the-verifier", "the-token"] {
                    assert!(!said.contains(secret), "{said}");
                }
            }
        }
    }

    #[test]
    fn a_challenge_is_shown_by_its_beginning() {
        let url = "https://id.example/auth?code_challenge=E9Melhoa2OwvFrEMTJguCHao";
        let arrows = arrows(vec![entry(Kind::Redirect, url, "", 1)]);
        let redirect = arrows.last().unwrap();
        let expected = vec![("", "E9Melhoa…".to_owned())];
        assert_eq!(label(ENGLISH, redirect).values, expected);
    }

    #[test]
    fn a_refusal_is_said_in_the_servers_own_word() {
        let refused = answered(token_request(), 400, r#"{"error": "invalid_grant"}"#);
        let arrows = arrows(vec![refused]);
        let answer = arrows.last().unwrap();
        let expected =
            Label { says: "invalid_grant".to_owned(), values: vec![("", "400".to_owned())] };
        assert_eq!(label(ENGLISH, answer), expected);
        assert!(sentence(ENGLISH, answer).contains("400"));
    }

    #[test]
    fn durations_are_said_as_people_read_them() {
        assert_eq!(duration(ENGLISH, 44), "44 ms");
        assert_eq!(duration(ENGLISH, 1349), "1.3 s");
        assert_eq!(duration(JAPANESE, 999), "999ミリ秒");
    }
}
