//! Programs that somebody else has built, so that nothing has to be compiled: the archives of a project's own
//! releases, as far as their digest is known here, and what `cargo binstall` gets for whoever has that.

use std::fs;
use std::path::{Path, PathBuf};

use super::compiler;
use crate::digest;
use crate::environment::{Environment, cargo_home};
use crate::error::{Context, Failure, Result, create_folder, empty_folder, read};
use crate::process;

/// The archive of a release for one kind of machine.
#[derive(Debug)]
pub struct Archive {
    /// The kinds of machine, as rustc calls them.
    pub hosts: &'static [&'static str],
    /// Where it is.
    pub url: &'static str,
    /// What it is.
    pub sha256: &'static str,
}

/// Gets a program out of the archive for this machine, and puts it where `cargo install` would. `false` where
/// there is none, or no way to it.
pub fn install(environment: &Environment, program: &str, archives: &[Archive]) -> Result<bool> {
    let host = compiler::host(environment)?;
    let archive = archives.iter().find(|archive| archive.hosts.contains(&host.as_str()));
    let (Some(archive), Some(home)) = (archive, cargo_home()) else { return Ok(false) };
    let folder = environment.work().join("download");
    empty_folder(&folder)?;
    let file = folder.join("archive.tar.gz");
    if !download(environment, archive.url, &file) {
        return Ok(false);
    }
    let unpacked = unpack(environment, archive, &file, program)?;
    let bin = home.join("bin");
    create_folder(&bin)?;
    fs::copy(&unpacked, bin.join(program)).context(unpacked.display())?;
    fs::remove_dir_all(&folder).context(folder.display())?;
    Ok(true)
}

fn download(environment: &Environment, url: &str, file: &Path) -> bool {
    let mut curl = environment.command("curl");
    curl.args(["--fail", "--silent", "--location", "--connect-timeout", "10", "--max-time", "300"])
        .arg("--output")
        .arg(file)
        .arg(url);
    process::run_short(curl, "curl").is_ok()
}

/// The program out of an archive, which must be the one that is known.
fn unpack(
    environment: &Environment,
    archive: &Archive,
    file: &Path,
    program: &str,
) -> Result<PathBuf> {
    let found = digest::sha256(&read(file)?);
    if found != archive.sha256 {
        return Err(Failure::message(format!(
            "{} has the digest {found}, not {}",
            archive.url, archive.sha256
        )));
    }
    let folder = file.with_extension("unpacked");
    create_folder(&folder)?;
    let mut tar = environment.command("tar");
    tar.arg("-xzf").arg(file).arg("-C").arg(&folder).arg(program);
    process::run_short(tar, "tar")?;
    Ok(folder.join(program))
}

/// Has `cargo binstall` get a package's own release. `false` where that isn't there or fails.
pub fn binstall(environment: &Environment, package: &str, root: Option<&Path>) -> bool {
    if environment.find("cargo-binstall").is_none() {
        return false;
    }
    let mut command = environment.command("cargo");
    command.args(["binstall", "--no-confirm", "--strategies", "crate-meta-data"]);
    if let Some(root) = root {
        command.arg("--root").arg(root);
    }
    command.arg(package);
    let log = environment.work().join("logs/binstall.log");
    process::run_logged(command, "cargo binstall", &log).is_ok()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::error::{read_text, write};

    /// An archive with a program in it, and what holds both.
    fn packed(name: &str) -> (Environment, PathBuf, PathBuf) {
        let environment = Environment::new();
        let folder = std::env::temp_dir().join(format!("pixy-login-{name}-{}", std::process::id()));
        empty_folder(&folder).unwrap();
        write(&folder.join("tool"), "I am the tool").unwrap();
        let file = folder.join("archive.tar.gz");
        let mut tar = environment.command("tar");
        tar.arg("-czf").arg(&file).arg("-C").arg(&folder).arg("tool");
        process::run_short(tar, "tar").unwrap();
        (environment, folder, file)
    }

    fn archive(sha256: String) -> Archive {
        Archive { hosts: &[], url: "https://releases.example/tool", sha256: sha256.leak() }
    }

    #[test]
    fn the_program_comes_out_of_the_known_archive() {
        let (environment, folder, file) = packed("known");
        let archive = archive(digest::sha256(&read(&file).unwrap()));
        let program = unpack(&environment, &archive, &file, "tool").unwrap();
        assert_eq!(read_text(&program).unwrap(), "I am the tool");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn another_archive_is_refused() {
        let (environment, folder, file) = packed("other");
        let error = unpack(&environment, &archive("0".repeat(64)), &file, "tool").unwrap_err();
        assert!(error.text().contains("digest"), "{}", error.text());
        assert!(!file.with_extension("unpacked").exists());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_can_not_be_reached_is_not_there() {
        let file = std::env::temp_dir().join("pixy-login-nothing");
        assert!(!download(&Environment::new(), "file:///nowhere/at/all", &file));
    }
}
