//! The one way to build the demo: `cargo xtask demo` and `cargo xtask dist` call it, and so does Trunk
//! (`hook.rs`).
//!
//! The demo is two programs, and for release the app is there twice. The app starts with the page: its glue has `src/demo/app/boot.js` behind it, so
//! that a strict page needs no inline script, and a cold one no request more than it must. The lesson is
//! loaded by the app when there is something to explain. Each file gets a name that follows its content, and
//! whoever loads it knows its hash. Release builds are made small here as well.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use serde_json::{Map, Value};

use crate::bindgen::Bindgen;
use crate::digest;
use crate::environment::Environment;
use crate::error::{Context, Failure, Result, create_folder, empty_folder, read, read_text, write};
use crate::files;
use crate::glue::{self, Wasm};
use crate::links;
use crate::npm;
use crate::page::{self, Renamed};
use crate::pages::{self, Page};
use crate::process;
use crate::wasm_opt;

/// The target of everything that runs in a browser.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The profile of release builds.
pub const RELEASE: &str = "wasm-release";

/// The folder with the style sheets and pictures of the pages.
const STYLES: &str = "style";

/// What the demo shows where people sign in with somebody behind the provider.
const UPSTREAM: &str = "src/demo/upstream";

/// What starts the app, behind its glue, and what it begins with.
const BOOT: &str = "src/demo/app/boot.js";
const AHEAD: &str = "src/browser/ahead.js";

/// How it names a script that it loads, and that script's hash.
const LESSON_SCRIPT: [&str; 2] = ["./pixy-lesson.js", "pixy-lesson-integrity"];
const IN_VAULT_SCRIPT: [&str; 2] = ["./pixy-in-vault.js", "pixy-in-vault-integrity"];

/// A program of the demo. Each is built with features of its own, for what the library exports for the one
/// would be in the other, too.
struct Program {
    /// Of its binary.
    name: &'static str,
    /// The beginning of its files' names.
    stem: &'static str,
    /// What cargo is told of it.
    features: &'static [&'static str],
}

const APP: Program = Program {
    name: "pixy-login",
    stem: "pixy-login",
    features: &["--no-default-features", "--features", "demo"],
};

/// The app in a build for development, which is sooner there when it is compiled once.
const APP_FOR_BOTH: Program =
    Program { features: &["--no-default-features", "--features", "demo,vault"], ..APP };

/// The app where tokens are to be in a vault: nobody else need load what that takes.
const IN_VAULT: Program =
    Program { name: "demo-in-vault", stem: "pixy-in-vault", features: APP_FOR_BOTH.features };

const LESSON: Program = Program {
    name: "lesson",
    stem: "pixy-lesson",
    features: &["--no-default-features", "--features", "lesson"],
};

/// How a build is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Quickly.
    Development,
    /// To be small and fast.
    Release,
}

/// A build of the demo.
#[derive(Debug)]
pub struct Build<'a> {
    /// Where programs are found.
    pub environment: &'a Environment,
    /// How it is made.
    pub profile: Profile,
    /// What differs from the settings in index.html.
    pub settings: Map<String, Value>,
    /// HTML for the end of each page, to have it reloaded after a change.
    pub at_the_end: String,
}

