//! The steps that acts are made of: each does something real, and shows it.

use leptos::prelude::*;

use super::forms::{Stolen, error_of};
use super::login::{Begun, Login, Wanted, now};
use super::stage::{By, Ends, Shown, Side, Stage, Trouble, Verdict, Window};
use super::{Api, Lab};
use crate::browser::fetch::FetchRequest;
use crate::browser::{clock, random};
use crate::client::tools::{Key, exchange, get, post_form};
use crate::demo::lesson::app::App;
use crate::demo::lesson::explain::Source;
use crate::demo::recording::{Answer, Entry, Kind, Outcome};
use crate::demo::words::Words;
use crate::protocol::dpop::wants_nonce;
use crate::protocol::json::Value;
use crate::protocol::{
    AccessToken, CodeVerifier, DpopNonce, DpopProof, Error, PendingLogin, SecureUrl,
    ServerResponse, TokenRequest, TokenResponse, TokenType,
};

/// What an answer means, whichever it is.
#[derive(Clone, Copy)]
pub(in crate::demo::lesson) struct Reading {
    pub(in crate::demo::lesson) refused: &'static str,
    pub(in crate::demo::lesson) accepted: &'static str,
}

/// How a token is shown.
#[derive(Clone, Copy)]
pub(in crate::demo::lesson) enum Hand<'a> {
    /// By itself.
    Bare,
    /// With a proof by this key (RFC 9449 section 7).
    With(&'a Key),
}

/// A play of one of the lab's cases.
#[derive(Clone)]
pub(in crate::demo::lesson) struct Act {
    pub(in crate::demo::lesson) lab: Lab,
    pub(in crate::demo::lesson) stage: Stage,
    pub(in crate::demo::lesson) app: App,
    pub(in crate::demo::lesson) words: Words,
}

impl Act {
    /// Says what happens next.
    pub(in crate::demo::lesson) fn say(
        &self,
        side: Side,
        english: &'static str,
        japanese: &'static str,
    ) {
        self.tell(side, self.words.say(english, japanese).to_owned());
    }

    /// The same, where the words are made up on the way.
    pub(in crate::demo::lesson) fn tell(&self, side: Side, words: String) {
        self.stage.status.set(words.clone());
        self.stage.say(side, words);
    }

    pub(in crate::demo::lesson) fn values(&self, side: Side, values: Vec<(String, String)>) {
        self.stage.push(side, Shown::Values(values));
    }

    pub(in crate::demo::lesson) fn link(&self, side: Side, url: String, words: &'static str) {
        self.stage.push(side, Shown::Link(url, words));
    }

    pub(in crate::demo::lesson) fn verdict(&self, side: Side, verdict: Verdict) {
        self.stage.status.set(verdict.words.clone());
        self.stage.push(side, Shown::Verdict(verdict));
    }

    /// Shows who an answer is good for.
    pub(in crate::demo::lesson) fn judge(
        &self,
        side: Side,
        by: By,
        response: &ServerResponse,
        reading: Reading,
        source: Source,
    ) {
        let (ends, words) = match (response.status, side) {
            (200..=299, Side::Person) => (Ends::Accepted, reading.accepted),
            (200..=299, Side::Attacker) => (Ends::Robbed, reading.accepted),
            _ => (Ends::Refused, reading.refused),
        };
        self.verdict(
            side,
            Verdict { by, ends, code: error_of(response), words: words.to_owned(), source },
        );
    }

    /// Shows what the attacker has found out about the person.
    pub(in crate::demo::lesson) fn show_profile(&self, side: Side, response: &ServerResponse) {
        let profile = response.object().unwrap_or_default();
        let told = |name: &&str| {
            let value = profile.optional_text(name).ok().flatten()?;
            Some(((*name).to_owned(), value.to_owned()))
        };
        let known = ["name", "email", "locale", "zoneinfo", "sub"];
        let title = self.words.say("What the attacker now knows of you", "攻撃者に知られたこと");
        let known = known.iter().filter_map(told).collect();
        self.stage.push(side, Shown::Opened(title, known));
    }

    /// Shows who has written.
    pub(in crate::demo::lesson) fn show_mail(&self, side: Side, response: &ServerResponse) {
        let answer = response.object().unwrap_or_default();
        let Some(Value::List(mails)) = answer.get("mails") else { return };
        let told = |mail: &Value| {
            let Value::Object(mail) = mail else { return None };
            Some((mail.text("from").ok()?.to_owned(), mail.text("subject").ok()?.to_owned()))
        };
        let title = self.words.say("Your mail", "あなたのメール");
        self.stage.push(side, Shown::Opened(title, mails.iter().filter_map(told).collect()));
    }

    /// Signs the person in, in a window of its own, and leaves the code unspent.
    pub(in crate::demo::lesson) async fn sign_in(
        &self,
        window: Option<Window>,
        wanted: Wanted,
    ) -> Result<Login, Trouble> {
        let window = window.ok_or(Trouble::NoWindow)?;
        self.say(
            Side::Person,
            "You sign in in the small window. If the server still knows you, it asks nothing.",
            "小さなウィンドウでサインインします。サーバーがあなたを覚えていれば、何も聞かれません。",
        );
        let begun = Begun::new(&self.lab, wanted).await?;
        self.show(Side::Person, Entry::opening(Kind::Redirect, &begun.url));
        let login = begun.answered_in(&self.lab, window).await?;
        // A refusal at the provider ends the act here.
        login.authorization()?;
        let url = [login.config.redirect_uri().as_str(), &login.answer.to_text()].concat();
        self.say(
            Side::Person,
            "The answer comes back in the address, with a code. Nobody has spent it yet.",
            "応答がアドレスに載って戻ってきました。コードが入っています。まだ誰も使っていません。",
        );
        self.show(Side::Person, Entry::opening(Kind::Callback, &url));
        Ok(login)
    }

