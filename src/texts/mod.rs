//! What people read, in the components and in the widget.
//!
//! English is in the program. Another language, or other words in English, is a JSON file, so that it weighs
//! nothing where nobody reads it. How texts are laid out belongs to the components and the widget; what the demo
//! alone says, to the demo.

mod initials;

use std::sync::Arc;

use crate::protocol::json::{Object, Value};
use crate::protocol::{Error, ErrorCode, Fault};

pub(crate) use initials::initials;

/// The texts of the components and the widget in one language. What others have no words for is in English.
///
/// ```
/// use pixy_login::texts::Texts;
///
/// let texts = Texts::from_json(r#"{ "language": "de", "sign_in": "Anmelden" }"#)?;
/// assert_eq!(texts.sign_in(), "Anmelden");
/// assert_eq!(texts.sign_out(), "Sign out");
/// # Ok::<(), pixy_login::protocol::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Texts(Option<Arc<Object>>);

impl Texts {
    /// The texts in English.
    pub const fn english() -> Self {
        Self(None)
    }

    /// The texts in Japanese. A program that never calls this does not have them in it.
    pub fn japanese() -> Self {
        Self::from_json(include_str!("ja.json")).unwrap_or_default()
    }

    /// Texts in another language, or an app's own in English. `language` is the language's tag (RFC 5646), such as
    /// `de` or `pt-BR`; the other names are those of `src/texts/ja.json`, any of which may be left out.
    ///
    /// # Errors
    ///
    /// `invalid_config` for what is no JSON object, or does not name its language.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let wrong = |_| Error::new(ErrorCode::InvalidConfig).about("texts");
        let object = Object::parse(json).map_err(wrong)?;
        object.text("language").map_err(wrong)?;
        Ok(Self(Some(Arc::new(object))))
    }

    /// Of these texts, those for a language: of the same tag (`pt-BR`), or else of the same language (`pt`). Where
    /// there are none, those in English, be they the app's own or the usual ones.
    pub fn choose(texts: &[Self], language: &str) -> Self {
        let find = |language: &str| {
            let primary =
                |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
            let same = texts.iter().find(|texts| texts.language().eq_ignore_ascii_case(language));
            same.or_else(|| {
                texts.iter().find(|texts| primary(texts.language()) == primary(language))
            })
        };
        find(language).or_else(|| find("en")).cloned().unwrap_or_default()
    }

    /// The tag of the language: `en`.
    pub fn language(&self) -> &str {
        self.text("language", "en")
    }

    /// On the button that signs in.
    pub fn sign_in(&self) -> &str {
        self.text("sign_in", "Sign in")
    }

    /// While a sign-in is under way.
    pub fn signing_in(&self) -> &str {
        self.text("signing_in", "Signing in…")
    }

    /// On the button, while the person signs in in a window beside the page.
    pub fn in_popup(&self) -> &str {
        self.text("in_popup", "Continue in the other window")
    }

    /// On the button that calls that off.
    pub fn cancel(&self) -> &str {
        self.text("cancel", "Cancel")
    }

    /// In that window, when it is done and can't close itself.
    pub fn handed_over(&self) -> &str {
        const ENGLISH: &str =
            "The sign-in goes on in the window where it began. You may close this one.";
        self.text("handed_over", ENGLISH)
    }

    /// On the button that signs out.
    pub fn sign_out(&self) -> &str {
        self.text("sign_out", "Sign out")
    }

    /// On the button of an error.
    pub fn try_again(&self) -> &str {
        self.text("try_again", "Try again")
    }

    /// While the profile is on its way.
    pub fn loading_profile(&self) -> &str {
        self.text("loading_profile", "Loading the profile…")
    }

    /// In the place of further claims, where there are none.
    pub fn empty_profile(&self) -> &str {
        self.text("empty_profile", "The provider tells nothing more.")
    }

    /// In the place of a name that the provider does not tell.
    pub fn nameless(&self) -> &str {
        self.text("nameless", "Signed in")
    }

    /// Before the name, for those who do not see the picture.
    pub fn picture_of(&self) -> &str {
        self.text("picture_of", "Picture of ")
    }

    /// Beside an e-mail address that the provider has not seen to be the person's.
    pub fn not_verified(&self) -> &str {
        self.text("not_verified", "not confirmed")
    }

    /// A claim that is true.
    pub fn yes(&self) -> &str {
        self.text("yes", "yes")
    }

    /// A claim that is false.
    pub fn no(&self) -> &str {
        self.text("no", "no")
    }

    /// Before a page for people who are signed in.
    pub fn sign_in_needed(&self) -> &str {
        self.text("sign_in_needed", "Sign in to see this page. You come back right here.")
    }

    /// Before the one who has to act on an error.
    pub fn who_acts(&self) -> &str {
        self.text("who_acts", "Who can change it")
    }

    /// Before what an error is about.
    pub fn about(&self) -> &str {
        self.text("about", "It is about")
    }

    /// Before the provider's own words.
    pub fn provider_says(&self) -> &str {
        self.text("provider_says", "The server's own words")
    }

    /// Before the code of an error.
    pub fn code(&self) -> &str {
        self.text("code", "Code")
    }

    /// On the link to the explanation of an error.
    pub fn more(&self) -> &str {
        self.text("more", "More about this error")
    }

    /// What happened: a sentence.
    pub fn meaning(&self, code: ErrorCode) -> &str {
        self.of_error(code, 0).unwrap_or(code.meaning())
    }

    /// What to do: a sentence for the one who has to act.
    pub fn advice(&self, code: ErrorCode) -> &str {
        self.of_error(code, 1).unwrap_or(code.advice())
    }

    /// Who has to act.
    pub fn fault(&self, error: &Error) -> &str {
        self.in_list("faults", error.fault().as_str()).unwrap_or(match error.fault() {
            Fault::Configuration => "The app's developer, in its settings",
            Fault::Provider => "The sign-in provider",
            Fault::Browser => "You, in the browser",
            Fault::Network => "The network, or whoever runs the server",
            Fault::Person => "You",
            Fault::Attack => {
                "Nobody here: the answer looks forged or mixed up, and was not believed"
            }
        })
    }

    /// The name of a claim (OpenID Connect Core 5.1): in words where there are some, else as it came.
    pub fn claim(&self, name: &str) -> String {
        if let Some(words) = self.in_list("claims", name) {
            return words.to_owned();
        }
        match name {
            "sub" => "Identifier".to_owned(),
            "zoneinfo" => "Time zone".to_owned(),
            "locale" => "Language".to_owned(),
            _ => name.replace('_', " "),
        }
    }

    fn text<'a>(&'a self, name: &str, english: &'a str) -> &'a str {
        self.member(name).and_then(Value::as_said).unwrap_or(english)
    }

    fn in_list(&self, list: &str, name: &str) -> Option<&str> {
        match self.member(list)? {
            Value::Object(list) => list.get(name)?.as_said(),
            _ => None,
        }
    }

    /// What happened and what to do stand side by side.
    fn of_error(&self, code: ErrorCode, place: usize) -> Option<&str> {
        let Value::Object(errors) = self.member("errors")? else { return None };
        let Value::List(sentences) = errors.get(code.as_str())? else { return None };
        sentences.get(place)?.as_said()
    }

    fn member(&self, name: &str) -> Option<&Value> {
        self.0.as_ref()?.get(name)
    }
}

