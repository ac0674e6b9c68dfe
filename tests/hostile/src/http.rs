//! HTTP/1.1 for tests: one thread and one request for each connection, loopback only, and bodies
//! that no honest server would send.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::encoding::{Pairs, parse_form, percent_decode};

/// No request is larger than this.
const MAX_REQUEST: u64 = 4 << 20;
/// An idle connection is given up after this time; browsers open some ahead of need.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// Drips and silences end after this time even when the peer waits on.
const MAX_PATIENCE: Duration = Duration::from_secs(120);
/// Floods end after this many bytes even when the peer reads on.
const FLOOD_BYTES: u64 = 200 << 20;
/// How often it is looked whether a held answer is due.
const HOLD_INTERVAL: Duration = Duration::from_millis(10);

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST`, `OPTIONS`, …
    pub method: String,
    /// The path, percent-decoded.
    pub path: String,
    /// The query as it was sent, without the question mark.
    pub query: String,
    /// Header fields in the order of the wire.
    pub headers: Pairs,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The first value of a header field; names are compared without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// The parameters of the query.
    pub fn query_parameters(&self) -> Pairs {
        parse_form(&self.query)
    }

    /// The parameters of a form body.
    pub fn form_parameters(&self) -> Pairs {
        parse_form(&String::from_utf8_lossy(&self.body))
    }
}

/// What is sent after the header.
#[derive(Clone, Debug)]
pub enum Body {
    /// These bytes, with their length.
    Bytes(Vec<u8>),
    /// 200 MB that begin with these bytes and go on with one letter; with the length declared, or
    /// chunked without an end in sight.
    Flood {
        /// The first bytes.
        start: Vec<u8>,
        /// Whether `Content-Length` tells the size.
        declared: bool,
    },
    /// These bytes, one each second, out of a body declared longer.
    Drip(Vec<u8>),
    /// Half of these bytes, with the length of all.
    Half(Vec<u8>),
    /// Nothing, not even a header.
    Silence,
    /// Nothing, and the connection is reset.
    Reset,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header fields; lengths and `Connection` are added when it is sent.
    pub headers: Pairs,
    /// The body.
    pub body: Body,
}

impl Response {
    /// An answer with a body of a media type.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let response = Self { status, headers: Vec::new(), body: Body::Bytes(body.into()) };
        if content_type.is_empty() {
            return response;
        }
        response.with_header("Content-Type", content_type)
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self::new(status, "", Vec::new())
    }

    /// The same with one more header field.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// How much of an answer left, and whether the peer closed before its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Bytes of the body that were handed to the system.
    pub bytes: u64,
    /// Whether the peer closed the connection early.
    pub aborted: bool,
}

/// The way back to the peer.
#[derive(Debug)]
pub struct Reply {
    stream: TcpStream,
}

impl Reply {
    /// The port that the request came to.
    pub fn local_port(&self) -> io::Result<u16> {
        self.stream.local_addr().map(|address| address.port())
    }

    /// Keeps the peer waiting until the answer is due; fails as soon as the peer has closed.
    pub fn hold(&mut self, is_due: impl Fn() -> bool) -> io::Result<()> {
        let started = Instant::now();
        while !is_due() && started.elapsed() < MAX_PATIENCE {
            self.wait_until_closed(HOLD_INTERVAL)?;
        }
        Ok(())
    }

    /// Sends an answer and tells how far that went.
    pub fn send(mut self, response: &Response) -> Sent {
        let mut sent = Sent::default();
        let complete = self.write(response, &mut sent).is_ok();
        sent.aborted = !complete;
        sent
    }

    fn write(&mut self, response: &Response, sent: &mut Sent) -> io::Result<()> {
        match &response.body {
            Body::Bytes(bytes) => {
                let length = format!("Content-Length: {}\r\n", bytes.len());
                self.write_head(response, &length)?;
                self.write_counted(bytes, sent)
            }
            Body::Flood { start, declared } => self.flood(response, start, *declared, sent),
            Body::Drip(bytes) => self.drip(response, bytes, sent),
            Body::Half(bytes) => {
                self.write_head(response, &format!("Content-Length: {}\r\n", bytes.len()))?;
                self.write_counted(&bytes[..bytes.len() / 2], sent)
            }
            // Closing sends a reset where there is no time to linger.
            Body::Reset => SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)),
            Body::Silence => self.wait_until_closed(MAX_PATIENCE),
        }
    }

    fn write_head(&mut self, response: &Response, framing: &str) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", response.status, reason(response.status));
        for (name, value) in &response.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(framing);
        head.push_str("Connection: close\r\n\r\n");
        self.stream.write_all(head.as_bytes())
    }

    fn write_counted(&mut self, bytes: &[u8], sent: &mut Sent) -> io::Result<()> {
        self.stream.write_all(bytes)?;
        sent.bytes += bytes.len() as u64;
        Ok(())
    }

    fn flood(
        &mut self,
        response: &Response,
        start: &[u8],
        declared: bool,
        sent: &mut Sent,
    ) -> io::Result<()> {
        let framing = if declared {
            format!("Content-Length: {FLOOD_BYTES}\r\n")
        } else {
            "Transfer-Encoding: chunked\r\n".to_owned()
        };
        self.write_head(response, &framing)?;
        let filler = vec![b'a'; 64 << 10];
        let mut piece = start.to_vec();
        while sent.bytes < FLOOD_BYTES {
            piece.truncate(usize::try_from(FLOOD_BYTES - sent.bytes).unwrap_or(usize::MAX));
            if declared {
                self.write_counted(&piece, sent)?;
            } else {
                write!(self.stream, "{:x}\r\n", piece.len())?;
                self.write_counted(&piece, sent)?;
                self.stream.write_all(b"\r\n")?;
            }
            piece.clone_from(&filler);
        }
        Ok(())
    }

    fn drip(&mut self, response: &Response, bytes: &[u8], sent: &mut Sent) -> io::Result<()> {
        self.write_head(response, "Content-Length: 100000\r\n")?;
        let started = Instant::now();
        for byte in bytes.iter().chain(std::iter::repeat(&b' ')) {
            if started.elapsed() > MAX_PATIENCE {
                break;
            }
            self.write_counted(&[*byte], sent)?;
            self.wait_until_closed(Duration::from_secs(1))?;
        }
        Ok(())
    }

    /// Waits, and fails as soon as the peer has closed.
    fn wait_until_closed(&mut self, patience: Duration) -> io::Result<()> {
        self.stream.set_read_timeout(Some(patience))?;
        match self.stream.read(&mut [0]) {
            Ok(_) => Err(io::ErrorKind::ConnectionAborted.into()),
            Err(error) if is_timeout(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        302 => "Found",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Status",
    }
}

/// A server that listens until it is dropped.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Listening {
    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // One more connection wakes the thread that waits for connections.
        let woken = TcpStream::connect(self.address).is_ok();
        if let Some(thread) = self.thread.take().filter(|_| woken) {
            // Afterwards the port refuses connections, however the thread ended.
            let _ended = thread.join();
        }
    }
}

/// Listens on a port of 127.0.0.1 (0: any free one) and hands every request to `handler`.
pub fn listen(
    port: u16,
    handler: impl Fn(Request, Reply) + Send + Sync + 'static,
) -> io::Result<Listening> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    let address = listener.local_addr()?;
    let is_stopped = Arc::<AtomicBool>::default();
    let stopped = Arc::clone(&is_stopped);
    let handler = Arc::new(handler);
    let thread = thread::spawn(move || {
        for stream in listener.incoming() {
            if is_stopped.load(Ordering::SeqCst) {
                return;
            }
            let Ok(stream) = stream else { continue };
            let handler = Arc::clone(&handler);
            thread::spawn(move || serve(stream, handler.as_ref()));
        }
    });
    Ok(Listening { address, stopped, thread: Some(thread) })
}

fn serve(stream: TcpStream, handler: &(impl Fn(Request, Reply) + ?Sized)) {
    // A connection that closes or stalls before its request is complete needs no answer.
    if let Ok(request) = read_request(&stream) {
        handler(request, Reply { stream });
    }
}

fn read_request(stream: &TcpStream) -> io::Result<Request> {
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    let mut reader = BufReader::new(stream.take(MAX_REQUEST));
    let first_line = read_line(&mut reader)?;
    let mut words = first_line.split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        method: method.to_owned(),
        path: percent_decode(path),
        query: query.to_owned(),
        headers: read_headers(&mut reader)?,
        body: Vec::new(),
    };
    let length = request.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    reader.take(length).read_to_end(&mut request.body)?;
    Ok(request)
}

fn read_headers(reader: &mut impl BufRead) -> io::Result<Pairs> {
    let mut headers = Vec::new();
    loop {
        let line = read_line(reader)?;
        if line.is_empty() {
            return Ok(headers);
        }
        let (name, value) = line.split_once(':').ok_or(io::ErrorKind::InvalidData)?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

fn read_line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(String::from_utf8_lossy(&line).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn exchange(port: u16, request: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn a_request_arrives_whole_and_is_answered() {
        let server = listen(0, |request, reply| {
            let text = format!(
                "{} {} {} {:?}",
                request.method,
                request.path,
                request.query,
                request.form_parameters()
            );
            reply.send(&Response::new(200, "text/plain", text));
        })
        .unwrap();
        let answer = exchange(
            server.port(),
            "POST /a%20b?c=d HTTP/1.1\r\nHost: x\r\ncontent-length: 3\r\n\r\ne=f",
        );
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with(r#"POST /a b c=d [("e", "f")]"#), "{answer}");
    }

    #[test]
    fn a_flood_stops_when_the_peer_closes() {
        let (tell, told) = mpsc::channel();
        let server = listen(0, move |_, reply| {
            let flood = Body::Flood { start: b"{".to_vec(), declared: false };
            let response = Response { body: flood, ..Response::empty(200) };
            tell.send(reply.send(&response)).unwrap();
        })
        .unwrap();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        stream.read_exact(&mut [0; 1000]).unwrap();
        drop(stream);
        let sent = told.recv_timeout(Duration::from_secs(10)).unwrap();
        assert!(sent.aborted && sent.bytes < FLOOD_BYTES, "{sent:?}");
    }

    #[test]
    fn half_a_body_and_a_reset_are_no_whole_answers() {
        let server = listen(0, |request, reply| {
            let body = match request.path.as_str() {
                "/half" => Body::Half(b"abcd".to_vec()),
                _ => Body::Reset,
            };
            reply.send(&Response { body, ..Response::empty(200) });
        })
        .unwrap();
        let half = exchange(server.port(), "GET /half HTTP/1.1\r\n\r\n");
        assert!(half.contains("Content-Length: 4\r\n") && half.ends_with("\r\n\r\nab"), "{half}");
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).unwrap();
        stream.write_all(b"GET /reset HTTP/1.1\r\n\r\n").unwrap();
        let error = stream.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }

    #[test]
    fn a_held_answer_waits_for_its_time_and_for_nobody_who_has_left() {
        let (tell, told) = mpsc::channel();
        let server = listen(0, move |_, mut reply| {
            let started = Instant::now();
            let held = reply.hold(|| started.elapsed() > Duration::from_millis(200));
            tell.send((held.is_ok(), started.elapsed())).unwrap();
            reply.send(&Response::empty(200));
        })
        .unwrap();
        exchange(server.port(), "GET / HTTP/1.1\r\n\r\n");
        let (is_whole, took) = told.recv_timeout(Duration::from_secs(10)).unwrap();
        assert!(is_whole && took > Duration::from_millis(200), "{took:?}");
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        drop(stream);
        assert!(!told.recv_timeout(Duration::from_secs(10)).unwrap().0);
    }

    #[test]
    fn a_port_that_was_listened_on_refuses_connections_and_can_be_had_again() {
        let answer = |_, reply: Reply| {
            reply.send(&Response::empty(200));
        };
        let server = listen(0, answer).unwrap();
        let port = server.port();
        drop(server);
        let error = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        let server = listen(port, answer).unwrap();
        assert!(exchange(server.port(), "GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 200"));
    }

    #[test]
    fn silence_ends_when_the_peer_closes() {
        let (tell, told) = mpsc::channel();
        let server = listen(0, move |_, reply| {
            let response = Response { body: Body::Silence, ..Response::empty(200) };
            tell.send(reply.send(&response)).unwrap();
        })
        .unwrap();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        drop(stream);
        let sent = told.recv_timeout(Duration::from_secs(10)).unwrap();
        assert_eq!((sent.bytes, sent.aborted), (0, true));
    }
}
