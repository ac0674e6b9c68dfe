//! `cargo xtask dist`: the release builds of the demo, the widget and the vault's worker.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::arguments::Arguments;
use crate::bindgen::Bindgen;
use crate::build::{Build, Profile, RELEASE, TARGET};
use crate::digest;
use crate::environment::{Environment, cargo_home};
use crate::error::{Context, Failure, Result, empty_folder, read, read_text, write};
use crate::files;
use crate::glue::{self, Wasm};
use crate::hook;
use crate::languages;
use crate::links;
use crate::llvm;
use crate::npm;
use crate::panics::{self, Panics};
use crate::process;
use crate::setup::{self, Purpose};
use crate::size::{self, Bundle, Kind, Sizes};
use crate::wasm_opt;

const HELP: &str = "\
Usage: cargo xtask dist [parts] [--out FOLDER] [--explain-panics]

Release builds, ready for any static host:

  FOLDER/demo/             the demo app
  FOLDER/widget/           the widget: pixy-login.js and pixy-login.wasm, and what it says in
                           Japanese, pixy-login.ja.json; in tags.html what a page says to have
                           the first two, in pixy-login.d.ts its types for TypeScript
  FOLDER/vault/            the vault's worker: pixy-login-vault.js and pixy-login-vault.wasm;
                           a copy is in demo/vault
  FOLDER/widget-example/   a page of plain HTML that uses the widget
  FOLDER/integrity.json    the sha384 of each file, for integrity attributes
  FOLDER/build.json        what a panic does in them

with gzip (.gz) and brotli (.br) copies, and prints what each weighs: the demo is what the
page of the sign-in button loads, the lesson what an article loads beside that, and in vault
what stands in for the app where the settings want one. FOLDER is
dist unless given. docs/hosting.md says how to serve it. Takes about five minutes the first
time, then two.

Where the sources of the standard library are there (rustup component add rust-src, which is tried),
it is built anew, so that a panic ends the program at once and explains nothing: a twentieth less to
download, and a minute more the first time. That takes a feature of rustc that is not stable yet. With
--explain-panics the library is taken that comes with the compiler, and so it is where the sources
are missing; a line says which of both.

With the word parts nothing is kept: the widget is built without and with each optional part of
the library (cargo features), and the table says what each weighs. Takes about three minutes.";

/// The folders of what is loaded on its own.
const BUNDLES: [&str; 3] = ["demo", "widget", "vault"];

/// The folder of release builds, unless another is given.
pub const FOLDER: &str = "dist";

/// The optional parts that the widget has, and those that the vault has.
const WIDGET_FEATURES: &str = "widget,dpop,par,popup,presets,signed-userinfo";
const VAULT_FEATURES: &str = "vault-worker,dpop,par,signed-userinfo,step-up";

/// The widget without and with each optional part.
const PARTS: [(&str, &str); 9] = [
    ("main flow", "widget"),
    ("with dpop", "widget,dpop"),
    ("with par", "widget,par"),
    ("with popup", "widget,popup"),
    ("with signed-userinfo", "widget,signed-userinfo"),
    ("with step-up", "widget,step-up"),
    ("with presets", "widget,presets"),
    ("with vault", "widget,vault"),
    ("with all", "widget,dpop,par,popup,signed-userinfo,step-up,presets,vault"),
];

/// A module for pages or workers: a program, and the script that loads it.
pub struct Module {
    pub name: &'static str,
    /// The folder of its sources in JavaScript, the script in it, and a style sheet that it imports.
    pub folder: &'static str,
    pub entry: &'static str,
    pub styles: Option<&'static str>,
    /// The names of its files, which others write into their pages.
    pub glue: &'static str,
    pub wasm: &'static str,
}

/// The widget.
pub const WIDGET: Module = Module {
    name: "widget",
    folder: "src/widget",
    entry: "entry.js",
    styles: Some("style/widget.css"),
    glue: "pixy-login.js",
    wasm: "pixy-login.wasm",
};

