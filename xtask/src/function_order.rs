//! The order of a program's functions: like ones side by side, which compresses best. That is one or two percent of
//! what is downloaded.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Result;
use crate::wasm_file::{CODE, CUSTOM, FUNCTIONS, IMPORTS, Output, map_section};

/// What is compared: every piece of a function's code that is so long.
const PIECE: usize = 4;
/// A piece that is in more functions than this says nothing of any.
const COMMON: usize = 80;
/// Added to what a function's pieces count, so that a tiny one does not come first everywhere.
const SMALLEST: f64 = 40.0;

/// Names the functions so that their names' order is the one that is wanted, as wasm-opt's
/// `--reorder-functions-by-name` takes it. Their own names go.
pub fn name_functions(wasm: &[u8]) -> Result<Vec<u8>> {
    let functions = Functions::read(wasm)?;
    let mut names = Output::default();
    names.number(functions.code.len() as u32);
    let mut places: Vec<_> = functions.order().into_iter().enumerate().collect();
    places.sort_by_key(|(_, function)| *function);
    for (place, function) in places {
        names.number(functions.imported + function as u32);
        names.name(format!("{place:06}").as_bytes());
    }
    let mut section = Output::default();
    section.name(b"name");
    section.bytes(&[1]);
    section.counted(&names.0);
    let mut named = Output(wasm.to_vec());
    named.bytes(&[CUSTOM]);
    named.counted(&section.0);
    Ok(named.0)
}

/// The functions of a program that are not imported.
struct Functions {
    imported: u32,
    /// The number of each one's type.
    types: Vec<u32>,
    code: Vec<Vec<u8>>,
}

impl Functions {
    fn read(wasm: &[u8]) -> Result<Self> {
        let mut functions = Self { imported: 0, types: Vec::new(), code: Vec::new() };
        map_section(wasm, IMPORTS, |section, _| {
            for _ in 0..section.number()? {
                section.name()?;
                section.name()?;
                functions.imported += u32::from(section.import_description()?.first() == Some(&0));
            }
            Ok(())
        })?;
        map_section(wasm, FUNCTIONS, |section, _| {
            for _ in 0..section.number()? {
                functions.types.push(section.number()?);
            }
            Ok(())
        })?;
        map_section(wasm, CODE, |section, _| {
            for _ in 0..section.number()? {
                let length = section.number()?;
                functions.code.push(section.take(length as usize)?.to_vec());
            }
            Ok(())
        })?;
        Ok(functions)
    }

    /// Those of one type together, and there each before the one that has most in common with it.
    fn order(&self) -> Vec<usize> {
        let mut of_type: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (function, kind) in self.types.iter().enumerate() {
            of_type.entry(*kind).or_default().push(function);
        }
        of_type.into_values().flat_map(|functions| self.chain(functions)).collect()
    }

    fn chain(&self, functions: Vec<usize>) -> Vec<usize> {
        let pieces =
            |function: &usize| -> BTreeSet<&[u8]> { self.code[*function].windows(PIECE).collect() };
        let pieces: BTreeMap<usize, BTreeSet<&[u8]>> =
            functions.iter().map(|function| (*function, pieces(function))).collect();
        let mut having: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
        for (function, pieces) in &pieces {
            for piece in pieces {
                having.entry(piece).or_default().push(*function);
            }
        }
        having.retain(|_, functions| (2..=COMMON).contains(&functions.len()));

        let mut left: BTreeSet<usize> = functions.into_iter().collect();
        let shortest = |left: &BTreeSet<usize>| {
            left.iter().copied().min_by_key(|function| self.code[*function].len())
        };
        let mut chain = Vec::new();
        let mut next = shortest(&left);
        while let Some(function) = next {
            chain.push(function);
            left.remove(&function);
            let mut common: BTreeMap<usize, u32> = BTreeMap::new();
            let alike = pieces[&function].iter().filter_map(|piece| having.get(piece)).flatten();
            for other in alike.filter(|other| left.contains(other)) {
                *common.entry(*other).or_default() += 1;
            }
            let likeness = |(other, count): &(usize, u32)| {
                f64::from(*count) / (pieces[other].len() as f64 + SMALLEST)
            };
            let most =
                common.into_iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
            next = most.map(|(other, _)| other).or_else(|| shortest(&left));
        }
        chain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module that imports a function and has these: the number of each one's type, and its code.
    fn module(functions: &[(u8, &str)]) -> Vec<u8> {
        let mut imports = Output::default();
        imports.number(2);
        for (name, description) in [("log", &[0, 0][..]), ("memory", &[2, 0, 1])] {
            imports.name(b"glue");
            imports.name(name.as_bytes());
            imports.bytes(description);
        }
        let (mut types, mut code) = (Output::default(), Output::default());
        types.number(functions.len() as u32);
        code.number(functions.len() as u32);
        for (kind, text) in functions {
            types.bytes(&[*kind]);
            code.name(text.as_bytes());
        }
        let mut module = Output(b"\0asm\x01\0\0\0".to_vec());
        for (id, section) in [(IMPORTS, imports), (FUNCTIONS, types), (CODE, code)] {
            module.bytes(&[id]);
            module.counted(&section.0);
        }
        module.0
    }

    #[test]
    fn like_functions_stand_side_by_side_and_types_together() {
        let wasm = module(&[
            (0, "the tea is hot today"),
            (1, "a letter"),
            (0, "no"),
            (0, "letters are long"),
            (0, "the tea is cold today"),
        ]);
        let functions = Functions::read(&wasm).unwrap();
        assert_eq!(functions.imported, 1);
        assert_eq!(functions.order(), [2, 3, 0, 4, 1]);
    }

    #[test]
    fn names_have_the_order_and_the_rest_stays() {
        let wasm = module(&[(1, "second"), (0, "first")]);
        let named = name_functions(&wasm).unwrap();
        assert!(named.starts_with(&wasm));
        let names = &named[wasm.len()..];
        let expected = b"\0\x18\x04name\x01\x11\x02\x01\x06000001\x02\x06000000";
        assert_eq!(names, expected);
    }

    #[test]
    fn what_is_no_module_is_an_error() {
        assert!(name_functions(b"\0asm").is_err());
        assert!(Functions::read(&module(&[(0, "code")])[..40]).is_err());
    }

    #[test]
    fn the_same_program_always_has_the_same_order() {
        let texts: Vec<String> = (0..40).map(|number| format!("function {}", number % 7)).collect();
        let functions: Vec<_> = texts.iter().map(|text| (0, text.as_str())).collect();
        let order = |wasm: &[u8]| Functions::read(wasm).unwrap().order();
        let wasm = module(&functions);
        assert_eq!(order(&wasm), order(&wasm));
        let mut sorted = order(&wasm);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..40).collect::<Vec<_>>(), "each is there once");
    }
}
