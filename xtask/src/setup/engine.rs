//! The browser engines that the tests run in.

use crate::error::{Failure, Result};

/// A browser engine, by the browser that brings it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Blink and V8: Chromium or Chrome.
    Chromium,
    /// Gecko: Firefox.
    Firefox,
    /// WebKit: WebKitGTK's MiniBrowser.
    WebKit,
}

const ALL: [Engine; 3] = [Engine::Chromium, Engine::Firefox, Engine::WebKit];

impl Engine {
    /// Reads the value of `--browser`; without one it is Chromium.
    pub fn parse(name: Option<&str>) -> Result<Self> {
        let Some(name) = name else {
            return Ok(Self::Chromium);
        };
        ALL.into_iter().find(|engine| engine.name() == name).ok_or_else(|| {
            Failure::message(format!(
                "there is no browser '{name}'; the browsers are chromium, firefox and webkit"
            ))
        })
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_as_on_the_command_line() {
        for engine in ALL {
            assert_eq!(Engine::parse(Some(engine.name())).unwrap(), engine);
        }
        assert_eq!(Engine::parse(None).unwrap(), Engine::Chromium);
        let refused = Engine::parse(Some("Safari")).unwrap_err();
        assert!(refused.text().contains("chromium, firefox and webkit"));
    }
}
