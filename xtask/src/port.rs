//! Ports: whether one is free, and whether a page answers on it.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use crate::error::{Failure, Result};

/// Fails with a sentence that names the port and the option for another one.
pub fn require_free(port: u16, purpose: &str, option: &str) -> Result<()> {
    if is_free(port) {
        return Ok(());
    }
    Err(Failure::message(format!(
        "port {port}, for {purpose}, is in use: end the program that uses it, or choose another \
         port with {option}"
    )))
}

/// Whether nothing listens on this port of `localhost`, in either address family.
pub fn is_free(port: u16) -> bool {
    let answers = |address: SocketAddr| {
        TcpStream::connect_timeout(&address, Duration::from_millis(500)).is_ok()
    };
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
        && !answers(SocketAddr::from((Ipv6Addr::LOCALHOST, port)))
}

/// Whether `GET /` on this port is answered with a page.
pub fn serves_a_page(port: u16) -> bool {
    status_of_root(port).is_some_and(|status| status == 200)
}

fn status_of_root(port: u16) -> Option<u16> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let patience = Duration::from_secs(2);
    let mut stream = TcpStream::connect_timeout(&address, patience).ok()?;
    stream.set_read_timeout(Some(patience)).ok()?;
    let request = format!(
        "GET / HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = [0; 64];
    let length = stream.read(&mut answer).ok()?;
    status(&answer[..length])
}

fn status(answer: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(answer.split(|byte| *byte == b'\r').next()?).ok()?;
    line.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_named_with_its_option() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let error = require_free(port, "the demo", "--port").unwrap_err();
        assert!(error.text().contains(&port.to_string()));
        assert!(error.text().contains("--port"));
    }

    /// Ports that no system gives to whoever asks for any. One that this test had just let go would not
    /// do: a program that another test starts right then holds it a moment longer.
    #[test]
    fn a_port_that_nobody_uses_is_free() {
        let mut ports = 28_000..28_100;
        assert!(ports.any(|port| require_free(port, "the demo", "--port").is_ok()));
    }

    #[test]
    fn reads_a_status_line() {
        assert_eq!(status(b"HTTP/1.1 200 OK\r\nDate"), Some(200));
        assert_eq!(status(b"HTTP/1.0 404 Not Found\r\n"), Some(404));
        assert_eq!(status(b"SSH-2.0-x"), None);
        assert_eq!(status(b""), None);
    }
}
