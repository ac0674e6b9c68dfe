//! What page and vault say to each other, as text; what a request or an answer carries, beside it.
//!
//! Each side reads strictly what the other wrote: whatever is not one of these messages is none. Values pass
//! through the same checks as when an app, or a server, gives them. None of them has a place for a token.

use crate::browser::Frame;
use crate::browser::worker::Parcel;
use crate::client::{Document, Event, Outcome, ResourceRequest, Session, SignIn, Status};
#[cfg(feature = "step-up")]
use crate::protocol::StepUp;
use crate::protocol::json::{Object, Writer, json_texts};
use crate::protocol::names::{by_name, name_of};
use crate::protocol::{
    Algorithm, Claims, Config, Error, ErrorCode, Profile, ProviderError, RequestOptions, ReturnTo,
    Scope, ServerResponse, TokenType, UnixTime,
};

/// Texts of session storage by their keys.
pub(super) type Entries = Vec<(String, String)>;

/// What the page says.
pub(super) enum ToVault {
    /// The first thing, and once; `None` when it can't be read.
    Start(Option<Box<Start>>),
    /// What to do, from a page that is at this address. A command that can't be read is answered as well.
    Ask { id: u64, url: String, command: Option<Box<Command>> },
    /// Something happened in the page.
    Event(PageEvent),
    /// The page could not do what it was told to.
    Failed(ErrorCode),
    /// Whoever hears it says [`ToPage::Here`].
    AreYouThere,
}

/// What a vault has to know.
pub(super) struct Start {
    pub(super) version: String,
    /// What the page is in, which its vault has no way to see.
    pub(super) frame: Frame,
    pub(super) config: Config,
    pub(super) entries: Option<Entries>,
}

/// What a page asks for.
pub(super) enum Command {
    HandleCallback {
        url: String,
    },
    SignIn(Box<SignIn>),
    SignOut,
    SignOutAtProvider,
    Refresh,
    Prefetch,
    Profile,
    ReloadProfile,
    Fetch(ResourceRequest),
    #[cfg(feature = "step-up")]
    Repeated,
}

/// What happens in a page.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum PageEvent {
    Wake,
    Restored,
    Active,
}

/// What the vault says.
pub(super) enum ToPage {
    /// It listens.
    Ready,
    /// It does not serve this page, which is of another version.
    Refused,
    /// Who is signed in, after the command that it heard last.
    State { heard: u64, status: Status, session: Option<Session> },
    /// Something happened.
    Event(Event),
    /// What came of a command.
    Answer { id: u64, answer: Result<Answer, Error> },
    /// To be kept in session storage.
    Keep { key: String, text: String },
    /// To be forgotten there.
    Forget { key: String },
    /// Where to go.
    Go { url: String },
    /// Where to go with a form.
    Submit { url: String, fields: Entries },
    /// What to show as the address in the place of another one.
    Show { from: String, url: String },
    /// The answer to [`ToVault::AreYouThere`].
    Here,
}

/// What comes of a command that went well.
pub(super) enum Answer {
    Done,
    Outcome(Outcome),
    Profile(Profile),
    Response(ServerResponse),
}

const EVENTS: [(&str, PageEvent); 3] =
    [("wake", PageEvent::Wake), ("restored", PageEvent::Restored), ("active", PageEvent::Active)];

const FRAMES: [(&str, Frame); 3] =
    [("none", Frame::None), ("own_site", Frame::OwnSite), ("other_site", Frame::OtherSite)];

const DOCUMENTS: [(&str, Document); 4] = [
    ("metadata", Document::Metadata),
    ("token_response", Document::TokenResponse),
    ("id_token", Document::IdToken),
    ("profile", Document::Profile),
];

impl ToVault {
    pub(super) fn into_parcel(self) -> Parcel {
        let of = |kind| Writer::default().text("kind", kind);
        let mut body = None;
        let writer = match self {
            Self::Start(None) => of("start"),
            Self::Start(Some(start)) => {
                let writer = of("start").text("version", &start.version);
                let writer = writer.text("frame", name_of(&FRAMES, start.frame));
                let writer = writer.json("config", &start.config.to_json());
                let entries = start.entries.as_ref().map(write_pairs);
                writer.optional_json("entries", entries.as_deref())
            }
            Self::Ask { id, url, command } => {
                let writer = of("ask").number("id", id).text("url", &url);
                match command {
                    Some(command) => write_command(writer, *command, &mut body),
                    None => writer,
                }
            }
            Self::Event(event) => of("event").text("event", name_of(&EVENTS, event)),
            Self::Failed(code) => of("failed").text("code", code.as_str()),
            Self::AreYouThere => of("are_you_there"),
        };
        Parcel { text: writer.finish(), body }
    }

