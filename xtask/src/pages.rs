//! The pages of the demo, made of index.html.

use std::path::Path;

use crate::error::{Result, read_text};

/// The pages beside index.html. Each is the same file: a static host needs no rules.
const OTHER_PAGES: [&str; 4] = ["callback.html", "profile.html", "mail.html", "errors.html"];

/// A page.
#[derive(Debug)]
pub struct Page {
    /// The name of its file.
    pub name: String,
    /// What is in it.
    pub html: String,
}

/// All pages.
pub fn compose(root: &Path) -> Result<Vec<Page>> {
    let html = read_text(&root.join("index.html"))?;
    let names = OTHER_PAGES.iter().chain(&["index.html"]);
    Ok(names.map(|name| Page { name: (*name).to_owned(), html: html.clone() }).collect())
}
