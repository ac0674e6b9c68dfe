//! What people read, in English and Japanese: in the components and in the widget.
//!
//! How it is laid out belongs there; what the demo alone says, in the demo.

mod errors;
mod initials;

use crate::browser::page;
use crate::protocol::{Error, ErrorCode, Fault};

pub(crate) use initials::initials;

/// A language that the components and the widget speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Language {
    /// English, also for people of other languages.
    English,
    /// Japanese.
    Japanese,
}

impl Language {
    /// The language for a tag such as `ja-JP` (RFC 5646).
    pub fn from_tag(tag: &str) -> Self {
        let primary = tag.split('-').next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("ja") { Self::Japanese } else { Self::English }
    }

    /// The language of the page (`<html lang>`), else of the browser.
    pub fn of_page() -> Self {
        Self::from_tag(&page::language())
    }

    /// The tag of the language: `ja`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }

    /// The texts in this language.
    pub const fn texts(self) -> &'static Texts {
        match self {
            Self::English => &ENGLISH,
            Self::Japanese => &JAPANESE,
        }
    }
}

/// The texts of one language.
#[derive(Debug)]
#[non_exhaustive]
pub struct Texts {
    /// Which language they are in.
    pub language: Language,
    /// On the button that signs in.
    pub sign_in: &'static str,
    /// While a sign-in is under way.
    pub signing_in: &'static str,
    /// On the button, while the person signs in in a window beside the page.
    pub in_popup: &'static str,
    /// On the button that calls that off.
    pub cancel: &'static str,
    /// In that window, when it is done and can't close itself.
    pub handed_over: &'static str,
    /// On the button that signs out.
    pub sign_out: &'static str,
    /// On the button of an error.
    pub try_again: &'static str,
    /// While the profile is on its way.
    pub loading_profile: &'static str,
    /// In the place of further claims, where there are none.
    pub empty_profile: &'static str,
    /// In the place of a name that the provider does not tell.
    pub nameless: &'static str,
    /// Before the name, for those who do not see the picture.
    pub picture_of: &'static str,
    /// Beside an e-mail address that the provider has not seen to be the person's.
    pub not_verified: &'static str,
    /// A claim that is true.
    pub yes: &'static str,
    /// A claim that is false.
    pub no: &'static str,
    /// Before a page for people who are signed in.
    pub sign_in_needed: &'static str,
    /// Before the one who has to act on an error.
    pub who_acts: &'static str,
    /// Before what an error is about.
    pub about: &'static str,
    /// Before the provider's own words.
    pub provider_says: &'static str,
    /// Before the code of an error.
    pub code: &'static str,
    /// On the link to the explanation of an error.
    pub more: &'static str,
    faults: [&'static str; 6],
    claims: &'static [(&'static str, &'static str)],
}

impl Texts {
    /// What happened: a sentence.
    pub fn meaning(&self, code: ErrorCode) -> &'static str {
        match self.language {
            Language::English => code.meaning(),
            Language::Japanese => errors::meaning_in_japanese(code),
        }
    }

    /// What to do: a sentence for the one who has to act.
    pub fn advice(&self, code: ErrorCode) -> &'static str {
        match self.language {
            Language::English => code.advice(),
            Language::Japanese => errors::advice_in_japanese(code),
        }
    }

    /// Who has to act.
    pub fn fault(&self, error: &Error) -> &'static str {
        match error.fault() {
            Fault::Configuration => self.faults[0],
            Fault::Provider => self.faults[1],
            Fault::Browser => self.faults[2],
            Fault::Network => self.faults[3],
            Fault::Person => self.faults[4],
            Fault::Attack => self.faults[5],
        }
    }

    /// The name of a claim (OpenID Connect Core 5.1): in words where there are some, else as it came.
    pub fn claim(&self, name: &str) -> String {
        let known = self.claims.iter().find(|(claim, _)| *claim == name);
        known.map_or_else(|| name.replace('_', " "), |(_, words)| (*words).to_owned())
    }
}

static ENGLISH: Texts = Texts {
    language: Language::English,
    sign_in: "Sign in",
    signing_in: "Signing in…",
    in_popup: "Continue in the other window",
    cancel: "Cancel",
    handed_over: "The sign-in goes on in the window where it began. You may close this one.",
    sign_out: "Sign out",
    try_again: "Try again",
    loading_profile: "Loading the profile…",
    empty_profile: "The provider tells nothing more.",
    nameless: "Signed in",
    picture_of: "Picture of ",
    not_verified: "not confirmed",
    yes: "yes",
    no: "no",
    sign_in_needed: "Sign in to see this page. You come back right here.",
    who_acts: "Who can change it",
    about: "It is about",
    provider_says: "The server's own words",
    code: "Code",
    more: "More about this error",
    faults: [
        "The app's developer, in its settings",
        "The sign-in provider",
        "You, in the browser",
        "The network, or whoever runs the server",
        "You",
        "Nobody here: the answer looks forged or mixed up, and was not believed",
    ],
    claims: &[("sub", "Identifier"), ("zoneinfo", "Time zone"), ("locale", "Language")],
};

static JAPANESE: Texts = Texts {
    language: Language::Japanese,
    sign_in: "サインイン",
    signing_in: "サインインしています…",
    in_popup: "別のウィンドウで続ける",
    cancel: "キャンセル",
    handed_over: "サインインは元のウィンドウで続きます。このウィンドウは閉じてもかまいません。",
    sign_out: "サインアウト",
    try_again: "もう一度試す",
    loading_profile: "プロフィールを読み込んでいます…",
    empty_profile: "これ以外の情報は提供されていません。",
    nameless: "サインイン済み",
    picture_of: "写真：",
    not_verified: "未確認",
    yes: "はい",
    no: "いいえ",
    sign_in_needed: "このページを見るにはサインインしてください。サインイン後、このページに戻ります。",
    who_acts: "対応できる人",
    about: "対象",
    provider_says: "サーバーからのメッセージ",
    code: "コード",
    more: "このエラーについて",
    faults: [
        "アプリの開発者（設定の変更）",
        "サインインの提供元",
        "あなた（ブラウザーの設定）",
        "ネットワーク、またはサーバーの管理者",
        "あなた",
        "対応は不要です。偽造または取り違えられた応答のため、受け付けませんでした",
    ],
    claims: &[
        ("sub", "識別子"),
        ("given_name", "名"),
        ("family_name", "姓"),
        ("middle_name", "ミドルネーム"),
        ("nickname", "ニックネーム"),
        ("preferred_username", "ユーザー名"),
        ("profile", "プロフィールページ"),
        ("website", "ウェブサイト"),
        ("gender", "性別"),
        ("birthdate", "生年月日"),
        ("zoneinfo", "タイムゾーン"),
        ("locale", "言語"),
        ("phone_number", "電話番号"),
        ("updated_at", "更新日時"),
    ],
};

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

    #[test]
    fn every_code_is_explained_in_japanese() {
        let is_japanese = |text: &str| text.ends_with('。') && text.chars().any(|c| c > '\u{3040}');
        for code in ErrorCode::ALL {
            assert!(is_japanese(JAPANESE.meaning(*code)), "{}", code.as_str());
            assert!(is_japanese(JAPANESE.advice(*code)), "{}", code.as_str());
        }
    }

    #[test]
    fn claims_are_named_in_words() {
        assert_eq!(ENGLISH.claim("family_name"), "family name");
        assert_eq!(ENGLISH.claim("zoneinfo"), "Time zone");
        assert_eq!(JAPANESE.claim("family_name"), "姓");
        assert_eq!(JAPANESE.claim("https://x.example/role"), "https://x.example/role");
    }
}
