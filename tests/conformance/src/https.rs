//! JSON over HTTPS, to a suite on this machine.
//!
//! The suite's certificate is signed by itself, for whatever name it is reached by. So nobody can be asked
//! whether it is the right one: the first that is shown is taken, and no other after it. That is good
//! enough for an address of this machine, and only there.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{self, CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

/// No connection takes longer, on one machine.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// No answer takes longer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// A status and a body; no JSON is `null`.
pub(crate) type Answer = (u16, Value);

/// A server, and the certificate that it showed first.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    host: String,
    authority: String,
    first: Arc<First>,
    tls: Arc<ClientConfig>,
}

impl Server {
    /// The server of an address, which must be on this machine. It is not asked anything yet.
    pub(crate) fn new(url: &Url) -> Result<Self, String> {
        let port = url.port_or_known_default().unwrap_or(443);
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let found = (host.as_str(), port).to_socket_addrs();
        let found = found.map_err(|error| format!("{host} is not found: {error}"))?;
        let address = found.into_iter().find(|address| address.ip().is_loopback());
        let address = address.ok_or_else(|| {
            format!("{host} is another machine: the suite must run on this one, see --help")
        })?;
        let provider = Arc::new(crypto::ring::default_provider());
        let first = Arc::new(First { certificate: OnceLock::new(), provider: provider.clone() });
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(first.clone())
            .with_no_client_auth();
        let authority = format!("{}:{port}", url.host_str().unwrap_or_default());
        Ok(Self { address, host, authority, first, tls: Arc::new(tls) })
    }

    /// Sends a request, and reads the answer.
    pub(crate) fn send(&self, method: &str, path: &str, body: &Value) -> Result<Answer, String> {
        let said = |error: io::Error| format!("{method} {path}: {error}");
        let answer = self.exchange(method, path, body).map_err(said)?;
        read_answer(&answer).ok_or_else(|| format!("{method} {path}: the answer is no HTTP"))
    }

    /// The key of its certificate, as browsers name it: the hash that Chromium's
    /// `--ignore-certificate-errors-spki-list` takes. Known after the first answer.
    pub(crate) fn key(&self) -> Option<String> {
        let certificate = ParsedCertificate::try_from(self.first.certificate.get()?).ok()?;
        Some(STANDARD.encode(Sha256::digest(certificate.subject_public_key_info())))
    }

    fn exchange(&self, method: &str, path: &str, body: &Value) -> io::Result<Vec<u8>> {
        let name = ServerName::try_from(self.host.clone()).map_err(io::Error::other)?;
        let tls = ClientConnection::new(self.tls.clone(), name).map_err(io::Error::other)?;
        let stream = TcpStream::connect_timeout(&self.address, CONNECT_TIMEOUT)?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        let mut stream = StreamOwned::new(tls, stream);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        // By version 1.0 the body comes in one piece, and ends with the connection.
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: {}\r\nAccept: application/json\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.authority,
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())?;
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            // Some servers end without saying so. What is cut off is no JSON.
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error),
            _ => Ok(answer),
        }
    }
}

fn read_answer(answer: &[u8]) -> Option<Answer> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]);
    let status = head.strip_prefix("HTTP/")?.split(' ').nth(1)?.parse().ok()?;
    Some((status, serde_json::from_slice(&answer[end + 4..]).unwrap_or_default()))
}

/// Takes the first certificate that it is shown, and no other.
struct First {
    certificate: OnceLock<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl fmt::Debug for First {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("First").field("certificate", &self.certificate).finish()
    }
}

impl ServerCertVerifier for First {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let first = self.certificate.get_or_init(|| shown.clone().into_owned());
        if first == shown {
            return Ok(ServerCertVerified::assertion());
        }
        Err(Error::General("its certificate is another than before".to_owned()))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_is_a_status_and_json() {
        let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\n{\"id\": 1}";
        assert_eq!(read_answer(answer), Some((201, json!({"id": 1}))));
        let empty = read_answer(b"HTTP/1.1 204 No Content\r\n\r\n");
        assert_eq!(empty, Some((204, Value::Null)));
        assert_eq!(read_answer(b"HTTP/1.1 502 Bad\r\n\r\n<html>"), Some((502, Value::Null)));
        assert_eq!(read_answer(b"SSH-2.0\r\n\r\n"), None);
        assert_eq!(read_answer(b"HTTP/1.1 200 OK\r\n"), None);
    }

    #[test]
    fn only_this_machine_is_asked() {
        let server = |url: &str| Server::new(&Url::parse(url).unwrap());
        assert_eq!(server("https://localhost:8443/").unwrap().authority, "localhost:8443");
        assert_eq!(server("https://[::1]:8443/").unwrap().authority, "[::1]:8443");
        assert!(server("https://192.0.2.1/").unwrap_err().contains("another machine"));
    }

    #[test]
    fn no_certificate_is_taken_but_the_first() {
        let server = Server::new(&Url::parse("https://127.0.0.1/").unwrap()).unwrap();
        let shown = |bytes: &[u8]| {
            let certificate = CertificateDer::from(bytes.to_vec());
            let name = ServerName::try_from("localhost").unwrap();
            server.first.verify_server_cert(&certificate, &[], &name, &[], UnixTime::now())
        };
        assert_eq!(server.key(), None);
        assert!(shown(b"one").is_ok());
        assert!(shown(b"another").is_err());
        assert!(shown(b"one").is_ok());
    }
}
