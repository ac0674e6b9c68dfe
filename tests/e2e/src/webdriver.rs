//! WebDriver, the wire protocol: a command is a method, a path and a JSON body.

use std::io;
use std::net::{Ipv4Addr, TcpStream};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Request;

use crate::port;
use crate::process::{self, Process};

/// No command takes longer, a page load included.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(60);

/// No driver takes longer until it listens.
const START_TIMEOUT: Duration = Duration::from_secs(30);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// An error that the driver answered.
#[derive(Clone, Debug)]
pub struct WebDriverError {
    /// The error code of the standard: `no such element`, …
    pub code: String,
    /// What the driver says of it.
    pub message: String,
}

impl WebDriverError {
    fn transport(error: &ureq::Error) -> Self {
        Self { code: "transport".to_owned(), message: error.to_string() }
    }
}

/// A driver that is to be started.
#[derive(Clone, Debug)]
pub struct Driver {
    program: String,
    arguments: Vec<String>,
    environment: Vec<(&'static str, String)>,
}

impl Driver {
    /// A driver that is started with nothing but its port.
    pub fn new(program: String) -> Self {
        Self { program, arguments: Vec::new(), environment: Vec::new() }
    }

    /// The same with more arguments.
    pub fn with_arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        self
    }

    /// The same with a variable for it and its browser.
    pub fn with_variable(mut self, name: &'static str, value: String) -> Self {
        self.environment.push((name, value));
        self
    }

    /// Starts it, and waits until it listens.
    fn start(mut self) -> (Process, u16) {
        let port = port::free();
        self.arguments.push(format!("--port={port}"));
        // Browsers talk to themselves there; what the driver has to say is in its answers.
        let mut command = process::guarded(&self.program, &self.arguments);
        command.envs(self.environment).stderr(Stdio::null());
        let process = Process::spawn(command, |_| {});
        let process = process.expect("the driver starts");
        let deadline = Instant::now() + START_TIMEOUT;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(Instant::now() < deadline, "{} does not listen", self.program);
            thread::sleep(POLL_INTERVAL);
        }
        (process, port)
    }
}

/// A driver process with one session.
#[derive(Debug)]
pub struct Session {
    agent: Agent,
    url: String,
    capabilities: Value,
    _process: Process,
}

impl Session {
    /// Starts a driver on a free port and a session with these capabilities.
    pub fn start(driver: Driver, capabilities: &Value) -> Self {
        let (process, port) = driver.start();
        let agent = agent();
        let sessions = format!("http://127.0.0.1:{port}/session");
        let body = json!({"capabilities": {"alwaysMatch": capabilities}});
        let created = exchange(&agent, "POST", &sessions, &body).expect("a browser session starts");
        let id = created["sessionId"].as_str().expect("a session has an id");
        let url = format!("{sessions}/{id}");
        Self { agent, url, capabilities: created["capabilities"].clone(), _process: process }
    }

    /// What the driver says of a capability.
    pub fn capability(&self, name: &str) -> &Value {
        &self.capabilities[name]
    }

    /// Sends `POST /session/{id}{path}`, which must not fail.
    pub fn command(&self, path: &str, body: &Value) -> Value {
        match self.post(path, body) {
            Ok(value) => value,
            Err(error) => panic!("{path}: {}: {}", error.code, error.message),
        }
    }

    /// Sends `POST /session/{id}{path}`.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, WebDriverError> {
        exchange(&self.agent, "POST", &format!("{}{path}", self.url), body)
    }

    /// Sends `GET /session/{id}{path}`.
    pub fn get(&self, path: &str) -> Result<Value, WebDriverError> {
        exchange(&self.agent, "GET", &format!("{}{path}", self.url), &Value::Null)
    }

    /// Sends `DELETE /session/{id}{path}`.
    pub fn delete(&self, path: &str) -> Result<Value, WebDriverError> {
        exchange(&self.agent, "DELETE", &format!("{}{path}", self.url), &Value::Null)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The process group is killed right after; this only lets the browser tidy up.
        let _closed = self.delete("");
    }
}

/// Makes the driver's calls: its errors are answers, and no proxy is between.
fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(COMMAND_TIMEOUT))
        .proxy(None)
        // Not every driver keeps a connection.
        .max_idle_connections(0);
    config.build().into()
}

fn exchange(agent: &Agent, method: &str, url: &str, body: &Value) -> Result<Value, WebDriverError> {
    let answer = send(agent, method, url, body);
    let answer = answer.map_err(|error| WebDriverError::transport(&error))?;
    let value = answer.get("value").cloned().unwrap_or_default();
    match value.get("error").and_then(Value::as_str) {
        None => Ok(value),
        Some(code) => Err(WebDriverError {
            code: code.to_owned(),
            message: value["message"].as_str().unwrap_or_default().to_owned(),
        }),
    }
}

fn send(agent: &Agent, method: &str, url: &str, body: &Value) -> Result<Value, ureq::Error> {
    let request = Request::builder().method(method).uri(url);
    let mut response = match body {
        Value::Null => agent.run(request.body(())?)?,
        body => {
            let request = request.header("Content-Type", "application/json");
            agent.run(request.body(body.to_string())?)?
        }
    };
    // A log of requests may be long.
    let answer = response.body_mut().with_config().limit(u64::MAX).read_to_vec()?;
    serde_json::from_slice(&answer).map_err(|error| io::Error::from(error).into())
}
