//! The command line of one command: words, and `--name value` or `--name=value`.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Failure, Result};

/// What was given, checked against what the command knows.
#[derive(Debug, Default, PartialEq)]
pub struct Arguments {
    /// The words without dashes, in their order.
    pub words: Vec<String>,
    /// What stands after `--`, to be passed on.
    pub passed_on: Vec<String>,
    /// Whether `--help` was given.
    pub help: bool,
    values: BTreeMap<String, Vec<String>>,
    flags: BTreeSet<String>,
}

impl Arguments {
    /// Reads the arguments of a command that knows these options, each of which takes a value.
    pub fn parse(given: Vec<String>, known: &[&str]) -> Result<Self> {
        Self::parse_with_flags(given, known, &[])
    }

    /// The same for a command that also knows these flags, which take no value.
    pub fn parse_with_flags(given: Vec<String>, known: &[&str], flags: &[&str]) -> Result<Self> {
        let mut arguments = Self::default();
        let mut given = given.into_iter();
        while let Some(argument) = given.next() {
            match argument.as_str() {
                "--" => arguments.passed_on.extend(given.by_ref()),
                "--help" | "-h" => arguments.help = true,
                flag if flags.contains(&flag) => {
                    arguments.flags.insert(argument);
                }
                option if option.starts_with('-') => {
                    arguments.take_option(option, known, &mut given)?;
                }
                _ => arguments.words.push(argument),
            }
        }
        Ok(arguments)
    }

    fn take_option(
        &mut self,
        option: &str,
        known: &[&str],
        rest: &mut impl Iterator<Item = String>,
    ) -> Result<()> {
        let (name, joined) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (option, None),
        };
        let Some(known_name) = known.iter().find(|known| **known == name) else {
            return Err(Failure::message(format!(
                "there is no option '{name}' here; --help lists them"
            )));
        };
        let value = joined
            .or_else(|| rest.next())
            .ok_or_else(|| Failure::message(format!("{name} needs a value")))?;
        self.values.entry((*known_name).to_owned()).or_default().push(value);
        Ok(())
    }

    /// Whether a flag was given.
    pub fn has(&self, flag: &str) -> bool {
        self.flags.contains(flag)
    }

    /// Whether a word was given.
    pub fn has_word(&self, word: &str) -> bool {
        self.words.iter().any(|given| given == word)
    }

    /// The value of an option; the last one, when it was given more than once.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.all(name).last().map(String::as_str)
    }

    /// All values of an option that may be given more than once, in their order.
    pub fn all(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// The port of an option, or the usual one.
    pub fn port(&self, name: &str, usual: u16) -> Result<u16> {
        let Some(text) = self.value(name) else {
            return Ok(usual);
        };
        match text.parse() {
            Ok(port) if port > 0 => Ok(port),
            _ => Err(Failure::message(format!(
                "{name} must be a port from 1 to 65535, not '{text}'"
            ))),
        }
    }

    /// Fails when words were given to a command that takes none.
    pub fn no_words(&self) -> Result<()> {
        self.no_words_after(0)
    }

    /// Fails when more words were given than so many.
    pub fn no_words_after(&self, most: usize) -> Result<()> {
        match self.words.get(most) {
            None => Ok(()),
            Some(word) => Err(means_nothing(word)),
        }
    }

    /// Fails when there is a word that is none of these, or one that was said before.
    pub fn only_words(&self, known: &[&str]) -> Result<()> {
        let is_odd = |(index, word): &(usize, &String)| {
            !known.contains(&word.as_str()) || self.words[..*index].contains(word)
        };
        match self.words.iter().enumerate().find(is_odd) {
            None => Ok(()),
            Some((_, word)) => Err(means_nothing(word)),
        }
    }
}

fn means_nothing(word: &str) -> Failure {
    Failure::message(format!("'{word}' means nothing here; --help says what does"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str, known: &[&str]) -> Result<Arguments> {
        Arguments::parse(line.split_whitespace().map(str::to_owned).collect(), known)
    }

    #[test]
    fn reads_words_options_and_what_is_passed_on() {
        let arguments = parse("native --port 1 --out=x -- --port 2", &["--port", "--out"]).unwrap();
        assert_eq!(arguments.words, ["native"]);
        assert_eq!(arguments.value("--port"), Some("1"));
        assert_eq!(arguments.value("--out"), Some("x"));
        assert_eq!(arguments.passed_on, ["--port", "2"]);
        assert!(!arguments.help);
    }

    #[test]
    fn refuses_unknown_options_and_missing_values() {
        assert!(parse("--prot 1", &["--port"]).is_err());
        assert!(parse("--port", &["--port"]).is_err());
    }

    #[test]
    fn an_option_can_be_given_more_than_once() {
        let arguments = parse("--out a --out=b", &["--out", "--port"]).unwrap();
        assert_eq!(arguments.all("--out"), ["a", "b"]);
        assert_eq!(arguments.value("--out"), Some("b"));
        assert!(arguments.all("--port").is_empty());
    }

    #[test]
    fn a_flag_takes_no_value() {
        let given = ["--write", "keycloak"].map(str::to_owned).to_vec();
        let arguments = Arguments::parse_with_flags(given, &[], &["--write"]).unwrap();
        assert!(arguments.has("--write"));
        assert!(!arguments.has("--peer"));
        assert_eq!(arguments.words, ["keycloak"]);
        assert!(parse("--write", &[]).is_err());
    }

    #[test]
    fn reads_ports() {
        let arguments = parse("--port 8081 --zero 0", &["--port", "--zero"]).unwrap();
        assert_eq!(arguments.port("--port", 8080).unwrap(), 8081);
        assert_eq!(arguments.port("--other", 9400).unwrap(), 9400);
        assert!(arguments.port("--zero", 1).is_err());
    }

    #[test]
    fn help_is_seen_anywhere_but_after_two_dashes() {
        assert!(parse("native --help", &[]).unwrap().help);
        assert!(!parse("native -- --help", &[]).unwrap().help);
    }
}
