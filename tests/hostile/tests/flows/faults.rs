//! Faults that are turned on and off while the server runs, and tokens that run out.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use hostile_server::encoding::write_form;
use hostile_server::{Endpoint, Fault, Lifetime};

use crate::client::{Answer, Client, code_grant, refresh_grant, text};

/// Sends a refresh that may come to nothing.
fn try_refresh(client: &Client, refresh_token: &str) -> io::Result<Answer> {
    let form = refresh_grant(refresh_token).map(|(name, value)| (name.into(), value.into()));
    client.try_send("POST", &format!("/{}/token", client.case), &[], &write_form(&form))
}

/// A client with a refresh token, and a fault for its next use.
fn signed_in(kind: &str) -> (Client, String) {
    let client = Client::of("refresh");
    let refresh_token = text(&client.sign_in(&[]), "refresh_token");
    client.control(&format!("fault/refresh/token/{kind}/1"));
    (client, refresh_token)
}

/// How the last request was answered; the server writes it down only after that.
fn last_status(client: &Client) -> u16 {
    loop {
        let last = client.server.requests(client.case).pop();
        if let Some(outcome) = last.and_then(|request| request.outcome) {
            return outcome.status;
        }
        thread::yield_now();
    }
}

#[test]
fn a_request_that_is_not_looked_at_spends_nothing() {
    for (kind, status, retry_after) in [
        ("500", 500, None),
        ("503-7", 503, Some("7")),
        ("429-1", 429, Some("1")),
        ("html", 200, None),
        ("garbage", 200, None),
    ] {
        let (client, refresh_token) = signed_in(kind);
        let answer = client.refresh(&refresh_token);
        assert_eq!((answer.status, answer.header("retry-after")), (status, retry_after), "{kind}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{kind}");
        assert!(serde_json::from_str::<serde_json::Value>(&answer.body).is_err(), "{kind}");
        assert_eq!(client.refresh(&refresh_token).status, 200, "{kind}");
        assert_eq!(client.violations(), Vec::<String>::new(), "{kind}");
    }
}

#[test]
fn a_reset_spends_nothing_and_a_lost_answer_does() {
    for (kind, then) in [("reset", 200), ("lost", 400)] {
        let (client, refresh_token) = signed_in(kind);
        let error = try_refresh(&client, &refresh_token).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "{kind}");
        assert_eq!(last_status(&client), 0, "{kind}");
        assert_eq!(client.refresh(&refresh_token).status, then, "{kind}");
    }
}

#[test]
fn half_an_answer_comes_after_the_token_was_spent() {
    let (client, refresh_token) = signed_in("half");
    let answer = client.refresh(&refresh_token);
    let length = answer.header("content-length").and_then(|length| length.parse().ok());
    assert_eq!(length.map(|length: usize| length / 2), Some(answer.body.len()));
    assert_eq!(client.refresh(&refresh_token).status, 400);
}

#[test]
fn a_slow_answer_comes_after_its_time() {
    let (client, refresh_token) = signed_in("slow-300");
    let asked = Instant::now();
    assert_eq!(client.refresh(&refresh_token).status, 200);
    assert!(asked.elapsed() >= Duration::from_millis(300));
}

#[test]
fn an_answer_hangs_until_it_is_released() {
    let (client, refresh_token) = signed_in("hang");
    thread::scope(|scope| {
        let hanging = scope.spawn(|| client.refresh(&refresh_token));
        while client.server.count("refresh", Endpoint::Token) < 2 {
            thread::yield_now();
        }
        thread::sleep(Duration::from_millis(100));
        assert!(!hanging.is_finished());
        client.control("release/refresh");
        assert_eq!(hanging.join().expect("an answer").status, 200);
    });
}