impl core::fmt::Debug for Texts {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "Texts({})", self.language())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_language(language: &str) -> Texts {
        Texts::from_json(&format!(r#"{{"language": "{language}"}}"#)).unwrap()
    }

    #[test]
    fn the_texts_are_in_the_language_of_the_page_or_in_english() {
        let texts = ["ja", "pt", "pt-BR", "zh-Hant"].map(in_language);
        let chosen = |tag| Texts::choose(&texts, tag).language().to_owned();
        assert_eq!(chosen("ja"), "ja");
        assert_eq!(chosen("JA-JP"), "ja");
        assert_eq!(chosen("pt-br"), "pt-BR");
        assert_eq!(chosen("pt-PT"), "pt");
        assert_eq!(chosen("zh-Hans"), "zh-Hant");
        assert_eq!(chosen("jam"), "en");
        assert_eq!(chosen("en-GB"), "en");
        assert_eq!(chosen(""), "en");
    }

    #[test]
    fn an_app_has_words_of_its_own_and_the_usual_ones_beside_them() {
        let own = r#"{
            "language": "en",
            "sign_in": "Log in",
            "claims": { "sub": "Member" },
            "faults": { "person": "You, dear member" },
            "errors": { "access_denied": ["You said no."], "popup_closed": "closed" },
            "try_again": 7,
            "more": ""
        }"#;
        let own = [Texts::from_json(own).unwrap(), Texts::japanese()];
        assert_eq!(Texts::choose(&own, "ja").sign_in(), "サインイン");
        assert_eq!(Texts::choose(&own, "fr").sign_in(), "Log in");
        let texts = Texts::choose(&own, "en-GB");
        assert_eq!(texts.sign_in(), "Log in");
        assert_eq!(texts.sign_out(), "Sign out");
        assert_eq!(texts.claim("sub"), "Member");
        assert_eq!(texts.claim("zoneinfo"), "Time zone");
        assert_eq!(texts.fault(&ErrorCode::AccessDenied.into()), "You, dear member");
        assert_eq!(texts.fault(&ErrorCode::NotJson.into()), "The sign-in provider");
        assert_eq!(texts.meaning(ErrorCode::AccessDenied), "You said no.");
        assert_eq!(texts.advice(ErrorCode::AccessDenied), ErrorCode::AccessDenied.advice());
        // What is no text is as good as left out.
        assert_eq!(texts.meaning(ErrorCode::PopupClosed), ErrorCode::PopupClosed.meaning());
        assert_eq!(texts.try_again(), "Try again");
        assert_eq!(texts.more(), "More about this error");
    }

