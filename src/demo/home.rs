//! The home page: sign in, and what happens then, and why.

use std::sync::Arc;

use leptos::prelude::*;

use super::Demo;
use super::illustration::illustration;
use super::routes::Route;
use super::shell::{heading, paragraph, with_class};
use super::words::Words;
use crate::components::elements::{attribute, dynamic, element, group, mark, nothing, text};
use crate::components::{
    AuthError, AuthErrorProps, ProfileState, SignInButton, SignInButtonProps, SignedIn,
    SignedInProps, SignedOut, SignedOutProps, use_auth,
};

pub(super) fn home(demo: Demo) -> AnyView {
    group(vec![hero(demo), steps(demo.words), why(demo.words), roles(demo)])
}

fn hero(demo: Demo) -> AnyView {
    let words = demo.words;
    let lead = words.say(
        "This app signs you in with OAuth 2.0 and PKCE, from the browser alone. No secret is in its \
         files, and no server of its own stands behind it.",
        "ブラウザーのアプリからOAuth 2.0とPKCEでサインインします。ページのファイルにもサーバーにも\
         秘密はありません。",
    );
    let title = words.say("Sign in without a secret", "秘密を持たないサインイン");
    let inside = vec![heading(title), with_class("p", "lead", vec![text(lead)]), account(demo)];
    with_class("section", "hero", inside)
}

/// The button, or who is signed in.
fn account(demo: Demo) -> AnyView {
    let button = || SignInButton(SignInButtonProps::builder().build()).into_any();
    let signed_out = SignedOutProps::builder().children(Arc::new(button)).build();
    let signed_in = SignedInProps::builder().children(Arc::new(move || who(demo))).build();
    let inside = vec![
        SignedOut(signed_out).into_any(),
        SignedIn(signed_in).into_any(),
        AuthError(AuthErrorProps::builder().build()).into_any(),
    ];
    with_class("div", "account", inside)
}

fn who(demo: Demo) -> AnyView {
    let auth = use_auth();
    let words = demo.words;
    let person = dynamic(move || match auth.profile() {
        Some(ProfileState::Ready(profile)) => {
            let missing = profile.incomplete().map_or_else(nothing, |_| {
                let why = words.say(
                    "The provider did not tell more; the profile page says why.",
                    "プロバイダーからこれ以上の情報は得られませんでした。理由はプロフィールのページにあります。",
                );
                with_class("p", "note", vec![text(why)])
            });
            group(vec![greeting(words, profile.name(), auth.texts().nameless), missing])
        }
        Some(ProfileState::Loading) => {
            let line = vec![mark("busy"), attribute("role", "status")];
            element(
                "p",
                line,
                vec![text(words.say("Signed in. Loading…", "サインイン中。読み込み中…"))],
            )
        }
        // Nobody knows who, and the profile page says why.
        _ => greeting(words, None, auth.texts().nameless),
    });
    group(vec![person, with_class("p", "links", vec![demo.routes.link(Route::Profile, words)])])
}

/// Who is signed in; or that somebody is, where nobody says who.
fn greeting(words: Words, name: Option<&str>, nameless: &'static str) -> AnyView {
    let Some(name) = name else { return element("p", vec![], vec![text(nameless)]) };
    let attributes = vec![mark("profile-name"), attribute("dir", "auto")];
    let name = element("strong", attributes, vec![text(name.to_owned())]);
    element("p", vec![], vec![text(words.say("Signed in as ", "サインイン中：")), name])
}

/// Who speaks to whom. The names are those of the roles below.
#[derive(Clone, Copy)]
enum Role {
    Person,
    App,
    Provider,
    Api,
}

impl Role {
    const fn class(self) -> &'static str {
        match self {
            Self::Person => "role person",
            Self::App => "role app",
            Self::Provider => "role provider",
            Self::Api => "role api",
        }
    }

    const fn name(self, words: Words) -> &'static str {
        match self {
            Self::Person => words.say("You", "あなた"),
            Self::App => words.say("This app", "このアプリ"),
            Self::Provider => words.say("Authorization server", "認可サーバー"),
            Self::Api => words.say("Resource server", "リソースサーバー"),
        }
    }

    fn tag(self, words: Words) -> AnyView {
        with_class("span", self.class(), vec![text(self.name(words))])
    }
}

