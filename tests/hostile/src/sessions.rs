//! What was given out, by the case's segment of the path: tokens, nonces, and what may come once.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

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
    /// The sign-in that it comes from; its refresh tokens are one family.
    family: u64,
}

/// How a token is known.
#[derive(Clone, Debug)]
pub enum Known {
    /// It was given out here.
    Valid(Token),
    /// It was given out and taken back.
    Revoked,
    /// It was never given out here.
    Unknown,
}

/// What the server remembers of a segment.
#[derive(Debug, Default)]
pub struct Session {
    access_tokens: HashMap<String, Token>,
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
}

impl Session {
    /// Gives out the access token of a sign-in, which has the same name every time.
    pub fn begin(&mut self, segment: &str, grant: Grant, key: Option<String>) -> (String, Token) {
        self.families += 1;
        let token = Token { grant, key, family: self.families };
        let text = access_token(segment);
        self.revoked.remove(&text);
        self.access_tokens.insert(text.clone(), token.clone());
        (text, token)
    }

    /// Gives out the access token of a refresh: `access-token-2-of-…` and so on.
    pub fn refresh(&mut self, segment: &str, token: &Token) -> String {
        self.refreshes += 1;
        let text = format!("access-token-{}-of-{segment}", self.refreshes + 1);
        self.access_tokens.insert(text.clone(), token.clone());
        text
    }

    /// Gives out a refresh token.
    pub fn refresh_token(&mut self, segment: &str, token: &Token) -> String {
        self.refresh_token_count += 1;
        let text = format!("refresh-token-{}-of-{segment}", self.refresh_token_count);
        self.refresh_tokens.insert(text.clone(), token.clone());
        text
    }

    /// What a refresh token stands for. One that was spent ends its family (RFC 9700 section
    /// 4.14.2).
    pub fn find_refresh_token(&mut self, text: &str) -> Option<Token> {
        if let Some(family) = self.spent.get(text).copied() {
            self.end_family(family);
        }
        self.refresh_tokens.get(text).cloned()
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
            return Known::Revoked;
        }
        self.access_tokens.get(text).cloned().map_or(Known::Unknown, Known::Valid)
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
        let ended = self.access_tokens.extract_if(|_, token| token.family == family);
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

    fn is_revoked(session: &Session, text: &str) -> bool {
        matches!(session.find_access_token(text), Known::Revoked)
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
        assert!(!is_revoked(&session, &access), "the second sign-in's token has the same name");
    }

    #[test]
    fn revoking_a_refresh_token_takes_the_access_tokens_too() {
        let (mut session, access, refresh) = session();
        session.revoke(&refresh);
        assert!(is_revoked(&session, &access));
        assert!(session.find_refresh_token(&refresh).is_none());
        session.begin("x", Grant::default(), None);
        assert!(!is_revoked(&session, &access));
    }

    #[test]
    fn revoking_an_access_token_leaves_the_refresh_token() {
        let (mut session, access, refresh) = session();
        session.revoke(&access);
        assert!(is_revoked(&session, &access));
        assert!(session.find_refresh_token(&refresh).is_some());
        assert!(matches!(session.find_access_token("other"), Known::Unknown));
    }
}
