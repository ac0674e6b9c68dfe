//! The demo's two languages. Each text stands where it is shown, in both.

/// A language of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// English, also for people of other languages.
    English,
    /// Japanese.
    Japanese,
}

impl Language {
    /// The language for a tag such as `ja-JP` (RFC 5646).
    pub(crate) fn from_tag(tag: &str) -> Self {
        let primary = tag.split('-').next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("ja") { Self::Japanese } else { Self::English }
    }

    /// The tag of the language: `ja`.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }
}

/// Chooses between the languages.
#[derive(Clone, Copy)]
pub(crate) struct Words(pub(crate) Language);

impl Words {
    /// The text in the person's language.
    pub(crate) const fn say(self, english: &'static str, japanese: &'static str) -> &'static str {
        match self.0 {
            Language::Japanese => japanese,
            Language::English => english,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japanese_is_for_japanese_and_english_for_the_rest() {
        assert_eq!(Language::from_tag("ja"), Language::Japanese);
        assert_eq!(Language::from_tag("JA-JP"), Language::Japanese);
        assert_eq!(Language::from_tag("jam"), Language::English);
        assert_eq!(Language::from_tag(""), Language::English);
    }
}
