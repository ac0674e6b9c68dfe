//! What a server needs on the machine beside Node.js.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::environment::Environment;
use crate::error::{Failure, Result};
use crate::process;

/// Where Linux systems keep their Javas.
const JAVA_FOLDER: &str = "/usr/lib/jvm";

/// Sees to it that everything named is there; children find the Java that is new enough by `JAVA_HOME`.
pub fn check(environment: &mut Environment, needs: &Value) -> Result<()> {
    for (program, version) in needs.as_object().into_iter().flatten() {
        match program.as_str() {
            "java" => java(environment, version.as_u64().unwrap_or_default())?,
            "go" => go(environment)?,
            other => {
                return Err(Failure::message(format!(
                    "server.json needs '{other}', which is not known"
                )));
            }
        }
    }
    Ok(())
}

fn java(environment: &mut Environment, least: u64) -> Result<()> {
    let found = homes(environment).into_iter().find(|home| {
        let command = Command::new(home.join("bin/java"));
        version_of(command).is_some_and(|version| version >= least)
    });
    let Some(home) = found else {
        return Err(Failure::message(format!(
            "It needs Java {least} or later: install a JDK, or name its folder in JAVA_HOME"
        )));
    };
    if environment.find("mvn").is_none() {
        return Err(Failure::message("It needs Maven: install mvn, which gets the server"));
    }
    environment.set("JAVA_HOME", home);
    Ok(())
}

/// The folders of all Javas that one can know of, the chosen one first.
fn homes(environment: &Environment) -> Vec<PathBuf> {
    let chosen = environment.get("JAVA_HOME").map(PathBuf::from);
    let on_path = environment.find("java").and_then(|path| path.canonicalize().ok());
    let on_path = on_path.and_then(|path| path.ancestors().nth(2).map(Path::to_owned));
    let installed = std::fs::read_dir(JAVA_FOLDER).into_iter().flatten().flatten();
    let mut installed: Vec<PathBuf> = installed.map(|entry| entry.path()).collect();
    installed.sort();
    chosen.into_iter().chain(on_path).chain(installed).collect()
}

fn version_of(mut java: Command) -> Option<u64> {
    java.arg("--version");
    major(&process::output(java)?)
}

/// The first number of `openjdk 25.0.1 2025-10-21` and the like.
fn major(text: &str) -> Option<u64> {
    let version = text.split_whitespace().nth(1)?;
    version.split(['.', '-', '+']).next()?.parse().ok()
}

fn go(environment: &Environment) -> Result<()> {
    // An older Go gets by itself the one that go.mod names, so there is no version to look at.
    if environment.find("go").is_some() {
        return Ok(());
    }
    Err(Failure::message("It needs Go: install it, and put go on the path"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_major_version_is_the_first_number() {
        assert_eq!(major("openjdk 25.0.1 2025-10-21 LTS\nmore"), Some(25));
        assert_eq!(major("java 21 2023-09-19"), Some(21));
        assert_eq!(major("command not found"), None);
    }

    #[test]
    fn what_is_not_known_is_refused_and_nothing_needs_nothing() {
        let mut environment = Environment::new();
        assert!(check(&mut environment, &Value::Null).is_ok());
        assert!(check(&mut environment, &json!({"cobol": 85})).is_err());
    }

    #[test]
    fn a_java_that_nobody_has_is_asked_for_by_its_version() {
        let mut environment = Environment::new();
        let failure = check(&mut environment, &json!({"java": 9999})).unwrap_err();
        assert!(failure.text().contains("Java 9999"), "{}", failure.text());
    }
}
