//! The server: finds case and endpoint in the path, answers as the case says, and records it.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cases::{self, Answer, Case, HONEST};
use crate::doors::Doors;
use crate::encoding::json_object;
use crate::exchange::{Exchange, JSON, with_cors};
use crate::faults::{Fault, Faults, Times};
use crate::http::{self, Listening, Reply, Request, Response, Sent};
use crate::record::{Endpoint, Outcome, Record, RecordedRequest};
use crate::responses::{self, Place, members};
use crate::sessions::{Lifetime, Session, Sessions};
use crate::{logout, par, resource, token};

/// A running hostile server; it ends when it is dropped.
#[derive(Debug)]
pub struct Server {
    listening: Listening,
    state: Arc<State>,
}

/// What the server remembers, and what it was told to do.
#[derive(Debug, Default)]
struct State {
    record: Record,
    sessions: Sessions,
    faults: Faults,
    doors: Doors,
}

impl State {
    fn make_honest(&self, case: &str) {
        self.record.make_honest(case);
        self.faults.reset(case);
    }

    fn reset(&self, case: &str) {
        self.record.reset(case);
        self.sessions.reset(case);
        self.faults.reset(case);
    }

    fn set_lifetime(&self, case: &str, lifetime: Lifetime) {
        self.sessions.with(case, |session| session.lifetime = lifetime);
    }

    fn expire(&self, case: &str) {
        self.sessions.with(case, Session::expire);
    }

    fn tokens(&self, case: &str) -> Vec<String> {
        self.sessions.with(case, |session| session.given_out())
    }

    fn to_json(&self, case: &str) -> Value {
        let mut json = self.record.to_json(case);
        json["tokens"] = Value::from(self.tokens(case));
        json
    }
}

impl Server {
    /// The origin, `http://localhost:PORT`.
    pub fn url(&self) -> String {
        origin(self.listening.port())
    }

    /// The issuer of a case.
    pub fn issuer(&self, case: &str) -> String {
        format!("{}/{case}", self.url())
    }

    /// The access token that an honest token response of this case holds.
    pub fn access_token(&self, case: &str) -> String {
        responses::access_token(case)
    }

    /// The requests of a case, in the order of their arrival.
    ///
    /// # Panics
    ///
    /// This and whatever else is about a case panics where there is none of the name.
    #[track_caller]
    pub fn requests(&self, case: &str) -> Vec<RecordedRequest> {
        self.state_of(case).record.requests(case)
    }

    /// A case's requests and counts, as `/_record/<case>` answers them.
    #[track_caller]
    pub fn record(&self, case: &str) -> Value {
        self.state_of(case).to_json(case)
    }

    /// Every token that a case has given out since its reset, ID tokens, too.
    #[track_caller]
    pub fn tokens(&self, case: &str) -> Vec<String> {
        self.state_of(case).tokens(case)
    }

    /// How often an endpoint of a case was called, preflights not counted.
    #[track_caller]
    pub fn count(&self, case: &str, endpoint: Endpoint) -> usize {
        self.state_of(case).record.count(case, endpoint)
    }

    /// What clients of a case did that a standard forbids.
    #[track_caller]
    pub fn violations(&self, case: &str) -> Vec<String> {
        self.state_of(case).record.violations(case)
    }

    /// Makes a case honest from now on.
    #[track_caller]
    pub fn make_honest(&self, case: &str) {
        self.state_of(case).make_honest(case);
    }

    /// Has requests to an endpoint go wrong, after what was planned before.
    #[track_caller]
    pub fn plan(&self, case: &str, endpoint: Endpoint, fault: Fault, times: Times) {
        self.state_of(case).faults.plan(case, endpoint, fault, times);
    }

    /// Has nothing go wrong at an endpoint any more.
    #[track_caller]
    pub fn clear(&self, case: &str, endpoint: Endpoint) {
        self.state_of(case).faults.clear(case, endpoint);
    }

    /// Lets the answers go that hang.
    #[track_caller]
    pub fn release(&self, case: &str) {
        self.state_of(case).faults.release(case);
    }

    /// How long access tokens are good that are given out from now on.
    #[track_caller]
    pub fn set_lifetime(&self, case: &str, lifetime: Lifetime) {
        self.state_of(case).set_lifetime(case, lifetime);
    }

