//! What the page says to its vault.

use super::codec::{
    Beside, Field, Reading, Writing, from_parcel, into_parcel, message, write_optional,
};
use crate::browser::Frame;
use crate::browser::worker::Parcel;
use crate::client::api::ResourceRequest;
use crate::client::login::SignIn;
use crate::protocol::json::Value;
use crate::protocol::{Config, ErrorCode, RequestOptions};

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
    /// Whoever hears it says [`Here`](super::report::ToPage::Here).
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

// The names `kind`, `start` and `are_you_there` stay as they are: a vault of another version must know them to
// refuse.
message!(enum ToVault {
    "start" => Start(start),
    "ask" => Ask { id, url, command },
    "event" => Event(event),
    "failed" => Failed(code),
    "are_you_there" => AreYouThere,
});

message!(struct Start { version, frame, config, entries });

message!(enum Command {
    "handle_callback" => HandleCallback { url },
    "sign_in" => SignIn(how),
    "sign_out" => SignOut,
    "sign_out_at_provider" => SignOutAtProvider,
    "refresh" => Refresh,
    "prefetch" => Prefetch,
    "profile" => Profile,
    "reload_profile" => ReloadProfile,
    "fetch" => Fetch(request),
    #[cfg(feature = "step-up")]
    "repeated" => Repeated,
});

message!(enum PageEvent {
    "wake" => Wake,
    "restored" => Restored,
    "active" => Active,
});

message!(enum Frame {
    "none" => None,
    "own_site" => OwnSite,
    "other_site" => OtherSite,
});

impl ToVault {
    pub(super) fn into_parcel(self) -> Parcel {
        into_parcel(self)
    }

    pub(super) fn from_parcel(parcel: Parcel) -> Option<Self> {
        from_parcel(parcel, None)
    }
}

/// What can't be read is answered as well: the rest of the message stands.
impl Field for Option<Box<Start>> {
    fn write(&mut self, to: &mut Parcel) {
        write_optional(self.as_deref_mut(), to);
    }

    fn read(value: &Value, beside: &Beside) -> Option<Self> {
        Some(Start::read(value, beside).map(Box::new))
    }
}

/// The same.
impl Field for Option<Box<Command>> {
    fn write(&mut self, to: &mut Parcel) {
        write_optional(self.as_deref_mut(), to);
    }

    fn read(value: &Value, beside: &Beside) -> Option<Self> {
        Some(Command::read(value, beside).map(Box::new))
    }
}

/// What an app may say of a sign-in. What only the client itself does, such as to repeat a request, it does
/// inside.
impl Field for Box<SignIn> {
    fn write(&mut self, to: &mut Parcel) {
        Writing::new(to)
            .with("scope", &mut self.more_scope)
            .with("options", &mut self.options)
            .with("return_to", &mut self.return_to)
            .with("needed", &mut self.needed)
            .finish();
    }

    fn read(value: &Value, beside: &Beside) -> Option<Self> {
        let members = Reading::new(value, beside)?;
        let mut sign_in = SignIn::new().options(members.get("options")?);
        sign_in.more_scope = members.get("scope")?;
        sign_in.return_to = members.get("return_to")?;
        sign_in.needed = members.get("needed")?;
        Some(Self::new(sign_in))
    }
}

impl Field for RequestOptions {
    fn write(&mut self, to: &mut Parcel) {
        to.text.push_str(&self.to_json());
    }

    fn read(value: &Value, beside: &Beside) -> Option<Self> {
        let texts: Vec<String> = Vec::read(value, beside)?;
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        Self::from_texts(&texts).ok()
    }
}

/// With its body, if it has one, beside the text.
impl Field for ResourceRequest {
    fn write(&mut self, to: &mut Parcel) {
        let request = &mut self.request;
        to.body = request.body.take();
        let headers = request.headers.iter();
        let mut headers: Entries =
            headers.map(|(name, value)| (name.clone().into_owned(), value.clone())).collect();
        Writing::new(to)
            .with("method", &mut request.method.as_str().to_owned())
            .with("url", &mut request.url)
            .with("headers", &mut headers)
            .with("timeout", &mut request.timeout)
            .finish();
    }

    fn read(value: &Value, beside: &Beside) -> Option<Self> {
        let members = Reading::new(value, beside)?;
        let (method, url): (String, String) = (members.get("method")?, members.get("url")?);
        let mut request = Self::new(&method, &url).ok()?.timeout(members.get("timeout")?);
        for (name, value) in members.get::<Entries>("headers")? {
            request = request.header(&name, &value).ok()?;
        }
        Some(match beside.body() {
            Some(body) => request.body(body.clone()),
            None => request,
        })
    }
}
