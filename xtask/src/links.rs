//! The names by which a wasm file and its glue call each other: made short in both, and exports that
//! the glue never uses taken out, so that wasm-opt can take out what they kept.
//!
//! wasm-bindgen's names are long and end in hashes, which no compression helps against; and crates
//! export what this app does not use, as Leptos does for server functions. What such an export has put into the
//! function table stays.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{Result, read, read_text, write};
use crate::wasm_file::{CUSTOM, EXPORTS, IMPORTS, Output, map_section, text};

/// The section that lists the WebAssembly features that a program uses, and one of them.
const FEATURES: &[u8] = b"target_features";
const REFERENCE_TYPES: &[u8] = b"reference-types";

/// The name of a program's memory.
const MEMORY: &str = "memory";

/// How the glue names what the program exports.
const PROGRAM: &str = "wasm.";

/// What a program exports that uses reference types.
const TABLE: &[u8] = b"__externref_table_alloc";

/// Copies a program that rustc has built, for wasm-bindgen. Where it was built without reference types, parts of the
/// standard library may list them all the same, and wasm-bindgen would look for their table.
pub fn copy_for_bindgen(built: &Path, copy: &Path) -> Result<()> {
    let wasm = read(built)?;
    let wasm = if has_export(&wasm, TABLE)? { wasm } else { without_reference_types(&wasm)? };
    write(copy, wasm)
}

/// Gives imports and exports short names, in both files.
pub fn shorten(wasm_path: &Path, glue_path: &Path) -> Result<()> {
    let (wasm, glue) = shorten_imports(&read(wasm_path)?, &read_text(glue_path)?)?;
    let (wasm, glue) = shorten_exports(&wasm, &glue)?;
    write(wasm_path, wasm)?;
    write(glue_path, glue)
}

/// Takes out of the wasm file the exports that the minified glue doesn't name.
pub fn drop_unused(wasm_path: &Path, glue_path: &Path) -> Result<()> {
    let wasm = drop_unused_exports(&read(wasm_path)?, &read_text(glue_path)?)?;
    write(wasm_path, wasm)
}

fn has_export(wasm: &[u8], wanted: &[u8]) -> Result<bool> {
    let mut is_there = false;
    map_section(wasm, EXPORTS, |section, _| {
        for _ in 0..section.number()? {
            is_there |= section.name()? == wanted;
            section.byte()?;
            section.number()?;
        }
        Ok(())
    })?;
    Ok(is_there)
}

fn without_reference_types(wasm: &[u8]) -> Result<Vec<u8>> {
    map_section(wasm, CUSTOM, |section, output| {
        let name = section.name()?;
        output.name(name);
        if name != FEATURES {
            output.bytes(section.0);
            return Ok(());
        }
        let mut kept = Output::default();
        let mut count = 0;
        for _ in 0..section.number()? {
            let (prefix, feature) = (section.byte()?, section.name()?);
            if feature != REFERENCE_TYPES {
                count += 1;
                kept.bytes(&[prefix]);
                kept.name(feature);
            }
        }
        output.number(count);
        output.bytes(&kept.0);
        Ok(())
    })
}

fn shorten_imports(wasm: &[u8], glue: &str) -> Result<(Vec<u8>, String)> {
    let mut names = BTreeMap::new();
    let wasm = map_section(wasm, IMPORTS, |section, output| {
        let count = section.number()?;
        output.number(count);
        for index in 0..count {
            output.name(section.name()?);
            let name = text(section.name()?)?;
            let short = short_name(index);
            output.name(short.as_bytes());
            names.insert(name.to_owned(), short);
            let described = section.import_description()?;
            output.bytes(described);
        }
        Ok(())
    })?;
    Ok((wasm, replace_words(glue, &names)))
}

fn shorten_exports(wasm: &[u8], glue: &str) -> Result<(Vec<u8>, String)> {
    let mut names = BTreeMap::new();
    let wasm = map_section(wasm, EXPORTS, |section, output| {
        let count = section.number()?;
        output.number(count);
        for index in 0..count {
            let name = text(section.name()?)?;
            // Unlike the imports' names, so that it can be told which are used. Whoever loads the program may want to
            // see its memory.
            let short = if name == MEMORY { name.to_owned() } else { short_name(index) + "_" };
            output.name(short.as_bytes());
            names.insert(name.to_owned(), short);
            output.bytes(&[section.byte()?]);
            output.number(section.number()?);
        }
        Ok(())
    })?;
    Ok((wasm, replace_members(glue, &names)))
}

fn drop_unused_exports(wasm: &[u8], glue: &str) -> Result<Vec<u8>> {
    let used: Vec<&str> = words(glue).collect();
    map_section(wasm, EXPORTS, |section, output| {
        let mut kept = Output::default();
        let mut count = 0;
        for _ in 0..section.number()? {
            let name = section.name()?;
            let kind = section.byte()?;
            let index = section.number()?;
            if used.contains(&text(name)?) {
                count += 1;
                kept.name(name);
                kept.bytes(&[kind]);
                kept.number(index);
            }
        }
        output.number(count);
        output.bytes(&kept.0);
        Ok(())
    })
}

/// `a_`, `b_`, … `ba_`: the last character keeps them apart from the minifier's names.
fn short_name(mut index: u32) -> String {
    let mut name = String::from("_");
    loop {
        let letter = b'a' + u8::try_from(index % 26).unwrap_or_default();
        name.insert(0, char::from(letter));
        if index < 26 {
            return name;
        }
        index = index / 26 - 1;
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '$'
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character| !is_word(character)).filter(|word| !word.is_empty())
}

