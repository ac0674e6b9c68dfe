//! The pages of the demo, made of index.html: the same layout for all, so that a static host needs no rules.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Failure, Result, read_text};

/// The pages beside index.html that are about a sign-in, and have no article.
const WITHOUT_ARTICLE: [&str; 4] = ["callback.html", "profile.html", "mail.html", "errors.html"];

/// The articles of the other pages, a fragment of HTML for each.
const ARTICLES: &str = "src/demo/pages";

/// The style sheet that only pages with an article have.
const LESSON_STYLE: &str = "  <link rel=\"stylesheet\" href=\"./style/lesson.css\">\n";

/// Who may be behind the provider: by which id, and by which name.
const UPSTREAMS: [(&str, &str); 2] = [("google", "Google"), ("github", "GitHub")];

/// Who is on the way then: the same for each but for these, `{id}` and `{name}`.
const CHAIN: &str = "src/demo/upstream.html";

/// A page.
#[derive(Debug)]
pub struct Page {
    /// The name of its file.
    pub name: String,
    /// What is in it.
    pub html: String,
}

/// All pages; where people sign in with somebody behind the provider, with the button for that.
pub fn compose(root: &Path, upstream: Option<&str>) -> Result<Vec<Page>> {
    let layout = read_text(&root.join("index.html"))?;
    let layout = upstream.map_or(Ok(layout.clone()), |name| with_upstream(&layout, name))?;
    let mut pages = vec![Page { name: "index.html".to_owned(), html: layout.clone() }];
    for name in WITHOUT_ARTICLE {
        pages.push(Page { name: name.to_owned(), html: with_article(&layout, "")? });
    }
    for path in articles(root)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let article = read_text(&path)?;
        let html = article_page(&layout, &article).map_err(|failure| {
            Failure::message(format!("{}: {}", path.display(), failure.text()))
        })?;
        pages.push(Page { name, html });
    }
    Ok(pages)
}

/// For each who may be behind the provider the page that says who is on the way.
pub fn upstreams(root: &Path) -> Result<Vec<Page>> {
    let chain = read_text(&root.join(CHAIN))?;
    let page = |(id, name): (&str, &str)| Page {
        name: format!("upstream/{id}.html"),
        html: chain.replace("{id}", id).replace("{name}", name),
    };
    Ok(UPSTREAMS.map(page).into())
}

/// The layout whose button is that of an upstream from the start. Where the settings are changed later, the app
/// changes the button.
fn with_upstream(layout: &str, upstream: &str) -> Result<String> {
    const USUAL: &str = "data-pixy=\"sign-in\" data-ja=\"サインイン\">Sign in<";
    let known = UPSTREAMS.iter().find(|(id, _)| *id == upstream);
    let unknown = || Failure::message(format!("there is no upstream '{upstream}'"));
    let (_, label) = known.ok_or_else(unknown)?;
    if !layout.contains(USUAL) {
        return Err(Failure::message("index.html has no button that signs in"));
    }
    let button = format!("data-pixy=\"sign-in\" data-ja=\"{label} で続行\">Continue with {label}<");
    let styles = ["chain", upstream]
        .map(|name| format!("  <link rel=\"stylesheet\" href=\"./upstream/{name}.css\">\n"));
    let layout = layout.replacen(USUAL, &button, 1);
    Ok(layout.replacen("</head>", &format!("{}</head>", styles.concat()), 1))
}

fn articles(root: &Path) -> Result<Vec<PathBuf>> {
    let folder = root.join(ARTICLES);
    let entries = fs::read_dir(&folder).context(folder.display())?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

/// A page that is its article.
fn article_page(layout: &str, article: &str) -> Result<String> {
    let html = with_title(layout, &Titles::of(article)?)?;
    let html = html.replacen("</head>", &format!("{LESSON_STYLE}</head>"), 1);
    with_article(&without_hero(&html)?, article)
}

/// The page with this article in the place of its own.
fn with_article(html: &str, article: &str) -> Result<String> {
    let (start, end) = inside(html, "<article id=\"article\">", "</article>")?;
    Ok([&html[..start], article, &html[end..]].concat())
}

/// The page without what only the home page shows above its article.
fn without_hero(html: &str) -> Result<String> {
    const OPEN: &str = "<section class=\"hero\">";
    const CLOSE: &str = "</section>";
    let (start, end) = inside(html, OPEN, CLOSE)?;
    Ok([&html[..start - OPEN.len()], &html[end + CLOSE.len()..]].concat())
}

fn with_title(html: &str, titles: &Titles<'_>) -> Result<String> {
    let (start, end) = inside(html, "<title>", "</title>")?;
    let open = start - "<title>".len();
    let Titles { english, japanese } = titles;
    let name = &html[start..end];
    // `boot.js` puts the Japanese in its place.
    let title = format!("<title data-ja=\"{japanese} – {name}\">{english} – {name}");
    Ok([&html[..open], &title, &html[end..]].concat())
}

/// The headings of an article, which are its page's title.
struct Titles<'a> {
    english: &'a str,
    japanese: &'a str,
}