    /// Has every access token run out that was given out.
    #[track_caller]
    pub fn expire(&self, case: &str) {
        self.state_of(case).expire(case);
    }

    /// Forgets a case.
    #[track_caller]
    pub fn reset(&self, case: &str) {
        self.state_of(case).reset(case);
    }
    #[track_caller]
    fn state_of(&self, case: &str) -> &State {
        assert!(case_of(case).is_some(), "there is no case of the name {case}");
        &self.state
    }
}

/// Starts a hostile server on a port of 127.0.0.1 (0: any free one).
pub fn start(port: u16) -> io::Result<Server> {
    let state = Arc::<State>::default();
    let served = Arc::clone(&state);
    let listening = http::listen(port, move |request, reply| handle(&served, request, reply))?;
    Ok(Server { listening, state })
}

fn origin(port: u16) -> String {
    format!("http://localhost:{port}")
}

fn handle(state: &Arc<State>, request: Request, mut reply: Reply) {
    if let Some(words) = control(&request.path) {
        let response = answer_control(state, &words).unwrap_or_else(|| {
            with_cors(Response::new(404, "text/plain", "There is no control of this name."))
        });
        reply.send(&response.with_header("Cache-Control", "no-store"));
        return;
    }
    let Some((segment, endpoint, well_known)) = route(&request.path) else {
        reply.send(&Response::empty(404));
        return;
    };
    let Some(case) = case_of(&segment) else {
        let unknown = format!("There is no case of the name {segment}.");
        reply.send(&with_cors(Response::new(404, "text/plain", unknown)));
        return;
    };
    let State { record, sessions, faults, .. } = &**state;
    let case = if record.is_honest(&segment) { &HONEST } else { case };
    let place = Place { origin: reply.local_port().map(origin).unwrap_or_default(), segment };
    let releases = faults.releases(&place.segment);
    let is_preflight = request.method == "OPTIONS";
    let fault = if is_preflight { None } else { faults.take(&place.segment, endpoint) };
    let number = record.begin(&place.segment, endpoint, request.clone());
    let exchange = Exchange { place: &place, case, record, sessions, request: &request };
    let honest = || answer(&exchange, endpoint, well_known);
    let response = match fault {
        Some(fault) => fault.instead().unwrap_or_else(|| fault.damage(honest())),
        None => honest(),
    };
    let arrived = Instant::now();
    let held = match fault {
        Some(Fault::Slow(milliseconds)) => {
            reply.hold(|| arrived.elapsed() >= Duration::from_millis(milliseconds))
        }
        Some(Fault::Hang) => reply.hold(|| faults.releases(&place.segment) != releases),
        _ => Ok(()),
    };
    let sent = match held {
        Ok(()) => reply.send(&response),
        Err(_) => Sent { bytes: 0, aborted: true },
    };
    let outcome = Outcome { status: response.status, location: location(&response), sent };
    record.finish(&place.segment, number, outcome);
}

/// The case that a segment of the path stands for, which may have a label after a tilde.
fn case_of(segment: &str) -> Option<&'static Case> {
    cases::find(segment.split('~').next()?)
}

fn location(response: &Response) -> Option<String> {
    let (_, value) = response.headers.iter().find(|(name, _)| name == "Location")?;
    Some(value.clone())
}

/// The words of a control: its name, the case, and what is said of it.
fn control(path: &str) -> Option<Vec<&str>> {
    Some(path.strip_prefix("/_")?.split('/').collect())
}

/// Does what a test says. What it says of a case that nobody has asked or reset is refused, or a mistake in
/// the name would have a fault never come and a count be 0.
fn answer_control(state: &Arc<State>, words: &[&str]) -> Option<Response> {
    if let ["record" | "honest" | "fault" | "release" | "lifetime" | "expire", case, ..] = *words
        && !state.record.knows(case)
    {
        return None;
    }
    let case = match *words {
        ["door", ref words @ ..] => return answer_door(state, words),
        ["record", case] => case,
        ["reset", case] => {
            case_of(case)?;
            state.reset(case);
            case
        }
        ["honest", case] => {
            state.make_honest(case);
            case
        }
        ["fault", case, endpoint, kind, ref times @ ..] => {
            plan(&state.faults, case, Endpoint::of_name(endpoint)?, kind, times)?;
            case
        }
        ["release", case] => {
            state.faults.release(case);
            case
        }
        ["lifetime", case, "unsaid"] => {
            state.set_lifetime(case, Lifetime::Unsaid);
            case
        }
        ["lifetime", case, seconds] => {
            state.set_lifetime(case, Lifetime::Seconds(seconds.parse().ok()?));
            case
        }
        ["expire", case] => {
            state.expire(case);
            case
        }
        _ => return None,
    };
    Some(with_cors(Response::new(200, JSON, state.to_json(case).to_string())))
}

