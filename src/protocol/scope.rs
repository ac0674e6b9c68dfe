//! Scopes: what an access token may be used for (RFC 6749 section 3.3).

use core::fmt;

use super::error::{Error, ErrorCode};

/// The most scope tokens that anybody asks for.
const MOST: usize = 500;

/// A set of scope tokens, in the order in which they were named.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Scope(Vec<String>);

impl Scope {
    /// Reads a space-delimited list. Empty is allowed: the provider's default.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InvalidScope`] for a character that RFC 6749 section 3.3 doesn't allow.
    ///
    /// ```
    /// use pixy_login::protocol::Scope;
    ///
    /// let scope = Scope::parse("openid profile").unwrap();
    /// assert!(scope.contains("profile"));
    /// assert!(!scope.contains("mail"));
    /// ```
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut scope = Self::default();
        for token in text.split(' ').filter(|token| !token.is_empty()) {
            if !token.bytes().all(is_scope_character) {
                return Err(Error::new(ErrorCode::InvalidScope).about(text));
            }
            scope.insert(token);
            if scope.0.len() > MOST {
                return Err(Error::new(ErrorCode::InvalidScope).about("length"));
            }
        }
        Ok(scope)
    }

    /// Whether the scope token is in the set. Compared to the letter.
    pub fn contains(&self, token: &str) -> bool {
        self.0.iter().any(|known| known == token)
    }

    /// This set and the other.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut union = self.clone();
        for token in &other.0 {
            union.insert(token);
        }
        union
    }

    /// The tokens of this set that the other lacks.
    #[must_use]
    pub fn missing_from(&self, other: &Self) -> Self {
        let missing = self.0.iter().filter(|token| !other.contains(token));
        Self(missing.cloned().collect())
    }

    /// Whether the set is empty.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The set as requests and answers write it: tokens between spaces (RFC 6749 section 3.3).
    pub fn joined(&self) -> String {
        self.0.join(" ")
    }

    /// The scope tokens.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    fn insert(&mut self, token: &str) {
        if !self.contains(token) {
            self.0.push(token.to_owned());
        }
    }
}

/// `%x21 / %x23-5B / %x5D-7E` (RFC 6749 section 3.3).
const fn is_scope_character(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.joined())
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
