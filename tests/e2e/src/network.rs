//! What the browser sent, read from Chromium's performance log.

use serde_json::Value;

/// One request that left a page, or was answered from the cache.
#[derive(Clone, Debug, Default)]
pub struct NetworkRequest {
    /// The browser's id; a redirect keeps it.
    pub id: String,
    /// `GET`, `POST`, …
    pub method: String,
    /// The address, fragment included.
    pub url: String,
    /// What it is for: `Document`, `Script`, `Fetch`, `Preflight`, …
    pub kind: String,
    /// The body of a form or a fetch.
    pub body: String,
    /// Names (in lower case) and values of the header fields.
    pub headers: Vec<(String, String)>,
    /// Whether the memory cache answered.
    pub from_cache: bool,
}

impl NetworkRequest {
    /// The whole request as text, to search in.
    pub fn text(&self) -> String {
        format!("{} {} {:?} {}", self.method, self.url, self.headers, self.body)
    }
}

/// Adds what an entry of the performance log tells.
pub(crate) fn add(requests: &mut Vec<NetworkRequest>, entry: &Value) {
    let text = entry["message"].as_str().unwrap_or_default();
    let Ok(entry) = serde_json::from_str::<Value>(text) else {
        return;
    };
    let message = &entry["message"];
    let parameters = &message["params"];
    match message["method"].as_str() {
        Some("Network.requestWillBeSent") => requests.push(read_request(parameters)),
        Some("Network.requestServedFromCache") => {
            let id = parameters["requestId"].as_str().unwrap_or_default();
            if let Some(request) = requests.iter_mut().rev().find(|known| known.id == id) {
                request.from_cache = true;
            }
        }
        _ => {}
    }
}

fn read_request(parameters: &Value) -> NetworkRequest {
    let request = &parameters["request"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let headers = request["headers"].as_object().into_iter().flatten();
    NetworkRequest {
        id: text(&parameters["requestId"]),
        method: text(&request["method"]),
        url: text(&request["url"]) + request["urlFragment"].as_str().unwrap_or_default(),
        kind: text(&parameters["type"]),
        body: text(&request["postData"]),
        headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), text(value))).collect(),
        from_cache: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(method: &str, parameters: &Value) -> Value {
        let message = json!({"message": {"method": method, "params": parameters}});
        json!({"level": "INFO", "message": message.to_string()})
    }

    #[test]
    fn requests_are_read_and_cache_answers_marked() {
        let mut requests = Vec::new();
        let sent = json!({"requestId": "7", "type": "Fetch", "request": {
            "method": "POST", "url": "http://localhost/token", "postData": "code=x",
            "headers": {"Content-Type": "text/plain"},
        }});
        add(&mut requests, &entry("Network.requestWillBeSent", &sent));
        add(&mut requests, &entry("Network.requestServedFromCache", &json!({"requestId": "7"})));
        add(&mut requests, &entry("Page.loadEventFired", &json!({})));
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].body, "code=x");
        assert_eq!(requests[0].headers, [("content-type".to_owned(), "text/plain".to_owned())]);
        assert!(requests[0].from_cache);
    }
}
