//! Text from outside, made fit to be shown.

use super::*;
use crate::protocol::text::{contains, presentable};

#[test]
fn ordinary_texts_stay_as_they_are() {
    for text in [
        "The user denied the request.",
        "<b>it's 100% text & no markup</b> #1; [see] (https://id.example/help?a=b)",
        "サインインがキャンセルされました。もう一度「サインイン」を押してください。",
        "アクセス権がありません（エラー：403）。詳細は『ヘルプ』→…・〜※々ー、！？１２３ＡＢ",
        "ｱｸｾｽ権がありません｡｢ﾍﾙﾌﾟ｣･ﾞﾟ",
        "ア゙カ\u{3099}ハ\u{309a}",
        "Le compte n’existe pas — réessayez « plus tard »…",
        "¿Quién? ¡Nadie! 5 €, 10 £, §7, ½, 20 °C",
        "Нет доступа № 5",
        "访问被拒绝：请稍后重试。",
        "접근이 거부되었습니다.",
        "تم رفض الوصول ١٢٣",
        "पहुँच अस्वीकृत है।",
        "🔒 no",
    ] {
        assert_eq!(presentable(text), text);
    }
}

// RFC 6749 section 4.1.2.1: neither quotes nor backslashes; and nothing that acts instead of being read.
#[test]
fn what_acts_instead_of_being_read_becomes_a_space() {
    let dangerous = [
        '"',
        '\\',
        '\0',
        '\u{7}',
        '\n',
        '\r',
        '\t',
        '\u{1b}',
        '\u{7f}',
        '\u{85}',
        '\u{a0}',
        '\u{ad}',
        '\u{34f}',
        '\u{61c}',
        '\u{115f}',
        '\u{17b4}',
        '\u{180e}',
        '\u{200b}',
        '\u{200d}',
        '\u{200e}',
        '\u{200f}',
        '\u{2028}',
        '\u{2029}',
        '\u{202a}',
        '\u{202e}',
        '\u{2060}',
        '\u{2066}',
        '\u{2069}',
        '\u{2800}',
        '\u{3000}',
        '\u{3164}',
        '\u{e000}',
        '\u{fe0f}',
        '\u{feff}',
        '\u{ffa0}',
        '\u{fff9}',
        '\u{fffd}',
        '\u{1d173}',
        '\u{e0041}',
        '\u{10ffff}',
    ];
    for character in dangerous {
        assert_eq!(presentable(&format!("a{character}b")), "a b", "{character:?}");
    }
    assert_eq!(presentable(" \u{202e}\t "), "");
}

#[test]
fn a_long_text_is_cut_off() {
    assert_eq!(presentable(&"あ".repeat(1_000_000)).chars().count(), 300);
    assert_eq!(presentable(&" ".repeat(1000)), "");
}

#[test]
fn f51_what_is_cut_off_ends_with_a_whole_word_and_says_so() {
    let words = "Der Nutzer hat abgelehnt. ".repeat(20);
    let shown = presentable(&words);
    let kept = shown.strip_suffix('…').unwrap();
    assert!(words[kept.len()..].starts_with(' ') && shown.chars().count() <= 300, "{shown}");
    // What fits is whole, and so is what only spaces follow.
    let just = "a".repeat(300);
    assert_eq!(presentable(&just), just);
    assert_eq!(presentable(&format!("{just}\u{202e} ")), just);
    // Without spaces, or with one at the beginning, any place is as good.
    assert_eq!(presentable(&"あ".repeat(301)), "あ".repeat(299) + "…");
    assert_eq!(presentable(&format!("see {}", "x".repeat(400))).chars().count(), 300);
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn the_text_is_bounded_visible_and_stays_when_cleaned_again(text in prop_oneof![any_text(), "\\PC{0,400}", any::<String>()]) {
        let shown = presentable(&text);
        prop_assert!(shown.chars().count() <= 300);
        prop_assert!(!shown.contains(['"', '\\']));
        let hidden = |character: char| {
            character.is_control()
                || matches!(u32::from(character), 0xad | 0x61c | 0x200b..=0x200f | 0x2028..=0x202e
                    | 0x2060..=0x206f | 0xe000..=0xf8ff | 0xfe00..=0xfe0f | 0xfeff | 0xfff0..=0xfffd
                    | 0xe0000..)
        };
        prop_assert!(!shown.contains(hidden), "{:?}", shown);
        prop_assert_eq!(presentable(&shown), shown.as_str());
        prop_assert_eq!(shown.trim(), shown.as_str());
    }

    #[test]
    fn each_character_stays_itself_or_becomes_a_space(text in any_text()) {
        let padded = format!("x{text}x");
        let shown: Vec<char> = presentable(&padded).chars().collect();
        if padded.chars().count() <= 300 {
            prop_assert_eq!(shown.len(), padded.chars().count());
            prop_assert!(padded.chars().zip(shown).all(|(before, after)| before == after || after == ' '));
        }
    }
}

#[test]
fn a_part_is_found_wherever_it_is() {
    for text in ["proof", "a proof", "proof of", "prproof", "証明proof"] {
        assert!(contains(text, "proof"), "{text}");
    }
    for text in ["", "proo", "roof", "pro of", "Proof"] {
        assert!(!contains(text, "proof"), "{text}");
    }
}
