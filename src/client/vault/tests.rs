//! Every message of either side, there and back; and what is none.

use core::time::Duration;
use std::collections::BTreeSet;
use std::fmt::Debug;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value as Json;

use super::codec::{Field, Kinds, from_parcel, into_parcel};
use super::command::{Command, PageEvent, Start, ToVault};
use super::report::{Answer, ToPage};
use crate::browser::Frame;
use crate::browser::worker::Parcel;
use crate::client::{Document, Event, Outcome, ResourceRequest, Session, SignIn, Status};
#[cfg(feature = "step-up")]
use crate::protocol::StepUp;
use crate::protocol::{
    Claims, Config, Error, ErrorCode, Profile, ProviderError, RequestOptions, ReturnTo, Scope,
    ServerResponse, TokenType, UnixTime,
};

fn config() -> Config {
    Config::new("https://id.example", "app", "https://app.example/callback.html").unwrap()
}

/// What stands in the samples, wherever something of the kind does.
#[derive(Clone, Debug)]
struct Given {
    text: String,
    number: u64,
    is: bool,
}

impl Given {
    fn ordinary() -> Self {
        Self { text: "say \"ä\"\n".to_owned(), number: 7, is: true }
    }

    fn any() -> impl Strategy<Value = Self> {
        (any::<String>(), any::<u64>(), any::<bool>()).prop_map(|(text, number, is)| Self {
            text,
            number,
            is,
        })
    }

    fn text(&self) -> String {
        self.text.clone()
    }

    fn optional<T>(&self, value: T) -> Option<T> {
        self.is.then_some(value)
    }

    fn pairs(&self) -> Vec<(String, String)> {
        vec![("key".to_owned(), self.text()), (self.text(), String::new())]
    }

    fn scope() -> Scope {
        Scope::parse("openid mail").unwrap()
    }