    pub(super) fn from_parcel(parcel: Parcel) -> Option<Self> {
        let message = Object::parse(&parcel.text).ok()?;
        Some(match message.text("kind").ok()? {
            "start" => Self::Start(read_start(&message).map(Box::new)),
            "ask" => Self::Ask {
                id: message.unsigned("id").ok()?,
                url: owned(&message, "url")?,
                command: read_command(&message, parcel).map(Box::new),
            },
            "event" => Self::Event(by_name(&EVENTS, message.text("event").ok()?)?),
            "failed" => Self::Failed(ErrorCode::parse(message.text("code").ok()?)?),
            "are_you_there" => Self::AreYouThere,
            _ => return None,
        })
    }
}

fn read_start(message: &Object) -> Option<Start> {
    Some(Start {
        version: owned(message, "version")?,
        frame: by_name(&FRAMES, message.text("frame").ok()?)?,
        config: Config::from_object(message.object("config").ok()?).ok()?,
        entries: match message.get("entries") {
            Some(_) => Some(read_pairs(message, "entries")?),
            None => None,
        },
    })
}

fn write_command(
    writer: Writer,
    command: Command,
    body: &mut Option<crate::browser::fetch::Body>,
) -> Writer {
    let of = |name| writer.text("command", name);
    match command {
        Command::HandleCallback { url } => of("handle_callback").text("page", &url),
        Command::SignIn(sign_in) => of("sign_in").json("how", &sign_in_text(&sign_in)),
        Command::SignOut => of("sign_out"),
        Command::SignOutAtProvider => of("sign_out_at_provider"),
        Command::Refresh => of("refresh"),
        Command::Prefetch => of("prefetch"),
        Command::Profile => of("profile"),
        Command::ReloadProfile => of("reload_profile"),
        Command::Fetch(request) => {
            let headers: Vec<&str> = request
                .request
                .headers
                .iter()
                .flat_map(|(name, value)| [name.as_ref(), value])
                .collect();
            let writer = of("fetch")
                .text("method", request.request.method.as_str())
                .text("to", &request.request.url)
                .json("headers", &json_texts(&headers))
                .number("timeout", request.request.timeout.into());
            *body = request.request.body;
            writer
        }
        #[cfg(feature = "step-up")]
        Command::Repeated => of("repeated"),
    }
}

fn read_command(message: &Object, parcel: Parcel) -> Option<Command> {
    Some(match message.text("command").ok()? {
        "handle_callback" => Command::HandleCallback { url: owned(message, "page")? },
        "sign_in" => Command::SignIn(Box::new(read_sign_in(message.object("how").ok()?)?)),
        "sign_out" => Command::SignOut,
        "sign_out_at_provider" => Command::SignOutAtProvider,
        "refresh" => Command::Refresh,
        "prefetch" => Command::Prefetch,
        "profile" => Command::Profile,
        "reload_profile" => Command::ReloadProfile,
        "fetch" => {
            let request =
                ResourceRequest::new(message.text("method").ok()?, message.text("to").ok()?);
            let mut request =
                request.ok()?.timeout(message.unsigned("timeout").ok()?.try_into().ok()?);
            for (name, value) in read_pairs(message, "headers")? {
                request = request.header(&name, &value).ok()?;
            }
            match parcel.body {
                Some(body) => Command::Fetch(request.body(body)),
                None => Command::Fetch(request),
            }
        }
        #[cfg(feature = "step-up")]
        "repeated" => Command::Repeated,
        _ => return None,
    })
}

/// What an app may say of a sign-in. What only the client itself does, such as to repeat a request, it does
/// inside.
fn sign_in_text(sign_in: &SignIn) -> String {
    Writer::default()
        .text("scope", &sign_in.more_scope.joined())
        .json("options", &sign_in.options.to_json())
        .optional_text("return_to", sign_in.return_to.as_deref())
        .optional_text("needed", sign_in.needed.as_ref().map(Scope::joined).as_deref())
        .finish()
}

