//! What each parameter, header and member is for, and where that is written down.

use crate::demo::words::Words;

/// Where a name stands. Some names mean something else elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the request for a code.
    Authorization,
    /// In the answer to a pushed request.
    PushAnswer,
    /// In the address that the browser comes back with.
    Callback,
    /// In a request to the token endpoint.
    TokenRequest,
    /// In its answer.
    TokenAnswer,
    /// In what the server says of itself.
    Discovery,
    /// In the server's keys.
    Keys,
    /// In the profile.
    Profile,
    /// In a request's headers.
    RequestHeader,
    /// In an answer's headers.
    AnswerHeader,
    /// In the header of a signed token.
    TokenHeader,
    /// In an ID token.
    IdToken,
    /// In a proof that the app has a key.
    Proof,
    /// Anywhere else.
    Elsewhere,
}

/// Where something is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// An RFC, and its section.
    Rfc(&'static str, &'static str),
    /// OpenID Connect Core: its section, and the name of that in the document.
    OpenId(&'static str, &'static str),
}

impl Source {
    /// What the link says.
    pub(super) fn label(self, words: Words) -> String {
        let (document, section) = match self {
            Self::Rfc(number, section) => (["RFC ", number].concat(), section),
            Self::OpenId(section, _) => ("OpenID Connect Core".to_owned(), section),
        };
        [&document, words.say(", ", " "), section, words.say("", "節")].concat()
    }

    /// Where the link leads.
    pub(super) fn address(self) -> String {
        match self {
            Self::Rfc(number, section) => {
                ["https://www.rfc-editor.org/rfc/rfc", number, "#section-", section].concat()
            }
            Self::OpenId(_, name) => {
                ["https://openid.net/specs/openid-connect-core-1_0.html#", name].concat()
            }
        }
    }
}

/// What something is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meaning {
    place: Place,
    name: &'static str,
    pub(super) english: &'static str,
    pub(super) japanese: &'static str,
    pub(super) source: Source,
}

/// What a name is for, where it stands. `None` where that needs no words, or nobody here knows it.
pub(super) fn meaning(place: Place, name: &str) -> Option<&'static Meaning> {
    let is_it = |known: &&Meaning| known.place == place && known.name.eq_ignore_ascii_case(name);
    MEANINGS.iter().find(is_it)
}

const fn of(
    place: Place,
    name: &'static str,
    source: Source,
    english: &'static str,
    japanese: &'static str,
) -> Meaning {
    Meaning { place, name, english, japanese, source }
}

use Place::{
    AnswerHeader, Authorization, Callback, Discovery, IdToken, Keys, Profile, Proof, PushAnswer,
    RequestHeader, TokenAnswer, TokenHeader, TokenRequest,
};
use Source::{OpenId, Rfc};

