//! A sign-in of the lab's own, in a window beside the page. Its answer comes to this page, with a code that
//! nobody has spent yet.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use super::forms::without_challenge;
use super::{Lab, Trouble, Window};
use crate::browser::crypto::SigningKey;
use crate::browser::{Clock as _, SystemClock, random};
use crate::client::tools::{Absence, INTERVAL, Key, News, Word, channel_name};
use crate::protocol::{
    Authorization, AuthorizationRequest, Callback, Config, Error, ErrorCode, PendingLogin,
    RandomValues, RequestOptions, ReturnTo, Scope, UnixTime, Wish,
};

/// Which of the provider's clients signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo::lesson) enum Which {
    /// The app itself.
    Own,
    /// The one of which the provider wants no PKCE.
    WithoutPkce,
    /// The one whose tokens run out within seconds.
    Brief,
}

/// What a sign-in is to bring.
pub(in crate::demo::lesson) struct Wanted {
    pub(in crate::demo::lesson) client: Which,
    /// `None`: what the app itself asks for.
    pub(in crate::demo::lesson) scope: Option<&'static str>,
    /// The API that the token is for (RFC 8707).
    pub(in crate::demo::lesson) resource: Option<String>,
    /// Whether the token is bound to a key (RFC 9449).
    pub(in crate::demo::lesson) is_bound: bool,
}

impl Wanted {
    /// The usual, for a client.
    pub(in crate::demo::lesson) const fn by(client: Which) -> Self {
        Self { client, scope: None, resource: None, is_bound: false }
    }

    /// A token of this scope.
    pub(in crate::demo::lesson) const fn scope(scope: &'static str) -> Self {
        Self { client: Which::Own, scope: Some(scope), resource: None, is_bound: false }
    }
}

/// A sign-in that waits for its answer.
pub(super) struct Begun {
    pub(super) url: String,
    config: Config,
    pending: PendingLogin,
    key: Option<Key>,
}

/// A sign-in whose answer has come.
pub(in crate::demo::lesson) struct Login {
    pub(in crate::demo::lesson) config: Config,
    pub(in crate::demo::lesson) pending: PendingLogin,
    pub(in crate::demo::lesson) answer: Callback,
    pub(in crate::demo::lesson) key: Option<Key>,
}

impl Login {
    /// What the client makes of the answer.
    pub(in crate::demo::lesson) fn authorization(&self) -> Result<Authorization, Error> {
        let pending = Some(self.pending.clone());
        self.answer.clone().judge(pending, false, &self.config, now())
    }
}

pub(in crate::demo::lesson) fn now() -> UnixTime {
    UnixTime(SystemClock.now())
}

/// A key that the browser has just made, and keeps.
pub(in crate::demo::lesson) async fn new_key() -> Result<Key, Error> {
    Key::of(SigningKey::generate().await?).await
}

impl Begun {
    /// Makes up what is secret or random, as the client does.
    pub(super) async fn new(lab: &Lab, wanted: Wanted) -> Result<Self, Error> {
        let config = lab.config(wanted.client)?;
        let metadata = lab.metadata().await?;
        let key = match wanted.is_bound {
            true => Some(new_key().await?),
            false => None,
        };
        let options = match wanted.resource {
            Some(resource) => RequestOptions::new().resource(&resource)?,
            None => RequestOptions::new(),
        };
        let wish = Wish {
            scope: wanted.scope.map_or_else(|| Ok(config.login_scope()), Scope::parse)?,
            options,
            return_to: ReturnTo::new("", config.redirect_uri()),
            dpop_jkt: key.as_ref().map(Key::thumbprint),
            needed: None,
            refused: None,
            step_ups: 0,
            resumes: None,
            in_popup: true,
            is_again: false,
        };
        let random = RandomValues {
            code_verifier: random::bytes()?,
            state: random::bytes()?,
            nonce: random::bytes()?,
        };
        let request = AuthorizationRequest::new(&config, &metadata, wish, &random, now())?;
        let url = match wanted.client {
            Which::WithoutPkce => without_challenge(&request.url()),
            Which::Own | Which::Brief => request.url(),
        };
        Ok(Self { url, pending: request.pending_login().clone(), config, key })
    }

    /// The record of it, for those who only want to see what an answer is held against.
    pub(super) fn into_pending(self) -> PendingLogin {
        self.pending
    }

    /// Sends the window to the provider, and waits for the answer that its callback page hands over.
    pub(super) async fn answered_in(self, lab: &Lab, window: Window) -> Result<Login, Trouble> {
        let state = self.pending.state_key();
        let news = Rc::new(News::default());
        let (heard, expected) = (news.clone(), state.to_owned());
        let hearing = move |text: String| {
            let answer = Callback::from_text(&text);
            if let Some(answer) = answer.filter(|answer| answer.state() == Some(&expected)) {
                heard.tell(answer);
            }
        };
        let channel = lab.browser().channels.open(&channel_name(state), Box::new(hearing));
        let channel = channel.ok_or(ErrorCode::NavigationFailed)?;
        let answers = Rc::new(News::default());
        let told = answers.clone();
        // The page may not close a window that has been at the provider. When it comes back it closes itself,
        // also where nobody waits for it any more.
        spawn_local(async move {
            let answer = news.next().await;
            channel.tell(&Word::Done.text());
            told.tell(answer);
        });
        window.go(&self.url).map_err(|_| Trouble::WindowClosed)?;
        let mut absence = Absence::default();
        loop {
            if let Some(answer) = answers.next_within(INTERVAL).await {
                let Self { config, pending, key, .. } = self;
                return Ok(Login { config, pending, answer, key });
            }
            let is_back = lab.browser().popups.is_page_focused();
            if absence.is_over(window.is_closed(), is_back) {
                return Err(Trouble::WindowClosed);
            }
        }
    }
}