fn read_sign_in(how: &Object) -> Option<SignIn> {
    let options = how.optional_texts("options").ok()?.unwrap_or_default();
    let needed = how.optional_text("needed").ok()?;
    let mut sign_in = SignIn::new().options(RequestOptions::from_texts(&options).ok()?);
    sign_in.return_to = how.optional_text("return_to").ok()?.map(str::to_owned);
    sign_in.more_scope = Scope::parse(how.text("scope").ok()?).ok()?;
    sign_in.needed = needed.map(Scope::parse).transpose().ok()?;
    Some(sign_in)
}

impl ToPage {
    pub(super) fn into_parcel(self) -> Parcel {
        let of = |kind| Writer::default().text("kind", kind);
        let mut body = None;
        let writer = match self {
            Self::Ready => of("ready"),
            Self::Refused => of("refused"),
            Self::State { heard, status, session } => {
                let session = session.as_ref().map(session_text);
                write_status(of("state").number("heard", heard), &status)
                    .optional_json("session", session.as_deref())
            }
            Self::Event(event) => of("event").json("event", &event_text(&event)),
            Self::Answer { id, answer } => {
                let writer = of("answer").number("id", id);
                match answer {
                    Ok(Answer::Done) => writer.text("is", "done"),
                    Ok(Answer::Outcome(outcome)) => {
                        write_outcome(writer.text("is", "outcome"), &outcome)
                    }
                    Ok(Answer::Profile(profile)) => {
                        let why = profile.incomplete().map(error_text);
                        let writer = writer.text("is", "profile");
                        let writer = writer.json("profile", &profile.to_json());
                        writer.optional_json("incomplete", why.as_deref())
                    }
                    Ok(Answer::Response(response)) => {
                        let writer = write_response(writer.text("is", "response"), &response);
                        body = Some(response.body.into());
                        writer
                    }
                    Err(error) => writer.text("is", "error").json("error", &error_text(&error)),
                }
            }
            Self::Keep { key, text } => of("keep").text("key", &key).text("text", &text),
            Self::Forget { key } => of("forget").text("key", &key),
            Self::Go { url } => of("go").text("url", &url),
            Self::Submit { url, fields } => {
                of("submit").text("url", &url).json("fields", &write_pairs(&fields))
            }
            Self::Show { from, url } => of("show").text("from", &from).text("url", &url),
            Self::Here => of("here"),
        };
        Parcel { text: writer.finish(), body }
    }

    pub(super) fn from_parcel(parcel: Parcel, config: &Config) -> Option<Self> {
        let message = &Object::parse(&parcel.text).ok()?;
        let text = |name| owned(message, name);
        Some(match message.text("kind").ok()? {
            "ready" => Self::Ready,
            "refused" => Self::Refused,
            "state" => {
                let session = match message.get("session") {
                    Some(_) => Some(read_session(message.object("session").ok()?)?),
                    None => None,
                };
                let status = read_status(message, session.as_ref())?;
                Self::State { heard: message.unsigned("heard").ok()?, status, session }
            }
            "event" => Self::Event(read_event(message.object("event").ok()?)?),
            "answer" => Self::Answer {
                id: message.unsigned("id").ok()?,
                answer: read_answer(message, parcel, config)?,
            },
            "keep" => Self::Keep { key: text("key")?, text: text("text")? },
            "forget" => Self::Forget { key: text("key")? },
            "go" => Self::Go { url: text("url")? },
            "submit" => Self::Submit { url: text("url")?, fields: read_pairs(message, "fields")? },
            "show" => Self::Show { from: text("from")?, url: text("url")? },
            "here" => Self::Here,
            _ => return None,
        })
    }
}

