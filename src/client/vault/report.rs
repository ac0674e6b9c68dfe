//! What the vault says to its page.

use core::mem::take;

use super::codec::{
    Beside, Field, Reading, Writing, from_parcel, into_parcel, message, write_text,
};
use super::command::Entries;
use crate::browser::worker::Parcel;
use crate::client::events::{Document, Event};
use crate::client::login::Outcome;
use crate::client::status::{Session, Status};
#[cfg(feature = "step-up")]
use crate::protocol::StepUp;
use crate::protocol::json::Value;
use crate::protocol::{Algorithm, Config, Error, Profile, ReturnTo, ServerResponse, TokenType};

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
    /// The answer to [`AreYouThere`](super::command::ToVault::AreYouThere).
    Here,
}

/// What comes of a command that went well.
pub(super) enum Answer {
    Done,
    Outcome(Outcome),
    Profile(Profile),
    Response(ServerResponse),
}

// The names `kind`, `ready`, `refused` and `here` stay as they are: a page of another version must know them.
message!(enum ToPage {
    "ready" => Ready,
    "refused" => Refused,
    "state" => State { heard, status, session },
    "event" => Event(event),
    "answer" => Answer { id, answer },
    "keep" => Keep { key, text },
    "forget" => Forget { key },
    "go" => Go { url },
    "submit" => Submit { url, fields },
    "show" => Show { from, url },
    "here" => Here,
});

message!(enum Result<Answer, Error> {
    "ok" => Ok(answer),
    "error" => Err(error),
});

message!(enum Answer {
    "done" => Done,
    "outcome" => Outcome(outcome),
    "profile" => Profile(profile),
    "response" => Response(response),
});

message!(enum Status {
    "starting" => Starting,
    "signed_out" => SignedOut,
    "leaving" => Leaving,
    "in_popup" => InPopup,
    "handed_over" => HandedOver,
    "busy" => Busy,
    "signed_in" => SignedIn(session),
    "failed" => Failed(error),
});

message!(struct Session {
    issuer,
    subject,
    scope,
    expires_at,
    auth_time,
    acr,
    claims,
    naming,
    is_bound,
    is_renewable,
    can_end_at_provider,
});

message!(enum Outcome {
    "no_callback" => NoCallback,
    "handed_over" => HandedOver,
    "signed_in" => SignedIn { return_to },
    "signing_in" => SigningIn,
    "still_signed_out" => StillSignedOut { return_to },
    "signed_out" => SignedOut,
    "already_signed_in" => AlreadySignedIn,
    "called_off" => CalledOff,
});

message!(enum Event {
    "login_started" => LoginStarted { issuer, scope, is_pushed, is_bound },
    "popup_blocked" => PopupBlocked,
    "callback_accepted" => CallbackAccepted,
    "token_received" => TokenReceived { token_type, scope, expires_in, is_renewable },
    "id_token_verified" => IdTokenVerified { algorithm },
    "profile_received" => ProfileReceived,
    "left_out" => LeftOut { document, members },
    "refreshed" => Refreshed,
    "authenticated_anew" => AuthenticatedAnew { auth_time, acr },
    #[cfg(feature = "step-up")]
    "step_up_started" => StepUpStarted { asked },
    "session_found" => SessionFound,
    "refreshed_elsewhere" => RefreshedElsewhere,
    "signed_in_elsewhere" => SignedInElsewhere,
    "signed_out_elsewhere" => SignedOutElsewhere,
    "session_ending" => SessionEnding { at },
    "session_goes_on" => SessionGoesOn,
    "limit_reached" => LimitReached,
    "signed_out" => SignedOut,
    "tokens_handed_back" => TokensHandedBack { is_confirmed },
    "refused" => Refused { error },
});

message!(enum Document {
    "metadata" => Metadata,
    "token_response" => TokenResponse,
    "id_token" => IdToken,
    "profile" => Profile,
});

message!(enum TokenType {
    "bearer" => Bearer,
    "dpop" => Dpop,
});

message!(struct ServerResponse {
    status,
    content_type,
    www_authenticate,
    dpop_nonce,
    retry_after,
    headers,
    body,
});

impl ToPage {
    pub(super) fn into_parcel(self) -> Parcel {
        into_parcel(self)
    }

    pub(super) fn from_parcel(parcel: Parcel, config: &Config) -> Option<Self> {
        from_parcel(parcel, Some(config))
    }
}

/// The body of a response, which is sent beside the text.
impl Field for Vec<u8> {
    fn write(&mut self, to: &mut Parcel) {
        to.body = Some(take(self).into());
        to.text.push_str("null");
    }

    fn read(_: &Value, beside: &Beside) -> Option<Self> {
        Some(beside.body()?.bytes()?.to_vec())
    }
}

/// A page of this app, whatever the text says.
impl Field for ReturnTo {
    fn write(&mut self, to: &mut Parcel) {
        write_text(self.as_str(), to);
    }

    fn read(value: &Value, beside: &Beside) -> Option<Self> {
        Some(Self::new(value.as_text()?, beside.redirect_uri()?))
    }
}

/// The name of an algorithm.
impl Field for &'static str {
    fn write(&mut self, to: &mut Parcel) {
        write_text(self, to);
    }

    fn read(value: &Value, _: &Beside) -> Option<Self> {
        Some(Algorithm::parse(value.as_text()?)?.name())
    }
}

impl Field for Profile {
    fn write(&mut self, to: &mut Parcel) {
        Writing::new(to)
            .with("told", &mut Told(self.clone()))
            .with("incomplete", &mut self.incomplete().cloned())
            .finish();
    }

    fn read(value: &Value, beside: &Beside) -> Option<Self> {
        let members = Reading::new(value, beside)?;
        let Told(profile) = members.get("told")?;
        Some(match members.get("incomplete")? {
            Some(error) => profile.incomplete_because(error),
            None => profile,
        })
    }
}

/// What a profile tells of the person.
struct Told(Profile);

impl Field for Told {
    fn write(&mut self, to: &mut Parcel) {
        to.text.push_str(&self.0.to_json());
    }

    fn read(value: &Value, _: &Beside) -> Option<Self> {
        match value {
            Value::Object(told) => Profile::from_object(told).map(Self),
            _ => None,
        }
    }
}

#[cfg(feature = "step-up")]
impl Field for StepUp {
    fn write(&mut self, to: &mut Parcel) {
        to.text.push_str(&self.to_json());
    }

    fn read(value: &Value, _: &Beside) -> Option<Self> {
        match value {
            Value::Object(asked) => Self::from_object(asked).ok(),
            _ => None,
        }
    }
}
