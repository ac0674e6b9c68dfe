//! The suite's REST API.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::https::{Answer, Server};
use crate::verdict::{Remark, State};

const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// What a module may take until it waits for the client.
const START: Duration = Duration::from_secs(30);
/// A module that does something in the background while it starts may be too early for itself, and is
/// ended then: 5.2.4 lets the one of third-party initiated login do so five times out of six.
const TRIPPED: &str = "Illegal test state change: CREATED -> RUNNING";
const TRIES: usize = 60;

/// A suite that answers.
#[derive(Clone, Debug)]
pub(crate) struct Suite {
    server: Server,
    /// Which one it is, as it says itself.
    pub(crate) version: String,
    /// The key of its certificate, for the browser.
    pub(crate) key: String,
}

/// A plan that was made, and the modules that the suite finds in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Made {
    id: String,
    pub(crate) modules: Vec<Listed>,
}

/// A module of a plan, with what the plan itself chooses for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) name: String,
    variant: Value,
}

impl Suite {
    /// Asks the suite at an address who it is.
    pub(crate) fn ask(address: &str) -> Result<Self, String> {
        let url = Url::parse(address).ok().filter(|url| url.scheme() == "https");
        let url = url.ok_or("--suite must be a URL that begins with https://")?;
        let silent = |error| format!("the suite at {address} doesn't answer: {error}");
        let server = Server::new(&url)?;
        let answer = server.send("GET", "/api/server", &Value::Null).map_err(silent)?;
        let version = match &answer {
            (200, said) => said["version"].as_str().map(str::to_owned),
            _ => None,
        };
        let another = || format!("what answers at {address} is no conformance suite");
        let (version, key) = version.zip(server.key()).ok_or_else(another)?;
        Ok(Self { server, version, key })
    }

    /// Makes a plan.
    pub(crate) fn make(&self, plan: &str, variant: &Value, config: &Value) -> Result<Made, String> {
        let path = format!("/api/plan?planName={}&variant={}", quoted(plan), of_json(variant));
        match self.server.send("POST", &path, config)? {
            (201, made) => {
                read_plan(&made).ok_or_else(|| format!("{plan}: the suite made it without an id"))
            }
            (404, _) => Err(format!("the suite has no plan {plan}")),
            (302 | 401 | 403, _) => {
                Err("the suite wants somebody to sign in: it must be started in \
                                         its mode for developers, see --help"
                    .to_owned())
            }
            answer => Err(refused(plan, &answer)),
        }
    }

    /// Starts a module, and waits until it waits for the client. Returns its id.
    pub(crate) fn start(&self, plan: &Made, module: &Listed) -> Result<String, String> {
        let mut path =
            format!("/api/runner?test={}&plan={}", quoted(&module.name), quoted(&plan.id));
        if !module.variant.is_null() {
            path += &format!("&variant={}", of_json(&module.variant));
        }
        for _ in 0..TRIES {
            let started = self.server.send("POST", &path, &Value::Null)?;
            let (201, Some(id)) = (started.0, started.1["id"].as_str()) else {
                return Err(refused("it did not start", &started));
            };
            let wanted = |state: &State| state.status == "WAITING" || state.is_over();
            let state = self.wait_for(id, START, wanted)?;
            if state.status == "WAITING" {
                return Ok(id.to_owned());
            }
            let why =
                self.remarks(id)?.iter().map(Remark::to_string).collect::<Vec<_>>().join("; ");
            if !why.contains(TRIPPED) {
                return Err(format!(
                    "it was {} before it waited for the client: {why}",
                    state.status
                ));
            }
        }
        Err(format!("it tripped over itself {TRIES} times while it started"))
    }

    /// The issuer that a module plays.
    pub(crate) fn issuer(&self, id: &str) -> Result<String, String> {
        let running = self.get(&format!("/api/runner/{id}"))?;
        let issuer = running["exposed"]["issuer"].as_str();
        issuer.map(str::to_owned).ok_or_else(|| "the module names no issuer".to_owned())
    }