fn steps(words: Words) -> AnyView {
    let steps = [
        step(
            words,
            Role::App,
            Role::App,
            words.say("Makes up a secret", "秘密を作る"),
            words.say(
                "A new random one for this sign-in only: the code verifier. It stays in this tab. \
                 The app also computes its hash, the code challenge.",
                "このサインイン限りの乱数（code verifier）を作ります。これはこのタブから出ません。\
                 そのハッシュ（code challenge）も計算します。",
            ),
        ),
        step(
            words,
            Role::App,
            Role::Provider,
            words.say("Sends you off with the hash", "ハッシュを添えて送り出す"),
            words.say(
                "Your browser goes to the authorization server. The address holds the challenge, \
                 not the verifier, and a state to recognise the answer by.",
                "ブラウザーは認可サーバーへ移動します。アドレスにはchallengeと、応答を見分けるための\
                 stateだけが入り、verifierは入りません。",
            ),
        ),
        step(
            words,
            Role::Person,
            Role::Provider,
            words.say("Sign in there, and agree", "サインインして同意する"),
            words.say(
                "Your password is seen by the authorization server alone. It sends you back with a \
                 code, which works once and for a short time.",
                "パスワードを見るのは認可サーバーだけです。あなたは、一度だけ短時間使えるコードとともに\
                 戻ってきます。",
            ),
        ),
        step(
            words,
            Role::App,
            Role::Provider,
            words.say("Hands in code and secret", "コードと秘密を渡す"),
            words.say(
                "Now the verifier is shown, for the first time. The server hashes it, compares with \
                 the challenge of step 2, and gives an access token.",
                "ここで初めてverifierを示します。サーバーはそのハッシュを2のchallengeと比べ、\
                 アクセストークンを渡します。",
            ),
        ),
        step(
            words,
            Role::App,
            Role::Api,
            words.say("Asks for what you allowed", "許可されたものを求める"),
            words.say(
                "The token opens your profile, and nothing that you did not agree to. Try the mail \
                 page: it needs more.",
                "トークンで見られるのはプロフィールだけで、同意していないものは見られません。\
                 メールのページにはさらに許可が必要です。",
            ),
        ),
    ];
    with_class(
        "section",
        "steps",
        vec![
            title(words.say("What happens, in five steps", "五つの段階")),
            element("ol", vec![], steps.into()),
        ],
    )
}

fn step(words: Words, from: Role, to: Role, title: &str, explanation: &str) -> AnyView {
    let to_itself = matches!((from, to), (Role::App, Role::App));
    let mut way = vec![from.tag(words)];
    if !to_itself {
        way.push(element("span", vec![attribute("aria-hidden", "true")], vec![text("→")]));
        way.push(to.tag(words));
    }
    let title = element("h3", vec![], vec![text(title)]);
    element("li", vec![], vec![with_class("p", "way", way), title, paragraph(explanation)])
}

fn why(words: Words) -> AnyView {
    let need = words.say(
        "The code comes back through the address of this page. On its way it may be seen: by another \
         app, an extension, a log. An app on a server would prove with its client secret that the \
         code is its own. A page can't: whatever is in its files, everybody can read.",
        "コードはページのアドレスを通って戻ります。途中で、ほかのアプリ、拡張機能、ログなどに見られる\
         おそれがあります。サーバーのアプリなら、クライアントシークレットでコードが自分のものだと\
         示せます。しかしページのファイルは誰でも読めるため、ページに秘密は置けません。",
    );
    let way = words.say(
        "So nothing lasting is secret. Each sign-in has a secret of its own, made up a moment before, \
         and its hash goes ahead. From the hash nobody can compute the secret, but whoever knows the \
         secret can prove it. A code without its verifier is worth nothing.",
        "そこで、長く使う秘密を持たず、サインインのたびに新しい秘密を作り、ハッシュだけを先に送ります。\
         ハッシュから秘密は求められませんが、秘密を知っていれば証明できます。\
         verifierのないコードには価値がありません。",
    );
    with_class(
        "section",
        "why",
        vec![
            title(words.say("Why is PKCE needed?", "なぜPKCEが必要なのか")),
            paragraph(need),
            title(words.say("How does it work?", "PKCEの仕組み")),
            paragraph(way),
            illustration(words),
        ],
    )
}

fn roles(demo: Demo) -> AnyView {
    let words = demo.words;
    let auth = use_auth();
    let client = auth.client();
    let config = client.config();
    let resource_server = demo.resource_server.get_value().unwrap_or_else(|| "–".to_owned());
    let rows = vec![
        role(
            words,
            Role::Person,
            words.say("resource owner", "リソースオーナー"),
            words.say(
                "Whom the profile and the mail belong to. You decide who may see them.",
                "プロフィールやメールの持ち主です。誰に見せるかを決めます。",
            ),
            None,
        ),
        role(
            words,
            Role::App,
            words.say("client", "クライアント"),
            words.say(
                "Asks for what it needs, and gets no more. It never sees your password.",
                "必要なものだけを求め、それ以上は得られません。パスワードを見ることはありません。",
            ),
            Some(config.client_id().to_owned()),
        ),
        role(
            words,
            Role::Provider,
            words.say("issuer of tokens", "トークンの発行者"),
            words.say(
                "Knows you, asks you, and gives out tokens.",
                "あなたを確認し、同意を求め、トークンを発行します。",
            ),
            Some(config.issuer().as_str().to_owned()),
        ),
        role(
            words,
            Role::Api,
            words.say("API", "API"),
            words.say(
                "Has the data, and looks at nothing but the token.",
                "データを持ち、トークンだけを見て判断します。",
            ),
            Some(resource_server),
        ),
    ];
    with_class(
        "section",
        "roles",
        vec![title(words.say("Four roles", "四つの役割")), element("ul", vec![], rows)],
    )
}

fn role(words: Words, role: Role, term: &str, explanation: &str, name: Option<String>) -> AnyView {
    let term = with_class("span", "term", vec![text(term)]);
    let name = name.map_or_else(nothing, |name| element("code", vec![], vec![text(name)]));
    element("li", vec![], vec![role.tag(words), term, paragraph(explanation), name])
}

fn title(words: &str) -> AnyView {
    element("h2", vec![], vec![text(words)])
}