fn read_answer(message: &Object, parcel: Parcel, config: &Config) -> Option<Result<Answer, Error>> {
    Some(Ok(match message.text("is").ok()? {
        "done" => Answer::Done,
        "outcome" => Answer::Outcome(read_outcome(message, config)?),
        "profile" => {
            let profile = Profile::from_object(message.object("profile").ok()?)?;
            Answer::Profile(match message.get("incomplete") {
                Some(_) => {
                    profile.incomplete_because(read_error(message.object("incomplete").ok()?)?)
                }
                None => profile,
            })
        }
        "response" => Answer::Response(read_response(message, parcel)?),
        "error" => return Some(Err(read_error(message.object("error").ok()?)?)),
        _ => return None,
    }))
}

fn write_status(writer: Writer, status: &Status) -> Writer {
    let of = |name| writer.text("status", name);
    match status {
        Status::Starting => of("starting"),
        Status::SignedOut => of("signed_out"),
        Status::Leaving => of("leaving"),
        // A worker opens no window, and is in none.
        Status::Busy | Status::InPopup | Status::HandedOver => of("busy"),
        // The session stands beside it.
        Status::SignedIn(_) => of("signed_in"),
        Status::Failed(error) => of("failed").json("error", &error_text(error)),
    }
}

fn read_status(message: &Object, session: Option<&Session>) -> Option<Status> {
    Some(match message.text("status").ok()? {
        "starting" => Status::Starting,
        "signed_out" => Status::SignedOut,
        "leaving" => Status::Leaving,
        "busy" => Status::Busy,
        "signed_in" => Status::SignedIn(session?.clone()),
        "failed" => Status::Failed(read_error(message.object("error").ok()?)?),
        _ => return None,
    })
}

fn session_text(session: &Session) -> String {
    Writer::default()
        .optional_text("issuer", session.issuer.as_deref())
        .optional_text("subject", session.subject.as_deref())
        .text("scope", &session.scope.joined())
        .optional_number("expires_at", session.expires_at.map(|time| time.0))
        .optional_number("auth_time", session.auth_time.map(|time| time.0))
        .optional_text("acr", session.acr.as_deref())
        .optional_text("claims", session.claims.as_ref().map(Claims::to_json))
        .optional_text("naming", session.naming.as_ref().map(Claims::to_json))
        .flag("is_bound", session.is_bound)
        .flag("is_renewable", session.is_renewable)
        .flag("can_end_at_provider", session.can_end_at_provider)
        .finish()
}

fn read_session(session: &Object) -> Option<Session> {
    let text = |name| session.optional_text(name).map(|text| text.map(str::to_owned));
    let claims = |name| session.optional_text(name).ok()?.map(Claims::parse).transpose().ok();
    Some(Session {
        issuer: text("issuer").ok()?,
        subject: text("subject").ok()?,
        scope: Scope::parse(session.text("scope").ok()?).ok()?,
        expires_at: session.optional_unsigned("expires_at").ok()?.map(UnixTime),
        auth_time: session.optional_unsigned("auth_time").ok()?.map(UnixTime),
        acr: text("acr").ok()?,
        claims: claims("claims")?,
        naming: claims("naming")?,
        is_bound: session.flag("is_bound").ok()?,
        is_renewable: session.flag("is_renewable").ok()?,
        can_end_at_provider: session.flag("can_end_at_provider").ok()?,
    })
}

fn write_outcome(writer: Writer, outcome: &Outcome) -> Writer {
    let of = |name| writer.text("outcome", name);
    match outcome {
        Outcome::NoCallback => of("no_callback"),
        Outcome::SignedIn { return_to } => of("signed_in").text("return_to", return_to.as_str()),
        Outcome::SigningIn => of("signing_in"),
        Outcome::StillSignedOut { return_to } => {
            of("still_signed_out").text("return_to", return_to.as_str())
        }
        Outcome::SignedOut => of("signed_out"),
        Outcome::AlreadySignedIn => of("already_signed_in"),
        // A worker is in no window.
        Outcome::CalledOff | Outcome::HandedOver => of("called_off"),
    }
}

fn read_outcome(message: &Object, config: &Config) -> Option<Outcome> {
    let return_to = || {
        let page = message.text("return_to").ok()?;
        Some(ReturnTo::new(page, config.redirect_uri()))
    };
    Some(match message.text("outcome").ok()? {
        "no_callback" => Outcome::NoCallback,
        "signed_in" => Outcome::SignedIn { return_to: return_to()? },
        "signing_in" => Outcome::SigningIn,
        "still_signed_out" => Outcome::StillSignedOut { return_to: return_to()? },
        "signed_out" => Outcome::SignedOut,
        "already_signed_in" => Outcome::AlreadySignedIn,
        "called_off" => Outcome::CalledOff,
        _ => return None,
    })
}