/// Replaces whole words.
fn replace_words(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        replaced.push_str(names.get(word).map_or(word, String::as_str));
        let next = behind.find(is_word).unwrap_or(behind.len());
        let (between, behind) = behind.split_at(next);
        replaced.push_str(between);
        rest = behind;
    }
    replaced
}

/// Replaces the names of what is exported: functions of the glue may be called the same.
fn replace_members(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut parts = text.split(PROGRAM);
    let mut replaced = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_at(part.find(|next| !is_word(next)).unwrap_or(part.len()));
        replaced.push_str(PROGRAM);
        replaced.push_str(names.get(name).map_or(name, String::as_str));
        replaced.push_str(rest);
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module that imports two functions and a memory, and exports three functions.
    fn module() -> Vec<u8> {
        let mut imports = Output::default();
        imports.number(3);
        for (name, description) in [
            ("__wbg_fetch_0123456789abcdef", &[0, 0][..]),
            ("memory", &[2, 1, 1, 2]),
            ("__wbg_fetch_0", &[0, 0]),
        ] {
            imports.name(b"./glue.js");
            imports.name(name.as_bytes());
            imports.bytes(description);
        }
        let mut exports = Output::default();
        exports.number(3);
        for (index, name) in ["start", "memory", "__wbindgen_start"].iter().enumerate() {
            exports.name(name.as_bytes());
            exports.bytes(&[0, index as u8]);
        }
        let mut module = Output(b"\0asm\x01\0\0\0".to_vec());
        for (id, section) in [(1, &b"types"[..]), (2, &imports.0), (7, &exports.0)] {
            module.bytes(&[id]);
            module.counted(section);
        }
        module.0
    }

    fn has(wasm: &[u8], name: &str) -> bool {
        wasm.windows(name.len()).any(|window| window == name.as_bytes())
    }

    #[test]
    fn imports_are_renamed_on_both_sides_and_whole_words_only() {
        let glue = "__wbg_fetch_0123456789abcdef: f, __wbg_fetch_0: g, x__wbg_fetch_0: h, ünï";
        let (wasm, glue) = shorten_imports(&module(), glue).unwrap();
        assert_eq!(glue, "a_: f, c_: g, x__wbg_fetch_0: h, ünï");
        assert!(has(&wasm, "./glue.js\x02a_\0\0") && has(&wasm, "./glue.js\x02c_\0\0"));
        assert!(has(&wasm, "\x02b_\x02\x01\x01\x02"), "what is imported stays as it is");
        assert!(!has(&wasm, "fetch") && has(&wasm, "types") && has(&wasm, "__wbindgen_start"));
    }

    #[test]
    fn exports_are_renamed_on_both_sides_but_not_what_is_called_the_same() {
        let glue = "export function start() { wasm.start(wasm.memory); wasm.__wbindgen_start() }";
        let (wasm, glue) = shorten_exports(&module(), glue).unwrap();
        assert_eq!(glue, "export function start() { wasm.a__(wasm.memory); wasm.c__() }");
        assert!(has(&wasm, "\x03a__\0\0\x06memory\0\x01\x03c__\0\x02"));
        assert!(!has(&wasm, "start") && has(&wasm, "fetch") && has(&wasm, "types"));
    }

    #[test]
    fn exports_that_the_glue_names_stay() {
        let glue = "wasm.start(); wasm.__wbindgen_start(); notmemory, memory2";
        let wasm = drop_unused_exports(&module(), glue).unwrap();
        assert!(has(&wasm, "\x05start\0\0") && has(&wasm, "__wbindgen_start\0\x02"));
        assert!(!has(&wasm, "memory\0\x01"));
        let again = drop_unused_exports(&wasm, glue).unwrap();
        assert_eq!(again, wasm);
    }

    #[test]
    fn reference_types_are_listed_where_their_table_is() {
        let mut features = Output::default();
        features.name(FEATURES);
        features.number(3);
        for feature in ["bulk-memory", "reference-types", "sign-ext"] {
            features.bytes(b"+");
            features.name(feature.as_bytes());
        }
        let mut other = Output::default();
        other.name(b"name");
        other.bytes(b"reference-types");
        let mut module = Output(module());
        for section in [&features, &other] {
            module.bytes(&[CUSTOM]);
            module.counted(&section.0);
        }
        let without = without_reference_types(&module.0).unwrap();
        assert!(has(&without, "target_features\x02+\x0bbulk-memory+\x08sign-ext"));
        assert!(has(&without, "\x04namereference-types"), "other sections stay as they are");
        assert!(has_export(&module.0, b"start").unwrap());
        assert!(!has_export(&module.0, TABLE).unwrap());
    }

    #[test]
    fn short_names_differ() {
        let names: std::collections::BTreeSet<_> = (0..1000).map(short_name).collect();
        assert_eq!(names.len(), 1000);
        assert_eq!((short_name(25), short_name(26)), ("z_".to_owned(), "aa_".to_owned()));
    }

    #[test]
    fn what_is_no_module_is_an_error() {
        assert!(shorten_imports(b"\0asm", "").is_err());
        let cut = &module()[..30];
        assert!(shorten_imports(cut, "").is_err());
    }
}
