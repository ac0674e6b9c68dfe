//! What was given out, by the case's segment of the path: tokens, nonces, and what may come once.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::grant::Grant;
use crate::responses::access_token;

/// What the server remembers, segment by segment.
#[derive(Debug, Default)]
pub struct Sessions {
    segments: Mutex<HashMap<String, Session>>,
}

impl Sessions {
    /// Works on what is remembered of a segment.
    pub fn with<R>(&self, segment: &str, work: impl FnOnce(&mut Session) -> R) -> R {
        let mut segments = self.segments.lock().unwrap_or_else(PoisonError::into_inner);
        work(segments.entry(segment.to_owned()).or_default())
    }

    /// Forgets a segment.
    pub fn reset(&self, segment: &str) {
        self.segments.lock().unwrap_or_else(PoisonError::into_inner).remove(segment);
    }
}

/// What a token stands for.
#[derive(Clone, Debug)]
pub struct Token {
    /// What it grants.
    pub grant: Grant,
    /// The thumbprint of the key that it is bound to.
    pub key: Option<String>,
    /// The one API that it is for, when it was asked for with that.
    pub resource: Option<String>,
    /// The sign-in that it comes from; its refresh tokens are one family.
    family: u64,
}

/// How a token is known.
#[derive(Clone, Debug)]
pub enum Known {
    /// It was given out here.
    Valid(Box<Token>),
    /// It was given out, and was taken back or has run out.
    Over,
    /// It was never given out here.
    Unknown,
}

/// How long access tokens are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// So many seconds, as the token response says.
    Seconds(u64),
    /// For ever, and the token response says nothing of it.
    Unsaid,
}

impl Default for Lifetime {
    fn default() -> Self {
        Self::Seconds(3600)
    }
}

/// An access token that was given out.
#[derive(Debug)]
struct Issued {
    token: Token,
    /// When it runs out.
    until: Option<Instant>,
}

/// What the server remembers of a segment.
#[derive(Debug, Default)]
pub struct Session {
    access_tokens: HashMap<String, Issued>,
    /// Codes that were spent, and the sign-ins that they began.
    codes: HashMap<String, u64>,
    /// How long the access tokens are good that are given out from now on.
    pub lifetime: Lifetime,
    refresh_tokens: HashMap<String, Token>,
    /// Refresh tokens that served and are no longer good.
    spent: HashMap<String, u64>,
    revoked: HashSet<String>,
    families: u64,
    refreshes: u64,
    refresh_token_count: u64,
    /// What may come once: the `jti` of proofs and the request URIs.
    seen: HashSet<String>,
    /// The newest nonces of the authorization server and of the resource server.
    pub nonces: [u64; 2],
    pushed_requests: u64,
    /// Every token that was ever given out, ID tokens, too.
    given_out: Vec<String>,
}

impl Session {
    /// Gives out the access token of a sign-in, which has the same name every time.
    pub fn begin(&mut self, segment: &str, grant: Grant, key: Option<String>) -> (String, Token) {
        self.families += 1;
        let token = Token { grant, key, resource: None, family: self.families };
        let text = access_token(segment);
        self.revoked.remove(&text);
        self.issue(&text, &token);
        (text, token)
    }

    fn issue(&mut self, text: &str, token: &Token) {
        let until = match self.lifetime {
            Lifetime::Seconds(seconds) => Instant::now().checked_add(Duration::from_secs(seconds)),
            Lifetime::Unsaid => None,
        };
        self.access_tokens.insert(text.to_owned(), Issued { token: token.clone(), until });
        self.given_out.push(text.to_owned());
    }

    /// Has every access token run out.
    pub fn expire(&mut self) {
        for issued in self.access_tokens.values_mut() {
            issued.until = Some(Instant::now());
        }
    }

    /// Notes the sign-in that a code began.
    pub fn spend_code(&mut self, code: &str, token: &Token) {
        self.codes.insert(code.to_owned(), token.family);
    }

    /// Whether a code was spent before. That ends what it began (RFC 6749 section 4.1.2).
    pub fn is_code_spent(&mut self, code: &str) -> bool {
        let family = self.codes.get(code).copied();
        if let Some(family) = family {
            self.end_family(family);
        }
        family.is_some()
    }

    /// Gives out the access token of a refresh: `access-token-2-of-…` and so on.
    pub fn refresh(&mut self, segment: &str, token: &Token) -> String {
        self.refreshes += 1;
        let text = format!("access-token-{}-of-{segment}", self.refreshes + 1);
        self.issue(&text, token);
        text
    }

    /// Gives out a refresh token.
    pub fn refresh_token(&mut self, segment: &str, token: &Token) -> String {
        self.refresh_token_count += 1;
        let text = format!("refresh-token-{}-of-{segment}", self.refresh_token_count);
        self.refresh_tokens.insert(text.clone(), token.clone());
        self.given_out.push(text.clone());
        text
    }

    /// Notes an ID token that is given out.
    pub fn note_id_token(&mut self, text: &str) {
        self.given_out.push(text.to_owned());
    }

    /// Every token that was given out, ID tokens, too.
    pub fn given_out(&self) -> Vec<String> {
        self.given_out.clone()
    }

