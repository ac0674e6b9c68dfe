//! What was written down of a sign-in, told as arrows between the four roles.

use std::collections::BTreeSet;

use crate::demo::recording::{Answer, Entry, Kind, Outcome, Recording, Stop};
use crate::protocol::json::Object;

/// Who sends, and who receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// The resource owner.
    Person,
    /// The client.
    App,
    /// The authorization server.
    Provider,
    /// The resource server.
    Api,
}

/// What a step is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum What {
    /// The person wants to sign in.
    Wish,
    /// The app reads what the authorization server says of itself.
    Discovery,
    /// The app makes up its random values.
    Preparation,
    /// The app sends its request ahead (RFC 9126).
    Push,
    /// The browser goes to the authorization server.
    Redirect,
    /// The authorization server asks the person.
    Question,
    /// The person signs in there, and agrees.
    Consent,
    /// The browser comes back.
    Callback,
    /// The code is exchanged for a token.
    Exchange,
    /// The app reads the keys that ID tokens are signed with.
    Keys,
    /// The profile is asked for.
    Profile,
    /// Something else is asked for with the token.
    Api,
    /// The token is renewed.
    Renewal,
    /// The token is handed back.
    Revocation,
    /// Any other request of the app to the authorization server.
    Other,
}

/// Which half of a step it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Half {
    /// It is no request, or the request.
    Sent,
    /// The answer.
    Answered,
}

/// One arrow.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Arrow {
    pub(super) what: What,
    pub(super) half: Half,
    /// What was written down of it. There is nothing where the app was not there.
    pub(super) entry: Option<Entry>,
    /// How long it took, in milliseconds.
    pub(super) took: Option<u64>,
    /// When it began, in milliseconds since the sign-in began.
    pub(super) after: Option<u64>,
    /// Whether it is still to come.
    pub(super) is_to_come: bool,
    /// Which of several equal steps it is.
    turn: usize,
}

/// By what an arrow is known when the story is told again.
pub(super) type Name = (What, Half, u64, usize, bool);

impl Arrow {
    fn new(what: What) -> Self {
        let half = Half::Sent;
        Self { what, half, entry: None, took: None, after: None, is_to_come: false, turn: 0 }
    }

    /// Something that is not there yet.
    fn to_come(what: What, half: Half) -> Self {
        Self { half, is_to_come: true, ..Self::new(what) }
    }

    /// By what it is known when the story is told again.
    pub(super) fn name(&self) -> Name {
        let at = self.entry.as_ref().map_or(0, |entry| entry.at);
        (self.what, self.half, at, self.turn, self.is_to_come)
    }

    /// The answer, where there was one.
    pub(super) fn answer(&self) -> Option<&Answer> {
        match &self.entry.as_ref()?.outcome {
            Outcome::Answer(answer) if self.half == Half::Answered => Some(answer),
            _ => None,
        }
    }

    /// Whether it is a refusal, or nothing came at all.
    pub(super) fn is_refusal(&self) -> bool {
        match (self.what, self.half, &self.entry) {
            (What::Callback, _, Some(entry)) => is_error(&entry.url),
            (_, Half::Answered, Some(_)) => {
                self.answer().is_none_or(|answer| !(200..300).contains(&answer.status))
            }
            _ => false,
        }
    }

    /// Whether a sign-in is told without it, where there is no room.
    pub(super) const fn is_detail(&self) -> bool {
        matches!(
            self.what,
            What::Discovery | What::Preparation | What::Keys | What::Revocation | What::Other
        )
    }

    /// Who sends, and who receives. What the app does by itself goes to the app.
    pub(super) fn way(&self) -> (Role, Role) {
        let (from, to) = match self.what {
            What::Wish => (Role::Person, Role::App),
            What::Preparation => (Role::App, Role::App),
            What::Question => (Role::Provider, Role::Person),
            What::Consent => (Role::Person, Role::Provider),
            What::Callback => (Role::Provider, Role::App),
            What::Profile | What::Api => (Role::App, Role::Api),
            _ => (Role::App, Role::Provider),
        };
        if self.half == Half::Answered { (to, from) } else { (from, to) }
    }
}