const VAULT: Module = Module {
    name: "vault",
    folder: "src/client/vault",
    entry: "worker.js",
    styles: None,
    glue: "pixy-login-vault.js",
    wasm: "pixy-login-vault.wasm",
};

/// The tags of a page with the widget.
pub const TAGS: &str = "tags.html";

/// What TypeScript is told of the element.
const TYPES: &str = "pixy-login.d.ts";

/// The scripts that entries may import beside their own.
const SHARED_SCRIPTS: &str = "src/browser";

/// The name under which an entry imports what wasm-bindgen made.
const GLUE_IMPORT: &str = "pixy-login-glue";

/// The browser's objects stand in an array of the glue instead of a table of the program, and with that goes the
/// code that fills the table.
const WITHOUT_REFERENCE_TYPES: &str = "-Ctarget-feature=-reference-types";

/// The flag for panics that explain themselves.
const EXPLAIN_PANICS: &str = "--explain-panics";

/// The command `dist`.
pub fn run(given: Vec<String>) -> Result<()> {
    let arguments = Arguments::parse_with_flags(given, &["--out"], &[EXPLAIN_PANICS])?;
    if arguments.help {
        println!("{HELP}");
        return Ok(());
    }
    let words: Vec<&str> = arguments.words.iter().map(String::as_str).collect();
    let compares_parts = words == ["parts"];
    if !compares_parts {
        arguments.no_words()?;
    }
    let environment = setup::prepare(Purpose::Dist)?;
    let panics = match arguments.has(EXPLAIN_PANICS) {
        true => Panics::Explained,
        false => Panics::smallest(&environment),
    };
    if compares_parts {
        return compare_parts(&environment, panics);
    }
    let out = Path::new(arguments.value("--out").unwrap_or(FOLDER));
    build_with_panics(&environment, panics, out).map(drop)
}

/// Builds everything into a folder, prints the size table, and returns the folder.
pub fn build(environment: &Environment, out: &Path) -> Result<PathBuf> {
    build_with_panics(environment, Panics::smallest(environment), out)
}

fn build_with_panics(environment: &Environment, panics: Panics, out: &Path) -> Result<PathBuf> {
    println!("{}", panics.line());
    let environment = &with_own_flags(environment, panics);
    let out = environment.root.join(out);
    Panics::forget_note(&out)?;
    let folder = |name: &str| out.join(name);
    println!("Building the demo for release.");
    build_demo(environment, &folder("demo"))?;
    println!("Building the widget for release.");
    build_module(environment, &WIDGET, WIDGET_FEATURES, &folder("widget"))?;
    languages::add(&environment.root, &folder("widget").join(WIDGET.glue))?;
    write_tags(&folder("widget"))?;
    copy_types(environment, &folder("widget"))?;
    copy_example(environment, &folder("widget-example"))?;
    println!("Building the vault for release.");
    build_vault(environment, &folder("vault"))?;

    let mut integrity = BTreeMap::new();
    for name in BUNDLES {
        for file in files::below(&folder(name))? {
            let path = file.strip_prefix(&out).unwrap_or(&file);
            let path = path.to_string_lossy().replace('\\', "/");
            integrity.insert(path, digest::integrity(&read(&file)?));
        }
    }
    let bundles = weigh(environment, &out)?;
    // After everything was counted: a visit of the demo loads it only where its settings say so.
    files::copy(&folder("vault"), &folder("demo").join("vault"))?;
    let integrity = serde_json::to_string_pretty(&integrity).context("integrity.json")?;
    write(&out.join("integrity.json"), integrity + "\n")?;
    panics.note(&out)?;
    println!("\n{}", size::table(&bundles));
    Ok(out)
}

