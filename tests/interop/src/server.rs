//! A server that runs, and what can be done on its side.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use end_to_end::Account;
use end_to_end::process::{Process, guarded};
use serde::Deserialize;
use serde_json::json;

use crate::app::App;
use crate::client::Client;

/// How long a server may take until it is ready.
const START_LIMIT: Duration = Duration::from_secs(240);

/// A running server; it ends when it is dropped.
#[derive(Debug)]
pub struct Server {
    ready: Ready,
    variant: String,
    // It ends before its folder is removed: fields drop in this order.
    _process: Process,
    _data: Data,
}

/// Which of a variant's clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// The one with the server's own lifetimes.
    Usual,
    /// The one whose access tokens end soon.
    Short,
}

impl Lifetime {
    fn name(self) -> &'static str {
        match self {
            Self::Usual => "usual",
            Self::Short => "short",
        }
    }
}

/// The line that `start.js` prints.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ready {
    control: String,
    account: Person,
    variants: BTreeMap<String, BTreeMap<String, Client>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    login: String,
    password: String,
    name: String,
}

impl Server {
    /// Starts the server of this folder in one variant, with clients for these apps.
    pub fn start(
        folder: &Path,
        home: &Path,
        work: &Path,
        variant: &str,
        apps: &[App],
    ) -> Result<Self, String> {
        let data = Data::new(work)?;
        let log = work.with_extension("log");
        let mut command = guarded("node", &arguments(folder, home, &data.0, variant, apps));
        command.stderr(File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?);
        let (tell, told) = mpsc::channel();
        let process = Process::spawn(command, move |line| {
            // Nobody listens any more once the first line was read.
            let _ignored = tell.send(line.to_owned());
        })?;
        let why = |what: &str| format!("{what}; the end of {}:\n{}", log.display(), end_of(&log));
        let line = told.recv_timeout(START_LIMIT).map_err(|error| match error {
            mpsc::RecvTimeoutError::Timeout => why("it did not get ready in time"),
            mpsc::RecvTimeoutError::Disconnected => why("it ended before it was ready"),
        })?;
        let ready: Ready = serde_json::from_str(&line).map_err(|error| {
            why(&format!("it printed '{line}' when ready, which can't be read: {error}"))
        })?;
        Ok(Self { ready, variant: variant.to_owned(), _process: process, _data: data })
    }

    /// The person who can sign in.
    pub fn account(&self) -> Account {
        let Person { login, password, name } = &self.ready.account;
        Account { login: login.clone(), password: password.clone(), name: name.clone() }
    }

    /// A client, if the server has it.
    pub fn client(&self, lifetime: Lifetime) -> Option<&Client> {
        self.ready.variants.get(&self.variant)?.get(lifetime.name())
    }

    /// Has something done on the server's side.
    pub fn act(&self, action: &str, lifetime: Lifetime) -> Result<(), String> {
        let url = format!("{}/{action}", self.ready.control);
        let about = json!({"variant": self.variant, "client": lifetime.name()});
        ureq::post(&url).send_json(about).map(drop).map_err(|error| format!("{action}: {error}"))
    }
}

fn arguments(folder: &Path, home: &Path, data: &Path, variant: &str, apps: &[App]) -> Vec<String> {
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let mut arguments = vec![path(&folder.join("start.js"))];
    let mut add = |name: &str, value: String| arguments.extend([format!("--{name}"), value]);
    add("home", path(home));
    add("data", path(data));
    add("variant", variant.to_owned());
    for app in apps {
        add("origin", app.origin());
        app.redirect_uris().into_iter().for_each(|uri| add("redirect-uri", uri));
        add("post-logout-uri", app.home());
    }
    arguments
}

/// An empty folder that is removed when it is dropped.
#[derive(Debug)]
struct Data(PathBuf);

impl Data {
    fn new(folder: &Path) -> Result<Self, String> {
        // It may be left over from a run that was killed, and need not be there.
        let _removed = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self(folder.to_owned()))
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        // The next run removes what is left.
        let _removed = fs::remove_dir_all(&self.0);
    }
}

fn end_of(log: &Path) -> String {
    let text =
        fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

/// The folders of all servers below this one, by name.
pub fn folders(root: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<(String, PathBuf)> = entries
        .filter(|path| path.join("server.json").is_file())
        .filter_map(|path| Some((path.file_name().and_then(OsStr::to_str)?.to_owned(), path)))
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::env;
    use std::process;

    /// A server's folder with this `start.js`, and one for its data.
    struct Folders(PathBuf);

    impl Folders {
        fn with(name: &str, script: &str) -> Self {
            let root = env::temp_dir().join(format!("pixy-login-interop-{name}-{}", process::id()));
            fs::create_dir_all(&root).unwrap();
            fs::write(root.join("start.js"), script).unwrap();
            Self(root)
        }

        fn start(&self) -> Result<Server, String> {
            Server::start(&self.0, &self.0, &self.0.join("data"), "plain", &[])
        }
    }

    impl Drop for Folders {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn a_server_that_dies_leaves_its_last_words() {
        let folders = Folders::with("dies", "console.error('the port is taken'); process.exit(1);");
        let problem = folders.start().unwrap_err();
        assert!(problem.starts_with("it ended before it was ready"), "{problem}");
        assert!(problem.contains("the port is taken"), "{problem}");
        assert!(!folders.0.join("data").exists(), "its folder is removed");
    }

    #[test]
    fn a_line_that_says_nothing_is_shown_as_it_is() {
        let folders = Folders::with("talks", "console.log('hello'); setInterval(() => {}, 1000);");
        let problem = folders.start().unwrap_err();
        assert!(problem.contains("printed 'hello'"), "{problem}");
    }

    #[test]
    fn a_server_that_is_ready_has_its_clients() {
        let ready = json!({
            "control": "http://127.0.0.1:9",
            "account": {"login": "ada", "password": "p", "name": "Ada"},
            "variants": {"plain": {"usual": {"issuer": "http://localhost:1", "client_id": "c"}}},
        });
        let script =
            format!("console.log({:?}); setInterval(() => {{}}, 1000);", ready.to_string());
        let folders = Folders::with("ready", &script);
        let server = folders.start().unwrap();
        assert_eq!(server.account().name, "Ada");
        assert_eq!(server.client(Lifetime::Usual).unwrap().client_id, "c");
        assert!(server.client(Lifetime::Short).is_none());
        let refused = server.act("restore", Lifetime::Usual).unwrap_err();
        assert!(refused.starts_with("restore: "), "{refused}");
    }
}