/// The sign-in, from the person's wish to what was had with the token.
pub(super) fn told(recording: &Recording, profile_endpoint: Option<&str>) -> Vec<Arrow> {
    let profile = profile_endpoints(recording, profile_endpoint);
    let redirect = first(recording, |entry| entry.kind == Kind::Redirect);
    let mut arrows = Vec::new();
    if recording.entries.iter().any(begins) {
        arrows.push(Arrow::new(What::Wish));
    }
    let mut is_prepared = false;
    for entry in &recording.entries {
        if begins(entry) && !std::mem::replace(&mut is_prepared, true) {
            arrows.push(recorded(What::Preparation, Half::Sent, entry));
        }
        match entry.kind {
            Kind::Request => {
                let steps = exchange(entry, &profile);
                if is_prepared && steps.iter().any(|step| step.what == What::Exchange) {
                    arrows.extend(in_window(recording, &arrows));
                }
                arrows.extend(steps);
            }
            // It is written down, but the browser has not gone yet.
            Kind::Redirect if recording.waiting == Some(Stop::Redirect) => {}
            Kind::Redirect => arrows.push(recorded(What::Redirect, Half::Sent, entry)),
            Kind::Callback => {
                if redirect.is_some() {
                    arrows.extend([Arrow::new(What::Question), Arrow::new(What::Consent)]);
                }
                let took = redirect.map(|before| entry.at.saturating_sub(before.at));
                arrows.push(Arrow { took, ..recorded(What::Callback, Half::Sent, entry) });
            }
        }
    }
    if recording.is_stepwise
        && !arrows.iter().any(|arrow| arrow.what == What::Callback && arrow.is_refusal())
    {
        arrows.extend(to_come(&arrows));
    }
    set_times(recording, &mut arrows);
    set_turns(&mut arrows);
    arrows
}

/// What took place in a window beside the page, which wrote nothing down.
fn in_window(recording: &Recording, arrows: &[Arrow]) -> Vec<Arrow> {
    let is_here = recording.entries.iter().any(|entry| entry.kind != Kind::Request);
    if is_here || arrows.iter().any(|arrow| arrow.what == What::Callback) {
        return Vec::new();
    }
    let steps = [What::Redirect, What::Question, What::Consent, What::Callback];
    steps.into_iter().map(Arrow::new).collect()
}

/// Whether it tells of a sign-in. What the app asks for after a reload is none.
pub(super) fn is_sign_in(arrows: &[Arrow]) -> bool {
    arrows.iter().any(|arrow| matches!(arrow.what, What::Wish | What::Callback | What::Exchange))
}

/// Any sign-in, as it goes.
pub(super) fn in_general() -> Vec<Arrow> {
    let mut arrows = vec![Arrow::new(What::Wish)];
    let expected = EXPECTED.into_iter().map(|(what, half)| Arrow { half, ..Arrow::new(what) });
    arrows.extend(expected);
    arrows
}

/// How a sign-in goes on.
const EXPECTED: [(What, Half); 8] = [
    (What::Redirect, Half::Sent),
    (What::Question, Half::Sent),
    (What::Consent, Half::Sent),
    (What::Callback, Half::Sent),
    (What::Exchange, Half::Sent),
    (What::Exchange, Half::Answered),
    (What::Profile, Half::Sent),
    (What::Profile, Half::Answered),
];

/// What is not there yet.
fn to_come(arrows: &[Arrow]) -> Vec<Arrow> {
    let is_there = |what, half| arrows.iter().any(|arrow| (arrow.what, arrow.half) == (what, half));
    let missing = EXPECTED.into_iter().filter(|(what, half)| !is_there(*what, *half));
    missing.map(|(what, half)| Arrow::to_come(what, half)).collect()
}

/// A request and its answer.
fn exchange(entry: &Entry, profile: &BTreeSet<String>) -> Vec<Arrow> {
    let what = what_is_asked(entry, profile);
    let mut arrows = vec![recorded(what, Half::Sent, entry)];
    if entry.outcome != Outcome::None {
        let took = match &entry.outcome {
            Outcome::Answer(answer) => Some(answer.took),
            _ => None,
        };
        arrows.push(Arrow { took, ..recorded(what, Half::Answered, entry) });
    }
    arrows
}

