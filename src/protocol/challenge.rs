//! `WWW-Authenticate`: why a resource server refused (RFC 9110 section 11.6.1, RFC 6750 section 3).

use super::text::{presentable, split};

/// One challenge of the header: a scheme and its parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// Reads the header: any number of challenges, schemes and names in any case, values as tokens or
    /// quoted strings. What can't be read ends the list; nothing is guessed.
    ///
    /// ```
    /// use pixy_login::protocol::Challenge;
    ///
    /// let header = r#"Bearer realm="mail", error="insufficient_scope", scope="mail""#;
    /// let challenges = Challenge::parse(header);
    /// assert!(challenges[0].is("bearer"));
    /// assert_eq!(challenges[0].get("scope"), Some("mail"));
    /// ```
    pub fn parse(header: &str) -> Vec<Self> {
        let mut challenges: Vec<Self> = Vec::new();
        let mut rest = header;
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            let (word, behind) = token(rest);
            if word.is_empty() {
                return challenges;
            }
            let spaced = behind.trim_start_matches([' ', '\t']);
            if let Some(value) = spaced.strip_prefix('=').filter(|_| !challenges.is_empty()) {
                let Some((value, behind)) = parameter_value(value) else {
                    return challenges;
                };
                if let Some(challenge) = challenges.last_mut() {
                    challenge.parameters.push((word.to_ascii_lowercase(), value));
                }
                rest = behind;
            } else {
                challenges.push(Self { scheme: word.to_owned(), parameters: Vec::new() });
                rest = skip_token68(spaced);
            }
        }
    }

    /// Whether it is of this scheme, in any case.
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The value of a parameter, `None` when it is absent or stands twice (RFC 9110 section 11.2).
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut values =
            self.parameters.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// The `error_description`, made fit to be shown.
    pub fn description(&self) -> Option<String> {
        self.get("error_description").map(presentable)
    }
}

/// The token at the beginning, and what is behind it (RFC 9110 section 5.6.2).
fn token(text: &str) -> (&str, &str) {
    let is_token = |character: char| {
        character.is_ascii_alphanumeric()
            || "!#$%&'*+-.^_`|~".chars().any(|known| known == character)
    };
    let end = text.find(|character| !is_token(character)).unwrap_or(text.len());
    split(text, end)
}

fn parameter_value(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start_matches([' ', '\t']);
    if let Some(quoted) = text.strip_prefix('"') {
        return quoted_string(quoted);
    }
    let (value, behind) = token(text);
    (!value.is_empty() && ends_here(behind)).then(|| (value.to_owned(), behind))
}

/// Whether a token is at its end: one that something else follows was cut off (RFC 9110 section 11.2).
fn ends_here(behind: &str) -> bool {
    behind.is_empty() || behind.starts_with([' ', '\t', ','])
}

/// What stands up to the closing quote, escapes taken off (RFC 9110 section 5.6.4).
fn quoted_string(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return Some((value, characters.as_str())),
            '\\' => value.push(characters.next()?),
            _ => value.push(character),
        }
    }
    None
}

/// Skips the token68 form of credentials, `Basic abc==`, which has no parameters.
fn skip_token68(text: &str) -> &str {
    let is_token68 = |character: char| {
        character.is_ascii_alphanumeric() || "-._~+/".chars().any(|known| known == character)
    };
    let end = text.find(|character| !is_token68(character)).unwrap_or(text.len());
    let behind = split(text, end).1.trim_start_matches('=');
    let ends_there = behind.trim_start_matches([' ', '\t']).is_empty() || behind.starts_with([',']);
    // `realm="x"` begins with a token68, too: only a list's end or comma behind it tells them apart.
    if end > 0 && ends_there { behind } else { text }
}