/// What the bundles in a folder weigh that has been built, with compressed copies beside their files.
pub fn weigh(environment: &Environment, out: &Path) -> Result<Vec<Bundle>> {
    let mut bundles = Vec::new();
    for name in BUNDLES {
        let mut files = files::below(&out.join(name))?;
        // What was compressed before, and the vault that the demo has a copy of.
        files.retain(|file| {
            let is_copy = file.extension().is_some_and(|ending| ending == "br" || ending == "gz");
            let is_of_vault = name == "demo" && file.starts_with(out.join("demo/vault"));
            let is_for_developers = file.ends_with(TYPES);
            !is_copy && !is_of_vault && !is_for_developers
        });
        let sizes = compress(environment, &files)?;
        bundles.push(Bundle { name, files: loaded_by_a_visit(&files, &sizes) });
        if name == "demo" {
            bundles.push(Bundle { name: "lesson", files: loaded_by_an_article(&files, &sizes) });
            bundles.push(Bundle { name: "in vault", files: loaded_with_a_vault(&files, &sizes) });
        }
    }
    Ok(bundles)
}

/// Builds the worker of the vault into a folder.
pub fn build_vault(environment: &Environment, out: &Path) -> Result<()> {
    build_module(environment, &VAULT, VAULT_FEATURES, out)
}

/// The flags of a release build. Panics name the files they come from, and crates and the standard library lie in
/// this person's folders: neither those paths nor their length belong into what others download.
pub fn with_own_flags(environment: &Environment, panics: Panics) -> Environment {
    let mut flags = vec![WITHOUT_REFERENCE_TYPES.to_owned()];
    for folder in folders_of_sources(environment) {
        let path = folder.display().to_string();
        // The flags are separated by spaces.
        if !path.contains(char::is_whitespace) {
            flags.push(format!("--remap-path-prefix={path}{}=", std::path::MAIN_SEPARATOR));
        }
    }
    flags.extend(llvm::flags(environment));
    let mut environment = panics.apply(environment);
    environment.add_rustflags(flags);
    environment
}

fn folders_of_sources(environment: &Environment) -> Vec<PathBuf> {
    let registries = cargo_home().map(|home| home.join("registry/src"));
    let registries = registries.and_then(|folder| std::fs::read_dir(folder).ok());
    let mut folders: Vec<PathBuf> =
        registries.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    folders.extend(panics::sources(environment));
    folders
}

fn build_demo(environment: &Environment, out: &Path) -> Result<()> {
    Build {
        environment,
        profile: Profile::Release,
        settings: hook::settings()?,
        at_the_end: String::new(),
    }
    .run(out)
}

/// Prints what each optional part weighs.
fn compare_parts(environment: &Environment, panics: Panics) -> Result<()> {
    println!("{}", panics.line());
    let environment = &with_own_flags(environment, panics);
    let out = environment.work().join("parts");
    let mut bundles = Vec::new();
    for (name, features) in PARTS {
        println!("Building the widget: {name}.");
        build_module(environment, &WIDGET, features, &out)?;
        let files = files::below(&out)?;
        let sizes = compress(environment, &files)?;
        bundles.push(Bundle { name, files: loaded_by_a_visit(&files, &sizes) });
    }
    println!("\n{}", size::table(&bundles));
    Ok(())
}

fn build_module(
    environment: &Environment,
    module: &Module,
    features: &str,
    out: &Path,
) -> Result<()> {
    let mut cargo = environment.command("cargo");
    cargo.args(["build", "--bin", module.name, "--no-default-features", "--features", features]);
    build_with(environment, module, cargo, out)
}

/// The same with a cargo command that builds the program, where nothing is said yet of how.
pub fn build_with(
    environment: &Environment,
    module: &Module,
    mut cargo: Command,
    out: &Path,
) -> Result<()> {
    let name = module.name;
    let work = environment.work().join(name);
    empty_folder(&work)?;
    empty_folder(out)?;
    cargo.args(["--profile", RELEASE, "--target", TARGET]);
    process::run(cargo, "cargo build")?;

    let built = environment.target().join(TARGET).join(RELEASE).join(format!("{name}.wasm"));
    let linked = work.join(format!("{name}.wasm"));
    links::copy_for_bindgen(&built, &linked)?;
    Bindgen::prepare(environment)?.run(&linked, name, &work)?;

    // The name that wasm-bindgen gives the program.
    let program = format!("{name}_bg.wasm");
    let (wasm, glue) = (work.join(&program), work.join(format!("{name}.js")));
    links::shorten(&wasm, &glue)?;
    let text = glue::with_loader(&read_text(&glue)?)?;
    write(&glue, glue::without_disposal(&text))?;
    let script = out.join(module.glue);
    bundle(environment, module, &work, &glue, &script)?;
    wasm_opt::shrink(environment, &tool(environment, "wasm-opt")?, &wasm, &script)?;

    let content = read(&wasm)?;
    let integrity = digest::integrity(&content);
    let url = url_of(module, &content);
    let program = Wasm { old: &program, new: &url, integrity: &integrity };
    write(&script, glue::name_wasm(&read_text(&script)?, &program)?)?;
    std::fs::copy(&wasm, out.join(module.wasm)).map(drop).context(wasm.display())
}

