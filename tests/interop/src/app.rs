//! The apps that people sign in to: the built demo, a page with the widget, and peers' apps.

use std::fs;
use std::path::{Path, PathBuf};

use end_to_end::site::built;
use end_to_end::{Site, SiteOptions};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::Client;
use crate::manifest::Settings;
use crate::plan::PeerFolder;

/// A page of each app's host that belongs to no app: where another app of the same browser would be.
const ELSEWHERE: &str = "elsewhere.html";

/// Which app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The demo.
    Demo,
    /// A plain page with the widget.
    Widget,
    /// An app over another library.
    Peer(Peer),
}

/// An app over another library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its name on the command line.
    pub name: String,
    /// Where it was built.
    pub folder: PathBuf,
    /// What is known of it ahead.
    pub about: AboutPeer,
}

/// `peer.json`: what is known of a peer's app ahead.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct AboutPeer {
    /// What the library is called.
    pub title: String,
    /// Which version it is.
    pub version: String,
    /// What it has no way to do: `case: why`.
    pub limits: Vec<String>,
    /// What one should know to read its results.
    #[serde(default)]
    pub notes: Vec<String>,
}

impl AboutPeer {
    /// The library and its version.
    pub fn name(&self) -> String {
        format!("{} {}", self.title, self.version)
    }

    /// Reads that of a peer.
    pub fn read(servers: &Path, name: &str) -> Result<Self, String> {
        let path = servers.join("peers").join(name).join("peer.json");
        let read = || {
            serde_json::from_slice(&fs::read(&path).map_err(|error| error.to_string())?)
                .map_err(|error: serde_json::Error| error.to_string())
        };
        read().map_err(|error| format!("{}: {error}", path.display()))
    }
}

impl Peer {
    /// The peer whose app was built.
    pub fn read(servers: &Path, peer: &PeerFolder) -> Result<Self, String> {
        let about = AboutPeer::read(servers, &peer.name)?;
        Ok(Self { name: peer.name.clone(), folder: peer.built.clone(), about })
    }

    /// Why the library has no way to play a case.
    pub fn limit(&self, case: &str) -> Option<&str> {
        let limits = self.about.limits.iter().filter_map(|limit| limit.split_once(": "));
        limits.into_iter().find(|(name, _)| *name == case).map(|(_, why)| why)
    }
}

/// An app on its host.
#[derive(Debug)]
pub struct App {
    kind: Kind,
    site: Site,
}

impl App {
    /// Serves an app.
    pub fn start(kind: Kind) -> Self {
        let folder = match &kind {
            Kind::Demo => built("demo"),
            Kind::Widget => built("widget"),
            Kind::Peer(peer) => peer.folder.clone(),
        };
        let site = Site::start(folder, SiteOptions::default());
        site.add_page(
            ELSEWHERE,
            "<!doctype html><title>Elsewhere</title><p id=\"elsewhere\">Elsewhere</p>",
        );
        Self { kind, site }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match &self.kind {
            Kind::Demo => "demo",
            Kind::Widget => "widget",
            Kind::Peer(peer) => &peer.name,
        }
    }

    /// Which app it is.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Whether it is one of ours.
    pub fn is_ours(&self) -> bool {
        !matches!(self.kind, Kind::Peer(_))
    }

    /// Its origin.
    pub fn origin(&self) -> String {
        self.site.origin()
    }

    /// The address of its home page.
    pub fn home(&self) -> String {
        self.site.url("")
    }

    /// The address of another of its pages.
    pub fn next_page(&self) -> String {
        match self.kind {
            Kind::Widget => self.site.url("next.html"),
            _ => self.site.url("profile.html"),
        }
    }

    /// The address of the page that belongs to no app.
    pub fn elsewhere(&self) -> String {
        self.site.url(ELSEWHERE)
    }

    /// Where the provider may send people back to.
    pub fn redirect_uris(&self) -> Vec<String> {
        let own = match self.kind {
            Kind::Widget => self.home(),
            _ => self.site.url("callback.html"),
        };
        vec![own, self.elsewhere()]
    }

    /// Points the app at a client, with these settings beside.
    pub fn point_at(&self, client: &Client, settings: &Settings) {
        if self.kind == Kind::Widget {
            self.site.add_page("index.html", &self.widget_page(client, settings));
            self.site.add_page("next.html", &self.widget_page(client, settings));
            return;
        }
        let mut block = settings.clone();
        block.insert("issuer".to_owned(), json!(client.issuer));
        block.insert("client_id".to_owned(), json!(client.client_id));
        self.site.set_settings(Value::Object(block));
    }

    fn widget_page(&self, client: &Client, settings: &Settings) -> String {
        let text = |name: &str| settings.get(name).and_then(Value::as_str);
        let popup = settings.get("popup") == Some(&Value::Bool(true));
        let home = self.home();
        let attributes = [
            ("issuer", Some(client.issuer.as_str())),
            ("client-id", Some(client.client_id.as_str())),
            ("redirect-uri", Some(home.as_str())),
            ("scope", text("scope")),
            ("keep", text("keep")),
            ("mode", popup.then_some("popup")),
        ];
        let attributes: String = attributes
            .into_iter()
            .filter_map(|(name, value)| Some(format!(" {name}=\"{}\"", escaped(value?))))
            .collect();
        format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Widget</title>\
             <meta name=\"referrer\" content=\"no-referrer\">\
             <script type=\"module\" src=\"pixy-login.js\"></script>\
             <pixy-login{attributes}></pixy-login>"
        )
    }
}

fn escaped(value: &str) -> String {
    value.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_stays_one() {
        assert_eq!(escaped("a\"><b&"), "a&quot;>&lt;b&amp;".replace("&gt;", ">"));
    }
}