fn plan(faults: &Faults, case: &str, endpoint: Endpoint, kind: &str, times: &[&str]) -> Option<()> {
    if kind == "none" {
        faults.clear(case, endpoint);
        return times.is_empty().then_some(());
    }
    let times = match *times {
        [] => None,
        [times] => Some(times.parse().ok()?),
        _ => return None,
    };
    faults.plan(case, endpoint, Fault::parse(kind)?, times);
    Some(())
}

fn answer_door(state: &Arc<State>, words: &[&str]) -> Option<Response> {
    let open = |port| {
        // The doors are part of the state, which must not keep itself alive.
        let served = Arc::downgrade(state);
        state.doors.open(port, move |request, reply| {
            if let Some(state) = served.upgrade() {
                handle(&state, request, reply);
            }
        })
    };
    let port = match *words {
        ["new"] => open(0),
        ["open", port] => open(port.parse().ok()?),
        ["shut", port] => {
            let port = port.parse().ok()?;
            state.doors.shut(port);
            Ok(port)
        }
        _ => return None,
    };
    Some(with_cors(match port {
        Ok(port) => {
            let url = members([("url", Value::from(origin(port))), ("port", Value::from(port))]);
            Response::new(200, JSON, json_object(&url))
        }
        Err(error) => Response::new(500, "text/plain", error.to_string()),
    }))
}

/// The two places of a metadata document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WellKnown {
    OpenId,
    OAuth,
}

/// Finds the case's segment and the endpoint; RFC 8414 puts the well-known part before the path.
fn route(path: &str) -> Option<(String, Endpoint, Option<WellKnown>)> {
    if let Some(segment) = path.strip_prefix("/.well-known/oauth-authorization-server/") {
        return Some((segment.to_owned(), Endpoint::Discovery, Some(WellKnown::OAuth)));
    }
    let (segment, rest) = path.strip_prefix('/')?.split_once('/')?;
    let endpoint = match rest {
        ".well-known/openid-configuration" => Endpoint::Discovery,
        "authorize" => Endpoint::Authorize,
        "token" => Endpoint::Token,
        "userinfo" => Endpoint::Userinfo,
        "jwks" => Endpoint::Jwks,
        "par" => Endpoint::Par,
        "revoke" => Endpoint::Revoke,
        "logout" => Endpoint::Logout,
        "api" | "mail" => Endpoint::Api,
        _ => Endpoint::Other,
    };
    let well_known = (endpoint == Endpoint::Discovery).then_some(WellKnown::OpenId);
    Some((segment.to_owned(), endpoint, well_known))
}

fn answer(exchange: &Exchange<'_>, endpoint: Endpoint, well_known: Option<WellKnown>) -> Response {
    let case = exchange.case;
    let response = match endpoint {
        _ if exchange.request.method == "OPTIONS" => answer_preflight(case, endpoint),
        Endpoint::Discovery => answer_discovery(exchange, well_known),
        Endpoint::Authorize => answer_authorize(exchange),
        Endpoint::Token => token::answer(exchange),
        Endpoint::Userinfo => resource::answer_userinfo(exchange),
        Endpoint::Jwks => answer_jwks(exchange),
        Endpoint::Par => par::answer(exchange),
        Endpoint::Revoke => logout::answer_revocation(exchange),
        Endpoint::Logout => logout::answer_logout(exchange),
        Endpoint::Api => resource::answer_api(exchange),
        Endpoint::Other => with_cors(Response::empty(404)),
    };
    if case.dpop.is_some_and(|dpop| !dpop.exposed) {
        return with_hidden_nonce(response);
    }
    if case.cookies {
        return tempt_with_cookies(response, exchange.request);
    }
    response
}

