//! Gets a server, exactly as its folder says, into the folder for caches.
//!
//! What is got is made in a folder beside and renamed when it is complete, so that a run that breaks off
//! leaves nothing that the next one trusts. The name holds a digest of all that says what is got.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::Value;

use super::FOLDER;
use crate::digest;
use crate::environment::{Environment, cache_folder};
use crate::error::{Context, Failure, Result, create_folder, empty_folder, read, write};
use crate::process;
use crate::setup::duration;

const MAVEN_PLUGIN: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";

/// What a folder says about what is got, beside the `get` of its `server.json`.
const LOCKS: [&str; 5] = ["package.json", "package-lock.json", ".npmrc", "go.mod", "go.sum"];

/// Gets a server and returns the folder with it.
pub fn get(environment: &Environment, name: &str, what: &Value) -> Result<PathBuf> {
    let folder = environment.root.join(FOLDER).join(name);
    let Some((kind, how)) = what.as_object().and_then(|what| what.iter().next()) else {
        // There is nothing to get.
        return Ok(folder);
    };
    let home = cache()?.join(format!("{name}-{}", digest_of(&folder, what)?));
    if home.is_dir() {
        return Ok(home);
    }
    println!("  {name}: getting it; a first time takes minutes");
    let begin = Instant::now();
    let part = home.with_extension("part");
    empty_folder(&part)?;
    let log = environment.work().join("logs").join(format!("interop-{name}.log"));
    let making = Making { environment, folder: &folder, part: &part, log: &log };
    match kind.as_str() {
        "npm" => making.npm()?,
        "maven" => making.maven(how)?,
        "go" => making.go(how)?,
        other => {
            return Err(Failure::message(format!(
                "server.json gets it by '{other}', which is not known"
            )));
        }
    }
    fs::rename(&part, &home).context(home.display())?;
    println!("  {name}: got ({})", duration(begin.elapsed()));
    Ok(home)
}

/// The folder for everything that is got here.
pub fn cache() -> Result<PathBuf> {
    let cache = cache_folder()
        .ok_or("no folder for caches is known: set XDG_CACHE_HOME")
        .context("interop")?;
    let folder = cache.join("interop");
    create_folder(&folder)?;
    Ok(folder)
}

/// Changes with everything that says what is got.
fn digest_of(folder: &Path, what: &Value) -> Result<String> {
    let mut all = what.to_string().into_bytes();
    for path in said_in(folder)? {
        all.extend(path.file_name().unwrap_or_default().as_encoded_bytes());
        all.extend(read(&path)?);
    }
    Ok(digest::name_part(&all))
}

/// Lock files, and programs of the folder's own that are built.
fn said_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).context(folder.display())?.flatten().map(|entry| entry.path());
    let says = |path: &PathBuf| {
        let is_lock = path.file_name().is_some_and(|name| LOCKS.iter().any(|lock| name == *lock));
        is_lock || path.extension().is_some_and(|extension| extension == "go")
    };
    let mut files: Vec<PathBuf> = entries.filter(says).collect();
    files.sort();
    Ok(files)
}

/// A server that is being made in a folder.
struct Making<'a> {
    environment: &'a Environment,
    folder: &'a Path,
    part: &'a Path,
    log: &'a Path,
}

