//! Runs the hostile authorization server on two ports, so on two origins, until stdin closes.

use std::env;
use std::io::{self, Read};
use std::process::ExitCode;

const USAGE: &str = "usage: hostile-server [--port PORT] [--second-port PORT]
  Listens on 127.0.0.1 (port 0: any free one), prints one line of JSON when ready,
  and ends when stdin closes. Defaults: 9500 and 9501.";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let (port, second_port) = ports(env::args().skip(1))?;
    let first = start(port)?;
    let second = start(second_port)?;
    let ready = serde_json::json!({"url": first.url(), "second": second.url()});
    println!("{ready}");
    let mut ignored = Vec::new();
    io::stdin().read_to_end(&mut ignored).map_err(|error| format!("stdin: {error}"))?;
    Ok(())
}

fn start(port: u16) -> Result<hostile_server::Server, String> {
    hostile_server::start(port).map_err(|error| format!("port {port}: {error}"))
}

fn ports(mut arguments: impl Iterator<Item = String>) -> Result<(u16, u16), String> {
    let (mut port, mut second_port) = (9500, 9501);
    while let Some(name) = arguments.next() {
        let value = arguments.next().and_then(|text| text.parse().ok());
        match (name.as_str(), value) {
            ("--port", Some(value)) => port = value,
            ("--second-port", Some(value)) => second_port = value,
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok((port, second_port))
}