impl<'a> Titles<'a> {
    fn of(article: &'a str) -> Result<Self> {
        let heading = |language: &str| {
            let (start, end) = inside(article, &format!("<section lang=\"{language}\">"), "</h1>")?;
            let section = &article[start..end];
            let heading = section.rsplit_once('>').map_or(section, |(_, heading)| heading).trim();
            if heading.is_empty() || heading.contains('"') {
                return Err(Failure::message(format!(
                    "the heading in {language} is to be plain text"
                )));
            }
            Ok(heading)
        };
        Ok(Self { english: heading("en")?, japanese: heading("ja")? })
    }
}

/// Where the text between two others begins and ends.
fn inside(html: &str, open: &str, close: &str) -> Result<(usize, usize)> {
    let missing = || Failure::message(format!("there is no {open}…{close}"));
    let start = html.find(open).ok_or_else(missing)? + open.len();
    let end = start + html[start..].find(close).ok_or_else(missing)?;
    Ok((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;
    use crate::page;

    const LAYOUT: &str = "<head><title>Pixy</title>\n</head><nav></nav><section class=\"hero\">Sign \
        in</section><article id=\"article\"><section lang=\"en\">Home</section></article>";
    const ARTICLE: &str = "<section lang=\"en\"><h1 tabindex=\"-1\">Why</h1></section>\
        <section lang=\"ja\"><h1 tabindex=\"-1\">なぜ</h1></section>";

    #[test]
    fn a_page_is_its_article_in_the_layout() {
        let html = article_page(LAYOUT, ARTICLE).unwrap();
        assert!(html.contains("<title data-ja=\"なぜ – Pixy\">Why – Pixy</title>"), "{html}");
        assert!(html.contains("style/lesson.css"));
        assert!(html.contains(&format!("<nav></nav><article id=\"article\">{ARTICLE}</article>")));
        assert!(!html.contains("hero") && !html.contains("Home"));
    }

    #[test]
    fn an_article_needs_a_heading_in_each_language() {
        assert!(article_page(LAYOUT, &ARTICLE.replace("ja", "de")).is_err());
        assert!(article_page(LAYOUT, &ARTICLE.replace("Why", "")).is_err());
        assert!(article_page("<head></head>", ARTICLE).is_err());
    }

    #[test]
    fn each_upstream_has_a_page_with_its_own_name() {
        let pages = upstreams(&Environment::new().root).unwrap();
        let of = |name: &str| pages.iter().find(|page| page.name == name).unwrap();
        let github = &of("upstream/github.html").html;
        assert!(github.contains("This is not GitHub.") && github.contains("upstream/github.css"));
        assert!(of("upstream/google.html").html.contains("This is not Google."));
        assert!(pages.iter().all(|page| !page.html.contains('{')), "a place is not filled");
    }

    #[test]
    fn the_button_may_be_that_of_an_upstream_from_the_start() {
        let root = Environment::new().root;
        let pages = compose(&root, Some("google")).unwrap();
        let home = &pages[0].html;
        assert!(home.contains("data-ja=\"Google で続行\">Continue with Google</button>"));
        assert!(pages.iter().all(|page| page.html.contains("href=\"./upstream/google.css\">")));
        assert!(compose(&root, Some("facebook")).is_err());
        let usual = compose(&root, None).unwrap();
        assert!(usual.iter().all(|page| !page.html.contains("./upstream/")));
    }

    #[test]
    fn the_page_of_the_button_has_no_more_than_it_needs() {
        let pages = compose(&Environment::new().root, None).unwrap();
        assert!(pages.len() > WITHOUT_ARTICLE.len() + 1);
        for Page { name, html } in &pages {
            let has_lesson = page::files(html).any(|file| file.contains("lesson"));
            let is_article = html.contains("<title data-ja=");
            assert_eq!(has_lesson, is_article, "{name}");
            assert!(html.contains("pixy-settings"), "{name}");
        }
    }
}
