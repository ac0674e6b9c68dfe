//! What happens to the demo's files after Trunk has built them (`trunk-hook`, see Trunk.toml).
//!
//! Trunk would start the app from an inline script, which strict pages forbid. So the page refers
//! to one script, the glue with `src/demo/app/boot.js` behind it. The hook joins the two, gives each
//! file a name that follows its content, writes the integrity attributes, and copies the page for
//! the demo's other addresses. Release builds are made small here as well.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value};

use crate::digest;
use crate::dist::copy_folder;
use crate::environment::Environment;
use crate::error::{Context, Failure, Result, read, read_text, write};
use crate::glue::{self, Wasm};
use crate::links;
use crate::npm;
use crate::page::{self, Renamed};
use crate::process;
use crate::wasm_opt;

/// The variable with settings that replace those of index.html.
pub const SETTINGS_VARIABLE: &str = "PIXY_SETTINGS";

/// The pages of the demo beside index.html that are about a sign-in, and have no article.
const OTHER_PAGES: [&str; 4] = ["callback.html", "profile.html", "mail.html", "errors.html"];

/// The articles of the other pages, a fragment of HTML for each.
const ARTICLES: &str = "src/demo/pages";

/// The names that wasm-bindgen gives.
const GLUE: &str = "pixy-login.js";
const WASM: &str = "pixy-login_bg.wasm";

/// The same of the lesson, and how the code that starts the app calls it.
const LESSON_GLUE: &str = "lesson.js";
const LESSON_WASM: &str = "lesson_bg.wasm";
const LESSON_IMPORT: &str = "pixy-lesson.js";

/// The hook.
pub fn run() -> Result<()> {
    let build = Build::from_trunk()?;
    let html = read_text(&build.staging.join("index.html"))?;
    let html = build.finish_files(&html)?;
    let html = match settings()? {
        Some(changes) => {
            if changes.get("vault") == Some(&Value::Bool(true)) {
                copy_folder(&vault(&build.environment), &build.staging.join("vault"))?;
            }
            page::change_settings(&html, &changes)?
        }
        None => html,
    };
    let html = if build.release { page::minify(&html) } else { html };
    write(&build.staging.join("index.html"), &html)?;
    for name in OTHER_PAGES {
        write(&build.staging.join(name), page::with_article(&html, "")?)?;
    }
    for (name, article) in articles(&build.source)? {
        let html = page::without_hero(&page::with_article(&html, &article)?)?;
        write(&build.staging.join(name), html)?;
    }
    Ok(())
}

/// The name and the fragment of each page that has an article of its own.
fn articles(source: &Path) -> Result<Vec<(String, String)>> {
    let folder = source.join(ARTICLES);
    let mut articles = Vec::new();
    for entry in std::fs::read_dir(&folder).context(folder.display())? {
        let path = entry.context(folder.display())?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        articles.push((name, read_text(&path)?));
    }
    Ok(articles)
}

/// Where the vault is that a demo with one takes along.
pub fn vault(environment: &Environment) -> PathBuf {
    environment.work().join("demo-vault")
}

fn settings() -> Result<Option<Map<String, Value>>> {
    match env::var(SETTINGS_VARIABLE) {
        Ok(text) => Ok(Some(serde_json::from_str(&text).context(SETTINGS_VARIABLE)?)),
        Err(_) => Ok(None),
    }
}

/// One build of Trunk's.
struct Build {
    environment: Environment,
    source: PathBuf,
    staging: PathBuf,
    release: bool,
}

impl Build {
    fn from_trunk() -> Result<Self> {
        let variable = |name: &str| {
            env::var_os(name).ok_or_else(|| {
                Failure::message(format!("{name} is not set: only Trunk calls this"))
            })
        };
        Ok(Self {
            environment: Environment::new(),
            source: variable("TRUNK_SOURCE_DIR")?.into(),
            staging: variable("TRUNK_STAGING_DIR")?.into(),
            release: variable("TRUNK_PROFILE")? == "release",
        })
    }

    /// Names every file after its content, in the order in which they refer to each other.
    fn finish_files(&self, html: &str) -> Result<String> {
        let lesson = self.finish_lesson()?;
        let wasm = self.finish_program(&lesson)?;
        let mut html = page::rename(html, &Renamed { old: WASM, new: &wasm, integrity: None })?;
        for file in self.scripts_and_styles()? {
            let old = file.to_string_lossy().into_owned();
            // The glue is minified already.
            if self.release && old != GLUE {
                self.minify(&file)?;
            }
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            let new = self.rename(&file, &stem)?;
            let integrity = digest::integrity(&read(&self.staging.join(&new))?);
            html = page::rename(
                &html,
                &Renamed { old: &old, new: &new, integrity: Some(&integrity) },
            )?;
        }
        Ok(html)
    }