#[test]
fn a_fault_ends_when_the_case_is_cleared_honest_or_reset() {
    for end in ["fault/honest/jwks/none", "honest/honest", "reset/honest"] {
        let client = Client::of("honest");
        client.server.plan("honest", Endpoint::Jwks, Fault::Html, None);
        for _ in 0..2 {
            assert_eq!(client.get("jwks", &[]).header("content-type"), Some("text/html"));
        }
        assert_eq!(client.send("OPTIONS", "jwks", &[], "").status, 204, "no preflight");
        client.control(end);
        assert_eq!(client.get("jwks", &[]).header("content-type"), Some("application/json"));
    }
}

#[test]
fn what_is_no_control_is_refused() {
    let client = Client::of("honest");
    for words in [
        "fault/honest/token/nothing",
        "fault/honest/nothing/reset",
        "fault/honest/token/reset/often",
        "fault/honest/token/reset/1/1",
        "lifetime/honest/long",
        "door/shut/x",
        "nothing/honest",
    ] {
        assert_eq!(client.try_control(words).status, 404, "{words}");
    }
}

#[test]
fn a_door_refuses_connections_while_it_is_shut() {
    let client = Client::of("honest");
    let door = client.control("door/new").json();
    let (url, port) = (text(&door, "url"), door["port"].to_string());
    let count = || client.server.count("honest", Endpoint::Jwks);
    let knock = || {
        let mut stream =
            std::net::TcpStream::connect(url.replace("http://localhost", "127.0.0.1"))?;
        io::Write::write_all(&mut stream, b"GET /honest/jwks HTTP/1.1\r\n\r\n")?;
        io::read_to_string(stream)
    };
    assert!(knock().expect("an answer").starts_with("HTTP/1.1 200"));
    client.control(&format!("door/shut/{port}"));
    assert_eq!(knock().unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    assert_eq!(count(), 1);
    assert_eq!(client.control(&format!("door/open/{port}")).json()["url"], url);
    assert!(knock().expect("an answer").starts_with("HTTP/1.1 200"));
    assert_eq!(count(), 2, "the record is the server's");
}

#[test]
fn access_tokens_run_out_at_userinfo_and_at_the_resource_server() {
    let client = Client::of("refresh");
    client.control("lifetime/refresh/1");
    let first = client.sign_in(&[]);
    assert_eq!(first["expires_in"], 1);
    let access_token = text(&first, "access_token");
    assert_eq!(client.bearer("api", &access_token).status, 200);
    thread::sleep(Duration::from_millis(1100));
    for endpoint in ["api", "userinfo"] {
        let refused = client.bearer(endpoint, &access_token);
        assert_eq!(refused.status, 401, "{endpoint}");
        assert_eq!(refused.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
    }
    client.server.set_lifetime("refresh", Lifetime::Unsaid);
    let second = client.refresh(&text(&first, "refresh_token")).json();
    assert!(second["expires_in"].is_null());
    let access_token = text(&second, "access_token");
    assert_eq!(client.bearer("api", &access_token).status, 200);
    client.control("expire/refresh");
    assert_eq!(client.bearer("api", &access_token).status, 401);
}

#[test]
fn what_comes_twice_is_a_violation_and_ends_everything_of_its_sign_in() {
    let client = Client::of("refresh");
    let code = client.code(&[]);
    let first = client.post("token", &[], &code_grant(&code)).json();
    assert_eq!(client.violations(), Vec::<String>::new());
    let again = client.post("token", &[], &code_grant(&code));
    assert_eq!((again.status, again.json()["error"].as_str()), (400, Some("invalid_grant")));
    assert_eq!(client.bearer("api", &text(&first, "access_token")).status, 401);
    assert_eq!(client.refresh(&text(&first, "refresh_token")).status, 400);
    assert_eq!(client.violations(), ["token: the code came before"]);

    let refresh_token = text(&client.sign_in(&[]), "refresh_token");
    let newer = client.refresh(&refresh_token).json();
    assert_eq!(client.refresh(&refresh_token).status, 400);
    assert_eq!(client.bearer("api", &text(&newer, "access_token")).status, 401);
    assert_eq!(client.refresh(&text(&newer, "refresh_token")).status, 400);
    assert_eq!(client.violations()[1..], ["token: the refresh token came before"]);
}
