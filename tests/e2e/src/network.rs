//! What the browser sent.

/// One request that left a page, or was answered from the cache.
#[derive(Clone, Debug, Default)]
pub struct NetworkRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// The address, fragment included.
    pub url: String,
    /// The body of a form or a fetch.
    pub body: String,
    /// Names (in lower case) and values of the header fields.
    pub headers: Vec<(String, String)>,
    /// When it left, in milliseconds since 1970. Zero where the browser does not tell: only Chromium does.
    pub at: f64,
}

impl NetworkRequest {
    /// The whole request as text, to search in.
    pub fn text(&self) -> String {
        format!("{} {} {:?} {}", self.method, self.url, self.headers, self.body)
    }
}
