//! Takes pictures of every page of the built demo, and writes a document with them: `cargo xtask screenshots`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use end_to_end::lab::play;
use end_to_end::pages::{self, FORGED_CALLBACK};
use end_to_end::site::workspace;
use end_to_end::stage::{part, wait_for_state};
use end_to_end::{Browser, Options, Stage};
use serde_json::{Value, json};

/// Pages without end would make pictures that nobody looks at.
const TALLEST: f64 = 1200.0;
/// Small enough for a repository, and no artefacts in text.
const QUALITY: u32 = 35;

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

/// A picture of a page.
struct Picture {
    name: &'static str,
    title: &'static str,
    page: &'static str,
    is_signed_in: bool,
    /// The place that it begins at; empty for the top.
    from: &'static str,
}

const fn picture(name: &'static str, title: &'static str, page: &'static str) -> Picture {
    Picture { name, title, page, is_signed_in: true, from: "" }
}

const fn signed_out(picture: Picture) -> Picture {
    Picture { is_signed_in: false, ..picture }
}

const fn from(picture: Picture, from: &'static str) -> Picture {
    Picture { from, ..picture }
}

/// The attack that is played for its picture.
const ATTACK: &str = "attack-no-verifier";

const PICTURES: [Picture; 13] = [
    signed_out(picture("home", "Home", "")),
    picture("signed-in", "Home, signed in", ""),
    picture("flow", "The flow", "flow.html"),
    picture("pkce", "PKCE", "pkce.html"),
    from(picture("hasher", "PKCE: one's own verifier, hashed", "pkce.html"), "[data-pixy=hasher]"),
    picture("thief", "Be the thief", "thief.html"),
    from(
        picture("attack", "Be the thief: a stolen code", "thief.html"),
        "[data-pixy=attack-no-verifier]",
    ),
    picture("scopes", "Scopes", "scopes.html"),
    picture("analogy", "As a story", "analogy.html"),
    picture("profile", "Profile", "profile.html"),
    picture("mail", "Mail, refused", "mail.html"),
    signed_out(picture("callback", "An answer that nobody asked for", FORGED_CALLBACK)),
    signed_out(picture("errors", "Errors", "errors.html")),
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
        PICTURES.iter().partition(|picture| picture.is_signed_in);
    for picture in outside {
        browser.open(&address(picture.page));
        save(browser, look, picture, folder);
    }
    browser.open(&address(""));
    sign_in(&stage, look);
    // Whoever follows links has the recording of the sign-in still; whoever opens an address has not.
    for picture in inside {
        browser.click(&format!("nav a[href='./{}']", picture.page));
        pages::wait_until_ready(browser);
        if picture.name == "attack" {
            play(browser, ATTACK);
        }
        save(browser, look, picture, folder);
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
    stage.browser.devtools("Emulation.setScrollbarsHidden", &json!({"hidden": true}));
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

/// Saves a picture of the page down to its end, once it has all it shows.
fn save(browser: &Browser, look: &Look, picture: &Picture, folder: &Path) {
    rest(browser);
    let layout = browser.devtools("Page.getLayoutMetrics", &json!({}));
    let page = layout["cssContentSize"]["height"].as_f64().unwrap_or_default();
    let top = top_of(browser, picture.from);
    let (width, least) = (f64::from(look.size.0), f64::from(look.size.1));
    let height = (page.max(least) - top).min(TALLEST);
    let shot = json!({
        "format": "webp", "quality": QUALITY, "captureBeyondViewport": true,
        "clip": {"x": 0, "y": top, "width": width, "height": height, "scale": 1},
    });
    let file = folder.join(file_name(picture, look));
    fs::write(file, capture(browser, &shot)).expect("the picture can be written");
}

fn file_name(picture: &Picture, look: &Look) -> String {
    format!("{}-{}.webp", picture.name, look.name)
}

/// Where an element begins, with some room above it.
fn top_of(browser: &Browser, selector: &str) -> f64 {
    if selector.is_empty() {
        return 0.0;
    }
    browser.wait_for(selector);
    let script = format!(
        "return document.querySelector('{selector}').getBoundingClientRect().top + scrollY - 32"
    );
    browser.execute(&script).as_f64().unwrap_or_default().max(0.0)
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
    for picture in &PICTURES {
        let title = picture.title;
        // Writing into a text does not fail.
        let _ = write!(text, "\n## {title}\n\n|");
        for look in &LOOKS {
            let _ = write!(text, " {} |", look.title);
        }
        let _ = write!(text, "\n|{}\n|", " --- |".repeat(LOOKS.len()));
        for look in &LOOKS {
            let file = format!("screenshots/{}", file_name(picture, look));
            let alt = format!("{title}, {}", look.title);
            let image = format!("<img src=\"{file}\" alt=\"{alt}\" width=\"220\">");
            let _ = write!(text, " <a href=\"{file}\">{image}</a> |");
        }
        text.push('\n');
    }
    text
}
