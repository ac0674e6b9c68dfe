//! `cargo xtask weight`: what each bundle weighs, beside the last row of SIZE.md, and why.

use crate::arguments::Arguments;
use crate::dist;
use crate::error::{Failure, Result, read_text, write};
use crate::panics::Panics;
use crate::setup::{self, Purpose};
use crate::size::{Bundle, grouped};

const HELP: &str = "\
Usage: cargo xtask weight [--dist FOLDER] [--why TEXT]

Compares what each bundle of a folder weighs, brotli, with the last row of SIZE.md. It fails where one
has grown by more than a kilobyte. With --why a row is added, with that reason. FOLDER is what
cargo xtask dist has built, dist unless given. The rows are of bundles whose panics explain nothing:
others are not compared with them.";

/// The page of all rows.
const PAGE: &str = "SIZE.md";
/// By how many bytes a bundle may grow without a word.
const ALLOWED: u64 = 1_000;
/// The bundles in the order of their columns.
const COLUMNS: [&str; 4] = ["demo", "lesson", "widget", "vault"];

/// The command `weight`.
pub fn run(given: Vec<String>) -> Result<()> {
    let arguments = Arguments::parse(given, &["--dist", "--why"])?;
    if arguments.help {
        println!("{HELP}");
        return Ok(());
    }
    arguments.no_words()?;
    let environment = setup::prepare(Purpose::Dist)?;
    let folder = environment.root.join(arguments.value("--dist").unwrap_or(dist::FOLDER));
    let why = arguments.value("--why");
    if Panics::noted(&folder)? != Some(Panics::ImmediateAbort) {
        return not_comparable(why);
    }
    let now = weights(&dist::weigh(&environment, &folder)?);
    let page = environment.root.join(PAGE);
    let text = read_text(&page)?;
    if let Some(why) = why {
        return write(&page, with_row(&text, &now, why));
    }
    let before = last_row(&text).ok_or_else(|| Failure::message("SIZE.md has no row"))?;
    let grown = report(&before, &now);
    if grown.is_empty() {
        return Ok(());
    }
    let what = grown.join(", ");
    Err(Failure::message(format!(
        "more than a kilobyte was added to {what}: make it smaller, or say why with \
         cargo xtask weight --why"
    )))
}

/// What the bundles weigh says nothing beside the rows of the page, and is none of them.
fn not_comparable(why: Option<&str>) -> Result<()> {
    let reason = "nothing tells that panics explain nothing in these bundles, as in the rows of \
                  SIZE.md: rustup component add rust-src, then cargo xtask dist";
    if why.is_some() {
        return Err(Failure::message(reason));
    }
    println!("not compared: {reason}");
    Ok(())
}

/// Prints how each bundle has changed, and returns those that have grown too much.
fn report(before: &[u64; 4], now: &[u64; 4]) -> Vec<&'static str> {
    let mut grown = Vec::new();
    for (name, (before, now)) in COLUMNS.iter().zip(before.iter().zip(now)) {
        println!("{name:<8} {:>9} -> {:>9}", grouped(*before), grouped(*now));
        if *now > before + ALLOWED {
            grown.push(*name);
        }
    }
    grown
}

fn weights(bundles: &[Bundle]) -> [u64; 4] {
    COLUMNS.map(|name| {
        bundles.iter().find(|bundle| bundle.name == name).map(Bundle::brotli).unwrap_or_default()
    })
}

fn with_row(page: &str, weights: &[u64; 4], why: &str) -> String {
    let cells: Vec<String> = weights.iter().map(|weight| grouped(*weight)).collect();
    let why = why.replace('|', "/").replace('\n', " ");
    format!("{}\n| {} | {why} |\n", page.trim_end(), cells.join(" | "))
}

/// What the bundles weighed by the last row of the table.
fn last_row(page: &str) -> Option<[u64; 4]> {
    page.lines().rev().find_map(|line| {
        let mut cells = line.strip_prefix('|')?.split('|');
        let mut next = || cells.next()?.trim().replace(',', "").parse().ok();
        Some([next()?, next()?, next()?, next()?])
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const TABLE: &str =
        "| demo | lesson | widget | vault | why |\n| --: | --: | --: | --: | --- |\n";

    #[test]
    fn the_last_row_is_what_counts() {
        assert_eq!(last_row(TABLE), None);
        let page = with_row(TABLE, &[1_000, 2_000, 3_000, 4_000], "the first");
        let page = with_row(&page, &[1_500, 2_000, 3_000, 4_000], "a | b");
        assert_eq!(last_row(&page), Some([1_500, 2_000, 3_000, 4_000]));
        assert!(page.ends_with("| 1,500 | 2,000 | 3,000 | 4,000 | a / b |\n"), "{page}");
    }

    #[test]
    fn bundles_that_are_not_comparable_neither_fail_nor_become_a_row() {
        assert!(not_comparable(None).is_ok());
        assert!(not_comparable(Some("a reason")).unwrap_err().text().contains("rust-src"));
    }

    #[test]
    fn a_kilobyte_is_let_pass_and_more_is_not() {
        let before = [10_000, 10_000, 10_000, 10_000];
        assert_eq!(report(&before, &[11_000, 9_000, 10_000, 11_001]), ["vault"]);
    }

    #[test]
    fn the_page_has_a_row() {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(PAGE);
        assert!(read_text(&page).ok().as_deref().and_then(last_row).is_some());
    }
}