fn answer_of(case: &Case, endpoint: Endpoint) -> Answer {
    match endpoint {
        Endpoint::Discovery => case.discovery,
        Endpoint::Token => case.token,
        Endpoint::Userinfo => case.userinfo,
        Endpoint::Jwks => case.jwks,
        Endpoint::Par => case.par.map_or(Answer::Honest(&[]), |par| par.answer),
        Endpoint::Revoke => case.revocation,
        _ => Answer::Honest(&[]),
    }
}

fn answer_preflight(case: &Case, endpoint: Endpoint) -> Response {
    let response = Response::empty(204);
    if matches!(answer_of(case, endpoint), Answer::WithoutCors) {
        return response;
    }
    let (methods, headers) = match endpoint {
        Endpoint::Api => ("GET, POST, PUT, PATCH, DELETE, PROPFIND", ", idempotency-key"),
        _ => ("GET, POST", ""),
    };
    let proofs = if case.dpop.is_none_or(|dpop| dpop.let_in) { ", dpop" } else { "" };
    with_cors(response).with_header("Access-Control-Allow-Methods", methods).with_header(
        "Access-Control-Allow-Headers",
        &format!("authorization, content-type{proofs}{headers}"),
    )
}

fn answer_discovery(exchange: &Exchange<'_>, well_known: Option<WellKnown>) -> Response {
    let case = exchange.case;
    let served = match well_known {
        Some(WellKnown::OpenId) => !case.oauth_only,
        _ => case.oauth_only || matches!(case.discovery, Answer::Fixed { .. }),
    };
    if !served {
        return with_cors(Response::empty(404));
    }
    let document = responses::metadata(exchange.place, case);
    exchange.answer_json(case.discovery, ".well-known/openid-configuration", document)
}

fn answer_authorize(exchange: &Exchange<'_>) -> Response {
    // No CORS here: the authorization endpoint is for navigation only (RFC 9700 section 2.6).
    let location = par::authorization_request(exchange).and_then(|request| {
        responses::authorization_response(exchange.place, exchange.case, &request)
    });
    match location {
        Ok(location) => Response::empty(302)
            .with_header("Location", &location)
            .with_header("Cache-Control", "no-store"),
        Err(reason) => Response::new(400, "text/plain", reason),
    }
}

fn answer_jwks(exchange: &Exchange<'_>) -> Response {
    let (case, place) = (exchange.case, exchange.place);
    // The request that is being answered is counted already.
    let is_first = exchange.record.count(&place.segment, Endpoint::Jwks) == 1;
    exchange.answer_json(case.jwks, "jwks", case.keys.document(place, is_first))
}

/// Lets scripts read everything but the nonce.
fn with_hidden_nonce(mut response: Response) -> Response {
    for (name, value) in &mut response.headers {
        if name == "Access-Control-Expose-Headers" {
            *value = value.replace(", DPoP-Nonce", "");
        }
    }
    response
}

