//! The widget's texts in other languages: JSON files beside its script, which loads them where they are read.

use std::path::Path;

use serde_json::Value;

use crate::digest;
use crate::error::{Context, Failure, Result, read_text, write};

/// Where the texts stand, each file named after its language.
const SOURCES: &str = "src/texts";
const LANGUAGES: [&str; 1] = ["ja"];

/// Writes the files beside a script, and into the script their addresses and hashes.
pub fn add(root: &Path, script: &Path) -> Result<()> {
    for language in LANGUAGES {
        let source = root.join(SOURCES).join(language).with_extension("json");
        let texts: Value = serde_json::from_str(&read_text(&source)?).context(source.display())?;
        let text = texts.to_string();
        let name = format!("pixy-login.{language}.json");
        write(&script.with_file_name(&name), &text)?;
        write(script, named(&read_text(script)?, language, &name, text.as_bytes())?)?;
    }
    require_all_named(&read_text(script)?)
}

/// A browser does not check a file by what is no hash.
fn require_all_named(script: &str) -> Result<()> {
    match script.contains("-integrity\"") {
        true => Err(Failure::message("the script loads texts that are not among LANGUAGES")),
        false => Ok(()),
    }
}

/// The script with the final address of a file, and with its hash. The file has one name for ever: without the rest, a
/// browser would take what it has of another version.
fn named(script: &str, language: &str, name: &str, content: &[u8]) -> Result<String> {
    let integrity = format!("pixy-login-{language}-integrity");
    if !(script.contains(name) && script.contains(&integrity)) {
        return Err(Failure::message(format!("the script does not load {name}")));
    }
    let address = format!("{name}?{}", digest::name_part(content));
    Ok(script.replace(name, &address).replace(&integrity, &digest::integrity(content)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_loads_the_final_file_and_has_it_checked() {
        let script = r#"{ja:["pixy-login.ja.json","pixy-login-ja-integrity"]}"#;
        let named = named(script, "ja", "pixy-login.ja.json", b"{}").unwrap();
        let hash = digest::name_part(b"{}");
        let integrity = digest::integrity(b"{}");
        assert_eq!(named, format!(r#"{{ja:["pixy-login.ja.json?{hash}","{integrity}"]}}"#));
    }

    #[test]
    fn a_script_that_does_not_load_it_is_an_error() {
        assert!(named("{}", "ja", "pixy-login.ja.json", b"{}").is_err());
        assert!(
            require_all_named(r#"{de:["pixy-login.de.json","pixy-login-de-integrity"]}"#).is_err()
        );
        assert!(require_all_named(r#"{de:["pixy-login.de.json?0","sha384-0"]}"#).is_ok());
    }
}