fn write_response(writer: Writer, response: &ServerResponse) -> Writer {
    writer
        .number("status", response.status.into())
        .optional_text("content_type", response.content_type.as_deref())
        .optional_text("www_authenticate", response.www_authenticate.as_deref())
        .optional_text("dpop_nonce", response.dpop_nonce.as_deref())
        .optional_text("retry_after", response.retry_after.as_deref())
        .json("headers", &write_pairs(&response.headers))
}

fn read_response(message: &Object, parcel: Parcel) -> Option<ServerResponse> {
    let text = |name| message.optional_text(name).map(|text| text.map(str::to_owned));
    Some(ServerResponse {
        status: message.unsigned("status").ok()?.try_into().ok()?,
        content_type: text("content_type").ok()?,
        www_authenticate: text("www_authenticate").ok()?,
        dpop_nonce: text("dpop_nonce").ok()?,
        retry_after: text("retry_after").ok()?,
        headers: read_pairs(message, "headers")?,
        body: parcel.body?.bytes()?.to_vec(),
    })
}

fn error_text(error: &Error) -> String {
    let said = error.provider();
    Writer::default()
        .text("code", error.code().as_str())
        .optional_text("subject", error.subject())
        .optional_number("retry_after", error.wanted_pause())
        .optional_text("error", said.map(|said| said.error.as_str()))
        .optional_text("description", said.and_then(|said| said.description.as_deref()))
        .finish()
}

fn read_error(text: &Object) -> Option<Error> {
    let mut error = Error::new(ErrorCode::parse(text.text("code").ok()?)?);
    if let Some(subject) = text.optional_text("subject").ok()? {
        error = error.about(subject);
    }
    if let Some(said) = text.optional_text("error").ok()? {
        error = error.said(ProviderError::new(said, text.optional_text("description").ok()?));
    }
    Some(error.retry_after(text.optional_unsigned("retry_after").ok()?))
}

fn event_text(event: &Event) -> String {
    let of = |name| Writer::default().text("name", name);
    match event {
        Event::LoginStarted { issuer, scope, is_pushed, is_bound } => of("login_started")
            .text("issuer", issuer)
            .text("scope", &scope.joined())
            .flag("is_pushed", *is_pushed)
            .flag("is_bound", *is_bound),
        Event::CallbackAccepted => of("callback_accepted"),
        Event::TokenReceived { token_type, scope, expires_in, is_renewable } => {
            of("token_received")
                .text("token_type", token_type.scheme())
                .text("scope", &scope.joined())
                .optional_number("expires_in", *expires_in)
                .flag("is_renewable", *is_renewable)
        }
        Event::IdTokenVerified { algorithm } => {
            of("id_token_verified").text("algorithm", algorithm)
        }
        Event::ProfileReceived => of("profile_received"),
        Event::LeftOut { document, members } => {
            let members: Vec<&str> = members.iter().map(String::as_str).collect();
            of("left_out")
                .text("document", name_of(&DOCUMENTS, *document))
                .json("members", &json_texts(&members))
        }
        Event::Refreshed => of("refreshed"),
        Event::AuthenticatedAnew { auth_time, acr } => of("authenticated_anew")
            .optional_number("auth_time", auth_time.map(|time| time.0))
            .optional_text("acr", acr.as_deref()),
        #[cfg(feature = "step-up")]
        Event::StepUpStarted { asked } => of("step_up_started").json("asked", &asked.to_json()),
        Event::SessionFound => of("session_found"),
        Event::RefreshedElsewhere => of("refreshed_elsewhere"),
        Event::SignedInElsewhere => of("signed_in_elsewhere"),
        Event::SignedOutElsewhere => of("signed_out_elsewhere"),
        Event::SessionEnding { at } => of("session_ending").number("at", at.0),
        Event::SessionGoesOn => of("session_goes_on"),
        Event::LimitReached => of("limit_reached"),
        Event::PopupBlocked => of("popup_blocked"),
        Event::SignedOut => of("signed_out"),
        Event::TokensHandedBack { is_confirmed } => {
            of("tokens_handed_back").flag("is_confirmed", *is_confirmed)
        }
        Event::Refused { error } => of("refused").json("error", &error_text(error)),
    }
    .finish()
}