/// Sets a cookie and allows credentials, so that a client which would send them is found out.
fn tempt_with_cookies(mut response: Response, request: &Request) -> Response {
    response.headers.retain(|(name, _)| name != "Access-Control-Allow-Origin");
    let origin = request.header("origin").unwrap_or("null");
    response
        .with_header("Access-Control-Allow-Origin", origin)
        .with_header("Access-Control-Allow-Credentials", "true")
        .with_header("Set-Cookie", "hostile-cookie=1; Path=/; SameSite=Lax")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpStream;

    fn exchange(server: &Server, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", server.listening.port())).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn get(server: &Server, path: &str) -> String {
        exchange(server, &format!("GET {path} HTTP/1.1\r\nOrigin: http://localhost:8080\r\n\r\n"))
    }

    fn body(answer: &str) -> Value {
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    fn post_token(server: &Server, case: &str) -> String {
        let location = get(
            server,
            &format!("/{case}/authorize?redirect_uri=http%3A%2F%2Flocalhost%2Fcb&state=s&nonce=n"),
        );
        let code = location.split("code=").nth(1).unwrap().split(['&', '\r']).next().unwrap();
        let form = format!("grant_type=authorization_code&code={code}&code_verifier=v");
        let length = form.len();
        exchange(
            server,
            &format!("POST /{case}/token HTTP/1.1\r\nContent-Length: {length}\r\n\r\n{form}"),
        )
    }

    #[test]
    fn paths_lead_to_case_and_endpoint() {
        let found = |path| route(path).map(|(segment, endpoint, _)| (segment, endpoint));
        let honest = |endpoint| Some(("honest".to_owned(), endpoint));
        assert_eq!(found("/honest/.well-known/openid-configuration"), honest(Endpoint::Discovery));
        assert_eq!(
            found("/.well-known/oauth-authorization-server/honest"),
            honest(Endpoint::Discovery)
        );
        assert_eq!(found("/honest/token"), honest(Endpoint::Token));
        assert_eq!(found("/honest/par"), honest(Endpoint::Par));
        assert_eq!(found("/honest/nothing"), honest(Endpoint::Other));
        assert_eq!(found("/"), None);
    }

    #[test]
    fn a_whole_honest_sign_in_is_answered_and_recorded() {
        let server = start(0).unwrap();
        let metadata = body(&get(&server, "/honest/.well-known/openid-configuration"));
        assert_eq!(metadata["issuer"], server.issuer("honest"));
        let token = body(&post_token(&server, "honest"));
        assert_eq!(token["access_token"], server.access_token("honest"));
        assert_eq!(Value::from(server.tokens("honest"))[1], token["id_token"]);
        assert_eq!(server.count("honest", Endpoint::Discovery), 1);
        assert_eq!(server.count("honest", Endpoint::Token), 1);
        assert_eq!(server.count("honest", Endpoint::Userinfo), 0);
        let record = body(&get(&server, "/_record/honest"));
        assert_eq!(record["counts"]["authorize"], 1);
        assert_eq!(record["requests"][0]["origin"], "http://localhost:8080");
        assert_eq!(record["tokens"][0], token["access_token"]);
        assert_eq!(body(&get(&server, "/_reset/honest"))["counts"]["authorize"], 0);
    }

    #[test]
    fn labels_share_a_case_but_not_a_record() {
        let server = start(0).unwrap();
        assert!(post_token(&server, "t26-html~1").contains("text/html"));
        assert_eq!(server.count("t26-html~1", Endpoint::Token), 1);
        assert_eq!(server.count("t26-html", Endpoint::Token), 0);
    }

    #[test]
    fn a_case_can_be_made_honest() {
        let server = start(0).unwrap();
        assert!(post_token(&server, "t26-html").contains("text/html"));
        server.make_honest("t26-html");
        assert!(post_token(&server, "t26-html").contains("id_token"));
    }

    #[test]
    fn without_cors_means_without_any_of_its_headers() {
        let server = start(0).unwrap();
        let answer = post_token(&server, "t40-no-cors");
        assert!(!answer.to_ascii_lowercase().contains("access-control"), "{answer}");
        assert!(answer.contains("access_token"));
    }

    #[test]
    fn an_unknown_case_says_so() {
        let server = start(0).unwrap();
        assert!(get(&server, "/t0-nothing/token").contains("no case of the name t0-nothing"));
    }

    #[test]
    fn what_is_said_of_unknown_names_is_refused() {
        let server = start(0).unwrap();
        let status = |path: &str| get(&server, path).split(' ').nth(1).unwrap().to_owned();
        assert_eq!(status("/_reset/honest~7"), "200");
        let known = [
            "record/honest~7",
            "fault/honest~7/token/reset",
            "fault/honest~7/token/none",
            "release/honest~7",
            "lifetime/honest~7/60",
            "expire/honest~7",
            "honest/honest~7",
        ];
        for words in known {
            assert_eq!(status(&format!("/_{words}")), "200", "{words}");
            // A label that no request and no reset ever had, and a case that is none.
            let mistaken = words.replace("honest~7", "honest~8");
            assert_eq!(status(&format!("/_{mistaken}")), "404", "{mistaken}");
            let mistaken = words.replace("honest~7", "hones~7");
            assert_eq!(status(&format!("/_{mistaken}")), "404", "{mistaken}");
        }
        for mistaken in [
            "reset/hones~7",
            "fault/honest~7/revocation/reset",
            "fault/honest~7/token/rest",
            "fault/honest~7/token/none/1",
            "lifetime/honest~7/unsayd",
            "expires/honest~7",
        ] {
            assert_eq!(status(&format!("/_{mistaken}")), "404", "{mistaken}");
        }
    }

    #[test]
    #[should_panic(expected = "no case of the name hones")]
    fn an_unknown_case_is_not_counted() {
        start(0).unwrap().count("hones", Endpoint::Token);
    }
}
