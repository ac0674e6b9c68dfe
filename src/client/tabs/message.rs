//! What the tabs of an app tell each other, and what each makes of it. No message holds a token; one holds the
//! key to a sealed session, for a tab that asks.
//!
//! Any script of the origin may ask, listen, and say anything here. What it says makes a tab look for itself, renew
//! nothing that is older than it says, take a session that is offered while it asks for one, count somebody as
//! active, or sign out. What it hears it could have of the app's own pages.

use core::fmt;
use core::time::Duration;

use crate::protocol::UnixTime;
use crate::protocol::json::{Object, Writer};
use crate::protocol::secret::secret;

/// How long a tab waits for what the others answer.
pub(in crate::client) const ANSWERS_WITHIN: Duration = Duration::from_millis(300);

secret! {
    /// The bytes of the key that seals a session, as base64url. The tabs of the session have it, and give it to
    /// a page of the origin that asks.
    SealingSecret
}

/// How often a session's tokens were renewed. It counts up with each.
pub(in crate::client) type Generation = u64;

/// Where a session is kept: the name of its record, and what opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::client) struct RecordAddress {
    pub(in crate::client) session: String,
    pub(in crate::client) secret: SealingSecret,
}

/// Something that a tab says to all others.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::client) enum Message {
    /// Somebody signed in. `session` is where it is kept; `person` is a hash, equal for the same person.
    SignedIn { session: Option<String>, person: Option<String> },
    /// The tokens of a session were renewed, or replaced by a new sign-in of the same person.
    Renewed { session: String, generation: Generation },
    /// The person signed out; `session` is where theirs was kept, and its tokens of this generation are handed
    /// back. It had begun after so many sign-outs.
    SignedOut { session: Option<String>, generation: Option<Generation>, era: Option<u64> },
    /// What was kept of this session is forgotten: for whoever has only just found it.
    Removed { session: String },
    /// The provider has ended this session.
    Over { session: String },
    /// A tab that has a session to share is there again.
    Present,
    /// A tab where nobody is signed in asks for a session that is kept.
    Who,
    /// The answer.
    Here { kept: RecordAddress, active: UnixTime },
    /// A tab that knows of nobody who did something asks whether the others do.
    WhoIsActive,
    /// The person did something.
    Active { at: UnixTime },
}

impl Message {
    pub(in crate::client) fn to_json(&self) -> String {
        let of = |kind| Writer::default().text("kind", kind);
        match self {
            Self::SignedIn { session, person } => of("signed_in")
                .optional_text("session", session.as_deref())
                .optional_text("person", person.as_deref()),
            Self::Renewed { session, generation } => {
                of("renewed").text("session", session).number("generation", *generation)
            }
            Self::SignedOut { session, generation, era } => of("signed_out")
                .optional_text("session", session.as_deref())
                .optional_number("generation", *generation)
                .optional_number("era", *era),
            Self::Removed { session } => of("removed").text("session", session),
            Self::Over { session } => of("over").text("session", session),
            Self::Present => of("present"),
            Self::Who => of("who"),
            Self::Here { kept, active } => of("here")
                .text("session", &kept.session)
                .text("secret", kept.secret.expose())
                .number("active", active.0),
            Self::WhoIsActive => of("who_is_active"),
            Self::Active { at } => of("active").number("at", at.0),
        }
        .finish()
    }

    /// `None` for whatever is no message.
    pub(in crate::client) fn from_json(text: &str) -> Option<Self> {
        let message = Object::parse(text).ok()?;
        let text = |name| message.text(name).map(str::to_owned);
        let optional = |name| message.optional_text(name).map(|text| text.map(str::to_owned));
        let number = |name| message.unsigned(name);
        Some(match message.text("kind").ok()? {
            "signed_in" => Self::SignedIn {
                session: optional("session").ok()?,
                person: optional("person").ok()?,
            },
            "renewed" => Self::Renewed {
                session: text("session").ok()?,
                generation: number("generation").ok()?,
            },
            "signed_out" => Self::SignedOut {
                session: optional("session").ok()?,
                generation: message.optional_unsigned("generation").ok()?,
                era: message.optional_unsigned("era").ok()?,
            },
            "removed" => Self::Removed { session: text("session").ok()? },
            "over" => Self::Over { session: text("session").ok()? },
            "present" => Self::Present,
            "who" => Self::Who,
            "here" => Self::Here {
                kept: RecordAddress {
                    session: text("session").ok()?,
                    secret: SealingSecret::new(message.text("secret").ok()?),
                },
                active: UnixTime(number("active").ok()?),
            },
            "who_is_active" => Self::WhoIsActive,
            "active" => Self::Active { at: UnixTime(number("at").ok()?) },
            _ => return None,
        })
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::SignedIn { .. } => "SignedIn",
            Self::Renewed { .. } => "Renewed",
            Self::SignedOut { .. } => "SignedOut",
            Self::Removed { .. } => "Removed",
            Self::Over { .. } => "Over",
            Self::Present => "Present",
            Self::Who => "Who",
            Self::Here { .. } => "Here",
            Self::WhoIsActive => "WhoIsActive",
            Self::Active { .. } => "Active",
        };
        formatter.write_str(kind)
    }
}

