//! What apt has on Debian, and the wasm32 standard library built from Debian's source package.
//!
//! This is the way without rustup's servers: the compiler, its library's source with all crates,
//! and a linker are Debian packages; only the compiled wasm32 library is not, so it is built once.

use std::path::Path;
use std::process::Command;

use super::compiler;
use super::report::Line;
use crate::environment::{Environment, Toolchain};
use crate::error::{Context, Result, create_folder, write};
use crate::files::{remove, temporary_folder};
use crate::process;

const TOOLCHAIN_PACKAGES: [&str; 6] =
    ["rustc-web", "cargo-web", "rust-web-clippy", "rustfmt-web", "rust-web-src", "lld-22"];

const LINKER: &str = "/usr/bin/lld-22";
const TARGET: &str = "wasm32-unknown-unknown";

/// Whether apt can be used: Debian or a relative of it, and root.
pub fn is_root() -> bool {
    let user = || {
        let mut command = Command::new("id");
        command.arg("-u");
        process::output(command)
    };
    Path::new("/etc/debian_version").exists() && user().is_some_and(|id| id.trim() == "0")
}

/// Installs packages; the package lists are fetched when they are missing or too old.
pub fn apt_install(environment: &Environment, packages: &[&str]) -> Result<()> {
    let log = environment.work().join("logs/apt.log");
    let install = || {
        let mut command = apt(environment);
        command.args(["install", "--yes", "--no-install-recommends"]).args(packages);
        process::run_logged(command, "apt-get install", &log)
    };
    if install().is_ok() {
        return Ok(());
    }
    let mut update = apt(environment);
    update.arg("update");
    process::run_logged(update, "apt-get update", &log)?;
    install()
}

fn apt(environment: &Environment) -> Command {
    let mut command = environment.command("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Installs Debian's newest Rust and builds its wasm32 standard library.
pub fn install_toolchain(environment: &Environment, line: &Line) -> Result<()> {
    line.long_step("installing Debian's Rust with apt", "1 minute");
    apt_install(environment, &TOOLCHAIN_PACKAGES)?;
    line.long_step("building the wasm32 standard library", "2 minutes");
    let folder = temporary_folder("std")?;
    let result = build_library(environment, &folder);
    remove(&folder);
    result
}

fn build_library(environment: &Environment, folder: &Path) -> Result<()> {
    write(&folder.join("Cargo.toml"), MANIFEST)?;
    create_folder(&folder.join("src"))?;
    write(&folder.join("src/lib.rs"), "")?;
    let system = environment.with_toolchain(Toolchain::System("/usr/bin".into()));
    let mut command = system.command("/usr/bin/cargo");
    command
        .current_dir(folder)
        .args(["build", "--release", "--target", TARGET])
        .arg("-Zbuild-std=std,panic_abort,test,proc_macro")
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("RUSTC", "/usr/bin/rustc")
        // Building the library is the one thing here that needs an unstable option.
        .env("RUSTC_BOOTSTRAP", "1")
        // Release builds optimise across all crates, which needs the library's bitcode.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes");
    let log = environment.work().join("logs/wasm32-std.log");
    process::run_logged(command, "building the wasm32 standard library", &log)?;

    let built = folder.join("target").join(TARGET).join("release/deps");
    let libraries = compiler::sysroot(&system)?.join("lib/rustlib");
    copy_libraries(&built, &libraries.join(TARGET).join("lib"))?;
    link_linker(&libraries.join(compiler::host(&system)?).join("bin"))
}

const MANIFEST: &str = "\
[package]
name = \"nothing\"
version = \"0.0.0\"
edition = \"2021\"

[profile.release]
panic = \"abort\"

[workspace]
";

fn copy_libraries(from: &Path, to: &Path) -> Result<()> {
    create_folder(to)?;
    for name in libraries(to)? {
        // Another version's, which rustc would find twice.
        std::fs::remove_file(to.join(&name)).context(&name)?;
    }
    for name in libraries(from)? {
        if !name.starts_with("libnothing-") {
            std::fs::copy(from.join(&name), to.join(&name)).context(&name)?;
        }
    }
    Ok(())
}

fn libraries(folder: &Path) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(folder).context(folder.display())?;
    let names = entries
        .filter_map(std::result::Result::ok)
        .filter_map(|entry| entry.file_name().into_string().ok());
    Ok(names.filter(|name| name.starts_with("lib") && name.ends_with(".rlib")).collect())
}

/// Puts the linker where rustc looks for its own, so that nothing needs to be configured.
#[cfg(unix)]
fn link_linker(folder: &Path) -> Result<()> {
    create_folder(folder)?;
    let link = folder.join("rust-lld");
    if link.exists() {
        return Ok(());
    }
    // A link that leads nowhere is in the way of a new one.
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(LINKER, &link).context(link.display())
}

#[cfg(not(unix))]
fn link_linker(_folder: &Path) -> Result<()> {
    Err("this is not Debian").context(LINKER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_replace_those_of_another_version() {
        let folder = temporary_folder("copy-test").unwrap();
        let (from, to) = (folder.join("from"), folder.join("to"));
        for path in [&from, &to] {
            create_folder(path).unwrap();
        }
        for name in ["libstd-2.rlib", "libnothing-2.rlib", "std-2.d"] {
            write(&from.join(name), "").unwrap();
        }
        write(&to.join("libstd-1.rlib"), "").unwrap();
        copy_libraries(&from, &to).unwrap();
        assert_eq!(libraries(&to).unwrap(), ["libstd-2.rlib"]);
        remove(&folder);
    }
}
