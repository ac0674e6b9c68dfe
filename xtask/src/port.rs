//! Ports: whether one is free.

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
}
