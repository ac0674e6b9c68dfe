//! Where the checkout is, which toolchain children use, and what they find on their path.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::rust_env;

/// Flags for what is to run in a browser, beside those of .cargo/config.toml.
pub const RUSTFLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

/// The Rust toolchain that children use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The one that a plain `cargo` in the checkout uses.
    Active,
    /// One that rustup knows by this name.
    Rustup(String),
    /// The system's own, in this folder.
    System(PathBuf),
}

/// Everything that a child process is given.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The root of the checkout.
    pub root: PathBuf,
    /// The toolchain of children.
    pub toolchain: Toolchain,
    /// Folders that are searched before the path.
    pub path_first: Vec<PathBuf>,
    variables: Vec<(String, OsString)>,
}

impl Environment {
    /// The environment before anything was looked for: the toolchain of the cargo around us.
    pub fn new() -> Self {
        let toolchain = match env::var("RUSTUP_TOOLCHAIN") {
            Ok(name) if !name.is_empty() => Toolchain::Rustup(name),
            _ => Toolchain::Active,
        };
        Self {
            root: root(),
            toolchain,
            path_first: cargo_bin().into_iter().collect(),
            variables: Vec::new(),
        }
    }

    /// The same with another toolchain.
    pub fn with_toolchain(&self, toolchain: Toolchain) -> Self {
        Self { toolchain, ..self.clone() }
    }

    /// Gives children a variable.
    pub fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.variables.push((name.to_owned(), value.into()));
    }

    /// The value of a variable that children are given.
    pub fn get(&self, name: &str) -> Option<OsString> {
        let own = self.variables.iter().rev().find(|(own, _)| own == name);
        own.map(|(_, value)| value.clone()).or_else(|| env::var_os(name))
    }

    /// Gives rustc flags for what is to run in a browser, beside those that it gets anyway.
    pub fn add_rustflags(&mut self, more: impl IntoIterator<Item = String>) {
        let flags = self.get(RUSTFLAGS).and_then(|flags| flags.into_string().ok());
        let flags: Vec<String> = flags.into_iter().chain(more).collect();
        self.set(RUSTFLAGS, flags.join(" "));
    }

    /// A program as children would find it, to be run in the root of the checkout.
    pub fn command(&self, program: &str) -> Command {
        let found = self.find(program);
        let mut command = Command::new(found.unwrap_or_else(|| PathBuf::from(program)));
        self.apply(&mut command);
        command
    }

    /// Where a program is, if it is on the path of children.
    pub fn find(&self, program: &str) -> Option<PathBuf> {
        self.folders()
            .into_iter()
            .flat_map(|folder| candidates(&folder, program))
            .find(|path| path.is_file())
    }

    /// The folder of build products.
    pub fn target(&self) -> PathBuf {
        match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => self.root.join(folder),
            None => self.root.join("target"),
        }
    }

    /// The folder for what these commands leave behind: logs, settings, intermediate files.
    pub fn work(&self) -> PathBuf {
        self.target().join("xtask")
    }

    fn apply(&self, command: &mut Command) {
        command.current_dir(&self.root);
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(rust_env::misleads) {
                command.env_remove(name);
            }
        }
        if let Some(path) = env::var_os(rust_env::LIBRARY_PATH) {
            match rust_env::own_library_path(&path, &self.root) {
                Some(own) => command.env(rust_env::LIBRARY_PATH, own),
                None => command.env_remove(rust_env::LIBRARY_PATH),
            };
        }
        if let Toolchain::Rustup(name) = &self.toolchain {
            command.env("RUSTUP_TOOLCHAIN", name);
        }
        // A folder with a colon in its name can't be on a path; the others still can.
        if let Ok(path) = env::join_paths(self.folders()) {
            command.env("PATH", path);
        }
        for (name, value) in &self.variables {
            command.env(name, value);
        }
    }

    fn folders(&self) -> Vec<PathBuf> {
        let system = match &self.toolchain {
            Toolchain::System(folder) => Some(folder.clone()),
            _ => None,
        };
        let path = env::var_os("PATH").unwrap_or_default();
        let mut folders: Vec<PathBuf> = Vec::new();
        let all = system
            .into_iter()
            .chain(self.path_first.iter().cloned())
            .chain(env::split_paths(&path));
        for folder in all {
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        folders
    }
}

fn candidates(folder: &Path, program: &str) -> Vec<PathBuf> {
    let endings: &[&str] = if cfg!(windows) { &[".exe", ".cmd"] } else { &[""] };
    endings.iter().map(|ending| folder.join(format!("{program}{ending}"))).collect()
}

/// The root of the checkout, above this crate's folder.
fn root() -> PathBuf {
    let own = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    own.parent().map_or(own.clone(), Path::to_path_buf)
}

/// Where `cargo install` puts programs; it need not be on the path.
fn cargo_bin() -> Option<PathBuf> {
    Some(cargo_home()?.join("bin"))
}

/// Cargo's own folder.
pub fn cargo_home() -> Option<PathBuf> {
    let named = env::var_os("CARGO_HOME").map(PathBuf::from);
    named.or_else(|| Some(env::home_dir()?.join(".cargo")))
}

/// The person's folder for caches.
pub fn cache_folder() -> Option<PathBuf> {
    let from = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    if let Some(folder) = from("XDG_CACHE_HOME").or_else(|| from("LOCALAPPDATA")) {
        return Some(PathBuf::from(folder).join("pixy-login"));
    }
    let home = env::home_dir()?;
    let caches = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    Some(home.join(caches).join("pixy-login"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_gets_the_chosen_toolchain_and_not_the_outer_one() {
        let environment = Environment::new().with_toolchain(Toolchain::Rustup("chosen".to_owned()));
        let command = environment.command("cargo");
        let value = |name: &str| {
            let mut variables = command.get_envs();
            let found = variables.find(|(own, _)| *own == name);
            found.map(|(_, value)| value.map(OsString::from))
        };
        assert_eq!(value("RUSTUP_TOOLCHAIN"), Some(Some("chosen".into())));
        // Cargo sets this one for its tests too, so it has to be taken away.
        assert_eq!(value("CARGO_PKG_NAME"), Some(None));
    }

    #[test]
    fn the_active_toolchain_means_no_variable() {
        let environment = Environment::new().with_toolchain(Toolchain::Active);
        let command = environment.command("cargo");
        let mut variables = command.get_envs();
        assert!(!variables.any(|(name, value)| name == "RUSTUP_TOOLCHAIN" && value.is_some()));
    }

    #[test]
    fn the_root_is_the_checkout() {
        assert!(root().join("xtask/Cargo.toml").is_file());
    }
}