fn recorded(what: What, half: Half, entry: &Entry) -> Arrow {
    Arrow { half, entry: Some(entry.clone()), ..Arrow::new(what) }
}

fn what_is_asked(entry: &Entry, profile: &BTreeSet<String>) -> What {
    let shows_token = shows_token(entry);
    match entry.body.as_str() {
        _ if shows_token && profile.contains(&entry.url) => What::Profile,
        _ if shows_token => What::Api,
        _ if entry.url.contains("/.well-known/") => What::Discovery,
        body if body.contains("code_challenge=") => What::Push,
        body if body.starts_with("grant_type=authorization_code") => What::Exchange,
        body if body.starts_with("grant_type=refresh_token") => What::Renewal,
        body if body.starts_with("token=") => What::Revocation,
        _ if has_keys(entry) => What::Keys,
        _ => What::Other,
    }
}

fn shows_token(entry: &Entry) -> bool {
    entry.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Authorization"))
}

fn has_keys(entry: &Entry) -> bool {
    let Outcome::Answer(answer) = &entry.outcome else { return entry.url.contains("jwks") };
    Object::parse(&answer.body).is_ok_and(|body| body.has("keys"))
}

/// Where the profile is asked for: what the authorization server says of itself, and what the settings say.
fn profile_endpoints(recording: &Recording, given: Option<&str>) -> BTreeSet<String> {
    let documents = recording.entries.iter().filter_map(|entry| match &entry.outcome {
        Outcome::Answer(answer) if entry.url.contains("/.well-known/") => Some(&answer.body),
        _ => None,
    });
    let endpoint = |body: &String| {
        Some(Object::parse(body).ok()?.optional_text("userinfo_endpoint").ok()??.to_owned())
    };
    let known: BTreeSet<String> =
        documents.filter_map(endpoint).chain(given.map(str::to_owned)).collect();
    if known.is_empty() { beside_the_token_endpoint(recording) } else { known }
}

/// The document of an earlier sign-in was good enough for the app, so that it is not in this recording. The
/// authorization server itself is shown a token for the profile alone.
fn beside_the_token_endpoint(recording: &Recording) -> BTreeSet<String> {
    let Some(server) = token_request(recording).map(|exchange| origin(&exchange.url)) else {
        return BTreeSet::new();
    };
    let entries = recording.entries.iter();
    let asked = entries.filter(|entry| shows_token(entry) && origin(&entry.url) == server);
    asked.map(|entry| entry.url.clone()).collect()
}

/// The address up to its path.
fn origin(url: &str) -> &str {
    let path = url
        .split_once("://")
        .and_then(|(scheme, rest)| Some(scheme.len() + "://".len() + rest.find('/')?));
    path.and_then(|path| url.get(..path)).unwrap_or(url)
}

/// Whether the app asks for a code with it, so that its random values are made up by then.
fn begins(entry: &Entry) -> bool {
    entry.kind == Kind::Redirect || entry.body.contains("code_challenge=")
}

/// What was asked for when the sign-in began: the pushed request, or else the address that the browser went to.
pub(super) fn authorization_request(recording: &Recording) -> Option<&Entry> {
    first(recording, |entry| entry.body.contains("code_challenge="))
        .or_else(|| first(recording, |entry| entry.url.contains("code_challenge=")))
}

/// The request that the code was spent with. The last one: a server may first want a nonce in the proof.
pub(super) fn token_request(recording: &Recording) -> Option<&Entry> {
    let mut entries = recording.entries.iter().rev();
    entries.find(|entry| entry.body.starts_with("grant_type=authorization_code"))
}

fn first(recording: &Recording, is_it: impl Fn(&Entry) -> bool) -> Option<&Entry> {
    recording.entries.iter().find(|entry| is_it(entry))
}

fn is_error(url: &str) -> bool {
    let (_, query) = url.split_once('?').unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "error")
}

