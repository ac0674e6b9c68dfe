//! What was given out, by the case's segment of the path: tokens.

use std::collections::HashMap;
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

/// What the server remembers of a segment.
#[derive(Debug, Default)]
pub struct Session {
    access_tokens: HashMap<String, Token>,
}

impl Session {
    /// Gives out the access token of a sign-in, which has the same name every time.
    pub fn begin(&mut self, segment: &str, grant: Grant) -> (String, Token) {
        let token = Token { grant };
        let text = access_token(segment);
        self.access_tokens.insert(text.clone(), token.clone());
        (text, token)
    }

    /// What an access token stands for.
    pub fn find_access_token(&self, text: &str) -> Option<Token> {
        self.access_tokens.get(text).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_knows_its_own_tokens() {
        let sessions = Sessions::default();
        let (text, _) = sessions.with("x", |session| session.begin("x", Grant::default()));
        let is_known = |segment| sessions.with(segment, |it| it.find_access_token(&text).is_some());
        assert!(is_known("x") && !is_known("y"));
        sessions.reset("x");
        assert!(!is_known("x"));
    }
}
