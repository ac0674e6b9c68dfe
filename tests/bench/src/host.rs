//! The host of all apps, a folder each, and the provider behind them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use end_to_end::Provider;
use end_to_end::process::Process;
use end_to_end::site::copy_with_settings;
use serde_json::{Value, json};

use crate::plan::{App, Plan};

const DEMO: &str = "demo";
const CLIENT_ID: &str = "pixy-bench";
const SCOPE: &str = "openid profile email";

/// The host and the provider; both end when it is dropped.
#[derive(Debug)]
pub struct Host {
    /// The provider.
    pub provider: Provider,
    origin: String,
    _server: Process,
}

impl Host {
    /// Serves apps, each with a page that names a provider with these options.
    pub fn start(plan: &Plan, apps: &[App], options: &[&str]) -> Result<Self, String> {
        let site = plan.work.join("site");
        empty(&site)?;
        let (server, origin) = serve(&plan.root, &site)?;
        let callbacks = apps.iter().map(|app| format!("{origin}/{}/{}", app.name, app.callback));
        let callbacks = callbacks.collect::<Vec<_>>().join(",");
        let provider = Provider::start_with(&[(CLIENT_ID, &callbacks)], options);
        let host = Self { provider, origin, _server: server };
        let mut pages = Vec::new();
        for app in apps {
            let folder = site.join(&app.name);
            copy_with_settings(&app.folder, &folder, &host.settings(app));
            pages.extend(host.name_provider(app, &folder)?);
        }
        compress(&plan.root, &pages)?;
        Ok(host)
    }

    /// The origin of all apps.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The address of an app's first page.
    pub fn home(&self, app: &App) -> String {
        format!("{}/{}/", self.origin, app.name)
    }

    /// The address that people come back to.
    pub fn callback(&self, app: &App) -> String {
        format!("{}{}", self.home(app), app.callback)
    }

    fn settings(&self, app: &App) -> Value {
        let mut settings = json!({
            "issuer": self.provider.issuer,
            "client_id": CLIENT_ID,
            "scope": SCOPE,
            "resource_server": self.provider.resource,
            "resource_server_takes_dpop": true,
        });
        // The demo finds its own, and takes no setting that it does not know.
        if app.name != DEMO {
            settings["redirect_uri"] = self.callback(app).into();
        }
        settings
    }

    /// Names the provider in pages that do so in attributes, and returns all pages.
    fn name_provider(&self, app: &App, folder: &Path) -> Result<Vec<PathBuf>, String> {
        let told = |error: std::io::Error| format!("{}: {error}", folder.display());
        let mut pages = Vec::new();
        for entry in fs::read_dir(folder).map_err(told)?.flatten() {
            let path = entry.path();
            if path.extension().is_none_or(|ending| ending != "html") {
                continue;
            }
            let mut html = fs::read_to_string(&path).map_err(told)?;
            for (name, value) in self.settings(app).as_object().into_iter().flatten() {
                html = html.replace(&format!("{{{name}}}"), value.as_str().unwrap_or_default());
            }
            fs::write(&path, html).map_err(told)?;
            pages.push(path);
        }
        Ok(pages)
    }
}

/// Starts the server, which begins with an empty folder: its address has to be known to the provider first.
fn serve(root: &Path, site: &Path) -> Result<(Process, String), String> {
    let server = root.join("xtask/serve/server.js");
    let arguments = [&server, site].map(|path| path.to_string_lossy().into_owned());
    let arguments = [&arguments[..], &["0".to_owned(), "--as-host".to_owned()]].concat();
    Process::start("node", &arguments, |line| {
        let ready: Value = serde_json::from_str(line).ok()?;
        ready["url"].as_str().map(str::to_owned)
    })
}

/// Writes brotli copies beside pages.
fn compress(root: &Path, pages: &[PathBuf]) -> Result<(), String> {
    let program = root.join("xtask/node/compress.mjs");
    let output = Command::new("node").arg(program).args(pages).output();
    let output = output.map_err(|error| format!("node: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("the pages could not be compressed: {}", String::from_utf8_lossy(&output.stderr)))
}

fn empty(folder: &Path) -> Result<(), String> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}