impl Build<'_> {
    /// Builds the demo into a folder, in the place of what is there. That stays as it is when something
    /// goes wrong.
    pub fn run(&self, out: &Path) -> Result<()> {
        let bindgen = self.compile()?;
        let folder = out.with_extension("part");
        empty_folder(&folder)?;
        Site { build: self, folder: &folder, bindgen: &bindgen }.make()?;
        files::replace(&folder, out)
    }

    /// Compiles the programs, and beside them, where it is not there yet, what makes their glue.
    pub fn compile(&self) -> Result<Bindgen> {
        thread::scope(|scope| {
            let bindgen = scope.spawn(|| Bindgen::prepare(self.environment));
            let mut programs = self.programs().into_iter();
            let compiled = programs.try_for_each(|program| self.cargo(&program));
            let bindgen =
                bindgen.join().map_err(|_| Failure::message("the build of bindgen panicked"))?;
            compiled.and(bindgen)
        })
    }

    fn programs(&self) -> Vec<Program> {
        match self.profile {
            Profile::Release => vec![APP, IN_VAULT, LESSON],
            Profile::Development => vec![APP_FOR_BOTH, LESSON],
        }
    }

    fn cargo(&self, program: &Program) -> Result<()> {
        let mut cargo = self.environment.command("cargo");
        cargo.args(["build", "--target", TARGET, "--bin", program.name]).args(program.features);
        if self.is_release() {
            cargo.args(["--profile", RELEASE]);
        }
        process::run(cargo, &format!("cargo build of {}", program.name))
    }

    fn compiled(&self, program: &Program) -> PathBuf {
        let profile = if self.is_release() { RELEASE } else { "debug" };
        let folder = self.environment.target().join(TARGET).join(profile);
        folder.join(program.name).with_extension("wasm")
    }

    fn is_release(&self) -> bool {
        self.profile == Profile::Release
    }
}

/// Where the vault is that a demo with one takes along.
pub fn vault(environment: &Environment) -> PathBuf {
    environment.work().join("demo-vault")
}

/// A file by its first and its final name, and its hash.
struct File {
    old: String,
    new: String,
    integrity: String,
}

/// `boot.js` with the final name of a script, and its hash; without a script with neither.
fn naming(boot: &str, [old, integrity]: [&str; 2], script: Option<&File>) -> String {
    let (name, hash) = match script {
        Some(script) => (format!("./{}", script.new), script.integrity.as_str()),
        None => (String::new(), ""),
    };
    boot.replace(old, &name).replace(integrity, hash)
}

/// The files of a build, on the way to their final names.
struct Site<'a> {
    build: &'a Build<'a>,
    folder: &'a Path,
    bindgen: &'a Bindgen,
}

