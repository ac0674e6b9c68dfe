//! npm packages of a folder of the project, installed exactly as its lock file says.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::digest;
use crate::environment::Environment;
use crate::error::{Result, read, write};
use crate::process;

/// The folder with the test provider.
pub const PROVIDER: &str = "tests/provider";

/// The folder with the tests against oauth4webapi.
pub const DIFFERENTIAL: &str = "tests/differential";

/// The folder with what the end-to-end tests look at pages with.
pub const END_TO_END: &str = "tests/e2e";

/// The folder with the server of `cargo xtask demo`.
pub const SERVE: &str = "xtask/serve";

/// The folder with wasm-opt and esbuild.
pub const BUILD_TOOLS: &str = "xtask/node";

/// The folder with the libraries that the bench measures beside ours.
pub const BENCH: &str = "tests/bench";

/// How long npm may take.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// Whether what is installed is what the lock file says.
pub fn is_installed(folder: &Path) -> bool {
    let wanted = read(&folder.join("package-lock.json")).map(|lock| digest::sha256(&lock));
    let present = read(&stamp(folder));
    matches!((wanted, present), (Ok(wanted), Ok(present)) if wanted.as_bytes() == present)
}

/// Installs what the lock file says, without a word: other things may be under way.
pub fn install(environment: &Environment, folder: &Path, log: &Path) -> Result<()> {
    let lock = read(&folder.join("package-lock.json"))?;
    let mut command = environment.command("npm");
    command.current_dir(folder).args(["ci", "--no-audit", "--no-fund"]);
    let (_, ended) = process::run_collected(command, "npm ci", log, LIMIT);
    ended.map_err(|failure| process::with_end_of(log, &failure))?;
    write(&stamp(folder), digest::sha256(&lock))
}

/// A program of the build tools, if they are installed.
pub fn build_tool(root: &Path, program: &str) -> Option<PathBuf> {
    let ending = if cfg!(windows) { ".cmd" } else { "" };
    let path = root.join(BUILD_TOOLS).join("node_modules/.bin").join(format!("{program}{ending}"));
    path.is_file().then_some(path)
}

fn stamp(folder: &Path) -> PathBuf {
    folder.join("node_modules/.installed-lock-hash")
}
