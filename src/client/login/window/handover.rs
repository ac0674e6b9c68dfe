//! How the window beside a page hands the provider's answer over, and what it is told.
//!
//! Both sides know the state, and nobody else: it names the channel on which they speak.

use core::time::Duration;

use crate::protocol::SecureUrl;

/// How often it is looked whether the window is still there.
pub(crate) const INTERVAL: Duration = Duration::from_millis(250);
/// How long the person is back at the page, and the window gone, before the sign-in counts as cancelled:
/// an answer may still be on its way.
const GRACE: Duration = Duration::from_secs(2);

/// What the page that takes the answer says to the window.
pub(crate) enum Word {
    /// The answer is here: stay until I know what comes of it.
    Wait,
    /// Nothing more is needed: close.
    Done,
    /// The sign-in begins again: go there.
    Go(SecureUrl),
}

impl Word {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Wait => "wait".to_owned(),
            Self::Done => "done".to_owned(),
            Self::Go(url) => ["go ", url.as_str()].concat(),
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "wait" => Some(Self::Wait),
            "done" => Some(Self::Done),
            _ => SecureUrl::parse(text.strip_prefix("go ")?).ok().map(Self::Go),
        }
    }
}

/// The channel on which the answer to the login of this state is handed over.
pub(crate) fn channel_name(state: &str) -> String {
    ["pixy-login:popup:", state].concat()
}

/// How long the window has seemed to be gone.
#[derive(Default)]
pub(crate) struct Absence(Duration);

impl Absence {
    /// To be called once an [`INTERVAL`]. Returns whether the window counts as closed.
    pub(crate) fn is_over(&mut self, is_closed: bool, is_person_back: bool) -> bool {
        // Else the person may be in the window, which is out of reach.
        self.0 = if is_closed && is_person_back { self.0 + INTERVAL } else { Duration::ZERO };
        self.0 >= GRACE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_survives_the_way_through_text() {
        let url = SecureUrl::parse("https://id.example/authorize?a=b").unwrap();
        for word in [Word::Wait, Word::Done, Word::Go(url)] {
            assert_eq!(Word::parse(&word.text()).map(|word| word.text()), Some(word.text()));
        }
        assert!(Word::parse("go javascript:alert(1)").is_none());
    }

    #[test]
    fn a_window_is_closed_when_it_is_gone_for_a_while_and_the_person_is_back() {
        let mut absence = Absence::default();
        assert!((0..100).all(|_| !absence.is_over(true, false)));
        assert!((0..7).all(|_| !absence.is_over(true, true)));
        assert!(!absence.is_over(false, true));
        assert!((0..7).all(|_| !absence.is_over(true, true)));
        assert!(absence.is_over(true, true));
    }
}