impl Site<'_> {
    fn make(&self) -> Result<()> {
        let root = &self.build.environment.root;
        let [lesson, _] = self.program(&LESSON, None)?;
        let boot = [read_text(&root.join(AHEAD))?, read_text(&root.join(BOOT))?].concat();
        let boot = naming(&boot, LESSON_SCRIPT, Some(&lesson));
        let in_vault = match self.build.is_release() {
            true => Some(self.program(&IN_VAULT, None)?),
            false => None,
        };
        let boot = naming(&boot, IN_VAULT_SCRIPT, in_vault.as_ref().map(|[script, _]| script));
        let mut files = Vec::from(self.program(&APP, Some(&boot))?);
        // Loaded only where the settings ask for it, so it keeps its names.
        files::copy(&root.join(UPSTREAM), &self.folder.join("upstream"))?;
        for page in pages::upstreams(root)? {
            write(&self.folder.join(&page.name), page.html)?;
        }
        let upstream = self.build.settings.get("upstream").and_then(Value::as_str);
        let pages = pages::compose(root, upstream)?;
        files.extend(self.styles(&pages)?);
        for page in &pages {
            write(&self.folder.join(&page.name), self.finish(page, &files)?)?;
        }
        if self.build.settings.get("vault") == Some(&Value::Bool(true)) {
            files::copy(&vault(self.build.environment), &self.folder.join("vault"))?;
        }
        Ok(())
    }

    /// A program's script and its wasm file, fitted to each other. Where the page itself loads the script,
    /// what starts the program stands in it.
    fn program(&self, program: &Program, boot: Option<&str>) -> Result<[File; 2]> {
        let name = program.name;
        self.bindgen.run(&self.linked(program)?, name, self.folder)?;
        // The names that wasm-bindgen gives.
        let (script, wasm) = (format!("{name}.js"), format!("{name}_bg.wasm"));
        let (script_path, wasm_path) = (self.folder.join(&script), self.folder.join(&wasm));
        let glue = glue::without_disposal(&glue::with_loader(&read_text(&script_path)?)?);
        let script_text = match boot {
            Some(boot) => glue::join_boot(&glue, boot),
            None => glue::hide_classes(&glue),
        };
        write(&script_path, script_text)?;
        if self.build.is_release() {
            links::shorten(&wasm_path, &script_path)?;
            self.minify(&script)?;
            if let Some(tool) = self.tool("wasm-opt") {
                wasm_opt::shrink(self.build.environment, &tool, &wasm_path, &script_path)?;
            }
        }
        let wasm = self.name_by_content(&wasm, program.stem)?;
        let named = Wasm { old: &wasm.old, new: &wasm.new, integrity: &wasm.integrity };
        write(&script_path, glue::name_wasm(&read_text(&script_path)?, &named)?)?;
        Ok([self.name_by_content(&script, program.stem)?, wasm])
    }

    /// What rustc has built, fit for wasm-bindgen.
    fn linked(&self, program: &Program) -> Result<PathBuf> {
        let built = self.build.compiled(program);
        if !self.build.is_release() {
            return Ok(built);
        }
        let work = self.build.environment.work();
        create_folder(&work)?;
        let copy = work.join(program.name).with_extension("wasm");
        links::copy_for_bindgen(&built, &copy)?;
        Ok(copy)
    }

    /// The style sheets and pictures that the pages refer to.
    fn styles(&self, pages: &[Page]) -> Result<Vec<File>> {
        let folder = self.build.environment.root.join(STYLES);
        create_folder(&self.folder.join(STYLES))?;
        let mut styles = Vec::new();
        for path in files::below(&folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let file = format!("{STYLES}/{name}");
            if !pages.iter().any(|page| page::files(&page.html).any(|named| named == file)) {
                continue;
            }
            fs::copy(&path, self.folder.join(&file)).context(path.display())?;
            if self.build.is_release() && name.ends_with(".css") {
                self.minify(&file)?;
            }
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            styles.push(self.name_by_content(&file, &stem)?);
        }
        fs::remove_dir(self.folder.join(STYLES)).context(STYLES)?;
        Ok(styles)
    }

    /// A page with the final names of its files, and the settings of this build.
    fn finish(&self, page: &Page, files: &[File]) -> Result<String> {
        let mut html = page.html.clone();
        for File { old, new, integrity } in files {
            html = page::rename(&html, &Renamed { old, new, integrity });
        }
        if let Some(missing) = page::files(&html).find(|file| !self.folder.join(file).is_file()) {
            let name = &page.name;
            return Err(Failure::message(format!(
                "{name} refers to {missing}, which is not there"
            )));
        }
        let html = page::change_settings(&html, &self.build.settings)?;
        let html = if self.build.is_release() { page::minify(&html) } else { html };
        page::append(&html, &self.build.at_the_end)
    }

    fn minify(&self, file: &str) -> Result<()> {
        let Some(tool) = self.tool("esbuild") else { return Ok(()) };
        let path = self.folder.join(file);
        let mut command = Command::new(tool);
        command
            .arg(&path)
            .args(["--minify", "--legal-comments=none", "--log-level=warning"])
            .args(["--allow-overwrite", "--charset=utf8"])
            .arg(format!("--outfile={}", path.display()));
        if file.ends_with(".js") {
            command.args(["--format=esm", "--tree-shaking=true", "--target=es2022"]);
        }
        process::run_short(command, "esbuild")
    }

    /// Gives a file its final name.
    fn name_by_content(&self, old: &str, stem: &str) -> Result<File> {
        let path = self.folder.join(old);
        let content = read(&path)?;
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        let new = format!("{stem}-{}.{ending}", digest::name_part(&content));
        fs::rename(&path, self.folder.join(&new)).context(path.display())?;
        Ok(File { old: old.to_owned(), new, integrity: digest::integrity(&content) })
    }

    fn tool(&self, program: &str) -> Option<PathBuf> {
        let found = npm::build_tool(&self.build.environment.root, program);
        if found.is_none() {
            println!(
                "note: without {program} the release build stays larger; see cargo xtask setup"
            );
        }
        found
    }
}