/// What a tab knows of its own session when it hears something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::client) struct Own {
    pub(in crate::client) is_signed_in: bool,
    /// Where its session is kept, if it is.
    pub(in crate::client) session: Option<String>,
    pub(in crate::client) generation: Generation,
    pub(in crate::client) person: Option<String>,
    /// How many sign-outs there had been when its session began, if that is known by now.
    pub(in crate::client) era: Option<u64>,
    /// Whether it has asked for the session of another tab, and has none yet.
    pub(in crate::client) is_asking: bool,
}

/// What a tab does about what it heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::client) enum Reaction {
    /// Nothing.
    None,
    /// Read what is kept, and go on with it if it is newer.
    Look,
    /// Somebody has signed in: ask for the session.
    Ask,
    /// A tab with a session is there again: look for that.
    Find,
    /// Take the session that was offered, in which somebody was active then.
    Take(RecordAddress, UnixTime),
    /// Say where the session is kept.
    Answer,
    /// Sign out here, too. `is_revoked` tells that these very tokens were handed back.
    SignOut { is_revoked: bool },
    /// The session has ended here, too.
    End,
    /// Somebody else has signed in: the session ends here.
    MakeWay,
    /// Say when somebody was active last.
    TellActivity,
    /// Count it as activity.
    Stay(UnixTime),
}

/// What a tab makes of a message.
pub(in crate::client) fn reaction(own: &Own, message: &Message) -> Reaction {
    let is_own = |session: &String| own.session.as_ref() == Some(session);
    match message {
        Message::SignedIn { session, person } if own.is_signed_in => match (person, &own.person) {
            (Some(person), Some(known)) if person != known => Reaction::MakeWay,
            (Some(_), Some(_)) => Reaction::None,
            // Who it is nobody knows: whether this session is still kept tells.
            _ if session.is_some() && own.session.is_some() => Reaction::Look,
            _ => Reaction::None,
        },
        Message::SignedIn { session: Some(_), .. } => Reaction::Ask,
        Message::Renewed { session, generation } if is_own(session) => {
            if *generation > own.generation { Reaction::Look } else { Reaction::None }
        }
        // A message that was held back may be of before this session.
        Message::SignedOut { era: Some(era), .. } if own.era > Some(*era) => Reaction::None,
        Message::SignedOut { session, generation, .. } if own.is_signed_in => {
            let is_own = session.as_ref().is_some_and(is_own);
            Reaction::SignOut { is_revoked: is_own && *generation >= Some(own.generation) }
        }
        Message::Removed { session } if is_own(session) => Reaction::Look,
        Message::Over { session } if is_own(session) => Reaction::End,
        Message::Present if !own.is_signed_in => Reaction::Find,
        Message::Who if own.session.is_some() => Reaction::Answer,
        Message::WhoIsActive if own.is_signed_in => Reaction::TellActivity,
        Message::Here { kept, active } if own.is_asking => Reaction::Take(kept.clone(), *active),
        Message::Here { active: at, .. } | Message::Active { at } => Reaction::Stay(*at),
        _ => Reaction::None,
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// Texts that are messages, nearly, or not at all.
    fn texts() -> impl Strategy<Value = String> {
        let kinds = select(vec![
            "signed_in",
            "renewed",
            "signed_out",
            "removed",
            "over",
            "present",
            "who",
            "here",
            "who_is_active",
            "active",
            "kind",
        ]);
        let names =
            select(vec!["session", "person", "generation", "era", "secret", "active", "at", "x"]);
        let values = prop_oneof![
            any::<u64>().prop_map(|number| number.to_string()),
            "[a-z]{0,4}".prop_map(|text| format!("{text:?}")),
            select(vec!["null", "-1", "1.5", "{}", "[]", "true"]).prop_map(str::to_owned),
        ];
        let object = (kinds, vec((names, values), 0..5)).prop_map(|(kind, members)| {
            let members = members.iter().map(|(name, value)| format!(",{name:?}:{value}"));
            format!("{{\"kind\":{kind:?}{}}}", members.collect::<String>())
        });
        prop_oneof![object, any::<String>()]
    }

    #[test]
    fn a_sign_out_of_before_a_session_does_not_end_it() {
        let own = Own { is_signed_in: true, era: Some(3), ..Own::default() };
        let told = |era| Message::SignedOut { session: None, generation: None, era };
        assert_eq!(reaction(&own, &told(Some(2))), Reaction::None);
        let obeyed = Reaction::SignOut { is_revoked: false };
        assert_eq!(reaction(&own, &told(Some(3))), obeyed);
        assert_eq!(reaction(&own, &told(None)), obeyed, "another version of the app told it");
        let begins = Own { era: None, ..own };
        assert_eq!(reaction(&begins, &told(Some(2))), obeyed, "nobody knows which was first");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_is_said_means_one_thing_or_nothing(text in texts(), is_signed_in: bool, is_asking: bool) {
            let Some(message) = Message::from_json(&text) else { return Ok(()) };
            let again = Message::from_json(&message.to_json()).map(|message| message.to_json());
            prop_assert_eq!(again, Some(message.to_json()));
            // Whoever doesn't know where the session is kept can neither end it as the provider would, nor have
            // its tokens taken for handed back.
            let own = Own {
                is_signed_in,
                is_asking,
                session: is_signed_in.then(|| "not said by anybody".to_owned()),
                ..Own::default()
            };
            let reaction = reaction(&own, &message);
            prop_assert_ne!(&reaction, &Reaction::End);
            prop_assert_ne!(&reaction, &Reaction::SignOut { is_revoked: true });
        }
    }
}