    /// The address that a module wants a person to visit, once it wants one; it is told that this happens.
    pub(crate) fn visit(&self, id: &str) -> Result<String, String> {
        let deadline = Instant::now() + START;
        while Instant::now() < deadline {
            let browser = self.get(&format!("/api/runner/browser/{id}"))?;
            if let Some(url) = browser["urls"][0].as_str() {
                let path = format!("/api/runner/browser/{id}/visit?url={}", quoted(url));
                self.server.send("POST", &path, &Value::Null)?;
                return Ok(url.to_owned());
            }
            thread::sleep(POLL_INTERVAL);
        }
        Err("the module sends nobody anywhere".to_owned())
    }

    /// How a module stands.
    pub(crate) fn state(&self, id: &str) -> Result<State, String> {
        Ok(State::read(&self.get(&format!("/api/info/{id}"))?))
    }

    /// Waits until a module has ended, or the time is up, and returns how it stands then.
    pub(crate) fn end(&self, id: &str, patience: Duration) -> Result<State, String> {
        self.wait_for(id, patience, State::is_over)
    }

    /// What a module found amiss.
    pub(crate) fn remarks(&self, id: &str) -> Result<Vec<Remark>, String> {
        Ok(Remark::read_all(&self.get(&format!("/api/log/{id}"))?))
    }

    /// Ends a module that nobody waits for any more.
    pub(crate) fn cancel(&self, id: &str) {
        // It may have ended by itself.
        let _ended = self.server.send("DELETE", &format!("/api/runner/{id}"), &Value::Null);
    }

    fn wait_for(
        &self,
        id: &str,
        patience: Duration,
        wanted: impl Fn(&State) -> bool,
    ) -> Result<State, String> {
        let deadline = Instant::now() + patience;
        loop {
            let state = self.state(id)?;
            if wanted(&state) || Instant::now() > deadline {
                return Ok(state);
            }
            thread::sleep(POLL_INTERVAL);
        }
    }

    fn get(&self, path: &str) -> Result<Value, String> {
        match self.server.send("GET", path, &Value::Null)? {
            (200, value) => Ok(value),
            answer => Err(refused(path, &answer)),
        }
    }
}

fn read_plan(made: &Value) -> Option<Made> {
    let modules = made["modules"].as_array()?.iter().map(|module| {
        let name = module["testModule"].as_str()?.to_owned();
        Some(Listed { name, variant: module["variant"].clone() })
    });
    Some(Made { id: made["id"].as_str()?.to_owned(), modules: modules.collect::<Option<_>>()? })
}

fn refused(what: &str, (status, said): &Answer) -> String {
    let reason = said["error"].as_str().unwrap_or("no reason is given");
    format!("{what}: the suite answered with status {status}: {reason}")
}

fn quoted(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

fn of_json(value: &Value) -> String {
    quoted(&value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_plan_is_an_id_and_modules() {
        let made = json!({"id": "p1", "name": "plan", "modules": [
            {"testModule": "first", "variant": null, "instances": []},
            {"testModule": "second", "variant": {"response_type": "code"}, "instances": []},
        ]});
        let plan = read_plan(&made).unwrap();
        assert_eq!(plan.id, "p1");
        assert_eq!(plan.modules[0], Listed { name: "first".to_owned(), variant: Value::Null });
        assert_eq!(plan.modules[1].variant, json!({"response_type": "code"}));
        for strange in
            [json!({"id": "p1"}), json!({"modules": []}), json!({"id": "p1", "modules": [{}]})]
        {
            assert_eq!(read_plan(&strange), None, "{strange}");
        }
    }

    #[test]
    fn a_refusal_says_why() {
        let said = json!({"error": "Unknown variant parameter(s) [x]"});
        assert!(
            refused("plan", &(400, said)).ends_with("status 400: Unknown variant parameter(s) [x]")
        );
        assert!(refused("plan", &(500, Value::Null)).contains("no reason"));
    }

    #[test]
    fn json_goes_into_an_address() {
        assert_eq!(of_json(&json!({"a b": "c"})), "%7B%22a+b%22%3A%22c%22%7D");
    }

    #[test]
    fn an_address_that_is_no_suite_is_a_clear_line() {
        for (address, line) in [
            ("localhost:8443", "begins with https://"),
            ("http://localhost:8080", "begins with https://"),
            ("https://localhost:1/", "the suite at https://localhost:1/ doesn't answer"),
        ] {
            let error = Suite::ask(address).unwrap_err();
            assert!(error.contains(line), "{error}");
        }
    }
}