    #[test]
    fn texts_that_are_none_are_told() {
        for wrong in ["", "[]", "{}", r#"{"language": 1}"#, r#"{"language": "de"} {}"#] {
            let error = Texts::from_json(wrong).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidConfig, "{wrong}");
            assert_eq!(error.subject(), Some("texts"));
        }
    }

    #[test]
    fn everything_is_said_in_japanese() {
        let texts = Texts::japanese();
        let is_japanese = |text: &str| text.chars().any(|c| c > '\u{3040}');
        let words = [
            Texts::sign_in,
            Texts::signing_in,
            Texts::in_popup,
            Texts::cancel,
            Texts::handed_over,
            Texts::sign_out,
            Texts::try_again,
            Texts::loading_profile,
            Texts::empty_profile,
            Texts::nameless,
            Texts::picture_of,
            Texts::not_verified,
            Texts::yes,
            Texts::no,
            Texts::sign_in_needed,
            Texts::who_acts,
            Texts::about,
            Texts::provider_says,
            Texts::code,
            Texts::more,
        ];
        for words in words {
            assert!(is_japanese(words(&texts)), "{}", words(&Texts::english()));
        }
        for code in ErrorCode::ALL {
            for sentence in [texts.meaning(*code), texts.advice(*code)] {
                assert!(is_japanese(sentence) && sentence.ends_with('。'), "{}", code.as_str());
            }
            assert!(is_japanese(texts.fault(&(*code).into())), "{}", code.as_str());
        }
        // What the file has beside these, nobody would ever read.
        let Some(file) = &texts.0 else { panic!("ja.json can't be read") };
        assert_eq!(
            file.members().len(),
            ["language", "faults", "claims", "errors"].len() + words.len()
        );
        let Some(Value::Object(errors)) = file.get("errors") else { panic!("no errors") };
        assert_eq!(errors.members().len(), ErrorCode::ALL.len());
    }

    #[test]
    fn claims_are_named_in_words() {
        assert_eq!(Texts::english().claim("family_name"), "family name");
        assert_eq!(Texts::english().claim("zoneinfo"), "Time zone");
        assert_eq!(Texts::japanese().claim("family_name"), "姓");
        assert_eq!(Texts::japanese().claim("https://x.example/role"), "https://x.example/role");
    }
}
