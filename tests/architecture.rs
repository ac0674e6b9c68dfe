//! The house as ARCHITECTURE.md draws it: read from the sources, for the compiler minds none of it.
//!
//! An arrow goes from a file to each file that it takes something from by name: by a `use`, or by a path from `crate`,
//! `super`, `self` or a module that it declares. What a module only hands on (`pub use`) is taken from the file that
//! has it. Tests are no part of the house, and a method that is called draws no arrow.

#![cfg(not(target_arch = "wasm32"))]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The parts of the library, from the ground up. Those of one floor don't know each other.
const LIBRARY: &[&[&str]] = &[
    &["src/protocol/", "src/browser/"],
    &["src/client/"],
    &["src/texts/"],
    &["src/components/", "src/widget/"],
    &["src/demo/"],
    &["src/lib.rs", "src/fuzzing.rs"],
    &["src/main.rs", "src/bin/"],
];

/// The parts of the client, in the same way.
const CLIENT: &[&[&str]] = &[
    &[
        "src/client/events.rs",
        "src/client/flight.rs",
        "src/client/news.rs",
        "src/client/observers.rs",
        "src/client/shared.rs",
        "src/client/status.rs",
    ],
    &["src/client/context.rs"],
    &["src/client/stored.rs"],
    &["src/client/wire/", "src/client/tabs/"],
    &["src/client/provider/"],
    &["src/client/session/"],
    &["src/client/login/"],
    &["src/client/api/"],
    &["src/client/parts.rs"],
    &["src/client/vault/"],
    &["src/client/mod.rs"],
];

/// The folders of sources, a crate each.
const CRATES: [&str; 5] =
    ["src", "xtask/src", "tests/conformance/src", "tests/e2e/src", "tests/interop/src"];

/// What a module takes from the files in its own folder is no arrow here: it declares them and hands on what they have,
/// and they stand on what it has itself, such as the one type that they all serve.
#[test]
fn no_files_take_from_each_other_in_a_circle() {
    for folder in CRATES {
        let sources = Sources::of(folder);
        assert!(!sources.arrows.is_empty(), "{folder}");
        assert_eq!(sources.circles(), Vec::<Vec<&str>>::new());
    }
}

/// `protocol` and `browser` know neither each other nor the client, and so on up to the demo; the same within the
/// client.
#[test]
fn no_arrow_goes_up_or_across() {
    let sources = Sources::of("src");
    for (folder, floors) in [("src/", LIBRARY), ("src/client/", CLIENT)] {
        assert_eq!(sources.arrows_up(floors), Vec::<String>::new());
        let is_homeless = |file: &&str| file.starts_with(folder) && place(floors, file).is_none();
        let homeless = sources.files.keys().map(String::as_str).filter(is_homeless);
        assert_eq!(homeless.collect::<Vec<_>>(), Vec::<&str>::new());
    }
}

#[test]
fn the_client_is_one_handle_in_one_file() {
    let sources = Sources::of("src");
    let (own, of_traits) = sources.implementations_of("Client");
    assert_eq!(own, ["src/client/mod.rs"]);
    let elsewhere = of_traits.into_iter().filter(|file| *file != "src/client/mod.rs");
    assert_eq!(elsewhere.collect::<Vec<_>>(), Vec::<&str>::new());
}

/// But for the one event type that Leptos hands on.
#[test]
fn only_browser_names_the_bindings_of_the_browser() {
    let sources = Sources::of("src");
    let is_binding = |token: &&String| matches!(token.as_str(), "web_sys" | "js_sys");
    let mut named = Vec::new();
    for (path, file) in sources.files.iter().filter(|(path, _)| !path.starts_with("src/browser/")) {
        named.extend(file.tokens().filter(is_binding).map(|_| path.as_str()));
    }
    assert_eq!(named, ["src/components/elements.rs"]);
}

/// The files of a folder of sources, by their paths.
struct Sources {
    files: BTreeMap<String, File>,
    /// Which file a module is: `client::session` is `src/client/session/mod.rs`.
    modules: BTreeMap<Vec<String>, String>,
    /// What each file takes from which.
    arrows: BTreeSet<Arrow>,
}

struct File {
    /// The file's module, and behind it those that stand in it, `mod name { … }`.
    modules: Vec<Module>,
}

struct Module {
    path: Vec<String>,
    tokens: Vec<String>,
    uses: Vec<Used>,
    /// What it names of the crate, from the crate's root, other than by a `use`.
    paths: Vec<Vec<String>>,
}

/// What a `use` brings of the crate, from the crate's root, and as what the module knows it.
struct Used {
    path: Vec<String>,
    known_as: String,
}

/// One file takes a name from another; an empty name is all of it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Arrow {
    from: String,
    to: String,
    name: String,
}

