//! `cargo xtask interop`: gets real servers, builds the apps, and plays the cases of the matrix there
//! (`tests/interop`).

mod get;
mod needs;
mod peers;

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::dist;
use crate::environment::Environment;
use crate::error::{Context, Failure, Result, read_text};
use crate::process;
use crate::setup::{self, Engine, Purpose};

const HELP: &str = "\
Usage: cargo xtask interop [SERVER…] [--case NAME] [--peer NAME] [--browser ENGINE] [--write]

Gets real authorization servers, starts them on loopback, signs in there with the built demo and
widget in a headless browser, ends sessions from the server's side, turns clocks, and prints a
matrix of what became of it. Fails when a fault shows that is not listed in the server's folder,
or when one is listed that is gone.

  SERVER…            only these; each is a folder in tests/interop
  --case NAME        only this case; may be given more than once
  --peer NAME        play the cases in an app over another library, a folder in
                     tests/interop/peers, instead of ours; may be given more than once
  --browser ENGINE   chromium (unless given) or firefox; WebKitGTK's driver can't do what the
                     cases need
  --write            write what came out into docs/interop.md and docs/interop.json; rows that
                     were not run now stay as they are

Servers need Node.js; Keycloak needs Java 17 or later and Maven, others need Go. Where that is
missing, a line says so, and the row says that it was not run. What is got is kept in the folder
for caches and used again. tests/interop/README.md says what each case does.";

/// The folder of the servers, below the root.
const FOLDER: &str = "tests/interop";

/// A stalled browser must not stall for ever.
const LIMIT: Duration = Duration::from_secs(4 * 3600);

/// The command `interop`.
pub fn run(given: Vec<String>) -> Result<()> {
    let arguments =
        Arguments::parse_with_flags(given, &["--case", "--peer", "--browser"], &["--write"])?;
    if arguments.help {
        println!("{HELP}");
        return Ok(());
    }
    let engine = engine(&arguments)?;
    let folder = Environment::new().root.join(FOLDER);
    let servers = wanted(&folder, "server.json", "server", &arguments.words)?;
    let peers = match arguments.all("--peer") {
        [] => Vec::new(),
        named => wanted(&folder.join("peers"), "peer.json", "peer", named)?,
    };
    let mut environment = setup::prepare_for(Purpose::Everything, engine)?;
    let homes: Vec<Value> = servers.iter().map(|name| home(&mut environment, name)).collect();
    let work = environment.work().join("interop");
    // Not where `dist` builds: nobody should have to wait with that until everything was played.
    let dist = dist::build(&environment, &work.join("dist"))?;
    let peers: Vec<Value> = peers
        .iter()
        .map(|name| Ok(json!({"name": name, "built": peers::build(&environment, name)?})))
        .collect::<Result<_>>()?;
    let plan = json!({
        "root": environment.root,
        "work": work,
        "servers": homes,
        "peers": peers,
        "cases": arguments.all("--case"),
        "write": arguments.has("--write"),
    });
    let mut cargo = environment.command("cargo");
    cargo.args(["run", "--quiet", "-p", "interop"]).env("PIXY_DIST", dist);
    if engine == Engine::Firefox {
        cargo.args(["--features", "firefox"]);
    }
    cargo.arg("--").arg(plan.to_string());
    println!("\nPlaying. The servers log to {}.", work.display());
    process::run_reading(cargo, "the interop run", LIMIT, |line| println!("{line}"))
}

fn engine(arguments: &Arguments) -> Result<Engine> {
    match Engine::parse(arguments.value("--browser"))? {
        Engine::WebKit => Err(Failure::message(
            "WebKitGTK's driver runs no script before a page and tells no requests, which the cases need",
        )),
        engine => Ok(engine),
    }
}

/// The folders that hold such a file: those that are named, or all.
fn wanted(folder: &Path, file: &str, what: &str, named: &[String]) -> Result<Vec<String>> {
    let entries =
        fs::read_dir(folder).context(folder.display())?.flatten().map(|entry| entry.path());
    let names = entries
        .filter(|path| path.join(file).is_file())
        .filter_map(|path| path.file_name().map(|name| name.to_string_lossy().into_owned()));
    let mut names: Vec<String> = names.collect();
    names.sort();
    if let Some(unknown) = named.iter().find(|name| !names.contains(name)) {
        let known = names.join(", ");
        return Err(Failure::message(format!("there is no {what} '{unknown}'; there are {known}")));
    }
    names.retain(|name| named.is_empty() || named.contains(name));
    Ok(names)
}

/// Where a server is, or why it isn't: that is a row of its own, and does not keep the others back.
fn home(environment: &mut Environment, name: &str) -> Value {
    let home = manifest(environment, name).and_then(|manifest| {
        needs::check(environment, &manifest["needs"])?;
        get::get(environment, name, &manifest["get"])
    });
    match home {
        Ok(path) => json!({"name": name, "home": {"Ok": path}}),
        Err(failure) => {
            println!("  {name}: not there. {}", failure.text());
            json!({"name": name, "home": {"Err": failure.text()}})
        }
    }
}

fn manifest(environment: &Environment, name: &str) -> Result<Value> {
    let path = environment.root.join(FOLDER).join(name).join("server.json");
    serde_json::from_str(&read_text(&path)?).context(path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_server_is_named_beside_those_that_there_are() {
        let folder = Environment::new().root.join(FOLDER);
        let all = wanted(&folder, "server.json", "server", &[]).unwrap();
        assert!(all.contains(&"oidc-provider".to_owned()));
        let one = ["oidc-provider".to_owned()];
        assert_eq!(wanted(&folder, "server.json", "server", &one).unwrap(), one);
        let unknown = ["keyclaok".to_owned()];
        let failure = wanted(&folder, "server.json", "server", &unknown).unwrap_err();
        assert!(failure.text().contains("keyclaok"), "{}", failure.text());
        assert!(failure.text().contains("oidc-provider"), "{}", failure.text());
    }
}