fn read_event(event: &Object) -> Option<Event> {
    let scope = || Scope::parse(event.text("scope").ok()?).ok();
    let is = |name| event.flag(name).ok();
    Some(match event.text("name").ok()? {
        "login_started" => Event::LoginStarted {
            issuer: owned(event, "issuer")?,
            scope: scope()?,
            is_pushed: is("is_pushed")?,
            is_bound: is("is_bound")?,
        },
        "callback_accepted" => Event::CallbackAccepted,
        "token_received" => Event::TokenReceived {
            token_type: TokenType::parse(event.text("token_type").ok()?).ok()?,
            scope: scope()?,
            expires_in: event.optional_unsigned("expires_in").ok()?,
            is_renewable: is("is_renewable")?,
        },
        "id_token_verified" => Event::IdTokenVerified {
            algorithm: Algorithm::parse(event.text("algorithm").ok()?)?.name(),
        },
        "profile_received" => Event::ProfileReceived,
        "left_out" => {
            let members = event.optional_texts("members").ok()??;
            Event::LeftOut {
                document: by_name(&DOCUMENTS, event.text("document").ok()?)?,
                members: members.into_iter().map(str::to_owned).collect(),
            }
        }
        "refreshed" => Event::Refreshed,
        "authenticated_anew" => Event::AuthenticatedAnew {
            auth_time: event.optional_unsigned("auth_time").ok()?.map(UnixTime),
            acr: event.optional_text("acr").ok()?.map(str::to_owned),
        },
        #[cfg(feature = "step-up")]
        "step_up_started" => {
            Event::StepUpStarted { asked: StepUp::from_object(event.object("asked").ok()?).ok()? }
        }
        "session_found" => Event::SessionFound,
        "refreshed_elsewhere" => Event::RefreshedElsewhere,
        "signed_in_elsewhere" => Event::SignedInElsewhere,
        "signed_out_elsewhere" => Event::SignedOutElsewhere,
        "session_ending" => Event::SessionEnding { at: UnixTime(event.unsigned("at").ok()?) },
        "session_goes_on" => Event::SessionGoesOn,
        "limit_reached" => Event::LimitReached,
        "popup_blocked" => Event::PopupBlocked,
        "signed_out" => Event::SignedOut,
        "tokens_handed_back" => Event::TokensHandedBack { is_confirmed: is("is_confirmed")? },
        "refused" => Event::Refused { error: read_error(event.object("error").ok()?)? },
        _ => return None,
    })
}

fn write_pairs(pairs: &Entries) -> String {
    let texts: Vec<&str> =
        pairs.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]).collect();
    json_texts(&texts)
}

fn read_pairs(message: &Object, name: &str) -> Option<Entries> {
    let texts = message.optional_texts(name).ok()??;
    let pair = |texts: &[&str]| match texts {
        [name, value] => Some(((*name).to_owned(), (*value).to_owned())),
        _ => None,
    };
    texts.chunks(2).map(pair).collect()
}

