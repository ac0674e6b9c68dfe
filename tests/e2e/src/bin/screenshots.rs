//! Takes pictures of every page of the built demo, and writes a document with them: `cargo xtask screenshots`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use end_to_end::pages::{self, FORGED_CALLBACK};
use end_to_end::site::workspace;
use end_to_end::stage::{part, wait_for_state};
use end_to_end::{Browser, Options, Stage};
use serde_json::{Value, json};

/// Pages without end would make pictures that nobody looks at.
const TALLEST: f64 = 2400.0;
/// Small enough for a repository, and no artefacts in text.
const QUALITY: u32 = 60;

/// In what a page is looked at.
struct Look {
    name: &'static str,
    title: &'static str,
    size: (u32, u32),
    dark: bool,
    language: &'static str,
}

const LOOKS: [Look; 4] = [
    Look { name: "desktop-light-en", title: "Desktop, light, English", size: (1280, 800), dark: false, language: "en" },
    Look { name: "desktop-dark-ja", title: "Desktop, dark, Japanese", size: (1280, 800), dark: true, language: "ja" },
    Look { name: "phone-light-ja", title: "Phone, light, Japanese", size: (390, 844), dark: false, language: "ja" },
    Look { name: "phone-dark-en", title: "Phone, dark, English", size: (390, 844), dark: true, language: "en" },
];

/// A picture: its name and title, the page, and whether somebody is signed in there.
const PICTURES: [(&str, &str, &str, bool); 11] = [
    ("home", "Home", "", false),
    ("signed-in", "Home, signed in", "", true),
    ("flow", "The flow", "flow.html", true),
    ("pkce", "PKCE", "pkce.html", true),
    ("thief", "Be the thief", "thief.html", true),
    ("scopes", "Scopes", "scopes.html", true),
    ("analogy", "As a story", "analogy.html", true),
    ("profile", "Profile", "profile.html", true),
    ("mail", "Mail, refused", "mail.html", true),
    ("callback", "A forged answer", FORGED_CALLBACK, false),
    ("errors", "Errors", "errors.html", false),
];

fn main() {
    let docs = workspace().join("docs");
    let folder = docs.join("screenshots");
    fs::create_dir_all(&folder).expect("the folder of the pictures");
    for look in &LOOKS {
        take_all(look, &folder);
        println!("{}", look.title);
    }
    fs::write(docs.join("screenshots.md"), document()).expect("the document");
    fs::write(docs.join("demo.png"), front(&Options::default())).expect("the picture of README");
}
