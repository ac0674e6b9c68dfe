//! Answers of servers, and JSON that is read and written.

use super::*;
use crate::protocol::json::{Object, Value, Writer};

fn code(text: &str) -> Result<(), ErrorCode> {
    Object::parse(text).map(|_| ()).map_err(|error| error.code())
}

// RFC 8259, RFC 6749 section 5.1.
#[test]
fn an_object_and_nothing_else_is_read() {
    for good in
        ["{}", " {} \n", r#"{"a":{"b":[1,-1,1.5,null,true,"x"]}}"#, r#"{"\u0061":"\ud83d\ude00"}"#]
    {
        assert_eq!(code(good), Ok(()), "{good}");
    }
    for other in ["[]", "null", "true", "1", "\"x\"", "[{}]"] {
        assert_eq!(code(other), Err(ErrorCode::InvalidResponse), "{other}");
    }
    for broken in [
        "",
        " ",
        "{",
        "}",
        "{} {}",
        "{}x",
        "{},",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":1e999}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\ud800\"}",
        "\u{feff}{}",
        "{}\u{0}",
        "<html>",
        "// {}",
        "{}//",
        "undefined",
    ] {
        assert_eq!(code(broken), Err(ErrorCode::NotJson), "{broken:?}");
    }
}

#[test]
fn names_stand_once_however_they_are_written() {
    for twice in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"{"b":{"a":1,"a":1}}"#,
        r#"{"b":[{"a":1,"a":1}]}"#,
    ] {
        assert_eq!(code(twice), Err(ErrorCode::InvalidResponse), "{twice}");
    }
    assert_eq!(code(r#"{"a":{"a":{"a":1}},"A":1,"a ":1}"#), Ok(()));
}

#[test]
fn members_have_their_types() {
    let object = Object::parse(
        r#"{"t":"x","n":1,"b":true,"z":null,"l":["a","b"],"m":["a",1],"o":{},"f":1.0,"g":-1}"#,
    );
    let object = object.unwrap();
    assert_eq!(object.text("t").unwrap(), "x");
    assert_eq!(object.optional_text("z").unwrap(), None);
    assert_eq!(object.optional_texts("l").unwrap(), Some(vec!["a", "b"]));
    assert_eq!(object.unsigned("n").unwrap(), 1);
    assert!(object.flag("b").unwrap() && !object.flag("none").unwrap());
    assert!(object.object("o").is_ok());
    for wrong in [
        object.text("n").err(),
        object.text("none").err(),
        object.text("z").err(),
        object.optional_text("l").err(),
        object.optional_texts("m").err(),
        object.optional_texts("t").err(),
        object.flag("n").err(),
        object.unsigned("f").err(),
        object.unsigned("g").err(),
        object.object("l").err(),
        object.object("none").err(),
    ] {
        assert_eq!(wrong.unwrap().code(), ErrorCode::InvalidResponse);
    }
}

#[test]
fn an_app_reads_its_own_types_by_the_same_rules() {
    let response = answer(200, &json!(["a", "b"]));
    assert_eq!(response.json::<Vec<String>>().unwrap(), ["a", "b"]);
    assert_eq!(response.json::<u8>().unwrap_err().code(), ErrorCode::InvalidResponse);
    let not_utf8 = raw_answer(200, *b"\"\xff\"");
    assert_eq!(not_utf8.json::<String>().unwrap_err().code(), ErrorCode::NotJson);
    let html = ServerResponse { content_type: Some("text/html".to_owned()), ..response };
    assert_eq!(html.json::<Vec<String>>().unwrap_err().code(), ErrorCode::InvalidResponse);
}

#[test]
fn debug_hides_the_body() {
    let response = raw_answer(200, "very-secret");
    assert_eq!(format!("{response:?}"), "ServerResponse(200, 11 bytes)");
}

#[test]
fn an_object_of_too_many_members_is_refused() {
    let object = |count: usize| {
        let members: Vec<_> = (0..count).map(|index| format!("\"{index}\":0")).collect();
        format!("{{{}}}", members.join(","))
    };
    assert_eq!(code(&object(1000)), Ok(()));
    assert_eq!(code(&object(1001)), Err(ErrorCode::InvalidResponse));
    let list = |count: usize| format!("{{\"a\":[{}]}}", vec!["0"; count].join(","));
    assert_eq!(code(&list(1000)), Ok(()));
    assert_eq!(code(&list(100_000)), Ok(()));
}

/// Any JSON value, a few levels deep.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        any::<u64>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        any::<f64>().prop_map(|value| json!(value)),
        any_text().prop_map(|value| json!(value)),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|list| json!(list)),
            prop::collection::btree_map(any_text(), inner, 0..5).prop_map(|object| json!(object)),
        ]
    })
}