/// The address of a program beside its script. The file has one name for ever: without the rest, a browser would take
/// what it has of another version.
fn url_of(module: &Module, content: &[u8]) -> String {
    format!("{}?{}", module.wasm, digest::name_part(content))
}

/// The tag by which a page asks for a program in a folder at once, and not only when its script is there.
pub fn preload(module: &Module, folder: &Path) -> Result<String> {
    let content = read(&folder.join(module.wasm))?;
    let (url, integrity) = (url_of(module, &content), digest::integrity(&content));
    Ok(format!(
        r#"<link rel="preload" as="fetch" type="application/wasm" crossorigin href="{url}" integrity="{integrity}">"#
    ))
}

/// What a page needs to have the widget, for whoever copies it there.
fn write_tags(folder: &Path) -> Result<()> {
    let script = format!(r#"<script type="module" src="{}"></script>"#, WIDGET.glue);
    write(&folder.join(TAGS), format!("{}\n{script}\n", preload(&WIDGET, folder)?))
}

fn copy_types(environment: &Environment, out: &Path) -> Result<()> {
    let types = environment.root.join(WIDGET.folder).join(TYPES);
    std::fs::copy(&types, out.join(TYPES)).map(drop).context(types.display())
}

/// Joins the entry, its style sheet and the glue into one module. The entry imports the style sheet as
/// text, which esbuild leaves as it is; so the sources are copied beside a small one.
fn bundle(
    environment: &Environment,
    module: &Module,
    work: &Path,
    glue: &Path,
    out: &Path,
) -> Result<()> {
    let program = tool(environment, "esbuild")?;
    if let Some(file) = module.styles {
        let mut styles = Command::new(&program);
        styles
            .arg(environment.root.join(file))
            .args(["--minify", "--charset=utf8", "--log-level=warning"])
            .arg(format!("--outfile={}", work.join(file).display()));
        process::run_short(styles, "esbuild")?;
    }
    for folder in [module.folder, SHARED_SCRIPTS] {
        files::copy(&environment.root.join(folder), &work.join(folder))?;
    }

    let mut bundle = Command::new(&program);
    bundle
        .current_dir(work)
        .arg(format!("{}/{}", module.folder, module.entry))
        .args(["--bundle", "--minify", "--format=esm", "--target=es2022"])
        .args(["--legal-comments=none", "--charset=utf8", "--log-level=warning"])
        .arg(format!("--alias:{GLUE_IMPORT}={}", glue.display()))
        .arg(format!("--outfile={}", out.display()));
    process::run_short(bundle, "esbuild")
}

/// A program of the build tools, which must be there.
pub fn tool(environment: &Environment, program: &str) -> Result<PathBuf> {
    npm::build_tool(&environment.root, program)
        .ok_or_else(|| Failure::message(format!("{program} is missing: cargo xtask setup")))
}

/// The example page, to be put on a host of its own.
fn copy_example(environment: &Environment, out: &Path) -> Result<()> {
    let example = environment.root.join("examples/widget");
    if !example.is_dir() {
        return Ok(());
    }
    empty_folder(out)?;
    files::copy(&example, out)
}

/// Writes compressed copies beside files, and returns what each weighs.
pub fn compress(environment: &Environment, files: &[PathBuf]) -> Result<Vec<Sizes>> {
    let mut command = environment.command("node");
    command.arg(environment.root.join(npm::BUILD_TOOLS).join("compress.mjs")).args(files);
    let text = process::output(command)
        .ok_or_else(|| Failure::message("the files could not be compressed"))?;
    read_sizes(&text).ok_or_else(|| Failure::message("the compression printed no sizes"))
}

fn read_sizes(text: &str) -> Option<Vec<Sizes>> {
    let value: Value = serde_json::from_str(text).ok()?;
    let sizes = |file: &Value| {
        Some(Sizes {
            raw: file.get(0)?.as_u64()?,
            gzip: file.get(1)?.as_u64()?,
            brotli: file.get(2)?.as_u64()?,
        })
    };
    value.as_array()?.iter().map(sizes).collect()
}

/// What the page of the sign-in button loads, or a page with the widget: one page, and what is not for
/// articles alone.
fn loaded_by_a_visit(files: &[PathBuf], sizes: &[Sizes]) -> Vec<(Kind, Sizes)> {
    counted(files, sizes, |name| {
        !is_of_lesson(name)
            && !is_of_vault(name)
            && !is_of_language(name)
            && (Kind::of(name) != Kind::Html || name == "index.html")
    })
}

/// What the first page with an article loads beside that, but for its own page.
fn loaded_by_an_article(files: &[PathBuf], sizes: &[Sizes]) -> Vec<(Kind, Sizes)> {
    counted(files, sizes, is_of_lesson)
}

/// What the page loads beside that where the settings want a vault: the app in the place of the other.
fn loaded_with_a_vault(files: &[PathBuf], sizes: &[Sizes]) -> Vec<(Kind, Sizes)> {
    counted(files, sizes, is_of_vault)
}

/// Only where people read another language than English.
fn is_of_language(name: &str) -> bool {
    name.starts_with("pixy-login.") && name.ends_with(".json")
}

fn is_of_vault(name: &str) -> bool {
    name.starts_with("pixy-in-vault-")
}

fn is_of_lesson(name: &str) -> bool {
    name.starts_with("pixy-lesson-") || name.starts_with("lesson-")
}

/// Only where the settings name an upstream.
fn is_of_upstream(file: &Path) -> bool {
    file.parent().is_some_and(|folder| folder.ends_with("upstream"))
}

fn counted(
    files: &[PathBuf],
    sizes: &[Sizes],
    counts: impl Fn(&str) -> bool,
) -> Vec<(Kind, Sizes)> {
    let everywhere = files.iter().zip(sizes).filter(|(file, _)| !is_of_upstream(file));
    let named = everywhere.map(|(file, sizes)| {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (name, *sizes)
    });
    named.filter(|(name, _)| counts(name)).map(|(name, sizes)| (Kind::of(&name), sizes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_loads_one_page_and_an_article_the_lesson() {
        let names = [
            "pkce.html",
            "index.html",
            "a.wasm",
            "pixy-lesson-1.wasm",
            "pixy-in-vault-1.wasm",
            "lesson-1.css",
            "demo/upstream/google.css",
        ];
        let files = names.map(PathBuf::from);
        let sizes = [10, 20, 300, 400, 600, 5, 7].map(|raw| Sizes { raw, ..Sizes::default() });
        let raw = |counted: Vec<(Kind, Sizes)>| -> Vec<u64> {
            counted.iter().map(|(_, sizes)| sizes.raw).collect()
        };
        assert_eq!(raw(loaded_by_a_visit(&files, &sizes)), [20, 300]);
        assert_eq!(raw(loaded_by_an_article(&files, &sizes)), [400, 5]);
        assert_eq!(raw(loaded_with_a_vault(&files, &sizes)), [600]);
    }

    #[test]
    fn sizes_are_read() {
        let sizes = read_sizes("[[3,2,1]]\n").unwrap();
        assert_eq!(sizes[0].brotli, 1);
        assert_eq!(read_sizes("[[3,2]]"), None);
        assert_eq!(read_sizes("nothing"), None);
    }
}