    /// What a refresh token stands for. One that was spent ends its family (RFC 9700 section
    /// 4.14.2).
    pub fn find_refresh_token(&mut self, text: &str) -> Option<Token> {
        if let Some(family) = self.spent.get(text).copied() {
            self.end_family(family);
        }
        self.refresh_tokens.get(text).cloned()
    }

    /// Whether a refresh token was spent before.
    pub fn is_spent(&self, text: &str) -> bool {
        self.spent.contains_key(text)
    }

    /// Makes a refresh token useless.
    pub fn spend(&mut self, text: &str) {
        if let Some(token) = self.refresh_tokens.remove(text) {
            self.spent.insert(text.to_owned(), token.family);
        }
    }

    /// What an access token stands for.
    pub fn find_access_token(&self, text: &str) -> Known {
        if self.revoked.contains(text) {
            return Known::Over;
        }
        let Some(issued) = self.access_tokens.get(text) else { return Known::Unknown };
        match issued.until {
            Some(until) if until <= Instant::now() => Known::Over,
            _ => Known::Valid(Box::new(issued.token.clone())),
        }
    }

    /// Takes a token back; with a refresh token everything of its sign-in (RFC 7009 section 2.1).
    pub fn revoke(&mut self, text: &str) {
        let refresh_token = self.refresh_tokens.get(text).map(|token| token.family);
        if let Some(family) = refresh_token.or(self.spent.get(text).copied()) {
            self.end_family(family);
        }
        if self.access_tokens.remove(text).is_some() {
            self.revoked.insert(text.to_owned());
        }
    }

    fn end_family(&mut self, family: u64) {
        self.refresh_tokens.retain(|_, token| token.family != family);
        let ended = self.access_tokens.extract_if(|_, issued| issued.token.family == family);
        self.revoked.extend(ended.map(|(text, _)| text));
    }

    /// Whether this comes for the first time.
    pub fn is_new(&mut self, text: &str) -> bool {
        self.seen.insert(text.to_owned())
    }

    /// The next number of a pushed authorization request.
    pub fn next_pushed_request(&mut self) -> u64 {
        self.pushed_requests += 1;
        self.pushed_requests
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> (Session, String, String) {
        let mut session = Session::default();
        let (access, token) = session.begin("x", Grant::default(), None);
        let refresh = session.refresh_token("x", &token);
        (session, access, refresh)
    }

    fn is_over(session: &Session, text: &str) -> bool {
        matches!(session.find_access_token(text), Known::Over)
    }

    #[test]
    fn access_tokens_run_out_after_their_time_or_at_once() {
        let (mut session, first, _) = session();
        session.lifetime = Lifetime::Seconds(0);
        let (second, token) = session.begin("y", Grant::default(), None);
        assert!(!is_over(&session, &first) && is_over(&session, &second));
        session.lifetime = Lifetime::Unsaid;
        let third = session.refresh("y", &token);
        assert!(!is_over(&session, &third));
        session.expire();
        assert!(is_over(&session, &first) && is_over(&session, &third));
    }

    #[test]
    fn a_code_that_comes_twice_ends_what_it_began() {
        let (mut session, access, refresh) = session();
        let token = session.find_refresh_token(&refresh).unwrap();
        assert!(!session.is_code_spent("code"));
        session.spend_code("code", &token);
        assert!(!session.is_code_spent("another") && !is_over(&session, &access));
        assert!(session.is_code_spent("code"));
        assert!(is_over(&session, &access) && session.find_refresh_token(&refresh).is_none());
    }

    #[test]
    fn a_spent_refresh_token_ends_its_family_only() {
        let (mut session, access, refresh) = session();
        let token = session.find_refresh_token(&refresh).unwrap();
        session.spend(&refresh);
        let next = session.refresh_token("x", &token);
        assert_eq!(next, "refresh-token-2-of-x");
        assert!(session.find_refresh_token(&next).is_some());
        let (_, other) = session.begin("x", Grant::default(), None);
        let other = session.refresh_token("x", &other);

        assert!(session.find_refresh_token(&refresh).is_none());
        assert!(session.find_refresh_token(&next).is_none());
        assert!(session.find_refresh_token(&other).is_some());
        assert!(!is_over(&session, &access), "the second sign-in's token has the same name");
    }

    #[test]
    fn revoking_a_refresh_token_takes_the_access_tokens_too() {
        let (mut session, access, refresh) = session();
        session.revoke(&refresh);
        assert!(is_over(&session, &access));
        assert!(session.find_refresh_token(&refresh).is_none());
        session.begin("x", Grant::default(), None);
        assert!(!is_over(&session, &access));
    }

    #[test]
    fn what_was_given_out_is_told_also_when_it_is_over() {
        let (mut session, access, refresh) = session();
        session.note_id_token("a.b.c");
        session.revoke(&refresh);
        assert_eq!(session.given_out(), [access, refresh, "a.b.c".to_owned()]);
    }

    #[test]
    fn revoking_an_access_token_leaves_the_refresh_token() {
        let (mut session, access, refresh) = session();
        session.revoke(&access);
        assert!(is_over(&session, &access));
        assert!(session.find_refresh_token(&refresh).is_some());
        assert!(matches!(session.find_access_token("other"), Known::Unknown));
    }
}