    fn claims(&self) -> Claims {
        let text = serde_json::to_string(&self.text).unwrap();
        let claims = [r#"{"sub":"1","n":-5.0,"name":"#, &text, r#","address":{},"list":[1]}"#];
        Claims::parse(&claims.concat()).unwrap()
    }

    fn error(&self) -> Error {
        let said = ProviderError::new(&self.text, self.optional(&*self.text));
        Error::new(ErrorCode::SessionEnded)
            .about(&self.text)
            .said(said)
            .retry_after(self.optional(self.number))
    }

    fn session(&self) -> Session {
        Session {
            issuer: Some(self.text()),
            subject: self.optional(self.text()),
            scope: Self::scope(),
            expires_at: Some(UnixTime(self.number)),
            auth_time: self.optional(UnixTime(self.number)),
            acr: Some(self.text()),
            claims: self.optional(self.claims()),
            naming: Some(self.claims()),
            is_bound: self.is,
            is_renewable: !self.is,
            can_end_at_provider: self.is,
        }
    }

    fn profile(&self) -> Profile {
        let body = self.claims().to_json().as_bytes().to_vec();
        let content_type = Some("application/json".to_owned());
        let response =
            ServerResponse { status: 200, content_type, body, ..ServerResponse::default() };
        let profile = Profile::from_response(&response, None, None).unwrap();
        if self.is { profile.incomplete_because(self.error()) } else { profile }
    }

    fn response(&self) -> ServerResponse {
        ServerResponse {
            status: 200,
            content_type: Some(self.text()),
            www_authenticate: self.optional(self.text()),
            dpop_nonce: Some(self.text()),
            retry_after: self.optional(self.text()),
            headers: self.pairs(),
            body: self.text().into_bytes(),
        }
    }

    fn events(&self) -> Vec<Event> {
        vec![
            Event::LoginStarted {
                issuer: self.text(),
                scope: Self::scope(),
                is_pushed: self.is,
                is_bound: !self.is,
            },
            Event::PopupBlocked,
            Event::CallbackAccepted,
            Event::TokenReceived {
                token_type: TokenType::Dpop,
                scope: Self::scope(),
                expires_in: self.optional(self.number),
                is_renewable: self.is,
            },
            Event::IdTokenVerified { algorithm: "RS256" },
            Event::ProfileReceived,
            Event::LeftOut {
                document: Document::Profile,
                members: vec![self.text(), "picture".to_owned()],
            },
            Event::Refreshed,
            Event::AuthenticatedAnew {
                auth_time: self.optional(UnixTime(self.number)),
                acr: self.optional(self.text()),
            },
            #[cfg(feature = "step-up")]
            Event::StepUpStarted { asked: step_up() },
            Event::SessionFound,
            Event::RefreshedElsewhere,
            Event::SignedInElsewhere,
            Event::SignedOutElsewhere,
            Event::SessionEnding { at: UnixTime(self.number) },
            Event::SessionGoesOn,
            Event::LimitReached,
            Event::SignedOut,
            Event::TokensHandedBack { is_confirmed: self.is },
            Event::Refused { error: self.error() },
        ]
    }

    fn statuses(&self) -> Vec<Status> {
        vec![
            Status::Starting,
            Status::SignedOut,
            Status::Leaving,
            Status::InPopup,
            Status::HandedOver,
            Status::Busy,
            Status::SignedIn(self.session()),
            Status::Failed(self.error()),
        ]
    }

    fn outcomes(&self) -> Vec<Outcome> {
        let return_to = ReturnTo::new(&self.text, config().redirect_uri());
        vec![
            Outcome::NoCallback,
            Outcome::HandedOver,
            Outcome::SignedIn { return_to: return_to.clone() },
            Outcome::SigningIn,
            Outcome::StillSignedOut { return_to },
            Outcome::SignedOut,
            Outcome::AlreadySignedIn,
            Outcome::CalledOff,
        ]
    }

    fn answers(&self) -> Vec<Answer> {
        let mut answers =
            vec![Answer::Done, Answer::Profile(self.profile()), Answer::Response(self.response())];
        answers.extend(self.outcomes().into_iter().map(Answer::Outcome));
        answers
    }

    fn to_page(&self) -> Vec<ToPage> {
        let id = self.number;
        let mut messages = vec![
            ToPage::Ready,
            ToPage::Refused,
            ToPage::Answer { id, answer: Err(self.error()) },
            ToPage::Keep { key: self.text(), text: self.text() },
            ToPage::Forget { key: self.text() },
            ToPage::Go { url: self.text() },
            ToPage::Submit { url: self.text(), fields: self.pairs() },
            ToPage::Show { from: self.text(), url: "/".to_owned() },
            ToPage::Here,
        ];
        messages.extend(self.events().into_iter().map(ToPage::Event));
        messages.extend(
            self.answers().into_iter().map(|answer| ToPage::Answer { id, answer: Ok(answer) }),
        );
        messages.extend(self.statuses().into_iter().map(|status| ToPage::State {
            heard: self.number,
            status,
            session: self.optional(self.session()),
        }));
        messages
    }

    fn sign_in(&self) -> SignIn {
        let options = RequestOptions::new().prompt("login").unwrap().max_age(self.number);
        let mut sign_in = SignIn::new().options(options.acr_hint("gold")).return_to(&self.text);
        sign_in.more_scope = Self::scope();
        sign_in.needed = self.optional(Self::scope());
        sign_in
    }

    fn request(&self) -> ResourceRequest {
        let request = ResourceRequest::new("PROPFIND", &self.text).unwrap();
        let request =
            request.header("Accept", "text/plain").unwrap().timeout(Duration::from_millis(9));
        if self.is { request.body(self.text().into_bytes()) } else { request }
    }

    fn commands(&self) -> Vec<Command> {
        vec![
            Command::HandleCallback { url: self.text() },
            Command::SignIn(Box::new(self.sign_in())),
            Command::SignOut,
            Command::SignOutAtProvider,
            Command::Refresh,
            Command::Prefetch,
            Command::Profile,
            Command::ReloadProfile,
            Command::Fetch(self.request()),
            #[cfg(feature = "step-up")]
            Command::Repeated,
        ]
    }

    fn start(&self) -> Start {
        Start {
            version: self.text(),
            frame: Frame::OwnSite,
            config: config(),
            entries: self.optional(self.pairs()),
        }
    }

    fn to_vault(&self) -> Vec<ToVault> {
        let ask = |command| ToVault::Ask { id: self.number, url: self.text(), command };
        let mut messages = vec![
            ToVault::Start(None),
            ToVault::Start(Some(Box::new(self.start()))),
            ask(None),
            ToVault::Failed(ErrorCode::StorageDenied),
            ToVault::AreYouThere,
        ];
        messages.extend(self.commands().into_iter().map(|command| ask(Some(Box::new(command)))));
        messages.extend(PAGE_EVENTS.map(ToVault::Event));
        messages
    }
}

const PAGE_EVENTS: [PageEvent; 3] = [PageEvent::Wake, PageEvent::Restored, PageEvent::Active];
const FRAMES: [Frame; 3] = [Frame::None, Frame::OwnSite, Frame::OtherSite];
const DOCUMENTS: [Document; 4] =
    [Document::Metadata, Document::TokenResponse, Document::IdToken, Document::Profile];

#[cfg(feature = "step-up")]
fn step_up() -> StepUp {
    let challenge = r#"Bearer error="insufficient_user_authentication", acr_values="gold silver", max_age="5", scope="mail""#;
    let response = ServerResponse {
        status: 401,
        www_authenticate: Some(challenge.to_owned()),
        ..ServerResponse::default()
    };
    StepUp::from_response(&response).unwrap()
}

fn read<T: Field>(parcel: Parcel) -> Option<T> {
    from_parcel(parcel, Some(&config()))
}

fn parcel(text: String) -> Parcel {
    Parcel { text, body: None }
}

/// Whether each sample comes back as it was.
fn cross<T: Field + Clone + Debug>(samples: impl IntoIterator<Item = T>) {
    for sample in samples {
        let back: Option<T> = read(into_parcel(sample.clone()));
        assert_eq!(format!("{back:?}"), format!("{:?}", Some(sample)));
    }
}

/// Whether there is a sample of each kind that is listed. What is not listed does not compile.
fn are_complete<T: Field + Kinds>(samples: impl IntoIterator<Item = T>) {
    let kind = |sample| {
        let written: Json = serde_json::from_str(&into_parcel(sample).text).unwrap();
        written["kind"].as_str().unwrap().to_owned()
    };
    let kinds: BTreeSet<String> = samples.into_iter().map(kind).collect();
    let listed: BTreeSet<String> = T::KINDS.iter().map(|kind| (*kind).to_owned()).collect();
    assert_eq!(kinds, listed);
}

#[test]
fn there_is_a_sample_of_each_message() {
    let given = Given::ordinary();
    are_complete(given.to_vault());
    are_complete(given.commands());
    are_complete(PAGE_EVENTS);
    are_complete(FRAMES);
    are_complete(given.to_page());
    are_complete([Ok(Answer::Done), Err(given.error())]);
    are_complete(given.answers());
    are_complete(given.statuses());
    are_complete(given.outcomes());
    are_complete(given.events());
    are_complete(DOCUMENTS);
    are_complete([TokenType::Bearer, TokenType::Dpop]);
}

/// Only what has no equality of its own is compared as it is printed.
fn everything_crosses(given: &Given) {
    cross(given.statuses());
    cross([Box::new(given.sign_in())]);
    cross([given.request()]);
    cross(FRAMES);
    cross(DOCUMENTS);
    cross([TokenType::Bearer, TokenType::Dpop]);
    for event in given.events() {
        assert_eq!(read(into_parcel(event.clone())), Some(event));
    }
    for outcome in given.outcomes() {
        assert_eq!(read(into_parcel(outcome.clone())), Some(outcome));
    }
    for event in PAGE_EVENTS {
        assert!(read(into_parcel(event)) == Some(event));
    }
    assert_eq!(read(into_parcel(given.session())), Some(given.session()));
    assert_eq!(read(into_parcel(given.error())), Some(given.error()));
    assert_eq!(read(into_parcel(given.profile())), Some(given.profile()));
    assert!(read(into_parcel(given.response())) == Some(given.response()));
    let request: ResourceRequest = read(into_parcel(given.request())).unwrap();
    let body = request.request.body.as_ref().and_then(|body| body.bytes());
    assert_eq!(body, given.optional(given.text.as_bytes()));
    for (there, back) in given.to_page().into_iter().zip(given.to_page()) {
        let back = ToPage::from_parcel(back.into_parcel(), &config()).map(ToPage::into_parcel);
        assert_eq!(back.map(|parcel| parcel.text), Some(there.into_parcel().text));
    }
    for (there, back) in given.to_vault().into_iter().zip(given.to_vault()) {
        let back = ToVault::from_parcel(back.into_parcel()).map(ToVault::into_parcel);
        assert_eq!(back.map(|parcel| parcel.text), Some(there.into_parcel().text));
    }
}

#[test]
fn every_message_crosses_as_it_is() {
    everything_crosses(&Given::ordinary());
    for code in ErrorCode::ALL {
        cross([Error::new(*code)]);
    }
}

/// The text of a message after a change.
fn changed(text: &str, path: &str, value: Json) -> String {
    let mut message: Json = serde_json::from_str(text).unwrap();
    *message.pointer_mut(path).unwrap_or_else(|| panic!("{path} in {text}")) = value;
    message.to_string()
}

#[test]
fn what_no_app_may_say_is_no_command() {
    let given = Given::ordinary();
    let text = |command| {
        let command = Some(Box::new(command));
        ToVault::Ask { id: 7, url: String::new(), command }.into_parcel().text
    };
    let fetch = text(Command::Fetch(given.request()));
    let sign_in = text(Command::SignIn(Box::new(given.sign_in())));
    for (message, path, value) in [
        (&fetch, "/command/kind", "expose"),
        (&fetch, "/command/request/method", "TRACE"),
        (&fetch, "/command/request/headers/0/0", "Authorization"),
        (&fetch, "/command/request/headers/0/1", "a\r\nb"),
        (&fetch, "/command/request/timeout", "1"),
        (&sign_in, "/command/how/scope", "say \"a\""),
        (&sign_in, "/command/how/needed", "\u{e4}"),
        (&sign_in, "/command/how/options/0", "client_id"),
        (&sign_in, "/command", "sign_out"),
    ] {
        let Some(ToVault::Ask { id: 7, command: Some(_), .. }) =
            ToVault::from_parcel(parcel(message.clone()))
        else {
            panic!("{message}");
        };
        let told = changed(message, path, value.into());
        // Whoever waits is answered.
        let read = ToVault::from_parcel(parcel(told.clone()));
        assert!(matches!(read, Some(ToVault::Ask { id: 7, command: None, .. })), "{told}");
        let told = changed(&told, "/id", "7".into());
        assert!(ToVault::from_parcel(parcel(told.clone())).is_none(), "{told}");
    }
}

#[test]
fn settings_that_no_app_may_have_start_nothing() {
    let start = ToVault::Start(Some(Box::new(Given::ordinary().start()))).into_parcel().text;
    let read = |text| ToVault::from_parcel(parcel(text));
    assert!(matches!(read(start.clone()), Some(ToVault::Start(Some(_)))));
    for (path, value) in [
        ("/start/config/issuer", "http://id.example"),
        ("/start/config/dpop", "sometimes"),
        ("/start/frame/kind", "window"),
        ("/start/entries/0", "key"),
        ("/start", ""),
    ] {
        let read = read(changed(&start, path, value.into()));
        assert!(matches!(read, Some(ToVault::Start(None))), "{path}");
    }
    // What another version says.
    let other = r#"{"kind":"start","version":"0.0.1","config":{}}"#;
    assert!(matches!(read(other.to_owned()), Some(ToVault::Start(None))));
}

#[test]
fn nobody_is_led_out_of_the_app() {
    let forged = r#"{"kind":"signed_in","return_to":"https://evil.example/"}"#;
    let home = ReturnTo::new("", config().redirect_uri());
    let read = read(parcel(forged.to_owned()));
    assert_eq!(read, Some(Outcome::SignedIn { return_to: home }));
    // Of a vault's own address it knows nothing.
    let within: Option<Outcome> = from_parcel(parcel(forged.to_owned()), None);
    assert_eq!(within, None);
}

#[test]
fn what_the_vault_can_not_have_said_is_nothing() {
    let given = Given::ordinary();
    let text = |event| ToPage::Event(event).into_parcel().text;
    let received = text(given.events().remove(3));
    let verified = text(Event::IdTokenVerified { algorithm: "RS256" });
    let refused = text(Event::Refused { error: given.error() });
    for (message, path, value) in [
        (&received, "/kind", Json::from("token")),
        (&received, "/event/kind", "token".into()),
        (&received, "/event/is_renewable", Json::Null),
        (&received, "/event/expires_in", (-1).into()),
        (&received, "/event/token_type/kind", "mac".into()),
        (&verified, "/event/algorithm", "none".into()),
        (&refused, "/event/error/code", "no_code".into()),
        (&refused, "/event", Json::Null),
    ] {
        assert!(ToPage::from_parcel(parcel(message.clone()), &config()).is_some(), "{message}");
        let told = changed(message, path, value);
        assert!(ToPage::from_parcel(parcel(told.clone()), &config()).is_none(), "{told}");
    }
}

/// A value and all that is in it.
fn parts(value: &Json) -> Vec<&Json> {
    let inner: Vec<&Json> = match value {
        Json::Array(items) => items.iter().collect(),
        Json::Object(members) => members.values().collect(),
        _ => Vec::new(),
    };
    let inner = inner.into_iter().flat_map(parts);
    std::iter::once(value).chain(inner).collect()
}

/// Puts `other` in the place of a part; `left` counts the parts before it.
fn replace(value: &mut Json, left: &mut usize, other: &Json) {
    let is_here = *left == 0;
    *left = left.wrapping_sub(1);
    match value {
        value if is_here => value.clone_from(other),
        Json::Array(items) => items.iter_mut().for_each(|item| replace(item, left, other)),
        Json::Object(members) => {
            members.values_mut().for_each(|member| replace(member, left, other));
        }
        _ => {}
    }
}

/// Messages of which parts come from other messages, and texts that are none at all.
fn texts() -> impl Strategy<Value = String> {
    let given = Given::ordinary();
    let to_page = given.to_page().into_iter().map(ToPage::into_parcel);
    let to_vault = given.to_vault().into_iter().map(ToVault::into_parcel);
    let samples: Vec<Json> =
        to_page.chain(to_vault).map(|parcel| serde_json::from_str(&parcel.text).unwrap()).collect();
    let strangers = [r#""x""#, "-1", "1e99", "[[]]", "{}", "true", "null"];
    let strangers = strangers.map(|text| serde_json::from_str(text).unwrap());
    let others: Vec<Json> = samples.iter().flat_map(parts).cloned().chain(strangers).collect();
    let changes = proptest::collection::vec((any::<Index>(), select(others)), 0..4);
    let changed = (select(samples), changes).prop_map(|(mut message, changes)| {
        for (place, other) in changes {
            let mut place = place.index(parts(&message).len());
            replace(&mut message, &mut place, &other);
        }
        message.to_string()
    });
    prop_oneof![19 => changed, 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_stands_in_it_a_message_crosses_as_it_is(given in Given::any()) {
        everything_crosses(&given);
    }

    #[test]
    fn whatever_is_said_means_one_thing_or_nothing(text in texts()) {
        let said = |text| Parcel { text, body: Some(Vec::new().into()) };
        if let Some(message) = ToVault::from_parcel(said(text.clone())) {
            let told = message.into_parcel().text;
            let again = ToVault::from_parcel(said(told.clone())).map(ToVault::into_parcel);
            prop_assert_eq!(again.map(|parcel| parcel.text), Some(told));
        }
        if let Some(message) = ToPage::from_parcel(said(text), &config()) {
            let told = message.into_parcel().text;
            let again = ToPage::from_parcel(said(told.clone()), &config());
            prop_assert_eq!(again.map(|message| message.into_parcel().text), Some(told));
        }
    }
}
