//! WebDriver BiDi: the standard's way to hear what happens in a browser, over a web socket.

use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

/// No answer takes longer.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A connection to a browser, with what it has told.
#[derive(Debug)]
pub(super) struct Connection {
    socket: WebSocket<TcpStream>,
    last_id: u64,
    events: Vec<Value>,
}

impl Connection {
    /// Connects to the address that a session gives as `webSocketUrl`.
    pub(super) fn open(url: &str) -> Self {
        let address = url.strip_prefix("ws://").and_then(|rest| rest.split('/').next());
        let stream = TcpStream::connect(address.expect("the address of a web socket"));
        let stream = stream.expect("the browser listens");
        stream.set_read_timeout(Some(TIMEOUT)).expect("a time limit");
        let (socket, _) = tungstenite::client(url, stream).expect("a web socket");
        Self { socket, last_id: 0, events: Vec::new() }
    }

    /// Sends a command and waits for its result.
    pub(super) fn command(&mut self, method: &str, parameters: &Value) -> Value {
        match self.try_command(method, parameters) {
            Ok(result) => result,
            Err(error) => panic!("{method}: {error}"),
        }
    }

    /// The same, with what the browser says when it refuses.
    pub(super) fn try_command(
        &mut self,
        method: &str,
        parameters: &Value,
    ) -> Result<Value, String> {
        self.last_id += 1;
        let command = json!({"id": self.last_id, "method": method, "params": parameters});
        let sent = self.socket.send(Message::text(command.to_string()));
        sent.map_err(|error| error.to_string())?;
        loop {
            let message = self.socket.read().map_err(|error| error.to_string())?;
            let Ok(message) = serde_json::from_slice::<Value>(&message.into_data()) else {
                continue;
            };
            if message["id"] != self.last_id {
                self.events.push(message);
            } else if message["type"] == "success" {
                return Ok(message["result"].clone());
            } else {
                return Err(message.to_string());
            }
        }
    }

    /// What the browser has told since the last time.
    pub(super) fn take_events(&mut self) -> Vec<Value> {
        // Its answer comes after everything that was told before.
        self.command("session.status", &json!({}));
        std::mem::take(&mut self.events)
    }
}
