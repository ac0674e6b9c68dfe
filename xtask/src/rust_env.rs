//! Undoes what the cargo around us put into the environment, so that a child's cargo starts afresh.
//!
//! `cargo xtask` runs inside `cargo run`, which sets variables for its child. With rustup, the outer
//! cargo's toolchain is in there too, and would win over the toolchain that `setup` chose.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Names that the outer cargo and rustup set, and that would mislead an inner one; and flags for all builds, which
/// would take the place of those that this project's builds have.
pub fn misleads(name: &str) -> bool {
    const NAMES: [&str; 12] = [
        "CARGO",
        "CARGO_BIN_NAME",
        "CARGO_CRATE_NAME",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_LINKS",
        "CARGO_MANIFEST_PATH",
        "CARGO_PRIMARY_PACKAGE",
        "RUSTC",
        "RUSTDOC",
        "RUSTFLAGS",
        "RUST_RECURSION_COUNT",
    ];
    NAMES.contains(&name) || name.starts_with("CARGO_PKG_") || name.starts_with("RUSTUP_TOOLCHAIN")
}

/// The variable with the folders of shared libraries, to which cargo adds its own.
pub const LIBRARY_PATH: &str =
    if cfg!(target_os = "macos") { "DYLD_FALLBACK_LIBRARY_PATH" } else { "LD_LIBRARY_PATH" };

/// What is left of a library path without the folders of cargo and of a toolchain.
pub fn own_library_path(path: &OsStr, root: &Path) -> Option<OsString> {
    let own: Vec<PathBuf> = env::split_paths(path)
        .filter(|folder| !folder.starts_with(root) && !added_by_cargo(folder))
        .collect();
    if own.is_empty() {
        return None;
    }
    env::join_paths(own).ok()
}

fn added_by_cargo(folder: &Path) -> bool {
    let has = |name: &str| folder.components().any(|part| part.as_os_str() == name);
    has("rustlib") || has("toolchains") || has("target") || has("debug") && has("deps")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outer_cargo_is_forgotten_and_the_settings_stay() {
        assert!(misleads("CARGO"));
        assert!(misleads("CARGO_PKG_VERSION"));
        assert!(misleads("RUSTUP_TOOLCHAIN"));
        assert!(misleads("RUSTC"));
        assert!(misleads("RUSTFLAGS"));
        assert!(!misleads("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS"));
        assert!(!misleads("CARGO_HOME"));
        assert!(!misleads("CARGO_TARGET_DIR"));
        assert!(!misleads("RUSTC_WRAPPER"));
        assert!(!misleads("RUSTUP_HOME"));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_persons_own_library_folders_stay() {
        let root = Path::new("/home/hana/pixy");
        let path = |text| own_library_path(OsStr::new(text), root);
        let added = "/home/hana/pixy/target/debug/deps:/home/hana/.rustup/toolchains/stable/lib";
        assert_eq!(path(added), None);
        let mixed = path(&format!("{added}:/opt/lib"));
        assert_eq!(mixed.as_deref(), Some(OsStr::new("/opt/lib")));
    }
}
