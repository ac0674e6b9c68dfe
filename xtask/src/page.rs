//! Changes to the built page, as text in and text out.

use serde_json::{Map, Value};

use crate::error::{Context, Failure, Result};

/// The id of the block with the demo's settings.
const SETTINGS: &str = "id=\"pixy-settings\"";

/// The file in Trunk's page that the app starts with, and the others by their final names.
#[derive(Debug)]
pub struct Renamed<'a> {
    /// The name that Trunk gave.
    pub old: &'a str,
    /// The name that follows the content.
    pub new: &'a str,
    /// The value for an `integrity` attribute, where the element takes one.
    pub integrity: Option<&'a str>,
}

/// Points the page to a file by its final name.
pub fn rename(html: &str, renamed: &Renamed<'_>) -> Result<String> {
    let old = format!("=\"./{}\"", renamed.old);
    if !html.contains(&old) {
        return Err(Failure::message(format!(
            "the built page does not refer to ./{}",
            renamed.old
        )));
    }
    let integrity =
        renamed.integrity.map(|value| format!(" integrity=\"{value}\"")).unwrap_or_default();
    Ok(html.replace(&old, &format!("=\"./{}\"{integrity}", renamed.new)))
}

/// Puts other values into the block of settings; `null` takes one away.
pub fn change_settings(html: &str, changes: &Map<String, Value>) -> Result<String> {
    let (start, end) = settings_block(html)
        .ok_or_else(|| Failure::message("index.html has no block of settings"))?;
    let mut settings: Map<String, Value> =
        serde_json::from_str(&html[start..end]).context("the settings in index.html")?;
    for (name, value) in changes {
        if value.is_null() {
            settings.remove(name);
        } else {
            settings.insert(name.clone(), value.clone());
        }
    }
    // No value may end the script element.
    let text = Value::Object(settings).to_string().replace('<', "\\u003c");
    Ok(format!("{}{text}{}", &html[..start], &html[end..]))
}

/// The page with this article in the place of its own.
pub fn with_article(html: &str, article: &str) -> Result<String> {
    replace_between(html, "<article id=\"article\">", "</article>", article)
}

/// The page without what only the home page shows above its article.
pub fn without_hero(html: &str) -> Result<String> {
    replace_between(html, "<section class=\"hero\">", "</section>", "")
        .map(|html| html.replacen("<section class=\"hero\"></section>", "", 1))
}

fn replace_between(html: &str, open: &str, close: &str, text: &str) -> Result<String> {
    let missing = || Failure::message(format!("index.html has no {open}"));
    let start = html.find(open).ok_or_else(missing)? + open.len();
    let end = start + html[start..].find(close).ok_or_else(missing)?;
    Ok([&html[..start], text, &html[end..]].concat())
}

/// Where the JSON text of the settings begins and ends.
fn settings_block(html: &str) -> Option<(usize, usize)> {
    let element = html.find(SETTINGS)?;
    let start = element + html[element..].find('>')? + 1;
    let end = start + html[start..].find("</script>")?;
    Some((start, end))
}

/// Takes comments and indentation out. That is all a page this small gains from; what is between
/// the lines stays as it is.
pub fn minify(html: &str) -> String {
    let lines = without_comments(html);
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut short = lines.collect::<Vec<_>>().join("\n");
    short.push('\n');
    short
}

fn without_comments(html: &str) -> String {
    let mut parts = html.split("<!--");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // A comment that does not end takes the rest of the page with it, as in a browser.
        text.push_str(part.split_once("-->").map_or("", |(_, after)| after));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<link rel="preload" href="./app_bg.wasm">
<script type="module" src="./app.js"></script>
<script type="application/json" id="pixy-settings">
{"issuer":"http://localhost:9400","scope":"openid"}
</script>"#;

    fn changes(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn files_get_their_final_names_and_their_integrity() {
        let renamed = Renamed { old: "app.js", new: "app-1.js", integrity: Some("sha384-x") };
        let page = rename(PAGE, &renamed).unwrap();
        assert!(page.contains(r#"src="./app-1.js" integrity="sha384-x">"#));
        assert!(page.contains("./app_bg.wasm"));
    }

    #[test]
    fn a_file_that_the_page_does_not_use_is_an_error() {
        let renamed = Renamed { old: "other.js", new: "x.js", integrity: None };
        assert!(rename(PAGE, &renamed).is_err());
    }

    #[test]
    fn settings_are_changed_added_and_taken_away() {
        let new = changes(
            serde_json::json!({"issuer": "https://a.example", "client_id": "c", "scope": null}),
        );
        let page = change_settings(PAGE, &new).unwrap();
        let (start, end) = settings_block(&page).unwrap();
        let settings: Value = serde_json::from_str(&page[start..end]).unwrap();
        assert_eq!(settings, serde_json::json!({"issuer": "https://a.example", "client_id": "c"}));
        assert!(page.starts_with("<link") && page.ends_with("</script>"));
    }

    #[test]
    fn a_setting_can_not_end_its_block() {
        let evil = changes(serde_json::json!({"issuer": "</script><script>alert(1)</script>"}));
        let page = change_settings(PAGE, &evil).unwrap();
        assert_eq!(page.matches("</script>").count(), 2);
    }

    #[test]
    fn a_page_without_settings_is_an_error() {
        assert!(change_settings("<p>", &Map::new()).is_err());
    }

    #[test]
    fn comments_and_indentation_go() {
        let page = "<p>\n    a <!-- no\n -->b\n\n  </p>\n<!-- open";
        assert_eq!(minify(page), "<p>\na b\n</p>\n");
    }
}