/// The server's document may have been read long before, when the page was opened.
fn set_times(recording: &Recording, arrows: &mut [Arrow]) {
    let Some(began) = first(recording, begins).or(recording.entries.first()) else { return };
    for arrow in arrows {
        arrow.after = arrow.entry.as_ref().and_then(|entry| {
            let took =
                if arrow.half == Half::Answered { arrow.took.unwrap_or_default() } else { 0 };
            (entry.at + took).checked_sub(began.at)
        });
    }
}

fn set_turns(arrows: &mut [Arrow]) {
    for index in 0..arrows.len() {
        let (before, rest) = arrows.split_at_mut(index);
        let Some(arrow) = rest.first_mut() else { return };
        let same = |other: &&Arrow| (other.what, other.half) == (arrow.what, arrow.half);
        arrow.turn = before.iter().filter(same).count();
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An entry of a made-up server.
    pub(in super::super) fn entry(kind: Kind, url: &str, body: &str, at: u64) -> Entry {
        Entry {
            kind,
            at,
            method: if body.is_empty() { "GET" } else { "POST" }.to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: body.to_owned(),
            outcome: Outcome::None,
        }
    }

    pub(in super::super) fn answered(entry: Entry, status: u64, body: &str) -> Entry {
        let (headers, body) = (Vec::new(), body.to_owned());
        Entry { outcome: Outcome::Answer(Answer { status, took: 7, headers, body }), ..entry }
    }

    fn request(url: &str, body: &str, at: u64, answer: &str) -> Entry {
        answered(entry(Kind::Request, url, body, at), 200, answer)
    }

    fn with_token(url: &str, at: u64) -> Entry {
        let headers = vec![("Authorization".to_owned(), "Bearer t".to_owned())];
        Entry { headers, ..request(url, "", at, "{}") }
    }

    /// A whole sign-in with a pushed request.
    fn pushed() -> Recording {
        let document = r#"{"userinfo_endpoint": "https://id.example/me"}"#;
        Recording {
            entries: vec![
                request("https://id.example/.well-known/openid-configuration", "", 10, document),
                request("https://id.example/par", "client_id=a&code_challenge=c", 100, "{}"),
                entry(Kind::Redirect, "https://id.example/auth?request_uri=r", "", 110),
                entry(Kind::Callback, "https://app.example/callback.html?code=c&state=s", "", 2110),
                request("https://id.example/jwks", "", 2120, r#"{"keys": []}"#),
                request("https://id.example/token", "grant_type=authorization_code", 2200, "{}"),
                with_token("https://id.example/me", 2300),
                with_token("https://api.example/mail", 9000),
            ],
            ..Recording::default()
        }
    }

    fn whats(arrows: &[Arrow]) -> Vec<(What, Half)> {
        arrows.iter().map(|arrow| (arrow.what, arrow.half)).collect()
    }

    #[test]
    fn a_sign_in_with_a_pushed_request_is_told_in_order() {
        use Half::{Answered, Sent};
        let arrows = told(&pushed(), None);
        let expected = [
            (What::Wish, Sent),
            (What::Discovery, Sent),
            (What::Discovery, Answered),
            (What::Preparation, Sent),
            (What::Push, Sent),
            (What::Push, Answered),
            (What::Redirect, Sent),
            (What::Question, Sent),
            (What::Consent, Sent),
            (What::Callback, Sent),
            (What::Keys, Sent),
            (What::Keys, Answered),
            (What::Exchange, Sent),
            (What::Exchange, Answered),
            (What::Profile, Sent),
            (What::Profile, Answered),
            (What::Api, Sent),
            (What::Api, Answered),
        ];
        assert_eq!(whats(&arrows), expected);
        let callback = arrows.iter().find(|arrow| arrow.what == What::Callback).unwrap();
        assert_eq!((callback.took, callback.after), (Some(2000), Some(2010)));
        assert_eq!(arrows[17].way(), (Role::Api, Role::App));
        assert!(arrows.iter().all(|arrow| !arrow.is_refusal() && !arrow.is_to_come));
    }

    #[test]
    fn the_profile_is_known_without_the_document_of_the_server() {
        let mut recording = pushed();
        recording.entries.remove(0);
        let arrows = whats(&told(&recording, None));
        let asked: Vec<_> = arrows.iter().filter(|(_, half)| *half == Half::Sent).collect();
        assert!(asked.ends_with(&[&(What::Profile, Half::Sent), &(What::Api, Half::Sent)]));
    }

    #[test]
    fn what_took_place_in_a_window_is_told_without_its_requests() {
        let mut recording = pushed();
        recording.entries.retain(|entry| entry.kind == Kind::Request);
        let arrows = told(&recording, None);
        let callback = arrows.iter().position(|arrow| arrow.what == What::Callback).unwrap();
        let exchange = arrows.iter().position(|arrow| arrow.what == What::Exchange).unwrap();
        assert!(callback < exchange && arrows[callback].entry.is_none());
        assert_eq!(arrows.iter().filter(|arrow| arrow.what == What::Callback).count(), 1);
    }

    #[test]
    fn what_is_asked_for_after_a_reload_is_no_sign_in() {
        let entries = vec![with_token("https://id.example/me", 1)];
        let after_reload = Recording { entries, ..Recording::default() };
        assert!(!is_sign_in(&told(&after_reload, None)));
        assert!(is_sign_in(&told(&pushed(), None)));
    }

    #[test]
    fn a_request_in_the_address_has_no_push() {
        let mut recording = pushed();
        recording.entries.remove(1);
        recording.entries[1].url = "https://id.example/auth?code_challenge=c".to_owned();
        let arrows = told(&recording, None);
        assert_eq!(arrows[3].what, What::Preparation);
        assert_eq!(arrows[4].what, What::Redirect);
        assert!(authorization_request(&recording).unwrap().url.contains("/auth?"));
    }

    #[test]
    fn what_the_person_waits_for_is_still_to_come() {
        let mut recording = pushed();
        recording.entries.truncate(3);
        recording.is_stepwise = true;
        recording.waiting = Some(Stop::Redirect);
        let arrows = told(&recording, None);
        let coming = arrows.iter().filter(|arrow| arrow.is_to_come);
        assert_eq!(coming.count(), EXPECTED.len());
        recording.waiting = None;
        let arrows = told(&recording, None);
        assert!(arrows.iter().any(|arrow| arrow.what == What::Redirect && !arrow.is_to_come));
    }

    #[test]
    fn a_refusal_is_told_as_one() {
        let mut recording = pushed();
        recording.entries[5] = answered(recording.entries[5].clone(), 400, "{}");
        let refusals = |recording: &Recording| {
            let arrows = told(recording, None).into_iter();
            arrows.filter(Arrow::is_refusal).map(|arrow| arrow.what).collect::<Vec<_>>()
        };
        assert_eq!(refusals(&recording), [What::Exchange]);
        recording.entries[5].outcome = Outcome::Failed;
        assert_eq!(refusals(&recording), [What::Exchange]);
        recording.entries.truncate(4);
        recording.is_stepwise = true;
        recording.entries[3].url = "https://app.example/?error=access_denied&state=s".to_owned();
        assert_eq!(refusals(&recording), [What::Callback]);
        assert!(told(&recording, None).iter().all(|arrow| !arrow.is_to_come));
    }

    #[test]
    fn a_second_try_is_another_arrow() {
        let mut recording = pushed();
        recording.entries.push(recording.entries[5].clone());
        let arrows = told(&recording, None);
        let names: BTreeSet<Name> = arrows.iter().map(Arrow::name).collect();
        assert_eq!(names.len(), arrows.len());
        assert_eq!(token_request(&recording).unwrap().at, 2200);
    }

    #[test]
    fn the_settings_may_say_where_the_profile_is() {
        let recording = Recording {
            entries: vec![with_token("https://api.example/user", 1)],
            ..Recording::default()
        };
        assert_eq!(told(&recording, None)[0].what, What::Api);
        assert_eq!(told(&recording, Some("https://api.example/user"))[0].what, What::Profile);
    }
}
