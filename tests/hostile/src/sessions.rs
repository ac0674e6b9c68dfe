//! What was given out, by the case's segment of the path: tokens.

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
    revoked: HashSet<String>,
}

impl Session {
    /// Gives out the access token of a sign-in, which has the same name every time.
    pub fn begin(&mut self, segment: &str, grant: Grant) -> (String, Token) {
        let token = Token { grant };
        let text = access_token(segment);
        self.revoked.remove(&text);
        self.access_tokens.insert(text.clone(), token.clone());
        (text, token)
    }

    /// What an access token stands for.
    pub fn find_access_token(&self, text: &str) -> Known {
        if self.revoked.contains(text) {
            return Known::Revoked;
        }
        self.access_tokens.get(text).cloned().map_or(Known::Unknown, Known::Valid)
    }

    /// Takes a token back.
    pub fn revoke(&mut self, text: &str) {
        if self.access_tokens.remove(text).is_some() {
            self.revoked.insert(text.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revoked_token_is_good_again_after_the_next_sign_in() {
        let mut session = Session::default();
        let (text, _) = session.begin("x", Grant::default());
        session.revoke(&text);
        assert!(matches!(session.find_access_token(&text), Known::Revoked));
        session.begin("x", Grant::default());
        assert!(matches!(session.find_access_token(&text), Known::Valid(_)));
        assert!(matches!(session.find_access_token("other"), Known::Unknown));
    }
}
