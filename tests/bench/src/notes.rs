//! What the pages told of themselves on the console (`watch.js`), as the driver hands it on.

use serde_json::{Deserializer, Value};

/// The word by which they are known.
const MARK: &str = "\"pixy-bench\" ";

/// One thing that happened in a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// What: `begin`, `button`, `loaded`, `click`, `heard`, `task`, `name`.
    pub name: String,
    /// The first value: when, in milliseconds since 1970, or how much.
    pub value: f64,
    /// What was told beside.
    pub more: Value,
}

/// The notes in the lines of a console.
pub fn read(console: &[String]) -> Vec<Note> {
    console.iter().filter_map(|line| read_line(line)).collect()
}

fn read_line(line: &str) -> Option<Note> {
    let (_, told) = line.split_once(MARK)?;
    let mut values = Deserializer::from_str(told).into_iter::<Value>().map_while(Result::ok);
    let name = values.next()?.as_str()?.to_owned();
    let value = values.next()?.as_f64()?;
    Some(Note { name, value, more: values.next().unwrap_or_default() })
}

/// The first note of a name from a time on.
pub fn first<'a>(notes: &'a [Note], name: &str, from: f64) -> Option<&'a Note> {
    notes.iter().find(|note| note.name == name && note.value >= from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_read_and_other_lines_are_not() {
        let lines = [
            r#"INFO console-api 12:34 "pixy-bench" "name" 1764558000123.4 "Hanako \"H\"""#,
            r#"INFO console-api 12:34 "pixy-bench" "click" 1764558000100"#,
            r#"WARNING http://localhost:1/ 1:1 "something else""#,
        ];
        let notes = read(&lines.map(str::to_owned));
        assert_eq!(notes.len(), 2);
        assert_eq!(notes[0].more, "Hanako \"H\"");
        assert_eq!(first(&notes, "click", 0.0).unwrap().value, 1_764_558_000_100.0);
        assert!(first(&notes, "click", 1_764_558_000_101.0).is_none());
    }
}
