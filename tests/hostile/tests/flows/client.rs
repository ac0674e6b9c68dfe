//! A client for these tests: plain HTTP, and the way through a sign-in.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use hostile_server::Server;
use hostile_server::encoding::{Pairs, first, parse_form, write_form};
use serde_json::Value;

/// An answer of the server.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Pairs,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| &**value)
    }

    /// A parameter of the address that a redirect leads to.
    pub fn returned(&self, name: &str) -> Option<String> {
        let (_, query) = self.header("location")?.split_once(['?', '#'])?;
        first(&parse_form(query), name).map(str::to_owned)
    }
}

/// A client of one case.
#[derive(Debug)]
pub struct Client {
    pub server: Server,
    pub case: &'static str,
}

pub const REDIRECT_URI: &str = "http://localhost:8080/callback.html";

impl Client {
    pub fn of(case: &'static str) -> Self {
        let server = hostile_server::start(0).expect("a free port");
        server.reset(case);
        Self { server, case }
    }

    /// The address of an endpoint.
    pub fn url(&self, endpoint: &str) -> String {
        format!("{}/{endpoint}", self.server.issuer(self.case))
    }

    pub fn get(&self, endpoint: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", endpoint, headers, "")
    }

    pub fn post(&self, endpoint: &str, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Answer {
        self.send("POST", endpoint, headers, &write_form(&pairs(form)))
    }

    pub fn send(
        &self,
        method: &str,
        endpoint: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let path = format!("/{}/{endpoint}", self.case);
        self.try_send(method, &path, headers, body).expect("an answer")
    }

    /// Tells the server something: `fault/honest/token/reset`.
    pub fn control(&self, words: &str) -> Answer {
        let answer = self.try_control(words);
        assert_eq!(answer.status, 200, "{words}");
        answer
    }

    /// The same, of what may be refused.
    pub fn try_control(&self, words: &str) -> Answer {
        self.try_send("GET", &format!("/_{words}"), &[], "").expect("an answer")
    }

    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> io::Result<Answer> {
        let mut request = format!("{method} {path} HTTP/1.1\r\n");
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        let address = self.server.url().replace("http://localhost", "127.0.0.1");
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(read(&String::from_utf8_lossy(&answer)))
    }

    /// The code of a sign-in with these parameters besides the usual ones.
    pub fn code(&self, more: &[(&str, &str)]) -> String {
        let usual = [("client_id", "pixy"), ("redirect_uri", REDIRECT_URI), ("state", "S")];
        let query = write_form(&pairs(&[&usual, more].concat()));
        let answer = self.get(&format!("authorize?{query}"), &[]);
        answer.returned("code").expect("a code")
    }

    /// The token response of a sign-in.
    pub fn sign_in(&self, more: &[(&str, &str)]) -> Value {
        let code = self.code(more);
        self.post("token", &[], &code_grant(&code)).json()
    }

    pub fn refresh(&self, refresh_token: &str) -> Answer {
        self.post("token", &[], &refresh_grant(refresh_token))
    }

    /// Asks an endpoint with a bearer token.
    pub fn bearer(&self, endpoint: &str, token: &str) -> Answer {
        self.get(endpoint, &[("Authorization", &format!("Bearer {token}"))])
    }

    pub fn violations(&self) -> Vec<String> {
        self.server.violations(self.case)
    }
}

pub fn code_grant(code: &str) -> [(&str, &str); 3] {
    [("grant_type", "authorization_code"), ("code", code), ("code_verifier", "V")]
}

pub fn refresh_grant(refresh_token: &str) -> [(&str, &str); 2] {
    [("grant_type", "refresh_token"), ("refresh_token", refresh_token)]
}

/// The text of a JSON member.
pub fn text(json: &Value, name: &str) -> String {
    json[name].as_str().unwrap_or_else(|| panic!("{name} in {json}")).to_owned()
}

fn pairs(list: &[(&str, &str)]) -> Pairs {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn read(answer: &str) -> Answer {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers = lines.filter_map(|line| line.split_once(": "));
    Answer {
        status: status.expect("a status"),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: body.to_owned(),
    }
}
