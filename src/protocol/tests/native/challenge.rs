//! `WWW-Authenticate` (RFC 9110 section 11.6.1, RFC 6750 section 3).

use super::*;

/// The schemes of a header.
fn schemes(header: &str) -> Vec<&'static str> {
    let known = ["Bearer", "DPoP", "Basic", "Negotiate", "Digest"];
    let name = |challenge: &Challenge| {
        known.into_iter().find(|scheme| challenge.is(scheme)).unwrap_or("other")
    };
    Challenge::parse(header).iter().map(name).collect()
}

fn get(header: &str, name: &str) -> Option<String> {
    Challenge::parse(header).first()?.get(name).map(str::to_owned)
}

// RFC 6750 section 3, RFC 9110 section 11.6.1.
#[test]
fn r57_challenges_are_read_in_all_their_forms() {
    let table: [(&str, &[&str]); 16] = [
        ("", &[]),
        (" , ,\t,", &[]),
        ("Bearer", &["Bearer"]),
        ("bEARER", &["Bearer"]),
        ("Bearer, DPoP", &["Bearer", "DPoP"]),
        ("Bearer realm=\"a\"", &["Bearer"]),
        ("Bearer realm=\"a\", DPoP algs=\"ES256\"", &["Bearer", "DPoP"]),
        (",Bearer realm=a,,error=b ,DPoP", &["Bearer", "DPoP"]),
        ("Basic YWJj==, Bearer error=\"x\"", &["Basic", "Bearer"]),
        ("Negotiate a/b+c~-._=", &["Negotiate"]),
        ("Negotiate, Basic realm=\"a, Bearer error=b\", DPoP", &["Negotiate", "Basic", "DPoP"]),
        (
            "Digest realm=\"a\", qop=\"auth, auth-int\", nonce=\"n\", Basic realm=\"b\"",
            &["Digest", "Basic"],
        ),
        ("Bearer realm=\"\\\", Basic realm=\\\"\"", &["Bearer"]),
        ("X-Own a=b", &["other"]),
        ("Bearer \t realm \t = \t \"a\"", &["Bearer"]),
        ("\"Bearer\"", &[]),
    ];
    for (header, expected) in table {
        assert_eq!(schemes(header), expected, "{header}");
    }
}

#[test]
fn r57_values_are_tokens_or_quoted_strings() {
    let table = [
        ("Bearer error=insufficient_scope, scope=mail", "scope", Some("mail")),
        ("Bearer ERROR=\"x\"", "error", Some("x")),
        ("Bearer scope=\"mail profile\"", "scope", Some("mail profile")),
        ("Bearer scope=\"\"", "scope", Some("")),
        ("Bearer realm=\"a \\\"b\\\" \\\\ \\c\"", "realm", Some("a \"b\" \\ c")),
        ("Bearer realm=\"a, error=b\", error=\"c\"", "error", Some("c")),
        ("Bearer realm=\"x\" , error = invalid_token", "error", Some("invalid_token")),
        ("Bearer error=\"日本\"", "error", Some("日本")),
        ("Bearer realm=\"x\"", "error", None),
        ("Bearer", "error", None),
    ];
    for (header, name, value) in table {
        assert_eq!(get(header, name).as_deref(), value, "{header}");
    }
}

// RFC 9110 section 11.2: a parameter stands once; which of two would count is anybody's guess.
#[test]
fn a_parameter_that_stands_twice_is_none() {
    assert_eq!(get("Bearer scope=a, Scope=b", "scope"), None);
    assert_eq!(get("Bearer scope=a, scope=a", "scope"), None);
    let challenges = Challenge::parse("Bearer scope=a, DPoP scope=b");
    assert_eq!((challenges[0].get("scope"), challenges[1].get("scope")), (Some("a"), Some("b")));
}