fn owned(message: &Object, name: &str) -> Option<String> {
    message.text(name).ok().map(str::to_owned)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::collection::hash_map;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn config() -> Config {
        Config::new("https://id.example", "app", "https://app.example/callback.html").unwrap()
    }

    fn error() -> Error {
        let said = ProviderError::new("invalid_grant", Some("no \"more\""));
        Error::new(ErrorCode::SessionEnded).about("token").said(said).retry_after(Some(5))
    }

    fn session() -> Session {
        Session {
            issuer: Some("https://id.example".to_owned()),
            subject: None,
            scope: Scope::parse("openid mail").unwrap(),
            expires_at: Some(UnixTime(7)),
            auth_time: None,
            acr: Some("gold".to_owned()),
            claims: Some(Claims::parse(r#"{"roles":["editor"]}"#).unwrap()),
            naming: None,
            is_bound: true,
            is_renewable: false,
            can_end_at_provider: true,
        }
    }

    fn there_and_back(message: ToPage) -> ToPage {
        ToPage::from_parcel(message.into_parcel(), &config()).expect("a message")
    }

    #[test]
    fn events_cross_as_they_are() {
        let scope = Scope::parse("openid").unwrap();
        let issuer = "https://id.example".to_owned();
        for event in [
            Event::LoginStarted { issuer, scope: scope.clone(), is_pushed: true, is_bound: false },
            Event::CallbackAccepted,
            Event::TokenReceived {
                token_type: TokenType::Dpop,
                scope,
                expires_in: Some(60),
                is_renewable: true,
            },
            Event::IdTokenVerified { algorithm: "RS256" },
            Event::ProfileReceived,
            Event::LeftOut {
                document: Document::Profile,
                members: vec!["email".to_owned(), "picture".to_owned()],
            },
            Event::Refreshed,
            Event::AuthenticatedAnew { auth_time: Some(UnixTime(8)), acr: Some("gold".to_owned()) },
            Event::SessionFound,
            Event::RefreshedElsewhere,
            Event::SignedInElsewhere,
            Event::SignedOutElsewhere,
            Event::SessionEnding { at: UnixTime(9) },
            Event::SessionGoesOn,
            Event::LimitReached,
            Event::PopupBlocked,
            Event::SignedOut,
            Event::TokensHandedBack { is_confirmed: true },
            Event::Refused { error: error() },
        ] {
            let ToPage::Event(back) = there_and_back(ToPage::Event(event.clone())) else {
                panic!("{event:?}");
            };
            assert_eq!(back, event);
        }
    }

    #[test]
    fn states_cross_as_they_are() {
        for status in [
            Status::Starting,
            Status::SignedOut,
            Status::Leaving,
            Status::Busy,
            Status::SignedIn(session()),
            Status::Failed(error()),
        ] {
            let told = format!("{status:?}");
            let message = ToPage::State { heard: 3, status, session: Some(session()) };
            let ToPage::State { heard, status, session: known } = there_and_back(message) else {
                panic!("{told}");
            };
            assert_eq!((heard, format!("{status:?}"), known), (3, told, Some(session())));
        }
    }

    #[test]
    fn outcomes_cross_and_lead_nowhere_else() {
        let return_to = ReturnTo::new("cart.html", config().redirect_uri());
        for outcome in [
            Outcome::NoCallback,
            Outcome::SignedIn { return_to: return_to.clone() },
            Outcome::SigningIn,
            Outcome::StillSignedOut { return_to },
            Outcome::SignedOut,
            Outcome::AlreadySignedIn,
            Outcome::CalledOff,
        ] {
            let answer = Ok(Answer::Outcome(outcome.clone()));
            let ToPage::Answer { id: 4, answer: Ok(Answer::Outcome(back)) } =
                there_and_back(ToPage::Answer { id: 4, answer })
            else {
                panic!("{outcome:?}");
            };
            assert_eq!(back, outcome);
        }
        let forged = r#"{"outcome":"signed_in","return_to":"https://evil.example/"}"#;
        let read = read_outcome(&Object::parse(forged).unwrap(), &config());
        let home = ReturnTo::new("", config().redirect_uri());
        assert_eq!(read, Some(Outcome::SignedIn { return_to: home }));
    }

    #[test]
    fn a_profile_crosses_with_all_its_claims() {
        let response = ServerResponse {
            status: 200,
            content_type: Some("application/json".to_owned()),
            body: br#"{"sub":"1","name":"\"H\"","n":-5,"email_verified":true,"address":{}}"#
                .to_vec(),
            ..ServerResponse::default()
        };
        let profile = Profile::from_response(&response, None, None).unwrap();
        let back = Profile::from_object(&Object::parse(&profile.to_json()).unwrap());
        assert_eq!(back.as_ref(), Some(&profile));
        let message = ToPage::Answer { id: 1, answer: Ok(Answer::Response(response.clone())) };
        let ToPage::Answer { answer: Ok(Answer::Response(back)), .. } = there_and_back(message)
        else {
            panic!("a response");
        };
        assert!(back == response);
    }

    /// Texts that are messages, nearly, or not at all.
    fn texts() -> impl Strategy<Value = String> {
        let names = select(vec![
            "kind",
            "command",
            "is",
            "id",
            "url",
            "to",
            "method",
            "headers",
            "timeout",
            "how",
            "scope",
            "options",
            "status",
            "session",
            "outcome",
            "return_to",
            "code",
            "event",
            "name",
            "error",
            "key",
            "text",
            "fields",
            "heard",
            "version",
            "config",
            "page",
        ]);
        let words = select(vec![
            "start",
            "ask",
            "event",
            "failed",
            "state",
            "answer",
            "keep",
            "go",
            "submit",
            "show",
            "fetch",
            "sign_in",
            "sign_out",
            "handle_callback",
            "signed_in",
            "signed_out",
            "done",
            "outcome",
            "profile",
            "response",
            "error",
            "wake",
            "GET",
            "POST",
            "timeout",
            "openid mail",
            "https://api.example/",
            "\u{0}",
            "",
        ]);
        let value = prop_oneof![
            6 => words.prop_map(|word| serde_json::to_string(word).unwrap()),
            1 => any::<u64>().prop_map(|number| number.to_string()),
            1 => select(vec!["null", "-1", "1e9", "[]", "[\"a\"]", "[\"a\",\"b\"]", "{}", "true"])
                .prop_map(str::to_owned),
        ];
        let members = value.prop_recursive(2, 24, 8, move |inner| {
            hash_map(names.clone(), inner, 0..8).prop_map(|members| {
                let members = members.iter().map(|(name, value)| format!("{name:?}:{value}"));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            })
        });
        let kinds = select(vec![
            r#""kind":"start""#,
            r#""kind":"ask","id":1,"url":"https://app.example/""#,
            r#""kind":"ask","id":1,"url":"","command":"fetch","to":"https://api.example/""#,
            r#""kind":"ask","id":1,"url":"","command":"sign_in""#,
            r#""kind":"state","heard":0,"status":"failed""#,
            r#""kind":"state","heard":0,"status":"signed_in""#,
            r#""kind":"answer","id":1,"is":"outcome""#,
            r#""kind":"answer","id":1,"is":"profile""#,
            r#""kind":"event""#,
        ]);
        let object = (kinds, members.clone()).prop_map(|(kind, members)| {
            match members.strip_prefix('{').filter(|members| *members != "}") {
                Some(members) => format!("{{{kind},{members}"),
                None => format!("{{{kind}}}"),
            }
        });
        prop_oneof![8 => object, 1 => members, 1 => any::<String>()]
    }

    #[test]
    fn what_the_texts_are_made_of_is_read() {
        for text in [
            r#"{"kind":"ask","id":1,"url":"","command":"fetch","to":"https://api.example/","method":"GET","headers":[],"timeout":1}"#,
            r#"{"kind":"ask","id":1,"url":"","command":"sign_in","how":{"scope":""}}"#,
            r#"{"kind":"event","event":"wake"}"#,
        ] {
            let read = ToVault::from_parcel(parcel(text.to_owned()));
            let is_read = match &read {
                Some(ToVault::Ask { command, .. }) => command.is_some(),
                other => other.is_some(),
            };
            assert!(is_read, "{text}");
        }
        for text in [
            r#"{"kind":"state","heard":0,"status":"failed","error":{"code":"timeout"}}"#,
            r#"{"kind":"answer","id":1,"is":"outcome","outcome":"signed_out"}"#,
            r#"{"kind":"event","event":{"name":"signed_out"}}"#,
        ] {
            assert!(ToPage::from_parcel(parcel(text.to_owned()), &config()).is_some(), "{text}");
        }
    }

    fn parcel(text: String) -> Parcel {
        Parcel { text, body: None }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_is_said_means_one_thing_or_nothing(text in texts()) {
            if let Some(message) = ToVault::from_parcel(parcel(text.clone())) {
                let told = message.into_parcel().text;
                let again = ToVault::from_parcel(parcel(told.clone())).map(ToVault::into_parcel);
                prop_assert_eq!(again.map(|parcel| parcel.text), Some(told));
            }
            if let Some(message) = ToPage::from_parcel(parcel(text), &config()) {
                let told = message.into_parcel().text;
                let again = ToPage::from_parcel(parcel(told.clone()), &config());
                prop_assert_eq!(again.map(|message| message.into_parcel().text), Some(told));
            }
        }
    }
}