    /// Joins the glue with the code that starts the app, fits it and the wasm file to each other, and
    /// returns the wasm file's final name.
    fn finish_program(&self, lesson: &str) -> Result<String> {
        let glue_path = self.staging.join(GLUE);
        let glue = glue::demand_integrity(&read_text(&glue_path)?)?;
        let boot = read_text(&self.source.join("src/demo/app/boot.js"))?;
        write(&glue_path, glue::join_boot(&glue, &boot.replace(LESSON_IMPORT, lesson)))?;
        self.finish_wasm(GLUE, WASM, "pixy-login")
    }

    /// The same for the lesson, which the app's script loads when it is wanted. Returns its glue's final name.
    fn finish_lesson(&self) -> Result<String> {
        let glue_path = self.staging.join(LESSON_GLUE);
        write(&glue_path, glue::demand_integrity(&read_text(&glue_path)?)?)?;
        self.finish_wasm(LESSON_GLUE, LESSON_WASM, "pixy-lesson")?;
        self.rename(Path::new(LESSON_GLUE), "pixy-lesson")
    }

    /// Makes a program small in a release, and returns the final name of its wasm file.
    fn finish_wasm(&self, glue: &str, wasm: &str, stem: &str) -> Result<String> {
        let glue_path = self.staging.join(glue);
        if self.release {
            let wasm_path = self.staging.join(wasm);
            links::shorten(&wasm_path, &glue_path)?;
            self.minify(Path::new(glue))?;
            if let Some(program) = self.build_tool("wasm-opt") {
                wasm_opt::shrink(&self.environment, &program, &wasm_path, &glue_path)?;
            }
        }
        let name = self.rename(Path::new(wasm), stem)?;
        let integrity = digest::integrity(&read(&self.staging.join(&name))?);
        let wasm = Wasm { old: wasm, new: &name, integrity: &integrity };
        write(&glue_path, glue::name_wasm(&read_text(&glue_path)?, &wasm)?)?;
        Ok(name)
    }

    /// The names of the files that the page refers to beside the wasm.
    fn scripts_and_styles(&self) -> Result<Vec<PathBuf>> {
        let folder = &self.staging;
        let entries = std::fs::read_dir(folder).context(folder.display())?;
        let mut names: Vec<PathBuf> = entries
            .filter_map(std::result::Result::ok)
            .map(|entry| PathBuf::from(entry.file_name()))
            .filter(|name| {
                let ending = name.extension().unwrap_or_default();
                ending == "js" || ending == "css"
            })
            // Its name is final already.
            .filter(|name| !name.to_string_lossy().starts_with("pixy-lesson"))
            .collect();
        names.sort();
        Ok(names)
    }

    fn minify(&self, file: &Path) -> Result<()> {
        let Some(program) = self.build_tool("esbuild") else {
            return Ok(());
        };
        let path = self.staging.join(file);
        let mut command = Command::new(program);
        command
            .arg(&path)
            .args(["--minify", "--legal-comments=none", "--log-level=warning"])
            .args(["--allow-overwrite", "--charset=utf8"])
            .arg(format!("--outfile={}", path.display()));
        if file.extension().is_some_and(|ending| ending == "js") {
            command.args(["--format=esm", "--tree-shaking=true", "--target=es2022"]);
        }
        process::run_short(command, "esbuild")
    }

    /// Gives a file its final name and returns it.
    fn rename(&self, file: &Path, stem: &str) -> Result<String> {
        let old = self.staging.join(file);
        let hash = digest::name_part(&read(&old)?);
        let ending = file.extension().unwrap_or_default().to_string_lossy();
        let new = format!("{stem}-{hash}.{ending}");
        std::fs::rename(&old, self.staging.join(&new)).context(old.display())?;
        Ok(new)
    }

    fn build_tool(&self, program: &str) -> Option<PathBuf> {
        let found = npm::build_tool(&self.environment.root, program);
        if found.is_none() {
            println!(
                "note: without {program} the release build stays larger; see cargo xtask setup"
            );
        }
        found
    }
}