// What was read until then stays; the broken rest is not guessed at.
#[test]
fn a_broken_header_ends_where_it_breaks() {
    for broken in [
        "Bearer error=\"a\", scope=\"mail",
        "Bearer error=\"a\", scope=\"mail\\",
        "Bearer error=\"a\", scope=, DPoP",
        "Bearer error=\"a\", =b, DPoP",
        "Bearer error=\"a\"; scope=mail, DPoP",
        "Bearer error=\"a\", (x), DPoP",
        "Bearer error=\"a\", scope=b/c",
        "Bearer error=\"a\", \u{0}DPoP",
    ] {
        let challenges = Challenge::parse(broken);
        assert_eq!(challenges.len(), 1, "{broken}");
        assert_eq!(challenges[0].get("error"), Some("a"), "{broken}");
        assert_eq!(challenges[0].get("scope"), None, "{broken}");
    }
    assert_eq!(Challenge::parse("=x"), []);
}

#[test]
fn the_description_is_fit_to_be_shown() {
    let challenges = Challenge::parse("Bearer error_description=\"<b>\u{202e}no\u{7}\"");
    assert_eq!(challenges[0].description().as_deref(), Some("<b> no"));
    assert_eq!(Challenge::parse("Bearer")[0].description(), None);
}

#[test]
fn a_huge_header_is_read_in_no_time() {
    for piece in [" ", "=", "a ", "a,", "a=b,", "\"", "\\", "a b=", "Basic x=,", "Bearer a=\"b\" "]
    {
        let header = ["Bearer ", &piece.repeat(20_000)].concat();
        assert!(!Challenge::parse(&header).is_empty());
    }
}

/// A challenge to write: scheme, and names with values that stand once each.
fn challenge() -> impl Strategy<Value = (String, Vec<(String, String)>)> {
    let value = prop_oneof!["[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,12}", "[ -~é日]{0,20}"];
    let parameters = prop::collection::hash_map("[a-z_][a-z0-9_-]{0,8}", value, 0..4);
    (
        "[A-Za-z][A-Za-z0-9-]{0,8}",
        parameters.prop_map(|parameters| parameters.into_iter().collect()),
    )
}

fn write_value(value: &str, quoted: bool) -> String {
    let is_token = !value.is_empty()
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+.^_`|~-".contains(&byte));
    if is_token && !quoted {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn what_is_written_is_read_again(
        written in prop::collection::vec(challenge(), 0..4),
        quoted: bool,
        equals in prop::sample::select(vec!["=", " = ", "\t="]),
        comma in prop::sample::select(vec![",", ", ", " ,\t", ", ,"]),
    ) {
        let parameter = |(name, value): &(String, String)| [name, equals, &write_value(value, quoted)].concat();
        let one = |(scheme, parameters): &(String, Vec<_>)| {
            let parameters: Vec<_> = parameters.iter().map(parameter).collect();
            [scheme, " ", &parameters.join(comma)].concat()
        };
        let header = written.iter().map(one).collect::<Vec<_>>().join(comma);
        let read = Challenge::parse(&header);
        prop_assert_eq!(read.len(), written.len(), "{}", header);
        for (read, (scheme, parameters)) in read.iter().zip(&written) {
            prop_assert!(read.is(&scheme.to_uppercase()), "{}", header);
            for (name, value) in parameters {
                prop_assert_eq!(read.get(name), Some(value.as_str()), "{}", header);
            }
        }
    }

    #[test]
    fn any_header_is_read_without_panic_and_nothing_is_made_up(header in prop_oneof![
        any_text(), "(Bearer|DPoP|error|scope|[ ,=\"\\\\a\t]){0,30}",
    ]) {
        for challenge in Challenge::parse(&header) {
            for name in ["error", "scope", "a"] {
                let value = challenge.get(name).unwrap_or_default();
                let unescaped = header.replace('\\', "");
                prop_assert!(unescaped.contains(&value.replace('\\', "")), "{}", header);
            }
        }
    }
}
