//! How a browser is set up.

/// How the browser is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Window size in CSS pixels.
    pub size: (u32, u32),
    /// Whether pages see `prefers-color-scheme: dark`.
    pub dark: bool,
    /// Whether pages see `prefers-reduced-motion: reduce`.
    pub reduced_motion: bool,
    /// The language of the browser and of `Accept-Language`.
    pub locale: String,
    /// Whether pages may run scripts.
    pub javascript: bool,
    /// Whether commands wait until the page is loaded.
    pub wait_for_load: bool,
    /// Servers whose certificates are taken as they are, by the SHA-256 of their keys, in base64. In
    /// Chromium only.
    pub trusted_keys: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            size: (1280, 900),
            dark: false,
            reduced_motion: true,
            locale: "en-US".to_owned(),
            javascript: true,
            wait_for_load: true,
            trusted_keys: Vec::new(),
        }
    }
}

impl Options {
    /// The capability `pageLoadStrategy`.
    pub(crate) fn load_strategy(&self) -> &'static str {
        if self.wait_for_load { "normal" } else { "none" }
    }
}