impl Sources {
    fn of(folder: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = BTreeMap::new();
        for path in rust_files(&root.join(folder)) {
            let name = path.strip_prefix(root).expect("a file of this repository");
            let name = name.to_str().expect("a plain name").replace('\\', "/");
            let module = module_of(name.strip_prefix(folder).unwrap_or(&name));
            let tokens = without_tests(&tokens(&fs::read_to_string(&path).expect("a source")));
            files.insert(name, File { modules: Module::split(module, &tokens) });
        }
        // A program beside a library names it as others do.
        let has_library = files.contains_key(&format!("{folder}/lib.rs"));
        let is_program = |name: &str| has_library && name.ends_with("/main.rs");
        let modules = files.iter().filter(|(name, _)| !is_program(name));
        let modules = modules.map(|(name, file)| (file.path().to_vec(), name.clone())).collect();
        let mut sources = Self { files, modules, arrows: BTreeSet::new() };
        sources.arrows = sources.all_arrows();
        sources
    }

    fn all_arrows(&self) -> BTreeSet<Arrow> {
        let mut arrows = BTreeSet::new();
        for (from, file) in &self.files {
            for path in file.paths() {
                let Some((to, name)) = self.home_of(path, 0) else { continue };
                if to != *from {
                    arrows.insert(Arrow { from: from.clone(), to, name });
                }
            }
        }
        arrows
    }

    /// The file that has what a path names, and the name that it has there.
    fn home_of(&self, path: &[String], hops: usize) -> Option<(String, String)> {
        let (file, rest) = self.file_of(path)?;
        let Some(name) = rest.first() else { return Some((file.to_owned(), String::new())) };
        let is_handed_on = |used: &&Used| {
            let is_elsewhere = self.file_of(&used.path).is_some_and(|(home, _)| home != file);
            used.known_as == *name && is_elsewhere
        };
        let handed_on = self.files[file].modules[0].uses.iter().find(is_handed_on);
        match handed_on.filter(|_| hops < 8) {
            Some(used) => {
                let path = [used.path.as_slice(), &rest[1..]].concat();
                self.home_of(&path, hops + 1)
            }
            None => Some((file.to_owned(), name.clone())),
        }
    }

    /// The file of the module that a path leads to, and what of the path is in it.
    fn file_of<'a>(&self, path: &'a [String]) -> Option<(&str, &'a [String])> {
        let length = (0..=path.len()).rev().find(|n| self.modules.contains_key(&path[..*n]))?;
        Some((&self.modules[&path[..length]], &path[length..]))
    }

    /// Whether the second file is in the folder of the first one's module.
    fn is_house_of(&self, house: &str, file: &str) -> bool {
        let (house, file) = (self.files[house].path(), self.files[file].path());
        !house.is_empty() && file.len() > house.len() && file.starts_with(house)
    }

    /// Files, each of which can be reached from all others of its circle.
    fn circles(&self) -> Vec<Vec<&str>> {
        let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for arrow in &self.arrows {
            if !self.is_house_of(&arrow.from, &arrow.to) {
                next.entry(&arrow.from).or_default().insert(&arrow.to);
            }
        }
        let reach = |start: &str| {
            let mut found = BTreeSet::new();
            let mut waiting: Vec<&str> = next.get(start).into_iter().flatten().copied().collect();
            while let Some(file) = waiting.pop() {
                if found.insert(file) {
                    waiting.extend(next.get(file).into_iter().flatten());
                }
            }
            found
        };
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            self.files.keys().map(|file| (file.as_str(), reach(file))).collect();
        let circle_of = |file: &&str| {
            let others = reached[file].iter().filter(|other| reached[*other].contains(file));
            others.copied().collect::<Vec<_>>()
        };
        let circles: BTreeSet<_> = reached.keys().map(circle_of).collect();
        circles.into_iter().filter(|circle| !circle.is_empty()).collect()
    }

    /// The arrows between parts that do not go down.
    fn arrows_up(&self, floors: &[&[&str]]) -> Vec<String> {
        let is_up = |arrow: &&Arrow| match (place(floors, &arrow.from), place(floors, &arrow.to)) {
            (Some((from, own)), Some((to, other))) => own != other && from <= to,
            _ => false,
        };
        self.arrows.iter().filter(is_up).map(Arrow::said).collect()
    }

    /// The files of all `impl` of a type: those of its own methods, and those of traits.
    fn implementations_of(&self, name: &str) -> (Vec<&str>, Vec<&str>) {
        let (mut own, mut of_traits) = (Vec::new(), Vec::new());
        for (path, file) in &self.files {
            let tokens: Vec<&str> = file.tokens().map(String::as_str).collect();
            for (start, _) in tokens.iter().enumerate().filter(|(_, token)| **token == "impl") {
                let header = without_generics(&tokens[start + 1..]);
                match header.last() == Some(&name) {
                    true if header.contains(&"for") => of_traits.push(path.as_str()),
                    true => own.push(path.as_str()),
                    false => {}
                }
            }
        }
        (own, of_traits)
    }
}