fn is_same(ours: &Value, theirs: &serde_json::Value) -> bool {
    match (ours, theirs) {
        (Value::Null, serde_json::Value::Null) => true,
        (Value::Bool(ours), serde_json::Value::Bool(theirs)) => ours == theirs,
        (Value::Unsigned(ours), theirs) => theirs.as_u64() == Some(*ours),
        (Value::Negative(ours), theirs) => theirs.as_i64() == Some(*ours) && *ours < 0,
        (Value::Fraction(ours), theirs) => theirs.is_f64() && theirs.as_f64() == Some(*ours),
        (Value::Text(ours), theirs) => theirs.as_str() == Some(ours),
        (Value::List(ours), serde_json::Value::Array(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().zip(theirs).all(|(ours, theirs)| is_same(ours, theirs))
        }
        (Value::Object(ours), serde_json::Value::Object(theirs)) => {
            let members = ours.members();
            members.len() == theirs.len()
                && members.iter().all(|(name, value)| {
                    theirs.get(name).is_some_and(|theirs| is_same(value, theirs))
                })
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn an_object_is_read_as_serde_json_reads_it(value in any_json()) {
        let wrapped = json!({ "value": value });
        let read = Object::parse(&wrapped.to_string()).unwrap();
        prop_assert!(is_same(&Value::Object(read), &serde_json::from_str(&wrapped.to_string()).unwrap()));
    }

    #[test]
    fn what_is_written_is_read_again(texts in prop::collection::vec(any_text(), 1..5), number: u64) {
        let names = ["a", "b", "c", "d", "e"];
        let writer = names.iter().zip(&texts).fold(Writer::default(), |writer, (name, text)| writer.text(name, text));
        let written = writer.json("number", &number.to_string()).finish();
        let read = Object::parse(&written).unwrap();
        for (name, text) in names.iter().zip(&texts) {
            prop_assert_eq!(read.text(name).unwrap(), text);
        }
        prop_assert_eq!(read.unsigned("number").unwrap(), number);
    }

    #[test]
    fn what_serde_json_refuses_is_refused(text in any_text()) {
        if serde_json::from_str::<serde_json::Value>(&text).is_err() {
            prop_assert_eq!(code(&text), Err(ErrorCode::NotJson));
        }
    }
}

#[test]
fn an_apps_own_answer_may_be_of_any_kind_of_json() {
    let answer = |content_type: &str| ServerResponse {
        status: 200,
        content_type: Some(content_type.to_owned()),
        body: b"[1, 2]".to_vec(),
        ..ServerResponse::default()
    };
    for good in
        ["application/json", "application/hal+json; charset=utf-8", "APPLICATION/PROBLEM+JSON"]
    {
        assert_eq!(answer(good).json::<Vec<u8>>(), Ok(vec![1, 2]), "{good}");
    }
    for bad in ["text/html", "application/jsonp", "application/+jsonx", ""] {
        let error = answer(bad).json::<Vec<u8>>().unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidResponse, "{bad}");
    }
    // What the protocol reads is named as it must be.
    assert!(answer("application/hal+json").json_text().is_err());
}

#[test]
fn an_api_has_done_it_or_says_why_not() {
    let told = |status| {
        let answer = ServerResponse { status, ..ServerResponse::default() };
        answer.success().map_err(|error| (error.code(), error.subject().map(str::to_owned)))
    };
    for status in [200, 201, 204, 299] {
        assert_eq!(told(status), Ok(()));
    }
    for (status, code) in [
        (401, ErrorCode::TokenRefused),
        (403, ErrorCode::InsufficientScope),
        (199, ErrorCode::ResourceError),
        (304, ErrorCode::ResourceError),
        (404, ErrorCode::ResourceError),
        (503, ErrorCode::ResourceError),
    ] {
        assert_eq!(told(status), Err((code, Some(format!("status {status}")))));
    }
}