impl Making<'_> {
    /// What the lock file says, in a folder of its own.
    fn npm(&self) -> Result<()> {
        for path in said_in(self.folder)? {
            let name = path.file_name().unwrap_or_default();
            write(&self.part.join(name), read(&path)?)?;
        }
        let mut npm = self.environment.command("npm");
        npm.current_dir(self.part).args(["ci", "--no-audit", "--no-fund"]);
        process::run_logged(npm, "npm ci", self.log)
    }

    /// An artifact with the digest that is known, unpacked.
    fn maven(&self, how: &Value) -> Result<()> {
        let artifact = text(how, "artifact")?;
        let download = self.part.join("download");
        self.dependency_plugin("copy", artifact, &download)?;
        let file = fs::read_dir(&download).context(download.display())?.flatten().next();
        let file = file.ok_or("nothing was downloaded").context(artifact)?;
        let found = digest::sha256(&read(&file.path())?);
        if found != text(how, "sha256")? {
            return Err(Failure::message(format!(
                "{artifact} has the digest {found}, not the one in server.json"
            )));
        }
        self.dependency_plugin("unpack", artifact, self.part)?;
        fs::remove_dir_all(&download).context(download.display())
    }

    fn dependency_plugin(&self, goal: &str, artifact: &str, into: &Path) -> Result<()> {
        let mut maven = self.environment.command("mvn");
        let option = |name: &str, value: &Path| format!("-D{name}={}", value.display());
        maven
            .current_dir(self.part)
            .args(["--batch-mode", "--no-transfer-progress", &format!("{MAVEN_PLUGIN}:{goal}")])
            .args([&format!("-Dartifact={artifact}"), &option("outputDirectory", into)])
            .arg(option("markersDirectory", &self.part.join("markers")));
        process::run_logged(maven, &format!("mvn dependency:{goal}"), self.log)
    }

    /// Packages of the folder's module, built as go.mod and go.sum say.
    fn go(&self, how: &Value) -> Result<()> {
        let bin = self.part.join("bin");
        create_folder(&bin)?;
        let mut go = self.environment.command("go");
        go.current_dir(self.folder).args(["build", "-mod=readonly", "-trimpath"]);
        if let Some(tags) = how["tags"].as_str() {
            go.args(["-tags", tags]);
        }
        // With a slash at its end it is a folder for them all.
        go.arg("-o").arg(bin.join(""));
        go.args(how["packages"].as_array().into_iter().flatten().filter_map(Value::as_str));
        process::run_logged(go, "go build", self.log)?;
        let mut folders = how["files"].as_array().into_iter().flatten().filter_map(Value::as_str);
        folders.try_for_each(|path| self.copy_of_module(path))
    }

    /// A folder of a module, `MODULE FOLDER`, that its program reads when it runs.
    fn copy_of_module(&self, path: &str) -> Result<()> {
        let (module, name) = path.split_once(' ').ok_or("not 'MODULE FOLDER'").context(path)?;
        let mut go = self.environment.command("go");
        go.current_dir(self.folder).args(["list", "-m", "-f", "{{.Dir}}", module]);
        let source = process::output(go).ok_or("go list fails").context(module)?;
        copy(&Path::new(source.trim()).join(name), &self.part.join(name))
    }
}

fn text<'a>(how: &'a Value, name: &str) -> Result<&'a str> {
    how[name].as_str().ok_or("is missing in server.json").context(name)
}

/// Copies a file, or a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        // Not a plain copy: what Go downloads is write-protected.
        return write(to, read(from)?);
    }
    create_folder(to)?;
    for entry in fs::read_dir(from).context(from.display())?.flatten() {
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("pixy-login-get-{name}-{}", std::process::id()));
        empty_folder(&folder).unwrap();
        folder
    }

    #[test]
    fn the_digest_changes_with_what_is_got_and_with_nothing_else() {
        let folder = folder("digest");
        write(&folder.join("go.sum"), "a").unwrap();
        let what = json!({"go": {"packages": ["."]}});
        let first = digest_of(&folder, &what).unwrap();
        write(&folder.join("start.js"), "x").unwrap();
        assert_eq!(digest_of(&folder, &what).unwrap(), first);
        write(&folder.join("main.go"), "x").unwrap();
        let second = digest_of(&folder, &what).unwrap();
        assert_ne!(second, first);
        assert_ne!(digest_of(&folder, &json!({"npm": {}})).unwrap(), second);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_folder_is_copied_with_all_that_is_in_it() {
        let folder = folder("copy");
        create_folder(&folder.join("from/below")).unwrap();
        write(&folder.join("from/below/file"), "text").unwrap();
        copy(&folder.join("from"), &folder.join("to")).unwrap();
        assert_eq!(read(&folder.join("to/below/file")).unwrap(), b"text");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn what_breaks_off_is_not_trusted_by_the_next_run() {
        let cache = folder("cache");
        let mut environment = Environment::new();
        environment.path_first.insert(0, cache.join("programs"));
        create_folder(&cache.join("programs")).unwrap();
        let part = cache.join("part");
        empty_folder(&part).unwrap();
        // A Maven that delivers something else than what was asked for.
        let program = cache.join("programs/mvn");
        write(
            &program,
            "#!/bin/sh\nfor word; do case $word in -DoutputDirectory=*) mkdir -p \"${word#*=}\"; \
                         echo other > \"${word#*=}/file.zip\";; esac; done\n",
        )
        .unwrap();
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let log = cache.join("log");
        let making = Making { environment: &environment, folder: &cache, part: &part, log: &log };
        let how = json!({"artifact": "a:b:1:zip", "sha256": "00"});
        let failure = making.maven(&how).unwrap_err();
        assert!(failure.text().contains("digest"), "{}", failure.text());
        let right = json!({"artifact": "a:b:1:zip", "sha256": digest::sha256(b"other\n")});
        empty_folder(&part).unwrap();
        making.maven(&right).unwrap();
        fs::remove_dir_all(&cache).unwrap();
    }
}
