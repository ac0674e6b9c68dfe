//! What a wasm file is made of: sections, numbers and names (WebAssembly core specification, chapter 5).

use crate::error::{Failure, Result};

const MAGIC_AND_VERSION: usize = 8;

/// The sections that are read here, by their ids.
pub const CUSTOM: u8 = 0;
pub const IMPORTS: u8 = 2;
pub const FUNCTIONS: u8 = 3;
pub const EXPORTS: u8 = 7;
pub const CODE: u8 = 10;

/// Writes one section of a module anew and leaves the others as they are.
pub fn map_section(
    wasm: &[u8],
    wanted: u8,
    mut write: impl FnMut(&mut Input<'_>, &mut Output) -> Result<()>,
) -> Result<Vec<u8>> {
    let mut input = Input(wasm);
    let mut output = Output(input.take(MAGIC_AND_VERSION)?.to_vec());
    while !input.0.is_empty() {
        let id = input.byte()?;
        let length = input.number()?;
        let section = input.take(length as usize)?;
        let mut written = Output::default();
        if id == wanted {
            write(&mut Input(section), &mut written)?;
        } else {
            written.bytes(section);
        }
        output.bytes(&[id]);
        output.counted(&written.0);
    }
    Ok(output.0)
}

pub fn text(name: &[u8]) -> Result<&str> {
    std::str::from_utf8(name).map_err(|_| malformed())
}

pub fn malformed() -> Failure {
    Failure::message("the wasm file is not written as expected: is this another wasm-bindgen?")
}

/// What is left to be read of a module.
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    pub fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    pub fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    /// An unsigned LEB128 number.
    pub fn number(&mut self) -> Result<u32> {
        let mut number = 0;
        for shift in (0..32).step_by(7) {
            let byte = self.byte()?;
            number |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(malformed())
    }

    pub fn name(&mut self) -> Result<&'a [u8]> {
        let length = self.number()?;
        self.take(length as usize)
    }

    /// What kind of thing is imported: a function, a table, a memory or a global.
    pub fn import_description(&mut self) -> Result<&'a [u8]> {
        let before = self.0;
        match self.byte()? {
            0 => drop(self.number()?),
            1 => {
                self.byte()?;
                self.limits()?;
            }
            2 => self.limits()?,
            3 => drop(self.take(2)?),
            _ => return Err(malformed()),
        }
        Ok(&before[..before.len() - self.0.len()])
    }

    fn limits(&mut self) -> Result<()> {
        let has_maximum = self.byte()? & 1 == 1;
        self.number()?;
        if has_maximum {
            self.number()?;
        }
        Ok(())
    }
}

/// What has been written of a module.
#[derive(Default)]
pub struct Output(pub Vec<u8>);

impl Output {
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub fn number(&mut self, mut number: u32) {
        while number >= 0x80 {
            self.0.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    pub fn counted(&mut self, bytes: &[u8]) {
        self.number(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        self.bytes(bytes);
    }

    pub fn name(&mut self, name: &[u8]) {
        self.counted(name);
    }
}