impl File {
    fn path(&self) -> &[String] {
        &self.modules[0].path
    }

    fn tokens(&self) -> impl Iterator<Item = &String> {
        self.modules.iter().flat_map(|module| &module.tokens)
    }

    /// All that it names of the crate.
    fn paths(&self) -> impl Iterator<Item = &Vec<String>> {
        let used = self.modules.iter().flat_map(|module| &module.uses).map(|used| &used.path);
        used.chain(self.modules.iter().flat_map(|module| &module.paths))
    }
}

impl Module {
    /// A module, and behind it those that stand in it.
    fn split(path: Vec<String>, tokens: &[String]) -> Vec<Self> {
        let (mut own, mut inner, mut at) = (Vec::new(), Vec::new(), 0);
        while at < tokens.len() {
            if tokens[at] == "mod" && tokens.get(at + 2).is_some_and(|token| token == "{") {
                let end = end_of_item(tokens, at);
                let path = [path.as_slice(), &tokens[at + 1..at + 2]].concat();
                inner.extend(Self::split(path, &tokens[at + 3..end - 1]));
                at = end;
            } else {
                own.push(tokens[at].clone());
                at += 1;
            }
        }
        let mut module = Self { path, tokens: own, uses: Vec::new(), paths: Vec::new() };
        module.read();
        inner.insert(0, module);
        inner
    }

    /// Finds what it names of the crate.
    fn read(&mut self) {
        let (mut uses, mut paths, mut at) = (Vec::new(), Vec::new(), 0);
        let tokens = &self.tokens;
        while at < tokens.len() {
            let next = tokens.get(at + 1).map_or("", String::as_str);
            if tokens[at] == "use" && next != "<" {
                let end = end_of_item(tokens, at);
                uses.extend(branches(&tokens[at + 1..end - 1]).iter().filter_map(|n| self.used(n)));
                at = end;
            } else if next == "::" && !is_within(tokens, at) {
                let names = names(&tokens[at..]);
                at += 2 * names.len() - 1;
                paths.extend(self.rooted(&names));
            } else {
                at += 1;
            }
        }
        (self.uses, self.paths) = (uses, paths);
    }

    fn used(&self, names: &[String]) -> Option<Used> {
        let (names, known_as) = match names.iter().position(|name| name == "as") {
            Some(at) => (&names[..at], names.last()),
            None => (names, names.iter().rfind(|name| *name != "self")),
        };
        Some(Used { path: self.rooted(names)?, known_as: known_as?.clone() })
    }

    /// The path from the crate's root; `None` where it leads out of the crate, or to what the module has itself.
    fn rooted(&self, names: &[String]) -> Option<Vec<String>> {
        let (mut base, mut names) = (self.path.clone(), names);
        match names.first()?.as_str() {
            "crate" | "pixy_login" => {
                base.clear();
                names = &names[1..];
            }
            "self" => names = &names[1..],
            "super" => {
                while names.first().is_some_and(|name| name == "super") {
                    base.pop();
                    names = &names[1..];
                }
            }
            name => {
                let declares = |pair: &[String]| pair[0] == "mod" && pair[1] == name;
                self.tokens.windows(2).find(|pair| declares(pair))?;
            }
        }
        let names = names.iter().filter(|name| !matches!(name.as_str(), "self" | "*"));
        Some(base.into_iter().chain(names.cloned()).collect())
    }
}

impl Arrow {
    fn said(&self) -> String {
        format!("{} -> {}: {}", self.from, self.to, self.name)
    }
}