#[rustfmt::skip]
const MEANINGS: &[Meaning] = &[
    of(Authorization, "response_type", Rfc("6749", "4.1.1"), "The app wants a code, not a token.", "トークンではなくコードを求めています。"),
    of(Authorization, "client_id", Rfc("6749", "2.2"), "Which app asks. A name, not a secret.", "どのアプリからの要求かを示す名前です。秘密ではありません。"),
    of(Authorization, "redirect_uri", Rfc("6749", "3.1.2"), "Where the answer goes. The server sends it to no address that it doesn’t know.", "応答の送り先です。サーバーは、登録されていない宛先には送りません。"),
    of(Authorization, "scope", Rfc("6749", "3.3"), "What the app would like to be allowed.", "許可してほしい範囲です。"),
    of(Authorization, "state", Rfc("6749", "10.12"), "Comes back unchanged, and shows the app that it has asked for this answer.", "そのまま戻ってきます。自分が求めた応答だとアプリが確かめるための値です。"),
    of(Authorization, "nonce", OpenId("3.1.2.1", "AuthRequest"), "Comes back inside the ID token, and ties that to this sign-in.", "IDトークンに入って戻り、このサインインのものだと示します。"),
    of(Authorization, "code_challenge", Rfc("7636", "4.3"), "The hash of the verifier. The server keeps it with the code that it gives out.", "verifierのハッシュです。サーバーは、発行するコードと組にして保管します。"),
    of(Authorization, "code_challenge_method", Rfc("7636", "4.3"), "How the challenge was made: with SHA-256.", "challengeの作り方です。SHA-256を使います。"),
    of(Authorization, "dpop_jkt", Rfc("9449", "10"), "The fingerprint of the app’s key. The code can be spent with that key alone.", "アプリの鍵のフィンガープリントです。この鍵がなければコードは使えません。"),
    of(Authorization, "request_uri", Rfc("9126", "4"), "Stands for the request that the app has sent ahead. The address says nothing else.", "先に送ったリクエストへの参照です。アドレスにはほかに何も載りません。"),
    of(Authorization, "resource", Rfc("8707", "2.1"), "Which API the token is to be for.", "トークンを使いたいAPIです。"),
    of(Authorization, "prompt", OpenId("3.1.2.1", "AuthRequest"), "Whether the server should ask the person again.", "あらためて本人に尋ねるかどうかの指定です。"),
    of(Authorization, "max_age", OpenId("3.1.2.1", "AuthRequest"), "How many seconds ago the person may have signed in.", "前回のサインインから何秒までを認めるかの指定です。"),
    of(Authorization, "login_hint", OpenId("3.1.2.1", "AuthRequest"), "Who probably signs in.", "サインインしそうな人の手がかりです。"),
    of(Authorization, "acr_values", OpenId("3.1.2.1", "AuthRequest"), "How strong a sign-in the app wants.", "求める認証の強さです。"),
    of(Authorization, "ui_locales", OpenId("3.1.2.1", "AuthRequest"), "Which languages the person reads.", "画面の言語の希望です。"),
    of(PushAnswer, "request_uri", Rfc("9126", "2.2"), "A reference to the request. Good once, and not for long.", "リクエストへの参照です。一度だけ、短い間しか使えません。"),
    of(PushAnswer, "expires_in", Rfc("9126", "2.2"), "For how many seconds it is good.", "有効な秒数です。"),
    of(PushAnswer, "error", Rfc("9126", "2.3"), "What the server objects to.", "サーバーが断った理由です。"),
    of(Callback, "code", Rfc("6749", "4.1.2"), "Stands for the person’s consent. Good once, and worth nothing without the verifier.", "同意を表すコードです。一度しか使えず、verifierがなければ役に立ちません。"),
    of(Callback, "state", Rfc("6749", "4.1.2"), "The one that the app has sent. It compares them before anything else.", "アプリが送った値です。何よりも先に、一致するかを確かめます。"),
    of(Callback, "iss", Rfc("9207", "2"), "Which server answers. The app compares it with the one that it asked.", "応答したサーバーです。要求を送った相手と同じかを確かめます。"),
    of(Callback, "error", Rfc("6749", "4.1.2.1"), "Why there is no code.", "コードが返されなかった理由です。"),
    of(Callback, "error_description", Rfc("6749", "4.1.2.1"), "The same in words, for developers.", "開発者向けの説明です。"),
    of(TokenRequest, "grant_type", Rfc("6749", "4.1.3"), "What the app brings.", "アプリが何を持ってきたかを示します。"),
    of(TokenRequest, "code", Rfc("6749", "4.1.3"), "The code, as it came back.", "戻ってきたコードです。"),
    of(TokenRequest, "redirect_uri", Rfc("6749", "4.1.3"), "The same as at first. The server compares.", "最初に送ったものと同じ値です。サーバーが照合します。"),
    of(TokenRequest, "client_id", Rfc("6749", "3.2.1"), "Which app it is. The code was given out for this one.", "どのアプリかを示します。コードはこのアプリ宛てに発行されました。"),
    of(TokenRequest, "code_verifier", Rfc("7636", "4.5"), "Leaves this tab for the first time. The server hashes it, and compares that with the challenge.", "ここで初めてこのタブから出ます。サーバーはハッシュを計算し、challengeと比べます。"),
    of(TokenRequest, "refresh_token", Rfc("6749", "6"), "What the app gets a new access token for.", "新しいアクセストークンと引き換えます。"),
    of(TokenRequest, "resource", Rfc("8707", "2.2"), "Which API the token is to be for.", "トークンを使いたいAPIです。"),
    of(TokenRequest, "scope", Rfc("6749", "6"), "What the new token is to allow.", "新しいトークンに求める範囲です。"),
    of(TokenRequest, "token", Rfc("7009", "2.1"), "The token that is handed back.", "返却するトークンです。"),
    of(TokenRequest, "token_type_hint", Rfc("7009", "2.1"), "What kind of token it is.", "トークンの種類です。"),
    of(TokenAnswer, "access_token", Rfc("6749", "1.4"), "What the resource server wants to see. The app does not look inside.", "リソースサーバーに見せるトークンです。アプリが中身を読むことはありません。"),
    of(TokenAnswer, "token_type", Rfc("6749", "7.1"), "Bearer: whoever has the token can use it. DPoP: only together with the app’s key (RFC 9449).", "Bearerは持っている人なら誰でも使えます。DPoPはアプリの鍵と一緒でなければ使えません（RFC 9449）。"),
    of(TokenAnswer, "expires_in", Rfc("6749", "5.1"), "For how many seconds the token is good.", "トークンが有効な秒数です。"),
    of(TokenAnswer, "scope", Rfc("6749", "3.3"), "What was allowed. That may be less than was asked for.", "実際に許可された範囲です。求めたものより狭いこともあります。"),
    of(TokenAnswer, "id_token", OpenId("2", "IDToken"), "Says who signed in, and is signed by the server.", "誰がサインインしたかを示す、サーバーの署名付きのトークンです。"),
    of(TokenAnswer, "refresh_token", Rfc("6749", "1.5"), "Gets a new access token when this one has run out.", "期限が切れたときに新しいアクセストークンを得るためのものです。"),
    of(TokenAnswer, "error", Rfc("6749", "5.2"), "Why there is no token.", "トークンが返されなかった理由です。"),
    of(TokenAnswer, "error_description", Rfc("6749", "5.2"), "The same in words, for developers.", "開発者向けの説明です。"),
    of(Discovery, "issuer", Rfc("8414", "2"), "Who the server is. It must be the one in the app’s settings.", "サーバー自身の識別子です。アプリの設定と一致しなければなりません。"),
    of(Discovery, "authorization_endpoint", Rfc("8414", "2"), "Where the browser is sent to sign in.", "サインインのためにブラウザーが向かう先です。"),
    of(Discovery, "token_endpoint", Rfc("8414", "2"), "Where codes are exchanged for tokens.", "コードをトークンに替える窓口です。"),
    of(Discovery, "pushed_authorization_request_endpoint", Rfc("9126", "5"), "Where requests can be sent ahead.", "リクエストを先に送るための窓口です。"),
    of(Discovery, "userinfo_endpoint", OpenId("5.3", "UserInfo"), "Where the profile is.", "プロフィールを返す窓口です。"),
    of(Discovery, "jwks_uri", Rfc("8414", "2"), "Where the keys are that ID tokens are signed with.", "IDトークンの署名を確かめる鍵のありかです。"),
    of(Discovery, "revocation_endpoint", Rfc("8414", "2"), "Where tokens can be handed back.", "トークンを返却する窓口です。"),
    of(Discovery, "code_challenge_methods_supported", Rfc("8414", "2"), "That the server knows PKCE, and how challenges may be made.", "PKCEに対応していることと、challengeの作り方を示します。"),
    of(Discovery, "authorization_response_iss_parameter_supported", Rfc("9207", "3"), "That its answers say who they are from.", "応答に発行元（iss）を付けることを示します。"),
    of(Discovery, "dpop_signing_alg_values_supported", Rfc("9449", "5.1"), "That it can bind tokens to a key, and with which algorithms.", "トークンを鍵に結び付けられることと、使える方式を示します。"),
    of(Discovery, "scopes_supported", Rfc("8414", "2"), "What can be asked for.", "求めることのできる範囲です。"),
    of(Keys, "keys", Rfc("7517", "5.1"), "The server’s public keys. Anybody may have them: they only verify.", "サーバーの公開鍵です。確かめるためだけのものなので、誰が持っていても構いません。"),
    of(Profile, "sub", OpenId("5.1", "StandardClaims"), "Who it is, by a name that never changes. It must be the one in the ID token.", "本人を表す、変わらない識別子です。IDトークンのものと一致しなければなりません。"),
    of(Profile, "name", OpenId("5.1", "StandardClaims"), "The name, for showing. Allowed by the scope profile.", "表示用の名前です。スコープprofileで許可されます。"),
    of(Profile, "email", OpenId("5.1", "StandardClaims"), "The address. Allowed by the scope email.", "メールアドレスです。スコープemailで許可されます。"),
    of(Profile, "email_verified", OpenId("5.1", "StandardClaims"), "Whether the server knows that it is theirs.", "本人のアドレスだと確認済みかどうかです。"),
    of(Profile, "picture", OpenId("5.1", "StandardClaims"), "Where the picture is.", "写真のアドレスです。"),
    of(RequestHeader, "Authorization", Rfc("6750", "2.1"), "The access token, never in an address.", "アクセストークンです。アドレスには決して載せません。"),
    of(RequestHeader, "DPoP", Rfc("9449", "4"), "Shows that the app has its key: signed for this one request.", "アプリが鍵を持っている証明です。このリクエストのためだけに署名されています。"),
    of(RequestHeader, "Content-Type", Rfc("6749", "4.1.3"), "The parameters come as a form, in the body and not in the address.", "パラメーターはアドレスではなく本文に、フォームの形式で入ります。"),
    of(AnswerHeader, "cache-control", Rfc("6749", "5.1"), "No browser and no proxy may keep a copy.", "ブラウザーやプロキシに複製を残さないための指定です。"),
    of(AnswerHeader, "dpop-nonce", Rfc("9449", "8"), "What the next proof must contain, so that nobody can make one ahead of time.", "次の証明に入れる値です。証明を前もって作れないようにします。"),
    of(AnswerHeader, "www-authenticate", Rfc("6750", "3"), "Why the token was not enough.", "トークンが認められなかった理由です。"),
    of(TokenHeader, "alg", Rfc("7515", "4.1.1"), "How it is signed.", "署名の方式です。"),
    of(TokenHeader, "kid", Rfc("7515", "4.1.4"), "With which of the keys.", "署名に使った鍵です。"),
    of(TokenHeader, "typ", Rfc("7515", "4.1.9"), "What kind of token it is.", "トークンの種類です。"),
    of(TokenHeader, "jwk", Rfc("9449", "4.2"), "The app’s public key. The private one can’t leave this browser.", "アプリの公開鍵です。秘密鍵はこのブラウザーから取り出せません。"),
    of(IdToken, "iss", OpenId("2", "IDToken"), "Who says so. The app compares it with the server that it asked.", "発行元です。要求を送ったサーバーと同じかを確かめます。"),
    of(IdToken, "sub", OpenId("2", "IDToken"), "Who signed in.", "サインインした人です。"),
    of(IdToken, "aud", OpenId("2", "IDToken"), "For whom it is. The app looks for its own client_id.", "宛先です。アプリは自分のclient_idかを確かめます。"),
    of(IdToken, "exp", OpenId("2", "IDToken"), "Until when it may be believed, in seconds since 1970.", "有効期限です（1970年からの秒数）。"),
    of(IdToken, "iat", OpenId("2", "IDToken"), "When it was made.", "発行された時刻です。"),
    of(IdToken, "nonce", OpenId("2", "IDToken"), "The one that the app has sent: this token is from this sign-in.", "アプリが送った値です。このサインインのトークンだとわかります。"),
    of(IdToken, "auth_time", OpenId("2", "IDToken"), "When the person signed in.", "本人がサインインした時刻です。"),
    of(IdToken, "acr", OpenId("2", "IDToken"), "How strong the sign-in was.", "認証の強さです。"),
    of(IdToken, "at_hash", OpenId("3.1.3.6", "CodeIDToken"), "The hash of the access token that came with it.", "一緒に返されたアクセストークンのハッシュです。"),
    of(Proof, "htm", Rfc("9449", "4.2"), "For which method it was made.", "どのメソッドのための証明かを示します。"),
    of(Proof, "htu", Rfc("9449", "4.2"), "For which address. Elsewhere it is worth nothing.", "どの宛先のための証明かを示します。ほかでは使えません。"),
    of(Proof, "iat", Rfc("9449", "4.2"), "When it was made.", "作られた時刻です。"),
    of(Proof, "jti", Rfc("9449", "4.2"), "Its number. A server takes each once.", "証明の番号です。サーバーは同じものを二度受け付けません。"),
    of(Proof, "ath", Rfc("9449", "4.2"), "The hash of the access token beside it.", "一緒に送るアクセストークンのハッシュです。"),
    of(Proof, "nonce", Rfc("9449", "8"), "What the server gave for it.", "サーバーから渡された値です。"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_explained_once_in_each_place_and_in_both_languages() {
        for (index, known) in MEANINGS.iter().enumerate() {
            let is_same = |other: &&Meaning| (other.place, other.name) == (known.place, known.name);
            assert_eq!(MEANINGS[index..].iter().filter(is_same).count(), 1, "{}", known.name);
            assert!(known.english.ends_with('.') || known.english.ends_with(')'), "{}", known.name);
            assert!(known.japanese.ends_with('。'), "{}", known.name);
        }
    }

    #[test]
    fn a_name_means_something_else_elsewhere() {
        let english = |place| meaning(place, "nonce").map(|known| known.english);
        assert_ne!(english(Place::Authorization), english(Place::Proof));
        assert_eq!(english(Place::Elsewhere), None);
        assert!(meaning(Place::RequestHeader, "dpop").is_some());
    }

    #[test]
    fn a_source_is_linked_to_its_section() {
        let source = Source::Rfc("7636", "4.3");
        assert_eq!(source.address(), "https://www.rfc-editor.org/rfc/rfc7636#section-4.3");
        let words = |language| source.label(Words(language));
        assert_eq!(words(crate::demo::words::Language::English), "RFC 7636, 4.3");
        assert_eq!(words(crate::demo::words::Language::Japanese), "RFC 7636 4.3節");
    }
}
