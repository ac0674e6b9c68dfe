//! Ports for programs that can't choose one and say which.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Not of those that a system gives to whoever asks for any.
const FIRST: u32 = 20_000;
const COUNT: u32 = 8_000;

/// A port that nobody uses, and that no other call in this program gets. It is free under IPv4 and under
/// IPv6: some drivers end when it is taken under either.
///
/// It is asked whether somebody listens. To try the port out would take it for a moment longer than one
/// thinks: a program that another thread starts right then has what is open here until it runs.
pub fn free() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Test programs that run side by side, or one after the other, don't begin at the same port.
    let begin = process::id().wrapping_mul(101);
    (0..COUNT)
        .map(|_| NEXT.fetch_add(1, Ordering::Relaxed))
        .filter_map(|next| u16::try_from(FIRST + begin.wrapping_add(next) % COUNT).ok())
        .find(|port| !is_taken(*port))
        .expect("a free port")
}

fn is_taken(port: u16) -> bool {
    let addresses: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    addresses.into_iter().any(|address| {
        let address = SocketAddr::from((address, port));
        TcpStream::connect_timeout(&address, Duration::from_millis(500)).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn each_call_gets_a_port_of_its_own() {
        let first = free();
        assert_ne!(free(), first);
        let range = FIRST..FIRST + COUNT;
        assert!(range.contains(&first.into()), "{first}");
    }

    #[test]
    fn a_port_with_a_server_is_taken_under_both_families() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            // Where there is no IPv6, nothing is taken there.
            let Ok(listener) = TcpListener::bind(address) else { continue };
            let port = listener.local_addr().unwrap().port();
            assert!(is_taken(port), "{address}");
        }
    }

    #[test]
    fn a_port_can_be_used_while_other_threads_start_programs() {
        let starts = std::thread::spawn(|| {
            for _ in 0..50 {
                let status = process::Command::new("true").status();
                assert!(status.unwrap().success());
            }
        });
        while !starts.is_finished() {
            assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, free())).is_ok());
        }
        starts.join().unwrap();
    }
}