/// On which floor a file is, and in which part.
fn place<'a>(floors: &[&[&'a str]], file: &str) -> Option<(usize, &'a str)> {
    let part = |parts: &[&'a str]| parts.iter().copied().find(|part| file.starts_with(part));
    let place = |(floor, parts): (usize, &&[&'a str])| Some((floor, part(parts)?));
    floors.iter().enumerate().find_map(place)
}

/// All sources of a folder but tests.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("a source").path();
        if path.file_stem().is_some_and(|name| name == "tests") {
            continue;
        }
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}

/// The module of a file: `/client/session/mod.rs` is `client::session`.
fn module_of(name: &str) -> Vec<String> {
    let name = name.trim_start_matches('/').trim_end_matches(".rs");
    let names = name.split('/').filter(|part| !matches!(*part, "mod" | "lib" | "main"));
    names.map(str::to_owned).collect()
}

/// Names and signs, one by one, without comments and texts.
fn tokens(source: &str) -> Vec<String> {
    let (mut tokens, mut rest) = (Vec::new(), source);
    while let Some(first) = rest.chars().next() {
        let is_raw = rest.starts_with("r\"") || rest.starts_with("r#\"");
        let (length, is_said) = match first {
            '/' if rest.starts_with("//") => (length_to(rest, "\n"), false),
            '/' if rest.starts_with("/*") => (length_to(rest, "*/"), false),
            '"' => (length_of_text(rest), false),
            '\'' => (length_of_letter(rest), false),
            'r' if is_raw => {
                (length_to(rest, if rest.starts_with("r#") { "\"#" } else { "\"" }), false)
            }
            ':' if rest.starts_with("::") => (2, true),
            _ if is_of_name(first) => {
                (rest.find(|letter| !is_of_name(letter)).unwrap_or(rest.len()), true)
            }
            _ => (first.len_utf8(), !first.is_whitespace()),
        };
        let (token, behind) = rest.split_at(length);
        if is_said {
            tokens.push(token.to_owned());
        }
        rest = behind;
    }
    tokens
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// With the first `end` behind the two or three letters that it begins with.
fn length_to(text: &str, end: &str) -> usize {
    let begin = if text.starts_with("r#") { 3 } else { 2 };
    text[begin..].find(end).map_or(text.len(), |found| begin + found + end.len())
}

fn length_of_text(text: &str) -> usize {
    let mut is_escaped = false;
    let is_end = |(_, letter): &(usize, char)| {
        let is_end = *letter == '"' && !is_escaped;
        is_escaped = *letter == '\\' && !is_escaped;
        is_end
    };
    text.char_indices().skip(1).find(is_end).map_or(text.len(), |(end, _)| end + 1)
}

/// Of a letter in quotes; or only of the quote, where it begins the name of a lifetime.
fn length_of_letter(text: &str) -> usize {
    let mut letters = text.chars().skip(1);
    match (letters.next(), letters.next()) {
        (Some('\\'), Some(_)) => 3 + text[3..].find('\'').map_or(0, |end| end + 1),
        (Some(letter), Some('\'')) => 2 + letter.len_utf8(),
        _ => 1,
    }
}

/// Without what is for tests alone.
fn without_tests(tokens: &[String]) -> Vec<String> {
    let is_begin = |at: usize, begin: &[&str]| {
        let tokens = tokens[at..].iter().map(String::as_str);
        tokens.take(begin.len()).eq(begin.iter().copied())
    };
    let (mut kept, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        let is_of_tests = is_begin(at, &["#", "[", "cfg", "(", "test"])
            || is_begin(at, &["#", "[", "cfg", "(", "all", "(", "test"]);
        if is_of_tests {
            at = end_of_item(tokens, at);
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// Behind the item that begins here: its last brace, or its semicolon.
fn end_of_item(tokens: &[String], start: usize) -> usize {
    let is_use = tokens[start] == "use";
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" if depth == 1 && !is_use => return at + 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// The paths of a `use`: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn branches(tokens: &[String]) -> Vec<Vec<String>> {
    let is_name = |token: &&String| *token != "::";
    let Some(group) = tokens.iter().position(|token| token == "{") else {
        return vec![tokens.iter().filter(is_name).cloned().collect()];
    };
    let stem: Vec<String> = tokens[..group].iter().filter(is_name).cloned().collect();
    let (mut found, mut depth, mut start) = (Vec::new(), 0_usize, group + 1);
    for (at, token) in tokens.iter().enumerate().skip(group) {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        let is_end = depth == 0 || depth == 1 && token == ",";
        if is_end && start < at {
            let inner = branches(&tokens[start..at]);
            found.extend(inner.into_iter().map(|path| [stem.as_slice(), &path].concat()));
        }
        if is_end {
            start = at + 1;
        }
    }
    found
}

/// The names of the path that begins here.
fn names(tokens: &[String]) -> Vec<String> {
    let behind = tokens[1..].chunks_exact(2);
    let behind = behind.take_while(|pair| pair[0] == "::" && pair[1].starts_with(is_of_name));
    tokens[..1].iter().chain(behind.map(|pair| &pair[1])).cloned().collect()
}

/// Whether this is within a path that began before, or says where something may be seen: `pub(in crate::client)`.
fn is_within(tokens: &[String], at: usize) -> bool {
    let before = |n: usize| at.checked_sub(n).map_or("", |at| tokens[at].as_str());
    before(1) == "::" || before(1) == "in" && before(2) == "("
}

/// The header of an `impl`, without what stands in angle brackets.
fn without_generics<'a>(tokens: &[&'a str]) -> Vec<&'a str> {
    let mut depth = 0_i32;
    let header = tokens.iter().copied().take_while(|token| !matches!(*token, "{" | "where"));
    let is_outside = |token: &&str| {
        match *token {
            "<" => depth += 1,
            ">" => depth -= 1,
            _ => return depth == 0,
        }
        false
    };
    header.filter(is_outside).collect()
}