    /// Begins a sign-in, but goes nowhere with it.
    pub(in crate::demo::lesson) async fn begin(
        &self,
        wanted: Wanted,
    ) -> Result<PendingLogin, Error> {
        Ok(Begun::new(&self.lab, wanted).await?.into_pending())
    }

    /// Shows that a page is opened with this address.
    pub(in crate::demo::lesson) fn open(&self, side: Side, url: &str) {
        self.show(side, Entry::opening(Kind::Callback, url));
    }

    /// The attacker spends the code, before or after the app.
    pub(in crate::demo::lesson) async fn steal(
        &self,
        login: &Login,
        verifier: Option<&CodeVerifier>,
    ) -> Result<ServerResponse, Error> {
        self.spend_by_hand(Side::Attacker, login, verifier).await
    }

    /// Whoever has the code spends it, with what they have.
    pub(in crate::demo::lesson) async fn spend_by_hand(
        &self,
        side: Side,
        login: &Login,
        verifier: Option<&CodeVerifier>,
    ) -> Result<ServerResponse, Error> {
        let authorization = login.authorization()?;
        let stolen = Stolen {
            code: authorization.code.expose(),
            client_id: login.config.client_id(),
            redirect_uri: login.config.redirect_uri().as_str(),
        };
        let endpoint = login.pending.metadata().token_endpoint();
        self.send(side, post_form(endpoint, &stolen.form(verifier))).await
    }

    /// The app spends the code, as the client does.
    pub(in crate::demo::lesson) async fn spend(
        &self,
        login: &Login,
    ) -> Result<ServerResponse, Error> {
        let request = TokenRequest::new(&login.authorization()?);
        let form = post_form(request.endpoint(), request.body());
        match &login.key {
            Some(key) => self.send_proven(Side::Person, form, key, None).await,
            None => self.send(Side::Person, form).await,
        }
    }

    /// The same, where nothing goes on without the token.
    pub(in crate::demo::lesson) async fn token(&self, login: &Login) -> Result<AccessToken, Error> {
        let response = self.spend(login).await?;
        let tokens = TokenResponse::from_response(&response, login.pending.scope())?;
        Ok(tokens.access_token().clone())
    }

    /// Asks an API for something, with a token.
    pub(in crate::demo::lesson) async fn ask(
        &self,
        side: Side,
        api: &Api,
        token: &AccessToken,
        hand: Hand<'_>,
    ) -> Result<ServerResponse, Error> {
        let mut request = get(&api.url);
        let scheme = match hand {
            Hand::Bare => TokenType::Bearer,
            Hand::With(_) => TokenType::Dpop,
        };
        let credentials = [scheme.scheme(), " ", token.expose()].concat();
        request.headers.push(("Authorization".into(), credentials));
        match hand {
            Hand::Bare => self.send(side, request).await,
            Hand::With(key) => self.send_proven(side, request, key, Some(token)).await,
        }
    }

    /// Sends a request with a proof, and once more with the nonce that a server may want.
    async fn send_proven(
        &self,
        side: Side,
        request: FetchRequest,
        key: &Key,
        token: Option<&AccessToken>,
    ) -> Result<ServerResponse, Error> {
        let response = self.send(side, proven(request.clone(), key, token, None).await?).await?;
        let nonce = response.dpop_nonce.as_deref().and_then(DpopNonce::parse);
        match nonce.filter(|_| wants_nonce(&response)) {
            Some(nonce) => self.send(side, proven(request, key, token, Some(&nonce)).await?).await,
            None => Ok(response),
        }
    }

    /// Sends a request, and shows it with its answer.
    pub(in crate::demo::lesson) async fn send(
        &self,
        side: Side,
        request: FetchRequest,
    ) -> Result<ServerResponse, Error> {
        let entry = Entry::of(&request);
        let begun = entry.at;
        let outcome = self.show(side, entry);
        let response = exchange(self.lab.browser(), request).await.inspect_err(|_| {
            outcome.set(Outcome::Failed);
        })?;
        outcome.set(Outcome::Answer(Answer::of(
            &response,
            clock::milliseconds().saturating_sub(begun),
        )));
        Ok(response)
    }

    fn show(&self, side: Side, entry: Entry) -> ArcRwSignal<Outcome> {
        let outcome = ArcRwSignal::new(Outcome::None);
        self.stage.push(side, Shown::Entry(entry, outcome.clone()));
        outcome
    }
}

async fn proven(
    mut request: FetchRequest,
    key: &Key,
    access_token: Option<&AccessToken>,
    nonce: Option<&DpopNonce>,
) -> Result<FetchRequest, Error> {
    let url = SecureUrl::parse(&request.url)?;
    let method = request.method.clone();
    let id = random::bytes()?;
    let proof =
        DpopProof { method: method.as_str(), url: &url, access_token, nonce, id: &id, now: now() };
    request.headers.push(("DPoP".into(), key.prove(&proof).await?));
    Ok(request)
}
