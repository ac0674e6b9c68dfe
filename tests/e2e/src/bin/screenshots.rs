//! Takes pictures of every page of the built demo, and writes a document with them: `cargo xtask screenshots`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

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
    Look {
        name: "desktop-light-en",
        title: "Desktop, light, English",
        size: (1280, 800),
        dark: false,
        language: "en",
    },
    Look {
        name: "desktop-dark-ja",
        title: "Desktop, dark, Japanese",
        size: (1280, 800),
        dark: true,
        language: "ja",
    },
    Look {
        name: "phone-light-ja",
        title: "Phone, light, Japanese",
        size: (390, 844),
        dark: false,
        language: "ja",
    },
    Look {
        name: "phone-dark-en",
        title: "Phone, dark, English",
        size: (390, 844),
        dark: true,
        language: "en",
    },
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
    front(&docs);
}

/// Goes through the demo as a person does, in one look, and takes a picture of each page.
fn take_all(look: &Look, folder: &Path) {
    let stage = stage(look);
    let browser = &stage.browser;
    let address = |page: &str| {
        let separator = if page.contains('?') { '&' } else { '?' };
        stage.site.url(&format!("{page}{separator}lang={}", look.language))
    };
    let (inside, outside): (Vec<_>, Vec<_>) =
        PICTURES.into_iter().partition(|(_, _, _, is_signed_in)| *is_signed_in);
    for (name, _, page, _) in outside {
        browser.open(&address(page));
        save(browser, look, &picture(folder, name, look));
    }
    browser.open(&address(""));
    sign_in(&stage, look);
    // Whoever follows links has the recording of the sign-in still; whoever opens an address has not.
    for (name, _, page, _) in inside {
        browser.click(&format!("nav a[href='./{page}']"));
        save(browser, look, &picture(folder, name, look));
    }
}

fn stage(look: &Look) -> Stage {
    let options = Options {
        size: look.size,
        dark: look.dark,
        locale: look.language.to_owned(),
        ..Options::default()
    };
    let stage = Stage::with_lessons(&options);
    let (width, height) = look.size;
    // Whatever the least size of a window is.
    let screen = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
    stage.browser.devtools("Emulation.setDeviceMetricsOverride", &screen);
    stage
}

/// The person has a name in the language.
fn sign_in(stage: &Stage, look: &Look) {
    let person = if look.language == "ja" { "hanako" } else { "ada" };
    let accounts = &stage.provider.accounts;
    let account = accounts.iter().find(|account| account.login == person).expect("a person");
    stage.browser.click(part::SIGN_IN);
    stage.provider.sign_in(&stage.browser, account);
    stage.provider.allow(&stage.browser);
    wait_for_state(&stage.browser, "signed-in");
}

fn picture(folder: &Path, name: &str, look: &Look) -> PathBuf {
    folder.join(format!("{name}-{}.webp", look.name))
}

/// Saves a picture of the whole page, once it has all it shows.
fn save(browser: &Browser, look: &Look, file: &Path) {
    rest(browser);
    let layout = browser.devtools("Page.getLayoutMetrics", &json!({}));
    let height = layout["cssContentSize"]["height"].as_f64().unwrap_or_default();
    let (width, least) = (f64::from(look.size.0), f64::from(look.size.1));
    let height = height.clamp(least, TALLEST.max(least));
    let shot = json!({
        "format": "webp", "quality": QUALITY, "captureBeyondViewport": true,
        "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1},
    });
    fs::write(file, capture(browser, &shot)).expect("the picture can be written");
}

/// Waits for all there is, and takes the focus away, which a page gives its heading.
fn rest(browser: &Browser) {
    pages::wait_until_ready(browser);
    browser.execute("document.activeElement?.blur(); scrollTo(0, 0)");
    pages::wait_for_paint(browser);
}

fn capture(browser: &Browser, shot: &Value) -> Vec<u8> {
    let answer = browser.devtools("Page.captureScreenshot", shot);
    let data = answer["data"].as_str().expect("a picture");
    STANDARD.decode(data).expect("base64")
}

/// The picture of README: home, when somebody is signed in.
fn front(folder: &Path) {
    let look = &LOOKS[0];
    let stage = stage(look);
    stage.browser.open(&stage.site.url(""));
    sign_in(&stage, look);
    rest(&stage.browser);
    let shot = capture(&stage.browser, &json!({"format": "png", "optimizeForSpeed": false}));
    fs::write(folder.join("demo.png"), shot).expect("the picture can be written");
}

fn document() -> String {
    let mut text = "# The demo, page by page\n\nMade by `cargo xtask screenshots`, of the release build, with the test provider.\n".to_owned();
    for (name, title, _, _) in PICTURES {
        // Writing into a text does not fail.
        let _ = write!(text, "\n## {title}\n\n|");
        for look in &LOOKS {
            let _ = write!(text, " {} |", look.title);
        }
        let _ = write!(text, "\n|{}\n|", " --- |".repeat(LOOKS.len()));
        for look in &LOOKS {
            let file = format!("screenshots/{name}-{}.webp", look.name);
            let _ = write!(
                text,
                " <a href=\"{file}\"><img src=\"{file}\" alt=\"{title}, {}\" width=\"220\"></a> |",
                look.title
            );
        }
        text.push('\n');
    }
    text
}
