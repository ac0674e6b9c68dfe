//! What the widget shows, as values. No markup is ever parsed: names and messages stay text.

use crate::browser::element::Tag;
use crate::client::Session;
use crate::protocol::{Error, Profile};
use crate::texts::{Texts, initials};

/// What there is to show.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    /// Nobody is signed in.
    SignedOut,
    /// Leaving, coming back, or fetching the profile.
    Busy,
    /// The person signs in in a window beside the page.
    InPopup,
    /// This page is in such a window, and is about to close.
    HandedOver,
    /// Somebody is signed in; the profile may have failed.
    SignedIn(Box<Session>, Result<Profile, Error>),
    /// The sign-in failed.
    Failed(Error),
    /// The settings are wrong: nobody can sign in.
    Unusable(Error),
}

/// The elements for a state.
pub(super) fn view(state: &State, texts: &Texts) -> Vec<Tag> {
    match state {
        State::SignedOut => vec![button("sign-in", "button", texts.sign_in())],
        State::Busy => vec![button("busy", "button", texts.signing_in()).with("aria-busy", "true")],
        State::InPopup => vec![
            button("sign-in", "button", texts.in_popup()).with("aria-busy", "true"),
            button("cancel", "button cancel", texts.cancel()),
        ],
        State::HandedOver => {
            vec![part("p", "handed-over").with("role", "status").text(texts.handed_over())]
        }
        State::SignedIn(_, Ok(known)) => {
            let note = known.incomplete().map(|why| error(why, retry(why, texts), texts));
            [profile(known, texts)].into_iter().chain(note).collect()
        }
        State::SignedIn(_, Err(why)) => vec![nameless(texts), error(why, retry(why, texts), texts)],
        State::Failed(why) => {
            let again = retry(why, texts)
                .unwrap_or_else(|| button("sign-in", "button retry", texts.sign_in()));
            vec![error(why, Some(again), texts)]
        }
        State::Unusable(why) => vec![error(why, None, texts)],
    }
}

fn button(action: &str, part: &str, text: &str) -> Tag {
    Tag::new("button")
        .with("type", "button")
        .with("part", part)
        .with("data-pixy", action)
        .text(text)
}

fn profile(profile: &Profile, texts: &Texts) -> Tag {
    let name = profile.name().unwrap_or(texts.nameless());
    // A name that is only the address is said once.
    let email = profile.email().filter(|email| *email != name);
    let email = email.map(|email| line("email", email).with("data-pixy", "profile-email"));
    let lines = [line("name", name).with("data-pixy", "profile-name")].into_iter().chain(email);
    card([picture(profile, name), part("div", "identity").children(lines)], texts)
}

/// Somebody is signed in, but nothing is known of them.
fn nameless(texts: &Texts) -> Tag {
    card([part("div", "identity").children([line("name", texts.nameless())])], texts)
}

fn card(children: impl IntoIterator<Item = Tag>, texts: &Texts) -> Tag {
    part("div", "profile").with("data-pixy", "profile").children(children).children([button(
        "sign-out",
        "button sign-out",
        texts.sign_out(),
    )])
}

/// The initials, and over them the picture, as soon as it is there.
fn picture(profile: &Profile, name: &str) -> Tag {
    let image = profile.picture().map(|url| {
        part("img", "image")
            .with("alt", "")
            .with("referrerpolicy", "no-referrer")
            .with("src", url.as_str())
    });
    part("span", "picture").with("aria-hidden", "true").text(&initials(name)).children(image)
}

/// A line of text from outside, in its own writing direction.
fn line(name: &'static str, text: &str) -> Tag {
    part("span", name).with("dir", "auto").with("title", text).text(text)
}

/// Where trying again can help.
fn retry(error: &Error, texts: &Texts) -> Option<Tag> {
    error.retry_can_help().then(|| button("retry", "button retry", texts.try_again()))
}

fn error(error: &Error, action: Option<Tag>, texts: &Texts) -> Tag {
    let about = error.subject().map(|subject| part("p", "error-detail").text(subject));
    let said = error.provider().map(|said| {
        let description = said.description.as_deref().unwrap_or_default();
        part("p", "error-detail").text(&[said.error.as_str(), description].join(" "))
    });
    let code = error.code().as_str();
    part("div", "error")
        .with("role", "alert")
        .with("data-pixy", "error")
        .with("data-code", code)
        .children([part("p", "error-message").text(texts.meaning(error.code()))])
        .children(about)
        .children(said)
        .children([
            part("p", "error-advice").text(texts.advice(error.code())),
            part("code", "error-code").text(code),
        ])
        .children(action)
}

fn part(name: &'static str, part: &str) -> Tag {
    Tag::new(name).with("part", part)
}
