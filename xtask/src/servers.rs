//! Servers that print one line of JSON when they are ready and end when their input closes.

use std::io::Write as _;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::error::{Context, Failure, Result};
use crate::process::{self, Running};

/// How long a server may take until it is ready; a first `cargo run` compiles before that.
const PATIENCE: Duration = Duration::from_secs(300);

/// A server that is ready; dropped, it ends.
#[derive(Debug)]
pub struct Server {
    /// The process.
    pub running: Running,
    /// The line it printed.
    pub ready: Value,
    /// Held open: it closes when this process ends in whatever way, and the server ends with it.
    input: Option<ChildStdin>,
}

impl Server {
    /// Tells it something, in a line.
    pub fn tell(&mut self, line: &str) -> Result<()> {
        let Some(input) = &mut self.input else { return Ok(()) };
        writeln!(input, "{line}").context(self.running.name())
    }
}

/// Starts a server and waits for its line.
pub fn start(mut command: Command, name: &str) -> Result<Server> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = Running::start(command, name)?;
    let input = running.take_stdin();
    let output = running.take_stdout();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        // Reads to the end, so that the server never waits for a full pipe.
        for line in output.into_iter().flat_map(process::lines) {
            // Nobody listens any more after the first line.
            let _ = sender.send(line);
        }
    });
    let line = receiver
        .recv_timeout(PATIENCE)
        .map_err(|_| Failure::message(format!("{name} did not start")))?;
    let ready = serde_json::from_str(&line)
        .map_err(|_| Failure::message(format!("{name} printed '{line}' instead of its address")))?;
    Ok(Server { running, ready, input })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn waits_for_the_line() {
        let server = start(shell(r#"echo '{"url":"http://localhost:1"}'; cat"#), "it").unwrap();
        assert_eq!(server.ready["url"], "http://localhost:1");
    }

    #[test]
    fn a_server_that_ends_at_once_is_an_error() {
        let error = start(shell("exit 1"), "the provider").unwrap_err();
        assert!(error.text().contains("the provider did not start"));
    }
}
